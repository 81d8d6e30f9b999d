"""Edges of files: who changes what root's engines run and believe; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import NOTHING, SURE, changed, derived, host, people, told

from hostcheck.model import Hole, Why
from hostcheck.view import View
from hostcheck_builtin.paths.edges_of_files import closing

NAMED = {"named_by": "/etc/cdi/x.json", "certain": False}


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((changed("units", "/etc/systemd/system", changed_by=people(bob="group w")),), {"bob": [(*SURE, ("writes", "runs"))]}),
        ((changed("programs", "/usr/bin", members={"docker": people(bob="owner")}),), {"bob": [(*SURE, ("writes", "runs"))]}),
        ((changed("plugins", "/opt/cni/bin", changed_by=people(bob="group w")),), {"bob": [(*SURE, ("writes", "runs"))]}),
        ((changed("plugins", "/run/docker/plugins", changed_by=people(bob="group w")),), {"bob": [("likely", "nothing", ("writes", "runs"))]}),
        ((changed("plugins", "/opt/x", changed_by=people(bob="owner"), **NAMED),), {"bob": [("likely", "nothing", ("writes", "runs"))]}),
        ((changed("plugins", "/opt/x", changed_by=people(bob="owner"), **NAMED | {"certain": True}),), {"bob": [(*SURE, ("writes", "runs"))]}),
        ((changed("commands", "/home/ann/.docker", of=1000, of_whom="ann", changed_by=people(bob="group w")),), NOTHING),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


def test_what_a_file_names_is_told_with_that_file() -> None:
    (path,) = derived(host(changed("plugins", "/opt/x", changed_by=people(bob="owner"), **NAMED)))["paths"]
    assert path["steps"][1]["because"] == "root's engines run or ask it, as /etc/cdi/x.json says (/opt/x)"


@pytest.mark.parametrize(
    ("cause", "what"),
    [
        (None, "let only root and its owner change /a/b"),
        ({"path": "/a", "owner_uid": 0, "own": False}, "let only root and its owner change /a"),
        ({"path": "/a", "owner_uid": 1001, "own": True}, "let only root and its owner change /a"),
        ({"path": "/a", "owner_uid": 1001, "own": False}, "give /a to root, and let nobody else change it"),
        ({"path": "/a", "owner_uid": Hole(why=Why.DENIED, message="no"), "own": False}, "let only root and its owner change /a"),
        (Hole(why=Why.DENIED, message="no"), "let only root and its owner change /a/b"),
    ],
)
def test_the_owner_is_named_as_one_who_may_only_where_that_is_so(cause: Any, what: str) -> None:
    told = View({"changed_by": {} if cause is None else {"cause": cause}})["changed_by"]
    assert [(one.what, one.rules) for one in closing(told, "/a/b", ("T-1",))] == [(what, ("T-1",))]
