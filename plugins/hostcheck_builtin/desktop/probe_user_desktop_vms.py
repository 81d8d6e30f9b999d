"""Virtual machines of users: which product, whether it runs, the sockets that lead into it, and which directories of the host it is given.

A home is listed once, and only what is there is looked at. All of it may be planted by its user, so it speaks only of that user. What a user's process
answers for (FUSE) is not looked at; a home that hangs for another reason costs this probe, and no other.
"""

from collections import defaultdict

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.desktop.products import PRODUCTS
from hostcheck_builtin.system import account_files, mounts_to_avoid
from hostcheck_builtin.system.credentials import all_seeing
from hostcheck_builtin.system.home_dir import Place
from hostcheck_builtin.system.homes import Home, homes
from hostcheck_builtin.system.listeners import ListenerCache
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

Users = defaultdict[int, dict[str, Json]]


def collect(host: Host) -> Json:
    """State ``{users}``: by uid, product and name each machine; incomplete where a home is not known, or the scanner may not look into it."""
    lstats: LstatCache = {}
    cache: list[ListenerCache] = []
    spared = attempt(mounts_to_avoid.users_mounts, host)
    spared = frozenset[str]() if isinstance(spared, Hole) else spared  # where no mounts are told, none are refused
    found, unread = homes(host, lstats, spared)
    avoid = mounts_to_avoid.refusing(spared, roots_too=True)
    users: Users = defaultdict(dict)
    closed: list[tuple[Home, Hole]] = []
    for home in found:
        place = home.place if isinstance(home.place, Hole) else absent_as(None, attempt, Place, host, home, home.place, lstats, cache, avoid)
        if isinstance(place, Hole):
            closed.append((home, place))
        elif place is not None:
            _look(place, users)
    if closed and not all_seeing(host):
        unread = worst_hole(unread, *(hole for _, hole in closed))
        closed = []
    stated = {str(uid): _known(products) for uid, products in sorted(users.items())}
    stated.update({str(uid): hole for home, hole in closed for uid in home.uids})
    return {"users": stated if unread is None else incomplete(stated, unread)}


def _look(place: Place, users: Users) -> None:
    """Add the machines of a home to those of their users; what is not known of a product is not known of all whose home this is."""
    for product, read in PRODUCTS.items():
        machines = attempt(read, place)
        if isinstance(machines, Hole):
            for uid in place.uids:
                users[uid][product] = machines
            continue
        for name, machine in machines.items():
            account_files.keep(_machines(users[machine["uid"]], product), name, machine)
        opened = getattr(machines, "hole", None)
        if opened is not None:
            for uid in place.uids:
                users[uid][product] = incomplete(_machines(users[uid], product), opened)


def _machines(products: dict[str, Json], product: str) -> dict[str, Json]:
    """Return the machines of a product that are known so far; of a user with a home where they are not known, those of another home count for nothing."""
    known = products.setdefault(product, {})
    return {} if isinstance(known, Hole) else known


def _known(products: dict[str, Json]) -> Json:
    """Return the products, or one hole where nothing is known of any of them."""
    holes = [known for known in products.values() if isinstance(known, Hole)]
    return products if len(holes) < len(products) else worst_hole(*holes)
