"""What a real systemd gives the programs of 400 made units is what `exec_commands` says: quotes, prefixes, specifiers, variables of lines and of files."""

import random
from dataclasses import dataclass, field
from typing import Final

import pytest
from hosts import booted

from hostcheck.api import Hole, attempt
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system import exec_commands, units

SYSTEM: Final = "/etc/systemd/system"
WORDS: Final = (
    *("a", "b-c", "x y", "'x y'", "é", "=", "#", ":", "-", "@", "!", " ", "  ", "\t", " ; ", ";", "\\;"),
    *("$A", "${A}", "$B", "${B}", "$$", "$$A", "$", "${", "}", "${C:-d}", "${A:+e}", "$NONE", "${NONE}", "$1", "${1}", "a$A", "$A$B", "${A}${B}", '"$A"'),
    *("'", '"', "\\", "\\x41", "\\s", "\\n", "\\t", "\\101", "\\q", "\\\\", '\\"', "\\xc3\\xa9", "\\u00e9", '"${B} q"', "'$B'"),
    *("%n", "%N", "%p", "%i", "%I", "%t", "%%", "%%n", "%", "%j", "%J", "%P", "%f", "%h", "%u", "%S"),
)
VALUES: Final = (
    *("1", "a b", '"q r"', "'s t'", "\\x42", "$A", "${A}", "%n", "%%", "", "  ", "a\\ b", "x'y z'w", "\\q", "a;b", "#c", "é", "$$", "=v", "\\\\", "tab\\tx"),
    '"un',
)
ASSIGNED: Final = ("A", "junk", "'B=x y'", '"A=1 2"', "A=\"1\" B='2'", "1A=3")
LINES: Final = (
    *("A=1", "B=a b", 'A="q r"', "B='s t'", "A=a\\\nb", "export A=7", "# c\\\nA=8", "; d", " A = sp ", 'A="x\\"y"', 'B="l1\nl2"', "A='it'\"s\"", 'A=x"y"z'),
    *("B=\\$C", "A=$B", "A", "=x", "1A=3", "A=\\\\n", "B=a#b", 'A="a\\nb"', "B='a\\nb'", "A=  trail  ", 'B="un', "A=é", 'C=""', 'A="q" tail', 'B=q "tail"'),
)
ENDS: Final = ("\n", "\n", "\n\n", "\r\n")
OPTIONAL: Final = ("", "-")
UNSET: Final = ("A", "B", "A B", "A=1", 'B="a b"')
PASSED: Final = ("A", "C", "A B")
NAMES: Final = ("A", "B", "C", "D")
PREFIXES: Final = ("", "", "", "-", ":", "@", "+", "!", "@-", ":-")


@dataclass
class Made:
    """Units by name, each with the name under which it tells what it was given, and all files."""

    units: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def made(count: int, seed: int) -> Made:
    chance, found = random.Random(seed), Made()
    for number in range(count):
        name = chance.choice((f"t{number}.service", f"t-{number}.service", f"t{number}@in-st.service", f"t\\x2d{number}@a\\x2db.service"))
        found.units[name] = f"u{number}"
        found.files[f"{SYSTEM}/{name}"] = f"{booted.HEAD}[Service]\nType=oneshot\n{_settings(chance, number, found.files)}{_command(chance, number)}"
    return found


def _settings(chance: random.Random, number: int, files: dict[str, str]) -> str:
    lines = [f"Environment={_assigned(chance)}" for _ in range(chance.randint(0, 3))]
    lines += _sometimes(chance, 0.15, "Environment=", f"Environment={_assigned(chance)}")
    for one in range(chance.randint(0, 2)):
        path = f"/etc/env/e{number}.{one}"
        files[path] = "".join(chance.choice(LINES) + chance.choice(ENDS) for _ in range(chance.randint(1, 5)))
        lines += [f"EnvironmentFile={chance.choice(OPTIONAL)}{path}", *_sometimes(chance, 0.1, f"EnvironmentFile=/etc/env/e{number}.*")]
    lines += _sometimes(chance, 0.1, f"EnvironmentFile=-/etc/env/none{number}")
    lines += _sometimes(chance, 0.2, f"UnsetEnvironment={chance.choice(UNSET)}")
    lines += _sometimes(chance, 0.1, f"PassEnvironment={chance.choice(PASSED)}")
    return "".join(f"{line}\n" for line in lines)


def _sometimes(chance: random.Random, often: float, *lines: str) -> tuple[str, ...]:
    return lines if chance.random() < often else ()


def _assigned(chance: random.Random) -> str:
    pairs = (f"{chance.choice(NAMES)}={chance.choice(VALUES)}" for _ in range(chance.randint(1, 3)))
    return " ".join(pair if chance.random() < 0.9 else chance.choice(ASSIGNED) for pair in pairs)


def _command(chance: random.Random, number: int) -> str:
    prefixes = chance.choice(PREFIXES)
    words = "".join(chance.choice(WORDS) for _ in range(chance.randint(1, 6)))
    zero = "zero " if "@" in prefixes else ""
    return "".join(f"{line}\n" for line in (*_sometimes(chance, 0.05, "ExecStart="), f"ExecStart={prefixes}/opt/tell {zero}u{number} {words}"))


def ours(host: MemoryHost, name: str) -> list[bytes] | Hole | None:
    """Return what a unit's `/opt/tell` is given, None where systemd refuses the unit."""
    texts = list(units.texts(host, name, units.listed(host)))
    told = attempt(exec_commands.started, host, name, texts)
    if isinstance(told, Hole) or not told:
        return None if not told else told
    words = attempt(told[0].known)
    return words if isinstance(words, Hole) else [word.encode(errors="surrogateescape") for word in words[2:]]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_real_systemd_gives_the_same_words(seed: int) -> None:
    one = made(400, seed)
    given, host = booted.told(one.files), MemoryHost(one.files)
    said = {name: ours(host, name) for name in one.units}
    known = {name: words for name, words in said.items() if not isinstance(words, Hole)}
    wrong = {name: (words, given.get(one.units[name]), one.files[f"{SYSTEM}/{name}"]) for name, words in known.items() if words != given.get(one.units[name])}
    assert len(given) > 300 and len(known) > 340
    assert wrong == {}
