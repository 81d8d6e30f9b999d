"""The house of the built-ins: one name means one thing, and each module that does something has tests where its name says."""

import ast
from collections import Counter
from pathlib import Path

import hostcheck_builtin

PLUGINS = Path(hostcheck_builtin.__file__).parent
TESTS = Path(__file__).parents[1]
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PLUGINS.rglob("*.py")) if path.name != "__init__.py"}
WITHOUT_TESTS = {
    "groups/grants",
    "groups/new_users",
    "groups/pam_stacks",
    "groups/stale_sessions",
    "groups/sysusers",
    "groups/unit_groups",
    "kernel/boot_settings",
    "kernel/cgroups",
    "sockets/abstract",
    "sockets/connections",
    "sockets/fd_owners",
    "sockets/requirements",
    "subids/overlaps",
    "subids/subid_files",
    "subids/subid_owners",
    "subids/subid_ranges",
    "subids/userns_remap",
    "system/account_files",
    "system/credentials",
    "system/home_dir",
    "system/homes",
    "system/listeners",
    "system/proc_net_unix",
    "system/products_by_path",
}
"""Modules that are tested only by the tests of what uses them; this set only shrinks."""


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
    assert does - tested == WITHOUT_TESTS
