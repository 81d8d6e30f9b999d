"""Whatever judging or a format does, a scan ends, says so, and has written its evidence and all that could be written.

Each case is a real child that does the worst it can; a deadline is short where it is meant to be hit.
"""

import ctypes
import fcntl
import json
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from toy import fails, one_line

from hostcheck import collect, derive, evaluate
from hostcheck.cli import in_time, lock
from hostcheck.documents import recognise
from hostcheck.model import Format, HostcheckError
from hostcheck.registry import Registry

Run = Callable[..., tuple[int, str, str]]
SOON = ("--deadline", "3")
OUTPUTS = ("--format", "json=report.json", "--format", "text=report.txt", "--evidence", "evidence.json")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less for a format that is written after the deadline: enough for the others on a machine that is busy."""
    monkeypatch.setattr(in_time, "LEAST", 3.0)


def forever(*_: Any, **__: Any) -> NoReturn:
    while True:
        pass


def many(*_: Any, **__: Any) -> Any:
    """Return facts without end, a little at a time."""
    found: list[Any] = []
    while True:
        found.append([None] * 1000)


def kill(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def stop(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGSTOP)


def flee(*_: Any, **__: Any) -> Any:
    """Leave the process that is watched, and go on where nobody does."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    os._exit(0)


def overflow(*_: Any, **__: Any) -> Any:
    ctypes.string_at(0)


BREAKS = {"kills itself": (kill, "SIGKILL"), "flees": (flee, "ended with status 0"), "touches what is not there": (overflow, "SIGSEGV")}


@pytest.mark.parametrize("how", BREAKS)
def test_what_ends_the_child_between_two_steps_leaves_nothing_judged(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    body, words = BREAKS[how]
    monkeypatch.setattr("hostcheck.derive.begin", body)
    code, _, err = run("scan", *OUTPUTS)
    report = json.loads(Path("report.json").read_text())
    assert code == 3 and words in one_line(err)
    assert {finding["result"] for finding in report["findings"]} == {"error"}
    assert json.loads(Path("evidence.json").read_text())["probes"]["doors"]["facts"]["alarm"] is True


@pytest.mark.parametrize("body", [forever, pytest.param(stop, marks=pytest.mark.laws)])
@pytest.mark.parametrize("where", ["hostcheck.derive.begin", "hostcheck.report.outcomes_of"])
def test_judging_without_end_is_ended(run: Run, monkeypatch: pytest.MonkeyPatch, body: Any, where: str) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(where, body)
        code, out, err = run("scan", *OUTPUTS, *SOON)
    report = json.loads(Path("report.json").read_text())
    assert (code, out) == (3, "") and "was not done within the deadline of 3 s" in one_line(err)
    recognise(report, "report", "report")
    assert report["counts"]["error"] == len(report["findings"]) == 2
    assert all("was not done within the deadline" in finding["because"] for finding in report["findings"])
    assert Path("report.txt").read_text() == "inconclusive"
    assert run("evaluate", "evidence.json", "-q") == (0, "", "")


def deaf(*_: Any, **__: Any) -> NoReturn:
    """Go on whatever is raised, but not for more than once: as where Python finalises an object."""
    try:
        forever()
    except BaseException:
        forever()
    raise AssertionError


SLOW = {
    "takes for ever": (forever, "was not done within the deadline of 3 s"),
    "passes over what stops it": (deaf, "was not done within the deadline of 3 s"),
    "kills the child": (kill, "SIGKILL"),
    "leaves the child": (flee, "ended with status 0"),
}


@pytest.mark.parametrize(("broken", "expected"), [(False, 3), (True, 1)])
@pytest.mark.parametrize("how", SLOW)
def test_an_analysis_costs_only_the_rules_that_read_it(
    run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch, how: str, broken: bool, expected: int
) -> None:
    body, words = SLOW[how]
    if broken:
        fails(toys)
    toys.analyses["house"] = replace(toys.analyses["house"], derive=body)
    code, _, err = run("scan", *OUTPUTS, *SOON)
    report = json.loads(Path("report.json").read_text())
    recognise(report, "report", "report")
    found = {finding["rule"]: finding for finding in report["findings"]}
    assert code == expected and found["T-2"]["result"] == ("fail" if broken else "pass")
    assert (found["T-1"]["result"], found["T-1"]["subject"]) == ("error", "*") and words in found["T-1"]["because"]
    assert words in one_line(err)


@pytest.mark.parametrize("how", ["takes for ever", "kills the child"])
@pytest.mark.parametrize(("slow", "other"), [("T-1", "T-2"), ("T-2", "T-1")])
def test_a_rule_costs_itself_only(run: Run, monkeypatch: pytest.MonkeyPatch, how: str, slow: str, other: str) -> None:
    body, words = SLOW[how]

    def judged(rule: Any, *more: Any) -> Any:
        return body() if rule.id == slow else evaluate.outcomes_of(rule, *more)

    monkeypatch.setattr("hostcheck.report.outcomes_of", judged)
    code, _, err = run("scan", *OUTPUTS, *SOON)
    report = json.loads(Path("report.json").read_text())
    recognise(report, "report", "report")
    found = {finding["rule"]: finding for finding in report["findings"]}
    assert code == 3 and words in one_line(err) and err.startswith("hostcheck: not everything was judged")
    assert found[other]["result"] in ("pass", "notapplicable")
    assert found[slow]["result"] == "error" and found[slow]["because"].startswith("this was not judged: ") and words in found[slow]["because"]


def test_what_cannot_be_told_in_time_is_told_without_reasons(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(toys)
    monkeypatch.setattr("hostcheck.proof.places", forever)
    assert run("scan", *OUTPUTS, *SOON)[0] == 1
    report = json.loads(Path("report.json").read_text())
    recognise(report, "report", "report")
    (found,) = (finding for finding in report["findings"] if finding["result"] == "fail")
    assert found["because"].startswith("the reasons are not told: ") and found["title"] == "The alarm is on"


def test_what_was_read_late_is_judged_all_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*asked: Any) -> Any:
        found = finish(*asked)
        time.sleep(2.8)
        return found

    def slowly(*facts: Any, **options: Any) -> Any:
        time.sleep(0.5)
        return judged(*facts, **options)

    finish, judged = collect.finish, derive.begin
    monkeypatch.setattr("hostcheck.collect.finish", late)
    monkeypatch.setattr("hostcheck.derive.begin", slowly)
    assert run("scan", *OUTPUTS, *SOON) == (0, "", "")
    assert Path("report.txt").read_text() == "compliant"


def test_where_nothing_was_judged_a_slow_machine_has_time_to_say_so(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(report: Any) -> str:
        time.sleep(1.5)  # five times what is kept for a report
        return str(report["verdict"])

    monkeypatch.setattr("hostcheck.derive.begin", forever)
    toys.formats["text"] = replace(toys.formats["text"], render=slowly)
    code, _, err = run("scan", *OUTPUTS, *SOON)
    assert code == 3 and "was not done within the deadline of 3 s" in one_line(err)
    assert Path("report.txt").read_text() == "inconclusive"


def test_judging_that_needs_all_memory_is_ended(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()  # of a worker that has run many tests before
    most = (here >> 20) + 200
    monkeypatch.setattr(in_time, "MEMORY", most << 20)
    monkeypatch.setattr("hostcheck.report.outcomes_of", many)
    code, _, err = run("scan", *OUTPUTS, "--deadline", "60")
    assert code == 3 and one_line(err).startswith(f"hostcheck: not everything was judged: needed more than {most} MiB")
    assert json.loads(Path("report.json").read_text())["counts"]["error"] == 2


def test_a_report_that_does_not_fit_is_no_report(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_time, "SHARED", 500)
    code, _, err = run("scan", *OUTPUTS)
    assert code == 3 and "File too large" in one_line(err)


@pytest.mark.root
def test_the_lock_is_given_back_although_judging_hangs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostcheck.derive.begin", stop)
    run("scan", *SOON)
    with open(f"{lock.FOLDER}/lock") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_what_is_wrong_with_a_benchmark_is_said_as_ever(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> NoReturn:
        raise HostcheckError("the benchmark is wrong")

    monkeypatch.setattr("hostcheck.report.outcomes_of", broken)
    code, _, err = run("scan", *OUTPUTS)
    assert code == 2 and one_line(err) == "hostcheck: the benchmark is wrong\n"
    assert not os.path.exists("report.json")


def test_the_parent_has_the_report_that_its_child_wrote(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    real = in_time.report

    def keeping(*args: Any) -> Any:
        kept.append(real(*args))
        return kept[-1]

    monkeypatch.setattr(in_time, "report", keeping)
    run("scan", *OUTPUTS)
    assert kept[0][0] == json.loads(Path("report.json").read_text()) and kept[0][0]["benchmarks"][0]["rules"]


@pytest.mark.parametrize(
    ("body", "words"), [(forever, "did not answer"), pytest.param(stop, "did not answer", marks=pytest.mark.laws), (kill, "SIGKILL"), (flee, "status 0")]
)
@pytest.mark.usefixtures("impatient")
def test_a_format_without_end_costs_its_own_output_only(run: Run, toys: Registry, body: Any, words: str) -> None:
    toys.formats["bad"] = Format(name="bad", media_type="x", render=body)
    code, _, err = run("scan", "--format", "bad=bad.txt", *OUTPUTS, *SOON)
    assert code == 70 and "the format 'bad' failed" in one_line(err) and words in err
    assert not os.path.exists("bad.txt")
    assert json.loads(Path("report.json").read_text())["verdict"] == "compliant" and Path("report.txt").read_text() == "compliant"


@pytest.mark.parametrize(("result", "expected"), [("pass", 70), ("fail", 1)])
def test_a_format_that_fails_hides_no_failure_of_the_host(run: Run, toys: Registry, result: str, expected: int) -> None:
    toys.formats["bad"] = Format(name="bad", media_type="x", render=kill)
    if result == "fail":
        fails(toys)
    assert run("scan", "--format", "bad=bad.txt", *OUTPUTS)[0] == expected


@pytest.mark.usefixtures("impatient")
def test_a_format_and_judging_without_end(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostcheck.derive.begin", forever)
    toys.formats["bad"] = Format(name="bad", media_type="x", render=stop)
    code, _, err = run("scan", "--format", "bad=bad.txt", *OUTPUTS, *SOON)
    assert code == 70 and err.count("\n") == 2
    assert json.loads(Path("report.json").read_text())["counts"]["error"] == 2 and os.path.exists("evidence.json")


def test_a_format_that_writes_too_much_is_cut_off(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_time, "SHARED", 1 << 20)
    toys.formats["bad"] = Format(name="bad", media_type="x", render=lambda report: "x" * (70 << 20))
    code, _, err = run("scan", "--format", "bad=bad.txt", *OUTPUTS)
    assert code == 70 and "more than" in one_line(err)
    assert os.path.exists("report.json")


def test_the_summary_comes_from_the_child_as_well(run: Run, toys: Registry) -> None:
    fails(toys)
    toys.formats["text"] = replace(toys.formats["text"], render=lambda report: os.environ["COLUMNS"])
    code, out, _ = run("scan")
    assert code == 1 and out.isdecimal()
