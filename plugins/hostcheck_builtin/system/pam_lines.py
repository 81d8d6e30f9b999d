"""Lines of PAM's configuration: pam.d(5) and pam.conf(5), as libpam 1.7 reads them, with Debian's @include."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import pattern

FOLDERS: Final = ("/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d")
"""Of two files with one name that in the earlier directory counts."""
ONE_FILE: Final = "/etc/pam.conf"
"""Read only where there is none of the directories (pam.conf(5)); every line begins with the service."""
LEFT: Final = pattern(r"(?:~|\.(?:dpkg|ucf)-[a-z]+|\.rpm(?:save|new|orig))\Z")
"""What a package manager or an editor leaves: no program asks for a service of that name."""
TOKEN: Final = pattern(r"\[(?:\\\]|[^\]])*\]?|[^ \t\[][^ \t]*")
"""A control in brackets is one word, whatever is in it (_pam_tokenize() of libpam)."""
TYPES: Final = frozenset(("auth", "account", "password", "session"))
INCLUDES: Final = frozenset(("include", "substack"))


class PamLine(NamedTuple):
    """A line with its number, and in pam.conf its service: what it asks a module for, and how what the module answers counts.

    The module of a line that `includes` is another file.
    """

    number: int
    service: str
    kind: str
    control: str
    module: str
    arguments: list[str]

    @property
    def includes(self) -> bool:
        """Say whether it stands for the lines of another file."""
        return self.kind == "@include" or self.control in INCLUDES

    @property
    def name(self) -> str:
        """Return the module by the last part of its path."""
        return self.module.rpartition("/")[2]


def pam_lines(text: str, *, services: bool = False) -> Iterator[PamLine]:
    """Yield the lines of a file that libpam takes; in pam.conf they begin with `services`."""
    for number, line in joined(text, comments=True):
        words = TOKEN.findall(line)
        service = words.pop(0).lower() if services and words else ""
        kind = words[0].lower().removeprefix("-") if words else ""
        if kind == "@include" and len(words) > 1:
            yield PamLine(number, service, kind, "", words[1], [])
        elif kind in TYPES and len(words) > 2:
            yield PamLine(number, service, kind, words[1].lower(), words[2], words[3:])


def joined(text: str, *, comments: bool = False) -> Iterator[tuple[int, str]]:
    """Yield lines that are no comments, each with its number; one that ends with a backslash goes on in the next. With `comments` these begin anywhere."""
    parts, first = list[str](), 1
    for number, raw in enumerate(text.split("\n"), 1):
        line = (raw.partition("#")[0] if comments else raw).rstrip(" \t\r")
        if not parts and line.lstrip(" \t").startswith("#"):
            continue
        first = first if parts else number
        if line.endswith("\\"):
            parts.append(line[:-1] + " ")
            continue
        yield first, "".join([*parts, line]).strip(" \t")
        parts = []
    if parts:
        yield first, "".join(parts).strip(" \t")
