"""Lines of authorized_keys: the fingerprints that ssh-keygen shows, and the options before a key."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.accounts.ssh_public_keys import public_keys


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_key_has_the_fingerprint_that_openssh_shows(tmp_path: Path, kind: str) -> None:
    subprocess.run(("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(tmp_path / "id")), check=True)
    said = subprocess.run(("ssh-keygen", "-l", "-f", str(tmp_path / "id.pub")), capture_output=True, text=True, check=True).stdout.split()[1]
    public = (tmp_path / "id.pub").read_text()
    line = f'# a comment\n\nfrom="10.0.0.0/8, ssh-rsa AAAA",No-Pty,command="a \\" b" {public}not a key\n'
    (found,) = public_keys(line)
    assert (found.line, found.fingerprint, found.options) == (3, said, {"from": "10.0.0.0/8, ssh-rsa AAAA", "no-pty": "", "command": 'a \\" b'})
    assert [key.fingerprint for key in public_keys(public)] == [said]


@pytest.mark.parametrize("line", ["ssh-rsa AAAA", "ssh-rsa ****", "ssh-ed25519 AAAAC3NzaC1yc2EAAA==", "#ssh-rsa AAAAB3NzaC1yc2E=", ""])
def test_what_is_no_key_is_passed_over(line: str) -> None:
    assert list(public_keys(line)) == []


@given(st.text(alphabet='ssh-rsaed2519 ,="\\#AB3NzaC1yc2E=\n\0', max_size=200))
def test_whatever_stands_there(text: str) -> None:
    list(public_keys(text))
