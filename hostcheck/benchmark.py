"""Load benchmarks and resolve them into rules that can be judged.

A benchmark is one JSON document (`hostcheck.benchmark/2`), as `hostcheck compile` makes it of rules written in YAML; the older form
(`hostcheck.benchmark/1`) is turned into it when it is read (`benchmark_file`). One that came with hostcheck was checked when it was built; any other is
validated and linted before a rule of it looks at a fact.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import isfinite
from typing import Any

from hostcheck.benchmark_file import read_document, require_light, rules_of_1
from hostcheck.documents import DocumentError, compact, digest
from hostcheck.model import SEVERITIES, HostcheckError, Json
from hostcheck.parting import clean
from hostcheck.pointer import tokens
from hostcheck.schema import Unknown, bind, check, inline, same_place
from hostcheck.spelling import near
from hostcheck.told import Check, Make, Told, ordered, told_of

Values = Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One requirement, ready to be judged; `source` is the file that it stands in.

    `exemptions` are the conditions under which it does not apply, each with its reason; `nothing` is the reason where there are no subjects. `make` makes the
    conditions of what a finding says.
    """

    id: str
    title: str
    source: str
    document: dict[str, Any]
    exemptions: tuple[tuple[Check, str], ...]
    nothing: str
    each: str | None
    where: Check | None
    expect: Check | None
    unscored: Check | None
    severity: tuple[tuple[Check | None, str], ...]
    make: Make

    @cached_property
    def reads(self) -> frozenset[str]:
        """Return the names of the probes and analyses that this looks at."""
        checks = [*(check for check, _ in self.exemptions), self.unscored]
        if self.each is None:
            checks += [self.expect, *(check for check, _ in self.severity)]
        named = {name for check in checks if check is not None for name in named_at_top(check.schema)}
        return frozenset(named if self.each is None else {*named, tokens(self.each)[0]})

    @cached_property
    def told(self) -> Told:
        """Return what a finding says, which few rules are asked for in a scan."""
        return told_of(self.document, self.make)

    @property
    def manual(self) -> bool:
        """Say whether a person must judge this."""
        return bool(self.document.get("manual", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A loaded benchmark: documents only; `sha256` is over all its files, `sections` has the title of each rule's section.

    No rule looks at what is `not_examined`. Where one of the conditions `notchecked` holds, no rule of it can be judged.
    One that is `shipped` was checked when it was compiled.
    """

    id: str
    title: str
    version: str
    path: str
    sha256: str
    values: Values
    about_values: Mapping[str, str] = field(default_factory=dict)
    profiles: Mapping[str, dict[str, Any]]
    rules: Mapping[str, dict[str, Any]] = field(repr=False)
    sources: Mapping[str, str] = field(repr=False)
    sections: Mapping[str, str] = field(repr=False)
    not_examined: tuple[str, ...] = ()
    notchecked: tuple[Mapping[str, Any], ...] = ()
    shipped: bool = False


def load(path: str, *, shipped: bool = False) -> Benchmark:
    """Return the benchmark at `path`; raises DocumentError naming file and place. What is not `shipped` is validated (lint it as well before judging by it)."""
    head, content = read_document(path, shipped)
    digests = [digest(content)]
    rules, sources = (
        rules_of_1(path, head, digests, shipped) if head["schema"] == "hostcheck.benchmark/1" else (head["rules"], dict.fromkeys(head["rules"], path))
    )
    if not shipped:
        require_light(path, {**head, "rules": rules})
    titles = head["sections"] if isinstance(head["sections"], dict) else {}
    return Benchmark(
        id=head["id"],
        title=head["title"],
        version=head["version"],
        path=path,
        sha256=digest(compact(digests)) if len(digests) > 1 else digests[0],
        values=head.get("values", {}),
        about_values=head.get("about_values", {}),
        profiles=head["profiles"],
        rules=rules,
        sources=sources,
        shipped=shipped,
        not_examined=tuple(head.get("not_examined", ())),
        notchecked=tuple(head.get("notchecked", ())),
        sections={name: rule["section"] if not titles else titles.get(rule["section"], rule["section"]) for name, rule in rules.items()},
    )


def selection(benchmark: Benchmark, profile: str) -> tuple[frozenset[str], Values]:
    """Return the ids of the rules that `profile` selects and the values that it sets; raises DocumentError where it names what is not there."""
    chain = list(_profiles(benchmark, profile))
    rules = frozenset(rule for part in chain for rule in part.get("rules", ()))
    if missing := sorted(rules - benchmark.rules.keys()):
        raise DocumentError(f"{benchmark.path}: profile {profile!r} selects {missing[0]}, which the benchmark does not have")
    values: dict[str, Json] = {}
    for part in reversed(chain):
        values.update(part.get("values", {}))
    return rules, values


def _profiles(benchmark: Benchmark, name: str) -> Iterator[dict[str, Any]]:
    """Yield the profile called `name`, then those that it extends."""
    seen: list[str] = []
    while name or not seen:
        if name not in benchmark.profiles:
            known = ", ".join(sorted(benchmark.profiles))
            raise DocumentError(f"{benchmark.path}: no profile is called {name!r}{near(name, benchmark.profiles) or ';'} the profiles are {known}")
        if name in seen:
            raise DocumentError(f"{benchmark.path}: profile {name!r} extends itself")
        seen.append(name)
        yield benchmark.profiles[name]
        name = benchmark.profiles[name].get("extends", "")


def declared_values(benchmark: Benchmark) -> dict[str, Json]:
    """Return every value that can be set, with its default: the benchmark's own and those of its rules."""
    values = dict(benchmark.values)
    for rule in benchmark.rules.values():
        values.update(rule.get("values", {}))
    return values


def conditions(benchmark: Benchmark, values: Values) -> tuple[tuple[Check, str], ...]:
    """Return the conditions under which no rule of `benchmark` can be judged, compiled, each with its reason; raises as `resolve` does."""
    bound, what = {**benchmark.values, **values}, f"{benchmark.path}: notchecked"
    return tuple((_check(case["when"], bound, what, benchmark.shipped), case["is"]) for case in benchmark.notchecked)


def resolve(benchmark: Benchmark, rule_id: str, values: Values) -> Rule:
    """Return the rule with its values bound and its schemas compiled; raises DocumentError or DialectError naming rule and file."""
    document, source = benchmark.rules[rule_id], benchmark.sources[rule_id]
    what = f"{source}: rule {rule_id}"
    bound = {**benchmark.values, **document.get("values", {}), **values}
    for key in ("because", "seen"):
        ordered(document.get(key, ""), key, what)

    def make(schema: Json, key: str) -> Check:
        return _check(schema, bound, f"{what}: {key}", benchmark.shipped)

    def made(key: str) -> Check | None:
        return make(document[key], key) if key in document else None

    written = document.get("notapplicable", ())
    return Rule(
        id=rule_id,
        title=document["title"],
        source=source,
        document=document,
        exemptions=tuple((make(case["when"], "notapplicable"), case["is"]) for case in written if "when" in case),
        nothing=next((case["is"] for case in written if "when" not in case), ""),
        each=document.get("each"),
        where=made("where"),
        expect=made("expect"),
        unscored=made("unscored"),
        severity=_severity(document["severity"], make, what),
        make=make,
    )


def _check(schema: Json, values: Values, what: str, shipped: bool) -> Check:
    make = partial(_made, schema, values, what, shipped)
    if shipped:
        return Check(made=make)
    whole = make()  # what is wrong with it is said now
    return Check(made=lambda: whole)


def _made(schema: Json, values: Values, what: str, shipped: bool) -> Json:
    bound = bind(schema, values, what)
    if not shipped:  # what is shipped was checked when it was compiled, and a value that a site sets is of the kind of its default
        check(bound, what)
    return inline(bound, what)  # so that whoever asks what a rule looks at sees all of it


def _severity(written: Json, make: Make, what: str) -> tuple[tuple[Check | None, str], ...]:
    if isinstance(ordered(written, "severity", what), str):
        return ((None, written),)
    cases = [(make(case["when"], "severity"), case["is"]) for case in written[:-1]]
    return (*cases, (None, written[-1]))


def severity_of(rule: Rule, subject: Json) -> str:
    """Return how bad a failure on `subject` is: the first condition that holds decides; one that cannot be known counts where it would raise."""
    worst = ""
    for condition, severity in rule.severity:
        verdict = True if condition is None else condition.judge(subject)
        if verdict is False:
            continue
        worst = max(worst, severity, key=lambda name: SEVERITIES.index(name) if name else -1)
        if not isinstance(verdict, Unknown):
            break
    return worst


def named_at_top(schema: Json) -> set[str]:
    """Return the names of the members of the document that `schema` looks at."""
    if not isinstance(schema, dict):
        return set()
    names = {*schema.get("properties", {}), *schema.get("required", ()), *schema.get("dependentRequired", {})}
    names |= {name for dependents in schema.get("dependentRequired", {}).values() for name in dependents}
    for _, inner in same_place(schema):
        names |= named_at_top(inner)
    return names


def parse_values(settings: list[str], declared: Values) -> dict[str, Json]:
    """Return what ``NAME=VALUE`` settings mean, each by the kind of its default; raises HostcheckError naming the setting."""
    values: dict[str, Json] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        text = clean(text)
        if not equals:
            raise HostcheckError(f"--value {setting!r}: write NAME=VALUE")
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise HostcheckError(f"--value {setting!r}: no rule has a value called {name!r}{near(name, declared) or ';'} the values are {known}")
        values[name] = _value(text, declared[name], setting)
    return values


def _value(text: str, default: Json, setting: str) -> Json:
    if isinstance(default, list):
        items = [item.strip() for item in text.split(",") if item.strip()]
        return [_value(item, default[0], setting) for item in items] if default and not isinstance(default[0], str) else items
    if isinstance(default, bool):
        if text not in ("true", "false"):
            raise HostcheckError(f"--value {setting!r}: must be true or false")
        return text == "true"
    if isinstance(default, int | float):
        try:
            number = int(text) if isinstance(default, int) else float(text)
        except ValueError:
            raise HostcheckError(f"--value {setting[:80]!r}: must be a number") from None
        if not isfinite(number):
            raise HostcheckError(f"--value {setting!r}: must be a finite number")
        return number
    return text
