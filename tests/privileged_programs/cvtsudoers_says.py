"""What cvtsudoers(1) says of a file, and what our reader says of it, in the same form."""

import json
import subprocess
from pathlib import Path
from typing import Any

from hostcheck_builtin.sudo_doas.sudoers_entries import Alias, CommandSpec, DefaultsEntry, Member, SudoRule
from hostcheck_builtin.sudo_doas.sudoers_grammar import parse

SECTIONS = {"user": "User_Aliases", "runas": "Runas_Aliases", "host": "Host_Aliases", "command": "Command_Aliases"}
NAMES = {"PASSWD": "authenticate", "MAIL": "send_mail", "FOLLOW": "sudoedit_follow", "EXEC": "noexec"}
OPTIONS = {"CWD": "runcwd", "CHROOT": "runchroot", "TIMEOUT": "command_timeout"}
DIGESTS = ("sha224", "sha256", "sha384", "sha512")


def cvtsudoers(path: Path) -> Any:
    """Return what it says, None where it finds a mistake."""
    ran = subprocess.run(("cvtsudoers", "-f", "json", str(path)), capture_output=True, text=True, timeout=60, check=False)
    if ran.returncode:
        return None
    told = json.loads(ran.stdout or "{}")
    aliases = {section: {name: [_plain(one) for one in members] for name, members in told.get(section, {}).items()} for section in SECTIONS.values()}
    rules = [_of_rule(one) for one in told.get("User_Specs", [])]
    return {"aliases": aliases, "rules": rules, "defaults": _merged(told.get("Defaults", []))}


def _plain(member: dict[str, Any]) -> dict[str, Any]:
    digest = any(member.pop(name, None) for name in DIGESTS)
    return {**member, **({"digest": True} if digest else {})}


def _of_rule(rule: dict[str, Any]) -> Any:
    # commands that it puts together have the options of one of them
    specs = [
        (
            *([_plain(one) for one in spec.get(kind, [])] for kind in ("runasusers", "runasgroups")),
            _options(spec) if len(spec["Commands"]) == 1 else None,
            _plain(command),
        )
        for spec in rule["Cmnd_Specs"]
        for command in spec["Commands"]
    ]
    return [_plain(one) for one in rule["User_List"]], [_plain(one) for one in rule["Host_List"]], specs


def _options(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: value for one in spec.get("Options", []) for name, value in one.items() if name not in ("role", "type")}


def _merged(defaults: list[dict[str, Any]]) -> Any:
    """Return of each setting for whom it is and its name, and whether it is turned on where it is told so."""
    return [
        ([_plain(dict(one)) for one in entry.get("Binding", [])], name, value if isinstance(value, bool) else None)
        for entry in defaults
        for option in entry["Options"]
        for name, value in option.items()
        if name != "operation"
    ]


def ours(path: Path) -> Any:
    """Return what our reader says, None where it finds a mistake."""
    parsed = parse(str(path), path.read_bytes().decode("utf-8", "surrogateescape"), lambda name, directory, path: [])
    if parsed.wrong or parsed.unended:
        return None
    aliases: dict[str, Any] = {section: {} for section in SECTIONS.values()}
    rules: list[Any] = []
    defaults: list[Any] = []
    for entry in parsed.entries:
        if isinstance(entry, Alias):
            aliases[SECTIONS[entry.of]][entry.name] = [member(one, entry.of) for one in entry.members]
        elif isinstance(entry, SudoRule):
            specs = [_spec(one) for one in entry.commands]
            rules.append(([member(one, "user") for one in entry.users], [member(one, "host") for one in entry.hosts], specs))
        elif isinstance(entry, DefaultsEntry):
            members = [member(one, entry.scope) for one in entry.members]
            flags = {"": True, "!": False}
            defaults += [(members, one.name, flags.get(one.sign)) for one in entry.settings]
    return {"aliases": aliases, "rules": rules, "defaults": defaults}


def _spec(spec: CommandSpec) -> Any:
    users = [] if spec.runas_users is None else [member(one, "runas") for one in spec.runas_users]
    groups = [] if spec.runas_groups is None else [member(one, "runas group") for one in spec.runas_groups]
    options: dict[str, Any] = {NAMES.get(tag, tag.lower()): value != (tag == "EXEC") for tag, value in spec.tags.items()}
    # of ROLE and TYPE it writes none where the other is missing
    told = {name: value for name, value in spec.options.items() if name not in ("ROLE", "TYPE")}
    options |= {OPTIONS.get(name, name.lower()): 3600 if value == "1h" else value for name, value in told.items()}
    options |= {"setenv": True} if spec.implied else {}
    return users, groups, options, member(spec.command, "command")


def member(one: Member, of: str) -> dict[str, Any]:
    """Return a member as cvtsudoers writes it."""
    told: dict[str, Any] = _named(one, of)
    return {**told, **({"negated": True} if one.negated else {}), **({"digest": True} if one.digests else {})}


def _named(one: Member, of: str) -> dict[str, Any]:
    alias = {"user": "useralias", "runas": "runasalias", "runas group": "runasalias", "host": "hostalias", "command": "cmndalias"}[of]
    if one.kind == "alias":
        return {alias: one.name}
    if of == "command":
        return {"command": "ALL" if one.kind == "all" else one.name if one.args is None else f"{one.name} {one.args}"}
    if of == "host":
        return {"netgroup": one.name[1:]} if one.kind == "netgroup" else {"networkaddr": one.name} if one.kind == "address" else {"hostname": one.name or "ALL"}
    if of == "runas group" or one.kind == "group":
        return _group(one.name or "ALL", of)
    if one.kind in ("netgroup", "myself"):
        return {"netgroup": one.name[1:]} if one.name else {"username": ""}
    return {"userid": int(one.name[1:])} if one.name[:1] == "#" and one.name[1:].isdigit() else {"username": one.name or "ALL"}


def _group(name: str, of: str) -> dict[str, Any]:
    bare = name.removeprefix("%") if of != "runas group" else name
    key = "nonunixgroup" if bare[:1] == ":" else "usergroup"
    bare = bare.removeprefix(":")
    if bare[:1] == "#" and bare[1:].isdigit():
        return {"nonunixgid" if key == "nonunixgroup" else "usergid": int(bare[1:])}
    return {key: bare}
