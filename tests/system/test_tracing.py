"""Who may attach to a process that lives apart from the host: what the kernel lets, and what is told of it."""

from dataclasses import replace
from typing import Any

import pytest
from system.process_host import host, roots

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, Why
from hostcheck_builtin.system.tracing import traceable

PLAIN = roots(7, 1000, 1000, 999)
MINE = Stat(type="file", uid=1000, gid=1000, mode=0o444)
LINKS = {"/proc/self/ns/user": "user:[1]", "/proc/7/ns/user": "user:[1]"}
USUAL: dict[str, Any] = {"links": LINKS, "stats": {"/proc/7/status": MINE}}
DENIED = PermissionError(13, "Permission denied")
YAMA = "/proc/sys/kernel/yama/ptrace_scope"
OSTYPE = {"/proc/sys/kernel/ostype": "Linux\n"}


def told(process: Any = PLAIN, files: dict[str, Any] | None = None, **more: Any) -> bool | Why:
    found = traceable(host({**OSTYPE, **(files or {})}, **{**USUAL, **more}), [process])
    return found.why if isinstance(found, Hole) else found


def test_who_has_its_uid_and_gid_may_attach() -> None:
    assert told() is True
    assert traceable(host(OSTYPE, **USUAL), []) is False


@pytest.mark.parametrize(
    "more",
    [
        {"uids": (1000, 1001, 1000, 1000)},
        {"gids": (1000, 1000, 999, 1000)},
        {"cap_permitted": 1 << 10},
    ],
)
def test_another_uid_or_gid_and_any_capability_forbid_it(more: dict[str, Any]) -> None:
    assert told(replace(PLAIN, **more)) is False


def test_a_process_that_is_not_dumpable_or_in_another_user_namespace_lets_nobody() -> None:
    assert told(stats={"/proc/7/status": Stat(type="file", uid=0, gid=0, mode=0o444)}) is False
    assert told(links={**LINKS, "/proc/7/ns/user": "user:[2]"}) is False
    assert told(stats={}) is False and told(links={"/proc/self/ns/user": "user:[1]"}) is False  # it has ended
    assert told(links={}) is True  # a kernel without user namespaces


@pytest.mark.parametrize(("scope", "allowed"), [("0\n", True), ("1\n", False), ("2\n", False), ("3\n", False), (DENIED, Why.DENIED)])
def test_yama_may_forbid_it(scope: Any, allowed: bool | Why) -> None:
    assert told(files={YAMA: scope}) is allowed


def test_what_is_not_known_leaves_it_open() -> None:
    own = {"/proc/self/ns/user": "user:[1]"}
    assert told(files={"/proc/7/ns/user": DENIED}, links=own) is Why.DENIED
    assert isinstance(traceable(host(**USUAL), [PLAIN]), Hole)  # /proc/sys is hidden
    both = host({**OSTYPE, "/proc/8/ns/user": DENIED}, links=LINKS, stats={"/proc/7/status": MINE, "/proc/8/status": MINE})
    hidden = replace(PLAIN, pid=8)
    assert traceable(both, [hidden, PLAIN]) is True
    assert isinstance(traceable(both, [replace(PLAIN, cap_permitted=1), hidden]), Hole)
