"""A scan that sees other mounts than the host has, as a unit with ProtectHome= or PrivateTmp= does, never says better of it than one that sees all."""

from collections.abc import Iterator

import pytest
from hosts.attacks import victim
from hosts.planting import end, engine, written
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner

from hostcheck.testing.laws import worse

OPTIONS = ("--role", "workstation", "--profile", "level2", "--value", "approved_groups=docker", "--deadline", "20")
VIEWS = {
    "ProtectHome=tmpfs": ("{home}", "mount -t tmpfs tmpfs {home}; mount -t tmpfs tmpfs /run/user"),
    "ProtectHome=yes": ("{home}", "mkdir -p -m 0 /run/systemd/inaccessible/dir; mount --bind /run/systemd/inaccessible/dir {home}"),
    "PrivateTmp=yes": ("/tmp", "mkdir -p -m 1777 /tmp/systemd-private-1-x.service-y/tmp; mount --bind /tmp/systemd-private-1-x.service-y/tmp /tmp"),
    "TemporaryFileSystem=/run/user": ("/run/user", "mount -t tmpfs tmpfs /run/user"),
    "InaccessiblePaths=/etc/subuid /etc/subgid": ("/etc/subuid", "mount --bind /dev/null /etc/subuid; mount --bind /dev/null /etc/subgid"),
    "an empty /etc/subuid": ("/etc/subuid", "touch /run/empty; mount --bind /run/empty /etc/subuid; mount --bind /run/empty /etc/subgid"),
    "an /etc/group without docker": ("/etc/group", "grep -v ^docker: /etc/group >/run/group; mount --bind /run/group /etc/group"),
    "an overlay over /etc": (
        "/etc",
        "mkdir /run/u /run/w; mount -t overlay -o lowerdir=/etc,upperdir=/run/u,workdir=/run/w x /etc; : >/etc/subuid; : >/etc/subgid",
    ),
    "an empty /run": ("/run", "mount -t tmpfs tmpfs /run"),
    "a home of another's over dave's": ("{home}/dave", "mount --bind {home}/alice {home}/dave"),
    "without the mount of /tmp": ("/tmp", "umount -l /tmp"),
}
"""Where it differs, and how it is made."""


@pytest.fixture(scope="module")
def host(scan: Scanner) -> Iterator[tuple[RootlessWorld, Scan]]:
    """Give a host with faults of root's and of users', and root's plain scan of it."""
    world = RootlessWorld()
    try:
        victim(world)
        written("{home}/dave/.docker/desktop/settings-store.json", '{"filesharingDirectories": ["/"], "exposeDockerAPIOnTCP2375": true}', owner="dave")(world)
        written("{home}/dave/.lima/default/lima.yaml", 'mounts:\n- location: "~"\n  writable: true\n', owner="dave")(world)
        engine("/tmp/docker.sock", mode=0o666, user="dave")(world)
        yield world, scan(world, *OPTIONS)
    finally:
        end(world)


def unshared(home: str, prepare: str) -> tuple[str, ...]:
    """Return the command that scans in a mount namespace of its own, prepared so."""
    return ("unshare", "--mount", "--propagation", "private", "sh", "-ec", f'{prepare.replace("{home}", home)}; exec "$@"', "sh")


def better(before: Scan, after: Scan) -> list[str]:
    """Return what the second scan says better of."""
    return list(worse(before.report["findings"], after.report["findings"]))


@pytest.mark.parametrize("view", VIEWS)
def test_a_private_view_makes_nothing_better_and_says_why(host: tuple[RootlessWorld, Scan], scan: Scanner, view: str) -> None:
    world, before = host
    home = f"{world.base}/home"
    place, prepare = VIEWS[view]
    after = scan(world, *OPTIONS, through=unshared(home, prepare))
    assert better(before, after) == []
    words = f"{place.replace('{home}', home)} is another file system to this scan than to process 1; remove what hides it"
    assert any(words in hole["message"] for probe in after.evidence["probes"].values() for hole in probe["holes"])
    assert any(words in hole["message"] for finding in after.report["findings"] for hole in finding["holes"])
    assert after.code == before.code == 1 or after.report["verdict"] == "inconclusive"


def test_a_host_without_faults_is_not_compliant_by_a_private_view(scan: Scanner) -> None:
    world = RootlessWorld()
    try:
        home = f"{world.base}/home"
        written("{home}/dave/.lima/default/lima.yaml", 'mounts:\n- location: "~"\n  writable: true\n', owner="dave")(world)
        only = ("--role", "workstation", "--profile", "level2", "--rule", "HC-VMX-01", "--rule", "HC-VMX-02", "--rule", "HC-VMX-03", "--rule", "HC-SUB-01")
        plain = scan(world, *only)
        private = scan(world, *only, through=unshared(home, VIEWS["ProtectHome=tmpfs"][1]))
    finally:
        end(world)
    assert plain.report["verdict"] == "noncompliant"
    assert private.report["verdict"] != "compliant" and private.code in (1, 3)
    assert not [finding for finding in private.report["findings"] if finding["result"] == "notapplicable" and finding["rule"].startswith("HC-VMX")]


@pytest.mark.parametrize(
    "prepare",
    [
        ":",
        "mount --bind -o ro /usr /usr; mount --bind /etc /etc; mount -o remount,bind,ro /etc; mount --bind {home} {home}; mount -o remount,bind,ro {home}",
        "mount -t tmpfs tmpfs /usr/share/doc",
    ],
    ids=["nothing", "ProtectSystem=strict ProtectHome=read-only", "what is not read"],
)
def test_a_mount_namespace_that_shows_the_same_changes_nothing(host: tuple[RootlessWorld, Scan], scan: Scanner, prepare: str) -> None:
    world, before = host
    after = scan(world, *OPTIONS, through=unshared(f"{world.base}/home", prepare))
    holes = [hole for probe in after.evidence["probes"].values() for hole in probe["holes"]]
    assert after.results() == before.results(), [hole for hole in holes if hole["why"] != "unsupported"]
