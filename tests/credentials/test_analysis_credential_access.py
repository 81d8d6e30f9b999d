from typing import Any, ClassVar

import pytest
from credentials import signed_certificates as signed
from credentials.certificate_texts import user
from credentials.credential_host import ADMIN, ANNS, CA, GITLAB, KUBELET, MANIFEST, NODE, access, derive, document, kubeconfig
from credentials.test_cluster_keys import PKI_FILES
from credentials.test_probe_ci_runners import SHELL, UNIT, USUAL
from files.file_host import file, folder

from hostcheck.host.answers import AclEntry, Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing import AnalysisContract
from hostcheck_builtin.credentials import ANALYSES
from hostcheck_builtin.credentials.probe_ci_runners import GITLAB_OF_USER

TOKEN = kubeconfig({"token": "x"})
FAR = "https://far.example:6443"
LB = "https://10.0.0.100:6443"
MASTERS = kubeconfig()
KUBEADM = kubeconfig(user("kubeadm:cluster-admins"))
APART = kubeconfig({"client-certificate-data": user("system:masters")["client-certificate-data"], "client-key": "/a"})
GIVES = {True: "root", False: "perhaps root", None: "nothing"}
DENIED = Hole(why=Why.DENIED, message="no")


def acl(uid: int, perms: int, mask: int = 7) -> tuple[AclEntry, ...]:
    entries = (("user_obj", -1, 6), ("user", uid, perms), ("group_obj", -1, 0), ("mask", -1, mask), ("other", -1, 0))
    return tuple(AclEntry(tag=tag, id=number, perms=bits) for tag, number, bits in entries)


@pytest.mark.parametrize(
    ("text", "node", "certain"),
    [
        (MASTERS, True, True),
        (MASTERS, False, False),
        (kubeconfig(server=LB), True, True),
        (kubeconfig(server=LB), False, None),
        (kubeconfig(server=FAR), True, False),
        (kubeconfig(server=FAR), False, None),
        (KUBEADM, True, False),
        (APART, True, False),
        (kubeconfig(user("developers")), True, None),
        (TOKEN, True, False),
        (TOKEN, False, None),
        (kubeconfig({"token": "x"}, FAR), True, False),
        ("", True, None),
    ],
)
def test_what_a_file_of_roots_gives(text: str, node: bool, certain: bool | None) -> None:
    found = access({ADMIN: text, **(NODE if node else {})})["kubeconfigs"]
    assert found[ADMIN]["gives"] == GIVES[certain]
    assert found.get(KUBELET, {}).get("gives", "nothing") == "nothing"


@pytest.mark.parametrize(
    ("text", "roots", "node", "certain"),
    [
        (MASTERS, MASTERS, True, False),
        (MASTERS, "", True, False),
        (MASTERS, "", False, False),
        (kubeconfig(server=FAR), "", True, False),
        (kubeconfig(server=FAR), "", False, None),
        (TOKEN, "", True, False),
        (TOKEN, "", False, None),
        (kubeconfig({"token": "x"}, FAR), "", True, None),
        (kubeconfig({"exec": {"command": "x"}}, FAR), "", True, None),
        (kubeconfig(user("developers")), "", True, None),
    ],
)
def test_what_a_file_of_a_users_gives(text: str, roots: str, node: bool, certain: bool | None) -> None:
    found = access({ANNS: text, ADMIN: roots, **(NODE if node else {})})["kubeconfigs"]
    assert found[ANNS]["gives"] == GIVES[certain]


HERE = {CA: signed.AUTHORITY.certificate}
MADE_HERE = {MANIFEST: "", "/etc/kubernetes/super-admin.conf": "", **HERE}


def of(one: signed.Signed, server: str = LB) -> str:
    return kubeconfig(one.user(), server)


@pytest.mark.parametrize("path", [ADMIN, ANNS])
@pytest.mark.parametrize(
    ("text", "more", "certain"),
    [
        (of(signed.MASTERS), {**NODE, **HERE}, True),
        (of(signed.MASTERS, FAR), {**NODE, **HERE}, True),
        (of(signed.MASTERS, FAR), HERE, False),
        (of(signed.KUBEADM), {**NODE, **HERE}, False),
        (of(signed.KUBEADM), {**NODE, **MADE_HERE}, True),
        (of(signed.KUBEADM), MADE_HERE, False),
        (of(signed.NODE), {**NODE, **HERE}, None),
        (of(signed.OLD), {**NODE, **HERE}, None),
        (of(signed.SERVING), {**NODE, **HERE}, None),
        (of(signed.ELSEWHERE, FAR), {**NODE, **HERE}, None),
        (of(signed.ELSEWHERE), {**NODE, **HERE}, False),
        (of(signed.Signed(signed.MASTERS.certificate, signed.NODE.key)), {**NODE, **HERE}, None),
    ],
)
def test_a_certificate_counts_by_who_signed_it(path: str, text: str, more: dict[str, Any], certain: bool | None) -> None:
    assert access({path: text, **more})["kubeconfigs"][path]["gives"] == GIVES[certain]


@pytest.mark.parametrize(
    ("name", "certificate", "gives", "by"),
    [
        ("ca", signed.AUTHORITY, "root", "the key of the authority that signs the certificates of administrators"),
        ("a", signed.MASTERS, "root", "a certificate of system:masters until 2126-07-31"),
        ("a", signed.KUBEADM, "perhaps root", "a certificate of kubeadm:cluster-admins until 2126-07-31"),
        ("a", signed.NODE, "nothing", ""),
        ("sa", None, "perhaps root", "the key that signs the tokens of service accounts"),
    ],
)
def test_what_a_key_of_the_cluster_gives(name: str, certificate: signed.Signed | None, gives: str, by: str) -> None:
    path = f"/etc/kubernetes/pki/{name}"
    files = {f"{path}.key": "", **HERE, **({} if certificate is None else {f"{path}.crt": certificate.certificate})}
    one = access({**files, **NODE}, stats={f"{path}.key": Stat(type="file", uid=0, gid=50, mode=0o640)})["keys"][f"{path}.key"]
    assert (one["gives"], one["by"], one["read_by"]["ways"], one["of"]) == (gives, by, ["bob (group staff)"], 0)
    alone = access(files)["keys"][f"{path}.key"]["gives"]
    assert alone == ("nothing" if gives == "nothing" else "perhaps root")


def test_a_key_whose_certificate_is_none_is_not_known() -> None:
    found = access({"/etc/kubernetes/pki/a.key": "", "/etc/kubernetes/pki/a.crt": "x", **NODE})["keys"]["/etc/kubernetes/pki/a.key"]
    assert isinstance(found["gives"], Hole) and isinstance(found["by"], Hole) and found["read_by"]["everyone"] is True


def test_who_can_put_a_pod_there() -> None:
    files = {"/var/lib/kubelet/config.yaml": "staticPodPath: /srv/pods\n", "/srv/pods/a.yaml": "", "/srv/pods/b.yaml": ""}
    found = access(files, stats={"/srv/pods/a.yaml": file(1000)})["static_pods"]["/srv/pods"]
    assert (found["certain"], found["changed_by"]["users"], list(found["members"])) == (True, {}, ["a.yaml"])
    found = access(files, stats={"/srv/pods": folder(1000)})["static_pods"]["/srv/pods"]
    assert found["changed_by"]["ways"] == ["ann (owner of /srv/pods)"]


@pytest.mark.parametrize(
    ("of", "secret"),
    [
        (user("a"), True),
        ({"token": "x"}, True),
        ({"username": "a", "password": "x"}, True),
        ({"exec": {"command": "x"}}, False),
        ({"client-certificate": "a", "client-key": "b"}, False),
        ({}, False),
    ],
)
def test_whether_a_secret_stands_in_it(of: dict[str, object], secret: bool) -> None:
    assert access({ADMIN: kubeconfig(of)})["kubeconfigs"][ADMIN]["secret"] is secret


@pytest.mark.parametrize(
    ("stats", "ways"),
    [
        ({}, []),
        ({ADMIN: file(0, 0o644)}, ["every local user"]),
        ({ADMIN: Stat(type="file", uid=0, gid=50, mode=0o640)}, ["bob (group staff)"]),
        ({ADMIN: Stat(type="file", uid=0, gid=50, mode=0o620)}, []),
        ({ADMIN: file(1000, 0o600)}, ["ann (owner)"]),
        ({ADMIN: file(1000, 0o000)}, ["ann (owner)"]),
        ({ADMIN: Stat(type="file", uid=0, gid=0, mode=0o640, acl=acl(1001, 4))}, ["bob (ACL entry user:bob)"]),
        ({ADMIN: Stat(type="file", uid=0, gid=0, mode=0o600, acl=acl(1001, 4, 0))}, []),
        ({ADMIN: file(0, 0o644), "/etc/kubernetes": folder(0, 0o700)}, []),
        ({ADMIN: file(0, 0o644), "/etc/kubernetes": Stat(type="dir", uid=0, gid=50, mode=0o710)}, ["bob (group staff)"]),
    ],
)
def test_who_can_read_it(stats: dict[str, Stat], ways: list[str]) -> None:
    found = access({ADMIN: MASTERS, **NODE}, stats={ADMIN: file(0, 0o600), **stats})["kubeconfigs"][ADMIN]
    assert found["read_by"]["ways"] == ways
    assert (found["by"], found["of"]) == ("a certificate of system:masters until 2030-01-02", 0)


def test_a_user_can_read_a_file_of_ones_own_and_others_where_that_is_open() -> None:
    copied = {ANNS: of(signed.MASTERS), **NODE, **HERE}
    found = access(copied)["kubeconfigs"][ANNS]
    assert (found["read_by"]["ways"], found["of_whom"], found["gives"]) == ([], "ann", "root")
    roots = access(copied, stats={ANNS: file(0, 0o600), "/home/ann/.kube": folder(0, 0o755)})["kubeconfigs"][ANNS]
    assert (roots["read_by"]["ways"], roots["owner"], roots["of_whom"]) == ([], "root", "ann")
    open_ = {"/home/ann": folder(1000), "/home/ann/.kube": folder(1000), ANNS: file(1000, 0o644)}
    assert access(copied, stats=open_)["kubeconfigs"][ANNS]["read_by"]["everyone"] is True


def test_what_is_not_known_is_a_hole_of_its_file() -> None:
    told = access({ADMIN: "[", ANNS: "[", **NODE})["kubeconfigs"]
    assert isinstance(told[ADMIN]["gives"], Hole) and isinstance(told[ANNS]["gives"], Hole) and told[ADMIN]["read_by"]["everyone"] is True
    denied = document({ADMIN: MASTERS, ANNS: MASTERS})
    denied["kubeconfigs"]["node"] = DENIED
    assert isinstance(derive(denied)["kubeconfigs"][ADMIN]["gives"], Hole)
    denied["kubeconfigs"]["homes"] = DENIED
    assert isinstance(derive(denied)["kubeconfigs"], OpenObject)
    denied["kubeconfigs"] = DENIED
    assert isinstance(derive(denied)["kubeconfigs"], Hole) and derive(denied)["runners"] == {}
    denied["ci-runners"] = DENIED
    assert isinstance(derive(denied)["runners"], Hole)


def test_runners_are_told_with_names() -> None:
    found = access({GITLAB: SHELL, UNIT: USUAL, GITLAB_OF_USER: SHELL}, stats={GITLAB_OF_USER: file(1000)})["runners"]
    assert {key: one["users"] for key, one in found.items()} == {GITLAB: ["gitlab-runner"], GITLAB_OF_USER: ["ann"]}


def test_from_inside_a_user_namespace_nothing_is_known() -> None:
    told = document()
    told["host"]["scan"]["init_userns"] = False
    assert isinstance(derive(told), Hole)


class TestCredentialAccess(AnalysisContract):
    analysis = ANALYSES[0]
    documents: ClassVar[Any] = {
        "open and closed": document(
            {
                **{ADMIN: MASTERS, "/etc/rancher/k3s/k3s.yaml": TOKEN, ANNS: of(signed.MASTERS), "/home/bob/.kube/config": KUBEADM},
                **{**NODE, **PKI_FILES, GITLAB: SHELL, UNIT: USUAL, "/etc/kubernetes/manifests/a.yaml": ""},
            },
            stats={ADMIN: Stat(type="file", uid=0, gid=50, mode=0o640)},
        ),
        "nothing": document(),
    }


@pytest.mark.parametrize(("etc", "alone"), [(folder(0, 0o755), True), (folder(0, 0o777), False), (folder(1000, 0o755), False)])
def test_who_can_put_another_file_there(etc: Stat, alone: bool) -> None:
    found = access({ADMIN: MASTERS, **NODE}, stats={ADMIN: file(0, 0o600), "/etc/kubernetes": etc})["kubeconfigs"]
    assert found[ADMIN]["root_only"] is alone
