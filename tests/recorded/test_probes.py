"""What holds for every built-in probe, on recordings of real hosts: the contract that the public test kit has for everybody's."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from contract.crowd import crowd

from hostcheck import registry
from hostcheck.derive import derive
from hostcheck.evaluate import judge_rule
from hostcheck.host import Host, attempt
from hostcheck.host.replay import Replay
from hostcheck.model import Hole, Probe, Why
from hostcheck.parting import part
from hostcheck.testing import FindingsContract, ProbeContract, replay
from hostcheck.testing.findings import Hindered, Whole
from hostcheck.testing.hindrances import ERRORS, WITHHELD, cuts, delays, half_lines, shorter_files
from hostcheck.testing.probes import hinder, recorded, stated

FAKES = {path.name.partition(".")[0]: path for path in sorted((Path(__file__).parents[1] / "fakes").glob("*.recording.json"))}
RECORDED = {name: json.loads(path.read_text())["probes"].keys() for name, path in FAKES.items()}
REGISTRY = registry.load()
FULL = os.environ.get("HOSTCHECK_TEST_FULL", "")
PART = int(os.environ.get("HOSTCHECK_TEST_PART", "1"))
"""Of a probe that asks a host for very much, each how manieth answer is hindered: CI has no time for all."""
MUCH = 300


def test_there_are_recordings_of_every_probe() -> None:
    assert FAKES
    for name, probes in RECORDED.items():
        assert probes == {name for name, probe in REGISTRY.probes.items() if not probe.deep}, f"{name}: record it anew, by tests/fakes/record.py on such a host"


def test_what_asks_the_name_service_is_alone() -> None:
    """It loads code of others into its process."""
    verbs = {"users", "groups", "user", "group", "group_ids"}
    answers = {name: json.loads(path.read_text())["probes"] for name, path in FAKES.items()}
    asking = {probe for probes in answers.values() for probe, kept in probes.items() if verbs & {answer["verb"] for answer in kept["answers"]}}
    assert asking == {name for name, probe in REGISTRY.probes.items() if probe.alone} != set()


class Recorded(ProbeContract):
    __test__ = False

    def test_it_states_facts_on_every_recorded_host(self, host: Host) -> None:
        assert isinstance(stated(self.probe.collect, host), dict)

    def test_denying_any_answer_only_makes_holes(self, host: Host) -> None:
        """Each answer in two of the ways by turns; with HOSTCHECK_TEST_FULL=1 in every way."""
        if FULL:
            super().test_denying_any_answer_only_makes_holes(host)
        else:
            assert list(hinder(self.probe.collect, host, denied_in_turns)) == []

    def test_delaying_its_answers_only_makes_holes(self, host: Host) -> None:
        assert list(hinder(self.probe.collect, host, delayed_in_part)) == []

    def _garbled(self, host: Host) -> Iterator[tuple[str, Replay]]:
        return islice(super()._garbled(host), 0, None, _stride(Replay(recorded(self.probe.collect, host))))


def denied_in_turns(_: object, host: Replay) -> Iterator[tuple[str, Host]]:
    """Yield the host without each of its answers in turn, in two of the ways."""
    for number, key in islice(enumerate(host.keys), 0, None, _stride(host)):
        for turn in (number, number + 1):
            error = ERRORS[turn % len(ERRORS)]
            yield f"without `{key}` ({error!r})", host.denying(key, error)


def delayed_in_part(collect: Any, host: Replay) -> Iterator[tuple[str, Host]]:
    """Yield the host as it gets slower."""
    return islice(delays(collect, host), 0, None, _stride(host))


def _stride(host: Replay) -> int:
    return PART if len(host.keys) > MUCH else 1


CROWD = crowd()


@cache
def hosts_of(probe: str) -> dict[str, Host]:
    return {"crowd": CROWD, **{name: replay(path, probe) for name, path in FAKES.items() if probe in RECORDED[name]}}


def contract_of(probe: Probe) -> type[ProbeContract]:
    given: dict[str, Any] = {"probe": probe, "hosts": hosts_of(probe.id)}
    return type(f"Test{probe.id.title().replace('-', '')}", (Recorded,), given)


globals().update({contract.__name__: contract for contract in map(contract_of, REGISTRY.probes.values())})


class TestFindings(FindingsContract):
    """Of the weak host every eighth answer is denied, in one of the ways by turns, and every third is late.

    With HOSTCHECK_TEST_FULL=1 it is every one of all hosts, and with HOSTCHECK_TEST_FULL=all in every way.
    """

    path = REGISTRY.benchmarks[0]
    profile = "level2"
    hosts = {name: {probe: hosts_of(probe)[name] for probe in REGISTRY.probes if probe in RECORDED[name]} for name in FAKES if FULL or name == "weak-as-root"}

    def errors(self, number: int) -> Iterable[Exception]:
        return WITHHELD if FULL == "all" else super().errors(number) if FULL else () if number % 8 else super().errors(number // 8)

    def hinder(self, host: Whole, hindered: Hindered) -> Iterator[str]:
        some = hindered if FULL or hindered is not delays else lambda collect, one: islice(delays(collect, one), 0, None, 3)
        return super().hinder(host, some)

    def test_findings_that_are_remembered_are_those_that_would_be_made(self, host: Whole) -> None:
        """Tried where a probe is lost, and where every hundredth of its answers is denied or late."""
        stated = self.state(host)
        self.judge(stated)
        for name, one in host.items():
            collect = self.probes[name].collect
            others = chain(islice(self._denied(collect, one), 0, None, 100), islice(delays(collect, one), 50, None, 100))
            for result in [part(Hole(why=Why.TIMEOUT, message="lost")), *(part(attempt(collect, other)) for _, other in others)]:
                changed = {**stated, name: result}
                evidence = {key: {"version": self.probes[key].version, "facts": facts, "holes": holes} for key, (facts, holes) in changed.items()}
                facts = derive({"probes": evidence}, self.probes, self.analyses, {})
                assert self.judge(changed) == [finding for rule in self.rules for finding in judge_rule(rule, facts, prove=False)]


class TestPatience(FindingsContract):
    """Of a crowd of sockets it is told who is late: of what else is denied, which the recordings show, one answer in fourteen."""

    path = REGISTRY.benchmarks[0]
    profile = "level2"
    hosts = {"crowd": dict.fromkeys(REGISTRY.probes, CROWD)}

    def errors(self, number: int) -> Iterable[Exception]:
        return WITHHELD if FULL else WITHHELD[: number % 14 == 0]


def test_how_many_ways_there_are_to_tell_less() -> None:
    """Print, under `pytest -s`, on how many cases the laws were tried: none of these may fall to nothing by a change of the kit."""
    counts: Counter[str] = Counter()
    for probe in REGISTRY.probes.values():
        for host in hosts_of(probe.id).values():
            recording = recorded(probe.collect, host)
            answers: Any = recording["answers"]
            counts["answers"] += len(answers)
            counts["denied, in facts"] += len(answers) * len(ERRORS)
            counts["denied, in findings"] += len(answers)
            counts["denied, in findings, in full"] += len(answers) * len(WITHHELD)
            counts["late, in facts and in findings"] += len(list(delays(partial(stated, probe.collect), host)))
            counts["cut short, in facts and in findings"] += len(list(cuts(recording)))
            counts["documents and processes cut short, in findings"] += len(list(shorter_files(recording)))
            counts["texts of the kernel's cut short, in findings"] += len(list(half_lines(recording)))
    print("", *(f"{count:6} {what}" for what, count in counts.items()), sep="\n")
    assert counts["late, in facts and in findings"] > counts["answers"] > 1000
    assert min(counts.values()) > 20
