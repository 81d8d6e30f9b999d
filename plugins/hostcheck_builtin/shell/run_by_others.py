"""Programs that run another one of which they are told: interpreters, run-parts, wrappers such as nice, sudo and timeout, make and compose.

What is told beside: the directory of a script of an interpreter that loads what lies there, and that of files whose names a program takes for options
where a pattern of the shell gives them (`tar cf x *`; those of `./*`, or behind --, are never options). Perl, Ruby and node look in no directory by themselves.

Of a command its program is told, and what that runs in its turn as root; what is code, data or a value is passed over, and whatever does not look like a
path is never told: only what is written in the place of a program may have any signs.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import pattern
from hostcheck_builtin.system import permission_changes, program_options, started_programs
from hostcheck_builtin.system.bounds import PROGRAMS_IN_A_ROW as DEEP
from hostcheck_builtin.system.option_words import Option, WordsRead
from hostcheck_builtin.system.program_options import PROGRAMS, Program
from hostcheck_builtin.system.started_programs import StartedCommands, is_elsewhere

PATH: Final = pattern(r"[^\s\"'`;{}()=<>|&$]+")
"""What may be told as a path; in code there is hardly a word without one of these signs."""
UNKNOWN: Final = "\0"
"""Stands in a word for what is not known; where it is the whole word, that may be an option, several words, or none."""
WILD: Final = "\ud800*"
"""Stands before a word that begins with a pattern of the shell for names of files, whatever these begin with. No text that was read from bytes has it."""
REMOTE: Final = "rsync"
"""What starts a program of an option's only where a file is on another host."""
GIVEN: Final = ("arguments", "parallel")
"""What reads its own input, so that what it starts does not."""
STARTS: Final = frozenset(("up", "run", "create", "scale", "watch"))
"""What of compose makes containers of what its file says."""
OBEYS: Final = {"sqlite3": "-init", "psql": "-f", "mysql": None, "mariadb": None, "m4": None, "dc": "-f", "ed": None}
"""Programs that take commands from their input, one of which starts any program: .shell, \\! and such; and the option for a file with more."""
MAKEFILE: Final = "[Mm]akefile"
COMPOSE_FILE: Final = "[cd]*ompose.y*ml"


class Run(NamedTuple):
    """What a command runs: `how` is runs, reads, searches, parts (a directory for run-parts), text (one for a shell), sets (a variable) or changes.

    It is beside for a script of which the directory is searched, and names for a directory whose files' names may be taken for options.

    `folder` is where a text is run, "" where that is not known; `words` are those of a command that changes permissions; `script` says whether a shell may
    read the file, and `sure` whether all words are known by which it is this one. A path may end in a pattern.
    """

    how: str
    word: str
    folder: str = ""
    script: bool = False
    sure: bool = True
    words: tuple[str, ...] = ()


def runs(words: list[str], folder: str = "", stdin: str = "", depth: int = 0) -> Iterator[Run]:
    """Yield what a command runs and reads in a directory, with the file that is its input."""
    head = words[0]
    if PATH.fullmatch(head) or (not depth and head.startswith(("/", "./", "../"))):
        yield Run("runs", _at(head, folder) if "/" in head else head, script=True)
    if head.rpartition("/")[2] in permission_changes.PROGRAMS:
        yield Run("changes", head, folder, words=tuple(words))
    program = program_options.program(head)
    if program is None or depth >= DEEP:
        return
    yield from _of_names(program, words, folder)
    found = started_programs.started(head, words[1:])
    behind = _behind(program, words, folder, stdin) if found is None else _started(found, folder, "" if program.then in GIVEN else stdin, depth)
    sure = found is None or UNKNOWN not in found.before
    for one in behind:
        if one.how in ("text", "sets", "changes") or PATH.fullmatch(one.word):
            yield one._replace(sure=sure and one.sure)


def _of_names(program: Program, words: list[str], folder: str) -> Iterator[Run]:
    """Yield the directory whose files' names may be options; with something behind the pattern not every name fits."""
    given = words[: words.index("--")] if "--" in words else words
    patterns = [word for word in given[1:] if word.startswith(WILD)]
    if program.names and folder and patterns:
        whole = f"{WILD}*" in patterns and (REMOTE not in words[0] or any(":" in word for word in words))
        yield Run("names", folder, sure=program.names == "certain" and whole)


def _started(found: StartedCommands, folder: str, stdin: str, depth: int) -> Iterator[Run]:
    """Yield what the commands run that a program starts as root."""
    if found.values("stop") or is_elsewhere(found.told):
        return
    for given in found.values("folder"):
        folder = _at(given, folder)
    if found.values("away"):
        folder = ""
    yield from _of_options(found.told, folder)
    root = next(iter(found.values("root")), "")
    for command in found.commands:
        yield from _in_root(_at(root, folder), command, depth) if root.strip("/") else runs(command, folder, stdin, depth + 1)


def _behind(program: Program, words: list[str], folder: str, stdin: str) -> Iterator[Run]:
    """Yield what the words behind a program name that does what files say."""
    then = program.then
    if then == "compose":
        yield from _compose(words[1:], folder)
        return
    read = program.read(words[1:])
    for given in read.values("folder"):
        folder = _at(given, folder)
    if read.values("stop") or is_elsewhere(read.told):
        return
    yield from _of_options(read.told, folder)
    called = words[0].rpartition("/")[2]
    if called in OBEYS:
        named = [] if (option := OBEYS[called]) is None else [value for name, value in zip(words, words[1:], strict=False) if name == option]
        yield from (Run("reads", _at(path, folder)) for path in [*named, stdin])
    if then in ("shell", "script", "path"):
        yield from _of_interpreter(program, read, folder, stdin)
    elif then == "parts":
        yield from (Run("parts", word) for word in read.operands[-1:] if word.startswith("/"))
    elif then == "make" and folder and not read.values("file"):
        yield Run("reads", f"{folder.rstrip('/')}/{MAKEFILE}")
    elif then == "docker" and read.operands[:1] == ["compose"]:
        yield from _compose(read.operands[1:], folder)


def _at(word: str, folder: str) -> str:
    """Return a path from /, one in root's home as it is written, "" where it is not known."""
    word = word.removeprefix(WILD)
    if word.startswith(("/", "~/")):
        return word
    return f"{folder.rstrip('/')}/{word.removeprefix('./')}" if folder and word not in ("", "-") else ""


def _of_options(told: list[Option], folder: str) -> Iterator[Run]:
    """Yield the files, programs and directories that options name, and what is set before a command."""
    for _, role, value in told:
        if role == "program":
            yield Run("runs", _at(value, folder) if "/" in value else value)
        elif role == "file" or (role == "library" and "/" in value):
            yield Run("reads", _at(value, folder))
        elif role == "searches":
            yield from (Run("searches", _at(one, folder)) for one in value.split(":"))
        elif role == "module" and folder:
            yield Run("searches", folder)
        elif role == "sets" and "=" in value:
            yield Run("sets", value)


def _of_interpreter(program: Program, read: WordsRead, folder: str, stdin: str) -> Iterator[Run]:
    """Yield the script of an interpreter, or the text that a shell is given in its place."""
    then, roles = program.then, {one.role for one in read.told}
    if "text-behind" in roles:
        yield from (Run("text", text, folder) for text in read.operands[:1])
    elif roles.isdisjoint(("code", "module", "file")):
        operands = read.operands[:1] if "stdin" not in roles else []
        script = stdin if operands in ([], ["-"]) else operands[0]
        if then != "path" or "/" in script:
            yield Run("runs", _at(script, folder), script=then == "shell")
            if program.beside and "apart" not in roles:
                yield Run("beside", _at(script, folder))


def _in_root(root: str, words: list[str], depth: int) -> Iterator[Run]:
    """Yield what is run in another root directory, from which its libraries come as well."""
    yield Run("searches", root)
    for one in runs(words, "/", depth=depth + 1) if root.startswith("/") else ():
        if one.how not in ("text", "sets", "changes") and one.word.startswith("/"):
            yield one._replace(word=f"{root.rstrip('/')}{one.word}")


def _compose(words: list[str], folder: str) -> Iterator[Run]:
    """Yield the files of which compose makes containers: who writes one of these mounts what they like."""
    read = PROGRAMS["docker-compose"].read(words)
    for given in read.values("folder"):
        folder = _at(given, folder)
    if is_elsewhere(read.told) or STARTS.isdisjoint(read.operands[:1]):
        return
    yield from (Run("reads", _at(path, folder)) for path in read.values("file"))
    if folder and not read.values("file"):
        yield Run("reads", f"{folder.rstrip('/')}/{COMPOSE_FILE}")
