"""Who can put another in the place of a socket, and what a fix has to change there: the topmost directory that lets them, or a link that leads through it."""

from collections.abc import Mapping

from hostcheck.api import Hole, Json, View, attempt, worst_hole
from hostcheck_builtin.accounts import access, access_facts, path_routes
from hostcheck_builtin.accounts.access import Access
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.sockets import requirements
from hostcheck_builtin.sockets.private_directories import Homes


def link(socket: View, path: str) -> dict[str, Json]:
    """State of a path that is a link itself whether root alone can put another file there, and whether root's engine needs it; nothing of another."""
    if path not in socket["links"]:
        return {}
    alone, scope, listens = requirements.only_root(requirements.exposed(socket), path), requirements.scope_of(socket), attempt(socket.__getitem__, "listening")
    needed = worst_hole(scope, listens) or (scope == "rootful" and listens)
    return {"root_only": alone, "removable": alone and (needed if isinstance(needed, Hole) else not needed)}


def taking(people: People, private: Homes, socket: View, taken: Mapping[str, Access], uid: int = 0) -> dict[str, Json]:
    """State who but root and `uid` can put another in its place, and of the topmost directory that lets them what a fix has to change there."""
    cause = _cause(people, private, socket, taken, uid)
    found = access_facts.taking(access.merged(taken.values()))
    return found if cause is None else {**found, "cause": cause}


def _cause(people: People, private: Homes, socket: View, taken: Mapping[str, Access], uid: int) -> dict[str, Json] | Hole | None:
    open_folders = requirements.exposed(socket)
    for path, found in taken.items():
        clear = access.nobody(found) if path in open_folders else True
        if clear is not True:
            folder = path_routes.place(path, socket["parents"][path])
            return clear or {
                **{"path": path, "mode": f"{folder.mode:04o}", "owner_uid": folder.uid, "owner": people.owner(folder.uid)},
                **{"group": requirements.group_name(people, folder.gid), "writable": bool(folder.mode & 0o022), "everyone": found.everyone},
                **{"sticky": bool(folder.mode & path_routes.STICKY), "personal": personal(people, private, socket, path)},
                "foreign": folder.uid not in (0, uid),
                "root_only": requirements.only_root(open_folders, path),
            }
    return None


def personal(people: People, private: Homes, socket: View, path: str) -> bool | Hole:
    """Say whether a directory of the way is one that a user lives in, which root cannot take without breaking what that user does."""
    uid = socket["parents"][path]["uid"]
    return private.personal(path, uid, [person.name for person in people.named(uid) if isinstance(person.name, str)])
