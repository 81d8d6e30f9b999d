"""Files with hashes of passwords, and root's keys for sshd: which are told, of whom, and by whom they are read."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
from credentials.credential_host import GROUP, access, cluster, facts
from credentials.test_probe_root_ssh import STARTS, made
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
PEM = "-----BEGIN RSA PRIVATE KEY-----\nx\n"
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


@pytest.fixture(scope="module", name="pair")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return made(tmp_path_factory.mktemp("keys"))


@pytest.mark.parametrize(
    ("line", "more", "accepted", "certain"),
    [
        ("{}", {}, True, True),
        ("# x\n{}", {"/etc/ssh/sshd_config": "PermitRootLogin yes\nMatch user ann\n"}, True, True),
        ('from="10.0.0.1" {}', {}, True, False),
        ("{}", {"/etc/ssh/sshd_config": "AllowGroups x y@z root@h\n"}, True, False),
        ("", {}, False, False),
        ("{}", {"/etc/ssh/sshd_config": "AuthorizedKeysFile /etc/keys\n"}, False, False),
        ("", {"/etc/ssh/sshd_config": "AuthorizedKeysCommand /usr/bin/keys\n"}, None, False),
        (DENIED, {}, None, False),
    ],
)
def test_a_key_of_roots_that_others_may_read(pair: tuple[str, str], line: Any, more: dict[str, Any], accepted: bool | None, certain: bool) -> None:
    keys = line.format(pair[1]) if isinstance(line, str) else line
    one = access({**STARTS, KEY: pair[0], "/root/.ssh/authorized_keys": keys, **more}, stats=OPEN_ROOT)["root_keys"][KEY]
    assert one["accepted"] is accepted if accepted is not None else isinstance(one["accepted"], Hole)
    assert one["certain"] is certain and one["read_by"]["everyone"] is True


def test_a_key_that_something_protects(tmp_path: Path) -> None:
    private, public = made(tmp_path, phrase="sesame")
    one = access({**STARTS, KEY: private, "/root/.ssh/authorized_keys": public}, stats=OPEN_ROOT)["root_keys"][KEY]
    assert (one["accepted"], one["certain"]) == (True, False)


def test_what_is_no_key_is_not_told() -> None:
    assert secrets({KEY: "secret"}, stats=OPEN_ROOT)["keys"] == {}


@pytest.mark.parametrize("closed", [{"/root": folder(0, 0o700)}, {"/root/.ssh": folder(0, 0o700)}, {KEY: file(0, 0o600)}])
def test_a_key_that_only_root_reads(pair: tuple[str, str], closed: dict[str, Stat]) -> None:
    assert secrets({KEY: pair[0]}, stats={**OPEN_ROOT, **closed})["keys"] == {}


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


class TestSecrets(ProbeContract):
    probe = PROBES[2]
    hosts: ClassVar[Any] = {
        "open": cluster(
            {"/etc/shadow": SHADOW, KEY: PEM, f"{KEY}.pub": "ssh-rsa AAAAB3Nz"},
            stats={**OPEN_ROOT, "/etc/shadow": file(0, 0o644)},
        ),
        "nothing": cluster(),
    }
