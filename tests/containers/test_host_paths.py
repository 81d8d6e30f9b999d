"""Where a path of the host leads: past links of root's, past none of others', and by the name that everybody knows."""

from typing import Any

import pytest
from engines.engine_host import TABLE, owned

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.containers.host_paths import HostPaths


def paths(files: Any = None, **more: Any) -> HostPaths:
    given = {"/proc/self/mountinfo": TABLE, "/etc/x": "", "/run/docker.sock": "", "/srv/data/x": ""}
    return HostPaths(MemoryHost({**given, **(files or {})}, **more))


@pytest.mark.parametrize(
    ("path", "real", "kind"),
    [
        ("/etc", "/etc", "dir"),
        ("/etc/", "/etc", "dir"),
        ("/etc/../etc/x", "/etc/x", "file"),
        ("/var/run/docker.sock", "/run/docker.sock", "file"),
        ("/srv/data", "/srv/data", "dir"),
        ("/srv/gone/x", "/srv/gone/x", "absent"),
        ("/srv/dangling", "/nothing", "dangling"),
        ("/", "/", "dir"),
    ],
)
def test_past_links_of_roots(path: str, real: str, kind: str) -> None:
    seen = paths(links={"/var/run": "/run", "/srv/dangling": "/nothing"})
    assert (seen.real(path), seen.kind(path)) == (real, kind)


@pytest.mark.parametrize("path", ["", "etc", "/etc\0"])
def test_what_is_no_path_leads_nowhere(path: str) -> None:
    assert paths().real(path).why is Why.NONSENSE


def test_a_link_that_a_user_can_lay_decides_nothing() -> None:
    """It leads to a harmless directory now, and led to /etc when the container was started."""
    link, homes = Stat(type="link", uid=1000, gid=1000, mode=0o777), {"/home/ann": owned("dir"), "/home/ann/dir": owned("dir")}
    links = {"/home/ann/own": "/srv/data", "/home/ann/dir/roots": "/srv/data", "/tmp/sticky": "/srv/data"}
    seen = paths(links=links, stats={**homes, "/home/ann/own": link, "/tmp": owned("dir", 0, 0o1777)})
    for path in (*links, *(f"{path}/x" for path in links)):
        assert isinstance(seen.real(path), Hole) and seen.real(path).why is Why.UNSUPPORTED, path
        assert isinstance(seen.kind(path), Hole)
    assert seen.real("/home/ann/dir") == "/home/ann/dir"


def test_what_is_behind_a_users_link_is_not_looked_at() -> None:
    link = Stat(type="link", uid=1000, gid=1000, mode=0o777)
    seen = paths({"/secret": PermissionError(13, "looked at")}, links={"/home/ann/own": "/secret"}, stats={"/home/ann": owned("dir"), "/home/ann/own": link})
    assert seen.real("/home/ann/own").why is Why.UNSUPPORTED


def test_links_that_lead_to_each_other_lead_nowhere() -> None:
    assert isinstance(paths(links={"/srv/a": "/srv/b", "/srv/b": "/srv/a"}).real("/srv/a"), Hole)


def test_a_directory_that_is_mounted_twice_has_the_name_that_everybody_knows() -> None:
    """Another mount of /etc, and one of / in which it is seen once more."""
    etc, root = {"dev": 9, "ino": 5}, {"dev": 9, "ino": 2}
    folders = {"/etc": etc, "/mnt/copy": etc, "/": root, "/mnt/all": root}
    seen = paths(
        {"/mnt/copy/cron.d/x": "", "/mnt/all/srv/x": ""}, stats={path: Stat(type="dir", uid=0, gid=0, mode=0o755, **one) for path, one in folders.items()}
    )
    assert [seen.real(path) for path in ("/mnt/copy", "/mnt/copy/cron.d", "/mnt/all", "/mnt/all/srv", "/mnt")] == ["/etc", "/etc/cron.d", "/", "/srv", "/mnt"]


def test_a_file_system_that_a_server_or_a_user_answers_for_is_not_looked_at() -> None:
    table = TABLE + "30 27 0:50 / /srv/far rw - nfs4 server:/x rw\n31 27 0:51 / /home/ann/fuse rw - fuse.sshfs x rw\n"
    seen = paths({"/proc/self/mountinfo": table, "/srv/far/x": "", "/home/ann/fuse/x": ""}, stats={"/home/ann": owned("dir")})
    assert [seen.real(path).why for path in ("/srv/far", "/srv/far/x", "/home/ann/fuse/x")] == [Why.LIMIT] * 3
    hidden = paths({"/proc/self/mountinfo": PermissionError(13, "denied")})
    assert hidden.real("/srv/data").why is Why.DENIED
