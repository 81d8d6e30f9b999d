"""What programs really give whoever executes them, each tried as a user before a scan is asked: setuid_abilities.py is true, and so is what follows.

Nobody is asked what a program is for: it is root for certain where somebody put a file into a directory of root's with it.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hosts.planting import NAMES, can, end, shell
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner
from real_engines.world import USERS

from hostcheck import registry
from hostcheck.derive import derive
from hostcheck_builtin.privileged_programs.setuid_abilities import ABILITIES, CALLS, MODES, OWNERS, RUNS, WRITES, called
from hostcheck_builtin.privileged_programs.setuid_kinds import ALONE
from hostcheck_builtin.privileged_programs.setuid_powers import Power, is_certain

DONE = "/run/roots/done"
RUN = ("/usr/bin/python3", "-I", "/run/caller/root.py")
ROOT = f"import os; os.setuid(0); open('{DONE}', 'w').close()"
RAISED = (
    "import ctypes, os, struct; sets = struct.pack('6I', 1 << 7, 1 << 7, 0, 0, 0, 0); "
    f"ctypes.CDLL(None).syscall(126, struct.pack('II', 0x20080522, 0), sets); {ROOT}"
)
BIND = f"import ctypes, os; ctypes.CDLL(None).mount(b'/run/caller', b'/run/roots', None, 4096, None) and os._exit(1); open('{DONE}', 'w').close()"
MAKEFILE = "done:\n\t@" + " ".join(RUN)
RECIPES: dict[str, tuple[set[str], tuple[str, ...]]] = {
    **{name: ({RUNS}, ("-p", "-c", '"$0" "$@"', *RUN)) for name in ("bash", "dash")},
    **{name: ({RUNS}, RUN) for name in ("env", "nice", "ssh-agent", "ld-linux-x86-64.so.2")},
    **{"find": ({RUNS}, ("/run/caller", "-maxdepth", "0", "-exec", *RUN, ";")), "timeout": ({RUNS}, ("9", *RUN)), "taskset": ({RUNS}, ("1", *RUN))},
    **{name: ({RUNS}, RUN) for name in ("nohup", "linux64", "time")},
    **{"prlimit": ({RUNS}, ("--nofile=99", *RUN)), "choom": ({RUNS}, ("-n", "0", "--", *RUN)), "setarch": ({RUNS}, ("linux64", *RUN))},
    **{"xargs": ({RUNS}, ("-a", "/dev/null", *RUN)), "flock": ({RUNS}, ("/run/caller", *RUN)), "chroot": ({RUNS}, ("/", *RUN))},
    **{"stdbuf": ({RUNS}, ("-o0", *RUN)), "strace": ({RUNS}, ("-f", "-o", "/dev/null", *RUN)), "ionice": ({RUNS}, ("-c3", *RUN))},
    **{"setpriv": ({CALLS}, ("--reuid=0", "--clear-groups", *RUN)), "socat": ({RUNS}, ("-u", f"EXEC:{' '.join(RUN)}", "-"))},
    **{
        "start-stop-daemon": ({RUNS}, ("--start", "--name", "no-such-name", "--startas", RUN[0], "--", *RUN[1:])),
        "run-parts": ({RUNS}, ("--regex", "^part$", "/run/caller/parts")),
    },
    **{"make": ({RUNS}, ("-s", "--eval", MAKEFILE, "done")), "tclsh8.6": ({RUNS}, ("/run/caller/run.tcl",)), "python3": ({CALLS}, RUN[1:])},
    **{"perl": ({CALLS}, ("-e", f"$< = $>; open(F, '>', '{DONE}')")), "node": ({CALLS}, ("-e", f"process.setuid(0); fs.writeFileSync('{DONE}', '')"))},
    **{"gdb": ({CALLS}, ("-nx", "-batch", "-ex", f"python {ROOT}")), "vi": ({WRITES}, ("-es", "-c", f"w! {DONE}", "-c", "q"))},
    **{"mawk": ({WRITES}, (f'BEGIN {{ print > "{DONE}" }}',)), "sed": ({WRITES}, ("-n", f"w {DONE}", "/etc/hostname")), "tee": ({WRITES}, (DONE,))},
    **{name: ({WRITES}, ("/etc/hostname", DONE)) for name in ("cp", "install")},
    **{"mv": ({WRITES}, ("/run/caller/moved", DONE)), "dd": ({WRITES}, ("if=/etc/hostname", f"of={DONE}"))},
    **{"tar": ({WRITES}, ("cf", DONE, "-C", "/", "etc/hostname")), "chmod": ({MODES}, ("0777", "/run/roots")), "chown": ({OWNERS}, ("65534", "/run/roots"))},
}
"""By the name of a program what it can do, and what a user tells it for that."""
CAPABLE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "python calls setuid": ("python3", "cap_setuid=ep", ("-I", "-c", ROOT)),
    "python puts it in force": ("python3", "cap_setuid=p", ("-I", "-c", RAISED)),
    "perl calls setuid": ("perl", "cap_setuid=ep", ("-e", f"$< = 0; $> = 0; open(F, '>', '{DONE}')")),
    "setpriv calls setuid": ("setpriv", "cap_setuid=ep", ("--reuid=0", *RUN)),
    "bash calls nothing": ("bash", "cap_setuid=ep", ("-p", "-c", " ".join(RUN))),
    "env calls nothing": ("env", "cap_setuid=ep", RUN),
    "bash writes": ("bash", "cap_dac_override=ep", ("-c", f": > {DONE}")),
    "tar writes": ("tar", "cap_dac_override=ep", ("cf", DONE, "-C", "/", "etc/hostname")),
    "env writes nothing": ("env", "cap_dac_override=ep", RUN),
    "chown takes": ("chown", "cap_chown=ep", ("65534", "/run/roots")),
    "chmod opens": ("chmod", "cap_fowner=ep", ("0777", "/run/roots")),
    "python mounts": ("python3", "cap_sys_admin=ep", ("-I", "-c", BIND)),
    "python reads alone": ("python3", "cap_dac_read_search=ep", ("-I", "-c", ROOT)),
}


@pytest.fixture(scope="module")
def bench() -> Iterator[RootlessWorld]:
    """Give a host with a place for programs, and one where only root can put a file."""
    world = RootlessWorld()
    try:
        shell(
            "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt",
            f"install -d -m 0777 /run/caller /run/caller/parts; echo {shlex.quote(ROOT)} > {RUN[-1]}; touch /run/caller/moved",
            f"printf '#!/usr/bin/python3 -I\\n%s\\n' {shlex.quote(ROOT)} > /run/caller/parts/part; chmod 0755 /run/caller/parts/part",
            f"echo 'exec {' '.join(RUN)}' > /run/caller/run.tcl",
        )(world)
        yield world
    finally:
        end(world)


def tried(world: RootlessWorld, name: str, told: tuple[str, ...], *changes: str) -> bool:
    """Say whether nobody can put a file into root's directory by a copy of a program that was changed so."""
    source = world.run("sh", "-c", f"PATH=/usr/bin:/usr/sbin:/bin:/sbin command -v {name} || ls /lib64/{name} || true", user="root").strip()
    assert source and can(world, "root", "test", "-x", source), f"install the package of {name}, as .ci/run does: what it gives can only be tried with it"
    setup = f"rm -rf /run/roots /opt/{name}; install -d -m 0755 /run/roots; cp -L {source} /opt/{name}; chown root:root /opt/{name}; chmod 0755 /opt/{name}"
    world.run("sh", "-ec", "; ".join((setup, *changes)))
    can(world, "nobody", "env", "-i", "PATH=/usr/bin:/bin", f"/opt/{name}", *told)
    can(world, "nobody", "env", "touch", DONE)
    return can(world, "root", "test", "-e", DONE)


@pytest.mark.parametrize("name", RECIPES)
def test_what_a_setuid_copy_of_a_program_gives(bench: RootlessWorld, name: str) -> None:
    able, told = RECIPES[name]
    assert not tried(bench, name, told)
    assert tried(bench, name, told, f"chmod 4755 /opt/{name}")
    assert able <= ABILITIES[called(name)] and is_certain(Power("setuid", 0), "shell", name, traces=True)


HOOK = "#!/usr/bin/python3 -I\n" + ROOT
PLUGIN = f"""#!/usr/bin/python3 -I
import os, sys
if sys.argv[1] == "docker-cli-plugin-metadata":
    print('{{"SchemaVersion": "0.1.0", "Vendor": "x", "Version": "1", "ShortDescription": "x"}}')
else:
    {ROOT}
"""
BUNDLE = {
    "ociVersion": "1.0.2",
    "process": {"user": {"uid": 0, "gid": 0}, "args": ["/none"], "cwd": "/"},
    "root": {"path": "/run/caller/rootfs"},
    "hooks": {"createRuntime": [{"path": "/run/caller/hook"}]},
    "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"}]},
}
ENGINES = {
    "docker": ("--config", "/run/caller", "root"),
    "nsenter": ("--mount=/proc/self/ns/mnt", *RUN),
    "runc": ("--root", "/run/caller/state", "run", "--bundle", "/run/caller", "none"),
    "unshare": ("--mount", *RUN),
}


def test_the_engines_that_need_nothing_else_are_these() -> None:
    assert set(ENGINES) == ALONE


@pytest.mark.parametrize("name", ENGINES)
def test_what_a_setuid_copy_of_an_engines_program_gives(bench: RootlessWorld, name: str) -> None:
    files = {"hook": HOOK, "cli-plugins/docker-root": PLUGIN, "config.json": json.dumps(BUNDLE)}
    bench.run("install", "-d", "-m", "0777", "/run/caller/cli-plugins", "/run/caller/rootfs")
    for path, text in files.items():
        bench.run("sh", "-ec", f'printf %s "$1" > /run/caller/{path}; chmod 0755 /run/caller/{path}', "sh", text)
    assert not tried(bench, name, ENGINES[name])
    assert tried(bench, name, ENGINES[name], f"chmod 4755 /opt/{name}") and is_certain(Power("setuid", 0), "engine", name, traces=True)


@pytest.mark.parametrize("name", ["mawk", "vi", "tar", "bash", "dash"])
def test_what_runs_commands_by_a_shell_that_lays_rights_down_gives_none(bench: RootlessWorld, name: str) -> None:
    command = " ".join(RUN)
    ways = {
        **{
            "mawk": (f'BEGIN {{ system("{command}") }}',),
            "vi": ("-es", "-c", f"!{command}", "-c", "q"),
            "bash": ("-c", command),
            "dash": ("-c", command),
        },
        "tar": ("cf", "/dev/null", "/etc/hostname", "--checkpoint=1", f"--checkpoint-action=exec={command}"),
    }
    assert not tried(bench, name, ways[name], f"chmod 4755 /opt/{name}")


@pytest.mark.parametrize("case", CAPABLE)
def test_what_a_capability_of_a_program_gives(bench: RootlessWorld, case: str) -> None:
    name, capability, told = CAPABLE[case]
    words, _, flags = capability.partition("=")
    power = Power("capabilities", 0, (words.removeprefix("cap_").upper(),), "e" in flags)
    try:
        assert not tried(bench, name, told)
        assert tried(bench, name, told, f"setcap {capability} /opt/{name}") is is_certain(power, "shell", name, traces=True)
    finally:
        can(bench, "root", "umount", "/run/roots")


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A program that gives rights, or does not: how it is planted, who becomes root by it, and what is said of it, nothing where it gives nothing."""

    name: str
    path: str
    plant: str
    roots: tuple[str, ...] = ()
    says: dict[str, object] | None = None
    becomes: int = 0
    tell: tuple[str, ...] = ("-p", "-c", "exec {python} -I -c 'import os; os.setresuid({uid}, {uid}, {uid})'")


ALL = (*USERS, "nobody")
OPT = "mount --no-mtab -t tmpfs -o mode=0755,{options} tmpfs /opt"
SHELL = "cp -L /usr/bin/bash {path}; chown {owner} {path}; chmod {mode} {path}"
SURE = {"kind": "shell", "is": "bash", "by": "setuid", "as_uid": 0, "certain": True}
PY = ("-I", "-c", "import os; os.setresuid({uid}, {uid}, {uid})")


def in_opt(mode: str = "4755", owner: str = "root:root", *more: str, options: str = "suid") -> str:
    return "; ".join((OPT.format(options=options), SHELL.format(path="/opt/x", owner=owner, mode=mode), *more))


HOMES = "chmod {home} {{home}}/alice; " + SHELL.format(path="{{home}}/alice/.x", owner="root", mode="4755")
PLANTED = [
    Planted(name="a shell in a home that all may enter", path="{home}/alice/.x", plant=HOMES.format(home="0755"), roots=ALL, says=SURE),
    Planted(name="a shell in a home that is closed", path="{home}/alice/.x", plant=HOMES.format(home="0700"), roots=("alice",), says=SURE),
    Planted(name="a shell in /opt", path="/opt/x", plant=in_opt(), roots=ALL, says=SURE),
    Planted(name="a shell on a mount with nosuid", path="/opt/x", plant=in_opt(options="nosuid")),
    Planted(name="a shell on a mount with noexec", path="/opt/x", plant=in_opt(options="noexec")),
    Planted(name="a shell without the bit", path="/opt/x", plant=in_opt("0755")),
    Planted(name="a shell for one group", path="/opt/x", plant=in_opt("4750", "root:4003"), roots=("carol",), says=SURE),
    Planted(name="a shell for one user by an ACL", path="/opt/x", plant=in_opt("4700", "root", "setfacl -m u:erin:x /opt/x"), roots=("erin",), says=SURE),
    Planted(name="a shell for root alone", path="/opt/x", plant=in_opt("4700"), says=SURE),
    Planted(
        name="a shell below a directory that nobody can enter",
        path="/opt/shut/x",
        plant=in_opt("4755", "root", "install -d -m 0700 /opt/shut", "mv /opt/x /opt/shut/x"),
        says=SURE,
    ),
    Planted(name="a shell of another user's", path="/opt/x", plant=in_opt("4755", "alice"), roots=ALL, becomes=4001, says={**SURE, "as_uid": 4001}),
    Planted(
        name="python that may become anybody",
        path="/opt/x",
        plant=f"{OPT.format(options='suid')}; cp -L /usr/bin/python3 /opt/x; setcap cap_setuid=ep /opt/x",
        roots=ALL,
        says={"kind": "shell", "is": "python", "by": "capabilities", "capabilities": ["SETUID"], "as_uid": 0, "certain": True},
        tell=PY,
    ),
    Planted(
        name="python that may in a user namespace alone",
        path="/opt/x",
        plant=f"{OPT.format(options='suid')}; cp -L /usr/bin/python3 /opt/x; setcap -n 100000 cap_setuid=ep /opt/x",
        tell=PY,
    ),
]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_who_becomes_whom_by_a_program_is_said(planted: Planted, scan: Scanner) -> None:
    world = RootlessWorld()
    try:
        shell(planted.plant)(world)
        path = planted.path.replace("{home}", f"{world.base}/home")
        assert {user for user in ALL if becomes(world, user, path, planted)} == set(planted.roots)
        scanned = scan(world, "--rule", "HC-ACC-12", "--rule", "HC-ACC-23")
    finally:
        end(world)
    found, judged = programs(scanned), scanned.results().get(("HC-ACC-23", path))
    assert judged == (None if planted.says is None or planted.becomes else "fail" if planted.roots else "pass")
    if planted.says is None:
        assert path not in found
        return
    one = found[path]
    assert {fact: list(one[fact]) if fact == "capabilities" else one[fact] for fact in planted.says} == planted.says
    own = {user for user in ALL if NAMES[user][0] == planted.becomes}
    assert {user for user in ALL if one["executed_by"]["everyone"] or user in one["executed_by"]["users"]} - own == set(planted.roots) - own


def becomes(world: RootlessWorld, user: str, path: str, planted: Planted) -> bool:
    """Say whether a user runs something with the uid that a program gives; setpriv(1) executes by root's capabilities, and env(1) by none."""
    told = (word.format(python="/usr/bin/python3", uid=planted.becomes) for word in planted.tell)
    return can(world, user, "env", path, *told)


def programs(scanned: object) -> dict[str, dict[str, object]]:
    """Return what setuid-access makes of the evidence of a scan."""
    known = registry.load()
    told: dict[str, dict[str, object]] = derive(scanned.evidence, known.probes, known.analyses, {}).document["setuid-access"]["programs"]  # type: ignore[attr-defined]
    return told


def test_a_users_flood_at_home_does_not_hide_a_shell_of_roots(scan: Scanner) -> None:
    """Neither does it where the user's names are more than are looked at of one user, of which there is a hole that names place and user."""
    world = RootlessWorld()
    flood = "import os\nfor count in range(300):\n    os.close(os.open(f'a{count}', os.O_CREAT)); os.chmod(f'a{count}', 0o4755)"
    try:
        shell(HOMES.format(home="0755"))(world)
        world.run(
            "sh", "-c", f"cd {world.base}/home/alice && exec setpriv --reuid=4001 --regid=4001 --clear-groups /usr/bin/python3 -I -c {shlex.quote(flood)}"
        )
        found = programs(scan(world, "--rule", "HC-ACC-12"))
        path = f"{world.base}/home/alice/.x"
    finally:
        end(world)
    assert found[path]["certain"] is True and 0 < sum("/alice/a" in one for one in found) < 300


def test_a_copy_of_a_shell_that_lies_deep_is_found_where_whole_file_systems_are_walked(bench: RootlessWorld, scan: Scanner) -> None:
    """It lies on a file system of its own, below a directory that only its group may enter."""
    deep, own = "/opt/deep/a/b/c/d", "/opt/deep/a/b/c/d/own"
    try:
        for mode, found in (("4755", True), ("0755", False)):
            bench.run("sh", "-ec", f"install -d -m 0755 {deep}; cp -L /bin/bash {own}; chmod {mode} {own}; chgrp carol /opt/deep/a; chmod 0750 /opt/deep/a")
            bench.run("sh", "-ec", "rm -rf /run/roots; install -d -m 0755 /run/roots")
            can(bench, "carol", own, "-p", "-c", " ".join(("exec", *RUN)))
            assert can(bench, "root", "test", "-e", DONE) is found
            usual, whole = (scan(bench, "--rule", "HC-ACC-20", *more) for more in ((), ("--deep",)))
            told = [any(step["to"] == f"program:{own}" for path in one.report["paths"] for step in path["steps"]) for one in (usual, whole)]
            assert told == [False, found] and "setuid-programs-deep" not in usual.evidence["probes"]
            assert [one.results().get(("HC-ACC-20", "carol")) == "fail" for one in (usual, whole)] == [False, found]
            # what else lies on the machine may be anybody's, and change while it is walked
            assert not [hole for hole in whole.evidence["probes"]["setuid-programs-deep"]["holes"] if "/opt/deep" in str(hole)]
            assert any("--deep" in one for one in usual.report["not_examined"])
            assert not any("--deep" in one for one in whole.report["not_examined"])
    finally:
        bench.run("rm", "-rf", "/opt/deep")
