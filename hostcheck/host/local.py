"""This machine, read through the kernel and the name service.

No name is trusted twice: a file is looked at before it is opened, a process is held by its directory, and what an argv claims is never asked. One object is
one look at the machine: what a user exchanges between two of its answers is refused (paths.py).
"""

import errno
import grp
import math
import os
import pwd
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self, TypeVar

from hostcheck.host import MIB, LimitExceeded, Nonsense, Unsupported, utf8
from hostcheck.host.answers import Answer, Group, Peer, Process, User
from hostcheck.host.charges import Charges
from hostcheck.host.local_files import LocalFiles, about
from hostcheck.host.namespaces import reference
from hostcheck.host.proc_dir import GONE
from hostcheck.host.processes import Known, everyone, examine
from hostcheck.isolate import Notes

if TYPE_CHECKING:
    from collections.abc import Collection

    from hostcheck.host.answers import AuditRules, Demand, TcpListener, TcpSocket, UnixSocket, VsockListener
    from hostcheck.host.http import Asker

T = TypeVar("T")
U = TypeVar("U")
SUN_PATH: Final = 107  # what sockaddr_un holds of a path, without the NUL: unix(7)
PID_MAX: Final = 1 << 22  # pid_max of proc_sys_kernel(5) cannot be set higher
ACCOUNTS: Final = ("/etc/nsswitch.conf", "/etc/passwd", "/etc/group")
"""What the name service reads in this process."""


def _lost(pid: int) -> OSError:
    """Tell a process that has ended from one that hidepid hides: kill(2) with signal 0 does nothing to it, and finds the hidden one."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError as error:
        return ProcessLookupError(error.errno, error.strerror, f"/proc/{pid}")
    except PermissionError:
        pass
    return PermissionError(errno.EACCES, "hidden, as by hidepid", f"/proc/{pid}")


def _user(one: pwd.struct_passwd) -> User:
    return User(name=utf8(one.pw_name), uid=one.pw_uid, gid=one.pw_gid, home=utf8(one.pw_dir), shell=utf8(one.pw_shell))


def _group(one: grp.struct_group) -> Group:
    return Group(name=utf8(one.gr_name), gid=one.gr_gid, members=tuple(map(utf8, one.gr_mem)))


def _asked(ask: Callable[[T], U], key: T) -> U:
    """Ask the name service for one entry: that it has none, and that it could not be asked, Python does not tell apart."""
    try:
        return ask(key)
    except KeyError:
        raise FileNotFoundError(errno.ENOENT, "the name service tells of none", str(key)) from None
    except (ValueError, OverflowError) as error:
        raise Nonsense(f"{key!r}: cannot be asked for") from error


class LocalHost(LocalFiles):
    """The host that this process runs on, as far as its user and its namespaces let it be seen."""

    kind = "local"

    def __init__(self, notes: Notes | None = None, known: dict[int, Known] | None = None, end: float = math.inf, charges: Charges | None = None) -> None:
        """Look at nothing yet; `notes` are made of each connection, and `known` is what other hosts of this process have read of processes.

        `charges` say what this look may cost each account; without them there is no bound.
        """
        super().__init__(end, charges)
        self._notes = notes or Notes()
        self._known = {} if known is None else known

    def __enter__(self) -> Self:
        """Look at this machine."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is kept open: a directory, and connections to engines."""
        self._paths.close()
        if "_asker" in vars(self):
            self._asker.close()

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Connect to a unix stream (or seqpacket) socket, send nothing, and return who listens; raises TimeoutError where its backlog stays full."""
        from hostcheck.host import unix  # 4 ms, for the few probes that connect

        with about(path):
            self._connecting(path)
            with self.standing(path, SUN_PATH) as address:
                return unix.peer(address, timeout, self._notes.own)

    def _connecting(self, path: str) -> None:
        """Announce a connection; raises LimitExceeded where this probe made it already, in a run that ended early."""
        if not self._notes.announce(path):
            raise LimitExceeded(f"{path}: this probe connected there and ended; it is run again, and connects to nothing twice")

    @cached_property
    def _asker(self) -> "Asker":
        from hostcheck.host.http import Asker

        return Asker(lambda socket: self.standing(socket, SUN_PATH), self._notes.own)

    def get(self, socket: str, path: str, *, timeout: float = 5.0, limit: int = MIB) -> Answer:
        """Ask for `path` over HTTP on a unix socket, and take no longer than `timeout` seconds from when the request was sent, by `ahead` or now."""
        with about(socket):
            self._connecting(socket)
            return self._asker.get(socket, path, timeout=timeout, limit=limit)

    def ahead(self, socket: str, path: str) -> None:
        """Send a request that `get` will be asked for, where that can be done at once."""
        with suppress(OSError, LimitExceeded, Nonsense, Unsupported), about(socket):
            self._connecting(socket)
            self._asker.send(socket, path)

    def unix_sockets(self) -> "list[UnixSocket]":
        """Return the named unix sockets of this network namespace that listen or are connected, but for what this scan is connected to."""
        from hostcheck.host import sockets  # 4 ms, as for `peer`

        found = sockets.unix_sockets()
        ours = self._notes.ours()  # after it: each was noted before it was connected
        return [one for one in found if one.peer not in ours]

    def tcp_listeners(self, ports: "Collection[int]", pid: int = 0) -> "list[TcpListener]":
        """Return who listens on one of these TCP ports, and take two seconds at most; another network namespace than one's own takes CAP_SYS_ADMIN."""
        from hostcheck.host import tcp  # psutil, for the hosts on which such a port is open

        return tcp.listeners(ports, pid)

    def tcp_sockets(self, ports: "Collection[int]", *, uid: int | None = None) -> "list[TcpSocket]":
        """Return the sockets of this network namespace that listen on one of these TCP ports; raises Unsupported where a module would have to be loaded."""
        from hostcheck.host import tcp_sockets

        return tcp_sockets.listening(ports, uid)

    def tcp_demand(self, address: str, port: int, *, timeout: float = 2.0) -> "Demand":
        """Connect to a loopback address of this network namespace, at most twice, and return what is asked of clients there."""
        from hostcheck.host import tcp_demand  # ssl, for the hosts on which an engine listens on TCP

        self._connecting(f"{address}:{port}")
        return tcp_demand.demand(address, port, timeout)

    def vsock_listeners(self) -> "list[VsockListener]":
        """Return who listens on vsock in this network namespace, nobody where the kernel has none."""
        from hostcheck.host import sockets

        return sockets.vsock_listeners()

    def audit_rules(self) -> "AuditRules":
        """Return what the kernel records by its audit rules, and wait two seconds at most; takes CAP_AUDIT_CONTROL."""
        from hostcheck.host import audit

        return audit.audit_rules()

    def holders(self, inodes: "Collection[int]", pids: "Collection[int]") -> list[int]:
        """Return which of these processes hold one of these sockets, and look at their descriptors for a second at most."""
        from hostcheck.host import sockets

        return sockets.holders(inodes, pids)

    def account(self, uid: int) -> int:
        """Return the account that is charged for what a uid has laid."""
        return self.charges.accounts.of(uid)

    def processes(self) -> list[Process]:
        """Return the processes that can be seen, by pid, without `exe`, and threads with credentials of their own.

        Those that are known are not read again, but for who asks twice. Raises PermissionError where one is seen but its status is denied (hidepid).
        """
        known, self._known = self._known, {}
        return everyone(known)

    def process(self, pid: int) -> Process:
        """Return one process with its `exe`; raises ProcessLookupError where it is gone, PermissionError where it is hidden or its exe cannot be read."""
        if not 0 < pid <= PID_MAX:
            raise PermissionError(errno.EACCES, "in a pid namespace that the scanner does not see", f"process {pid}")
        try:
            return examine(pid, reference(), with_exe=True)
        except GONE as error:
            raise _lost(pid) from error

    def users(self) -> list[User]:
        """Return every user that the name service enumerates, in its order, without passwords."""
        self._demand_accounts()
        return [_user(one) for one in pwd.getpwall()]

    def groups(self) -> list[Group]:
        """Return every group that the name service enumerates, in its order, without passwords."""
        self._demand_accounts()
        return [_group(one) for one in grp.getgrall()]

    def group_ids(self, name: str, gid: int) -> list[int]:
        """Return the ids of every group that the name service gives user `name` with primary group `gid` (getgrouplist(3)), sorted."""
        self._demand_accounts()
        try:
            return sorted({found % (1 << 32) for found in os.getgrouplist(name, gid)})
        except (ValueError, OverflowError) as error:
            raise Nonsense(f"user {name!r} with group {gid}: cannot be asked for") from error

    def user(self, key: int | str) -> User:
        """Return the user whom the name service has under a uid or a name, listed or not; raises FileNotFoundError where it tells of none."""
        self._demand_accounts()
        return _user(_asked(pwd.getpwnam, key) if isinstance(key, str) else _asked(pwd.getpwuid, key))

    def group(self, key: int | str) -> Group:
        """Return the group that the name service has under a gid or a name, listed or not; raises FileNotFoundError where it tells of none."""
        self._demand_accounts()
        return _group(_asked(grp.getgrnam, key) if isinstance(key, str) else _asked(grp.getgrgid, key))

    def _demand_accounts(self) -> None:
        for path in ACCOUNTS:
            with about(path):
                self._paths.shared(path)
