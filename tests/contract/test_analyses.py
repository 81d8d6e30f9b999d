"""What holds for every built-in analysis, on the facts of recorded hosts: the contract that the public test kit has for everybody's."""

import json
from pathlib import Path
from typing import Any

from hostcheck import collect, registry
from hostcheck.derive import derive
from hostcheck.model import Analysis, Json
from hostcheck.testing import AnalysisContract

FAKES = Path(__file__).parents[1] / "fakes"
REGISTRY = registry.load()


def facts_of(fake: str) -> dict[str, Json]:
    evidence = collect.replay(REGISTRY, json.loads((FAKES / f"{fake}.recording.json").read_text()))
    return derive(evidence, REGISTRY.probes, REGISTRY.analyses, {}).document


DOCUMENTS = {fake: facts_of(fake) for fake in ("weak-as-root", "docker-as-nobody")}
WHOLE = {"/principals/users", "/principals/groups"}
"""A file of which all was read, or nothing."""


def contract_of(analysis: Analysis) -> type[AnalysisContract]:
    given: dict[str, Any] = {"analysis": analysis, "documents": DOCUMENTS, "whole": WHOLE}
    return type(f"Test{analysis.id.title().replace('-', '')}", (AnalysisContract,), given)


globals().update({contract.__name__: contract for contract in map(contract_of, REGISTRY.analyses.values())})
