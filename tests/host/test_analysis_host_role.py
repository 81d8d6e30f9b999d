import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.answers import Process, Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import ROLES, Hole, Json, OpenArray, Why, incomplete
from hostcheck.schema import check, compile_schema
from hostcheck.view import View
from hostcheck_builtin.host import analysis_host_role as analysis
from hostcheck_builtin.host import probe_host as probe

SCHEMA = json.loads((Path(analysis.__file__).parent / "analysis_host_role.facts.json").read_text(encoding="utf-8"))
OBEYS = compile_schema(SCHEMA)
HOST = json.loads((Path(probe.__file__).parent / "probe_host.facts.json").read_text(encoding="utf-8"))
SIGNALS = HOST["properties"]["signals"]["properties"]
HIDDEN = Hole(why=Why.DENIED, message="hidden")
ABSENT = {"present": False}
OURS = {"present": True, "type": "dir", "root_owned": True}
ANNS = {"present": True, "type": "dir", "root_owned": False}


def link(target: str) -> dict[str, Any]:
    return {"present": True, "type": "link", "root_owned": True, "target": target}


def host(release: str = "6.12.9-amd64", userns: bool = True, **signs: Mapping[str, Json]) -> dict[str, Any]:
    """Make the facts of the probe `host` that the analysis reads; what is not given is absent."""
    signals = {
        "paths": {**{path: ABSENT for path in SIGNALS["paths"]["properties"]}, **signs.get("paths", {})},
        "units": signs.get("units", {}),
        "mounts": {**{point: ABSENT for point in SIGNALS["mounts"]["properties"]}, **signs.get("mounts", {})},
        "processes": {**{name: {} for name in SIGNALS["processes"]["properties"]}, **signs.get("processes", {})},
    }
    return {"scan": {"init_userns": userns}, "kernel": {"release": release}, "hardware": signs.get("hardware", {}), "signals": signals}


def derive(facts: Json, role: str | None = None) -> Any:
    told = analysis.derive(View({"host": facts}), {} if role is None else {"role": role})
    assert OBEYS(told) is not False
    return told


def runs(name: str, program: str, root_owned: Any = True) -> dict[str, Json]:
    return {name: {program: {"root_owned": root_owned}}}


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
    }


CASES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"release": "5.15.153.1-microsoft-standard-WSL2"}, "desktop-vm-guest", ["kernel 5.15.153.1-microsoft-standard-WSL2"]),
    ({"release": "4.4.0-19041-Microsoft"}, "desktop-vm-guest", ["kernel 4.4.0-19041-Microsoft"]),
    ({"release": "6.10.14-linuxkit"}, "desktop-vm-guest", ["kernel 6.10.14-linuxkit"]),
    ({"release": "6.11.10-orbstack-00280-g9a0ff4"}, "desktop-vm-guest", ["kernel 6.11.10-orbstack-00280-g9a0ff4"]),
    ({"paths": {"/etc/containers/podman-machine": OURS}}, "desktop-vm-guest", ["/etc/containers/podman-machine"]),
    ({"paths": {"/run/lima-boot-done": OURS, "/var/lib/kubelet": OURS}}, "desktop-vm-guest", ["/run/lima-boot-done"]),
    ({"mounts": {"/mnt/wsl": {"present": True, "fstype": "tmpfs"}}}, "desktop-vm-guest", ["mount /mnt/wsl"]),
    ({"paths": {"/opt/docker-desktop": OURS}}, "desktop-vm-host", ["/opt/docker-desktop"]),
    ({"paths": {"/var/snap/multipass": OURS, "/etc/gitlab-runner": OURS}}, "desktop-vm-host", ["/var/snap/multipass"]),
    ({"paths": {"/etc/kubernetes": OURS, "/etc/gitlab-runner": OURS}}, "cluster-node", ["/etc/kubernetes"]),
    ({"processes": runs("kubelet", "/usr/bin/kubelet")}, "cluster-node", ["process kubelet"]),
    ({"processes": runs("k3s-server", "/usr/local/bin/k3s")}, "cluster-node", ["process k3s-server"]),
    ({"paths": {"/etc/gitlab-runner": OURS}, "hardware": {"chassis_type": 9}}, "ci-runner", ["/etc/gitlab-runner"]),
    ({"units": {"/etc/systemd/system/actions.runner.x.service": OURS}}, "ci-runner", ["/etc/systemd/system/actions.runner.x.service"]),
    ({"hardware": {"chassis_type": 10}}, "workstation", ["chassis 10"]),
    (
        {"paths": {"/etc/systemd/system/display-manager.service": link("/usr/lib/systemd/system/gdm.service")}},
        "workstation",
        ["/etc/systemd/system/display-manager.service"],
    ),
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
        {"paths": {"/etc/systemd/system/display-manager.service": link("/dev/null")}},
        {
            "paths": {
                "/etc/systemd/system/display-manager.service": link("gdm.service"),
                analysis.DEFAULT_TARGET: link("/usr/lib/systemd/system/multi-user.target"),
            }
        },
        {"units": {"/etc/systemd/system/jenkins.service": link("/dev/null"), "/etc/systemd/system/gitlab-runner.service": ANNS}},
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
        assert derive(host(paths={"/opt/docker-desktop": OURS, engine: place}, hardware={"chassis_type": 9}))["role"] == "workstation"
    assert isinstance(derive(host(paths={"/opt/docker-desktop": OURS, engine: HIDDEN}))["role"], Hole)
    assert derive(host(paths={engine: HIDDEN}))["role"] == "server"


def test_a_running_engine_beside_a_desktop_relaxes_nothing() -> None:
    desktop = {"/opt/docker-desktop": OURS}
    assert derive(host(paths=desktop, processes=runs("dockerd", "/usr/bin/dockerd")))["role"] == "server"
    assert derive(host(paths=desktop, processes=runs("dockerd", "/usr/bin/sudo")))["role"] == "desktop-vm-host"
    assert isinstance(derive(host(paths=desktop, processes={"dockerd": incomplete({}, HIDDEN)}))["role"], Hole)


MACHINE = "/home/ann/.docker/desktop/docker.sock"


@pytest.mark.parametrize("target", [MACHINE, "/home/ann/.colima/default/docker.sock", "/run/user/1000/podman/dev-api.sock"])
def test_roots_link_to_a_users_machine_is_no_engine(target: str) -> None:
    desktop = {"/opt/docker-desktop": OURS, "/run/docker.sock": link(target)}
    assert derive(host(paths=desktop, hardware={"chassis_type": 9}))["role"] == "desktop-vm-host"
    assert derive(host(paths=desktop, processes=runs("dockerd", "/usr/bin/dockerd")))["role"] == "server"
    assert isinstance(derive(host(paths=desktop, processes={"dockerd": incomplete({}, HIDDEN)}))["role"], Hole)


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
    role = derive(host(paths={"/opt/docker-desktop": OURS, "/run/docker.sock": place}))["role"]
    assert isinstance(role, Hole) or role == "server"


def test_a_hidden_sign_hides_the_role_with_its_cause() -> None:
    told = derive(host(paths={"/var/lib/kubelet": HIDDEN}, hardware={"chassis_type": 9}))
    assert told["role"] == told["detected"] == HIDDEN
    assert told["evidence"] == []
    assert isinstance(told["evidence"], OpenArray)


def test_a_hidden_sign_of_a_lower_role_hides_nothing() -> None:
    told = derive(host(paths={"/etc/kubernetes": OURS, "/etc/gitlab-runner": HIDDEN}, hardware=HIDDEN))
    assert (told["role"], told["evidence"], isinstance(told["evidence"], OpenArray)) == ("cluster-node", ["/etc/kubernetes"], False)


def test_units_that_cannot_be_listed_hide_the_role_unless_one_is_seen() -> None:
    assert isinstance(derive(host(units=incomplete({}, HIDDEN)))["role"], Hole)
    told = derive(host(units=incomplete({"/etc/systemd/system/jenkins.service": OURS}, HIDDEN)))
    assert (told["role"], isinstance(told["evidence"], OpenArray)) == ("ci-runner", True)


def test_hidden_processes_matter_only_where_files_do_not_decide() -> None:
    hidden = {name: incomplete({}, HIDDEN) for name in SIGNALS["processes"]["properties"]}
    assert isinstance(derive(host(processes=hidden))["role"], Hole)
    node = derive(host(processes=hidden, paths={"/var/lib/kubelet": OURS}))
    assert (node["role"], node["evidence"]) == ("cluster-node", ["/var/lib/kubelet"])
    assert isinstance(node["evidence"], OpenArray)


@pytest.mark.parametrize(
    ("signs", "kind"),
    [
        ({"paths": {"/etc/podman-machine": OURS}, "release": "5.15.1-microsoft-standard-WSL2"}, "podman-machine"),
        ({"paths": {"/run/WSL": OURS}}, "wsl"),
        ({"paths": {"/run/host-services": OURS}}, "docker-desktop"),
        ({"mounts": {"/mnt/lima-cidata": {"present": True, "fstype": "iso9660"}}}, "lima"),
    ],
)
def test_a_guest_is_named_after_its_product(signs: dict[str, Any], kind: str) -> None:
    assert derive(host(**signs))["guest"] == {"kind": kind}


def test_a_guest_whose_product_is_not_known_is_still_a_guest() -> None:
    told = derive(host(paths={"/opt/orbstack-guest": HIDDEN, "/run/WSL": OURS}))
    assert (told["role"], told["guest"]["kind"]) == ("desktop-vm-guest", HIDDEN)


@pytest.mark.parametrize("role", ROLES)
def test_a_given_role_overrides_and_says_so(role: str) -> None:
    told = derive(host(paths={"/etc/kubernetes": OURS}), role)
    assert told == {
        "role": role,
        "source": "override",
        "detected": "cluster-node",
        "evidence": ["--role", "/etc/kubernetes"],
        "guest": {"kind": "none"},
    }


@pytest.mark.parametrize("facts", [HIDDEN, host(userns=False), host(paths={"/run/WSL": HIDDEN})])
def test_a_given_role_holds_where_none_can_be_detected(facts: Json) -> None:
    told = derive(facts, "server")
    assert told["role"] == "server"
    assert isinstance(told["detected"], Hole)
    assert (told["evidence"], isinstance(told["evidence"], OpenArray)) == (["--role"], True)


def test_inside_a_user_namespace_no_owner_is_believed() -> None:
    told = derive(host(userns=False, paths={"/etc/kubernetes": OURS}))
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
    units=some_of(["/etc/systemd/system/jenkins.service", "/etc/systemd/system/actions.runner.x.service"], PLACE),
    mounts=some_of(SIGNALS["mounts"]["properties"], st.just({"present": True, "fstype": "tmpfs"})),
    processes=some_of(["kubelet", "dockerd", "gitlab-runner"], PROGRAMS),
    hardware=st.sampled_from([{}, {"chassis_type": 1}, {"chassis_type": 9}]),
)
DYNAMIC = (("signals", "units"), *(("signals", "processes", name) for name in SIGNALS["processes"]["properties"]))


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


@given(HOSTS, some_of(SIGNALS["paths"]["properties"], st.just(ANNS)), some_of(["/etc/systemd/system/jenkins2.service"], st.just(ANNS)))
def test_what_is_not_roots_changes_no_role(facts: Json, paths: dict[str, Json], units: dict[str, Json]) -> None:
    signals = facts["signals"]
    # An engine's socket counts whoever owns it: it only keeps a role from relaxing, and lies where only root can put it.
    mine = {path: place for path, place in paths.items() if signals["paths"][path] == ABSENT and path not in analysis.ENGINES}
    planted = {**facts, "signals": {**signals, "paths": {**signals["paths"], **mine}, "units": {**signals["units"], **units}}}
    assert derive(planted) == derive(facts)


ROOT = (0, 0, 0, 0)
SYSTEM: dict[str, Any] = {
    "/proc/self/status": "Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nCapEff:\t{caps}\nNoNewPrivs:\t0\n",
    "/proc/self/mountinfo": "22 27 0:21 / /proc rw - proc proc rw{hidepid}\n27 1 254:0 / / rw - ext4 /dev/vda rw\n",
    "/proc/sys/kernel/osrelease": "6.12.9\n",
    "/sys/kernel/x": "",
}


def scan(uid: int, hidepid: str = "", kubelet: tuple[int, ...] = ROOT, files: tuple[str, ...] = (), anns: tuple[str, ...] = ()) -> Any:
    """Return the role that a scan as `uid` finds on a host with a process called kubelet."""
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
    assert scan(0, files=("/var/lib/kubelet",)) == scan(1000, files=("/var/lib/kubelet",)) == "cluster-node"


def test_hidepid_costs_ann_the_role_where_no_file_tells_it() -> None:
    hidden = ",hidepid=2"
    assert scan(0, hidden) == "cluster-node"
    assert scan(0, hidden, kubelet=ANN) == "server"
    assert isinstance(scan(1000, hidden, kubelet=ANN), Hole)
    assert scan(1000, hidden, kubelet=ANN, files=("/run/WSL",)) == "desktop-vm-guest"


@pytest.mark.parametrize("uid", [0, 1000])
def test_ann_cannot_make_a_role(uid: int) -> None:
    theirs = ("/home/ann/.lima", "/home/ann/.docker/desktop", "/opt/docker-desktop", "/var/lib/kubelet", "/etc/gitlab-runner")
    assert scan(uid, kubelet=ANN, anns=theirs) == "server"
    assert scan(uid, kubelet=(1000, 0, 0, 0)) == "server"


def test_this_machine_has_a_role() -> None:
    told = derive(probe.collect(LocalHost()))
    assert isinstance(told["role"], Hole) or told["role"] in ROLES
    assert told["guest"]["kind"] != "lima"
