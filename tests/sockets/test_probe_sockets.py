from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sockets.socket_host import (
    ABSENT,
    CAT,
    CATS,
    DOCKER,
    DOCKER_UNIT,
    DOCKERD,
    END,
    ENGINE,
    FDS,
    HEAD,
    HELD,
    NAME,
    ROOTS,
    SCHEMA,
    SYSTEMD,
    TABLE,
    UNITS,
    facts,
    folder,
    host,
    listener,
    route,
    row,
)

from hostcheck.host.answers import AclEntry, Peer, Stat, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.sockets import probe_sockets
from hostcheck_builtin.system import candidates, units


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_sockets.facts.json")
    assert set(candidates.WELL_KNOWN.values()) | set(candidates.NAMES.values()) | set(candidates.UNITS.values()) <= set(SCHEMA["$defs"]["engine"]["enum"])


def test_a_host_without_engines() -> None:
    told = facts()
    assert told == {} and not isinstance(told, OpenObject)


def test_a_socket_with_all_that_is_on_its_way() -> None:
    acl = tuple(
        AclEntry(tag=tag, id=who, perms=perms)
        for tag, who, perms in (("user_obj", -1, 6), ("user", 1000, 6), ("group_obj", -1, 6), ("mask", -1, 6), ("other", -1, 0))
    )
    told = facts(peers={"/run/docker.sock": ROOTS}, stats={"/run/docker.sock": route(0o660, 0, 999, acl=acl, dev=5, ino=77), "/": folder(0o555)})
    assert told == {
        "/run/docker.sock": {
            **{"realpath": "/run/docker.sock", "type": "socket", "dev": 5, "ino": 77, "owner_uid": 0, "owner_gid": 999, "mode": "0660"},
            "acl": [{"tag": one.tag, "id": one.id, "perms": {6: "rw-", 0: "---"}[one.perms]} for one in acl],
            "links": {"/var/run": {"target": "/run", "uid": 0}},
            "parents": {path: {"uid": 0, "gid": 0, "mode": mode, "acl": []} for path, mode in (("/", "0555"), ("/run", "0755"), ("/var", "0755"))},
            **{"engine": "docker", "source": "well-known", "expected": False, "activated": False, "listening": True, "connections": {}},
            "peer": {"pid": 500, "uid": 0, "gid": 0, "exe": "/usr/bin/dockerd"},
        }
    }


@pytest.mark.parametrize("path", sorted(candidates.WELL_KNOWN))
def test_every_well_known_path(path: str) -> None:
    told = facts(peers={path: ROOTS}, stats={path: route()})
    assert {name: (one["engine"], one["type"]) for name, one in told.items()} == {path: (candidates.WELL_KNOWN[path], "socket")}


def test_sticky_and_other_bits_are_in_the_mode() -> None:
    assert facts(peers={"/run/docker.sock": ROOTS}, stats={"/run/docker.sock": route(0o1660)})["/run/docker.sock"]["mode"] == "1660"


@pytest.mark.parametrize("kind", ["file", "dir", "fifo", "char", "block"])
def test_what_is_no_socket_is_not_connected_to(kind: str) -> None:
    told = facts(stats={"/run/docker.sock": Stat(type=kind, uid=0, gid=0, mode=0o666)})["/run/docker.sock"]
    assert (told["type"], told["listening"], "peer" in told) == (kind, False, False)


def test_what_is_the_same_under_run_and_var_run_is_one() -> None:
    files = {"/etc/docker/daemon.json": '{"hosts": ["unix:///var/run/docker.sock", "unix:///var/run/other.sock"]}'}
    told = facts(files, peers={"/run/docker.sock": ROOTS, "/run/other.sock": ROOTS}, stats={"/run/docker.sock": route(), "/run/other.sock": route()})
    assert {path: one["source"] for path, one in told.items()} == {"/run/docker.sock": "well-known", "/run/other.sock": "/etc/docker/daemon.json"}


def test_a_var_run_of_its_own_is_another_place() -> None:
    told = stated(
        probe_sockets.collect,
        MemoryHost(
            {"/proc/net/unix": HEAD},
            peers={"/run/docker.sock": ROOTS, "/var/run/docker.sock": ROOTS},
            stats={"/run/docker.sock": route(), "/var/run/docker.sock": route()},
            processes=(),
        ),
    )["sockets"]
    assert set(told) == {"/run/docker.sock", "/var/run/docker.sock"}


def test_a_link_names_what_it_leads_to() -> None:
    told = facts(
        links={"/run/docker.sock": "podman/podman.sock"},
        peers={"/run/podman/podman.sock": ROOTS},
        stats={"/run/podman/podman.sock": route(0o600), "/run/podman": folder(0o700)},
    )
    assert set(told) == {"/run/docker.sock", "/run/podman/podman.sock"}
    assert told["/run/docker.sock"]["realpath"] == "/run/podman/podman.sock"
    assert told["/run/docker.sock"]["links"]["/run/docker.sock"] == {"target": "podman/podman.sock", "uid": 0}
    assert told["/run/docker.sock"]["parents"]["/run/podman"]["mode"] == "0700"


def test_links_that_lead_nowhere() -> None:
    told = facts(links={"/run/docker.sock": "/run/gone", "/run/crio/crio.sock": "crio.sock"})
    assert {path: one["type"] for path, one in told.items()} == {"/run/docker.sock": "dangling", "/run/crio/crio.sock": "loop"}
    assert told["/run/docker.sock"]["realpath"] == "/run/gone"


def test_a_chain_of_forty_links_is_followed_and_a_longer_one_is_not() -> None:
    def chain(count: int) -> Any:
        links = {f"/run/l{index}": f"l{index + 1}" for index in range(1, count)} | {"/run/docker.sock": "l1", f"/run/l{count}": "end"}
        return facts(
            links={name: target for name, target in links.items() if name != f"/run/l{count}"},
            stats={f"/run/l{count}": route()},
            peers={f"/run/l{count}": ROOTS},
        )

    assert chain(40)["/run/docker.sock"]["type"] == "socket"
    assert chain(41)["/run/docker.sock"]["type"] == "loop"


@pytest.mark.parametrize("capable", [True, False])
def test_a_place_that_cannot_be_looked_at_is_a_hole_and_to_who_may_look_nowhere_one_for_all(capable: bool) -> None:
    files: dict[str, Any] = {
        "/run/podman": PermissionError(13, "Permission denied"),
        "/proc/self/status": f"Name:\tx\nCapEff:\t{capable << 2:016x}\n",
    }
    told = facts(files, peers={"/run/docker.sock": ROOTS}, stats={"/run/docker.sock": route()})
    assert told["/run/docker.sock"]["listening"] is True
    if capable:
        assert isinstance(told["/run/podman/podman.sock"], Hole) and not isinstance(told, OpenObject)
    else:
        assert told.keys() == {"/run/docker.sock"} and told.hole.why is Why.DENIED


DAEMON = '{"hosts": ["unix:///srv/engine.sock", "fd://", "tcp://0.0.0.0:2375", "unix://relative.sock"]}'


@pytest.mark.parametrize(
    "raw", [DAEMON.encode(), b"\xef\xbb\xbf" + DAEMON.encode(), b"\xff\xfe" + DAEMON.encode("utf-16-le"), b"\xfe\xff" + DAEMON.encode("utf-16-be")]
)
def test_daemon_json_as_dockerd_reads_it(raw: bytes) -> None:
    told = facts({"/etc/docker/daemon.json": raw}, peers={"/srv/engine.sock": ROOTS}, stats={"/srv/engine.sock": route()})
    assert (told["/srv/engine.sock"]["engine"], told["/srv/engine.sock"]["source"]) == ("docker", "/etc/docker/daemon.json")


def test_of_two_keys_the_last_counts_and_unix_alone_is_the_usual_place() -> None:
    raw = '{"hosts": ["unix:///srv/a.sock"], "hosts": ["unix:///srv/b.sock", "unix://"]}'
    peers = {f"/srv/{name}.sock": ROOTS for name in "ab"}
    assert set(facts({"/etc/docker/daemon.json": raw}, peers=peers, stats={path: route() for path in peers})) == {"/srv/b.sock", "/run/docker.sock"}


@pytest.mark.parametrize("raw", ["", "  \n", "{}", "null", '{"debug": true}', '{"hosts": null}'])
def test_a_daemon_json_without_hosts(raw: str) -> None:
    assert not isinstance(facts({"/etc/docker/daemon.json": raw}), OpenObject)


@pytest.mark.parametrize(
    "raw", ['{"Hosts": []}', "[]", "{", '{"hosts": {}}', '{"hosts": [1]}', '{"a": 1,}', "[" * 100_000, b"\xff\xff", PermissionError(13, "no")]
)
def test_a_daemon_json_that_tells_nothing_leaves_the_list_open(raw: Any) -> None:
    told = facts({"/etc/docker/daemon.json": raw}, peers={"/run/docker.sock": ROOTS}, stats={"/run/docker.sock": route()})
    assert isinstance(told, OpenObject)
    assert told.hole.why == (Why.DENIED if isinstance(raw, Exception) else Why.NONSENSE)
    assert told["/run/docker.sock"]["engine"] == "docker"


def test_toml_configurations() -> None:
    files = {
        "/etc/containerd/config.toml": 'version = 2\n[grpc]\naddress = "/srv/c.sock"\n',
        "/etc/buildkit/buildkitd.toml": '[grpc]\naddress = ["tcp://0.0.0.0:1", "unix:///srv/b.sock"]\n',
    }
    peers = {f"/srv/{name}.sock": ROOTS for name in "bc"}
    told = facts(files, peers=peers, stats={path: route() for path in peers})
    engines = {"/srv/b.sock": "buildkit", "/srv/c.sock": "containerd", "/srv/c.sock.ttrpc": "containerd"}
    assert {path: one["engine"] for path, one in told.items()} == engines
    assert {path: one["type"] for path, one in told.items() if one["type"] != "socket"} == {"/srv/c.sock.ttrpc": "absent"}
    assert isinstance(facts({"/etc/containerd/config.toml": "[grpc\n"}), OpenObject)


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ({f"{UNITS}/docker.socket": "[Socket]\nListenStream=/srv/d.sock\n"}, {"/srv/d.sock"}),
        ({f"{UNITS}/docker.socket": "[Socket]\nListenStream = %t/d.sock\nListenStream=@abstract\nListenStream=2375\n"}, {"/run/d.sock"}),
        ({f"{UNITS}/docker.socket": "[Socket]\nListenStream=/srv/a.sock\nListenStream=\nListenStream=/srv/b.sock\n"}, {"/srv/b.sock"}),
        ({f"{UNITS}/docker.socket": "[Socket]\nListenStream=\\\n# comment\n  /srv/d.sock\n[Unit]\nListenStream=/srv/not.sock\n"}, {"/srv/d.sock"}),
        (
            {f"{UNITS}/docker.socket": "[Socket]\nListenStream=/srv/a.sock\n", "/etc/systemd/system/docker.socket": "[Socket]\nListenStream=/srv/b.sock\n"},
            {"/srv/b.sock"},
        ),
        ({f"{UNITS}/docker.socket": "[Socket]\nListenStream=/srv/a.sock\n", "/etc/systemd/system/docker.socket": ""}, set()),
        (
            {
                f"{UNITS}/docker.socket": "[Socket]\nListenStream=/srv/a.sock\n",
                "/etc/systemd/system/docker.socket.d/10-x.conf": "[Socket]\nListenStream=\nListenStream=/srv/b.sock\n",
                "/run/systemd/system/docker.socket.d/10-x.conf": "[Socket]\nListenStream=/srv/covered.sock\n",
                "/run/systemd/system/docker.socket.d/20-y.conf": "[Socket]\nListenStream=/srv/c.sock\n",
                "/etc/systemd/system/socket.d/30-z.conf": "[Socket]\nListenStream=/srv/d.sock\n",
                "/etc/systemd/system/docker.socket.d/README": "[Socket]\nListenStream=/srv/e.sock\n",
            },
            {"/srv/b.sock", "/srv/c.sock", "/srv/d.sock"},
        ),
        ({f"{UNITS}/docker@.socket": "[Socket]\nListenStream=/srv/a.sock\n", f"{UNITS}/docker.service": "ListenStream=/srv/b.sock"}, set()),
        ({f"{UNITS}/x.socket": "[Socket]\nListenStream=/srv/%i.sock\nListenStream=/srv/100%%.sock\n"}, {"/srv/100%.sock"}),
        ({f"{UNITS}/x.socket": "[Socket]\nSymlinks=/srv/no.sock\nListenStream=/srv/a=b.sock\n"}, {"/srv/a=b.sock"}),
        ({f"{UNITS}/x.socket": "[Socket]\n  # one \\\n\t; other \\\nListenStream=/srv/a.sock\n"}, {"/srv/a.sock"}),
        (
            {
                f"{UNITS}/a-b-c.socket": "[Socket]\n",
                "/etc/systemd/system/a-b-.socket.d/1.conf": "[Socket]\nListenStream=/srv/ab.sock\n",
                "/etc/systemd/system/a-.socket.d/1.conf": "[Socket]\nListenStream=/srv/covered.sock\n",
                "/etc/systemd/system/a-.socket.d/2.conf": "[Socket]\nListenStream=/srv/a.sock\n",
                "/etc/systemd/system/a-b-c-.socket.d/3.conf": "[Socket]\nListenStream=/srv/abc.sock\n",
                "/etc/systemd/system/a.socket.d/4.conf": "[Socket]\nListenStream=/srv/other.sock\n",
            },
            {"/srv/ab.sock", "/srv/a.sock"},
        ),
        (
            {f"{UNITS}/a.b-c.socket": "[Socket]\n", f"{UNITS}/a.b-.socket.d/1.conf": "[Socket]\nListenStream=/srv/ab.sock\n"},
            {"/srv/ab.sock"},
        ),
    ],
)
def test_what_socket_units_listen_on(files: dict[str, str], paths: set[str]) -> None:
    assert set(units.socket_units(host(files))) == paths


def test_a_masked_unit_listens_on_nothing() -> None:
    files = {f"{UNITS}/docker.socket": DOCKER_UNIT, f"{UNITS}/docker.socket.d/x.conf": "[Socket]\nListenStream=/srv/d.sock\n"}
    null = {"/dev/null": Stat(type="char", uid=0, gid=0, mode=0o666)}
    assert units.socket_units(host(files, links={"/etc/systemd/system/docker.socket": "/dev/null"}, stats=null)) == {}
    assert units.socket_units(host(files, links={"/etc/systemd/system/docker.socket": "/nowhere"})) == {}
    assert units.socket_units(host({**files, "/etc/systemd/system/docker.socket": "\n"})) == {}


def test_a_socket_starts_the_service_of_its_name_or_another() -> None:
    files = {f"{UNITS}/{name}.socket": f"[Socket]\nListenStream=/srv/{name}\n" for name in ("a", "b")}
    other = {"/etc/systemd/system/b.socket.d/1.conf": "[Socket]\nService=x.service\nService=\n"}
    assert {path: unit.service for path, unit in units.socket_units(host({**files, **other})).items()} == {"/srv/a": "a.service", "/srv/b": "x.service"}


@pytest.mark.parametrize(
    ("unit", "user"),
    [("a.service", "ann"), ("a@b@c.d.service", "bob"), ("a@x.service", "cyd"), ("b.service", ""), ("c@x.service", ""), ("a@.service", "bob"), ("none", "")],
)
def test_an_instance_is_told_what_its_template_says(unit: str, user: str) -> None:
    users = {"a.service": "root\nUser=ann", "a@.service": "bob", "a@x.service": "cyd", "b@.service": "eve"}
    files = {f"{UNITS}/{name}": f"[Service]\nUser={one}\n[Unit]\nUser=x\n" for name, one in users.items()}
    assert units.last_setting(host(files), unit, "Service", "User") == user


def test_a_path_is_a_candidate_where_the_unit_or_its_own_name_tells_an_engine() -> None:
    files = {
        f"{UNITS}/{name}.socket": f"[Socket]\nListenStream=/srv/{path}\n" for name, path in (("docker", "a.sock"), ("dbus", "b.sock"), ("mine", "podman.sock"))
    }
    peers = {f"/srv/{name}": ROOTS for name in ("a.sock", "b.sock", "podman.sock")}
    told = facts(files, peers=peers, stats={path: route() for path in peers})
    assert {path: (one["engine"], one["source"], one["unit"]) for path, one in told.items()} == {
        "/srv/a.sock": ("docker", "unit:docker.socket", "docker.socket"),
        "/srv/podman.sock": ("podman", "unit:mine.socket", "mine.socket"),
    }


class NeverConnect(MemoryHost):
    """A host on which connecting would start a daemon."""

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        raise AssertionError(f"connected to {path}")


def booted(kind: Any = NeverConnect, *, unix: str = HEAD + row("/run/docker.sock", 42), fds: Any = None, unit: str = DOCKER_UNIT, **more: Any) -> Any:
    links = {"/var/run": "/run", **FDS, "/proc/1/fd/0": "/dev/null", "/proc/1/fd/40": "socket:[42]"}
    files: dict[str, Any] = {"/proc/net/unix": unix, "/proc/self/mountinfo": TABLE, f"{UNITS}/docker.socket": unit}
    if fds is not None:
        files["/proc/1/fd"], links = fds, {"/var/run": "/run", **FDS}
    stats = {"/run/systemd/system": folder(0o755), "/run/docker.sock": route(0o660, 0, 999)}
    return kind(files, links=links, stats=stats, processes=more.pop("processes", (SYSTEMD, DOCKERD)), **more)


def test_a_socket_that_systemd_holds_is_not_connected_to() -> None:
    told = stated(probe_sockets.collect, booted())["sockets"]["/run/docker.sock"]
    assert (told["unit"], told["activated"], told["listening"]) == ("docker.socket", True, True)
    assert told["peer"] == {"pid": 1, "uid": 0, "gid": 0, "exe": "/usr/lib/systemd/systemd"}


def test_without_a_look_into_process_1_a_socket_of_a_unit_is_not_connected_to_either() -> None:
    denied = PermissionError(13, "Permission denied")
    at = booted(fds=denied).stat("/run/docker.sock")
    for listed, shown in (([UnixSocket(inode=42, name="/run/docker.sock", listening=True, dev=at.dev, file=at.ino)], True), ([], False)):
        told = stated(probe_sockets.collect, booted(fds=denied, unix_sockets=listed))["sockets"]["/run/docker.sock"]
        assert told["listening"] is True if shown else isinstance(told["listening"], Hole)
        assert isinstance(told["activated"], Hole) and isinstance(told["peer"], Hole)


@pytest.mark.parametrize("unix", [HEAD, HEAD + row("/run/other", 42), HEAD + row("/run/docker.sock", 43)])
def test_a_unit_that_systemd_does_not_hold_is_connected_to(unix: str) -> None:
    told = stated(probe_sockets.collect, booted(MemoryHost, unix=unix, peers={"/run/docker.sock": ROOTS}))["sockets"]["/run/docker.sock"]
    assert (told["activated"], told["listening"], told["peer"]["pid"]) == (False, True, 500)


def test_a_socket_of_no_unit_is_connected_to_whoever_process_1_is() -> None:
    host = booted(MemoryHost, fds=PermissionError(13, "no"), unit="[Socket]\nListenStream=/run/x\n", peers={"/run/docker.sock": ROOTS})
    told = stated(probe_sockets.collect, host)["sockets"]["/run/docker.sock"]
    assert isinstance(told["activated"], Hole) and told["peer"]["pid"] == 500


def test_units_that_cannot_be_read_keep_the_scanner_from_connecting_where_systemd_may_hold_it() -> None:
    host = booted(fds=PermissionError(13, "no"), unit=PermissionError(13, "no"))
    told = stated(probe_sockets.collect, host)["sockets"]
    assert isinstance(told, OpenObject)
    assert isinstance(told["/run/docker.sock"]["unit"], Hole) and isinstance(told["/run/docker.sock"]["peer"], Hole)


def test_a_listener_by_an_engines_name_is_found_where_only_root_could_put_it() -> None:
    unix = (
        HEAD + row("/srv/a/docker.sock", 5) + row("/srv/b/docker.sock", 6) + row("/srv/a/connected/docker.sock", 8, "00000000") + row("/srv/a/mysqld.sock", 7)
    )
    paths = [f"/srv/{name}" for name in ("a/docker.sock", "b/docker.sock", "a/mysqld.sock", "a/connected/docker.sock")]
    told = facts(unix=unix, peers=dict.fromkeys(paths, ROOTS), stats={**{path: route() for path in paths}, "/srv/b": folder(0o755, 1000)})
    assert {path: one["source"] for path, one in told.items()} == {"/srv/a/docker.sock": "listening"}


@pytest.mark.parametrize(
    "above", [folder(0o755, 1000), folder(0o777), folder(0o1777), folder(0o775, 0, 5), folder(0o755, acl=(AclEntry(tag="user", id=1000, perms=7),))]
)
def test_a_users_directory_is_never_looked_into_because_of_a_name(above: Stat) -> None:
    class Trap(MemoryHost):
        def stat(self, path: str, *, follow: bool = True) -> Stat:
            assert not path.startswith("/srv/b/"), "asked a FUSE mount"
            return super().stat(path, follow=follow)

    host = Trap(
        {"/proc/self/mountinfo": TABLE, "/proc/net/unix": HEAD + row("/srv/b/fuse/docker.sock", 5)},
        stats={"/srv/b": above, "/srv/b/fuse/docker.sock": route()},
        processes=(),
    )
    assert stated(probe_sockets.collect, host)["sockets"] == {}


def test_no_table_of_names_leaves_the_list_open() -> None:
    for unix in (ABSENT, PermissionError(13, "Permission denied")):
        told = facts(unix=unix, peers={"/run/docker.sock": ROOTS}, stats={"/run/docker.sock": route()})
        assert isinstance(told, OpenObject)
        assert told["/run/docker.sock"]["listening"] is True


@given(st.text(max_size=300))
def test_no_table_of_names_breaks_it(text: str) -> None:
    assert isinstance(facts(unix=HEAD + text, peers={"/run/docker.sock": ROOTS}, stats={"/run/docker.sock": route()}), dict)


def test_names_that_are_one_once_written_as_utf8_are_two_sockets() -> None:
    unix = HEAD + row("/srv/\udcff/docker.sock", 5) + row("/srv/\\xff/docker.sock", 6)
    paths = ["/srv/\udcff/docker.sock", "/srv/\\xff/docker.sock"]
    assert len(facts(unix=unix, peers=dict.fromkeys(paths, ROOTS), stats={path: route() for path in paths})) == 2


RICH: dict[str, Any] = {
    "/proc/self/mountinfo": TABLE,
    "/proc/net/unix": HEAD + row("/run/docker.sock", 42) + row("/run/containerd/containerd.sock", 43) + row("/srv/x/crio.sock", 44),
    "/etc/docker/daemon.json": '{"hosts": ["unix:///srv/engine.sock", "unix:///run/podman/podman.sock"]}',
    "/etc/containerd/config.toml": '[grpc]\naddress = "/run/containerd/containerd.sock"\n',
    f"{UNITS}/docker.socket": DOCKER_UNIT,
    f"{UNITS}/podman.socket": "[Socket]\nListenStream=%t/podman/podman.sock\nListenStream=/srv/engine.sock\n",
    "/etc/systemd/system/podman.socket.d/x.conf": "[Socket]\nSocketMode=0600\n",
}


@pytest.mark.parametrize("systemd", [True, False])
@pytest.mark.parametrize("linked", [True, False])
def test_denying_any_answer_only_makes_holes(systemd: bool, linked: bool) -> None:
    paths = {
        "/run/docker.sock": ROOTS,
        "/run/containerd/containerd.sock": ROOTS,
        "/srv/x/crio.sock": ROOTS,
        "/run/podman/podman.sock": ConnectionRefusedError(111, "x"),
    }
    stats = {**{path: route() for path in paths}, **({"/run/systemd/system": folder(0o755)} if systemd else {})}
    links = {
        "/srv/engine.sock": "/run/podman/podman.sock",
        "/proc/1/fd/4": "socket:[42]",
        "/run/crio/crio.sock": "gone",
        **({"/var/run": "/run"} if linked else {}),
    }
    if not linked:
        stats["/var/run/docker.sock"] = route()
    host = MemoryHost(RICH, links=links, peers=paths, stats=stats, processes=(SYSTEMD, DOCKERD))
    assert list(denials(probe_sockets.collect, host)) == []


def test_denying_any_answer_about_what_has_no_path_only_makes_holes() -> None:
    unix = HEAD + row(DOCKER, 42) + row("@x", 44) + row(NAME, 45) + f"0000000000000000: 00000003 00000000 00000000 0001 03    43 {DOCKER}\n"
    links = {**HELD, "/proc/500/fd/4": "socket:[44]", "/proc/700/fd/5": "socket:[50]"}
    listed = [END, listener(DOCKER), listener("@x", inode=44), listener(inode=45)]
    one = host(ENGINE, unix=unix, links=links, stats={DOCKER: route()}, peers={DOCKER: ROOTS}, processes=(SYSTEMD, DOCKERD, CAT), unix_sockets=listed)
    before = stated(probe_sockets.collect, one)
    assert set(before["abstract"]) == {"@x", NAME} and before["sockets"][DOCKER]["connections"] == CATS
    assert list(denials(probe_sockets.collect, one)) == []
