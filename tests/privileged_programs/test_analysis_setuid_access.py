"""Who can execute a program that gives rights, and whom it makes of them; each case with its twin."""

from dataclasses import replace
from typing import Any, ClassVar

import pytest
from privileged_programs.setuid_host import BASH, DOCKER, HOME, PLAIN, ROOTS, access, caps, derive, document, process

from hostcheck.host.answers import AclEntry, Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing import AnalysisContract
from hostcheck_builtin.privileged_programs import ANALYSES

DENIED = Hole(why=Why.DENIED, message="no")
CLOSED = Stat(type="dir", uid=0, gid=0, mode=0o700)
X = "/opt/a/x"


def acl(uid: int, perms: int) -> tuple[AclEntry, ...]:
    entries = (("user_obj", -1, 7), ("user", uid, perms), ("group_obj", -1, 0), ("mask", -1, 7), ("other", -1, 0))
    return tuple(AclEntry(tag=tag, id=number, perms=bits) for tag, number, bits in entries)


@pytest.mark.parametrize(
    ("stats", "everyone", "ways"),
    [
        ({}, True, ["every local user"]),
        ({"/opt/a": CLOSED}, False, []),
        ({X: replace(ROOTS, mode=0o4700)}, False, []),
        ({X: replace(ROOTS, gid=50, mode=0o4750)}, False, ["bob (group staff)"]),
        ({"/opt/a": Stat(type="dir", uid=0, gid=50, mode=0o750)}, False, ["bob (group staff)"]),
        ({X: replace(ROOTS, mode=0o4750, acl=acl(1000, 5))}, False, ["ann (ACL entry user:ann)"]),
        ({X: replace(ROOTS, mode=0o4750, acl=acl(1000, 4))}, False, []),
        ({"/opt/a": replace(CLOSED, mode=0o750, acl=acl(1000, 1))}, False, ["ann (ACL entry user:ann on /opt/a)"]),
        ({"/opt/a": replace(CLOSED, uid=1000)}, False, ["ann (owner of /opt/a)"]),
    ],
)
def test_who_can_execute_a_program(stats: dict[str, Stat], everyone: bool, ways: list[str]) -> None:
    found = access({X: BASH}, stats)[X]
    assert (found["executed_by"]["everyone"], list(found["executed_by"]["ways"])) == (everyone, ways)
    assert (found["as_uid"], found["by"], found["kind"], found["is"], found["copy_of"], found["certain"]) == (
        0,
        "setuid",
        "shell",
        "bash",
        "/usr/bin/bash",
        True,
    )


@pytest.mark.parametrize("uid", [0, 1000])
def test_whom_a_program_makes_of_its_caller_is_known_where_its_content_is_not(uid: int) -> None:
    told = document({X: BASH}, {X: replace(ROOTS, uid=uid)})
    told["setuid-programs"]["programs"][X]["same_as"] = DENIED
    found = derive(told)["programs"][X]
    assert (found["as_uid"], found["executed_by"]["everyone"]) == (uid, True)
    assert all(isinstance(found[name], Hole) for name in ("kind", "is", "copy_of", "gives", "certain"))


def test_a_setuid_program_of_roots_gives_all_whatever_its_capabilities_are() -> None:
    """Whoever exchanges the directory of a copy of a shell while it is looked at hides its capabilities."""
    told = document({X: BASH, "/opt/y": BASH}, {"/opt/y": replace(ROOTS, uid=1000)})
    for path in (X, "/opt/y"):
        told["setuid-programs"]["programs"][path]["capabilities"] = DENIED
    found = derive(told)["programs"]
    assert (found[X]["as_uid"], found[X]["kind"], found[X]["certain"]) == (0, "shell", True)
    assert isinstance(found[X]["capabilities"], Hole) and isinstance(found["/opt/y"], Hole)


def test_a_session_that_kept_the_group_executes_it() -> None:
    found = access({X: BASH}, {X: replace(ROOTS, gid=50, mode=0o4750)}, processes=[process(7, 1000, 50)])[X]
    assert list(found["executed_by"]["users"]) == ["ann", "bob"]


@pytest.mark.parametrize(
    ("path", "content", "stat", "told"),
    [
        ("/home/ann/.x", BASH, ROOTS, ("shell", "bash", 0, True)),
        ("/home/ann/.x", b"unlike any", ROOTS, ("other", ".x", 0, False)),
        ("/home/ann/bash", b"unlike any", ROOTS, ("shell", "bash", 0, False)),
        ("/home/ann/.x", BASH, replace(ROOTS, uid=1000), ("shell", "bash", 1000, True)),
        ("/opt/d", DOCKER, ROOTS, ("engine", "docker", 0, True)),
        ("/usr/bin/docker", DOCKER, ROOTS, ("engine", "docker", 0, True)),
        ("/opt/docker", b"other build", ROOTS, ("engine", "docker", 0, False)),
        ("/usr/bin/su", b"x", ROOTS, ("expected", "su", 0, False)),
        ("/usr/bin/su", BASH, ROOTS, ("shell", "bash", 0, True)),
        ("/usr/bin/newuidmap", b"x", ROOTS, ("helper", "newuidmap", 0, False)),
        ("/usr/bin/bash", BASH, ROOTS, ("shell", "bash", 0, True)),
        ("/usr/bin/bash", BASH, replace(ROOTS, mode=0o4777), ("shell", "bash", 0, False)),
    ],
)
def test_what_a_program_is_and_whom_it_makes_of_its_caller(path: str, content: bytes, stat: Stat, told: tuple[Any, ...]) -> None:
    found = access({path: content}, {path: stat})[path]
    assert (found["kind"], found["is"], found["as_uid"], found["certain"]) == told


def test_capabilities_are_judged_by_what_they_come_to() -> None:
    given = {"/opt/a": caps(7), "/opt/b": caps(13), "/opt/c": caps(7, rootid=100000), "/opt/d": caps(), "/opt/e": caps(7), "/opt/f": caps(1)}
    found = access(dict.fromkeys(given, BASH) | {"/opt/e": b"x"}, dict.fromkeys(given, PLAIN), capabilities=given)
    assert {path: (one.get("as_uid"), one["by"], list(one["capabilities"]), one["certain"]) for path, one in found.items()} == {
        "/opt/a": (0, "capabilities", ["SETUID"], False),
        "/opt/b": (None, "capabilities", ["NET_RAW"], False),
        "/opt/e": (0, "capabilities", ["SETUID"], False),
        "/opt/f": (0, "capabilities", ["DAC_OVERRIDE"], True),
    }


@pytest.mark.parametrize(
    ("yama", "certain"),
    [({"present": True, "value": 0}, True), ({"present": True, "value": 2}, True), ({"present": True, "value": 3}, False), ({"present": False}, True)],
)
def test_tracing_any_process_makes_root_unless_yama_forbids_it_to_all(yama: dict[str, Any], certain: bool) -> None:
    path = "/usr/bin/gdb"
    told = document({path: b"x"}, {path: PLAIN}, capabilities={path: caps(19)})
    told["kernel"] = {"sysctl": {"kernel.yama.ptrace_scope": yama}}
    found = derive(told)["programs"][path]
    assert (found["rights"], found["certain"]) == ("CAP_SYS_PTRACE", certain)
    told["kernel"] = DENIED
    assert derive(told)["programs"][path]["certain"] is False


def test_whoever_a_program_makes_of_its_caller_gains_nothing_by_it() -> None:
    found = access({"/home/ann/x": BASH}, {"/home/ann/x": replace(ROOTS, uid=1000, mode=0o4700)})["/home/ann/x"]
    assert (found["executed_by"]["everyone"], found["executed_by"]["users"], found["owner"]) == (False, {}, "ann")


def test_the_owner_of_a_file_with_capabilities_gives_oneself_the_right_to_execute_it() -> None:
    found = access({"/opt/x": BASH}, {"/opt/x": replace(PLAIN, uid=1000, mode=0o010)}, capabilities={"/opt/x": caps(1)})["/opt/x"]
    assert list(found["executed_by"]["ways"]) == ["ann (owner)"]


def test_who_can_change_a_program_is_told_apart() -> None:
    found = access({X: b"x"}, {"/opt/a": replace(CLOSED, uid=1000, mode=0o755)})[X]
    assert list(found["changed_by"]["ways"]) == ["ann (owner of /opt/a)"] and found["root_only"] is False
    assert access({X: b"x"})[X]["root_only"] is True


def test_a_script_gives_nothing_and_a_place_that_was_not_looked_through_is_a_hole() -> None:
    assert access({"/opt/docker": b"#!/bin/sh"}) == {}
    told = document({"/home/ann": PermissionError(13, "no"), "/opt/x": BASH}, {"/home/ann": HOME})
    found = derive(told)["programs"]
    assert isinstance(found["/home/ann"], Hole) and found["/opt/x"]["certain"] is True


def test_a_program_that_gives_a_group_is_judged_with_the_sockets_that_it_opens() -> None:
    assert access({"/opt/x": BASH}, {"/opt/x": replace(ROOTS, gid=50, mode=0o2755)}) == {}


def test_in_a_user_namespace_nothing_is_known() -> None:
    told = document({"/opt/x": BASH})
    told["host"] = {**told["host"], "scan": {**told["host"]["scan"], "init_userns": False}}
    found = derive(told)
    assert isinstance(found, Hole) and found.why is Why.DENIED


def test_a_member_that_is_not_known_costs_no_other() -> None:
    told = document({"/opt/x": BASH, "/opt/y": BASH})
    told["setuid-programs"]["programs"]["/opt/x"]["mode"] = DENIED
    found = derive(told)["programs"]
    assert isinstance(found["/opt/x"], Hole) and found["/opt/y"]["certain"] is True and not isinstance(found, OpenObject)


def test_what_whole_file_systems_have_counts_where_they_were_walked() -> None:
    far = {"/var/lib/a/b/c/x": BASH}
    assert access(far) == {} and access(far, deep=True)["/var/lib/a/b/c/x"]["copy_of"] == "/usr/bin/bash"
    told = document(far, deep=True)
    for hidden in (DENIED, {**told["setuid-programs-deep"], "programs": DENIED}, {**told["setuid-programs-deep"], "programs": {"/": DENIED}}):
        found = derive({**told, "setuid-programs-deep": hidden})["programs"]
        assert isinstance(found, OpenObject) or isinstance(found["/"], Hole)


def test_a_report_is_told_where_nothing_was_looked_for() -> None:
    nfs = "50 27 0:40 / /nfs rw - nfs4 server:/ rw\n"
    usual, deep = (derive(document({}, mounts=nfs, deep=deep))["not_examined"] for deep in (False, True))
    assert len(usual) == 1 and "--deep" in usual[0]
    assert deep == ["setuid programs over 62 levels deep", "programs on /nfs, which asks a server or a user's process"]


@pytest.mark.parametrize(
    ("package", "content"),
    [
        ({"name": "sudo", "matches": True}, "as-packaged"),
        ({"name": "sudo", "matches": False}, "changed"),
        ({"name": "sudo"}, "not-compared"),
        (None, "of-no-package"),
        *((Hole(why=why, message="no"), "not-compared") for why in (Why.UNSUPPORTED, Why.NONSENSE, Why.LIMIT)),
        *((Hole(why=why, message="no"), None) for why in (Why.DENIED, Why.TIMEOUT, Why.CRASHED)),
        ({"name": "sudo", "matches": DENIED}, None),
        ({"name": "sudo", "matches": Hole(why=Why.LIMIT, message="large")}, None),
    ],
)
def test_what_is_known_of_the_content_of_a_program(package: Any, content: str | None) -> None:
    """What is withheld may be told another time, and says nothing; a database that is not read leaves a program what its name says."""
    told = document({"/usr/bin/su": b"x"})
    one = told["setuid-programs"]["programs"]["/usr/bin/su"]
    one.pop("package", None)
    found = derive({**told, "setuid-programs": {"programs": {"/usr/bin/su": one if package is None else {**one, "package": package}}}})["programs"]
    assert isinstance(found["/usr/bin/su"]["content"], Hole) if content is None else found["/usr/bin/su"]["content"] == content
    assert found["/usr/bin/su"]["kind"] == "expected"


@pytest.mark.parametrize(
    ("path", "stats", "put"),
    [
        ("/opt/a/x", {}, False),
        ("/opt/a/x", {"/opt/a": replace(CLOSED, uid=1000, mode=0o755)}, True),
        ("/opt/a/x", {"/opt/a": replace(CLOSED, mode=0o1777)}, True),
        ("/opt/a/x", {"/opt/a": replace(CLOSED, gid=50, mode=0o775)}, True),
        ("/home/ann/x", {}, True),
    ],
)
def test_where_a_user_may_have_put_a_program(path: str, stats: dict[str, Stat], put: bool) -> None:
    assert access({path: b"x"}, stats)[path]["user_may_have_put_it"] is put
    assert access({path: BASH}, stats)[path]["content"] == "copy"


class TestSetuidAccess(AnalysisContract):
    analysis = ANALYSES[0]
    documents: ClassVar[Any] = {
        "several": document(
            {"/opt/x": BASH, "/home/ann/y": DOCKER, "/usr/bin/su": b"x", "/opt/c": b"c"},
            {"/opt/c": replace(PLAIN, gid=50, mode=0o750), "/home/ann": HOME, "/usr/bin/su": replace(ROOTS, mode=0o6755, gid=50)},
            capabilities={"/opt/c": caps(7, 21)},
            processes=[process(700, 1000, 50)],
            deep=True,
        ),
    }
