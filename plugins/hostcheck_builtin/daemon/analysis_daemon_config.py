"""What each dockerd runs with, what its files say and what a restart would give: root's daemons, and beside them those of users.

A user's daemon is told apart from root's by who runs it, and nothing that a user does changes what is said of root's.
"""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.daemon import named_accounts, seccomp_profiles, three_ways
from hostcheck_builtin.daemon.three_ways import Sources
from hostcheck_builtin.engines import scopes
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.fact_members import each_stated

BY_HAND: Final = "none"
UNASKED: Final = Hole(why=Why.UNSUPPORTED, message="dockerd listens on no unix socket that was asked: what it runs with is known by its command line alone")
ABROAD: Final = Hole(why=Why.UNSUPPORTED, message="dockerd runs in mounts of its own, as that of a snap does, so what it was told is not known")
DELETED: Final = " (deleted)"
PROGRAM: Final = "/dockerd"
INSIDE: Final = Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State ``{daemons, all}``: root's, and root's with those of users."""
    if facts["host"]["scan"]["init_userns"] is False:
        return INSIDE
    ours = _roots(facts)
    theirs = _of_users(facts)
    if isinstance(ours, Hole):
        return {"daemons": ours, "all": ours}
    if isinstance(theirs, Hole):
        return {"daemons": ours, "all": incomplete(dict(ours), theirs)}
    unread = worst_hole(getattr(ours, "hole", None), getattr(theirs, "hole", None))
    return {"daemons": ours, "all": incomplete({**theirs, **ours}, unread)}


def _roots(facts: Mapping[str, Any]) -> Json:
    """State root's daemons, and where none of those that run is known one that its socket or its pidfile shows, as that of a snap in mounts of its own."""
    daemons = attempt(lambda: facts["docker-daemons"]["daemons"])
    ours = each_stated(lambda: facts["docker-daemons"]["daemons"], partial(_of_root, facts))
    if isinstance(daemons, Hole) or opening(daemons):
        return ours
    run = [attempt(lambda at: "exe" in daemons[at], name) for name in known(daemons)]
    if True in run:
        return ours
    unknown = worst_hole(*run)
    shown = unknown if unknown is not None else attempt(_shown, facts)
    if isinstance(shown, Hole):
        return incomplete(dict(ours), shown)
    return {**ours, shown: attempt(_abroad, facts, shown)} if shown else ours


def _shown(facts: Mapping[str, Any]) -> str:
    """Return the first socket that a dockerd of root's serves, "" where there is none; raises HoleError where there may be one that is not known."""
    sockets, pidfiles = facts["engines"]["sockets"], facts["engines"]["pidfiles"]
    served = {path: attempt(_serves, sockets, path) for path in known(sockets)}
    first = next((path for path, one in served.items() if one is True), "")
    if not first and any(pidfiles[path]["engine"] == "docker" and pidfiles[path]["running"] for path in pidfiles):
        raise HoleError(ABROAD)
    unknown = None if first else worst_hole(opening(sockets), *served.values())
    if unknown is not None:
        raise HoleError(unknown)
    return first


def _serves(sockets: View, path: str) -> bool:
    one: View = sockets[path]
    return scopes.runs(one) and one["uid"] == 0 and "process" in one and str(one["process"]["exe"]).removesuffix(DELETED).endswith(PROGRAM)


def _abroad(facts: Mapping[str, Any], path: str) -> Json:
    """State a daemon of which only its socket is known."""
    unknown = View(dict.fromkeys(("flags", "given", "file"), ABROAD))
    info = attempt(lambda: facts["engines"]["sockets"][path]["info"])
    told = three_ways.state(Sources(own=unknown, starts=ABROAD, info=info, rootless=False))
    return {"running": True, "uid": 0, "who": "root", "rootless": False, "restarted_by": ABROAD, **told, "seccomp_action": ABROAD, "runtimes": ABROAD}


def _of_users(facts: Mapping[str, Any]) -> Json:
    users = attempt(lambda: facts["user-docker-daemons"]["daemons"])
    if isinstance(users, Hole):
        return users
    found: dict[str, Json] = {}
    unread = opening(users)
    people = cache(lambda: attempt(gather.users, facts))
    for uid in known(users):
        theirs = each_stated(lambda at=uid: users[at], partial(_of_user, facts))  # type: ignore[misc]
        if isinstance(theirs, Hole):
            unread = worst_hole(unread, theirs)
            continue
        unread = worst_hole(unread, getattr(theirs, "hole", None))
        found.update((f"{name} of uid {uid}" if name in found else name, one) for name, one in theirs.items() if name.startswith("/"))
        nameless = {name: one for name, one in theirs.items() if not name.startswith("/")}
        unread = worst_hole(unread, _nameless(found, people(), int(uid), nameless) if nameless else None)
    return incomplete(found, unread)


def _nameless(found: dict[str, Json], people: People | Hole, uid: int, daemons: Mapping[str, Json]) -> Hole | None:
    """Add a user's daemons that no socket names, by whose they are; return the hole where the user's name is not known."""
    if isinstance(people, Hole):
        return people
    for name, one in daemons.items():
        keep(found, f"{name} of {people.owner(uid)}", one)
    return None if uid in people.by_uid else people.unknown.users


def _of_root(facts: Mapping[str, Any], daemon: View, name: str) -> Json:
    service: View | Hole = attempt(lambda: daemon["service"])
    by = service if isinstance(service, Hole) else str(service["name"])
    runs = "exe" in daemon
    starts = daemon if not isinstance(service, Hole) and service["kind"] == BY_HAND else service
    info = attempt(_info, facts, "engines", daemon) if runs else None
    sources = Sources(own=daemon if runs else None, starts=starts, info=info, rootless=False, name=by if isinstance(by, str) and by else "dockerd")
    told = three_ways.state(sources)
    told["refuses"] = named_accounts.refuses(facts, told)
    return {
        "running": attempt(lambda: bool(daemon["running"])),
        "uid": 0,
        "who": "root",
        "rootless": False,
        "restarted_by": by,
        **told,
        **seccomp_profiles.derived(told, lambda: daemon["profiles"]),
        "runtimes": attempt(_runtimes, facts, told),
    }


def _runtimes(facts: Mapping[str, Any], told: Mapping[str, Any]) -> Json:
    """State whose the programs of all runtimes are, those that a restart would bring too; those of containerd's own are no files that are named here."""
    setting = told["settings"].get("runtimes", {})
    named: dict[str, str] = {}
    for way in reversed(three_ways.WAYS):
        for name, program in setting.get(way, {}).items():
            if program and program != named.setdefault(name, program):
                named[f"{name} until a restart"] = program
    named.setdefault("runc", "runc")
    programs: View = facts["docker-daemons"]["programs"]
    unknown = getattr(setting, "hole", None) or (None if setting else getattr(told["settings"], "hole", None))
    return incomplete({name: attempt(_program, programs, program) for name, program in sorted(named.items())}, unknown)


def _program(programs: View, program: str) -> Json:
    if program not in programs:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{program}: no flag and no file names it any more, and whose it is was not looked at"))
    found = programs[program]
    others = incomplete(sorted(known(found["others"])), opening(found["others"]))
    return {"program": str(found["path"]), "root_owned": bool(found["root_owned"]), "others": others}


def _of_user(facts: Mapping[str, Any], daemon: View, name: str) -> Json:
    sources = Sources(own=daemon, starts=daemon, info=attempt(_info, facts, "user-engines", daemon), rootless=True)
    uid = int(daemon["uid"])
    named = {"running": True, "uid": uid, "who": attempt(_who, facts, name, uid), "rootless": True, "restarted_by": ""}
    told = three_ways.state(sources)
    told["refuses"] = named_accounts.refuses(facts, told)
    return {**named, **told, **seccomp_profiles.derived(told, lambda: daemon["profiles"])}


def _who(facts: Mapping[str, Any], name: str, uid: int) -> str:
    """Return how sentences name a user, by the analysis that knows the names: by the number alone where it has none."""
    sockets = facts["engine-scope"]["user_sockets"]
    return str(sockets[name]["who"]) if name in sockets and "who" in sockets[name] else f"uid {uid}"


def _info(facts: Mapping[str, Any], probe: str, daemon: View) -> View:
    """Return what a daemon says of itself at the first of its sockets that was asked; raises HoleError where none was.

    A user may bind any name in mounts of his own, so whoever listens there must be whose the daemon is.
    """
    sockets = facts[probe]["sockets"]
    for path in daemon["sockets"]:
        if path in sockets and "info" in sockets[path] and sockets[path]["uid"] == daemon["uid"]:
            info: View = sockets[path]["info"]
            return info
    raise HoleError(UNASKED)
