"""Accounts of /etc/passwd that have no password: an empty one, which is no secret, or none that is right, as where it is locked (passwd(5), shadow(5)).

What stands in the field of a password is never stated. An empty one in /etc/passwd counts whatever /etc/shadow says (_unix_getpwnam() and is_pwd_shadowed()
of pam_unix).
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, pattern
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.presence import absent_as

SET, EMPTY, NONE = "set", "empty", "none"
"""What an account's password is: there is one, it is empty, or none is right."""

SHADOW: Final = "/etc/shadow"
DATABASE: Final = "shadow"
SHADOWED: Final = pattern(r"x|##.*")
"""The second field of /etc/passwd if PAM looks in /etc/shadow."""
ENDS: Final = slice(6, 8)
"""How long after its password ran out an account goes on, and when it ends."""


def stated(host: Host) -> Json:
    """State each by name: incomplete where /etc/shadow cannot be read; raises what reading /etc/passwd raises."""
    passwd = account_files.text_of(host, "/etc/passwd")
    shadow = attempt(account_files.text_of, host, SHADOW)
    hidden = {} if isinstance(shadow, Hole) else _fields(shadow)
    users, found, elsewhere = account_files.users(passwd)[0], dict[str, Json](), None
    for name, fields in _fields(passwd).items():
        user, own = users.get(name), hidden.get(name, [])
        shadowed = SHADOWED.fullmatch(fields[1]) is not None
        if user is None or (shadowed and isinstance(shadow, Hole)):
            continue
        if shadowed and not own:
            elsewhere = _has_others(host) if elsewhere is None else elsewhere
        if shadowed and not own and elsewhere:
            continue
        password = _password(own[1] if shadowed and len(own) > 1 else "x" if shadowed else fields[1])
        if password != SET:
            enters = str(user["shell"]).rpartition("/")[2] not in account_files.BARRED
            ends = shadowed and any(field.strip() for field in own[ENDS])
            found[name] = {"uid": user["uid"], "password": password, "enters": enters and not ends}
    return incomplete(found, shadow if isinstance(shadow, Hole) else None)


def _has_others(host: Host) -> bool:
    """Say whether passwords may also come from elsewhere, for who has none in /etc/shadow (nsswitch.conf(5))."""
    asked = absent_as({}, lambda: account_files.sources(host.read_text("/etc/nsswitch.conf"), (DATABASE,))).get(DATABASE, [])
    return not account_files.ENUMERATES.issuperset(asked)


def _password(field: str) -> str:
    return EMPTY if not field else SET if account_files.opens(field) else NONE


def _fields(text: str) -> dict[str, list[str]]:
    """Return the fields of the first line of each name, which is the one that counts."""
    found: dict[str, list[str]] = {}
    for _, line in account_files.lines(text):
        fields = line.split(":")
        if len(fields) > 1:
            found.setdefault(fields[0], fields)
    return found
