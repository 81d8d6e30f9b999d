"""Files whose reader may get to root on this host by what is in them: hashes of passwords, and root's keys for sshd. No hash and no key is ever stated.

Only files are stated that somebody other than root may be able to read by their modes, or of which it is not known.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import dirname
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, LimitExceeded, Unsupported, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.accounts import sshd_settings
from hostcheck_builtin.files import searching
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.leads import place_entries
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import ACCOUNTS_WITH_A_HASH as STATED
from hostcheck_builtin.system.bounds import CRONTAB_OR_KEYS_BYTES as SIZE
from hostcheck_builtin.system.bounds import SSH_KEYS_OF_ROOT
from hostcheck_builtin.system.path_walk import WalkedPath

READ: Final = 0o044
SEARCH: Final = 0o011
HASH: Final = pattern(r"[^!*:\s][^:\s]{12,}")
"""A field of shadow(5) that a password can match: crypt(5) makes none that is shorter, and ! or * before it keeps the account from logging in by one."""
KEYS: Final = ("/root/.ssh/authorized_keys", "/root/.ssh/authorized_keys2")
PUBLIC: Final = ".pub"


def collect(host: Host) -> Json:
    """State ``{hashes, keys}``, by path: files with hashes and of which accounts, and root's keys and whether sshd lets root in by them."""
    search = searching.begin(host)
    hashes = {path: attempt(_hashes, search, path) for path in place_entries.secrets("passwords")}
    keys: dict[str, Json] = {}
    unread = worst_hole(*(attempt(_keys, search, place, keys) for place in place_entries.secrets("login")))
    return {"hashes": {path: one for path, one in hashes.items() if one is not None}, "keys": incomplete(keys, unread)}


def _way(search: FileSearch, path: str) -> WalkedPath:
    way = search.walk(path)
    if isinstance(way, Hole):
        raise HoleError(way)
    return way


def _is_open(way: WalkedPath, bits: int) -> bool:
    """Say whether the modes may let somebody other than root in at the end, by one of these bits, and all the way there."""
    above = all(one.mode & SEARCH or one.acl or one.uid for one in way.parents.values())
    return above and (way.stopped is not None or (way.found and bool(way.end.mode & bits or way.end.acl or way.end.uid)))


def _hashes(search: FileSearch, path: str) -> Json:
    way = _way(search, path)
    if not _is_open(way, READ):
        return None
    accounts = attempt(lambda: list(_accounts(account_files.text_of(search.host, path)))) if way.type == "file" else incomplete([], way.stopped)
    if isinstance(accounts, list) and len(accounts) > STATED:
        accounts = incomplete(accounts[:STATED], Hole(why=Why.LIMIT, message=f"{path}: more than {STATED} accounts with a password"))
    return {**searching.stated(way), "accounts": accounts}


def _accounts(text: str) -> Iterator[str]:
    """Yield the accounts for which a password can be guessed."""
    for _, line in account_files.lines(text):
        name, _, rest = line.partition(":")
        if HASH.fullmatch(rest.partition(":")[0]):
            yield name


def _keys(search: FileSearch, place: str, found: dict[str, Json]) -> None:
    """Add root's keys where others may enter the directory; raises HoleError where there may be more."""
    folder, _, wanted = place.rpartition("/")
    if not _is_open(_way(search, dirname(folder)), SEARCH):
        return  # whether or not the scanner may look into it
    way = _way(search, folder)
    if not _is_open(way, SEARCH):
        return
    if way.stopped:
        raise HoleError(way.stopped)
    if way.type != "dir":
        return
    names = search.inside(way)
    if isinstance(names, Hole):
        raise HoleError(names)
    keys = [name for name in names if fnmatchcase(name, wanted) and not name.endswith(PUBLIC)]
    for path in (f"{folder}/{name}" for name in keys[:SSH_KEYS_OF_ROOT]):
        key = search.walk(path)
        if isinstance(key, Hole) or _is_open(key, READ):
            found[path] = key if isinstance(key, Hole) else {**searching.stated(key), "accepted": attempt(_accepted, search.host, path)}
    if len(keys) > SSH_KEYS_OF_ROOT:
        raise LimitExceeded(f"{folder}: more than {SSH_KEYS_OF_ROOT} keys")


def _accepted(host: Host, path: str) -> bool:
    """Say whether root's authorized_keys has the public half of a key; raises HoleError where that is not known."""
    words = host.read_text(f"{path}{PUBLIC}", missing="", limit=SIZE).split()
    if len(words) < 2:
        raise Unsupported(f"{path}: its public half is not beside it, so whether sshd lets root in by it is not known")
    if any(words[1] in host.read_text(file, missing="", limit=SIZE).split() for file in KEYS):
        return True
    sshd_settings.keys_elsewhere(host)
    return False
