"""Say why a benchmark cannot be judged by: what plain JSON Schema would pass over in silence is an error here.

A rule must name facts that exist, must not accept a host of which nothing is known, and must prove by its examples that it can fail.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from hostcheck.because import placeholders, stray
from hostcheck.benchmark import Benchmark, Rule, conditions, load, resolve, selection
from hostcheck.documents import DocumentError
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HostcheckError, Json, OpenArray, OpenObject, Why, incomplete
from hostcheck.named_facts import Described, Schemas, leads, members_of, negated_absences, of_the_whole, step_to, unknown_facts
from hostcheck.origins import alternatives
from hostcheck.pointer import tokens
from hostcheck.registry import Registry, facts_schema_paths
from hostcheck.schema import Predicate, check, compile_schema
from hostcheck.spelling import near

UNSEEN: Final = Hole(why=Why.UNSUPPORTED, message="not part of the example")
LONGEST: Final = 100
"""How many characters an entry of `not_examined` has at most."""
Place = Callable[[Json, Json], str]


def load_foreign(path: str, registry: Registry) -> Benchmark:
    """Return the benchmark at `path`, validated and linted; raises HostcheckError with the first problem."""
    from hostcheck.trust import require_trusted

    require_trusted(path)
    benchmark = load(path)
    for source in sorted(set(benchmark.sources.values())):
        require_trusted(source)
    for problem in problems(benchmark, facts_schemas(registry)):
        raise DocumentError(problem)
    return benchmark


def facts_schemas(registry: Registry) -> dict[str, Json]:
    """Return the facts schema of each probe and analysis, by id; raises HostcheckError where one is not in the dialect."""
    return {name: _in_dialect(path) for name, path in sorted(facts_schema_paths(registry).items())}


@cache
def _in_dialect(path: str) -> Json:
    """Return the facts schema at `path`, which is checked once for all benchmarks; raises DialectError."""
    schema = load_facts_schema(path)
    check(schema, path)
    return schema


def problems(benchmark: Benchmark, schemas: Schemas) -> Iterator[str]:
    """Yield what is wrong with a benchmark, each as one line that names rule, file and remedy."""
    for profile in sorted(benchmark.profiles):
        try:
            selection(benchmark, profile)
        except HostcheckError as error:
            yield str(error)
    yield from _unclear_scope(benchmark)
    yield from _values_set_twice(benchmark)
    try:
        yield from (f"{benchmark.path}: {problem}" for problem in _condition_problems(benchmark, schemas))
    except HostcheckError as error:
        yield str(error)
    for name in sorted(benchmark.rules):
        what = f"{benchmark.sources[name]}: rule {name}"
        try:
            yield from (f"{what}: {problem}" for problem in _rule_problems(resolve(benchmark, name, {}), schemas))
        except HostcheckError as error:
            yield str(error)


def _unclear_scope(benchmark: Benchmark) -> Iterator[str]:
    """Yield what of `not_examined` cannot stand on one line beside a verdict, or says what rules say otherwise."""
    for number, text in enumerate(benchmark.not_examined):
        if text != " ".join(text.split()) or len(text) > LONGEST:
            yield f"{benchmark.path}: `not_examined`: {text!r:.60} must be a few words on one line, at most {LONGEST} characters"
        if text in benchmark.not_examined[:number]:
            yield f"{benchmark.path}: `not_examined`: {text!r} is named twice"
        if text in benchmark.sections.values():
            yield f"{benchmark.path}: `not_examined`: {text!r} is the title of a section; remove one of the two"


def _condition_problems(benchmark: Benchmark, schemas: Schemas) -> Iterator[str]:
    """Yield what is wrong with the conditions under which no rule can be judged: they name no fact, or hold of a host of which nothing is known."""
    whole: dict[str, Json] = {"properties": dict(schemas), "required": sorted(schemas), "additionalProperties": False}
    for condition, reason in conditions(benchmark, {}):
        if word := next(of_the_whole(condition.schema), ""):
            yield f"`notchecked` has {word!r} over the whole document; name the facts by `properties` and `required`"
        yield from unknown_facts(condition.schema, [(whole, whole)], "notchecked", schemas)
        yield from negated_absences(condition.schema, [(whole, whole)], "notchecked", schemas)
        if condition.judge({}) is not False:
            yield "`notchecked` holds of {}, so that no rule would ever be judged; add `required`"
        yield from _sentence_problems("notchecked", reason, [(whole, whole)], {}, whole, schemas)


def _values_set_twice(benchmark: Benchmark) -> Iterator[str]:
    for name, rule in sorted(benchmark.rules.items()):
        for value in sorted(rule.get("values", {}).keys() & benchmark.values.keys()):
            yield f"{benchmark.sources[name]}: rule {name}: value {value!r} is the benchmark's already; give the rule's another name, or leave it out"
    seen: dict[str, tuple[str, Json]] = {}
    for name, rule in sorted(benchmark.rules.items()):
        for value, default in rule.get("values", {}).items():
            if value in seen and seen[value][1] != default:
                yield f"{benchmark.sources[name]}: rule {name}: value {value!r} has another default in {seen[value][0]}; declare it once, for the benchmark"
            seen.setdefault(value, (name, default))


def _rule_problems(rule: Rule, schemas: Schemas) -> Iterator[str]:
    if rule.expect is None:
        if not rule.manual:
            yield 'it has no `expect`; say what must hold, or `"manual": true`'
        elif found := placeholders(rule.document.get("because", "")):
            yield f"`because` names {{{found[0]}}}, and nobody looks at facts for a manual rule: say what a person has to look at"
        return
    missing = sorted(name for name in rule.reads if name not in schemas)
    if missing:
        yield f"no probe or analysis is called {missing[0]!r}{near(missing[0], schemas)}"
        return
    yield from _facts_problems(rule, schemas)
    if rule.expect.judge({}) is not False:
        yield "its `expect` accepts {}, so that it would pass on no evidence; add `required`"
    yield from _written_examples(rule, schemas)


def _facts_problems(rule: Rule, schemas: Schemas) -> Iterator[str]:
    whole: dict[str, Json] = {"properties": dict(schemas), "required": sorted(schemas), "additionalProperties": False}
    roots = {name: schema for name, schema in schemas.items()}
    exempt = [("applies" if "examples" in rule.document else "notapplicable", condition) for condition, _ in rule.exemptions]
    for key, part in (*exempt, ("unscored", rule.unscored), ("expect", None if rule.each else rule.expect)):
        if part is not None and (word := next(of_the_whole(part.schema), "")):
            yield f"`{key}` has {word!r} over the whole document; name the facts by `properties` and `required`: a rule is shown only those that it names"
    for key, part in (*exempt, ("unscored", rule.unscored)):
        if part is not None:
            yield from unknown_facts(part.schema, [(whole, whole)], key, roots)
            if "examples" not in rule.document:
                yield from negated_absences(part.schema, [(whole, whole)], key, roots)
    subject = _subject(rule, schemas, whole)
    if not subject:
        yield f"`each` {rule.each} leads to no facts: no facts schema has an object of named members there"
        return
    for key, part in (("where", rule.where), ("expect", rule.expect), *(("severity", condition) for condition, _ in rule.severity)):
        if part is not None:
            yield from unknown_facts(part.schema, subject, key, roots)
            if "examples" not in rule.document:
                yield from negated_absences(part.schema, subject, key, roots)
    yield from _told_problems(rule, subject, whole, roots)


def _told_problems(rule: Rule, subject: Described, whole: Json, roots: Schemas) -> Iterator[str]:
    """Yield what is wrong with what a finding says: a condition, a sentence or a step that names no fact."""
    told = rule.told
    conditions = [(key, "", condition) for key, cases in (("because", told.because), ("seen", told.seen)) for condition, _ in cases]
    conditions += [("lists", listing.each, listing.where) for listing in told.lists.values()]
    conditions += [("fix", step.written.get("each", ""), step.when) for step in told.fix]
    for key, each, condition in conditions:
        if condition is not None:
            yield from unknown_facts(condition.schema, _members_at(each, subject, whole, roots) if each else subject, key, roots)
    for key, sentence, here in _texts(rule, subject, whole, roots):
        yield from _sentence_problems(key, sentence, here, told.lists, whole, roots)


def _sentence_problems(key: str, sentence: str, here: Described, lists: Mapping[str, Any], whole: Json, roots: Schemas) -> Iterator[str]:
    if braces := stray(sentence):
        yield f"`{key}` has {braces!r}, which is no placeholder: write {{subject}}, {{/pointer}} to a fact, or the name of one of `lists`"
    for name in placeholders(sentence):
        if name.startswith("/"):
            found, pointer = ([(whole, whole)], name[1:]) if name.startswith("//") else (here, name)
            if not leads(found, tokens(pointer), roots):
                yield f"`{key}` names {{{name}}}, which no facts schema has"
        elif name not in ("", "subject", "key") and name not in lists:
            yield f"`{key}` names {{{name}}}, which is none of its `lists`: {', '.join(sorted(lists)) or 'it has none'}"


def _texts(rule: Rule, subject: Described, whole: Json, roots: Schemas) -> Iterator[tuple[str, str, Described]]:
    """Yield every text with placeholders, with what describes the facts that it names."""
    told = rule.told
    yield from (("notapplicable", case["is"], [(whole, whole)]) for case in rule.document.get("notapplicable", ()))
    for key, cases in (("because", told.because), ("seen", told.seen)):
        yield from ((key, sentence, subject) for _, sentence in cases)
    if owner := rule.document.get("owner"):
        yield "owner", f"{{{owner}}}", subject
    for listing in told.lists.values():
        yield "lists", f"{{{listing.each}}}", subject
        yield "lists", listing.show, _members_at(listing.each, subject, whole, roots)
    for step in rule.document["fix"]:
        here = _members_at(step["each"], subject, whole, roots) if "each" in step else subject
        yield from (("fix", f"{{{step[key]}}}", subject if key == "each" else here) for key in ("each", "as", "root_only") if key in step)
        yield "fix", step.get("run") or step.get("note", ""), here


def _members_at(pointer: str, subject: Described, whole: Json, roots: Schemas) -> Described:
    """Return what describes the members of the collection at `pointer`."""
    here = [(whole, whole)] if pointer.startswith("//") else subject
    for token in tokens(pointer.removeprefix("/") if pointer.startswith("//") else pointer):
        here = step_to(here, token, roots)
    return members_of(here, "additionalProperties") + members_of(here, "items")


def _subject(rule: Rule, schemas: Schemas, whole: Json) -> Described:
    here: Described = [(whole, whole)]
    if rule.each is None:
        return here
    for token in tokens(rule.each):
        here = step_to(here, token, schemas)
    maps = [(view, root) for schema, root in here for view in alternatives(schema, root)]
    return [(view["additionalProperties"], root) for view, root in maps if isinstance(view.get("additionalProperties"), dict)]


def _written_examples(rule: Rule, schemas: Schemas) -> Iterator[str]:
    """Yield what is wrong with the examples that a benchmark of version 1 brings; one of version 2 was held against its examples when it was compiled."""
    if "examples" not in rule.document:
        return
    examples = rule.document["examples"]
    for wanted in ("pass", "fail"):
        if wanted not in examples:
            yield f"it has no example that must {wanted}; a rule that was never seen to {wanted} is not tested"
    for wanted, documents in sorted(examples.items()):
        for number, example in enumerate(documents if isinstance(documents, list) else [documents], 1):
            yield from (f"{wanted} example {number}: {problem}" for problem in example_problems(rule, wanted, example, schemas))


def example_problems(rule: Rule, wanted: str, example: Mapping[str, Json], schemas: Schemas, place: Place | None = None) -> Iterator[str]:
    """Yield what is wrong with one example: facts that nobody could state (`place` finds where they break their schema), or another result than `wanted`."""
    for name, facts in example.items():
        if name not in schemas:
            yield f"{name!r} is no probe or analysis"
        elif _judge(schemas[name])(_partial(facts)) is False:
            yield f"the facts of {name!r} break its facts schema{f' at {place(schemas[name], _partial(facts))}' if place else ''}"
    if missing := sorted(rule.reads - example.keys()):
        yield f"it lacks the facts of {missing[0]!r}, which the rule reads"
        return
    for finding in judge_rule(rule, Facts(document=dict(example)), prove=False):
        if finding["result"] != wanted:
            said = f": {finding['because']}" if finding["because"] else ""
            yield f"gives {finding['result']} on {finding['subject'] or 'the host'}{said}"


JUDGES: Final[dict[int, tuple[Json, Predicate]]] = {}


def _judge(schema: Json) -> Predicate:
    """Return the predicate of a facts schema, which is compiled once for all examples; the schema is kept so that its identity stays its own."""
    if id(schema) not in JUDGES:
        JUDGES[id(schema)] = (schema, compile_schema(schema))
    return JUDGES[id(schema)][1]


def _partial(facts: Json) -> Json:
    """Return an example's facts as a part of more: an example states only what its rule looks at."""
    if isinstance(facts, dict):
        return incomplete({key: _partial(item) for key, item in facts.items()}, facts.hole if isinstance(facts, OpenObject) else UNSEEN)
    if isinstance(facts, list):
        return incomplete([_partial(item) for item in facts], facts.hole if isinstance(facts, OpenArray) else None)
    return facts
