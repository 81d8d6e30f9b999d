"""Judge evidence by rules: pure, with no host, no clock and no network.

The order of the results is that of the design: what was not selected, what cannot be asked, what is broken, what does not apply, and only
then true, false or cannot know.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Final

from hostcheck import because, proof
from hostcheck.benchmark import Rule, named_at_top, severity_of
from hostcheck.model import Hole, Json, OpenObject, Result, Why
from hostcheck.outcome import Outcome, told
from hostcheck.pace import Stopped
from hostcheck.pointer import join, tokens
from hostcheck.schema import Ternary, Unknown
from hostcheck.told import Check, sentence_of

Judge = Callable[[Check, Json], Ternary]
Turn = tuple[bool, int]
"""The order in which rules are judged: first those whose facts users cannot make large, then those whose facts follow from fewer others."""
FIRST: Final[Turn] = (False, 0)


def by_predicate(check: Check, facts: Json) -> Ternary:
    """Judge facts by the compiled predicate."""
    return check.judge(facts)


def _there(_: Iterable[str]) -> None:
    """Do nothing: all facts are there."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of one host: `document` by probe and analysis; `broken` says which break their own schema; `schemas` describe them.

    Where findings need no evidence, which is half of the work, `prove` is false. Facts that are made only when they are needed come by `need`, and `turns` says
    of each name when that should be.
    """

    document: dict[str, Json]
    broken: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    schemas: Mapping[str, Json] = field(default_factory=dict)
    prove: bool = True
    turns: Mapping[str, Turn] = field(default_factory=dict)
    need: Callable[[Iterable[str]], None] = _there

    @cached_property
    def proof(self) -> proof.Proof:
        """Return what makes the evidence of findings about this host."""
        return proof.Proof(self.schemas, self.document)


ORDER = ((Result.ERROR, {Why.DENIED, Why.TIMEOUT, Why.CRASHED, Why.LIMIT}), (Result.UNKNOWN, {Why.NONSENSE}), (Result.NOTCHECKED, {Why.UNSUPPORTED}))
NOTHING: Final = "nothing was judged"
OTHERS: Final = "the others were not judged"
SAID: Final = (Result.PASS, Result.INFORMATIONAL, Result.NOTAPPLICABLE)
"""Results that depend on all that a benchmark is about."""


def result_of(holes: Iterable[Hole]) -> Result:
    """Return what a check that cannot be known is, by the holes in its way: error before unknown before notchecked."""
    whys = {hole.why for hole in holes}
    return next((result for result, causes in ORDER if whys & causes), Result.UNKNOWN)


def judge_rule(rule: Rule, facts: Facts, judge: Judge = by_predicate, *, prove: bool = True) -> list[dict[str, Any]]:
    """Return the findings of a selected rule, sorted by subject; without `prove` their evidence, which is half of the work, is left out."""
    return [outcome.tell() for outcome in outcomes(rule, facts if prove else replace(facts, prove=False), judge)]


def outcomes(rule: Rule, facts: Facts, judge: Judge = by_predicate) -> list[Outcome]:
    """Return what a selected rule says of each of its subjects, sorted by subject."""
    early = _cannot_be_asked(rule, facts)
    if early is not None:
        return [told(early)]
    document = {name: facts.document[name] for name in rule.reads}
    verdicts = [(judge(check, document), check, reason) for check, reason in rule.exemptions]
    exempt = next(((check, reason) for verdict, check, reason in verdicts if verdict is True), None)
    if exempt is not None:
        return [told(_not_applicable(rule, document, facts, *exempt))]
    holes = tuple(dict.fromkeys(hole for verdict, _, _ in verdicts if isinstance(verdict, Unknown) for hole in verdict.holes))
    if holes:
        return [told(_unknown(rule, "*", holes, severity_of(rule, _worst(rule, document))))]
    if rule.each is None:
        return [_judge_subject(rule, "", document, "", document, facts, judge)]
    return _judge_each(rule, document, facts, judge)


def _worst(rule: Rule, document: Json) -> Json:
    """Return facts over which a severity is the worst that it may be: the document, or a subject of which nothing is known."""
    return document if rule.each is None else Hole(why=Why.UNSUPPORTED, message="no subject")


def _cannot_be_asked(rule: Rule, facts: Facts) -> dict[str, Any] | None:
    severity = severity_of(rule, _worst(rule, facts.document))
    if rule.manual:
        stated = ": ".join(filter(None, ("a person must judge this", rule.document.get("because"))))
        return {**_finding(rule, "", Result.NOTCHECKED, severity), "manual": True, "because": stated}
    for name in sorted(rule.reads):
        if name not in facts.document:
            reason = facts.absent.get(name, f"{name} is not installed here, and the evidence does not have its facts")
            return {**_finding(rule, "", Result.NOTCHECKED, severity), "because": reason}
        if name in facts.broken:
            return {**_finding(rule, "*", Result.UNKNOWN, severity), "because": facts.broken[name]}
    return None


def _judge_each(rule: Rule, document: Json, facts: Facts, judge: Judge) -> list[Outcome]:
    each = rule.each or ""
    collection = because.find(document, each)
    worst = severity_of(rule, _worst(rule, document))
    if isinstance(collection, Hole):
        return [told(_unknown(rule, "*", (collection,), worst))]
    if not isinstance(collection, dict):
        return [told(_not_applicable(rule, document, facts))]
    found: list[Outcome] = []
    others: list[Outcome] = []
    if isinstance(collection, OpenObject):
        hole = collection.hole
        others = [told(_unknown(rule, f"* of uid {uid}", (hole,), worst, uid)) for uid in hole.owners] or [told(_unknown(rule, "*", (hole,), worst))]
    try:
        found.extend(_judge_members(rule, collection, document, facts, judge))
    except Stopped as stopped:  # what was judged by then counts
        others = [*(one for one in others if one.subject != "*"), told(not_judged(rule, stopped.hole, OTHERS))]
    found.sort(key=attrgetter("subject"))
    return [*found, *others] or [told(_not_applicable(rule, document, facts))]


def _judge_members(rule: Rule, collection: dict[str, Json], document: Json, facts: Facts, judge: Judge) -> Iterator[Outcome]:
    for name in _in_order(rule, collection):
        member, base = collection[name], join(rule.each or "", name)
        if isinstance(member, Hole):
            yield told(_unknown(rule, name, (member,), severity_of(rule, member)))
            continue
        chosen = True if rule.where is None else judge(rule.where, member)
        if isinstance(chosen, Unknown):
            yield _undetermined(rule, name, chosen.holes, severity_of(rule, member), member, base, facts)
        elif chosen:
            yield _judge_subject(rule, name, member, base, document, facts, judge)


def _in_order(rule: Rule, collection: dict[str, Json]) -> list[str]:
    """Return the names of subjects, those of users after all others where the rule says whose they are."""
    if "owner" not in rule.document:
        return sorted(collection)
    return sorted(collection, key=lambda name: (bool(_owner(rule, collection[name])), name))


def _judge_subject(rule: Rule, subject: str, found: Json, base: str, document: Json, facts: Facts, judge: Judge) -> Outcome:
    assert rule.expect is not None, "only a manual rule has nothing to expect"
    verdict = judge(rule.expect, found)
    severity = severity_of(rule, found)
    if isinstance(verdict, Unknown):
        return _undetermined(rule, subject, verdict.holes, severity, found, base, facts)
    if verdict:
        result = Result.PASS if rule.unscored is None or judge(rule.unscored, document) is False else Result.INFORMATIONAL
    else:
        result = Result.FAIL
    uid = _owner(rule, found)
    finding = _finding(rule, subject, result, severity, uid)
    tell = partial(_told, rule, finding, found, base, facts)
    return Outcome(rule=rule.id, subject=subject, result=result, severity=severity, uid=uid, tell=tell, title=rule.title)


def _told(rule: Rule, finding: dict[str, Any], found: Json, base: str, facts: Facts) -> dict[str, Any]:
    """Return the finding of a subject that has an answer, with its sentence, steps and evidence."""
    words = rule.told
    stand_for = because.Words(subject=finding["subject"], facts=found if rule.each else facts.document, document=facts.document, lists=words.lists)
    if finding["result"] != Result.FAIL:
        finding = {**finding, "because": because.fill(sentence_of(words.seen, stand_for.facts), stand_for)}
    else:
        sentence = sentence_of(words.because, stand_for.facts) or f"This does not hold: {rule.title}"
        finding = {**finding, "because": because.fill(sentence, stand_for)}
        if steps := because.fill_steps(words.fix, stand_for):
            finding["fix"] = steps
    return _with_evidence(finding, rule, found, base, facts)


def _undetermined(rule: Rule, subject: str, holes: tuple[Hole, ...], severity: str, found: Json, base: str, facts: Facts) -> Outcome:
    uid = _owner(rule, found)

    def tell() -> dict[str, Any]:
        return _with_evidence(_unknown(rule, subject, holes, severity, uid), rule, found, base, facts)

    unsupported = any(hole.why == Why.UNSUPPORTED for hole in holes)
    return Outcome(rule=rule.id, subject=subject, result=result_of(holes), severity=severity, uid=uid, unsupported=unsupported, tell=tell, title=rule.title)


def _owner(rule: Rule, found: Json) -> int | None:
    """Return the uid of the user who owns a subject, where the rule says which fact that is, and it is known."""
    uid = because.find(found, rule.document["owner"]) if "owner" in rule.document else None
    return uid if isinstance(uid, int) and not isinstance(uid, bool) else None


def _finding(rule: Rule, subject: str, result: Result, severity: str, uid: int | None = None) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "subject": subject,
        "result": str(result),
        "severity": severity,
        "title": rule.title,
        "because": "",
        "evidence": [],
        "holes": [],
        "manual": False,
        "waiver": None,
        **({} if uid is None else {"uid": uid}),
    }


def _unknown(rule: Rule, subject: str, holes: tuple[Hole, ...], severity: str, uid: int | None = None) -> dict[str, Any]:
    stated = [{"at": hole.at, "why": str(hole.why), "message": hole.message} for hole in holes[: proof.ITEMS]]
    finding = {**_finding(rule, subject, result_of(holes), severity, uid), "because": because.reason(holes), "holes": stated}
    return _noting(finding, "holes", len(holes) - len(stated))


def _noting(finding: dict[str, Any], name: str, left_out: int) -> dict[str, Any]:
    """Return a finding that says how many members one of its lists lacks."""
    return {**finding, "cut": {**finding.get("cut", {}), name: left_out}} if left_out else finding


def _with_evidence(finding: dict[str, Any], rule: Rule, found: Json, base: str, facts: Facts) -> dict[str, Any]:
    if not facts.prove:
        return finding
    shown: dict[tuple[str, str], dict[str, Any]] = {}
    for check in (rule.where, rule.expect):
        if check is not None:
            shown.update({(item["probe"], item["pointer"]): item for item in facts.proof.evidence(check.schema, found, base)})
    kept = proof.bounded(shown.values())
    return _noting({**finding, "evidence": kept}, "evidence", len(shown) - len(kept))


def _not_applicable(rule: Rule, document: Json, facts: Facts, check: Check | None = None, reason: str = "") -> dict[str, Any]:
    reason = reason or rule.nothing or f"there is nothing at {rule.each} to judge"
    severity = severity_of(rule, _worst(rule, document))
    finding = {**_finding(rule, "", Result.NOTAPPLICABLE, severity), "because": because.fill(reason, because.Words(subject="", facts=document))}
    if not facts.prove:
        return finding
    if check is not None:
        return {**finding, "evidence": facts.proof.evidence(check.schema, document, "")}
    name = tokens(rule.each or "")[:1]
    return {**finding, "evidence": [{"probe": name[0], "pointer": (rule.each or "")[len(name[0]) + 1 :], "value": [], "source": name[0]}] if name else []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why no rule of a benchmark can be judged on these facts: the reason with its evidence, or the holes where it is not known whether there is one."""

    because: str = ""
    evidence: tuple[dict[str, Any], ...] = ()
    holes: tuple[Hole, ...] = ()


def obstacle(conditions: Iterable[tuple[Check, str]], facts: Facts, judge: Judge = by_predicate) -> Obstacle | None:
    """Return what keeps all rules of a benchmark from being judged: the first of its conditions that certainly holds, or what is not known of them."""
    holes: list[Hole] = []
    for check, reason in conditions:
        document = {name: facts.document.get(name, _missing(name, facts)) for name in sorted(named_at_top(check.schema))}
        verdict = judge(check, document)
        if verdict is True:
            shown = facts.proof.evidence(check.schema, document, "") if facts.prove else ()
            return Obstacle(because=because.fill(reason, because.Words(subject="", facts=document)), evidence=tuple(shown))
        holes += verdict.holes if isinstance(verdict, Unknown) else ()
    return Obstacle(holes=tuple(dict.fromkeys(holes))) if holes else None


def _missing(name: str, facts: Facts) -> Hole:
    return Hole(why=Why.UNSUPPORTED, message=facts.absent.get(name, f"{name} is not in this evidence"), at=name)


def outcomes_of(rule: Rule, facts: Facts, judge: Judge, stopped: Obstacle | None) -> list[Outcome]:
    """Return what a selected rule says of its subjects: by its own conditions, unless no rule of its benchmark can be judged.

    Where that is not known a failure stays one, and whatever else is said is as little known.
    """
    if stopped is None or rule.manual:
        return outcomes(rule, facts, judge)
    if stopped.holes:
        return [_doubted(outcome, stopped.holes) for outcome in outcomes(rule, facts, judge)]
    severity = severity_of(rule, _worst(rule, facts.document))
    return [told({**_finding(rule, "", Result.NOTCHECKED, severity), "because": stopped.because, "evidence": list(stopped.evidence)})]


def _doubted(outcome: Outcome, holes: tuple[Hole, ...]) -> Outcome:
    if outcome.result not in SAID:
        return outcome
    unsupported = any(hole.why == Why.UNSUPPORTED for hole in holes)
    return replace(outcome, result=result_of(holes), unsupported=unsupported, tell=partial(_with_doubt, outcome.tell, holes))


def _with_doubt(tell: Callable[[], dict[str, Any]], holes: tuple[Hole, ...]) -> dict[str, Any]:
    stated = [{"at": hole.at, "why": str(hole.why), "message": hole.message} for hole in holes[: proof.ITEMS]]
    return {**tell(), "result": str(result_of(holes)), "because": because.reason(holes), "holes": stated}


def not_judged(rule: Rule, failed: Hole, what: str = NOTHING) -> dict[str, Any]:
    """Return the finding of a selected rule of which `what` was not judged."""
    finding = _unknown(rule, "*" if rule.each else "", (failed,), severity_of(rule, failed))
    return {**finding, "because": f"{what}: {failed.message}", "manual": rule.manual}


def not_selected(rule: Rule, *, skipped: bool) -> dict[str, Any]:
    """Return the finding of a rule that the profile leaves out, or that was `skipped` for this run."""
    severity = severity_of(rule, Hole(why=Why.UNSUPPORTED, message="not selected"))
    return {**_finding(rule, "", Result.NOTSELECTED, severity), "because": "left out by --skip-rule" if skipped else "not part of this profile"}
