"""A recorded host, which gives its answers again without the host.

It is unsupported where it was never asked: not even absence is made up.
"""

import copy
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, cast

from hostcheck.host import MIB, LimitExceeded, Rights, Unsupported
from hostcheck.host.accounts import Accounts, accounts_in
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
from hostcheck.host.recording import SCHEMA, key_of, recorded
from hostcheck.model import HostcheckError, Json


class Replay(FileReader):
    """A host that gives recorded answers again.

    A file that once exceeded a limit still does, whatever the limit is now.
    """

    kind = "replay"

    def __init__(self, document: Json, deny: Mapping[str | int, Exception] | None = None) -> None:
        """Take what `Recorder.recording` made; `deny` puts an error in place of an answer, by its key or its index in `keys`. Raises HostcheckError."""
        if not isinstance(document, dict) or document.get("schema") != SCHEMA or not isinstance(document.get("answers"), list):
            raise HostcheckError(f"not a recording: its schema is not {SCHEMA}; record it again with this version")
        self._answers: dict[str, Any] = {}
        for index, entry in enumerate(document["answers"]):
            try:
                key, answer = recorded(entry)
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
                raise HostcheckError(f"recording: answers/{index} is malformed ({error!r}); record it again") from error
            self._answers[key] = answer
        for which, denial in (deny or {}).items():
            self._answers[self._named(which)] = denial

    @cached_property
    def _accounts(self) -> Accounts:
        return accounts_in(self)

    @property
    def keys(self) -> list[str]:
        """Return the keys of the recorded answers, in their order."""
        return list(self._answers)

    def denying(self, which: str | int, error: Exception) -> "Replay":
        """Return a replay like this one, but for one answer, which is `error`."""
        other = copy.copy(self)
        other._answers = {**self._answers, self._named(which): error}
        return other

    def answering(self, entry: dict[str, Json]) -> "Replay":
        """Return a replay like this one, but for the one answer that `entry` of a recording has."""
        key, answer = recorded(entry)
        other = copy.copy(self)
        other._answers = {**self._answers, key: answer}
        return other

    def _named(self, which: str | int) -> str:
        key = self.keys[which] if isinstance(which, int) else which
        if key not in self._answers:
            raise KeyError(f"never recorded: {key}")
        return key

    def _again(self, verb: str, **args: Json) -> Any:
        key = key_of(verb, args)
        if key not in self._answers:
            raise Unsupported(f"never asked: {key}")
        answer = self._answers[key]
        if isinstance(answer, Exception):
            raise answer.with_traceback(None)
        return copy.copy(answer) if isinstance(answer, list) else answer

    def _within(self, limit: int, what: str, verb: str, **args: Json) -> Any:
        answer = self._again(verb, **args)
        if len(answer) > limit:
            raise LimitExceeded(f"{args['path']}: more than {limit} {what}")
        return answer

    def _content(self, path: str, limit: int, follow: bool, parsed: bool) -> bytes:
        return cast(bytes, self._within(limit, "bytes", "read_bytes", path=path, follow=follow))

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Return the recorded type, owner, mode and ACL."""
        return cast(Stat, self._again("stat", path=path, follow=follow))

    def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
        """Return the recorded names in a directory."""
        return cast(list[str], self._within(limit, "names", "list_dir", path=path))

    def privileged_programs(self, path: str, gives: Rights, *, limit: int = 100_000, **_: Any) -> list[str]:
        """Return the recorded names of files that give rights."""
        return cast(list[str], self._within(limit, "names", "privileged_programs", path=path, gives=gives))

    def read_link(self, path: str) -> str:
        """Return where a symbolic link pointed."""
        return cast(str, self._again("read_link", path=path))

    def file_capabilities(self, path: str) -> FileCapabilities:
        """Return the recorded capabilities of a file."""
        return cast(FileCapabilities, self._again("file_capabilities", path=path))

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Return who listened on a socket."""
        return cast(Peer, self._again("peer", path=path))

    def get(self, socket: str, path: str, *, timeout: float = 5.0, limit: int = MIB) -> Answer:
        """Return what an HTTP server once answered."""
        answer = cast(Answer, self._again("get", path=path, socket=socket))
        if len(answer.body) > limit:
            raise LimitExceeded(f"{socket}: {path}: more than {limit} bytes")
        return answer

    def ahead(self, socket: str, path: str) -> None:
        """Do nothing: what was recorded is there."""

    def unix_sockets(self) -> list[UnixSocket]:
        """Return the recorded unix sockets."""
        return cast(list[UnixSocket], self._again("unix_sockets"))

    def tcp_listeners(self, ports: Collection[int], pid: int = 0) -> list[TcpListener]:
        """Return who was found to listen on TCP."""
        return cast(list[TcpListener], self._again("tcp_listeners", ports=sorted(ports), pid=pid))

    def tcp_sockets(self, ports: Collection[int], *, uid: int | None = None) -> list[TcpSocket]:
        """Return the sockets that were found to listen on TCP."""
        return cast(list[TcpSocket], self._again("tcp_sockets", ports=sorted(ports), **({} if uid is None else {"uid": uid})))

    def tcp_demand(self, address: str, port: int, *, timeout: float = 2.0) -> Demand:
        """Return what a server on TCP was found to demand."""
        return cast(Demand, self._again("tcp_demand", address=address, port=port))

    def vsock_listeners(self) -> list[VsockListener]:
        """Return who was found to listen on vsock."""
        return cast(list[VsockListener], self._again("vsock_listeners"))

    def audit_rules(self) -> AuditRules:
        """Return the recorded audit rules."""
        return cast(AuditRules, self._again("audit_rules"))

    def holders(self, inodes: Collection[int], pids: Collection[int]) -> list[int]:
        """Return which processes were found to hold one of these sockets."""
        return cast(list[int], self._again("holders", inodes=sorted(inodes), pids=sorted(pids)))

    def account(self, uid: int) -> int:
        """Return the account that is charged for what a uid has laid, by the files that were recorded."""
        return self._accounts.of(uid)

    def recall(self, path: str, found: Stat) -> None:
        """Charge nobody."""

    def processes(self) -> list[Process]:
        """Return the recorded processes."""
        return cast(list[Process], self._again("processes"))

    def process(self, pid: int) -> Process:
        """Return one recorded process."""
        return cast(Process, self._again("process", pid=pid))

    def users(self) -> list[User]:
        """Return the recorded users."""
        return cast(list[User], self._again("users"))

    def groups(self) -> list[Group]:
        """Return the recorded groups."""
        return cast(list[Group], self._again("groups"))

    def group_ids(self, name: str, gid: int) -> list[int]:
        """Return the recorded groups of a user."""
        return cast(list[int], self._again("group_ids", name=name, gid=gid))

    def user(self, key: int | str) -> User:
        """Return a recorded user."""
        return cast(User, self._again("user", key=key))

    def group(self, key: int | str) -> Group:
        """Return a recorded group."""
        return cast(Group, self._again("group", key=key))
