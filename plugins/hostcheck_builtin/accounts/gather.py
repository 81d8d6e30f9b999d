"""Gather who is on the host from what the probes principals and nss state.

The files must have been read, or nothing is known; whatever else was not, leaves a hole beside what is known: a name service that did not answer,
/etc/gshadow that only root reads, processes that are hidden.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts import sessions_in_sight
from hostcheck_builtin.accounts.idle_accounts import idle
from hostcheck_builtin.accounts.people import People, Person, Unknown
from hostcheck_builtin.accounts.sessions_in_sight import Ends
from hostcheck_builtin.accounts.stock_accounts import SHIPPED
from hostcheck_builtin.system.account_files import BARRED
from hostcheck_builtin.system.bounds import USERS_GATHERED as MANY
from hostcheck_builtin.system.fact_members import collection, each_known, opened

MEMBERS: Final = "members of group"
"""The name of the entry for the unknown members of a directory's group; the name of the group follows it."""
NO_UID: Final = 2**32 - 1
"""The uid of that entry. No file and no process can have this uid (setreuid(2))."""


class Gathered(NamedTuple):
    """Who there is by the files and the name service, and the holes where there may be others, or other groups of theirs."""

    people: People
    users: Hole | None
    names: Hole | None = None
    groups: Hole | None = None
    shadow: Hole | None = None


_KEPT: dict[str, tuple[tuple[Any, ...], Gathered]] = {}
"""What was made of very many users last, with the facts that it was made of."""


def users(facts: Mapping[str, Any]) -> People:
    """Return the users by the probes principals and nss, without groups and sessions; raises HoleError where /etc/passwd was not read."""
    whence = facts["principals"], _listed(facts, "users")
    found = _kept("users", whence, _only_users)
    found.people.unknown = Unknown(users=found.users)
    return found.people


def gather(facts: Mapping[str, Any], ends: Ends | None = None) -> People:
    """Return who there is by the probes principals and nss; raises HoleError where the files themselves were not read.

    `ends` returns the collections of what is asked about, each member with its `realpath`, the sockets of engines where nothing is said: a process in a
    container counts if it sees one of these.
    """
    files = facts["principals"]
    whence = files, *(_listed(facts, part) for part in ("users", "groups", "memberships"))
    people, users, names, groups, shadow = _kept("all", whence, _everybody)
    people.sessions, sessions = sessions_in_sight.sessions(files, ends or partial(sessions_in_sight.all_sockets, facts))
    people.unknown = Unknown(
        users=users,
        # Who is not listed has a primary group and memberships that are not listed either.
        groups=worst_hole(groups, shadow, users),
        # A session has a group without asking for it by the line and by the primary group, whatever /etc/gshadow says.
        lines=worst_hole(groups, users),
        names=names,
        sessions=sessions,
        kept=worst_hole(*(session.unsure for session in people.sessions if session.unsure and not session.unsure.owners)),
        theirs=worst_hole(*(session.unsure for session in people.sessions if session.unsure and session.unsure.owners)),
        reach=worst_hole(*(session.reaches for session in people.sessions)),
    )
    people.lack(0, worst_hole(*(one for key, one in people.idle.items() if key in SHIPPED)))
    for session in people.sessions:
        # somebody whom no database has, but who has a process
        if session.reaches is True and session.ids.uid not in people.by_uid:
            people.add(people.nameless(session.ids.uid))
    return people


def _kept(what: str, whence: tuple[Any, ...], make: Callable[..., Gathered]) -> Gathered:
    """Return what is made of the files and what the name service lists; what was made of the same facts last is used again, unless they tell of few."""
    last = _KEPT.get(what)
    if last is None or not all(map(_is_same, last[0], whence)):
        last = whence, make(*whence)
        if len(last[1].people.persons) < MANY:
            return last[1]
        _KEPT[what] = last
    return last[1]._replace(people=last[1].people.copy())


def _is_same(one: View | Hole, other: View | Hole) -> bool:
    return one is other if isinstance(one, Hole) else one.is_same(other)


def _only_users(files: View, users: View | Hole) -> Gathered:
    people = People(idle=idle(files))
    return Gathered(people, _users(people, files["users"], users, primary=False))


def _everybody(files: View, users: View | Hole, groups: View | Hole, memberships: View | Hole) -> Gathered:
    people = People(idle=idle(files))
    unlisted = _users(people, files["users"], users)
    names, open_to_all = _groups(people, files["groups"], groups)
    more = worst_hole(names, _commented(people, files), _memberships(people, memberships))
    return Gathered(people, unlisted, names, more, _shadow(people, files, open_to_all))


def _listed(facts: Mapping[str, Any], part: str) -> View | Hole:
    """Return what the name service lists."""
    listed: View | Hole = attempt(lambda: facts["nss"][part])
    return listed


def _users(people: People, users: View, listed: View | Hole, *, primary: bool = True) -> Hole | None:
    """Take the users, with their `primary` groups or without, and return the hole where there may be others."""
    for key in known(users):
        user = users[key]
        uid = user["uid"]
        if uid == 0:
            people.roots.add(user["name"])
        else:
            people.add(Person(key=key, name=user["name"], uid=uid, login_capable=lets_in(user["shell"]), idle=people.idle.get(key) is True))
            if primary and not people.is_idle(gid := user["gid"], key):
                people.join(gid, key, "primary group")
                people.stands(gid, key, "")
    others, more = opened(listed)
    for key in known(others):
        _listed_user(people, others[key], primary=primary)
    return worst_hole(opening(users), more)


def lets_in(shell: str) -> bool:
    """Say whether a shell lets anybody in."""
    return shell.rpartition("/")[2] not in BARRED


def _groups(people: People, groups: View, listed: View | Hole) -> tuple[Hole | None, dict[str, int]]:
    """Take the groups, and return the hole where there may be others, and the gid of each that has a password of its own in /etc/group."""
    open_to_all = {}
    for key in known(groups):
        group = groups[key]
        name, gid = group["name"], group["gid"]
        people.names.setdefault(gid, key)
        people.local_groups.add(key)
        people.group_names[key] = (name, gid)
        people.join_all(gid, group["members"], "group")
        for member in dict.fromkeys(group["members"]):
            for person in people.by_name.get(member, ()):
                people.stands(gid, person, key)
        if group["password"]:
            open_to_all[key] = gid
    others, more = opened(listed)
    for key in known(others):
        _listed_group(people, others[key])
    return worst_hole(opening(groups), more), open_to_all


def _commented(people: People, files: View) -> Hole | None:
    """Take who stands in a line of /etc/group behind a #, and return the hole where that is not known."""
    if attempt(lambda: "commented_groups" in files) is False:
        return None
    lines, more = collection(lambda: files["commented_groups"])
    for key in known(lines):
        gid, members = lines[key]["gid"], lines[key]["members"]
        people.join_all(gid, members, "group")
        for person in dict.fromkeys(person for member in members for person in people.by_name.get(member, ())):
            people.commented[gid].setdefault(person, []).append(key)
    return more


def _listed_user(people: People, user: View, *, primary: bool) -> None:
    """Take a user whom the name service lists: under the name of /etc/passwd where both agree on name and uid, else by uid."""
    name, uid = user["name"], user["uid"]
    if uid == 0:
        return
    key = next((key for key in people.by_name.get(name, ()) if people.persons[key].uid == uid), "")
    if not key:
        key, count = f"uid {uid}", 1
        while key in people.persons:
            count += 1
            key = f"uid {uid}#{count}"
        people.add(Person(key=key, name=name, uid=uid, login_capable=lets_in(user["shell"])))
    if primary and not people.is_idle(gid := user["gid"], key):
        people.join(gid, key, "primary group")


def _listed_group(people: People, group: View) -> None:
    name, gid = stated = group["name"], group["gid"]
    if people.group_names.setdefault(name, stated) != stated:
        people.group_names[f"{name} (gid {gid})"] = stated
    people.join_all(gid, group["members"], "group")
    if attempt(lambda: "unlisted" in group) is True:
        if name not in people.local_groups:
            people.names.setdefault(gid, name)
        people.add(Person(key=(whoever := f"{MEMBERS} {name}"), name=whoever, uid=NO_UID, login_capable=True))
        people.join(gid, whoever, "group")


def _memberships(people: People, memberships: View | Hole) -> Hole | None:
    """Take who has which group by the name service, and return the hole where that may not be all."""
    told, unknown = opened(memberships)
    each, more = each_known(lambda: told, lambda one: list[int](one["gids"]))
    for key, gids in each.items():
        for gid in gids:
            for person in people.by_name.get(told[key]["name"], ()):
                if "primary group" not in people.ways[gid].get(person, ()) and not people.is_idle(gid, person):
                    people.join(gid, person, "group")
    return worst_hole(unknown, more)


def _shadow(people: People, files: View, open_to_all: dict[str, int]) -> Hole | None:
    """Take who may join a group by newgrp(1), which asks /etc/gshadow and only then /etc/group; return the hole where that is not known."""
    shadow: View | Hole = attempt(files.__getitem__, "gshadow")
    if isinstance(shadow, Hole):
        return shadow
    groups, in_file = files["groups"], frozenset(known(files["groups"]))
    passwords = {gid for key, gid in open_to_all.items() if key not in shadow}
    for key, (name, gid) in list(people.group_names.items()):
        if name not in shadow:
            continue
        record = shadow[name]
        people.join_all(gid, record["administrators"], "group administrator")
        listed = frozenset(groups[key]["members"]) if key in in_file else frozenset()
        people.join_all(gid, [member for member in record["members"] if member not in listed], "gshadow member")
        passwords |= {gid} if record["password"] else set()
    for gid in passwords:
        for person in people.persons:
            people.join(gid, person, "group password")
    return None
