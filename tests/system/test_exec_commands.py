"""The words that systemd starts a service with, variables included; tests/hosts/test_exec_commands.py compares them with a real systemd."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import attempt
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system import exec_commands

DEFAULT = "/etc/default/docker"
DEBIAN = (f"EnvironmentFile=-{DEFAULT}", "ExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS")


def words(*lines: str, unit: str = "d.service", **files: Any) -> Any:
    return attempt(exec_commands.words, MemoryHost(files), unit, ["\n".join(("[Service]", *lines))])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("ExecStart=/usr/bin/dockerd -H fd://",), ["/usr/bin/dockerd", "-H", "fd://"]),
        (("ExecStart=-@/d me -H fd://",), ["/d", "-H", "fd://"]),
        (("ExecStart=/a", "ExecStart=", 'ExecStart=!/d "-H unix:///x y"'), ["/d", "-H unix:///x y"]),
        (("Type=oneshot", "ExecStart=/a", "ExecStart=/b"), ["/b"]),
        (("Type=oneshot", "ExecStart=/a ; /b c"), ["/b", "c"]),
        (("ExecStart=/d -H unix://%t/x %N \\", "  more"), ["/d", "-H", "unix:///run/x", "d", "more"]),
        (('ExecStart=/d a \\; \';\' "b\\"c" \\x41 %%',), ["/d", "a", ";", ";", 'b"c', "A", "%"]),
        (("Environment=A=1 'B=2 3'", "ExecStart=/d $A ${B} x$A x${A} $B $C ${C}"), ["/d", "1", "2 3", "x$A", "x1", "2", "3", ""]),
        (("Environment=\"A=b 'c d' \\\\e\"", "ExecStart=/d $A $Ax ${A:-1} ${A $$A $"), ["/d", "b", "c d", "e", "${A:-1}", "${A", "$A"]),
        (("Environment=A=1", "ExecStart=:/d $A ${A}"), ["/d", "$A", "${A}"]),
        (("Environment=A=/d", "ExecStart=$A x"), ["$A", "x"]),
        (("ExecStart=-a/b ; /d",), ["/d"]),
        ((), []),
    ],
)
def test_words(lines: tuple[str, ...], expected: list[str]) -> None:
    assert words(*lines) == expected


def test_the_units_of_debian_and_fedora() -> None:
    text = '# DOCKER_OPTS="--dns 8.8.8.8"\nDOCKER_OPTS="--icc=false --log-opt max-size=10m"\n'
    assert words(*DEBIAN) == ["/usr/sbin/dockerd", "-H", "fd://"]
    assert words(*DEBIAN, **{DEFAULT: text}) == ["/usr/sbin/dockerd", "-H", "fd://", "--icc=false", "--log-opt", "max-size=10m"]
    fedora = 'OPTIONS="--selinux-enabled \\\n  --live-restore \\\n"\nif [ -z "${DOCKER_CERT_PATH}" ]; then\n    DOCKER_CERT_PATH=/etc/docker\nfi\n'
    assert words("EnvironmentFile=-/f", "ExecStart=/d $OPTIONS $DOCKER_STORAGE_OPTIONS", **{"/f": fedora}) == ["/d", "--selinux-enabled", "--live-restore"]


@pytest.mark.parametrize(
    ("line", "unit", "word"),
    [
        ("%i %I %p %P %j %J %f", "a-b@c-d.service", ["c-d", "c/d", "a-b", "a/b", "b", "b", "/c/d"]),
        ("%n %N %i %f", "a-b.service", ["a-b.service", "a-b", "/a/b"][:2] + ["", "/a/b"]),
        ("%I", "x@a\\x2db.service", ["a-b"]),
    ],
)
def test_specifiers(line: str, unit: str, word: list[str]) -> None:
    assert words(f"ExecStart=/d {line}", unit=unit) == ["/d", *word]


def test_a_template_has_no_instance_yet() -> None:
    assert isinstance(words("ExecStart=/d %i", unit="x@.service"), Hole) and words("ExecStart=/d %p", unit="x@.service") == ["/d", "x"]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("ExecStart=/d 'x",), Why.NONSENSE),
        (("ExecStart=/d ; /e",), Why.NONSENSE),
        (("ExecStart=/a", "ExecStart=/b"), Why.NONSENSE),
        (("ExecStart=a/b",), Why.NONSENSE),
        (("ExecStart=@/d",), Why.NONSENSE),
        (("ExecStart=/d %m",), Why.UNSUPPORTED),
        (("ExecStart=/d $HOME",), Why.UNSUPPORTED),
        (("PassEnvironment=A", "ExecStart=/d x${A}"), Why.UNSUPPORTED),
        (("EnvironmentFile=/gone", "ExecStart=/d $A"), Why.NONSENSE),
    ],
)
def test_what_cannot_be_told_or_is_refused(lines: tuple[str, ...], why: Why) -> None:
    told = words(*lines)
    assert isinstance(told, Hole) and told.why is why


def test_a_file_that_cannot_be_read_is_a_hole_only_where_a_variable_is_used() -> None:
    denied = {DEFAULT: PermissionError(13, "no")}
    assert isinstance(words(f"EnvironmentFile={DEFAULT}", "ExecStart=/d $A", **denied), Hole)
    assert words(f"EnvironmentFile={DEFAULT}", "ExecStart=/d", **denied) == words(f"EnvironmentFile={DEFAULT}", "ExecStart=:/d") == ["/d"]


@pytest.mark.parametrize(("line", "name"), [("/usr/sbin/dockerd -H fd://", "dockerd"), ("-'/x y/dockerd'", "dockerd"), ('"/opt/dockerd"', "dockerd"), ("", "")])
def test_programs(line: str, name: str) -> None:
    assert exec_commands.program([f"[Service]\nExecStart={line}\n"]) == name


@given(st.text(alphabet="ExecStart=/d $AB{}'\"\\%t\n -@;:|", max_size=40))
def test_whatever_stands_there_it_is_words_or_a_hole(text: str) -> None:
    told = words(f"ExecStart=/d {text}", "Environment=A=1")
    assert isinstance(told, Hole) or all(isinstance(word, str) for word in told)


def test_commands_as_they_are_written() -> None:
    found = exec_commands.written(["[Service]\nExecStart=/a\nExecStart=\nExecStart=-/b $C ; /d %n\n", "[Service]\nExecStop=/e\n"])
    assert [(one.prefixes, one.words) for one in found] == [("-", ["/b", "$C"]), ("", ["/d", "%n"])]
    assert [one.words for one in exec_commands.written(["[Service]\nExecStop=/e\n"], key="ExecStop")] == [["/e"]]
