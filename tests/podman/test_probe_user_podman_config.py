"""What users tell their own Podman: only their own files, each for its user alone, and nothing that a user plants stops anything else."""

from pathlib import Path
from typing import Any

from clients.client_home import ANN, host, owned

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing import ProbeContract
from hostcheck.testing.probes import stated
from hostcheck_builtin.podman import PROBES
from hostcheck_builtin.podman import probe_user_podman_config as probe
from hostcheck_builtin.system import bounds

SCHEMA = load_facts_schema(str(Path(probe.__file__).parent / "probe_user_podman_config.facts.json"))
OBEYS = compile_schema(SCHEMA)
OWN = f"{ANN}/.config/containers"
PRIVILEGED = "[containers]\nprivileged=true\n"
HERS: dict[str, Any] = {
    "/etc/containers/containers.conf": '[containers]\npidns="host"\ndefault_capabilities=["SYS_ADMIN",{append=true}]\n',
    "/etc/containers/registries.conf": '[[registry]]\nlocation="a.org"\ninsecure=true\n',
    f"{OWN}/containers.conf": PRIVILEGED,
    f"{OWN}/containers.conf.d/1.conf": '[containers]\ndefault_capabilities=["NET_RAW"]\n',
    f"{OWN}/registries.conf.d/1.conf": '[[registry]]\nlocation="b.org"\ninsecure=true\n',
    f"{OWN}/policy.json": '{"default":[{"type":"insecureAcceptAnything"}]}',
    f"{OWN}/mounts.conf": "/x:/y\n",
    "/home/bob/.config/containers/storage.conf": "nothing of this is stated",
}


def facts(files: dict[str, Any], **more: Any) -> Any:
    told = stated(probe.collect, host(files, **more))
    assert OBEYS(told) is not False, told
    return told["homes"]


def anns(files: dict[str, Any], **more: Any) -> Any:
    return facts(files, **more)[ANN]


class TestContract(ProbeContract):
    probe = next(one for one in PROBES if one.id == "user-podman-config")
    hosts = {"nothing": MemoryHost({"/etc/passwd": ""}), "hers": host(HERS)}


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_user_podman_config.facts.json")


def test_who_has_no_such_file_is_left_out() -> None:
    assert facts({}) == {} and facts({f"{OWN}/auth.json": "secret"}) == {}


def test_a_user_is_told_of_by_own_files_alone() -> None:
    assert facts(HERS) == {
        ANN: {
            "uid": 1000,
            "containers": {
                "files": [f"{OWN}/containers.conf", f"{OWN}/containers.conf.d/1.conf"],
                "settings": {"containers.privileged": {"value": True, "file": f"{OWN}/containers.conf"}},
                "lists": {"containers.default_capabilities": [{"value": "CAP_NET_RAW", "file": f"{OWN}/containers.conf.d/1.conf"}]},
            },
            "registries": {
                "files": [f"{OWN}/registries.conf.d/1.conf"],
                "registries": {"b.org": {"location": "b.org", "insecure": True, "blocked": False, "mirrors": {}, "file": f"{OWN}/registries.conf.d/1.conf"}},
                "search": [],
                "search_file": "",
                "short_name_mode": "permissive",
                "short_name_file": "",
            },
            "policy": {
                "file": f"{OWN}/policy.json",
                "default": ["insecureAcceptAnything"],
                "from_registries": ["insecureAcceptAnything"],
                "decided_by": "default",
                "open_scopes": [],
            },
            "mounts": {"file": f"{OWN}/mounts.conf", "directories": ["/x:/y"]},
        }
    }


def test_what_a_user_breaks_is_that_users_alone() -> None:
    bobs = {"/home/bob/.config/containers/containers.conf": PRIVILEGED}
    for name in ("containers.conf", "registries.conf", "policy.json"):
        found = facts({f"{OWN}/{name}": "= hunter2", **bobs})
        hole = found[ANN]
        assert isinstance(hole, Hole) and hole.why is Why.NONSENSE and name in hole.message and "hunter2" not in hole.message
        assert found["/home/bob"] == facts(bobs)["/home/bob"]


def test_a_broken_file_of_the_system_is_a_hole_for_who_has_files_of_the_same_kind() -> None:
    broken = {"/etc/containers/containers.conf": "= x", "/etc/containers/registries.conf": "= x"}
    assert facts(broken) == {}
    found = anns({**broken, f"{OWN}/containers.conf": PRIVILEGED, f"{OWN}/policy.json": '{"default":[{"type":"reject"}]}'})
    assert isinstance(found["containers"], Hole) and found["policy"]["default"] == ["reject"] and "registries" not in found
    replaced = anns({**broken, f"{OWN}/registries.conf": ""})  # the system's is not read then
    assert replaced["registries"]["registries"] == {}


def test_links_and_files_of_others_are_not_read() -> None:
    linked = anns({"/etc/shadow": "= hunter2", f"{OWN}/x": ""}, links={f"{OWN}/containers.conf": "/etc/shadow"})
    assert isinstance(linked, Hole) and linked.why is Why.NONSENSE and "hunter2" not in linked.message
    others = anns({f"{OWN}/policy.json": "{}"}, stats={f"{OWN}/policy.json": owned("file", 1001)})
    assert isinstance(others, Hole) and others.why is Why.NONSENSE
    moved = anns({"/srv/x/containers.conf": PRIVILEGED}, links={f"{ANN}/.config": "/srv/x"})
    assert isinstance(moved, Hole) and moved.why is Why.UNSUPPORTED


def test_what_one_user_can_have_is_bounded() -> None:
    many = anns({f"{OWN}/containers.conf.d/{number:03}.conf": "" for number in range(bounds.PODMAN_FILES_OF_A_USER + 1)})
    long = anns({f"{OWN}/containers.conf": "#" * (bounds.PODMAN_FILE_OF_A_USER + 1)})
    full = anns({f"{OWN}/containers.conf.d/{number}.conf": "#" * bounds.PODMAN_FILE_OF_A_USER for number in range(5)})
    assert all(isinstance(one, Hole) and one.why is Why.LIMIT for one in (many, long, full))
    assert anns({f"{OWN}/containers.conf": "#" * bounds.PODMAN_FILE_OF_A_USER})["containers"]["settings"] == {}


def test_without_the_right_to_look_users_are_not_known() -> None:
    found = facts({ANN: PermissionError(13, "denied")}, caps=0)
    assert isinstance(found, OpenObject) and found.hole.why is Why.DENIED


def test_a_home_of_a_stranger_is_nonsense() -> None:
    found = anns({f"{OWN}/containers.conf": PRIVILEGED}, stats={ANN: owned("dir", 1001)})
    assert isinstance(found, Hole) and found.why is Why.NONSENSE
