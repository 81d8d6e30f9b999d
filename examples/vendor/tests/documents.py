"""Facts as the analysis is given them: what sshd is told, and the accounts of three databases."""

ACCOUNTS = {"root": (0, 0), "toor": (0, 0), "alice": (1001, 1001), "bob": (1002, 2000), "carol": (1003, 1003)}
USERS = {name: {"name": name, "uid": uid, "gid": gid, "home": "/", "shell": "/bin/sh"} for name, (uid, gid) in ACCOUNTS.items()}
DAVE = {"name": "dave", "uid": 5000, "gid": 5000, "home": "/", "shell": "/bin/sh"}
GROUPS = {
    "root": {"name": "root", "gid": 0, "members": []},
    "ssh-users": {"name": "ssh-users", "gid": 2000, "members": ["alice"]},
    "wheel": {"name": "wheel", "gid": 2001, "members": []},
}
NO_LINES = {"count": 0, "lines": []}
PRINCIPALS = {
    "users": USERS,
    "groups": {name: group | {"password": False} for name, group in GROUPS.items()},
    "gshadow": {},
    "nsswitch": {},
    "malformed": {"passwd": NO_LINES, "group": NO_LINES, "gshadow": NO_LINES},
    "processes": {},
}
NSS = {
    "sources": {},
    "users": USERS | {"dave": DAVE},
    "groups": GROUPS,
    "memberships": {"dave": {"name": "dave", "gids": [2001, 5000]}},
}


def section(match=(), groups=(), users=(), **setting):
    """Return what a probe states of one section."""
    return {"match": list(match), "allow_groups": list(groups), "allow_users": list(users)} | setting


def document(**sections):
    """Return the facts of a host whose sshd is told this, where match stands for the section of a Match."""
    named = {"/etc/ssh/sshd_config:9" if name == "match" else "global": one for name, one in sections.items()}
    sshd = {"present": True, "path": "/etc/ssh/sshd_config", "sections": named} if sections else {"present": False}
    return {"nadir.sshd": sshd, "principals": PRINCIPALS, "nss": NSS}


DOCUMENTS = {
    "none": document(),
    "nothing set": document(everywhere=section()),
    "group": document(everywhere=section(groups=["wheel"])),
    "groups": document(everywhere=section(groups=["ssh-*", "gone"], users=["alice"], permit_root_login="no"), match=section(["all"], groups=["wheel"])),
    "users": document(everywhere=section(users=["alice@192.0.2.*", "b?b"]), match=section(["User toor", "Group x"], permit_root_login="yes")),
}
