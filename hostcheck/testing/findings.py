"""The contract of what comes out in the end: on a whole host, whatever it denies or whichever probe is lost, no finding gets better.

Each part may obey its own contract and the whole still break this one, where a rule takes a fact for complete that an analysis leaves open.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

from hostcheck.benchmark import Rule, load, resolve, selection
from hostcheck.derive import derive
from hostcheck.documents import compact
from hostcheck.evaluate import judge_rule
from hostcheck.host import Host, attempt
from hostcheck.host.record import Replay
from hostcheck.model import Analysis, Hole, Json, Probe, Why, part
from hostcheck.testing.contract import Contract, require, require_none
from hostcheck.testing.laws import worse
from hostcheck.testing.probes import recorded
from hostcheck.testing.shipped import shipped_analyses, shipped_probes

DENIED: Final = PermissionError(13, "Permission denied")
LOST: Final = (Why.TIMEOUT, Why.CRASHED, Why.NONSENSE)
"""Why a probe as a whole may be missing: it was stopped, it died, or what it said could not be read."""

Whole = Mapping[str, Host]
"""A host for each probe, by its id: one recording has only what its own probe asked."""
Stated = dict[str, tuple[Json, list[dict[str, str]]]]
"""Facts in plain JSON and their holes, by probe."""


class FindingsContract(Contract):
    """What holds for a benchmark together with the probes and analyses that it reads, to inherit in a test module.

    Give `path`, that of its benchmark.json, and `hosts` by name, each a dict that names a host for every probe that the rules need; in `others`
    your own probes and analyses. Every test of the class that has an argument `host` runs once for each.

    ```python
    from acme_motd.plugin import hostcheck_analyses, hostcheck_benchmarks, hostcheck_probes
    from hostcheck.testing import FindingsContract, memory_host

    class TestFindings(FindingsContract):
        (path,) = hostcheck_benchmarks()
        others = [*hostcheck_probes(), *hostcheck_analyses()]
        hosts = {"greets": {"acme.motd": memory_host({"/etc/motd": "hello"})}, "says nothing": {"acme.motd": memory_host()}}
    ```
    """

    __test__ = False
    path: ClassVar[str]
    hosts: ClassVar[Mapping[str, Whole]] = {}
    others: ClassVar[Collection[Probe | Analysis]] = ()
    profile: ClassVar[str] = "level1"
    needs: ClassVar[Mapping[str, str]] = {"path": 'beside(__file__, "benchmark.json")', "hosts": '{"greets": {"acme.motd": memory_host()}}'}

    def cases(self) -> Mapping[str, Any]:
        """Run what has an argument `host` on each of the hosts."""
        return {"host": self.hosts}

    @cached_property
    def rules(self) -> list[Rule]:
        """Return the rules that the profile selects."""
        benchmark = load(self.path)
        selected, values = selection(benchmark, self.profile)
        return [resolve(benchmark, rule, values) for rule in sorted(selected)]

    @cached_property
    def probes(self) -> dict[str, Probe]:
        """Return the built-in probes and those of `others`, by id."""
        return {**shipped_probes(), **{one.id: one for one in self.others if isinstance(one, Probe)}}

    @cached_property
    def analyses(self) -> dict[str, Analysis]:
        """Return the built-in analyses and those of `others`, by id."""
        return {**shipped_analyses(), **{one.id: one for one in self.others if isinstance(one, Analysis)}}

    def state(self, host: Whole) -> Stated:
        """Return what each probe states of its host."""
        return {name: part(attempt(self.probes[name].collect, one)) for name, one in host.items()}

    def judge(self, stated: Stated) -> list[dict[str, Any]]:
        """Return the findings on a host of which the probes stated this."""
        evidence = {name: {"version": self.probes[name].version, "facts": facts, "holes": holes} for name, (facts, holes) in stated.items()}
        facts = derive({"probes": evidence}, self.probes, self.analyses, {})
        return [finding for rule in self.rules for finding in judge_rule(rule, facts)]

    def test_some_finding_passes_and_some_fails(self) -> None:
        """Nothing gets better where nothing was ever known."""
        results = {finding["result"] for host in self.hosts.values() for finding in self.judge(self.state(host))}
        remedy = "add a host with the fault that a rule looks for, and one without"
        require({"pass", "fail"} <= results, f"on all `hosts` together there is no pass or no fail, only {', '.join(sorted(results))}; {remedy}")

    def test_denying_any_answer_makes_no_finding_better(self, host: Whole) -> None:
        """Hiding can only hurt whoever hides."""
        remedy = "Find by the contracts of its probe and its analysis which of them takes what it was not told for something that it knows."
        require_none(self._denials(host), f"{self.path}: with less to see there are better findings:", remedy)

    def test_losing_a_probe_makes_no_finding_better(self, host: Whole) -> None:
        """A probe that was stopped, died or spoke nonsense has told nothing."""
        remedy = "What is not stated is not known: an analysis lets the HoleError that it meets out, or states a Hole."
        require_none(self._losses(host), f"{self.path}: without a probe there are better findings:", remedy)

    def _denials(self, host: Whole) -> Iterator[str]:
        stated = self.state(host)
        before = self.judge(stated)
        seen: set[bytes] = set()
        for name, one in host.items():
            collect = self.probes[name].collect
            replay = Replay(recorded(collect, one))
            for key in replay.keys:
                told = part(attempt(collect, replay.denying(key, DENIED)))
                answer = compact([name, *told])
                if answer not in seen:  # most denials leave the same facts as another one
                    seen.add(answer)
                    yield from (f"without `{key}` of {name}: {found}" for found in worse(before, self.judge({**stated, name: told})))

    def _losses(self, host: Whole) -> Iterator[str]:
        stated = self.state(host)
        before = self.judge(stated)
        for name in host:
            for why in LOST:
                lost = part(Hole(why=why, message="lost"))
                yield from (f"without {name} ({why}): {found}" for found in worse(before, self.judge({**stated, name: lost})))
