"""Who can change the files that root runs and believes by itself; what nobody but root can change is counted.

A file may be run for several reasons: the one that says most comes first, and where not all reasons are known only that it is run as root, if so, is certain.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import access_facts, path_routes
from hostcheck_builtin.accounts.access import Route
from hostcheck_builtin.accounts.dac import WRITE, Need
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.files import changing
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.leads import place_entries
from hostcheck_builtin.root_programs.su_access import becomes
from hostcheck_builtin.system.bounds import USERS_OF_ROOTS_FILES as USERS
from hostcheck_builtin.system.fact_members import collection, part_of_each

GROUPS: Final = ("cron", "kernel", "logins", "units")
WHEN: Final = {
    "crash": ("when a process crashes", "nothing"),
    "module": ("when the kernel looks for a module", "nothing"),
    "session": ("when somebody logs in or changes user", "nothing"),
    "key": ("when somebody logs in with a key", "nothing"),
    "program": ("when root starts a program", "nothing"),
    "mount": ("when a user mounts it", "nothing"),
    "cron": ("by cron", "wait"),
    "at": ("by at", "wait"),
    "timer": ("when its timer elapses", "wait"),
    "device": ("when a device is added or changed", "wait"),
    "network": ("when a network interface changes", "wait"),
    "package": ("when a package is installed", "wait"),
    "format": ("when root starts a program of this format", "wait"),
    "library": ("when root starts a program that needs a library from there", "wait"),
    "command": ("when root calls it by its name", "wait"),
    "login": ("at root's next login", "login"),
    "unit": ("when the unit starts", "restart"),
    "container": ("when the container starts", "restart"),
    "boot": ("at boot", "reboot"),
    "shutdown": ("when the kernel shuts down", "reboot"),
}
"""By what the probe says: the words, and what it takes of others."""
ORDER: Final = list(WHEN)
MANY: Final = Hole(why=Why.LIMIT, message=f"not looked at: more than {USERS} users can change the files listed before it")
REASON: Final = ("kind", "run_by", "place", "when", "interaction")


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each file that somebody else can change, and count the others."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    groups, users = list(_groups(facts)), attempt(lambda: facts["root-programs"]["users"])
    containers, more = _containers(facts)
    judge = changing.begin(facts, lambda: [*groups, *part_of_each(lambda: facts["root-programs"]["users"], "files"), *containers.values()])
    views = [one for one in groups if not isinstance(one, Hole)]
    hole = worst_hole(*(one if isinstance(one, Hole) else opening(one) for one in groups))
    anybodys = None if hole is None or hole.owners else hole  # what some users have laid makes root run nothing of another's but through them
    found, others, unsure, told = dict[str, Json](), 0, hole, 0
    for path in sorted({path for view in views for path in known(view)}):
        having = [view for view in views if path in known(view)]
        stated = MANY if told > USERS else attempt(_file, judge, having, path, anybodys)
        if stated is None:
            others += 1
            continue
        found[path] = stated
        unsure = worst_hole(unsure, stated)
        told += 0 if isinstance(stated, Hole) else len(known(stated["changed_by"]["users"]))
    return {
        **{"files": incomplete(found, hole), "others": _count(facts, others, unsure), "open_accounts": becomes(facts, judge.people)},
        "user_files": users if isinstance(users, Hole) else incomplete(_of_each(judge, _user_files(users)), opening(users)),
        "container_files": incomplete(_of_each(judge, containers), more),
    }


def _user_files(users: View) -> dict[str, View | Hole]:
    return {name: attempt(lambda one: users[one]["files"], name) for name in sorted(known(users))}


def _containers(facts: Mapping[str, Any]) -> tuple[dict[str, View | Hole], Hole | None]:
    """Return what containers of root's engines run of the host, those alone that run something, and why there may be more; older evidence does not say it."""
    containers, more = collection(lambda: facts["containers"]["containers"])
    told = {name: attempt(lambda one: containers[one]["starts"] if "starts" in containers[one] else None, name) for name in sorted(known(containers))}
    return {name: files for name, files in told.items() if files is not None}, more


def _of_each(judge: Judge, each: Mapping[str, View | Hole]) -> dict[str, Json]:
    """State the files of each user or container that somebody else can change; what is not known of one leaves open nothing of another's."""
    stated, left = dict[str, Json](), USERS
    for name, files in each.items():
        if isinstance(files, Hole):
            stated[name] = files
            continue
        found = dict[str, Json]()
        for path in known(files):
            told = MANY if left < 0 else attempt(_file, judge, [files], path, None)
            if told is not None:
                found[path] = told
            left -= 0 if told is None or isinstance(told, Hole) else len(known(told["changed_by"]["users"]))
        stated[name] = incomplete(found, opening(files))
    return stated


def _groups(facts: Mapping[str, Any]) -> Iterator[View | Hole]:
    """Yield the files of each group."""
    for group in GROUPS:
        yield attempt(lambda name: facts["root-programs"][name]["files"], group)


def _count(facts: Mapping[str, Any], others: int, hole: Hole | None) -> Json:
    """Count the files that only root can change; what some users hide alone is behind what they control, and none of these."""
    hole = None if hole is None or hole.owners else hole
    alone: list[Json] = [attempt(lambda name: facts["root-programs"][name]["alone"], group) for group in GROUPS]
    return worst_hole(hole, *alone) or others + sum(one for one in alone if isinstance(one, int))


def _file(judge: Judge, views: list[View], path: str, hole: Hole | None) -> Json:
    """State one file; None where nobody but root, and the user as whom it is run, can change it. A hole where that is not known."""
    entry: View = views[0][path]
    given: list[View] = [view[path]["uses"] for view in views]
    uses_of = [(uses[key], key) for uses in given for key in known(uses)]
    reasons = sorted((_reason(judge.people, use, key) for use, key in uses_of if "refused" not in use), key=lambda one: one.rank)
    if uses_of and not reasons:
        return None  # nobody gains anything by writing it
    unsure = worst_hole(hole, *(opening(uses) for uses in given), *(value for one in reasons for value in one.facts.values()))
    best = reasons[0].facts if reasons else {"as_uid": None}
    if best["as_uid"] is None or (unsure is not None and best["as_uid"] != 0):
        return unsure  # run as somebody who does not exist, so never; or not known as whom
    changed = _changed(judge, entry, () if best["as_uid"] == 0 else (best["as_uid"],))
    if changing.is_nobody(changed):
        return getattr(changed["users"], "hole", None)
    if unsure is not None:
        best = {**best, **dict.fromkeys(REASON, unsure), "certain": best["certain"] is True or unsure}
    stated = {one.key: {name: one.facts[name] for name in (*REASON, "as_uid", "certain")} for one in reasons if one.facts["as_uid"] is not None}
    end = {name: attempt(entry.__getitem__, name) for name in ("type", "realpath")}
    end |= {"opened_by": entry["opened_by"]} if "opened_by" in entry else {}
    return {**best, **end, "changed_by": changed, "reasons": incomplete(stated, unsure)}


def _changed(judge: Judge, entry: View, own: Collection[int]) -> dict[str, Json]:
    """State who can change a file, or put something else there; to write to a disk is to write to every file on it."""
    if path_routes.stopped(entry) or entry["type"] != "block":
        return changing.changes(judge, entry, own)
    end = path_routes.end_of(entry)
    found = judge.access(Route(needs=(*path_routes.searching(entry, end.path), Need(place=end, want=WRITE, owner=True)), named=True), own)
    stated = {"everyone": found.everyone, "users": access_facts.granted(found, access_facts.stated(found)), "ways": access_facts.words(found)}
    return {**stated, "cause": changing.place(judge, entry, end.path, own, everyone=found.everyone)} if found.everyone or found.users else stated


class Reason(NamedTuple):
    """Why root takes a file for its own, as facts, with its rank: as root before others, what is certain, what needs least of others."""

    rank: tuple[Any, ...]
    key: str
    facts: dict[str, Json]


def _reason(people: People, use: View, key: str) -> Reason:
    user, when, sure = use["user"], attempt(use.__getitem__, "when"), attempt(use.__getitem__, "certain")
    uid = _uid(people, user)
    words, interaction = (when, when) if isinstance(when, Hole) else WHEN[when]
    if uid != 0 and when == "login":
        words = f"at the next login of {user}"
    run_by = f"{use['by']} ({use['place']}) {place_entries.HOW[use['how']]}{'; ' if use['via'] else ''}{use['via']}"
    rank = (uid != 0, not isinstance(uid, int), sure is not True, len(ORDER) if isinstance(when, Hole) else ORDER.index(when), key)
    kind = use["kind"] if use["kind"] != "unit" else when if isinstance(when, Hole) else "timer" if when == "timer" else "unit"
    facts: dict[str, Json] = {
        **{"kind": kind, "run_by": run_by, "place": use["place"], "when": words, "interaction": interaction},
        **{"as_uid": uid, "of_whom": user, "certain": sure},
    }
    return Reason(rank, key, facts)


def _uid(people: People, user: str) -> int | Hole | None:
    """Return the uid of a user of whom only the name may be known, None where nobody has the name."""
    if user in ("root", "0") or user in people.roots:
        return 0
    if user.isascii() and user.isdigit() and len(user) <= 10:
        return int(user)
    persons = people.by_name.get(user)
    return people.persons[persons[0]].uid if persons else people.unknown.users
