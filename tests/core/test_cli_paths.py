"""`hostcheck paths`: of a report, of evidence, and of this host; only what was asked for, and a clear complaint where nobody is called so."""

import json
from pathlib import Path
from typing import Any

import pytest

from hostcheck import collect, registry
from hostcheck.cli import lock, main
from hostcheck.documents import written

RECORDING = Path(__file__).parents[1] / "fakes/docker-as-root.recording.json"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("paths") / "evidence.json"
    path.write_bytes(written(collect.replay(registry.load(), json.loads(RECORDING.read_text(encoding="utf-8")))))
    return path


@pytest.fixture(scope="module")
def report(evidence: Path) -> Path:
    path = evidence.with_name("report.json")
    assert main(["evaluate", str(evidence), "--format", f"json={path}"]) == 1
    return path


def asked(capfd: pytest.CaptureFixture[str], *argv: object) -> Any:
    assert main(["paths", "--format", "json", *map(str, argv)]) == 0
    return json.loads(capfd.readouterr().out)


def test_a_report_and_its_evidence_tell_the_same(report: Path, evidence: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = asked(capfd, report)
    assert {path["principal"] for path in told["paths"]} >= {"user:alice", "user:bob", "user:carol"} and told["reach"]["users"] == 3
    assert asked(capfd, evidence) == told


def test_who_is_approved_needs_no_change(evidence: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert asked(capfd, evidence)["cut"][0]["closes"] == ["alice", "bob", "carol"]
    assert asked(capfd, evidence, "--value", "approved_users=alice,bob,carol")["cut"] == []


def test_only_paths_that_were_asked_for(report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert {path["principal"] for path in asked(capfd, report, "--from", "bob")["paths"]} == {"user:bob"}
    assert asked(capfd, report, "--to", "/run/docker.sock")["paths"] and asked(capfd, report, "--to", "/nowhere")["paths"] == []
    assert main(["paths", str(report), "--from", "nobody-here"]) == 2
    assert "no path to root begins at 'nobody-here'; paths begin at " in capfd.readouterr().err


def test_text_and_graph(report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", str(report)]) == 0
    assert capfd.readouterr().out.startswith("3 of 31 accounts can become root without a password")
    assert main(["paths", str(report), "--format", "dot"]) == 0
    assert capfd.readouterr().out.startswith("digraph hostcheck {")


def test_this_host_is_read_where_no_document_is_named(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "FOLDER", str(tmp_path / "lock"))
    assert set(asked(capfd)) == {"cut", "paths", "reach"}
