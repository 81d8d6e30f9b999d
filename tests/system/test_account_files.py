"""The user and group files as glibc itself reads them, asked for the same files."""

import ctypes
import os
import tempfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.system import account_files


def users(passwd: str | bytes) -> Any:
    return account_files.users(passwd if isinstance(passwd, str) else passwd.decode("utf-8", "surrogateescape"))[0]


def groups(group: str) -> Any:
    return account_files.groups(group)[0]


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


CONF = "passwd: files # x\ngroup:  files [SUCCESS=merge] sss [!UNAVAIL=return]systemd\n#initgroups: x\nhosts: dns\npasswd:\tcompat\n"


def test_of_two_lines_for_one_database_the_last_counts() -> None:
    assert account_files.databases_of(MemoryHost({"/etc/nsswitch.conf": CONF})) == {"passwd": ["compat"], "group": ["files", "sss", "systemd"]}
    assert account_files.databases_of(MemoryHost()) == {}
    assert account_files.sources("passwd: files # x\ngroup: a:b\n") == {"passwd": ["files"], "group": ["a:b"]}
    assert [account_files.asked({"group": []}, name) for name in ("passwd", "group")] == [["files"], []]


def test_a_plus_line_opens_the_members_unless_it_is_known_to_mean_nothing() -> None:
    hole = Hole(why=Why.DENIED, message="no")
    for databases, opens in (({}, False), ({"passwd": ["files"]}, False), ({"passwd": ["compat"]}, True), (hole, True)):
        for compat in (False, True):
            found = account_files.opened({"ann": 1}, compat, databases, "passwd")
            assert found == {"ann": 1} and isinstance(found, OpenObject) is (compat and opens)


@pytest.mark.parametrize(
    "line", ["group: files ldap", "group files ldap", "\tgroup : files ldap", "group::files ldap", "group: files # ldap", "group: files # no ldap x"]
)
def test_a_database_is_named_as_glibc_reads_it(line: str) -> None:
    assert account_files.sources(f"{line}\n") == {"group": ["files", "ldap"]}


def test_what_names_no_database_names_no_source() -> None:
    assert account_files.sources("group\n#group: ldap\n# group: ldap\n: group ldap\ngroups: ldap\npasswd: files # was changed\n") == {"passwd": ["files"]}


COMMENTED = "#docker:x:999:ann\n \t# a note:x: 998:bob,ann\n#empty:x:5:\n#:x:7:zoe:x\n# ann:1\n#x:y:z:ann\nok:x:1:ann\n#cut:x:3:ann\0,bob\n"


def test_lines_behind_a_sign_that_a_login_reads_all_the_same() -> None:
    assert account_files.commented_groups(COMMENTED) == {
        "line 1": {"gid": 999, "members": ["ann"]},
        "line 2": {"gid": 998, "members": ["bob", "ann"]},
        "line 4": {"gid": 7, "members": ["zoe:x"]},
        "line 8": {"gid": 3, "members": ["ann"]},
    }


@pytest.mark.parametrize(("databases", "asks"), [({}, True), ({"group": ["compat"]}, False), ({"group": ["compat"], "initgroups": ["files"]}, True)])
def test_only_the_source_files_reads_lines_behind_a_sign(databases: dict[str, list[str]], asks: bool) -> None:
    assert account_files.asks_files(databases) is asks


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


@pytest.mark.parametrize("line", ["#bob:x:0:0::/home/bob:/bin/sh", "  # a comment", "#"])
def test_a_comment_is_neither_a_user_nor_malformed(line: str) -> None:
    text = f"ann:x:1000:1000::/home/ann:/bin/sh\n{line}\n"
    assert by_glibc("fgetpwent", Passwd, text.encode()) == by_glibc("fgetpwent", Passwd, text.partition("\n")[0].encode() + b"\n")
    for (found, malformed, _), name in ((account_files.users(text), "ann"), (account_files.groups(f"{line}\nstaff:x:50:ann\n"), "staff")):
        assert (set(found), malformed) == ({name}, [])
