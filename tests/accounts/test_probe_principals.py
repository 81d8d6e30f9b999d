import ctypes
import json
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.accounts import probe_principals
from hostcheck_builtin.system import account_files, mount_views
from hostcheck_builtin.system.credentials import SYS_PTRACE

SCHEMA = json.loads((Path(probe_principals.__file__).parent / "probe_principals.facts.json").read_text(encoding="utf-8"))
OBEYS = compile_schema(SCHEMA)
TABLE = "22 1 0:21 / /proc rw - proc proc rw{}\n27 1 254:0 / / rw - ext4 /dev/vda rw\n30 27 0:24 / /run rw - tmpfs tmpfs rw\n"
CONTAINER = "50 1 0:99 / / rw - overlay overlay rw\n51 50 0:98 / /proc rw - proc proc rw\n"
SANDBOX = TABLE.format("") + "60 27 254:0 /tmp/systemd-private-x /tmp rw - ext4 /dev/vda rw\n"
OVERRIDE = 1 << 1


def process(pid: int, uid: int, gid: int, *groups: int, host: bool | None = True, caps: int = 0, **more: Any) -> Process:
    told: dict[str, Any] = {"user_view": False if host else None, **more}
    return Process(pid=pid, ppid=1, name="p", uids=(uid,) * 4, gids=(gid,) * 4, groups=groups, cap_effective=caps, host_mounts=host, **told)


def roots(pid: int, uid: int, gid: int, *groups: int, mounts: str = "mnt:[5]", **more: Any) -> Process:
    """Return a process in a mount namespace that root made."""
    return process(pid, uid, gid, *groups, **{"host": False, "user_view": False, "mounts": mounts, **more})


def host(
    files: dict[str, Any] | None = None, *, links: dict[str, str] | None = None, processes: Any = (), hidepid: str = "", caps: int = 0, **more: Any
) -> MemoryHost:
    table = TABLE.format(hidepid and f",hidepid={hidepid}")
    usual = {"/proc/self/mountinfo": table, "/proc/self/status": f"Name:\tx\nCapEff:\t{caps:016x}\n"}
    return MemoryHost({**usual, **(files or {})}, links=links, processes=processes, **more)


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe_principals.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False
    return told


def users(passwd: str | bytes, **files: str) -> Any:
    return facts({"/etc/passwd": passwd, **files})["users"]


def groups(group: str | bytes) -> Any:
    return facts({"/etc/group": group})["groups"]


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_principals.facts.json")


def test_users_and_groups() -> None:
    told = facts(
        {
            "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\n",
            "/etc/group": "docker:x:999:ann,bob\nempty:x:5:\nbare:x:6",
        }
    )
    assert told["users"]["ann"] == {"name": "ann", "uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh"}
    assert told["groups"] == {
        "docker": {"name": "docker", "gid": 999, "members": ["ann", "bob"], "password": False},
        "empty": {"name": "empty", "gid": 5, "members": [], "password": False},
        "bare": {"name": "bare", "gid": 6, "members": [], "password": False},
    }
    assert told["nsswitch"] == {}


def test_a_host_without_files_has_nobody() -> None:
    told = facts()
    assert (told["users"], told["groups"], told["gshadow"], told["processes"]) == ({}, {}, {}, {})


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("1000", 1000), (" 7", 7), ("+7", 7), ("-0", 0), ("007", 7), ("4294967295", 4294967295), ("4294967296", None), ("-1", None)]
    + [
        ("9" * 5000, None),
        ("-" + "9" * 30, None),
        ("-18446744073709551615", 1),
        ("", None),
        ("7 ", None),
        ("0x7", None),
        ("1_0", None),
        ("٣", None),
        ("7\r", None),
        ("a", None),
    ],
)
def test_numbers_are_read_as_glibc_reads_them(text: str, value: int | None) -> None:
    assert account_files.number(text) == value


@pytest.mark.parametrize(
    "line",
    ["no colons", "bob:x", "bob:x:1001", "bob:x::1001::/:", "bob:x:1001:::/:", ":x:1001:1001::/:", "bob:x:0x5:1001::/:", "bob\0:x:1001:1001::/:/bin/sh"],
)
def test_malformed_lines_are_counted_and_named_and_nobody(line: str) -> None:
    told = facts({"/etc/passwd": f"root:x:0:0::/root:/bin/sh\n{line}\nann:x:1000:1000::/:/bin/sh\n"})
    assert set(told["users"]) == {"root", "ann"}
    assert told["malformed"]["passwd"] == {"count": 1, "lines": [2]}


def test_what_glibc_takes_for_a_line_is_one() -> None:
    told = users("# bob:x:1:1:::\n\n  ann:x: +1000:1000\nzoe::1001:1001:a:b:c:d\nold:x:1002:1002::/home/old:/bin/sh\r\n")
    assert told["ann"] == {"name": "ann", "uid": 1000, "gid": 1000, "home": "", "shell": ""}
    assert told["zoe"]["shell"] == "c:d"
    assert told["old"]["shell"] == "/bin/sh\r"


def test_the_numbers_of_a_user_and_what_is_no_blank_in_c() -> None:
    told = users(b"ann:x:1000:50::/:/a\n\xc2\xa0bob:x:1:1::/:/b\nXaver:x:2:2::/:/c\n")
    assert [(user["name"], user["uid"], user["gid"]) for user in told.values()] == [("ann", 1000, 50), ("\xa0bob", 1, 1), ("Xaver", 2, 2)]


@pytest.mark.parametrize(("line", "compat"), [("", False), ("-bob:::", False), ("+::::::", True), ("+@staff:::", True), ("X:+:", False)])
def test_a_plus_line_refers_to_another_source_and_a_minus_line_does_not(line: str, compat: bool) -> None:
    for read, entry in ((account_files.users, "ann:x:1:1::/:/a"), (account_files.groups, "ann:x:1:bob")):
        found, _, told = read(f"{line}\n-x:::\n{entry}\n")
        assert (set(found), told) == ({"ann"}, compat)


def test_two_entries_of_one_name_and_two_names_of_one_uid_are_all_kept() -> None:
    told = users("ann:x:1000:1000::/:/a\nann:x:1001:1001::/:/b\nbea:x:1000:1000::/:/c\nann#2:x:5:5::/:/d\n")
    assert {key: (user["name"], user["uid"]) for key, user in told.items()} == {
        "ann": ("ann", 1000),
        "ann#2": ("ann", 1001),
        "bea": ("bea", 1000),
        "ann#2#2": ("ann#2", 5),
    }


def test_names_that_are_one_once_written_as_utf8_are_two_users() -> None:
    assert len(users(b"\xff:x:1000:1000::/:/a\n\\xff:x:1001:1001::/:/b\n")) == 2


def test_members_are_split_as_glibc_splits_them() -> None:
    assert groups("docker:x:999:, ann,,bob \ncrlf:x:5:ann\r\n")["docker"]["members"] == ["ann", "bob "]
    assert groups("docker:x:999:ann\ndocker:x:998:bob\n").keys() == {"docker", "docker#2"}
    told = groups("docker:x:999:ann:bob,\u00a0zoe\nXenon:x:1:")
    assert {name: group["members"] for name, group in told.items()} == {"docker": ["ann:bob", "\u00a0zoe"], "Xenon": []}
    assert by_glibc("fgetgrent", Group, b"docker:x:999:ann:bob,\xc2\xa0zoe\n") == [(b"docker", 999, [b"ann:bob", b"\xc2\xa0zoe"])]


@pytest.mark.parametrize(
    ("field", "opens"),
    [
        ("x", False),
        ("", False),
        ("!", False),
        ("*", False),
        ("!$6$abcdefghijk", False),
        ("$6$abcdefghijk", True),
        ("ab01234567890", True),
        ("Xb01234567890", True),
    ],
)
def test_a_group_password_is_told_and_never_shown(field: str, opens: bool) -> None:
    told = facts({"/etc/group": f"docker:{field}:999:\n", "/etc/gshadow": f"docker:{field}:ann,bea:zoe\nbroken:x\n"})
    assert told["groups"]["docker"]["password"] is opens
    assert told["gshadow"] == {"docker": {"name": "docker", "password": opens, "administrators": ["ann", "bea"], "members": ["zoe"]}}
    assert told["malformed"]["gshadow"] == {"count": 1, "lines": [2]}
    assert len(field) < 5 or field not in json.dumps(told)


def test_gshadow_that_only_root_reads_is_a_hole() -> None:
    told = facts({"/etc/gshadow": PermissionError(13, "Permission denied")})
    assert isinstance(told["gshadow"], Hole) and told["gshadow"].why == Why.DENIED
    assert told["users"] == {}


def test_sources() -> None:
    told = facts(
        {"/etc/nsswitch.conf": "passwd: files # x\ngroup:  files [SUCCESS=merge] sss [!UNAVAIL=return]systemd\n#initgroups: x\nhosts: dns\npasswd:\tcompat\n"}
    )
    assert told["nsswitch"] == {"passwd": ["compat"], "group": ["files", "sss", "systemd"]}
    assert account_files.sources("passwd: files # x\ngroup: a:b\n") == {"passwd": ["files"], "group": ["a:b"]}


@pytest.mark.parametrize(("conf", "opened"), [("", False), ("passwd: files\n", False), ("passwd: compat\n", True)])
def test_a_plus_line_opens_the_list_where_it_means_something(conf: str, opened: bool) -> None:
    told = users("ann:x:1000:1000::/:\n+::::::\n-bob::::::\n", **{"/etc/nsswitch.conf": conf})
    assert set(told) == {"ann"}
    assert isinstance(told, OpenObject) is opened


def test_a_hundred_thousand_lines_and_a_huge_one() -> None:
    lines = [f"u{index}:x:{index}:{index}::/:/bin/sh" for index in range(100_000)]
    assert len(users("\n".join([*lines, "x" * (10 << 20)]))) == 100_000


@given(st.binary(max_size=200))
def test_no_bytes_break_it(raw: bytes) -> None:
    told = facts({"/etc/passwd": raw, "/etc/group": raw, "/etc/gshadow": raw, "/etc/nsswitch.conf": raw})
    assert isinstance(told["users"], dict)


class Passwd(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("password", ctypes.c_char_p), ("uid", ctypes.c_uint), ("gid", ctypes.c_uint)] + [
        (field, ctypes.c_char_p) for field in ("gecos", "home", "shell")
    ]


class Group(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("password", ctypes.c_char_p), ("gid", ctypes.c_uint), ("members", ctypes.POINTER(ctypes.c_char_p))]


def by_glibc(reader: str, shape: Any, text: bytes) -> list[Any]:
    """Return what the C library itself reads in a file of accounts."""
    libc = ctypes.CDLL("libc.so.6")
    libc.fdopen.restype = ctypes.c_void_p
    libc.fclose.argtypes = [ctypes.c_void_p]
    read = getattr(libc, reader)
    read.argtypes, read.restype = [ctypes.c_void_p], ctypes.POINTER(shape)
    with tempfile.TemporaryFile() as file:
        file.write(text)
        file.seek(0)
        stream = libc.fdopen(os.dup(file.fileno()), b"r")
        try:
            found = []
            while entry := read(stream):
                found.append(flat(entry.contents))
            return found
        finally:
            libc.fclose(stream)


def flat(entry: Any) -> Any:
    if isinstance(entry, Passwd):
        return entry.name, entry.uid, entry.gid, entry.home, entry.shell
    members = []
    for member in entry.members:
        if member is None:
            return entry.name, entry.gid, members
        members.append(member)


FIELDS = st.one_of(
    st.sampled_from([b"", b" ", b"x", b"ann", b"0", b"1000", b" +7", b"-1", b"7 ", b"4294967296", b"a,b, c,", b"/bin/sh\r", b"#", b"\0"]), st.binary(max_size=3)
)
LINE = st.lists(FIELDS, min_size=1, max_size=9).map(b":".join).filter(lambda line: not (line[:1].isspace() and b"\0" in line))
LINES = st.lists(LINE, max_size=6).map(lambda lines: b"\n".join([*lines, b""]))


# A last line without a newline, and one with a NUL in it, are left out here: glibc 2.41 does not move the NUL when it drops leading blanks (__nss_readline()).


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@given(LINES)
def test_users_are_those_that_glibc_reads(text: bytes) -> None:
    lenient = text.decode("utf-8", "surrogateescape")
    told = [(raw(user["name"]), user["uid"], user["gid"], raw(user["home"]), raw(user["shell"])) for user in account_files.users(lenient)[0].values()]
    assert told == [entry for entry in by_glibc("fgetpwent", Passwd, text) if entry[0] and entry[0][:1] not in b"+-"]


@given(LINES)
def test_groups_are_those_that_glibc_reads(text: bytes) -> None:
    lenient = text.decode("utf-8", "surrogateescape")
    told = [(raw(group["name"]), group["gid"], [raw(name) for name in group["members"]]) for group in account_files.groups(lenient)[0].values()]
    assert told == [entry for entry in by_glibc("fgetgrent", Group, text) if entry[0] and entry[0][:1] not in b"+-"]


def test_credentials_are_stated_once() -> None:
    told = facts(processes=[process(1, 0, 0), process(7, 1000, 1000, 27, 999), process(8, 1000, 1000, 999, 27), process(9, 1000, 1000)])["processes"]
    assert set(told) == {"1000:1000:", "1000:1000:27,999"}
    assert told["1000:1000:27,999"] == {
        **{"uids": [1000] * 4, "gids": [1000] * 4, "groups": [27, 999], "count": 2, "pids": [7, 8]},
        **{"host_mounts": True, "host_paths": [], "user_mounts": False, "dac_override": False, "dac_read_search": False, "powers": []},
    }


def test_of_many_processes_the_first_are_named() -> None:
    told = facts(processes=[process(pid, 1000, 1000) for pid in range(130, 100, -1)])["processes"]["1000:1000:"]
    assert (told["count"], told["pids"]) == (30, list(range(101, 121)))


def test_a_setuid_program_is_roots_and_other_differences_are_kept() -> None:
    setuid = Process(pid=5, ppid=1, name="sudo", uids=(1000, 0, 0, 0), gids=(1000,) * 4, groups=(), cap_effective=0, host_mounts=True)
    setgid = Process(pid=6, ppid=1, name="x", uids=(1000,) * 4, gids=(1000, 999, 999, 999), groups=(), cap_effective=0, host_mounts=True)
    assert set(facts(processes=[setuid, setgid])["processes"]) == {"1000:1000/999/999/999:"}


GONE: list[Any] = [FileNotFoundError(2, "No such file or directory"), ProcessLookupError(3, "No such process"), OSError(22, "Invalid argument")]
CHROOTED = "97 1 0:21 / /proc rw - proc proc rw\n98 1 0:24 /sub /here rw - tmpfs tmpfs rw\n"


@pytest.mark.parametrize(
    ("table", "sees"), [(CONTAINER, False), (SANDBOX, True), ("", None), (CHROOTED, None), (PermissionError(13, "no"), None), *((one, None) for one in GONE)]
)
@pytest.mark.parametrize(
    "one", [process(7, 1000, 1000, host=False), process(7, 1000, 1000, host=None), roots(7, 1000, 1000)], ids=["other", "unknown", "root's"]
)
def test_a_process_counts_where_it_sees_the_hosts_root_and_run(table: Any, sees: bool | None, one: Process) -> None:
    found = facts({"/proc/7/mountinfo": table}, processes=[one])["processes"]["1000:1000:"]
    assert isinstance(found["host_mounts"], Hole) if sees is None else found["host_mounts"] is sees


def test_a_process_in_the_hosts_namespace_counts_whatever_its_root_is() -> None:
    processes = [process(7, 1000, 1000, mounts="mnt:[1]"), process(8, 1001, 1001, mounts="mnt:[1]"), process(9, 1002, 1002, mounts="mnt:[1]")]
    found = facts({"/proc/7/mountinfo": CHROOTED, "/proc/8/mountinfo": CONTAINER}, processes=processes)["processes"]
    assert [one["host_mounts"] for one in found.values()] == [True, True, True]


def test_one_process_that_sees_them_is_enough_whatever_the_others_hide() -> None:
    files = {"/proc/7/mountinfo": PermissionError(13, "no"), "/proc/8/mountinfo": SANDBOX}
    found = facts(files, processes=[process(7, 1000, 1000, host=None), process(8, 1000, 1000, host=None)])["processes"]
    assert found["1000:1000:"]["host_mounts"] is True


@pytest.mark.parametrize("table", [CHROOTED, *GONE])
def test_one_that_ended_or_is_in_a_chroot_of_roots_sees_what_its_namespace_shows(table: Any) -> None:
    files = {"/proc/7/mountinfo": table, "/proc/8/mountinfo": CONTAINER, "/proc/9/mountinfo": table, "/proc/10/mountinfo": CONTAINER}
    processes = [roots(7, 1000, 5), roots(8, 0, 0), roots(9, 1001, 5, mounts="mnt:[6]"), roots(10, 0, 0, mounts="mnt:[6]"), roots(11, 0, 0, mounts="mnt:[6]")]
    found = facts({**files, "/proc/11/mountinfo": SANDBOX}, processes=processes)["processes"]
    assert [one["host_mounts"] for one in found.values()] == [False, True]


@pytest.mark.parametrize("table", [CHROOTED, CONTAINER, *GONE])
def test_what_a_user_made_tells_nothing_of_others(table: Any) -> None:
    """As after unshare -U and chroot(2) in a service's namespace, which shows the host."""
    hider = roots(7, 1000, 5, user_view=True)
    found = facts({"/proc/7/mountinfo": table, "/proc/8/mountinfo": SANDBOX}, processes=[hider, roots(8, 1001, 5)])["processes"]
    assert found["1001:5:"]["host_mounts"] is True
    assert (found["1000:5:"]["user_mounts"], found["1001:5:"]["user_mounts"]) == (True, False)


def test_two_in_namespaces_of_no_name_tell_nothing_of_each_other() -> None:
    found = facts({"/proc/7/mountinfo": CHROOTED, "/proc/8/mountinfo": SANDBOX}, processes=[roots(7, 1000, 5, mounts=""), roots(8, 1001, 5, mounts="")])
    told = found["processes"]
    assert isinstance(told["1000:5:"]["host_mounts"], Hole) and told["1001:5:"]["host_mounts"] is True


def test_two_roots_in_one_namespace_see_each_their_own() -> None:
    files = {"/proc/7/mountinfo": CONTAINER + "60 50 0:24 /docker.sock /d rw - tmpfs tmpfs rw\n", "/proc/8/mountinfo": SANDBOX}
    stats = {f"/proc/{pid}/root": Stat(type="dir", uid=0, gid=0, mode=0o755, dev=1, ino=pid) for pid in (7, 8)}
    found = facts(files, stats=stats, processes=[roots(7, 1000, 5), roots(8, 1001, 5)])["processes"]
    assert [(one["host_mounts"], one["host_paths"]) for one in found.values()] == [(False, ["/run/docker.sock"]), (True, [])]


def test_one_that_ended_is_told_what_all_of_its_namespace_show() -> None:
    files = {
        "/proc/7/mountinfo": GONE[0],
        "/proc/8/mountinfo": CONTAINER + "60 50 0:24 /docker.sock /d rw - tmpfs tmpfs rw\n",
        "/proc/9/mountinfo": CONTAINER + "60 50 254:0 /srv /srv rw - ext4 /dev/vda rw\n",
    }
    found = facts(files, processes=[roots(7, 1000, 5), roots(8, 0, 0), roots(9, 0, 0)])["processes"]
    assert {key: one["host_paths"] for key, one in found.items()} == {"1000:5:": ["/run/docker.sock", "/srv"]}


def test_a_run_of_its_own_is_not_the_hosts() -> None:
    table = TABLE.format("").replace("0:24 / /run", "0:55 / /run")
    (one,) = facts({"/proc/7/mountinfo": table}, processes=[roots(7, 1000, 5)])["processes"].values()
    assert one["host_mounts"] is False


def test_a_root_is_not_looked_at_where_a_user_may_have_made_it() -> None:
    class Trap(MemoryHost):
        def stat(self, path: str, *, follow: bool = True) -> Stat:
            assert path != "/proc/7/root", "asked a FUSE mount"
            return super().stat(path, follow=follow)

    files = {"/proc/self/mountinfo": TABLE.format(""), "/proc/self/status": "Name:\tx\nCapEff:\t0\n", "/proc/7/mountinfo": CONTAINER}
    for user_view in (None, True):
        told = stated(probe_principals.collect, Trap(files, processes=[roots(7, 1000, 5, user_view=user_view)]))["processes"]
        assert [one["host_mounts"] for one in told.values()] == [False]


def test_a_root_that_cannot_be_looked_at_keeps_nobody_from_the_table() -> None:
    files = {"/proc/7/root": PermissionError(13, "no"), "/proc/7/mountinfo": CONTAINER}
    (one,) = facts(files, processes=[roots(7, 1000, 5)])["processes"].values()
    assert one["host_mounts"] is False


def test_a_long_mount_table_is_read() -> None:
    long = CONTAINER + "".join(f"{index} 50 0:9 / /{'x' * 1000} rw - tmpfs t rw\n" for index in range(60, 2060))
    (one,) = facts({"/proc/7/mountinfo": long}, processes=[roots(7, 1000, 5)])["processes"].values()
    assert one["host_mounts"] is False


def test_whether_users_made_it_may_not_be_known() -> None:
    processes = [process(7, 1000, 5, host=None), roots(8, 1000, 5), process(9, 1001, 5, host=None), roots(10, 1001, 5, user_view=True)]
    found = facts({f"/proc/{pid}/mountinfo": CONTAINER for pid in (7, 8, 9, 10)}, processes=processes)["processes"]
    assert isinstance(found["1000:5:"]["user_mounts"], Hole)
    assert found["1001:5:"]["user_mounts"] is True


def test_what_of_the_host_is_mounted_in_a_container_is_told() -> None:
    lines = "60 50 0:24 /docker.sock /var/run/docker.sock rw - tmpfs tmpfs rw\n61 50 254:0 /srv/a\\040b /data rw - ext4 /dev/vda rw\n"
    lines += "62 50 254:0 /var/lib/docker/volumes/x/_data /v rw - ext4 /dev/vda rw\n63 50 0:77 / /other rw - tmpfs tmpfs rw\n"
    files = {"/proc/7/mountinfo": CONTAINER + lines, "/proc/8/mountinfo": CONTAINER + "60 50 0:24 / /host/run rw - tmpfs tmpfs rw\n"}
    found = facts(files, processes=[roots(7, 1000, 5), roots(8, 1001, 5, mounts="mnt:[6]"), roots(9, 1001, 5, mounts="mnt:[6]")])["processes"]
    assert [(one["host_mounts"], one["host_paths"]) for one in found.values()] == [(False, ["/run/docker.sock", "/srv/a b"]), (False, ["/run"])]
    both = facts(files, processes=[roots(7, 1000, 5), roots(8, 1000, 5, mounts="mnt:[6]")])["processes"]["1000:5:"]
    assert both["host_paths"] == ["/run", "/run/docker.sock", "/srv/a b"]


@pytest.mark.parametrize("count", [mount_views.SHOWN, mount_views.SHOWN + 1])
def test_so_much_of_what_the_host_has_may_be_mounted(count: int) -> None:
    lines = "".join(f"{index} 50 254:0 /d{index} /m{index} rw - ext4 /dev/vda rw\n" for index in range(100, 100 + count))
    (one,) = facts({"/proc/7/mountinfo": CONTAINER + lines}, processes=[roots(7, 1000, 5)])["processes"].values()
    assert len(one["host_paths"]) == count if count == mount_views.SHOWN else one["host_paths"].why == Why.LIMIT


def test_processes_that_always_end_before_they_are_read_leave_the_list_open() -> None:
    lost = Process(pid=9, ppid=0, name="", uids=(-1,) * 4, gids=(-1,) * 4, groups=(), cap_effective=0, lost=True)
    told = facts(processes=[process(7, 1000, 5), lost])["processes"]
    assert isinstance(told, OpenObject) and told.hole.why == Why.LIMIT
    assert set(told) == {"1000:5:"}


def test_more_mount_tables_than_can_be_read_are_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = mount_views.TABLES // 2
    monkeypatch.setattr(mount_views, "MountViews", partial(mount_views.MountViews, left=kept + len(TABLE.format("")) + 10))
    processes = [*(process(pid, 1000 + pid, 5, host=None) for pid in (7, 8)), roots(9, 1009, 5)]
    told = facts({f"/proc/{one.pid}/mountinfo": CONTAINER for one in processes}, processes=processes)["processes"]
    assert [str(one["host_mounts"].why) if isinstance(one["host_mounts"], Hole) else one["host_mounts"] for one in told.values()] == [False, "limit", False]


@pytest.mark.parametrize("user_view", [False, True])
def test_what_a_namespace_shows_is_read_once(user_view: bool) -> None:
    processes = [roots(7, 1000, 5, user_view=user_view), roots(8, 1001, 5, user_view=user_view)]
    links = {"/proc/7/root": "/", "/proc/8/root": "/"}
    files = {"/proc/7/mountinfo": CONTAINER, "/proc/8/mountinfo": PermissionError(13, "asked again")}
    found = facts(files, links=links, processes=processes)["processes"]
    assert [one["host_mounts"] for one in found.values()] == [False, False]


def test_a_capability_is_stated_with_the_ids_it_reaches() -> None:
    files = {"/proc/7/uid_map": "         0       1000          1\n         1     100000      65536\n", "/proc/7/gid_map": "0 1000 1\n"}
    (told,) = facts(files, processes=[process(7, 1000, 1000, caps=OVERRIDE)])["processes"].values()
    assert (told["dac_override"], told["mapped_uids"], told["mapped_gids"]) == (True, [[1000, 1], [100000, 65536]], [[1000, 1]])


@pytest.mark.parametrize("permitted", [False, True])
def test_capabilities_that_are_in_force_or_permitted_are_stated(permitted: bool) -> None:
    files = {"/proc/7/uid_map": "0 0 4294967295\n", "/proc/7/gid_map": "0 0 4294967295\n"}
    mask = 1 << 6 | 1 << 7 | 1 << 1 | 1 << 12
    one = process(7, 1000, 1000, caps=0 if permitted else mask, cap_permitted=mask)
    ((key, told),) = facts(files, processes=[one])["processes"].items()
    assert (key, told["dac_override"], told["powers"]) == ("1000:1000::dac_override:cap_setgid:cap_setuid", True, ["cap_setgid", "cap_setuid"])
    assert told["mapped_gids"] == [[0, 4294967295]]


def test_the_ids_of_one_that_ended_are_not_known() -> None:
    (told,) = facts(processes=[process(7, 1000, 1000, caps=OVERRIDE)])["processes"].values()
    assert isinstance(told["mapped_uids"], Hole) and isinstance(told["mapped_gids"], Hole)


@pytest.mark.parametrize(
    ("hidepid", "caps", "opened"),
    [("", 0, False), ("0", 0, False), ("off", 0, False), ("2", 0, True), ("invisible", 0, True), ("ptraceable", SYS_PTRACE, False)],
)
def test_hidden_processes_leave_the_list_open(hidepid: str, caps: int, opened: bool) -> None:
    assert isinstance(facts(hidepid=hidepid, caps=caps)["processes"], OpenObject) is opened


def test_processes_that_cannot_be_listed_are_a_hole() -> None:
    told = facts(processes=PermissionError(13, "hidepid"))
    assert isinstance(told.get("processes"), Hole)


def test_denying_any_answer_only_makes_holes() -> None:
    files = {
        "/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n+::::::\n",
        "/etc/group": "docker:x:999:ann\n",
        "/etc/gshadow": "docker:!:bea:ann\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
        "/proc/8/mountinfo": CONTAINER,
        "/proc/9/mountinfo": SANDBOX,
        "/proc/9/uid_map": "0 0 4294967295\n",
        "/proc/9/gid_map": "0 0 4294967295\n",
    }
    files |= {"/proc/10/mountinfo": CHROOTED, "/proc/11/mountinfo": CONTAINER, "/proc/12/mountinfo": SANDBOX}
    links = {f"/proc/{pid}/root": "/" for pid in (8, 11)}
    processes = [process(7, 1000, 1000, 999), roots(8, 999, 999), process(9, 1001, 5, host=None, caps=OVERRIDE), roots(10, 1002, 5), roots(11, 0, 0)]
    processes += [roots(12, 1003, 5, user_view=True, mounts="mnt:[6]")]
    for hidepid, caps in (("", 0), ("2", SYS_PTRACE)):
        assert list(denials(probe_principals.collect, host(files, links=links, processes=processes, hidepid=hidepid, caps=caps))) == []


def test_a_fifo_for_a_file_costs_that_file() -> None:
    told = facts(stats={"/etc/group": Stat(type="fifo", uid=0, gid=0, mode=0o644)})
    assert isinstance(told["groups"], Hole) and told["groups"].why == Why.NONSENSE
    assert told["users"] == {}


@pytest.mark.parametrize("line", ["#bob:x:0:0::/home/bob:/bin/sh", "  # a comment", "#"])
def test_a_comment_is_neither_a_user_nor_malformed(line: str) -> None:
    text = f"ann:x:1000:1000::/home/ann:/bin/sh\n{line}\n"
    assert by_glibc("fgetpwent", Passwd, text.encode()) == by_glibc("fgetpwent", Passwd, text.partition("\n")[0].encode() + b"\n")
    told = facts({"/etc/passwd": text, "/etc/group": f"{line}\nstaff:x:50:ann\n"})
    assert told["users"].keys() == {"ann"} and told["groups"].keys() == {"staff"}
    assert told["malformed"]["passwd"]["count"] == told["malformed"]["group"]["count"] == 0
