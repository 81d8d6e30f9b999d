"""Programs with the setuid bit or capabilities are stated where they are looked for, and nobody hides one of root's."""

from dataclasses import replace
from typing import Any, ClassVar

import pytest
from privileged_programs.setuid_host import BASH, DOCKER, HOME, PLAIN, ROOTS, caps, facts, host, programs

from hostcheck.host import LimitExceeded
from hostcheck.host.answers import AclEntry, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing import ProbeContract
from hostcheck.testing.probes import stated
from hostcheck_builtin.privileged_programs import PROBES, probe_setuid_programs
from hostcheck_builtin.privileged_programs.setuid_copies import Known
from hostcheck_builtin.privileged_programs.setuid_packages import Brought
from hostcheck_builtin.system import path_walk
from hostcheck_builtin.system.program_search import Bounds

SHARED = Stat(type="dir", uid=0, gid=0, mode=0o1777)
ANNS = Stat(type="file", uid=1000, gid=1000, mode=0o4755)


@pytest.mark.parametrize(
    "path",
    ["/usr/bin/x", "/usr/sbin/x", "/usr/local/bin/x", "/usr/local/sbin/x", "/usr/games/x", "/usr/lib/x", "/usr/lib/a/x", "/usr/libexec/a/b/x"]
    + [
        "/usr/lib/x86_64-linux-gnu/lxc/x",
        "/usr/local/a/b/x",
        "/opt/x",
        "/opt/a/b/x",
        "/srv/a/x",
        "/tmp/x",
        "/var/tmp/a/x",
        "/root/x",
        "/bin/x",
        "/run/wrappers/bin/x",
    ]
    + ["/run/wrappers/bin/x", "/home/ann/x", "/home/ann/.local/bin/x", "/home/bob/a/b/x"],
)
def test_a_program_is_stated_with_its_way(path: str) -> None:
    told = programs({path: ""})
    assert set(told) == {path} and not isinstance(told, OpenObject)
    assert (told[path]["owner_uid"], told[path]["mode"], told[path]["setuid"], told[path]["setgid"]) == (0, "4755", True, False)
    assert list(told[path]["parents"])[-1] == path.rpartition("/")[0] and "capabilities" not in told[path]


@pytest.mark.parametrize("path", ["/usr/lib/a/b/x", "/opt/a/b/c/x", "/home/ann/a/b/c/x", "/etc/x", "/usr/bin/a/x", "/dev/shm/x", "/var/lib/x"])
def test_what_lies_deeper_or_elsewhere_or_on_nosuid_is_not(path: str) -> None:
    told = programs({path: ""})
    assert told == {} and not isinstance(told, OpenObject)


@pytest.mark.parametrize("mode", [0o4644, 0o755, 0o2755, 0o1755, 0o4000])
def test_what_gives_no_owner_or_cannot_be_executed_is_not(mode: int) -> None:
    assert programs({"/opt/x": ""}, {"/opt/x": replace(ROOTS, mode=mode)}) == {}


@pytest.mark.parametrize("mode", [0o4100, 0o4010, 0o4001, 0o6755])
def test_one_bit_to_execute_is_enough(mode: int) -> None:
    told = programs({"/opt/x": ""}, {"/opt/x": replace(ROOTS, mode=mode)})["/opt/x"]
    assert (told["setuid"], told["setgid"], told["mode"]) == (True, bool(mode & 0o2000), f"{mode:04o}")


@pytest.mark.parametrize("options", ["rw,nosuid", "rw,noexec", "nosuid,noexec"])
def test_a_mount_takes_the_rights_away_of_what_lies_on_it_alone(options: str) -> None:
    mounts = f"50 27 0:40 / /opt {options} - ext4 /dev/vdb rw\n51 50 0:41 / /opt/own rw - ext4 /dev/vdc rw\n52 27 0:42 / /srv {options} - ext4 /dev/vdd rw\n"
    told = facts({"/opt/x": "", "/opt/own/x": "", "/srv/x": ""}, mounts=mounts)
    assert set(told["programs"]) == {"/opt/own/x"} and set(told["walked"]["directories"]) == {"/usr/bin", "/opt"}


def test_capabilities_are_stated_as_the_file_has_them() -> None:
    given = {"/opt/a": caps(7, 21), "/opt/b": caps(7, effective=False), "/opt/c": caps(21, rootid=100000), "/opt/d": caps(), "/opt/e": caps(1)}
    stats = {**dict.fromkeys(("/opt/a", "/opt/b", "/opt/c", "/opt/d"), PLAIN), "/opt/e": replace(PLAIN, mode=0o644)}
    told = programs(dict.fromkeys(stats, ""), stats, capabilities=given)
    assert set(told) == {"/opt/a", "/opt/b", "/opt/c", "/opt/d"}
    assert told["/opt/a"]["capabilities"] == {"permitted": ["cap_setuid", "cap_sys_admin"], "inheritable": [], "effective": True, "rootid": 0}
    assert (told["/opt/b"]["capabilities"]["effective"], told["/opt/c"]["capabilities"]["rootid"]) == (False, 100000)
    assert told["/opt/d"]["capabilities"]["permitted"] == [] and not told["/opt/d"]["setuid"]


def test_an_acl_is_stated_of_the_program_and_of_its_directories() -> None:
    acl = tuple(AclEntry(tag=tag, id=number, perms=bits) for tag, number, bits in (("user_obj", -1, 7), ("user", 1000, 5), ("mask", -1, 5), ("other", -1, 0)))
    told = programs({"/opt/a/x": ""}, {"/opt/a/x": replace(ROOTS, mode=0o4750, acl=acl), "/opt/a": Stat(type="dir", uid=0, gid=0, mode=0o750, acl=acl)})
    assert told["/opt/a/x"]["acl"] == told["/opt/a/x"]["parents"]["/opt/a"]["acl"] and len(told["/opt/a/x"]["acl"]) == 4


def test_a_copy_under_another_name_is_known_by_its_content() -> None:
    told = programs({"/opt/x": BASH, "/opt/y": DOCKER, "/opt/z": BASH[::-1], "/opt/v": b"none"})
    assert {path: one.get("same_as") for path, one in told.items()} == {"/opt/x": "/usr/bin/bash", "/opt/y": "/usr/bin/docker", "/opt/z": None, "/opt/v": None}


def test_what_has_the_name_of_a_known_program_or_is_from_no_package_says_whether_it_is_a_script() -> None:
    told = programs({"/opt/docker": b"#!/bin/sh", "/opt/runc": b"\x7fELF", "/opt/other": b"#!/bin/sh", "/opt/bash": b"\x7fELF" + bytes(1 << 20)})
    assert {path: one.get("script") for path, one in told.items()} == {"/opt/docker": True, "/opt/runc": False, "/opt/other": True, "/opt/bash": False}


def test_what_cannot_be_read_leaves_holes_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    one = host({"/opt/docker": DOCKER[::-1]})
    monkeypatch.setattr(one, "read_bytes", lambda path, **_: (_ for _ in ()).throw(PermissionError(13, "no", path)))
    monkeypatch.setattr(one, "file_capabilities", lambda path: (_ for _ in ()).throw(PermissionError(13, "no", path)))
    told = _program(one, "/opt/docker")
    assert all(isinstance(told[name], Hole) for name in ("script", "same_as", "capabilities")) and told["setuid"] is True


def _program(one: Any, path: str) -> Any:
    way = path_walk.walk(one, path, {})
    return probe_setuid_programs.stated(one, Known(one), Brought(one, [], [way]), way)


@pytest.mark.parametrize("place", ["/opt", "/home/ann"])
def test_a_place_that_cannot_be_looked_through_is_a_hole_under_its_path(place: str) -> None:
    told = programs({place: PermissionError(13, "no"), "/srv/x": ""}, {place: replace(HOME, uid=0, mode=0o755) if place == "/opt" else HOME})
    assert set(told) == {place, "/srv/x"} and isinstance(told[place], Hole) and told[place].why is Why.DENIED
    assert ("home of uid 1000" in told[place].message) is (place == "/home/ann")


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/mountinfo"])
def test_what_says_where_to_look_leaves_all_open(path: str) -> None:
    told = facts({path: PermissionError(13, "no"), "/opt/x": ""})
    assert isinstance(told["programs"], Hole) or (isinstance(told["programs"], OpenObject) and set(told["programs"]) == {"/opt/x"})


def test_servers_are_left_alone_and_named_where_programs_there_could_give_rights() -> None:
    mounts = "60 27 0:50 / /srv/net rw - nfs4 server:/ rw\n61 27 0:51 / /home/ann/m rw,nosuid - fuse.x x rw\n"
    told = facts({"/srv/net/x": "", "/home/ann/m/x": "", "/srv/x": ""}, mounts=mounts)
    assert set(told["programs"]) == {"/srv/x"} and told["walked"]["left_alone"] == ["/srv/net"]


def test_where_was_looked_is_stated() -> None:
    told = facts({"/usr/lib/x": "", "/opt/x": "", "/home/ann/x": ""})["walked"]
    assert told == {"directories": {"/usr/bin": 0, "/usr/lib": 1, "/opt": 2}, "homes": 2, "home_depth": 2, "left_alone": []}


def bounded(monkeypatch: pytest.MonkeyPatch, **less: int) -> None:
    usual = {"directory": 999, "roots": 999, "names": 999, "programs": 99, "passed": 999}
    monkeypatch.setattr(probe_setuid_programs, "BOUNDS", Bounds(**{**usual, **less}))


@pytest.mark.parametrize("place", ["/home/ann/d", "/tmp"])
def test_a_users_flood_hides_no_program_of_roots_elsewhere_and_names_place_and_user(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    bounded(monkeypatch, names=20)
    flood = {f"{place}/a{count}": replace(ANNS, mode=0o644) for count in range(50)}
    stats: dict[str, Stat] = {"/tmp": SHARED, "/home/ann/d": HOME, **flood}
    told = programs({**dict.fromkeys(flood, ""), "/tmp/z": "", "/home/bob/z": "", "/opt/z": ""}, {**stats})
    assert {"/tmp/z", "/home/bob/z", "/opt/z"} < set(told)
    holes = {path: one.message for path, one in told.items() if isinstance(one, Hole)}
    assert set(holes) == {"/home/ann" if place != "/tmp" else "uid 1000"} and all(place[:5] in text and "uid 1000" in text for text in holes.values())


def test_a_users_own_programs_hide_none_of_roots_in_the_same_home(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, programs=3)
    own = {f"/home/ann/a{count}": ANNS for count in range(9)}
    told = programs({**dict.fromkeys(own, ""), "/home/ann/z": ""}, {**own})
    assert sorted(path for path, one in told.items() if not isinstance(one, Hole)) == ["/home/ann/a0", "/home/ann/a1", "/home/ann/a2", "/home/ann/z"]
    assert "uid 1000 has 9 programs with the setuid bit or capabilities" in told["uid 1000"].message


def test_second_names_that_a_user_makes_of_roots_programs_count_for_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where fs.protected_hardlinks is 0 a user gives /usr/bin/su a thousand names at home (proc_sys_fs(5))."""
    bounded(monkeypatch, programs=3)
    names = {f"/home/ann/a{count}": replace(ROOTS, links=10) for count in range(9)}
    told = programs({**dict.fromkeys(names, ""), "/home/bob/z": "", "/home/ann/z": ""}, {**names})
    assert sum(not isinstance(one, Hole) for one in told.values()) == 5 and {"/home/ann/z", "/home/bob/z"} < set(told)


def test_too_many_names_of_roots_are_a_hole_of_that_place(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, roots=20)
    told = programs({**{f"/opt/d/a{count}": b"" for count in range(50)}, "/srv/z": ""})
    assert {"/srv/z", "/opt"} <= set(told) and "/opt: root has more than 20 names there" in told["/opt"].message


def test_very_many_places_that_cannot_be_looked_through_are_one_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    """As to who is not root all homes are."""
    monkeypatch.setattr(probe_setuid_programs, "PLACES", 1)
    closed: dict[str, Any] = {place: PermissionError(13, "no") for place in ("/home/ann", "/home/bob")}
    told = programs({**closed, "/opt/x": ""}, {"/home/ann": HOME, "/home/bob": HOME})
    left = "other places, such as those of uid 1001"
    assert set(told) == {"/home/ann", "/opt/x", left} and not isinstance(told, OpenObject)
    assert told[left].why is Why.DENIED and "uid 1001" in told[left].message


def test_places_of_users_take_no_name_from_one_of_roots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_setuid_programs, "PLACES", 1)
    roots, annes = Hole(why=Why.DENIED, message="no"), Hole(why=Why.DENIED, message="no", owners=(1000,))
    told, others = probe_setuid_programs._named({"/home/ann": annes, "/srv/ann": annes, "/usr/local": roots, "/usr/libexec": roots})
    assert list(told) == ["/usr/local", "other places, such as those of uid 1000"] and others == roots


def test_more_places_of_roots_than_are_named_leave_the_list_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_setuid_programs, "PLACES", 1)
    told = programs({"/opt": PermissionError(13, "no"), "/srv": PermissionError(13, "no")})
    assert isinstance(told, OpenObject) and told.hole.why is Why.DENIED


def test_places_of_more_users_than_a_hole_names() -> None:
    told, _ = probe_setuid_programs._named({f"/home/u{uid}": Hole(why=Why.LIMIT, message="x", owners=(uid,)) for uid in range(1, 3000)})
    assert "other places, such as those of many users" in told


class TestSetuidPrograms(ProbeContract):
    probe = PROBES[0]
    hosts: ClassVar[Any] = {
        "copies": host({"/opt/x": BASH, "/home/ann/y": DOCKER, "/usr/bin/su": "", "/opt/docker": b"#!"}, {"/usr/bin/su": ROOTS}),
        "capabilities": host({"/opt/x": BASH}, {"/opt/x": PLAIN}, capabilities={"/opt/x": caps(7)}),
        "nothing": host(),
    }


@pytest.mark.parametrize(("path", "told"), [("/home/ann/own", True), ("/tmp/own", True), ("/opt/own", False)])
@pytest.mark.parametrize("verb", ["file_capabilities", "read_bytes"])
def test_a_program_that_goes_while_it_is_looked_at_is_not_known_where_a_user_may_have_taken_it(
    path: str, told: bool, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = getattr(MemoryHost, verb)

    def gone(one: MemoryHost, asked: str, **more: Any) -> Any:
        if asked == path:
            raise FileNotFoundError(2, "gone", path)
        return answer(one, asked, **more)

    monkeypatch.setattr(MemoryHost, verb, gone)
    found = programs({path: b"\x7fELF own"}, {"/tmp": SHARED})
    assert isinstance(found.get(path), Hole) is told and (told or found == {})


@pytest.mark.parametrize(("path", "told"), [("/home/ann/own", True), ("/tmp/own", True), ("/usr/bin/own", False)])
def test_a_program_that_is_gone_is_not_known_where_a_user_may_have_exchanged_it(path: str, told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _, name = path.rpartition("/")
    monkeypatch.setattr(MemoryHost, "privileged_programs", lambda _, place, *__, **___: [name] if place == folder else [])
    found = programs({f"{folder}/other": "x"}, {"/tmp": SHARED})
    assert isinstance(found.get(path), Hole) is told


def test_what_is_gone_or_not_to_be_read_where_all_may_write_is_told_as_its_makers(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nobody leaves open what others can do, as by exchanging directories of one's own."""
    folder = replace(SHARED, uid=1000, gid=1000, mode=0o755)
    one = host({"/tmp/own/d/x": "", "/opt/x": ""}, {"/tmp": SHARED, "/tmp/own": folder, "/tmp/own/d": folder, "/tmp/own/d/x": ROOTS, "/opt/x": ROOTS})
    walk = path_walk.walk
    monkeypatch.setattr(path_walk, "walk", lambda *args, **more: walk(*args, **more) if "/d/" not in args[1] else (_ for _ in ()).throw(LimitExceeded("gone")))
    told = stated(probe_setuid_programs.collect, one)["programs"]
    assert {path for path, found in told.items() if isinstance(found, Hole)} == {"uid 1000"} and not isinstance(told, OpenObject)
