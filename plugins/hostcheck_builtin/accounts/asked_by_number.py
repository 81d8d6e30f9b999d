"""Asking a name service that lists nobody for the few that matter, one by one: sssd(8), winbind and OS Login answer for a number or a name.

What it answers convicts and never acquits: sssd may leave out members (ignore_group_members of sssd.conf(5)), and an answer that does not come looks like
one that there is none. So the lists stay open, whatever is asked.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from hostcheck.api import Group, Hole, Host, Stat, User, attempt
from hostcheck_builtin.dockerd import daemon_json, told
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.bounds import USERS_ASKED_FOR as MOST
from hostcheck_builtin.system.presence import absent_as

NAMED: Final = ("docker", "podman", "lxd", "incus-admin", "incus", "libvirt", "microk8s", "containerd", "crio", "buildkit", "disk", "wheel", "sudo")
"""The groups that let their members be root, by the names that are usual."""
Key = int | str
T = TypeVar("T")


def groups_that_matter(host: Host) -> list[Group]:
    """Return the groups that own the sockets of engines, and those with the usual names."""
    gids = sorted({gid for _, gid in _owners(host)} - {0})
    return list(_each(host.group, [*gids, *NAMED]))


def users_that_matter(host: Host, groups: Iterable[Group], listed: Iterable[User]) -> list[User]:
    """Return who is in one of these groups, owns the socket of an engine or runs a process, of those who are not listed."""
    found = {one.uid: one.name for one in listed}
    names = frozenset(found.values())
    members = list(dict.fromkeys(name for group in groups for name in group.members if name not in names))
    owners = sorted({uid for uid, _ in _owners(host)} - found.keys() - {0})
    running = sorted({uid for uid in _running(host) if uid not in found} - {0, *owners})
    return [*_each(host.user, members[:MOST]), *_each(host.user, [*owners, *running][:MOST])]


def _each(ask: Callable[[Key], T], keys: Iterable[Key]) -> Iterator[T]:
    """Yield each answer once; what is not told, or could not be asked, leaves no trace in lists that are open anyway."""
    seen = set()
    for key in keys:
        answer = absent_as(None, attempt, ask, key)
        if answer is not None and not isinstance(answer, Hole) and answer not in seen:
            seen.add(answer)
            yield answer


def _owners(host: Host) -> set[tuple[int, int]]:
    """Return the uid and gid of each socket that stands where engines have theirs."""
    found = set()
    for path in _places(host):
        place = absent_as(None, attempt, host.stat, path)
        if isinstance(place, Stat) and place.type == "socket":
            found.add((place.uid, place.gid))
    return found


def _places(host: Host) -> Iterator[str]:
    yield from candidates.WELL_KNOWN
    configured = [attempt(told.sockets, host, path) for path in daemon_json.PLACES]
    configured += [attempt(candidates.toml, host, path, engine) for path, engine in candidates.TOML.items()]
    for found in configured:
        yield from () if isinstance(found, Hole) else found


def _running(host: Host) -> set[int]:
    processes = attempt(host.processes)
    return set() if isinstance(processes, Hole) else {uid for one in processes for uid in one.uids}
