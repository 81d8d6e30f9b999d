"""The house of the built-ins: one name means one thing, and each module that does something has tests where its name says."""

import ast
import importlib
import importlib.util
from collections import Counter
from pathlib import Path

import hostcheck_builtin

PLUGINS = Path(hostcheck_builtin.__file__).parent
TESTS = Path(__file__).parents[1]
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PLUGINS.rglob("*.py")) if path.name != "__init__.py"}


def name_of(path: Path) -> str:
    return str(path.relative_to(PLUGINS).with_suffix(""))


def repeated(names: list[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def test_no_two_modules_have_one_name() -> None:
    assert repeated([path.stem for path in MODULES]) == []


def test_no_two_classes_have_one_name() -> None:
    classes = [node.name for path, tree in MODULES.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert repeated(classes) == []


def test_each_module_with_a_function_has_a_test_file_of_its_name() -> None:
    does = {name_of(path) for path, tree in MODULES.items() if any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))}
    tested = {f"{path.parent.name}/{path.stem.removeprefix('test_')}" for path in TESTS.glob("*/test_*.py")}
    assert does - tested == set()


def test_what_tests_import_is_there() -> None:
    """Also in tests that need real engines, which the quick suite does not run."""
    asked = {
        (node.module, alias.name)
        for path in sorted(TESTS.rglob("*.py"))
        if "vendor_v1" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("hostcheck", "hostcheck_builtin")
        for alias in node.names
    }
    assert len(asked) > 100

    def absent(module: str | None, name: str) -> bool:
        found = importlib.import_module(str(module))
        return not hasattr(found, name) and importlib.util.find_spec(f"{module}.{name}") is None

    assert [pair for pair in sorted(asked) if absent(*pair)] == []
