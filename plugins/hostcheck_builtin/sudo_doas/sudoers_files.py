"""Where sudo takes its rules from: /etc/sudoers and what it includes, and which of these files it obeys; or a directory service, or another policy.

A file that is not root's, or that others may write to, sudo passes over, whatever stands in it; if that is /etc/sudoers itself, it runs nothing at all
(sudo_check_secure() in lib/util/secure_path.c of sudo). Who could change a directory above it does not matter to sudo. Without a line in nsswitch.conf it
asks the files alone (sudo_read_nss() in plugins/sudoers/sudo_nss.c).
"""

import re
from dataclasses import dataclass, field
from posixpath import dirname
from stat import S_IWGRP, S_IWOTH
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, attempt, map_known, pattern, worst_hole
from hostcheck_builtin.system.bounds import SUDOERS_BYTES as TOTAL
from hostcheck_builtin.system.bounds import SUDOERS_FILE_BYTES as SIZE
from hostcheck_builtin.system.bounds import SUDOERS_FILES as FILES
from hostcheck_builtin.system.bounds import SUDOERS_READINGS as READINGS
from hostcheck_builtin.system.mounts_to_avoid import refusing, slow_mounts
from hostcheck_builtin.system.ownership import of_walked
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath, mode, walk

SUDOERS: Final = "/etc/sudoers"
SERVICES: Final = ("files", "ldap", "sss")
LDAP: Final = "/etc/sudo-ldap.conf"
SSS: Final = "/var/lib/sss/pipes/sudo"
"""Where SSSD answers sudo; without it there are no rules from SSSD, whatever nsswitch.conf names, as stock Fedora does (sss_client of SSSD)."""
LINE: Final = pattern(r"sudoers:(.*)", re.IGNORECASE)
PLUGIN: Final = pattern(r"Plugin[ \t]+(\S+)[ \t]+(\S+)[ \t]*(.*)", re.IGNORECASE)


@dataclass(slots=True)
class Reader:
    """Opens files for the parser, and keeps what each is; `hole` is the worst of what could not be read of those that sudo obeys."""

    host: Host
    hostname: str | Hole
    stated: dict[str, Json] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    lstats: LstatCache = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)
    bytes: int = 0
    readings: int = 0
    hole: Hole | None = None

    def open(self, path: str) -> str | None:
        """Return the text of a file; None where sudo does not obey it, or it could not be read."""
        self.readings += 1
        if path not in self.stated:
            if len(self.stated) >= FILES:
                raise LimitExceeded(f"sudo reads more than {FILES} files")
            found = attempt(self._read, path)
            if isinstance(found, Hole):
                self.stated[path] = found
                self.hole = worst_hole(self.hole, found)
            elif found is not None:
                self.texts[path] = found
        if self.readings > READINGS or self.bytes > TOTAL:
            raise LimitExceeded(f"the files of sudo are read more than {READINGS} times, or have more than {TOTAL} bytes")
        text = self.texts.get(path)
        self.bytes += len(text or "")
        return text

    def _read(self, path: str) -> str | None:
        way = self._walk(path)
        self.stated[path] = obeyed = _judged(path, way, "file")
        try:
            return self.host.read_text(way.realpath, limit=SIZE) if obeyed["why"] == "" else None
        except ABSENT:
            self.stated[path] = {"type": "", "why": "absent"}
            return None

    def _walk(self, path: str) -> WalkedPath:
        return walk(self.host, path, self.lstats, avoid=refusing(attempt(slow_mounts, self.host), roots_too=False))

    def include(self, name: str, directory: bool, path: str) -> list[tuple[str, str]]:
        """Return the files that an include in the file at `path` names, each with its text, in order."""
        named = self._named(name, path)
        paths = [path for folder in named[:1] for path in self._in(folder)] if directory else named
        return [(one, text) for one in paths if (text := self.open(one)) is not None][: None if directory else 1]

    def _named(self, name: str, path: str) -> list[str]:
        """Return the paths that an include means: a relative one is beside the file, and %h is the name of the host (expand_include() in toke.l)."""
        name = name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name
        if "%h" in name:
            if isinstance(self.hostname, Hole):
                self.hole = worst_hole(self.hole, self.hostname)
                return []
            name = name.replace("%h", self.hostname.partition(".")[0].replace("/", "_"))
        if name.startswith("/"):
            return [one for one in name.split(":") if one.startswith("/")]
        return [f"{dirname(path).rstrip('/')}/{one}" for one in name.split(":") if one]

    def _in(self, folder: str) -> list[str]:
        """Return the paths of the files in a directory that sudo reads, in order."""
        found = attempt(self._list, folder)
        if not isinstance(found, Hole):
            return found
        self.stated.setdefault(folder, found)
        self.hole = worst_hole(self.hole, found)
        return []

    def _list(self, folder: str) -> list[str]:
        way = self._walk(folder)
        self.stated[folder] = told = _judged(folder, way, "dir")
        if told["why"]:
            return []
        try:
            names = self.host.list_dir(way.realpath, limit=10 * FILES)
        except ABSENT:
            return []
        paths = [f"{way.realpath.rstrip('/')}/{name}" for name in names if "." not in name and not name.endswith("~")]
        return sorted(paths, key=lambda one: one.encode("utf-8", "surrogateescape"))


def _judged(path: str, way: WalkedPath, kind: str) -> dict[str, Json]:
    """State a file or directory, and why sudo does not obey it, "" where it does."""
    if not way.found or way.type == "dangling":
        return {"type": "", "why": "absent"}
    end = way.end
    stated: dict[str, Json] = {"type": way.type, "uid": end.uid, "gid": end.gid, "mode": mode(end), "root_only": of_walked(path, way).root_owned}
    writes = end.mode & S_IWOTH or (end.mode & S_IWGRP and end.gid != 0)
    why = "type" if way.type != kind else "owner" if end.uid else "writable" if writes else ""
    return {**stated, "why": why}


def sources(host: Host) -> Json:
    """State which services are asked, in order, whether a file for LDAP is there, and whether SSSD answers."""
    named = map_known(attempt(lambda: host.read_text("/etc/nsswitch.conf", missing="")), services)
    return {
        "services": map_known(named, lambda found: found or ["files"]),
        "named": map_known(named, bool),
        "ldap_conf": attempt(exists, host, LDAP),
        "sss_answers": attempt(exists, host, SSS),
    }


def exists(host: Host, path: str) -> bool:
    """Say whether something is at a path."""
    try:
        host.stat(path)
    except ABSENT:
        return False
    return True


def services(text: str) -> list[str]:
    """Return the services of the first line about sudoers, without conditions in brackets; none where there is no such line."""
    for line in text.split("\n"):
        if match := LINE.match(line.partition("#")[0].strip(" \t")):
            return [word for word in dict.fromkeys(match[1].lower().split()) if word in SERVICES]
    return []


def policy(text: str) -> dict[str, Json]:
    """Return the policy that a sudo.conf names, sudo's own where it names none (sudo.conf(5)), and the file that it reads."""
    found: dict[str, Json] = {"own": True, "file": SUDOERS, "options": []}
    for line in text.split("\n"):
        match = PLUGIN.fullmatch(line.partition("#")[0].strip(" \t\r"))
        if match is None or match[1] in ("sudoers_io", "sudoers_audit"):
            continue
        if match[1] != "sudoers_policy":
            # an approval or audit plugin only adds to what is there; which of them a symbol is stands in the library alone
            found["own"] = False
            continue
        options = dict(one.partition("=")[::2] for one in match[3].split())
        found["file"] = options.pop("sudoers_file", SUDOERS)
        found["options"] = sorted(options)
        found["own"] = found["own"] and match[2].rpartition("/")[2].startswith("sudoers.")
    return found
