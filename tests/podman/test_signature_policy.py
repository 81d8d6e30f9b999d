"""What a policy asks of images, read as strictly as containers/image reads it (Podman 5.4.2, tests/real_engines/test_podman.py)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from podman.in_memory import Directory

from hostcheck.host import LimitExceeded, Nonsense
from hostcheck_builtin.podman.signature_policy import MOST, read, stated

PATH = "/etc/containers/policy.json"
ANYTHING: list[Any] = [{"type": "insecureAcceptAnything"}]
REJECT: list[Any] = [{"type": "reject"}]


def told(document: Any) -> dict[str, Any]:
    return stated((PATH, document if isinstance(document, bytes) else json.dumps(document).encode()))


def test_no_policy() -> None:
    assert stated(None) == {"file": "", "default": [], "from_registries": [], "decided_by": "", "open_scopes": []}


def test_the_default() -> None:
    found = told({"default": ANYTHING})
    assert found == {
        "file": PATH,
        "default": ["insecureAcceptAnything"],
        "from_registries": ["insecureAcceptAnything"],
        "decided_by": "default",
        "open_scopes": [],
    }
    assert told({"default": REJECT + ANYTHING})["default"] == ["insecureAcceptAnything", "reject"]


def test_what_counts_for_registries() -> None:
    scopes = {"": REJECT, "b.org": ANYTHING, "a.org": ANYTHING + REJECT}
    found = told({"default": ANYTHING, "transports": {"docker": scopes, "docker-daemon": {"": ANYTHING}}})
    assert found["from_registries"] == ["reject"] and found["decided_by"] == "docker" and found["open_scopes"] == ["b.org"]
    assert told({"default": REJECT, "transports": {"docker": {"": ANYTHING}}})["from_registries"] == ["insecureAcceptAnything"]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"default":[{"type":"reject"}],"default":[{"type":"insecureAcceptAnything"}]}',
        b'{"default":[{"type":"reject"}]} secret',
        b'\xef\xbb\xbf{"default":[{"type":"reject"}]}',
        b"[" * 5000,
        {},
        {"Default": ANYTHING},
        {"default": []},
        {"default": [{"Type": "reject"}]},
        {"default": ["reject"]},
        {"default": [{"type": "secret"}]},
        {"default": REJECT, "secret": 1},
        {"default": REJECT, "transports": []},
        {"default": REJECT, "transports": {"docker": []}},
        {"default": REJECT, "transports": {"docker": {"": []}}},
    ],
)
def test_what_nothing_can_be_pulled_with(document: Any) -> None:
    with pytest.raises(Nonsense) as raised:
        told(document)
    assert PATH in str(raised.value) and "secret" not in str(raised.value)


def test_too_many_scopes() -> None:
    with pytest.raises(LimitExceeded):
        told({"default": REJECT, "transports": {"docker": {f"r{number}.org": REJECT for number in range(MOST + 1)}}})


def test_one_in_the_home_takes_the_place_of_the_systems() -> None:
    system, home = Directory("/etc/containers", {"policy.json": "1"}), Directory("/root/.config/containers", {"policy.json": "2"})
    assert read(system, home) == ("/root/.config/containers/policy.json", b"2")
    assert read(system, Directory("/root", {})) == read(system, None) == (PATH, b"1")
    assert read(Directory("/etc/containers", {}), None) is None


@given(st.binary(max_size=100) | st.recursive(st.none() | st.booleans() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one), max_leaves=5))
def test_anything_else_is_nonsense(document: Any) -> None:
    with pytest.raises(Nonsense):
        told(document)
