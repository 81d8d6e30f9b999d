"""Virtual machines in homes: every product, what each file says, and what a user may plant in the place of one."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from desktop.home_host import ANN, DESKTOP, LIMA, PASSWD, PODMAN, PRODUCTS, SCHEMA, TABLE, belongs, facts, host, owned, process, shares
from fakes import macos

from hostcheck.host import LimitExceeded
from hostcheck.host.answers import Peer, Process, Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.desktop import probe_user_desktop_vms as probe
from hostcheck_builtin.desktop import products
from hostcheck_builtin.system import home_dir

SERVED = TABLE + "30 27 0:50 / /home rw - nfs4 server:/home rw\n"


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


def test_a_home_is_one_by_any_of_its_names() -> None:
    passwd = PASSWD.replace("/home/ann", "/u/ann")
    files = {
        "/etc/passwd": passwd,
        "/data/ann/.lima/a/lima.yaml": "mounts:\n- location: /u/ann\n- location: /data/ann\n- location: /u\n- location: /data/ann/x\n",
    }
    mine = {path: owned("dir") for path in ("/data/ann", "/data/ann/.lima", "/data/ann/.lima/a")} | {"/data/ann/.lima/a/lima.yaml": owned("file")}
    told = facts(files, links={"/u": "/data"}, stats=mine)["1000"]["lima"]["a"]
    assert shares(told) == {"/u/ann": (False, "home"), "/data/ann": (False, "home"), "/u": (False, "homes"), "/data/ann/x": (False, "part")}


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
        def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
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
        def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
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
    assert list(told) == ["1000"] and isinstance(told, OpenObject) and told.hole.why is Why.DENIED


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
