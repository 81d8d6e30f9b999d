"""How the scanner and the child of another distribution talk: in messages over two pipes, none of which blocks without end.

Whoever is at the other end may say too much, too little or nonsense, or nothing.
"""

import os
import select
import time
from typing import Final

from hostcheck import isolate

OUTPUT: Final = 64 << 20
HEADER: Final = 8


class Pipe:
    """Both ends of a talk in messages: eight bytes of size, then the message."""

    def __init__(self, hears: int, tells: int) -> None:
        """Talk over two descriptors."""
        self.hears, self.tells, self._heard = hears, tells, bytearray()
        os.set_blocking(hears, False)
        os.set_blocking(tells, False)

    def tell(self, message: bytes, deadline: float) -> None:
        """Send `message` by `deadline`; raises OSError."""
        left = memoryview(len(message).to_bytes(HEADER) + message)
        poller = select.poll()
        poller.register(self.tells, select.POLLOUT)
        while left:
            if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError("it does not listen")
            left = left[os.write(self.tells, left) :]

    def take(self) -> bytes | None:
        """Return the next whole message of what was heard, None where there is none yet; raises OSError where it is too large."""
        size = int.from_bytes(self._heard[:HEADER])
        if len(self._heard) < HEADER:
            return None
        if size > OUTPUT:
            raise OSError(f"answered with more than {OUTPUT} bytes")
        if len(self._heard) < HEADER + size:
            return None
        message = bytes(memoryview(self._heard)[HEADER : HEADER + size])
        self._heard = self._heard[HEADER + size :]
        return message

    def listen(self) -> None:
        """Hear what is there; raises EOFError where the other has gone."""
        chunk = os.read(self.hears, isolate.CHUNK)
        if not chunk:
            raise EOFError("it has ended")
        self._heard += chunk

    def close(self) -> None:
        """Close both ends."""
        os.close(self.hears)
        os.close(self.tells)
