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


@pytest.mark.parametrize("path", list(GENERATE.MADE), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_kept_is_what_is_made(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == GENERATE.MADE[path](), "run .venv/bin/python .ci/generate.py"


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
    monkeypatch.setattr(GENERATE, "MADE", dict.fromkeys((old, same, tmp_path / "new"), lambda: "made"))
    monkeypatch.setattr(GENERATE, "write_goldens", lambda: None)
    GENERATE.main()
    assert capsys.readouterr().out.split() == ["old", "new"]
    assert {path.read_text() for path in tmp_path.iterdir()} == {"made"}
