from typing import Any

import pytest
from credentials import signed_certificates as signed
from credentials.credential_host import access, kubeconfigs
from files.file_host import dockerd, file

from hostcheck.model import Hole, OpenObject

KEY = "/home/ann/.docker/key.pem"
CONTEXT = "/home/ann/.docker/contexts/tls/0ab1/docker/key.pem"
CA = "/etc/docker/tls/ca.pem"
VERIFIES = ("--tlsverify", f"--tlscacert={CA}", "-H", "tcp://127.0.0.1:2376")


def keys(one: signed.Signed = signed.MASTERS, *words: str, path: str = KEY, files: dict[str, Any] | None = None, **more: Any) -> Any:
    process, arguments = dockerd(*(words or VERIFIES))
    mine = {path: one.key, path.replace("key.pem", "cert.pem"): one.certificate}
    usual = {"/usr/bin/dockerd": "x", CA: signed.AUTHORITY.certificate, **arguments, **mine}
    found = kubeconfigs({**usual, **(files or {})}, processes=[process], links={"/proc/500/exe": "/usr/bin/dockerd"}, **more)["homes"]
    return found.get("/home/ann", {}).get("docker_keys", {})


ACCEPTED = {"accepted_by": [500], "expires": "2126-07-31", "as_open": True}


@pytest.mark.parametrize("path", [KEY, CONTEXT])
def test_a_key_that_roots_dockerd_accepts(path: str) -> None:
    assert keys(path=path) == {path: ACCEPTED}


@pytest.mark.parametrize(
    "one", [signed.ELSEWHERE, signed.OLD, signed.SERVING, signed.Signed(signed.MASTERS.certificate, signed.NODE.key), signed.Signed(b"", signed.NODE.key)]
)
def test_one_that_it_refuses(one: signed.Signed) -> None:
    assert keys(one) == {}


@pytest.mark.parametrize(
    ("words", "files", "found"),
    [
        (("--tls=false",), {}, False),
        ((f"--tlscacert={CA}",), {}, True),
        (("--tls", f"--tlscacert={CA}"), {}, True),
        (("--tlsverify",), {"/root/.docker/ca.pem": signed.AUTHORITY.certificate}, True),
        (("--tlsverify",), {"/root/.docker/ca.pem": signed.OTHER.certificate}, False),
        ((f"--tlscacert={CA}",), {"/etc/docker/daemon.json": '{"tlsverify": true}'}, True),
    ],
)
def test_what_dockerd_was_told(words: tuple[str, ...], files: dict[str, Any], found: bool) -> None:
    assert keys(signed.MASTERS, *words, files=files) == ({KEY: ACCEPTED} if found else {})


@pytest.mark.parametrize(("key", "certificate", "alike"), [(0o644, 0o644, True), (0o644, 0o600, False), (0o600, 0o600, True), (0o640, 0o644, True)])
def test_whether_the_certificate_is_as_open(key: int, certificate: int, alike: bool) -> None:
    stats = {KEY: file(1000, key), KEY.replace("key", "cert"): file(1000, certificate)}
    assert keys(stats=stats)[KEY]["as_open"] is alike


def test_what_is_not_known_is_a_hole_of_the_key() -> None:
    assert isinstance(keys(files={CA: "x"})[KEY], Hole)
    assert isinstance(keys(signed.MASTERS, "--tlsverify")[KEY], Hole)
    assert isinstance(keys(signed.Signed(b"x", b"x"))[KEY], Hole)


def test_the_analysis_tells_the_same_by_path() -> None:
    assert access({KEY: signed.MASTERS.key, KEY.replace("key", "cert"): "x"})["docker_keys"].keys() == {KEY}
    assert not isinstance(access()["docker_keys"], OpenObject)
