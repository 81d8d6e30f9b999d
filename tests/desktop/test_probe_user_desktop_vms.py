"""Virtual machines in homes: every product, what each file says, and what a user may plant in the place of one."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import macos

from hostcheck.host import LimitExceeded, Peer, Process, Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.desktop import probe_user_desktop_vms as probe
from hostcheck_builtin.desktop import products
from hostcheck_builtin.system import home_dir

SCHEMA = json.loads((Path(probe.__file__).parent / "probe_user_desktop_vms.facts.json").read_text(encoding="utf-8"))
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
SERVED = TABLE + "30 27 0:50 / /home rw - nfs4 server:/home rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\nbin:x:2:2::/bin:/bin/sh\n"
ANN = "/home/ann"
LIMA = 'mounts:\n- location: "~"\n- location: "/tmp/lima"\n  writable: true\n'
GIVEN = {ANN: (False, "home"), "/tmp/lima": (True, "part")}
PODMAN = {
    "Name": "dev",
    "HostUser": {"Rootful": False, "UID": 1000},
    "Mounts": [{"Source": ANN, "Target": ANN, "ReadOnly": False}, {"Source": "/srv", "Target": "/srv", "ReadOnly": True}],
}
DESKTOP = {f"{ANN}/.docker/desktop/settings-store.json": json.dumps({"FilesharingDirectories": ["$HOME", "/srv/data"], "ExposeDockerAPIOnTCP2375": True})}
PRODUCTS: dict[str, tuple[str, dict[str, str], str, Any]] = {
    "docker-desktop": (
        "desktop-linux",
        DESKTOP,
        f"{ANN}/.docker/desktop/docker.sock",
        {ANN: (True, "home"), "/srv/data": (True, "part")},
    ),
    "podman-machine": (
        "dev",
        {f"{ANN}/.config/containers/podman/machine/qemu/dev.json": json.dumps(PODMAN)},
        "/run/user/1000/podman/dev-api.sock",
        {ANN: (True, "home"), "/srv": (False, "part")},
    ),
    "orbstack": ("orbstack", {f"{ANN}/.orbstack/x": ""}, f"{ANN}/.orbstack/run/docker.sock", None),
    "colima": ("default", {f"{ANN}/.colima/_lima/colima/lima.yaml": LIMA}, f"{ANN}/.colima/default/docker.sock", GIVEN),
    "lima": ("work", {f"{ANN}/.lima/work/lima.yaml": LIMA}, f"{ANN}/.lima/work/sock/docker.sock", {ANN: (False, "home"), "/tmp/lima": (True, "part")}),
    "rancher-desktop": (
        "rancher-desktop",
        {f"{ANN}/.local/share/rancher-desktop/lima/0/lima.yaml": "mounts:\n- location: /\n  writable: true\n", f"{ANN}/.rd/bin/rdctl": ""},
        f"{ANN}/.rd/docker.sock",
        {"/": (True, "root")},
    ),
}
"""Name, files, socket and shares of each product on Linux."""


def owned(kind: str, uid: int = 1000, mode: int = 0o755) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def process(pid: int, uid: int, name: str = "x", exe: str = "/usr/bin/x", host: bool | None = True) -> Process:
    return Process(pid=pid, ppid=1, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=host)


def belongs(paths: Any, uid: int = 1000) -> dict[str, Stat]:
    """Return everything below a home as the user's."""
    found: dict[str, Stat] = {}
    for path in paths:
        if path.startswith(("/home/", "/run/user/")):
            found[path] = owned("socket" if path.endswith(".sock") else "file", uid)
            while (path := path.rpartition("/")[0]).count("/") > 2:
                found[path] = owned("dir", uid)
    return found


def host(
    files: dict[str, Any] | None = None,
    *,
    kind: Any = MemoryHost,
    caps: int = 1 << 1,
    table: Any = TABLE,
    stats: dict[str, Stat] | None = None,
    sockets: Any = (),
    listening: bool = True,
    peer: Any = None,
    **more: Any,
) -> Any:
    usual: dict[str, Any] = {"/etc/passwd": PASSWD, "/proc/self/mountinfo": table, "/proc/self/status": f"Name:\tx\nCapEff:\t{caps:016x}\n"}
    usual |= {"/proc/net/unix": "Num\n", "/bin/sh": ""}
    homes = {ANN: owned("dir", 1000, 0o700), "/home/bob": owned("dir", 1001, 0o700)}
    peers = {path: peer or Peer(pid=7, uid=1000, gid=1000) for path in sockets} if listening else {}
    owners = belongs((*(files or {}), *sockets))
    given = {path: text for path, text in {**usual, **(files or {})}.items() if text is not None}
    return kind(given, stats={**homes, **owners, **(stats or {})}, peers=peers, **more)


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe.collect, host(*args, **kwargs))
    assert compile_schema(SCHEMA)(told) is not False, told
    return told["users"]


def shares(machine: Any) -> Any:
    told = machine["shares"]
    return told if isinstance(told, Hole) else {path: (one["writable"], one["holds"]) for path, one in told.items()}


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_user_desktop_vms.facts.json")


def test_who_has_nothing_is_not_named_and_asked_little() -> None:
    asked: list[str] = []

    class Counting(MemoryHost):
        def stat(self, path: str, *, follow: bool = True) -> Stat:
            asked.append(path)
            return super().stat(path, follow=follow)

        def processes(self) -> list[Process]:
            raise AssertionError("the processes were listed")

    told = facts({f"{ANN}/.bashrc": "", f"{ANN}/.docker/config.json": "{}", f"{ANN}/.config/x": "", "/home/bob/notes": ""}, kind=Counting)
    assert told == {} and not isinstance(told, OpenObject)
    assert len(asked) < 20, asked


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("running", [False, True])
def test_each_product_set_up_and_running(product: str, running: bool) -> None:
    name, files, socket, given = PRODUCTS[product]
    told = facts(files, sockets=[socket], listening=running)
    assert {uid: list(found) for uid, found in told.items()} == {"1000": [product]}
    machine = told["1000"][product][name]
    assert (machine["uid"], set(machine["sockets"])) == (1000, {socket})
    found = machine["sockets"][socket]
    assert (found["listening"], found["owner_uid"], found["realpath"]) == (running, 1000, socket)
    assert not running or found["peer"]["uid"] == 1000
    assert machine["evidence"] and all(any(path.startswith(shown) for path in files) for shown in machine["evidence"])
    if given is None:
        assert isinstance(machine["shares"], Hole) and machine["shares"].why is Why.UNSUPPORTED
    else:
        assert shares(machine) == given


@pytest.mark.parametrize("product", PRODUCTS)
def test_without_a_socket_there_is_none(product: str) -> None:
    name, files, _, _ = PRODUCTS[product]
    assert facts(files)["1000"][product][name]["sockets"] == {}


def test_every_product_is_tried() -> None:
    assert (
        set(PRODUCTS) == set(products.PRODUCTS) == set(macos.FILES) - {"multipass"} == set(SCHEMA["properties"]["users"]["additionalProperties"]["properties"])
    )


@pytest.mark.parametrize("product", products.PRODUCTS)
@pytest.mark.parametrize("running", [False, True])
def test_each_product_on_a_mac_made_by_hand(product: str, running: bool) -> None:
    told = stated(probe.collect, macos.mac(product, running=running))
    assert compile_schema(SCHEMA)(told) is not False
    users = told["users"]
    assert list(users) == ["501"] and not isinstance(users, OpenObject)
    assert list(users["501"]) == [product]
    (machine,) = users["501"][product].values()
    listener_of = {path: one["listening"] for path, one in machine["sockets"].items()}
    assert listener_of == ({macos.SOCKETS[product]: running} if product in macos.SOCKETS else {})
    wanted = {
        "docker-desktop": {"/Users": (True, "homes"), **dict.fromkeys(("/Volumes", "/private", "/tmp", "/var/folders"), (True, "part"))},
        "podman-machine": {"/Users": (True, "homes")},
        "orbstack": None,
    }
    told_shares = shares(machine)
    assert isinstance(told_shares, Hole) if product == "orbstack" else told_shares == (wanted.get(product) or {macos.HOME: (True, "home")})
    assert isinstance(machine["sockets"], OpenObject) == (product == "podman-machine")
    assert machine.get("rootful") is (True if product == "podman-machine" else None)


def test_what_the_files_of_a_machine_say_besides() -> None:
    machine = facts(PRODUCTS["docker-desktop"][1])["1000"]["docker-desktop"]["desktop-linux"]
    assert machine["exposes_tcp"] is True
    assert facts(PRODUCTS["podman-machine"][1])["1000"]["podman-machine"]["dev"]["rootful"] is False
    assert "exposes_tcp" not in facts({f"{ANN}/.docker/desktop/vms/x": ""})["1000"]["docker-desktop"]["desktop-linux"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, Why.UNSUPPORTED),
        ("{}", Why.UNSUPPORTED),
        ('{"FilesharingDirectories": ["$TMP"]}', Why.UNSUPPORTED),
        ('{"FilesharingDirectories": "/home"}', Why.NONSENSE),
        ('{"FilesharingDirectories": [1]}', Why.NONSENSE),
        ("[]", Why.NONSENSE),
        ("", Why.NONSENSE),
        ("{" * 100_000, Why.NONSENSE),
        ("x" * 300_000, Why.LIMIT),
        (PermissionError(13, "no"), Why.DENIED),
    ],
)
def test_shares_of_docker_desktop_that_are_not_known(content: Any, why: Why) -> None:
    path = f"{ANN}/.docker/desktop/settings-store.json"
    told = facts({f"{ANN}/.docker/desktop/x": ""} if content is None else {path: content})
    found = told["1000"]["docker-desktop"]["desktop-linux"]["shares"]
    assert isinstance(found, Hole) and found.why is why


def test_a_file_that_becomes_a_link_between_two_looks_is_not_followed() -> None:
    class Watched(MemoryHost):
        def read_bytes(self, path: str, *, follow: bool = True, **more: Any) -> bytes:
            assert not follow or not path.startswith("/home/"), path
            return super().read_bytes(path, follow=follow, **more)

    assert shares(facts(DESKTOP, kind=Watched)["1000"]["docker-desktop"]["desktop-linux"]) == PRODUCTS["docker-desktop"][3]


def test_sockets_of_one_user_that_do_not_answer_cost_no_other() -> None:
    """Three may keep the scanner waiting, then no more are asked."""
    silent = [f"{ANN}/.lima/a/sock/{number}.sock" for number in range(4)]
    other = "/home/bob/.lima/b/sock/1.sock"
    files = {f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", "/home/bob/.lima/b/lima.yaml": "mounts: []\n"}
    told = facts(files, sockets=[*silent, other], peer=TimeoutError("silence"), stats=belongs([other, "/home/bob/.lima/b/lima.yaml"], 1001))
    found = [socket["peer"].why for uid in ("1000", "1001") for machine in told[uid]["lima"].values() for socket in machine["sockets"].values()]
    assert found == [Why.TIMEOUT, Why.TIMEOUT, Why.TIMEOUT, Why.LIMIT, Why.TIMEOUT]


def test_what_stands_in_the_place_of_a_socket_listens_to_nobody() -> None:
    path = f"{ANN}/.docker/desktop/docker.sock"
    found = facts({**DESKTOP, path: ""}, stats={path: owned("file")})["1000"]["docker-desktop"]["desktop-linux"]["sockets"][path]
    assert (found["type"], found["activated"], found["listening"]) == ("file", False, False)


def test_colima_where_its_configuration_is() -> None:
    base = f"{ANN}/.config/colima"
    files = {
        f"{base}/_lima/colima/lima.yaml": LIMA,
        f"{base}/_lima/colima-work/lima.yaml": LIMA,
        f"{base}/_lima/_config/override.yaml": "mounts:\n- location: ~/x\n  writable: true\n",
    }
    sockets = [f"{base}/{name}" for name in ("docker.sock", "default/docker.sock", "default/containerd.sock", "work/docker.sock", "other/docker.sock")]
    told = facts(files, sockets=sockets)["1000"]["colima"]
    assert {name: set(one["sockets"]) for name, one in told.items()} == {"default": set(sockets[:3]), "work": {sockets[3]}}
    assert shares(told["work"]) == {**GIVEN, f"{ANN}/x": (True, "part")}
    assert told["work"]["evidence"] == [f"{base}/_lima/colima-work/lima.yaml"]


def test_rancher_desktop_whose_lima_is_elsewhere_has_shares_that_are_not_known() -> None:
    sock = f"{ANN}/.rd/docker.sock"
    told = facts({f"{ANN}/.rd/bin/rdctl": ""}, sockets=[sock])["1000"]["rancher-desktop"]
    assert list(told) == ["rancher-desktop"]
    one = told["rancher-desktop"]
    assert (one["evidence"], list(one["sockets"]), one["shares"].why) == ([f"{ANN}/.rd"], [sock], Why.UNSUPPORTED)


def test_what_else_is_in_a_directory_of_limas_is_no_machine() -> None:
    files = {f"{ANN}/.lima/{name}/lima.yaml": "mounts: []\n" for name in ("Xeno", "_disks", ".cache")}
    told = facts({**files, f"{ANN}/.lima/notes": "", f"{ANN}/.lima/empty/x": ""})["1000"]["lima"]
    assert list(told) == ["Xeno"] and "agent" not in told["Xeno"]


def test_as_many_machines_and_mounts_as_are_told() -> None:
    mounts = "mounts:\n" + "".join(f"- location: /srv/{index}\n" for index in range(home_dir.DIRECTORIES))
    files = {f"{ANN}/.lima/m{index:02}/lima.yaml": mounts for index in range(home_dir.EACH)}
    told = facts(files)["1000"]["lima"]
    assert len(told) == home_dir.EACH and not isinstance(told, OpenObject)
    assert len(told["m00"]["shares"]) == home_dir.DIRECTORIES and not isinstance(told["m00"]["shares"], OpenObject)
    assert isinstance(facts({**files, f"{ANN}/.lima/x/lima.yaml": ""})["1000"]["lima"], OpenObject)
    more = facts({f"{ANN}/.lima/a/lima.yaml": f"{mounts}- location: /srv/x\n"})["1000"]["lima"]["a"]["shares"]
    assert isinstance(more, Hole) and more.why is Why.LIMIT


def test_settings_of_before_and_of_a_directory_too_many() -> None:
    old = json.dumps({"filesharingDirectories": ["/home"], "exposeDockerAPIOnTCP2375": False})
    machine = facts({f"{ANN}/.docker/desktop/settings.json": old})["1000"]["docker-desktop"]["desktop-linux"]
    assert (shares(machine), machine["exposes_tcp"]) == ({"/home": (True, "homes")}, False)
    many = json.dumps({"FilesharingDirectories": [f"/d/{index}" for index in range(home_dir.DIRECTORIES + 1)]})
    found = facts({f"{ANN}/.docker/desktop/settings-store.json": many})["1000"]["docker-desktop"]["desktop-linux"]["shares"]
    assert isinstance(found, OpenObject) and len(found) == home_dir.DIRECTORIES


def test_a_location_that_hangs_on_the_machine_is_not_known() -> None:
    for location in ("/srv/{{.Name}}", "{{.Dir}}/x", "~bob"):
        found = facts({f"{ANN}/.lima/a/lima.yaml": f"mounts:\n- location: '{location}'\n"})["1000"]["lima"]["a"]["shares"]
        assert isinstance(found, Hole) and found.why is Why.UNSUPPORTED


@pytest.mark.parametrize(
    ("document", "why"),
    [({}, Why.UNSUPPORTED), ({"Mounts": {}}, Why.NONSENSE), ({"Mounts": [{"Target": "/x"}]}, Why.NONSENSE), ({"Mounts": [{"Source": "x"}]}, Why.UNSUPPORTED)],
)
def test_mounts_of_podman_that_are_not_known(document: Any, why: Why) -> None:
    machine = facts({f"{ANN}/.config/containers/podman/machine/qemu/dev.json": json.dumps(document)})["1000"]["podman-machine"]["dev"]
    assert isinstance(machine["shares"], Hole) and machine["shares"].why is why


def test_a_podman_machine_without_mounts_has_none_and_two_of_one_name_are_two() -> None:
    base = f"{ANN}/.config/containers/podman/machine"
    told = facts({f"{base}/qemu/dev.json": '{"Mounts": null}', f"{base}/wsl/dev.json": '{"Mounts": []}', f"{base}/port-alloc.dat": ""})
    assert {name: one["shares"] for name, one in told["1000"]["podman-machine"].items()} == {"dev": {}, "dev#2": {}}


def test_a_home_is_one_by_any_of_its_names() -> None:
    passwd = PASSWD.replace("/home/ann", "/u/ann")
    files = {
        "/etc/passwd": passwd,
        "/data/ann/.lima/a/lima.yaml": "mounts:\n- location: /u/ann\n- location: /data/ann\n- location: /u\n- location: /data/ann/x\n",
    }
    mine = {path: owned("dir") for path in ("/data/ann", "/data/ann/.lima", "/data/ann/.lima/a")} | {"/data/ann/.lima/a/lima.yaml": owned("file")}
    told = facts(files, links={"/u": "/data"}, stats=mine)["1000"]["lima"]["a"]
    assert shares(told) == {"/u/ann": (False, "home"), "/data/ann": (False, "home"), "/u": (False, "homes"), "/data/ann/x": (False, "part")}


def test_defaults_and_overrides_of_lima_count() -> None:
    base = f"{ANN}/.lima"
    files = {
        f"{base}/a/lima.yaml": LIMA,
        f"{base}/_config/default.yaml": "mounts:\n- location: /srv\n  writable: true\n- location: /tmp/lima\n",
        f"{base}/_config/override.yaml": 'mounts:\n- location: "{{.Home}}"\n  writable: true\n',
        f"{base}/_disks/lima.yaml": "mounts: []\n",
        f"{base}/not-a-machine/x": "",
    }
    told = facts(files)["1000"]["lima"]
    assert list(told) == ["a"]
    assert shares(told["a"]) == {ANN: (True, "home"), "/srv": (True, "part"), "/tmp/lima": (True, "part")}
    files[f"{base}/a/lima.yaml"] = "mounts:\n- location: /srv\n- location: /tmp/lima\n  writable: true\n"
    files[f"{base}/_config/default.yaml"] = "mounts:\n- location: /srv\n  writable: true\n- location: /tmp/lima\n  writable: false\n"
    assert shares(facts(files)["1000"]["lima"]["a"]) == {ANN: (True, "home"), "/srv": (True, "part"), "/tmp/lima": (True, "part")}
    files[f"{base}/_config/default.yaml"] = "mounts: *x\n"
    found = facts(files)["1000"]["lima"]["a"]["shares"]
    assert isinstance(found, Hole) and found.why is Why.UNSUPPORTED


@pytest.mark.parametrize(
    ("uid", "exe", "running"),
    [
        (1000, "/usr/bin/limactl", True),
        (1000, "/opt/l/limactl.ventura (deleted)", True),
        (1000, "/usr/bin/limactl (deleted)", True),
        (1001, "/usr/bin/limactl", False),
        (1000, "/usr/bin/sleep", False),
    ],
)
def test_lima_runs_where_its_pidfile_names_its_users_process(uid: int, exe: str, running: bool) -> None:
    files = {f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", f"{ANN}/.lima/a/ha.pid": "77\n"}
    agent = facts(files, processes=[process(77, uid, exe=exe)])["1000"]["lima"]["a"]["agent"]
    assert agent == {"pid": 77, "running": running, "exe": exe}
    assert facts(files, processes=[])["1000"]["lima"]["a"]["agent"] == {"pid": 77, "running": False}
    setuid = replace(process(77, 1000, exe="/usr/bin/limactl"), uids=(1000, 0, 1000, 1000))
    assert facts(files, processes=[setuid])["1000"]["lima"]["a"]["agent"]["running"] is False
    first = {f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", f"{ANN}/.lima/a/ha.pid": "1"}
    assert facts(first, processes=[process(1, 0, exe="/sbin/init")])["1000"]["lima"]["a"]["agent"] == {"pid": 1, "running": False, "exe": "/sbin/init"}


@pytest.mark.parametrize("content", ["", "x", "-3", "0", "9" * 30, "7\n8", b"\xff"])
def test_a_pidfile_that_names_no_process(content: str | bytes) -> None:
    files = {f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", f"{ANN}/.lima/a/ha.pid": content}
    assert isinstance(facts(files, processes=[])["1000"]["lima"]["a"]["agent"], Hole)


def test_two_profiles_that_colima_calls_alike_are_two() -> None:
    base = f"{ANN}/.colima/_lima"
    assert list(facts({f"{base}/{name}/lima.yaml": "mounts: []\n" for name in ("colima", "colima-default", "colima-work")})["1000"]["colima"]) == [
        "default",
        "default#2",
        "work",
    ]


def test_an_empty_directory_is_no_machine() -> None:
    assert facts(stats={f"{ANN}/.lima": owned("dir"), f"{ANN}/.colima": owned("dir"), f"{ANN}/.config/containers": owned("dir")}) == {}


@pytest.mark.parametrize("kind", ["fifo", "socket", "file", "char"])
@pytest.mark.parametrize("name", [".lima", ".docker/desktop", ".orbstack", ".rd", ".config/containers/podman/machine"])
def test_what_is_no_directory_is_no_machine(kind: str, name: str) -> None:
    assert facts(stats={f"{ANN}/{name}": owned(kind)}) == {}


@pytest.mark.parametrize("kind", ["fifo", "dir", "socket", "link"])
def test_what_is_no_file_is_not_read(kind: str) -> None:
    class Unread(MemoryHost):
        def read_bytes(self, path: str, **more: Any) -> bytes:
            assert not path.startswith("/home/"), path
            return super().read_bytes(path, **more)

    path = f"{ANN}/.docker/desktop/settings-store.json"
    links = {path: "/etc/shadow"} if kind == "link" else {}
    told = facts(kind=Unread, stats={f"{ANN}/.docker/desktop": owned("dir"), path: owned(kind)}, links=links)
    found = told["1000"]["docker-desktop"]["desktop-linux"]["shares"]
    assert isinstance(found, Hole) and found.why is Why.NONSENSE


@pytest.mark.parametrize("name", [".docker/desktop/settings-store.json", ".lima/a/lima.yaml", ".lima/a/ha.pid"])
def test_a_file_of_somebody_elses_is_not_read(name: str) -> None:
    """As a hard link to one, which takes no right to read it."""

    class Unread(MemoryHost):
        def read_bytes(self, path: str, **more: Any) -> bytes:
            assert not path.endswith(name), path
            return super().read_bytes(path, **more)

    files = {f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", f"{ANN}/{name}": "secret"}
    told = facts(files, kind=Unread, stats={f"{ANN}/{name}": owned("file", 0)})
    assert "secret" not in json.dumps(told, default=str)


def test_a_directory_that_is_a_link_or_somebody_elses_is_not_entered() -> None:
    class Unlisted(MemoryHost):
        def list_dir(self, path: str, *, limit: int = 100_000) -> list[str]:
            assert not path.startswith(("/root", "/home/bob/.lima", f"{ANN}/.lima")), path
            return super().list_dir(path, limit=limit)

    files = {"/root/.lima/a/lima.yaml": "mounts: []\n", "/home/bob/.lima/a/lima.yaml": "mounts: []\n"}
    told = facts(files, kind=Unlisted, links={f"{ANN}/.lima": "/root/.lima"}, stats={f"{ANN}/.lima": owned("link"), "/home/bob/.lima": owned("dir", 1000)})
    assert {uid: (one.why if isinstance(one, Hole) else one) for uid, one in told.items()} == {"1000": Why.UNSUPPORTED, "1001": Why.NONSENSE}
    assert not isinstance(told, OpenObject)


def test_what_is_not_known_of_one_product_costs_no_other() -> None:
    files = {**DESKTOP, f"{ANN}/.lima": PermissionError(13, "no")}
    told = facts(files, stats={f"{ANN}/.lima": owned("dir")})["1000"]
    assert isinstance(told["lima"], Hole) and told["docker-desktop"]["desktop-linux"]["exposes_tcp"] is True


def test_a_users_own_fence_costs_root_what_is_that_users() -> None:
    """As a FUSE mount over the home, where even root is denied."""
    told = facts({"/home/bob": PermissionError(13, "no"), **DESKTOP})
    assert isinstance(told["1001"], Hole) and list(told["1000"]) == ["docker-desktop"]
    assert not isinstance(told, OpenObject)


def test_others_homes_leave_the_list_open_for_who_may_not_look() -> None:
    told = facts({"/home/bob": PermissionError(13, "no"), **DESKTOP}, caps=0)
    assert set(told) == {"1000"} and isinstance(told, OpenObject) and told.hole.why is Why.DENIED


def test_homes_of_root_and_of_the_system_are_not_listed() -> None:
    class Unlisted(MemoryHost):
        def list_dir(self, path: str, *, limit: int = 100_000) -> list[str]:
            assert path.startswith("/home/"), path
            return super().list_dir(path, limit=limit)

    assert facts({"/root/.lima/a/lima.yaml": ""}, kind=Unlisted) == {}
    path = "/srv/shared/.lima/a/lima.yaml"
    passwd = PASSWD + "cat:x:1002:1002::/srv/shared:/bin/sh\n"
    mine = {above: owned("dir", 1002) for above in ("/srv/shared/.lima", "/srv/shared/.lima/a")}
    stats = {"/srv/shared": Stat(type="dir", uid=0, gid=50, mode=0o2775), **mine, path: owned("file", 1002)}
    assert list(facts({"/etc/passwd": passwd, path: "mounts: []\n"}, stats=stats)) == ["1002"]


def test_a_home_that_is_a_link_of_its_users_is_not_entered() -> None:
    passwd = PASSWD.replace("/home/ann", "/home/x")
    told = facts({"/etc/passwd": passwd, **DESKTOP}, links={"/home/x": ANN}, stats={"/home/x": owned("link")})
    assert isinstance(told["1000"], Hole) and told["1000"].why is Why.UNSUPPORTED
    assert list(facts({"/etc/passwd": passwd, **DESKTOP}, links={"/home/x": ANN}, stats={"/home/x": owned("link", 0)})["1000"]) == ["docker-desktop"]


def test_a_guest_that_hides_proc_is_no_mac_for_having_users() -> None:
    files = {"/proc/self/mountinfo": None, "/Users/zed/.lima/a/lima.yaml": "mounts: []\n", **DESKTOP}
    told = facts(files, processes=[process(9, 1000)])
    assert list(told) == ["1000"] and isinstance(told, OpenObject) and told.hole.why is Why.UNSUPPORTED


def test_two_users_of_one_home_have_each_what_is_theirs() -> None:
    passwd = PASSWD + "cat:x:1002:1002::/home/ann:/bin/sh\n"
    files = {"/etc/passwd": passwd, f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", **DESKTOP}
    stats = {path: owned("file" if path.endswith(".json") else "dir", 1002) for path in (f"{ANN}/.docker/desktop", *DESKTOP)}
    told = facts(files, stats=stats)
    assert {uid: list(found) for uid, found in told.items()} == {"1000": ["lima"], "1002": ["docker-desktop"]}


class Untouched(MemoryHost):
    """A host whose server does not answer."""

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        assert not path.startswith("/home"), path
        return super().stat(path, follow=follow)


def test_a_home_on_a_server_is_left_alone_unless_its_user_has_a_process() -> None:
    told = facts(DESKTOP, kind=Untouched, table=SERVED, processes=[process(9, 5)])
    assert told == {} and not isinstance(told, OpenObject)
    assert list(facts(DESKTOP, table=SERVED, processes=[process(9, 1000)])) == ["1000"]
    told = facts(DESKTOP, kind=Untouched, table=SERVED, processes=PermissionError(13, "no"))
    assert isinstance(told, OpenObject)


def test_a_home_that_hangs_costs_its_users_facts() -> None:
    told = facts({**DESKTOP, "/home/bob": TimeoutError("the server does not answer")})
    assert isinstance(told["1001"], Hole) and list(told["1000"]) == ["docker-desktop"]


@pytest.mark.parametrize(("conf", "opened"), [("passwd: files systemd\n", False), ("passwd: files sss\n", True)])
def test_users_whose_home_is_not_known_leave_the_list_open(conf: str, opened: bool) -> None:
    files = {"/etc/nsswitch.conf": conf}
    assert isinstance(facts(files, processes=[process(9, 5001)]), OpenObject) is opened
    assert not isinstance(facts(files, processes=[process(9, 5001, host=False), process(8, 1000)]), OpenObject)


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/mountinfo", "/etc/nsswitch.conf"])
def test_a_source_that_cannot_be_read_leaves_the_list_open(path: str) -> None:
    assert isinstance(facts({path: PermissionError(13, "no")}, processes=[process(9, 5001)]), OpenObject)


def test_more_than_a_user_has_is_not_looked_at() -> None:
    files = {f"{ANN}/.lima/m{index:03}/lima.yaml": "mounts: []\n" for index in range(home_dir.EACH + 1)}
    told = facts(files)["1000"]["lima"]
    assert isinstance(told, OpenObject) and len(told) == home_dir.EACH and told.hole.why is Why.LIMIT
    base = f"{ANN}/.config/containers/podman/machine"
    told = facts({f"{base}/qemu/m{index:03}.json": '{"Mounts": []}' for index in range(home_dir.EACH + 1)})["1000"]["podman-machine"]
    assert isinstance(told, OpenObject) and len(told) == home_dir.EACH
    told = facts({f"{base}/p{index:03}/m.json": '{"Mounts": []}' for index in range(home_dir.EACH + 1)})["1000"]["podman-machine"]
    assert isinstance(told, OpenObject) and len(told) == home_dir.EACH
    told = facts({ANN: LimitExceeded("too many names")})
    assert isinstance(told["1000"], Hole) and told["1000"].why is Why.LIMIT


def test_names_that_are_no_text_are_two_machines() -> None:
    bad, shown = "\udcff", "\\xff"
    files = {f"{ANN}/.lima/{name}/lima.yaml": "mounts: []\n" for name in (bad, shown)}
    assert len(facts(files)["1000"]["lima"]) == 2


def linked(target: str, **more: Any) -> Any:
    path = f"{ANN}/.docker/desktop/docker.sock"
    found = facts(DESKTOP, **{**more, "stats": {path: owned("link"), **more.get("stats", {})}}, links={path: target})
    return found["1000"]["docker-desktop"]["desktop-linux"]["sockets"][path]


def test_a_users_link_to_a_socket_of_theirs_is_followed() -> None:
    own = f"{ANN}/own.sock"
    found = linked(own, sockets=[own], stats={own: owned("socket", 1000, 0o666)})
    assert (found["type"], found["realpath"], found["mode"], found["listening"], found["peer"]["uid"]) == ("socket", own, "0666", True, 1000)
    assert [link["target"] for link in found["links"].values()] == [own]
    found = linked("gone.sock")
    assert (found["type"], found["activated"], found["listening"], "peer" in found) == ("dangling", False, False, False)


@pytest.mark.parametrize(("target", "owner"), [("/run/docker.sock", 0), ("/home/bob/x.sock", 1001), ("/tmp/x.sock", 1001)])
def test_a_users_link_to_what_is_anothers_is_not_followed(target: str, owner: int) -> None:
    class Deaf(MemoryHost):
        def peer(self, path: str, **more: Any) -> Peer:
            raise AssertionError(path)

    found = linked(target, kind=Deaf, sockets=[target], stats={target: owned("socket", owner)})
    assert (found["type"], found["realpath"], found["owner_uid"]) == ("link", f"{ANN}/.docker/desktop/docker.sock", 1000)
    assert [found[name].why for name in ("activated", "listening", "peer")] == [Why.UNSUPPORTED] * 3


def test_a_users_link_to_a_server_is_not_followed() -> None:
    """Looking there would mount it."""
    found = linked("/srv/x/own.sock", stats={"/srv/x/own.sock": owned("socket")}, table=TABLE + "31 27 0:51 / /srv/x rw - autofs x rw\n")
    assert (found["type"], found["listening"].why) == ("link", Why.UNSUPPORTED)


def test_one_users_silence_ends() -> None:
    sockets = [f"{ANN}/.lima/m{index}/sock/docker.sock" for index in range(5)]
    files = {f"{ANN}/.lima/m{index}/lima.yaml": "mounts: []\n" for index in range(5)}
    told = facts(files, sockets=sockets, peer=TimeoutError("silence"))["1000"]["lima"]
    whys = [machine["sockets"][path]["peer"].why for machine, path in zip(told.values(), sockets, strict=True)]
    assert whys == [Why.TIMEOUT] * 3 + [Why.LIMIT] * 2


def test_denying_any_answer_only_makes_holes() -> None:
    files = {path: text for _, some, _, _ in PRODUCTS.values() for path, text in some.items()}
    files |= {f"{ANN}/.lima/work/ha.pid": "77", f"{ANN}/.lima/_config/default.yaml": "mounts: []\n", "/etc/nsswitch.conf": "passwd: files sss\n"}
    sockets = [socket for _, _, socket, _ in PRODUCTS.values()]
    told = host(files, sockets=sockets, processes=[process(77, 1000, exe="/usr/bin/limactl")])
    assert list(denials(probe.collect, told)) == []
    own, path = f"{ANN}/own.sock", f"{ANN}/.docker/desktop/docker.sock"
    for target in (own, "gone.sock", "/run/docker.sock"):
        told = host(DESKTOP, sockets=[own], stats={path: owned("link"), "/run/docker.sock": owned("socket", 0)}, links={path: target})
        assert list(denials(probe.collect, told)) == []
    assert list(denials(probe.collect, host(files, table=SERVED, processes=[process(77, 1000)]))) == []
    assert list(denials(probe.collect, host({f"{ANN}/.config/x": "", f"{ANN}/.docker/x": "", f"{ANN}/.local/x": ""}))) == []
    assert list(denials(probe.collect, host({f"{ANN}/.lima": PermissionError(13, "no")}, caps=0, stats={f"{ANN}/.lima": owned("dir")}))) == []


@pytest.mark.parametrize("product", products.PRODUCTS)
def test_denying_any_answer_of_a_mac_only_makes_holes(product: str) -> None:
    assert list(denials(probe.collect, macos.mac(product, running=True))) == []


LISTEN = "import socket,sys; s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print(flush=True); sys.stdin.read()"


def make(folder: Path, files: dict[str, str], uid: int) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for place in (folder, *folder.rglob("*")):
        os.chown(place, uid, uid, follow_symlinks=False)


@pytest.mark.root
def test_what_is_made_for_real_in_a_home_of_another_user() -> None:
    """A listening socket, a podman machine and a Lima machine of uid 4321 on this machine, below a /etc/passwd of memory."""
    home = Path("/var/tmp") / f"hostcheck-home-{os.getpid()}"
    machine = {**PODMAN, "Mounts": [{"Source": str(home), "Target": str(home), "ReadOnly": False}]}
    try:
        links = {"own": "docker.sock", "gone": "nothing.sock", "roots": "/root/docker.sock"}
        (home / ".lima/a/sock").mkdir(parents=True)
        for name, target in links.items():
            (home / f".lima/a/sock/{name}.sock").symlink_to(target)
        make(home, {".config/containers/podman/machine/qemu/dev.json": json.dumps(machine), ".lima/a/lima.yaml": LIMA, ".lima/a/sock/x": ""}, 4321)
        script = (
            f"import socket,sys; s=socket.socket(socket.AF_UNIX); s.bind('{home}/.lima/a/sock/docker.sock'); s.listen(); print(flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            ["setpriv", "--reuid=4321", "--regid=4321", "--clear-groups", "/usr/bin/python3", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as listener:
            assert listener.stdin is not None and listener.stdout is not None
            listener.stdout.readline()

            class Local(LocalHost):
                def read_text(self, path: str, **more: Any) -> str:
                    return f"zed:x:4321:4321::{home}:/bin/sh\n" if path == "/etc/passwd" else super().read_text(path, **more)

            told = stated(probe.collect, Local())
            listener.stdin.close()
        found = told["users"]["4321"]
        assert shares(found["podman-machine"]["dev"]) == {str(home): (True, "home")}
        assert shares(found["lima"]["a"]) == {str(home): (False, "home"), "/tmp/lima": (True, "part")}
        sockets = {path.rpartition("/")[2].removesuffix(".sock"): socket for path, socket in found["lima"]["a"]["sockets"].items()}
        for name in ("docker", "own"):
            socket = sockets.pop(name)
            assert (socket["listening"], socket["peer"]["uid"], socket["owner_uid"], socket["realpath"].endswith("/docker.sock")) == (True, 4321, 4321, True)
        assert {name: (socket["type"], socket["listening"] is False) for name, socket in sockets.items()} == {
            "gone": ("dangling", True),
            "roots": ("link", False),
        }
        assert compile_schema(SCHEMA)(told) is not False
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(home)], check=True)
