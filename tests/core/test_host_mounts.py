"""Where the mounts of this process differ from those of process 1."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostcheck.host import mounts
from hostcheck.host.mounts import Table, covered, differing, suspect
from hostcheck.host.paths import Paths

ROOT = "1 0 8:1 / / rw - ext4 /dev/sda rw"
RUN = "2 1 0:20 / /run rw - tmpfs tmpfs rw"
TMP = "3 1 0:21 / /tmp rw - tmpfs tmpfs rw"
HOME = "4 1 8:2 / /home rw - ext4 /dev/sdb rw"
HOST = (ROOT, RUN, TMP, HOME)


def table(*lines: str) -> Table:
    """Return a table of mounts."""
    return Table("".join(f"{line}\n" for line in lines))


def places(*own: str, init: tuple[str, ...] = HOST) -> set[str]:
    """Return where the scanner's mounts differ."""
    return set(differing(table(*own), table(*init)))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((), set()),
        (("9 4 0:99 / /home ro - tmpfs tmpfs rw",), {"/home"}),  # ProtectHome=tmpfs
        (("9 1 0:20 /systemd/inaccessible/dir /root rw - tmpfs tmpfs rw",), {"/root"}),  # ProtectHome=yes, InaccessiblePaths=
        (("9 3 0:21 /systemd-private-1-a.service-b/tmp /tmp rw - tmpfs tmpfs rw",), {"/tmp"}),  # PrivateTmp=
        (("9 1 8:1 /var/tmp/systemd-private-1/tmp /var/tmp rw - ext4 /dev/sda rw",), {"/var/tmp"}),
        (
            ("9 1 8:1 /usr /usr ro - ext4 /dev/sda rw", "10 1 8:1 /etc /etc ro - ext4 /dev/sda rw", "11 4 8:2 / /home ro - ext4 /dev/sdb rw"),
            set(),
        ),  # ProtectSystem=
        (("9 4 8:2 /alice /home/alice ro - ext4 /dev/sdb rw",), set()),  # BindReadOnlyPaths= over itself
        (("9 4 8:2 /bob /home/alice rw - ext4 /dev/sdb rw",), {"/home/alice"}),
        (("9 1 8:1 /dev/null /etc/subuid rw - ext4 /dev/sda rw", "10 1 0:5 /null /etc/subgid rw - devtmpfs devtmpfs rw"), {"/etc/subuid", "/etc/subgid"}),
        (("9 1 0:77 / /etc rw - overlay overlay rw",), {"/etc"}),
        (("9 1 0:77 / /proc rw - proc proc rw,hidepid=invisible", "10 1 0:78 / /sys ro - tmpfs tmpfs rw"), set()),  # of that the probes ask themselves
        (("9 4 0:99 / /home ro - tmpfs tmpfs rw", "10 9 8:2 / /home rw - ext4 /dev/sdb rw"), set()),
        (("9 4 0:99 / /home ro - tmpfs tmpfs rw", "10 9 0:98 / /home/alice rw - tmpfs tmpfs rw"), {"/home"}),
        (("9 1 8:1 /x /with\\040blank rw - ext4 /dev/sda rw",), {"/with blank"}),
    ],
)
def test_what_differs_is_told_by_what_stands_there(more: tuple[str, ...], expected: set[str]) -> None:
    assert places(*HOST, *more) == expected


def test_what_the_scanner_lacks_differs_too() -> None:
    assert places(ROOT, RUN, TMP) == {"/home"}
    assert places(*HOST, init=(ROOT, RUN)) == {"/tmp", "/home"}


def test_mounts_in_another_order_and_by_other_ids_are_the_same() -> None:
    other = ("21 20 8:2 / /home rw - ext4 /dev/sdb rw", "20 19 8:1 / / rw - ext4 /dev/sda rw", "23 20 0:21 / /tmp rw - x x rw", "22 20 0:20 / /run rw - x x rw")
    assert places(*other) == set()


def test_another_root_directory_differs_everywhere() -> None:
    assert places("1 0 0:50 / / rw - overlay overlay rw", RUN) == {"/"}
    assert places() == {"/"}  # chroot(2) to a directory: no mount is seen


def test_a_mount_that_lies_hidden_below_another_does_not_count() -> None:
    hidden = "9 4 0:99 / /home/alice rw - tmpfs tmpfs rw"
    over = "10 4 8:2 / /home rw - ext4 /dev/sdb rw"
    assert places(*HOST, hidden, over) == set()


def test_where_the_mounts_of_process_1_are_hidden_what_systemd_hides_is_suspected() -> None:
    assert suspect(table(*HOST)) == frozenset()
    private = (
        "9 4 0:99 / /home ro - tmpfs tmpfs rw",
        "10 3 0:21 /systemd-private-1-a.service-b/tmp /tmp rw - tmpfs tmpfs rw",
        "11 1 0:20 /systemd/inaccessible/dir /root rw - tmpfs tmpfs rw",
        "12 2 0:55 / /run/user/1000 rw - tmpfs tmpfs rw",
    )
    assert suspect(table(*HOST, *private)) == {"/home", "/tmp", "/root"}


def test_many_mounts_are_compared_in_one_pass() -> None:
    """A cluster node has thousands: the work is counted by the prefixes that are looked up."""
    many = [f"{10 + number} 1 0:{number} / /var/lib/kubelet/pods/{number}/volume rw - tmpfs tmpfs rw" for number in range(20_000)]
    assert places(*HOST, *many, "9 4 0:99 / /home ro - tmpfs tmpfs rw", init=(*HOST, *many)) == {"/home"}


@pytest.mark.parametrize("line", ["1 0 8:1 / /", "1 0 8:1 / / rw ext4 /dev/sda rw"])
def test_a_line_that_is_no_mount_is_not_passed_over(line: str) -> None:
    with pytest.raises(ValueError, match="no mount"):
        table(line)


def test_what_is_covered() -> None:
    assert [covered(path, {"/home", "/etc/subuid"}) for path in ("/home", "/home/a/b", "/homes", "/etc", "/etc/subuid", "/")] == [
        "/home",
        "/home",
        "",
        "",
        "/etc/subuid",
        "",
    ]
    assert covered("/x/y", {"/"}) == "/" and covered("/", {"/"}) == "/" and covered("/x", frozenset()) == ""


# What a host says there


@pytest.fixture
def paths() -> Iterator[Paths]:
    yield Paths(frozenset({"/etc/ssl", "/home"}))


@pytest.mark.parametrize("path", ["/home", "/home/alice/x", "/home/", "/etc/../home/x", "/etc/ssl/certs/none", "/proc/../home"])
def test_a_path_below_a_private_place_is_denied_with_place_and_remedy(paths: Paths, path: str) -> None:
    with pytest.raises(PermissionError) as raised:
        paths.reach(path, lambda spot: spot, follow=True)
    place = "/home" if "home" in path else "/etc/ssl"
    assert raised.value.strerror is not None
    assert raised.value.strerror.startswith(f"{place} is another file system to this scan than to process 1; ") and "ProtectHome=" in raised.value.strerror


def test_a_link_into_a_private_place_is_denied_and_others_are_not(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/home/alice/none")
    with pytest.raises(PermissionError):
        paths.reach(f"{tmp_path}/link/x", lambda spot: os.lstat(spot.name), follow=True)
    assert paths.reach("/etc/passwd", lambda spot: os.lstat(spot.name).st_uid, follow=True) == 0
    assert paths.reach("/homes", lambda spot: spot.place, follow=True) == "/homes"


ASK = """
import json
from hostcheck.host import attempt, mounts
from hostcheck.host.local import LocalHost
from hostcheck.model import Hole
host, said = LocalHost(), {}
asked = {"stat": lambda: host.stat("/srv/x"), "home": lambda: host.list_dir("/srv"), "read": lambda: host.read_text("/etc/passwd"), "users": host.users}
for name, ask in asked.items():
    try: found = attempt(ask)
    except FileNotFoundError: found = None
    said[name] = found.message if isinstance(found, Hole) else "absent" if found is None else "told"
print(json.dumps([sorted(mounts.elsewhere()), said]))
"""


OVERLAY = (
    "mkdir /tmp/$$ && mount -t tmpfs tmpfs /tmp/$$ && mkdir /tmp/$$/u /tmp/$$/w"
    " && mount -t overlay -o lowerdir=/etc,upperdir=/tmp/$$/u,workdir=/tmp/$$/w x /etc && umount -l /tmp/$$ && rmdir /tmp/$$"
)


def unshared(prepare: str) -> str:
    """Ask in a mount namespace of its own, where the mounts of process 1 are those of this process."""
    # The file of a process is mounted over that of process 1, whose mounts here are not those of who runs the tests.
    inner = f'unshare -m sh -ec \'{prepare}; exec "$@"\' sh "$@"'
    script = f"sleep 60 >/dev/null & pid=$!; mount --bind /proc/$pid/mountinfo /proc/1/mountinfo && {inner}; code=$?; kill $pid; exit $code"
    argv = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", sys.executable, "-c", ASK]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.root
@pytest.mark.parametrize(
    ("prepare", "place", "denied"),
    [
        ("true", "[]", ()),
        ("mount --bind -o ro /etc /etc", "[]", ()),
        ("mount -t tmpfs tmpfs /srv", '["/srv"]', ("stat", "home")),
        ("mount --bind /dev/null /etc/passwd", '["/etc/passwd"]', ("read", "users")),
        (
            OVERLAY,
            '["/etc"]',
            ("read", "users"),
        ),
    ],
    ids=["nothing", "a directory over itself", "an empty directory", "an empty file", "an overlay"],
)
def test_a_mount_namespace_of_ones_own_matters_where_it_differs(prepare: str, place: str, denied: tuple[str, ...]) -> None:
    found, said = json.loads(unshared(prepare))
    assert json.dumps(found) == place
    assert {name for name, words in said.items() if "than to process 1" in words} == set(denied)
    if "stat" not in denied:
        assert said["stat"] == "absent"


def test_this_process_sees_what_it_sees() -> None:
    mounts.elsewhere.cache_clear()
    assert isinstance(mounts.elsewhere(), frozenset)
