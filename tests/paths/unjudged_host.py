"""A stock Debian with things that may lead to root, of which nothing says what they do, and others of which something does."""

import hashlib
from typing import Any

from stock.hosts import STOCKS, memory

from hostcheck.host.answers import FileCapabilities, Stat
from hostcheck.host.memory import MemoryHost

SETUID = Stat(type="file", uid=0, gid=0, mode=0o4755)
RUNS = Stat(type="file", uid=0, gid=0, mode=0o755)
SHADOW = 42
ANNS = Stat(type="file", uid=1002, gid=1002, mode=0o755)
USERS = ("bob", 1001), ("ann", 1002), ("web", 1003)
SUDOERS = """
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL
bob ALL=(root) NOPASSWD: /opt/acme/deploy
bob, ann ALL=(root) /usr/bin/bash /srv/run.sh, /opt/acme/tools/, /opt/acme/x*, sudoedit /srv/acme.conf
bob ALL=(root) /usr/bin/systemctl restart nginx, /usr/bin/vi, /usr/bin/chage
bob ALL=(web) /opt/acme/console
bob ALL=(admin) /opt/acme/console
bob ALL=(:acme) /opt/acme/groups
"""
CRON = "* * * * * root /opt/acme/job.sh\n* * * * * root /usr/local/bin/sync\n* * * * * root /usr/bin/rsync a b\n* * * * * web /opt/acme/web.sh\n"
CRON += "* * * * * root /opt/acme/anns.sh\n* * * * * root /usr/local/bin/python3 /etc/acme.py\n* * * * * root /srv/outer.sh\n* * * * * admin /opt/acme/sync\n"
UNIT = "[Service]\nExecStart=/usr/local/sbin/served\n"
POLICY = """<policyconfig><action id='acme.run'><defaults><allow_any>yes</allow_any></defaults>
<annotate key='org.freedesktop.policykit.exec.path'>/opt/acme/asked</annotate></action></policyconfig>
"""
ACTION = "<policyconfig><action id='acme.restart'/></policyconfig>"
RULES = 'polkit.addRule(function(action, subject) { if (action.id == "acme.restart" && subject.user == "bob") return polkit.Result.YES; });\n'
PROGRAMS = {
    **dict.fromkeys(("/usr/local/bin/frob", "/usr/bin/changed", "/usr/local/bin/bash", "/usr/local/bin/roots", "/home/ann/mine"), SETUID),
    "/usr/local/bin/roots": Stat(type="file", uid=0, gid=0, mode=0o4700),
    "/opt/acme/admins": Stat(type="file", uid=1000, gid=1000, mode=0o4755),
    "/opt/acme/webs": Stat(type="file", uid=1003, gid=1003, mode=0o4755),
    "/usr/local/bin/hashes": Stat(type="file", uid=0, gid=SHADOW, mode=0o2755),
    "/usr/bin/chage": Stat(type="file", uid=0, gid=SHADOW, mode=0o2755),
    "/usr/local/bin/games": Stat(type="file", uid=0, gid=60, mode=0o2755),
    "/home/ann/mine": Stat(type="file", uid=0, gid=0, mode=0o4755),
    "/opt/acme/anns.sh": ANNS,
    "/usr/bin/pkexec": SETUID,
}
CAPABILITIES = {"/usr/local/sbin/mounter": 21, "/opt/acme/tracer": 39, "/opt/acme/listener": 10, "/usr/bin/ping": 13}
"""By number: CAP_SYS_ADMIN, CAP_BPF, CAP_NET_BIND_SERVICE, CAP_NET_RAW (capabilities(7))."""
FILES = ("/opt/acme/deploy", "/opt/acme/job.sh", "/usr/local/bin/sync", "/usr/bin/rsync", "/opt/acme/web.sh", "/usr/local/sbin/served", "/opt/acme/never")
PKEXEC = hashlib.md5(b"\x7fELF /usr/bin/pkexec", usedforsecurity=False).hexdigest()
ENABLED = "/etc/systemd/system/sysinit.target.wants/acme.service"


def planted(without: tuple[str, ...] = (), **more: Any) -> MemoryHost:
    """Return the host, without the files that are named."""
    passwd = "".join(f"{name}:x:{uid}:{uid}::/home/{name}:/bin/bash\n" for name, uid in (("root", 0), ("admin", 1000), *USERS))
    groups = f"root:x:0:\nsudo:x:27:admin\nshadow:x:{SHADOW}:\ngames:x:60:\nacme:x:61:\n"
    texts: dict[str, Any] = {
        "/opt/acme/sync": "\x7fELF",
        **{path: f"\x7fELF {path}" for path in (*FILES, *PROGRAMS, *CAPABILITIES)},
        "/etc/passwd": passwd.replace("/home/root", "/root"),
        "/etc/shadow": "admin:$y$j9T$abcdefghijkl:19000:0:99999:7:::\n",
        "/etc/group": groups + "".join(f"{name}:x:{uid}:\n" for name, uid in (("admin", 1000), *USERS)),
        "/etc/gshadow": groups.replace(":x:", ":!:").replace("27", "").replace(str(SHADOW), ""),
        "/etc/sudoers": SUDOERS,
        "/etc/crontab": CRON,
        "/usr/sbin/cron": "ELF",
        "/usr/local/bin/python3": "\x7fELF",
        "/srv/outer.sh": "#!/bin/sh\n/srv/inner\n",
        "/srv/inner": "\x7fELF",
        "/etc/acme.py": "#!/usr/bin/python3\n",
        "/etc/cron.daily/own": "#!/bin/sh\n/srv/told\n",
        "/srv/told": "\x7fELF",
        "/etc/systemd/system/acme.service": UNIT,
        "/etc/systemd/system/never.service": "[Service]\nExecStart=/opt/acme/never\n",
        "/usr/lib/polkit-1/polkitd": "ELF",
        "/usr/local/share/polkit-1/actions/acme.policy": POLICY,
        "/usr/share/polkit-1/actions/c.policy": ACTION,
        "/etc/polkit-1/rules.d/10-acme.rules": RULES,
        "/usr/share/polkit-1/actions/b.policy": POLICY.replace("acme.run", "b.run").replace("asked", "packaged"),
        "/var/lib/dpkg/info/tool.list": "/usr/bin/changed\n/usr/bin/pkexec\n",
        "/var/lib/dpkg/info/tool.md5sums": f"{'0' * 32}  usr/bin/changed\n{PKEXEC}  usr/bin/pkexec\n",
        "/var/lib/dpkg/status": "".join(f"Package: {name}\nStatus: install ok installed\nVersion: 1\n\n" for name in ("tool", "sudo", "uidmap")),
    }
    stats = {**dict.fromkeys(FILES, RUNS), **dict.fromkeys(CAPABILITIES, RUNS), **PROGRAMS}
    stats["/etc/cron.daily/own"] = RUNS
    stats |= {f"/home/{name}": Stat(type="dir", uid=uid, gid=uid, mode=0o755) for name, uid in USERS}
    given = {path: FileCapabilities(permitted=1 << number, effective=True, revision=2) for path, number in CAPABILITIES.items()}
    made = {"files": texts, "stats": stats, "capabilities": given, "links": {ENABLED: "/etc/systemd/system/acme.service"}}
    kept = {name: {path: one for path, one in part.items() if path not in without} for name, part in made.items()}
    return memory(STOCKS["debian"], "podman", **{**kept, **more})
