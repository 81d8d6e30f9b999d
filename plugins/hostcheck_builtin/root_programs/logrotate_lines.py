"""The scripts in files of logrotate, and the logs that are rotated: logrotate(8).

A script ends at a line whose first word is endscript; whatever su says, root runs it (runScript() in logrotate.c, and a run of logrotate 3.22).
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

SCRIPTS: Final = frozenset(("firstaction", "lastaction", "postrotate", "preremove", "prerotate"))


class Rotated(NamedTuple):
    """Logs that are rotated alike, as patterns of glob(7), with the line; `user` is as whom, "" where no su says so."""

    line: int
    patterns: tuple[str, ...]
    user: str


@dataclass(slots=True)
class RotationFile:
    """What a file says: scripts for a shell with the line at which each begins, and the logs; `user` is what su says for files that are read later."""

    user: str = ""
    scripts: list[tuple[int, str]] = field(default_factory=list)
    rotated: list[Rotated] = field(default_factory=list)


def read(text: str, user: str = "") -> RotationFile:
    """Read a file, with what su said before."""
    found, script, inside = RotationFile(user), None, False
    begin, patterns, own = 0, list[str](), user
    for number, line in enumerate(text.split("\n"), 1):
        words = line.replace("{", " { ").replace("}", " } ").split()
        if script is not None:
            if words[:1] == ["endscript"]:
                found.scripts.append((begin, "\n".join(script)))
                script = None
            else:
                script.append(line)
        elif words and words[0] in SCRIPTS:
            script, begin = list[str](), number + 1
        elif words and not words[0].startswith("#"):
            names = not inside and words[0][0] in "/\"'"
            for before, word in zip(["{", *words], words, strict=False):
                if word == "{":
                    inside, own = True, found.user
                elif word == "}":
                    found.rotated.append(Rotated(number, tuple(patterns), own))
                    inside, names, patterns = False, False, []
                elif names and not inside:
                    patterns.append(word.strip("\"'"))
                elif before == "su" and inside:
                    own = word
                elif before == "su":
                    found.user = word
    return found
