"""`hostcheck paths`: of a report, of evidence, and of this host; only what was asked for, and a clear complaint where nobody is called so."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostcheck.cli import lock, main


@pytest.fixture(scope="module")
def report(evidence: Path) -> Path:
    path = evidence.with_name("report.json")
    assert main(["evaluate", str(evidence), "--format", f"json={path}"]) == 1
    return path


def asked(capfd: pytest.CaptureFixture[str], *argv: object, code: int = 0) -> Any:
    assert main(["paths", "--format", "json", *map(str, argv)]) == code
    return json.loads(capfd.readouterr().out)


def test_a_report_and_its_evidence_tell_the_same(report: Path, evidence: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = asked(capfd, report)
    assert {path["principal"] for path in told["paths"]} >= {"user:alice", "user:bob", "user:carol"} and told["reach"]["users"] == 3
    assert asked(capfd, evidence) == told


def test_who_is_approved_needs_no_change(evidence: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert asked(capfd, evidence)["cut"][0]["closes"] == ["alice", "bob", "carol"]
    assert asked(capfd, evidence, "--value", "approved_users=alice,bob,carol")["cut"] == []


def test_only_paths_that_were_asked_for(report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert {path["principal"] for path in asked(capfd, report, "--from", "bob", code=1)["paths"]} == {"user:bob"}
    assert asked(capfd, report, "--to", "/run/docker.sock")["paths"] and asked(capfd, report, "--to", "/nowhere")["paths"] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody-here", "no user, container or other principal is called 'nobody-here'"),
        ("alise", "is called 'alise'; did you mean 'alice'?"),
        ("root", "root is where paths lead to"),
    ],
)
def test_nobody_is_called_so(report: Path, name: str, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", str(report), "--from", name]) == 2
    assert said in capfd.readouterr().err


def test_who_has_no_path_is_told_who_has_one_by_each_kind_of_step(report: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", changed(report, tmp_path, lambda told: None), "--from", "daemon"]) == 0
    told = capfd.readouterr().out
    assert told.startswith("daemon has no path to root in what was examined")
    assert "connect to an engine, by a socket or an address: alice, bob, carol" in told and "sudo or doas: nobody but root" in told
    assert main(["paths", str(report), "--from", "alice", "--to", "/nowhere"]) == 0
    assert capfd.readouterr().out.startswith("alice has no path to root that comes to /nowhere")


def changed(report: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """Return the place of a report in which something is changed."""
    told = json.loads(report.read_text(encoding="utf-8"))
    change(told)
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return str(path)


def path_of(who: str, **more: str) -> dict[str, Any]:
    step = {"edge": "writes", "from": who, "to": "root", "because": "it may", "evidence": [], "strength": "certain", "needs": "nothing", "waits": "nothing"}
    told = {"strength": "certain", "needs": "nothing", **more}
    return {"principal": who, "target": "host_root", **told, "steps": [{**step, "technique": "T1574", **told}]}


@pytest.mark.parametrize(
    ("name", "change", "code", "said"),
    [
        ("daemon", lambda told: told["paths"].append(path_of("user:daemon", strength="likely")), 3, "it may"),
        ("daemon", lambda told: told["paths"].append(path_of("user:daemon", strength="potential")), 3, "it may"),
        ("daemon", lambda told: told["paths"].append(path_of("user:daemon", needs="other-secret")), 3, "it may"),
        ("daemon", lambda told: told["paths"].append(path_of("user:daemon", needs="own-password")), 1, "it may"),
        ("daemon", lambda told: told["paths"].append(path_of("every local user")), 1, "it may"),
        ("every local user", lambda told: None, 0, "every local user has no path"),
        ("web", lambda told: told["reach"]["containers_without_path"].append("container:docker:web"), 0, "container:docker:web has no path"),
        ("daemon", lambda told: told["reach"]["unsure"].append("/etc/sudoers: denied"), 3, "it is not known whether there is one:\n  - /etc/sudoers: denied"),
        ("daemon", lambda told: told["reach"].update(without_path=[], unused=["user:daemon"]), 0, "daemon is unused"),
        ("alice", lambda told: told["reach"].pop("steps"), 1, "alice"),
    ],
)
def test_the_code_answers(report: Path, tmp_path: Path, name: str, change: Any, code: int, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", changed(report, tmp_path, change), "--from", name]) == code
    assert said in capfd.readouterr().out


def test_a_report_of_before_is_judged_again(report: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", changed(report, tmp_path, lambda told: [told["reach"].pop(name) for name in ("steps", "without_path")]), "--from", "daemon"]) == 2
    assert "judge the evidence again" in capfd.readouterr().err


def test_text_and_graph(report: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", str(report)]) == 0
    assert capfd.readouterr().out.startswith("3 of 31 accounts can become root without a password")
    assert main(["paths", str(report), "--format", "dot"]) == 0
    assert capfd.readouterr().out.startswith("digraph hostcheck {")


def test_this_host_is_read_where_no_document_is_named(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "FOLDER", str(tmp_path / "lock"))
    assert set(asked(capfd)) == {"cut", "paths", "reach"}
