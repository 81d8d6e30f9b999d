from pathlib import Path
from typing import Any

import pytest

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Peer, Process, Stat, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.sockets import listening_names, probe_user_sockets, user_discovery

SCHEMA = load_facts_schema(str(Path(probe_user_sockets.__file__).parent / "probe_user_sockets.facts.json"))
OBEYS = compile_schema(SCHEMA)
HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\nslash:x:1002:1002::/:/bin/sh\n"
ANNS = Peer(pid=700, uid=1000, gid=1000)
SOCKET = "/run/user/1000/docker.sock"
MANAGER = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/init.scope/cgroup.procs"


def row(path: str, inode: int) -> str:
    return f"0000000000000000: 00000002 00000000 00010000 0001 01 {inode:5} {path}\n"


def owned(kind: str, uid: int = 1000, mode: int = 0o700) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def process(pid: int, uid: int, host: bool | None = True, exe: str = "/usr/bin/dockerd") -> Process:
    return Process(pid=pid, ppid=1, name="p", uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=host)


ALIVE = (process(700, 1000),)


def host(
    files: dict[str, Any] | None = None,
    *,
    kind: Any = MemoryHost,
    caps: int = 1 << 1,
    unix: str = HEAD,
    passwd: str = PASSWD,
    processes: Any = ALIVE,
    stats: dict[str, Stat] | None = None,
    **more: Any,
) -> Any:
    usual = {
        "/proc/net/unix": unix,
        "/etc/passwd": passwd,
        "/proc/self/status": f"Name:\tx\nCapEff:\t{caps:016x}\n",
        "/proc/self/mountinfo": TABLE,
    }
    if not isinstance(processes, Exception):
        usual |= {f"/proc/{one.pid}/mountinfo": TABLE for one in processes if one.host_mounts}
    folders = {f"/run/user/{uid}": owned("dir", uid) for uid in (1000, 1001)}
    return kind({**usual, **(files or {})}, processes=processes, stats={**folders, **(stats or {})}, **more)


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe_user_sockets.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False
    return told["sockets"]


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_user_sockets.facts.json")


def test_nobody_has_an_engine() -> None:
    told = facts()
    assert told == {} and not isinstance(told, OpenObject)


@pytest.mark.parametrize(
    ("path", "engine", "place", "source"),
    [
        (SOCKET, "docker", "/run/user/1000", "runtime-directory"),
        ("/run/user/1000/podman/podman.sock", "podman", "/run/user/1000", "runtime-directory"),
        ("/run/user/1000/containerd/containerd.sock", "containerd", "/run/user/1000", "runtime-directory"),
        ("/run/user/1000/buildkit/buildkitd.sock", "buildkit", "/run/user/1000", "runtime-directory"),
        ("/home/ann/.docker/run/docker.sock", "docker", "/home/ann/.docker/run", "home"),
        ("/home/ann/.docker/desktop/docker.sock", "docker", "/home/ann/.docker/desktop", "home"),
        ("/home/ann/.docker/xrd/docker.sock", "docker", "/home/ann/.docker/xrd", "home"),
        ("/tmp/podman-run-1000/podman/podman.sock", "podman", "/tmp/podman-run-1000", "runtime-directory"),
    ],
)
def test_where_users_have_engines(path: str, engine: str, place: str, source: str) -> None:
    told = facts(peers={path: ANNS}, stats={path: owned("socket", mode=0o600)})
    assert set(told) == {path}
    one = told[path]
    assert (one["engine"], one["runtime_dir"], one["source"], one["owner_uid"], one["mode"]) == (engine, place, source, 1000, "0600")
    assert (one["listening"], one["peer"]) == (True, {"pid": 700, "uid": 1000, "gid": 1000, "exe": "/usr/bin/dockerd"})
    assert one["parents"][place]["uid"] in (0, 1000)


def test_root_has_no_runtime_directory_here() -> None:
    assert facts(peers={"/run/user/0/docker.sock": ANNS}, stats={"/run/user/0/docker.sock": owned("socket", 0)}) == {}


def test_homes_of_users_without_a_process_are_not_looked_into() -> None:
    path = "/home/bob/.docker/run/docker.sock"
    more: dict[str, Any] = {"peers": {path: ANNS}, "stats": {path: owned("socket", 1001)}}
    assert facts(**more) == {}
    assert set(facts(processes=[process(8, 1001)], **more)) == {path}
    assert facts({"/proc/8/mountinfo": "1 1 0:9 / / rw - overlay overlay rw\n"}, processes=[process(8, 1001, host=False)], **more) == {}


@pytest.mark.parametrize("target", ["podman/podman.sock", "/run/user/1000/podman/podman.sock", "/home/ann/a/podman.sock"])
def test_a_users_link_to_a_socket_of_theirs_is_followed(target: str) -> None:
    """As podman-docker makes it: who speaks to docker there speaks to podman."""
    end = target if target.startswith("/") else f"/run/user/1000/{target}"
    stats = {SOCKET: owned("link", mode=0o777), end: owned("socket"), **{path: owned("dir") for path in (end.rpartition("/")[0], "/home/ann")}}
    told = facts(links={SOCKET: target}, peers={end: ANNS}, stats=stats)
    assert (told[SOCKET]["type"], told[SOCKET]["realpath"], told[SOCKET]["listening"], told[SOCKET]["peer"]["uid"]) == ("socket", end, True, 1000)
    assert told[SOCKET]["runtime_dir"] == ("/home/ann/a" if target.startswith("/home") else "/run/user/1000")
    assert told[SOCKET]["links"] == {SOCKET: {"target": target, "uid": 1000}}
    made = host(links={SOCKET: target}, peers={end: ANNS}, stats=stats)
    assert list(denials(probe_user_sockets.collect, made)) == []


def test_a_users_link_to_nothing_listens_to_nobody() -> None:
    told = facts(links={SOCKET: "podman/podman.sock"}, stats={SOCKET: owned("link", mode=0o777)})
    assert (told[SOCKET]["type"], told[SOCKET]["listening"], "peer" in told[SOCKET]) == ("dangling", False, False)
    dotfiles = {"/home/ann/.docker": owned("link", mode=0o777), "/home/ann": owned("dir"), "/home/ann/dot": owned("dir")}
    assert [(one["type"], one["listening"]) for one in facts(links={"/home/ann/.docker": "dot"}, stats=dotfiles).values()] == [("dangling", False)] * 3


def test_a_users_link_to_what_another_can_change_or_a_server_has_is_not_followed() -> None:
    path, asked = "/srv/x/own.sock", list[str]()

    class Watched(MemoryHost):
        def stat(self, path: str, *, follow: bool = True) -> Stat:
            asked.append(path)
            return super().stat(path, follow=follow)

        def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
            raise AssertionError(f"connected to {path}")

    stats = {SOCKET: owned("link", mode=0o777), path: owned("socket")}
    table = TABLE + "30 27 0:50 / /srv/x rw - nfs4 x rw\n"
    for change in ({"stats": {**stats, "/srv/x": owned("dir", 1001)}}, {"stats": {**stats, "/srv/x": owned("dir", 0)}}):
        told = facts(kind=Watched, links={SOCKET: path}, **change)[SOCKET]
        assert (told["type"], told["listening"].why, told["peer"].why) == ("link", Why.UNSUPPORTED, Why.UNSUPPORTED)
    assert "/srv/x" in asked and path not in asked
    asked.clear()
    told = facts({"/proc/self/mountinfo": PermissionError(13, "no")}, kind=Watched, links={SOCKET: path}, stats=stats)[SOCKET]
    assert (told["engine"], told["owner_uid"], told["type"].why, told["listening"].why) == ("docker", 1000, Why.DENIED, Why.DENIED)
    told = facts({"/proc/self/mountinfo": table}, kind=Watched, links={SOCKET: path}, stats={**stats, "/srv/x": owned("dir", mode=0o755)})[SOCKET]
    assert (told["type"], told["listening"].why) == ("link", Why.UNSUPPORTED) and "/srv/x" not in asked


def test_a_users_link_to_what_is_roots_is_stated_and_not_followed() -> None:
    anns, roots = Stat(type="link", uid=1000, gid=1000, mode=0o777), owned("socket", 0)
    stats = {SOCKET: anns, "/home/ann/.docker": anns, "/run/docker.sock": roots, "/root/run/docker.sock": roots}
    links = {SOCKET: "/run/docker.sock", "/home/ann/.docker": "/root"}
    stats["/root"] = owned("dir", 0)
    told = facts(links=links, peers={"/run/docker.sock": Peer(pid=1, uid=0, gid=0)}, stats=stats)
    assert {path: (one["type"], one["activated"].why, one["listening"].why, one["peer"].why) for path, one in told.items()} == {
        path: ("link", *[Why.UNSUPPORTED] * 3) for path in (SOCKET, *(f"/home/ann/.docker/{name}/docker.sock" for name in ("desktop", "run", "xrd")))
    }
    assert told[SOCKET]["links"] == {SOCKET: {"target": "/run/docker.sock", "uid": 1000}}
    assert (told[SOCKET]["realpath"], told[SOCKET]["owner_uid"]) == (SOCKET, 1000)


def test_roots_link_to_the_homes_is_followed() -> None:
    path = "/data/home/ann/.docker/run/docker.sock"
    told = facts(links={"/home": "/data/home"}, peers={path: ANNS}, stats={path: owned("socket")})
    (one,) = told.values()
    assert (one["realpath"], one["runtime_dir"]) == (path, "/data/home/ann/.docker/run")


@pytest.mark.parametrize("kind", ["fifo", "file", "dir"])
def test_whatever_else_a_user_puts_there(kind: str) -> None:
    told = facts(stats={SOCKET: owned(kind)})[SOCKET]
    assert (told["type"], told["listening"]) == (kind, False)


def test_what_is_denied_to_root_costs_that_path_and_nothing_else() -> None:
    files = {"/run/user/1000/podman": PermissionError(13, "Permission denied")}
    told = facts(files, peers={SOCKET: ANNS}, stats={SOCKET: owned("socket")})
    assert told[SOCKET]["listening"] is True
    assert [fact for fact, value in told["/run/user/1000/podman/podman.sock"].items() if not isinstance(value, Hole)] == ["owner_uid"]
    assert not isinstance(told, OpenObject)


@pytest.mark.parametrize(
    ("folder", "whose"),
    [(owned("dir"), 1000), (owned("dir", mode=0o777), None), (owned("dir", mode=0o775), None), (owned("dir", 0), None)],
)
def test_what_is_denied_to_root_is_his_whose_directory_it_is_where_nobody_else_can_write(folder: Stat, whose: int | None) -> None:
    path = "/tmp/x/docker.sock"
    told = facts({path: PermissionError(13, "Permission denied")}, stats={"/tmp/x": folder}, unix=HEAD + row(path, 6))[path]
    assert isinstance(told, Hole) if whose is None else told["owner_uid"] == whose


def test_what_is_denied_to_anybody_else_leaves_the_list_open() -> None:
    told = facts({"/run/user/1001": PermissionError(13, "Permission denied")}, caps=0, peers={SOCKET: ANNS}, stats={SOCKET: owned("socket")})
    assert set(told) == {SOCKET}
    assert isinstance(told, OpenObject) and told.hole.why == Why.DENIED


@pytest.mark.parametrize(
    "change",
    [
        {"processes": PermissionError(13, "no")},
        {"unix": PermissionError(13, "no")},
        {"passwd": PermissionError(13, "no")},
        {"files": {"/run/user": PermissionError(13, "no")}},
    ],
)
def test_a_source_that_cannot_be_read_leaves_the_list_open(change: dict[str, Any]) -> None:
    if "files" in change:
        told = stated(
            probe_user_sockets.collect,
            MemoryHost({"/proc/net/unix": HEAD, "/etc/passwd": PASSWD, "/proc/self/mountinfo": TABLE, **change["files"]}, processes=()),
        )["sockets"]
    else:
        told = facts(**change)
    assert isinstance(told, OpenObject)


@pytest.mark.parametrize(("conf", "opened"), [("passwd: files systemd\n", False), ("passwd: files sss\n", True), (None, False)])
def test_users_whose_home_is_not_known_leave_the_list_open(conf: str | None, opened: bool) -> None:
    files = {} if conf is None else {"/etc/nsswitch.conf": conf}
    assert isinstance(facts(files, processes=[process(9, 5001)]), OpenObject) is opened
    assert not isinstance(facts(files), OpenObject)


def test_a_listener_by_an_engines_name_is_found_wherever_a_user_put_it() -> None:
    path = "/tmp/x/podman/podman.sock"
    more: dict[str, Any] = {
        "peers": {path: ANNS},
        "unix": HEAD + row(path, 5) + row("/tmp/x/other.sock", 6) + row("/tmp/gone/docker.sock", 7) + row("/tmp/../tmp/x/docker.sock", 8),
    }
    told = facts(stats={"/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777), "/tmp/x": owned("dir"), path: owned("socket")}, **more)
    assert {name: (one["runtime_dir"], one["source"]) for name, one in told.items()} == {path: ("/tmp/x", "listening")}


def test_what_only_root_could_have_put_there_is_left_to_the_other_probe() -> None:
    assert (
        facts(unix=HEAD + row("/srv/docker.sock", 5), peers={"/srv/docker.sock": Peer(pid=1, uid=0, gid=0)}, stats={"/srv/docker.sock": owned("socket", 0)})
        == {}
    )


@pytest.mark.parametrize("path", ["/run/docker.sock", "/var/run/docker.sock"])
def test_a_well_known_path_is_the_systems_even_where_anybody_may_write(path: str) -> None:
    stats = {"/run": Stat(type="dir", uid=0, gid=0, mode=0o777), "/run/docker.sock": owned("socket", 0)}
    assert facts(unix=HEAD + row(path, 5), links={"/var/run": "/run"}, peers={"/run/docker.sock": ANNS}, stats=stats) == {}


MANY = [f"/home/bob/{index:05}/docker.sock" for index in range(5000)]


def test_of_names_that_one_user_plants_so_many_are_looked_at_and_nobody_else_has_less() -> None:
    asked: list[str] = []

    class Counting(MemoryHost):
        def stat(self, path: str, *, follow: bool = True) -> Stat:
            asked.append(path)
            return super().stat(path, follow=follow)

    anns = "/home/zoe/docker.sock"
    stats = {"/home/bob": owned("dir", 1001), "/home/zoe": owned("dir", 1003), anns: owned("socket", 1003)}
    stats |= {path: owned("socket", 1001) for path in MANY[:30]}
    kernel = [UnixSocket(inode=index, name=path, listening=True, uid=1001) for index, path in enumerate([*MANY, "/home/zoe/docker.sock"], 9)]
    kernel += [UnixSocket(inode=6, name=anns, listening=True, uid=1003)]
    unix = HEAD + row(anns, 6) + "".join(row(path, index) for index, path in enumerate([*MANY, anns], 9))
    passwd = PASSWD + "zoe:x:1003:1003::/nowhere:/bin/sh\n"
    told = facts(kind=Counting, unix=unix, stats=stats, peers={anns: Peer(pid=8, uid=1003, gid=1003)}, passwd=passwd, unix_sockets=kernel)
    assert not isinstance(told, OpenObject) and told[anns]["peer"]["uid"] == 1003
    bobs = {path: one for path, one in told.items() if path.startswith("/home/bob")}
    assert len(bobs) == 20 + 1 and sum(path.startswith("/home/bob/") for path in asked) < 200
    cut = [one for one in bobs.values() if isinstance(one["mode"], Hole)]
    assert [(one["owner_uid"], one["mode"].message) for one in cut] == [
        (1001, "uid 1001 has 5001 sockets with an engine's name, and not all of them are looked at")
    ]


def test_users_without_an_account_share_what_is_looked_at() -> None:
    names = [f"/tmp/{index}/docker.sock" for index in range(300)]
    stats = {"/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777)}
    stats |= {name.removesuffix("/docker.sock"): owned("dir", 100_000 + index) for index, name in enumerate(names)}
    stats |= {name: owned("socket", 100_000 + index) for index, name in enumerate(names)}
    told = facts(unix=HEAD + "".join(row(name, index) for index, name in enumerate(names, 9)), stats=stats)
    assert not isinstance(told, OpenObject) and len(told) == listening_names.STRANGERS + 1
    assert [one["type"].message for one in told.values() if isinstance(one["type"], Hole)] == [
        "users who have no account have 300 sockets with an engine's name, and not all of them are looked at"
    ]


def test_where_the_kernel_does_not_say_whose_so_many_names_are_there_may_be_others() -> None:
    told = facts(unix=HEAD + "".join(row(f"/tmp/{index}/docker.sock", index) for index in range(listening_names.LOOKED + 1)), stats={"/tmp/x": owned("dir")})
    assert isinstance(told, OpenObject) and told.hole.why == Why.LIMIT


def test_a_users_link_into_very_deep_directories_costs_that_user_alone() -> None:
    deep = "/home/ann/" + "d/" * 80 + "docker.sock"
    stats = {SOCKET: owned("link", mode=0o777), deep: owned("socket"), "/home/ann": owned("dir")}
    stats |= {"/home/ann/" + "d/" * count + "d": owned("dir") for count in range(80)}
    told = facts(links={SOCKET: deep}, peers={deep: ANNS}, stats=stats)
    assert told[SOCKET]["owner_uid"] == 1000 and told[SOCKET]["mode"].message.endswith("more than 64 directories deep")


class NeverConnect(MemoryHost):
    """A host on which connecting would start a daemon."""

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        raise AssertionError(f"connected to {path}")


def managed(kind: Any, procs: Any = "70\n71\n", fds: dict[str, str] | None = None, **more: Any) -> Any:
    links = {"/proc/70/fd/3": "socket:[42]"} if fds is None else fds
    stats = {"/run/systemd/system": owned("dir", 0), "/run/user/1000/systemd": owned("dir"), SOCKET: owned("socket"), **more.pop("stats", {})}
    manager = process(70, 1000, exe="/usr/lib/systemd/systemd")
    files = {} if procs is None else {MANAGER: procs}
    return host({**files, **more.pop("files", {})}, kind=kind, links=links, stats=stats, processes=(manager, *ALIVE), unix=HEAD + row(SOCKET, 42), **more)


def test_a_socket_that_the_users_systemd_holds_is_not_connected_to() -> None:
    told = stated(probe_user_sockets.collect, managed(NeverConnect))["sockets"][SOCKET]
    assert (told["activated"], told["listening"]) == (True, True)
    assert told["peer"] == {"pid": 70, "uid": 1000, "gid": 1000, "exe": "/usr/lib/systemd/systemd"}


@pytest.mark.parametrize("procs", [PermissionError(13, "no"), None])
def test_where_it_cannot_be_seen_who_holds_it_it_is_not_connected_to(procs: Any) -> None:
    at = managed(NeverConnect, procs).stat(SOCKET)
    listed = [UnixSocket(inode=42, name=SOCKET, listening=True, dev=at.dev, file=at.ino)]
    told = stated(probe_user_sockets.collect, managed(NeverConnect, procs, unix_sockets=listed))["sockets"][SOCKET]
    assert told["listening"] is True and isinstance(told["peer"], Hole)


def test_a_socket_that_a_users_systemd_does_not_hold_is_connected_to() -> None:
    told = stated(probe_user_sockets.collect, managed(MemoryHost, fds={"/proc/70/fd/3": "socket:[41]", "/proc/71/fd/1": "/dev/null"}, peers={SOCKET: ANNS}))[
        "sockets"
    ][SOCKET]
    assert (told["activated"], told["peer"]["pid"]) == (False, 700)


def test_one_users_silence_does_not_use_up_the_patience_for_another() -> None:
    silent = {f"/run/user/1000/{name}": TimeoutError("silence") for name in user_discovery.IN_RUNTIME}
    bobs = "/run/user/1001/docker.sock"
    told = facts(peers={**silent, bobs: Peer(pid=8, uid=1001, gid=1001)}, stats={**{path: owned("socket") for path in silent}, bobs: owned("socket", 1001)})
    assert [str(told[path]["peer"].why) for path in silent].count("timeout") == 3
    assert told[bobs]["peer"]["uid"] == 1001


def test_denying_any_answer_only_makes_holes() -> None:
    path = "/home/ann/.docker/run/docker.sock"
    files = {"/proc/8/mountinfo": "1 1 0:9 / / rw - overlay overlay rw\n", "/etc/nsswitch.conf": "passwd: files sss\n"}
    stats = {path: owned("socket"), "/home/bob/.docker/run/docker.sock": owned("socket", 1001), "/tmp/x/docker.sock": owned("socket"), "/tmp/x": owned("dir")}
    peers = {path: ANNS, "/tmp/x/docker.sock": ANNS, "/home/bob/.docker/run/docker.sock": ConnectionRefusedError(111, "x")}
    told = host(files, stats=stats, peers=peers, unix=HEAD + row("/tmp/x/docker.sock", 6), processes=(*ALIVE, process(8, 1001, host=False), process(9, 5001)))
    assert list(denials(probe_user_sockets.collect, told)) == []
    told = host(files, stats=stats, peers=peers, processes=(*ALIVE, process(8, 1001, host=False)))
    assert list(denials(probe_user_sockets.collect, told)) == []
    podman = "/run/user/1000/podman/podman.sock"
    assert list(denials(probe_user_sockets.collect, managed(MemoryHost, peers={podman: ANNS}, stats={podman: owned("socket")}))) == []


def test_a_name_below_a_servers_file_system_is_not_looked_at_and_a_home_on_one_is() -> None:
    class Untouched(MemoryHost):
        def stat(self, path: str, *, follow: bool = True) -> Stat:
            assert not path.startswith(("/net", "/tmp/fuse")), path
            return super().stat(path, follow=follow)

    table = TABLE + "30 27 0:50 / /net rw - autofs x rw\n31 27 0:51 / /home rw - nfs4 x:/ rw\n32 27 0:52 / /tmp/fuse rw - fuse.sshfs x rw\n"
    names = ["/net/x/docker.sock", "/tmp/fuse/docker.sock"]
    home = "/home/ann/.docker/run/docker.sock"
    told = facts(
        {"/proc/self/mountinfo": table, "/proc/700/mountinfo": table},
        kind=Untouched,
        unix=HEAD + row(names[0], 5) + row(names[1], 6),
        peers={home: ANNS, names[0]: ANNS, names[1]: ANNS},
        stats={home: owned("socket"), "/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777)},
    )
    assert {path: one.why if isinstance(one, Hole) else one["listening"] for path, one in told.items()} == {home: True, **dict.fromkeys(names, Why.LIMIT)}


def test_a_name_with_a_slash_too_many_is_the_same_name() -> None:
    path = "/srv/e/docker.sock"
    stats = {"/srv/e": Stat(type="dir", uid=0, gid=50, mode=0o775), path: owned("socket", 0)}
    assert set(facts(unix=HEAD + row("/srv//e/docker.sock", 5), peers={path: ANNS}, stats=stats)) == {path}
