"""Which settings of sshd let somebody in otherwise than by ~/.ssh/authorized_keys: sshd_config(5).

They may hold for anybody, so that nothing is known of one account's keys while one of them is set; a Match block counts as if it always matched.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import Host, LimitExceeded, pattern
from hostcheck_builtin.system.bounds import SSHD_CONFIG_BYTES as SIZE
from hostcheck_builtin.system.bounds import SSHD_CONFIG_FILES as FILES
from hostcheck_builtin.system.presence import absent_as

CONFIG: Final = "/etc/ssh/sshd_config"
ADDED: Final = "/etc/ssh/sshd_config.d"
OFF: Final = {"trustedusercakeys": "none", "authorizedkeyscommand": "none", "hostbasedauthentication": "no"}
HOME: Final = frozenset(f"{home}.ssh/authorized_keys{number}" for home in ("", "%h/") for number in ("", "2")) | {"none"}
ROOTS: Final = frozenset({"/root/.ssh/authorized_keys", "/root/.ssh/authorized_keys2"})
"""At home for who shares root's home, and for everybody else a file that no user can write to."""
WORD: Final = pattern(r'"([^"]*)"|(?:^|(?<=[ \t]))(#.*)|([^\s="]+)')
"""A quoted word, a comment, which begins where a word could (argv_split() of OpenSSH's misc.c), and a bare word."""


def keys_elsewhere(host: Host) -> list[str]:
    """Return the files of root's whose keys let anybody in, beside those at home; raises LimitExceeded where sshd may let somebody in by something else."""
    roots = set[str]()
    for path, keyword, *values in settings(host):
        if keyword == "authorizedkeysfile" and HOME.union(ROOTS).issuperset(values):
            roots |= ROOTS.intersection(values)
        elif _opens(keyword, values):
            raise LimitExceeded(f"{path}: {keyword} lets users in by more than the keys in their homes, and whom it lets in was not looked for")
    return sorted(roots)


def settings(host: Host) -> Iterator[list[str]]:
    """Yield the words of each line that sshd reads, behind its file, the keyword in lower case; raises LimitExceeded for files by a pattern."""
    pending, seen = [CONFIG, *_added(host)], set[str]()
    while pending:
        path = pending.pop(0)
        if path in seen:
            continue
        seen.add(path)
        for keyword, *values in _settings(host, path):
            if keyword == "include":
                pending += _included(path, values, len(seen))
            else:
                yield [path, keyword, *values]


def _opens(keyword: str, values: list[str]) -> bool:
    return keyword == "authorizedkeysfile" or (keyword in OFF and values[:1] != [OFF[keyword]])


def _added(host: Host) -> list[str]:
    return [f"{ADDED}/{name}" for name in sorted(absent_as([], host.list_dir, ADDED)) if name.endswith(".conf")]


def _included(path: str, values: list[str], count: int) -> list[str]:
    """Return the files that a line includes, but for those that are read anyway."""
    places = [value if value.startswith("/") else f"/etc/ssh/{value}" for value in values]
    wanted = [place for place in places if place != f"{ADDED}/*.conf"]
    if count + len(wanted) > FILES or any(char in place for place in wanted for char in "*?["):
        raise LimitExceeded(f"{path}: it includes files that were not looked for: {' '.join(wanted[:3])}")
    return wanted


def _settings(host: Host, path: str) -> Iterator[list[str]]:
    """Yield the words of each line, the first in lower case; = and quotes may stand between them."""
    for line in host.read_text(path, missing="", limit=SIZE).split("\n"):
        words = [quoted or bare for quoted, comment, bare in WORD.findall(line) if not comment]
        if words:
            yield [words[0].lower(), *words[1:]]
