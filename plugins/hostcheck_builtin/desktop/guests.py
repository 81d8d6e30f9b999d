"""The virtual machines of one user: what runs, what each is given of the host, and who else can connect to its sockets.

A machine runs where its user listens on one of its sockets, or runs its program; that its files are there proves no more than that it was set up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from posixpath import dirname
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, ViewList, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import access_facts
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.engines import engine_users
from hostcheck_builtin.sockets import requirements
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.fact_members import collection, opened

ON_LIMA: Final = ("colima", "rancher-desktop")
"""Products whose machines are run by Lima's program."""
HOLDS: Final = {"root": "a root directory or a whole drive", "homes": "the directory of several homes", "home": "a whole home", "part": "a part"}
"""How much of a host a share holds, and how that is said; the most first."""
INSTALLED: Final = "docker-desktop"
"""The product that runs from one place alone: where nothing of it is there, what it left in a home is no machine any more."""
SETTINGS: Final = (".json", ".yaml")
PLAIN: Final = 2375
"""The port that Docker Desktop's setting means."""
Links = Callable[[str], Json]
"""Returns which paths of the system lead to a socket, by its real path."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Found:
    """What is known of one user's machines, and why there may be more of it."""

    products: dict[str, Json] = field(default_factory=dict)
    shares: dict[str, Json] = field(default_factory=dict)
    writable: dict[str, str] = field(default_factory=dict)
    sockets: dict[str, Json] = field(default_factory=dict)
    open_to: list[str] = field(default_factory=list)
    ports: dict[str, Json] = field(default_factory=dict)
    unlisted: Hole | None = None
    unshared: Hole | None = None
    unasked: Hole | None = None
    unclosed: Hole | None = None
    unexposed: Hole | None = None

    def lacks(self, hole: Hole | None) -> None:
        """Note that nothing is known of a machine, or that there may be another."""
        self.unshared, self.unasked = worst_hole(self.unshared, hole), worst_hole(self.unasked, hole)
        self.unclosed, self.unexposed = worst_hole(self.unclosed, hole), worst_hole(self.unexposed, hole)

    def stated(self) -> dict[str, Json]:
        """Return all of it."""
        return {
            "products": incomplete(self.products, self.unlisted),
            "shares": incomplete(self.shares, self.unshared),
            "writable": incomplete(broadest(self.writable), self.unshared),
            "sockets": incomplete(self.sockets, self.unasked),
            "open_to": incomplete(self.open_to, self.unclosed),
            "ports": incomplete(self.ports, self.unexposed),
        }


def broadest(shares: Mapping[str, str]) -> list[str]:
    """Return what is shared, as words, what holds most of a host first."""
    return sorted(shares, key=lambda words: (list(HOLDS).index(shares[words]), words))


def described(share: Mapping[str, Any]) -> dict[str, Json]:
    """Return how much of the host a share holds, and what the machine can do there, as words."""
    return {"what": HOLDS[share["holds"]], "access": "writable" if share["writable"] else "read-only"}


def machines(people: People, uid: int, theirs: View, running: View | Hole, installed: bool | Hole, links: Links) -> Found:
    """Return what the files in a home and the processes of its user tell; `running` are the programs of products, by product.

    `installed` says whether there is a Docker Desktop that could be started.
    """
    found, gone = Found(), None
    for product in sorted(known(theirs)):
        members: View | Hole = attempt(theirs.__getitem__, product)
        if isinstance(members, Hole):
            found.products[product] = members
            found.lacks(members)
        elif product == INSTALLED and installed is not True and (left := _is_left_over(uid, members, running, installed)) is not False:
            gone = None if left is True else left
            found.lacks(gone)
        else:
            found.products[product] = _product(people, uid, found, product, members, running, links)
    unlisted = worst_hole(opening(theirs), gone)
    found.lacks(unlisted)
    programs, more = opened(running)
    found.unlisted = worst_hole(unlisted, more)
    for product in sorted(known(programs)):
        if product not in found.products and not _is_others(product, theirs):
            found.products[product] = unlisted or attempt(_homeless, programs, product)
    return found


def _is_left_over(uid: int, members: View, running: View | Hole, installed: bool | Hole) -> bool | Hole:
    """Say whether the files of Docker Desktop in a home are all that is left of it."""
    states: list[bool | Hole] = [running if isinstance(running, Hole) else attempt(lambda: INSTALLED in running)]
    for name in known(members):
        machine: View | Hole = attempt(members.__getitem__, name)
        states.append(machine if isinstance(machine, Hole) else attempt(_is_running, uid, machine))
    unknown = worst_hole(*states, installed, opening(members))
    return False if True in states else unknown or True


def _is_others(product: str, theirs: View) -> bool:
    """Say whether a program is that of another product whose machines are known, or would be."""
    return product == "lima" and any(other in known(theirs) for other in ON_LIMA)


def _homeless(running: View, product: str) -> Json:
    """State a product that runs and keeps no machine at its place in the home."""
    programs = running[product]
    return {"state": "running", "machines": [], "evidence": incomplete([f"process {path}" for path in sorted(known(programs))], opening(programs))}


def _product(people: People, uid: int, found: Found, product: str, members: View, running: View | Hole, links: Links) -> Json:
    states: list[bool | Hole] = [running if isinstance(running, Hole) else attempt(lambda: product in running)]
    shown: list[str] = []
    unknown = unshown = opening(members)
    found.lacks(unknown)
    for name in sorted(known(members)):
        machine: View | Hole = attempt(members.__getitem__, name)
        if isinstance(machine, Hole):
            found.lacks(machine)
            states.append(machine)
            unshown = worst_hole(unshown, machine)
            continue
        evidence: ViewList | Hole = attempt(machine.__getitem__, "evidence")
        shown += [] if isinstance(evidence, Hole) else known(evidence)
        unshown = worst_hole(unshown, evidence if isinstance(evidence, Hole) else opening(evidence))
        states.append(attempt(_is_running, uid, machine))
        _shares(people, uid, found, (product, name), machine)
        _sockets(people, uid, found, (product, name), machine, links)
        _exposed(people, uid, found, machine)
    state = True in states or worst_hole(worst_hole(*states), unknown) or False
    stated = state if isinstance(state, Hole) else "running" if state else "configured"
    return {"state": stated, "machines": incomplete(sorted(known(members)), unknown), "evidence": incomplete(shown, unshown)}


def _is_running(uid: int, machine: View) -> bool:
    sockets: View = machine["sockets"]
    listener_of = [attempt(_is_heard, uid, sockets, path) for path in sorted(known(sockets))]
    stated = [attempt(lambda: "agent" in machine and bool(machine["agent"]["running"])), *listener_of]
    unknown = worst_hole(worst_hole(*stated), opening(sockets))
    if unknown is not None and True not in stated:
        raise HoleError(unknown)
    return True in stated


def _is_heard(uid: int, sockets: View, path: str) -> bool:
    socket = sockets[path]
    return bool(socket["listening"]) and bool(socket["peer"]["uid"] == uid)


def _shares(people: People, uid: int, found: Found, names: tuple[str, str], machine: View) -> None:
    label, login = " ".join(names), engine_users.named(people, uid)["login"]
    mine = {"uid": uid, "login": login, "product": names[0], "machine": names[1], "set_in": _settings(machine)}
    shares, unknown = collection(lambda: machine["shares"])
    found.unshared = worst_hole(found.unshared, unknown)
    for path in sorted(known(shares)):
        share = attempt(lambda at: {fact: shares[at][fact] for fact in ("writable", "holds")}, path)
        keep(found.shares, f"{path} in {label}", share if isinstance(share, Hole) else {**share, "path": path, **described(share), **mine})
        if isinstance(share, Hole):
            found.unshared = worst_hole(found.unshared, share)
        elif share["writable"]:
            found.writable[f"{path} ({share['holds']}) in {label}"] = share["holds"]


def _settings(machine: View) -> Json:
    """Return the file that says what a machine is given; the last that shows it, "" where it is a directory alone."""
    evidence = attempt(machine.__getitem__, "evidence")
    last = evidence if isinstance(evidence, Hole) else opening(evidence) or (known(evidence) or [""])[-1]
    return last if isinstance(last, Hole) or last.endswith(SETTINGS) else ""


def _sockets(people: People, uid: int, found: Found, names: tuple[str, str], machine: View, links: Links) -> None:
    label = " ".join(names)
    mine = {"uid": uid, "product": names[0], "name": names[1], "login": engine_users.named(people, uid)["login"]}
    sockets, unknown = collection(lambda: machine["sockets"])
    found.unasked, found.unclosed = worst_hole(found.unasked, unknown), worst_hole(found.unclosed, unknown)
    for path in sorted(known(sockets)):
        stated = attempt(_socket, people, sockets, path, links)
        found.sockets[path] = stated if isinstance(stated, Hole) else {**stated, "machine": label, **mine}
        _open(found, path, stated)


def _socket(people: People, sockets: View, path: str, links: Links) -> dict[str, Json]:
    """State who but who listens can connect to a socket, and which paths of the system lead to it."""
    socket = sockets[path]
    uid = attempt(requirements.obeyed, socket)
    stated = {"listening": attempt(socket.__getitem__, "listening"), "linked_from": links(socket["realpath"]), **_place(people, socket)}
    if isinstance(uid, Hole):
        return {**stated, **dict.fromkeys(("everyone", "users_other_than_owner", "reached_by"), uid)}
    others = requirements.others(people, socket, uid)
    return {
        **stated,
        "everyone": others.everyone,
        "users_other_than_owner": access_facts.stated(others),
        "reached_by": access_facts.words(others),
        **_place(people, socket),
    }


def _place(people: People, socket: View) -> dict[str, Json]:
    """State mode and owner of a socket, and the directory that holds it where that is the owner's."""
    uid, folder = attempt(lambda: int(socket["owner_uid"])), dirname(str(socket["realpath"]))
    owner = uid if isinstance(uid, Hole) else people.owner(uid)
    mode = uid if isinstance(uid, Hole) else attempt(lambda: _mode(socket["parents"], folder, uid))
    named = mode if isinstance(mode, Hole) else folder if mode else ""
    return {"mode": attempt(lambda: str(socket["mode"])), "owner": owner, "folder": named, "folder_mode": mode}


def _mode(parents: View, folder: str, uid: int) -> str:
    """Return the mode of a directory, "" where it is not that user's."""
    return str(parents[folder]["mode"]) if folder in parents and parents[folder]["uid"] == uid else ""


def _open(found: Found, path: str, stated: dict[str, Json] | Hole) -> None:
    """Note who can connect to a socket on which somebody listens."""
    if not isinstance(stated, Hole) and stated["listening"] is False:
        return
    reached = stated if isinstance(stated, Hole) else stated["listening"] if isinstance(stated["listening"], Hole) else stated["reached_by"]
    if isinstance(reached, Hole):
        found.unclosed = worst_hole(found.unclosed, reached)
        return
    found.unclosed = worst_hole(found.unclosed, getattr(reached, "hole", None))
    found.open_to += [f"{path} to {who}" for who in reached]


def _exposed(people: People, uid: int, found: Found, machine: View) -> None:
    exposes = attempt(lambda: "exposes_tcp" in machine and bool(machine["exposes_tcp"]))
    if isinstance(exposes, Hole):
        found.unexposed = worst_hole(found.unexposed, exposes)
    elif exposes:
        set_in, login = _settings(machine), engine_users.named(people, uid)["login"]
        found.ports[f"localhost:{PLAIN} by its settings"] = {"address": "localhost", "port": PLAIN, "by": "", "set_in": set_in, "login": login}
