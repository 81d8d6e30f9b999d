"""What `.importlinter` cannot say of imports, read from the sources themselves: that they are absolute, and that its lists leave out no library.

`lint-imports` follows what is imported, and a library that it was never asked about may be imported by anybody.
"""

import ast
import configparser
import sys
from collections.abc import Iterator
from pathlib import Path

import hostcheck
import hostcheck_builtin

CORE = Path(hostcheck.__file__).parent
PLUGINS = Path(hostcheck_builtin.__file__).parent
SOURCES = sorted([*CORE.rglob("*.py"), *PLUGINS.rglob("*.py")])
CONTRACTS = configparser.ConfigParser()
CONTRACTS.read(Path(__file__).parents[2] / ".importlinter", encoding="utf-8")
OURS = {"hostcheck", "hostcheck_builtin", "hostcheck_reports"}


def imports() -> Iterator[tuple[str, str, int]]:
    """Yield the name of a file, what it imports, and by how many dots."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((str(path), alias.name, 0) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield str(path), node.module or "", node.level


def test_imports_are_absolute() -> None:
    assert [(path, name) for path, name, level in imports() if level] == []


def test_every_library_from_outside_has_a_list_of_who_may_import_it() -> None:
    listed = {contract["forbidden_modules"] for contract in map(CONTRACTS.__getitem__, CONTRACTS.sections()) if "forbidden_modules" in contract}
    known = listed | OURS | sys.stdlib_module_names
    assert [(path, name) for path, name, _ in imports() if name.split(".")[0] not in known] == []


def test_except_exception_stands_at_five_places_only() -> None:
    places = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception")):
                places.append(path.relative_to(CORE).parts[0].removesuffix(".py") if path.is_relative_to(CORE) else path.name)
    # per import and per hook implementation, per analysis, per probe, and per format
    assert sorted(places) == ["invoke", "invoke", "invoke", "registry", "registry"]
