"""What shells, interpreters and programs that start others do with arguments: where what they run comes from."""

from collections.abc import Mapping
from typing import Final

from hostcheck_builtin.leads.program_entries import Given
from hostcheck_builtin.privileged_programs.command_words import (
    FREE,
    HARMLESS,
    HERE,
    PROGRAM,
    PROMPT,
    SIGNS,
    UNKNOWN,
    Again,
    Call,
    Does,
    Judge,
    Words,
    is_free,
    is_unsure,
    shell_text,
    start,
    taken,
    worst,
)
from hostcheck_builtin.system import option_words, started_programs
from hostcheck_builtin.system.program_options import PROGRAMS, USERS_SHELL
from hostcheck_builtin.system.started_programs import READERS, StartedCommands, is_elsewhere

TELLS: Final = "--version --help -V --usage"
TRACERS: Final = frozenset(("strace", "ltrace"))
"""What shows the memory of other processes where it starts no program."""
ONE_USER: Final = frozenset("sudo gosu su-exec setuidgid s6-setuidgid".split())
"""What takes one user only, whatever stands behind that (sudo(8): -u is given once)."""
OF_INPUT: Final = frozenset(("xargs", "parallel"))
"""What adds words of its input to the command that it starts."""
LOADED: Final = ("LD_PRELOAD=", "LD_AUDIT=", "LD_LIBRARY_PATH=")
"""Variables of what each program loads (ld.so(8))."""
FINDS: Final = frozenset("-delete -fprint -fprint0 -fprintf -fls -files0-from".split())
"""What find(1) removes and writes by itself."""


def _started(call: Call) -> Does:
    """Return what a program does that starts others: what these do, unless it is somebody else who does it, or somewhere else."""
    found = started_programs.started(call.name, list(call.words)) or StartedCommands([], [], [])
    other = is_elsewhere(found.told)
    chosen = any(is_free(words[0]) for words in found.commands) and not (other and call.name in ONE_USER)
    if chosen or any(map(is_free, found.before)):
        return FREE
    if other:
        return UNKNOWN
    tells = found.values("stop") or (found.commands == [[USERS_SHELL]] and call.has(TELLS))
    if tells or not found.commands:
        return UNKNOWN if call.words and call.name in TRACERS else HARMLESS
    loaded = [value.partition("=")[2] for value in found.values("sets") if value.startswith(LOADED)]
    files = [one for value in loaded for one in value.replace(":", " ").split()]
    own = list(map(taken, [*found.values("program"), *found.values("library"), *files]))
    if call.name == "script" or (call.name in TRACERS and call.has("-o --output")) or any(map(is_unsure, found.before)):
        own.append(UNKNOWN)
    return worst((*(_command(call, tuple(words), found) for words in found.commands), *own))


def _command(call: Call, words: Words, found: StartedCommands) -> Does:
    """Return what one command does that is started; a shell gets out of another root directory as root does (chroot(2))."""
    folder, root = (next(iter(found.values(role)), "") for role in ("folder", "root"))
    if folder and "/" in words[0] and not words[0].startswith("/"):
        words = (f"{folder}/{words[0]}", *words[1:])
    added = call.name in OF_INPUT and not any(word.startswith(":::") for word in call.words)
    does = _of_input(words, call.again) if added else start(words, call.again)
    if root.strip("/") and does.kind != PROMPT.kind:
        inside = words[0] if words[0].startswith("/") else f"/usr/bin/{words[0]}"
        return worst((does._replace(runs=()), taken(f"{root}/{inside}")))
    return UNKNOWN if does.kind == HERE.kind and (folder or found.values("away")) else does


def _of_input(words: Words, again: Again) -> Does:
    """Return what a command does to which any words are added; those behind the text of parallel(1) are quoted."""
    if words[0] != USERS_SHELL:
        return start((*words, "*"), again)
    if words[1:]:
        text = words[-1].split()
        while len(text) > 1 and text[0].partition("=")[0].isidentifier() and "=" in text[0] and not text[0].startswith(LOADED):
            text = text[1:]  # a variable of the shell's, as in `A=b /opt/x.sh`
        return start((*text, "*"), again) if not SIGNS & set(" ".join(text)) else UNKNOWN
    return PROMPT


def _find(call: Call) -> Does:
    """Return what find does: what it removes and writes, and what commands do that are given the names of what it finds."""
    found = started_programs.started(call.name, list(call.words)) or StartedCommands([], [], [])
    commands = [_command(call, tuple(words), found) for words in found.commands]
    named = [any("{}" in word for word in words) for words in found.commands]
    sure = (PROMPT.kind, PROGRAM.kind)
    return worst(
        [does if does.kind in sure or not names else UNKNOWN for does, names in zip(commands, named, strict=True)] + [UNKNOWN] * bool(FINDS & set(call.words))
    )


def _with_code(call: Call) -> Does:
    """Return what an interpreter does that is given code, and may run a script after it."""
    return worst((UNKNOWN, _interpreted(call))) if call.rest else UNKNOWN


def _interpreted(call: Call) -> Does:
    """Return what an interpreter does: what a file says, with what it loads, or what its caller types."""
    roles = {one.role for one in call.told}
    if "stop" in roles:  # a shell that prompts does what is typed all the same (bash(1), -n)
        return PROMPT if call.has("-n") and not call.rest else HARMLESS
    if "code" in roles:
        return UNKNOWN
    loads = [one for value in option_words.values(call.told, "searches") for one in value.split(":")]
    loads += [value for value in option_words.values(call.told, "library") if "/" in value]
    scripted = PROGRAMS[call.name].then in ("shell", "script")
    files = option_words.values(call.told, "file") or list(call.rest[: int(scripted)])
    if files:
        return taken(*files, *loads)
    if not scripted:
        return worst((UNKNOWN, taken(*loads))) if call.words else HARMLESS
    return HARMLESS if "tells" in roles else PROMPT


def _makefile(call: Call) -> Does:
    """Return what make does: what a file of the working directory says, or of another that is named."""
    folders = option_words.values(call.told, "folder")
    files = option_words.values(call.told, "file") or (["Makefile"] if folders else [])
    return taken(*(f"{folders[-1]}/{file}" if folders and not file.startswith("/") else file for file in files)) if files else HERE


def _repository(call: Call) -> Does:
    """Return what git does: what the settings of a repository say, that of the working directory where none is named; sudo's user counts as its owner too."""
    place = call.value("--git-dir") or (f"{call.value('-C')}/.git" if call.has("-C") else "")
    return worst((UNKNOWN, taken(f"{place}/config"))) if place else HERE


JUDGES: Final[Mapping[str, Judge]] = {
    "started": _started,
    "found": _find,
    "interpreted": _interpreted,
    "with-code": _with_code,
    # sys.path of python -m begins with the working directory (python(1), -P and -I)
    "module": lambda call: UNKNOWN if call.has("-I -P") else HERE,
    "text": lambda call: shell_text(call.rest, call.again),
    "makefile": _makefile,
    "repository": _repository,
    "unknown-file": lambda call: FREE if any(map(is_free, call.rest)) else UNKNOWN,
}
USUAL: Final[Mapping[str, tuple[Given, ...]]] = {
    **dict.fromkeys(READERS, (Given("started"),)),
    **dict.fromkeys(("script", "path", "code"), (Given("harmless", TELLS), Given("interpreted"))),
    "shell": (Given("harmless", "--version --help"), Given("text", "-c --command"), Given("shell", "-s"), Given("interpreted")),
}
"""What programs do with their arguments of which the entry says no more, by what their operands are."""
