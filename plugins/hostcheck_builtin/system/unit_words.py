"""How the values of units are written: specifiers, the words of a list, and commands with their prefixes, quotes and escapes.

systemd.unit(5), specifiers; systemd.service(5), command lines. A real systemd is compared in tests/hosts/test_exec_commands.py.
"""

import re
from typing import Final, NamedTuple

from hostcheck.api import pattern

SPECIFIER: Final = pattern("%(.)", re.DOTALL)
PREFIXES: Final = "@-:+!|"
"""What may stand before a command (systemd.service(5))."""
FIT: Final = pattern(r"""(?:[/%][^"'\\\0-\x1f]*|(?!\.{0,2}\Z)[^/"'\\\0-\x1f]+)\Z""")
"""A program is named by its whole path, or by its name alone."""
SPACES: Final = " \t\n\r"
PLAIN: Final = pattern(r"""[^ \t\n\r"'\\]+""")
QUOTED: Final = {quote: pattern(rf"[^{quote}\\]+") for quote in "\"'"}
ESCAPE: Final = pattern(r"""x([0-9A-Fa-f]{2})|([0-7]{3})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([abfnrstv"'\\])""")
NAMED: Final = pattern(r"\\x([0-9A-Fa-f]{2})")
ESCAPED: Final = dict(zip("abfnrstv\"'\\", "\a\b\f\n\r \t\v\"'\\", strict=True))


class Command(NamedTuple):
    """A command of a unit: its prefixes, and its words as systemd takes them, the program first; specifiers and variables stand in them yet."""

    prefixes: str
    words: list[str]


def expanded(text: str, unit: str) -> str:
    """Return a value of a unit with its specifiers written out (systemd.unit(5)); one that is left stands for what is known to systemd alone."""
    told = _specifiers(unit) if "%" in text else {}
    return SPECIFIER.sub(lambda found: told.get(found[1], found[0]), text)


def specified(text: str, unit: str) -> str | None:
    """Return the same, None where a specifier is left."""
    told = _specifiers(unit) if "%" in text else {}
    known = all(found in told for found in SPECIFIER.findall(text))
    return SPECIFIER.sub(lambda found: told[found[1]], text) if known else None


def _specifiers(unit: str) -> dict[str, str]:
    """Return what stands for a specifier; in a template those of its instance are not known."""
    name = unit.rpartition(".")[0]
    prefix, at, instance = name.partition("@")
    told = {"t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc", "T": "/tmp", "V": "/var/tmp", "h": "/root", "u": "root", "U": "0"}
    told |= {"g": "root", "G": "0", "p": prefix, "P": _unescaped(prefix), "j": (last := prefix.rpartition("-")[2]), "J": _unescaped(last), "%": "%"}
    if at and not instance:
        return told
    return told | {"n": unit, "N": name, "i": instance, "I": _unescaped(instance), "f": f"/{_unescaped(instance if at else prefix).lstrip('/')}"}


def _unescaped(name: str) -> str:
    """Return what part of a name stands for, in which a - is a / and others are escaped (systemd.unit(5), string escaping)."""
    text = name.replace("-", "/")
    return text if "\\" not in text else NAMED.sub(lambda found: chr(int(found[1], 16)), text)


def commands(line: str) -> list[Command]:
    """Return the commands of a line such as ExecStart=, of which a ; between spaces begins another; none where systemd refuses a unit for it.

    A quote may begin in the middle of a word, and a backslash counts within both kinds (config_parse_exec() and extract_first_word() of systemd).
    """
    found: list[list[str]] = [[]]
    at = _begin(line, 0)
    if not any(sign in line for sign in "\"'\\;"):
        found, at = [line.split()], len(line)
    while at < len(line):
        bare = line[at : at + 3].rstrip(SPACES) if line[at] == "\\" else line[at : at + 2].rstrip(SPACES)
        if bare == ";" or (bare == "\\;" and found[-1]):
            at += len(bare)
            found = [*found, []] if bare == ";" else [*found[:-1], [*found[-1], ";"]]
        else:
            word, at = _word(line, at)
            if word is None and found[-1]:
                return []
            if word is None:
                break
            found[-1].append(word)
        at = _begin(line, at)
    told = [_command(words) for words in found if words]
    fit = [one for one in told if one.words and ((one.words[0] and "|" in one.prefixes) or FIT.match(one.words[0]))]
    return fit if all(one in fit or (one.words and "-" in one.prefixes) for one in told) else []


def words(line: str, *, escapes: bool = True) -> list[str]:
    """Return the words of a value that is a list of them, until where quotes are senseless; without `escapes` a backslash is left out, and so are quotes."""
    if not any(sign in line for sign in "\"'\\"):
        return line.split()
    found, at = list[str](), _begin(line, 0)
    while at < len(line):
        word, at = _word(line, at, escapes=escapes, strict=True)
        if word is None:
            break
        found.append(word)
        at = _begin(line, at)
    return found


def _begin(line: str, at: int) -> int:
    while at < len(line) and line[at] in SPACES:
        at += 1
    return at


def _word(line: str, at: int, *, escapes: bool = True, strict: bool = False) -> tuple[str | None, int]:
    """Return the word that begins at an index, None where it is senseless, and where it ends; an escape that there is none of stays, unless `strict`."""
    found, quote = list[str](), ""
    while at < len(line) and (quote or line[at] not in SPACES):
        sign = line[at]
        if sign == "\\":
            escape = ESCAPE.match(line, at + 1) if escapes else None
            if escape is None and escapes and strict:
                return None, at
            found.append(_escaped(escape) if escape else line[at : at + 2] if escapes else line[at + 1 : at + 2])
            at = escape.end() if escape else at + 2
        elif sign == quote or (not quote and sign in QUOTED):
            quote, at = "" if quote else sign, at + 1
        else:
            plain = (QUOTED[quote] if quote else PLAIN).match(line, at)
            found.append(plain[0] if plain else "")
            at = plain.end() if plain else at + 1
    if quote and escapes:
        return None, at
    text = "".join(found)
    return text if text.isascii() else text.encode(errors="surrogateescape").decode(errors="surrogateescape"), at


def _escaped(found: re.Match[str]) -> str:
    """Return what an escape stands for: a byte, or a character."""
    if found[5]:
        return ESCAPED[found[5]]
    if found[3] or found[4]:
        return chr(int(found[3] or found[4], 16))
    byte = int(found[1], 16) if found[1] else int(found[2], 8)
    return bytes([byte & 255]).decode(errors="surrogateescape")


def _command(words: list[str]) -> Command:
    """Return a command without its prefixes, of which @ takes the second word for the name that the program is told of itself."""
    program = words[0].lstrip(PREFIXES)
    prefixes = words[0][: len(words[0]) - len(program)]
    named = "@" in prefixes
    return Command(prefixes, [program, *words[1 + named :]] if len(words) > named else [])
