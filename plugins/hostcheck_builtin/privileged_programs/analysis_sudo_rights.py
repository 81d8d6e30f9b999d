"""What users may run as another user by sudo and doas: for each user the rules of both, with the password that is needed, and what the command gives.

Rules that mean everybody are told once, unless something else holds for somebody. A command is told as limited where its program is not known to
start a shell or to write any file, or where its arguments are harmless; of the programs that rules name, of the scripts that decide what these do, and of the
directories that sudo searches it is told who can change them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.files import changing
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.groups import grants
from hostcheck_builtin.privileged_programs.rules_grants import Grants, Lists, Told
from hostcheck_builtin.privileged_programs.rules_passwords import passwords
from hostcheck_builtin.privileged_programs.rules_people import Members, here, meant, seeing
from hostcheck_builtin.privileged_programs.rules_policy import Policy, policy_of_doas, policy_of_sudo
from hostcheck_builtin.privileged_programs.rules_rights import Rights
from hostcheck_builtin.privileged_programs.rules_settings import BoundSettings
from hostcheck_builtin.sockets import private_directories, setgid_ways

TOOLS: Final = ("sudo", "doas")
PARTS: Final = (("sudo", "commands"), ("doas", "commands"), ("sudo", "search_path"))
"""What of the rules somebody but root may be able to change."""
SILENT: Final = {"ldap": "LDAP", "sss": "SSSD"}


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each right by its words; incomplete where rules, or who is in a group that they name, are not known."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    programs = [attempt(_part, facts, tool, "programs") for tool in TOOLS]
    parts = [attempt(_part, facts, tool, part) for tool, part in PARTS]
    people = gather(facts, lambda: [*programs, *parts])
    grants.take(people, facts)
    installed = {tool: attempt(_is_there, facts, tool) for tool in TOOLS}
    found: dict[str, Json] = {}
    hole: Hole | None = None
    of_rules = seeing(people, programs)
    for tool, tell in (("sudo", _sudo), ("doas", _doas)):
        told = Told(of_rules, tool, grants=found, hole=worst_hole(installed[tool]))
        failed = attempt(tell, told, facts) if installed[tool] is True else None
        hole = worst_hole(hole, told.hole, failed)
    # Setgid programs give groups to whoever changes files, and none to the rules above, so this comes last. None count where nothing runs them.
    run = [None if installed[tool] is False else part for (tool, _), part in zip(PARTS, parts, strict=True)]
    by_sudo, by_doas, searched = _changeable(seeing(people, parts), facts, *run)
    return {"grants": incomplete(found, hole), "commands": _joined(by_sudo, by_doas), "search_path": searched, "installed": installed}


def _part(facts: Mapping[str, Any], tool: str, part: str) -> View:
    found: View = facts[tool][part]
    return found


def _changeable(people: People, facts: Mapping[str, Any], *parts: View | Hole | None) -> list[Json]:
    """State of each of these programs, part for part, who can change it, where somebody but root can; None stands for a part that does not count."""
    if not any(isinstance(part, View) and known(part) for part in parts):
        return [part if isinstance(part, Hole) else {} if part is None else incomplete({}, opening(part)) for part in parts]
    # As for other files: with the groups that setgid programs give, and without capabilities.
    setgid_ways.take(people, facts)
    people.sessions = [replace(one, ids=replace(one.ids, override=False, search=False, powers=())) for one in people.sessions]
    judge = Judge(people=people, private=private_directories.of(facts))
    return [_changeable_part(judge, part) for part in parts]


def _changeable_part(judge: Judge, entries: View | Hole | None) -> Json:
    if entries is None or isinstance(entries, Hole):
        return {} if entries is None else entries
    found = {path: attempt(_changes, judge, entries, path) for path in known(entries)}
    return incomplete({path: one for path, one in found.items() if one is not None}, opening(entries))


def _changes(judge: Judge, entries: View, path: str) -> Json:
    """State who can change a program, or what a pattern stands for; None where nobody can, a hole where that is not known."""
    entry = entries[path]
    changed = changing.changes(judge, entry, ())
    members: Any = changing.members(judge, entry, ()) if "members" in entry else {}
    if changing.is_nobody(changed) and not known(members):
        hole: Json = worst_hole(getattr(changed["users"], "hole", None), getattr(members, "hole", None))
        return hole
    return {"changed_by": changed, **({"members": members} if "members" in entry else {})}


def _joined(one: Json, other: Json) -> Json:
    """Join what can be changed of both; what neither knows is a hole of the whole."""
    holes = [part if isinstance(part, Hole) else getattr(part, "hole", None) for part in (one, other)]
    found = {path: told for part in (one, other) if not isinstance(part, Hole) for path, told in part.items()}
    hole = worst_hole(*holes)
    return hole if hole and not found and any(isinstance(part, Hole) for part in (one, other)) else incomplete(found, hole)


def _is_there(facts: Mapping[str, Any], tool: str) -> bool | Hole:
    """Say whether such a program runs as root on a usual path."""
    programs = _part(facts, tool, "programs")
    works = [attempt(_works, programs, path) for path in known(programs)]
    return True if True in works else worst_hole(opening(programs), *works) or False


def _works(programs: View, path: str) -> bool:
    return bool(programs[path]["setuid_root"])


def _for_all(facts: Mapping[str, Any], tool: str) -> bool:
    """Say whether one of these programs may be executed by everybody."""
    programs = _part(facts, tool, "programs")
    return any(_works(programs, path) and int(programs[path]["mode"], 8) & 1 for path in known(programs))


def _sudo(told: Told, facts: Mapping[str, Any]) -> None:
    """Tell the rights by sudo, if it asks files at all."""
    sudo: View = facts["sudo"]
    asked = attempt(lambda: "files" in list(sudo["sources"]["services"]))
    told.lack(attempt(_elsewhere, sudo), asked)
    if asked is False:
        return
    told.files, told.passwords = attempt(sudo.__getitem__, "files"), passwords(told.people, sudo)
    policy = policy_of_sudo(sudo)
    policy.hole = worst_hole(policy.hole, attempt(_other_plugin, sudo))
    _take(told, policy, attempt(lambda: str(sudo["hostname"])), attempt(_for_all, facts, "sudo"))


def _elsewhere(sudo: View) -> Hole | None:
    """Return the hole that rules from elsewhere leave."""
    sources = sudo["sources"]
    for name in list(sources["services"]):
        if name == "ldap" or (name == "sss" and sources["sss_answers"]):
            return Hole(why=Why.LIMIT, message=f"sudo also takes rules from {SILENT[name]}, which hostcheck does not read")
    if not sources["named"] and sources["ldap_conf"]:
        return Hole(why=Why.LIMIT, message="/etc/sudo-ldap.conf is there, so sudo may also take rules from LDAP, which hostcheck does not read")
    if sudo["elsewhere"]:
        return Hole(why=Why.UNSUPPORTED, message="sudo-rs reads /etc/sudoers-rs, which hostcheck does not read")
    return None


def _other_plugin(sudo: View) -> Hole | None:
    plugin = sudo["plugin"]
    if plugin["own"] and not list(plugin["options"]):
        return None
    return Hole(why=Why.UNSUPPORTED, message="/etc/sudo.conf loads a plugin or sets options that hostcheck does not know")


def _file_of_doas(doas: View) -> Mapping[str, View]:
    return {str(doas["file"]["path"]): doas["file"]}


def _doas(told: Told, facts: Mapping[str, Any]) -> None:
    told.files, told.passwords = attempt(_file_of_doas, facts["doas"]), passwords(told.people, facts["doas"])
    _take(told, policy_of_doas(facts["doas"]), "", attempt(_for_all, facts, "doas"))


def _take(told: Told, policy: Policy, hostname: str | Hole, for_all: bool | Hole) -> None:
    """Tell the rights that rules give to everybody, and to each whom they name."""
    told.lack(policy.hole)
    if policy.hole:  # a rule that is not known may take away what any other gives
        return
    members = Members(told.people, policy.netgroups)
    on_hosts = [(rule, here(rule.hosts, hostname, netgroups=policy.netgroups)) for rule in policy.rules]
    hosts = {number: here(one.members, hostname, netgroups=policy.netgroups) for number, one in enumerate(policy.defaults) if one.scope == "host"}
    rules = [(rule, isinstance(found, Hole)) for rule, found in on_hosts if found is not False]
    users = Lists({number: meant(members, rule.users) for number, (rule, _) in enumerate(rules)})
    settings = Lists({number: meant(members, one.members) for number, one in enumerate(policy.defaults) if one.scope == "user"})
    told.unsure = worst_hole(*hosts.values(), *(one.hole for one in settings.lists.values()), for_all)
    told.lack(*(found for _, found in on_hosts), *hosts.values(), *(one.hole for one in users.lists.values()))
    rights = Rights(members, BoundSettings.of(policy.defaults, {number for number, found in hosts.items() if found is True}), for_all is not False)
    Grants(told, members, rules, users, settings, rights).tell()
    told.lack(*(one.hole for one in rights.targets.values()))
    if rights.cut:
        told.lack(Hole(why=Why.LIMIT, message=f"the rules of {told.tool} give more rights than hostcheck lists"))
