"""An analysis fills a section of the report: in the shape of the published schema, with what is not known listed; two claimants are refused."""

from pathlib import Path
from typing import Any

import pytest
from toy import registry as toys

from hostcheck.cli import judging
from hostcheck.documents import DocumentError
from hostcheck.model import SECTIONS, Hole, Why, incomplete
from hostcheck.published import problem_of, published
from hostcheck.report import from_1
from hostcheck.sections import Made, fill

DENIED = Hole(why=Why.DENIED, message="no")
ANN = {"uid": 1000, "name": "ann", "why": ["group docker"], "via": ["docker"], "login_capable": True}
SOCKET = {"engine": "docker", "scope": "rootful", "everyone": False, "listening": True, "users": {"ann": ANN}, "reached_by": ["ann (group docker)"]}


def test_what_the_section_has_no_place_for_stays_out() -> None:
    found = fill("access", {"sockets": {"/run/docker.sock": SOCKET}, "engine_groups": {"docker": {}}}, "")
    assert found == {"sockets": {"/run/docker.sock": {key: value for key, value in SOCKET.items() if key != "reached_by"}}, "holes": []}


def test_what_is_not_known_has_no_value_and_is_listed_with_its_place() -> None:
    people = incomplete({"ann": {**ANN, "why": DENIED}}, DENIED)
    found = fill("access", {"sockets": {"/s": {**SOCKET, "everyone": DENIED, "users": people}}, "user_sockets": DENIED}, "")
    assert "everyone" not in found["sockets"]["/s"] and "user_sockets" not in found
    assert {(hole["pointer"], hole["kind"]) for hole in found["holes"]} == {
        ("/sockets/~1s/everyone", "value"),
        ("/sockets/~1s/users", "members"),
        ("/sockets/~1s/users/ann/why", "value"),
        ("/user_sockets", "value"),
    }


@pytest.mark.parametrize("facts", [DENIED, None, 7, [], {"sockets": 7}, {"sockets": {"/s": {"users": ["ann"], "everyone": "yes"}}}, {"holes": "mine"}])
def test_whatever_an_analysis_states_the_section_is_valid(facts: Any) -> None:
    schema = published("report-2")
    found = fill("access", facts, "")
    from jsonschema import Draft202012Validator

    assert Draft202012Validator({**schema["$defs"]["access"], "$defs": schema["$defs"]}).is_valid(found), found
    assert (facts is None or facts == {"holes": "mine"}) == (found == {"holes": []})


def test_a_pointer_chooses_what_fills_it() -> None:
    assert fill("role", {"a/b": {"role": "server"}}, "/a~1b") == {"role": "server", "holes": []}
    assert fill("paths", {"paths": [{"principal": "user:bob"}]}, "/paths") == [{"principal": "user:bob"}] and fill("paths", {}, "/paths") == []


def test_every_section_has_its_schema() -> None:
    schema = published("report-2")
    assert all(name in schema["$defs"] for name in SECTIONS)
    assert all(name in schema["properties"] for name in SECTIONS if name != "role")


def report_1() -> dict[str, Any]:
    rule = {"title": "t", "rationale": "r", "remediation": "turn the key", "references": ["own"]}
    report = {
        "schema": "hostcheck.report/1",
        "verdict": "compliant",
        "host": {
            "kind": "local",
            "name": "h",
            "clock": "2026-01-02T03:04:05Z",
            "euid": 0,
            **dict.fromkeys(("os", "kernel", "role", "role_source")),
            "role_evidence": [],
        },
        "inputs": {
            "evidence": {"sha256": "0" * 64, "tool": {"name": "hostcheck", "version": "1"}},
            **{
                "benchmarks": {},
                "profile": "level1",
                "role": "",
                "values": {},
                "fail_on": "low",
                "as_of": "x",
                "tool": {"name": "h", "version": "1"},
                "analyses": {},
            },
        },
        "benchmarks": [{"id": "b", "title": "B", "version": "1", "sha256": "1" * 64, "profile": "level1", "rules": {"R-1": rule}}],
        "counts": dict.fromkeys(("pass", "fail", "error", "unknown", "notapplicable", "notchecked", "notselected", "informational"), 0),
        **{"findings": [], "plugins": [], "refused": [], "holes": []},
    }
    assert not problem_of(report, "report-1")
    return report


def test_a_report_of_version_1_is_read_as_one_of_version_2(tmp_path: Path) -> None:
    import json

    found = from_1(report_1())
    assert not problem_of(found, "report-2")
    assert found["benchmarks"][0]["rules"]["R-1"]["fix"] == [{"note": "turn the key"}]
    finding = {"benchmark": "b", "rule": "R-1"}
    failed = from_1({**report_1(), "findings": [{**finding, "result": "fail"}, {**finding, "result": "pass"}, {**finding, "rule": "R-2", "result": "fail"}]})
    assert [one.get("fix") for one in failed["findings"]] == [[{"note": "turn the key"}], None, None]
    (tmp_path / "old.json").write_text(json.dumps(report_1()))
    assert judging.read_report(str(tmp_path / "old.json")) == found
    (tmp_path / "new.json").write_text(json.dumps({**report_1(), "schema": "hostcheck.report/9"}))
    with pytest.raises(DocumentError, match="this hostcheck reads"):
        judging.read_report(str(tmp_path / "new.json"))


def test_the_role_of_a_host_is_a_section_like_any_other(tmp_path: Path) -> None:
    """The core names no analysis: where none fills it, the role is not known."""
    assert all(not analysis.fills for analysis in toys(tmp_path).analyses.values())


def test_each_collection_is_counted_once_however_deep_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    real = Made.size

    def size(self: Made, value: Any) -> int:
        if isinstance(value, dict | list) and id(value) not in self.sizes:
            counted.append(id(value))
        return real(self, value)

    monkeypatch.setattr(Made, "size", size)
    people = {f"u{number}": {**ANN, "why": [f"group g{number}"]} for number in range(300)}
    fill("access", {"sockets": {f"/s{number}": {**SOCKET, "users": people} for number in range(10)}}, "")
    assert len(counted) == len(set(counted)) > 600
