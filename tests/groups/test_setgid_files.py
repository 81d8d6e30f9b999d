"""Setgid programs are found where users keep programs, and only where their mount lets them give their group."""

from dataclasses import replace
from errno import ENAMETOOLONG
from typing import Any

import pytest

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.groups import setgid_files
from hostcheck_builtin.groups.setgid_files import setgid_files as found
from hostcheck_builtin.system import quota

TABLE = "27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:30 / /dev/shm rw,nosuid - tmpfs tmpfs rw\n41 27 0:31 / /home/net rw - nfs4 server:/home rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nnet:x:1001:1001::/home/net/n:/bin/sh\nbin:x:2:2::/etc:/bin/sh\nno:x:5:5::/no:/x\n"
DG = Stat(type="file", uid=1000, gid=999, mode=0o2755)
HOME = Stat(type="dir", uid=1000, gid=1000, mode=0o700)


def bounded(monkeypatch: pytest.MonkeyPatch, **bounds: int) -> None:
    """Let the search have these bounds."""
    monkeypatch.setattr(setgid_files, "BOUNDS", replace(setgid_files.BOUNDS, **bounds))


def host(*paths: str, stats: Any = (), files: Any = (), **more: Any) -> MemoryHost:
    usual = {"/etc/passwd": PASSWD, "/proc/self/mountinfo": TABLE, **{path: "x" for path in paths}, **dict(files)}
    return MemoryHost(usual, stats={"/home/ann": HOME, **{path: DG for path in paths}, **dict(stats)}, **more)


@pytest.mark.parametrize(
    "path",
    ["/opt/dg", "/srv/dg", "/tmp/dg", "/var/tmp/dg", "/usr/local/bin/dg", "/usr/bin/dg", "/home/ann/dg", "/home/ann/.local/bin/dg"]
    + ["/tmp/x/dg", "/var/tmp/x/y/dg", "/home/ann/.config/a/dg", "/run/user/1000/x/dg", "/opt/x/dg", "/srv/x/y/dg"]
    + ["/usr/games/dg", "/usr/local/games/dg", "/run/lock/dg", "/var/crash/dg", "/var/local/x/dg", "/var/opt/dg", "/var/www/dg", "/var/spool/samba/dg"],
)
def test_a_program_is_told_with_its_way(path: str) -> None:
    told = found(host(path))
    assert not isinstance(told, OpenObject) and set(told) == {path}
    assert (told[path]["owner_gid"], told[path]["mode"], told[path]["realpath"]) == (999, "2755", path)
    assert list(told[path]["parents"])[-1] == path.rpartition("/")[0]


@pytest.mark.parametrize("path", ["/dev/shm/dg", "/home/ann/a/b/c/dg", "/opt/x/y/z/dg", "/usr/bin/x/dg", "/root/dg", "/etc/dg", "/home/net/n/dg"])
def test_nosuid_what_lies_deeper_and_servers_are_passed_over(path: str) -> None:
    told = found(host(path))
    assert told == {} and not isinstance(told, OpenObject)


@pytest.mark.parametrize("mode", [0o2745, 0o0755, 0o4755, 0o1755])
def test_what_gives_no_group_is_passed_over(mode: int) -> None:
    """Without the right to execute for its group the bit means something else."""
    assert found(host("/opt/dg", stats={"/opt/dg": replace(DG, mode=mode)})) == {}


LINK = Stat(type="link", uid=1000, gid=5, mode=0o777)


def linked(name: str, target: str, *paths: str, **stats: Stat) -> Any:
    """Look at a host on which ann made a link."""
    return found(host(*paths, links={f"/home/ann/{name}": target}, stats={f"/home/ann/{name}": LINK, **stats}))


def test_links_of_root_are_followed() -> None:
    assert set(found(host("/var/x/dg", links={"/usr/local/bin": "/var/x"}))) == {"/var/x/dg"}


def test_a_link_of_a_users_is_followed_to_what_is_that_users() -> None:
    for name, target in (("bin", "/var/ann"), (".local", "/var/up")):
        paths = ("/var/ann/dg",) if name == "bin" else ("/var/up/bin/dg",)
        told = linked(name, target, *paths, **{"/var/ann" if name == "bin" else "/var/up": HOME, "/var/up/bin": HOME} if name != "bin" else {"/var/ann": HOME})
        assert set(told) == set(paths) and not isinstance(told, OpenObject)


@pytest.mark.parametrize("other", [Stat(type="dir", uid=1001, gid=5, mode=0o755), Stat(type="dir", uid=0, gid=0, mode=0o1777), replace(HOME, uid=0)])
@pytest.mark.parametrize("name", ["bin", ".local/bin", ".local"])
def test_a_link_of_a_users_to_elsewhere_is_passed_over_and_leaves_nothing_open(other: Stat, name: str) -> None:
    """Or one link would take the results of everybody away; another's home is looked through as such."""
    told = linked(name, "/var/x/y", "/var/x/y/dg", "/var/x/y/bin/dg", **{"/var/x": other if other.mode != 0o1777 else HOME, "/var/x/y": other})
    assert told == {} and not isinstance(told, OpenObject)


@pytest.mark.parametrize("error", [OSError(ENAMETOOLONG, "too long"), PermissionError(13, "no"), TimeoutError()])
def test_what_a_link_of_a_users_leads_to_leaves_nothing_open_however_it_fails(error: Exception) -> None:
    told = found(host(files={"/var/ann": error}, links={"/home/ann/bin": "/var/ann"}, stats={"/home/ann/bin": LINK}))
    assert told == {} and not isinstance(told, OpenObject)


def test_a_link_of_a_users_to_what_only_root_fills_or_to_nothing_leaves_nothing_open() -> None:
    for target in ("/usr/local/bin", "/none", "bin", "/x" * 100):
        assert not isinstance(linked("bin", target, "/usr/local/bin/x"), OpenObject)


@pytest.mark.parametrize("name", ["bin", ".local/bin", "upload", "upload/x", "home/ann"])
def test_a_home_of_roots_hides_no_directory_of_a_users(name: str) -> None:
    """As sshd's ChrootDirectory, which must be root's; programs that only root can have put there are nobody's way."""
    roots = {"/home/ann": replace(HOME, uid=0, mode=0o755), f"/home/ann/{name}": HOME}
    assert set(found(host(f"/home/ann/{name}/dg", "/home/ann/dg", "/home/ann/roots/dg", stats=roots))) == {f"/home/ann/{name}/dg"}


@pytest.mark.parametrize("home", ["/srv", "/srv/www"])
def test_a_home_of_roots_hides_no_program_of_a_place_that_is_looked_through(home: str) -> None:
    passwd = PASSWD.replace("/home/ann", home)
    assert set(found(host("/srv/www/dg", files={"/etc/passwd": passwd}, stats={home: replace(HOME, uid=0, mode=0o755)}))) == {"/srv/www/dg"}


def test_no_name_counts_twice_where_places_lie_in_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, names=25)
    places = {"/srv/ann": HOME, "/dev/shm": Stat(type="dir", uid=0, gid=0, mode=0o1777)}
    names = {f"/srv/ann/n{count}": "" for count in range(9)} | {f"/dev/shm/n{count}": "" for count in range(9)}
    stats = places | {name: Stat(type="file", uid=1000, gid=5, mode=0o644) for name in names}
    passwd = "ann:x:1000:1000::/srv/ann:/bin/sh\nsys:x:3:3::/dev:/x\n"
    told = found(host("/srv/ann/dg", files={**names, "/etc/passwd": passwd}, stats=stats))
    assert set(told) == {"/srv/ann/dg"} and not isinstance(told, OpenObject)


def test_what_is_mounted_in_a_home_by_its_user_is_not_looked_at() -> None:
    table = TABLE + "42 27 0:40 / /home/ann/m rw - fuse.x x rw\n"
    assert found(host("/home/ann/m/dg", files={"/proc/self/mountinfo": table})) == {}


def test_very_many_names_of_a_users_leave_a_hole_that_names_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a directory of all, nor in those of others."""
    bounded(monkeypatch, names=20)
    many = {f"/tmp/n{count}": "" for count in range(15)} | {f"/home/ann/d/n{count}": "" for count in range(18)}
    told = found(host("/home/ann/dg", "/tmp/x/dg", "/opt/dg", files=many, stats={"/home/ann/d": HOME}))
    assert set(told) == {"/home/ann/dg", "/tmp/x/dg", "/opt/dg"} and isinstance(told, OpenObject)
    assert told.hole.why is Why.LIMIT and "uid 1000 has" in told.hole.message


def test_ten_thousand_empty_files_leave_nothing_open() -> None:
    assert not isinstance(found(host(files={f"/tmp/n{count}": "" for count in range(10_001)})), OpenObject)


def test_a_directory_that_cannot_be_looked_through_costs_no_program_above_it() -> None:
    told = found(host("/tmp/dg", files={"/tmp/x": PermissionError(13, "no")}, stats={"/tmp/x": HOME}))
    assert set(told) == {"/tmp/dg"} and isinstance(told, OpenObject) and told.hole.why is Why.DENIED


@pytest.mark.parametrize("place", ["/etc/passwd", "/proc/self/mountinfo", "/opt", "/home/ann"])
def test_what_cannot_be_looked_through_leaves_it_open(place: str) -> None:
    told = found(host(*(["/opt/dg"] if place != "/opt" else []), files={place: PermissionError(13, "no")}))
    assert isinstance(told, OpenObject) and told.hole.why is Why.DENIED


def test_where_all_may_write_a_name_is_its_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    """One user's files in /tmp hide no program of another's, which stands behind them."""
    bounded(monkeypatch, names=20)
    flood = {f"/tmp/a{count}": Stat(type="file", uid=1001, gid=5, mode=0o644) for count in range(50)}
    told = found(host("/tmp/z/dg", "/tmp/zz", stats={"/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777), "/tmp/z": HOME, **flood}))
    assert set(told) == {"/tmp/z/dg", "/tmp/zz"} and isinstance(told, OpenObject) and "uid 1001 has 50 names" in told.hole.message


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_names_that_others_put_into_a_users_directory_are_not_that_users(monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    bounded(monkeypatch, names=20)
    flood = {f"/tmp/a/f{count}": Stat(type="file", uid=1001, gid=5, mode=0o644) for count in range(50)}
    told = found(host("/tmp/a/dg", "/home/ann/dg", stats={"/tmp/a": replace(HOME, mode=mode), **flood}))
    assert set(told) == {"/tmp/a/dg", "/home/ann/dg"} and isinstance(told, OpenObject) and "uid 1001 has 50 names" in told.hole.message


def test_what_is_passed_over_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a million names in each of several places kept the scan until its deadline."""
    bounded(monkeypatch, names=5, passed=20)
    flood = {f"{place}/f{count}": Stat(type="file", uid=1001, gid=5, mode=0o644) for place in ("/tmp", "/var/tmp") for count in range(15)}
    asked: list[int] = []
    shared = Stat(type="dir", uid=0, gid=0, mode=0o1777)

    class Counting(quota.Quota):
        def takes(self, uid: int) -> bool:
            asked.append(uid)
            return super().takes(uid)

    monkeypatch.setattr(quota, "Quota", Counting)
    told = found(host("/opt/dg", stats={"/tmp": shared, "/var/tmp": shared, **flood}))
    assert set(told) == {"/opt/dg"} and isinstance(told, OpenObject) and asked.count(1001) == 5 + 21


def test_very_many_programs_of_a_users_leave_a_hole_that_names_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, programs=2)
    other = replace(DG, uid=1001)
    told = found(host(*(f"/tmp/f{count}" for count in range(9)), "/tmp/z", "/usr/bin/r", stats={"/tmp/z": other, "/usr/bin/r": replace(DG, uid=0)}))
    assert set(told) == {"/tmp/f0", "/tmp/f1", "/tmp/z", "/usr/bin/r"}
    assert isinstance(told, OpenObject) and "uid 1000 has 9 programs that give a group" in told.hole.message


def test_a_place_with_too_many_names_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, directory=3)
    asked: list[str] = []

    class Asked(MemoryHost):
        def privileged_programs(self, path: str, gives: Any, **more: Any) -> list[str]:
            asked.append(path)
            return super().privileged_programs(path, gives, **more)

    told = found(Asked({"/etc/passwd": PASSWD, "/proc/self/mountinfo": TABLE, **{f"/tmp/n{count}": "" for count in range(4)}}))
    assert isinstance(told, OpenObject) and asked.count("/tmp") == 1


def test_a_directory_that_cannot_be_looked_through_costs_no_other_one() -> None:
    told = found(host("/tmp/a/dg", "/tmp/z/dg", files={"/tmp/x": PermissionError(13, "no", "/tmp/x")}, stats={"/tmp/x": HOME}))
    assert set(told) == {"/tmp/a/dg", "/tmp/z/dg"} and isinstance(told, OpenObject) and told.hole.message == "/tmp/x: no"


def test_limits_are_holes_that_name_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, directory=1)
    told = found(host("/opt/dg", "/home/ann/a", "/home/ann/b"))
    assert set(told) == {"/opt/dg"} and isinstance(told, OpenObject) and "/home/ann: more than 1 names" in told.hole.message
    assert not isinstance(found(host()), Hole)
