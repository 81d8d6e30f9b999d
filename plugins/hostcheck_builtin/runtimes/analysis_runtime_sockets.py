"""Whose the sockets of containerd and BuildKit will be after the next restart, and who gets in then.

Both give each socket that they make the owner and group that they are told, and mode 0660 (GetLocalListener of containerd, which buildkitd uses too). A
directory that is made for it gets the same owner and group. Other directories above it may stop users all the same: that is not counted, since who may
enter them then is not what is told here.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.accounts import access, access_facts
from hostcheck_builtin.accounts.access import Route
from hostcheck_builtin.accounts.dac import WRITE, Inode, Need
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.dockerd.daemon_json import PLACES
from hostcheck_builtin.groups import grants
from hostcheck_builtin.sockets.requirements import group_name
from hostcheck_builtin.system.candidates import canonical
from hostcheck_builtin.system.fact_members import collection

MODE: Final = 0o660
UNCHANGED: Final = -1
"""What chown(2) leaves as it is, which is root's."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State ``{configurations}``, by the file that says whose sockets a runtime makes."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    people, runtimes = gather(facts), facts["runtimes"]
    grants.take(people, facts)
    found, unknown = dict[str, Json](), None
    for engine in ("containerd", "buildkit"):
        listed, more = collection(lambda at=engine: runtimes[at])  # type: ignore[misc]
        unknown = worst_hole(unknown, more)
        paths = [path for path in known(listed) if path not in PLACES]  # the BuildKit in dockerd has dockerd's sockets
        found |= {path: attempt(_configuration, people, facts, engine, listed, path) for path in paths}
    return {"configurations": incomplete(found, unknown)}


def _configuration(people: People, facts: Mapping[str, Any], engine: str, listed: View, path: str) -> Json:
    one = listed[path]
    return {
        "product": attempt(one.__getitem__, "product") if engine == "containerd" else engine,
        "there": attempt(one.__getitem__, "there"),
        "templates": attempt(lambda: incomplete(list(known(one["templates"])), opening(one["templates"]))) if engine == "containerd" else [],
        "sockets": attempt(lambda: incomplete(dict(_sockets(people, facts, engine, one["sockets"])), opening(one["sockets"]))),
    }


def _sockets(people: People, facts: Mapping[str, Any], engine: str, sockets: View) -> Iterator[tuple[str, Json]]:
    """Yield each socket but those of a group that does not exist, with which buildkitd does not start."""
    for name in known(sockets):
        one = sockets[name]
        uid, gid = map_known(attempt(one.__getitem__, "uid"), _number), attempt(_gid, people, one)
        if gid is not None:
            told = {key: attempt(one.__getitem__, key) for key in ("address", "by", "set_in")}
            told |= {"obeys": name != "debug", "told_now": attempt(_told_now, facts, engine, one, uid, gid) is True}
            yield name, {**told, "uid": uid, "gid": gid, **_access(people, uid, gid)}


def _number(stated: int) -> int:
    return 0 if stated == UNCHANGED else stated


def _gid(people: People, one: View) -> int | None:
    """Return the gid of a socket's group, None where its name is that of no group."""
    stated = one["gid"]
    if isinstance(stated, int):
        return _number(stated)
    gid = people.gid_of(stated)
    if gid is None and people.unknown.names:
        raise HoleError(people.unknown.names)
    return gid


def _access(people: People, uid: int | Hole, gid: int | Hole) -> dict[str, Json]:
    """State who may write to a socket with this owner and group: by the group even who gets it later, but these have no name yet."""
    if isinstance(uid, Hole) or isinstance(gid, Hole):
        unknown = worst_hole(*(one for one in (uid, gid) if isinstance(one, Hole)))
        return {"permissions": unknown, "reached_by": unknown}
    found = access.access(people, [Route(needs=(Need(place=Inode(path="", uid=uid, gid=gid, mode=MODE), want=WRITE),))])
    return {"permissions": f"{people.owner(uid)}:{group_name(people, gid)} {MODE:04o}", "reached_by": access_facts.words(found)}


def _told_now(facts: Mapping[str, Any], engine: str, one: View, uid: int | Hole, gid: int | Hole) -> bool:
    """Say whether the socket that is there now has the same owner and group, and lets in somebody by it: then who that is is judged now."""
    sockets = facts["socket-access"]["sockets"]
    path = canonical(str(one["address"]))
    if path not in sockets:
        return False
    now = sockets[path]
    roots = now["engine"] == engine and now["scope"] == "rootful" and now["listening"] is True
    same = now["owner_uid"] == uid and now["gid"] == gid and int(now["mode"], 8) & MODE == MODE
    granted: View = now["granted"]
    return roots and same and any(not isinstance(attempt(granted.__getitem__, key), Hole) for key in known(granted))
