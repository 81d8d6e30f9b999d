"""Read the site's settings: TOML, root's alone, and overruled by the command line."""

import os
from argparse import Namespace
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from hostcheck.documents import read_bytes
from hostcheck.installed import normal
from hostcheck.model import HostcheckError
from hostcheck.trust import Pin, require_trusted

DEFAULT: Final = "/etc/hostcheck/config.toml"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_pin(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"distribution", "version", "sha256"} and all(map(_is_text, value.values()))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6


KEYS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "profile": (_is_text, "text"),
    "role": (_is_text, "text"),
    "fail_on": (_is_text, "text"),
    "deadline": (_is_number, "a number of seconds"),
    "benchmark": (_is_texts, "a list of paths"),
    "format": (_is_texts, "a list of NAME[=PATH]"),
    "evidence": (_is_text, "a path"),
}


def apply(args: Namespace, defaults: Mapping[str, Any]) -> None:
    """Give each setting of `args` that the command line left open the value of the configuration, else its default; raises HostcheckError."""
    settings = _read(args.config)
    values = settings.get("values", {})
    for name, default in defaults.items():
        if getattr(args, name, None) is None:
            setattr(args, name, settings.get(name, default))
    args.value = [*_assignments(values, args.config), *(args.value or [])]


def pins(path: str | None = None) -> list[Pin]:
    """Return the distributions that the configuration allows; raises HostcheckError."""
    found = [Pin(**{**table, "distribution": normal(table["distribution"])}) for table in _read(path).get("plugins", ())]
    names = [pin.distribution for pin in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise HostcheckError(f"{path or DEFAULT}: {twice[0]} is pinned twice; keep the pin that is meant")
    return found


def _read(path: str | None) -> dict[str, Any]:
    if path is None and not os.path.lexists(DEFAULT):
        return {}
    place = path or DEFAULT
    require_trusted(place)
    import tomllib

    try:
        found = tomllib.loads(read_bytes(place).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HostcheckError(f"{place}: not TOML: {error}") from None
    for name, value in found.items():
        _require(place, name, value)
    return found


def _require(place: str, name: str, value: object) -> None:
    if name == "values":
        if not isinstance(value, dict):
            raise HostcheckError(f"{place}: `values` must be a table of NAME = VALUE")
        return
    if name == "plugins":
        if not isinstance(value, list) or not all(map(_is_pin, value)):
            raise HostcheckError(f"{place}: each `[[plugins]]` has distribution, version and sha256, as `hostcheck plugins pin` prints them")
        return
    if name not in KEYS:
        near = get_close_matches(name, [*KEYS, "values", "plugins"], n=1)
        raise HostcheckError(f"{place}: unknown setting {name!r}{f'; did you mean {near[0]!r}?' if near else ''}")
    accepts, words = KEYS[name]
    if not accepts(value):
        raise HostcheckError(f"{place}: `{name}` must be {words}")


def _assignments(values: Mapping[str, Any], place: str | None) -> list[str]:
    for name, value in values.items():
        if not all(isinstance(item, str | int | float) for item in (value if isinstance(value, list) else [value])):
            raise HostcheckError(f"{DEFAULT if place is None else place}: `values.{name}` must be text, a number, true, false or a list of these")
    return [f"{name}={','.join(map(_text, value)) if isinstance(value, list) else _text(value)}" for name, value in values.items()]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
