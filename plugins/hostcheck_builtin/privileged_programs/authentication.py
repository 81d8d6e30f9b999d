"""What sudo or doas asks of whoever has to give a password: the stacks of its services, accounts that have none, and whom it has let in before."""

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.system import pam_service, passwords
from hostcheck_builtin.system.bounds import SUDO_TIMES as TIMES
from hostcheck_builtin.system.bounds import SUDO_TIMES_BYTES as SIZE
from hostcheck_builtin.system.presence import absent_as

NONE: Final[Json] = {"passwords": {}, "services": {}, "let_in_before": {}}
"""What is stated where the program is not there."""
HEAD: Final = Struct("=4H")
"""How each record of sudo's begins: version, size, type and flags (timestamp.h of sudo)."""
LOCK: Final = 4
DISABLED: Final = 1
"""A flag of a record that was made before somebody was let in, or was taken back."""


def of(programs: Json, state: Callable[[], Json]) -> Json:
    """State what a tool asks for where it is there, or may be: `programs` are those of the tool that were found."""
    return state() if programs else getattr(programs, "hole", None) or NONE


def stated(host: Host, services: tuple[str, ...], times: str = "") -> Json:
    """State all of it: `times` is where the tool keeps when it let somebody in last; that is asked of those alone who have no password."""
    accounts: Any = attempt(passwords.stated, host)
    known = {} if isinstance(accounts, Hole) or not times else accounts
    before = attempt(_let_in_before, host, times, {name: one["uid"] for name, one in known.items()})
    return {"passwords": accounts, "services": pam_service.stacks(host, *services), "let_in_before": before}


def _let_in_before(host: Host, times: str, users: dict[str, int]) -> Json:
    """State by name whom sudo let in before, which may be long ago; its file has the user's name, and since 1.9.15 the uid."""
    names = set(absent_as([], host.list_dir, times, limit=TIMES) if users else ())
    told = {user: [attempt(_is_let_in, host, f"{times}/{name}") for name in (user, str(uid)) if name in names] for user, uid in users.items()}
    return incomplete({user: True for user, found in told.items() if True in found}, worst_hole(*(one for found in told.values() for one in found)))


def _is_let_in(host: Host, path: str) -> bool:
    return any(kind != LOCK and not flags & DISABLED for kind, flags in _records(absent_as(b"", host.read_bytes, path, limit=SIZE)))


def _records(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the type and the flags of each record."""
    at = 0
    while at + HEAD.size <= len(data):
        _, size, kind, flags = HEAD.unpack_from(data, at)
        yield kind, flags
        at += max(size, HEAD.size)
