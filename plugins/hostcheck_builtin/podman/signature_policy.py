"""policy.json: which images are taken at all, by their signatures; one in the home takes the place of the one in /etc.

Read as strictly as containers/image reads it: a key that it does not know or that stands twice, and nothing is pulled any more.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Json, LimitExceeded, Nonsense
from hostcheck_builtin.podman.folders import File, Files
from hostcheck_builtin.system.bounds import SIGNATURE_SCOPES as MOST
from hostcheck_builtin.system.parse_errors import at_line, no_constant, once

NAME: Final = "policy.json"
ANYTHING: Final = "insecureAcceptAnything"
TYPES: Final = (ANYTHING, "reject", "signedBy", "signedBaseLayer", "sigstoreSigned")


def read(system: Files, home: Files | None) -> File | None:
    """Return the file that counts for who has this home, None where there is none: then nothing can be pulled."""
    mine = None if home is None else home.file(NAME)
    return system.file(NAME) if mine is None else mine


def stated(file: File | None) -> dict[str, Json]:
    """State what a policy requires of images that no scope names, by where they come from, and which scopes it has for registries."""
    if file is None:
        return {"file": "", "default": [], "from_registries": [], "decided_by": "", "open_scopes": []}
    path, raw = file
    document = _document(path, raw)
    scopes = {name: _requirements(path, one) for name, one in _object(path, _object(path, document.get("transports", {})).get("docker", {})).items()}
    if len(scopes) > MOST:
        raise LimitExceeded(f"{path}: more than {MOST} scopes")
    default = _requirements(path, document.get("default"))
    return {
        "file": path,
        "default": default,
        "from_registries": scopes.get("", default),
        "decided_by": "docker" if "" in scopes else "default",
        "open_scopes": sorted(name for name, types in scopes.items() if name and set(types) == {ANYTHING}),
    }


def _document(path: str, raw: bytes) -> Mapping[str, Any]:
    try:
        found = _object(path, json.loads(raw.decode(), object_pairs_hook=once, parse_constant=no_constant))
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: no policy{at_line(error)}, so nothing can be pulled") from error
    if not set(found) <= {"default", "transports"}:
        raise Nonsense(f"{path}: it has a key that no policy has, so nothing can be pulled")
    return found


def _object(path: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Nonsense(f"{path}: something is no object that should be one, so nothing can be pulled")
    return value


def _requirements(path: str, value: Any) -> list[str]:
    """Return the types of a list of requirements, all of which an image has to meet."""
    types = [one.get("type") if isinstance(one, dict) else None for one in value] if isinstance(value, list) else []
    if not types or not set(types) <= set(TYPES) or len(types) > MOST:
        raise Nonsense(f"{path}: a list of requirements is empty, too long, or has what is none, so nothing can be pulled")
    return sorted({str(one) for one in types})
