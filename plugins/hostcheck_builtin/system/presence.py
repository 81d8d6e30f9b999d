"""What is asked about things that need not be there: a file that is absent, or a process that has ended, is an answer and no error."""

from collections.abc import Callable, Hashable, Iterable
from typing import ParamSpec, TypeVar

from hostcheck.api import ABSENT, Hole, Host, attempt, worst_hole

P = ParamSpec("P")
Found = TypeVar("Found")
Instead = TypeVar("Instead")
Key = TypeVar("Key", bound=Hashable)


def absent_as(instead: Instead, ask: Callable[P, Found], *args: P.args, **kwargs: P.kwargs) -> Found | Instead:
    """Return what `ask` answers, or `instead` where what it asks about is not there; raises what else it raises."""
    try:
        return ask(*args, **kwargs)
    except ABSENT:
        return instead


def is_there(host: Host, path: str, *, follow: bool = True) -> bool:
    """Say whether there is anything at a path; raises as `Host.stat` does where that cannot be told."""
    return absent_as(None, host.stat, path, follow=follow) is not None


def is_file(host: Host, path: str) -> bool:
    """Say whether a path leads to a regular file; raises as `Host.stat` does where that cannot be told."""
    found = absent_as(None, host.stat, path)
    return found is not None and found.type == "file"


def each_told(ask: Callable[[Key], Found | None], keys: Iterable[Key]) -> tuple[dict[Key, Found], Hole | None]:
    """Return what `ask` answers of each, but for None, which stands for nothing; and the hole where that is not known of one."""
    told = {key: attempt(ask, key) for key in keys}
    return {key: one for key, one in told.items() if one is not None and not isinstance(one, Hole)}, worst_hole(*told.values())
