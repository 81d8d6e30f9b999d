"""Which programs with rights, and which jobs of root's, are listed: those of which neither a package, nor the catalogue, nor a path says anything."""

from typing import Any

import pytest
from paths.path_facts import NOBODY, SAFE, people

from hostcheck.model import Hole, OpenArray, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.paths import unjudged_programs
from hostcheck_builtin.paths.unjudged import Unjudged

DENIED = Hole(why=Why.DENIED, message="no")
GROUPS = {group: {"files": {}, "places": {}} for group in unjudged_programs.GROUPS}
PROGRAM = {"by": "setuid", "as_uid": 0, "owner": "root", "owner_uid": 0, "rights": "x", "kind": "other", "content": "of-no-package"}
PROGRAM |= {"user_may_have_put_it": False, "capabilities": [], "executed_by": people(bob="owner")}
WAY = dict.fromkeys(("without_password", "with_password", "likely"), False)
PRINCIPALS = {"ann": {**WAY, "likely": True}, "bob": WAY}
USE = {"how": "runs", "kind": "cron", "user": "root", "when": "cron", "place": "/etc/crontab:1", "by": "root's cron"}
SHADOW = {"gid": 42, "members": {}}
OPEN = {"mode": "0755", "acl": []}


def found(**more: Any) -> list[Unjudged | Hole]:
    facts = {**SAFE, "root-programs": GROUPS, "access-paths": {"principals": PRINCIPALS}, **{name.replace("_", "-"): one for name, one in more.items()}}
    return list(unjudged_programs.found(View(facts)))


def whys(told: list[Unjudged | Hole]) -> list[Any]:
    return [one if isinstance(one, Hole) else one.facts["why"] for one in told]


def setuid(**more: Any) -> list[Unjudged | Hole]:
    return found(setuid_access={"programs": {"/opt/x": {key: one for key, one in {**PROGRAM, **more}.items() if one is not None}}})


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, ["of-no-package"]),
        ({"content": "changed", "kind": "expected"}, ["changed"]),
        ({"content": "changed", "kind": "helper"}, ["changed"]),
        ({"content": "not-compared"}, ["not-compared"]),
        ({"content": "not-compared", "kind": "expected"}, []),
        ({"content": "as-packaged"}, []),
        ({"content": "as-packaged", "kind": DENIED}, []),
        ({"content": "copy", "kind": "shell"}, []),  # a path tells of each of these
        ({"kind": "engine"}, []),
        ({"user_may_have_put_it": True}, []),
        ({"executed_by": NOBODY}, []),
        ({"content": DENIED}, [DENIED]),
        ({"kind": DENIED}, [DENIED]),
        ({"executed_by": {"everyone": False, "users": incomplete({}, DENIED)}}, [DENIED]),
        ({"executed_by": {"everyone": DENIED, "users": {}}}, [DENIED]),
        # of another user, whose content is not asked for
        ({"as_uid": 1002, "owner": "ann", "owner_uid": 1002}, ["not-compared"]),
        ({"as_uid": 1002, "owner": "ann", "owner_uid": 1002, "kind": "expected"}, []),
        ({"as_uid": 1002, "owner": "ann", "owner_uid": 1002, "kind": "shell"}, []),
        ({"as_uid": 1001, "owner": "bob", "owner_uid": 1001}, []),  # who has no way to root
        # of nobody
        ({"as_uid": None, "by": "capabilities", "capabilities": ["BPF"]}, ["not-compared"]),
        ({"as_uid": None, "by": "capabilities", "capabilities": ["BPF"], "kind": "shell"}, ["not-compared"]),
        ({"as_uid": None, "by": "capabilities", "capabilities": ["NET_RAW", "NET_BIND_SERVICE"]}, []),
        ({"as_uid": None, "by": "capabilities", "capabilities": ["NET_ADMIN"], "kind": "expected"}, []),
    ],
)
def test_programs_with_the_setuid_bit_or_capabilities(more: dict[str, Any], why: list[Any]) -> None:
    assert whys(setuid(**more)) == why


def test_who_can_execute_one_is_named_and_that_there_may_be_others() -> None:
    (one,) = setuid(executed_by={"everyone": False, "users": incomplete({"bob": {}}, DENIED)})
    assert isinstance(one, Unjudged) and one.facts["by_whom"] == ["bob"] and isinstance(one.facts["by_whom"], OpenArray)
    (one,) = setuid(executed_by={"everyone": True, "users": {"bob": {}}})
    assert isinstance(one, Unjudged) and one.facts["by_whom"] == ["every local user"] and one.facts["as_whom"] == "root"
    (one,) = setuid(as_uid=None, by="capabilities", capabilities=["BPF"])
    assert isinstance(one, Unjudged) and "as_whom" not in one.facts and one.key == "capabilities /opt/x"


@pytest.mark.parametrize(
    ("path", "more", "groups", "why"),
    [
        ("/usr/local/bin/x", {}, {"shadow": SHADOW}, ["unusual-place"]),
        ("/usr/bin/x", {}, {"shadow": SHADOW}, ["not-compared"]),
        ("/usr/bin/chage", {}, {"shadow": SHADOW}, []),
        ("/opt/chage", {}, {"shadow": SHADOW}, ["unusual-place"]),
        ("/opt/x", {"owner_gid": 60}, {"shadow": SHADOW}, []),
        ("/opt/x", {"mode": "2750"}, {"shadow": SHADOW}, []),  # a path tells of each whom it lets in
        ("/opt/x", {"parents": {"/opt": {**OPEN, "mode": "0700"}}}, {"shadow": SHADOW}, []),
        ("/opt/x", {}, {}, []),
        ("/opt/x", {}, DENIED, [DENIED]),
        ("/opt/x", {"mode": DENIED}, {"shadow": SHADOW}, [DENIED]),
    ],
)
def test_setgid_programs_that_give_everybody_the_group_of_the_passwords(path: str, more: dict[str, Any], groups: Any, why: list[Any]) -> None:
    file = {"realpath": path, "owner_uid": 0, "owner_gid": 42, "mode": "2755", "acl": [], "parents": {"/": OPEN}, **more}
    assert whys(found(group_grants={"setgid_files": {path: file}}, socket_access={"groups": groups})) == why


def jobs(path: str, part: str = "places", more: dict[str, Any] | None = None, told: Any = None, **use: Any) -> list[Unjudged | Hole]:
    file = {"uses": {"a": {**USE, **use}}, **(more or {})}
    return found(root_programs={**GROUPS, "cron": {"files": {}, "places": {}, part: {path: file}}}, root_program_access={"files": {} if told is None else told})


@pytest.mark.parametrize(
    ("path", "use", "why"),
    [
        ("/opt/x", {}, ["unusual-place"]),
        ("/usr/local/bin/x", {}, ["unusual-place"]),
        ("/home/ann/x", {"kind": "unit", "when": "boot"}, ["unusual-place"]),
        ("/usr/lib/x", {}, []),
        ("/etc/x", {}, []),
        ("/usr/local/bin/python3.13", {}, []),
        ("/usr/local/bin/dockerd", {}, []),
        ("/opt/x", {"how": "reads"}, []),
        ("/opt/x", {"user": "ann"}, ["unusual-place"]),  # who has a way to root
        ("/opt/x", {"user": "bob"}, []),
        ("/opt/x", {"user": "www"}, []),
        ("/opt/x", {"user": "0"}, ["unusual-place"]),
        ("/opt/x", {"kind": "command"}, []),
        ("/opt/x", {"kind": "unit", "when": "unit"}, []),
        ("/opt/x", {"kind": "script", "place": "/etc/cron.daily/y:2"}, ["unusual-place"]),
        ("/opt/x", {"kind": "script", "place": "/opt/y:2"}, []),  # which is a job itself
        ("/opt/x", {"when": DENIED}, [DENIED]),
    ],
)
def test_jobs_of_root(path: str, use: dict[str, Any], why: list[Any]) -> None:
    assert whys(jobs(path, **use)) == why


FILE = {"type": "file", "realpath": "/opt/x", "owner_uid": 1002}


@pytest.mark.parametrize(
    ("more", "told", "why"),
    [
        (FILE, {}, ["unusual-place"]),
        (FILE, {"/opt/x": {}}, []),  # a path tells of who can change it
        (FILE, {"/opt/x": DENIED}, [DENIED]),
        (FILE, DENIED, [DENIED]),
        ({**FILE, "type": "absent"}, DENIED, []),
        ({**FILE, "realpath": "/usr/bin/x"}, DENIED, []),
    ],
)
def test_a_job_that_others_may_be_able_to_change_is_listed_where_nobody_can(more: dict[str, Any], told: Any, why: list[Any]) -> None:
    assert whys(jobs("/opt/x", "files", more, told)) == why


@pytest.mark.parametrize(
    ("packaged", "why"),
    [(False, ["of-no-package"]), (True, []), (DENIED, [DENIED]), (None, [])],
)
@pytest.mark.parametrize("part", ["places", "files"])
def test_what_is_run_below_etc_and_no_package_brought(part: str, packaged: Any, why: list[Any]) -> None:
    """Also where a program of the catalogue has its name, and nothing where that was not asked for."""
    more = {} if packaged is None else {"packaged": packaged}
    whole = {**FILE, "realpath": "/etc/cron.daily/bash"} if part == "files" else {}
    assert whys(jobs("/etc/cron.daily/bash", part, {**whole, **more})) == why


def test_a_job_of_a_user_is_run_as_that_user() -> None:
    (one,) = jobs("/opt/x", user="ann")
    assert isinstance(one, Unjudged) and one.facts["as_whom"] == "ann"


def test_what_is_not_known_of_uses_may_be_another() -> None:
    told = jobs("/opt/x", more={"uses": incomplete({"a": USE}, DENIED)})
    assert whys(told) == ["unusual-place", DENIED]
