"""What the kernel lists of mounts is read back, whatever users call theirs; and which mount a path lies on is what the kernel says of it."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.host import Nonsense, Unsupported
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system.mountinfo import OWN, Mount, mount_of, mounts, mounts_at, narrowed, parse, root_of
from hostcheck_builtin.system.procfs import MAC

LINE = "40 27 0:40 / /Users rw - virtiofs m rw"
NAME = st.text("ab -\t\n\\#01:,", min_size=1, max_size=10)


def escaped(name: str) -> str:
    return "".join(f"\\{ord(char):03o}" if char in " \t\n\\#" else char for char in name)


def table(text: str, path: str = OWN) -> list[Mount]:
    return mounts(MemoryHost({path: text}), path)


def mount(number: str, below: str, point: str, *, root: str = "/", device: str = "8:1") -> Mount:
    return Mount(number, below, device, root, point, "rw", "ext4", "/dev/sda1", "rw")


def test_each_field_is_read() -> None:
    (one,) = table("40 27 0:40 /sub /a\\040b\\134 rw,nosuid shared:1 master:2 - fuse.evil x\\040-\\040proc rw,user_id=1000\n")
    assert one == Mount("40", "27", "0:40", "/sub", "/a b\\", "rw,nosuid", "fuse.evil", "x - proc", "rw,user_id=1000")
    assert one.settings() == {"rw": "", "user_id": "1000"}


@given(st.lists(st.tuples(NAME, NAME, NAME), max_size=4), st.sampled_from(["", "shared:1 ", "shared:1 master:2 propagate_from:3 ", "unbindable "]))
def test_what_the_kernel_escapes_is_read_back(names: list[tuple[str, str, str]], optional: str) -> None:
    text = "".join(f"40 27 0:40 /{escaped(root)} /{escaped(point)} rw {optional}- xfs {escaped(source)} rw\n" for root, point, source in names)
    assert [(one.root, one.point, one.source) for one in table(f"{LINE}\n{text}")[1:]] == [(f"/{root}", f"/{point}", source) for root, point, source in names]


def test_a_source_may_have_no_name() -> None:
    assert [one.source for one in table("1 0 8:1 / / rw,nosuid - tmpfs  rw\n")] == [""]


@pytest.mark.parametrize(
    "text",
    [
        "",
        LINE,
        f"{LINE}\n{LINE}",
        f"{LINE}\nnonsense\n",
        "1 0 8:1 / / rw ext4 /dev/sda1 rw rw\n",
        "1 0 8:1 / / - ext4 /dev/sda1 rw\n",
        "1 0 8:1 / / rw - ext4 rw\n",
        "1 0 8:1 / / rw -\n",
        "1 0 8:1 / /  - ext4\n",
    ],
)
def test_a_list_that_is_cut_short_or_has_a_line_that_is_no_mount_is_nonsense(text: str) -> None:
    with pytest.raises(Nonsense, match="^/proc/7/mountinfo: "):
        table(text, "/proc/7/mountinfo")


@example("\n")
@given(st.text("0123456789 :/-\nabrw,\\", max_size=60))
def test_no_list_breaks_it(text: str) -> None:
    try:
        assert all(isinstance(one, Mount) for one in table(text))
    except Nonsense:
        pass


def test_a_list_that_is_hidden_is_no_empty_one() -> None:
    for path in (OWN, "/proc/1/mountinfo"):
        with pytest.raises(PermissionError):
            mounts(MemoryHost(), path)
    with pytest.raises(Unsupported):
        mounts(MemoryHost({MAC: ""}))


def test_lines_are_read_as_they_are_asked_for() -> None:
    lines = parse(OWN, f"{LINE}\nnonsense\n")
    assert next(lines).point == "/Users"
    with pytest.raises(Nonsense):
        next(lines)


def test_the_last_mount_at_a_point_is_the_one_that_is_seen() -> None:
    found = [mount("1", "0", "/"), mount("2", "1", "/a"), mount("3", "1", "/", root="/srv"), mount("4", "2", "/a/b")]
    assert mounts_at(found, "/a") == [found[1]] and mounts_at(found, "/b") == []
    assert root_of(found) == ("8:1", "/srv") and root_of(found[1:2]) is None


@pytest.mark.parametrize(("count", "namespace", "told"), [(1, "pid:[1]", False), (2, "pid:[1]", True), (2, "pid:[4026531836]", False), (0, "pid:[1]", False)])
def test_proc_is_narrowed_where_another_proc_below_it_shows_more(count: int, namespace: str, told: bool) -> None:
    host = MemoryHost(links={"/proc/self/ns/pid": namespace})
    assert narrowed(host, [mount("1", "0", "/proc")] * count) is told


def test_the_mount_is_the_one_that_the_kernel_walks_to() -> None:
    root, hidden = mount("1", "0", "/"), mount("2", "1", "/usr/bin")
    assert mount_of("/usr/bin/x", [root, hidden]) is hidden
    assert mount_of("/usr/binx", [root, hidden]) is root
    over = mount("3", "1", "/usr")
    assert mount_of("/usr/bin/x", [root, hidden, over]) is over
    again = mount("4", "3", "/usr")
    assert mount_of("/usr/bin/x", [root, hidden, over, again]) is again
    deeper = mount("5", "4", "/usr/bin")
    assert mount_of("/usr/bin/x", [root, hidden, over, again, deeper]) is deeper
    cross, within = mount("7", "1", "/mntX"), mount("8", "7", "/mntX/a")
    assert mount_of("/mntX/a/b", [root, cross, within]) is within
    second = mount("6", "1", "/")
    assert mount_of("/etc/x", [root, second]) is second


def test_ids_that_make_no_sense_do_not_keep_it_walking() -> None:
    assert mount_of("/mnt/a", [mount("1", "1", "/"), mount("2", "1", "/mntX")]).id == "1"
    odd = mount("2", "3", "/a"), mount("3", "2", "/a")
    assert mount_of("/a/b", [mount("1", "0", "/"), *odd]).id == "1"


def test_where_nothing_stands_at_the_root_no_mount_is_known() -> None:
    with pytest.raises(Unsupported):
        mount_of("/usr/bin/x", [mount("30", "21", "/usr")])


@pytest.mark.parametrize("path", ["/", "/proc", "/proc/sys/kernel", "/sys", "/dev/null", "/dev/shm", "/usr/bin", "/tmp"])
def test_the_kernel_says_the_same_of_which_mount_a_path_lies_on(path: str) -> None:
    descriptor = os.open(os.path.realpath(path), os.O_PATH)
    try:
        told: Any = re.search(r"^mnt_id:\s*(\d+)$", Path(f"/proc/self/fdinfo/{descriptor}").read_text(), re.MULTILINE)
    finally:
        os.close(descriptor)
    assert mount_of(os.path.realpath(path), mounts(LocalHost())).id == told[1]
