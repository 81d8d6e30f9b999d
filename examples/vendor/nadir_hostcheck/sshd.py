"""What the configuration of sshd says about who may log in, section by section.

A section is what stands before the first Match, called global, or what stands below one Match, called by its file and line; which connections a Match
picks is not worked out. Files are read as sshd of OpenSSH reads them: the first PermitRootLogin of a section counts, lists grow, an Include stands for
the lines of its files, and a Match in an included file ends with that file.
"""

import fnmatch
import posixpath
import re

from hostcheck.api import ABSENT, Hole, LimitExceeded, Nonsense, attempt, incomplete

PATHS = ("/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config")  # the second is openSUSE's, and counts where the first is absent
LISTS = {"allowgroups": "allow_groups", "allowusers": "allow_users"}
ROOT_LOGIN = ("yes", "no", "prohibit-password", "forced-commands-only")
DEPTH = 16  # sshd reads no deeper either
INCLUDES = 256
LINE = re.compile(r'[ \t]*"?([^ \t"=]+)"?[ \t]*=?[ \t]*(.*)', re.DOTALL)
TOKEN = re.compile(r"\\['\"\\ ]|.", re.DOTALL)
WILD = re.compile(r"[*?[]")


def collect(host):
    """State what the first configuration that is there says."""
    for path in PATHS:
        try:
            text = attempt(host.read_text, path)
        except ABSENT:
            continue
        if isinstance(text, Hole):  # whether it is there is not known either
            return {"present": text, "path": text, "sections": text}
        return {"present": True, "path": path, "sections": _Reading(host).sections(path, text)}
    return {"present": False}


class _Reading:
    """One reading of a configuration, with what it includes."""

    def __init__(self, host):
        self.host = host
        self.found = {}
        self.unread = None
        self.includes = 0

    def sections(self, path, text):
        """Return the sections; they are incomplete where a file that was not read may have more."""
        self._open("global", [])
        self._read(path, text, "global", depth=0)
        sections = {key: _facts(section) for key, section in self.found.items()}
        return incomplete(sections, self.unread) if self.unread else sections

    def _open(self, key, match):
        self.found.setdefault(key, {"match": match, "unread": None} | {name: {} for name in LISTS.values()})

    def _read(self, path, text, outer, depth):
        """Take in the lines of one file, which stands in the section `outer`."""
        key = outer
        for number, line in enumerate(text.split("\n"), 1):
            keyword, arguments = _parse(line)
            section = self.found[key]
            if isinstance(arguments, Hole):
                self._hide(section, arguments)
            elif keyword == "match":
                key = f"{path}:{number}" if outer == "global" else f"{outer} > {path}:{number}"
                self._open(key, [*self.found[outer]["match"], " ".join(arguments)])
            elif keyword == "include":
                for pattern in arguments:
                    self._include(pattern, key, depth + 1)
            elif keyword == "permitrootlogin":
                section.setdefault("permit_root_login", attempt(_root_login, arguments))
            elif keyword in LISTS:
                section[LISTS[keyword]].update(dict.fromkeys(arguments))

    def _include(self, pattern, key, depth):
        for path in self._glob(pattern):
            try:
                text = path if isinstance(path, Hole) else attempt(self._text, path, depth)
            except ABSENT:
                continue
            if isinstance(text, Hole):
                self._hide(self.found[key], text)
            else:
                self._read(path, text, key, depth)

    def _text(self, path, depth):
        self.includes += 1
        if depth > DEPTH or self.includes > INCLUDES:
            raise LimitExceeded(f"{path}: included more than {DEPTH} files deep, or as one of more than {INCLUDES} files")
        return self.host.read_text(path)

    def _hide(self, section, hole):
        """Leave open what lines that were not understood or not read say in this section, and which sections they open."""
        section.setdefault("permit_root_login", hole)
        section["unread"] = section["unread"] or hole
        self.unread = self.unread or hole

    def _glob(self, pattern):
        """Return the paths that a pattern stands for, as glob(3) does, and a hole for each directory that was not listed."""
        paths = ["/"]
        for part in posixpath.join("/etc/ssh", pattern).split("/"):
            paths = [found for path in paths for found in self._step(path, part)]
        return paths

    def _step(self, path, part):
        if isinstance(path, Hole):
            return [path]
        if not WILD.search(part):
            return [posixpath.join(path, part)]
        try:
            names = attempt(self.host.list_dir, path)
        except ABSENT:
            return []
        if isinstance(names, Hole):
            return [names]
        return [posixpath.join(path, name) for name in names if fnmatch.fnmatchcase(name, part) and (name[0] != "." or part[0] == ".")]


def _parse(line):
    """Return the keyword of a line in lower case, and its arguments."""
    parts = LINE.match(line.rstrip(" \t\r\f"))
    if not parts or parts[1].startswith("#"):
        return "", []
    return parts[1].lower(), attempt(_words, parts[2])


def _words(text):
    """Split arguments as sshd does: by blanks outside of quotes, with backslashes, up to a comment."""
    found, word, quote = [], None, ""
    for token in TOKEN.findall(text + " "):
        if token in " \t" and not quote:
            found += [] if word is None else [word]
            word = None
        elif token == "#" and word is None:
            break
        elif token in ("'", '"') and quote in ("", token):
            word, quote = word or "", "" if quote else token
        else:
            escaped = len(token) == 2 and not (quote and token == "\\ ")
            word = (word or "") + (token[1] if escaped else token)
    if quote or "\0" in text or "\r" in text:
        raise Nonsense(f"not the arguments of a line of sshd_config: {text}")
    return found


def _root_login(arguments):
    value = " ".join(arguments).lower().replace("without-password", "prohibit-password")
    if value not in ROOT_LOGIN:
        raise Nonsense(f"PermitRootLogin {value}")
    return value


def _facts(section):
    """Return a section as facts, its lists incomplete where something was not read."""
    hole = section["unread"]
    lists = {name: incomplete(list(section[name]), hole) if hole else list(section[name]) for name in LISTS.values()}
    return {name: section[name] for name in ("match", "permit_root_login") if name in section} | lists
