"""Where the socket leads that every tool takes unless told otherwise, if it is a link: Docker Desktop and others put one there with root's help.

Who owns what it leads to has a say in where it should: nobody else's files count for that, or any user could make of it what he likes.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.engines import client_targets, engine_users
from hostcheck_builtin.system.candidates import canonical
from hostcheck_builtin.system.products_by_path import product_of

PATHS: Final = ("/run/docker.sock", "/var/run/docker.sock")
"""The second is stated apart only where /var/run is not a link to /run."""


def stated(facts: Mapping[str, Any], people: Callable[[], People | Hole]) -> Json:
    """State each default socket that is a link, by its path; who there is, `people` tells where it is asked for."""
    if attempt(lambda: facts["host"]["scan"]["init_userns"]) is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where the owners of links and sockets are not those of the host")
    sockets: View | Hole = attempt(lambda: facts["sockets"]["sockets"])
    if isinstance(sockets, Hole):
        return sockets
    found: dict[str, Json] = {}
    for path in PATHS:
        if path in known(sockets):
            is_link = attempt(lambda at: at in sockets[at]["links"], path)
            if is_link is not False:
                found[path] = is_link if isinstance(is_link, Hole) else attempt(_link, facts, people(), sockets, path)
    return incomplete(found, opening(sockets))


def _link(facts: Mapping[str, Any], people: People | Hole, sockets: View, path: str) -> Json:
    socket = sockets[path]
    target = str(socket["realpath"])
    stated: dict[str, Json] = {"target": target, "product": product_of(target), **_listener(people, socket), "root_only": attempt(_is_roots, socket, path)}
    if socket["type"] != "socket":
        return stated
    uid = int(socket["owner_uid"])
    stated["owner"] = people if isinstance(people, Hole) else people.owner(uid)
    stated["owner_who"] = people if isinstance(people, Hole) else _who(people, uid)
    if stated["listening"] is not False:
        stated["served_by_owner"] = attempt(lambda: bool(socket["listening"] and socket["peer"]["uid"] == uid))
    names = {path, canonical(path), target, str(socket["links"][path]["target"])}
    stated["elsewhere"] = _elsewhere(facts, uid, names) if uid else []
    return stated


def _is_roots(socket: View, path: str) -> bool:
    """Say whether root alone can replace the link, by the directories on the way to it."""
    parents = socket["parents"]
    above = [place for place in parents if place == "/" or f"{path}/".startswith(f"{place}/")]
    return bool(above) and all(parents[place]["uid"] == 0 and not int(parents[place]["mode"], 8) & 0o022 for place in above)


def _listener(people: People | Hole, socket: View) -> dict[str, Json]:
    listening = attempt(lambda: bool(socket["listening"]))
    if listening is False or isinstance(listening, Hole):
        return {"listening": listening, **dict.fromkeys(("listener", "listener_who"), listening or "nobody")}
    uid = attempt(lambda: int(socket["peer"]["uid"]))
    if isinstance(uid, Hole) or isinstance(people, Hole):
        return {"listening": True, **dict.fromkeys(("listener", "listener_who"), uid if isinstance(uid, Hole) else people)}
    return {"listening": True, "listener": people.owner(uid), "listener_who": _who(people, uid)}


def _who(people: People, uid: int) -> Json:
    return engine_users.named(people, uid)["who"] if uid else "root"


def _elsewhere(facts: Mapping[str, Any], uid: int, here: set[str]) -> Json:
    """Return where else the docker command of a user goes."""
    found = client_targets.client(facts, uid)
    others = [one.text for one in found.endpoints if one.scheme != "unix" or not {one.path, canonical(one.path)} & here]
    return incomplete(others, found.unknown)
