"""Read the site's settings: TOML that only root can write, overruled by the command line.

What a setting is, its default and an example stand here once: `docs/configuration.md` is made from it, and messages name it.
"""

import os
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hostcheck.documents import read_bytes, said
from hostcheck.installed import normal
from hostcheck.model import ROLES, SEVERITIES, HostcheckError
from hostcheck.spelling import near
from hostcheck.trust import Pin, require_trusted

DEFAULT: Final = "/etc/hostcheck/config.toml"
PIN: Final = frozenset({"distribution", "version", "sha256"})


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _is_pin(value: object) -> bool:
    return isinstance(value, dict) and value.keys() - {"validated"} == PIN and all(map(_is_text, value.values()))


def _is_pins(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_pin, value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6


def _is_share(value: object) -> bool:
    return _is_number(value) and 1 <= float(str(value)) <= 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of the configuration: what it accepts (in words for messages), its type, default, meaning and an example for the documents."""

    accepts: Callable[[object], bool]
    words: str
    type: str
    default: str
    about: str
    example: str


SETTINGS: Final[Mapping[str, Setting]] = {
    "account_share": Setting(
        accepts=_is_share,
        words="a number from 1 to 100",
        type="number, 1 to 100",
        default="`1`",
        about="By how much to multiply the limits that each account has for looks at the host and for facts. Raise it if honest users of the site exceed"
        " them. [Bounds](running.md#bounds) says what this costs. Like `--account-share`.",
        example="account_share = 4",
    ),
    "benchmark": Setting(
        accepts=_is_texts,
        words="a list of paths",
        type="list of paths",
        default="the installed ones",
        about="The benchmarks to judge by, in place of those that are installed. Like `--benchmark`.",
        example='benchmark = ["/etc/hostcheck/harbour.json"]',
    ),
    "deadline": Setting(
        accepts=_is_number,
        words="a number of seconds",
        type="number of seconds, 0.5 to 3600",
        default="`10`",
        about="When a scan stops reading and reports what is known by then. Like `--deadline`.",
        example="deadline = 30",
    ),
    "evidence": Setting(
        accepts=_is_text,
        words="a path",
        type="path",
        default="none",
        about="Where a scan also writes the evidence. Like `--evidence`.",
        example='evidence = "/var/lib/hostcheck/evidence.json"',
    ),
    "fail_on": Setting(
        accepts=_is_text,
        words="text",
        type=f"one of {', '.join(SEVERITIES)}",
        default="`low`",
        about="The lowest severity of a failure that makes the host noncompliant (exit code 1). Like `--fail-on`.",
        example='fail_on = "medium"',
    ),
    "format": Setting(
        accepts=_is_texts,
        words="a list of NAME[=PATH]",
        type="list of `NAME` or `NAME=PATH`",
        default="text, on standard output",
        about="In which formats a scan writes its report, and where. `evaluate` does not use it. Like `--format`.",
        example='format = ["html=/var/lib/hostcheck/report.html", "json=/var/lib/hostcheck/report.json"]',
    ),
    "plugins": Setting(
        accepts=_is_pins,
        words="a list of tables `[[plugins]]`, each with distribution, version and sha256, and perhaps validated, as `hostcheck plugins pin` prints them",
        type="list of tables",
        default="none",
        about="The plugins that root's scans use. `hostcheck plugins pin NAME` prints the table for a plugin; each upgrade needs a new one. `validated`"
        " says that the plugin's rules are valid, so that scans need not validate them again; after an upgrade of hostcheck they do, until it is pinned again.",
        example='[[plugins]]\ndistribution = "nadir-hostcheck"\nversion = "1.0"\nsha256 = "..."\nvalidated = "..."',
    ),
    "profile": Setting(
        accepts=_is_text,
        words="text",
        type="text",
        default="`level1`",
        about="The profile whose rules are judged; `hostcheck list profiles` names them. Like `--profile`.",
        example='profile = "level2"',
    ),
    "role": Setting(
        accepts=_is_text,
        words="text",
        type=f"one of {', '.join(ROLES)}",
        default="detected",
        about="What the host is used for, if detection gets it wrong. Like `--role`.",
        example='role = "ci-runner"',
    ),
    "values": Setting(
        accepts=_is_table,
        words="a table of NAME = VALUE",
        type="table",
        default="as below",
        about="Values of the rules, each as `--value NAME=VALUE` sets it. All values are listed below.",
        example='[values]\napproved_users = ["alice", "bob"]',
    ),
}
"""Every setting, in the order of the names."""


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
        raise HostcheckError(f"{path or DEFAULT}: {twice[0]} is pinned twice; delete one of the two tables")
    return found


def _read(path: str | None) -> dict[str, Any]:
    if path is None and not os.path.lexists(DEFAULT):
        return {}
    place = path or DEFAULT
    require_trusted(place)
    return parse(read_bytes(place), place)


def parse(content: bytes, place: str) -> dict[str, Any]:
    """Return the settings that the TOML text `content` has; raises HostcheckError, which begins with `place`."""
    import tomllib

    try:
        found = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise HostcheckError(f"{place}: not TOML: {said(error)}") from None
    for name, value in found.items():
        _require(place, name, value)
    return found


def _require(place: str, name: str, value: object) -> None:
    if name not in SETTINGS:
        raise HostcheckError(f"{place}: unknown setting {name!r}{near(name, SETTINGS) or ';'} the settings are {', '.join(SETTINGS)}")
    if not SETTINGS[name].accepts(value):
        raise HostcheckError(f"{place}: `{name}` must be {SETTINGS[name].words}")


def _assignments(values: Mapping[str, Any], place: str | None) -> list[str]:
    for name, value in values.items():
        if not all(isinstance(item, str | int | float) for item in (value if isinstance(value, list) else [value])):
            raise HostcheckError(f"{DEFAULT if place is None else place}: `values.{name}` must be text, a number, true, false or a list of these")
    return [f"{name}={','.join(map(_text, value)) if isinstance(value, list) else _text(value)}" for name, value in values.items()]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
