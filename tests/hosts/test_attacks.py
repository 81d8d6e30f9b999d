"""Nobody on a host can talk it out of a fail: the findings of root's scan before an attack and after it, but for what is the attacker's own.

Where an attack uses something up, what can no longer be known may become an error; never anything better. What a report has no room for, it counts:
no failure. A scan ends within its deadline.
"""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import speaking
from hosts.attacks import ATTACKS, FORKS, FULL, SECRET, Attack, victim
from hosts.planting import PYTHON, end
from hosts.test_hosts import is_closed, named
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner

from hostcheck.testing.laws import worse

DEADLINE = 20.0
SLACK = 5.0
"""Seconds for nsenter, the interpreter, and the writing of the report, beside other work on the machine."""
OPTIONS = ("--role", "workstation", "--profile", "level2", "--value", "approved_groups=docker", "--deadline", str(DEADLINE))
RANGE = range(1196608, 1196608 + 65536)
"""Dave's subordinate ids: whoever runs with one of these is dave."""
FAILS = {"HC-ACC-04 /run/docker.sock", "HC-ACC-05 docker", "HC-RTL-01 alice", "HC-RTL-01 bob", "HC-SUB-01 subuid:bob:0"}


@pytest.fixture(params=ATTACKS, ids=lambda attack: attack.title)
def attacked(request: pytest.FixtureRequest, scan: Scanner) -> Iterator[tuple[Attack, RootlessWorld, Scan]]:
    world = RootlessWorld()
    try:
        victim(world)
        before = scan(world, *OPTIONS)
        request.param.does(world)
        yield request.param, world, before
    finally:
        end(world)


def test_no_verdict_changes_but_on_what_is_the_attackers(attacked: tuple[Attack, RootlessWorld, Scan], scan: Scanner) -> None:
    attack, world, before = attacked
    after = scan(world, *OPTIONS)
    home = f"{world.base}/home"
    old, new = named(before.results(), home), named(after.results(), home)
    assert {text for text, result in old.items() if result == "fail" and "-KRN-" not in text} >= FAILS
    assert {text: new.get(text) for text in FAILS} == dict.fromkeys(FAILS, "fail")
    assert after.seconds < DEADLINE + SLACK
    assert {text: new.get(text) for text in attack.reports or {}} == (attack.reports or {})
    changed = {text: (old.get(text), new.get(text)) for text in old.keys() | new.keys() if old.get(text) != new.get(text) and not is_daves(text, new)}
    left_out = {(one["rule"], one["result"]) for one in after.report.get("omitted", ())}
    changed = {
        text: (was, now)
        for text, (was, now) in changed.items()
        if now is not None or was in ("fail", "error", "unknown", "notchecked") or (text.split()[0], was) not in left_out
    }
    if attack.exhausts or (attack.moved and is_closed("/proc/1/fd/0")):
        changed = {text: change for text, change in changed.items() if change[1] not in ("error", "unknown", "notchecked") and not opened(text, new)}
        assert not [text for text in worse(before.report["findings"], after.report["findings"]) if "dave" not in text and "4004" not in text]
    assert changed == {}
    assert SECRET not in json.dumps([after.report, after.evidence])


def test_hostile_names_are_no_commands_to_a_terminal_or_a_browser(scan: Scanner) -> None:
    world = RootlessWorld()
    try:
        victim(world)
        next(attack for attack in ATTACKS if attack.name == "hostile names").does(world)
        documents = [word for kind in ("text", "html", "junit") for word in ("--format", f"{kind}={world.base}/said.{kind}")]
        scan(world, *OPTIONS, *documents)
        text, html, junit = (Path(world.base, f"said.{kind}").read_bytes().decode("utf-8") for kind in ("text", "html", "junit"))
    finally:
        end(world)
    assert "dave" in text and "pwned" in text + html
    for told in (text, html, junit):
        assert not {"\x1b", "\x07", "\u202e", "\0"} & set(told)
    assert "<script>alert(1)" not in html and "<b>" not in junit


def test_a_full_table_of_processes_makes_nothing_better(installed: Path) -> None:
    world = RootlessWorld()
    try:
        world.run("mkdir", "-m", "0755", "/run/docker")
        shutil.copy(speaking.__file__, world.base / "engine.py")
        scanning = (str(installed / "python"), "-I", "-m", "hostcheck", "scan", *OPTIONS, "--format", f"json={world.base}/full")
        argv = world.inside("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *PYTHON, FULL, str(world.base / "engine.py"), FORKS, *scanning)
        started = time.monotonic()
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd="/", check=False)
        assert time.monotonic() - started < 45
        assert done.returncode in (1, 3, 70), done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        if done.returncode != 70:
            report = json.loads(Path(world.base, "full").read_bytes())
            results = {(one["rule"], one["subject"]): one["result"] for one in report["findings"]}
            assert {result for (rule, _), result in results.items() if rule in ("HC-ACC-01", "HC-ACC-04")} <= {"fail", "error"}
    finally:
        end(world)


def is_daves(text: str, new: dict[str, str]) -> bool:
    """Say whether a finding is about what dave owns, or said that nobody owned such a thing before he did."""
    rule, _, subject = text.partition(" ")
    if subject == "":
        return any(other.startswith(f"{rule} ") and is_daves(other, {}) for other in new)
    whose = re.fullmatch("(?:.* of )?(?:dave|whoever dave lets in|uid ([0-9]+))", subject)
    if whose:
        return whose[1] is None or int(whose[1]) in (4004, *RANGE)
    return subject == "{home}/dave" or "(dave):" in subject or subject.startswith(("{home}/dave/", "/run/user/4004/", "/tmp/")) or "/home/dave/" in subject


def opened(text: str, new: dict[str, str]) -> bool:
    """Say whether a rule has findings that are not known, which may be this one."""
    rule = text.partition(" ")[0]
    return any(result in ("error", "unknown", "notchecked") for other, result in new.items() if other.partition(" ")[0] == rule)
