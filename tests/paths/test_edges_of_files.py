"""Edges of files: who changes what root's engines run and believe; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import NOTHING, SURE, changed, derived, host, people, told

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
