"""What openssl(1) makes is read as it says itself."""

import subprocess
from pathlib import Path

import pytest
from credentials.certificate_texts import pem

from hostcheck_builtin.credentials.client_certificates import ADMINS, read


@pytest.mark.parametrize(("subject", "groups"), [("/O=system:masters/CN=a", ADMINS[:1]), ("/O=x/O=kubeadm:cluster-admins/CN=a", ADMINS[1:]), ("/CN=a", ())])
@pytest.mark.parametrize("curve", ["prime256v1", "secp521r1"])
def test_a_certificate_of_openssl(tmp_path: Path, subject: str, groups: tuple[str, ...], curve: str) -> None:
    made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-nodes", "-days", "3", "-subj", subject)
    subprocess.run([*made, "-keyout", tmp_path / "key", "-out", tmp_path / "crt"], check=True, capture_output=True)
    raw = (tmp_path / "crt").read_bytes()
    assert read("x", raw).groups == read("x", raw + pem("system:masters")).groups == groups
    ends = subprocess.run(
        ["openssl", "x509", "-in", tmp_path / "crt", "-noout", "-enddate", "-dateopt", "iso_8601"], capture_output=True, text=True, check=False
    )
    if ends.returncode == 0:
        assert read("x", raw).expires == ends.stdout.partition("=")[2][:10]
