"""Where the docker commands of users are told to go over the network without proof of who answers there: by contexts, and by DOCKER_HOST.

Who stands between sees and changes all that is asked and answered, and so is as good as whoever asks.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.fact_members import opened

EVERYBODY: Final = "every user"
Part = View | Hole


def clients(facts: Mapping[str, Any]) -> Json:
    """State of each user, and of what holds for all, where contexts and DOCKER_HOST lead."""
    stated: View = facts["user-clients"]
    everybody = _part(stated, "everybody")
    shared = _all([everybody], _host(_tls([everybody])))
    found: dict[str, Json] = {EVERYBODY: {"uid": 0, "who": EVERYBODY, "contexts": {}, "variables": shared}}
    users: View = stated["users"]
    people = attempt(gather.users, facts)
    if isinstance(people, Hole):
        return incomplete(found, worst_hole(people, opening(users)))
    for uid in known(users):
        name = people.owner(int(uid))
        keep(found, name, {"uid": int(uid), "who": name, **_user(_part(users, uid), everybody)})
    return incomplete(found, worst_hole(opening(users), people.unknown.users))


def _part(view: View, key: str) -> Part:
    return attempt(lambda: view[key])


def _user(homes: Part, everybody: Part) -> dict[str, Json]:
    if isinstance(homes, Hole):
        return {"contexts": homes, "variables": homes}
    each = [_part(homes, path) for path in known(homes)]
    contexts, variables = ([home if isinstance(home, Hole) else _part(home, key) for home in each] for key in ("contexts", "variables"))
    more = opening(homes)
    return {"contexts": _all(contexts, _endpoint, more), "variables": _all(variables, _host(_tls([everybody, *variables])), more)}


def _all(parts: Iterable[Part], state: Callable[[View], Json], more: Hole | None = None) -> Json:
    """State each member of several collections, but for those of which there is nothing to state; incomplete where one may have more."""
    found: dict[str, Json] = {}
    for part in parts:
        members, open_to = opened(part)
        more = worst_hole(more, open_to)
        for key in known(members):
            member = _part(members, key)
            stated = member if isinstance(member, Hole) else attempt(state, member)
            if stated is not None:
                keep(found, key, stated)
    return incomplete(found, more)


def _host(tls: Json) -> Callable[[View], Json]:
    """Return what states the DOCKER_HOST of a file, None for a file that sets none, and with it what all files say of TLS."""

    def state(settings: View) -> Json:
        if "docker_host" not in settings:
            return None
        stated = _endpoint(settings["docker_host"])
        return {**stated, "tls": tls} if stated["scheme"] == "tcp" else stated

    return state


def _endpoint(one: View) -> dict[str, Json]:
    return {name: _part(one, name) for name in ("scheme", "host", "tls") if attempt(one.__contains__, name)}


def _tls(files: Iterable[Part]) -> Json:
    """Say whether DOCKER_TLS_VERIFY has docker verify who answers (cli/flags of docker)."""
    unknown: Hole | None = None
    for members, more in map(opened, files):
        unknown = worst_hole(unknown, more)
        for path in known(members):
            value = attempt(_verifies, members, path)
            if value is True:
                return "verified"
            unknown = worst_hole(unknown, value)
    return unknown or "none"


def _verifies(members: View, path: str) -> bool:
    settings = members[path]
    return "docker_tls_verify" in settings and bool(settings["docker_tls_verify"])
