"""The command that sets keys of a JSON file: what a step `set` of a fix stands for, of one rule or of several together.

The file may be missing, empty or a link. What it was is kept beside it, once; its new content is checked before it takes the place of the old.
"""

from collections.abc import Mapping
from typing import Final

from hostcheck.model import Json

TEMPLATE: Final = (
    '(f=FILE && install -d "$(dirname "$f")" && touch "$f" && (test -e "$f.orig" || cp -p "$f" "$f.orig") && cp -p "$f" "$f.hostcheck" && '
    'python3 -I -c \'import json, sys; place, *given = sys.argv[1:]; told = json.loads(open(place, "rb").read().strip() or b"null") or dict(); '
    'told.update(zip(given[::2], map(json.loads, given[1::2]))); open(place, "w").write(json.dumps(told, indent=2) + "\\n")\' '
    '"$f.hostcheck" KEYS && CHECK "$f.hostcheck" && cp "$f.hostcheck" "$f" && rm "$f.hostcheck")'
)


def set_command(file: str, check: str, keys: Mapping[str, str]) -> str:
    """Return the command for one line of a shell; `file` is quoted, and the value of each key is JSON."""
    given = " ".join(f"{key} '{value}'" for key, value in keys.items())
    parts = {"FILE": file, "CHECK": check, "KEYS": given}
    told = TEMPLATE
    for name in ("KEYS", "CHECK", "FILE"):
        told = told.replace(name, parts[name])
    return told


def with_command(step: Mapping[str, Json]) -> dict[str, Json]:
    """Return a step of a rule with the command of its `set`, where it has one."""
    if "set" not in step:
        return dict(step)
    told = step["set"]
    return {**step, "run": set_command(told["file"], told["check"], {told["key"]: told["value"]})}
