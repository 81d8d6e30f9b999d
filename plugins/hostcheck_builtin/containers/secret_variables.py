"""Which variables of a container's environment hold a secret: by their names, and never with what is in them.

A value is looked at for three things alone: that it is not empty, that it is no mere switch, and that it holds a key or an address with a password.
"""

import re
from collections.abc import Iterable
from typing import Final

from hostcheck.api import Hole, Json, LimitExceeded, Why, incomplete, pattern
from hostcheck_builtin.system.bounds import SECRET_VARIABLES_NAMED as NAMED
from hostcheck_builtin.system.bounds import VARIABLE_NAME_SHOWN as LONG
from hostcheck_builtin.system.bounds import VARIABLE_VALUE as LOOKED_AT
from hostcheck_builtin.system.bounds import VARIABLES_OF_A_CONTAINER as MANY

WORDS: Final = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
"""The words of DB_PASSWORD, dbPassword and db.password."""
UNUSUAL: Final = pattern(r"[^A-Za-z0-9_.-]")
SECRET: Final = pattern(r".*(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|APIKEY)|PASS|PW|CREDENTIALS?")
"""The last word of a name."""
KEYS: Final = frozenset({"API", "APP", "AUTH", "ENCRYPTION", "MASTER", "PRIVATE", "SECRET", "SIGNING"})
"""What makes KEY behind it a secret; an access key, a public key and the key of a cache are none."""
KNOWN: Final = frozenset(
    {
        *("AZURE_DEVOPS_EXT_PAT", "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_KEY", "DOCKER_AUTH_CONFIG", "GH_PAT", "GITHUB_PAT"),
        *("NEO4J_AUTH", "REDISCLI_AUTH", "SECRET_KEY_BASE"),
    }
)
"""Names of secrets whose words do not say so."""
PATHS: Final = frozenset({"GOOGLE_APPLICATION_CREDENTIALS"})
"""Names of files, although they do not say so."""
PLACES: Final = ("/run/secrets/", "/var/run/secrets/")
"""Where engines and clusters put files with secrets: a value that is one of them is a path, whatever its name says."""
SWITCHES: Final = frozenset({"true", "false", "yes", "no", "on", "off"})
"""What ALLOW_EMPTY_PASSWORD and its like are set to."""
LOGIN: Final = pattern(r"[a-z][a-z0-9+.-]{0,30}://[^/?#\s:@]*:[^/?#\s@]+@", re.ASCII | re.IGNORECASE)
KEY: Final = pattern(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----")


def names(value: Json) -> Json:
    """Return the names of the variables that hold a secret, each at most once; raises TypeError where this is no environment."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError
    if len(value) > MANY:
        raise LimitExceeded(f"a list of more than {MANY}")
    found = sorted(set(_found(value)))
    more = Hole(why=Why.LIMIT, message=f"{len(found)} variables hold a secret, of which {NAMED} are named") if len(found) > NAMED else None
    return incomplete(found[:NAMED], more)


def _found(variables: Iterable[str]) -> Iterable[str]:
    for variable in variables:
        name, _, value = variable.partition("=")
        if value and (_is_secrets(name) and not _is_other(value) or _is_secret(value[:LOOKED_AT])):
            yield UNUSUAL.sub("?", name[:LONG])


def _is_secrets(name: str) -> bool:
    """Say whether a name is that of a secret: its last words decide, so that PASSWORD_FILE and TOKEN_URL are none."""
    if name.upper() in KNOWN:
        return True
    words = [word.upper() for word in WORDS.findall(name[-LOOKED_AT:])]
    while words and words[-1].isdigit():
        words.pop()
    if not words or name.upper() in PATHS:
        return False
    if words[-1] in ("KEY", "PWD"):
        return len(words) > 1 and (words[-1] == "PWD" or words[-2] in KEYS or "SECRET" in words)
    return SECRET.fullmatch(words[-1]) is not None


def _is_other(value: str) -> bool:
    """Say whether a value is no secret, whatever its name is."""
    return value.lower() in SWITCHES or value.startswith(PLACES)


def _is_secret(value: str) -> bool:
    return LOGIN.search(value) is not None or KEY.search(value) is not None
