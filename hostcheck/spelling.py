"""What somebody may have meant who wrote a name that is not known."""

from collections.abc import Iterable

from hostcheck.model import HostcheckError


def near(name: str, known: Iterable[str]) -> str:
    """Return the question whether the nearest of the `known` names was meant, "" where none is near."""
    from difflib import get_close_matches  # 3 ms, and only where something is wrong

    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[found[0]]!r}?" if found else ""


def chosen(name: str, known: Iterable[str], what: str) -> str:
    """Return the name of `known` that `name` is in small or capital letters; raises HostcheckError, with the nearest one and all, where it is none.

    `what` says what a name is and what several are, as ``a severity; the severities``.
    """
    names = list(known)
    if found := next((one for one in names if one.lower() == name.lower()), ""):
        return found
    one, _, several = what.partition("; ")
    raise HostcheckError(f"{name!r} is not {one}{near(name, names)}{' ' if near(name, names) else '; '}{several} are {', '.join(names)}")
