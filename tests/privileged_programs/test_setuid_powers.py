"""What a program gives, and when that is certain; what tests/hosts/test_setuid_shells.py tries is written here for hosts that do not have the program."""

from typing import Any

import pytest

from hostcheck.view import View
from hostcheck_builtin.privileged_programs import setuid_powers
from hostcheck_builtin.privileged_programs.setuid_powers import Power, gives, named, of, rights


def entry(mode: str = "4755", uid: int = 0, caps: Any = None, *, effective: bool = True, rootid: int = 0, **more: Any) -> View:
    given = {} if caps is None else {"capabilities": {"permitted": caps.split(), "inheritable": [], "effective": effective, "rootid": rootid}}
    return View({"mode": mode, "owner_uid": uid, "setuid": bool(int(mode, 8) & 0o4000), **given, **more})


def sure(power: Power, kind: str, name: str) -> bool:
    return setuid_powers.is_certain(power, kind, name, traces=True)


@pytest.mark.parametrize(
    ("told", "power"),
    [
        (entry(), Power("setuid", 0, (), False)),
        (entry(uid=1000), Power("setuid", 1000, (), False)),
        (entry(mode="4644"), None),
        (entry(script=True), None),
        (entry(script=False), Power("setuid", 0, (), False)),
        (entry(mode="0755", caps="cap_setuid"), Power("capabilities", 0, ("SETUID",), True)),
        (entry(mode="0755", caps="cap_net_raw"), Power("capabilities", None, ("NET_RAW",), True)),
        (entry(mode="0755", caps=""), None),
        (entry(mode="0755", caps="cap_setuid", rootid=100000), None),
        (entry(mode="0755", caps="cap_setuid", effective=False), Power("capabilities", 0, ("SETUID",), False)),
        (entry(mode="0755", caps="cap_setuid", script=True), None),
        (entry(caps="cap_net_raw"), Power("setuid", 0, ("NET_RAW",), True)),
        (entry(uid=1000, caps="cap_net_raw"), Power("setuid", 1000, ("NET_RAW",), True)),
        (entry(uid=1000, caps="cap_sys_admin"), Power("capabilities", 0, ("SYS_ADMIN",), True)),
        (entry(uid=1000, caps="cap_sys_admin", rootid=5), Power("setuid", 1000, (), False)),
    ],
)
def test_whom_a_program_makes_of_its_caller(told: View, power: Power | None) -> None:
    assert of(told) == power


@pytest.mark.parametrize(
    ("name", "root", "other"),
    [("bash", True, True), ("dash", True, True), ("python3.13", True, True), ("perl", True, True), ("find", True, True), ("env", True, True)]
    + [
        ("ld-linux-x86-64.so.2", True, True),
        ("vim.tiny", True, False),
        ("cp", True, False),
        ("tee", True, False),
        ("mawk", True, False),
        ("chmod", True, False),
    ]
    + [
        ("chown", True, False),
        ("useradd", True, False),
        ("gcc", True, True),
        ("cat", False, False),
        ("more", False, False),
        ("less", True, False),
        ("busybox", False, False),
        ("systemctl", False, False),
        ("ruby", False, False),
    ],
)
def test_what_a_setuid_shell_gives_for_certain(name: str, root: bool, other: bool) -> None:
    """Who can write any file of root's is root; of another user that depends on what that one does with it."""
    assert (sure(Power("setuid", 0), "shell", name), sure(Power("setuid", 1000), "shell", name)) == (root, other)
    assert not sure(Power("setuid", 0), "other", name)


@pytest.mark.parametrize(
    ("name", "capability", "certain"),
    [("python3", "SETUID", True), ("perl", "SETUID", True), ("bash", "SETUID", False), ("env", "SETUID", False), ("setpriv", "SETUID", True)]
    + [("bash", "DAC_OVERRIDE", True), ("tar", "DAC_OVERRIDE", True), ("cat", "DAC_OVERRIDE", False), ("cat", "DAC_READ_SEARCH", False)]
    + [
        ("chown", "CHOWN", True),
        ("bash", "CHOWN", False),
        ("chmod", "FOWNER", True),
        ("python3", "SYS_ADMIN", True),
        ("python3", "SYS_PTRACE", True),
        ("python3", "SYS_MODULE", False),
    ]
    + [("useradd", "DAC_OVERRIDE", False), ("mke2fs", "DAC_OVERRIDE", True)]
    + [("python3", "NET_RAW", False), ("vim", "DAC_OVERRIDE", True), ("python3", "SETGID", False)],
)
def test_what_a_capability_gives_for_certain_depends_on_the_program(name: str, capability: str, certain: bool) -> None:
    assert sure(Power("capabilities", 0, (capability,)), "shell", name) is certain


def test_a_capability_that_is_only_permitted_counts_where_the_program_puts_it_in_force() -> None:
    told = {name: sure(Power("capabilities", 0, ("SETUID",), effective=False), "shell", name) for name in ("python3", "perl", "setpriv")}
    assert told == {"python3": True, "perl": True, "setpriv": False}


@pytest.mark.parametrize(
    ("name", "certain"), [("docker", True), ("runc", True), ("nsenter", True), ("unshare", True), ("podman", False), ("ctr", False), ("crictl", False)]
)
def test_an_engine_is_certain_if_it_needs_nothing_else_that_runs(name: str, certain: bool) -> None:
    assert sure(Power("setuid", 0), "engine", name) is certain
    assert not sure(Power("setuid", 1000), "engine", name) and not sure(Power("capabilities", 0, ("SYS_ADMIN",)), "engine", name)


def test_words() -> None:
    assert gives(Power("setuid", 0), "shell", "bash", "root") == "any command as root"
    assert gives(Power("setuid", 0), "shell", "cp", "root") == "writing to any file as root"
    assert gives(Power("setuid", 0), "shell", "cat", "root") == "reading any file as root"
    assert gives(Power("capabilities", 0, ("SETUID", "CHOWN")), "shell", "python3", "ann") == "any command with CAP_SETUID, CAP_CHOWN"
    assert gives(Power("setuid", 0), "engine", "docker", "root") == "everything that docker can do, as root"
    assert (rights(Power("setuid", 1000), "ann"), named("python3.13"), named("ctr"), named("x")) == ("the setuid bit and owner ann", "python", "ctr", "x")
