import errno
import json
import os
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from system.outermost import outermost

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host import LimitExceeded, Nonsense
from hostcheck.host.answers import FileCapabilities, Stat
from hostcheck.host.capabilities import parse as parse_capabilities
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.host.record import Recorder
from hostcheck.host.replay import Replay
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.subids import probe_subids, subid_lines
from hostcheck_builtin.subids.subid_lines import SHADOW
from hostcheck_builtin.subids.subid_settings import settings
from hostcheck_builtin.system.account_files import SIZE
from hostcheck_builtin.system.capability_names import CAPABILITIES, names

SCHEMA = load_facts_schema(str(Path(probe_subids.__file__).parent / "probe_subids.facts.json"))
OBEYS = compile_schema(SCHEMA)
MOUNTS = "21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n30 21 8:2 / /nosuid rw,nosuid,nodev shared:1 master:2 - ext4 /dev/sdb rw\n"
SUID = Stat(type="file", uid=0, gid=0, mode=0o4755)
STAFFS = Stat(type="dir", uid=0, gid=50, mode=0o2775)
BOBS = Stat(type="dir", uid=1001, gid=1001, mode=0o700)
TABLE = {"/proc/self/mountinfo": MOUNTS}


def collected(host: Any) -> Any:
    facts = stated(probe_subids.collect, host)
    assert OBEYS(facts) is not False, facts
    return facts


def file(content: str | bytes = "", **more: Any) -> Any:
    return collected(outermost({"/etc/subuid": content, **TABLE}, **more))["files"]["/etc/subuid"]


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_subids.facts.json")


def test_lines_by_owner_and_start() -> None:
    found = file("ann:100000:65536\nann:300000:10\n1001:400000:1\n\n# none\nann:100000:65536\nbob:0x1:1\nbob:0x1:1")
    assert found["lines"] == {
        "ann:100000": {"line": 1, "owner": "ann", "start": 100000, "count": 65536},
        "ann:300000": {"line": 2, "owner": "ann", "start": 300000, "count": 10},
        "1001:400000": {"line": 3, "owner": "1001", "start": 400000, "count": 1},
        "ann:100000#2": {"line": 6, "owner": "ann", "start": 100000, "count": 65536},
    }
    assert {key: one["line"] for key, one in found["irregular"].items()} == {"bob:0x1:1": 7, "bob:0x1:1#2": 8}
    assert found["irregular"]["bob:0x1:1"]["readings"]["shadow"] == {"owner": "bob", "start": 1, "count": 1}
    assert "idtools" not in found["irregular"]["bob:0x1:1"]["readings"]


def test_the_file_and_what_it_stands_on() -> None:
    found = file("", stats={"/etc/subuid": Stat(type="file", uid=0, gid=50, mode=0o664)})
    assert found["entry"] == {"realpath": "/etc/subuid", "type": "file", "uid": 0, "gid": 50, "mode": "0664", "writable_by_others": True}
    assert (found["exists"], found["root_owned"], found["link"]) == (True, False, False)
    assert file("", stats={"/etc": Stat(type="dir", uid=0, gid=0, mode=0o775)})["root_owned"] is False
    assert file("")["root_owned"] is True


def weak(content: str = "", **more: Any) -> Any:
    return file(content, **more).get("weak_point")


def test_the_first_place_that_others_can_change() -> None:
    told = {"type": "dir", "uid": 0, "gid": 0, "mode": "0777", "everyone": True, "root_only": True}
    open_dir, mine = Stat(type="dir", uid=0, gid=0, mode=0o777), Stat(type="file", uid=1001, gid=50, mode=0o664)
    assert weak() is None
    assert weak(stats={"/etc": open_dir, "/etc/subuid": mine}) == {"path": "/etc", **told}
    assert weak(stats={"/": open_dir, "/etc": open_dir}) == {"path": "/", **told}
    found = {"path": "/etc/subuid", "type": "file", "uid": 1001, "gid": 50, "mode": "0664", "everyone": False, "root_only": True}
    assert weak(stats={"/etc/subuid": mine}) == found
    sticky = Stat(type="dir", uid=0, gid=0, mode=0o1777)
    assert weak(stats={"/etc": sticky, "/etc/subuid": mine}) == {**found, "root_only": False}
    absent = collected(outermost(TABLE, stats={"/etc": sticky}))["files"]["/etc/subgid"]["weak_point"]
    assert absent == {"path": "/etc", **told, "mode": "1777"}


def test_of_a_link_the_first_place_that_others_can_change() -> None:
    host = outermost({"/home/bob/mine": "", **TABLE}, links={"/etc/subuid": "/home/bob/mine"}, stats={"/home/bob": BOBS})
    assert collected(host)["files"]["/etc/subuid"]["weak_point"]["path"] == "/home/bob"
    bobs = {"/etc/subuid": Stat(type="link", uid=1001, gid=0, mode=0o777), "/home/bob": BOBS}
    host = outermost({"/home/bob/mine": "", **TABLE}, links={"/etc/subuid": "/home/bob/mine"}, stats=bobs)
    found = collected(host)["files"]["/etc/subuid"]["weak_point"]
    assert (found["path"], found["type"], found["uid"], found["everyone"], found["root_only"]) == ("/etc/subuid", "link", 1001, False, True)


def test_no_file() -> None:
    found = collected(outermost(TABLE))["files"]["/etc/subgid"]
    assert found == {"kind": "subgid", "exists": False, "root_owned": True, "link": False, "lines": {}, "irregular": {}}


def test_a_link_is_followed_and_told() -> None:
    host = outermost({"/home/bob/mine": "bob:0:1\n", **TABLE}, links={"/etc/subuid": "/home/bob/mine"}, stats={"/home/bob": BOBS})
    found = collected(host)["files"]["/etc/subuid"]
    assert (found["link"], found["root_owned"], found["entry"]["realpath"]) == (True, False, "/home/bob/mine")
    assert list(found["lines"]) == ["bob:0"]


@pytest.mark.parametrize("kind", ["fifo", "char", "dir"])
def test_what_is_no_file_is_nonsense_and_not_waited_for(kind: str) -> None:
    host = outermost(TABLE, stats={"/etc/subuid": Stat(type=kind, uid=0, gid=0, mode=0o644)})
    found = collected(host)["files"]["/etc/subuid"]
    assert found["entry"]["type"] == kind
    assert isinstance(found["lines"], Hole) and found["lines"].why == Why.NONSENSE


def test_too_large_a_file_is_a_hole() -> None:
    found = file("a:1:1\n" * (SIZE // 6 + 1))
    assert isinstance(found["lines"], Hole) and found["lines"].why == Why.LIMIT


def test_a_nul_leaves_open_which_lines_there_are() -> None:
    found = file(b"bob:1\0\nann:100000:65536\n")
    assert isinstance(found["lines"], OpenObject) and "ann:100000" in found["lines"]
    assert isinstance(found["irregular"], OpenObject) and found["irregular"].hole.why == Why.NONSENSE


@pytest.mark.laws
def test_a_hundred_thousand_lines_and_as_many_of_one_name() -> None:
    many = file("".join(f"u{index}:{index * 10}:10\n" for index in range(100_000)))
    assert len(many["lines"]) == 100_000 and not many["irregular"]
    same = file("bob:0x1:1\nann:1:1\n" * 50_000)
    assert len(same["lines"]) == len(same["irregular"]) == 50_000 and "ann:1#50000" in same["lines"]


@pytest.mark.parametrize(
    ("nsswitch", "files", "asks_files"),
    [
        ("subid: files\n", {}, True),
        ("subid: sss\n", {}, True),
        ("subid: sss", {"/usr/lib/libsubid_sss.so": ""}, True),
        ("subid: sss\n", {"/usr/lib64/libsubid_sss.so": ""}, False),
        ("subid: sss\n", {"/etc/ld.so.cache": b"\0libsubid_sss.so\0/opt/lib/libsubid_sss.so\0"}, False),
        ("subid: sss\n", {"/etc/ld.so.cache": b"\0libsubid_sss.so.1\0"}, True),
        ("subid: files\n", {"/usr/lib/libsubid_files.so": ""}, True),
        ("subid: sss\n", {"/etc/ld.so.cache": b"\0" * (2 << 20) + b"libsubid_sss.so\0"}, False),
        (f"subid: {'x' * 50}\n", {f"/usr/lib/libsubid_{'x' * 50}.so": ""}, False),
        (f"subid: {'x' * 51}\n", {f"/usr/lib/libsubid_{'x' * 51}.so": ""}, True),
    ],
)
def test_another_source_is_asked_only_where_its_plugin_loads(nsswitch: str, files: dict[str, Any], asks_files: bool) -> None:
    facts = collected(outermost({"/etc/nsswitch.conf": nsswitch, **files, **TABLE}))
    assert facts["source"] == {"configured": nsswitch.split(":")[1].strip(), "files": asks_files}


def test_a_source_whose_name_is_no_utf8_is_asked_where_its_plugin_loads() -> None:
    for cache, asks_files in ((b"\0libsubid_\xff.so\0", False), (b"", True)):
        assert collected(outermost({"/etc/nsswitch.conf": b"subid: \xff\n", "/etc/ld.so.cache": cache, **TABLE}))["source"]["files"] is asks_files


def test_settings_of_login_defs() -> None:
    text = '# UID_MIN 1\nSUB_UID_MIN 1\n SUB_UID_COUNT "65536" x\nUID_MAX\t\t 060000\nSUB_GID_MAX Xnone\nSUB_GID_MIN\nSUB_UID_MIN 200000\nENCRYPT_METHOD YES\n'
    assert settings(text) == {"SUB_UID_MIN": "200000", "SUB_UID_COUNT": "65536", "UID_MAX": "060000", "SUB_GID_MAX": "Xnone"}
    facts = collected(outermost({"/etc/login.defs": text, **TABLE}))
    assert facts["login_defs"] == {"values": {"SUB_UID_MIN": 200000, "SUB_UID_COUNT": 65536, "UID_MAX": 0o60000}, "malformed": {"SUB_GID_MAX": "…"}}


def test_a_carriage_return_in_login_defs_makes_the_value_none() -> None:
    # useradd 4.17.4 says: cannot parse UID_MIN value
    facts = collected(outermost({"/etc/login.defs": b"UID_MIN 5555\r\nUID_MAX \xff\nGID_MIN 5 \n", **TABLE}))
    assert facts["login_defs"] == {"values": {"GID_MIN": 5}, "malformed": {"UID_MIN": "5555\\r", "UID_MAX": "…"}}


def programs(*paths: str, stats: Any = None, links: Any = None, **more: Any) -> Any:
    paths = paths or ("/usr/bin/newuidmap",)
    host = outermost({**dict.fromkeys(paths, "ELF"), **TABLE}, stats={**dict.fromkeys(paths, SUID), **(stats or {})}, links=links, **more)
    return collected(host)["programs"]


def test_a_setuid_program() -> None:
    found = programs("/usr/bin/newuidmap", "/usr/bin/newgidmap")
    none = {"permitted": [], "inheritable": [], "effective": False, "rootid": 0}
    told = {"type": "file", "uid": 0, "gid": 0, "mode": "4755", "setuid": True, "setgid": False, "nosuid": False, "root_owned": True, "capabilities": none}
    assert found == {f"/usr/bin/{name}": {"name": name, "realpath": f"/usr/bin/{name}", **told} for name in ("newuidmap", "newgidmap")}


def test_a_program_with_capabilities() -> None:
    plain = Stat(type="file", uid=0, gid=0, mode=0o755)
    one = programs(stats={"/usr/bin/newuidmap": plain}, capabilities={"/usr/bin/newuidmap": FileCapabilities(revision=2, permitted=1 << 7, effective=True)})
    assert one["/usr/bin/newuidmap"]["capabilities"] == {"permitted": ["cap_setuid"], "inheritable": [], "effective": True, "rootid": 0}
    assert one["/usr/bin/newuidmap"]["setuid"] is False


def test_weak_programs() -> None:
    path = "/usr/bin/newgidmap"
    assert programs(path, stats={path: Stat(type="file", uid=1000, gid=0, mode=0o6755)})[path]["root_owned"] is False
    assert programs(path, stats={path: Stat(type="file", uid=0, gid=0, mode=0o2755)})[path]["setgid"] is True
    assert programs(path, stats={"/usr/bin": Stat(type="dir", uid=0, gid=0, mode=0o777)})[path]["root_owned"] is False
    assert programs() and collected(outermost(TABLE))["programs"] == {}
    found = programs(path, stats={path: Stat(type="file", uid=1000, gid=0, mode=0o6755)})[path]["weak_point"]
    assert (found["path"], found["uid"], found["root_only"]) == (path, 1000, True)


def test_one_program_by_several_paths_is_one_and_judged_by_all_of_them() -> None:
    assert list(programs("/usr/bin/newuidmap", links={"/bin": "usr/bin"})) == ["/usr/bin/newuidmap"]
    loose = programs("/usr/bin/newuidmap", links={"/usr/local/bin/newuidmap": "/usr/bin/newuidmap"}, stats={"/usr/local/bin": STAFFS})
    assert loose["/usr/bin/newuidmap"]["root_owned"] is False and loose["/usr/bin/newuidmap"]["weak_point"]["path"] == "/usr/local/bin"
    two = programs("/usr/bin/newuidmap", "/usr/local/bin/newuidmap", stats={"/usr/local/bin": STAFFS})
    assert {path: one["root_owned"] for path, one in two.items()} == {"/usr/bin/newuidmap": True, "/usr/local/bin/newuidmap": False}
    both = programs("/usr/bin/newuidmap", links={"/usr/bin/newgidmap": "newuidmap"})
    assert {path: one["name"] for path, one in both.items()} == {"/usr/bin/newuidmap": "newuidmap", "/usr/bin/newuidmap as newgidmap": "newgidmap"}


def test_a_place_that_cannot_be_looked_at_may_hold_another_program() -> None:
    host = outermost({"/usr/bin/newuidmap": "", "/usr/local/bin": PermissionError(errno.EACCES, "no"), **TABLE}, stats={"/usr/bin/newuidmap": SUID})
    found = collected(host)["programs"]
    assert isinstance(found, OpenObject) and found.hole.why == Why.DENIED
    assert isinstance(found["/usr/bin/newuidmap"]["root_owned"], Hole) and isinstance(found["/usr/bin/newuidmap"]["weak_point"], Hole)


def test_a_program_that_has_gone_meanwhile_is_none() -> None:
    class Vanishing(MemoryHost):
        def file_capabilities(self, path: str) -> FileCapabilities:
            if path == "/usr/local/bin/newuidmap":
                raise FileNotFoundError(errno.ENOENT, "gone", path)
            return super().file_capabilities(path)

    files = dict.fromkeys(("/usr/local/bin/newuidmap", "/usr/bin/newuidmap"), "")
    assert list(collected(Vanishing({**files, **TABLE}, stats=dict.fromkeys(files, SUID)))["programs"]) == ["/usr/bin/newuidmap"]


def test_a_mount_with_nosuid() -> None:
    found = programs("/nosuid/newuidmap", links={"/usr/bin/newuidmap": "/nosuid/newuidmap"})
    assert found["/nosuid/newuidmap"]["nosuid"] is True


def test_mounts_that_make_no_sense() -> None:
    short = "1 0 8:1 / / rw - ext4 /dev/sda1\n"
    for text, why in (("nonsense\n", Why.NONSENSE), (short, Why.NONSENSE), ("30 21 8:2 / /nosuid rw - ext4 /dev/sdb rw\n", Why.UNSUPPORTED)):
        host = outermost({"/proc/self/mountinfo": text, "/usr/bin/newuidmap": ""}, stats={"/usr/bin/newuidmap": SUID})
        nosuid = collected(host)["programs"]["/usr/bin/newuidmap"]["nosuid"]
        assert isinstance(nosuid, Hole) and nosuid.why == why
    longer = MOUNTS + "".join(f"{number} 21 0:9 / /{'x' * 1000} rw - tmpfs t rw\n" for number in range(40, 2040))
    host = outermost({"/proc/self/mountinfo": longer, "/usr/bin/newuidmap": ""}, stats={"/usr/bin/newuidmap": SUID})
    assert collected(host)["programs"]["/usr/bin/newuidmap"]["nosuid"] is False
    unnamed = outermost({"/proc/self/mountinfo": "1 0 8:1 / / rw,nosuid - tmpfs  rw\n", "/usr/bin/newuidmap": ""}, stats={"/usr/bin/newuidmap": SUID})
    assert collected(unnamed)["programs"]["/usr/bin/newuidmap"]["nosuid"] is True


RICH = {
    "/etc/subuid": "ann:100000:65536\nbob:0x30D40:10\n1001:300000:10\nbob\r\n",
    "/etc/subgid": b"ann:100000:65536\n\0\n",
    "/etc/nsswitch.conf": "subid: sss\n",
    "/etc/ld.so.cache": b"\0libc.so.6\0",
    "/etc/login.defs": "SUB_UID_MIN 1\nUID_MAX x\n",
    "/usr/bin/newuidmap": "",
    "/usr/bin/newgidmap": "",
    "/opt/subgid": "",
    **TABLE,
}


def rich() -> MemoryHost:
    caps = {"/usr/bin/newgidmap": FileCapabilities(revision=2, permitted=1 << 6, effective=True)}
    stats = {
        "/usr/bin/newuidmap": SUID,
        "/etc/subuid": Stat(type="file", uid=0, gid=0, mode=0o666),
        "/usr/local/bin": STAFFS,
    }
    return outermost(RICH, stats=stats, links={"/bin": "usr/bin", "/usr/local/bin/newuidmap": "/usr/bin/newuidmap"}, capabilities=caps)


def test_denial_only_makes_holes() -> None:
    assert list(denials(probe_subids.collect, rich())) == []
    assert list(denials(probe_subids.collect, outermost({**RICH, "/usr/lib/libsubid_sss.so": ""}))) == []
    assert list(denials(probe_subids.collect, outermost(TABLE))) == []


def test_denied_files_are_holes() -> None:
    facts = collected(outermost({"/etc/subuid": PermissionError(errno.EACCES, "Permission denied", "/etc/subuid"), **TABLE}))
    found = facts["files"]["/etc/subuid"]
    assert all(isinstance(found[key], Hole) and found[key].why == Why.DENIED for key in ("lines", "irregular", "exists", "root_owned", "link", "entry"))
    assert not isinstance(facts["files"]["/etc/subgid"]["lines"], Hole)


def test_the_capabilities_of_this_machines_files() -> None:
    host = LocalHost()
    assert host.file_capabilities("/etc/passwd") == FileCapabilities()
    with pytest.raises(FileNotFoundError):
        host.file_capabilities("/nowhere/at/all")
    recorder = Recorder(host, keep=True)
    assert recorder.file_capabilities("/etc/passwd") == FileCapabilities()
    assert Replay(recorder.recording()).file_capabilities("/etc/passwd") == FileCapabilities()


def test_capabilities_that_were_set(tmp_path: Path) -> None:
    path = tmp_path / "newuidmap"
    path.touch()
    raw = struct.pack("<5I", 2 << 24 | 1, 1 << 7, 0, 0, 0)
    wanted = FileCapabilities(revision=2, permitted=1 << 7, effective=True)
    try:
        os.setxattr(path, "security.capability", raw)
    except OSError as error:
        assert error.errno in (errno.EPERM, errno.EOPNOTSUPP)
        wanted = FileCapabilities()
    assert LocalHost().file_capabilities(str(path)) == wanted
    memory = outermost({"/x": ""}, capabilities={"/x": wanted})
    recorder = Recorder(memory, keep=True)
    assert recorder.file_capabilities("/x") == Replay(json.loads(json.dumps(recorder.recording()))).file_capabilities("/x") == wanted


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((1 << 24, 1 << 7, 1), FileCapabilities(revision=1, permitted=1 << 7, inheritable=1)),
        ((2 << 24 | 1, 1 << 7, 0, 1 << 8, 2), FileCapabilities(revision=2, permitted=1 << 40 | 1 << 7, inheritable=2 << 32, effective=True)),
        ((3 << 24 | 1, 1 << 6, 0, 0, 0, 100000), FileCapabilities(revision=3, permitted=1 << 6, effective=True, rootid=100000)),
    ],
)
def test_every_revision_is_decoded(words: tuple[int, ...], found: FileCapabilities) -> None:
    assert parse_capabilities("/x", struct.pack(f"<{len(words)}I", *words)) == found


@given(st.binary(max_size=30))
def test_other_attributes_are_nonsense(raw: bytes) -> None:
    try:
        found = parse_capabilities("/x", raw)
        assert found.revision in (1, 2, 3)
    except Nonsense as error:
        assert "/x" in str(error)


def test_capabilities_have_the_names_of_the_kernel() -> None:
    assert names(0) == [] and names(1 << 6 | 1 << 7) == ["cap_setgid", "cap_setuid"] and names(1 << 41 | 1 << 63) == ["cap_41", "cap_63"]
    assert len(CAPABILITIES) == len(set(CAPABILITIES)) == 41
    header = Path("/usr/include/linux/capability.h")
    if header.exists():
        told = dict(re.findall(r"^#define CAP_(\w+)\s+(\d+)$", header.read_text(), re.MULTILINE))
        assert {name.lower(): int(bit) for name, bit in told.items() if name != "LAST_CAP"} == {name: bit for bit, name in enumerate(CAPABILITIES)}


def test_limits_are_holes() -> None:
    assert SHADOW in subid_lines.READERS
    facts = collected(outermost({"/proc/self/mountinfo": LimitExceeded("too much"), "/usr/bin/newuidmap": ""}))
    assert isinstance(facts["programs"]["/usr/bin/newuidmap"]["nosuid"], Hole)


@pytest.mark.parametrize("uid", [0, 65534])
def test_in_a_user_namespace_it_is_not_known_whose_anything_is(uid: int) -> None:
    """Root's files are nobody's there where root is not mapped, and anybody's may be shown as root's."""
    theirs = {path: Stat(type="file", uid=uid, gid=uid, mode=0o4755) for path in ("/etc/subuid", "/usr/bin/newuidmap")}
    inside = {"/proc/self/ns/user": "user:[4026532000]"}
    found = collected(MemoryHost({"/etc/subuid": "ann:1:2", "/usr/bin/newuidmap": "", **TABLE}, stats=theirs, links=inside))
    file, program = found["files"]["/etc/subuid"], found["programs"]["/usr/bin/newuidmap"]
    assert all(isinstance(file[fact], Hole) and file[fact].why is Why.DENIED for fact in ("root_owned", "entry", "weak_point"))
    assert file["exists"] is True and file["lines"]["ann:1"]["count"] == 2
    assert all(isinstance(program[fact], Hole) for fact in ("root_owned", "uid", "gid", "weak_point"))
    assert program["setuid"] is True
