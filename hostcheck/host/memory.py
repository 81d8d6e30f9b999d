"""A host that exists only in memory, for the tests of probes.

It is a complete file system: what was not given is absent; but what was not given beside files (processes, users, groups) is unsupported, never empty.
"""

import errno
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from hostcheck.host import ABSENT, MIB, LimitExceeded, Nonsense, Takes, Unsupported, attempt, everything
from hostcheck.host.answers import (
    Answer,
    AuditRules,
    Demand,
    FileCapabilities,
    Group,
    Peer,
    Process,
    Stat,
    TcpListener,
    TcpSocket,
    UnixSocket,
    User,
    VsockListener,
)
from hostcheck.host.files import FileReader
from hostcheck.model import Hole, incomplete

T = TypeVar("T")
LINKS_MAX: Final = 40  # path_resolution(7)


def _fault(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)


def _parents(path: str) -> Iterator[str]:
    while path != "/":
        path = path.rpartition("/")[0] or "/"
        yield path


def _given(what: str, answer: Iterable[T] | Exception | None) -> list[T]:
    if isinstance(answer, Exception):
        raise answer.with_traceback(None)
    if answer is None:
        raise Unsupported(f"this host was given no {what}")
    return list(answer)


class MemoryHost(FileReader):
    """A host made of what its maker says; directories are implied by paths, everything is root's, with mode 0755 for what is not a file and 0644 for files.

    An exception in `files` is raised by every verb on that path, and below it where it is a PermissionError or nothing else is said below;
    one in `peers` by `peer`; one in `answers` ({socket: {path: answer}}) by `get`; one in `demands` ({(address, port): demand}) by `tcp_demand`; one for
    `processes`, `users`, `groups`, `unix_sockets`, `tcp_listeners`, `vsock_listeners` or `audit_rules` by their verbs. `unlisted` are users and groups that
    the name service tells only to who asks for them.
    """

    kind = "memory"

    def __init__(
        self,
        files: Mapping[str, str | bytes | Exception] | None = None,
        *,
        stats: Mapping[str, Stat] | None = None,
        links: Mapping[str, str] | None = None,
        peers: Mapping[str, Peer | Exception] | None = None,
        answers: Mapping[str, Mapping[str, Answer | Exception]] | None = None,
        capabilities: Mapping[str, FileCapabilities] | None = None,
        processes: Iterable[Process] | Exception | None = None,
        users: Iterable[User] | Exception | None = None,
        groups: Iterable[Group] | Exception | None = None,
        unlisted: Iterable[User | Group] = (),
        unix_sockets: Iterable[UnixSocket] | Exception | None = None,
        tcp_listeners: Iterable[TcpListener] | Exception | None = None,
        tcp_sockets: Iterable[TcpSocket] | Exception | None = None,
        demands: Mapping[tuple[str, int], Demand | Exception] | None = None,
        vsock_listeners: Iterable[VsockListener] | Exception | None = None,
        audit_rules: AuditRules | Exception | None = None,
    ) -> None:
        """Make a host; raises ValueError where a path is not plain and absolute, is given twice, or has something below it and is not a directory."""
        self._files, self._links, self._peers = dict(files or {}), dict(links or {}), dict(peers or {})
        self._capabilities = dict(capabilities or {})
        self._answers = {socket: dict(paths) for socket, paths in (answers or {}).items()}
        self._processes = processes if processes is None or isinstance(processes, Exception) else sorted(processes, key=lambda one: one.pid)
        self._users = users if users is None or isinstance(users, Exception) else list(users)
        self._groups = groups if groups is None or isinstance(groups, Exception) else list(groups)
        self._unlisted = tuple(unlisted)
        self._unix = unix_sockets if unix_sockets is None or isinstance(unix_sockets, Exception) else sorted(unix_sockets, key=lambda one: one.inode)
        self._tcp = tcp_listeners if tcp_listeners is None or isinstance(tcp_listeners, Exception) else list(tcp_listeners)
        self._tcp_sockets = tcp_sockets if tcp_sockets is None or isinstance(tcp_sockets, Exception) else list(tcp_sockets)
        self._demands = dict(demands or {})
        self._vsock = vsock_listeners if vsock_listeners is None or isinstance(vsock_listeners, Exception) else list(vsock_listeners)
        self._audit = audit_rules
        self._below: dict[str, set[str]] = {"/": set()}
        given = {**self._files, **self._links, **self._peers, **(stats or {})}
        for path in given:
            self._place(path)
            if (path in self._files) + (path in self._links) + (path in self._peers) > 1:
                raise ValueError(f"{path}: given twice")
        inodes = {path: number for number, path in enumerate(sorted({"/", *given, *self._below}), 2)}
        self._stats = {path: self._described(path, number, (stats or {}).get(path)) for path, number in inodes.items()}
        for path, below in self._below.items():
            if below and self._stats[path].type != "dir":
                raise ValueError(f"{path}: something is below it, and it is a {self._stats[path].type}")

    def _place(self, path: str) -> None:
        if path != "/" and (not path.startswith("/") or {"", ".", ".."} & set(path[1:].split("/")) or "\0" in path):
            raise ValueError(f"{path!r}: not a plain absolute path")
        child = path
        for parent in _parents(path):
            self._below.setdefault(parent, set()).add(child.rpartition("/")[2])
            child = parent

    def _described(self, path: str, number: int, said: Stat | None) -> Stat:
        """Say what stands at `path`; each has an inode number of its own, as things are told apart by it."""
        if said is None:
            content = self._files.get(path)
            if path in self._links:
                said = Stat(type="link", uid=0, gid=0, mode=0o777, size=len(self._links[path]))
            elif path in self._peers:
                said = Stat(type="socket", uid=0, gid=0, mode=0o755)
            elif isinstance(content, str | bytes):
                said = Stat(type="file", uid=0, gid=0, mode=0o644)
            else:
                said = Stat(type="dir", uid=0, gid=0, mode=0o755)
        if said.dev == 0 and said.ino == 0:
            said = replace(said, dev=1, ino=number)
        return replace(said, size=said.size or len(self._bytes(path)))

    def _bytes(self, path: str) -> bytes:
        content = self._files.get(path, b"")
        if isinstance(content, Exception):
            return b""
        return content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")

    def _resolve(self, path: str, follow: bool) -> str:
        """Walk to what `path` names, as path_resolution(7) says."""
        if not path.startswith("/") or "\0" in path:
            raise Nonsense(f"{path!r}: not an absolute path")
        here, rest, links = "/", path.split("/"), 0
        rest.reverse()
        while rest:
            name = rest.pop()
            if name in ("", "."):
                continue
            here = self._step(here, name, path)
            if here in self._links and (follow or any(rest)):
                links += 1
                if links > LINKS_MAX:
                    raise _fault(errno.ELOOP, path)
                target = self._links[here]
                here = "/" if target.startswith("/") else here.rpartition("/")[0] or "/"
                rest.extend(reversed(target.split("/")))
        self._refuse(here)
        return here

    def _step(self, here: str, name: str, path: str) -> str:
        fault = self._files.get(here)
        if isinstance(fault, PermissionError) or not self._below.get(here):
            self._refuse(here)
        if self._stats[here].type != "dir":
            raise _fault(errno.ENOTDIR, path)
        if name == "..":
            return here.rpartition("/")[0] or "/"
        if name not in self._below.get(here, ()):
            raise _fault(errno.ENOENT, path)
        return f"{here.rstrip('/')}/{name}"

    def _refuse(self, path: str) -> None:
        fault = self._files.get(path)
        if isinstance(fault, Exception):
            raise fault.with_traceback(None)

    def _content(self, path: str, limit: int, follow: bool) -> bytes:
        found = self._resolve(path, follow)
        kind = self._stats[found].type
        if kind == "link":
            raise _fault(errno.ELOOP, path)
        if kind != "file":
            raise Nonsense(f"{path}: not a regular file ({kind})")
        content = self._bytes(found)
        if len(content) > limit:
            raise LimitExceeded(f"{path}: more than {limit} bytes")
        return content

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Return what was said of `path`, or what its place implies."""
        return self._stats[self._resolve(path, follow)]

    def list_dir(self, path: str, *, limit: int = 100_000) -> list[str]:
        """Return the sorted names in a directory of at most `limit` names."""
        found = self._resolve(path, follow=True)
        if self._stats[found].type != "dir":
            raise _fault(errno.ENOTDIR, path)
        names = sorted(self._below.get(found, ()))
        if len(names) > limit:
            raise LimitExceeded(f"{path}: more than {limit} names")
        return names

    def setgid_programs(
        self,
        path: str,
        *,
        limit: int = 100_000,
        depth: int = 0,
        takes: Takes = everything,
        tells: Takes = everything,
        spared: Collection[str] = (),
        theirs: bool = False,
    ) -> list[str]:
        """Return the sorted paths of the files that give their group, in a directory and below it."""
        folder = self._resolve(path, follow=True).rstrip("/")
        stats = {name: self._stats[f"{folder}/{name}"] for name in self.list_dir(path, limit=limit) if f"{folder}/{name}" not in spared}
        top = self._stats[folder or "/"]
        shared = bool(top.mode & 0o022)
        bare = theirs and top.uid == 0 and not shared
        taken = takes(top.uid) and {name: takes(one.uid if shared else top.uid) for name, one in stats.items()}
        if not taken or any(not looked and (stats[name].uid == top.uid or not shared) for name, looked in taken.items()):
            return []
        found = [
            name for name in taken if taken[name] and not bare and stats[name].type == "file" and stats[name].mode & 0o2010 == 0o2010 and tells(stats[name].uid)
        ]
        unread = None
        for name in sorted(name for name in taken if taken[name] and depth and stats[name].type == "dir"):
            inner = attempt(self.setgid_programs, f"{folder}/{name}", limit=limit, depth=depth - 1, takes=takes, tells=tells, spared=spared, theirs=theirs)
            unread = unread or (inner if isinstance(inner, Hole) else getattr(inner, "hole", None))
            found += [] if isinstance(inner, Hole) else [f"{name}/{one}" for one in inner]
        told: list[str] = incomplete(sorted(found), unread)
        return told

    def read_link(self, path: str) -> str:
        """Return where a symbolic link points."""
        found = self._resolve(path, follow=False)
        if found not in self._links:
            raise _fault(errno.EINVAL, path)
        return self._links[found]

    def file_capabilities(self, path: str) -> FileCapabilities:
        """Return the capabilities that were given for a file, none where none were."""
        return self._capabilities.get(self._resolve(path, follow=True), FileCapabilities())

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Return who listens on a socket; raises ConnectionRefusedError where something stands there but nobody listens."""
        found = self._peers.get(self._resolve(path, follow=True), _fault(errno.ECONNREFUSED, path))
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        return found

    def get(self, socket: str, path: str, *, timeout: float = 5.0, limit: int = MIB) -> Answer:
        """Return what was given for a path of a socket; raises ConnectionRefusedError where nobody listens, Unsupported where nothing was given."""
        found = self._resolve(socket, follow=True)
        if found not in self._peers:
            raise _fault(errno.ECONNREFUSED, socket)
        answer = self._answers.get(found, {}).get(path) or Unsupported(f"this host was given no answer of {socket} to {path}")
        if isinstance(answer, Exception):
            raise answer.with_traceback(None)
        if len(answer.body) > limit:
            raise LimitExceeded(f"{socket}: {path}: more than {limit} bytes")
        return answer

    def ahead(self, socket: str, path: str) -> None:
        """Do nothing: whatever is asked here is answered at once."""

    def unix_sockets(self) -> list[UnixSocket]:
        """Return the unix sockets that were given, by inode."""
        return _given("unix sockets", self._unix)

    def tcp_listeners(self, ports: Collection[int], pid: int = 0) -> list[TcpListener]:
        """Return those that were given for these ports and for the network namespace of a process."""
        network = self.process(pid).network if pid else 0
        return [one for one in _given("TCP listeners", self._tcp) if one.port in ports and one.network == network]

    def tcp_sockets(self, ports: Collection[int], *, uid: int | None = None) -> list[TcpSocket]:
        """Return those that were given for these ports or of this user, by port."""
        found = [one for one in _given("TCP sockets", self._tcp_sockets) if (one.port in ports if uid is None else one.uid == uid)]
        return sorted(found, key=lambda one: (one.port, one.address, one.uid, one.inode))

    def tcp_demand(self, address: str, port: int, *, timeout: float = 2.0) -> Demand:
        """Return what was given for an address and a port; raises ConnectionRefusedError where nothing was."""
        found = self._demands.get((address, port), _fault(errno.ECONNREFUSED, f"{address}:{port}"))
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        return found

    def vsock_listeners(self) -> list[VsockListener]:
        """Return those that were given, by port."""
        return sorted(_given("vsock listeners", self._vsock), key=lambda one: (one.port, one.cid, one.inode))

    def audit_rules(self) -> AuditRules:
        """Return what was given."""
        (rules,) = _given("audit rules", self._audit if self._audit is None or isinstance(self._audit, Exception) else [self._audit])
        return rules

    def holders(self, inodes: Collection[int], pids: Collection[int]) -> list[int]:
        """Return which of these processes hold one of these sockets by the links in their /proc/PID/fd."""
        wanted = {f"socket:[{inode}]" for inode in inodes}
        return [pid for pid in sorted(pids) if any(link in wanted for link in self._open(pid))]

    def _open(self, pid: int) -> list[str]:
        try:
            return [self.read_link(f"/proc/{pid}/fd/{name}") for name in self.list_dir(f"/proc/{pid}/fd")]
        except ABSENT:
            return []

    def processes(self) -> list[Process]:
        """Return the processes, by pid, without `exe`."""
        return [replace(one, exe="") for one in _given("processes", self._processes)]

    def process(self, pid: int) -> Process:
        """Return one process with its `exe`."""
        for one in _given("processes", self._processes):
            if one.pid == pid:
                return one
        raise _fault(errno.ESRCH, f"/proc/{pid}")

    def users(self) -> list[User]:
        """Return the users in the order given."""
        return _given("users", self._users)

    def groups(self) -> list[Group]:
        """Return the groups in the order given."""
        return _given("groups", self._groups)

    def group_ids(self, name: str, gid: int) -> list[int]:
        """Return `gid` and the ids of the groups that have `name` for a member, sorted."""
        groups = (*_given("groups", self._groups), *(one for one in self._unlisted if isinstance(one, Group)))
        return sorted({gid, *(group.gid for group in groups if name in group.members)})

    def user(self, key: int | str) -> User:
        """Return the first user with a uid or a name, of those that nobody lists as well."""
        for one in (*_given("users", self._users), *self._unlisted):
            if isinstance(one, User) and key in (one.uid, one.name):
                return one
        raise _fault(errno.ENOENT, f"user {key}")

    def group(self, key: int | str) -> Group:
        """Return the first group with a gid or a name, of those that nobody lists as well."""
        for one in (*_given("groups", self._groups), *self._unlisted):
            if isinstance(one, Group) and key in (one.gid, one.name):
                return one
        raise _fault(errno.ENOENT, f"group {key}")
