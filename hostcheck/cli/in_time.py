"""Judge what was collected and write it in every format before a deadline, in a child: users of a host can make it hold more than anybody waits for.

A rule or an analysis that takes too long costs itself only (pace.py). The child says what it has made one part after the other, so that what was whole when
it ended counts. If the judgement is not among that, it is tried once more without the step that ended it; then the report says that nothing was judged. A
format that was not written is tried once more as well, in a child of its own.
"""

import math
import os
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from hostcheck import isolate
from hostcheck.cli import output, sending
from hostcheck.documents import compact, parse_own
from hostcheck.model import FormatError, Hole, HostcheckError, Why
from hostcheck.pace import Pace
from hostcheck.registry import Plugin, Registry

RESERVE: Final = 0.1
"""The share of the deadline that is kept for writing a report where judging was not done in time."""
JUDGING: Final = 0.5
"""The share of the deadline that judging has in any case, past its end too, so that what was read late on a slow or busy machine is still judged."""
LEAST: Final = 10.0
"""Seconds that writing in our own formats has in any case: a report is small, and a machine on which a user is busy slow: without it nothing would be said."""
TRIES: Final = 2
"""How often judging is tried: a second time without the step that ended the child, or that was not to be stopped."""
NAME: Final = 256
"""Bytes of the name of a step."""
MEMORY: Final = 2 << 30
"""Bytes of address space for judging: all facts are in memory several times over."""
SHARED: Final = 256 << 20
"""Bytes that the report and its outputs may have together."""
ADVICE: Final = "give it more time (--deadline), or judge the evidence later: `hostcheck evaluate`"
Report = dict[str, Any]
Judge = Callable[[Hole | None, Pace | None], Report]
"""Returns the report; where there is a hole, the one that says for this reason that nothing was judged. A pace leaves out what it has no time for."""
Described = Callable[[], list[Report]]
"""Returns what a report says of the benchmarks, most of it: the child need not say it, since the parent has them too."""


class Parts:
    """What a child has made so far, in memory that it shares with its parent: the name of a step, and each part as its size in eight bytes and its content."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.descriptor = os.memfd_create("hostcheck")
        os.lseek(self.descriptor, NAME, os.SEEK_SET)

    def begin(self, step: str) -> None:
        """Note the step that is begun."""
        os.pwrite(self.descriptor, step.encode()[:NAME].ljust(NAME, b"\0"), 0)

    def add(self, part: bytes) -> None:
        """Add a part; raises OSError where there is no room."""
        left = memoryview(len(part).to_bytes(8) + part)
        while left:
            left = left[os.write(self.descriptor, left) :]

    def take(self) -> tuple[str, list[bytes]]:
        """Return the name of the step that was begun last, and the parts that are whole, and give the memory back."""
        with open(self.descriptor, "rb") as file:
            file.seek(0)
            step = file.read(NAME).rstrip(b"\0").decode("utf-8", "replace")
            content = memoryview(file.read())
        found = []
        while len(content) >= 8 and len(content) >= 8 + (size := int.from_bytes(content[:8])):
            found.append(bytes(content[8 : 8 + size]))
            content = content[8 + size :]
        return step, found


def report(judge: Judge, described: Described, args: Namespace, registry: Registry, started: float) -> tuple[Report, sending.Made]:
    """Return the report and its outputs, within `args.deadline` seconds after `started` or `JUDGING` of it from now; raises what judging raises."""
    end, answer, made = _judge(judge, args, registry, started)
    if made:
        found = {**_judged(parse_own(made.pop(0), "judgement"), registry), "benchmarks": described()}
    else:
        found = _give_up(judge, answer, args, registry)
    terminal = os.isatty(1)
    choices = _own(_choices(found, args, terminal), registry)
    outputs = dict(zip(choices, map(_output, made), strict=False)) if choices else {}
    return found, {**outputs, **_again([one for one in choices if one not in outputs], found, registry, end), **_foreign(found, args, registry, terminal)}


def _judge(judge: Judge, args: Namespace, registry: Registry, started: float) -> tuple[float, bytes | Hole, list[bytes]]:
    """Judge in a child, and once more where a step ended it; return until when it had time, how it ended, and the parts that it made."""
    children = [plugin.child for plugin in registry.plugins if plugin.child]
    without: dict[str, Hole] = {}
    for _ in range(TRIES):
        reserve, now = RESERVE * args.deadline, time.monotonic()
        end = max(started + args.deadline, now + JUDGING * args.deadline + reserve)
        left = end - reserve - now
        for child in children:
            child.until, child.patience[0] = end, min(child.patience[0], left / 2)
        parts = Parts()
        pace = Pace(now + left, late=_late(args), much=isolate.too_much(MEMORY), without=without, begin=parts.begin)
        work = partial(_work, parts, judge, pace, args, registry, os.isatty(1), output.columns())
        (answer,) = _run([work], left, [parts.descriptor, *(end for child in children for end in child.descriptors())])
        step, made = parts.take()
        if made or not step or not isinstance(answer, Hole):
            break
        without[step] = _reason(answer, args)
        _lose(registry, step)
    return end, answer, made


def _reason(hole: Hole, args: Namespace) -> Hole:
    return _late(args) if hole.why == Why.TIMEOUT else hole


def _late(args: Namespace) -> Hole:
    return Hole(why=Why.TIMEOUT, message=f"judging was not done within the deadline of {args.deadline:g} s")


def _lose(registry: Registry, step: str = "") -> None:
    """Give up the analyses of plugins, or those of the one whose step it is, that may be in the middle of a word."""
    for plugin in registry.plugins:
        if plugin.child and (step in plugin.names["analyses"] if step else plugin.names["analyses"]):
            plugin.child.lose(Why.CRASHED, "judging ended while it was at work")


def _run(works: Sequence[Callable[[], bytes]], left: float, keep: Sequence[int] = ()) -> list[bytes | Hole]:
    """Return what each of `works` returns within `left` seconds."""
    limits = isolate.Limits(wall=left, cpu=math.ceil(left) + 1, memory=MEMORY, file=SHARED)
    return isolate.gather([isolate.start(work, limits, keep=keep) for work in works], time.monotonic() + left)


def _work(parts: Parts, judge: Judge, pace: Pace, args: Namespace, registry: Registry, terminal: bool, columns: int) -> bytes:
    """Judge, then write the outputs, and add each as it is made."""
    os.environ["COLUMNS"] = str(columns)  # a child has no terminal to ask
    try:
        found = judge(None, pace)
    except HostcheckError as error:
        parts.add(compact({"error": str(error), "exit_code": error.exit_code}))
        return b""
    lost = {plugin.distribution: plugin.child.lost.message for plugin in registry.plugins if plugin.child and plugin.child.lost}
    parts.add(
        compact(
            {
                "report": {key: value for key, value in found.items() if key != "benchmarks"},
                "lost": lost,
                "left_out": [hole.message for hole in pace.lost.values()][:1],
            }
        )
    )
    for choice in _own(_choices(found, args, terminal), registry):
        parts.add(_part(choice, found, registry))
    return b""


def _judged(said: Mapping[str, Any], registry: Registry) -> Report:
    if "error" in said:
        error = HostcheckError(said["error"])
        error.exit_code = said["exit_code"]
        raise error
    for plugin in registry.plugins:
        if plugin.child and plugin.distribution in said["lost"]:
            plugin.child.lose(Why.CRASHED, said["lost"][plugin.distribution])
    for message in said["left_out"]:
        output.warn(f"hostcheck: not everything was judged: {message}; {ADVICE}")
    found: Report = said["report"]
    return found


def _give_up(judge: Judge, answer: bytes | Hole, args: Namespace, registry: Registry) -> Report:
    """Return the report that says that nothing was judged, and why; analyses that were spoken to may be in the middle of a word."""
    _lose(registry)
    hole = _reason(answer, args) if isinstance(answer, Hole) else Hole(why=Why.CRASHED, message="judging ended without a report")
    output.warn(f"hostcheck: nothing was judged: {hole.message}; {ADVICE}")
    return judge(hole, None)


def _choices(found: Report, args: Namespace, terminal: bool) -> list[str]:
    from hostcheck.report import exit_code

    return sending.in_order(sending.choices(args, exit_code(found), terminal=terminal))


def _is_foreign(choice: str, plugins: Sequence[Plugin]) -> bool:
    return any(output.split(choice)[0] in plugin.names["formats"] for plugin in plugins)


def _own(choices: Sequence[str], registry: Registry) -> list[str]:
    """Return the outputs whose formats come with hostcheck; those of plugins are written in children already."""
    return [choice for choice in choices if not _is_foreign(choice, registry.plugins)]


def _output(part: bytes) -> bytes | FormatError:
    return part[1:] if part[:1] == b"+" else FormatError(part[1:].decode())


def _again(choices: Sequence[str], found: Report, registry: Registry, end: float) -> dict[str, bytes | FormatError]:
    """Return outputs that were not written, each tried in a child of its own: what keeps one from being written keeps no other."""
    answers = _run([partial(_part, choice, found, registry) for choice in choices], max(LEAST, end - time.monotonic())) if choices else []
    return {choice: _failed(choice, answer) if isinstance(answer, Hole) else _output(answer) for choice, answer in zip(choices, answers, strict=True)}


def _part(choice: str, found: Report, registry: Registry) -> bytes:
    """Return an output, or why there is none, as `_output` takes it apart."""
    made = sending.make(choice, found, registry)
    return b"-" + str(made).encode() if isinstance(made, FormatError) else b"+" + made


def _failed(choice: str, hole: Hole) -> FormatError:
    return FormatError(f"the format {output.split(choice)[0]!r} failed: {hole.message}")


def _foreign(found: Report, args: Namespace, registry: Registry, terminal: bool) -> dict[str, bytes | FormatError]:
    if not registry.plugins:
        return {}
    return {choice: sending.make(choice, found, registry) for choice in _choices(found, args, terminal) if _is_foreign(choice, registry.plugins)}
