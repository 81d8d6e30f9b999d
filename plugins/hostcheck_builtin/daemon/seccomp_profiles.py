"""Profiles of system calls that a dockerd reads from files: what each does with a call that it does not name. No more of a profile is stated.

dockerd reads the file when it starts, as Go reads JSON: keys in any letters, of a key that stands twice the last one counts, null says nothing. With what
is no profile it starts, and starts no container (measured with docker 26 and runc 1.1).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Host, Json, Nonsense, Unsupported, View, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.system.ownership import so_far
from hostcheck_builtin.system.parse_errors import no_constant
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

KEY: Final = "seccomp-profile"
WORDS: Final = frozenset(("", "builtin", "unconfined", "disabled"))
"""What is no file; disabled is where the kernel cannot filter."""
ABSENT_FILE: Final = "absent"
NO_FILTER: Final = "none"
OTHER: Final = "other"
KNOWN: Final = frozenset(f"SCMP_ACT_{word}" for word in ("ALLOW", "ERRNO", "KILL", "KILL_PROCESS", "KILL_THREAD", "LOG", "NOTIFY", "TRACE", "TRAP"))
"""libseccomp, seccomp_init(3)."""
ACTIONS: Final = KNOWN | {NO_FILTER, OTHER}


def action(path: str, raw: bytes) -> str:
    """Return what a profile does with a call that it does not name; none where dockerd takes it for no filter at all (setupSeccomp of moby)."""
    try:
        document = json.loads(raw.decode(errors="replace"), object_pairs_hook=_folded, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: no profile of system calls: no JSON") from error
    said, calls = (document.get(key) for key in ("defaultaction", "syscalls")) if isinstance(document, dict) else ("" if document is None else 0, None)
    if not isinstance(said, str | None) or not isinstance(calls, list | None):
        raise Nonsense(f"{path}: no profile of system calls")
    if not said and not calls:
        return NO_FILTER
    return said if said in KNOWN else OTHER


def _folded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key.casefold(): value for key, value in pairs if value is not None}


def of_root(host: Host, told: Mapping[str, Json], lstats: LstatCache) -> Json:
    """State the profiles that root's daemon is told, by path."""

    def read(path: str) -> bytes:
        if not so_far(host, path, lstats).root_owned:
            raise Unsupported(f"{path}: others than root can change it, so what dockerd reads when it starts is not known")
        return host.read_bytes(path)

    return stated(told, read)


def stated(told: Mapping[str, Json], read: Callable[[str], bytes]) -> Json:
    """State ``{path: action}``, absent where nothing is there."""
    return {path: attempt(_action, path, read) for path in sorted({*_named(told)})}


def _named(told: Any) -> Iterator[str]:
    """Yield the paths that flags, file and service name; what of those is not known leaves the setting itself open."""
    for key in ("flags", "settings"):
        settings = told.get(key, {})
        value = "" if isinstance(settings, Hole) else settings.get(KEY, "")
        if isinstance(value, str) and value not in WORDS:
            yield value
    for part in ("file", "service"):
        inner = told.get(part)
        yield from _named(inner) if isinstance(inner, dict) else ()


def _action(path: str, read: Callable[[str], bytes]) -> str:
    if not path.startswith("/"):
        raise Unsupported("dockerd is told a seccomp-profile by a path that depends on where it was started")
    return absent_as(ABSENT_FILE, lambda: action(path, read(path)))


def derived(told: Mapping[str, Any], profiles: Callable[[], View]) -> dict[str, Json]:
    """State ``{seccomp_action, refuses}`` of a daemon: what the profiles do with which it runs and would start again, where those are files."""
    setting = told["settings"].get(KEY, {})
    unknown = getattr(setting, "hole", None) or (None if setting else getattr(told["settings"], "hole", None))
    files = {way: setting[way] for way in ("running", "after_restart") if setting.get(way, "") not in WORDS}
    actions = {way: attempt(_looked_up, path, profiles) for way, path in files.items()}
    gone = [f"the {KEY} {files[way]} is not there" for way, one in actions.items() if way == "after_restart" and one == ABSENT_FILE]
    shown = {way: _gone(files[way]) if one == ABSENT_FILE else one for way, one in actions.items()}
    return {"seccomp_action": incomplete(shown, unknown), "refuses": _refuses(told["refuses"], gone, actions.get("after_restart"))}


def _looked_up(path: str, profiles: Callable[[], View]) -> str:
    found = profiles()
    if path not in found:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{path}: no flag and no file names it any more, and what it says was not looked at"))
    return str(found[path])


def _gone(path: str) -> Hole:
    return Hole(why=Why.NONSENSE, message=f"{path}: is not there, and dockerd does not start without it")


def _refuses(found: Any, gone: Iterable[str], after: str | Hole | None) -> Json:
    """Return why dockerd would not start, with what a profile adds to that: it is not there, or it is not known whether it is."""
    if isinstance(found, Hole):
        return found
    unread = after if isinstance(after, Hole) and after.why is not Why.NONSENSE else None
    return incomplete([*found, *gone], worst_hole(getattr(found, "hole", None), unread))
