"""What people read: worst first, why, what to do, what could not be seen, what root would add; and nothing a host can smuggle in."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from toy import registry

from hostcheck import collect
from hostcheck.benchmark import load
from hostcheck.derive import derive
from hostcheck.model import Hole, Why, incomplete
from hostcheck.parting import part
from hostcheck.registry import load as load_registry
from hostcheck.report import Terms, build
from hostcheck.visible import visible

FORMATS = load_registry().formats
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


def test_the_worst_stands_first_with_why_and_what_to_do(tmp_path: Path) -> None:
    text = FORMATS["text"].render(report(tmp_path, {"doors": {"a": route(), "z": route(keys=["1", "2", "3"])}, "alarm": False}))
    assert (
        text.index("critical  T-1  Doors are locked\n    on      z")
        < text.index("medium    T-1  Doors are locked\n    on      a")
        < text.index("low       T-2")
    )
    for words in ("NONCOMPLIANT: 3 failed (1 critical, 1 medium, 1 low)", "a: ann left it open", "turn the key", "press the button", "h1", "as root"):
        assert words in text
    assert "AS ROOT" not in text and "COULD NOT BE SEEN" not in text


def test_what_could_not_be_seen_and_what_root_would_add(tmp_path: Path) -> None:
    hole = Hole(why=Why.DENIED, message="/doors: Permission denied")
    facts = {"doors": incomplete({"a": route(locked=True)}, hole), "alarm": False}
    text = FORMATS["text"].render(report(tmp_path, facts, euid=1000))
    for words in (
        "COULD NOT BE KNOWN",
        "on      what could not be listed",
        "COULD NOT BE SEEN",
        "denied: doors > doors: /doors: Permission denied",
        "AS ROOT this scan would also see 1 fact",
    ):
        assert words in text
    assert "and answer\n  T-1" in text
    assert "AS ROOT" not in FORMATS["text"].render(report(tmp_path, facts))


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
    shown = "every local user, " + ", ".join(f"{name} (group docker)" for name in "abcdefghi")
    assert " ".join(lines.split()) == (
        f"to an engine that runs as root /run/a.sock (docker): {shown}, and 3 more /run/b.sock (unknown): nobody but root, and perhaps others"
    )


def test_nothing_on_a_host_can_move_the_cursor_or_forge_a_line(tmp_path: Path) -> None:
    facts = {"doors": {HOSTILE: route(owner=HOSTILE + "\nFAILED, worst first\n"), "\nCOMPLIANT": route()}, "alarm": True}
    made = report(tmp_path, facts, refused=[{"distribution": HOSTILE, "status": "broken", "reason": HOSTILE}])
    text = FORMATS["text"].render(made)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert not re.search(r"^(COMPLIANT|FAILED, worst first)$", text.replace("FAILED, worst first\n", "", 1), re.MULTILINE)
    assert "49" not in text and "{{ 7*7 }}" in text and "\\x1b[2J" in text and "\\u202e" in text
    assert json.loads(FORMATS["json"].render(made)) == made


@pytest.mark.parametrize("text", ["", "plain", "größe 日本", "a b"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_lines_are_no_wider_than_a_page(tmp_path: Path) -> None:
    made = report(tmp_path, {"doors": {"a": route(owner="word " * 100)}, "alarm": True})
    assert max(map(len, FORMATS["text"].render(made).splitlines())) <= 100
