"""A host in memory whose scanner is in the first user namespace, as on every host that is not looked at from inside of another: its ids are the host's."""

from collections.abc import Mapping
from typing import Any

from hostcheck.host.memory import MemoryHost

USERNS = {"/proc/self/ns/user": "user:[4026531837]"}


def outermost(files: Mapping[str, Any] | None = None, *, links: Mapping[str, str] | None = None, **more: Any) -> MemoryHost:
    """Return the host in memory with these files and links."""
    return MemoryHost(files, links={**USERNS, **(links or {})}, **more)
