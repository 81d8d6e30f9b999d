"""Edges of files: who changes what root's engines run and believe; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import NOTHING, SURE, changed, derived, host, people, told

from hostcheck.model import Hole, Why
from hostcheck.view import View
from hostcheck_builtin.paths.edges_of_files import closing

NO = Hole(why=Why.DENIED, message="no")
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


def test_a_file_of_quadlet_waits_for_systemd_and_not_for_an_engine() -> None:
    (path,) = derived(host(changed("containers_configuration", "/etc/containers/systemd", changed_by=people(bob="owner"))))["paths"]
    assert (path["steps"][1]["because"], path["steps"][1]["waits"]) == ("systemd makes units of root's of it (/etc/containers/systemd)", "reboot")


@pytest.mark.parametrize(
    ("cause", "what"),
    [
        (None, "let only root and its owner change /a/b"),
        ({"owner_uid": 0}, "let only root and its owner change /a"),
        ({"own": True, "personal": True}, "let only root and its owner change /a"),
        ({}, "give /a to root, and let nobody else change it"),
        ({"owner_uid": NO}, "let only root and its owner change /a"),
        ({"personal": True}, "move what root runs or reads out of /a, which is for users to write to"),
        ({"sticky": True, "owner_uid": 0}, "move what root runs or reads out of /a, which is for users to write to"),
        (NO, "let only root and its owner change /a/b"),
    ],
)
def test_the_owner_is_named_as_one_who_may_only_where_that_is_so(cause: Any, what: str) -> None:
    usual = {"path": "/a", "owner_uid": 1001, "own": False, "personal": False, "sticky": False, "root_only": True}
    told = View({"changed_by": {} if cause is None else {"cause": cause if isinstance(cause, Hole) else {**usual, **cause}}})["changed_by"]
    assert [one.what for one in closing(told, "/a/b")] == [what]


@pytest.mark.parametrize(
    ("more", "kind", "root_only"),
    [
        ({}, "owner", True),
        ({"path": "/dev/sda"}, "owner", False),
        ({"owner_uid": 0}, "file", True),
        ({"root_only": False}, "owner", False),
        ({"root_only": NO}, "owner", False),
        ({"personal": True}, "place", False),
    ],
)
def test_a_command_needs_a_path_at_which_only_root_can_put_something(more: dict[str, Any], kind: str, root_only: bool) -> None:
    usual = {"path": "/a", "owner_uid": 1001, "own": False, "personal": False, "sticky": False, "root_only": True}
    (change,) = closing(View({"changed_by": {"cause": {**usual, **more}}})["changed_by"], "/a/b")
    assert (change.kind, change.root_only, change.path) == (kind, root_only, more.get("path", "/a"))
