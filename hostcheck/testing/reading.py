"""Facts that note which of them are read: whatever becomes of what an analysis never looked at, it derives the same.

Whoever asks a collection for anything but one member, its length or its keys among it, has read all of it.
"""

from collections.abc import Callable
from typing import Any, Final

from hostcheck.model import Json, OpenArray, OpenObject

Place = tuple[str | int, ...]
SILENT: Final = (frozenset(dir(object)) | {"__class_getitem__"}) - {"__eq__", "__ne__", "__repr__", "__str__", "__format__", "__reduce__", "__reduce_ex__"}
"""What is asked of an object as such, and not of its members."""
SINGLE: Final = {"__getitem__", "__contains__", "get"}
"""What is asked of one member."""


def noting(value: Json, read: set[Place], at: Place = ()) -> Json:
    """Return `value`, which adds to `read` the place of each of its members that somebody is given or that is looked for."""
    kind = type(value)
    if kind not in NOTING:
        return value
    members = value.items() if isinstance(value, dict) else enumerate(value)
    inner = [(key, noting(item, read, (*at, key))) for key, item in members]
    noted = NOTING[kind](inner if isinstance(value, dict) else [item for _, item in inner])
    if isinstance(value, OpenObject | OpenArray):
        noted.hole = value.hole
    noted.note_all = lambda: read.update((*at, key) for key, _ in inner)
    noted.note_one = lambda key: read.add((*at, key))
    return noted


def _noted(kind: type, name: str) -> Callable[..., Any]:
    method = getattr(kind, name)
    single = name in SINGLE and issubclass(kind, dict)

    def ask(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.note_one(args[0]) if single else self.note_all()
        return method(self, *args, **kwargs)

    return ask


def _of(kind: type) -> type[Any]:
    asked = [name for name in dir(kind) if name not in SILENT and callable(getattr(kind, name))]
    return type(f"Noting{kind.__name__}", (kind,), {name: _noted(kind, name) for name in asked})


NOTING: Final[dict[type, type[Any]]] = {kind: _of(kind) for kind in (dict, list, OpenObject, OpenArray)}
