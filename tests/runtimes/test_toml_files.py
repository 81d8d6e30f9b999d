import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import Hole, LimitExceeded, Nonsense, Unsupported
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.runtimes.toml_files import MOST, beside, document, matching, table, typed

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'a = 1\npassword = "{SECRET}\n', "line 2"),
        (f"{SECRET} = {SECRET}\n", "line 1"),
        (f"a = 1\na = 2 # {SECRET}\n", "line 2"),
        ("a = " + "[" * 20000, ""),
        ("a = " + "1" * 5000, ""),
        ("x = 2000-99-99\n", ""),
    ],
)
def test_what_is_no_toml_is_told_by_file_and_line_alone(text: str, line: str) -> None:
    with pytest.raises(Nonsense) as refused:
        document(MemoryHost({"/x.toml": text}), "/x.toml")
    assert str(refused.value).startswith("/x.toml: no TOML") and line in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_file_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        document(MemoryHost({"/x.toml": "#" * (1 << 21)}), "/x.toml")
    with pytest.raises(LimitExceeded):
        document(MemoryHost(), "/" + "x" * 5000)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("/etc/c/*.toml", ["/etc/c/.b.toml", "/etc/c/a.toml", "/etc/c/c.toml"]),
        ("/etc/c/?.toml", ["/etc/c/a.toml", "/etc/c/c.toml"]),
        ("/etc/*/a.toml", ["/etc/c/a.toml", "/etc/d/a.toml"]),
        ("/etc/c/*", ["/etc/c/.b.toml", "/etc/c/a.toml", "/etc/c/c.toml", "/etc/c/x.conf"]),
        ("/nowhere/*.toml", []),
        ("/etc/c/a.toml/*", []),
        ("/*/c/a.toml", ["/etc/c/a.toml"]),
    ],
)
def test_a_pattern_means_what_go_makes_of_it(pattern: str, found: list[str]) -> None:
    names = ("/etc/c/a.toml", "/etc/c/.b.toml", "/etc/c/c.toml", "/etc/c/x.conf", "/etc/d/a.toml")
    assert matching(MemoryHost(dict.fromkeys(names, "")), pattern) == found


def test_a_pattern_is_bounded_and_some_are_not_followed() -> None:
    with pytest.raises(LimitExceeded):
        matching(MemoryHost({f"/d/{number}.toml": "" for number in range(MOST + 1)}), "/d/*.toml")
    for pattern in ("/d/[ab]*.toml", "/d/\\*.toml"):
        with pytest.raises(Unsupported):
            matching(MemoryHost(), pattern)


def test_a_name_is_beside_the_file_that_imports_it() -> None:
    assert [beside("/etc/c/x.toml", name) for name in ("a.toml", "../a.toml", "/b//c.toml", "./d/../*.toml")] == [
        *("/etc/c/a.toml", "/etc/a.toml", "/b/c.toml", "/etc/c/*.toml"),
    ]


def test_a_table_that_is_none() -> None:
    assert table({}, "grpc", "/x") == {}
    with pytest.raises(Nonsense):
        table({"grpc": SECRET}, "grpc", "/x")


@given(st.one_of(st.booleans(), st.integers(), st.text(), st.floats(allow_nan=False), st.lists(st.one_of(st.text(), st.integers()))))
def test_a_value_is_of_its_kind_or_a_hole(value: object) -> None:
    for kind in (bool, int, str, list):
        found = typed(value, kind, "/x", "key")
        assert isinstance(found, Hole) or (type(found) is kind and found == value)
        if not isinstance(found, Hole) and kind is int:
            assert -(1 << 63) <= found < 1 << 63
