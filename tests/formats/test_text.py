"""What people read: the most severe first, why, how to fix it, what could not be read, and as whom to run; and nothing that a host can smuggle in."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from browser.pages import RECORDINGS, recorded
from contract.reports import EMPTY, FINDING
from toy import registry

from hostcheck import collect
from hostcheck.benchmark import load
from hostcheck.derive import derive
from hostcheck.model import Hole, Why, incomplete
from hostcheck.parting import part
from hostcheck.registry import load as load_registry
from hostcheck.report import Terms, build
from hostcheck.visible import visible
from hostcheck_builtin.formats import causes, one_command

FORMATS = load_registry().formats
ROOT = Path(__file__).parents[2]
HOSTILE = "\x1b[2J\x1b]0;owned\x07 \u202etoor \u2028 <b>&amp; \x00\x9b \u200b{{ 7*7 }}"


def report(folder: Path, facts: Any, euid: int = 0, refused: Any = ()) -> dict[str, Any]:
    found = registry(folder)
    plain, holes = part(facts)
    stated = {"doors": {"facts": plain, "holes": holes, "sources": []}}
    about = {"plugins": [], "schemas": {"doors": "0" * 64}}
    evidence = collect.assemble(stated, about, found, target={"kind": "local", "name": "h1"}, clock="2026-01-02T03:04:05Z", euid=euid, capabilities="0")
    evidence["refused"] = list(refused)
    derived = derive(evidence, found.probes, found.analyses, {})
    benchmarks = [load(path) for path in found.benchmarks]
    return build(evidence, "0" * 64, benchmarks, derived, Terms(), tool={"name": "hostcheck", "version": "1"}, analyses={})


def route(**changes: Any) -> dict[str, Any]:
    return {"owner": "ann", "locked": False, "keys": [], **changes}


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def failures(*findings: dict[str, Any]) -> str:
    """Return what is shown of these failures."""
    text: str = FORMATS["text"].render({**EMPTY, "findings": [{**FINDING, "result": "fail", **finding} for finding in findings]})
    return text.partition("most severe first)\n")[2]


def test_the_most_severe_stands_first_with_why_and_how_to_fix_it(tmp_path: Path) -> None:
    text = FORMATS["text"].render(report(tmp_path, {"doors": {"a": route(), "z": route(keys=["1", "2", "3"])}, "alarm": False}))
    assert (
        text.index("critical  T-1  Doors are locked\n    on      z")
        < text.index("medium    T-1  Doors are locked\n    on      a")
        < text.index("low       T-2")
    )
    for words in ("NONCOMPLIANT: 3 failed (1 critical, 1 medium, 1 low)", "a: ann left it open", "turn the key", "press the button", "h1", "as root"):
        assert words in text
    assert "AS ROOT" not in text and "COULD NOT BE READ" not in text


def test_what_the_built_in_benchmark_leaves_out_is_a_number_on_the_first_screen_and_a_list_at_the_end() -> None:
    left_out = load(next(iter(load_registry().benchmarks)), shipped=True).not_examined
    assert "packet filters" in left_out and any(one.startswith("cluster credentials of pods") for one in left_out)
    assert any(one.startswith("setgid programs outside") and "over two levels deep" in one for one in left_out)
    assert max(map(len, left_out)) <= 100
    text: str = FORMATS["text"].render({**EMPTY, "inputs": {**EMPTY["inputs"], "scope": {"examined": [], "not_examined": list(left_out)}}})
    first, _, last = text.partition("\nNOT EXAMINED: nothing looks at these\n")
    said = f"not examined: {len(left_out)} kinds of things, listed at the end and by hostcheck explain scope"
    assert said in " ".join(" ".join(first.splitlines()[:16]).split()) and "packet filters" not in first
    assert " ".join(last.split()) == " ".join(" ".join(left_out).split())


def test_a_compliant_host_is_told_at_once_what_was_not_examined() -> None:
    scope = {"examined": ["Doors"], "not_examined": ["sudo", "containers (privileged ones)"]}
    made = {**EMPTY, "verdict": "compliant", "inputs": {**EMPTY["inputs"], "scope": scope}}
    lines = FORMATS["text"].render(made).splitlines()
    assert lines[3].startswith("COMPLIANT with level1 in what was examined: 0 failed")
    assert "not examined: sudo; containers (privileged ones)" in lines
    at_critical = {**made, "counts": {**EMPTY["counts"], "fail": 10}, "inputs": {**made["inputs"], "fail_on": "critical"}}
    assert "COMPLIANT at critical; 10 failures below it (with level1" in FORMATS["text"].render(at_critical)
    assert "not examined: the benchmark does not say" in FORMATS["text"].render(EMPTY)


def test_what_was_seen_and_is_not_judged_is_named_up_to_a_bound() -> None:
    one = {"kind": "job", "as_whom": "root", "by_whom": ["root's cron"], "place": "/etc/crontab:1", "owner_uid": 0, "why": "unusual-place"}
    section = {"programs": {f"{number:02}": {**one, "what": f"/opt/{number:02}"} for number in range(13)}, "holes": []}
    text = FORMATS["text"].render({**EMPTY, "not_judged": section})
    (listed,) = re.findall(r"^NOT JUDGED.*\n((?:  .*\n)+)", text, re.MULTILINE)
    assert re.findall(r"^  (/opt/\d+): run as root by root's cron", listed, re.MULTILINE) == [f"/opt/{number:02}" for number in range(10)]
    assert listed.endswith("  and 3 more: hostcheck scan --format json shows all\n")
    hole = {"pointer": "/programs", "kind": "members", "why": "denied", "message": "no"}
    assert "NOT JUDGED: seen, and not known whether it leads to root\n  perhaps more, since not everything could be read\n" in FORMATS["text"].render(
        {**EMPTY, "not_judged": {"programs": {}, "holes": [hole]}}
    )
    assert "NOT JUDGED" not in FORMATS["text"].render({**EMPTY, "not_judged": {"programs": {}, "holes": []}}) + FORMATS["text"].render(EMPTY)


def test_what_nothing_confirms_of_the_evidence_stands_at_the_verdict() -> None:
    doubtful = {**EMPTY, "inputs": {**EMPTY["inputs"], "unconfirmed": ["its clock says so", "2 digests are blank"]}}
    lines = FORMATS["text"].render(doubtful).splitlines()
    assert "not confirmed, of the evidence: its clock says so; 2 digests are blank" in lines[:9]
    assert "confirmed" not in FORMATS["text"].render(EMPTY)


def test_what_has_one_cause_is_one_entry_with_its_subjects() -> None:
    fix = [{"note": "It locks out who is outside."}, {"run": "turn the key"}, {"run": "bar the door"}]
    said = {"because": "the frame is broken", "fix": fix}
    found = failures(
        {"subject": "/a", **said}, {"subject": "/b", **said}, {"subject": "/c", **said, "fix": [{"run": "buy /c"}]}, {"subject": "/d", "rule": "R-2"}
    )
    assert (
        found
        == """
  high      R-1  Doors are locked
    on      /a, /b
    why     the frame is broken
    fix     It locks out who is outside.
              turn the key
              bar the door

    on      /c
    why     the frame is broken
    fix     Run as root:
              buy /c

  high      R-2  Doors are locked
    on      /d
    why     the door is open
    fix     See: hostcheck explain R-2
"""
    )


def test_a_crowd_of_subjects_and_steps_is_counted() -> None:
    found = failures(*({"subject": f"/{number}", "fix": [{"run": f"shut /{number}"}]} for number in range(30)))
    assert "and 20 more" in " ".join(found.split()) and "10 more steps are in the report as JSON." in found
    assert found.count("shut /") == 20


def test_what_could_not_be_read_and_what_root_would_answer(tmp_path: Path) -> None:
    hole = Hole(why=Why.DENIED, message="/doors: Permission denied")
    facts = {"doors": incomplete({"a": route(locked=True)}, hole), "alarm": False}
    text = FORMATS["text"].render(report(tmp_path, facts, euid=1000))
    for words in (
        "UNDETERMINED: too little could be read",
        "on      what could not be listed",
        "why     /doors: Permission denied",
        "COULD NOT BE READ\n  /doors: Permission denied (doors)",
        "RUN AS ROOT to answer T-1\n  1 fact was denied to user id 1000.",
    ):
        assert words in text
    assert "RUN AS ROOT" not in FORMATS["text"].render(report(tmp_path, facts))


def test_rules_that_lack_the_same_are_one_row(tmp_path: Path) -> None:
    hole = Hole(why=Why.LIMIT, message="the directory lists nobody")
    one = report(tmp_path, {"doors": incomplete({}, hole), "alarm": False})
    other = [{**finding, "rule": "T-9"} for finding in one["findings"] if finding["result"] == "error"]
    text = FORMATS["text"].render({**one, "findings": [*one["findings"], *other]}).partition("COULD NOT BE READ")[0]
    assert text.count("the directory lists nobody") == 1 and "  critical  T-1, T-9\n    why     the directory lists nobody\n" in text
    third = [{**finding, "rule": "T-8", "holes": [{**finding["holes"][0], "message": "it is a loop"}]} for finding in other]
    text = FORMATS["text"].render({**one, "findings": [*one["findings"], *other, *third]})
    assert "T-1, T-9\n" in text and "T-8  " in text and "    why     it is a loop\n" in text


@pytest.mark.parametrize(("number", "told"), [(10, "R-10\n"), (12, " and 2 more\n")])
def test_rules_that_root_would_answer_are_counted(tmp_path: Path, number: int, told: str) -> None:
    one = report(tmp_path, {"doors": incomplete({}, Hole(why=Why.DENIED, message="no")), "alarm": False}, euid=1000)
    (unsure,) = [finding for finding in one["findings"] if finding["result"] == "error"]
    text = FORMATS["text"].render({**one, "findings": [{**unsure, "rule": f"R-{at:02}"} for at in range(1, number + 1)]})
    assert told in text.partition("RUN AS ROOT to answer R-01, ")[2]


def test_who_can_connect_is_a_line_for_each_socket_of_an_engine_of_roots(tmp_path: Path) -> None:
    people = {name: {"uid": uid, "name": name, "why": ["any user", "group docker"]} for uid, name in enumerate("abcdefghijkl", 1000)}
    sockets = {
        "/run/a.sock": {"engine": "docker", "scope": "rootful", "everyone": True, "users": people},
        "/run/b.sock": {"scope": "rootful", "everyone": False, "users": {}},
        "/run/c.sock": {"engine": "podman", "scope": "rootless", "everyone": True, "users": {}},
        "/run/d.sock": {"engine": "crio", "scope": "rootful", "users": {}, "listening": False},
    }
    holes = [{"pointer": "/sockets/~1run~1b.sock/users", "kind": "members", "why": "denied", "message": "no"}]
    section = {"sockets": sockets, "user_sockets": {"/run/e.sock": sockets["/run/a.sock"]}, "holes": holes}
    lines = FORMATS["text"].render({**report(tmp_path, {"doors": {}, "alarm": False}), "access": section}).partition("WHO CAN CONNECT")[2].partition("\n\n")[0]
    shown = "every local user, a, b, c, d, e, f, g, h, i, j and 2 more (group docker)"
    assert " ".join(lines.split()) == (
        f"to an engine that runs as root /run/a.sock (docker): {shown} /run/b.sock (unknown): nobody but root, and perhaps others"
    )


def test_failures_are_counted_by_their_causes(tmp_path: Path) -> None:
    made = report(tmp_path, {"doors": {f"door{number}": route() for number in range(40)}, "alarm": False})
    assert made["counts"]["fail"] == 41
    text = " ".join(FORMATS["text"].render(made).split())
    assert "41 failed for 2 causes (1 medium, 1 low)" in text and "and 30 more" in text


def test_what_all_subjects_end_with_is_told_once() -> None:
    row = causes.in_a_row(["ann by %ops (/etc/sudoers:1)", "ben by %ops (/etc/sudoers:1)", "cid by %ops (/etc/sudoers:1)"], 2)
    assert row == "ann, ben and 1 more, each by %ops (/etc/sudoers:1)"
    assert causes.in_a_row(["ann by a", "ben by b"], 2) == "ann by a, ben by b" and causes.in_a_row(["ann by a"], 2) == "ann by a"
    assert causes.in_a_row(["the host"], 2) == "the host"


def test_nothing_on_a_host_can_move_the_cursor_or_forge_a_line(tmp_path: Path) -> None:
    facts = {"doors": {HOSTILE: route(owner=HOSTILE + "\nFAILED: these requirements are not met (most severe first)\n"), "\nCOMPLIANT": route()}, "alarm": True}
    made = report(tmp_path, facts, refused=[{"distribution": HOSTILE, "status": "broken", "reason": HOSTILE}])
    text = FORMATS["text"].render(made)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert made["counts"]["fail"] == 0 and not re.search("^(COMPLIANT|FAILED)", text, re.MULTILINE)
    assert "49" not in text and "{{ 7*7 }}" in " ".join(text.split()) and "\\x1b[2J" in text and "\\u202e" in text
    assert json.loads(FORMATS["json"].render(made)) == made


@pytest.mark.parametrize("text", ["", "plain", "größe 日本", "a b"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("columns", [60, 80, 100])
@pytest.mark.parametrize("name", RECORDINGS)
def test_no_line_is_wider_than_the_terminal_but_for_paths_and_commands(name: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    report = recorded(name, "level2")
    commands = {step["run"] for finding in report["findings"] for step in finding.get("fix", ()) if "run" in step}
    commands |= {one["run"] for one in one_command.together(report)[1]}
    lines = FORMATS["text"].render(report).splitlines()
    wide = [line.strip() for line in lines if len(line) > columns]
    assert [line for line in wide if line not in commands and " " in line] == []
    assert max(len(line) for line in lines if line.strip() not in commands) > columns - 10, "the width is used"


@pytest.mark.parametrize(("asked", "given"), [("20", 60), ("72", 72), ("400", 100), ("0", 80), ("", 80)])
def test_the_width_is_that_of_the_terminal_within_bounds(asked: str, given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", asked)
    monkeypatch.setattr("sys.__stdout__", None)
    found = failures({"because": "word " * 100})
    assert given - 5 <= max(map(len, found.splitlines())) <= given


def test_a_command_is_never_broken() -> None:
    command = "usermod --del-subuids 100000-165535 -- ann && " * 5 + "true"
    assert f"\n              {command}\n" in failures({"fix": [{"run": command}]})


def test_a_container_is_named_before_anything_else() -> None:
    """All formats for people begin with it: whoever reads the first line must not take a container for its host."""
    inside = {**EMPTY, "host": {**EMPTY["host"], "container": True}}
    text: str = FORMATS["text"].render(inside)
    lines = text.splitlines()
    assert lines[0].startswith("This is a container, not its host")
    (command,) = [line.strip() for line in lines[:6] if " chroot /host " in line]
    assert f"\n{command}\n" in (ROOT / "docs/running.md").read_text(), "what is documented runs"
    assert f"{command.partition(' chroot /host ')[2]}\n" in (ROOT / "README.md").read_text(), "it is where the README installs it"
    page: str = FORMATS["html"].render(inside)
    said = re.sub(r"<(style|script)>.*?</\\1>", "", page.partition("<body>")[2], flags=re.DOTALL)
    assert re.sub(r"<[^>]*>", "", said).replace("Skip to the findings", "").strip().startswith("This is a container, not its host")
    assert '<span class="of">Container</span>' in page
    for host in ({**EMPTY["host"], "container": False}, {**EMPTY["host"], "container": None}, EMPTY["host"]):
        for name in ("text", "html", "junit"):
            assert "This is a container" not in FORMATS[name].render({**EMPTY, "host": host})


def test_root_of_a_user_namespace_is_not_called_root() -> None:
    """`unshare -Ur` makes anybody that: every format for people says so first, and again where it says who read the facts."""
    inside = {**EMPTY, "host": {**EMPTY["host"], "user_namespace": True}}
    text: str = FORMATS["text"].render(inside)
    assert text.startswith("This scan ran in a user namespace")
    assert "as root of a user namespace\n" in text
    page: str = FORMATS["html"].render(inside)
    assert page.index("This scan ran in a user namespace") < page.index("<h1>") and "as root of a user namespace" in page
    for host in ({**EMPTY["host"], "user_namespace": False}, {**EMPTY["host"], "user_namespace": None}, EMPTY["host"]):
        assert not any("user namespace" in FORMATS[name].render({**EMPTY, "host": host}) for name in ("text", "html"))
    nested = FORMATS["text"].render({**EMPTY, "host": {**EMPTY["host"], "user_namespace": True, "container": True}})
    assert nested.startswith("This is a container") and "This scan ran" not in nested


def test_what_could_not_be_read_is_left_out_where_no_rule_is_judged() -> None:
    """In a container every limit of its control group is told otherwise: a dozen lines that stand in the way of nothing."""
    holes = [{"at": f"cgroups/{name}", "kind": "value", "why": "unsupported", "message": f"{name}: not there"} for name in ("cpu", "memory")]
    inside = {**EMPTY["host"], "container": True}
    unjudged = {**EMPTY, "holes": holes, "counts": {**EMPTY["counts"], "notchecked": 60, "notselected": 5}}
    assert "COULD NOT BE READ" not in FORMATS["text"].render({**unjudged, "host": inside})
    assert "COULD NOT BE READ" in FORMATS["text"].render(unjudged)
    assert "COULD NOT BE READ" in FORMATS["text"].render({**unjudged, "host": inside, "counts": {**EMPTY["counts"], "error": 1}})


def test_rules_that_were_not_checked_for_one_reason_are_named_together() -> None:
    found = [{**FINDING, "result": "notchecked", "rule": f"R-{number}", "because": because} for number, because in ((1, "a"), (2, "a"), (3, "b"))]
    text: str = FORMATS["text"].render({**EMPTY, "findings": found})
    assert text.partition("NOT CHECKED\n")[2].startswith(f"  R-1, R-2: a\n  R-3  {FINDING['title']}: b\n")
