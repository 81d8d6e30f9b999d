"""Whether sshd's settings let root in by a key, and by which files: sshd_config(5).

Where several lines say different things, or a Match block says one, it may be so: which of them counts depends on more than is looked at.
"""

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

YES, PERHAPS, NO = "yes", "perhaps", "no"
ORDER: Final = (NO, PERHAPS, YES)
ROOT: Final = "root"
KEYS: Final = (".ssh/authorized_keys", ".ssh/authorized_keys2")
LETS: Final = frozenset(("yes", "without-password", "prohibit-password"))
"""Values of PermitRootLogin by which root may use keys; the default is one of them."""
AUTHORITIES: Final = "trustedusercakeys"
METHODS: Final = frozenset(("any", "publickey"))
OWN_WORDS: Final = (("%%", "%"), ("%h", "/root"), ("%u", ROOT), ("%U", "0"))


class SshdRoot(NamedTuple):
    """Whether root is let in by keys, in which files they are, and those of authorities whose certificates count, and of keys that do not."""

    lets: str
    keys: tuple[str, ...]
    authorities: tuple[str, ...]
    revoked: tuple[str, ...]


def of_root(lines: Iterable[Sequence[str]], groups: frozenset[str]) -> SshdRoot:
    """Return what lines of sshd_config come to, each with its file before it; `groups` are those that root is in."""
    told: dict[str, list[list[str]]] = {}
    conditional = False
    for _, keyword, *values in lines:
        conditional = conditional or keyword == "match"
        told.setdefault(keyword, []).append(values)
    each = (
        _all(told.get("permitrootlogin"), lambda values: not LETS.isdisjoint(values[:1]), conditional=conditional),
        _all(told.get("pubkeyauthentication"), lambda values: values[:1] == ["yes"], conditional=conditional),
        _all(told.get("authenticationmethods"), lambda values: not METHODS.isdisjoint(values), conditional=conditional),
        _named(told.get("allowusers"), frozenset((ROOT,)), allows=True, conditional=conditional),
        _named(told.get("denyusers"), frozenset((ROOT,)), allows=False, conditional=conditional),
        _named(told.get("allowgroups"), groups, allows=True, conditional=conditional),
        _named(told.get("denygroups"), groups, allows=False, conditional=conditional),
        PERHAPS if len({tuple(values) for values in told.get("authorizedkeysfile", ())}) > 1 or "authorizedprincipalsfile" in told else YES,
    )
    files = [value for values in told.get("authorizedkeysfile", [list(KEYS)]) for value in values if value.lower() != "none"]
    keys = [path if path.startswith("/") else f"/root/{path}" for path in map(_expanded, files)]
    authorities, revoked = (
        [values[0] for values in told.get(keyword, ()) if values and values[0] != "none"] for keyword in ("trustedusercakeys", "revokedkeys")
    )
    return SshdRoot(min(each, key=ORDER.index), tuple(dict.fromkeys(keys)), tuple(authorities), tuple(revoked))


def _all(told: list[list[str]] | None, lets: Callable[[list[str]], bool], *, conditional: bool) -> str:
    """Say whether all lines of a setting let root in; there may be none."""
    said = {lets(values) for values in told or ()}
    if not said or said == {True}:
        return YES
    return NO if said == {False} and not conditional else PERHAPS


def _named(told: list[list[str]] | None, names: frozenset[str], *, allows: bool, conditional: bool) -> str:
    """Say whether a list of patterns lets root in; one with a host after @ depends on where root comes from."""
    if told is None:
        return YES
    values = [value for one in told for value in one]
    plain = any(fnmatchcase(name, value) for value in values if "@" not in value for name in names)
    hosts = any(fnmatchcase(name, value.partition("@")[0]) for value in values if "@" in value for name in names)
    negated = any(value.startswith("!") for value in values)
    if hosts or negated or (conditional and plain is not allows):
        return PERHAPS
    return YES if plain is allows else NO


def _expanded(path: str) -> str:
    for word, value in OWN_WORDS:
        path = path.replace(word, value)
    return path
