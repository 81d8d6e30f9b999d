import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import Nonsense
from hostcheck_builtin.files.registry_credentials import FOLDERS, stated


def of(document: Any) -> Any:
    return stated("x", json.dumps(document).encode())


@pytest.mark.parametrize(
    ("document", "secrets"),
    [
        ({}, False),
        (None, False),
        ([], False),
        ({"auths": {"r": {}}}, False),
        ({"auths": {"r": {"auth": ""}}}, False),
        ({"auths": {"r": {"auth": "x"}}}, True),
        ({"Auths": {"r": {"Auth": "x"}}}, True),
        ({"auths": {"r": {}, "s": {"identitytoken": "x"}}}, True),
        ({"auths": {"r": {"registrytoken": "x"}}}, True),
        ({"auths": {"r": {"password": "x"}}}, True),
        ({"auths": {"r": {"email": "x"}}}, False),
        ({"auths": [{"auth": "x"}]}, False),
        ({"auths": {"r": "x"}}, False),
    ],
)
def test_whether_a_password_stands_there(document: Any, secrets: bool) -> None:
    assert of(document).secrets is secrets


def test_helpers_and_directories_of_plugins() -> None:
    found = of({"credsStore": "pass", "credHelpers": {"a": "ecr-login", "b": "../x", "c": 1, "d": "pass"}, "cliPluginsExtraDirs": ["/a", "b", 1]})
    assert (found.helpers, found.folders) == (("ecr-login", "pass"), ("/a",))
    assert len(of({"credHelpers": {str(number): f"h{number}" for number in range(1000)}}).helpers) == FOLDERS
    assert of({"cliPluginsExtraDirs": "/a"}).folders == ()


def test_an_empty_file_says_nothing() -> None:
    assert stated("x", b" \n") == (False, (), ())


@given(st.binary(max_size=200))
def test_whatever_it_holds_it_is_read_or_nonsense(raw: bytes) -> None:
    try:
        assert isinstance(stated("x", raw).secrets, bool)
    except Nonsense as error:
        assert str(error).startswith("x: no JSON")
