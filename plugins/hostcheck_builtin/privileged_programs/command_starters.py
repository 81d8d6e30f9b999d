"""What shells, interpreters and programs that start others do with arguments: where what they run comes from."""

from collections.abc import Iterable
from typing import Final

from hostcheck_builtin.privileged_programs.command_table import COMMANDS
from hostcheck_builtin.privileged_programs.command_words import (
    FREE,
    HARMLESS,
    HERE,
    LEADING,
    PLAIN,
    PROGRAM,
    PROMPT,
    SIGNS,
    TABLE,
    TELLS,
    UNKNOWN,
    Again,
    Call,
    Does,
    Form,
    Words,
    all_files,
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

HELPS: Final = "--version -v version --help help"
TRACERS: Final = frozenset(("strace", "ltrace"))
"""What shows the memory of other processes where it starts no program."""
ONE_USER: Final = frozenset("sudo gosu su-exec setuidgid s6-setuidgid".split())
"""What takes one user only, whatever stands behind that (sudo(8): -u is given once)."""
OF_INPUT: Final = frozenset(("xargs", "parallel"))
"""What adds words of its input to the command that it starts."""
LOADED: Final = ("LD_PRELOAD=", "LD_AUDIT=", "LD_LIBRARY_PATH=")
"""Variables of what each program loads (ld.so(8))."""
SHORT: Final = {**dict.fromkeys("perl ruby node nodejs php lua luajit julia guile fish".split(), "-v -h"), "python": "-h"}
"""Options of one letter by which interpreters only tell what they are, where no script stands behind these."""
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
    return HARMLESS if call.has(SHORT.get(call.name, "")) else PROMPT


def _make(call: Call) -> Does:
    """Return what make does: what a file of the working directory says, or of another that is named."""
    folders = option_words.values(call.told, "folder")
    files = option_words.values(call.told, "file") or (["Makefile"] if folders else [])
    return taken(*(f"{folders[-1]}/{file}" if folders and not file.startswith("/") else file for file in files)) if files else HERE


def _git(call: Call) -> Does:
    """Return what git does: what the settings of a repository say, that of the working directory where none is named; sudo's user counts as its owner too."""
    if call.rest[0] in ("clone", "init", "help", "version", "ls-remote"):
        return UNKNOWN
    place = call.value("--git-dir") or (f"{call.value('-C')}/.git" if call.has("-C") else "")
    return worst((UNKNOWN, taken(f"{place}/config"))) if place else HERE


def _sqlite(call: Call) -> Does:
    """Return what the client of a database does: its prompt has a command for a shell, as that of the others has."""
    return UNKNOWN if len(call.rest) > 1 else HARMLESS if call.has(TELLS) else PROMPT


def _multiplexer(call: Call) -> Does:
    """Return what a program does that starts a shell unless it lists what it has started."""
    if call.words[:1] and call.words[0] in ("-ls", "-list", "ls", "list-sessions", "-v", "-V", "--version"):
        return HARMLESS
    return UNKNOWN if call.has("-c") else PROMPT


def _known(then: Iterable[str]) -> str:
    """Return the programs whose words read alike, as far as they are known here."""
    return " ".join(name for name, one in PROGRAMS.items() if one.then in then and name in COMMANDS)


BUILD: Final = Form("", {HELPS: HARMLESS}, HERE, options=PLAIN)
"""Does what a file in the working directory says: build.ninja, package.json, Vagrantfile (the documentation of each)."""
QUERIES: Final = {"-e -c -f --execute --command --file": UNKNOWN}
TEXTS: Final = Form(
    "", {"--version --help": HARMLESS, "-c --command": lambda call: shell_text(call.rest, call.again), "-s": PROMPT}, _interpreted, options=TABLE
)
SCRIPTS: Final = Form("", {TELLS: HARMLESS}, _interpreted, options=TABLE)
STARTS: Final = Form("", {}, _started, options=TABLE)
FORMS: Final = {
    _known(READERS): STARTS,
    _known(("script", "path", "code")): SCRIPTS,
    f"{_known(('shell',))} csh tcsh fish": TEXTS,
    "busybox toybox": Form("", {"--list --list-full --help": HARMLESS, "--install": UNKNOWN}, _started, PROMPT, TABLE),
    "sudo": STARTS._replace(decides={"-e --edit": lambda call: FREE if any(map(is_free, call.rest)) else UNKNOWN}),
    "systemd-run": STARTS._replace(decides={"--user": UNKNOWN}),
    "find": Form("", {}, _find, options=PLAIN),
    "run-parts": Form("", {}, all_files, HARMLESS, TABLE),
    "screen tmux byobu dtach abduco": Form("", {}, _multiplexer, options=PLAIN),
    # sys.path of python -m begins with the working directory (python(1), -P and -I)
    "python": SCRIPTS._replace(decides={"-i": PROMPT, "-m": lambda call: UNKNOWN if call.has("-I -P") else HERE, TELLS: HARMLESS}),
    "perl": SCRIPTS._replace(decides={"-d": PROMPT, TELLS: HARMLESS}),
    "node nodejs": SCRIPTS._replace(decides={"-i --interactive": PROMPT, TELLS: HARMLESS}),
    "lua luajit": SCRIPTS._replace(decides={"-i": PROMPT, "-e": _with_code}),
    "julia": SCRIPTS._replace(decides={"-i": PROMPT, TELLS: HARMLESS}),
    "php": SCRIPTS._replace(decides={"-a": PROMPT, "-S": UNKNOWN, TELLS: HARMLESS}),
    "expect": SCRIPTS._replace(decides={"-c": _with_code}),
    "gdb lldb": Form("", {"-batch --batch": UNKNOWN}, PROMPT, UNKNOWN, PLAIN),
    "mysql mariadb psql": Form("-e -c -f -u -U -h -P -p -d -D", {**QUERIES, TELLS: HARMLESS}, PROMPT),
    "sqlite3": Form("", QUERIES, _sqlite),
    # what obeys a file of the working directory
    "make gmake": Form("", {TELLS: HARMLESS}, _make, options=TABLE),
    "ninja ant rake gradle mvn yarn": BUILD,
    "cmake npm npx pnpm cargo go bundle bundler composer vagrant terraform": BUILD._replace(bare=HARMLESS),
    "ansible ansible-playbook": Form("", {"--version --help -h": HARMLESS}, HERE, HARMLESS, PLAIN),
    "git": Form("-C -c --git-dir --work-tree --exec-path --namespace", {TELLS: HARMLESS}, _git, HARMLESS, LEADING),
}
