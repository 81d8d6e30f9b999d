"""Which containers see the processes of the host, and which of them take these over."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, container, derive, document, judged, mount, processes, seen
from containers.test_inside_user import KEY, people

from hostcheck.model import Hole, incomplete
from hostcheck_builtin.containers.reaching import WAYS

TRACES = {"added": ["SYS_PTRACE"], "dropped": []}
PROC = {"/host/proc": mount("/proc", writable=False)}
FREE: dict[str, Any] = {"apparmor": "unconfined", "selinux": "disabled"}
BY_PROC = WAYS["takes_processes"]


@pytest.mark.parametrize(
    ("namespaces", "mounts", "sees"),
    [
        ({}, {}, False),
        ({"pid": "host"}, {}, True),
        ({}, PROC, True),
        ({}, {"/p": mount("/proc")}, True),
        ({}, {"/rootfs": mount("/", writable=False)}, True),
        ({}, {"/x": mount("/proc/sys", writable=False)}, False),
        ({}, {"/x": mount("/srv/proc")}, False),
        ({}, {"/x": mount(DENIED)}, None),
        ({}, incomplete({}, DENIED), None),
        ({}, incomplete(PROC, DENIED), True),
        ({"pid": DENIED}, {}, None),
        ({"pid": DENIED}, PROC, True),
        ({"pid": "host"}, DENIED, True),
    ],
)
def test_it_sees_them_by_its_namespace_or_by_a_mount(namespaces: dict[str, Any], mounts: Any, sees: bool | None) -> None:
    found = judged(container(namespaces, mounts=mounts))["sees_processes"]
    assert (None if isinstance(found, Hole) else found) is sees


def test_netdata_s_usual_container_takes_them_over() -> None:
    """It has SYS_PTRACE, the host's /proc read-only, and no profile of AppArmor (Netdata documentation, Install Netdata with Docker)."""
    found = judged(container(mounts=PROC, capabilities=TRACES, **FREE))
    assert BY_PROC in found["ways"] and found["doubts"] == {} and set(found["capabilities"]) == {"SYS_PTRACE"}


@pytest.mark.parametrize(
    ("facts", "takes"),
    [
        ({"mounts": PROC}, False),
        ({"capabilities": TRACES}, False),
        ({"mounts": PROC, "capabilities": TRACES}, True),
        ({"mounts": PROC, "capabilities": {"added": ["ALL"], "dropped": []}}, True),
        ({"mounts": PROC, "capabilities": {"added": ["ALL"], "dropped": ["SYS_PTRACE"]}}, False),
        ({"mounts": PROC, "capabilities": DENIED}, None),
        ({"mounts": DENIED, "capabilities": TRACES}, None),
        ({"capabilities": DENIED}, False),
        ({"namespaces": {"pid": "host"}, "capabilities": TRACES}, True),
        ({"namespaces": {"pid": "host"}}, False),
    ],
)
def test_root_in_it_takes_them_over_by_a_capability(facts: dict[str, Any], takes: bool | None) -> None:
    found = judged(container(**facts, **FREE))
    assert (None if isinstance(found["takes_processes"], Hole) else found["takes_processes"]) is takes
    assert (BY_PROC in found["ways"]) is (takes is True)


def test_to_restart_the_host_takes_its_namespace() -> None:
    """In another reboot(2) ends what is in that one."""
    asks = {"added": ["SYS_BOOT"], "dropped": []}
    assert judged(container(mounts=PROC, capabilities=asks))["capabilities"] == {}
    assert set(judged(container({"pid": "host"}, capabilities=asks))["capabilities"]) == {"SYS_BOOT"}


def test_apparmor_may_keep_it_from_them() -> None:
    enabled = {"lsm": {"apparmor": {"enabled": True}, "selinux": {"mode": "disabled"}}}
    found = judged(container(mounts=PROC, capabilities=TRACES, apparmor_profile="docker-default", selinux="disabled"), kernel=enabled)
    assert BY_PROC in found["ways"] and list(found["doubts"]) == ["takes_processes"]


def test_whose_user_is_not_root_has_no_capability_in_force() -> None:
    one = container(mounts=PROC, capabilities=TRACES, user={"spec": "7", "uid": 7}, no_new_privileges="on", **FREE)
    shown = {**processes(seen(first={"uid": 7})), **people()}
    assert judged(one, **shown)["ways"] == []
    assert judged({**one, "no_new_privileges": "off"}, **shown)["doubts"].keys() == {"takes_processes", "capabilities"}


def test_processes_tell_of_their_mounts_too() -> None:
    one = seen("cd" * 32, first={"uid": 0}, mounts={"/p": {"real": "/proc", "writable": False}}, capabilities={"bounding": ["SYS_PTRACE"]})
    found = derive(document(container(), **{"container-processes": {"containers": {KEY: seen(), "docker:cdcdcdcdcdcd": one}}}))["docker:cdcdcdcdcdcd"]
    assert found["sees_processes"] is True and found["takes_processes"] is True and BY_PROC in found["ways"]


@pytest.mark.parametrize(
    ("added", "dropped", "takes"),
    [
        ([], [], True),
        ([], ["ALL"], False),
        (["SETUID", "SETGID", "DAC_OVERRIDE"], ["ALL"], True),
        (["SETUID", "SETGID"], ["ALL"], False),
        ([], ["SETUID"], False),
        ([], ["NET_RAW"], True),
        (["ALL"], [], True),
        (["ALL"], ["SETGID"], False),
        (["NET_ADMIN"], [], True),
    ],
)
def test_who_may_take_ids(added: list[str], dropped: list[str], *, takes: bool) -> None:
    assert judged(container(capabilities={"added": added, "dropped": dropped}))["takes_ids"] is takes
