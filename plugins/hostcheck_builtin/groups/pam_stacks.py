"""Which services load a module when they give a user credentials: pam.d(5), as libpam 1.7 reads it, with Debian's @include.

Only lines of the type auth count, since pam_setcred(3) asks no others; and a service without any is served by those of `other`.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.system.bounds import PAM_STACK_BYTES as SIZE
from hostcheck_builtin.system.bounds import PAM_STACKS as NAMES
from hostcheck_builtin.system.presence import absent_as

FOLDERS: Final = ("/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d")
"""Of two files with one name that in the earlier directory counts."""
ONE_FILE: Final = "/etc/pam.conf"
"""Read only where there is none of the directories (pam.conf(5)); every line begins with the service."""
LEFT: Final = pattern(r"(?:~|\.(?:dpkg|ucf)-[a-z]+|\.rpm(?:save|new|orig))\Z", re.ASCII)
"""What a package manager or an editor leaves: no program asks for a service of that name."""
TOKEN: Final = pattern(r"\[(?:\\\]|[^\]])*\]?|[^ \t\[][^ \t]*", re.ASCII)
"""A control in brackets is one word, whatever is in it (_pam_tokenize() of libpam)."""
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
    found: dict[str, list[str]] = {}
    for line in _lines(text):
        service, _, rest = line.replace("\t", " ").partition(" ")
        found.setdefault(service.lower(), []).append(rest)
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
            stacks[path] = absent_as(None, attempt, lambda at: _stack(_lines(host.read_text(at, limit=SIZE))), path)
        if stacks[path] is not None:
            return stacks[path]
    return None


def _lines(text: str) -> Iterator[str]:
    """Yield lines without comments; one that ends with a backslash goes on in the next."""
    whole = ""
    for line in text.split("\n"):
        whole += line.partition("#")[0].rstrip(" \t\r")
        if whole.endswith("\\"):
            whole = whole[:-1] + " "
            continue
        if whole.strip(" \t"):
            yield whole.strip(" \t")
        whole = ""


def _stack(lines: Iterator[str] | list[str]) -> Stack:
    modules, includes = set[str](), list[str]()
    for line in lines:
        words = TOKEN.findall(line)[:3]
        kind = words[0].lower().removeprefix("-") if words else ""
        if kind == "@include" and len(words) > 1:
            includes.append(words[1])
        elif kind == "auth" and len(words) > 2:
            if words[1].lower() in ("include", "substack"):
                includes.append(words[2])
            else:
                modules.add(words[2].rpartition("/")[2])
    return Stack(frozenset(modules), tuple(includes))
