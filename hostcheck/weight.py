"""How much a document asks of whoever compiles it: its values, and what its schemas refer to, each time they do.

A kilobyte of references can stand for billions of schemas; to count them takes one look at each definition.
"""

from typing import Any

from hostcheck.model import Json


class Sizes(dict[str, int]):
    """What each reference stands for, worked out once."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        """Take the $defs of one schema."""
        super().__init__()
        self._definitions = definitions

    def __missing__(self, reference: str) -> int:
        """Weigh what is referred to; a circle weighs nothing, and is refused when its schema is checked."""
        self[reference] = 0
        self[reference] = weight(self._definitions.get(reference.removeprefix("#/$defs/")), self)
        return self[reference]


def weight(value: Json, sizes: Sizes | None = None) -> int:
    """Return how many values there are in `value`, with what it refers to; raises RecursionError where references lead on and on."""
    if isinstance(value, list):
        return 1 + sum(weight(item, sizes) for item in value)
    if not isinstance(value, dict):
        return 1
    if isinstance(value.get("$defs"), dict):
        sizes = Sizes(value["$defs"])
    reference = value.get("$ref")
    referred = sizes[reference] if sizes is not None and isinstance(reference, str) else 0
    return 1 + referred + sum(weight(item, None if key == "$defs" else sizes) for key, item in value.items())
