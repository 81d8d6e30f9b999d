"""The report: what was judged, by what, with which result; frozen as `hostcheck.report/2`.

The verdict and the exit code follow from the report alone, so that whoever reads it later comes to the same ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hostcheck import because
from hostcheck.benchmark import Benchmark, Values, declared_values, parse_values, resolve, selection
from hostcheck.evaluate import Facts, Judge, by_predicate, judge_rule, not_judged, not_selected
from hostcheck.model import SEVERITIES, HostcheckError, Json, Result, Verdict, Why
from hostcheck.sections import fill

SCHEMA: Final = "hostcheck.report/2"
HOST: Final = "role"
"""The section that stands among what is said of the host; every other one stands by itself, under its name."""
LOCAL: Final = "local"
NONE: Final[Mapping[str, tuple[str, str]]] = {}
UNTRUSTED: Final = frozenset({"mismatched", "refused"})
UNUSABLE: Final = UNTRUSTED | {"broken"}
EVALUATED: Final = frozenset({Result.PASS, Result.FAIL, Result.ERROR, Result.UNKNOWN, Result.INFORMATIONAL})
ANSWERED: Final = EVALUATED | {Result.NOTAPPLICABLE}
"""What counts as evaluated where single rules were asked for by name: that one of them does not apply is the answer then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By which terms evidence is judged: everything but the evidence and the benchmarks that a report follows from.

    Where there are `rules`, these are judged and no others, whether or not the profile selects them.
    """

    profile: str = "level1"
    role: str = ""
    settings: tuple[str, ...] = ()
    fail_on: str = "low"
    as_of: str = ""
    rules: tuple[str, ...] = ()


def settle_values(benchmarks: Sequence[Benchmark], settings: Sequence[str]) -> dict[str, Json]:
    """Return the values that ``NAME=VALUE`` settings set; raises HostcheckError where no benchmark has a value of that name."""
    declared: dict[str, Json] = {}
    for benchmark in reversed(benchmarks):
        declared.update(declared_values(benchmark))
    return parse_values(list(settings), declared)


def judge(
    benchmark: Benchmark, facts: Facts, profile: str, values: Values, judge_check: Judge = by_predicate, rules: Sequence[str] = (), failed: str = ""
) -> list[dict[str, Any]]:
    """Return the findings of every rule of `benchmark`, or of those in `rules`, on `facts`, sorted by rule and subject."""
    selected, profile_values = selection(benchmark, profile) if profile in benchmark.profiles else (frozenset[str](), {})
    selected = frozenset(rules) or selected
    findings: list[dict[str, Any]] = []
    for rule_id in sorted(_judged(benchmark, rules)):
        rule = resolve(benchmark, rule_id, {**profile_values, **values})
        if rule_id not in selected:
            found = [not_selected(rule)]
        else:
            found = [not_judged(rule, failed)] if failed else judge_rule(rule, facts, judge_check)
        findings += [{"benchmark": benchmark.id, **finding} for finding in found]
    return findings


def _judged(benchmark: Benchmark, rules: Sequence[str]) -> Iterable[str]:
    return benchmark.rules.keys() & set(rules) if rules else benchmark.rules


def build(
    evidence: Mapping[str, Any],
    evidence_sha256: str,
    benchmarks: Sequence[Benchmark],
    facts: Facts,
    terms: Terms,
    *,
    tool: Mapping[str, Json],
    analyses: Mapping[str, Json],
    sections: Mapping[str, tuple[str, str]] = NONE,
    refused: Sequence[Mapping[str, Json]] = (),
    judge_check: Judge = by_predicate,
    failed: str = "",
) -> dict[str, Any]:
    """Return the report on `evidence` (whose canonical bytes have that digest); raises HostcheckError on terms that name what is not there.

    Where judging has `failed`, this is why each rule is an error. `sections` says which analysis fills which section, and with which of its facts; `refused`
    is what could not be used for judging, beside what the evidence says of collecting.
    """
    values = settle_values(benchmarks, terms.settings)
    findings = [finding for benchmark in benchmarks for finding in judge(benchmark, facts, terms.profile, values, judge_check, terms.rules, failed)]
    unused = sorted([*evidence["refused"], *refused], key=str)
    filled = {name: fill(name, facts.document.get(analysis), pointer) for name, (analysis, pointer) in sorted(sections.items())}
    return {
        "schema": SCHEMA,
        "verdict": str(verdict_of(findings, terms.fail_on, evidence["target"]["kind"], unused, by_name=bool(terms.rules))),
        "host": _host(evidence, facts, filled.pop(HOST, {})),
        "inputs": {
            "evidence": {"sha256": evidence_sha256, "tool": evidence["tool"]},
            "benchmarks": {benchmark.id: benchmark.sha256 for benchmark in benchmarks},
            "profile": terms.profile,
            **({"rules": sorted(terms.rules)} if terms.rules else {}),
            "role": terms.role,
            "values": values,
            "fail_on": terms.fail_on,
            "as_of": terms.as_of or evidence["clock"],
            "tool": dict(tool),
            "analyses": dict(analyses),
        },
        "benchmarks": [_described(benchmark, terms) for benchmark in benchmarks],
        "counts": count(findings),
        "findings": findings,
        "plugins": evidence["plugins"],
        "refused": unused,
        "holes": _holes(evidence, facts, terms),
        **filled,
    }


def _described(benchmark: Benchmark, terms: Terms) -> dict[str, Any]:
    kept = ("title", "rationale", "fix", "references", "verify")
    judged = {name: benchmark.rules[name] for name in sorted(_judged(benchmark, terms.rules))}
    rules = {name: {"section": benchmark.sections[name], **{key: rule[key] for key in kept if key in rule}} for name, rule in judged.items()}
    return {"id": benchmark.id, "title": benchmark.title, "version": benchmark.version, "sha256": benchmark.sha256, "profile": terms.profile, "rules": rules}


def _host(evidence: Mapping[str, Any], facts: Facts, role: Mapping[str, Any]) -> dict[str, Any]:
    def known(pointer: str) -> Json:
        found = because.find(facts.document.get("host"), pointer)
        return found if isinstance(found, str | int) else None

    return {
        **evidence["target"],
        "clock": evidence["clock"],
        "euid": evidence["euid"],
        "os": known("/os/pretty_name") or known("/os/id"),
        "kernel": known("/kernel/release"),
        "role": role.get("role"),
        "role_source": role.get("source"),
        "role_evidence": role.get("evidence", []),
    }


def from_1(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report of version 1 as one of version 2: what it advises is one note, of the rule and of each failure, and it has no sections."""
    benchmarks = [{**one, "rules": {name: _rule_from_1(about) for name, about in one["rules"].items()}} for one in report["benchmarks"]]
    advice = {(one["id"], name): about["fix"] for one in benchmarks for name, about in one["rules"].items()}
    return {**report, "schema": SCHEMA, "benchmarks": benchmarks, "findings": [_finding_from_1(finding, advice) for finding in report["findings"]]}


def _finding_from_1(finding: Mapping[str, Any], advice: Mapping[tuple[str, str], Json]) -> dict[str, Any]:
    steps = advice.get((finding["benchmark"], finding["rule"]), []) if finding["result"] == Result.FAIL else []
    return {**finding, **({"fix": steps} if steps else {})}


def _rule_from_1(about: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in about.items() if key != "remediation"}
    return {"section": "", **kept, "fix": [{"note": about["remediation"]}], "references": [{"source": text} for text in about["references"]]}


def _holes(evidence: Mapping[str, Any], facts: Facts, terms: Terms) -> list[dict[str, Any]]:
    """Return what could not be read; where single rules are judged, of what these read."""
    return [
        {"at": name + hole["pointer"], "kind": hole["kind"], "why": hole["why"], "message": hole["message"]}
        for name, stated in sorted(evidence["probes"].items())
        if not terms.rules or name in facts.document
        for hole in stated["holes"]
    ]


def count(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many findings have each result; every result is named."""
    counted = Counter(finding["result"] for finding in findings)
    return {str(result): counted[str(result)] for result in Result}


def verdict_of(
    findings: Iterable[Mapping[str, Any]], fail_on: str, kind: str = LOCAL, refused: Iterable[Mapping[str, Json]] = (), *, by_name: bool = False
) -> Verdict:
    """Return the verdict of a run on a `kind` of host: a failure at or above `fail_on` outranks whatever could not be known.

    A plugin that was allowed and cannot be used leaves rules unjudged that somebody wanted. Of rules that were asked for `by_name` it is an answer that they
    do not apply.
    """
    worst = Verdict.INCONCLUSIVE if any(refusal["status"] in UNUSABLE for refusal in refused) else Verdict.COMPLIANT
    evaluated = False
    for finding in findings:
        evaluated = evaluated or finding["result"] in (ANSWERED if by_name else EVALUATED)
        if finding["result"] == Result.FAIL and _counts(finding, fail_on):
            return Verdict.NONCOMPLIANT
        if _open(finding, kind):
            worst = Verdict.INCONCLUSIVE
    return worst if evaluated else Verdict.INCONCLUSIVE


def _counts(finding: Mapping[str, Any], fail_on: str) -> bool:
    return finding["waiver"] is None and SEVERITIES.index(finding["severity"]) >= SEVERITIES.index(fail_on)


def _open(finding: Mapping[str, Any], kind: str) -> bool:
    """Say whether a selected rule was left without an answer that this kind of host could have given: a live one could have given any."""
    if finding["result"] in (Result.ERROR, Result.UNKNOWN):
        return True
    if finding["result"] != Result.NOTCHECKED or finding["manual"]:
        return False
    return kind == LOCAL or not any(hole["why"] == Why.UNSUPPORTED for hole in finding["holes"])


def exit_code(report: Mapping[str, Any]) -> int:
    """Return the exit code that a report means: 5 a plugin that root must not believe, 0 compliant, 1 noncompliant, 3 inconclusive, 4 nothing was evaluated."""
    if any(refusal["status"] in UNTRUSTED for refusal in report["refused"]):
        return 5
    if not any(report["counts"][str(result)] for result in (ANSWERED if report.get("inputs", {}).get("rules") else EVALUATED)):
        return 3 if any(_open(finding, report["host"]["kind"]) for finding in report["findings"]) else 4
    return {Verdict.COMPLIANT: 0, Verdict.NONCOMPLIANT: 1, Verdict.INCONCLUSIVE: 3}[Verdict(report["verdict"])]


def require_severity(name: str) -> str:
    """Return `name` if it is a severity; raises HostcheckError."""
    if name not in SEVERITIES:
        raise HostcheckError(f"{name!r} is not a severity; the severities are {', '.join(SEVERITIES)}")
    return name
