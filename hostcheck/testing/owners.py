"""The owner's law: what a user lays on a host can only ever cost that user.

Whatever is asked about what is a user's is answered in the worst way; facts and findings about others stay, byte for byte. That a probe has bounds proves
nothing of this: the bound that one user reaches must not be where another's things are left out.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar, Final, cast

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host import Host, attempt
from hostcheck.model import Hole, Json, Why, incomplete
from hostcheck.parting import escape, part, unite
from hostcheck.pointer import join, tokens
from hostcheck.testing.contract import require, require_none
from hostcheck.testing.findings import Stated, Whole, WholeHosts
from hostcheck.testing.laws import worse
from hostcheck.testing.theirs import Theirs
from hostcheck.testing.whose import TOLD, UNTOLD, Laid, Whose, Worst

WORST: Final[Mapping[str, Worst]] = {**UNTOLD, **TOLD}
CROWD: Final = 50
"""How many users together leave alone what is about others."""
MULTITUDE: Final = 1000
"""How many users together make no failure a pass."""
REMEDY: Final = (
    "What a host would not tell of a user's place is a hole that names that user in `owners`. Let it stand where that user's thing would, or open the\n"
    "collection for it, and go on with the others. In an analysis take a hole with owners for these users alone, and leave nothing else open for it."
)


class OwnersContract(WholeHosts):
    """What holds for probes, analyses and rules where users lay the worst, to inherit in a test module.

    Give `hosts` by name, each a dict that names a host for every probe, on which something is some user's: see `stats` of `memory_host`. In `others` are
    your own probes and analyses, and `path` is that of your benchmark, if you have one. Every user is tried to whom an answer is charged, or those of `uids`.
    A fact is about a user by a key that names a uid or a place: in `theirs` are ids of probes and rules, and beginnings of `probe/pointer`, of which whoever
    owns what is read is meant, though no key says so.

    ```python
    from acme_motd.plugin import hostcheck_probes
    from hostcheck.api import Stat
    from hostcheck.testing import OwnersContract, memory_host

    class TestOwners(OwnersContract):
        others = hostcheck_probes()
        theirs = ("acme.motd",)
        hosts = {"hers": {"acme.motd": memory_host({"/etc/motd": "hello"}, stats={"/etc/motd": Stat(type="file", uid=1000, gid=1000, mode=0o644)})}}
    ```
    """

    __test__ = False
    hosts: ClassVar[Mapping[str, Whole]] = {}
    others: ClassVar[Collection[Any]] = ()
    path: ClassVar[str] = ""
    profile: ClassVar[str] = "level1"
    uids: ClassVar[Collection[int]] = ()
    theirs: ClassVar[Collection[str]] = ()
    needs: ClassVar[Mapping[str, str]] = {"hosts": '{"hers": {"acme.motd": memory_host({...}, stats={"/etc/motd": Stat(type="file", uid=1000, ...)})}}'}

    def test_something_is_somebodys(self) -> None:
        """Where nothing is charged to anybody, nothing can cost anybody."""
        remedy = "add a host on which something that your probe looks at is a user's: stats={path: Stat(type=..., uid=1000, ...)}"
        require(any(any(self.charged(host).values()) for host in self.hosts.values()), f"on none of `hosts` an answer is charged to a user; {remedy}")

    def test_what_a_user_lays_changes_nothing_about_others(self, host: Whole) -> None:
        """What is not known of one user's things is not known of that user alone."""
        require_none(self._together(host, 1), f"{self._what}: by what one user lays, others are told of differently:", REMEDY)

    def test_what_two_users_lay_changes_nothing_about_others(self, host: Whole) -> None:
        """A hole that is about two says so."""
        require_none(self._together(host, 2), f"{self._what}: by what two users lay, others are told of differently:", REMEDY)

    def test_what_fifty_users_lay_changes_nothing_about_others(self, host: Whole) -> None:
        """However many there are."""
        require_none(self._together(host, CROWD), f"{self._what}: by what many users lay, others are told of differently:", REMEDY)

    def test_what_a_thousand_users_lay_makes_no_failure_a_pass(self, host: Whole) -> None:
        """Of so many a hole need not say whose it is."""
        before, charged = self.state(host), self.charged(host)
        uids = frozenset(sorted({uid for uids in charged.values() for uid in uids})[:MULTITUDE])
        after = ((name, self.judge(self.laid(host, before, charged, uids, worst))) for name, worst in UNTOLD.items())
        found = (f"{name}: {breach}" for name, findings in after for breach in worse(self.judge(before), findings))
        require_none(found, f"{self._what}: by what very many users lay, findings become better:", REMEDY)

    def test_a_collection_that_is_open_for_a_user_changes_nothing_about_others(self, host: Whole) -> None:
        """Where a user may have more than is told, analyses and rules say so of that user alone."""
        require_none(self._opened(host), f"{self._what}: where a collection may have more of one user's, others are told of differently:", REMEDY)

    @property
    def _what(self) -> str:
        return ", ".join(sorted(one.id for one in self.others)) or self.path or "built-in"

    def charged(self, host: Whole) -> dict[str, set[int]]:
        """Return by probe the users to whom an answer is charged, of `uids` if these are given."""
        whose, found = Whose(list(host.values())), dict[str, set[int]]()
        for name, one in host.items():
            asked = Laid(one, whose, frozenset(), UNTOLD["limit"])
            attempt(self.probes[name].collect, cast(Host, asked))
            found[name] = asked.charged - {0} if not self.uids else asked.charged & {*self.uids}
        return found

    def laid(self, host: Whole, before: Stated, charged: Mapping[str, set[int]], uids: frozenset[int], worst: Worst) -> Stated:
        """Return what each probe states of a host on which these users have laid the worst; the same as `before` where it asks nothing about them."""
        whose = Whose(list(host.values()))
        asking = {name: cast(Host, Laid(one, whose, uids, worst)) for name, one in host.items() if charged[name] & uids}
        return {**before, **{name: part(attempt(self.probes[name].collect, one), escape) for name, one in asking.items()}}

    def about(self, host: Whole, uids: Collection[int]) -> Theirs:
        """Return what is about these users."""
        return Theirs(uids, Whose(list(host.values())), {key for name in host for key in self.probes[name].owners.values()})

    def changes(self, theirs: Theirs, before: Stated, after: Stated, *, told: bool) -> Iterator[str]:
        """Yield which facts of probes and of analyses and which findings about others are not the same."""
        for name, (facts, holes) in before.items():
            if after[name] is not before[name]:
                schema = load_facts_schema(self.probes[name].facts_schema)
                yield from (f"{name}{change}" for change in theirs.facts(unite(facts, holes, name), unite(*after[name], name), schema))
        were, are = self.remembering.derived(before), self.remembering.derived(after)
        behind = theirs.behind(were.get("access-paths"))
        for name, known in were.items():
            schema = load_facts_schema(self.analyses[name].facts_schema)
            led = behind if name == "access-paths" else ()
            yield from (f"{name}{change}" for change in theirs.facts(known, are[name], schema, led, told=told))
        yield from theirs.findings(self.judge(before), self.judge(after), told=told, behind=behind)

    def broken(self, theirs: Theirs, before: Stated, after: Stated, *, told: bool) -> Iterator[str]:
        """Yield the changes that are none of what is `theirs` by the word of the contract."""
        for change in self.changes(theirs, before, after, told=told):
            if not any(re.match(rf"{re.escape(one)}(?![\w.-])", change) for one in self.theirs):
                yield change

    def _together(self, host: Whole, count: int) -> Iterator[str]:
        """Yield what changes where so many users at a time lay the worst."""
        before, charged = self.state(host), self.charged(host)
        uids = sorted({uid for uids in charged.values() for uid in uids})
        for first in range(0, len(uids), count):
            some = uids[first : first + count]
            theirs, who = self.about(host, some), f"uid {some[0]}" if len(some) == 1 else f"{len(some)} users"
            for name, worst in WORST.items():
                after = self.laid(host, before, charged, frozenset(some), worst)
                yield from (f"{name} of {who}: {change}" for change in self.broken(theirs, before, after, told=name in TOLD))

    def _opened(self, host: Whole) -> Iterator[str]:
        before, charged = self.state(host), self.charged(host)
        for uid in sorted({uid for uids in charged.values() for uid in uids})[:1]:
            theirs = self.about(host, [uid])
            left = self.laid(host, before, charged, frozenset((uid,)), UNTOLD["limit"])
            for name, at in self._open_places(before, left, theirs):
                after = {**before, name: part(_open(unite(*before[name], name), tokens(at), uid), escape)}
                yield from (f"{name}{at} is open for uid {uid}: {change}" for change in self.broken(theirs, before, after, told=False))

    def _open_places(self, before: Stated, left: Stated, theirs: Theirs) -> Iterator[tuple[str, str]]:
        """Yield the collections in which something of a user's may stand: those that probes name, and those that they leave open for one."""
        for name, (facts, _) in before.items():
            named = [place for pointer in self.probes[name].owners for place in _places(facts, tokens(pointer), theirs)]
            opened = [hole["pointer"] for hole in left[name][1] if hole["kind"] == "members" and hole.get("owners")]
            yield from ((name, place) for place in dict.fromkeys((*named, *opened)))


def _places(facts: Json, path: list[str], theirs: Theirs, at: str = "") -> Iterator[str]:
    """Yield the collections that a pointer with stars names, but for those in what is another's."""
    if not path:
        if isinstance(facts, dict):
            yield at
    elif isinstance(facts, dict):
        for key in [key for key in facts if theirs.text(key)] if path[0] == "*" else {path[0]} & facts.keys():
            yield from _places(facts[key], path[1:], theirs, join(at, key))


def _open(facts: Any, path: list[str], uid: int) -> Any:
    """Return facts with the collection at a place open for what is a user's."""
    if not path:
        return incomplete(facts, getattr(facts, "hole", None) or Hole(why=Why.LIMIT, message="has more than is told of one account", owners=(uid,)))
    if not isinstance(facts, dict) or path[0] not in facts:
        return facts
    changed = {**facts, path[0]: _open(facts[path[0]], path[1:], uid)}
    return incomplete(changed, getattr(facts, "hole", None))
