"""Whether root's Podman gives containers user namespaces of their own by itself (--userns=auto), and whose subordinate ids it takes for them.

It takes those of a user called containers, unless storage.conf names another (containers/storage, userns.go).
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, Nonsense, View, Why, attempt, known, opening
from hostcheck_builtin.accounts.id_index import id_index
from hostcheck_builtin.system.fact_members import sure

USER: Final = "containers"
AUTO: Final = "auto"


def auto_ids(facts: Mapping[str, Any]) -> dict[str, Json]:
    """State where auto is set, whose ranges are taken, and whether there are any in both files."""
    storage = attempt(lambda: facts["podman-config"]["storage"])
    user = storage if isinstance(storage, Hole) else storage["auto_user"] or USER
    told = {
        "set_in": attempt(_set_in, facts, storage),
        "user": user,
        "subuid": user if isinstance(user, Hole) else attempt(_has_range, facts, "/etc/subuid", user),
        "subgid": user if isinstance(user, Hole) else attempt(_has_range, facts, "/etc/subgid", user),
        "account": user if isinstance(user, Hole) else attempt(_account, facts, user),
    }
    return told


def _set_in(facts: Mapping[str, Any], storage: View | Hole) -> list[str]:
    """Return the files that ask for it: by userns of containers.conf, or by a name in storage.conf."""
    storage = sure(storage)
    settings = facts["podman-config"]["containers"]["settings"]
    userns = settings["containers.userns"] if "containers.userns" in settings else None
    by_default = [userns["file"]] if userns is not None and userns["value"].partition(":")[0] == AUTO else []
    return [*by_default, *([storage["file"]] if storage["auto_user"] else [])]


def _has_range(facts: Mapping[str, Any], path: str, user: str) -> bool:
    """Say whether a file has a range of a user's; raises HoleError where readers differ, or where another source than the files is asked."""
    subids = facts["subids"]
    if not subids["source"]["files"]:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"subordinate ids come from {subids['source']['configured']}, not from {path}"))
    lines, irregular = subids["files"][path]["lines"], subids["files"][path]["irregular"]
    if any(lines[key]["owner"] == user for key in known(lines)):
        return True
    if any(reading["owner"] == user for key in known(irregular) for reading in _readings(irregular[key])):
        raise Nonsense(f"{path}: a line of {user} is not as every reader takes it")
    for part in (lines, irregular):
        if hole := opening(part):
            raise HoleError(hole)
    return False


def _readings(line: View) -> list[View]:
    return [line["readings"][name] for name in known(line["readings"])]


def _account(facts: Mapping[str, Any], user: str) -> bool:
    """Say whether an account has this name, whose own rootless containers then use the same ids."""
    return sure(id_index(facts, "users", "uid").number_of(user)) is not None
