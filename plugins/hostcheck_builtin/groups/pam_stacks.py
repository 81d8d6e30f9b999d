"""Which services load a module when they give a user credentials.

Only lines of the type auth count, since pam_setcred(3) asks no others; and a service without any is served by those of `other`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.system.bounds import PAM_STACK_BYTES as SIZE
from hostcheck_builtin.system.bounds import PAM_STACKS as NAMES
from hostcheck_builtin.system.pam_lines import FOLDERS, LEFT, ONE_FILE, PamLine, pam_lines
from hostcheck_builtin.system.presence import absent_as

OTHER: Final = "other"


class Stack(NamedTuple):
    """What the auth lines of one file name: modules, by the last part of their path, and files to read as well."""

    modules: frozenset[str]
    includes: tuple[str, ...]


Stacks = dict[str, Stack | Hole | None]
"""By path, None for what is not there."""


def loading(host: Host, module: str) -> Json:
    """State of each service whether it loads `module` for credentials; incomplete where not all services are known."""
    stacks: Stacks = {}
    listed = [absent_as(None, attempt, host.list_dir, folder, limit=NAMES) for folder in FOLDERS]
    if all(names is None for names in listed):
        return _of_one_file(host, module, stacks)
    names = sorted({name for found in listed if isinstance(found, list) for name in found if not LEFT.search(name)})
    stated = {name: _loads(host, Stack(frozenset(), (name,)), module, stacks) for name in names}
    hole = worst_hole(*listed)
    return incomplete(stated, hole)


def _of_one_file(host: Host, module: str, stacks: Stacks) -> Json:
    text = attempt(lambda: host.read_text(ONE_FILE, missing="", limit=SIZE))
    if isinstance(text, Hole):
        return text
    found: dict[str, list[PamLine]] = {}
    for line in pam_lines(text, services=True):
        found.setdefault(line.service, []).append(line)
    return {name: _loads(host, _stack(found[name]), module, stacks) for name in sorted(found)}


def _loads(host: Host, first: Stack, module: str, stacks: Stacks) -> bool | Hole:
    """Say whether a stack, or any that it includes, names the module; where no auth line stands in it at all, whether that of `other` does."""
    modules, hole = _gathered(host, first, stacks)
    if not modules and hole is None:
        modules, hole = _gathered(host, Stack(frozenset(), (OTHER,)), stacks)
    return True if module in modules else hole or False


def _gathered(host: Host, first: Stack, stacks: Stacks) -> tuple[frozenset[str], Hole | None]:
    modules, waiting, seen, hole = first.modules, list(first.includes), set[str](), None
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        stack = _named(host, name, stacks)
        if isinstance(stack, Hole):
            hole = worst_hole(hole, stack)
        elif stack is not None:
            modules |= stack.modules
            waiting += stack.includes
    return modules, hole


def _named(host: Host, name: str, stacks: Stacks) -> Stack | Hole | None:
    """Return the stack that an include means: a path, or a name in the first directory that has it."""
    for path in (name,) if name.startswith("/") else tuple(f"{folder}/{name}" for folder in FOLDERS):
        if path not in stacks:
            stacks[path] = absent_as(None, attempt, lambda at: _stack(pam_lines(host.read_text(at, limit=SIZE))), path)
        if stacks[path] is not None:
            return stacks[path]
    return None


def _stack(lines: Iterable[PamLine]) -> Stack:
    auth = [line for line in lines if line.kind in ("auth", "@include")]
    return Stack(frozenset(line.name for line in auth if not line.includes), tuple(line.module for line in auth if line.includes))
