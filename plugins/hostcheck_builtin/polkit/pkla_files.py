"""The older rules of polkit: entries of .pkla files, which polkit read before version 0.106 and reads by polkit-pkla-compat since.

Of the entries that fit the last counts, and one that names the user before any that names a group (pklocalauthority(8); local authority of polkit 0.105).
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from hostcheck.api import Nonsense
from hostcheck_builtin.polkit.conditions import ALWAYS, MAYBE, Condition, all_of, any_of, atom, opposite
from hostcheck_builtin.polkit.rules_files import RESULTS, RuleOutcome

PLACES: Final = tuple(
    f"{place}/polkit-1/localauthority/{name}"
    for name in ("10-vendor.d", "20-org.d", "30-site.d", "50-local.d", "90-mandatory.d")
    for place in ("/var/lib", "/etc")
)
"""Where entries are, the last of which count most."""
ADMINISTRATORS: Final = "/etc/polkit-1/localauthority.conf.d"
"""Where it is said who the administrators are; the last file that says so counts."""
CONSOLE: Final = {
    "ResultActive": all_of(atom("local"), atom("active")),
    "ResultInactive": all_of(atom("local"), opposite(atom("active"))),
    "ResultAny": opposite(atom("local")),
}
"""The keys of results with the sessions for which each is asked."""
KINDS: Final = {"unix-user": "user", "unix-group": "group", "unix-netgroup": "netgroup"}


def sections(path: str, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the sections of a file with the line of each (GKeyFile); raises Nonsense where a line is none."""
    line, found = 0, dict[str, str]()
    for number, told in enumerate(text.split("\n"), 1):
        stated = told.strip()
        if not stated or stated.startswith("#"):
            continue
        key, mark, value = stated.partition("=")
        if stated.startswith("[") and stated.endswith("]"):
            if line:
                yield line, found
            line, found = number, {}
        elif mark and line:
            found[key.strip()] = value.strip()
        else:
            raise Nonsense(f"{path}: line {number} is no entry of polkit's")
    if line:
        yield line, found


def entries(path: str, text: str, action: str) -> dict[str, list[RuleOutcome]]:
    """Return by line what entries say of an action: what names users under the line, and what names groups under the same with # behind it."""
    found: dict[str, list[RuleOutcome]] = {}
    for line, stated in sections(path, text):
        if not any(fnmatchcase(action, one) for one in stated.get("Action", "").split(";") if one):
            continue
        named = [one.partition(":") for one in stated.get("Identity", "").split(";") if one]
        for key, kinds in ((str(line), ("unix-user",)), (f"{line}#", ("unix-group", "unix-netgroup"))):
            who = any_of(*(_who(kind, name) for kind, _, name in named if kind in kinds))
            results = [RuleOutcome(all_of(who, when), stated[one]) for one, when in CONSOLE.items() if stated.get(one) in RESULTS]
            if who and results:
                found[key] = results
    return found


def _who(kind: str, name: str) -> Condition:
    if name == "*":
        return ALWAYS
    return MAYBE if "*" in name or "?" in name or "[" in name else atom(KINDS[kind], name)


def administrators(path: str, text: str) -> tuple[str, list[str]] | None:
    """Return the line and the identities of the administrators that a file names, None where it names none."""
    found = [(str(line), stated["AdminIdentities"]) for line, stated in sections(path, text) if "AdminIdentities" in stated]
    return (found[-1][0], [one for one in found[-1][1].split(";") if one]) if found else None


def order(path: str, key: str) -> tuple[bool, int, str, int]:
    """Return by what entries are put into the order in which they count: those that name users first, and of these the last one of the last file."""
    folder, _, name = path.rpartition("/")
    return not key.endswith("#"), PLACES.index(folder) if folder in PLACES else -1, name, int(key.rstrip("#"))
