"""Of many mounts the few that show a place are found without looking at all, and what is not known of one view is not known of all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.answers import Process
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system import mount_views
from hostcheck_builtin.system.mount_views import MountView, collect_views, view_of

TABLE = "27 1 254:0 / / rw - ext4 /dev/vda rw\n30 27 0:24 / /run rw - tmpfs tmpfs rw\n"


def seen(table: str, own: str = TABLE) -> MountView | Hole:
    """Return what a process of root's sees that has this mount table."""
    service = Process(pid=7, ppid=1, name="p", uids=(1,) * 4, gids=(1,) * 4, groups=(), cap_effective=0, mounts="mnt:[5]", host_mounts=False, user_view=False)
    host = MemoryHost({"/proc/self/mountinfo": own, "/proc/7/mountinfo": table}, links={"/proc/7/root": "/"})
    return view_of(collect_views(host, [service]), service)


def test_a_view_is_what_stands_at_the_root_and_at_run_and_what_it_shows_of_the_host() -> None:
    lines = "50 1 0:99 / / rw - overlay overlay rw\n51 50 0:24 /a\\040b /x\\134 rw shared:1 - tmpfs tmpfs rw\n"
    assert seen(lines) == MountView(root="0:99 /", run=None, shown=frozenset({"/run/a b"}))
    assert seen(TABLE) == MountView(root="254:0 /", run="0:24 /", shown=frozenset({"/", "/run"}))


@pytest.mark.parametrize("line", ["nonsense", "60 50 0:24 / /x rw tmpfs tmpfs rw", "60 50 0:24 / /x rw - tmpfs"])
def test_a_line_that_is_no_mount_leaves_open_what_is_seen(line: str) -> None:
    for one in (seen(f"{TABLE}{line}\n"), seen(TABLE + "60 50 0:24 / /x rw - tmpfs tmpfs rw")):
        assert isinstance(one, Hole) and one.why is Why.NONSENSE
    own = collect_views(MemoryHost({"/proc/self/mountinfo": f"{TABLE}{line}\n"}), []).own
    assert isinstance(own, Hole) and own.why is Why.NONSENSE


def test_the_scanner_sees_some_mount() -> None:
    own = collect_views(MemoryHost({"/proc/self/mountinfo": ""}), []).own
    assert isinstance(own, Hole) and own.why is Why.NONSENSE


def test_a_mount_shows_what_the_host_has_below_it() -> None:
    def shown(root: str, *places: tuple[str, str]) -> list[str]:
        return sorted(mount_views._shown(mount_views.Places(places), root))

    assert shown("/", ("/", "/")) == ["/"]
    assert shown("/a", ("/", "/")) == ["/a"]
    assert shown("/ab", ("/a", "/x")) == []
    assert shown("/a/b", ("/a", "/x"), ("/", "/y")) == ["/x/b", "/y/a/b"]
    assert shown("/", ("/a", "/x")) == ["/x"]
    assert shown("/aX", ("/a", "/xX")) == [] and shown("/aX/b", ("/aX", "/xX")) == ["/xX/b"] and shown("/a", ("/aX", "/x")) == []

    assert shown("/a/b", ("/c", "/z"), ("/a", "/x")) == ["/x/b"]
    assert shown("/", ("/", "/sys")) == shown("/", ("/", "/var/lib/docker/overlay2/x/merged")) == []
    assert shown("/a", ("/a", "/")) == ["/"] and shown("/aX", ("/aX", "/xX")) == ["/xX"]


def test_of_two_views_that_are_not_known_the_graver_hole_is_told() -> None:
    denied, nonsense = (Hole(why=why, message="x") for why in (Why.DENIED, Why.NONSENSE))
    assert mount_views.together([denied, nonsense]) == mount_views.together([nonsense, denied]) == denied


PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), max_size=4).map(lambda names: "/" + "/".join(names))


@given(st.lists(st.tuples(PATHS, PATHS), max_size=8), PATHS)
def test_what_is_found_of_a_mount_is_what_looking_at_all_finds(places: list[tuple[str, str]], root: str) -> None:
    at = {point.rstrip("/") + root.removeprefix(whole.rstrip("/")) for whole, point in places if mount_views.covers(whole, root)}
    below = {point for whole, point in places if mount_views.covers(root, whole) and whole.rstrip("/") != root.rstrip("/")}
    assert {path.rstrip("/") for path in mount_views.Places(places).show(root)} == {path.rstrip("/") for path in at | below}


def test_many_mounts_of_one_device_are_looked_at_once_each() -> None:
    places = mount_views.Places([("/", "/"), *((f"/pods/{number}/volume", f"/mnt/{number}") for number in range(20_000))])
    assert sum(1 for number in range(20_000) for _ in places.show(f"/pods/{number}/volume")) == 40_000
