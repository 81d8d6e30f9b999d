"""Which groups systemd gives a service beside those of its user: Group=, SupplementaryGroups= and DynamicUser= of systemd.exec(5).

What is told is what would hold the next time, for units that nobody has started as well; an instance counts where it has a file or drop-ins of its own.
"""

from typing import Final

from hostcheck.api import Host, Json, attempt
from hostcheck_builtin.system import units

SECTION: Final = "Service"


def service_groups(host: Host) -> Json:
    """State of each service that sets groups its user and those groups; raises what stops a directory from being listed."""
    found: dict[str, Json] = {}
    folders = units.listed(host)
    for name in units.services(folders):
        stated = attempt(_told, host, name, folders)
        if stated is not None:
            found[name] = stated
    return found


def _told(host: Host, name: str, folders: units.Folders) -> Json:
    texts = list(units.texts(host, name, folders))
    groups = [name for name in (*_last(texts, "Group"), *_list(texts, "SupplementaryGroups")) if name]
    if not groups:
        return None
    users, dynamic = _last(texts, "User"), _last(texts, "DynamicUser")
    return {"user": users[0] if users else "", "dynamic": bool(dynamic) and dynamic[0].lower() in units.TRUE, "groups": list(dict.fromkeys(groups))}


def _last(texts: list[str], key: str) -> list[str]:
    given = [value for text in texts for value in units.settings(text, SECTION, key)]
    return given[-1:]


def _list(texts: list[str], key: str) -> list[str]:
    """Return the words of all assignments since the last empty one."""
    words: list[str] = []
    for text in texts:
        for value in units.settings(text, SECTION, key):
            words = [*words, *(word.strip("\"'") for word in value.split())] if value else []
    return words
