"""Keys by which sshd lets root in, and private keys of users' homes that are one of them, or of an authority whose certificates do, and have no passphrase.

Homes are looked into only where sshd starts on this host and lets root in. Of a key its fingerprint is stated, and nothing else.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.accounts import ssh_public_keys, sshd_root, sshd_settings
from hostcheck_builtin.credentials.home_entries import avoiding, home_entry
from hostcheck_builtin.files import ssh_private_keys
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import CRONTAB_OR_KEYS_BYTES as SIZE
from hostcheck_builtin.system.bounds import SSH_FILES_OF_A_USER as FILES
from hostcheck_builtin.system.bounds import SSH_KEY_BYTES as KEY_SIZE
from hostcheck_builtin.system.home_dir import Folder, Place, look_into_homes
from hostcheck_builtin.system.presence import absent_as, is_file, is_there

SSHD: Final = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd")
STARTED: Final = (
    *(f"/etc/systemd/system/{target}.target.wants/{name}.service" for target in ("multi-user", "default") for name in ("ssh", "sshd")),
    *(f"/etc/systemd/system/sockets.target.wants/{name}.socket" for name in ("ssh", "sshd")),
    *(f"/etc/runlevels/{level}/sshd" for level in ("default", "boot")),
)
"""What starts it at boot: a link of systemd's (systemctl(1), enable) or of OpenRC's."""
OTHERS: Final = frozenset(("authorized_keys", "authorized_keys2", "known_hosts", "known_hosts.old", "config", "rc", "environment"))
"""Names in ~/.ssh that are no keys."""
KRL: Final = b"SSHKRL\n\0"
"""How a revocation list begins that is not a list of keys (PROTOCOL.krl of OpenSSH)."""
LIMITS: Final = frozenset(("command",))
"""Options of a key by which it does not give a shell."""
DOUBTS: Final = frozenset(("from", "expiry-time", "principals", "no-touch-required", "verify-required"))
"""Options of a key by which it may be refused."""


def collect(host: Host) -> Json:
    """State ``{sshd, keys, homes}``: whether sshd lets root in, by which keys, and who has one of them at home."""
    starts = attempt(_starts, host)
    if starts is False:
        return {"starts": False, "lets_root": sshd_root.NO, "keys": {}, "homes": {}}
    settings = attempt(lambda: sshd_root.of_root(list(sshd_settings.settings(host)), _groups(host)))
    if isinstance(settings, Hole):
        return dict.fromkeys(("lets_root", "keys", "homes"), settings) | {"starts": starts}
    keys: Json = attempt(lambda: _keys(host, settings)) if settings.lets != sshd_root.NO else {}
    wanted = frozenset(() if isinstance(keys, Hole) else keys)
    homes: Json = _homes(host, wanted) if wanted else keys if isinstance(keys, Hole) else {}
    return {"starts": starts, "lets_root": settings.lets, "keys": keys, "homes": homes}


def _starts(host: Host) -> bool:
    """Say whether there is an sshd that runs, or that is started at boot."""
    if not any(is_file(host, path) for path in SSHD):
        return False
    if any(is_there(host, path, follow=False) for path in STARTED):
        return True
    return any(one.uids[0] == 0 and one.exe in SSHD for one in host.processes())


def _groups(host: Host) -> frozenset[str]:
    told = account_files.groups(account_files.text_of(host, "/etc/group"))[0].values()
    return frozenset(one["name"] for one in told if one["gid"] == 0 or sshd_root.ROOT in one["members"])


def _keys(host: Host, settings: sshd_root.SshdRoot) -> Json:
    """State by fingerprint each key by which root is let in with a shell, those of authorities among them; without those that are revoked."""
    revoked, unsure = _revoked(host, settings.revoked)
    found: dict[str, Json] = {}
    hole: Hole | None = None
    for path, of_all in (*((path, False) for path in settings.keys), *((path, True) for path in settings.authorities)):
        text = attempt(lambda at: host.read_text(at, missing="", limit=SIZE), path) if "%" not in path and path.startswith("/") else ""
        hole = worst_hole(hole, text)
        for key in ssh_public_keys.public_keys("" if isinstance(text, Hole) else text):
            if key.fingerprint in revoked or not LIMITS.isdisjoint(key.options) or key.fingerprint in found:
                continue
            sure = DOUBTS.isdisjoint(key.options) and not unsure
            found[key.fingerprint] = {"place": f"{path}:{key.line}", "signs": of_all or "cert-authority" in key.options, "certain": sure}
    return incomplete(found, hole)


def _revoked(host: Host, paths: tuple[str, ...]) -> tuple[frozenset[str], bool]:
    """Return the keys that are revoked, and whether others may be; where the file cannot be read, sshd takes no key."""
    found, unsure = set[str](), False
    for path in paths:
        raw = attempt(lambda at: host.read_bytes(at, missing=KRL, limit=SIZE), path) if path.startswith("/") else KRL
        unsure = unsure or isinstance(raw, Hole) or raw.startswith(KRL)
        if isinstance(raw, bytes):
            found |= {key.fingerprint for key in ssh_public_keys.public_keys(raw.decode("utf-8", "replace"))}
    return frozenset(found), unsure


def _homes(host: Host, wanted: frozenset[str]) -> Json:
    """State by home the private keys in ~/.ssh that are one of these; incomplete where a home is not known, or the scanner may not look into it."""
    found, unread = look_into_homes(host, partial(_of_user, wanted=wanted), avoid=avoiding)
    return incomplete({home.name: told for home, told in found}, unread)


def _of_user(place: Place, wanted: frozenset[str]) -> Json:
    uid = place.owner()
    if uid == 0 or ".ssh" not in place.names:
        return None
    folder = place.folder(".ssh")
    names = [] if folder is None else [name for name in folder.names() if name not in OTHERS and not name.endswith(".pub")]
    names.sort(key=lambda name: (name not in ssh_private_keys.USUAL, name))
    keys = dict(_matching(place, folder, names[:FILES], wanted)) if folder else {}
    more = Hole(why=Why.LIMIT, message=f"{place.path}/.ssh: more than {FILES} files").of(uid) if len(names) > FILES else None
    return {"uid": uid, "private_keys": incomplete(keys, more)} if keys or more else None


def _matching(place: Place, folder: Folder, names: list[str], wanted: frozenset[str]) -> Iterator[tuple[str, Json]]:
    for name in names:
        path = f"{folder.path}/{name}"
        raw = attempt(folder.read, name, KEY_SIZE)
        told = attempt(lambda at, raw: _print(folder, at, raw), path, raw) if isinstance(raw, bytes) else raw
        if isinstance(told, Hole) and told.why != Why.NONSENSE:
            yield path, told.of(place.owner())
        elif isinstance(told, tuple) and told[0] in wanted:
            stated = attempt(home_entry, place, path)
            yield path, stated if isinstance(stated, Hole) or stated is None else {**stated, "fingerprint": told[0], "by_itself": told[1]}


def _print(folder: Folder, path: str, raw: bytes) -> tuple[str, bool] | None:
    """Return the fingerprint of a private key that nothing protects, and whether the key itself tells it; None where it is no such key."""
    if ssh_private_keys.protection(path, raw) != "none":
        return None
    public = ssh_private_keys.public_key(path, raw)
    if public is not None:
        return ssh_public_keys.fingerprint(public), True
    name = f"{path.rpartition('/')[2]}.pub"
    beside = absent_as(None, folder.read, name, KEY_SIZE) if name in folder.names() else None
    found = [] if not isinstance(beside, bytes) else list(ssh_public_keys.public_keys(beside.decode("utf-8", "replace")))
    return (found[0].fingerprint, False) if found else None
