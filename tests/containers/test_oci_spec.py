"""What config.json of the OCI runtime specification tells: the same words as of the engines' APIs, and whatever else stands there."""

import json
from typing import Any

import pytest
from containers.container_host import SECRET
from containers.process_host import ALL, SCHEMA, bind, spec
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.model import Hole, Why
from hostcheck.schema import compile_schema
from hostcheck_builtin.containers import inside_processes, oci_spec

GIVEN = SCHEMA["properties"]["containers"]["additionalProperties"]["properties"]["given"]
OBEYS = compile_schema({**GIVEN, "$defs": SCHEMA["$defs"], "properties": {**GIVEN["properties"], "mounts": {"type": "array", "items": {"type": "object"}}}})
EVERY = [f"CAP_{name}" for name in inside_processes.names(ALL)]


def told(document: Any) -> dict[str, Any]:
    return oci_spec.told(document, ALL)


def test_a_hardened_container() -> None:
    found = told(spec(mounts=[bind("/srv", "/data", "ro")], annotations={"io.kubernetes.cri.image-name": "registry/app:1"}))
    assert found == {
        **{"all": False, "ambient": [], "bounding": [], "privileged": False, "device_rules": [], "devices": [], "image": "registry/app:1", "pod": ""},
        **{
            "limits": {"memory": 64, "pids": 8},
            "masked_paths": "default",
            "no_new_privileges": True,
            "seccomp": "custom",
            "sysfs_writable": False,
            "uid": 65534,
        },
        "mounts": [{"destination": "/data", "source": "/srv", "writable": False, "propagation": ""}],
        "namespaces": {**dict.fromkeys(("cgroup", "ipc", "net", "pid", "uts"), "private"), "user": "host"},
    }
    assert SECRET not in repr(found)


def test_an_empty_document_is_that_of_a_container_without_any_of_it() -> None:
    found = told({})
    assert (found["seccomp"], found["masked_paths"], found["no_new_privileges"], found["limits"]) == ("none", "none", False, {"memory": 0, "pids": 0})
    assert set(found["namespaces"].values()) == {"host"} and isinstance(found["uid"], Hole)


@pytest.mark.parametrize(
    ("lists", "masked"),
    [
        ({"maskedPaths": None, "readonlyPaths": []}, "none"),
        ({"readonlyPaths": ["/proc/sys"]}, "custom"),
        ({"maskedPaths": []}, "custom"),
        ({"maskedPaths": ["/proc/kcore", "/sys/firmware"], "readonlyPaths": ["/proc/sys", "/proc/sysrq-trigger", "/x"]}, "default"),
    ],
)
def test_what_is_hidden_of_the_kernel(lists: dict[str, Any], masked: str) -> None:
    assert told(spec(**lists))["masked_paths"] == masked


PRIVILEGED: dict[str, Any] = {
    **{"sys": "rw", "maskedPaths": None, "readonlyPaths": None, "process": {"capabilities": {"bounding": EVERY}}},
    "resources": {"devices": [{"allow": True, "access": "rwm"}]},
}


@pytest.mark.parametrize(
    ("changed", "privileged"),
    [
        ({}, True),
        ({"sys": "ro"}, True),
        ({"resources": {}}, True),
        ({"sys": "ro", "resources": {}}, False),
        ({"maskedPaths": ["/proc/kcore"]}, False),
        ({"readonlyPaths": ["/proc/sys"]}, False),
        ({"process": {"capabilities": {"bounding": EVERY[1:]}}}, False),
    ],
)
def test_what_a_privileged_container_is(changed: dict[str, Any], privileged: bool) -> None:
    assert told(spec(**{**PRIVILEGED, **changed}))["privileged"] is privileged


@pytest.mark.parametrize(
    ("namespaces", "maps", "kind", "whose"),
    [
        ([], None, "net", "host"),
        ([{"type": "network"}], None, "net", "private"),
        ([{"type": "network", "path": "/proc/7/ns/net"}], None, "net", "path"),
        ([{"type": "user"}], [{"containerID": 0, "hostID": 100000, "size": 65536}], "user", "private"),
        ([{"type": "user"}], [{"containerID": 0, "hostID": 0, "size": 65536}], "user", "host"),
        ([{"type": "user"}], None, "user", "private"),
        ([], None, "user", "host"),
    ],
)
def test_whose_namespaces_it_has(namespaces: Any, maps: Any, kind: str, whose: str) -> None:
    assert told(spec(namespaces=namespaces, uidMappings=maps))["namespaces"][kind] == whose


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([{"allow": True, "access": "rwm"}], ["a *:* rwm"]),
        ([{"allow": True, "type": "b", "major": 8, "access": "r"}, {"allow": True, "type": "c", "major": 1, "minor": 3}], ["b 8:* r", "c 1:3 rwm"]),
        ([{"allow": True, "access": "rwm"}, {"allow": False, "access": "rwm"}, {"allow": True, "type": "c", "major": -1, "minor": -1}], ["c *:* rwm"]),
        ([{"allow": True, "access": "rwm"}, {"allow": False, "type": "b", "major": 8}], ["a *:* rwm"]),
        ([], []),
    ],
)
def test_what_may_be_done_with_devices(rules: Any, found: list[str]) -> None:
    assert told(spec(resources={"devices": rules}))["device_rules"] == found
    assert told(spec(devices=[{"path": "/dev/vda", "type": "b"}, {"path": "/dev/null", "type": "c"}]))["devices"] == ["/dev/vda"]


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        (None, "none"),
        ({}, "none"),
        ({"defaultAction": "SCMP_ACT_ALLOW"}, "none"),
        ({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{}]}, "custom"),
        ({"defaultAction": "SCMP_ACT_ERRNO"}, "custom"),
    ],
)
def test_whether_there_is_a_filter(profile: Any, found: str) -> None:
    assert told(spec(seccomp=profile))["seccomp"] == found


def test_what_an_engine_keeps_for_the_container_is_none_of_its_mounts() -> None:
    own = bind(f"/run/containers/storage/overlay-containers/{'ab' * 32}/userdata/hosts", "/etc/hosts")
    assert told(spec(mounts=[own, {"destination": "/proc", "type": "proc", "source": "proc"}]))["mounts"] == []
    assert told(spec(mounts=[bind("/srv", "/d", "rshared", "rro")]))["mounts"][0] == {
        "destination": "/d",
        "source": "/srv",
        "writable": False,
        "propagation": "rshared",
    }


@pytest.mark.parametrize(
    ("annotations", "pod"),
    [
        ({"io.kubernetes.cri.sandbox-namespace": "kube-system", "io.kubernetes.cri.container-name": "proxy"}, "kube-system/proxy"),
        ({"io.kubernetes.pod.namespace": "shop", "io.kubernetes.container.name": "web"}, "shop/web"),
        ({"io.kubernetes.pod.namespace": "shop"}, ""),
        ({"io.kubernetes.pod.namespace": "shop\x1b[2J", "io.kubernetes.container.name": "web"}, ""),
        ({"io.kubernetes.pod.namespace": 1, "io.kubernetes.container.name": []}, ""),
    ],
)
def test_what_kubernetes_calls_it(annotations: Any, pod: str) -> None:
    assert told(spec(annotations=annotations))["pod"] == pod


@pytest.mark.parametrize(
    ("document", "fact"),
    [
        ({"mounts": {}}, "mounts"),
        ({"mounts": [1]}, "mounts"),
        ({"mounts": [{"type": "bind", "source": 1}]}, "mounts"),
        ({"process": []}, "bounding"),
        ({"process": {"capabilities": {"bounding": ["SYS_ADMIN"]}}}, "bounding"),
        ({"process": {"noNewPrivileges": "true"}}, "no_new_privileges"),
        ({"process": {"user": {"uid": -1}}}, "uid"),
        ({"linux": {"resources": {"devices": [{"allow": True, "type": "x"}]}}}, "device_rules"),
        ({"linux": {"resources": {"devices": [{"allow": True, "access": "all"}]}}}, "device_rules"),
        ({"linux": {"namespaces": [{"type": 1}]}}, "namespaces"),
        ({"linux": {"namespaces": [{"type": "user"}], "uidMappings": [{}]}}, "namespaces"),
        ({"linux": {"seccomp": []}}, "seccomp"),
        ({"linux": {"maskedPaths": "x"}}, "masked_paths"),
    ],
)
def test_what_is_not_as_specified_is_not_known(document: Any, fact: str) -> None:
    found = told(document)[fact]
    holes = [found] if isinstance(found, Hole) else [value for value in found.values() if isinstance(value, Hole)]
    assert [hole.why for hole in holes] == [Why.NONSENSE]


def test_more_than_is_read() -> None:
    assert told({"mounts": [{}] * 2000})["mounts"].why is Why.LIMIT


KEYS = st.sampled_from(
    [
        *("process", "capabilities", "bounding", "user", "uid", "mounts", "type", "options", "source", "linux", "namespaces", "path", "seccomp", "annotations"),
        *("resources", "devices", "allow", "access", "major", "memory", "limit", "maskedPaths", "readonlyPaths", "uidMappings", "hostID", "size"),
    ]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner), max_leaves=20
)


@given(st.dictionaries(KEYS, ANY))
def test_whatever_stands_there_the_facts_obey_their_schema(document: dict[str, Any]) -> None:
    assert OBEYS(told(document)) is not False, json.dumps(document)
