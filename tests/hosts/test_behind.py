"""What a user puts behind a place of theirs that root runs: whatever it is, the user's own way to root is told, and nobody else's result is another one."""

from collections.abc import Iterator

import pytest
from hosts.attacks import WAIT, runs
from hosts.planting import PYTHON, Plant, end, shell
from hosts.rows_root_programs import CRON_IS_THERE
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner
from real_engines.world import USERS

from hostcheck import registry
from hostcheck.derive import derive
from hostcheck.view import View
from hostcheck_builtin.paths.analysis_access_paths import SOURCES
from hostcheck_builtin.paths.graph import EVERYONE, Graph

pytestmark = pytest.mark.root
RULES = ("--rule", "HC-ACC-20", "--role", "workstation")
HIS = "{home}/dave/way"
TMPFS = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs"
PLACES: dict[str, tuple[str, Plant]] = {
    "a job of cron's": (f"{HIS}/cron", shell(f"echo '* * * * * root {HIS}/cron' > /etc/cron.d/a")),
    "a directory of cron's PATH": (f"{HIS}/bin", shell(f"printf 'PATH={HIS}/bin:/usr/bin\\n* * * * * root report\\n' > /etc/cron.d/b")),
    "a file that a script of root's reads": (
        f"{HIS}/settings",
        shell("echo '* * * * * root /etc/site.sh' > /etc/cron.d/c", f"echo '. {HIS}/settings' > /etc/site.sh"),
    ),
    "a unit's program": (
        f"{HIS}/serves",
        shell(
            "mkdir -p /etc/systemd/system/multi-user.target.wants; ln -s ../site.service /etc/systemd/system/multi-user.target.wants/",
            f"printf '[Service]\\nExecStart={HIS}/serves\\n' > /etc/systemd/system/site.service",
        ),
    ),
    "a unit that is a link": (
        "/etc/systemd/system/his.service",
        shell(f"ln -s {HIS}/unit /etc/systemd/system/his.service", "ln -s ../his.service /etc/systemd/system/multi-user.target.wants/"),
    ),
    "a rule of udev's": (f"{HIS}/udev", shell(f'mkdir -p /etc/udev/rules.d; echo \'ACTION=="add", RUN+="{HIS}/udev"\' > /etc/udev/rules.d/99-site.rules')),
    "a command in place of a module": (f"{HIS}/module", shell(f"mkdir -p /etc/modprobe.d; echo 'install site {HIS}/module' > /etc/modprobe.d/site.conf")),
    "a program of PAM's": (f"{HIS}/pam", shell(f"echo 'session required pam_exec.so {HIS}/pam' >> /etc/pam.d/su")),
    "a program of a rule of sudo's": (f"{HIS}/tool", shell(f"echo 'frank ALL=(ALL) NOPASSWD: {HIS}/tool' > /etc/sudoers.d/own; chmod 0440 /etc/sudoers.d/own")),
    "a directory that sudo searches": (
        f"{HIS}/sbin",
        shell(f"echo 'Defaults secure_path={HIS}/sbin:/usr/bin' > /etc/sudoers.d/path; chmod 0440 /etc/sudoers.d/path"),
    ),
    "a part of the profile": ("/etc/profile.d/site.sh", shell(f"mkdir -p /etc/profile.d; ln -s {HIS}/profile /etc/profile.d/site.sh")),
    "a runtime of dockerd's": (
        HIS,
        shell(f'mkdir -p /etc/docker; printf \'{{"runtimes": {{"own": {{"path": "{HIS}/runtime"}}}}}}\' > /etc/docker/daemon.json'),
    ),
    "a directory of CNI's": ("/opt/cni/bin", shell(f"{TMPFS} /opt; mkdir /opt/cni; ln -s {HIS}/cni /opt/cni/bin")),
    "a plugin of docker's command": (
        "/usr/local/lib/docker/cli-plugins/docker-own",
        shell(f"{TMPFS} /usr/local/lib; mkdir -p /usr/local/lib/docker/cli-plugins; ln -s {HIS}/plugin /usr/local/lib/docker/cli-plugins/docker-own"),
    ),
    "hooks of containers'": ("/etc/cdi", shell(f"ln -s {HIS}/cdi /etc/cdi")),
}
EXCHANGED = (
    """
import ctypes, os, threading
libc = ctypes.CDLL(None)
os.mkdir("way"); os.symlink("/nowhere", "other")
def forever():
    while True:
        libc.renameat2(-100, b"other", -100, b"way", 2)
threading.Thread(target=forever, daemon=True).start()
"""
    + WAIT
)


def his(code: str) -> Plant:
    """Return the planting of what dave does in his home."""
    return lambda world: world.run(*PYTHON, f"import os\nos.umask(0o22)\nos.chdir({f'{world.base}/home/dave'!r})\n{code}", user="dave") and None


def chain(depth: int) -> str:
    return f"""
names = ["d"] * {depth}
os.makedirs("/".join(names)); os.symlink("/".join(names), "way")
"""


BEHIND: dict[str, Plant] = {
    "nothing": his(""),
    "seventy directories": his(chain(70)),
    "a loop": his("os.symlink('way', 'way')"),
    "a FIFO": his("os.mkfifo('way')"),
    "a directory without x": his("os.makedirs('way/bin'); os.chmod('way', 0)"),
    "a link of 4,095 bytes": his("os.mkdir('d'); os.symlink('./' * 2047 + 'd', 'way')"),
    "names that are longer together than a path may be": his("""
top = os.getcwd()
for number in range(40):
    os.mkdir("d" * 250); os.chdir("d" * 250)
    os.symlink("/".join(["d" * 250] * 10), "on") if number % 10 == 0 else None
os.chdir(top)
os.symlink("d" * 250 + "/on/on/on", "way")
"""),
    "what is exchanged all the time": runs(EXCHANGED),
}


@pytest.fixture
def world() -> Iterator[RootlessWorld]:
    made = RootlessWorld()
    try:
        CRON_IS_THERE(made)
        for _, plant in PLACES.values():
            plant(made)
        yield made
    finally:
        end(made)


def graph_of(scanned: Scan) -> Graph:
    """Return all edges, of which a report tells those of the best paths alone."""
    registered = registry.load()
    facts = derive(scanned.evidence, registered.probes, registered.analyses, {}).document
    return Graph.of(edge for source in SOURCES for edge in source(View(facts)))


def surest(graph: Graph, path: str) -> str:
    """Say how sure it is that dave becomes root by a file: by the step to it, and the one from it."""
    node = f"file:{path}"
    both = [{edge.strength for edge in graph.into[node] if edge.origin == "user:dave"}, {edge.strength for edge in graph.out_of[node] if edge.to != EVERYONE}]
    return max(map(min, both)).word if all(both) else ""


def of_this_host(results: dict[str, str]) -> dict[str, str]:
    """Return the results of everybody but dave; accounts that the machine has too may have processes of its own, which come and go."""
    ours = {"*", "every local user", *(USERS.keys() - {"dave"})}
    return {subject: result for subject, result in results.items() if subject.removeprefix("whoever ").removesuffix(" lets in") in ours}


LIKELY = {"a directory that sudo searches"}


@pytest.mark.parametrize("behind", BEHIND)
def test_a_users_own_way_is_told_whatever_lies_behind(behind: str, world: RootlessWorld, scan: Scanner, others: dict[str, str]) -> None:
    BEHIND[behind](world)
    seen = scan(world, *RULES)
    graph, results = graph_of(seen), {subject: result for (rule, subject), result in seen.results().items() if rule == "HC-ACC-20"}
    sure = {place: surest(graph, path.replace("{home}", f"{world.base}/home")) for place, (path, _) in PLACES.items()}
    assert sure == {place: "likely" if place in LIKELY else "certain" for place in PLACES}
    assert results["dave"] == "fail" and results.get("whoever dave lets in", "error") == "error"
    assert of_this_host(results) == others


@pytest.fixture(scope="module")
def others(scan: Scanner) -> dict[str, str]:
    """Return the results of the untouched host, but for dave's."""
    made = RootlessWorld()
    try:
        return of_this_host({subject: result for (rule, subject), result in scan(made, *RULES).results().items() if rule == "HC-ACC-20"})
    finally:
        end(made)
