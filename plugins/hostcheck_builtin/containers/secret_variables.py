"""Which variables of a container's environment hold a secret: by their names, and never with what is in them.

A value is looked at for three things alone: that it is not empty, that it is no mere switch, and that it holds a key or an address with a password.
"""

import re
from collections.abc import Iterable
from typing import Final

from hostcheck.api import Hole, Json, LimitExceeded, Why, incomplete, pattern

MANY: Final = 10_000
NAMED: Final = 20
LONG: Final = 64
LOOKED_AT: Final = 4096
"""Characters of a value."""
WORDS: Final = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
"""The words of DB_PASSWORD, dbPassword and db.password."""
UNUSUAL: Final = pattern(r"[^A-Za-z0-9_.-]")
SECRET: Final = pattern(r".*(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|APIKEY)|PASS|PW|CREDENTIALS?")
"""The last word of a name."""
KEYS: Final = frozenset({"API", "APP", "AUTH", "ENCRYPTION", "MASTER", "PRIVATE", "SECRET", "SIGNING"})
"""What makes KEY behind it a secret; an access key, a public key and the key of a cache are none."""
KNOWN: Final = frozenset({"AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_KEY", "AZURE_STORAGE_CONNECTION_STRING", "REDISCLI_AUTH", "SECRET_KEY_BASE"})
PATHS: Final = frozenset({"GOOGLE_APPLICATION_CREDENTIALS"})
"""Names of files, although they do not say so."""
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
        if value and (_is_secrets(name) and value.lower() not in SWITCHES or _is_secret(value[:LOOKED_AT])):
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
        return len(words) > 1 and (words[-1] == "PWD" or words[-2] in KEYS)
    return SECRET.fullmatch(words[-1]) is not None


def _is_secret(value: str) -> bool:
    return LOGIN.search(value) is not None or KEY.search(value) is not None
