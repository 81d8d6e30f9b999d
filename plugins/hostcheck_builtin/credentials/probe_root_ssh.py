"""Keys by which sshd lets root in, and private keys of users' homes that are one of them, or of an authority whose certificates do, and have no passphrase.

Homes are looked into only where sshd starts on this host and lets root in. Of a key its fingerprint is stated, and nothing else.
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

from hostcheck.api import Hole, Host, Json, Nonsense, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.accounts import ssh_public_keys, sshd_root, sshd_settings
from hostcheck_builtin.credentials import authority_keys, ssh_key_files
from hostcheck_builtin.credentials.home_entries import avoiding, home_entry
from hostcheck_builtin.files import ssh_private_keys
from hostcheck_builtin.system import account_files, host_time
from hostcheck_builtin.system.bounds import CRONTAB_OR_KEYS_BYTES as SIZE
from hostcheck_builtin.system.bounds import SSH_FILES_OF_A_USER as FILES
from hostcheck_builtin.system.bounds import SSH_KEY_BYTES as KEY_SIZE
from hostcheck_builtin.system.home_dir import Folder, Place, look_into_homes
from hostcheck_builtin.system.presence import is_file, is_there

SSHD: Final = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd")
STARTED: Final = (
    *(f"/etc/systemd/system/{target}.target.wants/{name}.service" for target in ("multi-user", "default") for name in ("ssh", "sshd")),
    *(f"/etc/systemd/system/sockets.target.wants/{name}.socket" for name in ("ssh", "sshd")),
    *(f"/etc/runlevels/{level}/sshd" for level in ("default", "boot")),
)
"""What starts it at boot: a link of systemd's (systemctl(1), enable) or of OpenRC's."""
PROGRAM: Final = "authorizedkeyscommand"
"""Names a program that tells further keys (sshd_config(5))."""
KRL: Final = b"SSHKRL\n\0"
"""How a revocation list begins that is not a list of keys (PROTOCOL.krl of OpenSSH)."""
LIKE_A_KEY: Final = pattern(r".*(?:key|id_|rsa|dsa|ed25519|ssh|\.pem).*", re.IGNORECASE)
"""Names in a home that may be of a private key."""
LIMITS: Final = frozenset(("command",))
"""Options of a key by which it does not give a shell."""
LOOPBACK: Final = ("127.0.0.1", "::1")
NETS: Final = frozenset(("127.0.0.0/8", "127.0.0.1/32", "::1/128", "0.0.0.0/0", "::/0"))
EXPIRES: Final = "expiry-time"
DOUBTS: Final = frozenset(("from", "expiry-time", "principals", "no-touch-required", "verify-required"))
"""Options of a key by which it may be refused."""


def collect(host: Host) -> Json:
    """State ``{starts, lets_root, asks, keys, authority_keys, homes}``: whether sshd lets root in, by which keys, and where these may be read."""
    starts = attempt(_starts, host)
    if starts is False:
        return {"starts": False, "lets_root": sshd_root.NO, "asks": False, "keys": {}, "authority_keys": {}, "homes": {}}
    lines = attempt(lambda: list(sshd_settings.settings(host)))
    settings = lines if isinstance(lines, Hole) else attempt(lambda: sshd_root.of_root(lines, _groups(host)))
    if isinstance(lines, Hole) or isinstance(settings, Hole):
        return dict.fromkeys(("lets_root", "asks", "keys", "authority_keys", "homes"), settings) | {"starts": starts}
    asks = any(keyword == PROGRAM and values[:1] != ["none"] for _, keyword, *values in lines)
    keys: Json = attempt(lambda: _keys(host, settings)) if settings.lets != sshd_root.NO else {}
    wanted = frozenset(() if isinstance(keys, Hole) else keys)
    homes: Json = _homes(host, wanted) if wanted else keys if isinstance(keys, Hole) else {}
    signed: Json = _authority_keys(host, settings, keys) if isinstance(keys, dict) else keys
    return {"starts": starts, "lets_root": settings.lets, "asks": asks, "keys": keys, "authority_keys": signed, "homes": homes}


def _authority_keys(host: Host, settings: sshd_root.SshdRoot, keys: dict[str, Json]) -> Json:
    """State the private keys of authorities that others than root may read; none where no authority is trusted."""
    wanted = frozenset(one for one, told in keys.items() if isinstance(told, dict) and told["signs"])
    trusted = [path for path in settings.authorities if path.startswith("/")]
    return attempt(authority_keys.found, host, trusted, wanted) if wanted else {}


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
            if key.fingerprint in revoked or not LIMITS.isdisjoint({*key.options}) or key.fingerprint in found:
                continue
            doubts = sorted(DOUBTS & {*key.options})
            over = attempt(host_time.is_past, host, key.options[EXPIRES]) if EXPIRES in doubts else None
            if over is True:
                continue
            if over is False:
                doubts.remove(EXPIRES)
            if "from" in doubts and lets_this_host_in(key.options["from"]):
                doubts.remove("from")
            limits = [f'from="{key.options[one]}"' if one == "from" else one for one in doubts]
            signs = of_all or "cert-authority" in key.options
            found[key.fingerprint] = {"place": f"{path}:{key.line}", "signs": signs, "limits": limits, "certain": not limits and not unsure}
    return incomplete(found, hole)


def lets_this_host_in(patterns: str) -> bool:
    """Say whether a from= lets in whoever comes from this host itself, by a loopback address; a pattern after ! refuses (sshd(8), ssh_config(5))."""
    each = [one.strip() for one in patterns.split(",")]
    refused = any(one.startswith("!") for one in each)
    return not refused and any(one in NETS or fnmatchcase(address, one) for one in each for address in LOOPBACK)


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
    """State by home the private keys that are one of these; incomplete where a home is not known, or the scanner may not look into it."""
    found, unread = look_into_homes(host, partial(_of_user, wanted=wanted), avoid=avoiding)
    return incomplete({home.name: told for home, told in found}, unread)


def _of_user(place: Place, wanted: frozenset[str]) -> Json:
    uid = place.owner()
    if uid == 0:
        return None
    keys: dict[str, Json] = {}
    count = 0
    for folder, name in _candidates(place, uid):
        count += 1
        if count <= FILES:
            keys |= _matching(folder, name, wanted)
    more = Hole(why=Why.LIMIT, message=f"{place.path}: more than {FILES} files that may be keys").of(uid) if count > FILES else None
    return {"uid": uid, "private_keys": incomplete(keys, more)} if keys or more else None


def _candidates(place: Place, uid: int) -> Iterator[tuple[Folder, str]]:
    """Yield the files that may be keys, those first that ssh tries: in ~/.ssh, in directories there, and by their names in the home itself."""
    folder = place.folder(".ssh")
    deeper: list[Folder] = []
    for name in [] if folder is None else _names(folder):
        inner = attempt(place.folder, ".ssh", name) if "." not in name else None
        if isinstance(inner, Folder):
            deeper.append(inner)
        elif folder is not None:
            yield folder, name
    for inner in deeper:
        yield from ((inner, name) for name in _names(inner))
    home = Folder(place=place, path=place.path, uid=uid)
    yield from ((home, name) for name in sorted(place.names) if LIKE_A_KEY.fullmatch(name) and name != ".ssh" and ssh_key_files.may_be_one(name))


def _names(folder: Folder) -> list[str]:
    return sorted(filter(ssh_key_files.may_be_one, folder.names()), key=lambda name: (name not in ssh_private_keys.USUAL, name))


def _small_file(folder: Folder, name: str) -> bytes | None:
    """Return a file; raises Nonsense for one that is too large for a key."""
    path = f"{folder.path}/{name}"
    folder.place.avoid(path, False)
    if folder.place.host.stat(path, follow=False).size > KEY_SIZE:
        raise Nonsense(f"{path}: no key is so large")
    return folder.read(name, KEY_SIZE)


def _matching(folder: Folder, name: str, wanted: frozenset[str]) -> dict[str, Json]:
    """State a file that is one of these keys, if nothing protects it."""
    path = f"{folder.path}/{name}"
    raw = attempt(_small_file, folder, name)
    told = attempt(ssh_key_files.told, path, raw, lambda: folder.read(f"{name}{ssh_key_files.PUBLIC}", KEY_SIZE)) if isinstance(raw, bytes) else raw
    if isinstance(told, Hole):
        return {} if told.why == Why.NONSENSE else {path: told.of(folder.uid)}
    if told is None or told.protection != "none" or told.fingerprint not in wanted:
        return {}
    stated = attempt(home_entry, folder.place, path)
    more: dict[str, Json] = {"fingerprint": told.fingerprint, "by_itself": told.by_itself}
    return {path: stated if isinstance(stated, Hole) or stated is None else {**stated, **more}}
