"""What holds for every built-in probe, on recordings of real hosts: the contract that the public test kit has for everybody's."""

import json
from pathlib import Path
from typing import Any

from hostcheck import registry
from hostcheck.host import Host
from hostcheck.model import Probe
from hostcheck.testing import FindingsContract, ProbeContract, replay
from hostcheck.testing.probes import stated

FAKES = {path.name.partition(".")[0]: path for path in sorted((Path(__file__).parents[1] / "fakes").glob("*.recording.json"))}
RECORDED = {name: json.loads(path.read_text())["probes"].keys() for name, path in FAKES.items()}
REGISTRY = registry.load()


def test_there_are_recordings_of_every_probe() -> None:
    assert FAKES
    for name, probes in RECORDED.items():
        assert probes == REGISTRY.probes.keys(), name


class Recorded(ProbeContract):
    __test__ = False

    def test_it_states_facts_on_every_recorded_host(self, host: Host) -> None:
        assert isinstance(stated(self.probe.collect, host), dict)


def hosts_of(probe: str) -> dict[str, Host]:
    return {name: replay(path, probe) for name, path in FAKES.items() if probe in RECORDED[name]}


def contract_of(probe: Probe) -> type[ProbeContract]:
    given: dict[str, Any] = {"probe": probe, "hosts": hosts_of(probe.id)}
    return type(f"Test{probe.id.title().replace('-', '')}", (Recorded,), given)


globals().update({contract.__name__: contract for contract in map(contract_of, REGISTRY.probes.values())})


class TestFindings(FindingsContract):
    path = REGISTRY.benchmarks[0]
    profile = "level2"
    hosts = {name: {probe: replay(path, probe) for probe in RECORDED[name]} for name, path in FAKES.items()}
