"""By which ways a container reaches its host."""

from typing import Any

import pytest
from containers.escape_facts import DENIED

from hostcheck.api import incomplete
from hostcheck_builtin.containers.reaching import ways, ways_of_user

NOTHING = dict.fromkeys(("socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts", "capabilities", "devices", "device_rules"), {})


def container(**facts: Any) -> dict[str, Any]:
    return {"image": "app", "runs": True, "root_is_hosts": True, "privileged": False, "one_by_one": True, "masked_paths": "default", **NOTHING, **facts}


WAYS = (
    {"privileged": True},
    {"socket_mounts": {"/run": {}}},
    {"host_mounts": {"/etc": {}}},
    {"secret_mounts": {"/etc": {}}},
    {"capabilities": {"SYS_ADMIN": {}}},
    {"devices": {"/dev/sda": {}}},
    {"device_rules": {"a *:* rwm": {}}},
    {"kernel_mounts": {"/proc": {}}},
    {"masked_paths": "none"},
)


def test_a_container_with_nothing_of_its_host_reaches_it_by_no_way() -> None:
    assert ways(container()) == []


@pytest.mark.parametrize("facts", WAYS)
def test_each_way_counts_where_root_inside_is_root_of_the_host(facts: dict[str, Any]) -> None:
    assert len(ways(container(**facts))) == 1
    assert ways(container(**facts, root_is_hosts=False)) == []
    assert ways(container(**facts, root_is_hosts=DENIED)) == DENIED


@pytest.mark.parametrize("facts", WAYS)
def test_what_is_not_known_closes_no_way(facts: dict[str, Any]) -> None:
    (fact,) = facts
    assert ways(container(**{fact: DENIED})).hole == DENIED
    if isinstance(facts[fact], dict):
        assert ways(container(**{fact: incomplete({}, DENIED)})).hole == DENIED
        found = ways(container(**{"privileged": True, fact: DENIED}))
        assert found == ["it is privileged"] and found.hole == DENIED
        assert ways(container(**{fact: {"/x": DENIED}})).hole == DENIED and ways(container(**{fact: {"/x": DENIED}})) == []
    assert ways(container(**{fact: DENIED}, root_is_hosts=DENIED)) == DENIED


def test_that_a_privileged_container_is_kept_from_nothing_is_no_second_way() -> None:
    assert ways(container(privileged=True, one_by_one=False, masked_paths="none")) == ["it is privileged"]


def test_a_container_of_a_user_reaches_the_host_by_a_socket_of_roots_alone() -> None:
    assert (ways_of_user(True), ways_of_user(False)) == (["it has an engine's socket"], [])
    assert ways_of_user(DENIED) == [] and ways_of_user(DENIED).hole == DENIED
