"""What openssl(1) makes is read as it says itself."""

import subprocess
from pathlib import Path

import pytest
from credentials.certificate_texts import pem

from hostcheck_builtin.credentials.client_certificates import ADMINS, read
from hostcheck_builtin.credentials.signatures import is_key_of, signed_by


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


@pytest.mark.parametrize(
    "made", ["rsa:2048 -sha384", "rsa:3072 -sha512", "ec -pkeyopt ec_paramgen_curve:secp384r1 -sha384", "ec -pkeyopt ec_paramgen_curve:prime256v1"]
)
def test_openssl_says_the_same(made: str, tmp_path: Path) -> None:
    words = made.split()

    def run(*argv: object) -> int:
        return subprocess.run(["openssl", *map(str, argv)], cwd=tmp_path, capture_output=True, check=False).returncode

    for name in ("one", "other"):
        assert run("req", "-x509", "-newkey", *words, "-nodes", "-days", "3", "-subj", "/CN=a", "-keyout", f"{name}.key", "-out", f"{name}.crt") == 0
    assert run("req", "-new", "-newkey", *words, "-nodes", "-subj", "/O=system:masters", "-keyout", "a.key", "-out", "a.csr") == 0
    assert run("x509", "-req", "-in", "a.csr", "-CA", "one.crt", "-CAkey", "one.key", "-CAcreateserial", "-days", "3", "-out", "a.crt") == 0
    of = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for name in ("one", "other"):
        verified = run("verify", "-CAfile", f"{name}.crt", "a.crt") == 0
        assert signed_by("x", read("x", of["a.crt"]), read("x", of[f"{name}.crt"])) is verified is (name == "one")
    assert is_key_of("x", of["a.key"], read("x", of["a.crt"])) and not is_key_of("x", of["one.key"], read("x", of["a.crt"]))
