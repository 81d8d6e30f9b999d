"""Facts as an analysis sees them: reading a hole raises, so that nothing can be derived from what is not known.

That goes for an incomplete collection as a whole too: to iterate over it, ask for its `known` members and its `opening`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, overload

from hostcheck.model import Hole, HoleError, Json, OpenArray, OpenObject, worst_of

LEAVES: Final = frozenset({str, int, bool, float, type(None)})
"""Types of what is shown as it is: most of what is read."""


def _shown(value: Json) -> Any:
    if type(value) in LEAVES:
        return value
    if isinstance(value, dict):
        return View(value)
    if isinstance(value, Hole):
        raise HoleError(value)
    return ViewList(value) if isinstance(value, list) else value


class View(Mapping[str, Any]):
    """An object of the facts; a member that is not known raises HoleError, and so does asking an incomplete one for what it may lack."""

    __slots__ = ("_members",)

    def __init__(self, members: dict[str, Json]) -> None:
        """Show `members`."""
        self._members = members

    def __getitem__(self, key: str) -> Any:
        """Return a member; raises HoleError where it is a hole or may be missing from what is known, KeyError where it is absent."""
        try:
            value = self._members[key]
        except KeyError:
            self._closed()
            raise
        return value if type(value) in LEAVES else _shown(value)

    def is_same(self, other: object) -> bool:
        """Say whether another view shows these very facts."""
        return isinstance(other, View) and other._members is self._members

    def _closed(self) -> dict[str, Json]:
        if isinstance(self._members, OpenObject):
            raise HoleError(self._members.hole)
        return self._members

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys of a complete object."""
        return iter(self._closed())

    def __len__(self) -> int:
        """Count the members of a complete object."""
        return len(self._closed())

    def __contains__(self, key: object) -> bool:
        """Say whether a member is there; raises HoleError where that cannot be known."""
        if key in self._members:
            if isinstance(value := self._members[key], Hole):
                raise HoleError(value)
            return True
        self._closed()
        return False


class ViewList(Sequence[Any]):
    """A list of the facts; an element that is not known raises HoleError, and so do length and iteration of an incomplete one."""

    __slots__ = ("_elements",)

    def __init__(self, elements: list[Json]) -> None:
        """Show `elements`."""
        self._elements = elements

    def _closed(self) -> list[Json]:
        if isinstance(self._elements, OpenArray):
            raise HoleError(self._elements.hole)
        return self._elements

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """Return an element of a complete list."""
        found = self._closed()[index]
        return [_shown(item) for item in found] if isinstance(index, slice) else _shown(found)

    def __len__(self) -> int:
        """Count the elements of a complete list."""
        return len(self._closed())

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the elements of a complete list."""
        return (_shown(item) for item in self._closed())

    def __eq__(self, other: object) -> bool:
        """Compare the elements of a complete list, as those of a View are compared."""
        return list(self) == list(other) if isinstance(other, Sequence) and not isinstance(other, str) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __contains__(self, item: object) -> bool:
        """Say whether `item` (a scalar) is an element; raises HoleError where that cannot be known."""
        if item in self._elements:
            return True
        for element in self._closed():
            if isinstance(element, Hole):
                raise HoleError(element)
        return False


@overload
def known(collection: View) -> list[str]: ...
@overload
def known(collection: ViewList) -> list[Any]: ...
def known(collection: View | ViewList) -> list[Any]:
    """Return the keys of an object whose members are there (a member may still be a hole: read it with `attempt`), or the known elements of a list."""
    shown = _inside(collection)
    return list(shown) if isinstance(shown, dict) else [_shown(item) for item in shown if not isinstance(item, Hole)]


def opening(collection: View | ViewList) -> Hole | None:
    """Return the hole that leaves `collection` incomplete: its own, or that of an element of a list; None where it is complete."""
    shown = _inside(collection)
    if isinstance(shown, OpenObject | OpenArray):
        return shown.hole
    if isinstance(shown, list):
        return worst_of(item for item in shown if isinstance(item, Hole))
    return None


def _inside(collection: Any) -> Any:
    """Return what a view shows; a test may give plain facts in its place."""
    return collection._members if isinstance(collection, View) else collection._elements if isinstance(collection, ViewList) else collection


def inside(view: View) -> dict[str, Json]:
    """Return what a view shows, holes and all: for whoever passes it on."""
    return view._members
