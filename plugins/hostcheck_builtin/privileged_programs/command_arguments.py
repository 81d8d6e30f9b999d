"""What known programs do with the arguments of a rule: the judges of all kinds of programs together, and what holds for each of them."""

from typing import Final

from hostcheck_builtin.privileged_programs import arguments_of_engines, arguments_of_runners, arguments_of_services, arguments_of_writers
from hostcheck_builtin.privileged_programs.argument_words import FREE, HARMLESS, PROMPT, UNKNOWN, Does, Words, is_free
from hostcheck_builtin.privileged_programs.program_names import base_name
from hostcheck_builtin.privileged_programs.shell_commands import COMMANDS, ENGINE

FUNCTIONS: Final = {
    **{name: arguments_of_engines.of_other for name, one in COMMANDS.items() if one.gives == ENGINE},
    **arguments_of_engines.FUNCTIONS,
    **arguments_of_runners.FUNCTIONS,
    **arguments_of_services.FUNCTIONS,
    **arguments_of_writers.FUNCTIONS,
}
ANYWHERE: Final = frozenset(
    (
        "find tar bsdtar zip rsync apt apt-get aptitude sed make gmake nmap tcpdump tee cp mv install ln dd curl wget chmod usermod useradd adduser gpasswd "
        "groupmems socat"
    ).split()
)
"""What takes the options by which it runs any program or writes any file in any place, so that a star anywhere in a rule is enough."""
DEPTH: Final = 8
"""How many programs that start each other are looked at."""


def does(program: str, words: Words, deep: int = 0) -> Does | None:
    """Return what a known program does with arguments; None for a program of which no way is known."""
    name = base_name(program.rpartition("/")[2], COMMANDS)
    if not name:
        return None
    if deep > DEPTH:
        return Does(UNKNOWN)
    free = any(map(is_free, words))
    if free and name in ANYWHERE:
        return Does(FREE)
    found = _of(name, words, deep)
    unsure = free or any(set("?[") & set(word) for word in words)
    return found._replace(kind=UNKNOWN) if unsure and found.kind == HARMLESS else found


def _of(name: str, words: Words, deep: int) -> Does:
    if name in FUNCTIONS:
        return FUNCTIONS[name](name, words, lambda program, rest: does(program, rest, deep + 1) or Does(UNKNOWN))
    known = COMMANDS[name]
    if not words:
        return Does(PROMPT if known.bare else HARMLESS)
    return Does(PROMPT if known.fixed else UNKNOWN)
