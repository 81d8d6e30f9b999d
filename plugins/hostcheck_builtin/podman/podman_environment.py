"""What a running podman of root's was told in its environment, which may name another containers.conf than the usual ones.

Of the environment only the two variables are taken that name such a file: all else in it may be a password. A podman is known by the file that it runs.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, Process, attempt, incomplete, worst_hole
from hostcheck_builtin.podman import containers_conf
from hostcheck_builtin.podman.folders import File, RootsFiles
from hostcheck_builtin.system import bounds

INSTEAD, BESIDE = "CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE"
ROOT: Final = (0, 0, 0, 0)


class ConfFiles(NamedTuple):
    """The files that a process was told to read: one instead of the usual ones, one after all others; "" for none."""

    instead: str
    beside: str


def services(host: Host, vendor: RootsFiles, *others: RootsFiles) -> Json:
    """State by these variables what they lead to, for each set of them with which a podman of root's runs."""
    found: dict[str, Json] = {}
    unread: Hole | None = None
    for one in _told(host):
        if isinstance(one, Hole):
            unread = worst_hole(unread, one)
        elif any(one):
            name = " ".join(f"{variable}={path}" for variable, path in zip((INSTEAD, BESIDE), one, strict=True) if path)
            found[name] = attempt(_stated, host, one, vendor, *others)
    return incomplete(found, unread)


def _told(host: Host) -> Iterator[ConfFiles | Hole]:
    processes = attempt(host.processes)
    if isinstance(processes, Hole):
        yield processes
        return
    for one in processes:
        if one.name == "podman" and one.uids == ROOT:
            told = attempt(_environment, host, one)
            if told is not None:
                yield told


def _environment(host: Host, one: Process) -> ConfFiles | None:
    """Return what a process was told, None where it is no podman of this host's, or has ended."""
    try:
        seen = host.process(one.pid)
        if seen.exe.removesuffix(" (deleted)").rpartition("/")[2] != "podman" or seen.host_mounts is False:
            return None
        raw = host.read_bytes(f"/proc/{one.pid}/environ", limit=bounds.ARGUMENTS_OF_A_PROCESS)
    except ABSENT:
        return None
    pairs = dict(reversed([line.partition(b"=")[::2] for line in raw.split(b"\0")]))  # getenv(3) takes the first of a name
    values = [pairs.get(name.encode(), b"").decode("utf-8", "surrogateescape") for name in (INSTEAD, BESIDE)]
    for name, value in zip((INSTEAD, BESIDE), values, strict=True):
        if value and (not value.startswith("/") or len(value) > bounds.PODMAN_VALUE):
            raise Nonsense(f"{name} of a podman of root's: no whole path, so that the file depends on where it was started")
    return ConfFiles(*values)


def _stated(host: Host, told: ConfFiles, vendor: RootsFiles, *others: RootsFiles) -> Json:
    """State what the named files decide; the usual ones beside them are told of anyway."""
    usual = [] if told.instead else containers_conf.files(vendor, *others)
    named = [_named(host, path) for path in told if path]
    return containers_conf.stated(containers_conf.merged([*usual, *named]), lambda path: path in told)


def _named(host: Host, path: str) -> File:
    try:
        return path, host.read_bytes(path, limit=bounds.PODMAN_FILE_BYTES)
    except ABSENT as error:
        raise Nonsense(f"{path}: is not there, and Podman does not start without it") from error
