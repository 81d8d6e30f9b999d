"""Hosts in memory with kubeconfigs and runners, and what the probes and the analysis say of them."""

from pathlib import Path
from typing import Any

import yaml
from credentials.certificate_texts import pem, user
from files.file_host import host

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Group, Stat, User
from hostcheck.model import Hole, HoleError
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.accounts import probe_nss, probe_principals
from hostcheck_builtin.credentials import analysis_credential_access, probe_ci_runners, probe_kubeconfigs, probe_root_ssh, probe_secrets
from hostcheck_builtin.groups import probe_group_grants
from hostcheck_builtin.host import probe_host

FOLDER = Path(probe_kubeconfigs.__file__).parent
OBEYS = {path.name.partition(".")[0]: compile_schema(load_facts_schema(str(path))) for path in FOLDER.glob("*_*.facts.json")}
ADMIN = "/etc/kubernetes/admin.conf"
KUBELET = "/etc/kubernetes/kubelet.conf"
ANNS = "/home/ann/.kube/config"
GITLAB = "/etc/gitlab-runner/config.toml"
CA = "/etc/kubernetes/pki/ca.crt"
MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"
LOOPBACK = "https://127.0.0.1:6443"
ROUTES = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.0.5\n        /32 host LOCAL\n     |-- 10.0.0.9\n        /24 link UNICAST\n"
NETWORK = {
    "/proc/self/net/fib_trie": ROUTES,
    "/proc/self/net/if_inet6": "fd000000000000000000000000000005 02 40 00 80 eth0\n",
    "/proc/sys/kernel/hostname": "Node1\n",
    "/proc/stat": "cpu 1\nintr 1\nbtime 1796000000\nprocesses 1\n",
    "/proc/uptime": "90.25 1.00\n",
    "/etc/hosts": "10.0.0.5 api.example api # here\n10.0.0.6 far.example\n127.0.1.1 node1.example\n",
}
PROC = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]"}
GROUP = "root:x:0:\nann:x:1000:\nbob:x:1001:\nstaff:x:50:bob\n"
PROBES = {
    "ci-runners": probe_ci_runners.collect,
    "group-grants": probe_group_grants.collect,
    "host": probe_host.collect,
    "kubeconfigs": probe_kubeconfigs.collect,
    "nss": probe_nss.collect,
    "principals": probe_principals.collect,
    "root-ssh": probe_root_ssh.collect,
    "secrets": probe_secrets.collect,
}


def kubeconfig(of: dict[str, object] | None = None, server: str = LOOPBACK) -> str:
    of = user("system:masters") if of is None else of
    document = {
        **{"apiVersion": "v1", "kind": "Config", "current-context": "x"},
        "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority-data": "LS0t"}}],
        "users": [{"name": "u", "user": of}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    }
    return yaml.safe_dump(document)


PKI = "/var/lib/kubelet/pki/kubelet-client-current.pem"
NODE = {KUBELET: kubeconfig({"client-certificate": PKI, "client-key": PKI}, "https://10.0.0.100:6443"), PKI: pem("system:nodes")}


def cluster(files: dict[str, Any] | None = None, **more: Any) -> Any:
    return host({**NETWORK, **(files or {})}, engine=False, **more)


def facts(collect: Any, one: Any) -> Any:
    told = stated(collect, one)
    assert OBEYS[collect.__module__.rpartition(".")[2]](told) is not False, told
    return told


def kubeconfigs(files: dict[str, Any] | None = None, **more: Any) -> Any:
    return facts(probe_kubeconfigs.collect, cluster(files, **more))


def runners(files: dict[str, Any] | None = None, **more: Any) -> Any:
    return facts(probe_ci_runners.collect, cluster(files, **more))["runners"]


def document(files: dict[str, Any] | None = None, *, stats: dict[str, Stat] | None = None) -> dict[str, Any]:
    """Return what the probes state."""
    usual = {"/etc/group": GROUP, "/etc/gshadow": "", "/etc/nsswitch.conf": "passwd: files\ngroup: files\n"}
    users = [User(name=name, uid=uid, gid=uid, home=home, shell="/bin/sh") for name, uid, home in (("root", 0, "/root"), ("ann", 1000, "/home/ann"))]
    groups = [Group(name="root", gid=0, members=()), Group(name="staff", gid=50, members=("bob",))]
    one = cluster({**usual, **(files or {})}, users=users, groups=groups, links=PROC, stats=stats)
    return {name: stated(collect, one) for name, collect in PROBES.items()}


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_credential_access.derive(view, {})), "credential-access")
    except HoleError as error:
        return error.hole
    assert isinstance(derived, Hole) or OBEYS["analysis_credential_access"](derived) is not False, derived
    return derived


def access(*args: Any, **kwargs: Any) -> Any:
    return derive(document(*args, **kwargs))
