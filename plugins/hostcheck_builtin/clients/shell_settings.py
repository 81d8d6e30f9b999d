"""What files that set up a session say of a few variables: shell profiles, /etc/environment (pam_env(8)) and environment.d(5).

No shell runs. An assignment counts where it stands by itself, outside of every condition, loop and function, and its value is plain but for a few
variables whose value is known; whatever else names the variable is a hole, and what a file reads from another file is that file's.
"""

import re
from collections import deque
from collections.abc import Container, Iterator, Mapping
from typing import Final

from hostcheck.api import Hole, Why, pattern
from hostcheck_builtin.system.bounds import VALUES_THAT_NAME_FILES as EACH

Settings = dict[str, str | Hole]
"""The value of each variable that a file sets, "" where it takes it away."""
TOKEN: Final = pattern(
    r"""(?P<end>[\n;])|(?P<skip>\\\n|(?<!\\\n)(?:(?<=[ \t\n;&|(])|\A)\#[^\n]*)|<<-?[ \t]*(?P<here>'[^'\n]*'|"[^"\n]*"|[^\s;&|<>()'"]+)"""
    r"""|(?P<text>(?:[^\\'"\#<\n;]+|'[^']*'|"(?:\\.|[^"\\])*+"|\\[^\n]|<<<)++|[\#<])|(?P<open>['"\\])""",
    re.DOTALL | re.ASCII,
)
"""A piece of a text, that of a statement with the quotes in it; a comment begins where no word goes on."""
WORD: Final = pattern(r"[ \t\n]*(?P<word>[(){}]|[^\s(){}]+)", re.ASCII)
ASSIGNS: Final = pattern(
    r"(?P<export>export[ \t]+|(?:declare|typeset)[ \t]+-g?x[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]{0,60})=(?P<value>.*)", re.DOTALL | re.ASCII
)
PIECE: Final = pattern(r"""'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[^'"]+)""", re.DOTALL | re.ASCII)
ID: Final = r"\$\{E?UID\}|\$E?UID(?![A-Za-z0-9_])|\$\(id -u\)|`id -u`"
KNOWN: Final = {
    "$XDG_RUNTIME_DIR": pattern(rf"\$\{{XDG_RUNTIME_DIR(?::?-/run/user/(?:{ID}))?\}}|\$XDG_RUNTIME_DIR(?![A-Za-z0-9_])", re.ASCII),
    "$HOME": pattern(r"\$\{HOME\}|\$HOME(?![A-Za-z0-9_])", re.ASCII),
    "$UID": pattern(ID, re.ASCII),
}
"""What is told by its name: it is known for each user, and no file has to be run for it."""
SPECIAL: Final = frozenset(" \t\n\r\v\f\0'\"`$;&|<>()\\*?[]{}!")
"""What a shell may make something else of, or an environment would not keep."""
GROUP: Final = pattern(r"(?:^|[ \t\n)])\{(?=[ \t\n]|$)", re.ASCII)
QUOTED: Final = pattern(r"""'[^']*'|"[^"]*\"""", re.ASCII)
OPENS: Final = frozenset(("if", "for", "while", "until", "case", "select", "("))
CLOSES: Final = frozenset(("fi", "done", "esac", ")", "}"))
BLANK: Final = " \t\n"
FIRST: Final = pattern(r"[^ \t\n]*")
"""The first word of a statement: what Python takes for a blank beside these is a letter to a shell."""
LEADS: Final = frozenset(("then", "do", "else", "elif", "!", "time"))
EXPORT_ALL: Final = {"set -a": True, "set -o allexport": True, "set +a": False, "set +o allexport": False}
ENDS: Final = frozenset(("return", "exit"))
REPLACES: Final = "exec"
"""What follows it counts only where it has no command, or the command is not there and the shell goes on (bash(1), execfail)."""
NAME: Final = r"[A-Za-z_][A-Za-z0-9_]{0,60}"
VALUE: Final = r"""(?:'[^'\n]*'|"[^"\n]*"|\$\(id\ -u\)|`id\ -u`|\$\{[^}\n]{0,80}\}|[^\s;&|<>()'"])*+"""
MOVES: Final = pattern(
    rf"(?<![A-Za-z0-9_$])(?P<name>XDG_RUNTIME_DIR|HOME)(?P<more>\+?)=(?P<value>{VALUE})|\$\{{(?P<default>XDG_RUNTIME_DIR|HOME):?="
    r"|(?<![A-Za-z0-9_$])(?:unset|read|for|printf)[ \t][^\n;&|]{0,80}?(?<![A-Za-z0-9_$\{])(?P<other>XDG_RUNTIME_DIR|HOME)(?![A-Za-z0-9_])",
    re.ASCII,
)
READS: Final = pattern(
    r"(?:^|[;&|(){]|(?<![A-Za-z0-9_])(?:then|do|else|if|elif|while|until|!|command|builtin)[ \t])[ \t]*\\?"
    rf"(?:(?:\.|source)(?:[ \t]|\\\n)+|(?:export[ \t]+)?(?:ENV|ZDOTDIR)=)(?P<word>{VALUE})",
    re.ASCII | re.MULTILINE,
)
"""Where a profile has another file read at once, or names one that sh or zsh reads later (dash(1), ENV; zsh(1), ZDOTDIR)."""
STANDS: Final = pattern(rf"(?<![A-Za-z0-9_$])(?:for[ \t]+(?P<each>{NAME})[ \t]+in[ \t]+(?P<words>[^\n;]*)|(?P<name>{NAME})=(?P<value>{VALUE}))", re.ASCII)
BY_NAME: Final = pattern(rf"\$\{{?(?P<name>{NAME})\}}?(?P<rest>/.*|)", re.DOTALL | re.ASCII)
COMMENT: Final = pattern(r"^[ \t]*#[^\n]*", re.ASCII | re.MULTILINE)


def shell(text: str, names: tuple[str, ...]) -> Settings:
    """Return what a profile sets of the variables `names`; one that it does not name is not there."""
    wanted = [name for name in names if name in text]
    if not wanted:
        return {}
    code = list(_statements(text))
    whole = bool(code) and code[-1] == (0, "")
    return {name: found for name in wanted if (found := _shell_setting(code, name, whole)) is not None}


def _shell_setting(code: list[tuple[int, str]], name: str, whole: bool) -> str | Hole | None:
    """Return the value that a variable ends with; None where no statement sets it."""
    unknown = Hole(why=Why.UNSUPPORTED, message=f"{name}: a condition or a command decides what it is, and no file is run")
    if not whole:
        return unknown
    value: str | None = None
    exported: bool | None = None  # what another file did
    exports_all = False
    for depth, words in code:
        if words in EXPORT_ALL:
            exports_all = EXPORT_ALL[words] and depth == 0
        if name not in words or not _mentions(words, name):
            continue
        if words in (f"export {name}", f"unset {name}") and depth == 0:
            exported, value = (False, "") if words.startswith("unset") else (True, value)
            continue
        stated = ASSIGNS.fullmatch(words)
        plain = _plain(stated["value"]) if stated is not None and stated["name"] == name and depth == 0 else None
        if plain is None:
            return unknown
        value, exported = plain, True if exports_all or (stated is not None and stated["export"] is not None) else exported
    if exported is False:
        return ""
    if value is not None and exported is None:
        return Hole(why=Why.UNSUPPORTED, message=f"{name}: set and not exported, so that it counts only where another file exported it")
    return value


def _mentions(words: str, name: str) -> bool:
    """Say whether a statement names a variable other than to read it."""
    read = words.replace(f"${{{name}}}", " ")
    return re.search(rf"(?<![A-Za-z0-9_$]){name}(?![A-Za-z0-9_])", read, re.ASCII) is not None


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement with how deep it stands in others; at the end (0, "") where all of it could be told apart, else (1, "")."""
    depth, deepest = 0, 0
    unsound: list[bool] = []
    for words in _split(text, unsound):
        depth, inner = _nested(words, depth, unsound)
        deepest = min(deepest, depth)
        yield inner, words
        first = FIRST.match(words)[0] if inner == 0 else ""  # type: ignore[index]  # it matches every text
        unsound += [True] if first == REPLACES else []
        if first in ENDS:
            break
    yield (0 if depth == 0 and deepest == 0 and not unsound else 1), ""


def _nested(words: str, depth: int, unsound: list[bool]) -> tuple[int, int]:
    """Return how deep it is behind a statement, and how deep the statement itself stands."""
    first, at = WORD.match(words), 0
    while first is not None and first["word"] in LEADS:
        unsound += [True] if depth == 0 and first["word"] not in ("!", "time") else []
        at = first.end()
        first = WORD.match(words, at)
    words = words[at:]
    word = first["word"] if first is not None else ""
    groups = len(GROUP.findall(QUOTED.sub("_", words))) if "{" in words else 0
    opened = groups + (word in OPENS and not (word == "(" and words.endswith(")")))
    closed = word in CLOSES
    return depth + opened - closed, depth + bool(opened or word in OPENS)


def _split(text: str, unsound: list[bool]) -> Iterator[str]:
    """Yield the statements without comments and here-documents; with a quote or a here-document that does not end, which is noted, so do they."""
    words, here, at = "", deque[str](), 0
    while at < len(text):
        for found in TOKEN.finditer(text, at):
            at, kind = found.end(), found.lastgroup
            if kind == "end":
                yield words.strip(BLANK)
                words = ""
                if here and found["end"] == "\n":
                    at = _behind(text, at, here, unsound)
                    break
            elif kind == "here":
                here.append(found["here"].strip("'\""))
            elif kind == "open":
                unsound.append(True)
                return
            elif kind != "skip":
                words += found[0]
    unsound += [True] if here else []
    yield words.strip(BLANK)


def _behind(text: str, at: int, here: deque[str], unsound: list[bool]) -> int:
    """Return where the here-documents end."""
    while here and at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if text[at:end].strip() == here[0]:
            here.popleft()
        at = end + 1
    unsound += [True] if here else []
    here.clear()
    return at


def _plain(raw: str) -> str | None:
    """Return one word without its quotes, with what is known in it by name; None where a shell would make something else of it."""
    word, at = "", 0
    raw = raw.strip(" \t")
    while at < len(raw):
        piece = PIECE.match(raw, at)
        if piece is None:
            return None
        at = piece.end()
        stated = piece["single"] if piece["single"] is not None else _known(piece["double"] or piece["bare"] or "")
        if stated is None or (piece["single"] is not None and not SPECIAL.isdisjoint(stated)):
            return None
        word += stated
    return None if word.startswith("~") else word


def _known(text: str) -> str | None:
    """Return a text with what is known in it by name; None where it has anything else that a shell looks at."""
    rest = text
    for name, forms in KNOWN.items():
        rest, text = forms.sub("", rest), forms.sub(name, text)
    return text if SPECIAL.isdisjoint(rest) else None


def moved(text: str, usual: Mapping[str, Container[str]]) -> set[str]:
    """Return which variables of KNOWN, of those in `usual`, a file may give another value than one of the usual ones."""
    found: set[str] = set()
    for one in MOVES.finditer(COMMENT.sub("", text)):
        name = one["name"] or one["default"] or one["other"]
        if one["name"] is None or one["more"] or _plain(one["value"]) not in usual[name]:
            found.add(name)
    return found


def sourced(text: str) -> Iterator[str]:
    """Yield what a profile has read, without quotes and with ~ for the home; what begins with $ may be any file."""
    words = [_path(one["word"]) for one in READS.finditer(text)]
    values: dict[str, list[str]] = {}
    for one in STANDS.finditer(COMMENT.sub("", text).replace("\\\n", " ")) if any(word.startswith("$") for word in words) else ():
        values.setdefault(one["each"] or one["name"], []).extend([one["value"]] if one["each"] is None else one["words"].split())
    for word in words:
        named = BY_NAME.fullmatch(word)
        stated = values.get(named["name"], []) if named is not None else []
        yield from (_path(value) + named["rest"] for value in stated) if named is not None and 0 < len(stated) <= EACH else (word,)


def _path(word: str) -> str:
    return KNOWN["$HOME"].sub("~", word.replace('"', "").replace("'", ""))


def pam_environment(text: str, names: tuple[str, ...]) -> Settings:
    """Return what /etc/environment sets of the variables `names`; nothing in a value stands for anything else there."""
    return {name: _unknown(name) if value is None or "$" in value else value for name, value in _assignments(text, names)}


def environment_d(text: str, names: tuple[str, ...]) -> Settings:
    """Return what a file of environment.d sets of the variables `names`; a value may have those that systemd knows, and no command."""
    return {name: _unknown(name) if value is None or "$UID" in value else value for name, value in _assignments(text, names)}


def _assignments(text: str, names: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
    for line in text.split("\n") if any(name in text for name in names) else ():
        stated = ASSIGNS.fullmatch(line.strip())
        if stated is not None and stated["name"] in names:
            yield stated["name"], _plain(stated["value"])


def _unknown(name: str) -> Hole:
    return Hole(why=Why.UNSUPPORTED, message=f"{name}: what its value stands for is not known")
