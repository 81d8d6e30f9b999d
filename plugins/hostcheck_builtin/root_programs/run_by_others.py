"""Programs that run another one of which they are told: interpreters, run-parts, wrappers such as nice, sudo and timeout, make and compose.

Of a command its program is told, and what that runs in its turn as root; what is code, data or a value is passed over, and whatever does not look like a
path is never told: only what is written in the place of a program may have any signs.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import pattern
from hostcheck_builtin.root_programs import program_options
from hostcheck_builtin.root_programs.program_options import COMPOSE, RUNUSER, SU, Program, Words
from hostcheck_builtin.system.bounds import PROGRAMS_IN_A_ROW as DEEP
from hostcheck_builtin.system.bounds import WORDS_OF_SU

NUMBER: Final = pattern(r"[+-]?[0-9][0-9.]*[smhd]?")
ASSIGNS: Final = pattern(r"[A-Za-z_][A-Za-z0-9_]*=(?s:.*)")
PATH: Final = pattern(r"[^\s\"'`;{}()=<>|&$]+")
"""What may be told as a path; in code there is hardly a word without one of these signs."""
RUN_AS: Final = frozenset(("root", "0", "#0", "+0"))
HERE: Final = ("unix:", "default", ".host")
"""What is no other machine for docker and systemd-run."""
EXECS: Final = frozenset(("-exec", "-execdir", "-ok", "-okdir"))
STARTS: Final = frozenset(("up", "run", "create", "scale", "watch"))
"""What of compose makes containers of what its file says."""
MAKEFILE: Final = "[Mm]akefile"
COMPOSE_FILE: Final = "[cd]*ompose.y*ml"


class Run(NamedTuple):
    """What a command runs: `how` is runs, reads, searches, parts (a directory for run-parts), text (one for a shell) or sets (a variable).

    `folder` is where a text is run, "" where that is not known; `script` says whether a shell may read the file. A path may end in a pattern.
    """

    how: str
    word: str
    folder: str = ""
    script: bool = False


def runs(words: list[str], folder: str = "", stdin: str = "", depth: int = 0) -> Iterator[Run]:
    """Yield what a command runs and reads in a directory, with the file that is its input."""
    head = words[0]
    if PATH.fullmatch(head) or (not depth and head.startswith(("/", "./", "../"))):
        yield Run("runs", _at(head, folder) if "/" in head else head, script=True)
    program = program_options.program(head)
    if program is None or depth >= DEEP:
        return
    for one in _behind(program, words, folder, stdin, depth):
        if one.how in ("text", "sets") or PATH.fullmatch(one.word):
            yield one


def _behind(program: Program, words: list[str], folder: str, stdin: str, depth: int) -> Iterator[Run]:
    """Yield what the words behind a program name."""
    then = program.then
    if then == "find":
        yield from _found(words, folder, depth)
        return
    if then == "su":
        yield from _su(words, folder, stdin, depth)
        return
    if then == "compose":
        yield from _compose(words[1:], folder)
        return
    read = program_options.read(program.options, words[1:], whole=program.whole)
    for given in read.values("folder"):
        folder = _at(given, folder)
    if read.values("stop") or _is_elsewhere(read):
        return
    yield from _of_options(read, folder)
    if then == "command":
        yield from _of_wrapper(program, read, folder, stdin, depth)
    elif then in ("shell", "script", "path"):
        yield from _of_interpreter(then, read, folder, stdin)
    elif then == "parts":
        yield from (Run("parts", word) for word in read.operands[-1:] if word.startswith("/"))
    elif then == "eval":
        yield Run("text", " ".join(read.operands), folder)
    elif then == "make" and folder and not read.values("file"):
        yield Run("reads", f"{folder.rstrip('/')}/{MAKEFILE}")
    elif then == "docker" and read.operands[:1] == ["compose"]:
        yield from _compose(read.operands[1:], folder)


def _at(word: str, folder: str) -> str:
    """Return a path from /, one in root's home as it is written, "" where it is not known."""
    if word.startswith(("/", "~/")):
        return word
    return f"{folder.rstrip('/')}/{word.removeprefix('./')}" if folder and word not in ("", "-") else ""


def _is_elsewhere(read: Words) -> bool:
    """Say whether options hand a command to another machine, or to somebody who is not root."""
    users = [*read.values("user"), *(value.removeprefix("User=") for value in read.values("property") if value.startswith("User="))]
    return not all(value.startswith(HERE) for value in read.values("elsewhere")) or not all(map(_is_root, users))


def _is_root(user: str) -> bool:
    return user.partition(":")[0] in RUN_AS


def _of_options(read: Words, folder: str) -> Iterator[Run]:
    """Yield the files and directories that options name."""
    for role, value in read.told:
        if role == "file" or (role == "library" and "/" in value):
            yield Run("reads", _at(value, folder))
        elif role == "searches":
            yield from (Run("searches", _at(one, folder)) for one in value.split(":"))
        elif role == "module" and folder:
            yield Run("searches", folder)
        elif role == "sets":
            yield Run("sets", value)


def _of_interpreter(then: str, read: Words, folder: str, stdin: str) -> Iterator[Run]:
    """Yield the script of an interpreter, or the text that a shell is given in its place."""
    roles = {role for role, _ in read.told}
    if "text-behind" in roles:
        yield from (Run("text", text, folder) for text in read.operands[:1])
    elif roles.isdisjoint(("code", "module", "file")):
        operands = read.operands[:1] if "stdin" not in roles else []
        script = stdin if operands in ([], ["-"]) else operands[0]
        if then != "path" or "/" in script:
            yield Run("runs", _at(script, folder), script=then == "shell")


def _of_wrapper(program: Program, read: Words, folder: str, stdin: str, depth: int) -> Iterator[Run]:
    """Yield what a program runs that is given a command, with variables before it."""
    words = read.operands
    if read.values("split"):
        yield from runs(["env", *read.values("split")[0].split(), *words], folder, stdin, depth + 1)
        return
    root = next(iter(read.values("root")), "")
    if program.first:
        root = words[0] if program.first == "root" and words else root
        if program.first == "user" and not all(map(_is_root, words[:1])):
            return
        words = words[1:]
    at = 0
    while at < len(words) and (words[at] == "-" or NUMBER.fullmatch(words[at]) or ASSIGNS.fullmatch(words[at])):
        if "=" in words[at]:
            yield Run("sets", words[at])
        at += 1
    words = words[at:]
    if words[:1] in (["-c"], ["--command"]):
        yield from (Run("text", text, folder) for text in words[1:2])
    elif words and root:
        yield from _in_root(_at(root, folder), words, depth)
    elif words and not words[0].startswith("-"):
        yield from runs(words, folder, stdin, depth + 1)


def _in_root(root: str, words: list[str], depth: int) -> Iterator[Run]:
    """Yield what is run in another root directory, from which its libraries come as well."""
    yield Run("searches", root)
    for one in runs(words, "/", depth=depth + 1) if root.startswith("/") else ():
        if one.how not in ("text", "sets") and one.word.startswith("/"):
            yield one._replace(word=f"{root.rstrip('/')}{one.word}")


def _su(words: list[str], folder: str, stdin: str, depth: int) -> Iterator[Run]:
    """Yield what su(1) and runuser(1) run as root: a text, or with -u of the latter a command; options may stand behind the user."""
    options = RUNUSER if words[0].endswith("runuser") else SU
    told, users, rest = list[tuple[str, str]](), list[str](), words[1:WORDS_OF_SU]
    folder = folder if {"-", "-l", "--login"}.isdisjoint(rest) else ""
    while rest:
        read = program_options.read(options, rest)
        told += read.told
        if read.values("user"):
            if read.operands and not _is_elsewhere(read):
                yield from runs(read.operands, folder, stdin, depth + 1)
            return
        users += [user for user in read.operands[:1] if user != "-"]
        rest = read.operands[1:]
    if all(map(_is_root, users[:1])):
        yield from (Run("runs", _at(value, folder)) for role, value in told if role == "program")
        yield from (Run("text", value, folder) for role, value in told if role == "text")


def _found(words: list[str], folder: str, depth: int) -> Iterator[Run]:
    """Yield what find(1) runs."""
    at = 1
    while at < len(words):
        if words[at] in EXECS:
            end = next((end for end in range(at + 1, len(words)) if words[end] in (";", "+")), len(words))
            if words[at + 1 : end]:
                yield from runs(words[at + 1 : end], "" if words[at].endswith("dir") else folder, depth=depth + 1)
            at = end
        at += 1


def _compose(words: list[str], folder: str) -> Iterator[Run]:
    """Yield the files of which compose makes containers: who writes one of these mounts what they like."""
    read = program_options.read(COMPOSE, words)
    for given in read.values("folder"):
        folder = _at(given, folder)
    if _is_elsewhere(read) or STARTS.isdisjoint(read.operands[:1]):
        return
    yield from (Run("reads", _at(path, folder)) for path in read.values("file"))
    if folder and not read.values("file"):
        yield Run("reads", f"{folder.rstrip('/')}/{COMPOSE_FILE}")
