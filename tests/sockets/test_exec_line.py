"""The words that systemd starts a service with, variables included."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import attempt
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.sockets import exec_line

DEFAULT = "/etc/default/docker"


def words(*lines: str, **files: Any) -> Any:
    text = "[Service]\n" + "\n".join(lines) + "\n"
    return attempt(exec_line.words, MemoryHost({name.replace("__", "/"): content for name, content in files.items()}), "d.service", [text])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("ExecStart=/usr/bin/dockerd -H fd://",), ["/usr/bin/dockerd", "-H", "fd://"]),
        (("ExecStart=-@/d",), ["/d"]),
        (("ExecStart=@/d me -H fd://",), ["/d", "-H", "fd://"]),
        (("ExecStart=/a", "ExecStart=", 'ExecStart=!/d "-H unix:///x y"'), ["/d", "-H unix:///x y"]),
        (("ExecStart=/a", "ExecStart=/b"), ["/b"]),
        (("ExecStart=/d -H unix://%t/x %N \\", "  more"), ["/d", "-H", "unix:///run/x", "d", "more"]),
        (("Environment=A=1 'B=2 3'", "ExecStart=/d $A ${B} x$A $B $C ${C}"), ["/d", "1", "2 3", "x1", "2", "3", ""]),
        (("Environment=A=1", "Environment=", "ExecStart=/d $A"), ["/d"]),
        ((), []),
    ],
)
def test_words(lines: tuple[str, ...], expected: list[str]) -> None:
    assert words(*lines) == expected


def test_variables_of_files_count_last() -> None:
    lines = ("Environment=DOCKER_OPTS=-x", f"EnvironmentFile=-{DEFAULT}", "ExecStart=/d $DOCKER_OPTS")
    text = '# a note\nDOCKER_OPTS="-H tcp://0.0.0.0:2375"\n\nOTHER = 1\nA = "b c"\n'
    assert words(*lines, **{DEFAULT: text}) == ["/d", "-H", "tcp://0.0.0.0:2375"]
    assert words(f"EnvironmentFile={DEFAULT}", "ExecStart=/d ${A}", **{DEFAULT: text}) == ["/d", "b c"]
    assert words(*lines) == ["/d", "-x"]


@pytest.mark.parametrize("lines", [("ExecStart=/d 'x",), ("Environment='A=1", "ExecStart=/d $A")])
def test_what_cannot_be_told_is_a_hole(lines: tuple[str, ...]) -> None:
    assert isinstance(words(*lines), Hole)


@pytest.mark.parametrize("name", ["-/etc/default/dock*", "/etc/%H", "docker"])
def test_a_file_that_is_named_by_a_pattern_is_a_hole(name: str) -> None:
    assert isinstance(words(f"EnvironmentFile={name}", "ExecStart=/d $A", **{DEFAULT: "A=1"}), Hole)
    assert words(f"EnvironmentFile={name}", "ExecStart=/d") == ["/d"]


def test_a_file_that_cannot_be_read_is_a_hole_only_where_a_variable_is_used() -> None:
    denied = {DEFAULT: PermissionError(13, "no")}
    assert isinstance(words(f"EnvironmentFile={DEFAULT}", "ExecStart=/d $A", **denied), Hole)
    assert words(f"EnvironmentFile={DEFAULT}", "ExecStart=/d", **denied) == ["/d"]


@pytest.mark.parametrize(("line", "name"), [("/usr/sbin/dockerd -H fd://", "dockerd"), ("-'/x y/dockerd'", "dockerd"), ('"/opt/dockerd"', "dockerd"), ("", "")])
def test_programs(line: str, name: str) -> None:
    assert exec_line.program([f"[Service]\nExecStart={line}\n"]) == name


@given(st.text(alphabet="ExecStart=/d $AB{}'\"\\%t\n -@", max_size=40))
def test_whatever_stands_there_it_is_words_or_a_hole(text: str) -> None:
    told = words(f"ExecStart={text}", "Environment=A=1")
    assert isinstance(told, Hole) or all(isinstance(word, str) for word in told)
