"""Pasting the fix of each failed finding into a throwaway host, as an administrator would, and what became of the host by it.

Commands run as root with bash, in the mount and network namespaces of the host. There everything of the machine is read-only, /proc/sys is a copy in plain
files where settings are changed, and systemctl and loginctl are stand-ins (`standin.py`), as no systemd runs.
"""

import ctypes
import re
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosts import standin
from hosts.planting import Host, own_settings, told
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan

Json = dict[str, Any]
WORST_FIRST = ("critical", "high", "medium", "low")
CANNOT = "-sys_boot,-sys_module,-sys_time,-sys_rawio,-mac_admin"
"""What would reach beyond the namespaces."""
PREPARE = """
test -d /var/lib/systemd/linger || {{ mount --no-mtab -t tmpfs -o mode=0755 tmpfs /var/lib/systemd; mkdir /var/lib/systemd/linger; }}
test ! -e /proc/sysrq-trigger || mount --no-mtab --bind /dev/null /proc/sysrq-trigger
cd {base}/standin && ./remember
for program in systemctl loginctl; do cp --dereference /usr/bin/$program .; mount --no-mtab --bind as-$program /usr/bin/$program; done
mount --no-mtab -o remount,bind,ro / && mount --no-mtab -o remount,bind,ro /sys
mount --no-mtab --rbind /proc/sys /proc/sys && mount --no-mtab -o remount,bind,ro /proc/sys
"""
UNITS = {"crio.sock": "crio.service", "buildkitd.sock": "buildkit.service"}
"""The units of engines that the machine does not have, and which fakes stand for."""
FLEETING = r"sysctl|chmod|chown|chgrp|setfacl|\bmount\b|\brm\b|restart|/run/"
"""What may be gone after a reboot; accounts, groups and ranges are files of /etc."""
MAY_FAIL = {
    "is not logged in or lingering": "nobody is logged in, so that there is no session to end",
    "No such process": "it ended with the one that an earlier step ended",
}
"""What a step may say that fails, on every host, with the reason."""


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """What one command came to."""

    command: str
    code: int
    output: str

    def __str__(self) -> str:
        """Return the command with its exit code, and the end of what it printed."""
        return f"$ {self.command}\n  exit {self.code}: {self.output.strip()[-300:]}"


@dataclass(frozen=True, kw_only=True)
class State:
    """What of a host a fix must not break: who can connect to which socket, and which engines answer."""

    able: dict[str, set[str]]
    answering: set[str]
    valid: bool


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """A host before and after its fixes were pasted."""

    home: str
    before: Scan
    after: Scan
    booted: Scan
    was: State
    became: State
    failed: list[Json]
    steps: list[Pasted]


@contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of what is started again and loses its own: process 1 of a container may take seconds to see that one has ended."""
    prctl, subreaper = ctypes.CDLL(None).prctl, 36
    prctl(subreaper, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(subreaper, 0, 0, 0, 0)


def prepare(world: RootlessWorld) -> None:
    """Make the machine read-only for what is pasted into a host, and put the stand-ins into their places."""
    place = world.base / "standin"
    place.mkdir(mode=0o755)
    (place / "reloaded").touch(0o644)
    code = Path(standin.__file__).read_text(encoding="utf-8").replace("@PLACE@", str(place))
    for program in ("as-systemctl", "as-loginctl", *standin.OURS):
        (place / program).write_text(f"#!/usr/bin/python3 -I\n{code}", encoding="utf-8")
        (place / program).chmod(0o755)
    world.run("bash", "-ec", PREPARE.format(base=world.base))


def fix(world: RootlessWorld, row: Host, scan: Callable[[], Scan]) -> Fixed:
    """Scan a host, paste the fix of each finding that the host is about, worst first, and scan again."""
    prepare(world)
    home = f"{world.base}/home"
    before = scan()
    failed = sorted(about(before, row, home), key=lambda finding: WORST_FIRST.index(finding["severity"]))
    sockets = listening(before)
    with_units(world, sockets)
    was = state(world, sockets)
    wanted = list(dict.fromkeys(commands(failed)))
    settings = any("sysctl" in command or "/proc/sys" in command for command in wanted)
    if settings:
        own_settings()(world)
    known = own(world)
    steps = [paste(world, command, known) for command in wanted]
    world.processes = [child for child in world.processes if child.poll() is None]
    became = state(world, sockets)
    after = booted = scan()
    if any(re.search(FLEETING, command) for command in wanted):
        boot(world, settings=settings)
        booted = scan()
    return Fixed(home=home, before=before, after=after, booted=booted, was=was, became=became, failed=failed, steps=steps)


def about(scanned: Scan, row: Host, home: str) -> list[Json]:
    """Return the failed findings that a host is about."""
    found = {f"{one['rule']} {one['subject']}".replace(home, "{home}").strip(): one for one in scanned.report["findings"] if one["result"] == "fail"}
    assert set(row.fails) <= set(found), "what is planted does not fail here"
    return [found[text] for text in row.fails]


def commands(findings: Iterable[Json]) -> list[str]:
    """Return the commands of some findings, in order."""
    return [step["run"] for finding in findings for step in finding["fix"] if "run" in step]


def paste(world: RootlessWorld, command: str, known: Collection[int] = ()) -> Pasted:
    """Run a command as root of the host; it may end the processes that are the host's or that are `known` to have been, whatever became of their parents."""
    ended = {int(pid) for words in re.findall(r"\bkill\b([^;&|<]*)", command) for pid in re.findall(r"(?<![\w-])\d+", words)}
    assert not re.search(r"\b(pkill|killall|reboot|shutdown|setenforce)\b", command), command
    assert ended <= set(known) or ended <= own(world), f"no process of this host: {command}"
    argv = world.inside("setpriv", f"--bounding-set={CANNOT}", "bash", "-c", command)
    told = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        done = subprocess.run(argv, timeout=60, cwd="/", check=False, start_new_session=True, text=True, errors="replace", **told)  # type: ignore[call-overload]
    except subprocess.TimeoutExpired:
        return Pasted(command=command, code=124, output="did not end within 60 s")
    return Pasted(command=command, code=done.returncode, output=done.stdout)


def boot(world: RootlessWorld, *, settings: bool) -> None:
    """Bring about what a reboot leaves: settings as they were before, changed by what files say, and sockets as units or engines make them."""
    if settings:
        world.run("umount", "/proc/sys")
        own_settings()(world)
        world.run("sh", "-c", "sysctl --system 2>/dev/null || :")  # systemd-sysctl does not truncate what it writes, which of a plain file leaves the rest
    world.run(str(world.base / "standin/boot"))


def own(world: RootlessWorld) -> set[int]:
    """Return the processes of a host, as a stand-in sees them."""
    return {int(pid) for pid in world.run(str(world.base / "standin/processes")).split()}


def listening(scanned: Scan) -> list[str]:
    """Return the sockets with a path at which somebody listens, without links to them."""
    told = [scanned.evidence["probes"].get(probe, {}).get("facts", {}) for probe in ("sockets", "user-sockets")]
    return sorted({path for facts in told for path, socket in sockets_of(facts) if socket.get("listening") is True and socket.get("realpath") == path})


def sockets_of(facts: object) -> Iterable[tuple[str, Json]]:
    """Return the sockets that a probe states, wherever it does."""
    if isinstance(facts, dict):
        for name, value in facts.items():
            if isinstance(value, dict) and "listening" in value:
                yield name, value
            yield from sockets_of(value)


def with_units(world: RootlessWorld, sockets: list[str]) -> None:
    """Give the host the units of its engines that the machine does not have."""
    for path in sockets:
        unit = UNITS.get(path.rpartition("/")[2])
        if unit:
            (world.etc / "systemd/system" / unit).write_text(f"[Service]\nExecStart=/usr/bin/{unit}\n[Install]\nWantedBy=multi-user.target\n")


def state(world: RootlessWorld, sockets: list[str]) -> State:
    """Return who can connect where, and what answers."""
    able = {path: world.able(path) for path in sockets}
    return State(able=able, answering={path for path in sockets if world.answers(path)}, valid=validates(world))


def validates(world: RootlessWorld) -> bool:
    """Say whether dockerd would start with its configuration."""
    command = ("dockerd", "--validate", "--config-file=/etc/docker/daemon.json")
    if not (world.etc / "docker/daemon.json").exists():
        return True
    return subprocess.run(world.inside(*command), capture_output=True, check=False).returncode == 0


def wrong(row: Host, fixed: Fixed) -> list[str]:
    """Return what is not as it should be after the fixes, each in a sentence."""
    return [*refused(row, fixed), *left(row, fixed), *returned(fixed), *broken(fixed), *silenced(fixed), *locked_out(row, fixed)]


def refused(row: Host, fixed: Fixed) -> Iterable[str]:
    """Yield the steps that failed."""
    for step in fixed.steps:
        listed = any(words in step.command for words in row.refuses) or any(words in step.output for words in MAY_FAIL)
        if step.code and not listed:
            yield f"a step failed: {step}"


def left(row: Host, fixed: Fixed) -> Iterable[str]:
    """Yield the findings that are still there though there was a command against them, and those that are listed as remaining and are gone."""
    still = told(fixed.after.results(), fixed.home, "fail")
    for finding in fixed.failed:
        text = f"{finding['rule']} {finding['subject']}".replace(fixed.home, "{home}").strip()
        if text in still and commands([finding]) and text not in row.remains:
            (now,) = (one for one in fixed.after.report["findings"] if (one["rule"], one["subject"]) == (finding["rule"], finding["subject"]))
            yield f"{text} is still there: {now['because']}\n  its fix: {finding['fix']}"
        if text not in still and text in row.remains:
            yield f"{text} is gone, and listed as remaining"


def returned(fixed: Fixed) -> Iterable[str]:
    """Yield the findings that are gone, and back after a reboot without a note that says so."""
    now, later = (told(scan.results(), fixed.home, "fail") for scan in (fixed.after, fixed.booted))
    for finding in fixed.failed:
        text = f"{finding['rule']} {finding['subject']}".replace(fixed.home, "{home}").strip()
        notes = " ".join(step.get("note", "") for step in finding["fix"])
        if text in later - now and not re.search(r"reboot|boot|restart|starts", notes):
            (again,) = (one for one in fixed.booted.report["findings"] if (one["rule"], one["subject"]) == (finding["rule"], finding["subject"]))
            yield f"{text} is back after a reboot: {again['because']}\n  its fix: {finding['fix']}"


CONNECTS = ("HC-ACC-04", "HC-ACC-13", "HC-ACC-14", "HC-ACC-15", "HC-ACC-16")
"""The rules on who can connect that is not approved; HC-ACC-03 takes over where they have nothing left to say."""


def broken(fixed: Fixed) -> Iterable[str]:
    """Yield the findings that a fix has made worse."""
    was = fixed.before.results()
    for finding in fixed.after.report["findings"]:
        before, now = was.get((finding["rule"], finding["subject"]), "absent"), finding["result"]
        if finding["rule"] == "HC-ACC-03" and now == "fail" and any(was.get((rule, finding["subject"])) == "fail" for rule in CONNECTS):
            continue  # whoever is left is approved, which level 2 does not let pass
        if finding["rule"] == "HC-CTD-01" and now == "fail" and any(rule in CONNECTS and result == "fail" for (rule, _), result in was.items()):
            continue  # the command is about the socket of now, and its note about the next start
        if (now == "fail" and before != "fail") or (now in ("error", "unknown") and before not in ("error", "unknown", "fail")):
            yield f"{finding['rule']} {finding['subject']} was {before} and is {now}: {finding['because']}"
    if fixed.was.valid and not fixed.became.valid:
        yield "dockerd --validate refuses /etc/docker/daemon.json"


def silenced(fixed: Fixed) -> Iterable[str]:
    """Yield the engines that do not answer any more, though no step was to stop them."""
    stops = any(re.search(r"systemctl .*\b(stop|disable|mask)\b", step.command) for step in fixed.steps)
    stops = stops or any("an engine that such a user runs stops" in step.get("note", "") for finding in fixed.failed for step in finding["fix"])
    for path in sorted(fixed.was.answering - fixed.became.answering):
        if not stops:
            yield f"the engine at {path} does not answer any more"


def locked_out(row: Host, fixed: Fixed) -> Iterable[str]:
    """Yield the users who lost access and whom no fixed finding names."""
    named = " ".join(f"{one['because']} {one['subject']} {one['fix']}" for one in fixed.failed)
    everybody = re.search(r"\b(every|any|all) (local )?users?\b|\beverybody\b|\banyone\b", named)
    for path, able in fixed.was.able.items():
        for user in sorted(able - fixed.became.able[path] - {"root"}):
            if not everybody and user not in row.loses and not re.search(rf"\b{re.escape(user)}\b", named):
                yield f"{user} cannot connect to {path} any more"


def tally(counts: dict[str, dict[str, int]], fixed: Fixed) -> None:
    """Count the findings of each rule by what their fix is."""
    for finding in fixed.failed:
        kind = "run" if commands([finding]) else "notes only"
        counts.setdefault(finding["rule"], {}).setdefault(kind, 0)
        counts[finding["rule"]][kind] += 1


def table(counts: dict[str, dict[str, int]]) -> str:
    """Return what was counted as a table."""
    rows = [f"{rule:<12}{kinds.get('run', 0):>6}{kinds.get('notes only', 0):>12}" for rule, kinds in sorted(counts.items())]
    sums = [sum(kinds.get(kind, 0) for kinds in counts.values()) for kind in ("run", "notes only")]
    return "\n".join([f"{'rule':<12}{'fixed':>6}{'notes only':>12}", *rows, f"{'all':<12}{sums[0]:>6}{sums[1]:>12}"])
