"""What a host answers, as frozen values: files, sockets, processes, users and groups.

A member is None where the kernel did not say it; each says so of itself.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AclEntry:
    """One entry of a POSIX access ACL (acl(5)).

    `tag` is user_obj user group_obj group mask other; `id` is -1 but for user and group; `perms` is the sum of 4 r, 2 w, 1 x.
    """

    tag: str
    id: int
    perms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """What stat(2) says, and the access ACL.

    `type` is file dir link socket fifo char block; `mode` has the twelve permission bits; `acl` is empty where there is none beyond the mode;
    `links` says how many names there are (hard links).
    """

    type: str
    uid: int
    gid: int
    mode: int
    size: int = 0
    dev: int = 0
    ino: int = 0
    acl: tuple[AclEntry, ...] = ()
    links: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCapabilities:
    """What executing a file gives by its capabilities (capabilities(7)); `revision` is 0 where it has none.

    `permitted` and `inheritable` are masks; `rootid` is the uid of the root of the user namespace in which they hold, 0 for the host's.
    """

    revision: int = 0
    permitted: int = 0
    inheritable: int = 0
    effective: bool = False
    rootid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Who listens on a socket: SO_PEERCRED of unix(7), the credentials of the process at the time it called listen(2)."""

    pid: int
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnixSocket:
    """One unix socket that has a name and listens, or is connected: mostly the end that was accepted, which has the name of the one that listens.

    `name` is the path as it was bound, or begins with NUL where it is abstract (unix(7)); `peer` is the inode of the other end, 0 where there is none;
    `uid` owns it: who made it, or accepted the connection; -1 where the kernel does not tell (before Linux 5.3). `dev` and `file` are the device of the file
    that it is bound to, as stat(2) tells it, and the last 32 bits of that file's inode; both are 0 where there is none.
    """

    inode: int
    name: str
    listening: bool = False
    peer: int = 0
    uid: int = -1
    dev: int = 0
    file: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpListener:
    """One socket that listens on TCP, and a process that holds it; None where no process that may be asked does.

    `address` is written as inet_ntop(3) does. `inode` is that of the socket, and `started` when the process began, as in `Process`: both are 0 where
    `pid` is None. `network` is 0 in the scanner's own network namespace, else that of `Process`.
    """

    address: str
    port: int
    pid: int | None = None
    inode: int = 0
    started: int = 0
    network: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpSocket:
    """One socket that listens on TCP, and the user who made it; `address` is written as inet_ntop(3) does."""

    address: str
    port: int
    uid: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a server on TCP asks of a client before it answers, and what it said.

    `tls` is none, server where TLS is enough, or mutual where a client without a certificate is refused: then nothing else is told. `speaks` is http or
    http/2; `status`, `server` and `libpod` are those of its answer to GET /_ping over HTTP/1, the latter as in `Answer`.
    """

    tls: str
    speaks: str = ""
    status: int = 0
    server: str = ""
    libpod: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VsockListener:
    """One socket that listens on vsock(7), by which virtual machines and their host reach each other; `cid` is 4294967295 for any address."""

    cid: int
    port: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRules:
    """What the kernel says of audit: 0 off, 1 on, 2 on and locked until a reboot; the process that takes the records, 0 for none; and the rules.

    Each rule is a struct audit_rule_data (linux/audit.h), in the order in which they count.
    """

    enabled: int
    pid: int
    rules: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an HTTP server on a unix socket said to one GET, and who it is.

    `server` and `libpod` are the headers Server and Libpod-Api-Version, "" where it sent none; `pid` and `uid` are those of SO_PEERCRED on the very
    connection that was answered on, so that they hold even where the socket was replaced a moment ago.
    """

    status: int
    body: bytes
    pid: int
    uid: int
    server: str = ""
    libpod: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One living process, by /proc/PID/status (proc_pid_status(5)).

    `exe` is "" where it cannot be read or there is none (kernel threads); `host_mounts` says whether it lives in the mount namespace of
    process 1 (or, where that is out of reach, in the scanner's own), and is None where that cannot be told; `cap_effective` and `cap_permitted` are masks.
    `mounts` names the mount namespace, "" where that is denied; `user_view` says whether a user can have made what it sees of the file system (in a user
    namespace, where he may mount and chroot), None where that cannot be told. A thread with other credentials than its process stands beside it.
    A `lost` one, of which nothing else is told, stands for what ended before it could be read, again and again, and whatever came after it.
    `network` names the network namespace of a program that root alone runs: the inode of its /proc/PID/net/unix, 0 where that is the scanner's own, None where
    that cannot be told. An `unread` one is in a user namespace of a user, whose uid stands for all of its ids: of what that user has made there too much was
    read before it. `started` is told of one process that is asked for: when it began, in ticks since boot (proc_pid_stat(5)), as a pid may be used again.
    """

    pid: int
    ppid: int
    name: str
    uids: tuple[int, int, int, int]
    gids: tuple[int, int, int, int]
    groups: tuple[int, ...]
    cap_effective: int
    exe: str = ""
    host_mounts: bool | None = None
    cap_permitted: int = 0
    mounts: str = ""
    user_view: bool | None = None
    lost: bool = False
    unread: bool = False
    network: int | None = 0
    started: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One entry of the user database, passwd(5), without its password."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One entry of the group database, group(5), without its password."""

    name: str
    gid: int
    members: tuple[str, ...]
