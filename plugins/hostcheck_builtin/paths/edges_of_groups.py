"""Edges of groups and accounts that are root under another name: the group of disks, and other accounts with uid 0."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts.access_facts import EVERYBODY
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import EVERYONE, OTHERS, ROOT, Change, Edge, Needs, Strength
from hostcheck_builtin.privileged_programs import setuid_abilities
from hostcheck_builtin.privileged_programs.setuid_abilities import ABILITIES, CALLS, READS, RUNS

MEMBER: Final = Edge(kind="member-of", origin=OTHERS, to=ROOT, because="be in a group that is root's equal", technique="T1078.003")
POWERS: Final = {
    "disk": ("its members read and write the disks, and so every file on them", "T1006"),
    "shadow": ("its members read the hashes of all passwords, and can try to guess root's", "T1003.008"),
}
"""Groups that distributions give the devices of disks (udev's 50-udev-default.rules) and /etc/shadow. Those of engines and virtual machines open sockets."""

SAFE_PROGRAMS: Final = frozenset({"shadow"})
"""Groups whose setgid programs show nothing: chage(1), expiry(1) and unix_chkpwd(8)."""


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of groups and of accounts."""
    yield from _groups(facts)
    yield from _accounts(facts)
    yield from _hidden_programs(facts)
    yield from _readers(facts)


def _readers(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield that everybody has a safe group after all, by a setgid program that is called like one which reads any file; its content is not known."""
    for name in sorted(SAFE_PROGRAMS):
        gid: int | None | Hole = attempt(_gid, facts, name)
        files: View | Hole = attempt(lambda: facts["group-grants"]["setgid_files"])
        if isinstance(files, Hole) or isinstance(gid, Hole):
            continue  # which is told of the group, and of hidden programs
        for path in known(files):
            if attempt(_reads, files, path, gid) is True:
                edge = replace(MEMBER, kind="executes", origin=EVERYONE, to=f"group:{name}", because=f"{path} gives group {name} and may read any file")
                change = Change(f"setgid {path}", f"take the setgid bit from {path}")
                yield replace(edge, evidence=(who.at("group-grants", "setgid_files", path),), strength=Strength.LIKELY, changes=(change,))


def _gid(facts: Mapping[str, Any], name: str) -> int | None:
    groups: View = facts["socket-access"]["groups"]
    return int(groups[name]["gid"]) if name in groups else None


def _reads(files: View, path: str, gid: int | None) -> bool:
    """Say whether everybody may execute a program with a group that is called like one which reads files."""
    one = files[path]
    able = ABILITIES.get(setuid_abilities.called(one["realpath"].rpartition("/")[2]), frozenset())
    is_open = all(int(place["mode"], 8) & 0o111 == 0o111 and not list(place["acl"]) for place in (one, *one["parents"].values()))
    return bool(one["owner_gid"] == gid and able & {CALLS, READS, RUNS} and is_open)


def _groups(facts: Mapping[str, Any]) -> Iterator[Edge]:
    groups: View | Hole = attempt(lambda: facts["socket-access"]["groups"])
    if isinstance(groups, Hole):
        yield who.unseen(MEMBER, groups, who.at("socket-access", "groups"))
        return
    for name, (gives, technique) in POWERS.items():
        if attempt(groups.__contains__, name) is False:
            continue
        group, pointer = attempt(groups.__getitem__, name), who.at("socket-access", "groups", name)
        edge = replace(MEMBER, to=f"group:{name}", because=f"be in group {name}")
        yield from [who.unseen(edge, group, pointer)] if isinstance(group, Hole) else _members(group, name, pointer, edge)
        # Whether there is a disk that the group may open is not read: a virtual machine may have none.
        yield Edge(kind="opens", origin=edge.to, to=ROOT, because=gives, evidence=(pointer,), strength=Strength.LIKELY, technique=technique)


def _hidden_programs(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield what may be there where users hide programs that give a group: `socket-access` counts only what nobody in particular hides."""
    files: View | Hole = attempt(lambda: facts["group-grants"]["setgid_files"])
    hole = None if isinstance(files, Hole) else worst_hole(opening(files), *(attempt(files.__getitem__, key) for key in known(files)))
    if hole is not None and hole.owners:
        yield who.unseen(replace(MEMBER, because="execute a program that gives its group"), hole, who.at("group-grants", "setgid_files"))


def _members(group: View, name: str, pointer: str, edge: Edge) -> Iterator[Edge]:
    for part in ("members", "idle_members") if attempt(lambda: "idle_members" in group) is not False else ("members",):
        members: View | Hole = attempt(group.__getitem__, part)
        if isinstance(members, Hole):
            yield who.unseen(edge, members, pointer)
        else:
            yield from who.inside(
                members, f"{pointer}/{part}", edge, partial(_member, name=name, edge=edge), named=lambda _, key: None if key == EVERYBODY else [key]
            )


def _member(member: View, key: str, pointer: str, *, name: str, edge: Edge) -> Iterator[Edge]:
    everyone = "uid" not in member
    if everyone and name in SAFE_PROGRAMS:
        return
    yield replace(
        edge, origin=EVERYONE if everyone else f"user:{key}", because=f"{key} has group {name}", evidence=(pointer,), changes=(who.leaving(key, name),)
    )


def _accounts(facts: Mapping[str, Any]) -> Iterator[Edge]:
    yield from who.each(facts, "principals", "users", replace(MEMBER, kind="is", because="have an account with uid 0", technique="T1136.001"), _account)


def _account(one: View, _: str, pointer: str) -> Iterator[Edge]:
    name = one["name"]
    if one["uid"] == 0 and name != "root":
        change = Change(f"account {name}", f"give {name} a uid of its own, or remove the account", "account", user=name)
        edge = replace(MEMBER, kind="is", origin=f"user:{name}", needs=Needs.OWN_PASSWORD, technique="T1136.001")
        yield replace(edge, because=f"{name} has uid 0, and is root to the kernel", evidence=(pointer,), changes=(change,))
