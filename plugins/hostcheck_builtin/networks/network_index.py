"""The networks that engines listed, found by what a container tells of its own: an id or, of one that was never started, a name."""

from collections import defaultdict
from typing import Final

from hostcheck.api import Hole, HoleError, View, Why, attempt, known, opening, worst_hole


class NetworkIndex:
    """All networks, by engine and id and by engine and name."""

    def __init__(self, networks: View) -> None:
        """Sort what is known of them; `unknown` is why there may be more, or one may have another name."""
        self._by_id: Final[dict[tuple[str, str], View]] = {}
        self._by_name: Final[dict[tuple[str, str], list[View]]] = defaultdict(list)
        self._unknown = worst_hole(opening(networks), *[attempt(self._add, networks, key) for key in known(networks)])

    def _add(self, networks: View, key: str) -> None:
        one = networks[key]
        self._by_id[one["engine"], one["id"]] = one
        self._by_name[one["engine"], one["name"]].append(one)

    def one(self, engine: str, name: str, ident: str) -> View:
        """Return the network that has an id or, without an id, a name, which two networks may have; raises HoleError where it is not known."""
        if ident and (engine, ident) in self._by_id:
            return self._by_id[engine, ident]
        found = [] if ident else self._by_name.get((engine, name), [])
        if self._unknown is not None:
            raise HoleError(self._unknown)
        if len(found) != 1:
            raise HoleError(Hole(why=Why.NONSENSE, message=f"{name}: its engine listed {'two networks of that name' if found else 'no such network'}"))
        return found[0]
