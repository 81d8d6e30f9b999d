"""Reading a file, as every host does it: a value may stand for an absent one, and text is its bytes decoded."""

from abc import ABC, abstractmethod

from hostcheck.host import ABSENT, MIB, Missing, lenient


class FileReader(ABC):
    """The verbs `read_bytes` and `read_text`, for a host that says how it gets the content of a file."""

    @abstractmethod
    def _content(self, path: str, limit: int, follow: bool, parsed: bool) -> bytes:
        """Return the content of a regular file of at most `limit` bytes; raises as `Host` does, and where there is none."""

    def read_bytes(self, path: str, *, missing: bytes | Missing = Missing.RAISES, limit: int = MIB, follow: bool = True, parsed: bool = True) -> bytes:
        """Return the content of a regular file of at most `limit` bytes."""
        try:
            return self._content(path, limit, follow, parsed)
        except ABSENT:
            if isinstance(missing, Missing):
                raise
            return missing

    def read_text(self, path: str, *, missing: str | Missing = Missing.RAISES, limit: int = MIB, follow: bool = True) -> str:
        """Return the content of a regular file as text."""
        other = missing if isinstance(missing, Missing) else missing.encode("utf-8", "surrogateescape")
        return lenient(self.read_bytes(path, missing=other, limit=limit, follow=follow))
