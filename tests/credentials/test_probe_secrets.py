"""Files with hashes of passwords, and root's keys for sshd: which are told, of whom, and by whom they are read."""

from typing import Any, ClassVar

import pytest
from credentials.credential_host import GROUP, access, cluster, facts
from files.file_host import file, folder

from hostcheck.host.answers import Stat
from hostcheck.host.record import Recorder
from hostcheck.model import Hole, OpenArray, OpenObject
from hostcheck.testing import ProbeContract
from hostcheck_builtin.credentials import PROBES, probe_secrets
from hostcheck_builtin.system.bounds import ACCOUNTS_WITH_A_HASH

HASH = "$y$j9T$c2VjcmV0OmNhbmFyeQ$x"
SHADOW = f"root:!{HASH}:1:0:99999:7:::\nbob:{HASH}:1:0:99999:7:::\nann:*:1::::::\ndes:abcdefghijklm:1::::::\nnone::1::::::\nold:x:1::::::\n"
KEY = "/root/.ssh/id_ed25519"
OPEN_ROOT = {"/root": folder(), "/root/.ssh": folder(), KEY: file()}
DENIED = PermissionError(13, "no")


def secrets(files: dict[str, Any], **stats: Any) -> Any:
    return facts(probe_secrets.collect, cluster(files, **stats))


@pytest.mark.parametrize("path", ["/etc/shadow", "/etc/shadow-", "/var/backups/shadow.bak"])
def test_hashes_that_others_may_read(path: str) -> None:
    found = secrets({path: SHADOW}, stats={path: file(0, 0o644)})["hashes"]
    assert list(found) == [path] and found[path]["accounts"] == ["bob", "des"] and HASH not in str(found)


@pytest.mark.parametrize("stats", [file(0, 0o600), file(0, 0o000)])
def test_hashes_that_only_root_reads_are_not_looked_at(stats: Stat) -> None:
    recorder = Recorder(cluster({"/etc/shadow": SHADOW}, stats={"/etc/shadow": stats}), keep=True)
    assert probe_secrets.collect(recorder) == {"hashes": {}, "keys": {}}
    assert "/etc/shadow" not in {one["args"].get("path") for one in recorder.recording()["answers"] if one["verb"] == "read_text"}


def test_hashes_behind_a_closed_directory() -> None:
    path = "/var/backups/shadow.bak"
    assert secrets({path: SHADOW}, stats={path: file(0, 0o644), "/var/backups": folder(0, 0o700)})["hashes"] == {}


def test_hashes_that_could_not_be_read_are_a_hole() -> None:
    found = secrets({"/etc/shadow": DENIED}, stats={"/etc/shadow": file(0, 0o644)})["hashes"]["/etc/shadow"]
    assert isinstance(found, Hole)


def test_very_many_hashes() -> None:
    text = "".join(f"u{number}:{HASH}:1::::::\n" for number in range(ACCOUNTS_WITH_A_HASH + 1))
    accounts = secrets({"/etc/shadow": text}, stats={"/etc/shadow": file(0, 0o644)})["hashes"]["/etc/shadow"]["accounts"]
    assert isinstance(accounts, OpenArray) and len(accounts) == ACCOUNTS_WITH_A_HASH


@pytest.mark.parametrize(
    ("more", "accepted"),
    [
        ({f"{KEY}.pub": "ssh-ed25519 AAAAx root@x\n", "/root/.ssh/authorized_keys": "# x\nssh-ed25519 AAAAx me\n"}, True),
        ({f"{KEY}.pub": "ssh-ed25519 AAAAx root@x\n", "/root/.ssh/authorized_keys": "ssh-ed25519 AAAAy me\n"}, False),
        ({f"{KEY}.pub": "ssh-ed25519 AAAAx root@x\n"}, False),
        ({f"{KEY}.pub": "ssh-ed25519 AAAAx\n", "/etc/ssh/sshd_config": "AuthorizedKeysCommand /usr/bin/keys\n"}, None),
        ({"/root/.ssh/authorized_keys": "ssh-ed25519 AAAAx me\n"}, None),
        ({f"{KEY}.pub": "ssh-ed25519 AAAAx\n", "/root/.ssh/authorized_keys": DENIED}, None),
    ],
)
def test_a_key_of_roots_that_others_may_read(more: dict[str, Any], accepted: bool | None) -> None:
    ((path, one),) = secrets({KEY: "secret", **more}, stats=OPEN_ROOT)["keys"].items()
    assert path == KEY and (one["accepted"] is accepted if accepted is not None else isinstance(one["accepted"], Hole))


@pytest.mark.parametrize("closed", [{"/root": folder(0, 0o700)}, {"/root/.ssh": folder(0, 0o700)}, {KEY: file(0, 0o600)}])
def test_a_key_that_only_root_reads(closed: dict[str, Stat]) -> None:
    assert secrets({KEY: "secret"}, stats={**OPEN_ROOT, **closed})["keys"] == {}


def test_keys_that_could_not_be_looked_for() -> None:
    """Where root's home is closed to all others, nobody else reads what is in it, whether or not the scanner may look."""
    assert isinstance(secrets({"/root/.ssh": DENIED}, stats={"/root": folder()}, caps=0)["keys"], OpenObject)
    assert not isinstance(secrets({"/root/.ssh": DENIED}, stats={"/root": folder(0, 0o700)}, caps=0)["keys"], OpenObject)


WITH_SHADOW = f"{GROUP}shadow:x:42:ann\n"


@pytest.mark.parametrize(
    ("group", "stat", "who"),
    [
        (GROUP, file(0, 0o644), "everyone"),
        (WITH_SHADOW, file(0, 0o644), "everyone"),
        (WITH_SHADOW, Stat(type="file", uid=0, gid=42, mode=0o640), ""),
        (GROUP, Stat(type="file", uid=0, gid=50, mode=0o640), "bob"),
        (WITH_SHADOW, Stat(type="file", uid=1000, gid=42, mode=0o640), "ann"),
    ],
)
def test_who_reads_hashes(group: str, stat: Stat, who: str) -> None:
    """Whoever has group shadow is told of by the group: chage(1) and others give it to everybody, and show nothing."""
    one = access({"/etc/shadow": SHADOW, "/etc/group": group}, stats={"/etc/shadow": stat})["hashes"]["/etc/shadow"]
    assert one["read_by"]["everyone"] is (who == "everyone") and list(one["read_by"]["users"]) == ([who] if who in ("ann", "bob") else [])


def test_who_reads_roots_key() -> None:
    one = access({KEY: "x", f"{KEY}.pub": "a b"}, stats=OPEN_ROOT)["root_keys"][KEY]
    assert one["read_by"]["everyone"] is True and one["accepted"] is False


class TestSecrets(ProbeContract):
    probe = PROBES[2]
    hosts: ClassVar[Any] = {
        "open": cluster(
            {"/etc/shadow": SHADOW, KEY: "x", f"{KEY}.pub": "a b", "/root/.ssh/authorized_keys": "a b"},
            stats={**OPEN_ROOT, "/etc/shadow": file(0, 0o644)},
        ),
        "nothing": cluster(),
    }
