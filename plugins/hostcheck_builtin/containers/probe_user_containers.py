"""Containers of users' engines, as their docker and podman tell of them over their API, in the words in which those of root's are told.

What is not known speaks of one user: bounds are of each apart, and nobody's slow engine takes the time of another's.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.containers import inspection, probe_containers
from hostcheck_builtin.containers.inspection import ContainerList, Patience
from hostcheck_builtin.containers.user_paths import UserPaths
from hostcheck_builtin.engines import engine_programs, user_endpoints
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.engines.user_endpoints import Asking, UserEndpoints
from hostcheck_builtin.sockets import user_discovery
from hostcheck_builtin.system import account_files, bounds
from hostcheck_builtin.system.homes import home_of
from hostcheck_builtin.system.path_walk import LstatCache

COUNTED: Final = ("device_rules", "devices", "mounts", "networks", "ports")
EACH: Final = 1.0
"""Seconds for all that is asked about the containers of one user."""
ALL: Final = 3.0
"""For those of all users."""
NAME: Final = pattern(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}")
"""A name of a container (moby, names.go; podman, define/types.go)."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Theirs:
    """What is told of one user's containers, by engine and id; the names that were listed, and why there may be more."""

    paths: UserPaths
    told: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    unknown: Hole | None = None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Share:
    """What one user, or all whom /etc/passwd does not have, may still use up."""

    containers: int
    places: int
    seconds: float
    large: int = bounds.USERS_CONTAINERS_TOO_LARGE


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Asked:
    """Containers of one engine of a user's that are to be asked for."""

    host: Host
    end: Endpoint
    engine: str
    ids: list[str]
    theirs: Theirs
    share: Share


def collect(host: Host) -> Json:
    """State ``{users}``: by uid the home and the containers of each user whose engine was found; incomplete where a socket may be anybody's."""
    lstats: LstatCache = {}
    found = attempt(user_discovery.discover, host)
    if isinstance(found, Hole):
        return {"users": found}
    asked = user_endpoints.chosen(host, found, *engine_programs.of_users(host, lstats))
    users: dict[int, Theirs] = {}
    lists = list(_listed(host, asked, users))
    left = Patience(ALL)
    shares: dict[int, Share] = {}
    waiting: list[Asked] = []
    for end, listed in lists:
        share = shares.setdefault(
            host.account(end.uid), Share(containers=bounds.CONTAINERS_OF_A_USER, places=bounds.PLACES_OF_A_USERS_CONTAINERS, seconds=EACH)
        )
        waiting.append(_chosen(host, end, listed, users[end.uid], share))
        _tell(waiting[-1], left)
    waiting = [one for one in waiting if one.ids]
    for number, one in enumerate(waiting):
        one.share.seconds = left.left / (len(waiting) - number)
        _tell(one, left)
    homes = attempt(_homes, host, frozenset(users))
    stated = {str(uid): _stated(theirs, attempt(_home, homes, uid, theirs.paths)) for uid, theirs in sorted(users.items())}
    unknown = worst_hole(getattr(found, "hole", None), *(one for one in found.values() if isinstance(one, Hole)))
    return {"users": incomplete(stated, unknown)}


def _listed(host: Host, asked: UserEndpoints, users: dict[int, Theirs]) -> Iterator[tuple[Endpoint, ContainerList]]:
    """Yield the list of each engine; why there is none stands with its user."""

    def send(ends: Iterable[Endpoint]) -> None:
        for end in ends:
            host.ahead(end.path, inspection.LIST)

    known: dict[int, set[str]] = {}

    def receive(end: Endpoint) -> ContainerList | Hole:
        theirs = known.setdefault(host.account(end.uid), set())
        if len(theirs) >= bounds.CONTAINERS_OF_A_USER:
            return user_endpoints.not_asked(end, f"{bounds.CONTAINERS_OF_A_USER} containers of this user are known, and no more are looked at")
        told = attempt(partial(inspection.listed, limit=bounds.USERS_CONTAINER_LIST_BYTES, many=bounds.CONTAINERS_OF_A_USER), host, end)
        theirs.update(() if isinstance(told, Hole) else told.names)
        return told

    asking: Asking[ContainerList | Hole] = Asking(send=send, receive=receive, unasked=lambda _, hole: hole, is_late=_is_late)
    first: dict[int, Endpoint] = {}
    for end, hole in asked.others:
        if isinstance(end.ask, Hole):
            _lacks(host, users, end, end.ask)
        elif hole is not None:  # of an account the first stands for all: a range of ids has 65536
            _lacks(host, users, first.setdefault(host.account(end.facts["owner_uid"]), end), hole)
    queue = [(end, account) for end, account in asked.queue if end.uid != 0]  # what root serves in a place of a user's is an engine of root's
    for end, told in user_endpoints.answers(asked._replace(queue=queue), asking):
        if isinstance(told, Hole):
            _lacks(host, users, end, told)
        else:
            users.setdefault(end.uid, Theirs(paths=UserPaths(host, end.uid)))
            yield end, told


def _is_late(told: ContainerList | Hole) -> bool:
    return isinstance(told, Hole) and told.why is Why.TIMEOUT


def _lacks(host: Host, users: dict[int, Theirs], end: Endpoint, hole: Hole) -> None:
    uid = end.uid if end.uid > 0 else end.facts["owner_uid"]
    if uid != 0:
        theirs = users.setdefault(uid, Theirs(paths=UserPaths(host, uid)))
        theirs.unknown = worst_hole(theirs.unknown, hole)


def _chosen(host: Host, end: Endpoint, listed: ContainerList, theirs: Theirs, share: Share) -> Asked:
    """Return the containers of an engine that no other socket of its user told of, as many as that user may have."""
    fresh = [one for one in listed.names if f"{listed.engine}:{one}" not in theirs.told]
    few, theirs.unknown = fresh[: share.containers], worst_hole(theirs.unknown, listed.more)
    if len(few) < len(fresh):
        many = Hole(why=Why.LIMIT, message=f"{end.path}: has {len(fresh)} containers that are not looked at, beside {bounds.CONTAINERS_OF_A_USER} others")
        theirs.unknown = worst_hole(theirs.unknown, many)
    share.containers -= len(few)
    theirs.names |= {one: name for one, name in listed.names.items() if NAME.fullmatch(name)}
    return Asked(host=host, end=end, engine=listed.engine, ids=few, theirs=theirs, share=share)


def _tell(asked: Asked, left: Patience) -> None:
    """Ask for each container of an engine while its user has time; those that were late stay to be asked for."""
    host, end, share, ids = asked.host, asked.end, asked.share, asked.ids
    begun, patience = time.monotonic(), Patience(min(share.seconds, left.left))
    volumes = cache(partial(inspection.volumes, host, end, patience, limit=bounds.USERS_CONTAINER_LIST_BYTES))
    asked.ids = []
    for one in ids:
        asked.theirs.told.pop(f"{asked.engine}:{one}", None)
    for one, facts in _inspected(asked, ids, patience):
        if isinstance(facts, Hole):
            told: Json = facts
            asked.ids += [one] if facts.why is Why.TIMEOUT else []
        else:
            told = attempt(_placed, {"engine": asked.engine, "socket": end.path, **facts}, share, asked.theirs.paths, volumes)
        asked.theirs.told[f"{asked.engine}:{one}"] = told
    spent = time.monotonic() - begun
    share.seconds, left.left = share.seconds - spent, left.left - spent


def _inspected(asked: Asked, ids: list[str], patience: Patience) -> Iterator[tuple[str, Json]]:
    """Yield what the engine tells of each container, until too many answers of its user were too large; those that are left are not told one by one."""
    share, theirs = asked.share, asked.theirs
    for start in range(0, len(ids), bounds.ANSWERS_AT_ONCE):
        if share.large < 0:
            why = f"over {bounds.USERS_CONTAINERS_TOO_LARGE} answers have more than {bounds.USERS_CONTAINER_ANSWER_BYTES} bytes each"
            message = f"{asked.end.path}: has {len(ids) - start} containers that are not asked for, since {why}"
            theirs.unknown = worst_hole(theirs.unknown, Hole(why=Why.LIMIT, message=message))
            break
        for one, facts in inspection.inspected(
            asked.host, asked.end, asked.engine, ids[start : start + bounds.ANSWERS_AT_ONCE], patience, limit=bounds.USERS_CONTAINER_ANSWER_BYTES
        ):
            share.large -= isinstance(facts, Hole) and facts.why is Why.LIMIT
            yield one, facts


def _placed(facts: dict[str, Any], share: Share, paths: UserPaths, volumes: Any) -> Json:
    """Say where paths lead, for so many of them; what is no name or too long a one is not repeated."""
    places = sum(len(facts[kind]) for kind in COUNTED if not isinstance(facts[kind], Hole))
    if places > share.places:
        gone = Hole(
            why=Why.LIMIT, message=f"{facts['socket']}: its containers have more than {bounds.PLACES_OF_A_USERS_CONTAINERS} mounts, devices, ports and networks"
        )
        facts |= dict.fromkeys(COUNTED, gone)
        places = 0
    share.places -= places
    if not isinstance(facts["name"], Hole) and NAME.fullmatch(facts["name"]) is None:
        facts["name"] = Hole(why=Why.NONSENSE, message=f"{facts['socket']}: a container with a name that no engine gives")
    if not isinstance(facts["image"], Hole) and len(facts["image"]) > bounds.IMAGE_NAME:
        facts["image"] = Hole(why=Why.LIMIT, message=f"{facts['socket']}: the name of an image has more than {bounds.IMAGE_NAME} characters")
    return probe_containers.placed(facts, paths, volumes)


def _stated(theirs: Theirs, home: Json) -> Json:
    """State what is known of one user, nothing but the hole where that is no container."""
    if theirs.unknown and not theirs.told:
        return theirs.unknown
    return {"home": home, "containers": incomplete(probe_containers.named(theirs.told, theirs.names), theirs.unknown)}


def _homes(host: Host, uids: frozenset[int]) -> dict[int, str]:
    """Return the homes by uid: of several entries of one the first counts, as for login(1)."""
    homes: dict[int, str] = {}
    for user in account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values() if uids else ():
        homes.setdefault(user["uid"], home_of(user))
    return homes


def _home(homes: dict[int, str] | Hole, uid: int, paths: UserPaths) -> Json:
    """Return where the home of a user is."""
    if isinstance(homes, Hole):
        return homes
    if uid not in homes:
        return Hole(why=Why.UNSUPPORTED, message=f"uid {uid} is not in /etc/passwd, so its home is not known")
    return paths.real(homes[uid]) if homes[uid] else ""
