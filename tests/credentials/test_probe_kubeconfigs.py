import json
from typing import Any, ClassVar

import pytest
import yaml
from credentials import signed_certificates as signed
from credentials.certificate_texts import SECRET, pem, user
from credentials.credential_host import ADMIN, ANNS, CA, KUBELET, LOOPBACK, MANIFEST, NETWORK, NODE, cluster, kubeconfig, kubeconfigs
from credentials.test_cluster_keys import PKI_FILES
from credentials.test_kubeconfig_text import KEY
from files.file_host import TABLE, file, folder

from hostcheck.host.answers import Process
from hostcheck.host.record import Recorder
from hostcheck.model import Hole, OpenObject
from hostcheck.parting import part
from hostcheck.testing import ProbeContract
from hostcheck_builtin.credentials import PROBES, probe_kubeconfigs
from hostcheck_builtin.credentials.probe_kubeconfigs import OF_KUBELETS, OF_ROOT

LOGIN = {"by": "certificate", "server": "this-host", "groups": ["system:masters"], "expires": "2030-01-02", "key_apart": False}
LOGIN |= {"authority": "none-known", "usable": True}
DENIED = PermissionError(13, "no")


def anns(text: Any, **more: Any) -> Any:
    return kubeconfigs({ANNS: text, **more.pop("files", {})}, **more)["homes"]["/home/ann"]["kubeconfigs"][ANNS]


def test_where_there_is_none_few_things_are_asked() -> None:
    one = cluster(dict.fromkeys((*NETWORK, "/home/ann/x"), ""))
    recorder = Recorder(one, keep=True)
    assert probe_kubeconfigs.collect(recorder) == {"node": False, "kubeadm": False, "roots": {}, "homes": {}, "keys": {}, "static_pods": {}}
    read = {entry["args"].get("path") for entry in recorder.recording()["answers"] if entry["verb"] == "read_bytes"}
    assert not read & {*NETWORK, *OF_ROOT, *OF_KUBELETS}


@pytest.mark.parametrize("path", OF_ROOT)
def test_a_file_of_roots(path: str) -> None:
    found = kubeconfigs({path: kubeconfig()}, stats={path: file(0, 0o640)})
    assert found["roots"][path]["logins"] == [LOGIN] and found["roots"][path]["mode"] == "0640"
    assert found["node"] is (path == KUBELET)


def test_a_node_and_its_server() -> None:
    found = kubeconfigs({**NODE, ADMIN: kubeconfig(server="https://10.0.0.100:6443")})
    assert found["node"] is True and found["roots"][ADMIN]["logins"][0]["server"] == "this-cluster"
    assert isinstance(kubeconfigs({KUBELET: "[", ADMIN: kubeconfig(server="https://10.0.0.7")})["roots"][ADMIN]["logins"][0]["server"], Hole)


def test_a_certificate_of_roots_in_a_file() -> None:
    text = kubeconfig({"client-certificate": "pki/a.crt", "client-key": "pki/a.key"})
    found = kubeconfigs({ADMIN: text, "/etc/kubernetes/pki/a.crt": pem("system:masters")})["roots"][ADMIN]["logins"]
    assert found == [{**LOGIN, "key_apart": True}]
    assert isinstance(kubeconfigs({ADMIN: text})["roots"][ADMIN]["logins"][0]["groups"], Hole)


@pytest.mark.parametrize("path", [ANNS, ADMIN])
@pytest.mark.parametrize(
    ("one", "authority", "usable"),
    [
        (signed.MASTERS, "this-cluster", True),
        (signed.KUBEADM, "this-cluster", True),
        (signed.BY_RSA, "this-cluster", True),
        (signed.ELSEWHERE, "another", True),
        (signed.OLD, "this-cluster", False),
        (signed.SERVING, "this-cluster", False),
        (signed.Signed(signed.MASTERS.certificate, signed.KUBEADM.key), "this-cluster", False),
        (signed.Signed(signed.ELSEWHERE.certificate, b"x"), "another", True),
    ],
)
def test_a_certificate_is_verified_by_what_this_host_trusts(path: str, one: signed.Signed, authority: str, usable: bool) -> None:
    found = kubeconfigs({path: kubeconfig(one.user()), CA: signed.AUTHORITY.certificate + signed.RSA_AUTHORITY.certificate})
    entry = found["roots"][ADMIN] if path == ADMIN else found["homes"]["/home/ann"]["kubeconfigs"][ANNS]
    assert [(login["authority"], login["usable"]) for login in entry["logins"]] == [(authority, usable)]


def test_an_authority_may_be_where_the_manifest_of_the_api_server_says() -> None:
    manifest = "spec:\n  containers:\n  - command: [kube-apiserver, --client-ca-file=/srv/ca.pem, --x=1]\n"
    files = {"/etc/kubernetes/manifests/kube-apiserver.yaml": manifest, "/srv/ca.pem": signed.AUTHORITY.certificate}
    assert anns(kubeconfig(signed.MASTERS.user()), files=files)["logins"][0]["authority"] == "this-cluster"
    files["/etc/kubernetes/manifests/kube-apiserver.yaml"] = "["
    assert isinstance(anns(kubeconfig(signed.MASTERS.user()), files=files)["logins"][0]["authority"], Hole)


def test_what_cannot_be_verified_is_not_known() -> None:
    mine = kubeconfig(signed.MASTERS.user())
    assert isinstance(anns(mine, files={CA: "x"})["logins"][0]["authority"], Hole)
    assert isinstance(anns(mine, files={CA: signed.AUTHORITY.certificate, "/proc/stat": "x"})["logins"][0]["usable"], Hole)
    broken = kubeconfig(signed.Signed(signed.MASTERS.certificate, b"x").user())
    assert isinstance(anns(broken, files={CA: signed.AUTHORITY.certificate})["logins"][0]["usable"], Hole)


def test_so_many_certificates_are_not_verified() -> None:
    document = yaml.safe_load(kubeconfig())
    document["users"] = [{"name": f"u{one}", "user": {**signed.MASTERS.user(), "client-key-data": f"{one:04}"}} for one in range(12)]
    document["clusters"] = [{"name": f"c{one}", "cluster": {"server": f"https://10.0.{one}.1"}} for one in range(12)]
    document["contexts"] = [{"name": f"x{one}", "context": {"cluster": f"c{one}", "user": f"u{one}"}} for one in range(12)]
    logins = anns(yaml.safe_dump(document), files={CA: signed.OTHER.certificate})["logins"]
    assert {type(login["authority"]) for login in logins} == {str, Hole}


@pytest.mark.parametrize(("lacks", "made"), [("", True), ("/etc/kubernetes/super-admin.conf", False), (CA, False), (MANIFEST, False)])
def test_kubeadm_has_made_the_cluster_here(lacks: str, made: bool) -> None:
    assert kubeconfigs({path: "" for path in (CA, MANIFEST, "/etc/kubernetes/super-admin.conf") if path != lacks})["kubeadm"] is made


def test_a_users_certificate_in_the_same_home() -> None:
    def of(name: str, **more: Any) -> Any:
        return anns(kubeconfig({"client-certificate": name, "client-key": "a.key"}), **more)["logins"][0]

    inside = {"/home/ann/.minikube/a.crt": pem("system:masters")}
    for name in ("/home/ann/.minikube/a.crt", "../.minikube/a.crt"):
        assert of(name, files=inside) == {**LOGIN, "key_apart": True}
    for name in ("/home/bob/a.crt", "/etc/a.crt", "../../bob/a.crt", "/etc/shadow", "a" * 5000, "/home/ann"):
        found = of(name, files={"/home/bob/a.crt": pem("system:masters"), "/etc/a.crt": pem("system:masters")})
        assert isinstance(found["groups"], Hole) and isinstance(found["expires"], Hole)


def test_what_a_user_plants_is_that_homes_alone() -> None:
    link = kubeconfigs({"/home/bob/x": kubeconfig(), "/home/bob/.kube/config": kubeconfig()}, links={ANNS: "/home/bob/x"})["homes"]
    assert isinstance(link["/home/ann"]["kubeconfigs"][ANNS], Hole) and not isinstance(link, OpenObject)
    assert isinstance(anns(kubeconfig(), stats={ANNS: file(1001)})["logins"], Hole)
    assert isinstance(anns("x" * (300 << 10))["logins"], Hole)
    assert isinstance(anns(DENIED), Hole)
    aside = kubeconfigs({"/home/bob/.kube/config": kubeconfig()}, links={"/home/ann/.kube": "/root/.kube"})["homes"]
    assert isinstance(aside["/home/ann"]["kubeconfigs"][ANNS], Hole)
    directory = kubeconfigs(stats={"/home/ann/.kube": folder(1000), ANNS: folder(1000)}, files={f"{ANNS}/x": ""})["homes"]["/home/ann"]["kubeconfigs"][ANNS]
    assert isinstance(directory["logins"], Hole)


def test_what_a_user_mounts_is_not_looked_at() -> None:
    table = f"{TABLE}30 27 0:40 / /home/ann/.kube rw - fuse.x x rw\n"
    alive = Process(pid=70, ppid=1, name="sh", uids=(1000,) * 4, gids=(1000,) * 4, groups=(), cap_effective=0, host_mounts=True)
    found = kubeconfigs({ANNS: kubeconfig(), "/home/bob/.kube/config": kubeconfig(), "/proc/self/mountinfo": table}, processes=[alive])["homes"]
    assert isinstance(found["/home/ann"]["kubeconfigs"][ANNS], Hole) and isinstance(found["/home/bob"]["kubeconfigs"]["/home/bob/.kube/config"]["logins"], list)


def test_who_may_not_look_does_not_know() -> None:
    found = kubeconfigs({"/home/ann": DENIED, ADMIN: DENIED}, caps=0)
    assert isinstance(found["homes"], OpenObject) and isinstance(found["roots"][ADMIN], Hole)


def test_no_secret_is_stated() -> None:
    others = {"token": SECRET, "password": SECRET, "username": SECRET, "exec": {"command": SECRET, "env": [{"name": SECRET, "value": SECRET}]}}
    text = kubeconfig({**user("system:masters", SECRET), **others}).replace("name: x", f"name: {SECRET}")
    told = json.dumps(part(kubeconfigs({ADMIN: text, ANNS: text})))
    assert SECRET not in told and KEY not in told and LOOPBACK not in told


def test_what_is_no_file_is_not_read() -> None:
    found = kubeconfigs({f"{ADMIN}/x": ""})["roots"][ADMIN]
    assert found["type"] == "dir" and isinstance(found["logins"], Hole)


class TestKubeconfigs(ProbeContract):
    probe = PROBES[1]
    hosts: ClassVar[Any] = {
        "a node": cluster(
            {
                **NODE,
                ADMIN: kubeconfig(server="https://api.example:6443"),
                ANNS: kubeconfig(),
                "/home/bob/.kube/config": kubeconfig({"client-certificate": "a.crt", "client-key": "a.key"}),
                "/home/bob/.kube/a.crt": pem("system:masters"),
            }
        ),
        "verified": cluster({**NODE, CA: signed.AUTHORITY.certificate, ADMIN: kubeconfig(signed.KUBEADM.user()), ANNS: kubeconfig(signed.OLD.user())}),
        "keys and pods": cluster({**PKI_FILES, "/var/lib/kubelet/config.yaml": "staticPodPath: /srv/pods\n", "/srv/pods/a.yaml": ""}),
        "a link": cluster({"/root/x": kubeconfig()}, links={ADMIN: "/root/x", ANNS: "/root/x"}),
        "nothing": cluster(),
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("admin.conf", True),
        (".kube/admin.conf", True),
        (".kube/prod.yaml", True),
        (".kube/prod/config", True),
        (".kube/a/b/config", False),
        ("work/cluster", True),
        ("other/cluster", False),
        ("lab.kubeconfig", True),
        ("kubeconfig", True),
        ("notes.conf", False),
        (".kube/cache", False),
    ],
)
def test_a_copy_in_a_home_is_told(name: str, told: bool) -> None:
    profile = "# mine\nexport KUBECONFIG=$HOME/work/cluster:/srv/x:$HOME/../bob/x\n"
    homes = kubeconfigs({f"/home/ann/{name}": kubeconfig(), "/home/ann/.bashrc": profile})["homes"]
    assert [path for home in homes.values() for path in home["kubeconfigs"]] == ([f"/home/ann/{name}"] if told else [])


@pytest.mark.parametrize("text", ["clusters: {}", "[]", "a: b", "clusters: 1"])
def test_another_file_of_a_name_like_that_is_nothing(text: str) -> None:
    assert kubeconfigs({"/home/ann/admin.conf": text, "/home/ann/.kube/x": text})["homes"] == {}


def test_of_very_many_files_some_are_read() -> None:
    (home,) = kubeconfigs({f"/home/ann/.kube/{number}": kubeconfig() for number in range(30)})["homes"].values()
    assert len(home["kubeconfigs"]) == 20 and isinstance(home["kubeconfigs"], OpenObject)
