"""Put in the steps of a fix that many rules share: ``{use: NAME, with: {…}}`` in a rule stands for the steps of that name in benchmark.yaml.

In these, ``{=word}`` is what the rule gives for that word: as a part of a text or of a key, or, where it is the whole text, the value itself. Shared steps
can use others.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hostcheck.deferred import pattern
from hostcheck.model import HostcheckError, Json
from hostcheck.set_keys import with_command

GIVEN: Final = pattern(r"\{=([a-z_]+)\}")

Steps = Sequence[Mapping[str, Any]]


def spread(fix: Steps, shared: Mapping[str, Steps]) -> list[dict[str, Any]]:
    """Return the steps of `fix` with those of `shared` in the place of each ``use``, and with the command of each ``set``.

    Raises HostcheckError naming what is missing.
    """
    return [with_command(one) for step in fix for one in _spread(step, shared, ())]


def _spread(step: Mapping[str, Any], shared: Mapping[str, Steps], within: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    if "use" not in step:
        yield step
        return
    name, given = step["use"], step.get("with", {})
    if name not in shared:
        raise HostcheckError(f"`fix` uses {name!r}, and `fixes` of benchmark.yaml has {', '.join(sorted(shared)) or 'none'}")
    if name in within:
        raise HostcheckError(f"`fix` uses {name!r}, which uses itself in `fixes` of benchmark.yaml")
    asked = {word for one in shared[name] for word in _words(one)}
    if missing := sorted(asked - given.keys()):
        raise HostcheckError(f"`fix` uses {name!r} and does not give `{missing[0]}` for it; write it below `with`")
    if strange := sorted(given.keys() - asked):
        raise HostcheckError(f"`fix` gives {strange[0]!r} to {name!r}, which has no {{={strange[0]}}}; it has {', '.join(sorted(asked)) or 'none'}")
    for one in shared[name]:
        yield from _spread(filled(dict(one), given), shared, (*within, name))


def _words(part: Json) -> Iterator[str]:
    if isinstance(part, str):
        yield from GIVEN.findall(part)
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from (*_words(key), *_words(value))
    elif isinstance(part, list):
        for one in part:
            yield from _words(one)


def filled(part: Json, given: Mapping[str, Json]) -> Any:
    """Return a part of a shared step with what a rule gives for its words."""
    if isinstance(part, str):
        whole = GIVEN.fullmatch(part)
        return given[whole[1]] if whole else GIVEN.sub(lambda match: str(given[match[1]]), part)
    if isinstance(part, Mapping):
        return {filled(key, given): filled(value, given) for key, value in part.items()}
    return [filled(one, given) for one in part] if isinstance(part, list) else part
