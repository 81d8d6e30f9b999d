"""What the workers of a crew note of their connections, in a file that outlives whoever made them.

So a work that is run again connects to nothing twice, and what this scan itself is connected to is told from what others are.
"""

import os


class Notes:
    """The notes of one worker, which reads those of all; without a file nothing is noted, and nothing refused."""

    def __init__(self, file: int = -1) -> None:
        """Take the descriptor of a file that is open for appending, which no two writers do at once (write(2))."""
        self._file = file
        self._number = 0
        self._noted: set[bytes] = set()
        self._refused: frozenset[bytes] = frozenset()

    def begin(self, number: int, *, again: bool) -> None:
        """Begin the work of a number; where it may have been begun before, what it has noted is refused."""
        self._number = number
        self._noted.clear()
        self._refused = frozenset(self._read()) if again else frozenset()

    def announce(self, place: str) -> bool:
        """Note a place before it is connected to; False where that must not be, since a run of this work that ended early did it."""
        note = b"%d %s" % (self._number, place.encode("utf-8", "surrogateescape"))
        if note in self._refused:
            return False
        if note not in self._noted:
            self._write(note)
            self._noted.add(note)
        return True

    def own(self, socket: int) -> None:
        """Note a socket of this scan's, by its inode, before it is connected."""
        self._write(b"%d" % socket)

    def ours(self) -> frozenset[int]:
        """Return the inodes of all sockets that were noted."""
        return frozenset(int(note) for note in self._read() if note.isdigit())

    def _write(self, note: bytes) -> None:
        if self._file >= 0:
            os.write(self._file, note + b"\0")

    def _read(self) -> list[bytes]:
        return os.pread(self._file, os.fstat(self._file).st_size, 0).split(b"\0")[:-1] if self._file >= 0 else []
