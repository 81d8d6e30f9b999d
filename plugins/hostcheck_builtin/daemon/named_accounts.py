"""Whether dockerd finds the accounts that it is told: without the user whose subordinate ids userns-remap gives to containers it does not start.

That user has an account, and ranges in /etc/subuid and /etc/subgid under the name or the number. The group that is named, or the one that is called as the
user, is there too (parseRemappedRoot of moby). dockerd makes what default stands for, and remaps nothing for root. Without the group of its socket it does
not start where it makes the socket itself; the group docker may be missing, and of a number none is looked for.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex, id_index, numeric
from hostcheck_builtin.system.fact_members import sure

KEY: Final = "userns-remap"
FILES: Final = ("/etc/subuid", "/etc/subgid")
NOBODY: Final = f"{KEY} names a user that no account has"
NO_GROUP: Final = f"{KEY} names a group that is not there, or a user without a group of that name"
NO_RANGE: Final = f"{KEY} names a user who has no range in "


def refuses(facts: Mapping[str, Any], told: Mapping[str, Any]) -> Json:
    """Return why a daemon would not start, with what the names of accounts add to that."""
    found = told["refuses"]
    if isinstance(found, Hole):
        return found
    why = attempt(lambda: list(_wrong(facts, _named(told["settings"], KEY)))[:1])
    unknown = worst_hole(getattr(found, "hole", None), why, attempt(lambda: _group(facts, _named(told["settings"], "group"))))
    return incomplete([*found, *([] if isinstance(why, Hole) else why)], unknown)


def _named(settings: Mapping[str, Any], key: str) -> str:
    """Return what a restart would give; raises HoleError where that is not known."""
    setting = settings.get(key, {})
    unknown = getattr(setting, "hole", None) or (None if setting else getattr(settings, "hole", None))
    if "after_restart" not in setting and unknown is not None:
        raise HoleError(unknown)
    return str(setting.get("after_restart", ""))


def _group(facts: Mapping[str, Any], name: str) -> None:
    """Raise HoleError where the group of the socket is not known to be there."""
    if name not in ("", "docker") and numeric(name) is None and _number(id_index(facts, "groups", "gid"), name) is None:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="dockerd is told a group that is not there, with which it starts only where it makes no socket"))


def _wrong(facts: Mapping[str, Any], value: str) -> Iterator[str]:
    """Yield what is missing; raises HoleError where that is not known."""
    user, _, group = value.partition(":")
    if user in ("", "default"):
        return
    users = id_index(facts, "users", "uid")
    uid = _number(users, user)
    if uid is None:
        yield NOBODY
    if _number(id_index(facts, "groups", "gid"), group or user) is None:
        yield NO_GROUP
    if uid is not None and uid != 0:
        names = {*users.names.get(uid, ()), user, str(uid)}
        yield from (f"{NO_RANGE}{path}" for path in FILES if not _has_range(facts["subids"]["files"][path], names))


def _number(index: IdIndex, name: str) -> int | None:
    """Return the number of an account, None where there is none; raises HoleError where there may be one."""
    number = numeric(name)
    found = sure(index.number_of(name) if number is None else index.has(number))
    if number is None:
        return None if found is None else int(found)
    return number if found else None


def _has_range(file: View, names: set[str]) -> bool:
    lines: View = file["lines"]
    if any(lines[key]["owner"] in names for key in known(lines)):
        return True
    unknown = opening(lines)
    if unknown is not None or known(file["irregular"]):
        raise HoleError(unknown or Hole(why=Why.UNSUPPORTED, message="the ranges of the user that userns-remap names are not known, as lines are irregular"))
    return False
