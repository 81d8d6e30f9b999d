"""The permissions of what root alone is to read, as stated and as judged."""

from typing import Any

import pytest
from engines.engine_host import host

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject
from hostcheck.view import View
from hostcheck_builtin.accounts.dac import Ids, may
from hostcheck_builtin.containers import secret_files

KEY = "/etc/letsencrypt/archive/a/privkey1.pem"
FILES = {"/etc/shadow": "", "/etc/ssh/ssh_host_rsa_key": "", "/etc/ssh/sshd_config": "", KEY: "", "/etc/letsencrypt/renewal/a.conf": ""}


def folder(mode: int) -> Stat:
    return Stat(type="dir", uid=0, gid=0, mode=mode)


def stated(*mounts: str, **stats: Stat) -> Any:
    modes = {"/etc/shadow": Stat(type="file", uid=0, gid=42, mode=0o640), "/etc/letsencrypt/archive": folder(0o700)}
    return secret_files.stated(host(files=FILES, stats={**modes, **stats}), mounts)


def reads(found: Any, real: str, ids: Ids) -> bool | Hole:
    return secret_files.reads(View(found), real, lambda needs: may(ids, needs)[0] is True)


def test_only_what_a_mount_has_is_looked_at() -> None:
    assert stated() == {} == stated("/srv", "/usr")
    found = stated("/etc/ssh")
    assert set(found) == {"/", "/etc", "/etc/ssh", "/etc/ssh/ssh_host_rsa_key", "/etc/ssh/sshd_config"}
    assert found["/etc/ssh/sshd_config"]["type"] == "file" and not isinstance(found, OpenObject)
    assert {"/etc/shadow", "/etc/letsencrypt/archive", "/root/.ssh", "/var/lib/docker"} & set(stated("/")) >= {"/etc/shadow", "/etc/letsencrypt/archive"}
    assert stated("/etc")["/etc/krb5.keytab"] == {"type": "absent"}


def test_of_very_many_files_nothing_is_known() -> None:
    many = {f"/etc/ssh/{number}": "" for number in range(201)}
    assert isinstance(secret_files.stated(host(files=many), ["/etc/ssh"]), OpenObject)


@pytest.mark.parametrize(
    ("real", "ids", "told"),
    [
        ("/etc", Ids(uid=7), False),
        ("/etc", Ids(uid=7, may=frozenset({42})), True),
        ("/etc/shadow", Ids(uid=7, may=frozenset({42})), True),
        ("/etc/ssh", Ids(uid=7), True),
        ("/etc/letsencrypt", Ids(uid=7), False),
        ("/etc/letsencrypt/archive", Ids(uid=7), False),
        ("/srv", Ids(uid=7), False),
    ],
)
def test_who_reads_what(real: str, ids: Ids, told: bool) -> None:
    """The host's keys are readable here, where the mount is theirs."""
    closed = {} if real == "/etc/ssh" else {"/etc/ssh": folder(0o700)}
    assert reads(stated(real, **closed), real, ids) is told


def test_a_directory_of_keys_that_lets_others_in_is_not_looked_through() -> None:
    found = stated("/etc/letsencrypt", **{"/etc/letsencrypt/archive": folder(0o755)})
    assert isinstance(reads(found, "/etc/letsencrypt", Ids(uid=7)), Hole)


def test_what_was_not_looked_at_is_not_known() -> None:
    found = stated("/etc/ssh")
    del found["/etc/ssh"]
    assert isinstance(reads(found, "/etc/ssh", Ids(uid=7)), Hole)
    assert isinstance(reads({**stated("/etc/ssh"), "/etc": {"type": "link"}}, "/etc/ssh", Ids(uid=7)), Hole)
