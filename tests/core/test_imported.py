"""What an installed command imports, beside the list of what it may (imported.toml): a module more is time of every scan of every host."""

import json
import subprocess
import sys
import sysconfig
import time
import tomllib
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from hostcheck import collect, registry
from hostcheck.documents import written

HERE = Path(__file__).parent
LISTED: dict[str, Any] = tomllib.loads((HERE / "imported.toml").read_text(encoding="utf-8"))
COMMANDS: dict[str, list[str]] = LISTED.pop("commands")
RECORDING = HERE.parent / "fakes/docker-as-root.recording.json"
LOCKED, PATIENCE = 75, 60.0


@cache
def imported(command: str) -> tuple[int, dict[str, str]]:
    """Return in how many processes a command imports something, and what, each with the module that does."""
    with TemporaryDirectory() as place:
        notes, evidence = Path(place, "notes"), Path(place, "evidence.json")
        evidence.write_bytes(written(collect.replay(registry.load(), json.loads(RECORDING.read_bytes()))))
        words = [{"EVIDENCE": str(evidence), "COLLECTED": f"{place}/collected"}.get(word, word) for word in command.split()]
        argv = [sys.executable, "-I", str(HERE / "noting_imports.py"), str(notes), str(Path(sysconfig.get_path("scripts"), "hostcheck")), *words]
        until = time.monotonic() + PATIENCE
        while run(argv, notes) == LOCKED and time.monotonic() < until:  # another scan of root on this machine
            time.sleep(0.1)
        found = [file.read_text().splitlines() for file in notes.iterdir()]
    return len(found), dict(reversed([tuple(line.split(" ")) for lines in found for line in lines]))  # type: ignore[arg-type]


def run(argv: list[str], notes: Path) -> int:
    notes.mkdir(exist_ok=True)
    for file in notes.iterdir():
        file.unlink()
    done = subprocess.run(argv, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode in (0, 1, 3, LOCKED), done.stderr
    return done.returncode


def listed(command: str, kind: str) -> list[str]:
    return [name for group in COMMANDS[command] for name in LISTED[group].get(kind, ())]


def is_listed(command: str, name: str) -> bool:
    if name.partition(".")[0] in ("hostcheck", "hostcheck_builtin", "hostcheck_reports"):
        wanted = any(fnmatchcase(name, pattern) for pattern in listed(command, "ours"))
        return wanted and not any(fnmatchcase(name, pattern) for pattern in listed(command, "never"))
    return name.partition(".")[0] in {*listed(command, "standard"), *listed(command, "others")}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_only_what_is_listed(command: str) -> None:
    _, found = imported(command)
    inner = {name for name, by in found.items() if name.startswith("_") and not by.startswith("hostcheck")}
    new = [f"{name}, imported by {by}" for name, by in sorted(found.items()) if name not in inner and not is_listed(command, name)]
    assert not new, "\n".join([f"`hostcheck {command}` imports what imported.toml does not list; import it where it is used, or list it there:", *new])


def test_children_are_heard() -> None:
    assert imported("--version")[0] == 1
    assert imported("scan --format json=-")[0] > 2


def test_nothing_of_ours_is_listed_in_vain() -> None:
    found = {name for command in COMMANDS for name in imported(command)[1]}
    ours = {pattern for group, names in LISTED.items() if group != "some hosts" for pattern in names.get("ours", ())}
    assert [pattern for pattern in sorted(ours) if not any(fnmatchcase(name, pattern) for name in found)] == []
