"""Profiles of system calls that dockerd reads from files: what is done with a call that a profile does not name (measured with docker 26 and runc 1.1)."""

import json
from typing import Any

import pytest
from daemon.daemon_host import ANNS, ANNS_JSON, DOCKER, JSON, anns, facts, merged, owned, roots
from daemon.test_analysis_daemon_config import answering, derive
from engines.engine_host import said
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.model import Hole, Why
from hostcheck_builtin.daemon import seccomp_profiles
from hostcheck_builtin.daemon.seccomp_profiles import ACTIONS

PATH = "/opt/seccomp.json"
READS: dict[str, tuple[str | bytes, str]] = {
    "usual": ('{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []}', "SCMP_ACT_ERRNO"),
    "allows": ('{"defaultAction": "SCMP_ACT_ALLOW"}', "SCMP_ACT_ALLOW"),
    "allows all but some": ('{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO"}]}', "SCMP_ACT_ALLOW"),
    "other letters": ('{"DEFAULTACTION": "SCMP_ACT_LOG"}', "SCMP_ACT_LOG"),
    "twice, the last one counts": ('{"defaultAction": "SCMP_ACT_ERRNO", "defaultaction": "SCMP_ACT_ALLOW"}', "SCMP_ACT_ALLOW"),
    "null says nothing": ('{"defaultAction": "SCMP_ACT_ALLOW", "defaultAction": null}', "SCMP_ACT_ALLOW"),
    "nothing, so no filter": ("{}", "none"),
    "null": ("null", "none"),
    "no system calls": ('{"syscalls": []}', "none"),
    "null system calls": ('{"syscalls": null, "architectures": ["SCMP_ARCH_X86_64"]}', "none"),
    "system calls without an action for others": ('{"syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO"}]}', "other"),
    "small letters": ('{"defaultAction": "scmp_act_errno"}', "other"),
    "what no version knows": ('{"defaultAction": "hunter2"}', "other"),
    "bytes that are no UTF-8": (b'{"comment": "\xff", "defaultAction": "SCMP_ACT_KILL"}', "SCMP_ACT_KILL"),
}


@pytest.mark.parametrize("how", READS)
def test_what_is_done_with_other_calls(how: str) -> None:
    raw, action = READS[how]
    assert seccomp_profiles.action(PATH, raw if isinstance(raw, bytes) else raw.encode()) == action


@pytest.mark.parametrize(
    "raw", ["", "{,", "[]", "5", '{"defaultAction": 5}', '{"defaultAction": NaN}', '\ufeff{"defaultAction": "SCMP_ACT_KILL"}', "[" * 90_000]
)
def test_what_starts_no_container_is_not_known(raw: str) -> None:
    found = facts(**roots(f"dockerd --seccomp-profile {PATH}", files={PATH: raw}))["daemons"][DOCKER]["profiles"][PATH]
    assert isinstance(found, Hole) and found.why is Why.NONSENSE and PATH in found.message and "hunter2" not in found.message


@given(
    st.binary(max_size=40)
    | st.recursive(st.none() | st.booleans() | st.text(max_size=3), lambda one: st.lists(one) | st.dictionaries(st.text(), one)).map(
        lambda one: json.dumps(one).encode()
    )
)
def test_any_bytes_give_a_known_word_or_a_hole(raw: bytes) -> None:
    from hostcheck.api import attempt

    found = attempt(seccomp_profiles.action, PATH, raw)
    assert isinstance(found, Hole) or found in ACTIONS


def test_profiles_of_flags_files_and_the_service() -> None:
    script = {"/etc/init.d/docker": "-- $DOCKER_OPTS\n", "/etc/default/docker": "DOCKER_OPTS=--seccomp-profile=/b.json\n"}
    files = {JSON: '{"seccomp-profile": "/c.json"}', "/a.json": "{}", "/c.json": '{"defaultAction": "SCMP_ACT_KILL"}', **script}
    found = facts(**roots("dockerd --seccomp-profile /a.json", files=files))["daemons"][DOCKER]["profiles"]
    assert found == {"/a.json": "none", "/b.json": "absent", "/c.json": "SCMP_ACT_KILL"}


@pytest.mark.parametrize("word", ["builtin", "unconfined", ""])
def test_words_are_no_files(word: str) -> None:
    assert facts(**roots(files={JSON: json.dumps({"seccomp-profile": word})}))["daemons"][DOCKER]["profiles"] == {}


def test_a_path_that_depends_on_where_dockerd_was_started() -> None:
    found = facts(**roots("dockerd --seccomp-profile default", files={"/default": "{}"}))["daemons"][DOCKER]["profiles"]
    assert isinstance(found["default"], Hole)


def test_what_a_user_may_change_is_not_taken_for_what_is_read() -> None:
    """Whatever ann writes there now, she can have something else there when dockerd starts; that she can is told by the rules of files."""
    for action in ("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"):
        given = roots(f"dockerd --seccomp-profile {PATH}", files={PATH: json.dumps({"defaultAction": action})}, stats={PATH: owned("file", 1000, 0o644)})
        found = facts(**given)["daemons"][DOCKER]["profiles"][PATH]
        assert isinstance(found, Hole) and found.why is Why.UNSUPPORTED


def test_a_users_own_profile() -> None:
    place = "/home/ann/s.json"
    files = {ANNS_JSON: json.dumps({"seccomp-profile": place}), place: '{"defaultAction": "SCMP_ACT_ALLOW"}'}
    given = merged(anns(files=files), {"stats": {place: owned("file", mode=0o600)}})
    assert facts("user-docker-daemons", **given)["daemons"]["1000"][ANNS]["profiles"] == {place: "SCMP_ACT_ALLOW"}
    other = merged(anns(files=files), {"stats": {place: owned("file", 1001, 0o644)}})
    assert isinstance(facts("user-docker-daemons", **other)["daemons"]["1000"][ANNS]["profiles"][place], Hole)


def told(profile: str, text: str | None, runs: str = "builtin") -> Any:
    """Return what is derived of a dockerd whose file names a profile, and which says that it runs with another one."""
    files = {JSON: json.dumps({"seccomp-profile": profile}), **({} if text is None else {profile: text})}
    info = {"/info": said(json.dumps({"SecurityOptions": [f"name=seccomp,profile={runs}"]}))}
    return derive(roots(files=files, **answering(**info)))["daemons"][DOCKER]


def test_what_a_restart_would_give() -> None:
    one = told(PATH, "{}")
    assert (one["seccomp_action"], one["refuses"]) == ({"after_restart": "none"}, [])
    assert told(PATH, "{}", PATH)["seccomp_action"] == {"running": "none", "after_restart": "none"}
    assert told("builtin", None)["seccomp_action"] == {}


def test_a_profile_that_runs_and_that_nothing_names_any_more_is_not_known() -> None:
    found = told("builtin", None, "/gone.json")["seccomp_action"]
    assert isinstance(found["running"], Hole) and "after_restart" not in found


def test_dockerd_does_not_start_without_its_profile() -> None:
    one = told(PATH, None)
    assert one["refuses"] == [f"the seccomp-profile {PATH} is not there"]
    assert isinstance(one["seccomp_action"]["after_restart"], Hole)
