"""Who can change what is at a path, or put something else there, and who can read it, as a probe states its way; with what a fix has to change.

A process that may pass over all permissions by a capability gets at every file of the host and is no way to one of them: rules about sockets name it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import access, access_facts, path_routes
from hostcheck_builtin.accounts.access import Access, Route
from hostcheck_builtin.accounts.dac import may
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.accounts.sessions_in_sight import Ends
from hostcheck_builtin.groups import grants
from hostcheck_builtin.sockets import private_directories, requirements, setgid_ways
from hostcheck_builtin.sockets.private_directories import Homes
from hostcheck_builtin.system.fact_members import part_of_each

OTHERS_WRITE: Final = 0o022
STICKY: Final = 0o1000
NOT_THERE: Final = ("absent", "dangling")


@dataclass(slots=True, kw_only=True)
class Judge:
    """Who is on the host, whose homes are where, and who passes the routes that were asked about: many files are in few directories."""

    people: People
    private: Homes
    passed: dict[Route, Access] = field(default_factory=dict)

    def access(self, route: Route, own: Collection[int]) -> Access:
        """Return who passes a route but root and its `own` users."""
        if is_closed(route, own):
            return Access()
        if route.only is None and may(access.STRANGER, route.needs)[0] is True:
            return Access(everyone=True)  # nobody is named: there may be very many users, and many files
        if route not in self.passed:
            self.passed[route] = access.access(self.people, [route])
        found = self.passed[route]
        for uid in own:
            found = access.but(found, uid)
        return found

    def account(self, uid: int) -> bool | Hole:
        """Say whether some account has a uid; whoever gets one that none has is given what belongs to it."""
        return uid == 0 or uid in self.people.by_uid or self.people.unknown.users or False


def begin(facts: Mapping[str, Any], ends: Ends | None = None) -> Judge:
    """Take everybody but root, without capabilities; `ends` are what is asked about, the files of this domain where nothing is said."""
    people = gather(facts, ends or partial(_ends, facts))
    grants.take(people, facts)
    setgid_ways.take(people, facts)
    people.sessions = [replace(one, ids=replace(one.ids, override=False, search=False, powers=()), able=None) for one in people.sessions]
    return Judge(people=people, private=private_directories.of(facts))


def _ends(facts: Mapping[str, Any]) -> Iterator[View | Hole]:
    """Yield what is asked about: root's files by kind, and those of each home."""
    for kind in known(facts["engine-files"]):
        yield attempt(facts["engine-files"].__getitem__, kind)
    yield from part_of_each(lambda: facts["user-files"]["homes"], "keys", "credentials", "commands")


def is_closed(route: Route, own: Collection[int]) -> bool:
    """Say whether the modes alone keep out everybody but root and its `own` users; the group bits are the mask of an ACL (acl(5))."""
    if route.only is not None and route.only <= {0, *own}:
        return True
    return any(
        need.place.uid in (0, *own) and need.place.mode >> 3 & need.want != need.want and need.place.mode & need.want != need.want for need in route.needs
    )


def changes(judge: Judge, entry: View, own: Collection[int], but: Collection[str] = ()) -> dict[str, Json]:
    """State who but root and its `own` users can change what is at a path or put something else there, without those who do it in `but` these directories.

    `cause` is the topmost place of the way that lets them. Where the way is known only in part, others may be let in behind that.
    """
    stopped = path_routes.stopped(entry)
    routes = [*sorted(path_routes.replacing(entry), key=_depth), *([] if stopped else path_routes.writing(entry))]
    found = {route.path: judge.access(route, own) for route in routes if route.path not in but}
    whole = access.merged([*found.values(), Access(hole=stopped, uncertain=stopped)])
    users = access_facts.stated(whole)
    everyone = whole.everyone or stopped or False
    stated: dict[str, Json] = {"everyone": everyone, "users": access_facts.granted(whole, users), "ways": access_facts.words(whole)}
    cause = next((path for path, one in found.items() if one.everyone or one.users), "")
    if cause:
        stated["cause"] = place(judge, entry, cause, own, everyone=found[cause].everyone)
    elif stopped:
        stated["cause"] = stopped
    return stated


def is_nobody(changed: Mapping[str, Json]) -> bool:
    """Say whether nobody is known who can change something; there may be somebody all the same."""
    return changed["everyone"] is not True and not known(changed["users"])


def reads(judge: Judge, entry: View, own: Collection[int]) -> dict[str, Json]:
    """State who but root and its `own` users can read a file, or enter a directory: nobody where nothing is there."""
    if entry["type"] in NOT_THERE:
        return {"everyone": False, "users": {}, "ways": []}
    found = judge.access(path_routes.reading(entry), own)
    users = access_facts.stated(found)
    return {"everyone": found.everyone, "users": access_facts.granted(found, users), "ways": access_facts.words(found)}


def place(judge: Judge, entry: View, path: str, own: Collection[int], *, everyone: bool) -> dict[str, Json]:
    """State a place of a way with what a fix has to know of it."""
    parents, people = entry["parents"], judge.people
    inode = path_routes.place(path, parents[path]) if path in parents else path_routes.end_of(entry)
    names = [one.name for one in people.named(inode.uid) if isinstance(one.name, str)]
    return {
        **{"path": path, "type": "dir" if path in parents else entry["type"], "mode": f"{inode.mode:04o}", "owner_uid": inode.uid},
        **{"owner": people.owner(inode.uid), "account": judge.account(inode.uid), "group": requirements.group_name(people, inode.gid)},
        **{"writable": bool(inode.mode & OTHERS_WRITE), "everyone": everyone, "sticky": path in parents and bool(inode.mode & STICKY)},
        **{"personal": judge.private.personal(path, inode.uid, names), "own": inode.uid in own},
        "root_only": requirements.only_root(requirements.exposed(entry), path),
    }


def members(judge: Judge, entry: View, own: Collection[int]) -> Json:
    """State the members of a directory that somebody can change otherwise than by changing it, or one above it; none where the way is not known."""
    if stopped := path_routes.stopped(entry):
        return incomplete({}, stopped)
    above = frozenset((*entry["parents"], entry["realpath"]))
    stated: dict[str, Json] = {}
    listed: View = entry["members"]
    hole = opening(listed)
    for name in known(listed):
        found = attempt(lambda one: changes(judge, listed[one], own, above), name)
        if isinstance(found, Hole) or (is_nobody(found) and isinstance(found["everyone"], Hole)):
            hole = worst_hole(hole, found if isinstance(found, Hole) else found["everyone"])
        elif found["everyone"] or found["users"] or getattr(found["users"], "hole", None):
            stated[name] = found
    return incomplete(stated, hole)


def _depth(route: Route) -> tuple[int, str]:
    return route.path.rstrip("/").count("/"), route.path
