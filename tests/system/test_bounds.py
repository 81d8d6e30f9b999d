"""The bounds of the plugins stand in one module, each with its reason; what has such a name elsewhere and is none of them is listed here."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hostcheck_builtin
from hostcheck_builtin.system import bounds

PLUGINS = Path(hostcheck_builtin.__path__[0])
MODULE = "hostcheck_builtin.system.bounds"
NONE_OF_OURS = {
    ("audit/rule_lines.py", "LONGEST"),  # auditctl's line
    ("dockerd/accepted.py", "LONGEST"),  # digits that dockerd surely takes
    ("dockerd/accepted_addresses.py", "LONGEST"),  # a name in DNS
    ("kernel/sysctl_files.py", "LONGEST"),  # the kernel's page
    ("sudo_doas/sudoers_grammar.py", "DEPTH"),  # sudo's includes
    ("subids/spare_ranges.py", "SIZE"),  # ids of a range
    ("subids/subid_settings.py", "NAME"),  # shadow's name of a plugin
    ("system/quota.py", "SHARED"),  # the account of all who have none
    ("system/rpm_database.py", "DIRECTORIES"),  # a tag of rpm's
    ("system/rpm_database.py", "FILES"),  # a tag of rpm's
    ("system/rpm_database.py", "NAME"),  # a tag of rpm's
}

LIKE_BOUNDS = frozenset(
    "ALIASES AT_ONCE BATCH CONTAINERS DEEPEST DISKS ENTRIES FEW KEYS LAID LARGE LATE LINES PLUGINS READ_MAX REGISTRIES RELAYS ROOTS SHARED SOCKETS TABLE TABLES"
    " TAKEN TRIES VARIABLES WAITS".split()
)
"""What a bound may be called too where nobody imports one under that name."""


@cache
def modules() -> dict[str, ast.Module]:
    paths = (path for path in PLUGINS.rglob("*.py") if path != Path(bounds.__file__) and path.relative_to(PLUGINS).parts[0] != "formats")
    return {str(path.relative_to(PLUGINS)): ast.parse(path.read_text()) for path in paths}


def imported() -> Iterator[ast.alias]:
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == MODULE:
                yield from node.names


def integers(tree: ast.Module) -> Iterator[str]:
    """Names to which a module gives an integer, worked out from others or not; seconds are none."""
    for node in tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id.isupper() and is_number(node.value):  # type: ignore[union-attr]
            yield target.id


def is_number(value: ast.expr | None) -> bool:
    numbers = [type(node.value) for node in ast.walk(value) if isinstance(node, ast.Constant)] if value else []
    plain = value and all(isinstance(node, (ast.BinOp, ast.Constant, ast.Name, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)) for node in ast.walk(value))
    return bool(plain) and set(numbers) == {int}


def test_each_bound_has_its_reason_below_it() -> None:
    body = ast.parse(Path(bounds.__file__).read_text()).body
    for node, below in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign):
            assert isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant), ast.unparse(node)
            assert str(below.value.value).endswith("."), ast.unparse(node)


def test_each_bound_is_one_of_some_module() -> None:
    used = {alias.name for alias in imported()}
    for tree in [*modules().values(), ast.parse(Path(bounds.__file__).read_text())]:
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "bounds"}
        used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    stated = {name for name in vars(bounds) if name.isupper()}
    assert stated and not stated - used


def test_no_other_module_has_a_bound_of_its_own() -> None:
    """By the names under which bounds are used: MANY, EACH, SIZE and their like."""
    names = LIKE_BOUNDS | {alias.asname or alias.name for alias in imported()}
    own = {(path, name) for path, tree in modules().items() for name in integers(tree) if name in names}
    assert own == NONE_OF_OURS


def test_no_call_has_a_bound_as_a_number() -> None:
    calls = [node for tree in modules().values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    limits = [one.value for call in calls for one in call.keywords if one.arg == "limit"]
    assert limits and not [ast.unparse(value) for value in limits if is_number(value) and not any(isinstance(node, ast.Name) for node in ast.walk(value))]
