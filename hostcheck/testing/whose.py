"""Whose each answer of a host is, and hosts on which some users have laid the worst: whatever is asked about what is theirs.

The rule is that of the host of this machine (hostcheck/host/paths.py): the first on the way from / who is not root, and who made a name where several may.
"""

import errno
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from hostcheck.host import Host, LimitExceeded, Nonsense, Unsupported, hole_of, owned
from hostcheck.host.answers import Stat
from hostcheck.host.paths import LINKS, OTHERS_WRITE
from hostcheck.host.recording import NOTED
from hostcheck.model import Hole, incomplete
from hostcheck.testing.hindrances import VERBS

FOLLOWING: Final = frozenset({"list_dir", "peer", "get", "file_capabilities", "privileged_programs"})
"""Verbs that follow a link at the end of a path in any case; others say by `follow` whether they do."""
MANY: Final = 500
"""How many more names a huge directory has."""
LINES: Final = b"x y z = 1:2:3 /x/y %x\n" * 2000
"""A huge file."""
GARBAGE: Final = b"\0\xff\xfe{[\"'(\n= :: <\n"


class Whose:
    """Whose what stands at each place is, by what one or more hosts that are the same say of owners and modes; what nobody was told is root's."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        """Ask these."""
        self._hosts = list(hosts)
        self._stats: dict[str, Stat | None] = {}
        self._processes: dict[int, int] | None = None

    def path(self, path: str, follow: bool = True) -> int:
        """Return who controls a place, 0 for root."""
        rest, here, links, owner, shared = _names(path), "", 0, 0, False
        if path.startswith("/proc/"):
            return self.process(int(rest[-2])) if len(rest) > 1 and rest[-2].isdigit() else 0
        while rest:
            name = rest.pop()
            if name == "..":  # what is above is asked again, from /
                rest, here, owner, shared = [*rest, *_names(here.rpartition("/")[0])], "", 0, False
                continue
            found = self._stat(f"{here}/{name}")
            owner = _owner(owner, shared, found)
            if found is not None and found.type == "link" and (rest or follow) and links < LINKS:
                if owner:
                    return owner
                target = self._first("read_link", f"{here}/{name}") or ""
                rest, here, links = rest + _names(target), "" if target.startswith("/") else here, links + 1
            else:
                here, shared = f"{here}/{name}", found is not None and bool(found.mode & OTHERS_WRITE)
        return owner

    @cached_property
    def names(self) -> Mapping[str, int]:
        """Return the users who have an account, by name."""
        lines = (self._first("read_bytes", "/etc/passwd") or b"").decode("utf-8", "replace").splitlines()
        fields = [line.split(":") for line in lines]
        return {one[0]: int(one[2]) for one in fields if len(one) > 2 and one[2].isdigit()} | {one.name: one.uid for one in self._first("users") or ()}

    def process(self, pid: int) -> int:
        """Return whose a process is, by its real uid."""
        if self._processes is None:
            listed = self._first("processes") or ()
            self._processes = {one.pid: one.uids[0] for one in listed if not one.lost}
        return max(0, self._processes.get(pid, 0))

    def answer(self, verb: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> int:
        """Return who controls what a question is about, 0 for root, or where it is about everybody's."""
        if verb == "process":
            return self.process(args[0])
        if verb == "tcp_sockets":
            return kwargs.get("uid") or 0
        if verb == "tcp_listeners":
            return self.process((*args[1:], kwargs.get("pid", 0))[0])
        first = (*args, kwargs.get("path", kwargs.get("socket")))[0]
        if not isinstance(first, str) or verb in ("user", "group", "group_ids", "tcp_demand"):
            return 0
        return self.path(first, verb in FOLLOWING or (verb != "read_link" and kwargs.get("follow", True)))

    def _stat(self, path: str) -> Stat | None:
        if path not in self._stats:
            self._stats[path] = self._first("stat", path, follow=False) or self._first("stat", path)
        return self._stats[path]

    def _first(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        """Return the first answer that one of the hosts gives."""
        for host in self._hosts:
            with suppress(*NOTED):
                return getattr(host, verb)(*args, **kwargs)
        return None


def _names(path: str) -> list[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def _owner(owner: int, shared: bool, found: Stat | None) -> int:
    """Return who controls a name, in a directory that `owner` controls and in which several may write where it is `shared`."""
    if found is None or (owner and not shared):
        return owner
    return found.uid or owner


Worst = Callable[[str, tuple[Any, ...], Callable[[], Any], int], Any]
"""Answers a question for its verb, its arguments, what the host would answer, and how often that was asked before."""


def _raising(error: Callable[[], Exception]) -> Worst:
    def answer(verb: str, args: tuple[Any, ...], ask: Callable[[], Any], before: int) -> Any:
        raise error()

    return answer


def _changing(verb: str, args: tuple[Any, ...], ask: Callable[[], Any], before: int) -> Any:
    """Answer once; a host of this machine refuses what was exchanged after that."""
    if before:
        raise LimitExceeded("is not what stood there at the first look")
    return ask()


def _garbage(verb: str, args: tuple[Any, ...], ask: Callable[[], Any], before: int) -> Any:
    answer = ask()
    if verb == "read_bytes":
        return GARBAGE
    if verb == "read_text":
        return GARBAGE.decode("utf-8", "surrogateescape")
    if verb == "get":
        return replace(answer, body=GARBAGE)
    if verb == "list_dir":
        return ["\udcff\x1b[2J\n", "-", "9" * 255]
    return "/proc/self/\udcff" if verb == "read_link" else answer


def _huge(verb: str, args: tuple[Any, ...], ask: Callable[[], Any], before: int) -> Any:
    answer = ask()
    if verb == "read_bytes":
        return answer + LINES
    if verb == "read_text":
        return answer + LINES.decode()
    if verb == "get":
        return replace(answer, body=answer.body + LINES)
    return sorted([*answer, *(f"more-{number}" for number in range(MANY))]) if verb == "list_dir" else answer


UNTOLD: Final[Mapping[str, Worst]] = {
    "limit": _raising(lambda: LimitExceeded("laid more than is looked at of one account")),
    "late": _raising(lambda: TimeoutError(errno.ETIMEDOUT, "too slow")),
    "denied": _raising(lambda: PermissionError(errno.EACCES, "Permission denied")),
    "nonsense": _raising(lambda: Nonsense("is none")),
    "changing": _changing,
}
"""What a user does so that less is told of what is that user's."""
TOLD: Final[Mapping[str, Worst]] = {"garbage": _garbage, "huge": _huge}
"""What a user lays there instead, so that other things are true of that user."""


class Laid:
    """A host on which what belongs to some users is the worst: every answer that is charged to one of them is what `worst` makes of it."""

    def __init__(self, host: Host, whose: Whose, uids: frozenset[int], worst: Worst) -> None:
        """Ask `host` about what is not theirs."""
        self._host, self._whose, self._uids, self._worst = host, whose, uids, worst
        self._asked: dict[tuple[Any, ...], int] = {}
        self.charged: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        """Return a verb of the host, which asks first whose the answer is."""
        verb = getattr(self._host, name)
        return self._laid(name, verb) if name in VERBS else verb

    def _laid(self, name: str, verb: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            uid = self._whose.answer(name, args, kwargs)
            self.charged.add(uid)
            if uid not in self._uids:
                return self._without_theirs(name, args, verb(*args, **kwargs))
            key = (name, *map(str, args))
            self._asked[key] = before = self._asked.get(key, -1) + 1
            return self._worst_of(uid, name, args, kwargs, verb, before)

        return ask

    def _worst_of(self, uid: int, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], verb: Callable[..., Any], before: int) -> Any:
        """Return the worst answer; what goes wrong is told of as that user's, as it is by the host of this machine."""
        try:
            return self._worst(name, args, lambda: verb(*args, **kwargs), before)
        except Unsupported as error:
            invented = LimitExceeded(str(error))  # a recording was never asked it
            owned(invented, uid)
            raise invented from error
        except NOTED as error:
            if hole_of(error) is not None:
                owned(error, uid)
            raise

    def _without_theirs(self, name: str, args: tuple[Any, ...], answer: Any) -> Any:
        """Return an answer about several: programs in a directory lack those that are theirs, and may be more, of theirs alone."""
        if name != "privileged_programs":
            return answer
        theirs = {one: uid for one in answer if (uid := self._whose.path(f"{args[0]}/{one}", follow=False)) in self._uids}
        if not theirs:
            return answer
        try:
            self._worst(name, args, lambda: answer, 1)
        except NOTED as error:
            hole = hole_of(error)
            owners = tuple(sorted({*theirs.values()}))
            kept = [one for one in answer if one not in theirs]
            return incomplete(kept, replace(hole, owners=owners)) if isinstance(hole, Hole) else kept
        return answer
