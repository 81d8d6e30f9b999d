"""What the setuid bit or the capabilities of a file give its caller, and whether the program lets its caller use it."""

from typing import Final, NamedTuple

from hostcheck.api import Hole, View, attempt
from hostcheck_builtin.privileged_programs import setuid_abilities, setuid_kinds
from hostcheck_builtin.privileged_programs.setuid_abilities import ABILITIES, CALLS, MODES, OWNERS, READS, RIGHTS, RUNS, WRITES

ROOTS: Final = frozenset("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER MKNOD SETFCAP SETGID SETUID SYS_ADMIN SYS_MODULE SYS_PTRACE SYS_RAWIO".split())
"""By each of these one gets at any file, device or process of the host, or at the kernel, and so at root (capabilities(7))."""
USED_BY: Final = {
    "SETUID": {CALLS},
    "SETFCAP": {CALLS},
    "SYS_ADMIN": {CALLS},
    "MKNOD": {CALLS},
    "CHOWN": {CALLS, OWNERS},
    "FOWNER": {CALLS, MODES},
    "DAC_OVERRIDE": {CALLS, WRITES},
    "SYS_PTRACE": {CALLS},
}
"""What a program must be able to do so that its caller is root for certain. Of the others that depends: on what can be read, on lockdown."""
TRACES: Final = "SYS_PTRACE"
"""By this one traces any process, unless Yama forbids all tracing (Documentation/admin-guide/LSM/Yama.rst)."""
RAISES: Final = frozenset({"gdb", "perl", "python"})
"""These put capabilities in force that a file only permits, by capset(2)."""


WORDS: Final = {
    RUNS: "any command",
    CALLS: "any command",
    WRITES: "writing to any file",
    OWNERS: "changing the owner of any file",
    MODES: "changing the mode of any file",
    RIGHTS: "giving rights to accounts and files",
    READS: "reading any file",
}
"""What a program gives by what it is able to do, from the most to the least."""


class Power(NamedTuple):
    """Whom a program makes of its caller, None for nobody in particular; by what, by which capabilities, and whether they are in force at once."""

    by: str
    uid: int | None
    capabilities: tuple[str, ...] = ()
    effective: bool = True


def of(entry: View) -> Power | None:
    """Return what a program gives; None where that is nothing on this host. Beside the setuid bit of root's, capabilities that are not known add nothing."""
    if "script" in entry and entry["script"]:
        return None
    setuid = entry["setuid"] and _is_executable(entry)
    if setuid and entry["owner_uid"] == 0 and isinstance(attempt(given, entry), Hole):
        return Power("setuid", 0)
    capabilities: tuple[str, ...] = ()
    effective = False
    if (told := given(entry)) is not None and told["rootid"] == 0:
        capabilities, effective = tuple(name.removeprefix("cap_").upper() for name in told["permitted"]), told["effective"]
    if setuid and entry["owner_uid"] == 0:
        return Power("setuid", 0, capabilities, effective)
    if ROOTS & {*capabilities}:
        return Power("capabilities", 0, capabilities, effective)
    if setuid:
        return Power("setuid", entry["owner_uid"], capabilities, effective)
    return Power("capabilities", None, capabilities, effective) if capabilities else None


def given(entry: View) -> View | None:
    """Return the capabilities of a program's file, None where it has none."""
    return entry["capabilities"] if "capabilities" in entry else None


def _is_executable(entry: View) -> bool:
    return bool(int(entry["mode"], 8) & 0o111)


def named(name: str) -> str:
    """Return what a program is called that is known: python for python3.13."""
    return name if name in setuid_kinds.ENGINES else setuid_abilities.called(name) or name


def is_certain(power: Power, kind: str, name: str, *, traces: bool) -> bool:
    """Say whether whoever executes the program becomes whom it makes of its caller, and needs nothing else; `traces`, whether the kernel lets it trace."""
    if power.uid is None or kind not in ("engine", "shell"):
        return False
    if kind == "engine":
        return power.by == "setuid" and power.uid == 0 and name in setuid_kinds.ALONE
    able = ABILITIES[setuid_abilities.called(name)]
    if power.by == "setuid":
        return bool(able & ({CALLS, RUNS, WRITES, OWNERS, MODES, RIGHTS} if power.uid == 0 else {CALLS, RUNS}))
    if not power.effective and named(name) not in RAISES:
        return False
    return any(able & USED_BY.get(capability, set()) for capability in power.capabilities if traces or capability != TRACES)


def rights(power: Power, owner: str) -> str:
    """Say in words what a program has that it gives."""
    if power.by == "setuid":
        return f"the setuid bit and owner {owner}"
    return ", ".join(f"CAP_{name}" for name in power.capabilities)


def gives(power: Power, kind: str, name: str, owner: str) -> str:
    """Say in words what a program gives its caller."""
    whose = f"as {owner}" if power.by == "setuid" else f"with {rights(power, owner)}"
    if kind == "engine":
        return f"everything that {named(name)} can do, {whose}"
    if kind != "shell":
        return f"what the program does, {whose}"
    able = ABILITIES[setuid_abilities.called(name)]
    return f"{next((words for ability, words in WORDS.items() if ability in able), 'what it is told to do')} {whose}"
