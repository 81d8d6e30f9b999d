"""How each range can be taken away or moved, and what its owner can be given instead: what the fixes of the rules are made of.

usermod(8) finds a range by the very name of an account in /etc/passwd, and leaves behind what a line says beyond 32 bits; every other line is taken
out by its text. Whom a free range is offered depends on all who need one: where anything of that is not known, nobody is offered any.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex, numeric
from hostcheck_builtin.subids.moving_ranges import moving
from hostcheck_builtin.subids.range_traits import Parted, Traits
from hostcheck_builtin.subids.spare_ranges import NSPAWN, SIZE, spares
from hostcheck_builtin.subids.subid_files import File
from hostcheck_builtin.subids.subid_owners import total
from hostcheck_builtin.subids.subid_ranges import Range, line_key
from hostcheck_builtin.system.bounds import ACCOUNTS_OFFERED_A_RANGE as GIVEN
from hostcheck_builtin.system.fact_members import sure

EVERYBODY: Final = -1
Told = dict[str, Json]
Stated = Mapping[str, Mapping[str, Told]]
"""The ranges of each kind of file by key, with what they give away."""


class Accounts:
    """The accounts of /etc/passwd, by name and by uid."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """Take them from the facts of principals."""
        self.users: View | Hole = attempt(lambda: facts["principals"]["users"])
        self.names = attempt(self._by_uid)

    def _by_uid(self) -> dict[int, str]:
        """Return the names by uid; of several accounts with one uid, the first counts (getpwuid(3))."""
        users = self._users()
        if hole := opening(users):
            raise HoleError(hole)
        names: dict[int, str] = {}
        for key in known(users):
            if users[key]["name"] == key:
                names.setdefault(users[key]["uid"], key)
        return names

    def _users(self) -> View:
        return sure(self.users)

    def uid(self, name: str) -> int:
        """Return the uid of an account."""
        return int(self._users()[name]["uid"])

    def named(self, owner: str) -> str | None | Hole:
        """Return the account that the owner of a range is, by name or by number; None where /etc/passwd has none."""
        number = numeric(owner)
        if number is None:
            return attempt(lambda: owner if owner in self._users() else None)
        return self.names if isinstance(self.names, Hole) else self.names.get(number)


class OwnEngines:
    """What of an account runs that a change of its ranges has to stop first."""

    def __init__(self, facts: Mapping[str, Any], accounts: Accounts, rootless: View | Hole) -> None:
        """Take the engines of users, and who lingers, from the facts."""
        self.facts, self.accounts, self.rootless = facts, accounts, rootless
        self.docker, self.unsure = self._docker_uids()

    def _docker_uids(self) -> tuple[set[int], dict[int, Hole]]:
        """Return who is known to run a Docker, and the holes where others may, by uid; that of EVERYBODY says nothing of whom."""
        if isinstance(self.rootless, Hole):
            return set(), unsure_of([self.rootless])
        users = self.rootless
        found = {name: attempt(lambda at: isinstance(users[at]["uid"], int) and "docker" in users[at]["engines"], name) for name in known(users)}
        return {users[name]["uid"] for name, runs in found.items() if runs is True}, unsure_of([opening(users), *found.values()])

    def of(self, account: str | Hole) -> Told:
        """State how an account's Docker was started, and whether its services run without a login."""
        if isinstance(account, Hole):
            return {"docker": account, "lingers": account}
        lingers = attempt(lambda: account in self.facts["user-clients"]["lingering"])
        return {"docker": attempt(self._docker, account), "lingers": lingers}

    def _docker(self, account: str) -> str:
        uid = self.accounts.uid(account)
        if uid not in self.docker:
            if hole := worst_hole(self.unsure.get(EVERYBODY), self.unsure.get(uid)):
                raise HoleError(hole)
            return "none"
        started = sure(self.started)
        return "unit" if sure(started.get(uid) or started.get(EVERYBODY)) else "other"

    @cached_property
    def started(self) -> dict[int, bool | Hole] | Hole:
        """Return by uid whether a user's systemd has started a Docker, or why that is not known; of EVERYBODY else what is not known."""
        return attempt(self._started)

    def _started(self) -> dict[int, bool | Hole]:
        sockets = self.facts["engine-scope"]["user_sockets"]
        found, unread = dict[int, bool | Hole](), [opening(sockets)]
        for path in known(sockets):
            unit = attempt(_unit_of, sockets, path)
            owner = attempt(_owner, sockets, path) if isinstance(unit, Hole) else unit
            if isinstance(unit, Hole) and isinstance(owner, Hole):
                unread.append(unit)
            elif isinstance(owner, int) and owner != EVERYBODY and found.get(owner) is not True:
                found[owner] = unit if isinstance(unit, Hole) else True
        return {**unsure_of(unread), **found}


def unsure_of(values: Iterable[object]) -> dict[int, Hole]:
    """Return the holes among values by the uid of each whose things alone they are about, and of EVERYBODY what is not known of anybody."""
    found: dict[int, Hole] = {}
    for hole in (value for value in values if isinstance(value, Hole)):
        for uid in hole.owners or (EVERYBODY,):
            found[uid] = worst_hole(found.get(uid), hole) or hole
    return found


def _owner(sockets: View, path: str) -> int:
    return int(sockets[path]["owner_uid"])


def _unit_of(sockets: View, path: str) -> int:
    """Return whose systemd has started the Docker that listens there, -1 where that is no such."""
    one = sockets[path]
    if not one["running"] or one["engine"] != "docker" or one["unit"]["manager"] != "user" or one["unit"]["name"] != "docker.service":
        return EVERYBODY
    return _owner(sockets, path)


class Remedies:
    """What can be done about ranges: `add_to_ranges` and `add_to_holders` state it."""

    def __init__(self, facts: Mapping[str, Any], files: Mapping[str, File], users: IdIndex, groups: IdIndex, rootless: View | Hole) -> None:
        """Take what is known of the host."""
        self.subids: View = facts["subids"]
        self.accounts, self.files, self.users, self.groups, self.rootless = Accounts(facts), files, users, groups, rootless
        self.asks_files = attempt(lambda: bool(self.subids["source"]["files"]))
        self.root_owned = {kind: attempt(lambda at: bool(self.subids["files"][f"/etc/{at}"]["root_owned"]), kind) for kind in files}
        self.readings = {kind: file.unread for kind, file in files.items()}
        self.named = {owner: self.accounts.named(owner) for owner in {one.owner for file in files.values() for one in file.ranges}}
        self.running = OwnEngines(facts, self.accounts, rootless)
        self.spares: dict[str, Json] | Hole = {}
        self.clean_ids: dict[str, dict[str, int]] = {}

    def add_to_ranges(self, stated: Stated, parts: Mapping[str, Parted]) -> None:
        """State of each range that stands alone how it is taken away, and whether it has to move; then what its owner is offered."""
        moves = {kind: moving(file, self.users, self.groups, parts[kind].traits) for kind, file in self.files.items()}
        for kind, file in self.files.items():
            to_move = moves[kind]
            for one in (file.ranges[place] for place in parts[kind].alone):
                member = stated[kind][one.key]
                member.update(self._range(one))
                member["moves"] = to_move if isinstance(to_move, Hole) else one.key in to_move
        self.spares = attempt(self._offered, parts, moves)
        for kind, members in stated.items():
            for member in members.values():
                self._offer(member, kind)

    def _range(self, one: Range) -> Told:
        account = self.named[one.owner]
        stated: Told = {"remove_by": self._remove_by(one, account)}
        if account is not None:
            stated.update(account=account, **self.running.of(account))
        return {**stated, "text": one.text} if one.text else stated

    def _remove_by(self, one: Range, account: str | None | Hole) -> str | Hole:
        if one.plain and numeric(one.owner) is None and "shadow" in one.by:
            if isinstance(hole := worst_hole(account, self.asks_files), Hole):
                return hole
            if account is not None and self.asks_files is True:
                return "usermod"
        return self.by_text(one.kind, one.text)

    def by_text(self, kind: str, text: str) -> str | Hole:
        """Return how a line is taken away by its text: a command writes to a file only where nobody but root can put another one in its place."""
        if not text:
            return "editor"
        owned = self.root_owned[kind]
        return owned if isinstance(owned, Hole) else "line" if owned else "editor"

    def _offer(self, member: Told, kind: str) -> None:
        account = member.get("account")
        member["offered"] = self.spares if isinstance(self.spares, Hole) else False
        if isinstance(self.spares, Hole):
            member["spare"] = self.spares
        elif isinstance(account, str) and account in self.spares and self.clean_ids[kind].get(account, 0) < SIZE:
            member.update(spare=self.spares[account], offered=True)

    def _offered(self, parts: Mapping[str, Parted], moves: Mapping[str, set[str] | Hole]) -> dict[str, Json]:
        """Return a free range for each account that has too few ids which nobody else has; raises HoleError where that is not known."""
        rootless = self._rootless()
        unknown = worst_hole(self.users.unknown, self.groups.unknown, *(file.unknown for file in self.files.values()), self.accounts.names)
        if unknown is not None:
            raise HoleError(unknown)
        values = self.subids["login_defs"]["values"]
        settings = {name: values[name] for name in values}
        self.clean_ids = {kind: self._clean(parts[kind].traits, moves[kind], file) for kind, file in self.files.items()}
        listed = {account for account in self.named.values() if isinstance(account, str)}
        owners = listed | rootless
        needy = [name for name in owners if any(ids.get(name, 0) < SIZE for ids in self.clean_ids.values())]
        needy = sorted(needy, key=lambda name: (name in rootless - listed, name))[:GIVEN]
        everything = [one for file in self.files.values() for one in file.ranges]
        taken = [(one.first, one.last) for one in everything if one.first]
        used = [(number, number) for index in (self.users, self.groups) for number in index.names]
        return spares(needy, [*taken, *used], [(one.first, one.last) for one in everything if not one.first], settings)

    def _rootless(self) -> set[str]:
        """Return who has an engine, or may have one by what is not known of nobody else's; raises HoleError where it may be anybody."""
        engines = sure(self.rootless)
        uids = {name: attempt(lambda name: int(engines[name]["uid"]), name) for name in known(engines)}
        unsure = unsure_of([opening(engines), *uids.values()])
        if EVERYBODY in unsure:
            raise HoleError(unsure[EVERYBODY])
        found = {self.accounts.named(str(uid)) for uid in (*uids.values(), *unsure) if isinstance(uid, int)}
        return {name for name in found if isinstance(name, str)}

    def _clean(self, traits: Mapping[str, Traits], moves: set[str] | Hole, file: File) -> dict[str, int]:
        """Count for each account the ids that it can keep."""
        kept: dict[str, list[Range]] = defaultdict(list)
        for one in file.ranges:
            account = self.named[one.owner]
            if isinstance(account, str) and "shadow" in one.by and _stays(one, traits[one.key], moves):
                kept[account].append(one)
        return {account: total(found) for account, found in kept.items()}

    def add_to_holders(self, held: Json) -> None:
        """State of each owner how the ranges are taken away, where they stand, and what the owner is offered."""
        for name, member in held.items() if isinstance(held, dict) else ():
            if not isinstance(member, dict):
                continue
            if member["names"] != [name]:
                member["remove_by"] = "editor"
                continue
            account = self.accounts.named(name)
            member["owner"], member["remove_by"] = name, self._holder_by(name, account)
            if account is not None:
                member.update(account=account, **self.running.of(account))
            if isinstance(self.spares, Hole):
                member["spare"] = self.spares
            elif isinstance(account, str) and account in self.spares:
                member["spare"] = self.spares[account]
            for kind, file in self.files.items():
                lines = self._lines(file, name)
                if lines or file.unknown:
                    member[f"{kind}_line"] = file.unknown or line_key(lines[0])

    def beside(self) -> Json:
        """State the owners of lines in the files where shadow asks another source; nobody where it asks the files."""
        if isinstance(self.asks_files, Hole) or self.asks_files:
            return self.asks_files if isinstance(self.asks_files, Hole) else {}
        owners = {kind: {one.owner for one in file.ranges} for kind, file in self.files.items()}
        told: dict[str, Json] = {owner: self._beside(owner, owners) for owner in sorted(set().union(*owners.values()))}
        return incomplete(told, worst_hole(*self.readings.values()))

    def _beside(self, owner: str, owners: Mapping[str, set[str]]) -> Json:
        where: Told = {kind: True if owner in found else self.readings[kind] or False for kind, found in owners.items()}
        owned = worst_hole(*self.root_owned.values()) or all(self.root_owned.values())
        return {"owner": owner, **where, "remove_by": owned if isinstance(owned, Hole) else "line" if owned and "\\" not in owner else "editor"}

    def _lines(self, file: File, owner: str) -> list[Range]:
        number = numeric(owner)
        return file.by_name.get(owner, []) if number is None else [one for one in file.by_number.get(number, ()) if one.owner == owner]

    def _holder_by(self, owner: str, account: str | None | Hole) -> str | Hole:
        lines = [one for file in self.files.values() for one in self._lines(file, owner)]
        ways = [self._remove_by(one, account) for one in lines]
        if isinstance(hole := worst_hole(*ways, *(file.unknown for file in self.files.values())), Hole):
            return hole
        if all(way == "usermod" for way in ways):
            return "usermod"
        return worst_hole(*self.root_owned.values()) or ("line" if all(self.root_owned.values()) and "\\" not in owner and "editor" not in ways else "editor")


def _stays(one: Range, traits: Traits, moves: set[str] | Hole) -> bool:
    """Say the same of a range by its traits."""
    return traits.portable and not traits.has_others_ids and not isinstance(moves, Hole) and one.key not in moves


def gives_nothing_away(member: Mapping[str, Json]) -> bool:
    """Say whether a range can stay: nobody else has any of its ids, or is given some of them, and all that read it read the same."""
    gives = member["includes_0"] or member.get("users") or member.get("groups") or set(member["meets"]) - {NSPAWN}
    return not gives and not member["moves"] and member["portable"] is True
