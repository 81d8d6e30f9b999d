"""Engines of the system and of users, on hosts in memory that answer with what real engines answered."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hostcheck.host import Answer, Nonsense, Peer, Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.engines import api_client, probe_engines, probe_user_engines, rootlesskit

PROBES = Path(probe_engines.__file__).parent
SCHEMAS = {name: json.loads((PROBES / f"probe_{name.replace('-', '_')}.facts.json").read_text(encoding="utf-8")) for name in ("engines", "user-engines")}
ANSWERS = Path(__file__).parents[1] / "fakes" / "engines"
HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
OTHER_ROOT = "27 1 0:99 / / rw - overlay overlay rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
DOCKER = "/run/docker.sock"
PODMAN = "/run/podman/podman.sock"
ANNS = "/run/user/1000/docker.sock"
WHOLE = "         0          0 4294967295\n"
MAPPED = "         0       1000          1\n         1     100000      65536\n"
KIT = b"rootlesskit\0--state-dir=/x\0--net=slirp4netns\0--disable-host-loopback\0--port-driver=builtin\0dockerd-rootless.sh\0--net=x\0"
USER_UNIT = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service\n"
HOST_NET = "net:[4026531840]"
DOCKERD = "Docker/26.1.5 (linux)"
LIBPOD = "Libpod/5.4.2 (linux)"


def body(name: str) -> bytes:
    return (ANSWERS / f"{name}.json").read_bytes()


def said(content: bytes | str, uid: int = 0, status: int = 200, server: str = DOCKERD, libpod: str = "") -> Answer:
    return Answer(status=status, body=content if isinstance(content, bytes) else content.encode(), pid=7, uid=uid, server=server, libpod=libpod)


def docker(name: str = "docker-rootful", uid: int = 0, **more: Any) -> dict[str, Answer | Exception]:
    return {"/_ping": said("OK", uid), "/info": said(body(f"{name}-info"), uid), "/version": said(body("docker-rootful-version"), uid), **more}


def podman(name: str = "podman-rootful", uid: int = 0) -> dict[str, Answer | Exception]:
    ping = said("OK", uid, server=LIBPOD, libpod="5.4.2")
    return {"/_ping": ping, api_client.LIBPOD: said(body(f"{name}-libpod"), uid, server=LIBPOD)}


def process(pid: int, uid: int = 0, name: str = "dockerd", exe: str = "/usr/bin/dockerd", ppid: int = 1, host: bool | None = True) -> Process:
    return Process(pid=pid, ppid=ppid, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=host)


def owned(kind: str, uid: int = 1000, mode: int = 0o700) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def host(
    files: dict[str, Any] | None = None,
    *,
    kind: Any = MemoryHost,
    unix: str = HEAD,
    processes: Any = (),
    stats: dict[str, Stat] | None = None,
    links: dict[str, str] | None = None,
    maps: dict[int, str] | None = None,
    networks: dict[int, str] | None = None,
    **more: Any,
) -> Any:
    usual = {
        "/proc/net/unix": unix,
        "/etc/passwd": PASSWD,
        "/proc/self/status": f"Name:\tx\nCapEff:\t{1 << 1 | 1 << 19:016x}\n",
        "/proc/self/mountinfo": TABLE,
        "/proc/1/mountinfo": TABLE,
        "/usr/bin/dockerd": "",
        "/usr/bin/podman": "",
    }
    maps = {7: WHOLE, 70: WHOLE, 700: MAPPED, 690: WHOLE, **(maps or {})}
    networks = {7: HOST_NET, 70: HOST_NET, 700: "net:[9]", 690: HOST_NET, 1: HOST_NET, **(networks or {})}
    places = {f"/proc/{pid}/ns/net": target for pid, target in networks.items()} | {"/proc/self/ns/net": HOST_NET}
    told = {f"/proc/{pid}/uid_map": text for pid, text in maps.items()} | {"/proc/690/cmdline": KIT, "/proc/700/cgroup": USER_UNIT}
    folders = {f"/run/user/{uid}": owned("dir", uid) for uid in (1000, 1001)}
    return kind({**usual, **told, **(files or {})}, processes=processes, stats={**folders, **(stats or {})}, links={**places, **(links or {})}, **more)


ROOTS = {"peers": {DOCKER: Peer(pid=7, uid=0, gid=0)}, "processes": (process(7),)}
ANN = {
    "peers": {ANNS: Peer(pid=700, uid=1000, gid=1000)},
    "stats": {ANNS: owned("socket", mode=0o660)},
    "processes": (process(690, 1000, "rootlesskit", "/usr/bin/rootlesskit"), process(700, 1000, ppid=690)),
}


def facts(name: str = "engines", *args: Any, **kwargs: Any) -> Any:
    told = stated({"engines": probe_engines.collect, "user-engines": probe_user_engines.collect}[name], host(*args, **kwargs))
    assert compile_schema(SCHEMAS[name])(told) is not False, told
    return told


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_is_in_the_dialect(name: str) -> None:
    check(SCHEMAS[name], f"{name}.facts.json")


def test_nothing_runs() -> None:
    told = facts()
    assert (told["sockets"], told["processes"], told["pidfiles"], told["configured"]) == ({}, {}, {}, {})
    assert told["installed"] == {path: {"engine": path.rpartition("/")[2].replace("dockerd", "docker"), "root_owned": True} for path in told["installed"]}
    assert set(told["installed"]) == {"/usr/bin/dockerd", "/usr/bin/podman"}
    assert facts("user-engines") == {"sockets": {}, "programs": {}}


def test_roots_docker() -> None:
    told = facts(**ROOTS, answers={DOCKER: docker()})
    one = told["sockets"][DOCKER]
    assert {key: one[key] for key in ("named", "engine", "listening", "activated", "served", "uid", "owner_uid")} == {
        "named": "docker",
        "engine": "docker",
        "listening": True,
        "activated": False,
        "served": True,
        "uid": 0,
        "owner_uid": 0,
    }
    assert one["process"] == {"exe": "/usr/bin/dockerd", "uid_map": [[0, 0, 4294967295]], "host_network": True}
    info = one["info"]
    assert (info["security_options"], info["warnings"], info["root_dir"]) == (["name=seccomp,profile=builtin"], [], "/var/lib/docker")
    assert (info["cgroup_driver"], info["memory_limit"], info["authorization_plugins"]) == ("cgroupfs", True, [])
    assert one["version"]["components"]["containerd"] == "1.7.24~ds1"
    assert "rootlesskit" not in one["version"] and "libpod" not in one
    assert told["processes"] == {"/usr/bin/dockerd": {"engine": "docker", "root_owned": True}}


def test_a_remapped_docker_says_so_with_its_range() -> None:
    info = facts(**ROOTS, answers={DOCKER: docker("dockerd-usernsremap")})["sockets"][DOCKER]["info"]
    assert "name=userns" in info["security_options"]
    assert info["root_dir"].endswith("/165536.165536")


def test_what_docker_warns_of() -> None:
    info = facts(**ROOTS, answers={DOCKER: docker("dockerd-tcp-plain")})["sockets"][DOCKER]["info"]
    assert any("without encryption" in warning for warning in info["warnings"])


def test_a_users_docker() -> None:
    answers = docker("docker-rootless-slirp4netns", 1000, **{"/version": said(body("docker-rootless-slirp4netns-version"), 1000)})
    told = facts("user-engines", **ANN, answers={ANNS: answers})
    one = told["sockets"][ANNS]
    assert one["process"] == {
        "exe": "/usr/bin/dockerd",
        "uid_map": [[0, 1000, 1], [1, 100000, 65536]],
        "host_network": False,
        "rootlesskit": {"exe": "/usr/bin/rootlesskit", "network_driver": "slirp4netns", "port_driver": "builtin", "host_loopback_disabled": True},
        "unit": {"manager": "user", "name": "docker.service", "user": ""},
    }
    assert "name=rootless" in one["info"]["security_options"] and one["info"]["cgroup_driver"] == "none"
    assert one["version"]["rootlesskit"] == {"network_driver": "slirp4netns", "port_driver": "builtin"}
    assert {key: sorted(value) for key, value in told["programs"].items()} == {"1000": ["/usr/bin/dockerd", "/usr/bin/rootlesskit"]}
    pasta = {**answers, "/version": said(body("docker-rootless-pasta-version"), 1000)}
    assert facts("user-engines", **ANN, answers={ANNS: pasta})["sockets"][ANNS]["version"]["rootlesskit"] == {"network_driver": "pasta"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", ("host", "none", False)),
        ("--net=pasta --port-driver=implicit --disable-host-loopback", ("pasta", "implicit", True)),
        ("-net pasta --disable-host-loopback=true -p 80:80/tcp", ("pasta", "none", True)),
        ("--disable-host-loopback=false", ("host", "none", False)),
        ("--disable-host-loopback --disable-host-loopback=0", ("host", "none", False)),
        ("--debug sh --disable-host-loopback", ("host", "none", False)),
        ("-- --disable-host-loopback", ("host", "none", False)),
        ("--mtu 1500 --net slirp4netns", ("slirp4netns", "none", False)),
        ("--net", ("", "none", False)),
        ("- --net=x", ("host", "none", False)),
        ("--copy-up=/\udcff --net=x", ("x", "none", False)),
    ],
)
def test_the_options_of_rootlesskit(words: str, told: tuple[str, str, bool]) -> None:
    found = rootlesskit.options("\0".join(["rootlesskit", *words.split(), ""]).encode("utf-8", "surrogateescape"))
    assert (found["network_driver"], found["port_driver"], found["host_loopback_disabled"]) == told
    assert rootlesskit.options(b"rootlesskit\0--net")["network_driver"] == ""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"/proc/690/cmdline": b"rootlesskit\0--newer\0--disable-host-loopback\0"}, Why.UNSUPPORTED),
        ({"/proc/690/cmdline": b"rootlesskit\0--disable-host-loopback=maybe\0"}, Why.NONSENSE),
        ({"/proc/690/cmdline": PermissionError(13, "Permission denied")}, Why.DENIED),
        ({"/proc/690/cmdline": b"rootlesskit\0" + b"--debug\0" * 10_000}, Why.LIMIT),
    ],
)
def test_a_command_line_that_cannot_be_read_for_certain_is_a_hole(more: Any, why: Why) -> None:
    process = facts("user-engines", **ANN, files=more, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process["rootlesskit"].why is why and process["unit"]["manager"] == "user"


def test_a_rootlesskit_that_was_replaced_is_one() -> None:
    given = {**ANN, "processes": (process(690, 1000, "rootlesskit", "/usr/bin/rootlesskit (deleted)"), process(700, 1000, ppid=690))}
    process_of_hers = facts("user-engines", **given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process_of_hers["rootlesskit"]["port_driver"] == "builtin"


@pytest.mark.parametrize("kit", [process(690, 1001, "rootlesskit", "/usr/bin/rootlesskit"), process(690, 1000, "rootlesskit", "/usr/bin/unshare")])
def test_a_rootlesskit_of_somebody_else_or_by_name_alone_is_none(kit: Process) -> None:
    given = {**ANN, "processes": (kit, process(700, 1000, ppid=690))}
    assert "rootlesskit" not in facts("user-engines", **given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service\n", ("user", "docker.service")),
        ("0::/user.slice/user-1000.slice/user@1000.service\n", ("user", "user@1000.service")),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n", ("user", "x.scope")),
        ("0::/system.slice/a:b:c d.service\n", ("system", "a:b:c d.service")),
        ("0::/user.slice/user-1000.slice/session-2.scope\n", ("none", "session-2.scope")),
        ("0::/system.slice/rootless.service\n", ("system", "rootless.service")),
        ("0::/system.slice/system-docker.slice/docker@ann.service/app.slice/docker.service\n", ("system", "docker@ann.service")),
        ("0::/system.slice/user@1000.service\n", ("system", "user@1000.service")),
        ("12:pids:/x\n1:name=systemd:/system.slice/a.service\n0::/\n", ("system", "a.service")),
        ("0::/../../user.slice/user-1.slice/user@1.service/b.service\n", ("user", "b.service")),
        ("0::/\n", ("none", "")),
        ("", ("none", "")),
    ],
)
def test_which_unit_a_process_runs_in(text: str, told: tuple[str, str]) -> None:
    assert rootlesskit.manager_of(text) == told


@pytest.mark.parametrize(
    ("files", "user"),
    [
        ({"/etc/systemd/system/rl.service": "[Service]\nUser=ann\n"}, "ann"),
        ({"/etc/systemd/system/rl.service": "[Service]\nExecStart=x\n"}, ""),
        ({"/etc/systemd/system/rl.service": "[Service]\nUser=ann\n", "/etc/systemd/system/rl.service.d/a.conf": "[Service]\nUser=\n"}, ""),
        ({"/usr/lib/systemd/system/rl.service": "[Service]\n", "/run/systemd/system/service.d/a.conf": "[Service]\nUser=bob\n"}, "bob"),
        ({}, ""),
    ],
)
def test_the_user_of_a_unit_of_the_system(files: Any, user: str) -> None:
    given = {**files, "/proc/700/cgroup": "0::/system.slice/rl.service\n"}
    process = facts("user-engines", **ANN, files=given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process["unit"] == {"manager": "system", "name": "rl.service", "user": user}


def test_the_user_of_an_instance_is_that_of_its_template() -> None:
    given = {"/etc/systemd/system/rl@.service": "[Service]\nUser=%i\n", "/proc/700/cgroup": "0::/system.slice/rl@ann.service\n"}
    process = facts("user-engines", **ANN, files=given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process["unit"] == {"manager": "system", "name": "rl@ann.service", "user": "%i"}


def test_a_users_unit_is_not_the_systems_of_that_name() -> None:
    given = {"/etc/systemd/system/docker.service": "[Service]\nUser=bob\n"}
    process = facts("user-engines", **ANN, files=given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process["unit"] == {"manager": "user", "name": "docker.service", "user": ""}


def test_an_endpoint_that_fails_costs_itself_alone() -> None:
    crashed = Nonsense("closed without an answer")
    answers = docker("docker-rootless-hostnet", 1000, **{"/version": crashed})
    one = facts("user-engines", **ANN, answers={ANNS: answers}, networks={700: HOST_NET})["sockets"][ANNS]
    assert isinstance(one["version"], Hole) and one["version"].why == Why.NONSENSE
    assert "name=rootless" in one["info"]["security_options"]
    assert (one["engine"], one["process"]["host_network"]) == ("docker", True)


def test_podman_is_asked_in_its_own_words() -> None:
    one = facts(peers={PODMAN: Peer(pid=7, uid=0, gid=0)}, processes=(process(7, name="podman", exe="/usr/bin/podman"),), answers={PODMAN: podman()})
    told = one["sockets"][PODMAN]
    assert (told["engine"], told["libpod"]["rootless"], told["libpod"]["uid_map"]) == ("podman", False, [])
    assert "info" not in told and "version" not in told
    path = "/run/user/1000/podman/podman.sock"
    anns = {"peers": {path: Peer(pid=700, uid=1000, gid=1000)}, "stats": {path: owned("socket"), "/run/user/1000/podman": owned("dir")}}
    anns["processes"] = (process(700, 1000, "podman", "/usr/bin/podman"),)
    theirs = facts("user-engines", **anns, answers={path: podman("podman-rootless", 1000)})["sockets"][path]
    assert (theirs["libpod"]["rootless"], theirs["libpod"]["uid_map"]) == (True, [[0, 1001, 1], [1, 165536, 65536]])
    assert theirs["libpod"]["cgroup_controllers"] == []


def test_podman_behind_dockers_name_says_who_it_is() -> None:
    podmans = {path: said(body(f"podman-rootless-{path[1:]}"), server=LIBPOD) for path in ("/info", "/version")}
    one = facts(**ROOTS, answers={DOCKER: {**podman(), **podmans}})["sockets"][DOCKER]
    assert (one["named"], one["engine"], one["libpod"]["version"]) == ("docker", "podman", "5.4.2")
    assert one["version"]["components"]["Podman Engine"] == "5.4.2"


class NeverAsks(MemoryHost):
    """A host on which speaking to a socket would be a mistake."""

    def get(self, socket: str, path: str, **_: Any) -> Answer:
        raise AssertionError(f"asked {socket} for {path}")

    def ahead(self, socket: str, path: str) -> None:
        raise AssertionError(f"asked {socket} for {path}")


@pytest.mark.parametrize("path", ["/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/buildkit/buildkitd.sock", "/run/libvirt/libvirt-sock"])
def test_what_does_not_speak_http_is_not_spoken_to(path: str) -> None:
    one = facts(kind=NeverAsks, peers={path: Peer(pid=7, uid=0, gid=0)}, processes=(process(7, exe="/usr/bin/containerd"),))["sockets"][path]
    assert (one["served"], one["process"]["exe"]) == (True, "/usr/bin/containerd")
    assert not {"engine", "info", "version", "libpod"} & one.keys()


ROW = f"0000000000000000: 00000002 00000000 00010000 0001 01    42 {DOCKER}\n"
UNIT = {"/usr/lib/systemd/system/docker.socket": "[Socket]\nListenStream=/run/docker.sock\n"}
BOOTED = {"/run/systemd/system": owned("dir", 0), DOCKER: owned("socket", 0, 0o660)}


def activated(kind: Any, holders: dict[str, str], processes: Any = (), **more: Any) -> Any:
    systemd = process(1, name="systemd", exe="/usr/lib/systemd/systemd")
    return facts(kind=kind, files=UNIT, unix=HEAD + ROW, stats=BOOTED, links=holders, processes=(systemd, *processes), **more)["sockets"][DOCKER]


def test_a_socket_that_systemd_holds_alone_is_not_spoken_to() -> None:
    one = activated(NeverAsks, {"/proc/1/fd/3": "socket:[42]"})
    assert (one["activated"], one["listening"], one["served"], one["uid"]) == (True, True, False, 0)
    assert not {"process", "engine", "info"} & one.keys()
    other = activated(NeverAsks, {"/proc/1/fd/3": "socket:[42]", "/proc/7/fd/9": "socket:[41]"}, processes=(process(7),))
    assert other["served"] is False


def test_a_socket_that_its_engine_holds_as_well_is_spoken_to() -> None:
    holders = {"/proc/1/fd/3": "socket:[42]", "/proc/7/fd/9": "socket:[42]"}
    one = activated(MemoryHost, holders, (process(7),), peers={DOCKER: Peer(pid=1, uid=0, gid=0)}, answers={DOCKER: docker()})
    assert (one["activated"], one["served"], one["process"]["exe"], one["engine"]) == (True, True, "/usr/bin/dockerd", "docker")
    assert one["info"]["root_dir"] == "/var/lib/docker"


def test_where_it_cannot_be_seen_who_else_holds_it_it_is_not_spoken_to() -> None:
    holders = {"/proc/1/fd/3": "socket:[42]"}
    told = facts(
        kind=NeverAsks,
        files={**UNIT, "/proc/7/fd": PermissionError(13, "no")},
        unix=HEAD + ROW,
        stats=BOOTED,
        links=holders,
        processes=(process(1, name="systemd", exe="/usr/lib/systemd/systemd"), process(7)),
    )
    one = told["sockets"][DOCKER]
    assert all(isinstance(one[key], Hole) for key in ("served", "process", "engine", "info", "version", "libpod"))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said("{}", status=401), "denied"),
        (said('{"message":"authorization denied by plugin x"}', status=403), "denied"),
        (said("{}", status=404), "unsupported"),
        (said("", status=302), "nonsense"),
        (said("{}", status=500), "nonsense"),
        (said("<html>"), "nonsense"),
        (said("[]"), "nonsense"),
        (said("null"), "nonsense"),
        (said('{"a":NaN}'), "nonsense"),
        (said('{"a":' + "9" * 10_000 + "}"), "nonsense"),
        (said("[" * 200_000 + "]" * 200_000), "nonsense"),
        (said('{"SecurityOptions":["name=rootless"],"SecurityOptions":[]}'), "nonsense"),
        (said('{"Swarm":{"a":1,"a":2}}'), "nonsense"),
        (said(b'{"Name":"\xff"}'), "nonsense"),
        (said(b'\xef\xbb\xbf{"Name":"x"}'), "nonsense"),
        (said(b" " * (api_client.SIZE + 1)), "limit"),
        (said("{}", uid=1000), "nonsense"),
        (FileNotFoundError(2, "gone"), "nonsense"),
        (ConnectionRefusedError(111, "refused"), "nonsense"),
        (TimeoutError("slow"), "timeout"),
    ],
)
def test_what_is_no_answer_is_a_hole(answer: Any, why: str) -> None:
    one = facts(**ROOTS, answers={DOCKER: docker(**{"/info": answer})})["sockets"][DOCKER]
    assert isinstance(one["info"], Hole) and one["info"].why == why
    assert (one["engine"], one["version"]["version"]) == ("docker", "26.1.5+dfsg1")


def test_a_field_of_another_type_is_a_hole_of_its_own() -> None:
    wrong = '{"SecurityOptions":"name=rootless","Warnings":{"a":1},"Plugins":[],"RegistryConfig":null,"MemoryLimit":1,"Driver":"overlay2"}'
    info = facts(**ROOTS, answers={DOCKER: docker(**{"/info": said(wrong)})})["sockets"][DOCKER]["info"]
    kinds = {name: str(value.why) if isinstance(value, Hole) else value for name, value in info.items()}
    nonsense = ("security_options", "warnings", "authorization_plugins", "insecure_registries", "memory_limit")
    assert kinds == {**dict.fromkeys(info, "unsupported"), **dict.fromkeys(nonsense, "nonsense"), "storage_driver": "overlay2"}


def test_texts_and_lists_have_bounds() -> None:
    large = json.dumps({"DockerRootDir": "/" + "a" * 5000, "SecurityOptions": ["x"] * 300, "Warnings": ["w" * 5000]})
    info = facts(**ROOTS, answers={DOCKER: docker(**{"/info": said(large)})})["sockets"][DOCKER]["info"]
    assert [str(info[name].why) for name in ("root_dir", "security_options", "warnings")] == ["limit"] * 3


def test_what_may_hold_a_password_is_not_taken() -> None:
    secret = json.dumps({"HttpProxy": "http://u:hunter2@p", "Labels": ["token=hunter2"], "Name": "hunter2"})
    config = '{"proxies": {"http-proxy": "http://u:hunter2@p"}, "log-opts": {"splunk-token": "hunter2"}, "group": "docker"}'
    told = facts(files={"/etc/docker/daemon.json": config}, **ROOTS, answers={DOCKER: docker(**{"/info": said(secret)})})
    assert told["configured"]["/etc/docker/daemon.json"]["keys"] == {"group": "docker"}
    assert "hunter2" not in repr(told)


@pytest.mark.parametrize("status", [200, 403, 500])
def test_who_answers_is_told_by_any_answer(status: int) -> None:
    one = facts(**ROOTS, answers={DOCKER: docker(**{"/_ping": said("", status=status)})})["sockets"][DOCKER]
    assert one["engine"] == "docker"


def test_who_does_not_say_who_it_is_may_be_podman() -> None:
    one = facts(**ROOTS, answers={DOCKER: docker(**{"/_ping": said("OK", server="nginx")})})["sockets"][DOCKER]
    assert isinstance(one["engine"], Hole) and isinstance(one["libpod"], Hole)
    assert one["info"]["root_dir"] == "/var/lib/docker"


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        (b"", {}),
        (b'{"userns-remap": "bob", "hosts": ["fd://"], "tls": true}', {"userns-remap": "bob", "hosts": ["fd://"], "tls": True}),
        (b'\xef\xbb\xbf{"icc": false}', {"icc": False}),
        ('\ufeff{"icc": false}'.encode("utf-16-le"), {"icc": False}),
        (b'{"icc": true, "icc": false}', {"icc": False}),
    ],
)
def test_dockers_configuration_is_read_as_docker_reads_it(raw: bytes, keys: dict[str, Any]) -> None:
    assert facts(files={"/etc/docker/daemon.json": raw})["configured"] == {"/etc/docker/daemon.json": {"engine": "docker", "keys": keys}}


@pytest.mark.parametrize("raw", ["[]", "{", '{"icc": }', "[" * 100_000])
def test_a_configuration_that_docker_would_refuse_is_nonsense(raw: str) -> None:
    told = facts(files={"/etc/docker/daemon.json": raw})["configured"]["/etc/docker/daemon.json"]
    assert isinstance(told, Hole) and told.why == Why.NONSENSE
    wrong = facts(files={"/etc/docker/daemon.json": '{"icc": "no", "group": "docker"}'})["configured"]["/etc/docker/daemon.json"]["keys"]
    assert isinstance(wrong["icc"], Hole) and wrong["group"] == "docker"


def test_pidfiles() -> None:
    told = facts(files={"/run/docker.pid": "7\n", "/run/docker/containerd/containerd.pid": "8"}, processes=(process(7), process(8, exe="/usr/bin/vim")))
    assert told["pidfiles"]["/run/docker.pid"] == {"engine": "docker", "running": True, "exe": "/usr/bin/dockerd"}
    assert told["pidfiles"]["/run/docker/containerd/containerd.pid"] == {"engine": "containerd", "running": False, "exe": "/usr/bin/vim"}
    assert facts(files={"/run/docker.pid": "9"})["pidfiles"]["/run/docker.pid"] == {"engine": "docker", "running": False}
    for text in ("", "-1", "0", "x", "7 8"):
        assert isinstance(facts(files={"/run/docker.pid": text})["pidfiles"]["/run/docker.pid"], Hole)


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (process(7), {"/usr/bin/dockerd": "docker"}),
        (process(7, name="k3s-server", exe="/usr/local/bin/k3s"), {"/usr/local/bin/k3s": "k3s"}),
        (process(7, exe="/usr/bin/dockerd (deleted)"), {"/usr/bin/dockerd": "docker"}),
        (process(7, exe="/usr/bin/python3.13"), {}),
        (process(7, exe=""), {}),
        (process(7, name="systemd", exe="/usr/bin/dockerd"), {}),
        (process(7, uid=1000), {}),
        (process(7, host=False), {"/usr/bin/dockerd": "docker"}),
        (process(8, host=False), {}),
    ],
)
def test_roots_engines_are_known_by_their_program(one: Process, found: dict[str, str]) -> None:
    tables = {"/proc/7/mountinfo": TABLE, "/proc/8/mountinfo": OTHER_ROOT}
    told = facts(files={**tables, "/usr/local/bin/k3s": ""}, processes=(one,))["processes"]
    assert {path: program["engine"] for path, program in told.items()} == found


def test_a_process_of_a_user_is_an_engine_of_that_user_alone() -> None:
    stats = {"/home/ann/bin/dockerd": owned("file", mode=0o755), "/home/ann": owned("dir"), "/home/ann/bin": owned("dir")}
    told = facts("user-engines", stats=stats, processes=(process(9, 1000, exe="/home/ann/bin/dockerd"), process(10, 1000, exe="/usr/bin/python3")))
    assert told["programs"] == {"1000": {"/home/ann/bin/dockerd": {"engine": "docker", "root_owned": False}}}
    assert facts(stats=stats, processes=(process(9, 1000, exe="/home/ann/bin/dockerd"),))["processes"] == {}


def test_a_user_with_a_thousand_engines_is_not_looked_at_longer() -> None:
    many = [process(100 + number, 1000, exe=f"/usr/bin/{number}") for number in range(50)]
    told = facts("user-engines", processes=(*many, process(99, 1001, "conmon", "/usr/bin/conmon")))
    assert isinstance(told["programs"]["1000"], Hole) and told["programs"]["1000"].why == Why.LIMIT
    assert told["programs"]["1001"]["/usr/bin/conmon"]["engine"] == "podman"


def test_hidden_processes_leave_the_programs_open() -> None:
    hidden = {"/proc/self/mountinfo": TABLE.replace("proc proc rw", "proc proc rw,hidepid=2"), "/proc/self/status": "CapEff:\t0000000000000002\n"}
    assert isinstance(facts(files=hidden)["processes"], Hole)
    assert isinstance(facts("user-engines", hidden)["programs"], OpenObject)


def silent(count: int) -> dict[str, Any]:
    paths = [f"/run/user/{1000 + number}/docker.sock" for number in range(count)]
    return {
        "peers": {path: Peer(pid=700, uid=1000 + number, gid=1) for number, path in enumerate(paths)},
        "stats": {f"/run/user/{1000 + number}": owned("dir", 1000 + number) for number in range(count)}
        | {path: owned("socket", 1000 + number) for number, path in enumerate(paths)},
        "answers": {path: dict.fromkeys(("/_ping", "/info", "/version"), TimeoutError("silence")) for path in paths},
    }


def test_many_users_who_never_answer_do_not_use_up_the_time() -> None:
    told = facts("user-engines", **silent(100))["sockets"]
    whys = [str(one["engine"].why) for one in told.values()]
    assert (whys.count("timeout"), whys.count("limit")) == (2 * probe_user_engines.AT_ONCE, 100 - 2 * probe_user_engines.AT_ONCE)


def test_one_user_with_many_sockets_costs_no_other() -> None:
    paths = [f"/tmp/{number}/docker.sock" for number in range(60)]
    rows = "".join(f"0000000000000000: 00000002 00000000 00010000 0001 01 {100 + number:5} {path}\n" for number, path in enumerate(paths))
    stats = {"/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777)} | {path: owned("socket", 1001) for path in paths}
    stats |= {f"/tmp/{number}": owned("dir", 1001) for number in range(60)}
    peers = {path: Peer(pid=8, uid=1001, gid=1001) for path in paths}
    hung = {path: dict.fromkeys(("/_ping", "/info", "/version"), TimeoutError("silence")) for path in paths}
    told = facts(
        "user-engines",
        unix=HEAD + rows,
        peers={**ANN["peers"], **peers},
        stats={**ANN["stats"], **stats},
        processes=ANN["processes"],
        answers={**hung, ANNS: docker("docker-rootless-slirp4netns", 1000)},
    )["sockets"]
    assert told[ANNS]["engine"] == "docker"
    assert sum(1 for path in paths if told[path]["engine"].why == "timeout") <= probe_user_engines.EACH


CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "docker": (probe_engines.collect, {**ROOTS, "answers": {DOCKER: docker()}, "files": {"/etc/docker/daemon.json": '{"icc": false}', "/run/docker.pid": "7"}}),
    "podman as docker": (
        probe_engines.collect,
        {**ROOTS, "answers": {DOCKER: {**podman(), "/info": said(body("podman-rootless-info")), "/version": said(body("podman-rootless-version"))}}},
    ),
    "activated": (
        probe_engines.collect,
        {
            "files": UNIT,
            "unix": HEAD + ROW,
            "stats": BOOTED,
            "links": {"/proc/1/fd/3": "socket:[42]", "/proc/7/fd/9": "socket:[42]", "/proc/70/fd/9": "socket:[42]"},
            "processes": (process(1, name="systemd", exe="/usr/lib/systemd/systemd"), process(7), process(70, exe="/usr/local/bin/dockerd")),
            "peers": {DOCKER: Peer(pid=1, uid=0, gid=0)},
            "answers": {DOCKER: docker()},
        },
    ),
    "activated alone": (
        probe_engines.collect,
        {
            "files": {**UNIT, "/proc/7/mountinfo": OTHER_ROOT},
            "unix": HEAD + ROW,
            "stats": BOOTED,
            "links": {"/proc/1/fd/3": "socket:[42]"},
            "processes": (process(1, name="systemd", exe="/usr/lib/systemd/systemd"), process(7, host=False)),
        },
    ),
    "gone": (probe_engines.collect, {"peers": {DOCKER: Peer(pid=99, uid=0, gid=0)}, "processes": (), "answers": {DOCKER: docker()}}),
    "containerd": (
        probe_engines.collect,
        {"peers": {"/run/containerd/containerd.sock": Peer(pid=7, uid=0, gid=0)}, "processes": (process(7, exe="/usr/bin/containerd"),)},
    ),
    "user": (
        probe_user_engines.collect,
        {**ANN, "answers": {ANNS: docker("docker-rootless-slirp4netns", 1000)}},
    ),
    "user in a unit of the system": (
        probe_user_engines.collect,
        {
            **ANN,
            "files": {"/proc/700/cgroup": "0::/system.slice/rl.service\n", "/etc/systemd/system/rl.service": "[Service]\nUser=ann\n"},
            "answers": {ANNS: docker("docker-rootless-slirp4netns", 1000)},
        },
    ),
    "other programs": (
        probe_user_engines.collect,
        {
            "files": {"/proc/11/mountinfo": OTHER_ROOT},
            "processes": (process(9, 1000, exe="/usr/bin/vim"), process(10, 1001), process(11, 1000, host=False), process(12, 1001, exe="/bin/podman")),
        },
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_denying_any_answer_only_makes_holes(name: str) -> None:
    collect, given = CASES[name]
    assert list(denials(collect, host(**given))) == []


def test_root_with_another_group_is_root_all_the_same() -> None:
    for gids in ((0,) * 4, (999,) * 4):
        told = facts(processes=(replace(process(7), gids=gids),))
        assert told["processes"] == facts(processes=(process(7),))["processes"] != {}


def test_who_was_silent_once_is_asked_nothing_more() -> None:
    told = facts(**ROOTS, answers={DOCKER: {"/_ping": TimeoutError("too slow"), "/info": AssertionError("asked"), "/version": AssertionError("asked")}})
    one = told["sockets"][DOCKER]
    assert {one[name].why for name in ("engine", "info", "version")} == {Why.TIMEOUT}


def test_programs_whose_names_look_alike_once_they_are_text_cost_no_other_fact() -> None:
    mine = [process(700 + number, 1000, exe=exe) for number, exe in enumerate(("/a/\udcff/dockerd", "/a/\\xff/dockerd"))]
    assert list(facts("user-engines", processes=mine)["programs"]["1000"]) == ["/a/\\xff/dockerd"]
