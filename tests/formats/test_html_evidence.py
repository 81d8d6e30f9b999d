"""The facts under a finding can be read: each with its place, its value and where that was read, and none without end."""

import json
from typing import Any

import pytest
from browser.pages import counted, recorded
from contract.reports import FINDING
from formats.html_page import shown

from hostcheck_builtin.formats.causes import EACH
from hostcheck_builtin.formats.html_evidence import GROUPS, LONG, evidence, place, states, value_of


def item(pointer: str, value: Any = True, probe: str = "doors", source: str = "doors", **changes: Any) -> dict[str, Any]:
    return {"probe": probe, "pointer": pointer, "value": value, "source": source, **changes}


def found(subject: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {**FINDING, "subject": subject, "evidence": list(items)}


def test_evidence_says_what_was_seen_where_and_by_whom() -> None:
    report = recorded()
    report["plugins"].append({**report["plugins"][0], "distribution": "acme", "allowed": "pinned", "contributes": {"probes": ["motd"], "analyses": []}})
    about = states(report["plugins"])
    assert (about["kernel"], about["socket-access"], about["motd"]) == ("Probe kernel", "Analysis socket-access", "Probe motd (plugin acme)")
    text = shown(recorded()).text
    assert "Probe kernel: lsm" in text and "apparmor > enabled false /sys/module/apparmor/parameters/enabled" in text
    assert "Analysis socket-access: sockets > /run/docker.sock" in text
    assert "kernel (of no plugin that this report names)" in shown({**recorded(), "plugins": []}).text


def test_the_facts_of_a_probe_stand_below_the_analysis_that_rests_on_them() -> None:
    items = [
        item("/sockets/a/everyone", probe="access", source="access"),
        item("/sockets/a/mode", "0666", "sockets", "stat of a"),
        item("/sockets/a/owner", 0, "sockets", "stat of a"),
    ]
    ((group,), more) = evidence([found("a", *items)], {"sockets": "Probe sockets"}).values()
    assert [(table["state"], table["at"], table["has_source"], [row["fact"] for row in table["rows"]]) for table in group["tables"]] == [
        ("access (of no plugin that this report names)", "sockets > a", False, ["everyone"]),
        ("Probe sockets", "sockets > a", True, ["mode", "owner"]),
    ]
    assert (group["subjects"], more) == ([], 0)


def test_subjects_with_the_same_facts_show_them_once() -> None:
    same = [found(name, item(f"/doors/{name}/locked", False), item("/keys", name)) for name in ("a", "b", "c")]
    other = found("d", item("/doors/d/locked", None, hole={"why": "denied", "message": "no"}))
    first, second = evidence([*same, other], {})["groups"]
    assert (first["subjects"], second["subjects"]) == (["a", "b", "c"], ["d"])
    assert [row["fact"] for row in first["tables"][0]["rows"]] == [f"doors > {EACH} > locked", "keys"]
    assert first["tables"][0]["rows"][1]["value"]["lines"] == [f'"{EACH}"']
    assert [(row["fact"], row["value"]["lines"], row["hole"]) for row in second["tables"][0]["rows"]] == [("locked", [], "not known: denied: no")]
    assert evidence([found("a"), found("b")], {})["groups"] == []


def test_facts_that_differ_by_subject_are_shown_to_a_number() -> None:
    many = evidence([found(f"s{number}", item(f"/doors/s{number}/inode", number)) for number in range(GROUPS + 30)], {})
    assert len(many["groups"]) == GROUPS and many["more"] == 30
    report = recorded()
    report["findings"] = [
        {**found(f"s{number}", item(f"/doors/s{number}/inode", number)), "rule": "HC-ACC-01", "benchmark": "container-host", "result": "fail"}
        for number in range(GROUPS + 30)
    ]
    assert "The other evidence (30 times) is in the report as JSON." in shown(counted(report)).text


@pytest.mark.parametrize(
    ("value", "lines", "gist"),
    [
        ("a", ['"a"'], ""),
        (["a", 1], ['["a", 1]'], ""),
        (["a" * 50] * 2, [f'"{"a" * 50}"'] * 2, ""),
        ({"mode": "0777", "uid": 0, "acl": []}, ["acl: [], mode: 0777, uid: 0"], ""),
        ({"a b": "true", "c": 'x"y', "d": True, "e": ""}, ['"a b": "true", c: "x\\"y", d: true, e: ""'], ""),
        ([{"path": "/" + "p" * 60, "uid": 0}] * 2, [f"{{path: /{'p' * 60}, uid: 0}}"] * 2, ""),
        ({}, ["{}"], ""),
        ("x" * 5000, ['"' + "x" * (LONG - 1) + "… (5002 characters)"], ""),
        ([f"name{number:08}" for number in range(9)], 9, "9 members: name00000000, name00000001, name00000002, name00000003, name00000004 and 4 more"),
        (
            [*(f"name{number:08}" for number in range(20)), "… 11 more"],
            21,
            "31 members: name00000000, name00000001, name00000002, name00000003, name00000004 and 26 more",
        ),
        ({**{f"k{number}": {"uid": number, "why": ["group"]} for number in range(8)}, "…": "2 more"}, 9, "10 members: k0, k1, k2, k3, k4 and 5 more"),
        ([[1] * 30] * 7, 7, None),
    ],
)
def test_a_value_can_be_read(value: Any, lines: Any, gist: str | None) -> None:
    told = value_of(value)
    assert told["lines"] == lines or len(told["lines"]) == lines
    assert gist is None or told["gist"] == gist
    json.dumps(told)


def test_what_a_collection_may_have_besides_is_said_apart_from_what_is_not_known() -> None:
    hole = {"why": "limit", "message": "more than 20"}
    items = [item("/names", ["a"], hole=hole), item("/keys", None, hole=hole)]
    (table,) = evidence([found("a", *items)], {})["groups"][0]["tables"]
    assert [row["hole"] for row in table["rows"]] == ["and possibly more (limit: more than 20)", "not known: limit: more than 20"]


def test_a_place_is_written_as_names() -> None:
    assert place("sockets/sockets/~1run~1a~0b") == "sockets > sockets > /run/a~b" and place("sockets") == "sockets"
