"""What a config.json or auth.json says of how its user logs in to registries: whether passwords stand in it, and which helpers are asked instead.

base64 is no encryption (docker login says so). What the file says is never stated, but for the names of helpers and of directories with plugins.
"""

import json
import re
from typing import Any, Final, NamedTuple

from hostcheck.api import Nonsense, pattern
from hostcheck_builtin.system.bounds import CREDENTIAL_HELPERS as FOLDERS

SECRET: Final = ("auth", "password", "identitytoken", "registrytoken")
"""Keys of an entry of auths that give access (types.AuthConfig of docker/cli)."""
HELPER: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,100}", re.ASCII)


class Stated(NamedTuple):
    """Whether a password or token stands there, the names of helpers, and the directories in which docker looks for plugins of its command."""

    secrets: bool
    helpers: tuple[str, ...]
    folders: tuple[str, ...]


def stated(path: str, raw: bytes) -> Stated:
    """Return what a file says; raises Nonsense where it is not read. Go takes keys in any letters."""
    try:
        document = json.loads(raw.decode("utf-8", "replace")) if raw.strip() else {}
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: no JSON, so that whether passwords stand in it is not known") from error
    found = _folded(document)
    entries = _folded(found.get("auths")).values()
    helpers = (found.get("credsstore"), *_folded(found.get("credhelpers")).values())
    folders = found.get("clipluginsextradirs")
    return Stated(
        secrets=any(isinstance(_folded(entry).get(key), str) and _folded(entry)[key] != "" for entry in entries for key in SECRET),
        helpers=tuple(sorted({name for name in helpers if isinstance(name, str) and HELPER.fullmatch(name)}))[:FOLDERS],
        folders=tuple(one for one in folders if isinstance(one, str) and one.startswith("/"))[:FOLDERS] if isinstance(folders, list) else (),
    )


def _folded(stated: Any) -> dict[str, Any]:
    return {key.casefold(): value for key, value in stated.items()} if isinstance(stated, dict) else {}
