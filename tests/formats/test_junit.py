"""What a CI server reads: one case a finding under a name that lasts, why in its text, and the run among the properties of its suite."""

import sys
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from contract.reports import EMPTY, FINDING

from hostcheck.registry import load
from hostcheck.visible import visible

RENDER = load().formats["junit"].render
REFERENCES = [{"source": "CIS", "edition": "1", "section": "1.1"}, {"source": "MITRE", "url": "https://example.org/T1"}]
RULE = {
    "title": "Doors are locked",
    "rationale": "An open door lets anybody in.",
    "fix": [{"run": "turn {/key}"}],
    "references": REFERENCES,
}
BENCHMARK = {"id": "b", "title": "Toy", "version": "3", "sha256": "1" * 64, "profile": "level1", "rules": {"R-1": RULE}}
FIX = [{"note": "It locks."}, {"run": "turn <the> key"}]
FORBIDDEN = [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\ufffe", "\uffff", "\u2028", "\u202e", "\ud800"]


def finding(**changes: Any) -> dict[str, Any]:
    return {**FINDING, **changes}


def report(*findings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a report of `findings`; a change of `host` is to its members."""
    host = {**EMPTY["host"], "name": "web1", **changes.pop("host", {})}
    return {**EMPTY, "benchmarks": [BENCHMARK], **changes, "host": host, "findings": list(findings)}


def suites(made: dict[str, Any]) -> list[ElementTree.Element]:
    return ElementTree.fromstring(RENDER(made)).findall("testsuite")


def suite(made: dict[str, Any]) -> ElementTree.Element:
    (only,) = suites(made)
    return only


def outcome(found: dict[str, Any]) -> ElementTree.Element | None:
    (case,) = suite(report(found)).iter("testcase")
    return case[0] if len(case) else None


def names(made: dict[str, Any]) -> list[tuple[str, str]]:
    return [(case.attrib["classname"], case.attrib["name"]) for each in suites(made) for case in each.iter("testcase")]


def properties(of: ElementTree.Element) -> dict[str, str]:
    return {entry.attrib["name"]: entry.attrib["value"] for entry in of.iter("property")}


@pytest.mark.parametrize(
    ("result", "tag", "kind", "message"),
    [
        ("fail", "failure", "fail.high", "the door is open"),
        ("error", "error", "error", "the door is open"),
        ("unknown", "error", "unknown", "the door is open"),
        ("notapplicable", "skipped", None, "notapplicable: the door is open"),
        ("notchecked", "skipped", None, "notchecked: the door is open"),
        ("notselected", "skipped", None, "notselected: the door is open"),
    ],
)
def test_a_result_that_is_no_pass_is_told_with_why(result: str, tag: str, kind: str | None, message: str) -> None:
    told = outcome(finding(result=result))
    assert told is not None and (told.tag, told.get("type"), told.get("message")) == (tag, kind, message)
    assert (told.text or "").splitlines()[0] == message, "GitLab shows the text and not the message"


def test_what_was_seen_of_a_pass_is_a_line_of_its_suite() -> None:
    assert outcome(finding()) is None and outcome(finding(result="informational")) is None
    made = suite(report(finding(because="the door is shut"), finding(subject="/b", because=""), finding(result="informational", subject="/a")))
    assert (made.findtext("system-out") or "").splitlines() == [
        "pass: R-1 Doors are locked: the door is shut",
        "informational: R-1 Doors are locked [/a]: the door is open",
    ]
    assert (made.get("tests"), made.get("failures"), made.get("errors"), made.get("skipped")) == ("3", "0", "0", "0")


def test_a_failure_has_its_evidence_what_is_not_known_and_what_to_do_in_its_text() -> None:
    items = [
        {"probe": "doors", "pointer": "/doors/a", "value": {"z": 1, "é": "open"}, "source": "a look"},
        {"probe": "doors", "pointer": "/doors/b", "value": None, "source": "b look", "hole": {"why": "denied", "message": "b: no"}},
        {"probe": "doors", "pointer": "/keys", "value": ["k"], "source": "c look", "hole": {"why": "limit", "message": "too many"}},
    ]
    for result, steps in (("fail", FIX), ("error", [])):
        told = outcome(finding(result=result, subject="/a", evidence=items, fix=steps, holes=[{"at": "doors/x", "why": "timeout", "message": "late"}]))
        assert told is not None and (told.text or "").splitlines() == [
            "the door is open",
            "severity: high",
            "subject: /a",
            'evidence: doors/doors/a = {"z": 1, "é": "open"} (from a look)',
            "evidence: doors/doors/b is not known: denied: b: no (from b look)",
            'evidence: doors/keys = ["k"], and possibly more (limit: too many) (from c look)',
            "not known: doors/x: timeout: late",
            *(["fix: It locks.", "fix: turn <the> key"] if steps else []),
            "reference: CIS 1 1.1",
            "reference: MITRE https://example.org/T1",
        ]


def test_a_failure_without_a_step_says_where_to_look_and_never_shows_a_step_with_holes() -> None:
    told = outcome(finding(result="fail"))
    assert told is not None and "fix: See: hostcheck explain R-1" in (told.text or "")
    for result in ("fail", "error", "unknown", "notchecked", "notapplicable", "notselected"):
        assert "{/key}" not in RENDER(report(finding(result=result)))


def test_references_are_properties_of_the_suite() -> None:
    """Both schemas forbid a case to have properties."""
    assert properties(suite(report(finding())))["reference.R-1"] == "CIS 1 1.1; MITRE https://example.org/T1"
    assert "reference.R-1" not in properties(suite(report())), "a rule that was not judged answers nothing"


@pytest.mark.parametrize(("subject", "words"), [("", "the host"), ("*", "what could not be listed")])
def test_a_subject_that_is_no_name_is_told_in_words(subject: str, words: str) -> None:
    told = outcome(finding(result="error", subject=subject))
    assert told is not None and f"\nsubject: {words}\n" in (told.text or "")


def test_a_suite_counts_what_its_cases_tell() -> None:
    results = ("pass", "fail", "error", "error", "unknown", "notchecked", "notselected", "notapplicable", "notapplicable", "informational")
    made = suite(report(*(finding(result=result, subject=str(number)) for number, result in enumerate(results))))
    assert [made.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["10", "1", "3", "4"]
    assert {name: number for name, number in properties(made).items() if name.startswith("count.")} == {
        "count.pass": "1",
        "count.informational": "1",
        "count.fail": "1",
        "count.error": "2",
        "count.unknown": "1",
        "count.notapplicable": "2",
        "count.notchecked": "1",
        "count.notselected": "1",
    }


def test_each_benchmark_is_a_suite_and_a_finding_of_none_is_not_lost() -> None:
    made = report(finding(benchmark="b"), finding(benchmark="gone"), benchmarks=[{**BENCHMARK, "id": "empty"}, BENCHMARK])
    assert [(each.get("id"), each.get("name"), each.get("tests")) for each in suites(made)] == [("0", "empty", "0"), ("1", "b", "1"), ("2", "gone", "1")]
    assert names(made) == [("b.web1", "R-1 Doors are locked"), ("gone.web1", "R-1 Doors are locked")]


def test_the_name_of_a_case_lasts() -> None:
    before = report(finding(subject="/a"))
    after = report(
        finding(subject="/a", result="fail", severity="low", because="else", evidence=[], fix=FIX),
        host={"clock": "2027-01-02T03:04:05Z", "kernel": "7"},
        benchmarks=[{**BENCHMARK, "version": "4"}],
    )
    assert names(before) == names(after) == [("b.web1", "R-1 Doors are locked [/a]")]


def test_of_cases_that_look_alike_none_is_lost() -> None:
    subjects = ["/a", "/a", "/a  ", "/\x1b", "/\\x1b", "/a", "/\u3000", "/\\u3000", ""]
    taken = finding(title="Doors are locked [/a] (3)")
    given = names(report(*(finding(subject=subject) for subject in subjects[:2]), taken, *(finding(subject=subject) for subject in subjects[2:])))
    assert len(set(given)) == len(given) == len(subjects) + 1
    assert given[:2] == [("b.web1", "R-1 Doors are locked [/a]"), ("b.web1", "R-1 Doors are locked [/a] (2)")]


@pytest.mark.parametrize(
    ("clock", "stamp"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05"),
        ("2026-02-30T03:04:05Z", "1970-01-01T00:00:00"),
        ("0000-01-01T00:00:00Z", "1970-01-01T00:00:00"),
        ("2026-01-02T24:00:00Z\n", "1970-01-01T00:00:00"),
    ],
)
def test_the_time_has_no_zone_and_a_clock_that_is_no_date_is_a_property(clock: str, stamp: str) -> None:
    made = suite(report(host={"clock": clock}))
    assert made.get("timestamp") == stamp
    assert properties(made)["host.clock"] == clock.replace("\n", "\\x0a")


def test_what_has_no_name_gets_one_that_the_schemas_allow() -> None:
    made = suite(report(finding(benchmark=" "), host={"name": " \x20"}, benchmarks=[]))
    assert (made.get("hostname"), made.get("name")) == ("localhost", "unnamed")


def test_the_verdict_says_what_it_is_about() -> None:
    scope = {"examined": ["Doors", "Alarms"], "not_examined": ["sudo", "cellars"]}
    terms = {"verdict": "compliant", "counts": {**EMPTY["counts"], "pass": 1}, "inputs": {**EMPTY["inputs"], "scope": scope}}
    told = properties(suite(report(finding(result="pass"), **terms)))
    assert told["verdict"] == "compliant with level1 in what was examined"
    assert (told["examined"], told["not_examined"]) == ("Doors; Alarms", "sudo; cellars")
    assert told["exit_code"].startswith("0: compliant in what was examined")


def test_what_nothing_confirms_of_the_evidence_is_a_property() -> None:
    doubtful = report(finding(), inputs={**EMPTY["inputs"], "unconfirmed": ["its clock says so", "2 digests are blank"]})
    assert properties(suite(doubtful))["unconfirmed"] == "its clock says so; 2 digests are blank"
    assert "unconfirmed" not in properties(suite(report(finding())))


def test_the_run_stands_among_the_properties_of_each_suite() -> None:
    contributes = {"probes": ["a", "b"], "analyses": [], "benchmarks": [], "formats": ["f"]}
    made = report(
        finding(result="fail"),
        verdict="noncompliant",
        host={"os": "Debian", "kernel": "6.1", "role": "server", "role_source": "detected", "role_evidence": ["x", "y"]},
        inputs={**EMPTY["inputs"], "fail_on": "high", "values": {"n": 1}, "analyses": {"j": "2" * 64}, "benchmarks": {"b": "1" * 64}},
        benchmarks=[BENCHMARK, {**BENCHMARK, "id": "c", "title": "Other"}],
        plugins=[{"distribution": "acme", "version": "2", "sha256": "3" * 64, "allowed": "pinned", "contributes": contributes}],
        refused=[{"distribution": "evil", "reason": "others may write it", "status": "refused"}],
    )
    first, second = map(properties, suites(made))
    assert first["exit_code"] == "5: a plugin was refused that root must not trust"
    assert properties(suite(report()))["exit_code"].startswith(("0", "1", "3", "4"))
    told = {
        "verdict": "noncompliant",
        "profile": "level1",
        "host.os": "Debian",
        "host.kernel": "6.1",
        "host.role": "server",
        "host.role_evidence": "x; y",
        "evidence.sha256": "0" * 64,
        "benchmarks.b": "1" * 64,
        "analyses.j": "2" * 64,
        "values.n": "1",
        "plugin.acme": f"2 sha256:{'3' * 64} pinned (formats: f; probes: a, b)",
        "refused.evil": "refused: others may write it",
    }
    assert told.items() <= first.items() and told.items() <= second.items()
    assert (first["benchmark.title"], second["benchmark.title"], first["count.fail"], second["count.fail"]) == ("Toy", "Other", "1", "0")
    assert properties(suite(report()))["host.os"] == "not known"


def test_what_could_not_be_seen_is_said() -> None:
    made = suite(report(holes=[{"at": "doors/a", "kind": "value", "why": "denied", "message": "no"}]))
    assert made.findtext("system-err") == "not known: doors/a: denied: no"


@pytest.mark.parametrize("character", FORBIDDEN, ids=lambda character: f"{ord(character):04x}")
def test_no_character_is_written_that_xml_forbids_or_that_moves_or_reorders(character: str) -> None:
    word = f"a{character}]]>&<b"
    found = finding(result="fail", subject=word, because=word, title=word, rule=word)
    item = {"probe": word, "pointer": word, "value": {word: [word]}, "source": word}
    found |= {"evidence": [item], "holes": [{"at": word, "why": "denied", "message": word}], "fix": [{"run": word}, {"note": word}]}
    text = RENDER(report(found, {**found, "result": "error"}, host={"name": word, "os": word}, inputs={**EMPTY["inputs"], "values": {word: word}}))
    assert all(each.isprintable() or each == "\n" for each in text)
    assert "]]>" not in text
    assert ElementTree.fromstring(text).findtext(".//failure", "").splitlines()[0] == word.replace(character, visible(character))


def steps(work: Callable[[], object]) -> int:
    """Return how many lines of Python `work` runs: a measure of it that no busy machine moves."""
    count = 0

    def trace(frame: object, event: str, argument: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("shape", ["distinct", "twins", "taken"])
def test_work_and_size_are_linear_in_the_findings(shape: str) -> None:
    def made(count: int) -> dict[str, Any]:
        twins = [finding(result="fail", subject="/a")] * (count // 2)
        others = {
            "distinct": [finding(result="fail", subject=f"/{number}") for number in range(count // 2)],
            "twins": twins,
            # The worst for a search of free names: all that the twins would be given are gone.
            "taken": [finding(result="fail", title=f"Doors are locked [/a] ({number})") for number in range(count // 2)],
        }
        return report(*others[shape], *twins)

    small, large = made(200), made(800)
    assert steps(lambda: RENDER(large)) < 4.2 * steps(lambda: RENDER(small))
    assert len(RENDER(large)) < 4.2 * len(RENDER(small))


@pytest.mark.parametrize(("key", "words"), [("container", "This is a container, not its host"), ("user_namespace", "This scan ran in a user namespace")])
def test_what_is_not_the_host_as_root_sees_it_is_named_before_anything_else(key: str, words: str) -> None:
    made = suite(report(finding(result="pass", because="it is locked"), host={key: True}))
    first = made.find("properties/property")
    assert first is not None and first.attrib["name"] == "notice" and first.attrib["value"].startswith(words)
    assert str(made.findtext("system-out")).startswith(words)
    assert "notice" not in properties(suite(report(finding())))
