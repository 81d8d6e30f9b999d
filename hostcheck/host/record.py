"""Ask a host, and note every answer: for the sources of evidence, and to give the answers again (replay.py).

How long an asker would wait, how much it would take and what it takes for an absent file are no part of a question: one recording answers them all.
"""

from collections.abc import Callable, Collection
from posixpath import normpath
from typing import Any, Final, TypeVar

from hostcheck.host import MIB, Host, Rights, hole_of
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
from hostcheck.host.recording import NOTED, SCHEMA, encode, key_of, write_fault
from hostcheck.model import Json
from hostcheck.parting import escape

T = TypeVar("T")

SOURCES_MAX: Final = 5000
SOURCES_SIZE: Final = 2 << 20
"""How many sources are noted, and of how many characters: a user's path may have thousands."""
VOLATILE: Final = frozenset({"get", "holders", "peer", "process", "processes", "tcp_demand", "tcp_listeners", "tcp_sockets", "unix_sockets", "vsock_listeners"})
SYSTEM: Final = ("/boot/", "/etc/", "/lib/", "/lib64/", "/opt/", "/run/systemd/", "/usr/", "/var/lib/", "/var/snap/")
"""Below these a file gets a digest if everybody may read it; else it may be short and secret, and a digest lets one try what it says."""
READ: Final = 0o004
SEARCH: Final = 0o001


def _outcome(error: Exception) -> str:
    hole = None if isinstance(error, ConnectionRefusedError) else hole_of(error)
    return "absent" if hole is None else str(hole.why)


def _source(verb: str, args: dict[str, Json], outcome: str, answer: Any, public: Callable[[str], bool]) -> dict[str, Json]:
    """Describe an answer; a digest is of a file that is `public`, and stays as it is, so not of one in /proc or /sys.

    Of lists that were asked about the length is noted.
    """
    place = normpath("/" + args.get("path", "").lstrip("/")) + "/"
    volatile = verb in VOLATILE or place.startswith(("/proc/", "/sys/"))
    source: dict[str, Json] = {"verb": verb}
    for name, item in args.items():
        if item is not True or name != "follow":
            source[name] = escape(item) if isinstance(item, str) else len(item) if isinstance(item, list) else item
    source["outcome"] = outcome
    if verb == "read_bytes" and outcome == "ok" and volatile:
        source["size"] = len(answer)
    elif verb == "read_bytes" and outcome == "ok" and place.startswith(SYSTEM):
        if public(args["path"]):
            import hashlib  # 4 ms, for the probes that read files

            source["size"] = len(answer)
            source["sha256"] = hashlib.sha256(answer).hexdigest()
    return {**source, "volatile": True} if volatile else source


class Recorder(FileReader):
    """A host that asks another one, and notes what it answered: always what, how it went and a digest, and with `keep` the answer itself.

    Where a question is asked again the first answer stands, unless that was none and this is one.
    """

    def __init__(self, host: Host, keep: bool = False) -> None:
        """Ask `host`."""
        self._host, self._keep = host, keep
        self._sources: dict[str, dict[str, Json]] = {}
        self._answers: dict[str, dict[str, Json]] = {}
        self._left_out = self._size = 0
        self._everyone: list[Process] | None = None
        self._open: dict[str, bool] = {"": True}

    @property
    def kind(self) -> str:
        """Say what kind of host is asked."""
        return self._host.kind

    @property
    def sources(self) -> list[dict[str, Json]]:
        """Return what was asked and how it went, by verb and name; of more than 5000 questions the last entry says how often others were asked."""
        noted = [self._sources[key] for key in sorted(self._sources)]
        return noted + ([{"verb": "*", "path": "", "outcome": "limit", "left_out": self._left_out}] if self._left_out else [])

    def recording(self) -> dict[str, Json]:
        """Return the document that `Replay` takes; raises ValueError where nothing was kept."""
        if not self._keep:
            raise ValueError("a recorder keeps answers only with keep=True")
        return {"schema": SCHEMA, "answers": [self._answers[key] for key in sorted(self._answers)]}

    def _ask(self, ask: Callable[[], T], verb: str, **args: Json) -> T:
        key = key_of(verb, args)
        try:
            answer = ask()
        except NOTED as error:
            self._note(key, verb, args, _outcome(error), error)
            raise
        self._note(key, verb, args, "ok", answer)
        return answer

    def _note(self, key: str, verb: str, args: dict[str, Json], outcome: str, answer: Any) -> None:
        known = self._sources.get(key)
        if known is None and (len(self._sources) >= SOURCES_MAX or self._size + len(key) > SOURCES_SIZE):
            self._left_out += 1
        elif known is None or (known["outcome"] != "ok" and outcome == "ok"):
            self._sources[key] = _source(verb, args, outcome, answer, self._is_public)
            self._size += len(key)
        kept = self._answers.get(key)
        if self._keep and (kept is None or ("error" in kept and outcome == "ok")):
            said = {"value": encode(answer)} if outcome == "ok" else {"error": write_fault(answer)}
            self._answers[key] = {"verb": verb, "args": {name: encode(item) for name, item in args.items()}, **said}

    def _is_public(self, path: str) -> bool:
        """Say whether everybody may read a file, by its mode and those of the directories to it; a way with links in it is not looked into."""
        folder, _, name = path.rpartition("/")
        return name not in ("", ".", "..") and self._is_open(folder) and self._allows(path, "file", READ)

    def _is_open(self, folder: str) -> bool:
        if folder not in self._open:
            above, _, name = folder.rpartition("/")
            self._open[folder] = name not in ("", ".", "..") and self._is_open(above) and self._allows(folder, "dir", SEARCH)
        return self._open[folder]

    def _allows(self, path: str, kind: str, bit: int) -> bool:
        try:
            found = self._host.stat(path, follow=False)
        except NOTED:
            return False
        return found.type == kind and bool(found.mode & bit)

    def _content(self, path: str, limit: int, follow: bool, parsed: bool) -> bytes:
        return self._ask(lambda: self._host.read_bytes(path, limit=limit, follow=follow, parsed=parsed), "read_bytes", path=path, follow=follow)

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Ask for type, owner, mode and ACL."""
        return self._ask(lambda: self._host.stat(path, follow=follow), "stat", path=path, follow=follow)

    def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
        """Ask for the names in a directory."""
        return self._ask(lambda: self._host.list_dir(path, limit=limit, fair=fair), "list_dir", path=path)

    def privileged_programs(self, path: str, gives: Rights, **bounds: Any) -> list[str]:
        """Ask for the files in a directory that give rights."""
        return self._ask(lambda: self._host.privileged_programs(path, gives, **bounds), "privileged_programs", path=path, gives=gives)

    def read_link(self, path: str) -> str:
        """Ask where a symbolic link points."""
        return self._ask(lambda: self._host.read_link(path), "read_link", path=path)

    def file_capabilities(self, path: str) -> FileCapabilities:
        """Ask for the capabilities of a file."""
        return self._ask(lambda: self._host.file_capabilities(path), "file_capabilities", path=path)

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Ask who listens on a socket."""
        return self._ask(lambda: self._host.peer(path, timeout=timeout), "peer", path=path)

    def get(self, socket: str, path: str, *, timeout: float = 5.0, limit: int = MIB) -> Answer:
        """Ask an HTTP server on a unix socket."""
        return self._ask(lambda: self._host.get(socket, path, timeout=timeout, limit=limit), "get", path=path, socket=socket)

    def ahead(self, socket: str, path: str) -> None:
        """Pass on that a request may be sent already; no answer, so nothing to note."""
        self._host.ahead(socket, path)

    def unix_sockets(self) -> list[UnixSocket]:
        """Ask for the unix sockets."""
        return self._ask(self._host.unix_sockets, "unix_sockets")

    def tcp_listeners(self, ports: Collection[int], pid: int = 0) -> list[TcpListener]:
        """Ask who listens on TCP."""
        return self._ask(lambda: self._host.tcp_listeners(ports, pid), "tcp_listeners", ports=sorted(ports), pid=pid)

    def tcp_sockets(self, ports: Collection[int], *, uid: int | None = None) -> list[TcpSocket]:
        """Ask for the sockets that listen on TCP."""
        whose = {} if uid is None else {"uid": uid}
        return self._ask(lambda: self._host.tcp_sockets(ports, uid=uid), "tcp_sockets", ports=sorted(ports), **whose)

    def tcp_demand(self, address: str, port: int, *, timeout: float = 2.0) -> Demand:
        """Ask what a server on TCP demands."""
        return self._ask(lambda: self._host.tcp_demand(address, port, timeout=timeout), "tcp_demand", address=address, port=port)

    def vsock_listeners(self) -> list[VsockListener]:
        """Ask who listens on vsock."""
        return self._ask(self._host.vsock_listeners, "vsock_listeners")

    def audit_rules(self) -> AuditRules:
        """Ask for the audit rules."""
        return self._ask(self._host.audit_rules, "audit_rules")

    def holders(self, inodes: Collection[int], pids: Collection[int]) -> list[int]:
        """Ask which processes hold one of these sockets."""
        return self._ask(lambda: self._host.holders(inodes, pids), "holders", inodes=sorted(inodes), pids=sorted(pids))

    def account(self, uid: int) -> int:
        """Pass on whose account a uid is: no answer about the host that a probe states."""
        return self._host.account(uid)

    def recall(self, path: str, found: Stat) -> None:
        """Pass on that something is used again; no answer, so nothing to note."""
        self._host.recall(path, found)

    def processes(self) -> list[Process]:
        """Ask for the processes, once: it takes milliseconds, and whoever asks again means the same ones."""
        if self._everyone is None:
            self._everyone = self._ask(self._host.processes, "processes")
        return list(self._everyone)

    def process(self, pid: int) -> Process:
        """Ask for one process."""
        return self._ask(lambda: self._host.process(pid), "process", pid=pid)

    def users(self) -> list[User]:
        """Ask for the users."""
        return self._ask(self._host.users, "users")

    def groups(self) -> list[Group]:
        """Ask for the groups."""
        return self._ask(self._host.groups, "groups")

    def group_ids(self, name: str, gid: int) -> list[int]:
        """Ask for the groups of a user."""
        return self._ask(lambda: self._host.group_ids(name, gid), "group_ids", name=name, gid=gid)

    def user(self, key: int | str) -> User:
        """Ask for one user."""
        return self._ask(lambda: self._host.user(key), "user", key=key)

    def group(self, key: int | str) -> Group:
        """Ask for one group."""
        return self._ask(lambda: self._host.group(key), "group", key=key)
