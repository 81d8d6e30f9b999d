"""Who has no path, and who gets to root by each kind of step."""

from typing import Any

import pytest
from paths.path_facts import NOBODY, container, derived, grant, host, job, people, program, socket

from hostcheck.model import Hole, OpenArray, Why, incomplete
from hostcheck_builtin.paths import no_path
from hostcheck_builtin.system.bounds import PRINCIPALS_WITHOUT_A_PATH

HOLE = Hole(why=Why.DENIED, message="no")


def reach(*added: tuple[str, str, str, Any]) -> Any:
    return derived(host(*added))["reach"]


def steps(*added: tuple[str, str, str, Any]) -> dict[str, list[str]]:
    """Return who gets to root by each kind of step, by the first words of it."""
    return {one["step"].split(",")[0]: one["who"] for one in reach(*added)["steps"] if one["who"]}


def test_all_kinds_are_told_and_nobody_has_a_path_on_a_safe_host() -> None:
    told = reach(container(ways=[]))
    assert told["without_path"] == ["user:ann", "user:bob"] and told["unused"] == []
    assert told["containers_without_path"] == ["container:docker:web"]
    assert [one["step"] for one in told["steps"]] == list(no_path.KINDS) and not any(one["who"] for one in told["steps"])


@pytest.mark.parametrize(
    ("added", "found", "without"),
    [
        ((socket(**people(bob="group docker")),), {"connect to an engine": ["bob"]}, ["user:ann"]),
        ((grant(),), {"run a command as somebody else by sudo or doas": ["bob"]}, ["user:ann"]),
        ((grant(needs="own-password"),), {"run a command as somebody else by sudo or doas": ["bob"]}, ["user:ann"]),
        ((grant(as_uid=1000, as_name="ann"),), {}, ["user:ann", "user:bob"]),
        ((program(executed_by=people(bob="owner")),), {"run a program that has the setuid bit or capabilities": ["bob"]}, ["user:ann"]),
        ((program(),), {"run a program that has the setuid bit or capabilities": ["every local user"]}, ["user:ann", "user:bob"]),
        ((job(),), {"write to a file that root runs or trusts": ["bob"]}, ["user:ann"]),
        ((job(changed_by=NOBODY),), {}, ["user:ann", "user:bob"]),
        ((container(),), {"get out of a container": ["container:docker:web"]}, ["user:ann", "user:bob"]),
        ((container(runs=False),), {}, ["user:ann", "user:bob"]),
    ],
)
def test_who_takes_a_step_is_told_and_whoever_does_not_has_no_path(added: Any, found: dict[str, list[str]], without: list[str]) -> None:
    assert (steps(*added), list(reach(*added)["without_path"])) == (found, without)


def test_of_whom_it_is_not_known_nothing_is_told() -> None:
    told = reach(socket(everyone=False, users={"bob": {"why": HOLE, "ways": HOLE}}))
    assert told["without_path"] == ["user:ann"] and not any(one["who"] for one in told["steps"])


def test_users_who_could_not_be_listed_leave_the_list_open() -> None:
    facts = host()
    facts["principals"]["users"] = incomplete(facts["principals"]["users"], HOLE)
    told = derived(facts)["reach"]["without_path"]
    assert isinstance(told, OpenArray) and told.hole == HOLE and list(told) == ["user:ann", "user:bob"]


def test_containers_that_could_not_be_listed_say_nothing_of_users() -> None:
    facts = host()
    facts["container-escape"]["containers"] = incomplete({}, HOLE)
    told = derived(facts)["reach"]
    assert isinstance(told["containers_without_path"], OpenArray) and not isinstance(told["without_path"], OpenArray)


def test_very_many_are_counted() -> None:
    many = [("principals", "users", f"u{n:04}", {"name": f"u{n:04}", "uid": n, "gid": n, "home": "/", "shell": "/bin/sh"}) for n in range(2000, 4100)]
    told = reach(*many)["without_path"]  # of the users of the files
    assert isinstance(told, OpenArray) and len(told) == PRINCIPALS_WITHOUT_A_PATH and told.hole.message.startswith("2102 have no path")
