"""What root's Podman is told, in memory: which files count, which do not, and what a broken one leaves."""

from pathlib import Path
from typing import Any

from podman.root_process import process

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing import ProbeContract
from hostcheck.testing.probes import stated
from hostcheck_builtin.podman import PROBES
from hostcheck_builtin.podman import probe_podman_config as probe

SCHEMA = load_facts_schema(str(Path(probe.__file__).parent / "probe_podman_config.facts.json"))
OBEYS = compile_schema(SCHEMA)
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n"
ETC, VENDOR, OWN, ANNS = "/etc/containers", "/usr/share/containers", "/root/.config/containers", "/home/ann/.config/containers"
PODMAN = {"/usr/bin/podman": ""}
FULL: dict[str, Any] = {
    **PODMAN,
    f"{VENDOR}/containers.conf": '[containers]\npidns="host"\nutsns="host"\n',
    f"{ETC}/containers.conf": '[containers]\npidns="private"\nvolumes=["/a:/a",{append=true}]\n',
    f"{ETC}/containers.conf.d/2.conf": '[containers]\nvolumes=["/b:/b"]\n',
    f"{ETC}/containers.conf.d/10.conf": '[containers]\nvolumes=["/c:/c"]\n',
    f"{ETC}/containers.conf.d/README": "no TOML",
    f"{OWN}/containers.conf": '[engine]\nhooks_dir=["/hooks"]\n',
    f"{OWN}/containers.conf.d/x.conf": "[containers]\npids_limit=0\n",
    f"{ETC}/registries.conf": 'unqualified-search-registries=["a.org","b.org"]\n',
    f"{ETC}/registries.conf.d/1.conf": '[[registry]]\nlocation="c.org"\ninsecure=true\n',
    f"{ETC}/policy.json": '{"default":[{"type":"reject"}]}',
    f"{ETC}/mounts.conf": "/srv:/srv\n",
    f"{VENDOR}/mounts.conf": "/usr/share/rhel/secrets:/run/secrets\n",
    f"{OWN}/mounts.conf": "/only/for/rootless\n",
    f"{OWN}/storage.conf": "only for rootless",
    f"{ETC}/storage.conf": '[storage.options]\nroot-auto-userns-user="ann"\n',
    f"{ANNS}/containers.conf": "[containers]\nprivileged=true\n",
    f"{ANNS}/registries.conf": "broken",
    f"{ANNS}/policy.json": "broken",
}


def facts(files: dict[str, Any], **more: Any) -> Any:
    told = stated(probe.collect, MemoryHost({"/etc/passwd": PASSWD, **files}, **{"processes": [], **more}))
    assert OBEYS(told) is not False, told
    return told


TOLD = {"/proc/7/environ": "CONTAINERS_CONF=/srv/c.conf", "/proc/8/environ": "CONTAINERS_CONF_OVERRIDE=/srv/o.conf", "/srv/c.conf": "", "/srv/o.conf": ""}


class TestContract(ProbeContract):
    probe = next(one for one in PROBES if one.id == "podman-config")
    hosts = {
        "nothing": MemoryHost({"/etc/passwd": PASSWD}, processes=[]),
        "everything": MemoryHost({"/etc/passwd": PASSWD, **FULL, **TOLD}, processes=[process(), process(8)]),
    }


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_podman_config.facts.json")


def test_where_nothing_is_all_is_podmans_default() -> None:
    assert facts({}) == {
        "programs": {},
        "containers": {"files": [], "settings": {}, "lists": {}},
        "registries": {"files": [], "registries": {}, "search": [], "search_file": "", "short_name_mode": "permissive", "short_name_file": ""},
        "policy": {"file": "", "default": [], "from_registries": [], "decided_by": "", "open_scopes": []},
        "mounts": {"file": "", "directories": []},
        "storage": {"file": "", "auto_user": ""},
        "services": {},
    }


def test_every_file_in_its_order_and_none_of_a_user() -> None:
    found = facts(FULL)
    drop_ins = [f"{ETC}/containers.conf.d/10.conf", f"{ETC}/containers.conf.d/2.conf"]
    assert found["programs"] == {"/usr/bin/podman": {"name": "podman"}}
    assert found["containers"] == {
        "files": [f"{VENDOR}/containers.conf", f"{ETC}/containers.conf", *drop_ins, f"{OWN}/containers.conf", f"{OWN}/containers.conf.d/x.conf"],
        "settings": {
            "containers.pidns": {"value": "private", "file": f"{ETC}/containers.conf"},
            "containers.utsns": {"value": "host", "file": f"{VENDOR}/containers.conf"},
            "containers.pids_limit": {"value": 0, "file": f"{OWN}/containers.conf.d/x.conf"},
        },
        "lists": {
            "containers.volumes": [
                {"value": "/a:/a", "file": f"{ETC}/containers.conf"},
                {"value": "/c:/c", "file": drop_ins[0]},
                {"value": "/b:/b", "file": drop_ins[1]},
            ],
            "engine.hooks_dir": [{"value": "/hooks", "file": f"{OWN}/containers.conf"}],
        },
    }
    assert found["registries"]["search"] == ["a.org", "b.org"] and found["registries"]["registries"]["c.org"]["insecure"]
    assert found["policy"]["default"] == ["reject"]
    assert found["mounts"] == {"file": f"{ETC}/mounts.conf", "directories": ["/srv:/srv"]}
    assert found["storage"] == {"file": f"{ETC}/storage.conf", "auto_user": "ann"}


def test_the_home_of_root_counts_for_root() -> None:
    open_policy = '{"default":[{"type":"insecureAcceptAnything"}]}'
    found = facts({**FULL, f"{OWN}/policy.json": open_policy, f"{OWN}/registries.conf": "", f"{OWN}/registries.conf.d/1.conf": 'short-name-mode="disabled"\n'})
    assert found["policy"]["file"] == f"{OWN}/policy.json" and found["policy"]["default"] == ["insecureAcceptAnything"]
    assert found["registries"]["registries"] == {} and found["registries"]["short_name_mode"] == "disabled"


def test_a_broken_file_leaves_a_hole_where_it_counts_and_nowhere_else() -> None:
    whole = facts(FULL)
    for name, part in (
        ("containers.conf", "containers"),
        ("containers.conf.d/2.conf", "containers"),
        ("registries.conf", "registries"),
        ("policy.json", "policy"),
        ("storage.conf", "storage"),
    ):
        found = facts({**FULL, f"{ETC}/{name}": "= hunter2"})
        hole = found[part]
        assert isinstance(hole, Hole) and hole.why is Why.NONSENSE and f"{ETC}/{name}" in hole.message and "hunter2" not in hole.message
        assert {key: one for key, one in found.items() if key != part} == {key: one for key, one in whole.items() if key != part}


def test_what_may_not_be_read_is_not_absent() -> None:
    denied = PermissionError(13, "denied")
    for name, part in (
        ("containers.conf", "containers"),
        ("registries.conf", "registries"),
        ("policy.json", "policy"),
        ("mounts.conf", "mounts"),
        ("storage.conf", "storage"),
    ):
        hole = facts({**FULL, f"{ETC}/{name}": denied})[part]
        assert isinstance(hole, Hole) and hole.why is Why.DENIED
    closed = facts({"/etc/passwd": PASSWD, OWN: denied})
    assert all(isinstance(closed[part], Hole) for part in ("containers", "registries", "policy")) and not isinstance(closed["mounts"], Hole)
    nameless = facts({"/etc/passwd": denied})
    assert all(isinstance(nameless[part], Hole) for part in ("containers", "registries", "policy"))


def test_programs_at_every_usual_place() -> None:
    assert facts({"/usr/local/bin/buildah": "", "/usr/libexec/crio/crio": "", "/opt/bin/skopeo": "", "/usr/bin/podman": OSError(5, "I/O")})["programs"] == {
        "/usr/local/bin/buildah": {"name": "buildah"},
        "/usr/libexec/crio/crio": {"name": "crio"},
        "/opt/bin/skopeo": {"name": "skopeo"},
        "/usr/bin/podman": Hole(why=Why.NONSENSE, message="I/O"),
    }


def test_no_secret_is_stated() -> None:
    conf = """[containers]
env=["TOKEN=hunter2"]
annotations=["key=hunter2"]
volumes=["/srv:/srv:hunter2"]
devices=["/dev/null:/dev/null:hunter2"]
mounts=["type=volume,source=v,destination=/v,volume-opt=o=password=hunter2"]
[engine]
env=["https_proxy=http://ann:hunter2@proxy"]
remote_identity="hunter2"
[engine.service_destinations.x]
uri="ssh://ann:hunter2@example.org/run/podman/podman.sock"
identity="hunter2"
[secrets.opts]
key="hunter2"
"""
    registries = 'credential-helpers=["hunter2"]\n[aliases]\n"x"="hunter2/x"\n[[registry]]\nlocation="ann:hunter2@a.org"\ninsecure=true\n'
    policy = (
        '{"default":[{"type":"signedBy","keyType":"GPGKeys","keyData":"hunter2"}],"transports":{"docker":{"a.org":[{"type":"signedBy","keyData":"hunter2"}]}}}'
    )
    storage = "[storage]\n[storage.options]\nmount_program='hunter2'\n"
    environment = "SECRET=hunter2\0CONTAINERS_CONF=/srv/c.conf\0TOKEN=hunter2"
    files = {f"{ETC}/containers.conf": conf, f"{ETC}/registries.conf": registries, f"{ETC}/policy.json": policy, f"{ETC}/storage.conf": storage}
    told = facts({**files, f"{ETC}/mounts.conf": "hunter2\n/a:/b:hunter2\n", "/srv/c.conf": conf, "/proc/7/environ": environment}, processes=[process()])
    assert "hunter2" not in repr(told) and list(told["registries"]["registries"]) == ["a.org"] and told["policy"]["default"] == ["signedBy"]
