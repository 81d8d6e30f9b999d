"""Private keys of authorities whose certificates sshd takes for root: which of those that ssh-keygen makes are told; sshd itself is asked in tests/hosts."""

from pathlib import Path
from typing import Any

import pytest
from credentials.credential_host import access, cluster
from credentials.test_probe_root_ssh import STARTS, made
from files.file_host import file, folder

from hostcheck.model import OpenObject
from hostcheck_builtin.credentials import authority_keys, probe_root_ssh

CONFIG = {"/etc/ssh/sshd_config": "TrustedUserCAKeys /etc/ssh/user_ca.pub\n"}
OPEN = file(0, 0o644)


@pytest.fixture(scope="module", name="pair")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return made(tmp_path_factory.mktemp("ca"))


def told(pair: tuple[str, str], path: str, *, text: str = "", stat: Any = OPEN, folders: Any = None, **more: Any) -> Any:
    stats = {path.rpartition("/")[0]: folder(0, 0o755), path: stat, **(folders or {})}
    return access({**STARTS, **CONFIG, "/etc/ssh/user_ca.pub": pair[1], path: text or pair[0], **more}, stats=stats)["root_keys"]


@pytest.mark.parametrize("path", ["/srv/ssh-ca/user_ca", "/etc/ssh/user_ca", "/etc/ssh/ca/key", "/opt/pki/ca", "/var/lib/ssh/x"])
def test_a_key_is_told_where_sites_keep_it(pair: tuple[str, str], path: str) -> None:
    found = told(pair, path)
    assert list(found) == [path] and found[path]["accepted"] is True and found[path]["signs"] is True and found[path]["certain"] is True
    assert not any(part in str(found) for part in pair[0].split("\n")[1:-2])


def test_what_is_none_of_these_keys_is_not_told(pair: tuple[str, str], tmp_path: Path) -> None:
    other = made(tmp_path)
    assert told(pair, "/srv/ssh-ca/user_ca", text=other[0]) == {}
    assert told(pair, "/srv/ssh-ca/user_ca", text="-----BEGIN OPENSSH PRIVATE KEY-----\nx\n") == {}
    assert told(pair, "/srv/ssh-ca/user_ca", text="x" * 40000) == {}
    assert told(pair, "/srv/ssh-ca/user_ca.pub") == {}
    assert told(pair, "/srv/data/user_ca") == {}


def test_a_key_that_only_root_reads_is_not_told(pair: tuple[str, str]) -> None:
    assert told(pair, "/srv/ssh-ca/user_ca", stat=file(0, 0o600)) == {}
    assert told(pair, "/srv/ssh-ca/user_ca", folders={"/srv/ssh-ca": folder(0, 0o700)}) == {}
    assert told(pair, "/srv/ssh-ca/user_ca", stat=file(1000, 0o644)) == {}  # a user's word


def test_without_an_authority_nothing_is_looked_for(pair: tuple[str, str]) -> None:
    files = {**STARTS, "/root/.ssh/authorized_keys": pair[1], "/srv/ssh-ca/user_ca": pair[0]}
    host = cluster(files, stats={"/srv/ssh-ca": folder(0, 0o755), "/srv/ssh-ca/user_ca": OPEN})
    assert probe_root_ssh.collect(host)["authority_keys"] == {}


def test_a_key_that_cannot_be_read_may_be_one(pair: tuple[str, str]) -> None:
    host = cluster({"/srv/ssh-ca/user_ca": PermissionError(13, "no")}, stats={"/srv/ssh-ca": folder(0, 0o755), "/srv/ssh-ca/user_ca": OPEN})
    found = authority_keys.found(host, ["/etc/ssh/user_ca.pub"], frozenset({"SHA256:x"}))
    assert isinstance(found, OpenObject) and found == {}
