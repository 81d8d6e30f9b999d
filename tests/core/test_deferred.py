"""What is put off until it is used: that it is, and that it is found broken by the suite and not by a scan."""

import ast
import gc
import pkgutil
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest
from toy import registry

import hostcheck
import hostcheck_builtin
from hostcheck import collect
from hostcheck.deferred import Deferred, _Pattern, pattern, prepare

SOURCES = [path for package in (hostcheck, hostcheck_builtin) for path in sorted(Path(str(package.__file__)).parent.rglob("*.py"))]


def test_a_pattern_is_compiled_once_and_when_it_is_first_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    real = re.compile
    monkeypatch.setattr(re, "compile", lambda text, flags=0: compiled.append(text) or real(text, flags))  # type: ignore[func-returns-value]
    word = pattern(r"[a-z]+", re.ASCII)
    assert compiled == []
    assert [bool(word.fullmatch(text)) for text in ("abc", "ä", "1")] == [True, False, False]
    assert compiled == ["[a-z]+"]


def test_a_pattern_answers_as_one_that_is_compiled_at_once() -> None:
    for text, flags in ((r"(?P<name>[a-z]+)=(\d*)", re.ASCII), (r"^x", re.MULTILINE | re.IGNORECASE)):
        put_off, at_once = pattern(text, flags), re.compile(text, flags)
        assert (put_off.pattern, put_off.flags, put_off.groups, dict(put_off.groupindex)) == (text, at_once.flags, at_once.groups, dict(at_once.groupindex))
        assert put_off.sub("-", "a=1\nX=2") == at_once.sub("-", "a=1\nX=2")
        assert [found.span() for found in put_off.finditer("a=1\nX=2")] == [found.span() for found in at_once.finditer("a=1\nX=2")]


def test_every_pattern_can_be_compiled() -> None:
    for package in (hostcheck, hostcheck_builtin):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    gc.unfreeze()  # conftest.py freezes what was collected, and gc.get_objects() leaves that out
    patterns = [one for one in gc.get_objects() if type(one) is _Pattern]
    gc.freeze()
    assert len(patterns) > 50
    for one in patterns:
        assert re.compile(one.pattern, one.flags)


def test_no_module_compiles_a_pattern_while_it_is_imported() -> None:
    found = []
    for path in SOURCES:
        outside = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
        found += [
            (path.name, node.lineno) for top in outside for node in ast.walk(top) if isinstance(node, ast.Attribute) and ast.unparse(node) == "re.compile"
        ]
    assert found == []


def test_a_function_is_imported_by_its_call_or_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("called", "prepared"):
        (tmp_path / f"put_off_{name}.py").write_text("def work(*args):\n    return sum(args)\n")
    monkeypatch.syspath_prepend(tmp_path)
    called, prepared = Deferred("put_off_called", "work"), Deferred("put_off_prepared", "work")
    assert {"put_off_called", "put_off_prepared"} & sys.modules.keys() == set()
    prepare(prepared, len)
    assert "put_off_prepared" in sys.modules and "put_off_called" not in sys.modules
    assert called(1, 2) == prepared(1, 2) == 3


def test_a_probe_whose_module_is_not_there_costs_its_own_facts_only(tmp_path: Path) -> None:
    found = registry(tmp_path, good=lambda host: {"read": "all"}, doors=Deferred("no_such_module", "collect"))
    probes = collect.finish(collect.start(found, 30.0), found)["probes"]
    assert probes["good"]["facts"] == {"read": "all"}
    assert [(hole["why"], "no_such_module" in hole["message"]) for hole in probes["doors"]["holes"]] == [("crashed", True)]
