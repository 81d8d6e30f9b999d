"""The contract of what comes out in the end: on a whole host, whatever it denies or whichever probe is lost, no finding gets better.

Each part may obey its own contract and the whole still break this one, where a rule takes a fact for complete that an analysis leaves open.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any, ClassVar, Final

from hostcheck.benchmark import Rule, resolve, selection
from hostcheck.documents import compact
from hostcheck.host import Host, attempt
from hostcheck.host.replay import Replay
from hostcheck.model import Analysis, Hole, Json, Probe, Why
from hostcheck.parting import escape, part
from hostcheck.testing.benchmarks import loaded
from hostcheck.testing.contract import Contract, require, require_none
from hostcheck.testing.hindrances import WITHHELD, cuts, delays, half_lines, shorter_files
from hostcheck.testing.laws import worse
from hostcheck.testing.probes import recorded
from hostcheck.testing.remembering import Remembering
from hostcheck.testing.shipped import shipped_analyses, shipped_probes

LOST: Final = (Why.TIMEOUT, Why.CRASHED, Why.NONSENSE)
"""Why a probe as a whole may be missing: it was stopped, it died, or what it said could not be read."""

Whole = Mapping[str, Host]
"""A host for each probe, by its id: one recording has only what its own probe asked."""
Stated = dict[str, tuple[Json, list[dict[str, Json]]]]
"""Facts in plain JSON and their holes, by probe."""
Hindered = Callable[[Callable[[Host], Any], Host], Iterator[tuple[str, Host]]]
"""Yields a host that tells one probe less, in each of some ways."""


class WholeHosts(Contract):
    """What a contract about whole hosts asks: the probes, analyses and rules, and what they say of each."""

    __test__ = False
    path: ClassVar[str] = ""
    hosts: ClassVar[Mapping[str, Whole]] = {}
    others: ClassVar[Collection[Probe | Analysis]] = ()
    profile: ClassVar[str] = "level1"

    def cases(self) -> Mapping[str, Any]:
        """Run what has an argument `host` on each of the hosts."""
        return {"host": self.hosts}

    @cached_property
    def rules(self) -> list[Rule]:
        """Return the rules that the profile selects, none without a benchmark."""
        if not self.path:
            return []
        benchmark = loaded(self.path)
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
        return {name: part(attempt(self.probes[name].collect, one), escape) for name, one in host.items()}

    @cached_property
    def remembering(self) -> Remembering:
        """Return what judges: each test begins with nothing remembered."""
        return Remembering(self.probes, self.analyses, self.rules)

    def teardown_method(self) -> None:
        """Forget it: pytest, which calls this, keeps the instance of every test to its end."""
        vars(self).pop("remembering", None)

    def judge(self, stated: Stated) -> list[dict[str, Any]]:
        """Return the findings on a host of which the probes stated this."""
        return self.remembering.judge(stated)


class FindingsContract(WholeHosts):
    """What holds for a benchmark together with the probes and analyses that it reads, to inherit in a test module.

    Give `path`, that of its document, and `hosts` by name, each a dict that names a host for every probe that the rules need; in `others`
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
    needs: ClassVar[Mapping[str, str]] = {"path": 'beside(__file__, "benchmark/acme.json")', "hosts": '{"greets": {"acme.motd": memory_host()}}'}

    def test_some_finding_passes_and_some_fails(self) -> None:
        """Nothing gets better where nothing was ever known."""
        results = {finding["result"] for host in self.hosts.values() for finding in self.judge(self.state(host))}
        remedy = "add a host with the fault that a rule looks for, and one without"
        require({"pass", "fail"} <= results, f"on all `hosts` together there is no pass or no fail, only {', '.join(sorted(results))}; {remedy}")

    def errors(self, number: int) -> Iterable[Exception]:
        """Return how the answer of that number is denied: in one of the ways, by turns; override it to have all of `WITHHELD` for each."""
        return (WITHHELD[number % len(WITHHELD)],)

    def test_denying_any_answer_makes_no_finding_better(self, host: Whole) -> None:
        """Hiding can only hurt whoever hides."""
        remedy = "Find by the contracts of its probe and its analysis which of them takes what it was not told for something that it knows."
        require_none(self.hinder(host, self._denied), f"{self.path}: with less to see there are better findings:", remedy)

    def test_delaying_answers_makes_no_finding_better(self, host: Whole) -> None:
        """Whoever makes a host slow can only hurt himself."""
        remedy = "Find by the contract of its probe what it takes for absent because it came too late, or was not asked any more."
        require_none(self.hinder(host, delays), f"{self.path}: where answers come too late there are better findings:", remedy)

    def test_cutting_any_answer_makes_no_finding_better(self, host: Whole) -> None:
        """Whoever asks can tell half a document from a whole one, and what is cut off was not absent."""
        remedy = "State what does not parse as malformed or as a Hole, and judge it as neither absent nor empty."
        require_none(self.hinder(host, _cut), f"{self.path}: where answers are cut short there are better findings:", remedy)

    def test_half_a_line_of_the_kernels_makes_no_finding_better(self, host: Whole) -> None:
        """The kernel ends what it writes with a whole line, so that half of one tells that there was more."""
        remedy = "Take a text of the kernel's that does not end with a line for cut short."
        require_none(self.hinder(host, _halved), f"{self.path}: where the kernel's texts are cut short there are better findings:", remedy)

    def test_losing_a_probe_makes_no_finding_better(self, host: Whole) -> None:
        """A probe that was stopped, died or spoke nonsense has told nothing."""
        remedy = "What is not stated is not known: an analysis lets the HoleError that it meets out, or states a Hole."
        require_none(self._losses(host), f"{self.path}: without a probe there are better findings:", remedy)

    def hinder(self, host: Whole, hindered: Hindered) -> Iterator[str]:
        """Yield which findings get better where each of the probes in turn is told less by its host."""
        stated = self.state(host)
        before = self.judge(stated)
        seen: set[bytes] = set()
        for name, one in host.items():
            for words, other in hindered(self.probes[name].collect, one):
                result = part(attempt(self.probes[name].collect, other), escape)
                answer = compact([name, *result])
                if answer not in seen:  # most of what is not told leaves the same facts as something else
                    seen.add(answer)
                    yield from (f"{name} {words}: {found}" for found in worse(before, self.judge({**stated, name: result})))

    def _denied(self, collect: Callable[[Host], Any], host: Host) -> Iterator[tuple[str, Host]]:
        replay = Replay(recorded(collect, host))
        for number, key in enumerate(replay.keys):
            yield from ((f"without `{key}` ({error!r})", replay.denying(key, error)) for error in self.errors(number))

    def _losses(self, host: Whole) -> Iterator[str]:
        stated = self.state(host)
        before = self.judge(stated)
        for name in host:
            for why in LOST:
                lost = part(Hole(why=why, message="lost"))
                yield from (f"without {name} ({why}): {found}" for found in worse(before, self.judge({**stated, name: lost})))


def _cut(collect: Callable[[Host], Any], host: Host) -> Iterator[tuple[str, Host]]:
    recording = recorded(collect, host)
    yield from chain(cuts(recording), shorter_files(recording))


def _halved(collect: Callable[[Host], Any], host: Host) -> Iterator[tuple[str, Host]]:
    return half_lines(recorded(collect, host))
