"""The ways by which somebody passes or has a group, in words and with what a fix has to name: the entry of which file, of which ACL, in which place.

What gpasswd(1) and usermod(8) change is told apart from what they do not: a member by the name service, or by a second line of one name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hostcheck.api import Hole, Json, View, known, pattern
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.system.bounds import WAYS_NAMED as EXAMPLES

PLAIN: Final = pattern(r"[a-z_][a-z0-9_-]*", re.ASCII)
"""A name that is no number and needs no quoting in an entry of an ACL."""
SERVICE: Final = "the name service (LDAP, SSSD or another)"
SETGID: Final = "setgid file "
"""How a way to a group by a program begins that gives it to whoever runs it; its path follows."""
OUT_OF_REACH: Final = ", where its user may not get at it"
"""What follows the words of a way that is out of reach."""
UNOWNED: Final = "ids of no known account"
"""Whoever is given one of the ids that ACL entries name and no account is known to have: told as one, since an ACL holds thousands of them."""
FIXED: Final = {"group administrator": "administrator", "gshadow member": "gshadow", "group password": "password"}
WORDS: Final = {
    "group administrator": "administrator of group {}",
    "gshadow member": "member of group {} in /etc/gshadow",
    "group password": "password of group {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way by which a user passes: its kind, its words, and what an administrator has to change: a group, an entry of an ACL, a place.

    `container` is the one in which processes have it, and `pid` the process, where it is one alone. A way by a process that acts with a user's uid is
    `out_of_reach` where it is none of what that user has started and can use.
    """

    kind: str
    words: str
    group: str = ""
    gid: int = -1
    entry: str = ""
    place: str = ""
    container: str = ""
    pid: int = 0
    out_of_reach: bool = False

    def fields(self) -> dict[str, Json]:
        """State what is known of the way but for its words, by which it is named."""
        told = {name: value for name in ("group", "entry", "place", "container", "pid") if (value := getattr(self, name))}
        return {"kind": self.kind, **told, **({"out_of_reach": True} if self.out_of_reach else {})}


def entry(tag: str, label: str, number: int) -> str:
    """Return how setfacl(1) is told an entry: by name where it is a plain one, else by number."""
    return f"{tag}:{label if PLAIN.fullmatch(label) else number}"


def capability(name: str) -> str:
    """Return a capability as capabilities(7) writes it."""
    return f"capability {name if name.startswith('cap_') else f'cap_{name}'}"


def is_unowned(key: str, name: str | Hole, *, by_entries: bool) -> bool:
    """Say whether somebody, by key and name as facts have them, is nobody but an id in ACL entries: no way but `by_entries` is known."""
    return by_entries and key.startswith("uid ") and (isinstance(name, Hole) or name == key)


def only_by_entries(ways: View) -> bool:
    """Say whether all ways that are known, at least one, are entries of an ACL that name the user; raises HoleError."""
    told = [ways[words] for words in known(ways)]
    return bool(told) and all(way["kind"] == "acl" and way["entry"].startswith("u:") for way in told)


def several(ids: Sequence[str]) -> str:
    """Return such ids in a row, the first of them by name."""
    more = f" and {len(ids) - EXAMPLES} more" if len(ids) > EXAMPLES else ""
    return ", ".join(ids[:EXAMPLES]) + more


def memberships(people: People, person: Person, gid: int) -> list[Way]:
    """Return the ways by which a person gets a group, but for what processes have."""
    return [one for way in people.ways.get(gid, {}).get(person.key, ()) for one in ways_to(people, person, gid, way, "")]


def ways_to(people: People, person: Person, gid: int, way: str, at: str) -> list[Way]:
    """Return what one way to a group, as people know it, is in words, with `at` after them."""
    label, entries = people.label(gid), people.lines.get(gid, {}).get(person.key, [])
    if way == "primary group":
        local = "" in entries and person.key == person.name
        kind = "shipped" if gid == 0 and person.key in people.idle else "primary" if local else "primary elsewhere"
        return [Way(kind=kind, words=f"primary group {label}{at}", group=label, gid=gid, place=SERVICE if kind == "primary elsewhere" else "")]
    if way == "group":
        lines = [_line(people, label, gid, key, at) for key in entries if key]
        lines += [_commented(label, gid, line, at) for line in people.commented.get(gid, {}).get(person.key, ())]
        return lines or [Way(kind="elsewhere", words=f"group {label} of the name service{at}", group=label, gid=gid, place=SERVICE)]
    if way in FIXED:
        return [Way(kind=FIXED[way], words=f"{WORDS[way].format(label)}{at}", group=label, gid=gid)]
    return [elsewhere(people, gid, way, at)]


def elsewhere(people: People, gid: int, way: str, at: str = "") -> Way:
    """Return what gives a group outside of the user database: a program, a unit or pam_group."""
    label = people.label(gid)
    place = way.removeprefix(SETGID) if way.startswith(SETGID) else way.rpartition(", ")[2]
    return Way(kind="place", words=f"group {label} from {way}{at}", group=label, gid=gid, place=place)


def _line(people: People, label: str, gid: int, key: str, at: str) -> Way:
    """Return the way by a line of /etc/group; one that gpasswd(1) does not find has its place named."""
    name = people.group_names[key][0] if key in people.group_names else key
    words = f"group {key}{at}" if key == label else f"group {key}, same gid as {label}{at}"
    if key == name:
        return Way(kind="member", words=words, group=name, gid=gid)
    return Way(kind="elsewhere", words=words, group=name, gid=gid, place="a second line of /etc/group")


def _commented(label: str, gid: int, line: str, at: str) -> Way:
    """Return the way by a line of /etc/group with a # before it, which gpasswd(1) does not find."""
    words = f"group {label} from {line} of /etc/group, which the # before it does not disable{at}"
    place = f"{line} of /etc/group: delete this line, because the # before it does not disable it"
    return Way(kind="elsewhere", words=words, group=label, gid=gid, place=place)


def reason(people: People, person: Person, way: Way, root_only: Mapping[str, bool]) -> dict[str, Json]:
    """State one way of one person with what a fix has to name."""
    given = {name: value for name in ("group", "entry", "place") if (value := getattr(way, name))}
    alone = {**people.programs, **root_only}
    return {
        **{"kind": way.kind, "name": person.name, "uid": person.uid, "called": _called(person), "inside": people.inside(way.container), **given},
        **({"new_group": _other_group(people, person, way.gid)} if way.kind == "primary" else {}),
        **({"root_only": alone[way.place]} if way.place in alone else {}),
    }


def _called(person: Person) -> Json:
    """Return what sentences add to the key of a person whom only the name service knows: the name; "" of everybody else."""
    if person.key.partition("#")[0] != f"uid {person.uid}" or person.name == f"uid {person.uid}":
        return ""
    return person.name if isinstance(person.name, Hole) else f" called {person.name}"


def _other_group(people: People, person: Person, gid: int) -> str:
    """Return a group of /etc/group to be a person's primary group instead: that of the same name, or users; "" where there is neither."""
    names = (str(name) for name in (person.name, "users") if isinstance(name, str))
    return next((name for name in names if people.labelled(name) not in (None, gid, 0)), "")
