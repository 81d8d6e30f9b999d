"""What polkit's files say of actions by which one becomes root: of each rule which result it gives under which condition on who asks, and nothing else."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from hostcheck.api import Hole, Host, Json, LimitExceeded, Why, attempt, incomplete, map_known, pattern, worst_hole
from hostcheck_builtin.polkit import known_actions, pkla_files, policy_files
from hostcheck_builtin.polkit.conditions import ALWAYS
from hostcheck_builtin.polkit.rules_files import ADMINISTRATORS, RuleOutcome, RulesFile
from hostcheck_builtin.polkit.rules_places import PLACES, is_own
from hostcheck_builtin.privileged_programs.setuid_root import programs
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as

Texts = dict[str, str | Hole]
NAME = pattern(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?")
"""The name of an action, or how some names begin."""


def stated(host: Host, reads: str) -> dict[str, Json]:
    """State the programs, files and actions of a polkit that reads files of rules.d, or those of localauthority alone."""
    texts, hidden = _texts(host, PLACES if reads == "rules" else (), ".rules")
    older, older_hidden = _texts(host, [*pkla_files.PLACES, pkla_files.ADMINISTRATORS], (".pkla", ".conf"))
    files = {path: attempt(_known, RulesFile, path, text) for path, text in texts.items()}
    own = [text for some in (texts, older) for path, text in some.items() if is_own(path) and not isinstance(text, Hole)]
    actions, unread = _actions(host, {name for text in own for name in NAME.findall(text)})
    for name, told in actions.items():
        said = {path: map_known(file, partial(_rules, name=name)) for path, file in files.items()}
        before = {path: attempt(_older, path, text, name) for path, text in older.items()}
        told["rules"] = incomplete({path: one for path, one in said.items() if one}, hidden)
        told["older_rules"] = incomplete({path: one for path, one in before.items() if one}, older_hidden)
    return {
        "pkexec": programs(host, "pkexec"),
        "files": incomplete({path: map_known(one, lambda one: {"rules": len(one.rules), "older": one.pkla}) for path, one in files.items()}, hidden),
        "actions": incomplete(actions, unread),
    }


def _texts(host: Host, folders: Iterable[str], suffix: str | tuple[str, ...]) -> tuple[Texts, Hole | None]:
    """Return the files of folders in order, each with its text or the hole in its place, and the hole where there may be others."""
    found: Texts = {}
    hidden: Hole | None = None
    size = 0
    for folder in folders:
        names = absent_as([], attempt, host.list_dir, folder, limit=bounds.POLKIT_FILES)
        if isinstance(names, Hole):
            hidden = worst_hole(hidden, names)
            continue
        for name in sorted(one for one in names if one.endswith(suffix)):
            text = attempt(_text, host, f"{folder}/{name}", size)
            size += 0 if isinstance(text, Hole) or text is None else len(text)
            found |= {} if text is None else {f"{folder}/{name}": text}
    return found, hidden


def _text(host: Host, path: str, size: int) -> str | None:
    if size > bounds.POLKIT_BYTES:
        raise LimitExceeded(f"files of polkit have more than {bounds.POLKIT_BYTES} bytes")
    return absent_as(None, host.read_text, path, limit=bounds.POLKIT_FILE_BYTES)


def _actions(host: Host, named: Collection[str]) -> tuple[dict[str, dict[str, Json]], Hole | None]:
    """Return the actions, with those that rules of this host's own name, and the hole where there may be others, or others may hold."""
    texts, unread = _texts(host, [place.replace("rules.d", "actions") for place in PLACES], ".policy")
    found: dict[str, dict[str, Json]] = {}
    seen: set[str] = set()
    for path, text in texts.items():
        name = path.rpartition("/")[2]
        told = attempt(_known, policy_files.actions, path, text, named) if name not in seen else {}
        seen.add(name)
        if isinstance(told, Hole):
            unread = worst_hole(unread, told)
        else:
            found |= told
    if len(found) > bounds.POLKIT_ACTIONS:
        unread = worst_hole(unread, Hole(why=Why.LIMIT, message=f"more than {bounds.POLKIT_ACTIONS} actions of polkit, of which these are looked at"))
    return dict(sorted(found.items(), key=lambda one: one[0] not in known_actions.ACTIONS)[: bounds.POLKIT_ACTIONS]), unread


def _known(read: Callable[..., Any], path: str, text: str | Hole, *more: Any) -> Any:
    """Return what is read from a text; raises HoleError where there is none."""
    return read(path, sure(text), *more)


def _rules(file: RulesFile, name: str) -> Json:
    return _stated(file.of(name))


def _older(path: str, text: str | Hole, name: str) -> Json:
    if not path.endswith(".conf"):
        return _stated(_known(pkla_files.entries, path, text, name))
    named = _known(pkla_files.administrators, path, text)
    return _stated({named[0]: [RuleOutcome(ALWAYS, ADMINISTRATORS, tuple(named[1]))]} if named else {})


def _stated(found: dict[str, list[RuleOutcome]]) -> Json:
    return {line: list(map(_outcome, one)) for line, one in found.items()}


def _outcome(one: RuleOutcome) -> Json:
    told: dict[str, Json] = {"when": sorted(sorted(term) for term in one.when), "result": one.result}
    return told | ({"identities": list(one.identities)} if one.result == ADMINISTRATORS else {})
