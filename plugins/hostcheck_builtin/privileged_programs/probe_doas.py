"""Rules of doas: /etc/doas.conf, as doas would take it.

doas runs nothing where that file is not root's, or the group or others may write to it. Of arguments only the kind is stated, and what a
known program does with them, for they may hold passwords.
"""

from typing import Any, Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Json, attempt
from hostcheck_builtin.privileged_programs import authentication, command_arguments
from hostcheck_builtin.privileged_programs.command_paths import ProgramWays, commands, read_by, take_pager, take_script
from hostcheck_builtin.privileged_programs.command_words import HERE, Does
from hostcheck_builtin.privileged_programs.setuid_root import programs
from hostcheck_builtin.sudo_doas.doas_conf import CONF, DoasRule, parse
from hostcheck_builtin.system.bounds import DOAS_CONF_BYTES as SIZE
from hostcheck_builtin.system.ownership import foreign_ids, of_walked
from hostcheck_builtin.system.pam_lines import FOLDERS
from hostcheck_builtin.system.path_walk import OTHERS_WRITE, LstatCache, mode, walk
from hostcheck_builtin.system.presence import is_there

SERVICE: Final = "doas"


def collect(host: Host) -> Json:
    """State the programs, the file and its rules."""
    if foreign := foreign_ids(host):
        raise HoleError(foreign)
    file, found = attempt(_file, host), programs(host, "doas")
    about: dict[str, Json] = {"programs": found, "file": file, "authentication": authentication.of(found, lambda: _authentication(host))}
    read = file if isinstance(file, Hole) else ([] if file["why"] else attempt(_read, host, file))
    if isinstance(read, Hole):
        return {**about, "rules": read, "commands": read}
    variants: dict[tuple[str, tuple[str, ...]], int] = {}
    rules = {f"{CONF}:{rule.line}": _stated(rule, order, variants) for order, rule in enumerate(read, 1)}
    ways = ProgramWays(host, {})
    for rule in rules.values():
        if "command" in rule and ("keepenv" in rule["options"] or rule["variables"]) and (reads := read_by(ways, rule["command"])):
            rule["reads"] = list(reads)
        if "command" in rule:
            take_script(ways, rule["command"], rule)
            take_pager(ways, rule)
    named = [path for rule in rules.values() if rule["permit"] and "command" in rule for path in (rule["command"], *rule.get("runs", ()))]
    return {**about, "rules": dict(rules), "commands": commands(host, {}, ((path, "plain") for path in named))}


def _authentication(host: Host) -> Json:
    """State what doas asks for; where PAM has no service of its name it was built to look into /etc/shadow itself (doas(1) of OpenDoas)."""
    built = attempt(lambda: any(is_there(host, f"{folder}/{SERVICE}") for folder in FOLDERS))
    return built if isinstance(built, Hole) else authentication.stated(host, (SERVICE,) if built else ())


def _file(host: Host) -> dict[str, Json]:
    try:
        found = host.stat(CONF)
    except ABSENT:
        return {"path": CONF, "type": "", "why": "absent"}
    why = "type" if found.type != "file" else "writable" if found.mode & OTHERS_WRITE else "owner" if found.uid else ""
    alone = attempt(lambda: of_walked(CONF, walk(host, CONF, LstatCache())).root_owned)
    return {"path": CONF, "type": found.type, "uid": found.uid, "gid": found.gid, "mode": mode(found), "why": why, "root_only": alone}


def _read(host: Host, file: dict[str, Json]) -> list[DoasRule]:
    """Return the rules, and note in the facts about the file which line is wrong."""
    rules, wrong = parse(host.read_text(CONF, limit=SIZE))
    if wrong:
        file |= {"why": "wrong", "line": wrong}
    return rules


def _stated(rule: DoasRule, order: int, variants: dict[tuple[str, tuple[str, ...]], int]) -> dict[str, Any]:
    stated: dict[str, Any] = {
        **{"order": order, "place": f"{CONF}:{rule.line}", "line": rule.line, "permit": rule.permit, "options": sorted(set(rule.options))},
        **{"variables": sorted(set(rule.variables)), "group": rule.identity.startswith(":"), "identity": rule.identity.removeprefix(":")},
        **({} if rule.target is None else {"target": rule.target}),
    }
    if rule.command is None:
        return stated
    stated |= {"command": rule.command, "args": "any" if rule.args is None else "given" if rule.args else "none"}
    if found := _does(rule.command, rule.args):
        stated |= {"does": found.kind, **({"runs": list(found.runs)} if found.runs else {})}
    if rule.args:
        stated["variant"] = variants.setdefault((rule.command, tuple(rule.args)), len(variants) + 1)
    return stated


def _does(command: str, args: list[str] | None) -> Does | None:
    """Return what a command does; a path that is not absolute is looked for where doas is called (execvp(3)), and a star is no pattern here."""
    if "/" in command and not command.startswith("/"):
        return HERE
    return None if args is None else command_arguments.does(command, tuple(word.replace("*", "?") for word in args))
