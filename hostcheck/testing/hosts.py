"""Hosts for the tests of probes: one in memory, and one that answers as a real host once did.

A recording holds what its probe read, names of users and contents of files among them: make it on a host that may be shown.
"""

import json
import os
from collections.abc import Iterable, Mapping

from hostcheck.documents import parse, read_bytes
from hostcheck.host import Host, attempt
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
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.host.record import Recorder
from hostcheck.host.replay import Replay
from hostcheck.model import HostcheckError, Json, Probe


def memory_host(
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
) -> MemoryHost:
    """Return a host that exists in memory only.

    `files` are contents by absolute path; directories follow from them, all is root's, and a file that is not named is absent. `stats` say who
    owns a path and who may use it, `links` where symbolic links point, `peers` who listens on a socket, and `answers` what it says to a GET, by
    socket and path, and `demands` what a server asks of clients, by loopback address and
    port. Where an exception stands for an answer, asking raises it. `unlisted` are
    users and groups that the name service tells only to who asks for them. Processes, users, groups, `unix_sockets`, `tcp_listeners`,
    `tcp_sockets` and `vsock_listeners` that are not given are not known: pass `()` for none; nor are `audit_rules`.
    Raises ValueError where the paths contradict each other.

    ```python
    from hostcheck.api import Stat
    from hostcheck.testing import memory_host

    denied = PermissionError(13, "Permission denied", "/etc/shadow")
    host = memory_host({"/etc/motd": "hello", "/etc/shadow": denied}, stats={"/etc/motd": Stat(type="file", uid=0, gid=0, mode=0o644)})
    assert host.read_text("/etc/motd") == "hello"
    assert host.list_dir("/etc") == ["motd", "shadow"]
    ```
    """
    return MemoryHost(
        files,
        stats=stats,
        links=links,
        peers=peers,
        answers=answers,
        capabilities=capabilities,
        processes=processes,
        users=users,
        groups=groups,
        unlisted=unlisted,
        unix_sockets=unix_sockets,
        tcp_listeners=tcp_listeners,
        tcp_sockets=tcp_sockets,
        demands=demands,
        vsock_listeners=vsock_listeners,
        audit_rules=audit_rules,
    )


def record(probe: Probe, host: Host | None = None) -> dict[str, Json]:
    """Return every answer that `probe` was given by `host`, or by this machine where none is named, for `write_recording`.

    Run it as whom the probe will run as: another user is given other answers. Whatever the probe raises but holes, it raises.

    ```python
    from acme_motd.plugin import hostcheck_probes
    from hostcheck.testing import memory_host, record, replay, write_recording

    (probe,) = hostcheck_probes()
    host = memory_host({"/etc/motd": "hello"})  # leave it out to record this machine
    write_recording("debian.recording.json", record(probe, host))
    assert probe.collect(replay("debian.recording.json")) == probe.collect(host)
    ```
    """
    recorder = Recorder(LocalHost() if host is None else host, keep=True)
    attempt(probe.collect, recorder)
    return recorder.recording()


def write_recording(path: str | os.PathLike[str], recording: Mapping[str, Json]) -> None:
    """Write what `record` returned to `path`: JSON that a review can read, the same bytes for the same answers. See `record` for an example."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(recording, indent=1, sort_keys=True) + "\n")


def replay(path: str | os.PathLike[str], probe: str = "") -> Replay:
    """Return the host that answers as the recording at `path` says; of a recording of a whole host, what the probe called `probe` was answered.

    What was never asked raises Unsupported, and not FileNotFoundError: record again where a probe asks for more. See `record` for an example.
    Raises HostcheckError where `path` is no recording.
    """
    name = os.fspath(path)
    document = parse(read_bytes(name), name)
    probes = document.get("probes") if isinstance(document, dict) else None
    if isinstance(probes, dict):
        if probe not in probes:
            raise HostcheckError(f"{name}: is the recording of a whole host; say what a probe was answered: {', '.join(sorted(probes))}")
        document = probes[probe]
    return Replay(document)
