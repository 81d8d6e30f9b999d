from sockets.socket_host import DOCKERD, FDS, HEAD, ROOTS, SYSTEMD, TABLE, UNITS, facts, folder, route, row
from sockets.test_fd_owners import PROGRAM, held

from hostcheck.host.answers import Peer, Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import OpenObject, Why
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.sockets import probe_sockets


def test_what_was_taken_from_its_place_is_still_expected_there() -> None:
    eng = {"/srv/e": folder(0o777)}
    told = held("/srv/e/d.sock", peers={"/srv/e/x": ROOTS}, stats={**eng, "/srv/e/x": route()})["/srv/e/d.sock"]
    assert (told["type"], told["expected"], told["listening"], told["owner_uid"], told["parents"]["/srv/e"]["mode"]) == ("absent", True, False, 0, "0777")
    erins = Peer(pid=9, uid=1000, gid=1000)
    told = held("/srv/e/d.sock", peers={"/srv/e/d.sock": erins}, stats={**eng, "/srv/e/d.sock": route(uid=1000)})["/srv/e/d.sock"]
    assert (told["expected"], told["listening"], told["owner_uid"], told["peer"]["uid"]) == (True, True, 1000, 1000)
    moved = {"/srv/a": folder(0o755, 1000), "/srv/a/e2": folder(0o755), "/srv/a/e2/d.sock": route(), "/srv/a/e": Stat(type="link", uid=1000, gid=0, mode=0o777)}
    told = held("/srv/a/e/d.sock", links={"/srv/a/e": "e2"}, peers={"/srv/a/e2/d.sock": ROOTS}, stats=moved)["/srv/a/e/d.sock"]
    assert (told["realpath"], told["listening"], told["links"]["/srv/a/e"]["uid"]) == ("/srv/a/e2/d.sock", True, 1000)


def test_a_path_that_is_configured_is_stated_though_nothing_is_there() -> None:
    told = facts({"/etc/docker/daemon.json": '{"hosts": ["unix:///run/eng/docker.sock"]}'}, stats={"/run/eng": folder(0o777)})
    assert {path: (one["type"], one["expected"]) for path, one in told.items()} == {"/run/eng/docker.sock": ("absent", True)}
    assert set(told["/run/eng/docker.sock"]["parents"]) == {"/", "/run", "/run/eng", "/var"}
    told = facts({"/etc/docker/daemon.json": '{"hosts": ["unix:///srv/none/docker.sock"]}'}, stats={"/srv": folder(0o755)})
    assert set(told["/srv/none/docker.sock"]["parents"]) == {"/", "/srv"}


def test_the_service_of_a_unit_tells_the_engine() -> None:
    files = {f"{UNITS}/docker-ext.socket": "[Socket]\nListenStream=/run/dk.sock\nService=docker.service\n"}
    told = facts(files, peers={"/run/dk.sock": ROOTS}, stats={"/run/dk.sock": route(0o666)})
    assert [told["/run/dk.sock"][fact] for fact in ("engine", "unit", "service")] == ["docker", "docker-ext.socket", "docker.service"]


def test_what_containerds_configuration_imports() -> None:
    conf = '[grpc]\naddress="/run/c/{0}.sock"\n[ttrpc]\naddress="/run/c/{0}.t"\n'
    files = {
        "/etc/containerd/config.toml": 'imports=["conf.d/*.toml", "/etc/one.toml"]\n',
        "/etc/containerd/conf.d/a.toml": conf.format("a") + "",
        "/etc/containerd/conf.d/README": "no toml",
        "/etc/one.toml": 'imports=["one.toml", "/etc/none.toml", "/etc/no/*.toml"]\n' + conf.format("one"),
    }
    assert set(facts(files)) == {f"/run/c/{name}" for name in ("a.sock", "a.t", "one.sock", "one.t")}
    for broken in ('imports=["/etc/*/x.toml"]\n', 'imports=["/etc/bad.toml"]\n'):
        assert isinstance(facts({"/etc/containerd/config.toml": broken, "/etc/bad.toml": "["}), OpenObject)


REMOTE = TABLE + "30 27 0:50 / /home rw - autofs systemd-1 rw\n31 27 0:51 / /srv/nfs rw - nfs4 x:/ rw\n32 27 0:52 / /run/eng/f rw - fuse.sshfs x rw\n"


class Untouched(MemoryHost):
    """A host on which some places must not be looked at."""

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        assert not path.startswith(("/home", "/srv/nfs", "/run/eng/f")), path
        return super().stat(path, follow=follow)


def test_nothing_is_looked_at_that_asks_a_server_or_a_user() -> None:
    unix = HEAD + row("/home/x/docker.sock", 1) + row("/srv/nfs/docker.sock", 2) + row("/srv/l/docker.sock", 3)
    stats = {path: route() for path in ("/home/x/docker.sock", "/srv/nfs/docker.sock")}
    files = {"/proc/net/unix": unix, "/proc/self/mountinfo": REMOTE}
    assert stated(probe_sockets.collect, Untouched(files, stats=stats, links={"/srv/l": "/srv/nfs"}, processes=()))["sockets"] == {}
    conf = {"/etc/docker/daemon.json": '{"hosts": ["unix:///run/eng/e/docker.sock"]}', "/proc/self/status": "Name:\tx\nCapEff:\t2\n"}
    eng = {"/run/eng": folder(0o777), "/run/eng/e": Stat(type="link", uid=1000, gid=0, mode=0o777), "/run/eng/f/docker.sock": route()}
    told = stated(probe_sockets.collect, Untouched({**files, **conf}, stats=eng, links={"/run/eng/e": "f"}, processes=()))["sockets"]
    assert told["/run/eng/e/docker.sock"].why is Why.LIMIT


def test_denying_any_answer_about_roots_engine_only_makes_holes() -> None:
    wrapper = Process(pid=600, ppid=1, name="wrapper", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/opt/w")
    unix = HEAD + row("/srv/e/d.sock", 42) + row("/run/crio/crio.sock", 43) + row("/srv/e/f/docker.sock", 44) + row("/srv/e/podman.sock", 45)
    fds = {**FDS, "/proc/500/fd/3": "socket:[42]", "/proc/500/fd/4": "socket:[44]", "/proc/600/fd/4": "socket:[43]", "/proc/1/fd/0": "/dev/null"}
    files = {
        **PROGRAM,
        **{"/proc/net/unix": unix, "/proc/self/mountinfo": REMOTE, "/etc/docker/daemon.json": '{"hosts": ["unix:///run/eng/f/d.sock"]}'},
        **{"/etc/containerd/config.toml": 'imports=["*.d"]\n', "/etc/containerd/a.d": '[grpc]\naddress="/srv/e/c.sock"\n'},
        f"{UNITS}/x.socket": "[Socket]\nListenStream=/srv/e/u.sock\nService=docker.service\n",
    }
    stats = {"/srv/e": folder(0o777), "/run/eng": folder(0o777), "/srv/e/podman.sock": route(), "/srv/e/f/docker.sock": route(uid=1000)}
    peers = {"/srv/e/podman.sock": ROOTS, "/srv/e/f/docker.sock": Peer(pid=5, uid=1000, gid=1)}
    for capable in (0, 2):
        more = {**files, "/proc/self/status": f"Name:\tx\nCapEff:\t{capable:016x}\n"}
        host = MemoryHost(more, links={"/var/run": "/run", **fds}, peers=peers, stats=stats, processes=(SYSTEMD, DOCKERD, wrapper))
        before = stated(probe_sockets.collect, host)["sockets"]
        assert before["/run/crio/crio.sock"]["expected"] is True
        assert list(denials(probe_sockets.collect, host)) == []
