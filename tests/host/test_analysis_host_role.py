from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Process, Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import ROLES, Hole, Json, OpenArray, Why, incomplete
from hostcheck.schema import check, compile_schema
from hostcheck.view import View
from hostcheck_builtin.host import analysis_host_role as analysis
from hostcheck_builtin.host import probe_host as probe

SCHEMA = load_facts_schema(str(Path(analysis.__file__).parent / "analysis_host_role.facts.json"))
OBEYS = compile_schema(SCHEMA)
HOST = load_facts_schema(str(Path(probe.__file__).parent / "probe_host.facts.json"))
SIGNALS = HOST["properties"]["signals"]["properties"]
HIDDEN = Hole(why=Why.DENIED, message="hidden")
ABSENT = {"present": False}
OURS = {"present": True, "type": "dir", "root_owned": True}
ANNS = {"present": True, "type": "dir", "root_owned": False}


def link(target: str) -> dict[str, Any]:
    return {"present": True, "type": "link", "root_owned": True, "target": target}


def host(release: str = "6.12.9-amd64", userns: bool = True, inside: Json = False, **signs: Mapping[str, Json]) -> dict[str, Any]:
    """Make the facts of the probe `host` that the analysis reads; what is not given is absent."""
    signals = {
        "paths": {**{path: ABSENT for path in SIGNALS["paths"]["properties"]}, **signs.get("paths", {})},
        "enabled": signs.get("enabled", {}),
        "quadlets": {**{path: False for path in SIGNALS["quadlets"]["properties"]}, **signs.get("quadlets", {})},
        "mounts": {**{point: ABSENT for point in SIGNALS["mounts"]["properties"]}, **signs.get("mounts", {})},
        "processes": {**{name: {} for name in SIGNALS["processes"]["properties"]}, **signs.get("processes", {})},
    }
    scan = {"init_userns": userns, "container": {"inside": inside}}
    return {"scan": scan, "kernel": {"release": release}, "hardware": signs.get("hardware", {}), "signals": signals}


NO_USERS: dict[str, Json] = {"programs": {}, "sockets": {}}


def derive(facts: Json, role: str | None = None, users: Json = NO_USERS) -> Any:
    told = analysis.derive(View({"host": facts, "user-engines": users}), {} if role is None else {"role": role})
    assert OBEYS(told) is not False
    return told


def runs(name: str, program: str, root_owned: Any = True) -> dict[str, Json]:
    return {name: {program: {"root_owned": root_owned}}}


WANTS = "/etc/systemd/system/multi-user.target.wants"
UNIT = {"present": True, "type": "file", "root_owned": True}
STARTS = {"root_owned": True, "unit": UNIT}
NODE = {f"{WANTS}/kubelet.service": STARTS}
DESKTOP = {f"{WANTS}/snap.multipass.multipassd.service": STARTS}
DISPLAY = "/etc/systemd/system/display-manager.service"


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_host_role.facts.json")
    assert set(SCHEMA["properties"]["role"]["enum"]) == set(ROLES)


def test_a_host_without_signs_is_a_server() -> None:
    assert derive(host()) == {
        "role": "server",
        "source": "detected",
        "detected": "server",
        "evidence": ["no sign of another role"],
        "guest": {"kind": "none"},
        "container": False,
    }


CASES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"release": "5.15.153.1-microsoft-standard-WSL2"}, "desktop-vm-guest", ["kernel 5.15.153.1-microsoft-standard-WSL2"]),
    ({"release": "4.4.0-19041-Microsoft"}, "desktop-vm-guest", ["kernel 4.4.0-19041-Microsoft"]),
    ({"release": "6.10.14-linuxkit"}, "desktop-vm-guest", ["kernel 6.10.14-linuxkit"]),
    ({"release": "6.11.10-orbstack-00280-g9a0ff4"}, "desktop-vm-guest", ["kernel 6.11.10-orbstack-00280-g9a0ff4"]),
    (
        {"paths": {"/etc/podman-machine": UNIT}, "enabled": {"/etc/systemd/system/default.target.requires/ready.service": STARTS}},
        "desktop-vm-guest",
        ["/etc/podman-machine"],
    ),
    (
        {"mounts": {"/mnt/lima-cidata": {"present": True, "fstype": "iso9660"}}, "enabled": NODE},
        "desktop-vm-guest",
        ["mount /mnt/lima-cidata"],
    ),
    ({"enabled": {"/etc/runlevels/default/lima-guestagent": STARTS}}, "desktop-vm-guest", ["enabled /etc/runlevels/default/lima-guestagent"]),
    ({"mounts": {"/mnt/wsl": {"present": True, "fstype": "tmpfs"}}}, "desktop-vm-guest", ["mount /mnt/wsl"]),
    ({"enabled": DESKTOP}, "desktop-vm-host", [f"enabled {WANTS}/snap.multipass.multipassd.service"]),
    (
        {"enabled": {"/etc/systemd/user/default.target.wants/docker-desktop.service": STARTS, f"{WANTS}/gitlab-runner.service": STARTS}},
        "desktop-vm-host",
        ["enabled /etc/systemd/user/default.target.wants/docker-desktop.service"],
    ),
    ({"processes": runs("multipassd", "/usr/sbin/multipassd")}, "desktop-vm-host", ["process multipassd"]),
    ({"enabled": {**NODE, f"{WANTS}/gitlab-runner.service": STARTS}}, "cluster-node", [f"enabled {WANTS}/kubelet.service"]),
    *(
        ({"enabled": {f"{WANTS}/{name}.service": STARTS}}, "cluster-node", [f"enabled {WANTS}/{name}.service"])
        for name in ("k3s", "k3s-agent", "rke2-server", "k0sworker", "snap.microk8s.daemon-kubelite")
    ),
    ({"enabled": {"/etc/runlevels/default/kubelet": STARTS}}, "cluster-node", ["enabled /etc/runlevels/default/kubelet"]),
    ({"processes": runs("kubelet", "/usr/bin/kubelet")}, "cluster-node", ["process kubelet"]),
    ({"processes": runs("k3s-server", "/usr/local/bin/k3s")}, "cluster-node", ["process k3s-server"]),
    ({"enabled": {f"{WANTS}/gitlab-runner.service": STARTS}, "hardware": {"chassis_type": 9}}, "ci-runner", [f"enabled {WANTS}/gitlab-runner.service"]),
    ({"enabled": {f"{WANTS}/actions.runner.x.service": STARTS}}, "ci-runner", [f"enabled {WANTS}/actions.runner.x.service"]),
    ({"enabled": {f"{WANTS}/buildkite-agent@1.service": STARTS}}, "ci-runner", [f"enabled {WANTS}/buildkite-agent@1.service"]),
    ({"hardware": {"chassis_type": 10}}, "workstation", ["chassis 10"]),
    ({"enabled": {DISPLAY: STARTS}}, "workstation", [f"enabled {DISPLAY}"]),
    ({"enabled": {"/etc/runlevels/default/xdm": STARTS}}, "workstation", ["enabled /etc/runlevels/default/xdm"]),
]


@pytest.mark.parametrize(("signs", "role", "evidence"), CASES)
def test_a_sign_of_roots_tells_a_role(signs: dict[str, Any], role: str, evidence: list[str]) -> None:
    told = derive(host(**signs))
    assert (told["role"], told["detected"], told["evidence"]) == (role, role, evidence)
    assert (told["guest"]["kind"] != "none") == (role == "desktop-vm-guest")


@pytest.mark.parametrize(
    "signs",
    [
        {"release": "6.8.0-1021-azure"},
        {"release": "6.1.0-microsoft"},
        {"release": "6.1.0-linuxkit-custom"},
        {"paths": {path: ANNS for path in SIGNALS["paths"]["properties"]}},
        {"paths": {"/etc/podman-machine": UNIT, "/etc/containers/podman-machine": UNIT}},
        {"enabled": {"/etc/systemd/system/default.target.requires/ready.service": STARTS}},
        {"enabled": {DISPLAY: {"root_owned": True, "unit": link("/dev/null")}}},
        {"enabled": {DISPLAY: {"root_owned": True, "unit": ABSENT}}},
        {"enabled": {DISPLAY: STARTS}, "paths": {analysis.DEFAULT_TARGET: link("/usr/lib/systemd/system/multi-user.target")}},
        {"enabled": {f"{WANTS}/kubelet.service": {"root_owned": False, "unit": UNIT}}},
        {"enabled": {f"{WANTS}/kubelet.service": {"root_owned": True, "unit": ABSENT}}},
        {"enabled": {f"{WANTS}/jenkins.service": {"root_owned": True, "unit": {**UNIT, "root_owned": False}}}},
        {"enabled": {f"{WANTS}/gitlab-runner.service": {"root_owned": True, "unit": link("/dev/null")}}},
        {"enabled": {f"{WANTS}/docker.service": STARTS}},
        {"processes": runs("kubelet", "/usr/bin/kubelet", root_owned=False)},
        {"processes": runs("kubelet", "/usr/bin/sudo")},
        {"processes": runs("dockerd", "/usr/bin/dockerd")},
        {"hardware": {"chassis_type": 3}},
        {"paths": {"/run/docker.sock": {**OURS, "type": "socket"}}},
    ],
)
def test_what_is_no_sign_leaves_a_server(signs: dict[str, Any]) -> None:
    assert derive(host(**signs))["role"] == "server"


@pytest.mark.parametrize("engine", analysis.ENGINES)
def test_an_engine_beside_a_desktop_relaxes_nothing(engine: str) -> None:
    for place in (OURS, ANNS, link("/run/user/1000/docker.sock")):
        assert derive(host(enabled=DESKTOP, paths={engine: place}, hardware={"chassis_type": 9}))["role"] == "workstation"
    assert isinstance(derive(host(enabled=DESKTOP, paths={engine: HIDDEN}))["role"], Hole)
    assert derive(host(paths={engine: HIDDEN}))["role"] == "server"


@pytest.mark.parametrize("unit", ["docker.socket", "docker.service", "containerd.service", "podman.socket", "snap.lxd.daemon.unix.socket", "incus.service"])
def test_an_engine_that_starts_at_the_next_boot_beside_a_desktop_relaxes_nothing(unit: str) -> None:
    assert derive(host(enabled={**DESKTOP, f"{WANTS}/{unit}": STARTS}))["role"] == "server"
    assert derive(host(enabled={**DESKTOP, f"{WANTS}/{unit}": {"root_owned": True, "unit": ABSENT}}))["role"] == "desktop-vm-host"


def test_a_running_engine_beside_a_desktop_relaxes_nothing() -> None:
    assert derive(host(enabled=DESKTOP, processes=runs("dockerd", "/usr/bin/dockerd")))["role"] == "server"
    assert derive(host(enabled=DESKTOP, processes=runs("dockerd", "/usr/bin/sudo")))["role"] == "desktop-vm-host"
    assert isinstance(derive(host(enabled=DESKTOP, processes={"dockerd": incomplete({}, HIDDEN)}))["role"], Hole)


@pytest.mark.parametrize("folder", ["/etc/containers/systemd", "/run/containers/systemd", "/usr/share/containers/systemd"])
def test_containers_that_podman_starts_at_the_next_boot_beside_a_desktop_relax_nothing(folder: str) -> None:
    assert derive(host(enabled=DESKTOP, quadlets={folder: True}))["role"] == "server"
    assert isinstance(derive(host(enabled=DESKTOP, quadlets={folder: HIDDEN}))["role"], Hole)
    assert derive(host(quadlets={folder: True}))["role"] == derive(host(quadlets={folder: HIDDEN}))["role"] == "server"


ROOTLESS = "/run/user/1004/docker.sock"
LISTENS = {"named": "docker", "owner_uid": 1004, "listening": True}
PROGRAM = {"1004": {"/usr/bin/dockerd": {"engine": "docker"}}}


@pytest.mark.parametrize("users", [{"programs": PROGRAM, "sockets": {}}, {"programs": {}, "sockets": {ROOTLESS: LISTENS}}])
def test_an_engine_of_a_user_beside_a_desktop_relaxes_nothing(users: dict[str, Json]) -> None:
    """Its containers run on this kernel."""
    assert derive(host(enabled=DESKTOP), users=users)["role"] == "server"
    assert derive(host(enabled={**DESKTOP, **NODE}), users=users)["role"] == "cluster-node"


@pytest.mark.parametrize(
    "sockets",
    [{ROOTLESS: {**LISTENS, "listening": False}}, {"/home/ann/.docker/desktop/docker.sock": LISTENS}, {"/run/user/1000/podman/dev-api.sock": LISTENS}],
)
def test_a_virtual_machine_of_a_user_and_a_socket_that_was_left_behind_are_no_engine(sockets: dict[str, Json]) -> None:
    assert derive(host(enabled=DESKTOP), users={"programs": {}, "sockets": sockets})["role"] == "desktop-vm-host"


@pytest.mark.parametrize(
    "users",
    [
        HIDDEN,
        {"programs": incomplete({}, HIDDEN), "sockets": {}},
        {"programs": {}, "sockets": incomplete({}, HIDDEN)},
        {"programs": {}, "sockets": {ROOTLESS: {**LISTENS, "listening": HIDDEN}}},
        {"programs": {}, "sockets": {ROOTLESS: HIDDEN}},
    ],
)
def test_engines_of_users_that_are_not_known_matter_only_beside_a_desktop(users: Json) -> None:
    assert isinstance(derive(host(enabled=DESKTOP), users=users)["role"], Hole)
    assert derive(host(), users=users)["role"] == "server"


MACHINE = "/home/ann/.docker/desktop/docker.sock"


@pytest.mark.parametrize("target", [MACHINE, "/home/ann/.colima/default/docker.sock", "/run/user/1000/podman/dev-api.sock"])
def test_roots_link_to_a_users_machine_is_no_engine(target: str) -> None:
    machine = {"/run/docker.sock": link(target)}
    assert derive(host(enabled=DESKTOP, paths=machine, hardware={"chassis_type": 9}))["role"] == "desktop-vm-host"
    assert derive(host(enabled=DESKTOP, paths=machine, processes=runs("dockerd", "/usr/bin/dockerd")))["role"] == "server"
    assert isinstance(derive(host(enabled=DESKTOP, paths=machine, processes={"dockerd": incomplete({}, HIDDEN)}))["role"], Hole)


@pytest.mark.parametrize(
    "place",
    [
        {**link(MACHINE), "root_owned": False},
        link("/home/ann/docker.sock"),
        link("/run/podman/podman.sock"),
        {**OURS, "type": "socket"},
        {"present": True, "type": "link", "root_owned": HIDDEN, "target": MACHINE},
    ],
)
def test_whatever_else_stands_at_the_path_of_an_engine_may_be_one(place: dict[str, Any]) -> None:
    role = derive(host(enabled=DESKTOP, paths={"/run/docker.sock": place}))["role"]
    assert isinstance(role, Hole) or role == "server"


def test_a_hidden_sign_hides_the_role_with_its_cause() -> None:
    told = derive(host(enabled={f"{WANTS}/kubelet.service": HIDDEN}, hardware={"chassis_type": 9}))
    assert told["role"] == told["detected"] == HIDDEN
    assert told["evidence"] == []
    assert isinstance(told["evidence"], OpenArray)


def test_a_hidden_sign_of_a_lower_role_hides_nothing() -> None:
    told = derive(host(enabled={**NODE, f"{WANTS}/gitlab-runner.service": HIDDEN}, hardware=HIDDEN))
    assert (told["role"], told["evidence"], isinstance(told["evidence"], OpenArray)) == ("cluster-node", [f"enabled {WANTS}/kubelet.service"], False)


def test_units_that_cannot_be_listed_hide_the_role_unless_one_is_seen_that_comes_first() -> None:
    assert isinstance(derive(host(enabled=incomplete({}, HIDDEN)))["role"], Hole)
    assert isinstance(derive(host(enabled=incomplete({f"{WANTS}/jenkins.service": STARTS}, HIDDEN)))["role"], Hole)
    told = derive(host(enabled=incomplete({f"{WANTS}/lima-guestagent.service": STARTS}, HIDDEN)))
    assert (told["role"], isinstance(told["evidence"], OpenArray)) == ("desktop-vm-guest", True)


def test_hidden_processes_matter_only_where_what_is_enabled_does_not_decide() -> None:
    hidden = {name: incomplete({}, HIDDEN) for name in SIGNALS["processes"]["properties"]}
    assert isinstance(derive(host(processes=hidden))["role"], Hole)
    node = derive(host(processes={**hidden, "multipassd": {}}, enabled=NODE))
    assert (node["role"], node["evidence"]) == ("cluster-node", [f"enabled {WANTS}/kubelet.service"])
    assert isinstance(node["evidence"], OpenArray)


@pytest.mark.parametrize(
    ("signs", "kind"),
    [
        ({"paths": {"/etc/podman-machine": UNIT}, "release": "5.15.1-microsoft-standard-WSL2"}, "podman-machine"),
        ({"mounts": {"/mnt/wsl": {"present": True, "fstype": "tmpfs"}}}, "wsl"),
        ({"release": "6.10.14-linuxkit"}, "docker-desktop"),
        ({"mounts": {"/mnt/lima-cidata": {"present": True, "fstype": "iso9660"}}}, "lima"),
    ],
)
def test_a_guest_is_named_after_its_product(signs: dict[str, Any], kind: str) -> None:
    assert derive(host(**signs))["guest"] == {"kind": kind}


def test_a_guest_whose_product_is_not_known_is_still_a_guest() -> None:
    told = derive(host(paths={"/etc/podman-machine": HIDDEN}, mounts={"/mnt/wsl": {"present": True, "fstype": "tmpfs"}}))
    assert (told["role"], told["guest"]["kind"]) == ("desktop-vm-guest", HIDDEN)


def test_a_container_has_no_role_of_a_host_but_one_that_is_given() -> None:
    told = derive(host(inside=True, enabled=NODE, hardware={"chassis_type": 9}))
    assert isinstance(told["role"], Hole) and told["role"].why is Why.UNSUPPORTED
    assert told["container"] is True
    assert derive(host(inside=True), "server")["role"] == "server"
    assert isinstance(derive(host(inside=HIDDEN))["role"], Hole)
    assert derive(host(inside=HIDDEN))["container"] == HIDDEN


@pytest.mark.parametrize("role", ROLES)
def test_a_given_role_overrides_and_says_so(role: str) -> None:
    told = derive(host(enabled=NODE), role)
    assert told == {
        "role": role,
        "source": "override",
        "detected": "cluster-node",
        "evidence": ["--role", f"enabled {WANTS}/kubelet.service"],
        "guest": {"kind": "none"},
        "container": False,
    }


@pytest.mark.parametrize("facts", [HIDDEN, host(userns=False), host(mounts={"/mnt/wsl": HIDDEN})])
def test_a_given_role_holds_where_none_can_be_detected(facts: Json) -> None:
    told = derive(facts, "server")
    assert told["role"] == "server"
    assert isinstance(told["detected"], Hole)
    assert (told["evidence"], isinstance(told["evidence"], OpenArray)) == (["--role"], True)


def test_inside_a_user_namespace_no_owner_is_believed() -> None:
    told = derive(host(userns=False, enabled=NODE))
    assert told["role"].at == "host/scan/init_userns"
    assert "--role" in told["role"].message


def places(value: Json, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places of a document, outermost first."""
    yield at
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*at, key))


def hide(value: Json, hidden: set[tuple[Any, ...]], opened: set[tuple[Any, ...]], at: tuple[Any, ...] = ()) -> Json:
    """Return the document with holes at `hidden`, and without the members of what is `opened`."""
    if at in hidden:
        return HIDDEN
    if not isinstance(value, dict):
        return value
    members = {key: hide(item, hidden, opened, (*at, key)) for key, item in value.items()}
    return incomplete({}, HIDDEN) if at in opened else members


def agree(old: Json, new: Json) -> bool:
    """Say whether `new` says nothing that `old` does not."""
    if isinstance(new, Hole):
        return True
    if isinstance(new, dict):
        return old.keys() == new.keys() and all(agree(old[key], new[key]) for key in new)
    if isinstance(new, OpenArray):
        return set(new) <= set(old)
    return bool(old == new)


PLACE = st.sampled_from([ABSENT, OURS, ANNS, link("/dev/null"), link("/usr/lib/systemd/system/multi-user.target")])
PROGRAMS = st.dictionaries(
    st.sampled_from(["/usr/bin/kubelet", "/usr/bin/sudo", "/usr/bin/dockerd"]), st.fixed_dictionaries({"root_owned": st.booleans()}), max_size=2
)


def some_of(names: Any, values: Any) -> Any:
    return st.dictionaries(st.sampled_from(sorted(names)), values, max_size=3)


HOSTS = st.builds(
    lambda **signs: host(**signs),
    release=st.sampled_from(["6.1.0", "6.1.0", "6.1.0-linuxkit", "5.15.1-microsoft-standard-WSL2"]),
    userns=st.sampled_from([True, True, True, False]),
    paths=some_of(SIGNALS["paths"]["properties"], PLACE),
    quadlets=some_of(SIGNALS["quadlets"]["properties"], st.booleans()),
    inside=st.sampled_from([False, False, False, True]),
    enabled=some_of(
        [*(f"{WANTS}/{name}.service" for name in ("jenkins", "kubelet", "docker", "snap.multipass.multipassd", "lima-guestagent", "ready")), DISPLAY],
        st.fixed_dictionaries({"root_owned": st.booleans(), "unit": PLACE}),
    ),
    mounts=some_of(SIGNALS["mounts"]["properties"], st.just({"present": True, "fstype": "tmpfs"})),
    processes=some_of(["kubelet", "dockerd", "gitlab-runner"], PROGRAMS),
    hardware=st.sampled_from([{}, {"chassis_type": 1}, {"chassis_type": 9}]),
)
DYNAMIC = (("signals", "enabled"), *(("signals", "processes", name) for name in SIGNALS["processes"]["properties"]))


@given(HOSTS, st.sampled_from([None, "server", "desktop-vm-guest"]), st.data())
def test_hiding_changes_no_role(facts: Json, role: str | None, data: st.DataObject) -> None:
    whole = derive(facts, role)
    hidden = data.draw(st.sets(st.sampled_from(list(places(facts))), max_size=4))
    opened = data.draw(st.sets(st.sampled_from(DYNAMIC), max_size=2))
    assert agree(whole, derive(hide(facts, hidden, opened), role))


@given(HOSTS)
def test_hiding_any_one_fact_changes_no_role(facts: Json) -> None:
    whole = derive(facts)
    assert all(agree(whole, derive(hide(facts, {place}, set()))) for place in places(facts))


ANNS_START = st.sampled_from([{"root_owned": False, "unit": UNIT}, {"root_owned": True, "unit": ANNS}])


@given(HOSTS, some_of(SIGNALS["paths"]["properties"], st.just(ANNS)), some_of([f"{WANTS}/jenkins2.service", f"{WANTS}/k3s.service"], ANNS_START))
def test_what_is_not_roots_changes_no_role(facts: Json, paths: dict[str, Json], enabled: dict[str, Json]) -> None:
    signals = facts["signals"]
    # An engine's socket counts whoever owns it: it only keeps a role from relaxing, and lies where only root can put it.
    mine = {path: place for path, place in paths.items() if signals["paths"][path] == ABSENT and path not in analysis.ENGINES}
    planted = {**facts, "signals": {**signals, "paths": {**signals["paths"], **mine}, "enabled": {**signals["enabled"], **enabled}}}
    assert derive(planted) == derive(facts)


ROOT = (0, 0, 0, 0)
SYSTEM: dict[str, Any] = {
    "/proc/self/status": "Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nCapEff:\t{caps}\nNoNewPrivs:\t0\n",
    "/proc/self/mountinfo": "22 27 0:21 / /proc rw - proc proc rw{hidepid}\n27 1 254:0 / / rw - ext4 /dev/vda rw\n",
    "/proc/sys/kernel/osrelease": "6.12.9\n",
    "/sys/kernel/x": "",
}


def scan(
    uid: int, hidepid: str = "", kubelet: tuple[int, ...] = ROOT, files: tuple[str, ...] = (), anns: tuple[str, ...] = (), units: tuple[str, ...] = ()
) -> Any:
    """Return the role that a scan as `uid` finds on a host with a process called kubelet and with `units` that are enabled."""
    caps = "000001ffffffffff" if uid == 0 else "0"
    content = {path: text.format(uid=uid, caps=caps, hidepid=hidepid) for path, text in SYSTEM.items()}
    uids = (kubelet[0], kubelet[1], kubelet[2], kubelet[3])
    seen = [
        Process(pid=pid, ppid=0, name=name, uids=who, gids=who, groups=(), cap_effective=0, exe=f"/usr/bin/{name}", host_mounts=True)
        for pid, name, who in ((1, "systemd", ROOT), (7, "kubelet", uids))
    ]
    if uid != 0 and hidepid:
        seen = [one for one in seen if one.uids[0] == uid]
    owned = {path: Stat(type="dir", uid=1000, gid=1000, mode=0o755) for path in anns}
    links = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]"}
    content |= {f"/usr/lib/systemd/system/{name}.service": "[Service]" for name in units}
    links |= {f"{WANTS}/{name}.service": f"/usr/lib/systemd/system/{name}.service" for name in units}
    made = MemoryHost({**content, **{f"{path}/x": "" for path in (*files, *anns)}}, stats=owned, links=links, processes=seen)
    if uid != 0:
        made.process = refuse  # type: ignore[method-assign]
    return derive(probe.collect(made))["role"]


def refuse(pid: int) -> Process:
    raise PermissionError(13, "Permission denied", f"/proc/{pid}/exe")


ANN = (1000, 1000, 1000, 1000)


def test_root_and_ann_see_one_role_or_ann_sees_none() -> None:
    assert scan(0, kubelet=ANN) == scan(1000, kubelet=ANN) == "server"
    assert scan(0) == "cluster-node"
    assert isinstance(scan(1000), Hole)
    assert scan(0, units=("kubelet",)) == scan(1000, kubelet=ANN, units=("kubelet",)) == "cluster-node"


def test_hidepid_costs_ann_the_role_where_nothing_enabled_tells_it() -> None:
    hidden = ",hidepid=2"
    assert scan(0, hidden) == "cluster-node"
    assert scan(0, hidden, kubelet=ANN) == "server"
    assert isinstance(scan(1000, hidden, kubelet=ANN), Hole)
    assert scan(1000, hidden, kubelet=ANN, units=("lima-guestagent",)) == "desktop-vm-guest"


LEFT_OVER = (
    *("/opt/docker-desktop", "/opt/rancher-desktop", "/opt/orbstack-guest", "/var/snap/multipass", "/usr/lib/systemd/user/docker-desktop.service"),
    *("/run/WSL", "/run/host-services", "/run/lima-boot-done", "/mnt/wsl", "/mnt/lima-cidata", "/etc/podman-machine", "/etc/containers/podman-machine"),
    *("/etc/kubernetes", "/etc/rancher", "/var/lib/k0s", "/var/lib/kubelet", "/var/lib/rancher", "/var/snap/microk8s", "/etc/gitlab-runner"),
    *("/etc/systemd/system/jenkins.service", "/usr/lib/systemd/system/kubelet.service", "/etc/buildkite-agent"),
)


@pytest.mark.parametrize("uid", [0, 1000])
@pytest.mark.parametrize("path", LEFT_OVER)
def test_what_root_left_behind_is_no_role(path: str, uid: int) -> None:
    assert scan(uid, kubelet=ANN, files=(path,)) == "server"


def test_a_link_that_outlived_its_unit_is_no_role() -> None:
    assert scan(0, kubelet=ANN, files=(f"{WANTS}/gitlab-runner.service", "/etc/runlevels/default/kubelet")) == "server"


@pytest.mark.parametrize("uid", [0, 1000])
def test_ann_cannot_make_a_role(uid: int) -> None:
    theirs = ("/home/ann/.lima", "/home/ann/.docker/desktop", "/opt/docker-desktop", "/var/lib/kubelet", "/etc/gitlab-runner")
    assert scan(uid, kubelet=ANN, anns=theirs) == "server"
    assert scan(uid, kubelet=(1000, 0, 0, 0)) == "server"


def test_this_machine_has_a_role() -> None:
    told = derive(probe.collect(LocalHost()))
    assert isinstance(told["role"], Hole) or told["role"] in ROLES
    assert told["guest"]["kind"] != "lima"
