"""What starts at the next boot: by links and by what other units need, of the files that are still there then."""

from typing import Any

import pytest

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.system.boot_units import BootUnits

ETC, LIB = "/etc/systemd/system", "/usr/lib/systemd/system"
SOCKET = {f"{LIB}/d.socket": "[Socket]\nListenStream=/run/d\n"}
SERVICE = {f"{LIB}/d.service": "[Unit]\nRequires=d.socket\n[Service]\nExecStart=/d\n"}
DENIED = PermissionError(13, "no")


def linked(unit: str, target: str = "sockets.target", folder: str = ETC) -> dict[str, str]:
    return {f"{folder}/{target}.wants/{unit}": f"{LIB}/{unit}"}


@pytest.mark.parametrize(
    ("files", "links", "expected"),
    [
        ({}, {}, False),
        ({}, linked("d.socket"), True),
        ({}, linked("d.socket", folder=LIB), True),
        ({}, linked("d.socket", folder="/run/systemd/system"), False),
        ({}, linked("d.socket", "x.target"), False),
        ({f"{LIB}/multi-user.target": "[Unit]\nWants=x.target\n"}, linked("d.socket", "x.target"), True),
        ({f"{ETC}/basic.target.d/x.conf": "[Unit]\nWants=\nWants=y.target d.socket\n", f"{LIB}/basic.target": "[Unit]\n"}, {}, True),
        ({}, {**linked("d.socket", folder=LIB), f"{ETC}/sockets.target.wants/d.socket": "/dev/null"}, False),
        ({}, {**linked("d.socket"), f"{LIB}/sockets.target.wants/d.socket": "/dev/null"}, True),
        (SERVICE, linked("d.service", "multi-user.target"), True),
        (SERVICE, {}, False),
        ({**SERVICE, f"{LIB}/app.service": "[Unit]\nWants=d.service\n"}, linked("app.service", "multi-user.target"), True),
        (SERVICE, {**linked("d.service", "multi-user.target"), f"{ETC}/d.service": "/dev/null"}, False),
        ({f"{LIB}/app.service": "[Unit]\nBindsTo=d.socket\n"}, linked("app.service", "multi-user.target"), True),
        ({f"{LIB}/app.service": "[Unit]\nUpholds=d.socket\n"}, linked("app.service", "multi-user.target"), True),
        ({f"{LIB}/app.service": "[Service]\nSockets=d.socket\n"}, linked("app.service", "multi-user.target"), True),
        ({f"{LIB}/app.service": "[Unit]\nAfter=d.socket\nRequisite=d.socket\n"}, linked("app.service", "multi-user.target"), False),
        ({}, {**linked("other.socket"), f"{ETC}/other.socket": f"{LIB}/d.socket"}, True),
        ({}, linked("d.socket", "graphical.target"), True),
        ({f"{LIB}/multi-user.target": "[Unit]\n"}, {**linked("d.socket", "graphical.target"), f"{LIB}/default.target": "multi-user.target"}, False),
        ({f"{LIB}/graphical.target": "[Unit]\n"}, {**linked("d.socket", "graphical.target"), f"{ETC}/default.target": f"{LIB}/graphical.target"}, True),
    ],
)
def test_what_starts(files: dict[str, Any], links: dict[str, str], expected: bool) -> None:
    assert BootUnits(MemoryHost({**SOCKET, **files}, links=links)).starts("d.socket") is expected


def test_a_socket_that_starts_brings_its_service() -> None:
    host = MemoryHost({**SOCKET, **SERVICE}, links=linked("d.socket"))
    assert BootUnits(host).starts("d.service") is True
    other = {f"{ETC}/d.socket.d/x.conf": "[Socket]\nService=other.service\n"}
    units = BootUnits(MemoryHost({**SOCKET, **other}, links=linked("d.socket")))
    assert (units.starts("d.service"), units.starts("other.service")) == (False, True)


@pytest.mark.parametrize("kind", ["timer", "path"])
def test_a_timer_or_path_that_starts_brings_its_unit(kind: str) -> None:
    section = kind.capitalize()
    for text, brought in ((f"[{section}]\n", "late"), (f"[{section}]\nUnit=d.service\n", "d")):
        files = {f"{LIB}/late.{kind}": text, f"{LIB}/late.service": "[Service]\n", **SERVICE}
        started = BootUnits(MemoryHost(files, links=linked(f"late.{kind}", f"{kind}s.target"))).started
        assert {"d", "late"} & {name.removesuffix(".service") for name in started} == {brought}
        assert not {"d.service", "late.service"} & BootUnits(MemoryHost(files)).started


def test_drop_ins_and_masks_in_run_are_gone_after_a_boot() -> None:
    run = {"/run/systemd/system/d.socket.d/x.conf": "[Socket]\nSocketMode=0600\n", "/run/systemd/transient/e.socket": "[Socket]\n"}
    units = BootUnits(MemoryHost({**SOCKET, **run}, links={**linked("d.socket"), "/run/systemd/system/d.socket": "/dev/null"}))
    assert units.starts("d.socket") is True
    assert units.texts("d.socket") == [SOCKET[f"{LIB}/d.socket"]] and "e.socket" not in units.names


def test_a_unit_that_cannot_be_read_may_start_anything() -> None:
    host = MemoryHost({**SOCKET, f"{LIB}/app.service": DENIED}, links=linked("app.service", "multi-user.target"))
    assert isinstance(BootUnits(host).starts("d.socket"), Hole)
    host = MemoryHost({**SOCKET, f"{ETC}/multi-user.target.wants": DENIED})
    assert isinstance(BootUnits(host).starts("d.socket"), Hole)
    host = MemoryHost({**SOCKET, f"{LIB}/app.service": DENIED}, links={**linked("app.service", "multi-user.target"), **linked("d.socket")})
    assert BootUnits(host).starts("d.socket") is True


def test_units_that_need_each_other_and_aliases_that_go_round_end() -> None:
    files = {f"{LIB}/a.service": "[Unit]\nWants=b.service\n", f"{LIB}/b.service": "[Unit]\nWants=a.service d.socket\n"}
    links = {**linked("a.service", "multi-user.target"), f"{ETC}/x.service": "y.service", f"{ETC}/y.service": "x.service", **linked("x.service")}
    assert BootUnits(MemoryHost({**SOCKET, **files}, links=links)).starts("d.socket") is True


@pytest.mark.parametrize(
    ("mode", "text", "starts"), [(0o755, "/etc/rc.local start", True), (0o644, "/etc/rc.local start", False), (0o755, "/etc/other", False)]
)
def test_the_script_of_the_host_s_own_starts_where_it_may_be_run(mode: int, text: str, starts: bool) -> None:
    files = {f"{LIB}/rc-local.service": f"[Service]\nExecStart={text}\n", "/etc/rc.local": "#!/bin/sh\n"}
    found = BootUnits(MemoryHost(files, stats={"/etc/rc.local": Stat(type="file", uid=0, gid=0, mode=mode)}))
    assert found.starts("rc-local.service") is starts
    assert BootUnits(MemoryHost({"/etc/rc.local": "#!/bin/sh\n"})).starts("rc-local.service") is False


def test_a_script_of_the_host_s_own_that_cannot_be_looked_at_leaves_open_what_starts() -> None:
    files = {f"{LIB}/rc-local.service": "[Service]\nExecStart=/etc/rc.local start\n", "/etc/rc.local": DENIED}
    assert isinstance(BootUnits(MemoryHost(files)).starts("rc-local.service"), Hole)
