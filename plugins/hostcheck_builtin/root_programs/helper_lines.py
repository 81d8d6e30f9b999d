"""Programs that rules of udev, lines of modprobe.d and modules of PAM run, and what the dynamic linker is told: udev(7), modprobe.d(5), ldconfig(8).

Each reader takes a whole text of any bytes and looks at it once.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.system.pam_lines import joined

RULE: Final = pattern(r"(?:\bRUN|\bPROGRAM|\bIMPORT)(?:\{([a-z_]{1,32})\})?[ \t]*(?:[+:=!]?=)[ \t]*[ei]{0,2}\"((?:[^\"\\\n]|\\.)*)\"")
INSTALLS: Final = frozenset(("install", "remove"))
RUNS: Final = frozenset(("pam_exec.so", "pam_python.so", "pam_python3.so"))
"""Modules that run the program, or read the script, that is their first argument which is no option."""
WITH_VALUE: Final = ("debug", "expose_authtok", "seteuid", "quiet", "quiet_log", "stdout")


def udev(text: str) -> Iterator[tuple[int, str]]:
    """Yield each command that rules run, with its line."""
    if not any(key in text for key in ("RUN", "PROGRAM", "IMPORT")):
        return
    for number, line in joined(text):
        for kind, command in RULE.findall(line) if '"' in line else ():
            if kind in ("", "program"):
                yield number, command.replace('\\"', '"')


def modprobe(text: str) -> Iterator[tuple[int, str]]:
    """Yield each command that is run in place of loading a module or taking it away, with its line."""
    for number, line in joined(text):
        words = line.split(None, 2)
        if len(words) == 3 and words[0] in INSTALLS:
            yield number, words[2]


def pam_program(module: str, arguments: list[str]) -> str:
    """Return the program that a module runs, "" where it runs none."""
    if module.rpartition("/")[2] not in RUNS:
        return ""
    behind = [word for word in arguments if word not in WITH_VALUE and "=" not in word]
    return behind[0].strip("[]") if behind and behind[0].strip("[]").startswith("/") else ""


def linker(text: str) -> tuple[list[str], list[str]]:
    """Return the directories of libraries that a file of ldconfig names, and the patterns for other files that it includes."""
    folders, includes = list[str](), list[str]()
    for line in text.split("\n"):
        words = line.partition("#")[0].split()
        if words[:1] == ["include"]:
            includes += words[1:]
        elif words and words[0] != "hwcap":
            folders += [word.partition("=")[0] for word in " ".join(words).replace(":", " ").replace(",", " ").split() if word.startswith("/")]
    return folders, includes
