"""Edges of containers: whoever is root in one that reaches the host is root on the host, or another user of it, or connects to an engine.

Of a container of a user's engine only what leads to root counts. Who has a process in a container is in it, and root there if a setuid program allows that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial, reduce
from typing import Any, Final

from hostcheck.api import Hole, View, ViewList, Why, attempt, both, known, opening, worst_hole
from hostcheck_builtin.accounts.stock_accounts import is_barred
from hostcheck_builtin.containers.reaching import WAYS
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import LOOPBACK, ROOT, UNLISTED, USER, Change, Edge, Strength
from hostcheck_builtin.system.bounds import USERS_A_CONTAINER_SEES as LIVE

ESCAPE: Final = Edge(kind="escapes", origin="", to=ROOT, because="reach the host from a container", technique="T1611")
FACTS: Final = {way: fact for fact, way in WAYS.items()}
"""The fact of a container that a way rests on, which a rule judges."""
HOST_MOUNTS: Final = "host_mounts"
PART_OF_IT: Final = frozenset(WAYS[way] for way in ("secret_mounts", "capabilities", "kernel_mounts", "bare"))
"""What leads to root by what else is found there, such as a key, or on this kernel: a security module may refuse what its files would allow."""
Tracers = Mapping[str, list[str]]
"""By the id of a container the users who may attach to a process in it."""


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of all containers that run."""
    of_one = partial(_of_one, tracers=attempt(_tracers, facts), live=attempt(_live, facts), lent=attempt(_lent, facts))
    yield from who.each(facts, "container-escape", "containers", replace(ESCAPE, origin=UNLISTED), of_one)


def _of_one(one: View, name: str, pointer: str, *, tracers: Tracers | Hole, live: Mapping[str, int] | Hole, lent: bool | Hole) -> Iterator[Edge]:
    if not one["runs"]:
        return
    edge = replace(ESCAPE, origin=f"container:{name}", evidence=(f"{pointer}/ways",))
    ways: ViewList | Hole = attempt(one.__getitem__, "ways")
    for way in () if isinstance(ways, Hole) else known(ways):
        told = attempt(_mount, one) if FACTS[way] == HOST_MOUNTS else ""
        shown = way if isinstance(told, Hole) or not told else told
        change = Change(f"container {name} {way}", f"recreate container {name} without this: {shown}", FACTS[way])
        sure = Strength.LIKELY if way in PART_OF_IT else Strength.CERTAIN
        somebody = "root" if "inside_uid" not in one or FACTS[way] in known(one["doubts"]) else "whoever is"
        because = f"{somebody} in {name} reaches the host: {shown}"
        yield from _doubted(one, FACTS[way], replace(edge, because=because, strength=sure, changes=(change,)))
    if (hole := ways if isinstance(ways, Hole) else opening(ways)) is not None:
        yield who.unseen(edge, hole, pointer)
    yield from _by_network(one, name, pointer, edge)
    if attempt(one.__contains__, "becomes") is not False:
        yield from _by_processes(one, name, pointer, edge, live)
        yield from _by_ids(one, name, pointer, edge, lent=lent is True)
        yield from _beside_root(one, name, pointer, edge)
        yield from _into(one, name, pointer, tracers)


def _mount(one: View) -> str:
    """Say which mount lets a container write to the host, or to a socket of it, the first of several; raises HoleError."""
    mounts: View = one[HOST_MOUNTS]
    each = [mounts[at] for at in known(mounts)]
    first, more = each[0], f", and {len(each) - 1} more such mounts" if len(each) > 1 else ""
    inside = "" if first["place"] == first["path"] else f"{first['place']}: "
    return f"it has {first['path']} of the host ({inside}{first['what']}){more}"


def _doubted(one: View, fact: str, edge: Edge) -> Iterator[Edge]:
    """Yield an edge; as likely where it takes something beside, and another that may be there where that is not known."""
    doubts: View = one["doubts"]
    doubt = attempt(lambda: str(doubts[fact])) if fact in known(doubts) else ""
    if isinstance(doubt, Hole):
        yield who.unseen(edge, doubt, *edge.evidence)
    yield replace(edge, strength=Strength.LIKELY, because=edge.because if isinstance(doubt, Hole) else f"{edge.because}; {doubt}") if doubt else edge


def _by_network(one: View, name: str, pointer: str, edge: Edge) -> Iterator[Edge]:
    """Yield what has the network of the host: what listens on loopback, and sockets with abstract names."""
    place, net = f"{pointer}/namespaces/net", attempt(lambda: one["namespaces"]["net"])
    shares = replace(edge, kind="connects", to=LOOPBACK, because=f"{name} has the network of the host", evidence=(place,), technique="T1046")
    if isinstance(net, Hole):
        yield who.unseen(replace(shares, because=f"whether {name} has the network of the host"), net, place)
    elif net == "host":
        yield replace(shares, changes=(Change(f"network of {name}", f"recreate container {name} without the network of the host", "net"),))


def _by_processes(one: View, name: str, pointer: str, edge: Edge, live: Mapping[str, int] | Hole) -> Iterator[Edge]:
    """Yield the users whose processes are taken over in a container that sees them, unless a security module forbids it: root has their ids by setuid(2)."""
    place, sees = f"{pointer}/sees_processes", both(attempt(lambda: bool(one["sees_processes"])), attempt(lambda: bool(one["root_is_hosts"])))
    only = attempt(lambda: None if one["root_inside"] else one["inside_uid"]) if sees is True else None
    hole = worst_hole(sees, only, live if sees is True else None)
    if hole is not None:
        yield who.unseen(edge, hole, place)
        return
    users = [user for user, uid in live.items() if only in (None, uid)] if sees is True and not isinstance(live, Hole) else []
    if len(users) > LIVE:
        yield who.unseen(edge, Hole(why=Why.LIMIT, message=f"more than {LIVE} users have processes, and the others are not told"), place)
    shares = attempt(lambda: one["namespaces"]["pid"] == "host") is True
    what, does, technique = ("the processes of the host", "attach to those", "T1055.008") if shares else ("the host's /proc", "reach the files", edge.technique)
    somebody = "root" if only is None else "whoever is"
    for user in users[:LIVE]:
        because = f"{somebody} in {name} sees {what}, and can {does} of {user} with that user's ids"
        change = Change(f"processes of {name}", f"recreate container {name} without {what}", "pid")
        yield replace(edge, to=f"{USER}{user}", because=because, evidence=(place,), strength=Strength.LIKELY, technique=technique, changes=(change,))


def _by_ids(one: View, name: str, pointer: str, edge: Edge, *, lent: bool) -> Iterator[Edge]:
    """Yield what root in a container does that sees the host's processes and may take ids: it gets by a user's process to the host's files.

    It is certain where a user's process is known that it can trace so (`lent`), and nothing where a security module confines the container: the usual rules
    let it trace no process that is in no container. Where it has the host's /proc by a mount of / that surely leads to root, that is told already.
    """
    shares = attempt(lambda: one["namespaces"]["pid"] == "host") is True
    if attempt(one.__contains__, "takes_ids") is False or "sandbox" in one or (not shares and attempt(_has_all, one) is True):
        return
    told = (attempt(lambda at: bool(one[at]), fact) for fact in ("sees_processes", "root_is_hosts", "root_inside", "takes_ids"))
    able = reduce(both, told)
    modules = [attempt(lambda at: bool(one["confined"][at]), module) for module in known(one["confined"])] if "confined" in one else []
    confined = True in modules or worst_hole(*modules) or False
    what = "the processes of the host" if shares else "the host's /proc"
    because = f"root in {name} sees {what}: with the ids of a user it opens the root directory of that user's process, and writes there as root"
    change = Change(f"processes of {name}", f"recreate container {name} without {what}", "pid")
    way = replace(edge, because=because, evidence=(f"{pointer}/takes_ids",), strength=Strength.CERTAIN if lent else Strength.LIKELY, changes=(change,))
    if able is True and confined is False:
        yield way
    elif (hole := worst_hole(able, confined if able is True else None)) is not None:
        yield who.unseen(way, hole, f"{pointer}/takes_ids")


def _has_all(one: View) -> bool:
    """Say whether whoever is root in a container surely is root on the host by a mount of its /; raises HoleError."""
    if HOST_MOUNTS not in one:
        return False
    mounts: View = one[HOST_MOUNTS]
    return HOST_MOUNTS not in known(one["doubts"]) and any(mounts[at]["path"] == "/" for at in known(mounts))


def _live(facts: Mapping[str, Any]) -> dict[str, int]:
    """Return users of the files who have processes, with their uids."""
    processes, users = facts["principals"]["processes"], facts["principals"]["users"]
    uids = {told for key in known(processes) if isinstance(told := attempt(lambda at: processes[at]["uids"][0], key), int)} - {0}
    return {key: users[key]["uid"] for key in sorted(known(users)) if users[key]["uid"] in uids}


def _beside_root(one: View, name: str, pointer: str, edge: Edge) -> Iterator[Edge]:
    """Yield what leads to other users of the host, and to sockets by an id that is not root's."""
    users: View | Hole = attempt(one.__getitem__, "becomes")
    sockets: ViewList | Hole = attempt(one.__getitem__, "connects")
    for user, told in () if isinstance(users, Hole) else [(user, users[user]) for user in known(users)]:
        change = Change(f"container {name} {told['path']}", f"recreate container {name} without {told['path']}", "host_mounts")
        somebody = "root" if attempt(lambda: one["root_inside"]) is True else "whoever is"
        because = f"{somebody} in {name} can be {user} (uid {told['uid']}), and writes to {told['path']}: {told['what']}"
        yield from _doubted(
            one, "becomes", replace(edge, to=f"{USER}{user}", because=because, evidence=(f"{pointer}/becomes",), waits="login", changes=(change,))
        )
    for path in () if isinstance(sockets, Hole) else known(sockets):
        change = Change(f"container {name} {path}", f"recreate container {name} without {path}", "socket_mounts")
        because = f"root in {name} can take an id that may connect to {path}, which it has"
        shown = replace(edge, kind="connects", to=f"socket:{path}", because=because, evidence=(f"{pointer}/connects",), changes=(change,))
        yield from _doubted(one, "connects", shown)
    for seen in (users, sockets):
        if (hole := seen if isinstance(seen, Hole) else opening(seen)) is not None:
            yield who.unseen(edge, hole, pointer)


def _into(one: View, name: str, pointer: str, tracers: Tracers | Hole) -> Iterator[Edge]:
    """Yield who gets into a container by a process of theirs, unless no setuid program works in it."""
    if isinstance(tracers, Hole) or attempt(one.__getitem__, "no_new_privileges") is True:
        return
    for user in tracers.get(one["id"], ()):
        because = f"{user} may attach to a process in {name}, and be root there if a setuid program of its image gives a shell"
        change = Change(f"user of container {name}", f"recreate container {name} as a user whom nobody on the host is", "no_new_privileges")
        edge = Edge(kind="attaches", origin=f"{USER}{user}", to=f"container:{name}", because=because, strength=Strength.LIKELY, changes=(change,))
        yield replace(edge, evidence=(pointer,), technique="T1055.008")


def _tracers(facts: Mapping[str, Any]) -> Tracers:
    """Return who may attach to processes in containers; a gid that a user has not, or what is not known, leaves out what is only likely."""
    found: dict[str, list[str]] = {}
    processes, having = facts["principals"]["processes"], _having(facts, attempt(_outside, facts))
    for key in known(processes):
        told = attempt(_in_containers, having, processes[key])
        for container, user in () if isinstance(told, Hole) else told:
            found.setdefault(container, []).append(user)
    return {container: sorted({*users}) for container, users in found.items()}


def _in_containers(having: Mapping[tuple[int, int], list[str]], process: View) -> list[tuple[str, str]]:
    containers: View = process["containers"]
    traceable = [key for key in known(containers) if attempt(lambda at: containers[at]["traceable"], key) is True]
    users = having.get((process["uids"][0], process["gids"][0]), ()) if traceable else ()
    return [(key.rpartition(":")[2], user) for key in traceable for user in users]


def _lent(facts: Mapping[str, Any]) -> bool:
    """Say whether some user other than root has a process in no container, without capabilities, that whoever has its ids may trace."""
    processes: View = facts["principals"]["processes"]
    return any(attempt(_is_lent, processes[key]) is True for key in known(processes))


def _is_lent(process: View) -> bool:
    able = process["dac_override"] or process["dac_read_search"] or list(process["powers"])
    return process["uids"][0] != 0 and process["count"] > 0 and not able and ("traceable" not in process or bool(process["traceable"]))


def _outside(facts: Mapping[str, Any]) -> set[int]:
    """Return the uids that have a process in no container; raises HoleError where that is not known of one."""
    processes = facts["principals"]["processes"]
    return {processes[key]["uids"][0] for key in known(processes) if not known(processes[key]["containers"])}


def _having(facts: Mapping[str, Any], outside: set[int] | Hole) -> dict[tuple[int, int], list[str]]:
    """Return the users of the files by their uid and each gid that they have as their primary group, or get by its line (newgrp(1)); none of root's.

    Whose shell gives nobody a session, and who has no process `outside` containers, gets into none.
    """
    users, groups = facts["principals"]["users"], facts["principals"]["groups"]
    lines: dict[str, set[int]] = {}
    for key in known(groups):
        for name in groups[key]["members"]:
            lines.setdefault(name, set()).add(groups[key]["gid"])
    found: dict[tuple[int, int], list[str]] = {}
    for key in known(users):
        if not isinstance(outside, Hole) and users[key]["uid"] not in outside and is_barred(users[key]["shell"]):
            continue
        for gid in {users[key]["gid"], *lines.get(users[key]["name"], ())} if users[key]["uid"] else ():
            found.setdefault((users[key]["uid"], gid), []).append(key)
    return found
