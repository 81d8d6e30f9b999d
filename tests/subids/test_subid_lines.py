"""Each line of /etc/subuid means to each of its readers what that reader takes from it."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.parting import escape
from hostcheck_builtin.subids import subid_lines
from hostcheck_builtin.subids.subid_lines import BUFFER, LAST, TOKEN, Irregular, Plain, parse


def taken(line: bytes) -> dict[str, tuple[str, int, int]]:
    """Return what each reader takes from a line."""
    found = parse(line)
    if isinstance(found, Plain):
        return dict.fromkeys(subid_lines.READERS, (found.owner, found.start, found.count))
    return {} if found is None else {name: (one.owner, one.start, one.count) for name, one in found.readings.items()}


def problems(line: bytes) -> tuple[str, ...]:
    found = parse(line)
    return found.problems if isinstance(found, Irregular) else ()


@given(st.binary(max_size=40) | st.from_regex(rb"[ +#]?[a-z0-9:]*:[ x0-9b+-]*:[x0-9 ]*[\r\0:]?", fullmatch=True))
@example(b"a" * BUFFER)
@example(b":" * TOKEN)
@example(b"a:" + b"9" * TOKEN + b":1")
@example(b"a:" + b"0" * 5000 + b":1")
@example("\u00a0bob\u3000:1:1".encode())
def test_any_line_is_read(line: bytes) -> None:
    line = line.replace(b"\n", b"")
    found = parse(line)
    if isinstance(found, Plain):
        text = line.decode("utf-8", "surrogateescape")
        readings = (subid_lines.by_shadow(line), subid_lines.by_go(line, text.strip(subid_lines.GO_SPACE)), subid_lines.by_idtools(line, text.strip()))
        assert {(one.owner, one.start, one.count) for one in readings if one is not None} == {(found.owner, found.start, found.count)} and None not in readings
        assert found.start + found.count - 1 <= LAST
    elif isinstance(found, Irregular):
        assert found.problems and escape(found.excerpt).isprintable() and len(found.excerpt) <= 10 * subid_lines.SHOWN


@given(st.from_regex(r"[a-z_][a-z0-9_.-]{0,30}\$?|[0-9]{1,9}", fullmatch=True), st.integers(0, LAST), st.integers(1, LAST))
def test_what_useradd_writes_is_read_back(owner: str, start: int, count: int) -> None:
    count = min(count, LAST - start + 1)
    assert parse(f"{owner}:{start}:{count}".encode()) == Plain(owner=owner, start=start, count=count)


# Those of newuidmap 4.17.4 and dockerd 26.1.5 were seen: tests/real_engines/test_subids.py.
@pytest.mark.parametrize(
    ("line", "shadow", "go", "idtools"),
    [
        (b"bob:0x30D40:10", ("bob", 200000, 10), ("bob", 0, 10), None),
        (b"bob:0600000:10", ("bob", 196608, 10), ("bob", 600000, 10), ("bob", 600000, 10)),
        (b"bob:0b1000:10", ("bob", 8, 10), ("bob", 0, 10), None),
        (b"bob:08:10", None, ("bob", 8, 10), ("bob", 8, 10)),
        (b"bob: 300000:10", ("bob", 300000, 10), ("bob", 0, 10), None),
        (b"bob:\t300000:\v10", ("bob", 300000, 10), ("bob", 0, 0), None),
        (b"bob:300000:10 ", None, ("bob", 300000, 10), ("bob", 300000, 10)),
        (b"bob:300000:10\r", None, ("bob", 300000, 10), ("bob", 300000, 10)),
        (b" bob:300000:10", (" bob", 300000, 10), ("bob", 300000, 10), ("bob", 300000, 10)),
        (b"bob:300000:10:", ("bob", 300000, 10), ("bob", 300000, 10), None),
        (b"bob:300000:10:x:y", ("bob", 300000, 10), ("bob", 300000, 10), None),
        (b"bob:300000", None, ("bob", 300000, 0), None),
        (b"bob::10", None, ("bob", 0, 10), None),
        (b":1:10", None, ("", 1, 10), ("", 1, 10)),
        (b"bob:+300000:10", ("bob", 300000, 10), ("bob", 300000, 10), ("bob", 300000, 10)),
        (b"bob:-0:10", ("bob", 0, 10), ("bob", 0, 10), ("bob", 0, 10)),
        (b"bob:-1:10", None, ("bob", -1, 10), ("bob", -1, 10)),
        (b"bob:300000:0", ("bob", 300000, 0), ("bob", 300000, 0), ("bob", 300000, 0)),
        (b"bob:18446744073709551615:1", ("bob", (1 << 64) - 1, 1), ("bob", (1 << 63) - 1, 1), None),
        (b"bob:18446744073709551616:1", None, ("bob", (1 << 63) - 1, 1), None),
        (b"bob:1:9223372036854775808", ("bob", 1, 1 << 63), ("bob", 1, (1 << 63) - 1), None),
        (b"bob:-9223372036854775808:1", None, ("bob", -(1 << 63), 1), ("bob", -(1 << 63), 1)),
        (b"bob:-9223372036854775809:1", None, ("bob", -(1 << 63), 1), None),
        (b"bob:-" + b"9" * 5000 + b":1", None, ("bob", -(1 << 63), 1), None),
        (b"bob:-" + b"0" * 5000 + b":" + b"9" * 5000, None, ("bob", 0, (1 << 63) - 1), None),
        (b"bob:+" + b"0" * 5000 + b":1", None, ("bob", 0, 1), ("bob", 0, 1)),
        (b"bob:4294967295:1", ("bob", 4294967295, 1), ("bob", 4294967295, 1), ("bob", 4294967295, 1)),
        (b"\xff:0x1:1", ("\udcff", 1, 1), ("\udcff", 0, 1), None),
        (b"-bob:1:10", None, ("-bob", 1, 10), ("-bob", 1, 10)),
        (b"\x1c", None, ("\x1c", 0, 0), None),
        (b"+:1:10", None, ("+", 1, 10), ("+", 1, 10)),
        (b"junk", None, ("junk", 0, 0), None),
        (b"b\0b:1:10", None, ("b\0b", 1, 10), ("b\0b", 1, 10)),
        (b"a" * 1020 + b":1:1", None, ("a" * 1020, 1, 1), ("a" * 1020, 1, 1)),
        (b"a" * (TOKEN - 5) + b":1:1", None, ("a" * (TOKEN - 5), 1, 1), ("a" * (TOKEN - 5), 1, 1)),
        (b"a" * (TOKEN - 4) + b":1:1", None, None, None),
        (b"#" * TOKEN, None, None, None),
    ],
)
def test_readers_differ(line: bytes, shadow: Any, go: Any, idtools: Any) -> None:
    assert taken(line) == {name: one for name, one in {"shadow": shadow, "go": go, "idtools": idtools}.items() if one is not None}
    assert problems(line)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"bob:4294967294:1", ("bob", 4294967294, 1)),
        (b"1001:300000:10", ("1001", 300000, 10)),
        (b"bob:0:1", ("bob", 0, 1)),
        (b"a" * 1019 + b":1:1", ("a" * 1019, 1, 1)),
        (b"two words:1:1", ("two words", 1, 1)),
        (b"bob:0:4294967295", ("bob", 0, 4294967295)),
        (b"Xaver:1:1", ("Xaver", 1, 1)),
        (b"\x1cbob:1:1", ("\x1cbob", 1, 1)),
        (b"\xff:1:1", ("\udcff", 1, 1)),
    ],
)
def test_lines_that_all_take_alike(line: bytes, found: Any) -> None:
    assert isinstance(parse(line), Plain)
    assert set(taken(line).values()) == {found} and len(taken(line)) == 3


@pytest.mark.parametrize("line", [b"", b"  \t", b"\r", b"# bob:1:1", b"#bob:300000:10", b"  # x", b"#" * (TOKEN - 1)])
def test_blank_lines_and_comments_are_nothing(line: bytes) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"bob:1:1\r", "ends in a carriage return"),
        (b"bob:1:1 ", "blanks around it"),
        (b"bob :1:1", "blanks around a field"),
        (b"bob:01:1", "a leading zero"),
        (b"bob:1:0", "no ids"),
        (b"bob:1:000", "a leading zero; no ids"),
        (b"bob:1x:10", "not a decimal number"),
        (b"bob:0:1X", "not a decimal number"),
        ("bob:\u0663:1".encode(), "not a decimal number"),
        (b"bob:1:4294967295", "ends beyond the highest id"),
        (b"bob:1:99999999999999999999", "ends beyond the highest id"),
        (b"bob:4294967294:01", "a leading zero"),
        (b"bob:4294967295:x", "not a decimal number"),
        (b"bob:4294967296:-2", "not a decimal number; ends beyond the highest id"),
        (b"bob:1", "not three fields"),
        (b"bob:300000:10:x", "not three fields"),
        (b"bob:300000:10:", "not three fields"),
        (b":1:1", "a field is empty"),
        (b"+bob:1:1", "begins with + or -"),
        (b"-bob:1:1", "begins with + or -"),
        (b"b\0:1:1", "holds a NUL"),
        (b"a" * 1020 + b":1:1", "longer than 1023 bytes"),
        (b"a" * TOKEN, "longer than 1023 bytes; longer than 65535 bytes, at which readers in Go give up on the file; not three fields"),
    ],
)
def test_what_is_the_matter_is_said(line: bytes, problem: str) -> None:
    assert "; ".join(problems(line)) == problem


def test_an_excerpt_is_short_and_shows_what_does_not_print() -> None:
    found = parse(b"\x1b2Jbob\xe2\x80\xae:0x1:1\r")
    assert isinstance(found, Irregular) and found.excerpt == r"\x1b2Jbob\u202e:0x1:1\r"
    assert subid_lines.excerpt("bücher\\") == "bücher\\"
    assert subid_lines.excerpt("x" * 500) == "x" * 80 + "…" and subid_lines.excerpt("x" * 80) == "x" * 80


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("bob:0x10:5\r", "bob:0x10:5\\r"),
        ("bob:hunter2:5", "bob:…:5"),
        ("bob:1:hunter2", "bob:1:…"),
        ("bob:1:5:hunter2:x", "bob:1:5:…"),
        ("bob::5:", "bob::5:"),
        ("bob:1x0: 5 ", "bob:…: 5 "),
    ],
)
def test_of_an_irregular_line_names_and_numbers_are_shown(line: str, shown: str) -> None:
    found = parse(line.encode())
    assert isinstance(found, Irregular) and found.excerpt == shown
