"""Whose namespace a container has."""

from typing import Any

import pytest

from hostcheck.model import Hole, HoleError, Why
from hostcheck.view import View
from hostcheck_builtin.containers.joined import holder


def view(**net: Any) -> View:
    return View({f"docker:{name}": {"engine": "docker", "namespaces": {"net": given}} for name, given in net.items()})


def test_a_namespace_is_followed_to_whom_it_belongs() -> None:
    containers = view(own="private", second="container:own", third="container:second", lost="container:gone")
    assert [holder(containers, f"docker:{name}", "net") for name in ("own", "second", "third", "lost")] == ["docker:own"] * 3 + ["docker:lost"]


def test_a_circle_ends() -> None:
    assert holder(view(one="container:two", two="container:one"), "docker:one", "net") in ("docker:one", "docker:two")


def test_another_engines_container_is_another() -> None:
    containers = View({"docker:a": {"engine": "docker", "namespaces": {"net": "container:b"}}, "podman:b": {"engine": "podman", "namespaces": {"net": "host"}}})
    assert holder(containers, "docker:a", "net") == "docker:a"


def test_what_is_not_known_on_the_way_is_not_known() -> None:
    with pytest.raises(HoleError):
        holder(view(one="container:two", two=Hole(why=Why.DENIED, message="no")), "docker:one", "net")
