"""Asking a name service that lists nobody for the few that matter, one by one: sssd(8), winbind and OS Login answer for a number or a name.

These users matter: the owner of an engine's socket, users in its ACL, users named by a rule of sudo or doas, and users who run a process; also the members of
a group that owns such a socket, is in its ACL or is named by such a rule. The directory may leave out the members of a group (ignore_group_members of
sssd.conf(5)). So a group of the directory always has unknown members besides the known ones.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from hostcheck.api import Group, Hole, Host, User, Why, attempt, worst_hole
from hostcheck_builtin.accounts import named_in_rules
from hostcheck_builtin.dockerd import daemon_json, told
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.bounds import USERS_ASKED_FOR as MOST
from hostcheck_builtin.system.presence import absent_as

NAMED: Final = ("docker", "podman", "lxd", "incus-admin", "incus", "libvirt", "microk8s", "containerd", "crio", "buildkit", "disk", "wheel", "sudo")
"""The groups that let their members be root, by the names that are usual."""
Key = int | str
T = TypeVar("T")


class NameService:
    """What a name service answered, asked for one after the other; `hole` is the worst of what it did not."""

    def __init__(self, host: Host) -> None:
        """Ask for nothing yet."""
        self._host = host
        self._names, self.hole = named_in_rules.of(host)
        self._uids, self._gids = self._ids()

    def groups(self) -> list[Group]:
        """Return the groups of the sockets of engines and of their ACLs, those that rules name, and those with the usual names."""
        named = self._so_many([*dict.fromkeys([*map(named_in_rules.key, sorted(self._names.groups)), *NAMED])])
        return list(self._each(self._host.group, [*sorted(self._gids - {0}), *named]))

    def users(self, groups: Iterable[Group], listed: Iterable[User]) -> list[User]:
        """Return who is in one of these groups, has a socket of an engine, is named in a rule or runs a process, of those who are not listed."""
        found = {one.uid: one.name for one in listed}
        names = frozenset(found.values())
        members = [name for group in groups for name in group.members]
        named = [name for name in dict.fromkeys([*members, *sorted(self._names.users)]) if name not in names]
        owners = sorted(self._uids - found.keys() - {0})
        running = sorted({uid for uid in self._running() if uid not in found} - {0, *owners})
        return [*self._each(self._host.user, self._so_many([*map(named_in_rules.key, named)])), *self._each(self._host.user, [*owners, *running][:MOST])]

    def _so_many(self, keys: list[Key]) -> list[Key]:
        """Return the first keys, as many as there is time for. Note it if some are left out."""
        if len(keys) > MOST:
            self.hole = worst_hole(self.hole, Hole(why=Why.LIMIT, message=f"more than {MOST} users or groups to ask the name service for"))
        return keys[:MOST]

    def _each(self, ask: Callable[[Key], T], keys: Iterable[Key]) -> Iterator[T]:
        """Yield each answer once, and note where none came."""
        seen = set()
        for key in keys:
            answer = self._told(ask, key)
            if answer is not None and answer not in seen:
                seen.add(answer)
                yield answer

    def _told(self, ask: Callable[..., T], *args: object) -> T | None:
        """Return an answer, None where there is none, and note where none came."""
        answer = absent_as(None, attempt, ask, *args)
        if isinstance(answer, Hole):
            self.hole = worst_hole(self.hole, answer)
            return None
        return answer

    def _ids(self) -> tuple[set[int], set[int]]:
        """Return the uids and the gids that have the sockets where engines have theirs, by owner and by ACL."""
        uids, gids = set[int](), set[int]()
        for path in self._places():
            place = self._told(self._host.stat, path)
            if place is not None and place.type == "socket":
                uids |= {place.uid, *(entry.id for entry in place.acl if entry.tag == "user")}
                gids |= {place.gid, *(entry.id for entry in place.acl if entry.tag == "group")}
        return uids, gids

    def _places(self) -> Iterator[str]:
        yield from candidates.WELL_KNOWN
        for path in daemon_json.PLACES:
            yield from self._told(told.sockets, self._host, path) or ()
        for path, engine in candidates.TOML.items():
            yield from self._told(candidates.toml, self._host, path, engine) or ()

    def _running(self) -> set[int]:
        return {uid for one in self._told(self._host.processes) or () for uid in one.uids}
