"""What commands make of owners, modes and ACLs of files: chmod(1), chown(1), chgrp(1) and setfacl(1).

Only what such a command adds is told, since nobody gets in by what one takes away. Words come as systemd or a shell has read them.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from hostcheck.api import pattern
from hostcheck_builtin.system import option_words
from hostcheck_builtin.system.candidates import canonical
from hostcheck_builtin.system.option_words import WordsRead

PROGRAMS: Final = frozenset(("chmod", "chown", "chgrp", "setfacl", "systemd-tmpfiles"))
"""What changes permissions; of the last what it does stands in tmpfiles.d, which tmpfiles_lines.py reads."""
OCTAL: Final = pattern(r"[-+=]?([0-7]{1,5})")
SYMBOLIC: Final = pattern(r"[ugoa]*(?:[-+=][rwxXst]*)+(?:,[ugoa]*(?:[-+=][rwxXst]*)+)*")
STEP: Final = pattern(r"([-+=])([rwxXst]*)")
TAKES: Final = pattern(r"-[rwxXst]+")
"""A mode that looks like an option: it takes rights away."""
BITS: Final = {"r": 0o444, "w": 0o222, "x": 0o111, "X": 0o111, "s": 0o6000}
WHOM: Final = {"u": 0o4700, "g": 0o2070, "o": 0o0007, "a": 0o6777}
UNMASKED: Final = 0o6755
"""What a clause for nobody in particular leaves to a mode: the umask of units and jobs is 0022."""
BRACES: Final = pattern(r"\{([^{}]*,[^{}]*)\}")
"""What bash(1) makes several words of."""
OWNER: Final = pattern(r"([A-Za-z0-9_][A-Za-z0-9_-]*\$?)?(?::([A-Za-z0-9_][A-Za-z0-9_-]*\$?))?")
REFERS: Final = {"--reference": "like", "--from": "only"}
OF_ACLS: Final = {
    **dict.fromkeys(("-m", "--modify", "-s", "--set"), "gives"),
    **dict.fromkeys(("-x", "--remove"), "takes"),
    **dict.fromkeys(("-M", "--modify-file", "-S", "--set-file", "--restore"), "like"),
}
"""Options of setfacl(1) with a value; what stands in a file is not looked at."""
TAGS: Final = {"u": "user", "g": "group", "m": "mask", "o": "other"}
RIGHTS: Final = {"r": 4, "w": 2, "x": 1, "X": 1, "-": 0}


class PermissionChange(NamedTuple):
    """What a command adds: bits of the mode, an owner, a group and named entries of an ACL as (tag, name, bits); names or numbers, "" for none.

    `paths` may be patterns; with `deep` it is about what is below them too, with `default` about what will be made in a directory.
    """

    paths: tuple[str, ...]
    deep: bool = False
    mode: int = 0
    user: str = ""
    group: str = ""
    acl: tuple[tuple[str, str, int], ...] = ()
    default: bool = False

    def means(self, place: str) -> bool:
        """Say whether the command is about a file or directory."""
        return any(means(path, place, deep=self.deep) for path in self.paths)


def means(path: str, place: str, *, deep: bool) -> bool:
    """Say whether a path, which may be a pattern (glob(7)), is that of a place, or with `deep` of a directory above it."""
    parts, names = path.rstrip("/").split("/"), place.rstrip("/").split("/")
    fits = len(parts) == len(names) or (deep and len(parts) < len(names))
    return fits and all(fnmatchcase(name, part) for part, name in zip(parts, names, strict=False))


def read(words: Sequence[str], folder: str = "") -> PermissionChange | None:
    """Return what a command makes of permissions in a directory, None where that is not known."""
    name = words[0].rpartition("/")[2]
    if name not in READERS:
        return None
    told = option_words.read(OF_ACLS if name == "setfacl" else REFERS, list(words[1:]), anywhere=True)
    found = READERS[name](told)
    if found is None or told.values("like"):
        return None
    paths = [one for path in found.paths for one in _expanded(path)]
    places = [path if path.startswith("/") else f"{folder.rstrip('/')}/{path.removeprefix('./')}" if folder else "" for path in paths]
    deep = any(one.name in ("-R", "--recursive") for one in told.told)
    return found._replace(paths=tuple(map(canonical, places)), deep=deep) if places and all(places) else None


def _expanded(path: str) -> list[str]:
    braces = BRACES.search(path)
    return [path[: braces.start()] + one + path[braces.end() :] for one in braces[1].split(",")] if braces else [path]


def _chmod(told: WordsRead) -> PermissionChange | None:
    taken = any(TAKES.fullmatch(one.name) and one.name != "-R" for one in told.told)
    mode, files = ("-", told.operands) if taken else (told.operands[0], told.operands[1:]) if told.operands else ("", [])
    bits = added(mode)
    return None if bits is None else PermissionChange(tuple(files), mode=bits & 0o777)


def added(mode: str) -> int | None:
    """Return the bits that chmod(1) adds by a number or by letters, setuid and setgid too; None for another mode."""
    if found := OCTAL.fullmatch(mode):
        return 0 if mode.startswith("-") else int(found[1], 8) & 0o7777
    if not SYMBOLIC.fullmatch(mode):
        return None
    bits = 0
    for clause in mode.split(","):
        letters = clause[: min(clause.index(sign) for sign in "-+=" if sign in clause)]
        whom = sum({WHOM[letter] for letter in letters if letter != "a"}) if letters and "a" not in letters else WHOM["a"] if letters else UNMASKED
        for sign, rights in STEP.findall(clause):
            if sign != "-":
                bits |= whom & sum({BITS[right] for right in rights if right in BITS})
    return bits


def _chown(told: WordsRead) -> PermissionChange | None:
    found = OWNER.fullmatch(told.operands[0]) if told.operands else None
    return PermissionChange(tuple(told.operands[1:]), user=found[1] or "", group=found[2] or "") if found else None


def _chgrp(told: WordsRead) -> PermissionChange | None:
    found = OWNER.fullmatch(told.operands[0]) if told.operands else None
    return PermissionChange(tuple(told.operands[1:]), group=found[1]) if found and found[1] and not found[2] else None


def _setfacl(told: WordsRead) -> PermissionChange | None:
    default, mode, named = False, 0, list[tuple[str, str, int]]()
    for text in told.values("gives"):
        entries = [_entry(one) for one in text.split(",")]
        cap = next((bits for one in entries if one and one[1] == "mask" for bits in one[3:]), 7)
        for one in entries:
            if one is None:
                return None
            inherited, tag, name, bits = one
            default = default or inherited
            if not inherited and name:
                named.append((tag, name, bits & cap))
            elif not inherited and tag != "mask":
                mode |= bits << {"user": 6, "group": 3, "other": 0}[tag]
    default = default or any(one.name in ("-d", "--default") for one in told.told)
    return PermissionChange(tuple(told.operands), mode=mode, acl=tuple(named), default=default)


def _entry(text: str) -> tuple[bool, str, str, int] | None:
    """Return whether an entry is a default one, its tag, its name, "" for none, and its rights."""
    parts = [part.strip() for part in text.split(":")]
    default = len(parts) > 1 and parts[0] in ("d", "default")
    parts = parts[default:]
    tag = TAGS.get(parts[0][:1]) if parts[0] in ("u", "g", "m", "o", *TAGS.values()) else None
    if tag in ("mask", "other") and len(parts) == 2:
        parts = [parts[0], "", parts[1]]
    if tag is None or len(parts) != 3:
        return None
    rights = parts[2]
    bits = int(rights) if rights in "01234567" and rights else sum({RIGHTS[one] for one in rights if one in RIGHTS})
    return default, tag, parts[1], bits


READERS: Final = {"chmod": _chmod, "chown": _chown, "chgrp": _chgrp, "setfacl": _setfacl}
