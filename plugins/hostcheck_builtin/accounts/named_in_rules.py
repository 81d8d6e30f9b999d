"""The users and groups in the rules of sudo and doas, by name or number (sudoers(5), doas.conf(5)). A name service that lists nobody is asked for them."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Why, attempt, pattern, worst_hole
from hostcheck_builtin.sudo_doas import doas_conf
from hostcheck_builtin.sudo_doas.sudoers_entries import Alias, Member, SudoRule
from hostcheck_builtin.sudo_doas.sudoers_files import SUDOERS, Reader, policy
from hostcheck_builtin.sudo_doas.sudoers_grammar import Parsed, parse
from hostcheck_builtin.system.bounds import DOAS_CONF_BYTES as SIZE

NUMBER: Final = pattern(r"#([0-9]{1,10})")


class NamedInRules(NamedTuple):
    """The users and the groups, each by name or by number."""

    users: set[str]
    groups: set[str]


def of(host: Host) -> tuple[NamedInRules, Hole | None]:
    """Return the users and groups in the rules, and the hole where there may be others."""
    found = NamedInRules(set(), set())
    return found, worst_hole(*(attempt(take, host, found) for take in (_sudo, _doas)))


def _sudo(host: Host, found: NamedInRules) -> Hole | None:
    name = attempt(lambda: host.read_text("/proc/sys/kernel/hostname", missing="").strip())
    told = attempt(lambda: str(policy(host.read_text("/etc/sudo.conf", missing=""))["file"]))
    reader, path = Reader(host, name), SUDOERS if isinstance(told, Hole) else told
    text = reader.open(path)
    parsed = Parsed() if text is None else parse(path, text, reader.include)
    for entry in parsed.entries:
        if isinstance(entry, SudoRule):
            _take(entry.users, found)
            for command in entry.commands:
                _take(command.runas_users or (), found)
        elif isinstance(entry, Alias) and entry.of in ("user", "runas"):
            _take(entry.members, found)
    limit = Hole(why=Why.LIMIT, message=parsed.limit) if parsed.limit else None
    return worst_hole(told if isinstance(told, Hole) else None, reader.hole, limit)


def _take(members: Iterable[Member], found: NamedInRules) -> None:
    for one in members:
        if one.kind in ("user", "group") and not one.name.startswith("%:"):
            (found.groups if one.kind == "group" else found.users).add(one.name.removeprefix("%"))


def _doas(host: Host, found: NamedInRules) -> None:
    rules, _ = doas_conf.parse(host.read_text(doas_conf.CONF, missing="", limit=SIZE))
    for rule in rules:
        (found.groups if rule.identity.startswith(":") else found.users).add(rule.identity.removeprefix(":"))
        found.users.update([rule.target] if rule.target else [])


def key(name: str) -> int | str:
    """Return what to ask a name service for: the number where a rule has one."""
    match = NUMBER.fullmatch(name)
    return int(match[1]) if match else name
