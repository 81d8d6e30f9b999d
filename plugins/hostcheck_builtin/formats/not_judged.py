"""What was seen and is not judged, as the section `not_judged` of a report says, in sentences for the formats that show it.

What is root's comes first: what users lay can be much, and is none of what others have to look at.
"""

from typing import Any, Final

Document = dict[str, Any]
NAMED: Final = 6
"""How many of those who have one thing run are named."""
ORDER: Final = ("setuid", "setgid", "capabilities", "sudo", "doas", "polkit", "job")
WHY: Final = {
    "action": "the action is not known",
    "by-file": "what this file says is not looked at",
    "changed": "it is not what its package brought",
    "container": "what can be done in the container as that user is not looked at",
    "digest": "any program with the digest in the line",
    "directory": "any program in this directory",
    "edited-file": "nothing is known of the file",
    "not-compared": "its name is not known, and it was compared with no package",
    "of-no-package": "it is from no package",
    "pattern": "any program with such a path",
    "program": "the program is not known",
    "unusual-place": "it lies where no package of a distribution puts programs",
}
"""Why it is not known what something does, in words."""


def entries(report: Document) -> list[Document]:
    """Return each thing as ``{what, who, where, why}``: who has it run and as whom in a sentence without `what`, of which the parts may be shown apart."""
    section = report.get("not_judged", {})
    told = sorted(section.get("programs", {}).items(), key=lambda one: (one[1].get("owner_uid", 0) != 0, _rank(one[1]), one[0]))
    opened = {hole["pointer"] for hole in section.get("holes", ())}
    return [_entry(one, f"/programs/{key.replace('~', '~0').replace('/', '~1')}/by_whom" in opened) for key, one in told]


def perhaps_more(report: Document) -> str:
    """Return that there may be others, "" where there are none; why that is not known is said where it was read."""
    more = any(hole["pointer"] in ("", "/programs") for hole in report.get("not_judged", {}).get("holes", ()))
    return "perhaps more, since not everything could be read" if more else ""


def line(entry: Document) -> str:
    """Return an entry as one line."""
    where = f" ({entry['where']})" if entry["where"] != entry["what"] else ""
    return f"{entry['what']}: {entry['who']}{where}; {entry['why']}"


def _rank(one: Document) -> int:
    kind = one.get("kind")
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _entry(one: Document, is_open: bool) -> Document:
    names, whom, kind = list(one.get("by_whom", ())), one.get("as_whom", ""), one.get("kind", "")
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    who = ", ".join([*names[:NAMED], *more, *(["perhaps others"] if is_open or not names else [])])
    runs = f"run{f' as {whom}' if whom else ''} by {who}"
    if kind in ("sudo", "doas", "polkit"):
        runs = f"{kind} lets {who} run it{f' as {whom}' if whom else ''}"
    told = f"with {one['rights']}, {runs}" if "rights" in one else runs
    return {"what": one.get("what", ""), "who": told, "where": one.get("place", ""), "why": WHY.get(one.get("why", ""), one.get("why", ""))}
