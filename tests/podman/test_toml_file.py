"""TOML as Podman takes it: by names of any case, refused where Podman would not start, and never quoted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded, Nonsense
from hostcheck_builtin.podman import toml_file

PATH = "/etc/containers/containers.conf"


def test_a_mark_at_the_beginning_is_passed_over() -> None:
    for mark in (b"", *toml_file.MARKS):
        assert toml_file.document(PATH, mark + b'[a]\nb = "c"\n') == {"a": {"b": "c"}}


@pytest.mark.parametrize("raw", [b"a = secret", b"\0", b"a = 1\na = 2", b'a = "\xff"', b"[[a]\n", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000])
def test_what_podman_refuses_is_nonsense_and_not_quoted(raw: bytes) -> None:
    with pytest.raises(Nonsense) as raised:
        toml_file.document(PATH, raw)
    assert PATH in str(raised.value) and "secret" not in str(raised.value)


def test_the_line_is_named() -> None:
    with pytest.raises(Nonsense, match="at line 3"):
        toml_file.document(PATH, b"a = 1\nb = 2\nc = secret\n")


def test_a_key_of_very_many_parts_is_not_read() -> None:
    with pytest.raises(LimitExceeded):
        toml_file.document(PATH, b"a" + b".a" * 30_000 + b" = 1")


@pytest.mark.parametrize("key", ["userns", "UserNS", "USERNS", "u\u017fern\u017f"])
def test_letters_of_any_size_make_the_same_name(key: str) -> None:
    assert toml_file.member(PATH, {key: "host"}, "userns") == "host"


def test_two_that_make_one_name_are_nonsense() -> None:
    with pytest.raises(Nonsense, match="twice"):
        toml_file.member(PATH, {"userns": "host", "UserNS": "auto"}, "userns")


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (toml_file.text, "x", [1, True, ["x"], {}]),
        (toml_file.flag, False, [0, "false", []]),
        (toml_file.number, -1, [True, 1.0, "1", 1 << 63]),
        (toml_file.texts, ["x"], ["x", [1], [["x"]], {}]),
        (toml_file.table, {"x": 1}, [[{}], 1, "x"]),
        (toml_file.tables, [{"x": 1}], [{"x": 1}, [1], "x"]),
    ],
)
def test_each_type_is_asked_for(read: Any, good: Any, bad: list[Any]) -> None:
    assert read(PATH, {"a": good}, "a") == good and not read(PATH, {}, "a")
    for value in bad:
        with pytest.raises(Nonsense, match="wrong type"):
            read(PATH, {"a": value}, "a")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_table_or_nonsense(raw: bytes) -> None:
    try:
        assert isinstance(toml_file.document(PATH, raw), dict)
    except Nonsense as error:
        assert str(error).startswith(PATH)
