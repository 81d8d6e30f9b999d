"""The public test kit: its examples are tests that pass, and each way to break a contract is told by the test that is named for it.

Every plugin that is broken here is the one of docs/plugins.md with a few words changed, and pytest is run on it as its author would.
"""

import inspect
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from breakages import BREAKAGES, TEST, Change
from vendors import guide

from hostcheck import registry, testing
from hostcheck.api import Probe, Why
from hostcheck.authoring.compile import Source, compiled, written_out
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HostcheckError, OpenArray, Result, incomplete
from hostcheck.published import problem_of, published
from hostcheck.testing.analyses import hide, leaves, ways
from hostcheck.testing.reading import Place, noting

PAGES = [(Path(__file__).resolve().parents[2] / "docs" / name).read_text(encoding="utf-8") for name in ("plugins.md", "plugins-testing.md")]
FILES = {
    name: text for page in PAGES for name, text in re.findall(r"`(acme_motd/[\w./-]+|test_\w+\.py)`:\n\n```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
}

NO = Hole(why=Why.DENIED, message="no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What pytest said: the failures by class and test, with what they tell, and how often it said what else."""

    failures: dict[str, str]
    passed: int
    skipped: int


def lay_out(folder: Path, package: str = "acme_motd", changes: Sequence[Change] = ()) -> None:
    """Write the plugin and its tests, with some words changed; the package and the tests have another name here, as one pytest runs many.

    A benchmark whose YAML is changed is compiled anew, and not checked: `hostcheck compile` would refuse it, and the contract is to say the same.
    """
    texts = {**FILES, **guide.compiled()}
    for name, old, new in changes:
        assert old in texts[name], f"{name} has no {old!r}"
        texts[name] = texts[name].replace(old, new)
    for name, text in texts.items():
        place = folder / name.replace("acme_motd", package)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace("acme_motd", package))
    if any(name.endswith(".yaml") for name, _, _ in changes):
        place = folder / guide.BENCHMARK.replace("acme_motd", package)
        with suppress(HostcheckError):  # then the document stays as it was
            (place / "acme.json").write_bytes(written_out(compiled(Source(str(place)))))


def run(folder: Path, *names: str) -> Run:
    """Run pytest on the tests called `names` in `folder`."""
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--junitxml=report.xml", *names]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    failures: dict[str, str] = {}
    cases = list(ElementTree.parse(folder / "report.xml").iter("testcase"))
    for case in cases:
        for failure in [*case.findall("failure"), *case.findall("error")]:
            lines = (failure.text or "").splitlines()  # those with E are what pytest says itself, the others show code
            failures[f"{case.get('classname')}.{case.get('name')}"] = "\n".join(line[1:].removeprefix("       ") for line in lines if line.startswith("E"))
    skipped = sum(case.find("skipped") is not None for case in cases)
    return Run(failures=failures, passed=len(cases) - len(failures) - skipped, skipped=skipped)


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Break the plugin in every way, run pytest once on the tests that are to tell it, and return what failed by way and test."""
    folder = tmp_path_factory.mktemp("broken")
    names = []
    for number, (part, _, test, _, changes) in enumerate(BREAKAGES):
        lay_out(folder / f"b{number}", f"acme_motd_{number}", changes)
        names.append(f"b{number}/test_acme_motd_{number}.py::{part}::test_{test}")
    told = run(folder, *names).failures
    found: dict[str, dict[str, str]] = {}
    for number, (part, how, _, _, _) in enumerate(BREAKAGES):
        start = f"b{number}.test_acme_motd_{number}.{part}.test_"
        found[how] = {name.removeprefix(start): message for name, message in told.items() if name.startswith(start)}
    return found


def test_the_plugin_of_the_guide_keeps_every_contract(tmp_path: Path) -> None:
    lay_out(tmp_path / "acme")
    done = run(tmp_path / "acme")
    assert done.failures == {} and done.skipped == 0 and done.passed > 90


def test_the_guide_records_this_machine(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (code,) = [block for block in re.findall(r"^```python\n(.*?)^```$", PAGES[1], re.MULTILINE | re.DOTALL) if "write_recording" in block]
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert testing.replay(tmp_path / "debian.recording.json").keys == ["read_bytes follow=True path=/etc/motd"]


def test_the_message_in_the_guide_is_the_one_that_is_given(failures: dict[str, dict[str, str]]) -> None:
    shown = re.findall(r"^```text\n(.*?)^```$", PAGES[1], re.MULTILINE | re.DOTALL)
    told = failures["takes denial for absence"]["denying_any_answer_only_makes_holes[greets]"]
    before, after = shown[0].split("  [...]\n")
    assert before in told and after in told


def test_the_guide_names_every_contract() -> None:
    for name in testing.__all__:
        assert re.search(rf"\b{name}\b", PAGES[1]) or not name.endswith("Contract")


def test_a_contract_is_collected_whatever_it_is_called_and_an_import_of_one_is_not(tmp_path: Path) -> None:
    lay_out(
        tmp_path / "acme",
        changes=[
            (TEST, "class TestMotd", "class AboutMotd"),
            (TEST, "class TestRules", "class TestAside"),
            (TEST, "path = B", "__test__ = False\n    path = B"),
        ],
    )
    run(tmp_path / "acme")
    cases = ElementTree.parse(tmp_path / "acme/report.xml").iter("testcase")
    classes = {str(case.get("classname")).rpartition(".")[2] for case in cases}
    assert classes == {"AboutMotd", "TestLength", "TestLine"}


def test_the_kit_is_imported_where_pytest_is_not() -> None:
    code = "import sys\nsys.modules |= dict.fromkeys(('pytest', '_pytest', 'hypothesis'))\nimport hostcheck.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_host_in_memory_is_given_what_a_memory_host_takes() -> None:
    assert inspect.signature(testing.memory_host).parameters == inspect.signature(MemoryHost).parameters


def test_this_machine_is_recorded_where_no_host_is_named(tmp_path: Path) -> None:
    probe = Probe(id="kernel", title="", facts_schema="", collect=lambda host: {"ids": host.read_text("/proc/self/status").count("Uid:")})
    testing.write_recording(tmp_path / "recording.json", testing.record(probe))
    assert probe.collect(testing.replay(tmp_path / "recording.json")) == {"ids": 1}


def test_a_recording_of_a_whole_host_is_one_of_each_probe(tmp_path: Path) -> None:
    probe = Probe(id="motd", title="", facts_schema="", collect=lambda host: {"motd": host.read_text("/etc/motd")})
    recorded = testing.record(probe, testing.memory_host({"/etc/motd": "\udcff\x1b"}))
    (tmp_path / "whole.json").write_text(json.dumps({"probes": {"motd": recorded, "other": recorded}}))
    assert testing.replay(tmp_path / "whole.json", "motd").read_text("/etc/motd") == "\udcff\x1b"
    for wrong in ("", "mtod"):
        with pytest.raises(HostcheckError, match=r"whole\.json: is the recording of a whole host; say .*: motd, other"):
            testing.replay(tmp_path / "whole.json", wrong)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": "hostcheck.recording/9", "answers": []}', '{"probes": {"motd": {}}}'])
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(HostcheckError):
        testing.replay(tmp_path / "x.json", "motd")


def test_a_fact_is_hidden_and_the_others_are_what_they_were() -> None:
    facts = {"a": {"b": [1, 2]}, "c": 3}
    hidden = {how: hide(facts, ("a", "b"), how)["a"]["b"] for how in ("hidden", "opened", "shortened")}
    assert isinstance(hidden["hidden"], Hole)
    assert (type(hidden["opened"]), hidden["opened"]) == (OpenArray, [1, 2])
    assert (type(hidden["shortened"]), hidden["shortened"]) == (OpenArray, [2])
    assert facts == {"a": {"b": [1, 2]}, "c": 3} and type(facts["a"]) is dict
    assert (ways(3), ways([3], whole=True), ways([3])) == (("hidden",), ("hidden", "opened"), ("hidden", "opened", "shortened"))
    assert list(leaves(facts)) == [("a",), ("a", "b"), ("a", "b", 0), ("a", "b", 1), ("c",)]


def test_what_counts_as_read() -> None:
    def after(ask: Callable[[Any], object]) -> set[Place]:
        read: set[Place] = set()
        ask(noting({"a": {"b": 1, "c": [1, {"d": 2}]}, "open": incomplete({"e": 1}, NO)}, read))
        return read

    assert after(lambda facts: None) == set()
    assert after(lambda facts: facts["a"]) == {("a",)}
    assert after(lambda facts: "b" in facts["a"]) == after(lambda facts: facts["a"].get("b")) == {("a",), ("a", "b")}
    wholly: tuple[Callable[[Any], object], ...] = (
        list,
        len,
        dict,
        bool,
        lambda one: one == {},
        lambda one: {**one},
        lambda one: one.items(),
        lambda one: one | {},
    )
    assert [after(lambda facts, ask=ask: ask(facts["a"])) for ask in wholly] == [{("a",), ("a", "b"), ("a", "c")}] * len(wholly)
    elements = {("a",), ("a", "c"), ("a", "c", 0), ("a", "c", 1)}
    assert after(lambda facts: facts["a"]["c"][0]) == after(lambda facts: sorted(facts["a"]["c"], key=id)) == elements
    assert after(lambda facts: list(facts["open"])) == {("open",), ("open", "e")}
    assert noting(incomplete([1], NO), set()).hole is NO


def test_the_example_reports_are_valid_and_hold_something_of_everything() -> None:
    reports = testing.example_reports()
    for name, report in reports.items():
        assert not problem_of(report, "report-2"), name
    described = published("report-2")
    finding = described["$defs"]["finding"]["properties"]
    findings = [found for report in reports.values() for found in report["findings"]]
    for key in ("result", "severity"):
        assert {found[key] for found in findings} == set(finding[key]["enum"])
    assert {report["verdict"] for report in reports.values()} == set(described["properties"]["verdict"]["enum"])
    assert any(found["waiver"] for found in findings) and any(found["manual"] for found in findings)
    assert {hole["why"] for hole in reports["everything"]["holes"]} == set(Why)
    counts = Counter(found["result"] for found in reports["everything"]["findings"])
    for one in reports["everything"].get("omitted", ()):
        counts[one["result"]] += one["count"]
    assert reports["everything"]["counts"] == {result: counts[result] for result in Result}


def test_whoever_changes_an_example_report_changes_no_others() -> None:
    changed = testing.example_reports()
    for report in changed.values():
        report["host"]["name"] = report["findings"] = None
    assert testing.example_reports()["compliant"]["host"]["name"] == "h1"
    assert testing.example_reports()["everything"]["findings"]


@pytest.mark.parametrize("name", sorted(registry.load().formats))
def test_a_built_in_format_keeps_its_contract(name: str) -> None:
    contract = type("Contract", (testing.FormatContract,), {"format": registry.load().formats[name]})()
    for test, method in inspect.getmembers(contract, inspect.ismethod):
        if test.startswith("test_"):
            for report in testing.example_reports().values() if "report" in inspect.signature(method).parameters else [None]:
                method(*([report] if report else []))


def examples() -> dict[str, str]:
    """Return the example of each public name that has one."""
    found = {name: re.search(r"```python\n(.*?)```", inspect.getdoc(getattr(testing, name)) or "", re.DOTALL) for name in testing.__all__}
    return {name: example[1] for name, example in found.items() if example}


def test_the_examples_of_the_kit_run(tmp_path: Path) -> None:
    lay_out(tmp_path / "acme")
    for name, example in examples().items():
        (tmp_path / "acme" / f"test_{name}.py").write_text(example)
    done = run(tmp_path / "acme")
    assert done.failures == {} and done.skipped == 0
    assert (tmp_path / "acme" / "debian.recording.json").exists()
    used = " ".join(examples().values())
    for name in testing.__all__:
        assert name in used, f"{name} is in no example"
        if name.endswith("Contract"):
            assert f"test_{name}.Test" in (tmp_path / "acme" / "report.xml").read_text(), f"the example of {name} has no tests"


@pytest.mark.parametrize(("how", "test", "words"), [pytest.param(how, test, words, id=how) for _, how, test, words, _ in BREAKAGES])
def test_a_broken_plugin_is_told_what_is_wrong(failures: dict[str, dict[str, str]], how: str, test: str, words: str) -> None:
    messages = [message for name, message in failures[how].items() if name.partition("[")[0] == test]
    assert messages, f"only {sorted(failures[how])} failed"
    assert any(words in message for message in messages), messages[0]


def test_what_a_contract_is_given_stays() -> None:
    given = {
        name: {member for member in inspect.get_annotations(getattr(testing, name)) if member != "needs"}
        for name in testing.__all__
        if name.endswith("Contract")
    }
    assert given == {
        "AnalysisContract": {"analysis", "documents", "others", "values", "whole"},
        "BenchmarkContract": {"path", "others", "source"},
        "FindingsContract": {"path", "hosts", "others", "profile"},
        "FormatContract": {"format", "reports"},
        "OwnersContract": {"path", "hosts", "others", "profile", "uids", "theirs"},
        "ProbeContract": {"probe", "hosts"},
    }
