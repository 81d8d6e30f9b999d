"""By which ways a container reaches its host."""

from typing import Any

import pytest
from containers.escape_facts import DENIED

from hostcheck.api import Hole, incomplete
from hostcheck_builtin.accounts.dac import Ids
from hostcheck_builtin.containers.acting import ROOT, Acting
from hostcheck_builtin.containers.reaching import WAYS, reached, ways_of_user
from hostcheck_builtin.containers.security_modules import LABELS, NO_BUS, UNTRACED

MOUNTS = {"socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts"}
SURE = {"takes_processes": False, "confined": {"apparmor": False, "selinux": False}}
ANN = Ids(uid=1000)
NOTHING = dict.fromkeys(("socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts", "capabilities", "devices", "device_rules"), {})


def container(**facts: Any) -> dict[str, Any]:
    return {"image": "app", "runs": True, "root_is_hosts": True, "privileged": False, "one_by_one": True, "masked_paths": "default", **SURE, **NOTHING, **facts}


EACH = (
    {"privileged": True},
    {"socket_mounts": {"/run": {}}},
    {"host_mounts": {"/etc": {}}},
    {"secret_mounts": {"/etc": {}}},
    {"capabilities": {"SYS_ADMIN": {}}},
    {"devices": {"/dev/sda": {}}},
    {"device_rules": {"a *:* rwm": {}}},
    {"kernel_mounts": {"/proc": {}}},
    {"masked_paths": "none"},
    {"takes_processes": True},
)


def ways(one: dict[str, Any], acting: Acting = ROOT) -> Any:
    return reached(one, acting)["ways"]


def test_a_container_with_nothing_of_its_host_reaches_it_by_no_way() -> None:
    assert ways(container()) == []


@pytest.mark.parametrize("facts", EACH)
def test_each_way_counts_where_root_inside_is_root_of_the_host(facts: dict[str, Any]) -> None:
    assert len(ways(container(**facts))) == 1
    assert ways(container(**facts, root_is_hosts=False)) == []
    assert ways(container(**facts, root_is_hosts=DENIED)) == DENIED


@pytest.mark.parametrize("facts", EACH)
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


@pytest.mark.parametrize("facts", [one for one in EACH if not (one.keys() & MOUNTS)])
def test_what_is_roots_inside_takes_a_setuid_program_where_its_user_is_not_root(facts: dict[str, Any]) -> None:
    (key,) = facts
    fact = {"masked_paths": "bare"}.get(key, key)
    one = container(**facts)
    assert reached(one, ROOT) == {"ways": [WAYS[fact]], "doubts": {}}
    rises = reached(one, Acting(root=False, rises=True, ids=ANN))
    assert rises["ways"] == [WAYS[fact]] and list(rises["doubts"]) == [fact]
    never = reached(one, Acting(root=False, rises=False, ids=ANN))
    assert never["ways"] == [] and never["doubts"] == {} and not hasattr(never["ways"], "hole")
    opens = reached(one, Acting(root=False, rises=False, ids=ANN, opens=DENIED))["ways"]
    assert opens == [] and hasattr(opens, "hole") is (fact in ("devices", "privileged"))
    unknown = reached(one, Acting(root=False, rises=DENIED, ids=ANN))
    assert unknown["ways"] == [] and isinstance(unknown["ways"].hole, Hole)
    hidden = reached(one, Acting(root=DENIED, rises=True))
    assert hidden["ways"] == [WAYS[fact]] and hidden["doubts"] == {fact: DENIED}


def test_a_capability_in_force_needs_nobody_to_become_root() -> None:
    one = container(capabilities={"SYS_ADMIN": {}}, privileged=True)
    able = Acting(root=False, rises=False, ids=ANN, able=frozenset({"SYS_ADMIN"}))
    assert reached(one, able) == {"ways": [WAYS["privileged"], WAYS["capabilities"]], "doubts": {}}
    assert reached(one, able._replace(able=frozenset({"NET_RAW"})))["ways"] == []
    assert reached(one, able._replace(able=frozenset(), unsure=DENIED))["ways"].hole == DENIED


@pytest.mark.parametrize(
    ("usable", "doubts"),
    [((None,), {}), ((False,), "a"), ((False, None), {}), ((DENIED,), {"host_mounts": DENIED}), ((False, DENIED), {"host_mounts": DENIED})],
)
def test_a_mount_is_doubtful_where_none_of_its_kind_is_its_users_to_use(usable: tuple[Any, ...], doubts: Any) -> None:
    mounts = {f"/{at}": {} if one is None else {"usable": one} for at, one in enumerate(usable)}
    acting = Acting(root=False, rises=True, ids=ANN)
    found = reached(container(host_mounts=mounts), acting)
    assert found["ways"] == [WAYS["host_mounts"]] and found["doubts"] == ({"host_mounts": acting.reason} if doubts == "a" else doubts)


@pytest.mark.parametrize(
    ("modules", "doubt"),
    [
        ({}, None),
        ({"apparmor": True}, UNTRACED),
        ({"selinux": True}, UNTRACED),
        ({"apparmor": DENIED}, DENIED),
        ({"apparmor": DENIED, "selinux": True}, UNTRACED),
    ],
)
def test_a_security_module_may_keep_a_container_from_processes(modules: dict[str, Any], doubt: Any) -> None:
    found = reached(container(takes_processes=True, confined=SURE["confined"] | modules), ROOT)
    assert found == {"ways": [WAYS["takes_processes"]], "doubts": {} if doubt is None else {"takes_processes": doubt}}
    assert reached(container(privileged=True, one_by_one=False, takes_processes=True), ROOT)["ways"] == [WAYS["privileged"]]


@pytest.mark.parametrize("fact", sorted(MOUNTS))
@pytest.mark.parametrize(("selinux", "doubt"), [(True, LABELS), (DENIED, DENIED), (False, None)])
def test_selinux_may_keep_a_container_from_what_is_mounted(fact: str, selinux: Any, doubt: Any) -> None:
    mount = {"path": "/etc", "place": "/etc", "what": "w", "writable": True}
    found = reached(container(**{fact: {"/x": mount}}, confined={"apparmor": True, "selinux": selinux}), ROOT)
    assert found == {"ways": [WAYS[fact]], "doubts": {} if doubt is None else {fact: doubt}}


def test_apparmor_may_keep_a_container_from_the_bus_alone() -> None:
    bus = {"path": "/run/dbus", "place": "/run/dbus/system_bus_socket", "what": "w", "writable": False}
    etc = {"path": "/etc", "place": "/etc", "what": "w", "writable": True}
    kept = {"apparmor": True, "selinux": False}
    assert reached(container(host_mounts={"/b": bus}, confined=kept), ROOT)["doubts"] == {"host_mounts": NO_BUS}
    assert reached(container(host_mounts={"/b": bus, "/e": etc}, confined=kept), ROOT)["doubts"] == {}
    assert reached(container(host_mounts={"/b": bus}, confined=SURE["confined"]), ROOT)["doubts"] == {}
    assert reached(container(host_mounts={"/b": bus}, confined={"apparmor": DENIED, "selinux": False}), ROOT)["doubts"] == {"host_mounts": DENIED}
    assert reached(container(socket_mounts={"/d": etc}, confined=kept), ROOT)["doubts"] == {}


def test_all_capabilities_are_in_force_where_they_are_ambient() -> None:
    nobody = Acting(root=False, rises=False, ids=Ids(uid=65534), able=frozenset({"ALL"}))
    assert ways(container(capabilities={"ALL": {}}), nobody) == ["it has capabilities that lead to the host"]
    some = Acting(root=False, rises=False, ids=Ids(uid=65534), able=frozenset({"BPF"}))
    assert ways(container(capabilities={"ALL": {}}), some) == ["it has capabilities that lead to the host"]
    none = Acting(root=False, rises=False, ids=Ids(uid=65534), able=frozenset({"NET_RAW"}))
    assert ways(container(capabilities={"ALL": {}}), none) == []
