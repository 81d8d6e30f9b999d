"""Keys that ssh-keygen makes: which of a user's is one of root's, and that nothing of a private key is stated."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from credentials.credential_host import OBEYS, host

from hostcheck.testing.probes import stated
from hostcheck_builtin.credentials import probe_root_ssh

STARTS = {"/usr/sbin/sshd": "x", "/etc/systemd/system/multi-user.target.wants/ssh.service": "x"}
ROOTS = "/root/.ssh/authorized_keys"


def made(tmp_path: Path, *options: str, phrase: str = "") -> tuple[str, str]:
    tmp_path.mkdir(exist_ok=True)
    subprocess.run(("ssh-keygen", "-q", *(options or ("-t", "ed25519")), "-N", phrase, "-f", str(tmp_path / "id")), check=True)
    return (tmp_path / "id").read_text(), (tmp_path / "id.pub").read_text()


def told(private: str, public: str, line: str = "{}", **more: Any) -> Any:
    """Return what is stated of a host where ann has a private key."""
    files = {**STARTS, ROOTS: line.format(public), "/home/ann/.ssh/mine": private, "/home/ann/.ssh/mine.pub": public}
    found = stated(probe_root_ssh.collect, host({**files, **{f"/{path}": text for path, text in more.items()}}))
    assert OBEYS["probe_root_ssh"](found) is not False, found
    assert not any(part in str(found) for part in (*private.split("\n")[1:-2], public.split()[1]))
    return found


def holders(found: Any) -> list[str]:
    return [path for home in dict(found["homes"]).values() for path in home["private_keys"]]


@pytest.mark.parametrize("options", [(), ("-t", "rsa"), ("-t", "rsa", "-m", "PEM"), ("-t", "ecdsa")])
def test_a_key_of_roots_that_a_user_has_is_told(tmp_path: Path, options: tuple[str, ...]) -> None:
    keys = made(tmp_path, *options)
    said = subprocess.run(("ssh-keygen", "-l", "-f", str(tmp_path / "id")), capture_output=True, text=True, check=True).stdout.split()[1]
    found = told(*keys)
    (one,) = (keys["private_keys"] for keys in dict(found["homes"]).values())
    assert one["/home/ann/.ssh/mine"]["by_itself"] is ("PEM" not in options)
    assert holders(found) == ["/home/ann/.ssh/mine"] and found["keys"] == {said: {"place": f"{ROOTS}:1", "signs": False, "limits": [], "certain": True}}


@pytest.mark.parametrize(
    ("line", "limits", "signs"),
    [
        ('from="10.0.0.0/8" {}', ['from="10.0.0.0/8"'], False),
        ('no-pty,from="10.*,127.0.0.1" {}', [], False),
        ('from="*",expiry-time="soon" {}', ["expiry-time"], False),
        ('expiry-time="20251101" {}', None, False),
        ('expiry-time="202612020000Z" {}', ["expiry-time"], False),
        ('expiry-time="20301201" {}', [], False),
        ('from="!127.0.0.1,*" {}', ['from="!127.0.0.1,*"'], False),
        ('command="a,b" ,from="::1" {}', None, False),
        ('environment="A=b c, ssh-rsa x",from="::1",no-pty {}', [], False),
        ("cert-authority {}", [], True),
    ],
)
def test_options_of_a_key_count(tmp_path: Path, line: str, limits: list[str] | None, signs: bool) -> None:
    clock = {"proc/stat": "cpu 1\nbtime 1796169600\nprocesses 2\n", "proc/uptime": "60.10 1.00\n"}
    keys = [*told(*made(tmp_path), line, **clock)["keys"].values()]
    assert [(key["limits"], key["certain"], key["signs"]) for key in keys] == ([] if limits is None else [(limits, not limits, signs)])


@pytest.mark.parametrize("line", ['command="/bin/true" {}', "# {}", ""])
def test_other_lines_give_nothing(tmp_path: Path, line: str) -> None:
    assert told(*made(tmp_path), line)["keys"] == {}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".ssh/prod/root_key", True),
        ("root_key", True),
        ("prod.pem", True),
        ("id_rsa.old", True),
        ("notes", False),
        ("Documents/root_key", False),
        (".ssh/a/b/key", False),
    ],
)
def test_where_a_user_keeps_a_key(tmp_path: Path, path: str, found: bool) -> None:
    private, public = made(tmp_path)
    files = {**STARTS, ROOTS: public, f"/home/ann/{path}": private, "/home/ann/big-key": "x" * 40_000, "/home/ann/keys/x": ""}
    assert holders(stated(probe_root_ssh.collect, host(files))) == [f"/home/ann/{path}"] * found


def test_a_passphrase_a_revoked_key_and_settings_close_it(tmp_path: Path) -> None:
    private, public = made(tmp_path)
    assert holders(told(*made(tmp_path / "other", phrase="sesame"))) == []
    revoked = {"etc/ssh/sshd_config": "RevokedKeys /etc/ssh/revoked\n", "etc/ssh/revoked": public}
    assert holders(told(private, public, **revoked)) == []
    assert holders(told(private, public, **{"etc/ssh/sshd_config": "PermitRootLogin no\n"})) == []


def test_where_no_sshd_starts_nothing_is_asked() -> None:
    nothing = {"starts": False, "lets_root": "no", "asks": False, "keys": {}, "authority_keys": {}, "homes": {}}
    assert stated(probe_root_ssh.collect, host({ROOTS: PermissionError(13, "no")})) == nothing
