"""Who has a desktop virtual machine here, and whether it is the boundary that its user takes it for.

Each user is stated apart, by what that user alone can plant, so that nothing of it relaxes what is asked of root's engines. The host itself is one
subject more where its role, which only root can give it, is to run such machines, and the guest's mounts are another where this is the inside of one.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final, TypeVar

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.desktop import default_link, guests
from hostcheck_builtin.engines import engine_users, roots_units, scopes
from hostcheck_builtin.engines.engine_users import MACHINES
from hostcheck_builtin.system import tcp_listeners
from hostcheck_builtin.system.fact_members import by_value, each_known

Key = TypeVar("Key", int, str)
HOST: Final = "this host"
GUEST: Final = "this guest"
ROLE: Final = "desktop-vm-host"
GUEST_ROLE: Final = "desktop-vm-guest"
EMPTY: Final[dict[str, Json]] = {"products": {}, "shares": {}, "writable": [], "sockets": {}, "open_to": [], "ports": {}}
Index = tuple[dict[Key, list[str]], Hole | None]
"""Names by what many users are looked up by, and the hole where there may be others."""
Listening = tuple[dict[str, Json], Hole | None]
Sources = tuple[View | Hole, View | Hole]
"""What the files in homes tell, and what processes do; both by uid."""
HOSTNAMES: Final = {"colima": "colima", "lima-rancher-desktop": "rancher-desktop"}
"""What the guests of products that build on Lima are called; other profiles of Colima are called colima-NAME."""
NOTHING: Final = View({})
DOCKER: Final = (2375, 2376)
"""The ports that are registered for docker's clients, plain and with TLS (IANA)."""
MANAGER: Final = "/systemd"
"""What holds a socket until its service is started (systemd.socket(5))."""
ANY: Final = ("0.0.0.0", "::")
MAPPED: Final = "::ffff:"
"""Before the IPv4 address on which a socket of IPv6 listens (ip(7))."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State ``{guest, desktops, default_links}``: what this machine is a guest of, each user with a machine, the host by its role, and the guest's mounts."""
    product = attempt(_guest, facts)
    rootful = _rootful(facts)
    units = roots_units.units(facts, rootful)
    users, unknown = _users(facts, rootful, units)
    host = attempt(_host, facts, rootful, units)
    guest = product if isinstance(product, Hole) else attempt(_inside, facts, product)
    for name, one in ((HOST, host), (GUEST, guest)):
        if isinstance(one, Hole):
            unknown = worst_hole(unknown, one)
        elif one is not None:
            users[name] = one
    inside = {"product": product, "firmware": attempt(_firmware, facts), "listeners": _offered(facts, guest)}
    links = default_link.stated(facts, cache(lambda: attempt(gather.users, facts)))
    return {"guest": inside, "desktops": incomplete(users, unknown), "default_links": links}


def _guest(facts: Mapping[str, Any]) -> str:
    """Return the product whose guest this is, by signs that only root can have put there; a name given to the guest only tells products of one kind apart."""
    kind = str(facts["host-role"]["guest"]["kind"])
    if kind == "lima":
        name = str(facts["host"]["hostname"])
        return "colima" if name.startswith("colima-") else HOSTNAMES.get(name, kind)
    if kind == "none":
        markers = facts["desktop-vms"]["markers"]
        marked = [str(markers[path]["product"]) for path in markers if markers[path]["root_owned"]]
        return next(iter(marked), kind)
    return kind


def _firmware(facts: Mapping[str, Any]) -> list[str]:
    firmware = facts["desktop-vms"]["firmware"]
    return sorted({str(firmware[name]) for name in firmware})


def _rootful(facts: Mapping[str, Any]) -> Json:
    """Return what shows that a container engine runs as root on this host, outside of any virtual machine."""
    docker: Any = attempt(lambda: facts["engine-scope"]["rootful_docker"])
    found = set[str]() if isinstance(docker, Hole) else set(known(docker))
    roots, unknown = each_known(lambda: facts["engines"]["sockets"], _is_roots)
    found |= {path for path, is_roots in roots.items() if is_roots}
    return incomplete(sorted(found), worst_hole(docker if isinstance(docker, Hole) else opening(docker), unknown))


def _is_roots(socket: View) -> bool:
    """Say whether a container engine of root's serves a socket; which one it is does not matter, so that none need answer."""
    return scopes.runs(socket) and socket["uid"] == 0 and socket["named"] not in MACHINES


def _users(facts: Mapping[str, Any], rootful: Json, units: Json) -> tuple[dict[str, Json], Hole | None]:
    """Return each user with a machine or with a process of a product, and the hole where there may be more."""
    sources: Sources = attempt(lambda: facts["user-desktop-vms"]["users"]), attempt(lambda: facts["desktop-vms"]["processes"])
    unknown = worst_hole(*(one if isinstance(one, Hole) else opening(one) for one in sources))
    listed = sorted({int(uid) for one in sources if not isinstance(one, Hole) for uid in known(one)} - {0})
    people = attempt(gather.gather, facts) if listed else People()
    if isinstance(people, Hole):
        return {}, worst_hole(unknown, people)
    users: dict[str, Json] = {}
    listeners, realpaths, installed = _listeners(facts), _realpaths(facts), _is_installed(facts)
    for uid in listed:
        name = people.owner(uid)
        unnamed = attempt(lambda: opening(facts["principals"]["users"])) if name.startswith("uid ") else None
        if unnamed is None:
            found = attempt(_user, people, uid, sources, installed, partial(_links, facts, people, realpaths), partial(_listening, facts, listeners))
            users[name] = found if isinstance(found, Hole) else {**found, "rootful_engines": rootful, "rootful_units": units}
        unknown = worst_hole(unknown, unnamed)
    return users, unknown


def _user(people: People, uid: int, sources: Sources, installed: bool | Hole, links: Callable[[str], Json], listening: Callable[[int], Listening]) -> Json:
    files, processes = (_of(source, uid) for source in sources)
    if isinstance(files, Hole):
        return files
    if isinstance(processes, Hole) and not known(files):
        return processes
    found = guests.machines(people, uid, files, processes, installed, links)
    ports, unlisted = listening(uid)
    found.ports.update(ports)
    found.unexposed = worst_hole(found.unexposed, unlisted)
    mine = engine_users.named(people, uid)
    return {"kind": "user", "uid": uid, **mine, **found.stated()}


def _is_installed(facts: Mapping[str, Any]) -> bool | Hole:
    """Say whether there is a Docker Desktop to be started, whoever put it there."""
    installed: View | Hole = attempt(lambda: facts["desktop-vms"]["installed"])
    if isinstance(installed, Hole):
        return installed
    products = [attempt(lambda at: str(installed[at]["product"]), path) for path in known(installed)]
    return guests.INSTALLED in products or worst_hole(*products, opening(installed)) or False


def _of(source: View | Hole, uid: int) -> View | Hole:
    """Return what a probe states of a user; nothing where it is complete, and does not know that user."""
    if isinstance(source, Hole):
        return source
    stated: View | Hole = attempt(lambda: source[str(uid)] if str(uid) in source else NOTHING)
    return stated


def _realpaths(facts: Mapping[str, Any]) -> Index[str]:
    """Return the paths of the system's sockets by where they lead, and the hole where there may be others."""
    real, unknown = each_known(lambda: facts["sockets"]["sockets"], lambda socket: str(socket["realpath"]))
    return by_value({path: place for path, place in real.items() if place != path}), unknown


def _links(facts: Mapping[str, Any], people: People, realpaths: Index[str], place: str) -> Json:
    """Return the paths of the system that lead to a place by links, each with who made those."""
    paths, unknown = realpaths
    stated = [attempt(_link, people, facts["sockets"]["sockets"], path) for path in paths.get(place, ())]
    unknown = worst_hole(unknown, *(one for one in stated if isinstance(one, Hole)))
    return incomplete([one for one in stated if isinstance(one, str)], unknown)


def _link(people: People, sockets: View, path: str) -> str:
    links = sockets[path]["links"]
    return f"{path} by links of {', '.join(sorted({people.owner(links[link]['uid']) for link in links}))}"


def _listeners(facts: Mapping[str, Any]) -> Index[int]:
    """Return where somebody listens on a port that is registered for docker's clients, by uid, and the hole where that may be elsewhere as well."""
    uids, unknown = each_known(lambda: facts["desktop-vms"]["listeners"], lambda one: int(one["uid"]) if one["port"] in DOCKER else None)
    return by_value({name: uid for name, uid in uids.items() if uid is not None}), unknown


def _listening(facts: Mapping[str, Any], listeners: Index[int], uid: int) -> Listening:
    """Return where a user listens on a port that is registered for docker's clients, and the hole where that may be elsewhere as well."""
    found, unknown = listeners
    stated = {name: attempt(_listener, facts["desktop-vms"]["listeners"][name]) for name in found.get(uid, ())}
    unknown = worst_hole(unknown, *(one for one in stated.values() if isinstance(one, Hole)))
    return {name: one for name, one in stated.items() if isinstance(one, dict)}, unknown


def _listener(one: View) -> Json:
    return {"address": one["address"], "port": one["port"], "by": attempt(lambda: _words(one["process"])), "set_in": "", "login": ""}


def _host(facts: Mapping[str, Any], rootful: Json, units: Json) -> Json:
    """State the host itself where its role is to run such machines: what root installed and runs, and where root listens."""
    if facts["host-role"]["role"] != ROLE:
        return None
    ports, unlisted = _listening(facts, _listeners(facts), 0)
    stated = {**EMPTY, "products": _products(facts), "ports": incomplete(ports, unlisted)}
    return {"kind": "host", "who": HOST, "login": "", **stated, "rootful_engines": rootful, "rootful_units": units}


def _products(facts: Mapping[str, Any]) -> Json:
    installed: View | Hole = attempt(lambda: facts["desktop-vms"]["installed"])
    processes: View | Hole = attempt(lambda: facts["desktop-vms"]["processes"])
    if isinstance(installed, Hole):
        return installed
    roots = _of(processes, 0)
    products, unknown = each_known(lambda: installed, lambda one: str(one["product"]) if one["root_owned"] else "")
    evidence = by_value({path: product for path, product in products.items() if product})
    stated = {product: {"state": _state(product, roots), "machines": [], "evidence": incomplete(paths, unknown)} for product, paths in evidence.items()}
    return incomplete(stated, unknown)


def _state(product: str, roots: View | Hole) -> str | Hole:
    runs = roots if isinstance(roots, Hole) else attempt(lambda: product in roots)
    return runs if isinstance(runs, Hole) else "running" if runs else "installed"


def _inside(facts: Mapping[str, Any], product: str) -> Json:
    """State what a guest sees of its host; None where this is no guest of a desktop's."""
    if product == "none" and facts["host-role"]["role"] != GUEST_ROLE:
        return None
    mounts: View | Hole = attempt(lambda: facts["desktop-vms"]["mounts"])
    stated = {} if isinstance(mounts, Hole) else {path: attempt(_mount, mounts, path) for path in sorted(known(mounts))}
    unknown = mounts if isinstance(mounts, Hole) else worst_hole(opening(mounts), *(one for one in stated.values() if isinstance(one, Hole)))
    writable = {f"{path} ({one['holds']})": one["holds"] for path, one in stated.items() if isinstance(one, dict) and one["writable"]}
    words = guests.broadest(writable)
    mine: dict[str, Json] = {"kind": "guest", "who": GUEST, "login": "", **EMPTY, "rootful_engines": [], "rootful_units": {}}
    return {**mine, "shares": incomplete(stated, unknown), "writable": incomplete(words, unknown)}


def _offered(facts: Mapping[str, Any], guest: Json) -> Json:
    """Return where an engine may be reached over TCP inside of a guest; nothing where this is no guest."""
    if guest is None:
        return {}
    listeners: View | Hole = attempt(lambda: facts["desktop-vms"]["listeners"])
    if isinstance(guest, Hole) or isinstance(listeners, Hole):
        return incomplete({}, worst_hole(*(one for one in (guest, listeners) if isinstance(one, Hole))))
    offers = {name: attempt(_offer, listeners, name) for name in sorted(known(listeners))}
    return incomplete({name: offer for name, offer in offers.items() if offer is not None}, opening(listeners))


def _offer(listeners: View, name: str) -> Json:
    """State who listens on a port of docker's; on others where engines are as well, None where it is no engine."""
    one = listeners[name]
    if one["port"] not in tcp_listeners.REGISTERED:
        exe = str(one["process"]["exe"])
        if exe.endswith(MANAGER):
            return Hole(why=Why.UNSUPPORTED, message=f"{name} is held by systemd, for a service that may be an engine")
        if not tcp_listeners.engine_of(exe):
            return None
    address = str(one["address"])
    held_by, engine = attempt(lambda: _words(one["process"])), attempt(lambda: tcp_listeners.engine_of(str(one["process"]["exe"])))
    return {"address": address, "port": one["port"], "uid": one["uid"], "held_by": held_by, "engine": engine, "scope": _scope(address.removeprefix(MAPPED))}


def _words(process: View) -> str:
    return f"process {process['pid']} of uid {process['uid']} ({process['exe'] or 'without a program'})"


def _scope(address: str) -> str:
    """Say who reaches what listens on an address: this machine alone, whoever reaches any of its addresses, or whoever reaches that one."""
    if address.startswith("127.") or address == "::1":
        return "loopback"
    return "any" if address in ANY else "address"


def _mount(mounts: View, path: str) -> Json:
    stated = {"path": path, "writable": mounts[path]["writable"], "holds": mounts[path]["holds"]}
    return {**stated, **guests.described(stated), "uid": 0, "login": "", "product": "", "machine": "", "set_in": ""}
