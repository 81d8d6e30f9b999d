"""What a worker tells its guard, and a guard its parent: that a work was taken, what it answered, or why there is no answer.

Each message begins with its kind in a byte, the number of the work in four and the size of what follows in eight.
"""

import os
from typing import Final

from hostcheck.model import Hole, Why

HEADER: Final = 13
KINDS: Final[tuple[Why | None, ...]] = (None, *Why)
"""Of messages about an answer: one without a reason is the answer itself."""
TOOK: Final = len(KINDS)
MESSAGE: Final = 300
"""Characters of a reason."""
CHUNK: Final = 1 << 16
"""What a pipe holds: pipe(7)."""


class Message:
    """One message about the work of a number."""

    def __init__(self, kind: int, number: int, payload: bytes = b"") -> None:
        """Take its parts."""
        self.kind, self.number, self.payload = kind, number, payload


def because(number: int, why: Why, text: str) -> Message:
    """Return the message that says why a work has no answer."""
    return Message(KINDS.index(why), number, text.encode())


UNKNOWN: Final = "answered in no known form"


def header(kind: int, number: int, size: int = 0) -> bytes:
    """Return the beginning of a message, which is the whole of one that says that a work was taken."""
    return kind.to_bytes(1) + number.to_bytes(4) + size.to_bytes(8)


def send(descriptor: int, *parts: bytes | memoryview) -> None:
    """Write all of the parts, and wait as long as it takes."""
    left = memoryview(b"".join(parts))
    while left:
        left = left[os.write(descriptor, left) :]


def take(heard: bytearray, output: int) -> Message | None:
    """Return the next message and take it away, None where it is not whole yet; of what is malformed, or an answer of more than `output` bytes, the reason."""
    if len(heard) < HEADER:
        return None
    kind, number, size = heard[0], int.from_bytes(heard[1:5]), int.from_bytes(heard[5:HEADER])
    if kind > TOOK or (kind and size > 4 * MESSAGE):
        return because(number, Why.CRASHED, UNKNOWN)
    if size > output and not kind:
        return because(number, Why.LIMIT, f"answered with more than {output} bytes")
    if len(heard) < HEADER + size:
        return None
    payload = bytes(memoryview(heard)[HEADER : HEADER + size])
    del heard[: HEADER + size]
    return Message(kind, number, payload)


def stated(message: Message) -> bytes | Hole:
    """Return the answer that a message holds, or the hole."""
    why = KINDS[message.kind]
    return message.payload if why is None else Hole(why=why, message=_one_line(message.payload))


def _one_line(text: bytes) -> str:
    shown = text.decode("utf-8", "backslashreplace")
    return " ".join("".join(char if char.isprintable() else " " for char in shown).split())[:MESSAGE]
