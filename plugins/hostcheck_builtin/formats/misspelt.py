"""Names in approved_users that no account here has, and are near to one that has a path: most likely misspelt."""

from typing import Final

from hostcheck_builtin.formats.causes import Document

APPROVED: Final = "approved_users"
USER: Final = "user:"


def names(report: Document) -> list[str]:
    """Return a sentence for each such name; none where not all accounts are known, since a directory may have it."""
    reach, approved = report.get("reach", {}), report.get("inputs", {}).get("values", {}).get(APPROVED, ())
    if "without_path" not in reach or any(hole["pointer"] in ("", "/without_path") for hole in reach.get("holes", ())):
        return []
    with_path = {path["principal"].removeprefix(USER) for path in report.get("paths", ()) if path["principal"].startswith(USER)}
    known = {*with_path, *(one.removeprefix(USER) for name in ("without_path", "unused") for one in reach.get(name, ()))}
    strange = [str(name) for name in approved if str(name) not in known]
    if not strange:
        return []
    from difflib import get_close_matches  # 3 ms, and only where something is wrong

    near = ((name, get_close_matches(name, sorted(with_path), n=1)) for name in strange)
    return [f"{APPROVED} names {name!r}, and no account is called so; was {found[0]!r} meant?" for name, found in near if found]
