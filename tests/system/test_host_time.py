"""The time of a host's own clock."""

import pytest

from hostcheck.host import attempt
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.system import host_time

CLOCK = {"/proc/stat": "cpu 1\nbtime 1796169600\nprocesses 2\n", "/proc/uptime": "60.10 1.00\n"}


def test_the_time_is_when_it_was_booted_and_how_long_ago_that_is() -> None:
    assert host_time.now(MemoryHost(CLOCK)) == "20261202000100"


@pytest.mark.parametrize(
    ("when", "past"),
    [("20261130", True), ("20261201000000Z", None), ("202612020000", None), ("20261203", None), ("20261204Z", False), ("soon", None), ("2030", None)],
)
def test_what_has_passed(when: str, past: bool | None) -> None:
    assert host_time.is_past(MemoryHost(CLOCK), when) is past


@pytest.mark.parametrize("broken", [{"/proc/stat": "cpu 1\n"}, {"/proc/uptime": "x\n"}, {"/proc/uptime": f"{'1' * 20}.0"}])
def test_a_clock_that_says_nothing_is_no_time(broken: dict[str, str]) -> None:
    assert isinstance(attempt(host_time.now, MemoryHost({**CLOCK, **broken})), Hole)
