"""Which users can read the administrator's kubeconfig of this host's cluster, and with which rights CI runners run their jobs.

A kubeconfig gives root for certain only if its certificate says so. What a token may do is not known, and any user can write a kubeconfig.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.files import changing
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.sockets import requirements
from hostcheck_builtin.system.fact_members import each_stated, opened, part_of_each

ELSEWHERE: Final = "elsewhere"
NOTHING: Final = "nothing"
PERHAPS: Final = "perhaps root"
SURE: Final = "root"
MASTERS: Final = "system:masters"
"""The group that an API server obeys whatever its roles say (kubernetes.io, RBAC)."""
WORDS: Final = {"token": "a token", "exec": "a program that gets a token", "password": "a password"}
Gives = tuple[bool, str]
"""Whether a login certainly gives root here, and what it is by, in words."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each kubeconfig that leads to this host with who can read it, and the runners."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    judge = changing.begin(facts, partial(_ends, facts))
    node = attempt(lambda: bool(facts["kubeconfigs"]["node"]))
    return {"kubeconfigs": _kubeconfigs(facts, judge, node), "runners": attempt(_runners, facts, judge), "ssh_keys": attempt(_ssh_keys, facts, judge)}


def _ends(facts: Mapping[str, Any]) -> Iterator[View | Hole]:
    """Yield what is asked about: root's files, and those of each home."""
    yield attempt(lambda: facts["kubeconfigs"]["roots"])
    yield from part_of_each(lambda: facts["kubeconfigs"]["homes"], "kubeconfigs")


def _kubeconfigs(facts: Mapping[str, Any], judge: Judge, node: bool | Hole) -> Json:
    """State the files of root and of users; what is not known of one home is a hole of its path."""
    roots: View | Hole = attempt(lambda: facts["kubeconfigs"]["roots"])
    homes: View | Hole = attempt(lambda: facts["kubeconfigs"]["homes"])
    if isinstance(roots, Hole) and isinstance(homes, Hole):
        return roots
    (files, unread), (users, more) = opened(roots), opened(homes)
    found = {path: attempt(_file, judge, node, files, path, ()) for path in known(files)}
    for home in known(users):
        told = attempt(_home, judge, node, users, home)
        found |= {home: told} if isinstance(told, Hole) else told
    return incomplete(found, worst_hole(unread, more))


def _home(judge: Judge, node: bool | Hole, homes: View, home: str) -> dict[str, Json]:
    entries, own = homes[home]["kubeconfigs"], (homes[home]["uid"],)
    hole = opening(entries)
    more: dict[str, Json] = {home: hole} if hole else {}
    return {path: attempt(_file, judge, node, entries, path, own) for path in known(entries)} | more


def _file(judge: Judge, node: bool | Hole, entries: View, path: str, own: tuple[int, ...]) -> Json:
    """State one file: whose it is, what it gives, and who can read it."""
    entry: View = entries[path]
    gives, words = _best(entry, node, own=bool(own))
    people = judge.people
    owner = own if entry["owner_uid"] in own else ()
    return {
        **{"of": own[0] if own else 0, "of_whom": people.owner(own[0]) if own else "root", "owner": people.owner(entry["owner_uid"])},
        **{"mode": entry["mode"], "permissions": requirements.permissions(people, entry), "realpath": entry["realpath"]},
        "root_only": attempt(lambda: requirements.only_root(requirements.exposed(entry), entry["realpath"])),
        **{"gives": gives, "by": words, "read_by": changing.reads(judge, entry, owner)},
    }


def _best(entry: View, node: bool | Hole, *, own: bool) -> tuple[str | Hole, str | Hole]:
    """Return what the best of a file's logins gives, and by what; a login that is not known may be a better one."""
    logins = attempt(lambda: list(entry["logins"]))
    each = [logins] if isinstance(logins, Hole) else [attempt(_gives, login, node, own=own) for login in logins]
    hole = worst_hole(*(one for one in each if isinstance(one, Hole)))
    given = sorted((one for one in each if isinstance(one, tuple)), reverse=True)
    if not given:
        return hole or NOTHING, hole or ""
    sure, words = given[0]
    return SURE if sure else hole or PERHAPS, hole or words


def _gives(login: View, node: bool | Hole, *, own: bool) -> Gives | None:
    """Return what one login gives. A user may have made up a login that is not proven; a key in another file may be readable by others or not."""
    by = login["by"]
    groups = list(login["groups"]) if by == "certificate" else []
    if by == "certificate" and not groups:
        return None
    here = login["server"] != ELSEWHERE
    if not here and (own and by != "certificate"):
        return None  # to whatever cluster a user of this host logs in
    if isinstance(node, Hole):
        raise HoleError(node)
    if not node and not (here and by == "certificate"):
        return None
    sure = node and here and MASTERS in groups and not login["key_apart"] and login["proven"]
    return sure, f"a certificate of {groups[0]} until {login['expires']}" if groups else WORDS[by]


def _runners(facts: Mapping[str, Any], judge: Judge) -> Json:
    """State what the jobs of each runner may do. Where the probe knows only the number of a user, the name is added."""
    runners: View = facts["ci-runners"]["runners"]
    return each_stated(lambda: runners, partial(_runner, judge))


def _runner(judge: Judge, one: View, _: str) -> Json:
    users = [judge.people.owner(int(user)) if user.isascii() and user.isdigit() and len(user) <= 10 else user for user in one["users"]]
    return {"runner": one["runner"], "users": users, "containers": list(one["containers"]), "starts": one["starts"]}


def _ssh_keys(facts: Mapping[str, Any], judge: Judge) -> Json:
    """State the private keys of users that let root in; what is not known of one home is a hole of its path."""
    told: View = facts["root-ssh"]
    homes: View = told["homes"]
    found: dict[str, Json] = {}
    for home in known(homes):
        keys: View | Hole = attempt(lambda at: homes[at]["private_keys"], home)
        if isinstance(keys, Hole):
            found[home] = keys
            continue
        found |= {path: attempt(_ssh_key, told, judge, keys[path], homes[home]["uid"]) for path in known(keys)}
        if hole := opening(keys):
            found[home] = hole
    return incomplete(found, worst_hole(opening(homes), opening(told["keys"])))


def _ssh_key(told: View, judge: Judge, one: View, uid: int) -> Json:
    """State one; raises HoleError where it is not known whether sshd starts and lets root in."""
    key = told["keys"][one["fingerprint"]]
    people = judge.people
    return {
        **{"of": uid, "of_whom": people.owner(uid), "owner": people.owner(one["owner_uid"]), "realpath": one["realpath"]},
        **{"fingerprint": one["fingerprint"], "place": key["place"], "signs": key["signs"]},
        "certain": bool(told["starts"]) and told["lets_root"] == "yes" and key["certain"],
    }
