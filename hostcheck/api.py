"""Everything that a plugin may import from hostcheck; the names and signatures here are the contract of version 1."""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from hostcheck.deferred import Deferred, pattern
from hostcheck.holes import both, map_known, worst_hole
from hostcheck.hookspecs import hookimpl
from hostcheck.host import ABSENT, Host, LimitExceeded, Missing, Nonsense, Unsupported, attempt
from hostcheck.host.answers import (
    AclEntry,
    Answer,
    AuditRules,
    Demand,
    FileCapabilities,
    Group,
    Peer,
    Process,
    Stat,
    TcpListener,
    TcpSocket,
    UnixSocket,
    User,
    VsockListener,
)
from hostcheck.model import Analysis, Format, Hole, HoleError, Json, Probe, Why, cite, incomplete, step_text, unread
from hostcheck.parting import clean
from hostcheck.view import View, ViewList, known, opening
from hostcheck.visible import visible

__all__ = [
    "ABSENT",
    "AclEntry",
    "Analysis",
    "Answer",
    "AuditRules",
    "Demand",
    "FileCapabilities",
    "Format",
    "Group",
    "Hole",
    "HoleError",
    "Host",
    "Json",
    "LimitExceeded",
    "Missing",
    "Nonsense",
    "Peer",
    "Probe",
    "Process",
    "Stat",
    "TcpListener",
    "TcpSocket",
    "UnixSocket",
    "Unsupported",
    "User",
    "View",
    "ViewList",
    "VsockListener",
    "Why",
    "attempt",
    "beside",
    "both",
    "cite",
    "clean",
    "deferred",
    "exit_code",
    "headline",
    "hookimpl",
    "incomplete",
    "known",
    "left_out",
    "map_known",
    "more_like",
    "not_examined",
    "opening",
    "pattern",
    "render_template",
    "set_command",
    "step_text",
    "template",
    "unread",
    "visible",
    "worst_hole",
]


def beside(file: str, name: str) -> str:
    """Return the path of the resource `name` in the directory of `file` (a module's `__file__`)."""
    return os.path.join(os.path.dirname(os.path.abspath(file)), name)


def deferred(module: str, name: str) -> Callable[..., Any]:
    """Return a function that calls `name` of `module`, which is imported at the first call: a scan then pays for what it uses only."""
    return Deferred(module, name)


def template(name: str) -> str:
    """Return the path of the template `name` that comes with hostcheck."""
    folder: str = import_module("hostcheck_reports").FOLDER
    return os.path.join(folder, name)


def render_template(path: str, report: dict[str, Any], *, escape: bool = True) -> str:
    """Return the jinja2 template at `path` rendered with `report`, whose texts were made visible; `escape` is for HTML and XML."""
    from hostcheck.render import render_template as render

    return render(path, report, escape=escape)


def set_command(file: str, check: str, keys: Mapping[str, str]) -> str:
    """Return the command that sets keys of a JSON file, for one line of a shell: `file` is quoted, `check` is followed by a file, and each value is JSON."""
    from hostcheck.set_keys import set_command as command

    return command(file, check, keys)


def exit_code(report: dict[str, Any]) -> int:
    """Return the exit code of a scan that ends with `report`: 0 compliant, 1 noncompliant, 3 inconclusive, 4 nothing was evaluated, 5 a plugin was refused."""
    from hostcheck.report import exit_code as code

    return code(report)


def headline(report: dict[str, Any]) -> str:
    """Return the verdict as people are to be told it: `compliant with level1 in what was examined`; show `not_examined` beside it."""
    from hostcheck.scope import headline as told

    return told(report)


def not_examined(report: dict[str, Any]) -> list[str]:
    """Return what nothing in `report` is about, each in a few words; it is never empty."""
    from hostcheck.scope import not_examined as left_out

    return left_out(report)


def left_out(report: dict[str, Any], **which: str) -> int:
    """Return how many findings of which all is so that `which` says (`rule="ACME-1"`) were left out of `report` so that it stays small."""
    from hostcheck.left_out import left_out as count

    return count(report, **which)


def more_like(report: dict[str, Any], **which: str) -> str:
    """Return what to say of these findings below those that are shown: `and 9,900 more like this, of user id 1000`; "" where there are none."""
    from hostcheck.left_out import more_like as told

    return told(report, **which)
