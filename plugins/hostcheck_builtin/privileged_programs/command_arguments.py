"""What known programs do with the arguments of a rule: by the cases of their entries in the catalogue, and what finds out the rest."""

from collections.abc import Mapping
from typing import Final

from hostcheck_builtin.leads.program_entries import Given
from hostcheck_builtin.privileged_programs import command_engines, command_files, command_starters, command_system
from hostcheck_builtin.privileged_programs.command_table import COMMANDS, LIMITED, known_name
from hostcheck_builtin.privileged_programs.command_words import (
    FREE,
    HARMLESS,
    ORDER,
    PROMPT,
    SPARED,
    UNKNOWN,
    Call,
    Does,
    Judge,
    Words,
    is_free,
    is_unsure,
    taken,
    worst,
)
from hostcheck_builtin.system.bounds import PROGRAMS_IN_A_ROW as DEPTH
from hostcheck_builtin.system.program_options import PROGRAMS

JUDGES: Final[Mapping[str, Judge]] = {**command_engines.JUDGES, **command_files.JUDGES, **command_starters.JUDGES, **command_system.JUDGES}
OF_OPTION: Final = "file-of-option"
"""Stands for what the file says that is the value of the option."""


def does(program: str, words: Words, deep: int = 0) -> Does | None:
    """Return what a known program does with arguments; None for a program of which no way is known."""
    name = known_name(program)
    if not name:
        return None
    known = COMMANDS[name]
    if known.gives == LIMITED:
        return HARMLESS
    if deep > DEPTH:
        return UNKNOWN
    free = any(map(is_free, words))
    if free and known.star:
        return FREE
    cases = known.given + command_starters.USUAL.get(known.starts, ())
    prompts = known.fixed if words else known.bare
    found = _read(name, cases, words, deep) if cases else PROMPT if prompts else UNKNOWN if words or known.likely else HARMLESS
    if found == SPARED:
        return HARMLESS
    unsure = free or any(set("?[") & set(word) for word in words)
    return found._replace(kind=UNKNOWN.kind) if unsure and found.kind == HARMLESS.kind else found


def _read(name: str, cases: tuple[Given, ...], words: Words, deep: int) -> Does:
    """Return what a program does by its cases; before what ends its options a star may be any of them, and a word with a pattern another one."""
    program = PROGRAMS[name]
    read = program.read(list(words))
    ends = program.words in ("", "whole")
    before = words[: len(words) - len(read.operands)] if ends else words
    if ends and any(map(is_free, before)):
        return FREE
    call = Call(name, words, read.told, tuple(read.operands), lambda program, rest: does(program, rest, deep + 1) or UNKNOWN)
    found = _decided(cases, call)
    return worst((found, UNKNOWN)) if any(map(is_unsure, before)) else found


def _decided(cases: tuple[Given, ...], call: Call) -> Does:
    """Return what the first case says that holds; whoever chooses the verb chooses the worst of all."""
    verb = call.rest[0] if call.rest else ""
    if is_free(verb) and any(case.verb for case in cases):
        return FREE
    held = (case for case in cases if _holds(case, call, verb))
    return next((found for case in held if (found := _outcome(case, call)) is not None), UNKNOWN)


def _holds(case: Given, call: Call, verb: str) -> bool:
    return (
        (not case.option or call.has(case.option))
        and (not case.verb or verb in case.verb.split())
        and (not case.only or set(case.only.split()).issuperset(call.words))
        and not (case.without == "words" and call.words)
        and not (case.without == "operands" and call.rest)
        and (not case.several or len(call.rest) > 1)
    )


def _outcome(case: Given, call: Call) -> Does | None:
    if case.does == OF_OPTION:
        file = call.value(case.option)
        return taken(file) if file else UNKNOWN
    return Does(case.does) if case.does in ORDER else JUDGES[case.does](call)
