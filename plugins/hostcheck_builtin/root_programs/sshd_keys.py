"""Which files sshd takes a user's keys from, and whether it takes one that others can write: sshd_config(5), AuthorizedKeysFile and StrictModes.

With StrictModes it passes over a file, or one below a home, that the group or others may write. Debian's takes one that its owner's own group may write,
which has nobody else in it (user-group-modes.patch), as an ACL makes every file that it lets somebody write.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final

from hostcheck.api import Hole, Host, Stat, attempt, both, map_known
from hostcheck_builtin.accounts import sshd_settings
from hostcheck_builtin.root_programs.root_files import DEBIAN, RootFiles
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import AUTHORIZED_KEYS_FILES as STATED
from hostcheck_builtin.system.path_walk import WalkedPath

USUAL: Final = (".ssh/authorized_keys", ".ssh/authorized_keys2")
ROOT: Final = {"name": "root", "uid": 0, "gid": 0, "home": "/root"}


@dataclass(slots=True, kw_only=True)
class SshdKeys:
    """What sshd's configuration says of keys: `strict` is whether it looks at modes; `programs` are those that it asks, each with its place."""

    files: RootFiles
    told: list[list[str]] | Hole
    strict: bool | Hole
    primary: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    members: dict[int, set[str]] | Hole | None = None

    def of(self, user: dict[str, Any], may_be: Callable[[str], bool] = bool) -> Iterator[tuple[str, str, bool | Hole]]:
        """Yield the files with a user's keys that may be there, each with the place that says so, and whether sshd takes keys from it as it is."""
        named = [(place, value) for place, keyword, *values in self._told if keyword == "authorizedkeysfile" for value in values]
        home, read = str(user["home"]).rstrip("/"), [value.removeprefix("%h/") for _, value in named]
        for path in [one for one in (f"{home}/{name}" for name in USUAL) if may_be(one)]:
            name = path.removeprefix(f"{home}/")
            sure = self.takes(path, user) if not named or name in read else False
            yield path, path, self.told if isinstance(self.told, Hole) and sure else sure
        for place, value in named[:STATED]:
            told = value.replace("%h", home).replace("%u", str(user["name"])).replace("%U", str(user["uid"]))
            path = told if told.startswith("/") else f"{home}/{told}"
            if "%" not in path and value.removeprefix("%h/") not in USUAL and may_be(path):
                yield path, place, self.takes(path, user)

    def programs(self) -> Iterator[tuple[str, str]]:
        """Yield the programs that sshd asks for keys, each with the place that says so."""
        for place, keyword, *values in self._told:
            if keyword == "authorizedkeyscommand" and values and "%" not in values[0]:
                yield values[0], place

    @property
    def _told(self) -> list[list[str]]:
        return [] if isinstance(self.told, Hole) else self.told

    def takes(self, path: str, user: dict[str, Any]) -> bool | Hole:
        """Say whether sshd takes keys from a file whoever may write it (secure_permissions() of OpenSSH's misc.c)."""
        if self.strict is False:
            return True
        way = self.files.way(path)
        if isinstance(way, Hole) or way.type != "file":
            return way if isinstance(way, Hole) else False
        secure = reduce(both, (self._is_secure(one, user) for one in _checked(way, str(user["home"]))))
        return self.strict if isinstance(self.strict, Hole) and secure is not True else secure

    def _is_secure(self, found: Stat, user: dict[str, Any]) -> bool | Hole:
        if found.uid not in (0, user["uid"]) or found.mode & 0o002:
            return False
        return not found.mode & 0o020 or (found.gid == user["gid"] and self._is_alone_in_group(user))

    def _is_alone_in_group(self, user: dict[str, Any]) -> bool | Hole:
        """Say whether Debian's sshd takes the user's group for theirs alone."""
        debian = map_known(self.files.way(DEBIAN), lambda way: way.found)
        if debian is False:
            return False
        members = self._members()
        if self.primary[user["gid"]] - {user["uid"]}:
            return False
        unread = self.files.passwd if isinstance(self.files.passwd, Hole) else True
        return both(both(debian, unread), map_known(members, lambda known: known.get(user["gid"], set()) <= {user["name"]}))

    def _members(self) -> dict[int, set[str]] | Hole:
        """Return who stands in the lines of each group, and note who has it as primary group, which is read once."""
        if self.members is None:
            for one in self.files.accounts():
                self.primary[one["gid"]].add(one["uid"])
            self.members = attempt(_members, self.files.host)
        return self.members


def _members(host: Host) -> dict[int, set[str]]:
    members: dict[int, set[str]] = defaultdict(set)
    for group in account_files.groups(account_files.text_of(host, "/etc/group"))[0].values():
        members[group["gid"]].update(group["members"])
    return members


def _checked(way: WalkedPath, home: str) -> Iterator[Stat]:
    """Yield what sshd looks at: the file, and the directories above it up to the home, or to / where it is not below that."""
    yield way.end
    above = home.rstrip("/")
    inside = way.realpath.startswith(f"{above}/")
    for path, found in way.parents.items():
        if not inside or path == above or path.startswith(f"{above}/"):
            yield found


def begin(files: RootFiles) -> SshdKeys:
    """Read sshd's configuration; what stops that is a hole of the group."""
    told = attempt(lambda: list(sshd_settings.settings(files.host)))
    files.group.lack(told)
    # Of several values the first counts; a Match block can have none.
    strict = told if isinstance(told, Hole) else next((values[:1] != ["no"] for _, keyword, *values in told if keyword == "strictmodes"), True)
    return SshdKeys(files=files, told=told, strict=strict)
