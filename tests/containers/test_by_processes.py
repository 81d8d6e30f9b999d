"""What follows from what processes show: danger where it is seen, and nothing where it is not."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, container, derive, document, given, judged, seen

from hostcheck.model import Hole, OpenObject, Why, incomplete
from hostcheck_builtin.containers.by_processes import NOWHERE, SETTINGS, UNSEEN, UNTOLD

KEY = "docker:cdcdcdcdcdcd"
ALL: dict[str, Any] = {"bounding": ["CHOWN", "SYS_ADMIN"], "all": True}
PRIVILEGED: dict[str, Any] = {"capabilities": ALL, "filter": False, "hidden": [], "sysfs_writable": True}


def processes(**members: Any) -> dict[str, Any]:
    return {"containers": {f"docker:{begin * 6}": one for begin, one in members.items()}}


def untold(**given: Any) -> Any:
    """Return what is derived of a container that no engine tells of."""
    return derive(document(container(), **{"container-processes": processes(ab=seen(), cd=seen("cd" * 32, **given))}))[KEY]


def known(found: dict[str, Any]) -> dict[str, Any]:
    return {fact: value for fact, value in found.items() if not isinstance(value, Hole)}


def test_where_nothing_is_shown_nothing_is_known() -> None:
    found = untold()
    assert {fact: value for fact, value in known(found).items() if value not in ({}, [])} == {
        **{"engine": "docker", "id": "cdcdcdcdcdcd", "name": "cdcdcdcdcdcd", "state": "running", "runs": True, "one_by_one": True, "root_is_hosts": True},
        "image": NOWHERE,
        "namespaces": {**dict.fromkeys(("cgroup", "ipc", "net", "pid", "uts"), UNTOLD), "user": "host"},
        **dict.fromkeys(("enforced", "limits"), dict.fromkeys(("cpu", "memory", "pids"), UNTOLD)),
        **{"rootless": False, "told": False, "confined": {"apparmor": False, "selinux": False}},
        "takes_ids": False,
    }
    assert all(isinstance(value, OpenObject) for value in known(found).values() if value == {})


def test_a_privileged_container_is_one() -> None:
    found = untold(**PRIVILEGED)
    assert (found["privileged"], found["one_by_one"], found["seccomp"], found["masked_paths"]) == (True, False, "none", "none")
    assert set(found["capabilities"]) == {"ALL"}


@pytest.mark.parametrize(
    ("given", "privileged"),
    [
        ({"sysfs_writable": False}, True),
        ({"capabilities": {"bounding": [], "all": False}}, True),
        ({"capabilities": {"bounding": [], "all": False}, "sysfs_writable": False}, UNTOLD),
        ({"sysfs_writable": False, "filter": True}, UNTOLD),
        ({"hidden": ["/proc/sys"]}, UNTOLD),
        ({"hidden": DENIED}, DENIED),
        ({"sysfs_writable": DENIED}, True),
        ({"sysfs_writable": DENIED, "filter": True}, DENIED),
        ({"sysfs_writable": False, "filter": DENIED}, DENIED),
        ({"hidden": ["/proc/sys"], "filter": DENIED}, UNTOLD),
        ({"first": {"all_ids": False}}, UNTOLD),
        ({"first": {"all_ids": DENIED}}, DENIED),
    ],
)
def test_what_only_a_privileged_container_has(given: dict[str, Any], privileged: bool | Hole) -> None:
    """One whose first process gave up its capabilities is one still."""
    found = untold(**{**PRIVILEGED, **given})
    assert found["privileged"] == privileged
    assert found["one_by_one"] == (DENIED if privileged is DENIED else privileged is UNTOLD)


def test_each_way_alone() -> None:
    mounts = {"/s": {"real": DOCKER, "writable": False}, "/e": {"real": "/etc", "writable": True}, "/p": {"real": "/proc", "writable": True}}
    found = untold(mounts=mounts, namespaces={"pid": "host", "net": "host"}, capabilities={"bounding": ["NET_ADMIN", "SYS_PTRACE"]}, no_new_privileges=False)
    assert [set(found[kind]) for kind in ("socket_mounts", "host_mounts", "kernel_mounts", "secret_mounts")] == [{"/s"}, {"/e"}, {"/p"}, {"/e"}]
    assert isinstance(found["secret_mounts"]["/e"], Hole)  # who acts there is not known: if that one cannot write, it may read
    assert set(found["capabilities"]) == {"NET_ADMIN", "SYS_PTRACE"} and found["no_new_privileges"] is False
    assert (found["namespaces"]["pid"], found["namespaces"]["net"], found["namespaces"]["ipc"]) == ("host", "host", UNTOLD)
    assert (
        untold(first={"pid": 70, "uid": 0})["user_is_root"] is True
        and untold(first={"pid": 70, "uid": 0}, namespaces={"user": "private"})["user_is_root"] == UNTOLD
    )
    assert list(untold(programs=["sshd"])["programs"]) == ["sshd"]


def test_to_root_the_file_of_its_runtime_tells_the_rest() -> None:
    found = untold(given=given(image="registry/app:1", pod="kube-system/app"))
    assert {fact for fact, value in found.items() if isinstance(value, Hole)} == {"ports", "remapped", *SETTINGS} and found["programs"] == []
    assert (found["image"], found["privileged"], found["no_new_privileges"], found["user_is_root"]) == ("registry/app:1, kube-system/app", False, True, False)
    assert (found["seccomp"], found["masked_paths"], found["limits"]) == ("custom", "default", {"cpu": UNTOLD, "memory": 1, "pids": 1})
    assert found["enforced"] == {"cpu": UNTOLD, "memory": True, "pids": True}
    assert found["capabilities"] == {} and not isinstance(found["capabilities"], OpenObject) and found["stronger"] == {}


@pytest.mark.parametrize(
    ("told", "shown", "fact", "value"),
    [
        ({"privileged": True}, {}, "privileged", True),
        ({}, PRIVILEGED, "privileged", True),
        ({"seccomp": "none"}, {}, "seccomp", "none"),
        ({}, {"filter": False}, "seccomp", "none"),
        ({}, {"filter": DENIED}, "seccomp", DENIED),
        ({"seccomp": "none"}, {"filter": DENIED}, "seccomp", "none"),
        ({"masked_paths": "none"}, {}, "masked_paths", "none"),
        ({"masked_paths": "custom"}, {}, "masked_paths", "custom"),
        ({"masked_paths": "custom"}, {"hidden": []}, "masked_paths", "none"),
        ({"masked_paths": "custom"}, {"hidden": DENIED}, "masked_paths", DENIED),
        ({"no_new_privileges": False}, {}, "no_new_privileges", False),
        ({}, {"no_new_privileges": False}, "no_new_privileges", False),
        ({"uid": 0}, {}, "user_is_root", True),
        ({"namespaces": {"user": "private"}}, {"namespaces": {"user": "private"}}, "root_is_hosts", False),
        ({"namespaces": {"user": "private"}}, {}, "root_is_hosts", True),
        ({"image": "", "pod": ""}, {}, "image", NOWHERE),
        ({"pod": "shop/web"}, {}, "image", "shop/web"),
    ],
)
def test_a_danger_counts_whichever_of_the_two_tells_of_it(told: dict[str, Any], shown: dict[str, Any], fact: str, value: Any) -> None:
    assert untold(given=given(**told), **shown)[fact] == value


def test_what_root_may_not_read() -> None:
    found = untold(given=DENIED)
    assert {fact for fact, value in found.items() if value == DENIED} >= {"image", "privileged", "seccomp", "device_rules", "stronger"}


def test_what_both_tell_of_mounts_devices_and_capabilities() -> None:
    mounts = {"/s": {"real": DOCKER, "writable": False, "propagation": ""}, "/d": {"real": "/srv", "writable": True, "propagation": "rshared"}}
    told = given(mounts=mounts, devices=["/dev/vda"], device_rules=["b *:* rwm", "c 1:3 rwm"], bounding=["SYS_ADMIN"], namespaces={"pid": "host"}, uid=0)
    found = untold(given=told, mounts={"/e": {"real": "/etc", "writable": True}}, capabilities={"bounding": ["SYS_PTRACE"]})
    assert (set(found["socket_mounts"]), set(found["host_mounts"]), set(found["shared_mounts"])) == ({"/s"}, {"/e"}, {"/d"})
    assert (set(found["devices"]), set(found["device_rules"]), set(found["capabilities"])) == ({"/dev/vda"}, {"b *:* rwm"}, {"SYS_ADMIN", "SYS_PTRACE"})
    assert set(untold(given=given(all=True))["capabilities"]) == {"ALL"}


def test_more_than_its_runtime_was_told_to_give() -> None:
    stronger = {"7": {"capabilities": ["CHOWN", "SYS_ADMIN"]}}
    assert untold(given=given(bounding=["CHOWN"]), capabilities={"stronger": stronger})["stronger"] == {"7": {"capabilities": ["SYS_ADMIN"]}}
    assert untold(given=given(bounding=["CHOWN", "SYS_ADMIN"]), capabilities={"stronger": stronger})["stronger"] == {}
    assert untold(capabilities={"stronger": stronger})["stronger"] == UNTOLD


def test_in_a_user_namespace_it_has_nothing_of_the_hosts() -> None:
    """Nobody can tell one that its engine made for it from one that it made itself."""
    found = untold(capabilities=ALL, first={"all_ids": False}, namespaces={"user": "private"})
    assert found["capabilities"] == {} and found["capabilities"].hole == UNTOLD and found["root_is_hosts"] == UNTOLD


def test_what_engine_has_it() -> None:
    keys = {
        "containerd/k8s.io:cdcdcdcdcdcd": "containerd",
        "cri-o:efefefefefef": "cri-o",
        "containerd/default:web": "containerd",
        "container:010101010101": "container",
    }
    found = derive(document(container(), **{"container-processes": {"containers": {key: seen("cd" * 32) for key in keys}}}))
    assert {key: found[key]["engine"] for key in keys} == keys
    assert {key: found[key]["remapped"] for key in keys} == {key: UNTOLD if engine == "container" else False for key, engine in keys.items()}


def test_who_is_told_of_is_told_of_once() -> None:
    assert set(derive(document(container()))) == {"docker:web"}


@pytest.mark.parametrize(
    ("given", "processes_are", "found"),
    [
        ({}, {}, {}),
        ({}, {"7": ["SYS_ADMIN", "CHOWN"]}, {"7": {"capabilities": ["SYS_ADMIN"]}}),
        ({"capabilities": {"added": ["SYS_ADMIN"], "dropped": []}}, {"7": ["SYS_ADMIN"]}, {}),
        ({"capabilities": {"added": ["ALL"], "dropped": []}}, {"7": ["SYS_ADMIN"]}, {}),
        ({"privileged": True}, {"7": ["SYS_ADMIN"]}, {}),
        ({"privileged": DENIED}, {"7": ["SYS_ADMIN"]}, DENIED),
        ({"privileged": DENIED}, {}, {}),
        ({"capabilities": {"added": [], "dropped": []}}, {"7": ["MKNOD", "NET_RAW"]}, {}),
    ],
)
def test_what_is_more_than_was_given(given: dict[str, Any], processes_are: dict[str, list[str]], found: Any) -> None:
    stronger = {pid: {"capabilities": names} for pid, names in processes_are.items()}
    told = judged(container(**given), **{"container-processes": processes(ab=seen(capabilities={"stronger": stronger}))})
    assert told["stronger"] == found and not isinstance(told["stronger"], OpenObject)


@pytest.mark.parametrize(("state", "found"), [("exited", {}), ("created", {}), ("restarting", {}), ("running", UNSEEN), ("paused", UNSEEN)])
def test_a_container_of_which_no_process_is_found(state: str, found: Any) -> None:
    told = judged(container(state=state), **{"container-processes": {"containers": {}}})
    assert told["stronger"] == found and told["programs"] == ([] if found == {} else found)


@pytest.mark.parametrize("hidden", [{"containers": DENIED}, processes(ab=DENIED), {"containers": incomplete({}, DENIED)}])
def test_processes_that_are_hidden(hidden: dict[str, Any]) -> None:
    told = judged(container(), **{"container-processes": hidden})
    assert told["stronger"] == DENIED and told["privileged"] is False


def test_a_user_with_a_name_may_be_seen_to_be_root() -> None:
    told = {"container-processes": processes(ab=seen(first={"pid": 7, "uid": 0}))}
    assert judged(container(user={"spec": "app"}), **told)["user_is_root"] is True
    assert judged(container(user={"spec": "1", "uid": 1}), **told)["user_is_root"] is False
    assert isinstance(judged(container(user={"spec": "app"}))["user_is_root"], Hole)


LATE = Hole(why=Why.TIMEOUT, message="no answer in time")
REFUSED: dict[str, Any] = {"containers": {"containers": incomplete({}, DENIED)}}
NOBODY: dict[str, Any] = {"host": {"scan": {"euid": 65534, "init_userns": True}}}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (REFUSED, False),
        ({**REFUSED, **NOBODY}, True),
        ({"containers": {"containers": DENIED}, **NOBODY}, True),
        ({"containers": {"containers": incomplete({}, LATE)}}, True),
        ({"containers": {"containers": LATE}}, True),
        ({"containers": {"containers": {"docker:web": DENIED}}}, False),
        ({"containers": {"containers": {"docker:web": LATE}}}, True),
    ],
)
def test_where_an_engine_is_silent(more: dict[str, Any], told: bool) -> None:
    """Who is refused, and is root, cannot tell which containers were told of; who is not root never could."""
    found = derive(document(None, **{**more, "container-processes": processes(cd=seen("cd" * 32, **PRIVILEGED))}))
    if isinstance(found, Hole):
        assert not told
        return
    assert (KEY in found) is told and (isinstance(found, OpenObject) or "docker:web" in found)
    assert not told or found[KEY]["privileged"] is True
