"""Hosts whose sshd is told different things, with the same users."""

from pathlib import Path

from hostcheck.api import Group, Stat, User
from hostcheck.testing import memory_host, replay

CONFIG = "/etc/ssh/sshd_config"
DROPINS = "/etc/ssh/sshd_config.d"
DENIED = PermissionError(13, "Permission denied", DROPINS)
FILES = {
    "none": {},
    "closed": {CONFIG: "PermitRootLogin no\nAllowGroups ssh-users\n"},
    "open": {CONFIG: "PermitRootLogin yes\n"},
    "users": {CONFIG: "PermitRootLogin no\nAllowUsers alice@192.0.2.* b?b\n"},
    "match": {CONFIG: "PermitRootLogin no\nAllowGroups ssh-users\nMatch User backup\n\tPermitRootLogin yes\n\tAllowGroups backup\n"},
    "included": {
        CONFIG: f"Include {DROPINS}/*.conf\nPermitRootLogin yes\nAllowGroups wheel\n",
        f"{DROPINS}/20-site.conf": "AllowGroups ssh-users\nMatch Address 192.0.2.0/24\nPermitRootLogin yes\n",
        f"{DROPINS}/10-site.conf": "PermitRootLogin no\n",
    },
    "drop-ins denied": {CONFIG: f"PermitRootLogin no\nAllowGroups ssh-users\nInclude {DROPINS}/*.conf\n", DROPINS: DENIED},
    "nothing but drop-ins denied": {CONFIG: f"Include {DROPINS}/*.conf\n", DROPINS: DENIED},
    "denied": {CONFIG: PermissionError(13, "Permission denied", CONFIG)},
}
SSHD = {name: memory_host(files) for name, files in FILES.items()} | {"debian": replay(str(Path(__file__).with_name("debian.recording.json")))}
HERS = memory_host(
    {CONFIG: "PermitRootLogin no\nAllowGroups ssh-users\nInclude /home/alice/sshd.conf\n", "/home/alice/sshd.conf": "Match User bob\n\tPermitRootLogin yes\n"},
    stats={"/home/alice": Stat(type="dir", uid=1001, gid=1001, mode=0o755), "/home/alice/sshd.conf": Stat(type="file", uid=1001, gid=1001, mode=0o644)},
)

_ACCOUNTS = (("root", 0, 0), ("toor", 0, 0), ("alice", 1001, 1001), ("bob", 1002, 2000), ("carol", 1003, 1003))
_GROUPS = (("root", 0, ()), ("ssh-users", 2000, ("alice",)), ("wheel", 2001, ("carol",)))
_FILES = {
    "/etc/passwd": "".join(f"{name}:x:{uid}:{gid}::/:/bin/sh\n" for name, uid, gid in _ACCOUNTS),
    "/etc/group": "".join(f"{name}:x:{gid}:{','.join(members)}\n" for name, gid, members in _GROUPS),
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
}
USERS = memory_host(
    _FILES,
    users=[User(name=name, uid=uid, gid=gid, home="/", shell="/bin/sh") for name, uid, gid in _ACCOUNTS],
    groups=[Group(name=name, gid=gid, members=members) for name, gid, members in _GROUPS],
)
