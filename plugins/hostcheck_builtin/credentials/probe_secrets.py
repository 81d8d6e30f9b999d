"""Files whose reader may get to root on this host by what is in them: hashes of passwords, root's private keys for SSH, and copies of them.

No hash and no key is ever stated.

Only files are stated that somebody other than root may be able to read by their modes, or of which it is not known.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import dirname
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, LimitExceeded, Nonsense, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.credentials import copied_secrets, ssh_key_files
from hostcheck_builtin.credentials.copied_secrets import READ, SEARCH, CopiedFile, is_open
from hostcheck_builtin.files import searching
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.leads import place_entries
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import ACCOUNTS_WITH_A_HASH as STATED
from hostcheck_builtin.system.bounds import SSH_KEY_BYTES, SSH_KEYS_OF_ROOT
from hostcheck_builtin.system.path_walk import WalkedPath

HASH: Final = pattern(r"[^!*:\s][^:\s]{12,}")
"""A field of shadow(5) that a password can match: crypt(5) makes none that is shorter, and ! or * before it keeps the account from logging in by one."""


def collect(host: Host) -> Json:
    """State ``{hashes, keys}``, by path: files with hashes and of which accounts, and private keys of root's."""
    search = searching.begin(host)
    hashes = {path: attempt(_hashes, search, path) for path in place_entries.secrets("passwords")}
    keys: dict[str, Json] = {}
    unread = worst_hole(*(attempt(_keys, search, place, keys) for place in place_entries.secrets("login")))
    for one in copied_secrets.copies(search):
        if isinstance(one, Hole):
            unread = worst_hole(unread, one)
        else:
            _copy(one, hashes, keys)
    return {"hashes": {path: one for path, one in hashes.items() if one is not None}, "keys": incomplete(keys, unread)}


def _way(search: FileSearch, path: str) -> WalkedPath:
    way = search.walk(path)
    if isinstance(way, Hole):
        raise HoleError(way)
    return way


def _hashes(search: FileSearch, path: str) -> Json:
    way = _way(search, path)
    if not is_open(way, READ):
        return None
    accounts = attempt(lambda: _few(path, account_files.text_of(search.host, path))) if way.type == "file" else incomplete([], way.stopped)
    return {**searching.stated(way), "inside": "", "accounts": accounts}


def _few(path: str, text: str) -> Json:
    accounts = list(_accounts(text))
    more = Hole(why=Why.LIMIT, message=f"{path}: more than {STATED} accounts with a password") if len(accounts) > STATED else None
    return incomplete(accounts[:STATED], more)


def _copy(one: CopiedFile, hashes: dict[str, Json], keys: dict[str, Json]) -> None:
    """Add a file with hashes or a key. Of an archive the first file of each of these two kinds is added."""
    if isinstance(one.raw, Hole):
        keys.setdefault(one.path, one.raw)
    elif copied_secrets.SHADOW in (one.inside or one.path):
        accounts = _few(one.path, one.raw.decode("utf-8", "replace"))
        if accounts:
            hashes.setdefault(one.path, {**searching.stated(one.way), "inside": one.inside, "accounts": accounts})
    else:
        key = attempt(ssh_key_files.stated, one.way, one.inside, one.path, one.raw, lambda: None)
        if key and not isinstance(key, Hole):
            keys.setdefault(one.path, key)


def _accounts(text: str) -> Iterator[str]:
    """Yield the accounts for which a password can be guessed."""
    for _, line in account_files.lines(text):
        name, _, rest = line.partition(":")
        if HASH.fullmatch(rest.partition(":")[0]):
            yield name


def _keys(search: FileSearch, place: str, found: dict[str, Json]) -> None:
    """Add root's keys where others may enter the directory; raises HoleError where there may be more."""
    folder, _, wanted = place.rpartition("/")
    if not is_open(_way(search, dirname(folder)), SEARCH):
        return  # whether or not the scanner may look into it
    way = _way(search, folder)
    if not is_open(way, SEARCH):
        return
    if way.stopped:
        raise HoleError(way.stopped)
    if way.type != "dir":
        return
    names = search.inside(way)
    if isinstance(names, Hole):
        raise HoleError(names)
    keys = [name for name in names if fnmatchcase(name, wanted) and ssh_key_files.may_be_one(name)]
    for path in (f"{folder}/{name}" for name in keys[:SSH_KEYS_OF_ROOT]):
        key = search.walk(path)
        if isinstance(key, Hole) or is_open(key, READ):
            told = key if isinstance(key, Hole) else attempt(_of_root, search.host, key, path)
            if told is not None:
                found[path] = told
    if len(keys) > SSH_KEYS_OF_ROOT:
        raise LimitExceeded(f"{folder}: more than {SSH_KEYS_OF_ROOT} keys")


def _of_root(host: Host, way: WalkedPath, path: str) -> Json:
    """State a private key of root's; one that sshd could not read is none."""
    try:
        raw = host.read_bytes(path, limit=SSH_KEY_BYTES)
        return ssh_key_files.stated(way, "", path, raw, lambda: host.read_bytes(f"{path}{ssh_key_files.PUBLIC}", missing=b"", limit=SSH_KEY_BYTES))
    except Nonsense:
        return None
