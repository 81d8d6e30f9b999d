"""Whether changes of engines are recorded, from facts."""

import copy
from pathlib import Path
from typing import Any

import pytest
from audit.audit_host import LINES, PLACES, host

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, OpenArray, OpenObject, Why, incomplete
from hostcheck.parting import escape, part, unite
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.audit import analysis_audit_coverage as analysis
from hostcheck_builtin.audit import probe_audit

SCHEMA = load_facts_schema(str(Path(analysis.__file__).parent / "analysis_audit_coverage.facts.json"))
OBEYS = compile_schema(SCHEMA)
RULES = "/etc/audit/rules.d/50-docker.rules"
DENIED = Hole(why=Why.DENIED, message="denied")
PROGRAM = {"engine": "docker", "root_owned": True}
GOOD: dict[str, Any] = {
    "audit": stated(probe_audit.collect, host({RULES: LINES})),
    "engines": {"installed": {"/usr/bin/dockerd": PROGRAM}, "processes": {}, "sockets": {}},
    "host": {"kernel": {"machine": "x86_64"}},
}
NOW, BOOT = "the kernel's audit rules leave some out", "the audit rules that are loaded at boot leave some out"


def derive(**changes: Any) -> Any:
    """Derive from the facts of a host that watches all, with changes by pointer."""
    facts = copy.deepcopy(GOOD)
    for pointer, value in changes.items():
        at: Any = facts
        *way, last = pointer.split("__")
        for key in way:
            at = at[key]
        at[last] = value
    told = unite(*part(analysis.derive({name: View(one) for name, one in facts.items()}, {}), escape), "audit-coverage")
    assert OBEYS(told) is not False, told
    return told


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_audit_coverage.facts.json")


def test_all_is_recorded() -> None:
    told = derive()
    assert sorted(told["places"]) == sorted(PLACES)
    assert all(one["now"] is True and one["boot"] is True for one in told["places"].values())
    assert (told["unrecorded"], told["lack"], told["by_hand"]) == ({}, [], [])


@pytest.mark.parametrize(
    ("changes", "lack", "now", "boot"),
    [
        ({"audit__kernel": {"present": False}}, ["this kernel has no audit, or it was turned off when it booted"], False, True),
        ({"audit__kernel__enabled": 0}, ["the kernel's audit is off"], False, True),
        ({"audit__kernel__pid": 0}, ["no auditd runs that takes the records"], False, True),
        ({"audit__kernel__rules": []}, [NOW], False, True),
        ({"audit__boot__rules": []}, [BOOT], True, False),
        ({"audit__boot__turned_off": True}, ["the last -e in the audit rules turns audit off"], True, False),
        ({"audit__boot__root_owned": False}, ["others than root can change the files with the audit rules"], True, False),
        ({"audit__daemon__enabled": False}, ["nothing starts auditd at boot"], True, False),
        ({"audit__daemon__loader": "none"}, ["nothing loads audit rules at boot"], True, False),
        ({"audit__daemon__installed": False}, ["auditd is not installed"], True, False),
        (
            {"audit__boot__rules": [], "audit__boot__stops": {"at": "f:2", "why": "names no list"}},
            [BOOT, "auditctl stops at f:2, which names no list"],
            True,
            False,
        ),
    ],
)
def test_what_is_lacking_for_all(changes: dict[str, Any], lack: list[str], now: bool, boot: bool) -> None:
    told = derive(**changes)
    assert told["lack"] == lack
    assert {(one["now"], one["boot"]) for one in told["places"].values()} == {(now, boot)}
    assert told["unrecorded"] == told["places"]
    assert told["to_watch"]["paths"] == " ".join(sorted(PLACES))


def test_one_path_without_a_rule() -> None:
    rules = [rule for rule in GOOD["audit"]["kernel"]["rules"] if rule["path"] != "/usr/bin/dockerd"]
    told = derive(audit__kernel__rules=rules)
    assert told["unrecorded"] == {"/usr/bin/dockerd": {"kind": "program", "now": False, "boot": True}}
    assert told["lack"] == [NOW]


def test_a_rule_that_takes_away_is_named() -> None:
    never = {"list": "exit", "action": "never", "perms": "wa", "bits": [32, 64], "only": ["auid"], "at": "rule 1 of the kernel"}
    told = derive(audit__kernel__rules=[never, *GOOD["audit"]["kernel"]["rules"]])
    assert (told["kept_by"], told["lack"][0]) == (["rule 1 of the kernel"], "rule 1 of the kernel keeps some changes from being recorded")
    task = {"list": "task", "action": "never", "perms": "wa", "bits": [32, 64], "only": [], "at": "f:1"}
    told = derive(audit__boot__rules=[*GOOD["audit"]["boot"]["rules"], task])
    assert (told["kept_by"], told["lack"]) == (["f:1"], ["f:1 keeps events from being recorded"])


def test_a_line_that_ends_the_loading_below_all_rules_is_no_matter() -> None:
    told = derive(audit__boot__stops={"at": "f:99", "why": "names no list"})
    assert (told["unrecorded"], told["lack"], told["stops_at"]) == ({}, [], "f:99")


@pytest.mark.parametrize(
    "pointer",
    [
        "audit__kernel",
        "audit__kernel__enabled",
        "audit__kernel__pid",
        "audit__kernel__rules",
        "audit__boot",
        "audit__boot__rules",
        "audit__daemon",
        "audit__places",
    ]
    + ["audit__boot__turned_off", "audit__daemon__loader", "audit__daemon__enabled", "engines__installed", "engines__processes", "engines__sockets"],
)
def test_what_is_not_known_is_never_recorded(pointer: str) -> None:
    told = derive(**{pointer: DENIED})
    assert isinstance(told["unrecorded"], OpenObject) and isinstance(told["lack"], OpenArray)
    assert not any(one["now"] is False or one["boot"] is False for one in told["places"].values())


@pytest.mark.parametrize("pointer", ["audit__kernel__rules", "audit__boot__rules"])
def test_rules_that_are_not_all_known_record_nothing_for_sure(pointer: str) -> None:
    which = pointer.split("__")[1]
    told = derive(**{pointer: incomplete(GOOD["audit"][which]["rules"], DENIED)})
    assert isinstance(told["unrecorded"], OpenObject)


def test_what_is_lacking_is_known_whatever_else_is_not() -> None:
    told = derive(audit__kernel__enabled=0, audit__kernel__rules=DENIED, audit__boot=DENIED)
    assert told["unrecorded"].keys() == set(PLACES)
    assert all(one["now"] is False and isinstance(one["boot"], Hole) for one in told["places"].values())


def test_only_engines_that_are_there_count() -> None:
    gone = {path: one for path, one in GOOD["audit"]["places"].items() if one["kind"] != "program"}
    told = derive(audit__places=gone, engines__installed={})
    assert told["places"] == {}
    told = derive(audit__places=gone, engines__installed={}, engines__processes={"/opt/dockerd": PROGRAM})
    assert set(told["places"]) == {"/etc/docker", "/run/docker.sock", "/usr/lib/systemd/system/docker.service", "/var/lib/docker"}
    kit = {"/usr/bin/rootlesskit": {"engine": "rootlesskit", "root_owned": True}}
    assert derive(audit__places=gone, engines__installed=kit)["places"] == {}


def test_crio_reads_what_is_named_after_podman() -> None:
    place = {"kind": "data", "engine": "podman", "realpath": "/var/lib/containers", "tree": True, "made_later": False, "root_only": True}
    places = {**GOOD["audit"]["places"], "/var/lib/containers": place}
    assert "/var/lib/containers" not in derive(audit__places=places)["places"]
    told = derive(audit__places=places, engines__processes={"/usr/bin/crio": {"engine": "crio", "root_owned": True}})
    assert told["unrecorded"] == {"/var/lib/containers": {"kind": "data", "now": False, "boot": False}}


def test_a_daemon_that_keeps_its_data_elsewhere_says_so() -> None:
    def said(root: str) -> Any:
        return derive(engines__sockets={"/run/docker.sock": {"info": {"root_dir": root}}})

    assert set(said("/var/lib/docker/1000.1000")["places"]) == set(PLACES)
    told = said("/srv/docker")
    assert told["unrecorded"] == {"/srv/docker": {"kind": "data", "now": False, "boot": False}}
    assert told["by_hand"] == ["/srv/docker"]


def test_a_machine_of_32_bits_has_no_programs_of_64() -> None:
    rules = [{**rule, "bits": [32]} for rule in GOOD["audit"]["kernel"]["rules"]]
    assert derive(audit__kernel__rules=rules, host__kernel={"machine": "armv7l"})["unrecorded"] == {}
    assert len(derive(audit__kernel__rules=rules)["unrecorded"]) == 7
    assert len(derive(audit__kernel__rules=rules, host__kernel=DENIED)["unrecorded"]) == 7
