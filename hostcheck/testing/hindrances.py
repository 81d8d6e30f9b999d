"""Ways in which a host tells less than it knows: an answer is denied, comes too late, or is cut short.

A cut is one of these only where whoever asks can recognise it: half a JSON document, or a list of processes that says that others were lost. A text file
that ends with one of its lines, or with half of one that could stand there whole, is a shorter file: the host's own programs take it for that as well.
"""

import errno
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from hostcheck.host import Host, LimitExceeded, Nonsense, Unsupported, attempt
from hostcheck.host.answers import Process
from hostcheck.host.recording import decode, encode
from hostcheck.host.replay import Replay

DENIED: Final = PermissionError(errno.EACCES, "Permission denied")
LATE: Final = TimeoutError(errno.ETIMEDOUT, "too slow")
WITHHELD: Final = (DENIED, LATE, LimitExceeded("too much"), Nonsense("cut short"), OSError(errno.EIO, "Input/output error"))
"""How a host that could answer does not."""
ERRORS: Final = (*WITHHELD, Unsupported("this kind of host cannot answer"))
"""How an answer is denied: one error for each reason that a hole can have, of those that a host can give."""
AWAITED: Final = frozenset({"get", "peer", "tcp_demand"})
"""Verbs that wait for somebody else; a probe has patience with only so many."""
VERBS: Final = frozenset(name for name in vars(Host) if not name.startswith("_") and name not in ("account", "ahead", "kind", "recall"))
"""Every verb that answers; a request that is sent ahead says nothing."""
QUARTERS: Final = (0, 1, 2, 3)
"""After how many quarters an answer is cut; it is cut before its last character as well."""
KERNELS: Final = ("/proc/", "/sys/")
"""Where the kernel writes texts, which it always ends with a whole line."""
LOST: Final = Process(pid=1 << 22, ppid=0, name="", uids=(-1,) * 4, gids=(-1,) * 4, groups=(), cap_effective=0, lost=True)
"""What stands for the processes that could not be listed."""
NOBODY: Final = {"pid": None, "inode": 0, "started": 0}
"""What is told of a listener where the descriptors of others may not be looked at."""

Late = Callable[[str, int, int], bool]
Recording = Mapping[str, Any]


class Slow:
    """A host that gives no answer in time where `late` says so: of a verb, of how many answers were asked for before, and how many of those were awaited."""

    def __init__(self, host: Host, late: Late) -> None:
        """Ask `host`."""
        self._host, self._late = host, late
        self.asked = self.awaited = 0

    def __getattr__(self, name: str) -> Any:
        """Return a verb of the host, which counts how often it is asked for."""
        verb = getattr(self._host, name)
        return self._counting(name, verb) if name in VERBS else verb

    def _counting(self, name: str, verb: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            late = self._late(name, self.asked, self.awaited)
            self.asked += 1
            self.awaited += name in AWAITED
            if late:
                raise LATE.with_traceback(None)
            return verb(*args, **kwargs)

        return ask


def delays(state: Callable[[Host], Any], host: Host) -> Iterator[tuple[str, Host]]:
    """Yield hosts that get slower while `state` asks them, from each answer on, and such as use up its patience: the first that it waits for are late."""
    counted = Slow(host, lambda *_: False)
    attempt(state, cast(Host, counted))
    for number in range(counted.asked):
        yield f"with every answer from number {number} on too late", cast(Host, Slow(host, _from(number)))
    for number in range(2, counted.awaited):
        yield f"with the first {number} that are waited for too late", cast(Host, Slow(host, _until(number)))


def _from(number: int) -> Late:
    return lambda verb, asked, awaited: asked >= number


def _until(number: int) -> Late:
    return lambda verb, asked, awaited: verb in AWAITED and awaited < number


def cuts(recording: Recording) -> Iterator[tuple[str, Replay]]:
    """Yield the recorded host with each answer cut short in turn, so that what was to be told is not known: of a socket, processes, listeners or an archive."""
    host = Replay(recording)
    for answer in _given(recording):
        if answer["verb"] == "get":
            body = decode(answer["value"]["body"])
            yield from (_cut(host, answer, {**answer["value"], "body": encode(part)}) for part in documents(body))
        elif answer["verb"] == "processes":
            yield _cut(host, answer, [*answer["value"], encode(LOST)])
        elif answer["verb"] == "tcp_listeners":
            yield _cut(host, answer, [{**one, **NOBODY} for one in answer["value"]])
        elif answer["verb"] == "read_bytes":
            yield from (_cut(host, answer, encode(part)) for part in archives(decode(answer["value"])))


def shorter_files(recording: Recording) -> Iterator[tuple[str, Replay]]:
    """Yield the recorded host with each document cut short in turn, and with fewer processes: other facts, but none by which a finding gets better."""
    host = Replay(recording)
    for answer in _given(recording):
        if answer["verb"] == "processes":
            yield from (_cut(host, answer, [*answer["value"][:count], encode(LOST)]) for count in places(len(answer["value"])))
        elif answer["verb"] == "read_bytes":
            path, text = decode(answer["args"]["path"]), decode(answer["value"])
            yield from (_cut(host, answer, encode(part)) for part in (tables(text) if path.endswith(".toml") else documents(text)))


def half_lines(recording: Recording) -> Iterator[tuple[str, Replay]]:
    """Yield the recorded host with each text of the kernel's cut in the middle of a line in turn, and without a line."""
    host = Replay(recording)
    for answer in _given(recording):
        if answer["verb"] == "read_bytes" and decode(answer["args"]["path"]).startswith(KERNELS):
            parts = (part for part in _parts(decode(answer["value"])) if not part.endswith(b"\n"))
            yield from (_cut(host, answer, encode(part)) for part in parts)


def _given(recording: Recording) -> Iterator[dict[str, Any]]:
    return (answer for answer in recording["answers"] if "value" in answer)


def _cut(host: Replay, answer: dict[str, Any], value: Any) -> tuple[str, Replay]:
    return f"with {value!r:.60} for the whole answer to {answer['verb']} {answer['args']}", host.answering({**answer, "value": value})


def archives(text: bytes) -> Iterator[bytes]:
    """Yield parts of what gzip(1) packed, none where `text` is not that."""
    return _parts(text) if text.startswith(b"\x1f\x8b") else iter(())


def documents(text: bytes) -> Iterator[bytes]:
    """Yield parts of a JSON document, none where `text` is not one: no part of an object or a list is a document."""
    whole = text.strip()
    return _parts(whole) if whole.startswith((b"{", b"[")) and _is(json.loads, whole) else iter(())


def tables(text: bytes) -> Iterator[bytes]:
    """Yield those parts of a TOML document that are none."""
    import tomllib  # for the hosts that have one

    return (part for part in _parts(text) if not _is(tomllib.loads, part))


def _is(read: Callable[[str], Any], text: bytes) -> bool:
    try:
        read(text.decode())
    except (ValueError, RecursionError):
        return False
    return True


def _parts(text: bytes) -> Iterator[bytes]:
    return (text[:count] for count in places(len(text)))


def places(length: int) -> list[int]:
    """Return after how much something is cut, from nothing to all but the last."""
    return sorted({*(length * quarter // 4 for quarter in QUARTERS), length - 1}) if length else []
