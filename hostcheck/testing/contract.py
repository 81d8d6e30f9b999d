"""What the contracts have in common: pytest finds a class that inherits one, and its tests say what to do.

pytest is never imported: it calls what it finds, so the kit can be imported, read and typed where it is not installed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, ClassVar, Final

from hostcheck.derive import conflict
from hostcheck.documents import parse, read_bytes
from hostcheck.facts_schema import files_of, read_facts_schema
from hostcheck.model import Json
from hostcheck.schema import Predicate, check, compile_schema, subschemas

SHOWN: Final = 5
"""How many lines of one kind a message has: the first tell what is wrong, and the rest are like them."""


class Contract:
    """Tests to inherit: a subclass gives what `needs` names, and is collected whatever it is called."""

    __test__ = False
    needs: ClassVar[Mapping[str, str]] = {}
    """What a subclass must give, by name, each with an example."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let pytest collect the class: a contract that is not called Test... would be passed over in silence."""
        super().__init_subclass__(**kwargs)
        if "__test__" not in vars(cls):
            cls.__test__ = True

    def cases(self) -> Mapping[str, Any]:
        """Return what tests are run on, as a dict of names and values for each argument that a test may have."""
        return {}

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Run each test once for every case of its argument (a hook of pytest)."""
        for argument, cases in self.cases().items():
            if argument in metafunc.fixturenames:
                named = cases if isinstance(cases, Mapping) else {}
                metafunc.parametrize(argument, list(named.values()), ids=[str(name) for name in named])

    def test_what_it_needs_is_given(self) -> None:
        """A contract that is given nothing would prove nothing, and pytest calls a test without cases skipped."""
        for name, example in self.needs.items():
            given = getattr(self, name, None)
            require(bool(given), f"{type(self).__name__} has no `{name}`; write in the class, for example:\n  {name} = {example}")
            named = not example.startswith("{") or isinstance(given, Mapping)
            require(named, f"{type(self).__name__}.{name} is a {type(given).__name__}; give a dict, whose keys name the cases:\n  {name} = {example}")


def require(holds: bool, message: str) -> None:
    """Raise AssertionError with `message` unless it `holds`; under `python -O` as well."""
    __tracebackhide__ = True
    if not holds:
        raise AssertionError(message)


def require_none(problems: Iterable[str], what: str, remedy: str) -> None:
    """Raise AssertionError where there are problems: what is wrong, the first of them, and the remedy."""
    __tracebackhide__ = True
    found = list(dict.fromkeys(problems))
    more = [f"  ... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    require(not found, "\n".join([what, *(f"  {problem}" for problem in found[:SHOWN]), *more, remedy]))


def facts_schema(path: str) -> Json:
    """Return the facts schema at `path`, checked to be in the dialect; raises HostcheckError naming the place."""
    return _parsed(_contents(path), path)


def _contents(path: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((file, read_bytes(file)) for file in files_of(path))


@cache
def _parsed(contents: tuple[tuple[str, bytes], ...], path: str) -> Json:
    for file, content in contents:
        parse(content, file)  # more strictly than what is shipped is read
    schema = read_facts_schema(path)
    check(schema, path)
    return schema


@cache
def _compiled(contents: tuple[tuple[str, bytes], ...], path: str) -> Predicate:
    return compile_schema(_parsed(contents, path))


def require_closed(path: str) -> None:
    """Raise AssertionError where the facts schema at `path` leaves open which facts there are."""
    __tracebackhide__ = True
    schema = facts_schema(path)
    require(isinstance(schema, dict) and schema.get("type") == "object", f'{path}: facts are an object; write "type": "object" at the top')
    remedy = 'Write "additionalProperties": false, or the schema of its members: else nobody is told of a fact that is misspelt.'
    require_none(_open(schema), f"{path}: these objects may have members that no schema describes:", remedy)
    empty = f"{path}: accepts {{}}, so that a probe that states nothing would be right; name the facts that are always stated in `required`"
    require(compile_schema(schema)({}) is False, empty)


def _open(schema: Json, at: str = "") -> Iterator[str]:
    if isinstance(schema, dict):
        if "object" in _types(schema) and schema.get("additionalProperties", True) is True:
            yield at or "/"
        for place, inner in subschemas(schema):
            yield from _open(inner, at + place)


def _types(schema: Mapping[str, Json]) -> Collection[str]:
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else kinds


def require_obeyed(facts: Json, path: str, what: str) -> None:
    """Raise AssertionError where `facts` break the facts schema at `path`, naming the place."""
    __tracebackhide__ = True
    if _compiled(_contents(path), path)(facts) is False:
        raise AssertionError(
            f"{what}: the facts break {path} at {conflict(facts_schema(path), facts)}; fix whichever of the two is wrong. The facts: {facts!r:.500}"
        )
