"""The variables of a unit's programs, from its lines and its files; what files do not tell is a hole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system.exec_environment import Environment, assignments, environment


def known(*lines: str, unit: str = "x.service", **files: Any) -> Environment:
    return environment(MemoryHost({f"/etc/{name}": text for name, text in files.items()}), unit, ["\n".join(("[Service]", *lines))])


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("Environment=A=1 B=2",), {"A": "1", "B": "2"}),
        (("Environment='A=b c' B=\"d e\"",), {"A": "b c", "B": '"d e"'.strip('"')}),
        (("Environment=A=1", "Environment=", "Environment=B=2"), {"B": "2"}),
        (("Environment=A=%n", "Environment=B=50%%"), {"A": "x.service", "B": "50%"}),
        (("Environment=A=1 B=\\q C=3",), {"A": "1"}),
        (('Environment=A=1 "B=2',), {"A": "1"}),
        (("Environment=1A=1 junk A.B=2 A=3",), {"A": "3"}),
        (("Environment=A=1 A=2", "Environment=A=3"), {"A": "3"}),
        (("Environment=A=1 B=2", "UnsetEnvironment=A B=3"), {"B": "2"}),
        (("Environment=A=1 B=2", "UnsetEnvironment=B=2"), {"A": "1"}),
        (("PassEnvironment=A", "Environment=A=1"), {"A": "1"}),
        (("EnvironmentFile=x",), {}),
    ],
)
def test_lines(lines: tuple[str, ...], wanted: dict[str, str]) -> None:
    found = known(*lines)
    assert found.values == wanted and found.others is None and found.refused is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("# A=1\n; A=2\n  A=3", {"A": "3"}),
        (" A = b c  \n", {"A": "b c"}),
        ('A="b c"\nB=\'d "e\'\n', {"A": "b c", "B": 'd "e'}),
        ('A="b\nc"\nB=2', {"A": "b\nc", "B": "2"}),
        ("A=b\\\nc\nB=2", {"A": "bc", "B": "2"}),
        ('A="b\\"c\\$d\\n"', {"A": 'b"c$d\\n'}),
        ("A='b\\n'", {"A": "b\\n"}),
        ("A=\\$b\\n", {"A": "$bn"}),
        ("A='b'\"c\" d", {"A": "bcd"}),
        ('A=b"c"', {"A": 'b"c"'}),
        ("export A=1\n=2\n1A=3\nB\nC=", {"C": ""}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ('A="b', {"A": "b"}),
    ],
)
def test_files(text: str, wanted: dict[str, str]) -> None:
    assert assignments(text) == wanted


def test_files_count_before_lines_and_the_last_of_them_counts() -> None:
    found = known("EnvironmentFile=/etc/one", "EnvironmentFile=-/etc/none", "EnvironmentFile=/etc/two", "Environment=A=0 C=0", one="A=1\nB=1\n", two="B=2\n")
    assert found.values == {"A": "1", "B": "2", "C": "0"} and found.refused is None
    assert known("EnvironmentFile=/etc/*.env", **{"b.env": "A=b", "a.env": "A=a", ".c.env": "A=c", "d": "A=d"}).values == {"A": "b"}


@pytest.mark.parametrize("name", ["/etc/none", "/etc/none/*"])
def test_a_file_that_is_not_there_keeps_the_unit_from_starting_unless_it_may_lack(name: str) -> None:
    assert known(f"EnvironmentFile=-{name}").refused is None
    refused = known(f"EnvironmentFile={name}").refused
    assert refused is not None and refused.why is Why.NONSENSE


@pytest.mark.parametrize("lines", [("EnvironmentFile=/etc/one",), ("EnvironmentFile=/etc/*/x",), ("EnvironmentFile=/etc/%m",), ("PAMName=login",)])
def test_where_others_may_be_set_nothing_that_came_before_is_known(lines: tuple[str, ...]) -> None:
    found = known("Environment=A=1", *lines, one=PermissionError(13, "no", "/etc/one"))
    assert isinstance(found.others, Hole) and isinstance(found.value("B"), Hole) and found.own == {"A": "1"}


def test_a_variable_of_systemds_own_is_not_known_unless_it_is_taken_away() -> None:
    assert isinstance(known().value("HOME"), Hole) and isinstance(known("PassEnvironment=A").value("A"), Hole)
    assert known().value("A") is None and known("UnsetEnvironment=HOME").value("HOME") is None
    assert known("PassEnvironment=A", "UnsetEnvironment=A").value("A") is None
    assert isinstance(known("PassEnvironment=A", "UnsetEnvironment=A=1").value("A"), Hole)
    assert isinstance(known("Environment=A=%m").value("A"), Hole)


@given(st.text(alphabet="AB= '\"\\#;\n\r$", max_size=40))
def test_any_file_of_variables_is_read(text: str) -> None:
    assert all(name in ("A", "B", "AA", "AB", "BA", "BB") or len(name) > 2 for name in assignments(text))
