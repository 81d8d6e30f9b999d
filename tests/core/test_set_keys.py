"""The command that sets keys of a JSON file: whatever the file was, and twice in a row; a file that is refused stays as it was."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from shlex import quote

import pytest

from hostcheck.set_keys import set_command, with_command

KEYS = {"icc": "false", "log-driver": '"local"', "log-opts": '{"max-size": "10m"}'}
SET = {"icc": False, "log-driver": "local", "log-opts": {"max-size": "10m"}}


def run(file: Path, check: str = "grep -q icc", times: int = 1) -> int:
    """Run the command as it is pasted, and return its exit status."""
    codes = [subprocess.run(["sh", "-c", set_command(quote(str(file)), check, KEYS)], check=False, capture_output=True).returncode for _ in range(times)]
    return codes[-1]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("write", "kept"),
    [
        (lambda file: None, {}),
        (lambda file: file.write_text(""), {}),
        (lambda file: file.write_text(" \n"), {}),
        (lambda file: file.write_text('{"icc": true, "debug": true}'), {"debug": True}),
        (lambda file: file.write_bytes(b'{"registry-mirrors": ["https://\\u00e4"]}'), {"registry-mirrors": ["https://\u00e4"]}),
    ],
)
@pytest.mark.parametrize("name", ["daemon.json", "a name/it's.json"])
def test_keys_are_set_and_others_kept(tmp_path: Path, name: str, write: Callable[[Path], None], kept: dict[str, object], times: int) -> None:
    file = tmp_path / name
    if kept:
        file.parent.mkdir(exist_ok=True)
    if file.parent.is_dir():
        write(file)
    before = file.read_bytes() if file.exists() else b""
    assert run(file, times=times) == 0
    assert json.loads(file.read_text(encoding="utf-8")) == {**kept, **SET}
    assert Path(f"{file}.orig").read_bytes() == before and sorted(file.parent.iterdir()) == [file, Path(f"{file}.orig")]


def test_a_link_stays_one_and_mode_and_owner_stay(tmp_path: Path) -> None:
    file, real = tmp_path / "daemon.json", tmp_path / "real.json"
    real.write_text("{}")
    real.chmod(0o640)
    file.symlink_to(real)
    assert run(file) == 0 and file.is_symlink()
    assert json.loads(real.read_text()) == SET and real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("content", "check"), [('{"icc": true', "true"), ("[1]", "true"), ('{"icc": true}', "false")])
def test_what_is_no_object_or_is_refused_stays_as_it_was(tmp_path: Path, content: str, check: str) -> None:
    file = tmp_path / "daemon.json"
    file.write_text(content)
    assert run(file, check) != 0 and file.read_text() == content


def test_a_step_is_given_its_command() -> None:
    told = {"file": "{/file/path}", "key": "icc", "value": "false", "check": "true", "effect": "At once."}
    assert with_command({"note": "x"}) == {"note": "x"}
    assert with_command({"set": told}) == {"set": told, "run": set_command("{/file/path}", "true", {"icc": "false"})}
