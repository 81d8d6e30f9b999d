"""One command for each file: the keys that several failures ask for."""

from typing import Any

from hostcheck.set_keys import set_command
from hostcheck_builtin.formats.one_command import TITLE, together

NOTE = {"note": "It takes effect at once."}


def sets(key: str, value: str, file: str = "/etc/x.json") -> dict[str, Any]:
    check = "checks --file"
    told = {"file": file, "key": key, "value": value, "check": check, "effect": NOTE["note"]}
    return {"run": set_command(file, check, {key: value}), "set": told}


def finding(rule: str, *fix: dict[str, Any]) -> dict[str, Any]:
    return {"rule": rule, "result": "fail", "fix": list(fix)}


def test_keys_of_one_file_are_one_command_and_its_effect_is_said_there() -> None:
    first, other = finding("R-1", {"note": "Stop it first."}, sets("a", "1"), NOTE), finding("R-2", sets("b", '"x"'), NOTE, {"note": "Then look."})
    report, commands = together({"findings": [first, other, finding("R-3", sets("a", "1"), NOTE), {"rule": "R-4", "result": "pass"}]})
    assert [one.get("fix") for one in report["findings"]] == [
        [{"note": "Stop it first."}, {"note": f'Set a to 1 in /etc/x.json: see "{TITLE}".'}],
        [{"note": f'Set b to "x" in /etc/x.json: see "{TITLE}".'}, {"note": "Then look."}],
        [{"note": f'Set a to 1 in /etc/x.json: see "{TITLE}".'}],
        None,
    ]
    settings = [{"key": "a", "value": "1", "rules": ["R-1", "R-3"]}, {"key": "b", "value": '"x"', "rules": ["R-2"]}]
    run = set_command("/etc/x.json", "checks --file", {"a": "1", "b": '"x"'})
    assert commands == [{"file": "/etc/x.json", "settings": settings, "run": run, "effect": NOTE["note"]}]


def test_one_key_and_two_values_of_one_key_stay_with_their_failures() -> None:
    for findings in (
        [finding("R-1", sets("a", "1"), NOTE), finding("R-2", sets("a", "1"), NOTE)],
        [finding("R-1", sets("a", "1"), NOTE), finding("R-2", sets("a", "2"), NOTE), finding("R-3", sets("b", "1"), NOTE)],
        [finding("R-1", sets("a", "1"), NOTE), finding("R-2", sets("b", "1", "/etc/y.json"), NOTE)],
    ):
        assert together({"findings": findings}) == ({"findings": findings}, [])


def test_a_strange_name_of_a_file_is_quoted() -> None:
    _, (command,) = together({"findings": [finding("R-1", sets("a", "1", "/etc/x y"), sets("b", "1", "/etc/x y"))]})
    assert "(f='/etc/x y' && " in command["run"]
