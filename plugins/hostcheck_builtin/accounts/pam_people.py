"""What the user database says to modules of PAM of who is in which group, and which people a stack of theirs tells apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt
from hostcheck_builtin.accounts.pam_verdict import WHEEL
from hostcheck_builtin.accounts.people import JOINED, People

Lines = list[dict[str, Any]]
UID_DIGITS: Final = 10


def stack(services: View, name: str, kind: str) -> Lines:
    """Return the lines of a service as they are stated; raises HoleError where they are not known."""
    lines: Any = services[name][kind]
    plain = ("control", "module", "level")
    return [{**{key: line[key] for key in plain}, "arguments": list(line["arguments"]), "listed": _listed(line)} for line in lines]


def _listed(line: View) -> Json:
    """Return what a line's list says, None where there is none or it is not known."""
    found = attempt(lambda: {"file": str(line["listed"]["file"]), "names": list(line["listed"]["names"])}) if "listed" in line else None
    return None if isinstance(found, Hole) else found


def belongs(people: People, caller: str | None, target: str | None) -> Callable[[Sequence[str], bool], bool | None]:
    """Return what says whether somebody, by key, is in one of some groups: `caller`, or `target`, None for anybody, "" for whoever is in none."""

    def told(groups: Sequence[str], of_target: bool) -> bool | None:
        key = target if of_target else caller
        return None if key is None else _is_in(people, key, groups)

    return told


def _is_in(people: People, key: str, groups: Sequence[str]) -> bool | None:
    gids = [_gid(people, group) for group in groups]
    if key and any(way in JOINED for gid in gids if gid is not None for way in people.ways.get(gid, {}).get(key, ())):
        return True
    return None if key and (people.unknown.names or people.unknown.missing(gid for gid in gids if gid is not None)) else False


def _gid(people: People, group: str) -> int | None:
    """Return the gid of a group; where there is no group wheel, pam_wheel takes that of root."""
    gid = people.gid_of(group)
    return 0 if gid is None and group == WHEEL else gid


def told_apart(people: People, stacks: Iterable[Lines]) -> list[str]:
    """Return the keys of all people that a line names, by themselves or by a group."""
    words = {word for lines in stacks for line in lines for word in _words(line)}
    gids = {gid for word in words if (gid := _gid(people, word)) is not None}
    named = {key for word in words for key in people.by_name.get(word, ())} | {
        key for word in words if word.isdigit() for key in people.by_uid.get(int(word), ())
    }
    return sorted(named | {key for gid in gids for key, ways in people.ways.get(gid, {}).items() if any(way in JOINED for way in ways)})


def _words(line: Mapping[str, Any]) -> Iterator[str]:
    if line["module"] == "pam_wheel.so":
        yield WHEEL
    yield from (line.get("listed") or {}).get("names", ())
    for argument in line["arguments"]:
        yield from argument.removeprefix("group=").split(":")
