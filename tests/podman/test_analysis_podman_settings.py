"""What Podman is told for root and by users, from the facts of hosts in memory; the findings of the rules are written by hand."""

from pathlib import Path
from typing import Any

import pytest
from podman.settings_facts import ETC, HOME, document, settings

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, OpenObject, Why, incomplete
from hostcheck.parting import part
from hostcheck.schema import check, compile_schema
from hostcheck.testing import AnalysisContract
from hostcheck_builtin.podman import ANALYSES
from hostcheck_builtin.podman import analysis_podman_settings as analysis

SCHEMA = load_facts_schema(str(Path(analysis.__file__).parent / "analysis_podman_settings.facts.json"))
OBEYS = compile_schema(SCHEMA)
BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
DENIED = Hole(why=Why.DENIED, message="Permission denied")
CONF, REGISTRIES, POLICY = f"{ETC}/containers.conf", f"{ETC}/registries.conf", f"{ETC}/policy.json"
KERNEL = {"lsm": {"apparmor": {"enabled": True}, "selinux": {"mode": "enforcing"}, "active": []}, "cgroup": {"mode": "v2"}}
WEAK = """[containers]
apparmor_profile="unconfined"
cgroupns="host"
cgroups="disabled"
default_capabilities=["CHOWN","SYS_ADMIN"]
env_host=true
ipcns="host"
keyring=false
label=false
netns="host"
pidns="host"
pids_limit=0
privileged=true
seccomp_profile="unconfined"
umask="0"
userns="host"
utsns="host"
volumes=["/srv:/srv:ro"]
devices=["/dev/fuse"]
[engine]
no_pivot_root=true
hooks_dir=["/usr/share/containers/oci/hooks.d","/opt/hooks"]
"""
HARDENED = """[containers]
apparmor_profile="strict"
cgroupns="private"
cgroups="no-conmon"
default_capabilities=["CHOWN"]
env_host=false
ipcns="private"
keyring=true
label=true
netns="private"
pidns="private"
pids_limit=100
privileged=false
seccomp_profile="/etc/containers/strict.json"
umask="0027"
userns="auto"
utsns="private"
[engine]
no_pivot_root=false
"""
ANYTHING, REJECT = '{"default":[{"type":"insecureAcceptAnything"}]}', '{"default":[{"type":"reject"}]}'
INSECURE = '[[registry]]\nlocation="10.0.0.1"\ninsecure=true\n[[registry]]\nlocation="localhost:5000"\ninsecure=true\n'
TWO = f'unqualified-search-registries=["a.org","b.org"]\n{INSECURE}'
ROOTS: dict[str, Any] = {CONF: WEAK, REGISTRIES: TWO, POLICY: ANYTHING, f"{ETC}/mounts.conf": "/etc/pki:/run/pki\n"}
ANNS = {f"{HOME}/containers.conf": "[containers]\nprivileged=true\nvolumes=['/x:/x']\n", f"{HOME}/policy.json": ANYTHING}
ANN = "/home/ann"


def results(facts: Any, role: str = "server") -> dict[str, str]:
    """Return the result of each rule about Podman on each subject."""
    given = Facts(document={"host-role": {"role": role}, "podman-settings": facts})
    rules = [rule for rule in ("HC-POD-02", "HC-POD-03", "HC-POD-04", "HC-POD-05", "HC-POD-06", "HC-POD-07")]
    found = [one for rule in rules for one in judge_rule(resolve(BENCHMARK, rule, {}), given)]
    return {f"{one['rule']} {one['subject']}": f"{one['result']} {one['severity']}" if one["result"] == "fail" else one["result"] for one in found}


def failed(facts: Any, role: str = "server") -> dict[str, str]:
    return {subject: result for subject, result in results(facts, role).items() if result not in ("pass", "notapplicable")}


class TestContract(AnalysisContract):
    analysis = ANALYSES[0]
    documents = {
        "nothing": document({}, KERNEL),
        "root": document(ROOTS, KERNEL),
        "both": document({**ROOTS, **ANNS, f"{ETC}/storage.conf": "[storage.options]\nroot-auto-userns-user='ann'\n"}, KERNEL),
    }


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_podman_settings.facts.json")


def test_a_stock_host_of_debian() -> None:
    """Its policy takes anything, and everything else is Podman's default."""
    told = settings({POLICY: ANYTHING, REGISTRIES: "# nothing\n"}, KERNEL)
    assert OBEYS(part(told)[0]) is not False
    assert failed(told) == {"HC-POD-03 root": "fail medium"}
    assert failed(told, "workstation") == {}


def test_every_weak_setting_is_found() -> None:
    told = settings(ROOTS, KERNEL)
    root = told["scopes"]["root"]
    assert OBEYS(part(told)[0]) is not False
    assert sorted(root["loosened"]) == [
        *("containers.apparmor_profile", "containers.cgroupns", "containers.cgroups", "containers.env_host", "containers.ipcns", "containers.keyring"),
        *("containers.label", "containers.netns", "containers.pidns", "containers.pids_limit", "containers.privileged", "containers.seccomp_profile"),
        *("containers.umask", "containers.utsns", "engine.no_pivot_root"),
    ]
    assert root["loosened"]["containers.keyring"] == {
        "value": "false",
        "file": CONF,
        "does": "containers use the keyring of whoever starts them",
        "escape": False,
    }
    assert root["capabilities"] == {"CAP_SYS_ADMIN": {"file": CONF}}
    assert {name: one["file"] for name, one in root["added"].items()} == {
        "device /dev/fuse": CONF,
        "volume /srv:/srv": CONF,
        "hooks /usr/share/containers/oci/hooks.d": CONF,
        "hooks /opt/hooks": CONF,
        "copy /etc/pki:/run/pki": f"{ETC}/mounts.conf",
    }
    assert root["insecure"] == {
        "10.0.0.1": {"name": "10.0.0.1", "file": REGISTRIES, "loopback": False},
        "localhost:5000": {"name": "localhost:5000", "file": REGISTRIES, "loopback": True},
    }
    assert failed(told) == {
        "HC-POD-02 root": "fail high",
        "HC-POD-03 root": "fail medium",
        "HC-POD-04 root": "fail high",
        "HC-POD-05 root": "fail low",
        "HC-POD-06 root": "fail medium",
    }


def test_the_hardened_twin_has_none() -> None:
    subids = {"/etc/subuid": "containers:200000:65536\n", "/etc/subgid": "containers:200000:65536\n"}
    told = settings({CONF: HARDENED, POLICY: REJECT, REGISTRIES: TWO.replace("10.0.0.1", "127.0.0.1:5000") + "", **subids}, KERNEL)
    assert told["scopes"]["root"]["loosened"] == {}
    assert failed(told) == {"HC-POD-05 root": "fail low"}
    assert (
        failed(settings({CONF: HARDENED, POLICY: REJECT, REGISTRIES: f'short-name-mode="enforcing"\n{TWO.replace("10.0.0.1", "[::1]/x")}', **subids}, KERNEL))
        == {}
    )


def test_what_repeats_a_default_or_is_about_what_the_kernel_has_not_loosens_nothing() -> None:
    text = '[containers]\napparmor_profile="unconfined"\nlabel=false\ncgroupns="host"\nuserns="host"\n'
    without = {"lsm": {"apparmor": {"enabled": False}, "selinux": {"mode": "disabled"}, "active": []}, "cgroup": {"mode": "v1"}}
    assert settings({CONF: text}, without)["scopes"]["root"]["loosened"] == {}
    unsure = settings({CONF: text + 'pidns="host"\n'}, {"lsm": DENIED, "cgroup": DENIED})["scopes"]["root"]["loosened"]
    assert isinstance(unsure, OpenObject) and list(unsure) == ["containers.pidns"]
    assert len(settings({CONF: text}, KERNEL)["scopes"]["root"]["loosened"]) == 3


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ('utsns="host"', "medium"),
        ('umask="002"', "pass"),
        ('umask="0020"', "medium"),
        ('umask="junk"', "pass"),
        ('pidns="host"', "high"),
        ("pids_limit=-1", "medium"),
        ('default_capabilities=["net_raw",{append=true}]', "medium"),
        ('default_capabilities=["CAP_MKNOD","sys_ptrace"]', "high"),
        ("default_capabilities=[]", "pass"),
    ],
)
def test_how_bad_it_is(text: str, severity: str) -> None:
    assert results(settings({CONF: f"[containers]\n{text}\n"}, KERNEL))["HC-POD-02 root"] in (severity, f"fail {severity}")


def test_a_users_files_are_that_users() -> None:
    told = settings({POLICY: REJECT, **ANNS}, KERNEL)
    assert OBEYS(part(told)[0]) is not False
    assert told["scopes"][ANN]["who"] == "ann (uid 1000)" and told["scopes"][ANN]["uid"] == 1000
    assert failed(told) == {f"HC-POD-02 {ANN}": "fail low", f"HC-POD-03 {ANN}": "fail low", f"HC-POD-06 {ANN}": "fail low"}
    assert told["scopes"]["root"] == settings({POLICY: REJECT}, KERNEL)["scopes"]["root"]


def test_a_users_file_excuses_root_of_nothing() -> None:
    tame = {f"{HOME}/containers.conf": HARDENED, f"{HOME}/policy.json": REJECT, f"{HOME}/registries.conf": 'short-name-mode="enforcing"\n'}
    told = settings({**ROOTS, **tame}, KERNEL)
    assert told["scopes"]["root"] == settings(ROOTS, KERNEL)["scopes"]["root"]
    assert {subject: result for subject, result in results(told).items() if subject.endswith(ANN)} == {
        f"HC-POD-0{number} {ANN}": "pass" for number in (2, 3, 4, 5, 6)
    }


def test_what_a_user_breaks_is_unknown_of_that_user_alone() -> None:
    told = settings({POLICY: REJECT, f"{HOME}/containers.conf": "= x"}, KERNEL)
    assert failed(told) == {f"HC-POD-0{number} {ANN}": "unknown" for number in (2, 3, 4, 5, 6)}


def test_short_names_are_a_users_matter_only_where_a_file_of_theirs_decides() -> None:
    mirror = '[[registry]]\nlocation="m.org"\n'
    told = settings({POLICY: REJECT, REGISTRIES: TWO, f"{HOME}/registries.conf.d/m.conf": mirror}, KERNEL)
    assert "short_names" not in told["scopes"][ANN] and failed(told) == {"HC-POD-04 root": "fail high", "HC-POD-05 root": "fail low"}
    enforced = {REGISTRIES: 'short-name-mode="enforcing"\n', f"{HOME}/registries.conf": 'unqualified-search-registries=["a.org","b.org"]\n'}
    assert failed(settings({POLICY: REJECT, **enforced}, KERNEL)) == {f"HC-POD-05 {ANN}": "fail low"}


def test_a_command_is_given_only_where_it_decides() -> None:
    own, late = "/root/.config/containers", f"{ETC}/registries.conf.d/zzz.conf"
    for files, names, policy in (
        ({REGISTRIES: TWO, POLICY: ANYTHING}, True, True),
        ({f"{own}/registries.conf": TWO, f"{own}/policy.json": ANYTHING}, False, False),
        ({REGISTRIES: TWO, f"{own}/registries.conf.d/1.conf": ""}, False, False),
        (
            {REGISTRIES: TWO, late: 'short-name-mode="disabled"\n', POLICY: '{"default":[{"type":"reject"}],"transports":{"docker":{"":[{"type":"reject"}]}}}'},
            False,
            False,
        ),
        ({REGISTRIES: TWO, POLICY: ANYTHING, "/usr/bin/podman": None, "/usr/bin/skopeo": ""}, True, False),
    ):
        root = settings(files, KERNEL)["scopes"]["root"]
        assert (root["short_names"]["settable"], root["policy"]["settable"]) == (names, policy), files


def test_where_podman_is_not_nothing_applies() -> None:
    told = settings({**ROOTS, "/usr/bin/podman": None}, KERNEL)
    assert (told["runs"], told["pulls"]) == (False, False) and set(results(told).values()) == {"notapplicable"}
    crio = settings({**ROOTS, "/usr/bin/podman": None, "/usr/bin/crio": ""}, KERNEL)
    assert (crio["runs"], crio["pulls"]) == (False, True)
    assert failed(crio) == {"HC-POD-03 root": "fail medium", "HC-POD-04 root": "fail high"}
    elsewhere = {"processes": {"/srv/podman": {"engine": "podman", "root_owned": True}}, "sockets": {}}
    assert settings({"/usr/bin/podman": None}, KERNEL, engines=elsewhere)["runs"] is True
    hidden = settings({"/usr/bin/podman": None}, KERNEL, engines={"processes": incomplete({}, DENIED)})["runs"]
    assert isinstance(hidden, Hole) and hidden.why is Why.DENIED


def test_who_users_are_must_be_known() -> None:
    told = settings({**ROOTS, **ANNS}, KERNEL, principals={"users": DENIED})["scopes"]
    assert isinstance(told, OpenObject) and list(told) == ["root"]


class TestAuto:
    """HC-POD-07: whose ids containers get."""

    CASES: dict[str, tuple[dict[str, Any], str]] = {
        "not used": ({}, "notapplicable"),
        "no range": ({CONF: HARDENED}, "fail low"),
        "one file": ({CONF: HARDENED, "/etc/subuid": "containers:200000:65536\n"}, "fail low"),
        "both files": ({CONF: HARDENED, "/etc/subuid": "containers:2:9\n", "/etc/subgid": "containers:2:9\n"}, "pass"),
        "with a size": ({CONF: '[containers]\nuserns="auto:size=10"\n'}, "fail low"),
        "not every reader": ({CONF: HARDENED, "/etc/subuid": "containers:0x10:9\n", "/etc/subgid": "containers:2:9\n"}, "unknown"),
        "of ann": ({f"{ETC}/storage.conf": "[storage.options]\nroot-auto-userns-user='ann'\n"}, "fail low"),
        "of nobody": ({f"{ETC}/storage.conf": "[storage.options]\nroot-auto-userns-user='x'\n"}, "fail low"),
        "of one of its own": (
            {f"{ETC}/storage.conf": "[storage.options]\nroot-auto-userns-user='x'\n", "/etc/subuid": "x:2:9\n", "/etc/subgid": "x:2:9\n"},
            "pass",
        ),
        "by a user": ({f"{HOME}/containers.conf": '[containers]\nuserns="auto"\n'}, "notapplicable"),
    }

    @pytest.mark.parametrize("name", CASES)
    def test_ids(self, name: str) -> None:
        files, result = self.CASES[name]
        found = {subject: one for subject, one in results(settings(files, KERNEL)).items() if subject.startswith("HC-POD-07")}
        assert list(found.values()) == [result]

    def test_another_source_of_ids(self) -> None:
        subids = {"files": {}, "source": {"configured": "sss", "files": False}, "programs": {}, "login_defs": {"values": {}, "malformed": {}}}
        told = settings({CONF: HARDENED}, KERNEL, subids=subids)["auto"]
        assert isinstance(told["subuid"], Hole) and told["subuid"].why is Why.UNSUPPORTED
