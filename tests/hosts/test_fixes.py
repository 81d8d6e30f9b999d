"""Every fix is run: what is planted is found, each command of its fix is pasted as root, and a second scan says what became of the host.

Stand-ins take the place of systemctl and loginctl, and a copy that of /proc/sys; nothing of the machine itself is written, which is compared at the end.
"""

import hashlib
import json
import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import pasting
from hosts.planting import D, Host, end, engine, lines, own_settings, session, shell
from hosts.test_hosts import ROWS
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner
from real_engines.world import DOCKER_GID, USERS

from hostcheck import registry

COUNTS: dict[str, dict[str, int]] = {}
FAULTS = [row for row in ROWS if row.fails]
FULL = bool(os.environ.get("HOSTCHECK_TEST_FULL"))
EACH = len(FAULTS) if FULL else 1
"""On how many hosts at least the fixes of a rule are run: all of them take a quarter of an hour. CI runs every second of the others, `tox -e views` all."""
ALSO = {"another name of the same group, without members", "root's socket is a user's", "a guest whose LXD is open to the network"}
"""The first hosts on which HC-ACC-09, HC-ACC-02 and HC-VMX-06 fail get notes: a line of group.conf to edit, a program to look for, a port to close."""
MACHINE = ("/etc", "/usr/lib/systemd", "/usr/lib/sysctl.d", "/usr/lib/sysusers.d", "/usr/bin", "/usr/sbin", "/boot", "/var/lib/systemd")
"""What of the machine a fix could have written, had it not been kept from it."""
NO_HOST = {
    **dict.fromkeys(("HC-ACC-10", "HC-ACC-11"), "its command changes sudoers, and is run on files in tests/privileged_programs"),
    "HC-AUD-01": "its rules would be loaded into the kernel of the machine, which has one list for all hosts",
    "HC-AUD-02": "its command is about packages of Docker's repository",
    **dict.fromkeys(
        ("HC-CTR-02", "HC-CTR-26", "HC-CTR-27", "HC-CTR-28", "HC-CTR-29"), "a dockerd with containers is needed: its commands are run in tests/real_engines"
    ),
    **dict.fromkeys(("HC-AUD-05", "HC-CTR-34", "HC-POD-01"), "an engine with containers is needed, to list, or to remove, what only a person can choose"),
    "HC-DKD-20": "dockerd 28 is needed for its settings, and earlier ones do not start with them",
    "HC-KRN-08": "its setting is shown in the first network namespace alone, and a host has one of its own",
    "HC-KRN-18": "a kernel with SELinux is needed, and a Fedora for grubby",
    "HC-KRN-19": "grubby of a Fedora is needed, and its change shows after a reboot alone",
    "HC-NTW-04": "a dockerd with networks is needed: its commands are run in tests/real_engines",
    "HC-RTL-05": "the controllers that a user is given are those of the machine, by its control groups and its systemd",
    "HC-RTL-06": "no systemd runs here, so that no engine of a user's is a unit",
    "HC-RTL-07": "no systemd runs here, so that no engine of a user's is a unit",
    "HC-RTL-09": "no systemd runs here, so that no engine of a user's is a unit",
}
"""By hand: the rules with a command that no host runs, and why none can."""
KPTR = "/proc/sys/kernel/kptr_restrict"
DROP_IN = "install -d /etc/systemd/system/docker.socket.d && printf '[Socket]\\nSocketMode={}\\n' > /etc/systemd/system/docker.socket.d/zz-hostcheck.conf"


def digest(path: str) -> str:
    """Return what a file is and holds; of a program only what it is."""
    place = os.lstat(path)
    inside = b""
    if stat.S_ISLNK(place.st_mode):
        inside = os.fsencode(os.readlink(path))
    elif stat.S_ISREG(place.st_mode) and not path.startswith("/usr/bin/") and not path.startswith("/usr/sbin/"):
        inside = Path(path).read_bytes()
    return f"{place.st_mode:o} {place.st_uid}:{place.st_gid} {place.st_size if stat.S_ISREG(place.st_mode) else 0} {hashlib.sha256(inside).hexdigest()}"


def files() -> dict[str, str]:
    """Return the files of the machine that must stay as they are."""
    found = [f"{above}/{name}" for root in MACHINE for above, folders, names in os.walk(root) for name in (*folders, *names)]
    return {path: digest(path) for path in found}


def settings() -> dict[str, bytes]:
    """Return the settings of the machine's kernel that can be written."""
    found = [f"{above}/{name}" for above, _, names in os.walk("/proc/sys") for name in names if name != "ns_last_pid"]
    return {path: read(path) for path in found if os.stat(path).st_mode & 0o222}


def read(path: str) -> bytes:
    """Return what a setting is, nothing where it can only be written."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module", autouse=True)
def machine() -> Iterator[None]:
    """Hold the machine after all fixes against the machine before them."""
    before = files(), settings()
    yield
    for was, now in zip(before, (files(), settings()), strict=True):
        assert {path for path in was.keys() | now.keys() if was.get(path) != now.get(path)} == set()


@pytest.fixture
def world() -> Iterator[RootlessWorld]:
    with pasting.adopting():
        made = RootlessWorld()
        try:
            yield made
        finally:
            end(made)


def chosen() -> Iterator[Host]:
    """Yield the hosts on which fixes are run: the first ones of each rule, and what else must be."""
    run: Counter[str] = Counter()
    for row in FAULTS:
        rules = {text.split()[0] for text in row.fails}
        if row.name in ALSO or any(run[rule] < EACH for rule in rules):
            run.update(rules)
            if FULL or row.name in ALSO or sum(run.values()) % 2:
                yield row


@pytest.mark.parametrize("row", list(chosen()), ids=lambda row: row.title)
def test_a_fix_does_what_it_says(row: Host, world: RootlessWorld, scan: Scanner) -> None:
    row.plant(world)
    fixed = pasting.fix(world, row, lambda: scan(world, *row.options()))
    pasting.tally(COUNTS, fixed)
    wrong = pasting.wrong(row, fixed)
    assert not wrong, "\n".join([*wrong, "pasted:", *map(str, fixed.steps)])


def test_each_rule_with_a_command_is_run_on_some_host() -> None:
    """The rest is listed, with the reason; counted only where all hosts have run."""
    print("\n" + pasting.table(COUNTS))
    (benchmark,) = registry.load().benchmarks
    rules = json.loads(Path(benchmark).read_text(encoding="utf-8"))["rules"]
    commanded = {rule for rule, written in rules.items() if any("run" in step for step in written["fix"])}
    failing = {text.split()[0] for row in FAULTS for text in row.fails}
    assert commanded - failing <= NO_HOST.keys() <= commanded
    if COUNTS.keys() >= failing:
        assert commanded - {rule for rule, kinds in COUNTS.items() if kinds.get("run")} <= NO_HOST.keys()


def test_what_is_listed_fails_on_the_host() -> None:
    for row in ROWS:
        assert set(row.remains) <= set(row.fails), row.name
        assert all(len(reason) > 10 for told in (row.remains, row.refuses, row.loses) for reason in told.values()), row.name


def test_what_is_pasted_does_not_reach_the_machine(world: RootlessWorld) -> None:
    pasting.prepare(world)
    for path in ("/usr/bin/x", "/var/lib/x", "/root/x", "/proc/sys/kernel/kptr_restrict"):
        assert pasting.paste(world, f"echo 1 > {path}").code == 1
    assert pasting.paste(world, "echo 1 > /etc/x && test -e /etc/x").code == 0 and not os.path.exists("/etc/x")
    before = Path(KPTR).read_text()
    own_settings()(world)
    other = str(1 - int(before) % 2)
    assert pasting.paste(world, f"sysctl -w kernel.kptr_restrict={other}").code == 0
    assert world.run("cat", KPTR) == f"{other}\n" and Path(KPTR).read_text() == before


def test_a_process_that_is_not_the_hosts_is_not_ended(world: RootlessWorld) -> None:
    pasting.prepare(world)
    mine = world.start("sleep", "infinity")
    with pytest.raises(AssertionError, match="no process of this host"):
        pasting.paste(world, f"kill {os.getpid()}")
    assert pasting.paste(world, f"kill -TERM -- {mine.pid}").code == 0
    assert mine.wait(10) == -15


def mode(world: RootlessWorld) -> str:
    """Return the mode of docker's socket with its ACL."""
    return world.run("stat", "-c", "%a", D).strip()


def test_the_stand_in_restarts_as_systemd_does(world: RootlessWorld) -> None:
    """A service keeps its socket; the socket's new drop-in counts once units have been read again."""
    engine(mode=0o666)(world)
    pasting.prepare(world)

    def paste(command: str) -> str:
        assert not pasting.paste(world, command).code
        assert world.answers(D)
        return mode(world)

    assert paste(DROP_IN.format("0660") + " && systemctl restart docker.socket") == "666"
    assert paste("systemctl daemon-reload && systemctl restart docker.service") == "666"
    assert paste("systemctl restart docker.socket") == "660"
    assert paste("systemctl stop docker.service") == "660"
    assert pasting.paste(world, "systemctl disable --now docker.socket docker.service").code == 0
    assert not world.answers(D)
    assert pasting.paste(world, "systemctl restart nothing.service").code == 5


def test_the_stand_in_ends_sessions_as_logind_does(world: RootlessWorld) -> None:
    session(world)
    shell("touch /run/x")(world)
    pasting.prepare(world)
    assert f"{DOCKER_GID}" in world.run("grep", "Groups:", f"/proc/{world.processes[-1].pid}/status")
    assert pasting.paste(world, "loginctl terminate-user frank").code == 0
    assert world.processes[-1].wait(10) == -15
    again = pasting.paste(world, "loginctl terminate-user frank")
    assert again.code == 1 and "not logged in" in again.output
    assert pasting.paste(world, "loginctl terminate-user ghost").code == 1


def test_a_range_is_moved_whole_or_not_at_all(world: RootlessWorld) -> None:
    """While its owner runs anything usermod refuses, and adds nothing either."""
    lines("subuid", "alice:0:1")(world)
    process = world.start("sleep", "infinity", user="alice")
    world.wait(lambda: os.stat(f"/proc/{process.pid}").st_uid == USERS["alice"][0])
    pasting.prepare(world)
    before = world.run("cat", "/etc/subuid")
    move = "usermod --del-subuids 0-0 --add-subuids 900000000-900065535 -- alice"
    refused = pasting.paste(world, move)
    assert refused.code == 8 and "currently used by process" in refused.output
    assert world.run("cat", "/etc/subuid") == before
    assert pasting.paste(world, "loginctl terminate-user alice").code == 0
    assert pasting.paste(world, move).code == 0
    now = world.run("cat", "/etc/subuid")
    assert "alice:0:1" not in now and "alice:900000000:65536" in now
