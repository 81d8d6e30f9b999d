"""What known programs do with the arguments of a rule: the judges of all kinds of programs together, and what holds for each of them."""

from collections.abc import Mapping
from typing import Final

from hostcheck_builtin.privileged_programs import command_engines, command_files, command_starters, command_system
from hostcheck_builtin.privileged_programs.command_table import COMMANDS
from hostcheck_builtin.privileged_programs.command_words import FREE, HARMLESS, PROMPT, UNKNOWN, Does, Form, Words, is_free
from hostcheck_builtin.system.bounds import PROGRAMS_IN_A_ROW as DEPTH
from hostcheck_builtin.system.program_names import base_name

FORMS: Final[Mapping[str, Form]] = {
    name: form
    for forms in (command_engines.FORMS, command_starters.FORMS, command_system.FORMS, command_files.FORMS)
    for names, form in forms.items()
    for name in names.split()
}
ANYWHERE: Final = frozenset(
    (
        "find tar bsdtar zip rsync apt apt-get aptitude sed make gmake nmap tcpdump tee cp mv install ln dd curl wget chmod usermod useradd adduser gpasswd "
        "groupmems socat groupadd groupmod iptables ip6tables iptables-restore ip6tables-restore"
    ).split()
)
"""What takes the options by which it runs any program or writes any file in any place, so that a star anywhere in a rule is enough."""


def does(program: str, words: Words, deep: int = 0) -> Does | None:
    """Return what a known program does with arguments; None for a program of which no way is known."""
    name = base_name(program.rpartition("/")[2], COMMANDS)
    if not name:
        return None
    if deep > DEPTH:
        return UNKNOWN
    free = any(map(is_free, words))
    if free and name in ANYWHERE:
        return FREE
    found = _of(name, words, deep)
    unsure = free or any(set("?[") & set(word) for word in words)
    return UNKNOWN if unsure and found == HARMLESS else found


def _of(name: str, words: Words, deep: int) -> Does:
    if name in FORMS:
        return FORMS[name].of(name, words, lambda program, rest: does(program, rest, deep + 1) or UNKNOWN)
    known = COMMANDS[name]
    prompts = known.fixed if words else known.bare
    return PROMPT if prompts else UNKNOWN if words else HARMLESS
