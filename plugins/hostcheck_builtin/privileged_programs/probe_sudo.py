"""Rules of sudo, as its own parser would take them: who may run what as whom, from /etc/sudoers and what it includes.

Of the arguments of a command only the kind is stated, and what a known program does with them, for they may hold passwords; of what such a program runs or
where it writes the path is stated, which counts by who can change it. What stands for what (aliases, groups, hosts) is left open: the analysis
sudo-rights works that out.
"""

import base64
import hashlib
from functools import partial
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.privileged_programs import authentication, command_paths
from hostcheck_builtin.privileged_programs.setuid_root import programs
from hostcheck_builtin.privileged_programs.sudoers_facts import StatedSudoers, places
from hostcheck_builtin.sudo_doas.sudoers_files import SUDOERS, Reader, exists, policy, sources
from hostcheck_builtin.sudo_doas.sudoers_grammar import Parsed, parse
from hostcheck_builtin.system import host_time, netgroups
from hostcheck_builtin.system.bounds import COMPARED_PROGRAM_BYTES as LARGEST
from hostcheck_builtin.system.ownership import foreign_ids

HOSTNAME: Final = "/proc/sys/kernel/hostname"
SERVICES: Final = ("sudo", "sudo-i")
"""What sudo calls itself to PAM; the second with --login, where Debian and Red Hat build it so."""
TIMES: Final = "/run/sudo/ts"
"""Where it keeps when it let somebody in last."""
RUST: Final = ("/cargo/", "sudo-rs")
"""Where sudo-rs stands (Ubuntu since 25.10), which reads /etc/sudoers-rs where that is there."""
PARTS: Final = ("aliases", "commands", "defaults", "rules", "search_path", "wrong_lines")
"""What the files say."""


def collect(host: Host) -> Json:
    """State the programs, where their rules come from, and those of the files."""
    if foreign := foreign_ids(host):
        raise HoleError(foreign)
    found = programs(host, "sudo")
    name = attempt(lambda: host.read_text(HOSTNAME, missing="").strip())
    plugin = attempt(lambda: policy(host.read_text("/etc/sudo.conf", missing="")))
    reader = Reader(host, name)
    read = attempt(_read, reader, SUDOERS if isinstance(plugin, Hole) else str(plugin["file"]))
    return {
        "programs": found,
        "hostname": name,
        "sources": sources(host),
        "plugin": plugin,
        "elsewhere": _elsewhere(host, found),
        "authentication": authentication.of(found, lambda: authentication.stated(host, SERVICES, TIMES)),
        "files": incomplete(dict(sorted(reader.stated.items())), reader.hole),
        **(dict.fromkeys(("obeyed", *PARTS), read) if isinstance(read, Hole) else read),
    }


def _read(reader: Reader, path: str) -> dict[str, Json]:
    """Return what the files say; nothing where sudo obeys none of it."""
    text = reader.open(path)
    if text is None and reader.hole:
        raise HoleError(reader.hole)
    parsed = Parsed() if text is None else parse(path, text, reader.include)
    if text is None or (parsed.unended and not parsed.limit):
        return {"obeyed": False, **{part: {} for part in PARTS}, "wrong_lines": places(parsed.wrong)}
    ways = command_paths.ProgramWays(reader.host, reader.lstats)
    told = StatedSudoers(is_past=partial(_is_past, reader.host), fits=lambda program, digests: attempt(_fits, ways, program, digests))
    for entry in parsed.entries:
        told.add(entry)
    command_paths.take_variables(ways, told)
    command_paths.take_scripts(ways, told)
    unread = reader.hole = worst_hole(reader.hole, Hole(why=Why.LIMIT, message=parsed.limit) if parsed.limit else None)
    return {
        "obeyed": True,
        **{part: incomplete(found, unread) for part, found in (("aliases", told.aliases), ("defaults", told.defaults), ("rules", told.rules))},
        "commands": command_paths.commands(reader.host, reader.lstats, command_paths.of_sudo(told), unread),
        **({"netgroups": netgroups.sources(reader.host)} if _names_netgroups(told) else {}),
        "search_path": command_paths.search_path(reader.host, reader.lstats, told, unread),
        "wrong_lines": incomplete(places(parsed.wrong), unread),
    }


def _fits(ways: command_paths.ProgramWays, program: str, digests: tuple[str, ...]) -> bool:
    """Say whether a program has one of these digests: sudo runs no other one."""
    content = ways.content(program, LARGEST)
    if content is None:
        return False
    for algorithm, _, text in (one.partition(":") for one in digests):
        found = hashlib.new(algorithm, content).digest()
        if text.lower() == found.hex() or text.rstrip("=") == base64.b64encode(found).decode().rstrip("="):
            return True
    return False


def _names_netgroups(told: StatedSudoers) -> bool:
    """Say whether a rule, a setting or an alias names one."""
    named = [one["members"] for entries in (told.aliases, told.defaults) for one in entries.values()]
    for rule in told.rules.values():
        named += [rule["users"], rule["hosts"], *(members for lists in rule["runas"] for members in lists.values())]
    return any(one["kind"] == "netgroup" for members in named for one in members)


def _is_past(host: Host, when: str) -> bool | None:
    """Say whether the time of a rule has passed, None where that is not known."""
    told = attempt(host_time.is_past, host, when)
    return None if isinstance(told, Hole) else told


def _elsewhere(host: Host, found: Json) -> Json:
    """State whether a sudo that is there reads another file than /etc/sudoers."""
    rust = any(mark in path for path in found for mark in RUST)
    return attempt(exists, host, "/etc/sudoers-rs") if rust else False
