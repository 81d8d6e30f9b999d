"""Hostile and broken probes, each through a whole scan: they cost their own facts, and nothing else.

The scan runs as a process of its own, with the toy plugin and the probe under test in its registry.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hostcheck import collect
from hostcheck.documents import canonical
from hostcheck.host import Host, attempt, charges
from hostcheck.model import SHARES, Hole
from hostcheck.registry import Registry

HERE = Path(__file__).parent
DEADLINE = 30.0
"""Longer than anything takes that comes to an end: what is too much is to be found too much, and not too late."""
SOON = 2.0
"""For what hangs."""

SCAN = """
import ctypes, os, signal, sys, time
sys.path.insert(0, {here!r})
import hostcheck.cli.scan as scan
from pathlib import Path
from hostcheck.cli import main
from hostcheck.cli.lock import FOLDER
import hostcheck.cli.lock as lock
from toy import registry

def good(host):
    return {{"read": host.read_text("/etc/hostname", missing="")}}

def bad(host):
{body}

lock.FOLDER = {folder!r} + "/lock"
found = registry(Path({folder!r}), good=good, {name}=bad)
scan.load = lambda settings: found
sys.exit(main(["scan", "--format", "json={folder}/report.json", "--evidence", "{folder}/evidence.json", "--deadline", "{deadline}"]))
"""

FORKS_AWAY = """
    place = {folder!r} + '/pid'
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() == 0:
            with open(place + '.new', 'w') as file: file.write(str(os.getpid()))
            os.rename(place + '.new', place)
            time.sleep(600)
        os._exit(0)
    os.waitpid(pid, 0)
    while not os.path.exists(place): time.sleep(0.01)
    return {{}}
""".strip()

CASES: dict[str, tuple[str, str, str]] = {
    "raises": ("raise ValueError('oh\\n\\x1b[31mno')", "crashed", "ValueError"),
    "exits": ("sys.exit(0)", "crashed", "SystemExit"),
    "interrupts": ("raise KeyboardInterrupt", "crashed", "KeyboardInterrupt"),
    "leaves": ("os._exit(0)", "crashed", ""),
    "hangs": ("time.sleep(600)", "timeout", ""),
    "ignores_sigterm": ("[signal.signal(n, signal.SIG_IGN) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]; time.sleep(600)", "timeout", ""),
    "stops": ("os.kill(os.getpid(), signal.SIGSTOP)", "timeout", ""),
    "segfaults": ("ctypes.string_at(0)", "crashed", "SIGSEGV"),
    "kills_its_guard": ("os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)", "crashed", ""),
    "forks_away": (FORKS_AWAY, "", ""),
    "prints_a_gigabyte": ("chunk = 'x' * (1 << 20)\n    for _ in range(1024): print(chunk); sys.stderr.write(chunk)\n    return {{}}", "", ""),
    "returns_a_gigabyte": ("return {{'a': ['x' * (1 << 20)] * 1024}}", "limit", ""),
    "returns_a_gigabyte_of_the_same": ("return {{'a': [['x' * (1 << 20)]] * 30_000}}", "limit", ""),
    "returns_the_same_very_often": ("return {{'a': [{{'a': 1, 'b': ['x' * 200]}}] * 200_000}}", "limit", "its facts have"),
    "allocates": ("return {{'a': len(bytearray(16 << 30))}}", "limit", ""),
    "writes_one_huge_file": (
        "with open({folder!r} + '/huge', 'wb') as file:\n        for _ in range(4096): file.write(bytes(1 << 20))\n    return {{}}",
        "limit",
        "",
    ),
    "returns_nonsense": ("return object()", "nonsense", "is not JSON"),
    "returns_nan": ("return {{'a': float('nan')}}", "nonsense", "is not JSON"),
    "returns_depths": ("a = []\n    for _ in range(100000): a = [a]\n    return a", "nonsense", "nested more than"),
    "returns_surrogates": ("return {{'a': '\\ud800', '\\udcff': 1}}", "", ""),
}


def scan(folder: Path, body: str, name: str = "bad", deadline: float = DEADLINE) -> tuple[int, dict[str, Any], dict[str, Any], float, str]:
    code = SCAN.format(here=str(HERE), body="    " + body.format(folder=str(folder)), folder=str(folder), name=name, deadline=deadline)
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=DEADLINE * 5, text=True, check=False)
    took = time.monotonic() - start
    report, evidence = (json.loads((folder / f"{kind}.json").read_text()) for kind in ("report", "evidence"))
    return done.returncode, report, evidence, took, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("case", "name"), [*((case, "bad") for case in CASES), *((case, "last") for case in ("raises", "leaves", "segfaults", "kills_its_guard", "allocates"))]
)
def test_a_broken_probe_costs_its_own_facts_only(tmp_path: Path, case: str, name: str) -> None:
    """Whether its worker begins with it, or did other probes before: they are begun in the order of their names."""
    body, why, words = CASES[case]
    deadline = SOON if why == "timeout" else DEADLINE
    code, report, evidence, took, output = scan(tmp_path, body, name, deadline=deadline)
    assert took < deadline + 5
    assert output == ""
    assert evidence["probes"]["good"]["facts"] == {"read": Path("/etc/hostname").read_text()}
    assert evidence["probes"]["good"]["holes"] == [] and evidence["probes"]["doors"]["holes"] == []
    holes = evidence["probes"][name]["holes"]
    assert [(hole["pointer"], hole["why"]) for hole in holes] == ([("", why)] if why else [])
    assert all(words in hole["message"] for hole in holes)
    # no rule of the toy benchmark reads the bad probe: the verdict is what it is without it
    assert (code, report["verdict"]) == (0, "compliant")


def test_what_a_probe_left_running_is_gone(tmp_path: Path) -> None:
    scan(tmp_path, CASES["forks_away"][0])
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_huge_file_is_cut_off(tmp_path: Path) -> None:
    scan(tmp_path, CASES["writes_one_huge_file"][0])
    assert (tmp_path / "huge").stat().st_size < 64 << 20


@pytest.mark.parametrize(
    ("body", "result"),
    [
        ("return {{'doors': {{}}, 'alarm': True}}", "pass"),
        ("return {{'doors': {{}}, 'alarm': 1}}", "unknown"),
        ("time.sleep(600)", "error"),
        ("raise PermissionError(13, 'no')", "error"),
        ("os.abort()", "error"),
    ],
)
def test_a_probe_that_breaks_takes_the_rules_that_read_it_along(tmp_path: Path, body: str, result: str) -> None:
    code, report, _, _, _ = scan(tmp_path, body, name="doors", deadline=SOON if "sleep" in body else DEADLINE)
    results = {finding["rule"]: finding["result"] for finding in report["findings"]}
    assert results["T-2"] == result
    assert code == (0 if result == "pass" else 3)


FACTS = {"doors": {}, "alarm": True}
SPOILT: list[bool] = []


def spoils(host: Host) -> dict[str, Any]:
    """Break what is shared with the probes after it in the same process."""
    if SPOILT:
        raise RuntimeError("broken by the one before")
    SPOILT.append(True)
    return FACTS


def test_a_crash_that_probes_before_it_may_be_to_blame_for_is_tried_again(toys: Registry) -> None:
    for number in range(6):
        toys.probes[f"p{number}"] = replace(toys.probes["doors"], id=f"p{number}", collect=spoils)
    evidence = collect.finish(collect.start(toys, DEADLINE), toys)
    assert [probe["facts"] for probe in evidence["probes"].values()] == [FACTS] * 7


def test_a_healthy_collection_forks_four_times(tmp_path: Path, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard, two workers, and one for the probe that loads code of others."""
    forks, real = tmp_path / "forks", os.fork

    def fork() -> int:
        with open(forks, "a") as file:
            file.write(f"{os.getpid()} ")
        return real()

    for number in range(12):
        toys.probes[f"p{number}"] = replace(toys.probes["doors"], id=f"p{number}", alone=number == 5)
    monkeypatch.setattr(os, "fork", fork)
    evidence = collect.finish(collect.start(toys, DEADLINE), toys)
    assert all(probe["facts"] == FACTS for probe in evidence["probes"].values()) and len(evidence["probes"]) == 13
    parent, *guards = forks.read_text().split()
    assert parent == str(os.getpid()) and len(guards) == 3 and len({*guards}) == 1


def shares(host: Any) -> dict[str, Any]:
    return {**FACTS, "doors": {str(host._host._host.charges.room): {"owner": "ann", "locked": True, "keys": []}}}


def test_each_account_has_so_many_times_its_share(toys: Registry) -> None:
    toys.probes["doors"] = replace(toys.probes["doors"], collect=shares, share=3)
    for times in (1, 2.5):
        told = collect.finish(collect.start(toys, DEADLINE, times=times), toys)["probes"]["doors"]["facts"]
        assert list(told["doors"]) == [str(round(3 * times) * charges.WORK / SHARES)]


def late(seconds: float, host: Host) -> dict[str, Any]:
    time.sleep(seconds)
    return FACTS


def test_a_probe_that_looks_deep_runs_only_where_that_is_asked_for_and_has_a_time_of_its_own(toys: Registry) -> None:
    slow = replace(toys.probes["doors"], id="slow", collect=partial(late, 1.5), deep=True)
    toys.probes.update({"slow": slow, "late": replace(slow, id="late", deep=False)})
    usual = collect.finish(collect.start(toys, SOON), toys)["probes"]
    assert "slow" not in usual and usual["late"]["holes"][0]["why"] == "timeout"
    deep = collect.finish(collect.start(toys, SOON, deep=DEADLINE), toys)["probes"]
    assert (deep["slow"]["facts"], deep["doors"]["facts"]) == (FACTS, FACTS) and deep["late"]["holes"][0]["why"] == "timeout"
    assert "slow" not in collect.finish(collect.start(toys, DEADLINE, {"doors"}, deep=DEADLINE), toys)["probes"]


def test_a_probe_that_looks_deep_ends_with_its_time(toys: Registry) -> None:
    toys.probes["slow"] = replace(toys.probes["doors"], id="slow", collect=partial(late, 600), deep=True)
    found = collect.finish(collect.start(toys, DEADLINE, deep=1.0), toys)["probes"]
    assert found["slow"]["holes"][0]["why"] == "timeout" and found["doors"]["facts"] == FACTS


def ends(host: Any) -> dict[str, Any]:
    return {**FACTS, "doors": {}, "alarm": 0 < host._host._host._end - time.monotonic() < 5}


def test_a_probe_is_told_when_its_time_ends(toys: Registry) -> None:
    toys.probes["slow"] = replace(toys.probes["doors"], id="slow", collect=ends, deep=True)
    assert collect.finish(collect.start(toys, DEADLINE, deep=5.0), toys)["probes"]["slow"]["facts"] == FACTS


def walks(host: Host) -> dict[str, Any]:
    """Look at what a user lays without end, and state what was seen."""
    found: dict[str, Any] = {}
    for number in count():
        looked = attempt(host.read_text, f"/proc/{number % 7}/nothing", missing="")
        found[f"{number:09d}"[-3:]] = {"owner": "eve", "locked": True, "keys": [looked]}
        if isinstance(looked, Hole):
            return {"doors": found, "alarm": True}
    raise AssertionError


def test_a_probe_whose_time_is_over_states_what_it_has(toys: Registry) -> None:
    toys.probes["walks"] = replace(toys.probes["doors"], id="walks", collect=walks, users=True)
    found = collect.finish(collect.start(toys, SOON), toys)["probes"]
    assert found["doors"]["facts"] == FACTS
    assert len(found["walks"]["facts"]["doors"]) > 100 and found["walks"]["facts"]["alarm"] is True
    (hole,) = found["walks"]["holes"]
    assert hole["why"] == "timeout" and hole["pointer"].startswith("/doors/")


def test_what_users_lay_is_walked_when_all_else_is_begun(toys: Registry) -> None:
    for name in ("a-of-users", "z", "b-of-users", "y"):
        toys.probes[name] = replace(toys.probes["doors"], id=name, users="users" in name)
    collection = collect.start(toys, DEADLINE)
    assert [probe.id for probe in collection.teams[0].probes] == ["doors", "y", "z", "a-of-users", "b-of-users"]
    assert {name: probe["facts"] for name, probe in collect.finish(collection, toys)["probes"].items()} == dict.fromkeys(toys.probes, FACTS)


def reads(path: str, host: Host) -> dict[str, str]:
    return {"read": host.read_text(path, missing="")[:20]}


def test_the_bytes_are_the_same_whichever_worker_ran_a_probe(toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def collected(workers: int, alone: int) -> bytes:
        monkeypatch.setattr("hostcheck.isolate.WORKERS", workers)
        for number in range(8):
            look = partial(reads, f"/etc/{('passwd', 'group', 'hostname')[number % 3]}")
            toys.probes[f"p{number}"] = replace(toys.probes["doors"], id=f"p{number}", collect=look, alone=number < alone)
        return canonical(collect.finish(collect.start(toys, DEADLINE), toys)["probes"])

    assert len({collected(workers, alone) for workers, alone in ((1, 0), (2, 0), (2, 3), (8, 0))}) == 1


COLLECT = """
import sys
from hostcheck.cli import main
import hostcheck.cli.lock as lock
lock.FOLDER = sys.argv[1] + ".lock"
code = main(["collect", "-o", sys.argv[1]])
"""
RENAME = "import socket\nsocket.sethostname(b'a\\xffb')\n"


@pytest.mark.root
def test_a_host_may_call_itself_anything(tmp_path: Path) -> None:
    argv = ["unshare", "--uts", sys.executable, "-I", "-c", RENAME + COLLECT + "sys.exit(code)", str(tmp_path / "e.json")]
    subprocess.run(argv, check=True)
    assert json.loads((tmp_path / "e.json").read_text())["target"]["name"] == "a\\xffb"
