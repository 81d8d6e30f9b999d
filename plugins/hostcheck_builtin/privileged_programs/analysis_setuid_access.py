"""Who can execute a program that gives rights, what it gives them, and who can put another in its place.

A setuid program makes its caller its owner, where it lets its caller decide what is done. Capabilities by which one gets at any file, or at any process,
make its caller root. Those of a user namespace's root count nowhere else (capabilities(7), "Namespaced file capabilities").
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import access_facts, path_routes
from hostcheck_builtin.accounts.access import Route
from hostcheck_builtin.accounts.dac import SEARCH, Need
from hostcheck_builtin.files import changing
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.privileged_programs import setuid_kinds, setuid_powers
from hostcheck_builtin.privileged_programs.setuid_powers import Power
from hostcheck_builtin.sockets import requirements

WHAT: Final = ("kind", "is", "copy_of", "gives", "certain")
"""What a program is, by its name and its content."""
YAMA: Final = "kernel.yama.ptrace_scope"
FORBIDS: Final = 3
"""With this nobody traces, whatever they may do otherwise."""
WITHHELD: Final = (Why.DENIED, Why.TIMEOUT, Why.CRASHED)
"""Why something is not known that another time may be told; a database that cannot be read is told of by itself."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each program that gives rights, a hole where a place was not looked through, and where nothing was looked for."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    judge = changing.begin(facts, partial(_ends, facts))
    found: dict[str, Json] = {}
    traces, hole = attempt(_traces, facts) is True, None
    for programs in _ends(facts):
        if isinstance(programs, Hole):
            hole = worst_hole(hole, programs)
            continue
        found |= {path: attempt(_program, judge, programs, path, traces=traces) for path in known(programs)}
        hole = worst_hole(hole, opening(programs))
    stated = {path: one for path, one in found.items() if one is not None}
    return {"programs": incomplete(stated, hole), "not_examined": attempt(_not_examined, facts)}


def _ends(facts: Mapping[str, Any]) -> Iterator[View | Hole]:
    """Yield the programs that were found in usual places, and those on whole file systems where these were walked."""
    yield attempt(lambda: facts["setuid-programs"]["programs"])
    if _was_deep(facts):
        yield attempt(lambda: facts["setuid-programs-deep"]["programs"])


def _was_deep(facts: Mapping[str, Any]) -> bool:
    return attempt(lambda: facts["setuid-programs-deep"]) is not None


def _not_examined(facts: Mapping[str, Any]) -> list[str]:
    """Return where programs were not looked for, as a report tells it."""
    if not _was_deep(facts):
        return ["setuid programs outside usual directories, or over two levels deep (--deep looks for them everywhere)"]
    walked = facts["setuid-programs-deep"]["walked"]
    deepest = [f"setuid programs over {depth} levels deep" for depth in sorted(set(walked["directories"].values()))]
    return [*deepest, *(f"programs on {point}, which asks a server or a user's process" for point in walked["left_alone"])]


def _traces(facts: Mapping[str, Any]) -> bool:
    """Say whether the kernel lets whoever has the capability trace any process."""
    scope = facts["kernel"]["sysctl"][YAMA]
    return not scope["present"] or scope["value"] != FORBIDS


def _program(judge: Judge, programs: View, path: str, *, traces: bool) -> Json:
    """State a program; None where it gives nothing to anybody of this host.

    Where it is not known what it is by its content, it is known all the same whom it makes of its caller.
    """
    entry: View = programs[path]
    power = setuid_powers.of(entry)
    if power is None:
        return None
    end = path_routes.end_of(entry)
    root_only = requirements.only_root(requirements.exposed(entry), end.path)
    roots = root_only and end.uid == 0 and not end.mode & changing.OTHERS_WRITE
    own = (power.uid,) if power.uid else ()
    same: str | Hole = attempt(lambda: entry["same_as"] if "same_as" in entry else "")
    route = Route(needs=(*path_routes.searching(entry, end.path), Need(place=end, want=SEARCH, owner=True)))
    found = judge.access(route, own)
    users = access_facts.stated(found)
    owner = judge.people.owner(end.uid)
    stated: dict[str, Json] = {
        **{"realpath": entry["realpath"], "owner_uid": end.uid, "owner": owner, "mode": entry["mode"]},
        **{"permissions": requirements.permissions(judge.people, entry), "root_only": root_only},
        **{"by": power.by, "capabilities": attempt(lambda: list(power.capabilities) if setuid_powers.given(entry) else [])},
        "rights": setuid_powers.rights(power, owner),
        **(dict.fromkeys(WHAT, same) if isinstance(same, Hole) else _what(power, entry, same, owner, roots=roots, traces=traces)),
        **{"content": attempt(_content, entry), "user_may_have_put_it": not root_only or any(map(_is_users, entry["parents"].values()))},
        "executed_by": {"everyone": found.everyone, "users": access_facts.granted(found, users), "ways": access_facts.words(found)},
        "changed_by": changing.changes(judge, entry, own),
    }
    if power.uid is not None:
        stated["as_uid"] = power.uid
    return stated


def _content(entry: View) -> str:
    """Return what is known of the content of a program, beside its name."""
    if "same_as" in entry:
        return "copy"
    package: View | Hole | None = attempt(lambda: entry["package"] if "package" in entry else None)
    if package is None:
        return "of-no-package"
    if isinstance(package, Hole):
        if package.why in WITHHELD:
            raise HoleError(package)
        return "not-compared"
    if "matches" not in package:
        return "not-compared"
    return "as-packaged" if package["matches"] else "changed"


def _is_users(folder: View) -> bool:
    """Say whether a directory is a user's, or one where all may put something."""
    return bool(folder["uid"] or int(folder["mode"], 8) & 0o002)


def _what(power: Power, entry: View, same: str, owner: str, *, roots: bool, traces: bool) -> dict[str, Json]:
    """State what a program is, by its content where it is the `same` as a known one, else by its name."""
    path = entry["realpath"]
    name = (same or path).rpartition("/")[2]
    kind = setuid_kinds.kind_of(name, path, same=bool(same), roots=roots)
    sure = bool(same) or (roots and setuid_kinds.is_of_system(path))
    return {
        **{"kind": kind, "is": setuid_powers.named(name) if kind in ("engine", "shell") else name, "copy_of": same},
        **{"gives": setuid_powers.gives(power, kind, name, owner), "certain": sure and setuid_powers.is_certain(power, kind, name, traces=traces)},
    }
