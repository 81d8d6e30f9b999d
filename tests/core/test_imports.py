"""Who may import whom, read from the sources themselves."""

import ast
from pathlib import Path

import pytest

import hostcheck
import hostcheck_builtin

CORE = Path(hostcheck.__file__).parent
PLUGINS = Path(hostcheck_builtin.__file__).parent
THIRD_PARTY = {"pluggy", "psutil", "jsonschema", "referencing", "jinja2", "yaml"}

# What each module of the core may import of the core; a package means all of its modules.
TABLE: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": {"cli"},
    "model": set(),
    "view": {"model"},
    "glossary": {"model"},
    "host": {"model", "host"},
    "holes": {"host", "model"},
    "hookspecs": {"model"},
    "api": {"holes", "hookspecs", "host", "model", "view", "visible", "render", "report"},
    "installed": {"hookspecs", "model"},
    "trust": {"documents", "installed", "model"},
    "documents": {"model"},
    "schema": {"model", "schema"},
    "isolate": {"model"},
    "invoke": {"documents", "host", "model", "view"},
    "registry": {"__init__", "hookspecs", "documents", "host", "installed", "invoke", "isolate", "model", "schema", "trust", "view"},
    "collect": {"__init__", "isolate", "invoke", "documents", "host", "model", "registry"},
    "because": {"model", "schema"},
    "benchmark": {"documents", "model", "schema"},
    "proof": {"because", "model", "schema"},
    "evaluate": {"because", "proof", "benchmark", "model", "schema"},
    "derive": {"documents", "evaluate", "invoke", "model", "proof", "schema"},
    "lint": {"because", "benchmark", "documents", "evaluate", "model", "proof", "registry", "schema", "trust"},
    "reference": {"because", "benchmark", "evaluate", "model", "schema"},
    "report": {"because", "benchmark", "evaluate", "model"},
    "render": {"model", "visible"},
    "visible": {"model"},
    "testing": {"benchmark", "derive", "documents", "evaluate", "host", "installed", "lint", "model", "registry", "report", "schema", "testing", "view"},
}
EVALUATION = {"benchmark", "because", "proof", "evaluate", "derive", "report", "schema", "lint"}
MAY_USE = {
    "pluggy": {"hookspecs", "registry"},
    "subprocess": {"host"},
    "socket": {"host"},
    "jinja2": {"render"},
    "jsonschema": {"documents", "reference"},
    "referencing": {"documents", "reference"},
    "ctypes": {"isolate"},
}


def module_of(path: Path, root: Path) -> str:
    return path.relative_to(root).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            module = node.module or ""
            names |= {f"{module}.{alias.name}" for alias in node.names} if module == "hostcheck" else {module}
    return names


def ours(names: set[str]) -> set[str]:
    found = {name.removeprefix("hostcheck.").split(".")[0] for name in names if name.startswith("hostcheck.")}
    return {"__init__" if name == "__version__" else name for name in found}


SOURCES = sorted(CORE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(CORE)))
def test_the_core_imports_as_the_table_says(path: Path) -> None:
    module = module_of(path, CORE)
    names = imported(path)
    assert not {name for name in names if name.startswith(("hostcheck_builtin", "hostcheck_reports"))}
    for library, users in MAY_USE.items():
        if any(name == library or name.startswith(f"{library}.") for name in names):
            assert module in users, f"{module} may not use {library}"
    if module != "cli":
        assert ours(names) <= TABLE[module] | {module}


def test_judging_never_sees_a_host_and_collecting_never_a_rule() -> None:
    for module, allowed in TABLE.items():
        if module in EVALUATION - {"derive"}:
            assert "host" not in allowed and "collect" not in allowed and "isolate" not in allowed
        if module in {"collect", "isolate", "registry", "host"}:
            assert not allowed & EVALUATION - ({"schema"} if module in {"schema", "registry"} else set())


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_a_plugin_imports_only_the_api(path: Path) -> None:
    names = imported(path)
    outside = {name for name in names if name.split(".")[0] in {"hostcheck", "hostcheck_reports"} | THIRD_PARTY}
    assert outside <= {"hostcheck.api"} | ({"yaml"} if path.name == "yaml_file.py" else set())


def test_the_table_knows_every_module() -> None:
    assert {module_of(path, CORE) for path in SOURCES} == TABLE.keys() | {"cli"}


def test_except_exception_stands_at_five_places_only() -> None:
    places = []
    for path in [*SOURCES, *PLUGINS.rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception")):
                places.append(module_of(path, CORE) if path.is_relative_to(CORE) else path.name)
    # per import and per hook implementation, per analysis, per probe, and per format
    assert sorted(places) == ["invoke", "invoke", "invoke", "registry", "registry"]
