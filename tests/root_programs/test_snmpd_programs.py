"""Programs of snmpd's settings, and as whom they run; a real snmpd that was asked ran one as root where it was started with -u root."""

from typing import Any

import pytest
from root_programs.root_host import file, listed

from hostcheck_builtin.root_programs.snmpd_programs import commands

SCRIPT, UNIT, LINK = "/opt/agent/osupdate", "/etc/systemd/system/snmpd.service", "/etc/systemd/system/multi-user.target.wants/snmpd.service"


def users(options: str, line: str = f"extend osupdate {SCRIPT}") -> Any:
    """Return as whom the script is run, by the place that says so."""
    unit = f"[Service]\nExecStart=/usr/sbin/snmpd -LOw {options} -f\n"
    files = {UNIT: unit, LINK: unit, "/etc/snmp/snmpd.conf": f"rocommunity public 127.0.0.1\n{line}\n", SCRIPT: "#!/bin/sh\n", "/usr/sbin/snmpd": "x"}
    found = dict(listed("units", files, stats={SCRIPT: file(1000)})).get(SCRIPT, {"uses": {}})["uses"]
    return {use["place"]: (use["user"], use["certain"]) for use in found.values()}


@pytest.mark.parametrize(("options", "user"), [("-u root -g root", "root"), ("", "root"), ("-u Debian-snmp -g Debian-snmp", "Debian-snmp"), ("-uann", "ann")])
def test_as_whom_they_run(options: str, user: str) -> None:
    assert users(options) == {"/etc/snmp/snmpd.conf:2": (user, True)}


def test_what_names_no_program() -> None:
    assert users("-u root", f"sysContact {SCRIPT}") == {}


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("extend test /bin/echo hello", "/bin/echo hello"),
        ("extend -cacheTime 5 1.3.6 test /bin/x", "/bin/x"),
        ("extend .1.3.6.1 test /bin/x a", "/bin/x a"),
        ("extend-sh test /bin/a; /bin/b", "/bin/a; /bin/b"),
        ("exec test /bin/x", "/bin/x"),
        ("pass .1.3.6.1 /bin/x", "/bin/x"),
        ("pass_persist -p 10 .1.3.6.1 /bin/x -y", "/bin/x -y"),
        ("extend test", None),
        ("# extend test /bin/x", None),
        ("", None),
    ],
)
def test_lines(line: str, command: str | None) -> None:
    assert list(commands(line)) == ([] if command is None else [(1, command)])
