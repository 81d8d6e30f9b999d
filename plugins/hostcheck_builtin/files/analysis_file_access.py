"""Who can change the files that engines run and believe, and who can read those that hold keys and passwords.

A file is changed by who can write to it, or to a directory of any path that leads to it. What root's engine reads is judged by everybody but root; what is
a user's own by everybody but root and that user.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.engines import client_targets
from hostcheck_builtin.files import changing, places
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.sockets import requirements
from hostcheck_builtin.system.fact_members import each_stated

CHANGED: Final = (
    "certificates",
    "daemon_json",
    "directories",
    "environments",
    "plugins",
    "programs",
    "runtime_configuration",
    "containers_configuration",
    "units",
)
BOTH: Final = ("data", "keys")
"""Of these it matters too who reads them."""
THEIRS: Final = {"client_keys": "keys", "credentials": "credentials", "commands": "commands"}
"""What users have too, and what the probe user-files calls it."""
SSH: Final = ("ssh", "another host")
END: Final = ("type", "realpath", "mode", "permissions", "owner_uid", "owner", "account", "root_only")
"""What is stated of what stands at the end of a way."""
State = Callable[[View, str], Json]


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State for each file or directory who can change it and, where that matters, who can read it."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    judge = changing.begin(facts)
    found = {kind: _roots(facts, kind, partial(_changed, judge, own=(), kind=kind)) for kind in CHANGED}
    found |= {kind: _roots(facts, kind, partial(_read, judge, own=())) for kind in BOTH}
    reads = {"client_keys": _read, "credentials": _credentials, "commands": _changed}
    for kind, state in reads.items():
        roots: Json = {} if kind == "client_keys" else _roots(facts, kind, partial(state, judge, own=()))
        found[kind] = _joined(roots, _users(facts, THEIRS[kind], partial(state, judge)))
    found["ssh_keys"] = _users(facts, "ssh_keys", partial(_ssh_key, judge.people, cache(partial(_over_ssh, facts))))
    return found


def _roots(facts: Mapping[str, Any], kind: str, state: State) -> Json:
    """State each file of one kind of what root's engines read."""
    return each_stated(lambda: facts["engine-files"][kind], state)


def _users(facts: Mapping[str, Any], kind: str, state: Callable[..., Json]) -> Json:
    """State each file of one kind in homes; what is not known of one home is a hole of its path."""
    homes: View | Hole = attempt(lambda: facts["user-files"]["homes"])
    if isinstance(homes, Hole):
        return homes
    found: dict[str, Json] = {}
    for home in known(homes):
        stated = attempt(_home, homes, home, kind, state)
        found.update({} if isinstance(stated, Hole) else stated)
        hole = stated if isinstance(stated, Hole) else getattr(stated, "hole", None)
        if hole is not None:
            found[home] = hole
    return incomplete(found, opening(homes))


def _home(homes: View, home: str, kind: str, state: Callable[..., Json]) -> Json:
    files: View = homes[home][kind]
    return each_stated(lambda: files, partial(state, own=(homes[home]["uid"],)))


def _ssh_key(people: People, engines: Callable[[int], Json], entry: View, _: str, *, own: tuple[int, ...]) -> Json:
    """State what protects a private key, and what sends its user's docker command to another host by SSH."""
    return {"of": own[0], "of_whom": people.owner(own[0]), "protection": entry["protection"], "engines": engines(own[0])}


def _over_ssh(facts: Mapping[str, Any], uid: int) -> Json:
    client = client_targets.client(facts, uid)
    return incomplete(sorted({source for to, sources in client.endpoints.items() if (to.scheme, to.host) == SSH for source in sources}), client.unknown)


def _joined(roots: Json, users: Json) -> Json:
    """Return root's files with those of users."""
    hole = worst_hole(*(part if isinstance(part, Hole) else getattr(part, "hole", None) for part in (roots, users)))
    if isinstance(roots, Hole) and isinstance(users, Hole):
        return hole
    return incomplete({path: entry for part in (users, roots) if not isinstance(part, Hole) for path, entry in part.items()}, hole)


def _changed(judge: Judge, entry: View, path: str, *, own: tuple[int, ...], kind: str = "") -> Json:
    """State who can change what is at a path, and of a directory which of its members others can change.

    Who can change a directory above it that is judged itself is told there.
    """
    folder = places.above(kind, path)
    told = {folder, *(folder[:end] or "/" for end, mark in enumerate(folder) if mark == "/")} if folder else ()
    end = attempt(_end, judge, entry)
    stated: dict[str, Json] = {
        **(dict.fromkeys(END, end) if isinstance(end, Hole) else end),
        **{"of": own[0] if own else 0, "of_whom": judge.people.owner(own[0]) if own else "root"},
        "above": folder,
        **{key: entry[key] for key in ("named_by", "certain") if key in entry},
        "changed_by": changing.changes(judge, entry, own, told),
        "members": changing.members(judge, entry, own) if "members" in entry else {},
    }
    return stated


def _end(judge: Judge, entry: View) -> dict[str, Json]:
    """State what stands at the end of the way to a file; raises HoleError where that is not known, whoever may have laid the way."""
    people, uid = judge.people, entry["owner_uid"]
    facts = (entry["type"], entry["realpath"], entry["mode"], requirements.permissions(people, entry), uid, people.owner(uid), judge.account(uid))
    return dict(zip(END, (*facts, requirements.only_root(requirements.exposed(entry), entry["realpath"])), strict=True))


def _read(judge: Judge, entry: View, path: str, *, own: tuple[int, ...]) -> Json:
    """State the same, and who can read it."""
    return {**_changed(judge, entry, path, own=own), "read_by": attempt(changing.reads, judge, entry, own)}


def _credentials(judge: Judge, entry: View, path: str, *, own: tuple[int, ...]) -> Json:
    """State the same, and whether passwords stand in it."""
    return {**_read(judge, entry, path, own=own), "secrets": attempt(entry.__getitem__, "secrets")}
