"""Settings of services that name commands: which file, by which word, and as whom the service runs them.

Each service has a table of its own grammar here, as its manual page states it; what a service only does when a rare thing happens is not `sure`.
"""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from re import Pattern
from types import MappingProxyType
from typing import Final, NamedTuple

from hostcheck.api import pattern


class SettingsCommand(NamedTuple):
    """A command of a file of settings: its line, its text, the user as whom it runs ("" for the service's own), where, and whether it surely runs.

    One that is `refused` is not run while others than root may write its program; `opens` are files for what it says, which the service opens itself.
    """

    line: int
    text: str
    user: str = ""
    sure: bool = True
    folder: str = ""
    refused: bool = False
    opens: tuple[str, ...] = ()


class SettingsLine(NamedTuple):
    """A line of settings, in a section or block by its name."""

    number: int
    section: str
    key: str
    value: str


Reader = Callable[[str, str], Iterator[SettingsCommand]]
"""Takes a text and the directory of its file."""


class SettingsOfService(NamedTuple):
    """A program of which settings name commands.

    `settings` are the files that it reads, or patterns of them, unless an option names one (`options`, with role "file"; "user" is as whom it runs).
    `include` finds what a file includes. Of one that is `named` only those files count whose names its words have. `loads` are directories of which it runs
    all, where one of the words `told` is given.
    """

    by: str
    settings: tuple[str, ...]
    read: Reader
    source: str
    options: Mapping[str, str] = MappingProxyType({})
    include: Pattern[str] | None = None
    named: bool = False
    loads: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()


SECTION: Final = pattern(r"\[([^\]]*)\].*")
KEYED: Final = pattern(r"([A-Za-z0-9_][A-Za-z0-9_ .-]*?)[ \t]*=[ \t]*(.*)")


def assigned(text: str) -> Iterator[SettingsLine]:
    """Yield the lines ``key = value``, each with its section, and what indented lines behind one add to it."""
    section, found = "", None
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if bare.startswith(("#", ";")) or not bare:
            continue
        if found is not None and line[0] in " \t" and not KEYED.fullmatch(bare):
            found = found._replace(value=f"{found.value} {bare}")
            continue
        if found is not None:
            yield found
        found = None
        if match := SECTION.fullmatch(bare):
            section = match[1].strip()
        elif match := KEYED.fullmatch(bare):
            found = SettingsLine(number, section, match[1], match[2].partition(" ;")[0].strip())
    if found is not None:
        yield found


def _of_keys(keys: frozenset[str], rare: frozenset[str] = frozenset()) -> Reader:
    """Return a reader of ``key = command``."""

    def read(text: str, folder: str) -> Iterator[SettingsCommand]:
        for one in assigned(text):
            if one.key.lower() in keys | rare and one.value:
                yield SettingsCommand(one.number, unquoted(one.value), sure=one.key.lower() in keys)

    return read


def _of_words(keys: frozenset[str], rare: frozenset[str] = frozenset()) -> Reader:
    """Return a reader of lines whose first word is the key, and the rest a command."""

    def read(text: str, folder: str) -> Iterator[SettingsCommand]:
        for number, line in enumerate(text.split("\n"), 1):
            key, rest = _first_word(line)
            if key in keys | rare and rest:
                yield SettingsCommand(number, unquoted(rest), sure=key in keys)

    return read


def _first_word(line: str) -> tuple[str, str]:
    key, *rest = line.split(None, 1) or [""]
    return key, rest[0].strip() if rest else ""


def unquoted(value: str) -> str:
    """Return a value without quotation marks around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and value[0] not in value[1:-1] else value


PROGRAM_OF_SUPERVISOR: Final = ("program:", "eventlistener:", "fcgi-program:")
LOGS: Final = ("stdout_logfile", "stderr_logfile")
"""Files that supervisord opens before it starts a program (make_dispatchers() of process.py)."""
NEVER: Final = ("false", "off", "no", "0")
NUMBER: Final = pattern(r"%\(process_num\)0?[0-9]*[sd]")
UNKNOWN: Final = pattern(r"%\([A-Za-z_0-9]+\)s")
"""What stands for a variable of supervisord's environment."""


def supervisor(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield the programs of supervisord: as root where no user is named, and surely unless they are not to start by themselves."""
    sections: dict[str, dict[str, SettingsLine]] = {}
    for one in assigned(text):
        sections.setdefault(one.section, {})[one.key.lower()] = one
    own = sections.get("supervisord", {}).get("user")
    for section, told in sections.items():
        command, user, at = (told.get(key) for key in ("command", "user", "directory"))
        if not section.startswith(PROGRAM_OF_SUPERVISOR) or command is None:
            continue
        whole = command.value.replace("%(here)s", folder).replace("%(program_name)s", section.partition(":")[2])
        whole = NUMBER.sub("0", whole)
        if not UNKNOWN.search(whole):
            by_itself = "autostart" not in told or told["autostart"].value.lower() not in NEVER
            where = at.value if at is not None and at.value.startswith("/") else ""
            named, logs = user or own, [told[key].value for key in LOGS if key in told]
            opens = tuple(path for path in logs if path.startswith("/") and "%" not in path) if user else ()
            yield SettingsCommand(command.number, whole, named.value if named else "", by_itself, where, opens=opens)


USER: Final = pattern(r"(?:script_)?user[ \t]+([A-Za-z0-9_.-]+).*")
OF_KEEPALIVED: Final = pattern(
    r"(?:script|notify(?:_[a-z_]+)?|quorum_up|quorum_down|misc_path)[ \t]+(?:\"([^\"]+)\"(?:[ \t]+([A-Za-z0-9_.-]+))?.*|([^ \t{\"]+))"
)
SCRIPT_USER: Final = "keepalived_script"
"""As whom scripts run where nothing is said and there is such a user, else as root."""


def keepalived(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield scripts that are run again and again, or when a state changes, as it does at the start."""
    lines = [line.partition("#")[0].partition("!")[0].strip() for line in text.split("\n")]
    usual = next((match[1] for line in lines if line.startswith("script_user") and (match := USER.fullmatch(line))), SCRIPT_USER)
    refused, block, user, found = "enable_script_security" in lines, 0, "", list[SettingsCommand]()
    for number, line in enumerate([*lines, "}"], 1):
        if line.startswith("user") and (match := USER.fullmatch(line)):
            user = match[1]
        elif match := OF_KEEPALIVED.fullmatch(line):
            found.append(SettingsCommand(number, match[1] or match[3], match[2] or "", refused=refused))
        block += line.count("{") - line.count("}")
        if block <= 0:
            yield from (one._replace(user=one.user or user or usual) for one in found)
            block, user, found = 0, "", []


OF_MONIT: Final = pattern(
    r"\b(?:(?:start|stop|restart)(?:[ \t]+program)?[ \t]*=?|exec|check[ \t]+program[ \t]+[^ \t]+[ \t]+(?:with[ \t]+)?path)[ \t]+(\"[^\"]*\"|'[^']*'|/[^ \t]+)"
)
AS_USER: Final = pattern(r"\bas[ \t]+uid[ \t]+\"?([A-Za-z0-9_.-]+)")
CHECKED: Final = pattern(r".*\bcheck[ \t]+program\b.*")


def monit(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield programs whose exit is checked, which surely run, and those that start a service again or tell of an event."""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.partition("#")[0]
        for match in OF_MONIT.finditer(bare):
            user = AS_USER.search(bare[match.end() :])
            yield SettingsCommand(number, unquoted(match[1]), user[1] if user else "", CHECKED.fullmatch(match[0]) is not None)


BEFORE: Final = frozenset(
    ("up", "down", "route-up", "route-pre-down", "ipchange", "tls-verify", "client-connect", "client-disconnect", "learn-address", "auth-user-pass-verify")
)
LATER: Final = BEFORE - {"up", "route-up"}
"""Scripts that OpenVPN runs when it has given up root's rights, where settings say that it does."""


def openvpn(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield scripts, where script-security lets them run."""
    lines = [(number, *_first_word(line)) for number, line in enumerate(text.split("\n"), 1)]
    told = {key: rest for _, key, rest in lines}
    if told.get("script-security", "1") < "2":
        return
    for number, key, rest in lines:
        if key in BEFORE and rest:
            command = rest.rpartition(" via-")[0] or rest
            yield SettingsCommand(number, unquoted(command), told.get("user", "") if key in LATER else "", key in ("up", "route-up"), folder)


def inetd(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield what inetd.conf(5) starts for whoever connects."""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if len(words) > 5 and words[3].startswith(("wait", "nowait")) and not words[0].startswith("#"):
            yield SettingsCommand(number, " ".join([words[5], *words[7:]]), words[4].partition(":")[0].partition(".")[0])


def xinetd(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield the servers that are not disabled."""
    told: dict[str, SettingsLine] = {}
    for one in [*assigned(text.replace("}", "\n[}]\nend = 1\n")), SettingsLine(0, "", "end", "")]:
        if one.key != "end":
            told[one.key.lower()] = one
            continue
        if "server" in told and told.get("disable", one).value.lower() != "yes":
            user = told["user"].value if "user" in told else ""
            yield SettingsCommand(told["server"].number, " ".join(told[key].value for key in ("server", "server_args") if key in told), user)
        told = {}


def incron(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield the commands of a table of incron, each behind a path and a mask."""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split(None, 2)
        if len(words) > 2 and words[0].startswith("/"):
            yield SettingsCommand(number, words[2])


HOOKS_OF_BORGMATIC: Final = pattern(r"[ \t]*(?:(?:before|after)_[a-z_]+|on_error|run):[ \t]*(.*)")
ITEM: Final = pattern(r"[ \t]*-[ \t]+(.*)")


def borgmatic(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield the commands of hooks, which are lists."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if match := HOOKS_OF_BORGMATIC.fullmatch(line.removeprefix("- ")):
            inside = not match[1]
        elif inside and (match := ITEM.fullmatch(line)):
            yield SettingsCommand(number, unquoted(match[1]))
        elif line.strip() and not line.strip().startswith("#"):
            inside = False


LOCAL: Final = ("127.0.0.1", "localhost", "::1", "0.0.0.0/0", "127.0.0.0/8", "::/0")


def zabbix(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield commands for a server that asks: anybody here may, where the host itself counts as one.

    The agent gives up root's rights unless it is told not to.
    """
    told = [one for one in assigned(text) if not one.section]
    values = {one.key: one.value for one in told}
    user = "" if values.get("AllowRoot", "0") == "1" else values.get("User", "zabbix")
    asked = any(name.strip() in LOCAL for name in values.get("Server", "").split(","))
    for one in told:
        if one.key == "UserParameter" and "," in one.value:
            yield SettingsCommand(one.number, one.value.partition(",")[2], user, asked)


def nrpe(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield commands for whoever asks, as nrpe_user."""
    user = next((one.value for one in assigned(text) if one.key == "nrpe_user"), "nagios")
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("command[") and "]=" in line:
            yield SettingsCommand(number, line.partition("]=")[2], user)


EXTENDS: Final = frozenset(("extend", "extend-sh", "exec", "sh", "execfix", "extendfix"))
"""Directives of snmpd with a name before the command."""
PASSES: Final = frozenset(("pass", "pass_persist"))
"""Directives with an object's number before it."""
OBJECT: Final = pattern(r"\.?[0-9]+(?:\.[0-9]+)+")
"""The number of an object, which may stand before a name."""
TAKES_VALUE: Final = ("-p", "-cacheTime", "-execType")
"""Options of a directive that take a value."""


def snmpd(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield the commands that snmpd runs when it is asked."""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words or words[0] not in EXTENDS | PASSES:
            continue
        rest = words[1:]
        while rest and rest[0].startswith("-"):
            rest = rest[2 if rest[0] in TAKES_VALUE else 1 :]
        skipped = 2 if words[0] in EXTENDS and rest and OBJECT.fullmatch(rest[0]) else 1
        if rest[skipped:]:
            yield SettingsCommand(number, " ".join(rest[skipped:]))


def pm2(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield the programs of a list that pm2 has saved, to start them again: as the user of pm2 unless the list says another."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return
    for one in listed if isinstance(listed, list) else ():
        path, by, user = (one.get(key) for key in ("pm_exec_path", "exec_interpreter", "uid")) if isinstance(one, dict) else (None, None, None)
        if isinstance(path, str) and "\n" not in path:
            words = [by] if isinstance(by, str) and by != "none" else []
            yield SettingsCommand(
                1, " ".join(map(shlex.quote, [*words, path])), str(user) if isinstance(user, int | str) and not isinstance(user, bool) else ""
            )


def munin(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield the plugins that run as another user than munin-node's own: whoever may ask has each run."""
    for one in assigned(text.replace("\nuser ", "\nuser = ")):
        if one.key == "user" and one.section and "/" not in one.section:
            yield SettingsCommand(one.number, f"/etc/munin/plugins/{one.section}", one.value)


def lxc(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield the hooks of a container that run on the host, as root, also for a container without privileges."""
    for one in assigned(text):
        if one.key in HOST_HOOKS and one.value:
            yield SettingsCommand(one.number, one.value)


HOST_HOOKS: Final = frozenset(f"lxc.hook.{name}" for name in ("pre-start", "start-host", "stop", "post-stop", "clone", "destroy"))
WG_HOOKS: Final = frozenset(("preup", "postup", "predown", "postdown"))
HOOKS_OF_CERTBOT: Final = frozenset(f"{when}{sign}hook" for when in ("pre", "post", "renew", "deploy") for sign in "_-")
BACKS_UP: Final = frozenset(("cmd_preexec", "cmd_postexec", "backup_script"))
SMB: Final = frozenset(("root preexec", "root postexec", "add user script", "add machine script", "passwd program"))
ON_EVENT: Final = pattern(r".*[ \t]-M[ \t]+exec[ \t]+([^ \t]+).*")


def smartd(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield what smartd runs when a disk fails."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.lstrip().startswith("#") and (match := ON_EVENT.fullmatch(line)):
            yield SettingsCommand(number, match[1], sure=False)


def nothing(text: str, folder: str) -> Iterator[SettingsCommand]:
    """Yield nothing: what this service runs is in directories."""
    return iter(())


OF_PUPPET: Final = ("modules", "environments", "environments/*", "environments/*/manifests", "environments/*/modules", "environments/*/modules/*")
FILE: Final = {"-c": "file", "--config": "file", "--configuration": "file"}
SERVICES: Final[Mapping[str, SettingsOfService]] = {
    "snmpd": SettingsOfService(
        "snmpd, when it is asked",
        ("/etc/snmp/snmpd.conf", "/etc/snmp/snmpd.local.conf"),
        snmpd,
        "snmpd.conf(5), EXTENDING AGENT FUNCTIONALITY; snmpd(8): -u",
        {**dict.fromkeys(("-x", "-p", "-M", "-m", "-D", "-I", "-g"), "value"), "-c": "value", "-u": "user"},
    ),
    "supervisord": SettingsOfService(
        "supervisord",
        ("/etc/supervisor/supervisord.conf", "/etc/supervisord.conf"),
        supervisor,
        "documentation of Supervisor, Configuration File",
        {**FILE, "-u": "user", "--user": "user", **dict.fromkeys(("-l", "-j", "-q", "-e", "-d"), "value")},
        pattern(r"[ \t]*files[ \t]*=[ \t]*(.*)"),
    ),
    "keepalived": SettingsOfService(
        "keepalived",
        ("/etc/keepalived/keepalived.conf",),
        keepalived,
        "keepalived.conf(5): vrrp_script, notify, script_user",
        {"-f": "file", "--use-file": "file"},
        pattern(r"[ \t]*include[ \t]+(.*)"),
    ),
    "monit": SettingsOfService(
        "monit",
        ("/etc/monit/monitrc", "/etc/monitrc"),
        monit,
        "monit(1): CHECK PROGRAM, SERVICE METHODS, EXEC",
        {"-c": "file", **dict.fromkeys(("-d", "-l", "-p", "-s", "-g"), "value")},
        pattern(r"[ \t]*include[ \t]+(.*)"),
    ),
    "openvpn": SettingsOfService(
        "OpenVPN",
        ("/etc/openvpn/*.conf", "/etc/openvpn/server/*.conf", "/etc/openvpn/client/*.conf"),
        openvpn,
        "openvpn(8): SCRIPTING INTEGRATION, --script-security",
        named=True,
    ),
    "wg-quick": SettingsOfService("wg-quick", ("/etc/wireguard/*.conf",), _of_keys(WG_HOOKS), "wg-quick(8): PreUp, PostUp", named=True),
    "certbot": SettingsOfService(
        "certbot, when it renews",
        ("/etc/letsencrypt/cli.ini", "/etc/letsencrypt/renewal/*.conf"),
        _of_keys(HOOKS_OF_CERTBOT),
        "documentation of certbot: hooks",
    ),
    "pm2": SettingsOfService("pm2", ("/root/.pm2/dump.pm2",), pm2, "documentation of pm2: startup, save"),
    "munin-node": SettingsOfService("munin-node, when it is asked", ("/etc/munin/plugin-conf.d/*",), munin, "documentation of Munin: plugin-conf.d"),
    **dict.fromkeys(
        ("lxc-containers", "lxc-autostart", "lxc-start"),
        SettingsOfService(
            "LXC",
            ("/var/lib/lxc/*/config",),
            lxc,
            "lxc.container.conf(5): lxc.hook.pre-start, lxc.include",
            include=pattern(r"[ \t]*lxc\.include[ \t]*=[ \t]*(.*)"),
        ),
    ),
    "puppet": SettingsOfService(
        "puppet apply",
        (),
        nothing,
        "documentation of Puppet: modulepath, environmentpath; facts and functions in lib of every module are loaded",
        loads=tuple(f"{code}/{one}" for code in ("/etc/puppet/code", "/etc/puppetlabs/code") for one in OF_PUPPET),
        told=frozenset(("apply",)),
    ),
    "salt-call": SettingsOfService(
        "salt-call --local", (), nothing, "documentation of Salt: file_roots", loads=("/srv/salt", "/srv/salt/*"), told=frozenset(("--local",))
    ),
    **dict.fromkeys(
        ("chef-client", "chef-solo", "cinc-client", "cinc-solo"),
        SettingsOfService(
            "Chef without a server",
            (),
            nothing,
            "documentation of Chef: cookbook_path",
            loads=("/var/chef/cookbooks", "/var/chef/cookbooks/*"),
            told=frozenset(("-z", "--local-mode", "chef-solo", "cinc-solo")),
        ),
    ),
    "inetd": SettingsOfService("inetd, for who connects", ("/etc/inetd.conf", "/etc/inetd.d/*"), inetd, "inetd.conf(5)"),
    "xinetd": SettingsOfService(
        "xinetd, for who connects",
        ("/etc/xinetd.conf",),
        xinetd,
        "xinetd.conf(5)",
        {"-f": "file"},
        pattern(r"[ \t]*include(?:dir)?[ \t]+(.*)"),
    ),
    "incrond": SettingsOfService("incron", ("/etc/incron.d/*", "/var/spool/incron/root"), incron, "incrontab(5)"),
    "rsnapshot": SettingsOfService("rsnapshot", ("/etc/rsnapshot.conf",), _of_words(BACKS_UP), "rsnapshot(1), CONFIGURATION", {"-c": "file"}),
    "borgmatic": SettingsOfService(
        "borgmatic", ("/etc/borgmatic/config.yaml", "/etc/borgmatic.d/*"), borgmatic, "documentation of borgmatic: hooks", {**FILE, "-v": "value"}
    ),
    "smartd": SettingsOfService("smartd, when a disk fails", ("/etc/smartd.conf",), smartd, "smartd.conf(5): -M exec", {"-c": "file"}),
    "mdadm": SettingsOfService(
        "mdadm, when a disk fails", ("/etc/mdadm/mdadm.conf", "/etc/mdadm.conf"), _of_words(frozenset(), frozenset(("PROGRAM",))), "mdadm.conf(5): PROGRAM"
    ),
    "dnsmasq": SettingsOfService(
        "dnsmasq, at each lease",
        ("/etc/dnsmasq.conf", "/etc/dnsmasq.d/*"),
        _of_keys(frozenset(("dhcp-script",))),
        "dnsmasq(8): --dhcp-script, --dhcp-scriptuser",
        {"-C": "file", "--conf-file": "file"},
    ),
    "acpid": SettingsOfService("acpid, at an event", ("/etc/acpi/events/*",), _of_keys(frozenset(), frozenset(("action",))), "acpid(8)"),
    "smbd": SettingsOfService("smbd", ("/etc/samba/smb.conf",), _of_keys(frozenset(), SMB), "smb.conf(5): root preexec", {"-s": "file"}),
    "zabbix_agentd": SettingsOfService(
        "Zabbix' agent, when it is asked",
        ("/etc/zabbix/zabbix_agentd.conf", "/etc/zabbix_agentd.conf"),
        zabbix,
        "documentation of Zabbix: UserParameter, AllowRoot",
        FILE,
        pattern(r"[ \t]*Include[ \t]*=[ \t]*(.*)"),
    ),
    "nrpe": SettingsOfService(
        "NRPE, when it is asked",
        ("/etc/nagios/nrpe.cfg",),
        nrpe,
        "nrpe.cfg of NRPE: command, nrpe_user",
        {"-c": "file"},
        pattern(r"[ \t]*include(?:_dir|_file)?[ \t]*=[ \t]*(.*)"),
    ),
}
