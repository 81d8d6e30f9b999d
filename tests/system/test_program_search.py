"""Programs are looked for in the system's places first, then in homes, then where all may write, and each name once."""

from typing import Any

import pytest

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system import program_search
from hostcheck_builtin.system.program_search import DEEP, Bounds, ProgramSearch, search

TABLE = "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\ntwin:x:1001:1001::/home/ann/:/bin/sh\nwww:x:33:33::/srv:/bin/sh\nno:x:5:5::none:/x\n"
SETUID = Stat(type="file", uid=0, gid=0, mode=0o4755)
HOME = Stat(type="dir", uid=1000, gid=1000, mode=0o755)
BOUNDS: dict[str, int] = {"directory": 99, "roots": 99, "names": 99, "programs": 9, "passed": 99}


def host(*paths: str, files: Any = (), stats: Any = (), **more: Any) -> MemoryHost:
    usual = {"/etc/passwd": PASSWD, "/proc/self/mountinfo": TABLE, **dict.fromkeys(paths, "x"), **dict(files)}
    return MemoryHost(usual, stats={"/home/ann": HOME, **dict.fromkeys(paths, SETUID), **dict(stats)}, **more)


def found(one: MemoryHost, system: dict[str, int] | None = None, **less: int) -> ProgramSearch:
    told = search(one, "owner", Bounds(**{**BOUNDS, **less}), {"/usr/bin": 0} if system is None else system)
    assert isinstance(told, ProgramSearch)
    return told


def test_the_order_is_the_systems_places_homes_and_where_all_may_write() -> None:
    told = found(host("/usr/bin/x", "/home/ann/x", "/opt/x", "/srv/x", "/tmp/x"))
    assert list(told.walked.items()) == [("/usr/bin", 0), ("/home/ann", 2), ("/opt", 2), ("/srv", 2), ("/tmp", 2)]
    assert list(told.found) == ["/usr/bin/x", "/home/ann/x", "/opt/x", "/srv/x", "/tmp/x"]


def test_a_home_is_its_first_users_and_one_that_is_a_place_of_the_system_is_none() -> None:
    assert found(host("/home/ann/x", "/srv/x"), {"/srv": 2}).homes == {"/home/ann": 1000}
    assert program_search.homes_of(host()) == {"/home/ann": 1000, "/srv": 33}


def test_a_place_that_lies_in_another_counts_once() -> None:
    told = found(host("/usr/local/bin/x", "/usr/local/y"), {"/usr/local/bin": 0, "/usr/local": 2})
    assert list(told.found) == ["/usr/local/bin/x", "/usr/local/y"] and told.of_root < 9


@pytest.mark.parametrize("place", ["/usr/bin", "/opt", "/home/ann", "/home/ann/bin"])
def test_what_cannot_be_looked_at_is_a_hole_of_its_place_alone(place: str) -> None:
    kinds = {place: Stat(type="dir", uid=1000 if "ann" in place else 0, gid=0, mode=0o755)}
    told = found(host("/srv/x", files={place: PermissionError(13, "no")}, stats=kinds))
    assert place in told.holes and list(told.found) == ["/srv/x"] and all(one.why is Why.DENIED for one in told.holes.values())


def test_thousands_of_homes_that_are_not_there_are_not_walked_to() -> None:
    crowd = "".join(f"u{uid}:x:{uid}:{uid}::/home/u{uid}:/bin/sh\n" for uid in range(5000, 8000))
    told = found(host("/opt/x", "/home/ann/x", files={"/etc/passwd": PASSWD + crowd}))
    assert not told.holes and set(told.found) == {"/opt/x", "/home/ann/x"} and not any(path.startswith("/home/u") for path in told.lstats)


@pytest.mark.parametrize("path", ["/proc/self/mountinfo"])
def test_without_the_mounts_nothing_is_looked_at(path: str) -> None:
    one = host("/opt/x", files={path: PermissionError(13, "no")})
    assert isinstance(search(one, "owner", Bounds(**BOUNDS), {}), Hole)


def test_a_cut_names_place_and_user_or_root() -> None:
    many = {f"/opt/a{count}": "" for count in range(30)} | {f"/home/ann/a{count}": "" for count in range(30)}
    told = found(host(files=many), roots=20, names=25)
    assert {place: one.message for place, one in told.cuts().items()} == {
        "/opt": "/opt: root has more than 20 names there, and not all are looked at",
        "/home/ann": "/home/ann: uid 1000 has more than 25 names where users keep programs, and not all are looked at",
    }
    assert found(host(files=many)).cuts() == {}


def test_roots_bound_is_each_places_own() -> None:
    many = {f"{place}/a{count}": "" for place in ("/opt", "/srv") for count in range(15)}
    assert found(host(files=many), roots=20).cuts() == {}


@pytest.mark.parametrize("options", ["rw", "rw,nosuid", "rw,noexec"])
def test_a_mount_without_power_is_not_looked_through_unless_another_lies_below(options: str) -> None:
    table = TABLE + f"50 27 0:1 / /opt {options} - ext4 x rw\n51 27 0:2 / /srv {options} - ext4 x rw\n52 51 0:3 / /srv/own rw - ext4 x rw\n"
    told = found(host("/opt/x", "/srv/x", "/srv/own/x", files={"/proc/self/mountinfo": table}))
    assert set(told.found) == ({"/opt/x", "/srv/x", "/srv/own/x"} if options == "rw" else {"/srv/own/x"})
    assert ("/opt" in told.walked, "/srv" in told.walked) == (options == "rw", True)


def test_what_is_gone_when_it_is_looked_at_is_not_told() -> None:
    one = host("/opt/x", "/opt/y")
    one.privileged_programs = lambda path, *_, **__: ["gone", "x"] if path == "/opt" else []  # type: ignore[method-assign,assignment,misc]
    asked = search(one, "owner", Bounds(**BOUNDS), {})
    assert isinstance(asked, ProgramSearch) and list(asked.found) == ["/opt/x"] and "/tmp" in DEEP
