"""Whom cloud-init puts into which groups, by files of its own; what it makes of each was seen on cloud-init 25.1.4."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import attempt
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.groups import cloud_config

DENIED = PermissionError(13, "Permission denied")


def cloud(*texts: Any) -> Any:
    files = {cloud_config.MAIN: texts[0], **{f"{cloud_config.FOLDER}/{number}.cfg": text for number, text in enumerate(texts[1:])}}
    return attempt(cloud_config.grants, MemoryHost(files))


MAIN = "system_info:\n  default_user:\n    name: debian\n    groups: [adm, docker]\n"


@pytest.mark.parametrize(
    ("texts", "given"),
    [
        ([MAIN], {"debian": ["adm", "docker"]}),
        ([MAIN + "users: [default]\n"], {"debian": ["adm", "docker"]}),
        ([MAIN + "users: []\n"], {}),
        ([MAIN, "users: []\n"], {}),
        ([MAIN, "system_info:\n  default_user:\n    groups: adm, audio\n"], {"debian": ["adm", "audio"]}),
        ([MAIN, "system_info:\n  default_user:\n    name: ann\n"], {"ann": ["adm", "docker"]}),
        ([MAIN, "user:\n  name: ann\n"], {"ann": ["adm", "docker"]}),
        ([MAIN, "user: ann\n"], {"ann": ["adm", "docker"]}),
        ([MAIN, "package_update: true\n"], {"debian": ["adm", "docker"]}),
        (["users:\n- name: ann\n  primary_group: docker\n  groups: audio\n- bob\n"], {"ann": ["docker", "audio"]}),
        (["users:\n  - name: ann\n    groups:\n      - docker\n"], {"ann": ["docker"]}),
        (["groups:\n  - docker: [ann, bob]\n  - audio\n"], {"ann": ["docker"], "bob": ["docker"]}),
        (["# groups: [docker]\n"], {}),
        ([""], {}),
    ],
)
def test_whom_cloud_init_puts_into_groups(texts: list[str], given: dict[str, list[str]]) -> None:
    assert {one["user"]: one["groups"] for one in cloud(*texts).values()} == given


@pytest.mark.parametrize(
    ("texts", "given"),
    [
        (["groups:\n  docker: [ann]\n"], {"ann": ["docker"]}),
        (["groups:\n  docker:\n    - ann\n  audio:\n"], {"ann": ["docker"]}),
        (["groups:\n  docker: ann, bob\n"], {"ann": ["docker"], "bob": ["docker"]}),
        (["groups: docker, audio\n"], {}),
        (["users:\n  ann:\n    groups: docker\n  bob: true\n"], {"ann": ["docker"]}),
        (["users:\n  ann:\n    name: bob\n    groups: docker\n"], {"ann": ["docker"]}),
        ([MAIN + "users:\n  ann:\n    groups: audio\n  default: True\n"], {"ann": ["audio"], "debian": ["adm", "docker"]}),
        ([MAIN + "users:\n  ann:\n    groups: audio\n  default: off\n"], {"ann": ["audio"]}),
        ([MAIN + "users:\n  default:\n    groups: audio\n"], {"debian": ["audio"]}),
        ([MAIN + "users: ann, default\n"], {"debian": ["adm", "docker"]}),
        ([MAIN + "users: ann\n"], {}),
    ],
)
def test_groups_and_users_may_be_mappings_and_texts(texts: list[str], given: dict[str, list[str]]) -> None:
    assert {one["user"]: one["groups"] for one in cloud(*texts).values()} == given


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (MAIN + "users:\n- name: bob\nuser:\n  name: ann\n  groups: audio\n", {"ann": ["audio"]}),
        (MAIN + "users: []\nuser:\n  name: ann\n", {"ann": ["adm", "docker"]}),
        (MAIN + "users: []\nuser: ann\n", {"ann": ["adm", "docker"]}),
        (MAIN + "users: bob\nuser: ann\n", {"ann": ["adm", "docker"]}),
        (MAIN + "users:\n  bob:\n    groups: audio\nuser: ann\n", {"bob": ["audio"], "ann": ["adm", "docker"]}),
        (MAIN + "users:\n  default: no\nuser: ann\n", {}),
        (MAIN + "users: []\nuser:\n", {}),
        ("users: []\nuser:\n  name: ann\n  groups: docker\n", {"ann": ["docker"]}),
        (MAIN + "users:\n- name: default\n  groups: audio\n", {"debian": ["audio"]}),
        (MAIN + "users:\n- groups: audio\n", {"debian": ["audio"]}),
        (MAIN + "users:\n- name: default\n  primary-group: audio\n", {"debian": ["audio", "adm", "docker"]}),
        (MAIN + "users:\n- default\n- name: debian\n  groups: [audio]\n", {"debian": ["audio", "adm", "docker"]}),
        ("users:\n- name: default\n  groups: docker\n", {}),
        ("users:\n- name: ann\n  primary-group: docker\n", {"ann": ["docker"]}),
        ("users:\n- name: ann\n  groups: docker\n- name: ann\n  groups: audio\n", {"ann": ["docker"]}),
    ],
)
def test_who_the_default_user_is_and_what_is_said_of_one_user_twice(text: str, given: dict[str, list[str]]) -> None:
    assert {one["user"]: one["groups"] for one in cloud(text).values()} == given


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("users: [default, {name: ann, groups: docker}]\n" + MAIN, {"ann": ["docker"], "debian": ["adm", "docker"]}),
        ("users:\n- {name: ann, groups: [docker, 'audio']}\n", {"ann": ["docker", "audio"]}),
        ('{"users": [{"name": "ann","groups":"docker"}]}\n', {"ann": ["docker"]}),
        ("users: {ann: {groups: docker}, bob: no}\n", {"ann": ["docker"]}),
        ("users: [[default, bob], ann]\n" + MAIN, {"debian": ["adm", "docker"]}),
        ("user: {name: ann, groups: docker}\n", {"ann": ["docker"]}),
        ("groups: {docker: [ann, bob]}\n", {"ann": ["docker"], "bob": ["docker"]}),
        ("groups: [{docker: ann}, audio]\n", {"ann": ["docker"]}),
        ("groups:\n  docker: {ann: 1}\n", {"ann": ["docker"]}),
        ("system_info: {default_user: {name: debian,\n  groups: [docker,\n  adm]}}\n", {"debian": ["docker", "adm"]}),
    ],
)
def test_what_is_written_in_brackets(text: str, given: dict[str, list[str]]) -> None:
    assert {one["user"]: one["groups"] for one in cloud(text).values()} == given


def test_a_user_in_brackets_is_merged_key_by_key_as_one_in_lines_is() -> None:
    """What was not understood used to be replaced as a whole by what a file further on says of one key."""
    assert cloud("user: {name: ann, groups: docker}\n", "user:\n  lock_passwd: true\n") == {
        "system_info/default_user/ann": {"user": "ann", "groups": ["docker"]}
    }


@pytest.mark.parametrize(
    "text",
    [
        "users:\n- name: yes\n  groups: docker\n",
        "users:\n- name: 1000\n  groups: docker\n",
        "users:\n- name: 2001-01-01\n  groups: docker\n",
        "users:\n- name: ann\n  groups: [docker, 0o17, 1:30]\n",
        "users:\n- name: ann\n  groups: off\n",
        "users: [ann, on]\n",
        "users: [ann, ~]\n",
        "users: true\n",
        "users:\n  1000: {groups: docker}\n",
        "users:\n- {name: ann, 1: docker}\n",
        "user: yes\n",
        "groups: {1000: [ann]}\n",
        "groups: {docker: [yes]}\n",
    ],
)
def test_a_flag_a_number_or_a_date_is_no_name(text: str) -> None:
    """cloud-init breaks at most of them, and takes what is in quotes for a name."""
    assert isinstance(cloud(text), Hole)
    quoted = re.sub(r"\b(yes|on|off|true|1000|2001-01-01|1:30|1)\b", r"'\1'", text)
    assert isinstance(cloud(quoted), Hole) is ("~" in text or "1:30" in text)  # no name has a colon


@pytest.mark.parametrize(
    "text",
    [
        "users: &all\n- default\n",
        "users: *all\n",
        "users:\n- name: ann\n  groups: |\n    docker\n",
        "groups:\n- docker:\n  - - ann\n",
        "users:\n  ann: sometimes\n",
        "users:\n  ann:\n",
        "users:\n- name: [ann]\n  groups: docker\n",
        "user: [ann]\n",
        "users:\n- name: ann\nusers: []\n",
        "merge_how: 'list(append)'\nusers: []\n",
        "- users\n",
        "users:\n\t- ann\n",
        "user: x\n---\nuser: y\n",
        "system_info: ann\n",
        "groups: >-2x\n",
        "groups: &x [docker]\n",
        "users: [default, *ann]\n",
        "users:\n- *ann\n- default\n",
        "users:\n- <<: {name: ann, groups: docker}\n",
        "<<: {users: [ann]}\n",
        "users: !!seq [ann]\n",
        "users: [!x ann]\n",
        "users: []\nx: !x y\n",
        "users: []\nx: 2001-99-99\n",
        "users: []\nx: =\n",
        "users: []\nx: {[a]: b}\n",
        "users: {ann: {}, ann: {groups: docker}}\n",
        "users:\t[]\n",
        '"\\x75sers": [{name: ann, groups: docker}]\n',
        '"\\x6derge_how": x\n',
        "? |-\n  users\n: [ann]\n",
        "users: [{name: ann, groups: docker}",
        'users: [{name: "an\\x6e", groups: docker}]\n',
        "users: [{name: ann, groups: 'dock\n  er'}]\n",
    ],
)
def test_what_is_not_plain_is_not_known(text: str) -> None:
    told = cloud(text)
    assert isinstance(told, Hole) and told.why == Why.UNSUPPORTED
    assert isinstance(cloud(MAIN, text), Hole)


def test_a_file_that_cannot_be_read_leaves_all_of_it_open() -> None:
    assert isinstance(cloud(MAIN, DENIED), Hole)


@pytest.mark.parametrize(
    ("text", "why"), [(b"users: []\n# \xe9\n", Why.NONSENSE), (b"users: " + b"- " * 70, Why.UNSUPPORTED), (b"users: []\n#" + b"x" * (1 << 18), Why.LIMIT)]
)
def test_what_is_no_text_or_too_long_is_not_known(text: bytes, why: Why) -> None:
    told = cloud(text)
    assert isinstance(told, Hole) and told.why == why


KEYS = st.sampled_from(["users", "user", "groups", "system_info", "default_user", "name", "primary_group", "merge_how", "x"])
LEAVES = st.sampled_from(["ann", "docker", "default", "", "yes", "1", None, 1, True, 1.5, "a, b"])
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.sampled_from(["ann", "docker"]), inner, max_size=3), max_leaves=12
)


@given(st.lists(st.dictionaries(KEYS, TREES, max_size=4).map(json.dumps), min_size=1, max_size=3))
def test_any_documents_give_users_with_groups_or_a_hole(texts: list[str]) -> None:
    told = cloud(*texts)
    assert isinstance(told, Hole) or all(isinstance(name, str) for one in told.values() for name in (one["user"], *one["groups"]))
