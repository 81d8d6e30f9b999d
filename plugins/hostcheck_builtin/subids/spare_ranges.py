"""Which free range of 65536 ids each account can be given that has too few: the same numbers as uids and as gids, and no two accounts the same.

A range is free where no account, no group and no other range has an id, and systemd gives none out (it never looks into /etc/subuid). Ids of
systemd-nspawn come last: useradd(8) itself goes there after its seventh user.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Final

from hostcheck.api import Json

SIZE: Final = 65536
"""How many ids a rootless engine needs (images hold files of any id up to 65535)."""
LOWEST: Final = 65536
"""Below it accounts are made, by useradd(8) and by packages (login.defs(5))."""
MIN: Final = 100_000
MAX: Final = 600_100_000
"""SUB_UID_MIN and SUB_UID_MAX where login.defs does not set them, and those of gids."""
NSPAWN: Final = "systemd-nspawn"
Ids = tuple[int, int]
RESERVED: Final[Mapping[str, Ids]] = {
    "systemd-homed": (60001, 60513),
    "DynamicUser": (61184, 65519),
    NSPAWN: (524288, 1879048191),
    "foreign": (2147352576, 2147418111),
}
"""The ranges from which systemd gives ids to homes, services, containers, and to files of containers on disk (docs/UIDS-GIDS.md of systemd)."""
USES: Final[Mapping[str, str]] = {
    "systemd-homed": "home directories of systemd-homed",
    "DynamicUser": "services with DynamicUser=",
    NSPAWN: "containers of systemd-nspawn",
    "foreign": "container images that systemd keeps on disk",
}


def spares(accounts: Iterable[str], taken: Iterable[Ids], whole: Iterable[Ids], settings: Mapping[str, int]) -> dict[str, Json]:
    """Return a free range for each account, as far as there are some; `whole` are ranges with root's id, which count as long as others are left."""
    names = list(accounts)
    window = _window(settings)
    hard = [ids for name, ids in RESERVED.items() if name != NSPAWN]
    bad, rest = list(whole), list(taken)
    for used in ([*rest, *bad], rest):
        soft = [*used, *hard, RESERVED[NSPAWN]]
        outside = ((0, RESERVED[NSPAWN][0] - 1), (RESERVED[NSPAWN][1] + 1, window[1]))
        found = list(islice(chain(_free(soft, window), _free([*used, *hard, *outside], window)), len(names)))
        if found:
            break
    return {name: {"first": ids[0], "last": ids[1], "meets": list(reserved(*ids))} for name, ids in zip(names, found, strict=False)}


def _window(settings: Mapping[str, int]) -> Ids:
    """Return the ids from which login.defs lets useradd(8) choose, of both kinds."""
    firsts = [settings.get(f"SUB_{kind}_MIN", MIN) for kind in ("UID", "GID")]
    lasts = [settings.get(f"SUB_{kind}_MAX", MAX) for kind in ("UID", "GID")]
    return max(*firsts, LOWEST), min(*lasts, (1 << 32) - 2)


def _free(used: Iterable[Ids], window: Ids) -> Iterator[Ids]:
    """Yield ranges in a window that share no id with those in use."""
    at, last = window
    for first, end in sorted(used):
        if end < at:
            continue
        yield from _cut(at, min(first - 1, last))
        at = max(at, end + 1)
    yield from _cut(at, last)


def _cut(first: int, last: int) -> Iterator[Ids]:
    for start in range(first, last - SIZE + 2, SIZE):
        yield start, start + SIZE - 1


def reserved(first: int, last: int) -> dict[str, Json]:
    """Return what of systemd's shares ids with a range, by name, with what its ids are used for."""
    return {name: {"name": name, "first": ids[0], "last": ids[1], "use": USES[name]} for name, ids in RESERVED.items() if first <= ids[1] and last >= ids[0]}
