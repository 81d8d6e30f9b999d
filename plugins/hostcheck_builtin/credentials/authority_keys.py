"""Private keys of the authorities whose certificates sshd takes for root (TrustedUserCAKeys, cert-authority), where sites keep them.

Only files of root's count, in directories of root's, that others may read by their modes; of a file that is none of these keys nothing is told.
"""

from collections.abc import Iterator
from functools import partial
from posixpath import dirname
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.credentials import copied_secrets, ssh_key_files
from hostcheck_builtin.files import searching
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.system.bounds import SSH_KEY_BYTES as SIZE
from hostcheck_builtin.system.path_walk import WalkedPath

ABOVE: Final = ("/etc", "/etc/ssh", "/opt", "/srv", "/usr/local/etc", "/var/lib")
FOLDER: Final = pattern(r"(?:.*[-_.])?(?:ssh|sshca|ca|cas|keys|authority|authorities|pki|secrets|private)(?:[-_.].*)?")
"""How directories are called that keep such keys: /srv/ssh-ca, /etc/ssh/ca."""


def found(host: Host, trusted: list[str], wanted: frozenset[str]) -> Json:
    """State by path the keys that are one of these, by fingerprint; `trusted` are the files with the public keys of authorities."""
    search = searching.begin(host)
    keys: dict[str, Json] = {}
    unread: Hole | None = None
    for folder in dict.fromkeys([*map(dirname, trusted), *_folders(search)]):
        for path, way in copied_secrets.of_root(search, folder, ssh_key_files.may_be_one, 0):
            told = way if isinstance(way, Hole) else attempt(_key, host, path, way)
            if isinstance(told, Hole):
                unread = unread if told.why == Why.NONSENSE else worst_hole(unread, told)
            elif told is not None and told["fingerprint"] in wanted:
                keys[path] = told
    return incomplete(keys, unread)


def _folders(search: FileSearch) -> Iterator[str]:
    """Yield the directories that are called so."""
    for above in ABOVE:
        names = search.names(above)
        yield from () if isinstance(names, Hole) else (f"{above}/{name}" for name in names if FOLDER.fullmatch(name))


def _key(host: Host, path: str, way: WalkedPath) -> dict[str, Json] | None:
    if way.end.size > SIZE:
        return None
    raw = host.read_bytes(path, limit=SIZE)
    return ssh_key_files.stated(way, "", path, raw, partial(host.read_bytes, f"{path}{ssh_key_files.PUBLIC}", missing=b"", limit=SIZE))
