import pytest
from credentials import signed_certificates as signed

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.credentials import client_certificates
from hostcheck_builtin.credentials.cluster_authorities import API_SERVER, Authorities

CA = "/etc/kubernetes/pki/ca.crt"
CLOCK = {"/proc/stat": "cpu 1\nbtime 1796169600\nprocesses 2\n", "/proc/uptime": "60.10 1.00\n"}
(MASTERS,) = client_certificates.each("x", signed.MASTERS.certificate)


def test_who_signed_is_asked_of_what_the_host_trusts() -> None:
    assert Authorities(MemoryHost({CA: signed.AUTHORITY.certificate})).trusted("x", MASTERS, "clients")
    assert not Authorities(MemoryHost({CA: signed.OTHER.certificate})).trusted("x", MASTERS, "clients")
    assert not Authorities(MemoryHost({CA: signed.AUTHORITY.certificate})).trusted("x", MASTERS, "etcd")
    assert Authorities(MemoryHost({})).of("clients") == []


def test_the_manifest_of_an_api_server_names_another_file() -> None:
    manifest = "spec:\n  containers:\n  - command: [kube-apiserver, --client-ca-file=/srv/ca.crt]\n"
    found = Authorities(MemoryHost({API_SERVER: manifest, "/srv/ca.crt": signed.AUTHORITY.certificate}))
    assert found.trusted("x", MASTERS, "clients")


@pytest.mark.parametrize(("ends", "over"), [("20260101000000", True), ("20991231235959", False)])
def test_a_certificate_ends_by_the_clock_of_the_host(ends: str, over: bool) -> None:
    assert Authorities(MemoryHost(CLOCK)).expired(MASTERS._replace(ends=ends)) is over
