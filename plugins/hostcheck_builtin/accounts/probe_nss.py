"""Users and groups as the name service lists them, and whether it lists all that it knows.

It stands apart from the files because it may ask a server that never answers. A source that does not list its users is asked for those who matter on this
host; one hole says of a source that it may have others.
"""

from collections.abc import Iterable

from hostcheck.api import Group, Hole, Host, Json, User, Why, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.accounts.asked_by_number import NameService
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import USERS_WHOSE_GROUPS_ARE_ASKED as ASKED


def collect(host: Host) -> Json:
    """State users, groups and their sources, and the groups of each user where the groups cannot be listed."""
    databases = attempt(account_files.databases_of, host)
    sources = map_known(databases, lambda found: {name: _sources(host, account_files.asked(found, name)) for name in _named(found)})
    users, groups = attempt(host.users), attempt(host.groups)
    asked = NameService(host) if _tells_who_asks(sources) else None
    teams = asked.groups() if asked else []
    people = attempt(lambda: asked.users(teams, [] if isinstance(users, Hole) else users)) if asked else []
    everybody = map_known(users, lambda found: [*found, *(() if isinstance(people, Hole) else people)])
    asks = not isinstance(sources, Hole) and (_has_its_own(sources) or asked is not None)
    lost = worst_hole(sources, asked and asked.hole, people)
    return {
        "sources": sources,
        "users": map_known(everybody, lambda found: incomplete(_users(found), lost)),
        "groups": map_known(groups, lambda found: incomplete(_groups(found, teams), lost)),
        "memberships": map_known(everybody, lambda found: _memberships(host, found, lost) if asks else lost or {}),
    }


def _tells_who_asks(sources: Json | Hole) -> bool:
    """Say whether a source has more users or groups than it lists, or may have."""
    named = [] if isinstance(sources, Hole) else [source for database in sources.values() for source in database.values()]
    return any(source["configured"] is not False and not source["enumerates"] for source in named)


def _named(databases: dict[str, list[str]]) -> list[str]:
    return [name for name in account_files.DATABASES if name != "initgroups" or name in databases]


def _sources(host: Host, names: list[str]) -> dict[str, Json]:
    asks = account_files.sssd_is_set_up
    return {name: {"enumerates": name in account_files.ENUMERATES, "configured": attempt(asks, host) if name == "sss" else True} for name in names}


def _has_its_own(sources: Json) -> bool:
    """Say whether a login asks a source for groups that no list of groups is made from: `initgroups` of nsswitch.conf(5) stands beside `group`."""
    return not sources.get("initgroups", {}).keys() <= sources.get("group", {}).keys()


def _users(found: Iterable[User]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for user in dict.fromkeys((one.name, one.uid, one.gid, one.home, one.shell) for one in found):
        account_files.keep(members, user[0], dict(zip(("name", "uid", "gid", "home", "shell"), user, strict=True)))
    return members


def _groups(found: list[Group], asked: list[Group]) -> dict[str, Json]:
    """Join what several sources say of one group, as the action merge of nsswitch.conf(5) does; of one that is not listed it is said that it was asked for."""
    listed = {(group.name, group.gid) for group in found}
    joined: dict[tuple[str, int], dict[str, None]] = {}
    for group in (*found, *asked):
        joined.setdefault((group.name, group.gid), {}).update(dict.fromkeys(group.members))
    members: dict[str, Json] = {}
    for (name, gid), names in joined.items():
        unlisted = {} if (name, gid) in listed else {"unlisted": True}
        account_files.keep(members, name, {"name": name, "gid": gid, "members": list(names), **unlisted})
    return members


def _memberships(host: Host, users: list[User], lost: Hole | None) -> Json:
    people = {user.name: user for user in reversed(users) if user.uid != 0}
    names = sorted(people)
    found: dict[str, Json] = {}
    for name in names[:ASKED]:
        account_files.keep(found, name, {"name": name, "gids": attempt(host.group_ids, name, people[name].gid)})
    return incomplete(found, Hole(why=Why.LIMIT, message=f"more than {ASKED} users to ask for the groups of") if len(names) > ASKED else lost)
