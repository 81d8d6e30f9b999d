"""The first place on a way is the one that a fix begins with; test_probe_subids.py tries the ways."""

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.subids.weak_points import weak_point


def test_of_two_links_in_one_directory_the_first_that_is_a_users() -> None:
    mine = Stat(type="link", uid=1001, gid=0, mode=0o777)
    host = MemoryHost({"/etc/c": ""}, links={"/etc/a": "b", "/etc/b": "c"}, stats={"/etc/b": mine})
    assert weak_point(host, "/etc/a", {})["path"] == "/etc/b"  # type: ignore[call-overload,index]
