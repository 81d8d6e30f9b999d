"""Users and groups as the name service lists them, and whether it lists all that it knows.

It stands apart from the files because it may ask a server that never answers; a source that does not list its users leaves the lists open.
"""

from collections.abc import Iterable

from hostcheck.api import Group, Hole, Host, Json, User, Why, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.accounts import asked_by_number
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import USERS_WHOSE_GROUPS_ARE_ASKED as ASKED
from hostcheck_builtin.system.presence import absent_as, is_there


def collect(host: Host) -> Json:
    """State users, groups and their sources, and the groups of each user where the groups cannot be listed."""
    databases = attempt(account_files.databases_of, host)
    sources = map_known(databases, lambda found: {name: _sources(host, account_files.asked(found, name)) for name in _named(found)})
    users, groups = attempt(host.users), attempt(host.groups)
    people, teams = _unlisted(sources, "passwd"), _unlisted(sources, "group", "initgroups")
    if _tells_who_asks(sources):
        asked = asked_by_number.groups_that_matter(host)
        users = map_known(users, lambda found: [*found, *asked_by_number.users_that_matter(host, asked, found)])
        groups = map_known(groups, lambda found: [*found, *asked])
    asks = not isinstance(sources, Hole) and (_has_its_own(sources) or any(known is True for known in _silent(sources, "group", "initgroups").values()))
    return {
        "sources": sources,
        "users": map_known(users, lambda found: incomplete(_users(found), people)),
        "groups": map_known(groups, lambda found: incomplete(_groups(found), teams)),
        "memberships": map_known(users, lambda found: _memberships(host, found, people) if asks else teams or {}),
    }


def _tells_who_asks(sources: Json | Hole) -> bool:
    """Say whether a source has more users or groups than it lists."""
    return not isinstance(sources, Hole) and any(known is True for known in _silent(sources, *account_files.DATABASES).values())


def _named(databases: dict[str, list[str]]) -> list[str]:
    return [name for name in account_files.DATABASES if name != "initgroups" or name in databases]


def _sources(host: Host, names: list[str]) -> dict[str, Json]:
    return {name: {"enumerates": name in account_files.ENUMERATES, "configured": attempt(_sss, host) if name == "sss" else True} for name in names}


def _sss(host: Host) -> bool:
    """Say whether sssd has a domain to ask: Red Hat names sss in every nsswitch.conf, and without a configuration it knows nobody (sssd.conf(5))."""
    return is_there(host, "/etc/sssd/sssd.conf") or any(name.endswith(".conf") for name in absent_as([], host.list_dir, "/etc/sssd/conf.d"))


def _has_its_own(sources: Json) -> bool:
    """Say whether a login asks a source for groups that no list of groups is made from: `initgroups` of nsswitch.conf(5) stands beside `group`."""
    return not sources.get("initgroups", {}).keys() <= sources.get("group", {}).keys()


def _silent(sources: Json, *databases: str) -> dict[str, bool | Hole]:
    """Return the sources that do not list all they know, and whether they know anybody."""
    named = [(name, source) for database in databases for name, source in sources.get(database, {}).items()]
    return {name: source["configured"] for name, source in named if not source["enumerates"]}


def _unlisted(sources: Json | Hole, *databases: str) -> Hole | None:
    """Return the hole that a silent source leaves: a limit, for nothing on this host could be asked that would list the rest, and that must not pass."""
    if isinstance(sources, Hole):
        return sources
    silent = _silent(sources, *databases)
    known = [name for name, configured in silent.items() if configured is True]
    if known:
        return Hole(
            why=Why.LIMIT,
            message=f"the source {known[0]} of {databases[0]} does not list all it knows; look in that directory who else has these ids and groups",
        )
    return worst_hole(*silent.values())


def _users(found: Iterable[User]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for user in dict.fromkeys((one.name, one.uid, one.gid, one.home, one.shell) for one in found):
        account_files.keep(members, user[0], dict(zip(("name", "uid", "gid", "home", "shell"), user, strict=True)))
    return members


def _groups(found: Iterable[Group]) -> dict[str, Json]:
    """Join what several sources say of one group, as the action merge of nsswitch.conf(5) does."""
    joined: dict[tuple[str, int], dict[str, None]] = {}
    for group in found:
        joined.setdefault((group.name, group.gid), {}).update(dict.fromkeys(group.members))
    members: dict[str, Json] = {}
    for (name, gid), names in joined.items():
        account_files.keep(members, name, {"name": name, "gid": gid, "members": list(names)})
    return members


def _memberships(host: Host, users: list[User], unlisted: Hole | None) -> Json:
    people = {user.name: user for user in reversed(users) if user.uid != 0}
    names = sorted(people)
    found: dict[str, Json] = {}
    for name in names[:ASKED]:
        account_files.keep(found, name, {"name": name, "gids": attempt(host.group_ids, name, people[name].gid)})
    return incomplete(found, Hole(why=Why.LIMIT, message=f"more than {ASKED} users to ask for the groups of") if len(names) > ASKED else unlisted)
