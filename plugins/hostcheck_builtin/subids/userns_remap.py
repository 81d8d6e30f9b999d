"""Whose ids root's dockerd gives to its containers: the owners of the range that begins where the running daemon says that root is.

The daemon tells numbers and no name, and its configuration may have changed since it was started; so everybody whose range begins there counts, for
whoever shares the first id is, to the files of the daemon, the same user.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.gather import lets_in
from hostcheck_builtin.accounts.id_index import IdIndex, numeric
from hostcheck_builtin.engines import scopes
from hostcheck_builtin.subids.subid_ranges import Range, line_key
from hostcheck_builtin.system.fact_members import by_value, each_known

NAMED: Final = "name=userns"


def remap_users(facts: Mapping[str, Any], ranges: list[Range], unknown: Hole | None, users: IdIndex, rootless: View | Hole) -> Json:
    """State each owner of a range that a dockerd remaps to; `unknown` is why there may be other ranges, `rootless` who runs an engine of their own."""
    sockets = attempt(lambda: facts["engines"]["sockets"])
    if isinstance(sockets, Hole):
        return sockets
    remapped, open_to = each_known(lambda: sockets, _first)
    firsts = by_value({path: first for path, first in remapped.items() if first is not None})
    stated: dict[str, Json] = {}
    for first, paths in sorted(firsts.items()):
        owners = {one.owner: one for one in reversed(ranges) if one.first == first}
        stated.update({owner: {**_owner(facts, owner, first, paths, users, rootless), "line_key": line_key(one)} for owner, one in owners.items()})
        if not owners:
            stated[f"uid {first}"] = unknown or Hole(why=Why.NONSENSE, message=f"{paths[0]} remaps to uid {first}, where no range of /etc/subuid begins")
    return incomplete(stated, worst_hole(open_to, unknown if firsts else None))


def _first(socket: View) -> int | None:
    """Return the uid of root in the containers of a dockerd that runs as root with userns-remap, None for any other."""
    if not scopes.runs(socket) or socket["uid"] != 0 or scopes.engine(socket) != "docker":
        return None
    info = scopes.information(socket)
    if NAMED not in info["security_options"]:
        return None
    return scopes.remapped_to(info)[0]


def _owner(facts: Mapping[str, Any], owner: str, first: int, paths: list[str], users: IdIndex, rootless: View | Hole) -> Json:
    number = users.number_of(owner)
    stated: dict[str, Json] = {
        "owner": owner,
        "root_is_uid": first,
        "socket": paths[0],
        "sockets": paths,
        "login_capable": attempt(_login, facts, owner, number, users),
    }
    return {**stated, "rootless": number if isinstance(number, Hole) else rootless if isinstance(rootless, Hole) else attempt(_rootless, rootless, number)}


def _login(facts: Mapping[str, Any], owner: str, number: int | None | Hole, users: IdIndex) -> bool:
    """Say whether an account by this name, or with this number, has a shell; an owner who is no account has none."""
    found = list(_shells(facts, owner, number))
    if any(isinstance(one, str) and lets_in(one) for one in found):
        return True
    unknown = worst_hole(*found, number, users.unknown)
    if unknown is not None:
        raise HoleError(unknown)
    return False


def _shells(facts: Mapping[str, Any], owner: str, number: int | None | Hole) -> Iterator[str | Hole]:
    """Yield the shell of each account that an owner names, and a hole where it is not known whether it does."""
    for source in ("principals", "nss"):
        accounts = attempt(lambda at: facts[at]["users"], source)
        if isinstance(accounts, Hole):
            yield accounts
            continue
        for key in known(accounts):
            shell = attempt(_shell, accounts, key, owner, number)
            if shell is not None:
                yield shell


def _shell(accounts: View, key: str, owner: str, number: int | None | Hole) -> str | None:
    account = accounts[key]
    same = account["name"] == owner if numeric(owner) is None else account["uid"] == number
    return str(account["shell"]) if same else None


def _rootless(rootless: View, number: int | None) -> list[str]:
    """Return the engines that somebody with this uid runs."""
    engines: list[str] = []
    unknown = opening(rootless)
    for name in known(rootless):
        user: View | Hole = attempt(rootless.__getitem__, name)
        if isinstance(user, Hole):
            unknown = worst_hole(unknown, user)
        elif user["uid"] == number:
            engines += user["engines"]
    stated: list[str] = incomplete(engines, unknown)
    return stated
