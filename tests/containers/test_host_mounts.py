"""Which mounts lead to the host, as what each is told of, and what is not known of one."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, NO_PROGRAMS, PODMAN, container, judged, mount
from engines.scope_facts import docker as engine
from engines.scope_facts import podman

from hostcheck.model import Hole, Why, incomplete
from hostcheck_builtin.containers.host_mounts import KINDS
from hostcheck_builtin.containers.reaching import OBEYED


@pytest.mark.parametrize(
    ("real", "writable", "kind", "place"),
    [
        ("/", True, "host_mounts", "/"),
        ("/", False, "socket_mounts", DOCKER),
        ("/run", True, "socket_mounts", DOCKER),
        (DOCKER, False, "socket_mounts", DOCKER),
        (PODMAN, True, "socket_mounts", PODMAN),
        ("/run/nothing.sock", True, None, None),
        ("/etc", True, "host_mounts", "/etc"),
        ("/etc", False, "secret_mounts", "/etc"),
        ("/etc/myapp", True, None, None),
        ("/proc", True, "kernel_mounts", "/proc"),
        ("/proc", False, None, None),
        ("/sys/fs/cgroup", True, "kernel_mounts", "/sys"),
        ("/run/dbus", False, "host_mounts", "/run/dbus/system_bus_socket"),
        ("/run/dbus/system_bus_socket", False, "host_mounts", "/run/dbus/system_bus_socket"),
        ("/var/lib/docker", False, "secret_mounts", "/var/lib/docker"),
        ("/srv/data", True, None, None),
    ],
)
def test_a_mount_is_told_of_as_the_worst_that_it_is(real: str, writable: bool, kind: str | None, place: str | None) -> None:
    found = judged(container(mounts={"/x": mount(real, writable)}))
    told = {name: found[name]["/x"]["place"] for name in KINDS if found[name]}
    assert told == ({} if kind is None else {kind: place})


def test_a_directory_that_an_engine_keeps_its_files_in() -> None:
    engines = {"sockets": {DOCKER: engine(root="/srv/engine"), PODMAN: {**podman(False), "libpod": {"graph_root": "/srv/pods", "rootless": False}}}}
    for real in ("/srv/engine", "/srv/engine/image", "/srv/pods", "/srv"):
        assert judged(container(mounts={"/x": mount(real)}), engines=engines)["host_mounts"]["/x"]["what"].startswith("the files of every"), real
    assert judged(container(mounts={"/x": mount("/srv/engine/volumes/v/_data")}), engines=engines)["host_mounts"] == {}


def test_a_mount_that_shows_nothing_of_the_hosts_own() -> None:
    volume = {"source": "/var/lib/docker/volumes/v/_data", "writable": True, "propagation": "", "type": "volume"}
    assert {kind: judged(container(mounts={"/x": volume}))[kind] for kind in KINDS} == dict.fromkeys(KINDS, {})


def test_shared_mounts_count_whatever_they_are() -> None:
    found = judged(
        container(
            mounts={"/x": mount("/srv/data", propagation="rshared"), "/y": mount("/etc", propagation="shared"), "/z": mount("/srv", propagation="rslave")}
        )
    )
    assert found["shared_mounts"] == {"/x": {"path": "/srv/data"}, "/y": {"path": "/etc"}}
    assert set(found["host_mounts"]) == {"/y"}


@pytest.mark.parametrize(
    ("writable", "kinds"), [(True, {"socket_mounts", "secret_mounts", "host_mounts", "kernel_mounts"}), (False, {"socket_mounts", "secret_mounts"})]
)
def test_a_mount_whose_path_is_not_known_may_be_any_that_it_can_be(writable: bool, kinds: set[str]) -> None:
    found = judged(container(mounts={"/x": mount(DENIED, writable), "/y": mount("/srv/data")}))
    assert {kind for kind in KINDS if isinstance(found[kind].get("/x"), Hole)} == kinds
    assert all("/y" not in found[kind] for kind in KINDS)


def test_where_sockets_are_not_known_a_mount_may_hold_one() -> None:
    mounts = {"/x": mount("/srv/data"), "/y": mount("/etc")}
    for sockets in (DENIED, incomplete({}, DENIED), {DOCKER: DENIED}):
        found = judged(container(mounts=mounts), sockets={"sockets": sockets})
        assert isinstance(found["socket_mounts"]["/x"], Hole), sockets
        assert found["host_mounts"]["/y"]["place"] == "/etc"
    engines = {"sockets": incomplete({}, DENIED)}
    assert isinstance(judged(container(mounts=mounts), engines=engines)["host_mounts"]["/x"], Hole)


USE = {"by": "cron", "how": "runs", "place": "/etc/cron.d/app:1", "when": "cron", "kind": "cron", "user": "root", "certain": True, "via": ""}
JOB = {"uses": {"a": USE}}


def told(**cron: object) -> object:
    """Return what is told of a mount of /opt/app that can be written, where cron's part of what root runs is this."""
    programs = {**NO_PROGRAMS, "cron": {"files": {}, "alone": 0, "places": {}, **cron}}
    return judged(container(mounts={"/x": mount("/opt/app")}), **{"root-programs": programs})["host_mounts"].get("/x")


def test_a_mount_of_what_root_runs_on_this_host() -> None:
    words = "cron (/etc/cron.d/app:1) runs it as root"
    wanted = {"path": "/opt/app", "place": "/opt/app/job.sh", "what": words, "writable": True}
    assert told(places={"/opt/app/job.sh": JOB}) == wanted
    file = {"realpath": "/opt/app/job.sh", "uses": {"a": USE}}
    assert told(files={"/opt/link": file}) == wanted
    assert told(places={"/opt/other": JOB}) is None and told() is None
    for other in ({"certain": False}, {"certain": DENIED}, {"user": "ann"}):
        assert told(files={"/opt/app/job.sh": {**file, "uses": {"a": {**USE, **other}}}}) is None


def test_where_it_is_not_known_what_root_runs_a_mount_may_have_it() -> None:
    users = Hole(why=Why.LIMIT, message="too much", owners=(1000,))
    for cron in ({"places": incomplete({}, DENIED)}, {"files": DENIED}):
        assert isinstance(told(**cron), Hole)
    assert told(files=incomplete({}, users)) is None
    old = {group: {"files": {}, "alone": 0} for group in NO_PROGRAMS}
    assert judged(container(mounts={"/x": mount("/opt/app")}), **{"root-programs": old})["host_mounts"] == {}


LOGS = mount("/var/log")


@pytest.mark.parametrize(
    ("one", "node", "told"),
    [
        (LOGS, True, {"secret_mounts"}),
        (LOGS, False, set()),
        (mount("/var/log", writable=False), True, set()),
        (mount("/var/log/app"), True, {"secret_mounts"}),
        (mount("/var/lib/app"), True, set()),
        (mount("/var"), True, {"host_mounts"}),
        (LOGS, DENIED, None),
        (mount("/srv"), DENIED, set()),
    ],
)
def test_a_kubelet_shows_logs_past_links_that_are_made_in_them(one: Any, node: Any, told: set[str] | None) -> None:
    """As the server of the kubelet does at /logs, to who may ask it (KubeletConfiguration, enableSystemLogHandler)."""
    found = judged(container(mounts={"/x": one}), kubeconfigs={"node": node})
    kinds = {kind for kind in KINDS if found[kind]}
    assert kinds == ({"secret_mounts"} if told is None else told)
    assert isinstance(found["secret_mounts"].get("/x"), Hole) is (told is None)


@pytest.mark.parametrize(
    ("one", "sure"),
    [
        (mount("/etc/perl"), False),
        (mount("/etc/cron.d"), True),
        (mount("/etc"), True),
        (mount("/var/lib/kubelet/pods"), False),
        (mount("/var/lib/lxcfs"), False),
        (mount("/run/containerd/s", writable=False), False),
        (mount("/run/systemd", writable=False), True),
    ],
)
def test_what_root_may_not_obey_is_a_likely_way(one: Any, sure: bool) -> None:
    found = judged(container(mounts={"/x": one}))
    assert found["ways"] == ["it writes to files of the host"] and ("sure" not in found["host_mounts"]["/x"]) is sure
    assert found["doubts"] == ({} if sure else {"host_mounts": OBEYED})
    both = judged(container(mounts={"/x": one, "/y": mount("/etc")}))
    assert both["doubts"] == {}


@pytest.mark.parametrize(
    "real", ["/var/lib/rancher/k3s/server/tls", "/var/lib/rancher", "/etc/rancher/rke2", "/var/lib/minikube/certs", "/var/lib/k0s", "/var/lib/kubelet/pods"]
)
def test_keys_of_a_cluster_are_read(real: str) -> None:
    assert set(judged(container(mounts={"/x": mount(real, False)}))["secret_mounts"]) == {"/x"}
