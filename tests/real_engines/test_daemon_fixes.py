"""Each command that changes daemon.json, pasted on real files: dockerd takes what it gives, and what else stood there stays."""

import json
import subprocess
from pathlib import Path

import pytest
from contract.benchmark_source import SOURCE
from contract.test_fixes import failures, pasted

from hostcheck_builtin.dockerd.daemon_json import DEFAULT
from hostcheck_builtin.formats import one_command

RULES = sorted(name for name, path in SOURCE.files.items() if "/daemon/rules/" in str(path))
COMMANDS = [(name, command) for name in RULES for command in pasted(name) if "daemon.json" in command]
BEFORE = {
    "no file": None,
    "an empty file": b"",
    "null": b"null\n",
    "a secret": b'{"proxies": {"http-proxy": "http://u:hunter2@p"}, "labels": ["a=b"]}',
    "a mark": b'\xef\xbb\xbf{"labels": ["a=b"]}',
    "UTF-16": b"\xff\xfe" + '{"labels": ["a=b"]}'.encode("utf-16-le"),
    "the wrong way": b'{"icc": true, "iptables": false, "seccomp-profile": "unconfined", "log-level": "debug"}',
}


OWN_ETC = "mount -t tmpfs tmpfs {0} && cp -a /etc/. {0} && mount --move {0} /etc && "
"""dockerd makes the account dockremap when it only checks a file that asks for it: in an /etc that nobody else sees."""


def paste(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    etc, script = place.parent.parent / "etc", command.replace(DEFAULT, str(place))
    etc.mkdir(exist_ok=True)
    script = OWN_ETC.format(etc) + script if place.exists() and b"userns" in place.read_bytes() or "userns" in command else script
    return subprocess.run(["unshare", "--mount", "--propagation", "private", "bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)


CASES = [*((name, command, "the wrong way") for name, command in COMMANDS), *((*COMMANDS[0], before) for before in BEFORE)]


def test_there_are_such_commands() -> None:
    assert {name for name, _ in COMMANDS} >= {f"HC-DKD-{number:02d}" for number in (1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 20)}


@pytest.mark.parametrize(("name", "command", "before"), CASES)
def test_dockerd_takes_what_it_gives(name: str, command: str, before: str, tmp_path: Path) -> None:
    place, text = tmp_path / "docker/daemon.json", BEFORE[before]
    if text is not None:
        place.parent.mkdir()
        place.write_bytes(text)
        place.chmod(0o600)
    newer = name == "HC-DKD-20"  # keys that dockerd 26 does not have: then nothing is changed
    done = paste(command, place)
    assert (done.returncode != 0) is newer, done.stderr
    if newer:
        assert place.read_bytes() == (text or b"")
        return
    found = json.loads(place.read_bytes())
    assert paste(f"dockerd --validate --config-file {place}", place).returncode == 0
    if b"hunter2" in (text or b""):
        assert found["proxies"] == {"http-proxy": "http://u:hunter2@p"} and place.stat().st_mode & 0o777 == 0o600
    if b"labels" in (text or b"").replace(b"\0", b""):
        assert found["labels"] == ["a=b"]
    assert not list(place.parent.glob("*.hostcheck"))


def test_a_file_that_dockerd_does_not_take_stays(tmp_path: Path) -> None:
    place = tmp_path / "docker/daemon.json"
    place.parent.mkdir()
    for text in ('{"no-such-key": 1}', '{"icc": tru'):
        place.write_text(text)
        assert paste(COMMANDS[0][1], place).returncode != 0
        assert place.read_text() == text


def test_a_link_of_roots_stays_one(tmp_path: Path) -> None:
    target, place = tmp_path / "target.json", tmp_path / "docker/daemon.json"
    place.parent.mkdir()
    target.write_text("{}")
    place.symlink_to(target)
    assert paste(COMMANDS[0][1], place).returncode == 0
    assert place.is_symlink() and json.loads(target.read_text())


def together(but: str = "") -> str:
    """Return the one command for the keys that all rules set, as a report gives it; without those of one rule."""
    findings = [{"rule": name, "fix": [step for step in finding["fix"] if "set" in step]} for name in RULES if name != but for finding in failures(name)]
    keys: dict[str, str] = {}
    for finding in findings:
        finding["fix"] = [step for step in finding["fix"] if keys.setdefault(step["set"]["key"], step["set"]["value"]) == step["set"]["value"]]
    _, (command,) = one_command.together({"findings": findings})
    assert {setting["key"] for setting in command["settings"]} == set(keys) and len(keys) > 10
    return str(command["run"])


@pytest.mark.parametrize("before", BEFORE)
def test_dockerd_takes_all_keys_at_once_and_twice(before: str, tmp_path: Path) -> None:
    place, text, command = tmp_path / "docker/daemon.json", BEFORE[before], together("HC-DKD-20")
    if text is not None:
        place.parent.mkdir()
        place.write_bytes(text)
    for _ in range(2):
        done = paste(command, place)
        assert done.returncode == 0, done.stderr
    found = json.loads(place.read_bytes())
    assert (found["icc"], found["log-driver"], found["live-restore"]) == (False, "local", True)
    assert (text or b"") == Path(f"{place}.orig").read_bytes() and paste(f"dockerd --validate --config-file {place}", place).returncode == 0


def test_one_key_that_dockerd_does_not_have_changes_nothing(tmp_path: Path) -> None:
    place = tmp_path / "docker/daemon.json"
    assert paste(together(), place).returncode != 0
    assert place.read_bytes() == b""
