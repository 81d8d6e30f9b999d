"""Schemas by name, and how a keyword has the schemas inside of it compiled."""

from collections.abc import Callable, Mapping

from hostcheck.model import Json
from hostcheck.schema.leaves import Predicate

Schemas = Mapping[str, Json]


class Named(dict[str, Predicate]):
    """Schemas by name, each compiled once, when it is first asked for: the $defs of a schema, or the properties of an object."""

    def __init__(self, schemas: Schemas, make: Callable[[Json, "Named"], Predicate], definitions: "Named | None" = None) -> None:
        """Take the schemas by name, what makes a predicate of one, and the $defs that they refer to where they are not these themselves."""
        super().__init__()
        self._schemas = schemas
        self._make = make
        self._definitions = definitions

    def __missing__(self, name: str) -> Predicate:
        """Compile the schema called `name`."""
        self[name] = self.compiled(self._schemas[name])
        return self[name]

    def compiled(self, schema: Json) -> Predicate:
        """Return the predicate of a schema that refers to the same $defs."""
        return self._make(schema, self if self._definitions is None else self._definitions)

    def within(self, schemas: Schemas) -> "Named":
        """Return other schemas by name that refer to the same $defs."""
        return Named(schemas, self._make, self if self._definitions is None else self._definitions)
