"""What an engine may say of itself, type by type and up to which size."""

import json
from typing import Any

import pytest
from engines.engine_host import DOCKER, ROOTS, docker, facts, said
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded, Nonsense
from hostcheck.model import Hole, Why
from hostcheck_builtin.engines import api_answers

ID = {"container_id": 0, "host_id": 1000, "size": 1}
NUMBERS = st.integers(-2, 1 << 33)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=8
)


def test_texts_and_lists_are_taken_up_to_their_bounds() -> None:
    assert api_answers.text("x" * 4096) == "x" * 4096
    assert api_answers.texts(["x"] * 200) == ["x"] * 200
    for read, value in ((api_answers.text, "x" * 4097), (api_answers.texts, ["x"] * 201)):
        with pytest.raises(LimitExceeded):
            read(value)


def test_words_stand_between_commas() -> None:
    assert api_answers.words("CAP_CHOWN,CAP_KILL,, a b") == ["CAP_CHOWN", "CAP_KILL", " a b"]
    assert api_answers.words("") == []


def test_ranges_are_of_numbers_that_can_be_ids() -> None:
    assert api_answers.ranges(None) == []
    assert api_answers.ranges([ID, {**ID, "host_id": (1 << 32) - 1}]) == [[0, 1000, 1], [0, (1 << 32) - 1, 1]]


@pytest.mark.parametrize(
    "one", [1, "x", None, [], {}, {**ID, "size": -1}, {**ID, "size": 1 << 32}, {**ID, "size": True}, {**ID, "size": "1"}, {**ID, "size": 1.0}]
)
def test_what_is_no_range_is_refused(one: Any) -> None:
    with pytest.raises(TypeError):
        api_answers.ranges([one])


@pytest.mark.parametrize("components", ["x", [1], [{"Name": 1}], [{"Name": "Engine"}, {"Name": "Engine"}]])
def test_components_that_make_no_sense_leave_open_whether_rootlesskit_is_one(components: Any) -> None:
    told = api_answers.version({"Version": "1", "Components": components})
    assert told["version"] == "1"
    assert isinstance(told["components"], Hole) and told["components"].why is Why.NONSENSE
    assert told["rootlesskit"] == told["components"]


@given(st.dictionaries(st.sampled_from(["Version", "Components", "SecurityOptions", "Plugins", "host"]), DOCUMENTS))
def test_whatever_json_an_engine_answers_costs_fields_and_no_more(document: Any) -> None:
    read = api_answers.parse(json.dumps(document).encode())
    for listed in (api_answers.INFO, api_answers.LIBPOD):
        assert api_answers.fields(listed, read).keys() == listed.keys()
    assert {"version", "api_version", "min_api_version", "components"} <= api_answers.version(read).keys()


@given(st.binary(max_size=100))
def test_what_is_no_json_object_is_nonsense(body: bytes) -> None:
    try:
        assert isinstance(api_answers.parse(body), dict)
    except Nonsense:
        pass


def test_a_field_of_another_type_is_a_hole_of_its_own() -> None:
    wrong = '{"SecurityOptions":"name=rootless","Warnings":{"a":1},"Plugins":[],"RegistryConfig":null,"MemoryLimit":1,"Driver":"overlay2"}'
    info = facts(**ROOTS, answers={DOCKER: docker(**{"/info": said(wrong)})})["sockets"][DOCKER]["info"]
    kinds = {name: str(value.why) if isinstance(value, Hole) else value for name, value in info.items()}
    nonsense = ("security_options", "warnings", "authorization_plugins", "insecure_hosts", "insecure_registries", "memory_limit", "mirrors")
    assert kinds == {**dict.fromkeys(info, "unsupported"), **dict.fromkeys(nonsense, "nonsense"), "storage_driver": "overlay2"}


def test_texts_and_lists_have_bounds() -> None:
    large = json.dumps({"DockerRootDir": "/" + "a" * 5000, "SecurityOptions": ["x"] * 300, "Warnings": ["w" * 5000]})
    info = facts(**ROOTS, answers={DOCKER: docker(**{"/info": said(large)})})["sockets"][DOCKER]["info"]
    assert [str(info[name].why) for name in ("root_dir", "security_options", "warnings")] == ["limit"] * 3
