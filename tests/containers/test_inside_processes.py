"""What is told of one process in a container."""

import pytest
from containers.process_host import ALL, PROC, joined, running
from engines.engine_host import host
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.model import Hole
from hostcheck_builtin.containers import inside_processes


def test_one_process() -> None:
    found = inside_processes.look(host(**joined(PROC, running(70, CapEff=1, CapPrm=2, CapBnd=4, Seccomp=None, Name="dockerd"))), 70)
    assert found is not None
    assert (found.able, found.bounding, found.filtered, found.depth, found.number, found.name) == (3, 4, None, 2, 1, "dockerd")


@pytest.mark.parametrize("state", ["Z (zombie)", "X (dead)"])
def test_what_has_ended(state: str) -> None:
    assert inside_processes.look(host(**joined(PROC, running(70, State=state))), 70) is None
    assert inside_processes.look(host(**PROC), 70) is None


def test_names_of_capabilities() -> None:
    assert inside_processes.names(1 | 1 << 21 | 1 << 60) == ["60", "CHOWN", "SYS_ADMIN"]
    assert len(inside_processes.names(ALL)) == 41


def test_in_a_pid_namespace_nothing_is_told_of_others() -> None:
    given_host = host(**joined(PROC, running(70), {"links": {"/proc/self/ns/pid": "pid:[9]"}}))
    found = inside_processes.look(given_host, 70)
    assert found is not None and isinstance(inside_processes.namespaces(given_host, found, "self")["pid"], Hole)


@pytest.mark.parametrize(
    ("maps", "user"), [("0 0 4294967295\n", "host"), ("0 100000 65536\n", "private"), ("0 100000 10\n10 0 1\n", "host"), ("0 0 0\n", "private")]
)
def test_whose_root_it_has(maps: str, user: str) -> None:
    given_host = host(**joined(PROC, running(70, maps=maps)))
    found = inside_processes.look(given_host, 70)
    assert found is not None and inside_processes.namespaces(given_host, found, "self")["user"] == user


@pytest.mark.parametrize("maps", ["", "0 0\n", "a b c\n", "0 0 1"])
def test_a_map_that_is_none(maps: str) -> None:
    given_host = host(**joined(PROC, running(70, maps=maps)))
    found = inside_processes.look(given_host, 70)
    assert found is not None
    assert isinstance(inside_processes.namespaces(given_host, found, "self")["user"], Hole) or maps == ""


@given(st.integers(0, (1 << 64) - 1))
def test_every_bit_has_a_name(mask: int) -> None:
    assert len(inside_processes.names(mask)) == mask.bit_count()
