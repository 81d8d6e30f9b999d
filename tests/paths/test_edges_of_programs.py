"""Edges of programs: sudo, setuid programs and what root runs at its time; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import CONNECT, GROUP, NOBODY, NOTHING, SURE, command, container, derived, grant, host, job, people, program, search_path, socket, told

from hostcheck.model import Hole, Why
from hostcheck.view import opening

DENIED = Hole(why=Why.DENIED, message="no")
ESCAPES = {"container:docker:web": [(*SURE, ("escapes",))]}
ANN = ("sudo-rights", "grants", "ann: ALL (/etc/sudoers:3)", {**grant()[3], "name": "ann"})


def own(**more: Any) -> tuple[str, str, str, Any]:
    """Return a file that ann's shell reads and bob can write."""
    said = {"as_uid": 1000, "of_whom": "ann", "kind": "profile", "interaction": "login", "run_by": "ann's shell reads it", **more}
    return ("root-program-access", "user_files", "ann", {"/home/ann/.bashrc": job(**said)[3]})


def started(**more: Any) -> tuple[str, str, str, Any]:
    """Return a file that a container runs and bob can write."""
    said = {"kind": "container", "interaction": "restart", "run_by": "the container web (its command) runs it", **more}
    return ("root-program-access", "container_files", "docker:web", {"/srv/jobs/run.sh": job(**said)[3]})


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((grant(),), {"bob": [(*SURE, ("runs-as",))]}),
        ((grant(needs="own-password"),), {"bob": [("certain", "own-password", ("runs-as",))]}),
        ((grant(gives="limited"),), NOTHING),
        ((grant(gives="limited", command="/opt/job"), command(ann="owner", bob="owner")), dict.fromkeys(("ann", "bob"), [(*SURE, ("writes", "runs"))])),
        ((grant(gives="limited", command="/opt/job", needs="own-password"), command(ann="owner")), {"ann": [("likely", "nothing", ("writes", "runs"))]}),
        ((grant(gives="limited", command="/opt/job"), command("/opt/other", ann="owner")), NOTHING),
        ((grant(gives="limited", runs=["/opt/job"], command="/bin/bash"), command(ann="owner")), {"ann": [(*SURE, ("writes", "runs"))]}),
        ((grant(gives="limited", runs=["/opt/job"], command="/bin/bash"), command("/bin/bash")), NOTHING),
        ((grant(gives="limited", certain=False, command="/opt/*"), command("/opt/*", ann="owner")), {"ann": [(*SURE, ("writes", "runs"))]}),
        ((grant(gives="limited", command="/opt/*"), command("/opt/*", members={"/opt/x": people(ann="owner")})), {"ann": [(*SURE, ("writes", "runs"))]}),
        ((grant(gives="shell", certain=False, command="/bin/bash"),), {"bob": [("likely", "nothing", ("runs-as",))]}),
        (
            (grant(needs="other-secret"), search_path(ann="owner")),
            {"ann": [("likely", "nothing", ("writes", "runs"))], "bob": [("certain", "other-secret", ("runs-as",))]},
        ),
        ((search_path(ann="owner"),), NOTHING),
        ((grant(as_uid=1001, as_name="bob", as_group="docker"), GROUP, socket()), {"bob": [(*SURE, ("runs-as", "may-write", "controls"))]}),
        ((grant(as_uid=1001, as_name="bob", as_group="ALL"),), {"bob": [("likely", "nothing", ("runs-as",))]}),
        ((grant(as_uid=1000, as_name="ann"),), NOTHING),
        ((grant(as_uid=1000, as_name="ann"), socket(**people(ann="group docker"))), {"ann": [(*SURE, CONNECT)], "bob": [(*SURE, ("runs-as", *CONNECT))]}),
        ((program(),), {"every local user": [(*SURE, ("executes", "gives"))]}),
        ((program(kind="expected"),), NOTHING),
        ((program(executed_by=NOBODY),), NOTHING),
        ((job(),), {"bob": [(*SURE, ("writes", "runs"))]}),
        ((job(changed_by=NOBODY),), NOTHING),
        ((own(),), NOTHING),
        ((own(), ANN), {"ann": [(*SURE, ("runs-as",))], "bob": [(*SURE, ("writes", "runs", "runs-as"))]}),
        ((own(certain=False), ANN), {"ann": [(*SURE, ("runs-as",))], "bob": [("likely", "nothing", ("writes", "runs", "runs-as"))]}),
        ((own(changed_by=NOBODY), ANN), {"ann": [(*SURE, ("runs-as",))]}),
        ((started(), container()), {"bob": [(*SURE, ("writes", "runs", "escapes"))], **ESCAPES}),
        ((started(certain=False), container()), {"bob": [("likely", "nothing", ("writes", "runs", "escapes"))], **ESCAPES}),
        ((started(changed_by=NOBODY), container()), ESCAPES),
        ((started(), container(ways=[])), NOTHING),
        ((started(), container(runs=False)), NOTHING),
        ((started(),), NOTHING),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


@pytest.mark.parametrize(("kind", "technique"), [("cron", "T1053.003"), ("timer", "T1053.006"), ("unit", "T1543.002"), ("script", "T1574")])
def test_what_makes_root_run_a_file_decides_the_technique(kind: str, technique: str) -> None:
    (path,) = derived(host(job(kind=kind)))["paths"]
    assert [step["technique"] for step in path["steps"]] == [technique, technique]


def lone(kind: str, place: str, **more: Any) -> Any:
    return job(kind=kind, place=place, reasons={"a": {}}, **more)


@pytest.mark.parametrize(
    ("told", "kind", "path"),
    [
        (lone("mount", "/etc/fstab:3"), "line", "/etc/fstab"),
        (lone("library-path", "/etc/ld.so.conf.d/a.conf"), "line", "/etc/ld.so.conf.d/a.conf"),
        (lone("library-path", "/etc/cron.d/a:1"), "file", "/opt/job"),
        (lone("cron", "/etc/cron.d/a:1"), "file", "/opt/job"),
        (job(kind="mount", place="/etc/fstab:3", reasons={"a": {}, "b": {}}), "file", "/opt/job"),
        (job(kind="mount", place="/etc/fstab:3", reasons=DENIED), "file", "/opt/job"),
    ],
)
def test_a_line_by_which_alone_root_believes_a_file_closes_it(told: Any, kind: str, path: str) -> None:
    home = people(bob="owner")
    home["cause"] = {"path": "/home/bob", "own": False, "personal": True, "sticky": False, "root_only": False, "owner_uid": 1001}
    told[3]["changed_by"] = home if kind == "line" else told[3]["changed_by"]
    assert [(one["kind"], one["path"]) for one in derived(host(told))["cut"]] == [(kind, path)]


def test_a_line_does_not_close_what_root_believes_for_another_reason_too() -> None:
    told = job(kind="mount", place="/etc/fstab:3", reasons={"a": {}, "b": {}})
    told[3]["changed_by"]["cause"] = {"path": "/home/bob", "own": False, "personal": True, "sticky": False, "root_only": False, "owner_uid": 1001}
    assert [one["kind"] for one in derived(host(told))["cut"]] == ["place"]


def test_what_a_boot_opens_is_closed_by_its_line() -> None:
    found = derived(host(job(opened_by="/etc/tmpfiles.d/a.conf:3")))
    assert [step["waits"] for step in found["paths"][0]["steps"]] == ["reboot", "wait"]
    (change,) = found["cut"]
    assert (change["kind"], change["path"]) == ("line", "/etc/tmpfiles.d/a.conf") and "/etc/tmpfiles.d/a.conf:3" in change["change"]


def test_what_is_not_known_of_a_users_files_leads_to_that_user() -> None:
    unread = ("root-program-access", "user_files", "ann", Hole(why=Why.LIMIT, message="too many"))
    assert opening(derived(host(unread))["principals"]) is None
    assert opening(derived(host(unread, ANN))["principals"]) is not None


@pytest.mark.parametrize(("uid", "owner", "opens"), [(0, "root", True), (1000, "ann", False)])
def test_a_program_of_which_it_is_not_known_what_it_is_leads_at_most_to_its_owner(uid: int, owner: str, opens: bool) -> None:
    """So three copies of a shell that a user puts into /tmp, of which one is not read, leave nobody's path open; and what is hidden of root's hides none."""
    hidden = Hole(why=Why.LIMIT, message="no")
    _, _, _, one = program(kind=hidden, as_uid=uid, owner=owner, certain=hidden)
    for path in ("/tmp/sh", "/home/ann/sh"):
        found = derived(host(("setuid-access", "programs", path, one)))["principals"]
        assert isinstance(found["every local user"]["without_password"], Hole) is opens


def unknown(content: Any, **more: Any) -> tuple[Any, ...]:
    return program(kind="other", certain=False, copy_of="", content=content, user_may_have_put_it=False, **more)


@pytest.mark.parametrize("content", ["changed", "of-no-package", Hole(why=Why.DENIED, message="no")])
@pytest.mark.parametrize("kind", ["other", "expected", "helper", "shell", "engine"])
def test_a_program_of_unknown_content_leaves_open_who_may_execute_it(content: Any, kind: str) -> None:
    principals = derived(host(unknown(content)))["principals"]
    assert isinstance(principals["every local user"]["without_password"], Hole)
    for_bob = derived(host(unknown(content, executed_by=people(bob="group staff"))))["principals"]
    assert isinstance(for_bob["bob"], Hole) and for_bob["every local user"]["without_password"] is False and set(for_bob) == {"bob", "every local user"}
    assert told(unknown(content, executed_by=NOBODY)) == NOTHING


@pytest.mark.parametrize("content", ["as-packaged", "copy", "not-compared"])
def test_a_program_that_is_what_its_name_says_leaves_nothing_open(content: str) -> None:
    assert told(unknown(content)) == NOTHING
    assert derived(host(unknown(content)))["principals"]["every local user"]["without_password"] is False


@pytest.mark.parametrize("put", [True, Hole(why=Why.DENIED, message="no")])
def test_what_a_user_may_have_put_there_is_likely_and_leaves_it_open_as_well(put: Any) -> None:
    _, _, key, one = unknown("of-no-package", executed_by=people(bob="group staff"))
    found = derived(host(("setuid-access", "programs", key, {**one, "user_may_have_put_it": put})))
    assert {path["strength"] for path in found["paths"]} == {"likely", "potential"}
    assert found["principals"]["bob"]["likely"] is True and isinstance(found["principals"]["bob"]["without_password"], Hole)


def test_whom_a_program_makes_another_user_or_certainly_root_is_told_as_before() -> None:
    assert told(unknown("changed", as_uid=1000, owner="ann")) == NOTHING
    assert told(program(content="of-no-package", user_may_have_put_it=True)) == {"every local user": [(*SURE, ("executes", "gives"))]}


@pytest.mark.parametrize(
    ("more", "what", "by"),
    [
        ({}, "take the line /etc/sudoers:3 out, or let it ask for a password", "rule"),
        ({"unasked_by": "setting"}, "take the line /etc/sudoers:3 out, or the setting by which it asks for no password", "setting"),
    ],
)
def test_the_cut_names_the_line_and_what_has_it_ask_nobody(more: dict[str, str], what: str, by: str) -> None:
    (change,) = derived(host(grant(**more)))["cut"]
    named = {"kind": "grant", "path": "/etc/sudoers", "line": 3, "tool": "sudo", "unasked_by": by, "root_only": True}
    assert change["change"] == what and named.items() <= change.items()


def test_who_lives_where_a_setuid_program_is_can_delete_it() -> None:
    home = {"realpath": "/home/ann/sh", "executed_by": people(ann="owner")}
    (change,) = derived(host(program(root_only=False, **home)))["cut"]
    assert (change["path"], change["user"], change["root_only"]) == ("/home/ann/sh", "ann", False)
    (change,) = derived(host(program()))["cut"]
    assert "user" not in change and change["root_only"] is True


def test_what_is_not_known_of_a_containers_files_leads_to_that_container() -> None:
    unread = ("root-program-access", "container_files", "docker:web", {"/srv/jobs/run.sh": Hole(why=Why.LIMIT, message="too many")})
    assert opening(derived(host(unread))["principals"]) is None
    assert opening(derived(host(unread, container(ways=[])))["principals"]) is None
    assert opening(derived(host(unread, container()))["principals"]) is not None
