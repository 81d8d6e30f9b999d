"""Whose processes still have a group that nothing gives them any more: gpasswd -d and userdel touch no session that has begun.

What explains it counts, whatever it is: newgrp(1) with a password, pam_group, a unit. What runs in a container has what that was given by whoever
started it, and no end of a login session takes it away.
"""

from typing import Final

from hostcheck.api import Hole, Json, Why, incomplete, worst_hole
from hostcheck_builtin.accounts.people import People, Session
from hostcheck_builtin.system.bounds import PROCESSES_NAMED as NAMED

DYNAMIC: Final = range(61184, 65520)
"""The uids of users that systemd makes when a service starts (DynamicUser= of systemd.exec(5))."""
NONE: Final = {"engine": "", "id": ""}
"""What a process in a container has was given to that, and is told of elsewhere."""


def stated(people: People, gid: int) -> Json:
    """State the users whose processes have a group without a way to it, with those processes; what some users hide of their own is not counted."""
    left: dict[str, list[Session]] = {}
    hole = worst_hole(people.unknown.sessions, people.unknown.kept)
    lacking = people.unknown.missing([gid])
    for session in people.holding(gid):
        if _is_explained(people, gid, session.ids.uid):
            if session.users > 1:
                hole = worst_hole(hole, Hole(why=Why.LIMIT, message=f"processes of {session.users} users who are not in /etc/passwd are not told apart"))
            continue
        if isinstance(session.reaches, Hole):
            hole = worst_hole(hole, session.reaches)
        elif not session.ids.inside:
            hole = worst_hole(hole, lacking)
            left.setdefault(people.named(session.ids.uid)[0].key, []).append(session)
    return incomplete({} if lacking else {key: _told(people, held) for key, held in sorted(left.items())}, hole)


def by_pid(stated: Json) -> Json:
    """State the same process by process, each with whose it is; of users whose processes are not all named there may be more."""
    if isinstance(stated, Hole):
        return stated
    found: dict[str, Json] = {}
    hole = getattr(stated, "hole", None)
    for key, one in stated.items():
        if isinstance(one["pids"], Hole):
            hole = worst_hole(hole, one["pids"])
        else:
            found |= {f"{pid} of {key}": {"pid": pid, "uid": one["uid"], "name": one["name"], "container": NONE} for pid in one["pids"]}
    return incomplete(found, hole)


def _is_explained(people: People, gid: int, uid: int) -> bool:
    ways = people.ways.get(gid, {})
    return any(ways.get(person.key) for person in people.named(uid)) or (gid in people.dynamic and uid in DYNAMIC)


def _told(people: People, sessions: list[Session]) -> Json:
    owner = people.named(sessions[0].ids.uid)[0]
    counts, pids = [session.count for session in sessions], [session.pids for session in sessions]
    uncounted, unnamed = (worst_hole(*stated) for stated in (counts, pids))
    return {
        "uid": owner.uid,
        "name": owner.name,
        "count": uncounted or sum(count for count in counts if not isinstance(count, Hole)),
        "pids": unnamed or sorted({pid for one in pids if not isinstance(one, Hole) for pid in one})[:NAMED],
    }
