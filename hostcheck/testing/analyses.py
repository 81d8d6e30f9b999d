"""The contract of analyses: what is not known of the facts that one is given is not known of those that it derives.

Hiding is tried at every place of the facts given, and in three ways: gone, perhaps more than these, and perhaps more than these without the first.
"""

from collections.abc import Collection, Iterator, Mapping
from copy import copy
from itertools import islice
from typing import Any, ClassVar, Final

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host import attempt
from hostcheck.model import Analysis, Hole, Json, Probe, Why, incomplete
from hostcheck.parting import part, settle
from hostcheck.pointer import join
from hostcheck.published import problem_of
from hostcheck.testing.contract import Contract, require, require_closed, require_none, require_obeyed
from hostcheck.testing.laws import breaches, differences, judged
from hostcheck.testing.probes import Saying
from hostcheck.testing.reading import Place, noting
from hostcheck.testing.shipped import require_name, shipped, shipped_schemas
from hostcheck.view import View

DENIED: Final = Hole(why=Why.DENIED, message="Permission denied")
WAYS: Final = ("hidden", "opened", "shortened")
"""How a fact is hidden: it is a hole; it may have more members than these; that, and the first of them is gone."""

Document = Mapping[str, Json]
"""Facts by the id of the probe or analysis that stated them."""


class AnalysisContract(Contract):
    """What holds for every analysis, to inherit in a test module.

    Give `analysis`, and `documents` by name: each has the facts that it reads, by probe, as whole as its probes state them. Facts that are not
    of a built-in probe are checked where their own probe or analysis is one of `others`; those of a probe that looks deep may be None.
    In `whole` are the JSON Pointers of collections that are
    read in one piece or not at all, such as a file: they are hidden, and never shortened. Every test of the class that has an argument
    `document` runs once for each.

    ```python
    from acme_motd.plugin import hostcheck_analyses, hostcheck_probes
    from hostcheck.testing import AnalysisContract

    class TestLength(AnalysisContract):
        (analysis,) = hostcheck_analyses()
        others = hostcheck_probes()
        documents = {"short": {"acme.motd": {"present": True, "text": "hello"}}, "none": {"acme.motd": {"present": False}}}
    ```
    """

    __test__ = False
    analysis: ClassVar[Analysis]
    documents: ClassVar[Mapping[str, Document]] = {}
    others: ClassVar[Collection[Probe | Analysis]] = ()
    values: ClassVar[Mapping[str, Json]] = {}
    whole: ClassVar[Collection[str]] = ()
    _every = 1
    needs: ClassVar[Mapping[str, str]] = {"analysis": "LENGTH", "documents": '{"short": {"acme.motd": {"present": True, "text": "hello"}}}'}

    def cases(self) -> Mapping[str, Any]:
        """Run what has an argument `document` on each of the documents."""
        return {"document": self.documents}

    def test_its_name_can_be_used(self) -> None:
        """The registry refuses a name that hostcheck has, or that cannot stand in a pointer or on a command line."""
        require_name(self.analysis)

    def test_its_facts_schema_is_closed(self) -> None:
        """What the schema does not describe is not a fact, and an empty document is not all facts."""
        require_closed(self.analysis.facts_schema)

    def test_it_is_given_what_probes_state(self, document: Document) -> None:
        """Facts that no probe would state prove nothing about those that one does."""
        missing = sorted({*self.analysis.reads} - document.keys())
        require(not missing, f"{self.analysis.id} reads {missing}, and the document has no such facts; give them, or a Hole that says why there are none")
        known = {**shipped_schemas(), **{one.id: one.facts_schema for one in self.others}}
        deep = {one.id for one in (*shipped(), *self.others) if isinstance(one, Probe) and one.deep}
        for name, facts in document.items():
            if facts is None and name in deep:  # it was not to look
                continue
            require(name in known, f"{name!r} is no built-in probe or analysis; name your own in `others`, so that the facts can be checked: others = [...]")
            require_obeyed(facts, known[name], f"{name} in `documents`")

    def test_from_some_document_it_derives_facts(self) -> None:
        """An analysis that never derives anything obeys every other test."""
        seen = [derived(self.analysis, document, self.values) for document in self.documents.values()]
        remedy = "add a document in which all that it reads is known"
        require(any(isinstance(facts, dict) for facts in seen), f"{self.analysis.id} derives no facts from any of `documents`, only {seen!r:.300}; {remedy}")

    def test_its_facts_obey_their_schema(self, document: Document) -> None:
        """Facts that break their schema are `unknown` in every rule."""
        require_obeyed(derived(self.analysis, document, self.values), self.analysis.facts_schema, self.analysis.id)

    def test_its_edges_have_the_published_shape(self, document: Document) -> None:
        """What breaks it is not known, and may be a step of anybody's."""
        found = derived(self.analysis, document, self.values)
        edges = found.get("edges") if self.analysis.edges and isinstance(found, dict) else {}
        known = {key: one for key, one in edges.items() if not isinstance(one, Hole)} if isinstance(edges, dict) else edges
        problem = problem_of(part(known)[0], "edges-1") if not isinstance(edges, Hole) else ""
        require(not problem, f"{self.analysis.id}: its `edges` break the published shape at {problem}; hostcheck/schemas/edges-1.json describes it")

    def test_it_is_pure(self, document: Document) -> None:
        """The same facts and values give the same facts."""
        once, again = (derived(self.analysis, document, self.values) for _ in range(2))
        remedy = "Derive from the arguments alone: no clock, no host, no order of a set, nothing that an earlier call left in a module."
        require_none(differences(once, again), f"{self.analysis.id} derived something else from the same facts:", remedy)

    def test_hiding_any_fact_only_makes_holes(self, document: Document) -> None:
        """What is derived from what is not known is not known, and nothing else changes."""
        remedy = "Reading a hole raises HoleError: let it, or catch it by `attempt(lambda: facts[...])` and state the Hole where the derived fact would stand."
        remedy += "\nOf a collection that may have more, ask `known` and `opening` of hostcheck.api, and state `incomplete(members, hole)`."
        require_none(self.hidings(document), f"{self.analysis.id} derives something else where less is known:", remedy)

    def hidings(self, document: Document) -> Iterator[str]:
        """Yield what becomes anything but a hole when one fact of `document` is hidden, of those that the analysis reads."""
        given = {name: document[name] for name in self.analysis.reads if name in document}
        read: set[Place] = set()
        schema = load_facts_schema(self.analysis.facts_schema)
        before = judged(schema, derived(self.analysis, noting(given, read), self.values))
        for at, fact in islice(((at, fact) for at, fact in facts_in(given) if at in read), 0, None, self._every):
            pointer = "".join(join("", token) for token in at)
            for how in ways(fact, pointer in self.whole):
                with Saying(f"while {pointer} was {how}"):
                    after = judged(schema, derived(self.analysis, hide(given, at, how), self.values))
                yield from (f"with {pointer} {how}: {breach}" for breach in breaches(before, after))


def derived(analysis: Analysis, document: Document, values: Mapping[str, Json]) -> Json:
    """Return what `analysis` derives, as rules see it: a hole that it reads and does not catch is a hole at the root."""
    given = {name: document.get(name, Hole(why=Why.UNSUPPORTED, message=f"no facts of {name!r}")) for name in analysis.reads}
    return settle(attempt(analysis.derive, View(given), values), analysis.id)


def leaves(value: Json, at: Place = ()) -> Iterator[Place]:
    """Yield the place of every fact, and of every collection of facts."""
    yield from (place for place, _ in facts_in(value, at))


def facts_in(value: Json, at: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Yield every fact, and every collection of facts, with its place."""
    if at:
        yield at, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from facts_in(item, (*at, key))


def ways(value: Json, whole: bool = False) -> tuple[str, ...]:
    """Return the WAYS in which a fact can be hidden: only what has members can be left open, and what is read as a `whole` is not shortened."""
    if not isinstance(value, dict | list):
        return WAYS[:1]
    return WAYS[:2] if whole else WAYS


def hide(facts: Any, at: Place, how: str) -> Any:
    """Return `facts` with the one at `at` hidden in one of the WAYS; what has no members is left as it is by all but the first."""
    if not at:
        return _hidden(facts, how)
    changed = copy(facts)
    changed[at[0]] = hide(facts[at[0]], at[1:], how)
    return changed


def _hidden(value: Any, how: str) -> Any:
    if how == "hidden":
        return DENIED
    if not isinstance(value, dict | list):
        return value
    members = value if how == "opened" else dict(list(value.items())[1:]) if isinstance(value, dict) else value[1:]
    return incomplete(members, DENIED)
