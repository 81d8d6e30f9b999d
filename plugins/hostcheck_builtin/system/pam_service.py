"""The stack of a service of PAM: the lines of one kind in the order in which libpam asks them, with those of files that are included.

Each has a level, as libpam's handlers have: a substack is one line, and what is in it stands one level deeper behind it (pam.conf(5)).
"""

from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import Host, Json, LimitExceeded, attempt, pattern
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.pam_lines import FOLDERS, PamLine, pam_lines
from hostcheck_builtin.system.presence import absent_as

OTHER: Final = "other"
KINDS: Final = ("auth", "account")
SUBSTACK: Final = "substack"
"""Stands for a module where a substack begins."""
MISSING: Final = "missing"
"""Stands for a module where a file is included that is not there: libpam lets nobody in by such a stack."""
LISTFILE: Final = "pam_listfile.so"
PLAIN: Final = frozenset((LISTFILE, *(f"pam_{name}.so" for name in ("faillock", "rootok", "succeed_if", "unix", "usertype", "wheel"))))
"""Modules of which the arguments are stated: they decide, and hold no secrets."""
NAME: Final = pattern(r"[A-Za-z_][\w.-]{0,255}\$?")
"""A name of a user or group (useradd(8)), so that of a list nothing else is stated."""


def stacks(host: Host, *names: str) -> dict[str, Json]:
    """State by service, for those that have a file, the lines of each kind; a hole where a file cannot be read."""
    return {name: attempt(_stated, host, name) for name in names if name == names[0] or _text(host, name) is not None}


def _stated(host: Host, name: str) -> Json:
    """State the lines of each kind; of a kind that has none, those of the service `other` count."""
    lines = list(_lines(host, name, "", [bounds.FILES_OF_A_SERVICE], 0, 0))
    own = {kind: [line for line in lines if line["kind"] == kind] for kind in KINDS}
    if not all(map(_modules, own.values())):
        lines = list(_lines(host, OTHER, "", [bounds.FILES_OF_A_SERVICE], 0, 0))
    told = {kind: found if _modules(found) else [line for line in lines if line["kind"] == kind] for kind, found in own.items()}
    return {kind: [{name: value for name, value in line.items() if name != "kind"} for line in found] for kind, found in told.items()}


def _modules(lines: list[dict[str, Any]]) -> bool:
    return any(line["module"] != SUBSTACK for line in lines)


def _lines(host: Host, name: str, only: str, left: list[int], depth: int, level: int) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file and of those that it includes, of one kind where `only` says which."""
    left[0] -= 1
    if left[0] < 0 or depth > bounds.INCLUDES_OF_A_SERVICE:
        raise LimitExceeded(f"more than {bounds.FILES_OF_A_SERVICE} files of PAM's for one service")
    text = _text(host, name)
    if text is None and depth:
        yield from (_line(kind, "required", MISSING, level) for kind in ([only] if only else KINDS))
    for line in pam_lines(text or ""):
        if line.kind == "@include":
            yield from _lines(host, line.module, only, left, depth + 1, level)
        elif only in ("", line.kind) and line.includes:
            deeper = line.control == SUBSTACK
            if deeper:
                yield _line(line.kind, "optional", SUBSTACK, level)
            yield from _lines(host, line.module, line.kind, left, depth + 1, level + deeper)
        elif only in ("", line.kind):
            yield {**_line(line.kind, line.control, line.name, level), "arguments": _arguments(line), **_listed(host, line)}


def _line(kind: str, control: str, module: str, level: int) -> dict[str, Any]:
    return {"kind": kind, "control": control, "module": module, "arguments": [], "level": level}


def _arguments(line: PamLine) -> list[str]:
    """Return the arguments of a module that decides by them; one in brackets is one word (pam.conf(5))."""
    words = [word[1:-1] if word.startswith("[") and word.endswith("]") else word for word in line.arguments]
    return words if line.name in PLAIN else []


def _listed(host: Host, line: PamLine) -> dict[str, Json]:
    """State the names in the file that pam_listfile(8) is given; it refuses one that everybody may write, and one that is not regular."""
    paths = [word.removeprefix("file=") for word in _arguments(line) if word.startswith("file=/")]
    return {"listed": attempt(_names, host, paths[-1])} if line.name == LISTFILE and paths else {}


def _names(host: Host, path: str) -> Json:
    found = absent_as(None, host.stat, path, follow=False)
    if found is None:
        return {"file": "absent", "names": []}
    if found.type != "file" or found.mode & 0o002:
        return {"file": "refused", "names": []}
    names = [word for word in host.read_text(path, limit=bounds.PAM_STACK_BYTES).splitlines() if NAME.fullmatch(word)]
    if len(names) > bounds.NAMES_LISTED_FOR_PAM:
        raise LimitExceeded(f"more than {bounds.NAMES_LISTED_FOR_PAM} names in {path}")
    return {"file": "read", "names": sorted(set(names))}


def _text(host: Host, name: str) -> str | None:
    """Return a file, by its path or from the first directory that has it; None where none has."""
    for path in (name,) if name.startswith("/") else tuple(f"{folder}/{name}" for folder in FOLDERS):
        text = absent_as(None, host.read_text, path, limit=bounds.PAM_STACK_BYTES)
        if text is not None:
            return text
    return None
