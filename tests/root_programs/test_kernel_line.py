"""What the kernel's command line makes the next boot run."""

from typing import Any

import pytest
from root_programs.root_host import access, file, host, listed

from hostcheck_builtin.root_programs import kernel_line, root_files

RUN = {"/opt/run": "x", "/sbin/init": "x"}
OPEN = {"/opt/run": file(0, 0o777), "/sbin/init": file(0, 0o777)}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ro quiet init=/opt/run\n", {"/opt/run": True, "/sbin/init": False}),
        ("init=/bin/sh init=opt/run -- init=/bin/sh\n", {"/opt/run": True, "/sbin/init": False}),
        ("ro -- init=/opt/run\n", {"/sbin/init": True}),
        ("rdinit=/opt/run xinit=/opt/run init=\n", {"/sbin/init": True}),
    ],
)
def test_the_program_that_the_kernel_is_told_to_run_first_counts_and_no_other_for_sure(line: str, told: dict[str, bool]) -> None:
    found = access({**RUN, "/proc/cmdline": line}, stats=OPEN)
    assert {path: one["certain"] for path, one in found.items()} == told
    assert found[next(iter(told))]["interaction"] == "reboot"


@pytest.mark.parametrize("line", ['systemd.run="/opt/run -x"', '"systemd.run=/usr/bin/nice /opt/run"', "systemd.run=/opt/run"])
def test_a_command_that_systemd_is_told_to_run(line: str) -> None:
    uses: Any = [use for one in listed("units", {**RUN, "/proc/cmdline": line}, stats={"/opt/run": file(1001)}).values() for use in one["uses"].values()]
    assert [(use["by"], use["place"], use["certain"], use["when"]) for use in uses] == [("systemd", "/proc/cmdline", True, "boot")]


@pytest.mark.parametrize(("line", "when"), [("systemd.wants=x.service", "boot"), ("systemd.unit=x.service", "boot"), ("rd.systemd.unit=x.service", "unit")])
def test_a_unit_that_systemd_is_told_to_start_starts_at_boot(line: str, when: str) -> None:
    files = {**RUN, "/proc/cmdline": line, "/etc/systemd/system/x.service": "[Service]\nExecStart=/opt/run\n"}
    found = listed("units", files, stats={"/opt/run": file(1001)})
    assert [(use["when"], use["certain"]) for use in found["/opt/run"]["uses"].values()] == [(when, when == "boot")]


@pytest.mark.parametrize("line", ["", "init", "a b", 'a="b', '"'])
def test_other_lines_name_nothing(line: str) -> None:
    files = root_files.begin(host({"/proc/cmdline": line}))
    assert (kernel_line.init(files), kernel_line.units(files)) == ("", frozenset())
