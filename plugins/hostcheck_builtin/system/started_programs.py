"""Which commands a program starts that is told to start others, such as nice, sudo, find and watch: where in its words these begin.

A text for a shell is the command `$SHELL -c TEXT`, and a shell that nobody names is `$SHELL`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from hostcheck_builtin.system import option_words, program_options
from hostcheck_builtin.system.bounds import PROGRAMS_IN_A_ROW
from hostcheck_builtin.system.option_words import Option
from hostcheck_builtin.system.program_options import USERS_SHELL, Program

RUN_AS: Final = frozenset(("root", "0", "#0", "+0"))
HERE: Final = ("unix:", "default", ".host")
"""What is no other machine for docker and systemd-run."""
EXECS: Final = frozenset(("-exec", "-execdir", "-ok", "-okdir"))
TEXT: Final = (["-c"], ["--command"])
"""What stands before a text behind the file of flock(1) and the group of sg(1)."""


class StartedCommands(NamedTuple):
    """What a program starts: its commands, what its options and operands say of them by role, and the words that decide which these are."""

    commands: list[list[str]]
    told: list[Option]
    before: list[str]

    def values(self, role: str) -> list[str]:
        """Return the values of one role."""
        return option_words.values(self.told, role)


def started(name: str, words: list[str]) -> StartedCommands | None:
    """Return what the words behind a program start, None for one that starts nothing by its words alone."""
    program = program_options.program(name)
    return READERS[program.then](program, words) if program and program.then in READERS else None


def is_elsewhere(told: list[Option]) -> bool:
    """Say whether options hand a command to another machine, or to somebody who is not root."""
    given = [value.removeprefix("User=") for value in option_words.values(told, "property") if value.startswith("User=")]
    users = [*option_words.values(told, "user"), *given]
    machines = option_words.values(told, "elsewhere")
    return not all(value.startswith(HERE) for value in machines) or not all(user.partition(":")[0] in RUN_AS for user in users)


def handed_to(words: list[str]) -> str:
    """Return the user to whom a command is handed, by itself or by what it starts; "" where it stays with who runs it, or goes to another machine."""
    for _ in range(PROGRAMS_IN_A_ROW):
        found = started(words[0], words[1:])
        if found is None or len(found.commands) != 1 or found.values("elsewhere"):
            return ""
        users = [user.partition(":")[0] for user in found.values("user")]
        if users and users[-1] not in RUN_AS:
            return users[-1]
        words = found.commands[0]
    return ""


def _shell(*words: str) -> list[str]:
    """Return the command that runs a text, or a shell where there is none."""
    return [USERS_SHELL, "-c", " ".join(words)] if words else [USERS_SHELL]


def _before_dashes(words: list[str]) -> list[str]:
    """Return the words among which options may stand anywhere."""
    return words[: words.index("--")] if "--" in words else words


def _command(program: Program, words: list[str]) -> StartedCommands:
    """Read options, operands that have a meaning of their own, and a command."""
    skipped = int(program.first == "arch" and bool(words) and not words[0].startswith("-"))
    told, behind = program.read(words[skipped:])
    at, operands = 0, list[Option]()
    for role in program.first.split():
        if role == "sets":
            while at < len(behind) and (behind[at] == "-" or "=" in behind[at]):
                operands.append(Option("", role, behind[at]))
                at += 1
        elif role == "value" or role in ("root", "user") or (role == "number" and behind[:1] and behind[0].lstrip("+-").isdigit()):
            if not behind:
                return StartedCommands([], told, words)
            operands.append(Option("", role, behind[0]))
            at = 1
    told, behind = told + operands, behind[at:]
    before = words[: len(words) - len(behind)]
    roles = {one.role for one in told}
    if "split" in roles:
        return StartedCommands([["env", *option_words.values(told, "split")[0].split(), *behind]], told, before)
    if roles & {"shell", "away"} or (program.alone and not behind):
        return StartedCommands([_shell(*behind)], told, before)
    if "text" in program.first and behind[:1] in TEXT:
        return StartedCommands([[USERS_SHELL, "-c", *behind[1:]]], told, before)
    return StartedCommands([behind] if behind else [], told, before)


def _text(program: Program, words: list[str]) -> StartedCommands:
    """Read a text for a shell, whose words stand alone."""
    read = program.read(words)
    command = read.operands if read.values("exec") else _shell(*read.operands)
    return StartedCommands([command] if read.operands else [], read.told, words[: len(words) - len(read.operands)])


def _parallel(program: Program, words: list[str]) -> StartedCommands:
    """Read the text that parallel(1) lets a shell run for each word of its input, or behind :::; without one these words are texts."""
    ends = [at for at, word in enumerate(words) if word.startswith(":::")][:2]
    first, second = [*ends, len(words), len(words)][:2]
    given = words[first + 1 : second] if words[first : first + 1] == [":::"] else []
    found = _command(program, words[:first])
    return found._replace(commands=[_shell(*text) for text in found.commands or [[word] for word in given] or [[]]])


def _su(program: Program, words: list[str]) -> StartedCommands:
    """Read what su(1) and runuser(1) are told: a text, or with -u of the latter a command; options may stand behind the user."""
    read = program.read(words)
    if read.values("user"):
        return StartedCommands([read.operands] if read.operands else [], read.told, words[: len(words) - len(read.operands)])
    told, behind = option_words.read(program.options, words, anywhere=True)
    if behind[:1] == ["-"]:
        told, behind = [*told, Option("-", "away", "")], behind[1:]
    users = behind[:1]
    told += [Option("", "user", user) for user in users]
    text = ["-c", *text] if (text := option_words.values(told, "text")[-1:]) else []
    shell = next(reversed(option_words.values(told, "given")), USERS_SHELL)
    command = [*text, *behind[1:]]
    commands = [[shell, *command]] if program_options.is_shell(shell) else [[shell], *([[USERS_SHELL, *command]] if text else [])]
    end = max(at for at, word in enumerate(words, 1) if word in users) if users and is_elsewhere(told) else len(words)
    return StartedCommands(commands, told, _before_dashes(words[:end]))


def _terminal(program: Program, words: list[str]) -> StartedCommands:
    """Read what script(1) records: a text, a command behind --, or a shell."""
    before = _before_dashes(words)
    read = option_words.read(program.options, before, anywhere=True)
    texts, command = read.values("text")[-1:], words[len(before) + 1 :]
    return StartedCommands([command if command and not texts else _shell(*texts)], read.told, before)


def _capsh(program: Program, words: list[str]) -> StartedCommands:
    """Read what capsh(1) starts: a shell with the words behind --, or itself again behind ==."""
    read = program.read(words)
    before = words[: len(words) - len(read.operands)]
    if read.operands[:1] == ["=="]:
        return StartedCommands([["capsh", *read.operands[1:]]], read.told, before)
    shell = next(reversed(read.values("given")), "/bin/bash")
    return StartedCommands([[shell, *read.operands]] if before[-1:] in (["--"], ["-+"]) else [], read.told, before)


def _daemon(program: Program, words: list[str]) -> StartedCommands:
    """Read what start-stop-daemon(8) starts: options may stand behind the first words for the program."""
    read = option_words.read(program.options, words, anywhere=True)
    paths = [*read.values("executable"), *read.values("given")][-1:]
    starts = paths and read.values("starts")
    return StartedCommands([[*paths, *read.operands]] if starts else [], read.told, _before_dashes(words))


def _find(_: Program, words: list[str]) -> StartedCommands:
    """Read what find(1) starts for what it finds."""
    return StartedCommands(list(_found(words)), [Option(word, "away", "") for word in words if word in ("-execdir", "-okdir")][:1], [])


def _found(words: list[str]) -> Iterator[list[str]]:
    at = 0
    while at < len(words):
        if words[at] in EXECS:
            end = next((end for end in range(at + 1, len(words)) if words[end] in (";", "+")), len(words))
            if words[at + 1 : end]:
                yield words[at + 1 : end]
            at = end
        at += 1


READERS: Final[Mapping[str, Callable[[Program, list[str]], StartedCommands]]] = {
    "command": _command,
    "arguments": _command,
    "parallel": _parallel,
    "text": _text,
    "su": _su,
    "script-of-terminal": _terminal,
    "capsh": _capsh,
    "daemon": _daemon,
    "find": _find,
}
