"""Files in which services register their actions, with what holds for each where no rule says otherwise.

Of files of one name only the first counts, and of actions of one name the last (polkitbackendactionpool.c of polkit).
"""

from collections.abc import Collection
from typing import Any, Final

from hostcheck.api import Nonsense
from hostcheck_builtin.polkit.known_actions import ACTIONS
from hostcheck_builtin.polkit.rules_files import RESULTS
from hostcheck_builtin.polkit.rules_places import is_own

DEFAULTS: Final = {"allow_any": "any", "allow_inactive": "inactive", "allow_active": "active"}
PATH: Final = "org.freedesktop.policykit.exec.path"
IMPLY: Final = "org.freedesktop.policykit.imply"
MARKS: Final = (PATH, *ACTIONS)


def actions(path: str, text: str, named: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """Return the actions of a file by which one may become root, by name; raises Nonsense where it is no XML, or declares entities.

    Of a file of this host's own all may be such actions, and those whose names begin with one of `named`.
    """
    whole = is_own(path)
    if not whole and not any(mark in text for mark in (*MARKS, *named)):
        return {}
    from xml.parsers import expat  # for the hosts that have such files

    found: dict[str, dict[str, Any]] = {}
    action: dict[str, Any] = {}
    state: list[str] = [""]

    def start(name: str, given: dict[str, str]) -> None:
        state[0] = name if name in DEFAULTS else given.get("key", "") if name == "annotate" else ""
        if name == "action":
            action.clear()
            action.update({"file": path, "any": "", "inactive": "", "active": "", "program": "", "implies": "", "id": given.get("id", "")})

    def inside(told: str) -> None:
        place = DEFAULTS.get(state[0]) or {PATH: "program", IMPLY: "implies"}.get(state[0])
        if place and action:
            action[place] += told

    def end(name: str) -> None:
        state[0] = ""
        if name == "action" and action:
            stated = {key: told.strip() for key, told in action.items()}
            implied = [one for one in stated.pop("implies").split() if one in ACTIONS]
            identity = stated.pop("id")
            if not {stated[one] or "no" for one in DEFAULTS.values()} <= {*RESULTS}:
                raise Nonsense(f"{path}: what holds by default is no result of polkit's at line {parser.CurrentLineNumber}")
            if whole or identity in ACTIONS or stated["program"] or implied or identity.startswith(tuple(named)):
                found[identity] = {**stated, **{one: stated[one] or "no" for one in DEFAULTS.values()}, "implies": implied}
            action.clear()

    def refuse(*_: Any) -> None:
        raise Nonsense(f"{path}: declares entities, which is not read here")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler, parser.EntityDeclHandler = start, end, inside, refuse
    try:
        parser.Parse(text.encode("utf-8", "surrogateescape"), True)
    except expat.ExpatError as error:
        raise Nonsense(f"{path}: no XML at line {error.lineno}") from error
    return found
