"""What is made from one place and kept in another is current; `.venv/bin/python .ci/generate.py` makes it so."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def generator() -> Any:
    spec = spec_from_file_location("generate", ROOT / ".ci" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = generator()
SCHEMA = """{
  "properties": {
    "left": {"type": "string"},
    "right": {
      "properties": {
        "b": {"$ref": "#/$defs/kind"},
        "c": {"$ref": "#/$defs/kind"}
      },
      "required": ["b", "c"],
      "additionalProperties": false
    }
  },
  "required": ["left"]
}
"""


@pytest.mark.parametrize("step", GENERATE.STEPS, ids=lambda step: step.__name__)
def test_what_is_kept_is_what_is_made(step: Any) -> None:
    assert [path for path, text in step().items() if path.read_text(encoding="utf-8") != text] == [], "run .venv/bin/python .ci/generate.py"


@pytest.mark.laws
def test_no_page_is_left_of_a_rule_that_is_gone() -> None:
    assert GENERATE.stale() == []


def test_an_object_has_the_members_that_a_list_names_and_all_else_stays() -> None:
    made = GENERATE.with_members(SCHEMA, "kind", ["a", "b"])
    right = {"properties": dict.fromkeys(("a", "b"), {"$ref": "#/$defs/kind"}), "required": ["a", "b"], "additionalProperties": False}
    assert json.loads(made) == {"properties": {"left": {"type": "string"}, "right": right}, "required": ["left"]}
    assert GENERATE.with_members(made, "kind", ["a", "b"]) == made
    with pytest.raises(SystemExit):
        GENERATE.with_members(SCHEMA, "other", ["a"])


def test_only_what_is_not_current_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    old, same = tmp_path / "old", tmp_path / "same"
    old.write_text("x")
    same.write_text("made")
    monkeypatch.setattr(GENERATE, "ROOT", tmp_path)
    monkeypatch.setattr(GENERATE, "STEPS", (lambda: dict.fromkeys((old, same), "made"), lambda: {tmp_path / "new": "made"}))
    monkeypatch.setattr(GENERATE, "stale", list)
    monkeypatch.setattr(GENERATE, "write_goldens", lambda: None)
    monkeypatch.setattr(GENERATE, "readme", dict)
    monkeypatch.setattr("sys.argv", ["generate.py", "--check"])
    assert GENERATE.main() == 1 and old.read_text() == "x" and not (tmp_path / "new").exists()
    monkeypatch.setattr("sys.argv", ["generate.py"])
    assert GENERATE.main() == 0
    assert capsys.readouterr().out.split() == ["old", "new"] * 2
    assert {path.read_text() for path in tmp_path.iterdir()} == {"made"}
