"""Hosts on which a program of an engine gives its caller root's rights; somebody becomes root with it before a scan is asked, and on the twin nobody can.

What docker runs as root for its caller is a plugin of the caller's own; unshare runs any command.
"""

from collections.abc import Callable

from hosts.planting import PYTHON, D, Host, Plant, all_of, as_user, both, engine, shell
from hosts.rows_root_programs import PROGRAM, SCRIPT, file, table
from real_engines.rootless_world import RootlessWorld

Proof = Callable[[RootlessWorld], bool]
OPT = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt"
TOOL = "/opt/tool"
COPY = "cp -L $(command -v {program}) {path}; chown root:{group} {path}; chmod {mode} {path}"
PLUGIN = """install -d -m 0755 /run/caller/cli-plugins; cat > /run/caller/cli-plugins/docker-root <<'END'
#!/usr/bin/python3 -I
import os, sys
if sys.argv[1] == "docker-cli-plugin-metadata":
    print('{{"SchemaVersion": "0.1.0", "Vendor": "x", "Version": "1", "ShortDescription": "x"}}')
else:
    os.setuid(0)
END
chmod 0755 /run/caller/cli-plugins/docker-root"""
ROOT = "import os; os.setuid(0)"
NONE = {"HC-ACC-12": "notapplicable"}


def runs(user: str, *argv: str, does: bool = True) -> Proof:
    """Return the proof that a program of a user's can execute another, or cannot: what setpriv(1) executes itself it finds with root's capabilities."""
    return as_user(user, "env", *argv, does=does)


def copy(path: str = TOOL, mode: str = "4755", group: str = "root", program: str = "docker") -> Plant:
    """Return the planting of a copy of a program, and of a plugin that is root if it can be."""
    return shell(OPT, f"mkdir -p $(dirname {path})", COPY.format(program=program, path=path, mode=mode, group=group), PLUGIN.format())


def plugs(user: str, path: str = TOOL, *, does: bool = True) -> Proof:
    """Return the proof that a user's plugin becomes root by a copy of docker, or does not."""
    return runs(user, path, "--config", "/run/caller", "root", does=does)


def asks(*, does: bool = True) -> Proof:
    """Return the proof that a copy of docker gets an answer of root's engine for nobody, or none."""
    return runs("nobody", TOOL, "-H", f"unix://{D}", "version", "--format", "{{.Server.Version}}", does=does)


def host(name: str, plant: Plant, proof: Proof, *fails: str, twin: str, **more: object) -> Host:
    """Return a host that is about this rule alone."""
    told = {"also": {} if fails else NONE, "values": (), **more}
    return Host(name=name, plant=plant, proof=proof, fails=fails, twin=twin, alone=True, **told)  # type: ignore[arg-type]


HOSTS = [
    host("a setuid copy of docker under another name", copy(), plugs("nobody"), f"HC-ACC-12 {TOOL}", twin="a setuid copy of docker on a mount with nosuid"),
    host(
        "a setuid copy of docker on a mount with nosuid",
        all_of(copy(), shell("mount --no-mtab -o remount,nosuid /opt")),
        plugs("nobody", does=False),
        twin="a setuid copy of docker under another name",
    ),
    host(
        "a copy of docker with the mode of a program",
        copy(mode="0755"),
        plugs("nobody", does=False),
        twin="a setuid copy of docker under another name",
    ),
    host(
        "a setuid copy of docker below a directory that nobody can enter",
        all_of(copy("/opt/shut/tool"), shell("chmod 0700 /opt/shut")),
        plugs("nobody", "/opt/shut/tool", does=False),
        twin="a setuid copy of docker under another name",
        also={"HC-ACC-12 /opt/shut/tool": "pass"},
    ),
    host(
        "a setuid copy of docker that one group may execute",
        copy(mode="4750", group="4003"),
        both(plugs("carol"), plugs("nobody", does=False)),
        f"HC-ACC-12 {TOOL}",
        twin="a setuid copy of docker for a group of approved users",
        says={f"HC-ACC-12 {TOOL}": "carol"},
    ),
    host(
        "a setuid copy of docker for a group of approved users",
        copy(mode="4750", group="4003"),
        both(plugs("carol"), plugs("nobody", does=False)),
        twin="a setuid copy of docker that one group may execute",
        also={f"HC-ACC-12 {TOOL}": "pass"},
        values=("approved_users=carol",),
    ),
    host(
        "a setuid script that is called docker",
        shell(OPT, "printf '#!/usr/bin/python3 -I\\nimport os\\nos.setuid(0)\\n' > /opt/docker; chmod 4755 /opt/docker"),
        runs("nobody", "/opt/docker", does=False),
        twin="a setuid copy of docker under another name",
    ),
    host(
        "a copy of docker that passes over permissions",
        all_of(copy(mode="0755"), shell(f"setcap cap_dac_override=ep {TOOL}"), engine()),
        asks(),
        f"HC-ACC-12 {TOOL}",
        twin="a copy of docker with a capability that opens nothing",
    ),
    host(
        "a copy of docker with a capability that opens nothing",
        all_of(copy(mode="0755"), shell(f"setcap cap_net_bind_service=ep {TOOL}"), engine()),
        asks(does=False),
        twin="a copy of docker that passes over permissions",
    ),
    host(
        "a setuid copy of unshare in a home",
        all_of(shell("chmod 0755 {home}/dave"), copy("{home}/dave/.u", program="unshare")),
        runs("nobody", "{home}/dave/.u", "--mount", *PYTHON, ROOT),
        "HC-ACC-12 {home}/dave/.u",
        twin="a copy of unshare in a home that gives its owner alone",
        remains={"HC-ACC-12 {home}/dave/.u": "dave can put another file there, so that no command is given"},
    ),
    host(
        "a copy of unshare in a home that gives its owner alone",
        all_of(shell("chmod 0755 {home}/dave"), copy("{home}/dave/.u", program="unshare"), shell("chown dave {home}/dave/.u; chmod 4755 {home}/dave/.u")),
        runs("nobody", "{home}/dave/.u", "--mount", *PYTHON, ROOT, does=False),
        twin="a setuid copy of unshare in a home",
    ),
    host(
        "a setuid copy of a shell",
        copy(program="bash"),
        runs("nobody", TOOL, "-p", "-c", "[ $EUID = 0 ]"),
        f"HC-ACC-23 {TOOL}",
        "HC-ACC-20 every local user",
        twin="a copy of a shell with the mode of a program",
    ),
    host(
        "a copy of a shell with the mode of a program",
        copy(mode="0755", program="bash"),
        runs("nobody", TOOL, "-p", "-c", "[ $EUID = 0 ]", does=False),
        twin="a setuid copy of a shell",
        also={"HC-ACC-23": "notapplicable", "HC-ACC-20 every local user": "pass"},
    ),
    host(
        "a script of root's cron that is dave's",
        all_of(table(SCRIPT), file(SCRIPT, PROGRAM, f"chown dave {SCRIPT}")),
        as_user("dave", "test", "-w", SCRIPT),
        "HC-ACC-20 dave",
        twin="a script of root's cron that is root's",
    ),
    host(
        "a script of root's cron that is root's",
        all_of(table(SCRIPT), file(SCRIPT, PROGRAM, f"chown root {SCRIPT}")),
        as_user("dave", "test", "-w", SCRIPT, does=False),
        twin="a script of root's cron that is dave's",
        also={"HC-ACC-20 every local user": "pass"},
    ),
]
