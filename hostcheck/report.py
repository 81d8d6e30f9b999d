"""The report: what was judged, by what, with which result; frozen as `hostcheck.report/2`.

The verdict and the exit code follow from the report alone, so that whoever reads it later comes to the same ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

from hostcheck import because, shares
from hostcheck.benchmark import Benchmark, Rule, Values, conditions, declared_values, named_at_top, parse_values, resolve, selection
from hostcheck.closing import with_rules
from hostcheck.evaluate import FIRST, Facts, Judge, Obstacle, Turn, by_predicate, not_judged, not_selected, obstacle, outcomes_of
from hostcheck.model import SEVERITIES, Hole, Json, Result, Verdict, Why
from hostcheck.outcome import Outcome, is_unsupported, told
from hostcheck.pace import FREE, WRITING, Pace
from hostcheck.scope import scope_of
from hostcheck.sections import fill
from hostcheck.shares import Judged
from hostcheck.unconfirmed import unconfirmed

SCHEMA: Final = "hostcheck.report/2"
HOST: Final = "role"
"""The section that stands among what is said of the host; every other one stands by itself, under its name."""
CUT: Final = "cut"
"""The section of changes, to which the report adds whose fix they are."""
LOCAL: Final = "local"
NONE: Final[Mapping[str, tuple[str, str]]] = {}
UNTRUSTED: Final = frozenset({"mismatched", "refused"})
UNUSABLE: Final = UNTRUSTED | {"broken"}
ALIKE: Final = 50
"""How many facts of a probe are named that could not be read for one reason."""
HOLES: Final = 200
"""How many facts of a probe are named that could not be read."""
EVALUATED: Final = frozenset({Result.PASS, Result.FAIL, Result.ERROR, Result.UNKNOWN, Result.INFORMATIONAL})
ANSWERED: Final = EVALUATED | {Result.NOTAPPLICABLE}
"""What counts as evaluated where single rules were asked for by name: that one of them does not apply is the answer then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By which terms evidence is judged: everything but the evidence and the benchmarks that a report follows from.

    Where there are `rules`, these are judged and no others, whether or not the profile selects them; else what is `skipped` is not judged.
    """

    profile: str = "level1"
    role: str = ""
    settings: tuple[str, ...] = ()
    fail_on: str = "low"
    as_of: str = ""
    rules: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def settle_values(benchmarks: Sequence[Benchmark], settings: Sequence[str]) -> dict[str, Json]:
    """Return the values that ``NAME=VALUE`` settings set; raises HostcheckError where no benchmark has a value of that name."""
    declared: dict[str, Json] = {}
    for benchmark in reversed(benchmarks):
        declared.update(declared_values(benchmark))
    return parse_values(list(settings), declared)


def judge(
    benchmarks: Sequence[Benchmark],
    facts: Facts,
    profile: str,
    values: Values,
    judge_check: Judge = by_predicate,
    rules: Sequence[str] = (),
    failed: Hole | None = None,
    pace: Pace = FREE,
    skipped: Sequence[str] = (),
) -> list[Judged]:
    """Return what every rule of `benchmarks` but those `skipped`, or those in `rules`, say of `facts`, sorted by benchmark, rule and subject.

    They are judged one after the other, each as one step of `pace`: first what users cannot have made large, what follows from little, and what is worst.
    """
    benches = [_Bench(benchmark, facts, profile, values, judge_check, rules, failed, pace, frozenset(skipped)) for benchmark in benchmarks]
    found = {(bench, rule.id): list[Outcome]() for bench in benches for rule in bench.rules}
    for bench, rule in sorted(((one, rule) for one in benches for rule in one.rules), key=lambda one: one[0].turn(one[1])):
        found[bench, rule.id] = bench.judge(rule)
    return [(bench.benchmark.id, outcome) for (bench, _), outcomes in found.items() for outcome in outcomes]


class _Bench:
    """The rules of one benchmark, and what they are judged by."""

    def __init__(
        self,
        benchmark: Benchmark,
        facts: Facts,
        profile: str,
        values: Values,
        judge_check: Judge,
        rules: Sequence[str],
        failed: Hole | None,
        pace: Pace,
        skipped: frozenset[str],
    ) -> None:
        selected, profile_values = selection(benchmark, profile) if profile in benchmark.profiles else (frozenset[str](), {})
        bound = {**profile_values, **values}
        self.benchmark, self._facts, self._judge_check, self._failed, self._pace = benchmark, facts, judge_check, failed, pace
        self._selected, self._skipped = (frozenset(rules) or selected) - skipped, skipped & selected
        self._conditions = conditions(benchmark, bound)
        self._asked = frozenset(name for check, _ in self._conditions for name in named_at_top(check.schema))
        self.rules = [resolve(benchmark, name, bound) for name in sorted(_judged(benchmark, rules))]

    def turn(self, rule: Rule) -> tuple[Turn, int]:
        """Return what to sort rules by: when the facts that they read have their turn, then how bad a failure may be."""
        if rule.id not in self._selected or self._failed:  # what it reads is not even known yet
            return FIRST, 0
        turns = [self._facts.turns.get(name, FIRST) for name in rule.reads | self._asked]
        return max(turns, default=FIRST), -max(SEVERITIES.index(severity) for _, severity in rule.severity)

    def judge(self, rule: Rule) -> list[Outcome]:
        """Return what a rule says of its subjects."""
        if rule.id not in self._selected:
            return [told(not_selected(rule, skipped=rule.id in self._skipped))]
        if self._failed:
            return [told(not_judged(rule, self._failed))]
        stopped = self._stopped
        self._facts.need(rule.reads)
        work = partial(outcomes_of, rule, self._facts, self._judge_check, stopped)
        return self._pace.step(f"{self.benchmark.id} {rule.id}", work, lambda hole: [told(not_judged(rule, hole, "this was not judged"))])

    @cached_property
    def _stopped(self) -> Obstacle | None:
        """Return what keeps all rules from being judged."""
        self._facts.need(self._asked)
        work = partial(obstacle, self._conditions, self._facts, self._judge_check)
        return self._pace.step(self.benchmark.id, work, lambda hole: Obstacle(holes=(hole,)))


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
    failed: Hole | None = None,
    pace: Pace = FREE,
) -> dict[str, Any]:
    """Return the report on `evidence` (whose canonical bytes have that digest); raises HostcheckError on terms that name what is not there.

    Where judging as a whole has `failed`, this is why each rule is an error; what `pace` has no time for is not known. `sections` says which analysis fills
    which section, and with which of its facts; `refused` is what could not be used for judging, beside what the evidence says of collecting.
    """
    values = settle_values(benchmarks, terms.settings)
    judged = judge(benchmarks, facts, terms.profile, values, judge_check, terms.rules, failed, pace, terms.skipped)
    facts.need(facts.turns)
    findings, omitted = shares.cut(judged, pace)
    unused = sorted([*evidence["refused"], *refused], key=str)
    doubts = unconfirmed(evidence, terms.as_of)
    stated = {name: because.find(facts.document.get(analysis), pointer) for name, (analysis, pointer) in sections.items()}
    if CUT in stated:
        stated[CUT] = with_rules(stated[CUT], benchmarks, findings)
    filled = {name: _section(name, one, pace) for name, one in sorted(stated.items())}
    return {
        "schema": SCHEMA,
        "verdict": str(verdict_of((one for _, one in judged), terms.fail_on, evidence["target"]["kind"], unused, by_name=bool(terms.rules))),
        "host": _host(evidence, facts, filled.pop(HOST, {})),
        "inputs": {
            "evidence": {"sha256": evidence_sha256, "tool": evidence["tool"]},
            "benchmarks": {benchmark.id: benchmark.sha256 for benchmark in benchmarks},
            "profile": terms.profile,
            **({"rules": sorted(terms.rules)} if terms.rules else {}),
            **({"skipped": sorted(terms.skipped)} if terms.skipped else {}),
            "role": terms.role,
            "values": values,
            "fail_on": terms.fail_on,
            "as_of": terms.as_of or evidence["clock"],
            "scope": scope_of(benchmarks, terms.profile, terms.rules, terms.skipped),
            "tool": dict(tool),
            "analyses": dict(analyses),
            **({"unconfirmed": doubts} if doubts else {}),
        },
        "benchmarks": described(benchmarks, terms),
        "counts": count(one for _, one in judged),
        "findings": findings,
        **({"omitted": omitted} if omitted else {}),
        "plugins": evidence["plugins"],
        "refused": unused,
        "holes": _holes(evidence, facts, terms),
        **filled,
    }


def described(benchmarks: Sequence[Benchmark], terms: Terms) -> list[dict[str, Any]]:
    """Return what a report says of the benchmarks and their rules, whatever became of these."""
    return [_described(benchmark, terms) for benchmark in benchmarks]


def _described(benchmark: Benchmark, terms: Terms) -> dict[str, Any]:
    kept = ("title", "rationale", "fix", "references", "verify")
    judged = {name: benchmark.rules[name] for name in sorted(_judged(benchmark, terms.rules))}
    rules = {name: {"section": benchmark.sections[name], **{key: rule[key] for key in kept if key in rule}} for name, rule in judged.items()}
    return {"id": benchmark.id, "title": benchmark.title, "version": benchmark.version, "sha256": benchmark.sha256, "profile": terms.profile, "rules": rules}


def _section(name: str, facts: Json, pace: Pace) -> Json:
    return pace.step(f"section {name}", partial(fill, name, facts, ""), lambda hole: fill(name, hole, ""), keep=WRITING)


def _host(evidence: Mapping[str, Any], facts: Facts, role: Mapping[str, Any]) -> dict[str, Any]:
    def known(pointer: str) -> Json:
        found = because.find(facts.document.get("host"), pointer)
        return found if isinstance(found, str | int) else None

    first = known("/scan/init_userns")
    return {
        **evidence["target"],
        "clock": evidence["clock"],
        "euid": evidence["euid"],
        "os": known("/os/pretty_name") or known("/os/id"),
        "kernel": known("/kernel/release"),
        "role": role.get("role"),
        "role_source": role.get("source"),
        "role_evidence": role.get("evidence", [])[:ALIKE],
        "container": role.get("container"),
        "user_namespace": None if first is None else not first,
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
    """Return what could not be read, of each probe only so much as anybody reads; where single rules are judged, of what these read."""
    found: list[dict[str, Any]] = []
    for name, stated in sorted(evidence["probes"].items()):
        if not terms.rules or name in facts.document:
            said: Counter[tuple[str, str]] = Counter()
            kept: list[dict[str, Any]] = []
            for hole in stated["holes"]:
                said[hole["why"], hole["message"]] += 1
                if said[hole["why"], hole["message"]] <= ALIKE and len(kept) < HOLES:
                    kept.append({"at": name + hole["pointer"], "kind": hole["kind"], "why": hole["why"], "message": hole["message"]})
            found += kept
            if left := len(stated["holes"]) - len(kept):
                message = f"{left} more facts could not be read; the evidence names them"
                found.append({"at": name, "kind": "members", "why": str(Why.LIMIT), "message": message})
    return found


def count(judged: Iterable[Outcome]) -> dict[str, int]:
    """Return how many outcomes have each result; every result is named."""
    counted = Counter(outcome.result for outcome in judged)
    return {str(result): counted[result] for result in Result}


def verdict_of(judged: Iterable[Outcome], fail_on: str, kind: str = LOCAL, refused: Iterable[Mapping[str, Json]] = (), *, by_name: bool = False) -> Verdict:
    """Return the verdict of a run on a `kind` of host: a failure at or above `fail_on` outranks whatever could not be known.

    A plugin that was allowed and cannot be used leaves rules unjudged that somebody wanted. Of rules that were asked for `by_name` it is an answer that they
    do not apply.
    """
    worst = Verdict.INCONCLUSIVE if any(refusal["status"] in UNUSABLE for refusal in refused) else Verdict.COMPLIANT
    evaluated = False
    for outcome in judged:
        evaluated = evaluated or outcome.result in (ANSWERED if by_name else EVALUATED)
        if outcome.result == Result.FAIL and not outcome.waived and SEVERITIES.index(outcome.severity) >= SEVERITIES.index(fail_on):
            return Verdict.NONCOMPLIANT
        if _open(outcome.result, kind, manual=outcome.manual, unsupported=outcome.unsupported):
            worst = Verdict.INCONCLUSIVE
    return worst if evaluated else Verdict.INCONCLUSIVE


def _open(result: str, kind: str, *, manual: bool, unsupported: bool) -> bool:
    """Say whether a selected rule was left without an answer that this kind of host could have given: a live one could have given any."""
    if result in (Result.ERROR, Result.UNKNOWN):
        return True
    return result == Result.NOTCHECKED and not manual and (kind == LOCAL or not unsupported)


def exit_code(report: Mapping[str, Any]) -> int:
    """Return the exit code that a report means: 5 a plugin that root must not believe, 0 compliant, 1 noncompliant, 3 inconclusive, 4 nothing was evaluated."""
    if any(refusal["status"] in UNTRUSTED for refusal in report["refused"]):
        return 5
    if not any(report["counts"][str(result)] for result in (ANSWERED if report.get("inputs", {}).get("rules") else EVALUATED)):
        kind = report["host"]["kind"]
        left = any(_open(one["result"], kind, manual=one["manual"], unsupported=is_unsupported(one)) for one in report["findings"])
        return 3 if left else 4
    return {Verdict.COMPLIANT: 0, Verdict.NONCOMPLIANT: 1, Verdict.INCONCLUSIVE: 3}[Verdict(report["verdict"])]
