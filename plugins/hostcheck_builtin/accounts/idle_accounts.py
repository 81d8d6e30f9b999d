"""Unused accounts: nothing runs as them, and nobody can log in to them (decision 0004)."""

from typing import Final

from hostcheck.api import Hole, View, attempt, known, worst_hole
from hostcheck_builtin.accounts.stock_accounts import SHIPPED, is_barred, is_shipped
from hostcheck_builtin.system.fact_members import each_known

MEANS: Final = ("password", "crontab", "key", "rule", "unit")


def idle(files: View) -> dict[str, bool | Hole]:
    """Return of each of these accounts that is as it was shipped whether it is certain that nobody acts as it."""
    users = files["users"]
    present = frozenset(known(users))
    names = [name for name in SHIPPED if name in present and is_shipped(name, users[name])]
    if attempt(lambda: "stock_accounts" in files) is False:
        return {}
    shipped: View | Hole = attempt(lambda: files["stock_accounts"])
    names += (
        [] if isinstance(shipped, Hole) else [name for name in known(shipped) if name in present and name not in SHIPPED and is_barred(users[name]["shell"])]
    )
    if not names:
        return {}
    running, unknown = _running(files)
    return {name: _is_idle(shipped, name, users[name]["uid"] in running, unknown) for name in names}


def _is_idle(shipped: View | Hole, name: str, runs: bool, unknown: Hole | None) -> bool | Hole:
    stated: View | Hole = shipped if isinstance(shipped, Hole) else attempt(lambda: shipped[name])
    if isinstance(stated, Hole):
        return False if runs else stated
    means = [attempt(stated.__getitem__, one) for one in MEANS]
    if runs or True in means:
        return False
    return worst_hole(unknown, *means) or True


def _running(files: View) -> tuple[set[int], Hole | None]:
    """Return the users who have a process, and the hole where there may be others."""
    found, unknown = each_known(lambda: files["processes"], lambda process: set[int](process["uids"]))
    return set[int]().union(*found.values()), unknown
