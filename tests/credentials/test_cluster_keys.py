from typing import Any

import pytest
from credentials import signed_certificates as signed
from credentials.credential_host import CA, kubeconfigs
from files.file_host import file, folder

from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.credentials.cluster_authorities import FOLDERS

PKI = "/etc/kubernetes/pki"
KEPT = {"authority": signed.AUTHORITY, "other": signed.OTHER, "masters": signed.MASTERS, "kubeadm": signed.KUBEADM, "serving": signed.SERVING}
PKI_FILES = {
    CA: signed.AUTHORITY.certificate,
    f"{PKI}/ca.key": "",
    f"{PKI}/apiserver-kubelet-client.crt": signed.MASTERS.certificate,
    f"{PKI}/apiserver-kubelet-client.key": "",
    f"{PKI}/sa.key": "",
    f"{PKI}/sa.pub": "",
    f"{PKI}/etcd/ca.crt": signed.OTHER.certificate,
    f"{PKI}/etcd/server.crt": signed.ELSEWHERE.certificate,
    f"{PKI}/etcd/server.key": "",
    "/var/lib/etcd/member/snap/db": "",
}


def keys(files: dict[str, Any], **more: Any) -> Any:
    return kubeconfigs(files, **more)["keys"]


def test_each_key_is_told_with_what_it_opens() -> None:
    found = keys(PKI_FILES, stats={f"{PKI}/ca.key": file(0, 0o640)})
    assert {path.rpartition("/")[2]: one["opens"] for path, one in found.items()} == {
        **{"ca.key": "authority", "apiserver-kubelet-client.key": "administrator", "sa.key": "tokens", "server.key": "etcd", "db": "data"},
    }
    assert found[f"{PKI}/apiserver-kubelet-client.key"]["group"] == "system:masters" and found[f"{PKI}/ca.key"]["mode"] == "0640"
    assert found[f"{PKI}/ca.key"]["expires"].startswith("2126-") and found[f"{PKI}/sa.key"]["expires"] == ""


@pytest.mark.parametrize(
    ("certificate", "opens", "group"),
    [
        (signed.MASTERS, "administrator", "system:masters"),
        (signed.KUBEADM, "administrator", "kubeadm:cluster-admins"),
        (signed.NODE, "nothing", ""),
        (signed.SERVING, "nothing", ""),
        (signed.OLD, "nothing", ""),
        (signed.ELSEWHERE, "nothing", ""),
        (signed.OTHER, "nothing", ""),
        (signed.AUTHORITY, "authority", ""),
    ],
)
def test_the_certificate_beside_says_what_a_key_opens(certificate: signed.Signed, opens: str, group: str) -> None:
    found = keys({CA: signed.AUTHORITY.certificate, f"{PKI}/x.crt": certificate.certificate, f"{PKI}/x.key": ""})[f"{PKI}/x.key"]
    assert (found["opens"], found["group"], bool(found["expires"])) == (opens, group, opens != "nothing")


def test_what_the_front_proxy_and_etcd_trust() -> None:
    told = {f"{PKI}/front-proxy-ca.crt": signed.OTHER.certificate, f"{PKI}/front-proxy-client.crt": signed.ELSEWHERE.certificate}
    found = keys({**told, f"{PKI}/front-proxy-ca.key": "", f"{PKI}/front-proxy-client.key": ""})
    assert {one["opens"] for one in found.values()} == {"front-proxy"}


@pytest.mark.parametrize("where", FOLDERS)
def test_where_keys_are(where: str) -> None:
    assert list(keys({f"{where}/a.key": "", f"{where}/a.crt": signed.NODE.certificate})) == [f"{where}/a.key"]


def test_what_cannot_be_read_is_a_hole_of_its_key() -> None:
    found = keys({f"{PKI}/x.crt": "x", f"{PKI}/x.key": "", f"{PKI}/y.key": ""})
    assert isinstance(found[f"{PKI}/x.key"]["opens"], Hole) and found[f"{PKI}/y.key"]["opens"] == "nothing"
    unread = keys({CA: "x", f"{PKI}/x.crt": signed.MASTERS.certificate, f"{PKI}/x.key": ""})
    assert isinstance(unread[f"{PKI}/x.key"]["opens"], Hole)
    assert isinstance(keys({PKI: PermissionError(13, "no")}, caps=0), OpenObject)
    assert isinstance(keys({f"{PKI}/{number}.key": "" for number in range(101)}), OpenObject)
    assert keys({f"{PKI}/ca.pem": ""}, stats={PKI: folder(0, 0o777)}) == {}
