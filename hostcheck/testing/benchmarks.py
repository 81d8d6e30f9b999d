"""The contract of benchmarks: every rule can pass and can fail, and on a host of which nothing is known it does neither.

The facts schemas that a rule is held against are those of the built-in probes and analyses, and of `others`.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, ClassVar, Final

from hostcheck import lint
from hostcheck.authoring.compile import Source, check_examples, compiled, shown_examples, written_out
from hostcheck.benchmark import Benchmark, Rule, declared_values, load, resolve, selection
from hostcheck.documents import read_bytes
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Analysis, Hole, HostcheckError, Json, Probe, Why
from hostcheck.testing.contract import Contract, facts_schema, require, require_none
from hostcheck.testing.shipped import shipped_schemas

DENIED: Final = Hole(why=Why.DENIED, message="Permission denied")


class BenchmarkContract(Contract):
    """What holds for every benchmark, to inherit in a test module.

    Give `path`, that of the document that is shipped, and in `others` your own probes and analyses that its rules read. Give `source`, the folder of its
    benchmark.yaml, where it is written in YAML: then its examples are run, and the document has to be the one that `hostcheck compile` makes of it. Every
    test of the class that has an argument `rule` runs once for the id of each rule.

    ```python
    from acme_motd.plugin import hostcheck_analyses, hostcheck_benchmarks, hostcheck_probes
    from hostcheck.testing import BenchmarkContract

    class TestRules(BenchmarkContract):
        (path,) = hostcheck_benchmarks()
        others = [*hostcheck_probes(), *hostcheck_analyses()]
    ```
    """

    __test__ = False
    path: ClassVar[str]
    source: ClassVar[str] = ""
    others: ClassVar[Collection[Probe | Analysis]] = ()
    needs: ClassVar[Mapping[str, str]] = {"path": 'beside(__file__, "benchmark/acme.json")'}

    def cases(self) -> Mapping[str, Any]:
        """Run what has an argument `rule` on each of the rules; a benchmark that cannot be loaded has none."""
        try:
            return {"rule": {name: name for name in sorted(self.benchmark.rules)}}
        except (AttributeError, HostcheckError):  # the tests tell what is wrong, where an error here would stop those of all other modules
            return {"rule": {}}

    @property
    def benchmark(self) -> Benchmark:
        """Return the benchmark."""
        return loaded(self.path)

    def schemas(self) -> dict[str, Json]:
        """Return the facts schema of each probe and analysis that a rule may read."""
        paths = {**shipped_schemas(), **{one.id: one.facts_schema for one in self.others}}
        return {name: facts_schema(path) for name, path in paths.items()}

    def resolve(self, rule: str) -> Rule:
        """Return a rule with the values of its examples, or with the defaults."""
        return resolve(self.benchmark, rule, self.written.values_of(rule) if self.written is not None else {})

    def test_lint_finds_nothing(self) -> None:
        """What lint finds, `hostcheck --benchmark` refuses."""
        remedy = "`hostcheck lint` says the same; your own probes and analyses are to be named in `others`."
        require_none(lint.problems(self.benchmark, self.schemas()), f"{self.path} cannot be judged by:", remedy)

    def test_every_rule_is_in_a_profile(self) -> None:
        """A rule that no profile selects is never judged."""
        found = self.benchmark
        selected = {rule for profile in found.profiles for rule in selection(found, profile)[0]}
        unused = sorted(found.rules.keys() - selected)
        require(not unused, f"{self.path}: no profile selects {', '.join(unused)}; name them in the `rules` of one")

    def test_every_value_is_used(self) -> None:
        """A value that no rule uses is one that a site sets for nothing."""
        text = json.dumps(dict(self.benchmark.rules))
        unused = [name for name in declared_values(self.benchmark) if f'"$value": {json.dumps(name)}' not in text]
        require(not unused, f'{self.path}: no rule uses the values {unused}; use them as {{"$value": NAME}}, or take them out')

    def test_a_rule_rejects_a_host_that_states_nothing(self, rule: str) -> None:
        """Plain JSON Schema accepts what is absent."""
        expect = self.resolve(rule).expect
        remedy = "name the facts that it looks at in `required`, at every level"
        require(expect is None or expect.judge({}) is False, f"{rule}: its `expect` accepts {{}}, so it would pass on no evidence; {remedy}")

    def test_where_nothing_is_known_a_rule_says_so(self, rule: str) -> None:
        """Where everything is denied a rule is an error: it neither passes nor fails, and neither does it not apply."""
        resolved = self.resolve(rule)
        results = {finding["result"] for finding in judge_rule(resolved, Facts(document=dict.fromkeys(self.schemas(), DENIED)), prove=False)}
        wanted = "notchecked" if resolved.manual else "error"
        remedy = "a schema that accepts anything, or nothing, looks at no fact; say what facts it looks at"
        require(results == {wanted}, f"{rule}: is {', '.join(sorted(results))} on a host of which nothing is known, and not {wanted}; {remedy}")

    @property
    def written(self) -> Source | None:
        """Return the benchmark as it is written; None where that is not given."""
        return read_source(self.source) if self.source else None

    def test_it_is_what_its_source_says(self) -> None:
        """Who changes a rule in YAML and forgets to compile ships the old one."""
        if self.written is not None:
            document = compiled(self.written)
            shown = f"{self.path.removesuffix('.json')}.examples.json"
            for place, made in ((self.path, document), (shown, shown_examples(self.written, document, self.schemas()))):
                require(_content(place) == written_out(made), f"{place} is not what {self.source} says; run `hostcheck compile {self.source}`")

    def test_its_examples_hold(self, rule: str) -> None:
        """A rule that was never seen to fail may not be able to."""
        resolved = self.resolve(rule)
        if self.written is not None and not resolved.manual:
            remedy = "Fix the rule, or say in the example what a host would really state."
            require_none(check_examples(self.written, resolved, self.schemas()), f"{self.written.files[rule]}: its examples do not hold:", remedy)
        elif "examples" in resolved.document and not resolved.manual:
            remedy = "Fix the rule, or say in the example what a host would really state."
            require_none(_broken(resolved), f"{resolved.source}: rule {rule}: its examples do not hold:", remedy)


def _content(path: str) -> bytes | None:
    """Return what is in the file at `path`; None where there is none."""
    try:
        return read_bytes(path)
    except HostcheckError:
        return None


@cache
def loaded(path: str) -> Benchmark:
    """Return the benchmark at `path`, which is read and validated once, and not for each of its rules."""
    return load(path)


@cache
def read_source(folder: str) -> Source:
    """Return the benchmark that is written in `folder`, which is read once as well."""
    return Source(folder)


def _broken(rule: Rule) -> Iterator[str]:
    """Yield what is wrong with the examples of a rule."""
    examples = rule.document["examples"]
    yield from (f"there is no example that must {wanted}" for wanted in ("pass", "fail") if wanted not in examples)
    for wanted, documents in examples.items():
        for number, example in enumerate(documents if isinstance(documents, list) else [documents], 1):
            for finding in judge_rule(rule, Facts(document=dict(example)), prove=False):
                if finding["result"] != wanted:
                    stated = f"{finding['result']} on {finding['subject'] or 'the host'}: {finding['because']}"
                    yield f"{wanted} example {number} is {stated}"
