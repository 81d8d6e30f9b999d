"""A host that exists only in memory, for the tests of probes.

It is a complete file system: what was not given is absent; but what was not given beside files (processes, users, groups) is unsupported, never empty.
"""

import errno
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from hostcheck.host import ABSENT, MIB, LimitExceeded, Unsupported
from hostcheck.host.accounts import accounts_in
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
from hostcheck.host.memory_files import MemoryFiles, fault

T = TypeVar("T")


def _given(what: str, answer: Iterable[T] | Exception | None) -> list[T]:
    if isinstance(answer, Exception):
        raise answer.with_traceback(None)
    if answer is None:
        raise Unsupported(f"this host was given no {what}")
    return list(answer)


class MemoryHost(MemoryFiles):
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
        self._peers = dict(peers or {})
        super().__init__(files or {}, stats or {}, links or {}, self._peers.keys(), capabilities or {})
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
        self._accounts = accounts_in(self)

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Return who listens on a socket; raises ConnectionRefusedError where something stands there but nobody listens."""
        found = self._peers.get(self._resolve(path, follow=True), fault(errno.ECONNREFUSED, path))
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        return found

    def get(self, socket: str, path: str, *, timeout: float = 5.0, limit: int = MIB) -> Answer:
        """Return what was given for a path of a socket; raises ConnectionRefusedError where nobody listens, Unsupported where nothing was given."""
        found = self._resolve(socket, follow=True)
        if found not in self._peers:
            raise fault(errno.ECONNREFUSED, socket)
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
        found = self._demands.get((address, port), fault(errno.ECONNREFUSED, f"{address}:{port}"))
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

    def account(self, uid: int) -> int:
        """Return the account that is charged for what a uid has laid."""
        return self._accounts.of(uid)

    def recall(self, path: str, found: Stat) -> None:
        """Charge nobody."""

    def processes(self) -> list[Process]:
        """Return the processes, by pid, without `exe`."""
        return [replace(one, exe="") for one in _given("processes", self._processes)]

    def process(self, pid: int) -> Process:
        """Return one process with its `exe`."""
        for one in _given("processes", self._processes):
            if one.pid == pid:
                return one
        raise fault(errno.ESRCH, f"/proc/{pid}")

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
        raise fault(errno.ENOENT, f"user {key}")

    def group(self, key: int | str) -> Group:
        """Return the first group with a gid or a name, of those that nobody lists as well."""
        for one in (*_given("groups", self._groups), *self._unlisted):
            if isinstance(one, Group) and key in (one.gid, one.name):
                return one
        raise fault(errno.ENOENT, f"group {key}")
