"""Which audit rules are loaded at boot: whether auditd is started, what loads the rules, and the files that they are in.

augenrules takes /etc/audit/rules.d and writes /etc/audit/audit.rules; where that directory is not there, or auditctl is called itself,
/etc/audit/audit.rules counts as it is.
"""

from functools import reduce
from typing import Final

from hostcheck.api import Hole, Host, Json, Unsupported, Why, attempt, both, incomplete, worst_hole
from hostcheck_builtin.audit.rule_order import Takes, Text, by_version, load, put_together
from hostcheck_builtin.system import bounds, exec_commands
from hostcheck_builtin.system.ownership import so_far
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as, is_file
from hostcheck_builtin.system.units import Folders, listed, settings, texts

MAIN: Final = "/etc/audit/audit.rules"
FOLDER: Final = "/etc/audit/rules.d"
DAEMON: Final = "auditd.service"
LOADER: Final = "audit-rules.service"
"""What loads the rules since audit 4; before it auditd's unit did."""
NEEDS: Final = ("Requires", "Wants", "BindsTo", "Requisite")
STARTS: Final = ("ExecStartPre", "ExecStart", "ExecStartPost")
TARGETS: Final = tuple(f"{target}.target.{kind}" for target in ("multi-user", "sysinit", "basic", "graphical", "default") for kind in ("wants", "requires"))
INIT: Final = "/etc/init.d/auditd"
PROGRAMS: Final = ("/usr/sbin/auditd", "/sbin/auditd", "/usr/bin/auditd")
SHELL: Final = frozenset(" \t\n*?[\\")
"""What the shell of augenrules takes a name apart at."""


def daemon(host: Host) -> dict[str, Json]:
    """State whether auditd is installed and started at boot, and what loads the rules then: augenrules, auditctl or none."""
    folders = attempt(listed, host)
    unread = folders if isinstance(folders, Hole) else None
    return {
        "installed": attempt(lambda: any(is_file(host, path) for path in PROGRAMS)),
        "enabled": unread or attempt(_enabled, host, folders),  # type: ignore[arg-type]
        "loader": unread or attempt(_loader, host, folders),  # type: ignore[arg-type]
    }


def _enabled(host: Host, folders: Folders) -> bool:
    """Say whether a target wants it that is reached at boot, and it is not masked."""
    if _is_wanted(host, DAEMON, folders):
        return any(True for _ in texts(host, DAEMON, folders))
    if not any(DAEMON in names for names in folders.values()) and is_file(host, INIT):
        raise Unsupported(f"{INIT}: whether another init than systemd starts it is not read")
    return False


def _is_wanted(host: Host, unit: str, folders: Folders) -> bool:
    return any(unit in absent_as([], host.list_dir, f"{folder}/{target}") for folder, names in folders.items() for target in TARGETS if target in names)


def _loader(host: Host, folders: Folders) -> str:
    """Return what auditd's unit calls to load rules, or the unit for it, where auditd's or a target needs that."""
    own = list(texts(host, DAEMON, folders))
    needs = " ".join(value for text in own for key in NEEDS for value in settings(text, "Unit", key)).split()
    apart = LOADER in needs or _is_wanted(host, LOADER, folders)
    called = [*_commands(host, DAEMON, own), *(_commands(host, LOADER, list(texts(host, LOADER, folders))) if apart else [])]
    if any(words[0].endswith("/augenrules") and "--load" in words for words in called):
        return "augenrules"
    if any(words[0].endswith("/auditctl") and words[1:] == ["-R", MAIN] for words in called):
        return "auditctl"
    if not called and is_file(host, INIT):
        raise Unsupported(f"{INIT}: what another init than systemd loads is not read")
    return "none"


def _commands(host: Host, unit: str, stated: list[str]) -> list[list[str]]:
    """Return the words of the commands of a unit, so far as they are known."""
    return [one.told for key in STARTS for one in exec_commands.started(host, unit, stated, key=key) if one.program]


def in_files(host: Host, loader: Json, lstats: LstatCache, at_boot: Takes) -> Json:
    """State the rules that are loaded at boot; `at_boot` returns each as the kernel takes it, and why it would not."""
    if isinstance(loader, Hole):
        return loader
    if loader == "none":
        return {"paths": [], "root_owned": True, "rules": [], "turned_off": False}
    names = attempt(_rule_files, host) if loader == "augenrules" else None
    if isinstance(names, Hole):
        return names
    paths = [MAIN] if names is None else [f"{FOLDER}/{name}" for name in names]
    lines, unread = _lines(host, paths)
    loaded = load(lines if names is None else put_together(lines), at_boot)
    owned = reduce(both, (_root_owned(host, path, lstats) for path in (*paths, *([] if names is None else [FOLDER]))))
    stops = {"stops": {"at": loaded.stops, "why": loaded.why}} if loaded.stops else {}
    return {
        "paths": paths,
        "root_owned": owned,
        "rules": incomplete([one.stated() for one in loaded.rules], unread),
        "turned_off": loaded.enabled == 0 or unread or False,
        **stops,
    }


def _root_owned(host: Host, path: str, lstats: LstatCache) -> bool | Hole:
    """Say whether only root can change what stands there; a file that is not there is as its directory is."""
    return attempt(lambda: so_far(host, path, lstats).root_owned)


def _rule_files(host: Host) -> list[str] | None:
    """Return the names of the files that augenrules puts together, None where it takes audit.rules as it is."""
    names = absent_as(None, host.list_dir, FOLDER, limit=bounds.AUDIT_RULE_FILES)
    return None if names is None else by_version(name for name in names if name.endswith(".rules") and not name.startswith("."))


def _lines(host: Host, paths: list[str]) -> tuple[list[Text], Hole | None]:
    """Return the lines of all files with where they stand, and the hole where there may be more."""
    lines: list[Text] = []
    unread: Hole | None = None
    for path in paths:
        if SHELL & set(path):
            unread = worst_hole(
                unread, Hole(why=Why.UNSUPPORTED, message=f"{FOLDER}: a name with spaces or *?[ in it, which the shell of augenrules takes apart")
            )
            continue
        text = attempt(lambda at=path: host.read_text(at, missing="", limit=bounds.AUDIT_RULES_BYTES))  # type: ignore[misc]
        if isinstance(text, Hole):
            unread = worst_hole(unread, text)
            continue
        lines += [(one, f"{path}:{number}") for number, one in enumerate(text.split("\n"), 1)]
    if len(lines) > bounds.AUDIT_RULES:
        return lines[: bounds.AUDIT_RULES], worst_hole(unread, Hole(why=Why.LIMIT, message=f"{FOLDER}: more than {bounds.AUDIT_RULES} lines of audit rules"))
    return lines, unread
