"""What an inspect answer may tell, word by word, and that no document makes more of it than holes."""

import json
from pathlib import Path
from typing import Any

import pytest
from containers.container_host import SCHEMA, inspected
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.model import Hole, Why
from hostcheck_builtin.containers import inspect_answers

NUMBERS = st.integers(-2, 1 << 70) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=6) | st.sampled_from(
    ["host", "container:x", "ns:/x", "seccomp=unconfined", "0:0:1", "b *:* rwm", "/etc", "80/tcp", "running", "CAP_X"]
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
HOST_CONFIG = tuple(inspected()["HostConfig"]) + ("CgroupMode", "IDMappings", "Annotations", "Runtime")
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("Id", "Name", "Image", "AppArmorProfile", "ProcessLabel"), JSON),
        "Mounts": JSON | st.lists(st.dictionaries(st.sampled_from(["Type", "Source", "Destination", "RW", "Propagation", "Name", "Driver"]), JSON)),
        "State": st.dictionaries(st.sampled_from(["Status", "ConmonPid"]), JSON),
        **dict.fromkeys(("BoundingCaps", "Path", "Args"), JSON),
        "NetworkSettings": st.dictionaries(st.sampled_from(["Ports", "Networks"]), JSON) | JSON,
        "Config": st.dictionaries(st.sampled_from(["User", "Image", "Env", "Healthcheck", "Cmd", "WorkingDir"]), JSON),
        "HostConfig": st.dictionaries(st.sampled_from(HOST_CONFIG), JSON) | JSON,
    },
)
FACTS = set(SCHEMA["properties"]["containers"]["additionalProperties"]["properties"]) - {"engine", "login_uid", "socket", "starts"} | {"command", "monitor"}


def told(engine: str = "docker", **given: Any) -> Any:
    return inspect_answers.container(inspected(engine=engine, **given), engine)


@given(DOCUMENTS, st.sampled_from(["docker", "podman"]))
def test_whatever_an_engine_answers_costs_facts_and_no_more(document: Any, engine: str) -> None:
    found = inspect_answers.container(json.loads(json.dumps(document)), engine)
    assert found.keys() | {"runtime"} == FACTS
    for fact in ("mounts", "devices"):
        assert isinstance(found[fact], Hole | list)


@pytest.mark.parametrize("status", [None, 1, "", "unknown to us", "Running"])
def test_a_state_that_is_none_is_not_known(status: Any) -> None:
    assert isinstance(told(State=status)["state"], Hole)


@pytest.mark.parametrize(
    ("said", "state"), [("paused", "paused"), ("initialized", "created"), ("stopped", "exited"), ("stopping", "running"), ("dead", "dead")]
)
def test_states_are_told_in_the_words_of_docker(said: str, state: str) -> None:
    assert told(State=said)["state"] == state


@pytest.mark.parametrize(
    ("given_", "known"),
    [
        (None, []),
        (["CAP_SYS_ADMIN", "sys_admin", "net_raw"], ["NET_RAW", "SYS_ADMIN"]),
        (["all"], ["ALL"]),
        (["CAP_ALL"], ["ALL"]),
    ],
)
def test_capabilities_have_one_name(given_: Any, known: list[str]) -> None:
    assert told(CapAdd=given_, CapDrop=given_)["capabilities"] == {"added": known, "dropped": known}


@pytest.mark.parametrize("given_", ["ALL", [1], ["a b"], ["x" * 41], [""]])
def test_what_is_no_capability_is_not_known(given_: Any) -> None:
    assert told(CapAdd=given_)["capabilities"]["added"].why is Why.NONSENSE


@pytest.mark.parametrize(
    ("mode", "pid", "net"),
    [
        ("", "default", "private"),
        ("host", "host", "host"),
        ("private", "private", "private"),
        ("none", "none", "none"),
        ("container:abc", "container:abc", "container:abc"),
        ("ns:/proc/1/ns/x", "path", "path"),
        ("hosts", None, "private"),
        ("container:", None, "private"),
        ("my-network", None, "private"),
        ("slirp4netns:x", None, "private"),
        (" host", None, "private"),
    ],
)
def test_whose_namespace_it_is(mode: str, pid: str | None, net: str) -> None:
    found = told(PidMode=mode, NetworkMode=mode)["namespaces"]
    assert (None if isinstance(found["pid"], Hole) else found["pid"], found["net"]) == (pid, net)


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        (["0:100000:65536"], "private"),
        (["0:1:65536", "65536:0:1"], "host"),
        (["0:0:4294967295"], "host"),
        (["0:100000"], None),
        (["0:x:1"], None),
        ("0:1:2", None),
    ],
)
def test_a_mapping_of_podmans_may_be_the_hosts(lines: Any, known: str | None) -> None:
    user = told("podman", UsernsMode="private", IDMappings={"UidMap": lines})["namespaces"]["user"]
    assert (None if isinstance(user, Hole) else user) == known
    assert isinstance(told("podman", UsernsMode="private")["namespaces"]["user"], Hole)


@pytest.mark.parametrize(
    ("spec", "uid"),
    [("", 0), ("root", 0), ("root:wheel", 0), ("0:100", 0), ("000", 0), ("65534", 65534), ("node", None), ("+0", None), ("٠", None), ("-1", None)],
)
def test_a_user_has_a_uid_where_that_is_told(spec: str, uid: int | None) -> None:
    assert told(User=spec)["user"] == {"spec": spec} | ({} if uid is None else {"uid": uid})


@pytest.mark.parametrize(
    ("annotations", "keeps"),
    [
        (None, False),
        ({}, False),
        ({inspect_answers.KEEPS_GROUPS: "1", "a": "b"}, True),
        ({inspect_answers.KEEPS_GROUPS: "0"}, False),
        ([], None),
        ("x", None),
    ],
)
def test_processes_may_keep_their_groups(annotations: Any, keeps: bool | None) -> None:
    found = told(Annotations=annotations)["keeps_groups"]
    assert (None if isinstance(found, Hole) else found) is keeps
    assert told()["keeps_groups"] is False and isinstance(inspect_answers.container({}, "docker")["keeps_groups"], Hole)


@pytest.mark.parametrize("name", [None, "", "/", 1, "x" * 5000])
def test_a_name_that_is_none_is_not_known(name: Any) -> None:
    assert isinstance(inspect_answers.container({**inspected(), "Name": name}, "docker")["name"], Hole)


@pytest.mark.parametrize(("named", "image"), [("sha256:" + "ab" * 32, "sha256:abababababab"), ("web@sha256:" + "ab" * 32,) * 2, ("sha256:ab",) * 2])
def test_of_an_image_without_a_name_as_many_digits_are_told_as_engines_print(named: str, image: str) -> None:
    document = inspected()
    document["Config"] = {**document["Config"], "Image": named}
    assert inspect_answers.container(document, "docker")["image"] == image


def test_a_hostile_name_is_kept_as_it_is() -> None:
    hostile = "\x1b[2J\u202e\n=cmd()" + "x" * 4000
    assert inspect_answers.container({**inspected(), "Name": f"/{hostile}"}, "docker")["name"] == hostile


CAPTURES = Path(__file__).parent / "inspected"


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*.json")), ids=lambda path: path.stem)
def test_what_real_engines_answered_is_understood(path: Path) -> None:
    """Written down as they answered; only what podman never tells is not known."""
    engine = path.stem.partition("-")[0]
    found = inspect_answers.container(json.loads(path.read_text(encoding="utf-8")), engine)
    holes = {fact for fact, value in found.items() if isinstance(value, Hole)}
    privileged = path.stem.endswith("privileged")
    assert holes == (set() if engine == "docker" else {"device_rules"} if privileged else {"device_rules", "masked_paths"})
    assert found["privileged"] is privileged
    assert (found["masked_paths"] == "none") is privileged
