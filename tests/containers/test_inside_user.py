"""As whom somebody acts in a container: by what an engine tells, by processes, and what is not known."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, PODMAN, container, document, given, processes, seen

from hostcheck.model import Hole, incomplete
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.containers.acting import ROOT, Acting
from hostcheck_builtin.containers.by_processes import Seen
from hostcheck_builtin.containers.inside_user import DEVICES, GROUPS_UNKNOWN, InsideUsers

KEY = "docker:abababababab"
NAMED = {"spec": "node"}


def credentials(uid: int = 1000, gid: int = 1000, groups: Any = (), inside: Any = None, **more: Any) -> dict[str, Any]:
    """Return one set of credentials that processes in that container have."""
    told = {
        "uids": [uid] * 4,
        "gids": [gid] * 4,
        "groups": groups if isinstance(groups, Hole) else list(groups),
        "containers": {KEY: {"count": 1}} if inside is None else inside,
    }
    return {**told, "dac_override": False, "dac_read_search": False, "powers": [], **more}


def people(*sets: Any, hole: Hole | None = None) -> dict[str, Any]:
    return {"principals": {"users": {}, "groups": {}, "processes": incomplete({str(at): one for at, one in enumerate(sets)}, hole)}}


def acting(user: Any, no_new_privileges: Any = True, first: Any = None, **more: Any) -> Acting:
    """Return who acts in a container of docker's that has this user, and whose first process has what `first` says."""
    told = document(container(user=user, **more.pop("told", {})), **{**processes(seen(first={"uid": 1000, **(first or {})})), **more})
    view = View({name: unite(*part(value), name) for name, value in told.items()})
    return InsideUsers(view, Seen(view)).of(view["containers"]["containers"]["docker:web"], no_new_privileges)


def uid(number: int) -> dict[str, Any]:
    return {"spec": str(number), "uid": number}


def test_root_is_root_whatever_its_processes_gave_up() -> None:
    assert acting(uid(0)) == ROOT
    assert acting(uid(0), first={"uid": 1000}) == ROOT


@pytest.mark.parametrize("user", [uid(1000), NAMED])
def test_a_user_who_is_not_root_becomes_that_by_a_setuid_program_alone(user: dict[str, Any]) -> None:
    """Of a name its process shows whose it is."""
    for no_new_privileges, rises in ((True, False), (False, True), (DENIED, DENIED)):
        found = acting(user, no_new_privileges)
        assert (found.root, found.rises, found.ids.uid, found.able, found.unsure) == (False, rises, 1000, frozenset(), None)


def test_a_process_that_acts_as_root_is_root() -> None:
    assert acting(NAMED, first={"uid": 0}) == ROOT == acting(uid(1000), first={"uid": 0}) == acting(DENIED, first={"uid": 0})


@pytest.mark.parametrize(
    ("user", "more"),
    [
        (NAMED, {"container-processes": {"containers": {}}}),
        (NAMED, {"first": {"all_ids": False}}),
        (uid(1000), {"container-processes": {"containers": {}}}),
        (DENIED, {}),
    ],
)
def test_who_it_is_may_not_be_known(user: Any, more: dict[str, Any]) -> None:
    assert isinstance(acting(user, **more).root, Hole) and isinstance(acting(user, **more).rises, Hole)
    assert acting(user, False, **more).rises is True


def test_one_that_does_not_run_acts_as_it_was_told() -> None:
    none = {"container-processes": {"containers": {}}, "told": {"state": "exited"}}
    found = acting(uid(1000), **none)
    assert (found.root, found.ids.uid, found.ids.more) == (False, 1000, True)
    assert isinstance(acting(NAMED, **none).root, Hole)


def test_groups_and_capabilities_are_those_of_its_processes() -> None:
    found = acting(
        uid(1000), **people(credentials(groups=[999]), credentials(gid=5, dac_override=True), credentials(uid=7, gid=7), credentials(gid=8, inside={}))
    )
    assert (set(found.ids.may), found.ids.more, found.ids.override, found.ids.search, found.able) == ({5, 999, 1000}, False, True, False, {"DAC_OVERRIDE"})
    assert acting(uid(1000), **people(credentials(powers=["cap_setuid"]))).ids.powers == ("SETUID",)
    assert acting(uid(1000), **people()).ids.more is True


def test_podman_leaves_a_user_the_capabilities_that_were_added() -> None:
    """Docker leaves a user none (moby, oci.SetCapabilities)."""
    added = {"capabilities": {"added": ["DAC_READ_SEARCH"], "dropped": []}}
    assert acting(uid(1000), told=added).able == frozenset()
    found = acting(uid(1000), told={**added, "engine": "podman", "socket": PODMAN})
    assert found.able == {"DAC_READ_SEARCH"} and found.ids.search
    assert acting(uid(1000), told={"engine": "podman", "capabilities": {"added": ["ALL"], "dropped": []}}).ids.override


@pytest.mark.parametrize(
    "sets", [people(hole=DENIED), people(credentials(groups=DENIED)), people(credentials(inside=DENIED)), people(credentials(some_groups=[]))]
)
def test_what_is_not_known_of_its_processes_may_let_it_do_more(sets: dict[str, Any]) -> None:
    assert isinstance(acting(uid(1000), **sets).unsure, Hole)


def test_what_is_hidden_of_another_user_is_no_matter() -> None:
    of_ann, of_itself = (Hole(why=DENIED.why, message="hidden", owners=(owner,)) for owner in (1001, 1000))
    assert acting(uid(1000), **people(hole=of_ann)).unsure is None and acting(uid(1000), **people(hole=of_itself)).unsure == of_itself


@pytest.mark.parametrize(("told", "root"), [(given(uid=0), True), (given(uid=1000), False), (DENIED, DENIED)])
def test_of_what_no_engine_tells_the_file_of_its_runtime_does(told: Any, root: Any) -> None:
    facts = document(container(id="cd" * 32), **processes(seen(first={"uid": 1000}, given=told)))
    view = View({name: unite(*part(value), name) for name, value in facts.items()})
    found = InsideUsers(view, Seen(view)).told(KEY, view["container-processes"]["containers"][KEY], True)
    assert (found.root, found.rises) == (root, root) and (found.ids.uid == 1000) is (root is False)


@pytest.mark.parametrize(
    ("groups", "more", "opens"),
    [([7], {}, None), ([6], {}, DEVICES), ([9], {}, DEVICES), (DENIED, {}, DENIED), ([7], {"groups": DENIED}, DENIED), ([6], {"groups": {}}, None)],
)
def test_a_group_may_have_disks_or_the_memory(groups: Any, more: dict[str, Any], opens: Hole | None) -> None:
    facts = people(credentials(groups=groups))
    facts["principals"]["groups"] = more.get("groups", {"disk": {"gid": 6}, "kmem": {"gid": 9}, "staff": {"gid": 50}})
    assert acting(uid(1000), **facts).opens == opens
    assert acting(uid(1000), **people()).opens == GROUPS_UNKNOWN


@pytest.mark.parametrize(("ambient", "able"), [(["BPF"], {"BPF"}), ([], set())])
def test_what_the_runtime_makes_ambient_is_in_force(ambient: list[str], able: set[str]) -> None:
    one = seen(given=given(uid=1000, ambient=ambient), first={"uid": 1000})
    facts = document(None, **processes(one))
    view = View({name: unite(*part(value), name) for name, value in facts.items()})
    found = InsideUsers(view, Seen(view)).told(KEY, View({"one": one})["one"], True)
    assert (found.root, found.able) == (False, frozenset(able))
