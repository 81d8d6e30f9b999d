"""What holds for every built-in analysis, on the facts of recorded hosts: the contract that the public test kit has for everybody's."""

import json
import os
from pathlib import Path
from typing import Any

from hostcheck import collect, registry
from hostcheck.derive import derive
from hostcheck.model import Analysis, Json
from hostcheck.testing import AnalysisContract
from hostcheck.testing.analyses import Document, derived, facts_in, hide, ways
from hostcheck.testing.laws import differences
from hostcheck.testing.reading import Place, noting

FAKES = Path(__file__).parents[1] / "fakes"
REGISTRY = registry.load()


def facts_of(fake: str) -> dict[str, Json]:
    evidence = collect.replay(REGISTRY, json.loads((FAKES / f"{fake}.recording.json").read_text()))
    unasked = {name: None for name, probe in REGISTRY.probes.items() if probe.deep}
    return {**unasked, **derive(evidence, REGISTRY.probes, REGISTRY.analyses, {}).document}


DOCUMENTS = {fake: facts_of(fake) for fake in ("weak-as-root", "docker-as-nobody")}
WHOLE = {"/principals/users", "/principals/groups"}
"""A file of which all was read, or nothing."""


class Recorded(AnalysisContract):
    """With HOSTCHECK_TEST_FULL=1 each fact is hidden, and else every sixth: the documents are large."""

    __test__ = False
    _every = 1 if os.environ.get("HOSTCHECK_TEST_FULL") else 6

    def test_what_it_did_not_read_changes_nothing(self, document: Document) -> None:
        """Such a fact is not hidden by the test above: one in many is, here."""
        read = set[Place]()
        given = {name: document[name] for name in self.analysis.reads}
        before = derived(self.analysis, noting(given, read), {})
        assert not list(differences(before, derived(self.analysis, given, {})))
        unread = [(at, how) for at, fact in facts_in(given) if at not in read for how in ways(fact)]
        for at, how in unread[:: len(unread) // 25 + 1]:
            assert not list(differences(before, derived(self.analysis, hide(given, at, how), {}))), (at, how)


def contract_of(analysis: Analysis) -> type[AnalysisContract]:
    given: dict[str, Any] = {"analysis": analysis, "documents": DOCUMENTS, "whole": WHOLE}
    return type(f"Test{analysis.id.title().replace('-', '')}", (Recorded,), given)


globals().update({contract.__name__: contract for contract in map(contract_of, REGISTRY.analyses.values())})
