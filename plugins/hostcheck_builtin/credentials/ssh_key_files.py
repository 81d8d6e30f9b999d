"""Files that hold a private key for SSH: its fingerprint, and what protects it. No part of a key is ever stated."""

from collections.abc import Callable
from typing import Final, NamedTuple

from hostcheck.api import Hole, Json, Why
from hostcheck_builtin.accounts import ssh_public_keys
from hostcheck_builtin.files import searching, ssh_private_keys
from hostcheck_builtin.system.path_walk import WalkedPath

NO_KEYS: Final = frozenset(("authorized_keys", "authorized_keys2", "known_hosts", "known_hosts.old", "config", "rc", "environment"))
"""Names in ~/.ssh that are no keys (ssh(1), sshd(8))."""
PUBLIC: Final = ".pub"


class KeyFile(NamedTuple):
    """A private key: passphrase, hardware or none, and the fingerprint of its public key, "" where that is not told.

    Where the key does not tell it `by_itself`, the file NAME.pub beside it does, which may be of another key.
    """

    protection: str
    fingerprint: str
    by_itself: bool


def may_be_one(name: str) -> bool:
    """Say whether a file in ~/.ssh may be a private key by its name."""
    return name not in NO_KEYS and not name.endswith(PUBLIC)


def told(path: str, raw: bytes, beside: Callable[[], bytes | None]) -> KeyFile | None:
    """Return what a file tells, None where it is no private key; raises Nonsense for one that ssh could not read, and what `beside` raises."""
    protection = ssh_private_keys.protection(path, raw)
    if protection is None:
        return None
    public = ssh_private_keys.public_key(path, raw)
    if public is not None:
        return KeyFile(protection, ssh_public_keys.fingerprint(public), by_itself=True)
    found = list(ssh_public_keys.public_keys((beside() or b"").decode("utf-8", "replace")))
    return KeyFile(protection, found[0].fingerprint if found else "", by_itself=False)


def stated(way: WalkedPath, inside: str, path: str, raw: bytes, beside: Callable[[], bytes | None]) -> dict[str, Json] | None:
    """State a private key, None where it is none; `inside` is its name in an archive, or ""."""
    key = told(path, raw, beside)
    if key is None:
        return None
    untold = Hole(why=Why.UNSUPPORTED, message=f"{path}: its public half is not beside it, so whether sshd lets root in by it is not known")
    more: dict[str, Json] = {"passphrase": key.protection != "none", "by_itself": key.by_itself, "fingerprint": key.fingerprint or untold}
    return {**searching.stated(way), "inside": inside, **more}
