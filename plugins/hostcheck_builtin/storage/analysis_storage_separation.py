"""Which directories of users' engines are also those of another engine, who can change the image stores that Podman takes from, and where it keeps what runs.

What a user's files say speaks of that user alone. So a directory that a user names and does not own counts against who named it; and where one user's
lies inside another's, it counts against the outer one: nobody comes to be there without that one, or root.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.files import changing
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.sockets import requirements
from hostcheck_builtin.storage import shared_directories
from hostcheck_builtin.storage.shared_directories import Directory
from hostcheck_builtin.storage.user_directories import USUAL
from hostcheck_builtin.system.bounds import STORAGE_OF_OTHERS as MANY

EVERY_USER: Final = "every user"
SHARED: Final = ("/tmp", "/var/tmp")
"""Where every user may make what another is about to make (file-hierarchy(7))."""
Homes = dict[str, View | Hole]


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State ``{data, user_data, stores, run_roots}``."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    people = gather.users(facts)
    homes: View | Hole = attempt(lambda: facts["user-storage"]["homes"])
    each: Homes = {} if isinstance(homes, Hole) else {home: attempt(homes.__getitem__, home) for home in known(homes)}
    unread = homes if isinstance(homes, Hole) else opening(homes)
    data = attempt(lambda: facts["storage"]["data"])
    setting, setting_unread = _of_all(facts)
    return {
        "data": data if isinstance(data, Hole) else incomplete({path: attempt(_data, data, path) for path in known(data)}, opening(data)),
        "user_data": incomplete(_user_data(people, each, data) | setting, worst_hole(unread, setting_unread)),
        "stores": _stores(facts, each, unread),
        "run_roots": incomplete(_run_roots(facts, people, each), unread),
    }


def _data(data: View, path: str) -> dict[str, Json]:
    """State a data directory of root's engines."""
    found = data[path]
    system = attempt(lambda: found["filesystem"])
    if isinstance(system, Hole):
        return {"names": list(found["names"]), "filesystem": system}
    told = {"type": system["type"], "point": system["point"], "options": list(system["options"]), "shares": attempt(lambda: list(system["shares"]))}
    return {"names": list(found["names"]), "filesystem": told}


def who(people: People, uid: int) -> str:
    """Return a user as sentences name one."""
    name = people.owner(uid)
    return name if uid == 0 or name == f"uid {uid}" else f"{name} (uid {uid})"


def _user_data(people: People, homes: Homes, roots: View | Hole) -> dict[str, Json]:
    """State each data directory of users; what is not known of one home is a hole of its path."""
    ours, unread = shared_directories.of_root(roots)
    theirs: dict[str, Directory] = {}
    stated: dict[str, Json] = {}
    for home, told in homes.items():
        if isinstance(told, Hole):
            stated[home] = told
            continue
        uid = told["uid"]
        data: View | Hole = attempt(told.__getitem__, "data")
        if isinstance(data, Hole) or opening(data):
            stated[home] = data if isinstance(data, Hole) else opening(data)
        if isinstance(data, Hole):
            continue
        for path in known(data):
            found = attempt(shared_directories.of_user, uid, path, data)
            if isinstance(found, Hole):
                stated[_name(home, path)] = found
            else:
                theirs[_name(home, path)] = found
    index = shared_directories.Index([*ours, *theirs.values()])
    stated |= {name: _user_directory(people, one, index, unread) for name, one in theirs.items()}
    return dict(sorted(stated.items()))


def _name(home: str, path: str) -> str:
    """Return what a directory of a user's is called: a name below the home, so that what is not known of the home stands for it."""
    return path if path in {f"{home}/{usual}" for usual in USUAL.values()} else f"{home}/: {path}"


def _user_directory(people: People, one: Directory, index: shared_directories.Index, unread: Hole | None) -> dict[str, Json]:
    others = list(islice(index.shared_with(one), MANY + 1))
    shared = {other.path: {"relation": relation, "uid": other.uid, "who": who(people, other.uid)} for other, relation in others[:MANY]}
    if len(others) > MANY:
        unread = Hole(why=Why.LIMIT, message=f"{one.path}: more than {MANY} directories of others")
    told = {"path": one.path, "realpath": one.realpath, "uid": one.uid, "who": who(people, one.uid), "engines": list(one.engines), "fstype": one.fstype}
    return {**told, "shared": incomplete(shared, unread)}


def _of_all(facts: Mapping[str, Any]) -> tuple[dict[str, Json], Hole | None]:
    """State by its file the setting of root's that gives Podman of every user one directory, and why there may be one."""
    setting = attempt(_setting, facts)
    return ({}, setting) if isinstance(setting, Hole) else (setting, None)


def _setting(facts: Mapping[str, Any]) -> dict[str, Json]:
    podman = facts["storage"]["podman"]
    if "rootless_path" not in podman or podman["for_each"]:
        return {}
    path = podman["rootless_path"]
    told = {"path": path, "realpath": path, "uid": 0, "who": "root", "engines": ["podman"]}
    return {podman["file"]: {**told, "shared": {path: {"relation": "same", "uid": 0, "who": EVERY_USER}}}}


def _stores(facts: Mapping[str, Any], homes: Homes, unread: Hole | None) -> Json:
    """State who can change each additional image store of root's Podman, and of users'."""
    roots: View | Hole = attempt(lambda: facts["storage"]["stores"])
    lists = {home: told if isinstance(told, Hole) else attempt(lambda at: at["stores"], told) for home, told in homes.items()}
    judge = changing.begin(facts, lambda: [roots, *lists.values()])
    stated: dict[str, Json] = {}
    for home, stores in lists.items():
        told = homes[home]
        if isinstance(stores, Hole) or isinstance(told, Hole):
            stated[home] = worst_hole(stores, told)
            continue
        own = told["uid"]
        if hole := opening(stores):
            stated[home] = hole
        for path in known(stores):
            stated[_name(home, path)] = attempt(partial(_store, judge, own), stores, path)
    if not isinstance(roots, Hole):
        data: View | Hole = attempt(lambda: facts["storage"]["data"])
        for path in known(roots):
            store = attempt(partial(_store, judge, 0), roots, path)
            stated[path] = store if isinstance(store, Hole) else {**store, "is_data": map_known(data, partial(_is_data, store["realpath"]))}
    return incomplete(dict(sorted(stated.items())), worst_hole(unread, roots, None if isinstance(roots, Hole) else opening(roots)))


def _is_data(path: str, data: View) -> bool:
    """Say whether root's engines also keep what they have there: who can change that is told by the rule about the data of engines."""
    return path in data


def _store(judge: Judge, own: int, stores: View, path: str) -> dict[str, Json]:
    """State who but root, and but who named it, can change a store or something in it."""
    entry, people = stores[path], judge.people
    owners = (own,) if own else ()
    return {
        **{"path": path, "realpath": entry["realpath"], "set_in": entry["set_in"], "permissions": requirements.permissions(people, entry)},
        **{"of": own, "of_whom": people.owner(own), "who": who(people, own)},
        "is_data": False,
        "changed_by": changing.changes(judge, entry, owners),
        "members": changing.members(judge, entry, owners),
    }


def _run_roots(facts: Mapping[str, Any], people: People, homes: Homes) -> dict[str, Json]:
    """State where each Podman keeps what runs, of which a file or a database says so."""
    told = {"": attempt(lambda: facts["storage"]["podman"]), **homes}
    return {name: one for home, podman in told.items() for name, one in _run_root(people, home, podman)}


def _run_root(people: People, home: str, told: View | Hole) -> Iterator[tuple[str, Json]]:
    if isinstance(told, Hole):
        yield home or "root", told
        return
    if attempt(lambda: "run_root" in told) is False:
        return
    uid = told["uid"] if home else 0
    found = attempt(lambda: {name: told["run_root"][name] for name in ("path", "pinned", "set_in")})
    stated = {"uid": uid, "who": who(people, uid), "login": people.owner(uid)}
    yield home or "root", found if isinstance(found, Hole) else {**stated, **found, "in_tmp": _is_in_tmp(found["path"])}


def _is_in_tmp(path: str) -> bool:
    return any(f"{path}/".startswith(f"{place}/") for place in SHARED)
