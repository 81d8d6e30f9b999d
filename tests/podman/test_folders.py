"""Where Podman's files lie, and in which order those of a drop-in directory are read."""

import pytest

from hostcheck.host import LimitExceeded
from hostcheck.host.memory import MemoryHost
from hostcheck.model import HoleError, Why
from hostcheck_builtin.podman.folders import RootsFiles, ordered, roots_home
from hostcheck_builtin.system import bounds

D = "/etc/containers/registries.conf.d"


def names(host: MemoryHost) -> list[str]:
    return [path for path, _ in RootsFiles(host, "/etc/containers").drop_ins("registries.conf.d")]


def test_drop_ins_are_read_in_the_order_of_their_bytes() -> None:
    files = {f"{D}/{name}": "" for name in ("b.conf", "a.conf", "B.conf", "10.conf", "9.conf", "z.conf~", "README", "é.conf", ".conf", "d.conf/x.conf")}
    assert names(MemoryHost(files)) == [f"{D}/{name}" for name in (".conf", "10.conf", "9.conf", "B.conf", "a.conf", "b.conf", "é.conf")]
    assert names(MemoryHost()) == []


def test_a_link_to_a_file_is_followed_and_one_to_nothing_passed_over() -> None:
    host = MemoryHost({"/srv/x": "x"}, links={f"{D}/a.conf": "/srv/x", f"{D}/b.conf": "/srv/none"})
    assert list(RootsFiles(host, "/etc/containers").drop_ins("registries.conf.d")) == [(f"{D}/a.conf", b"x")]


def test_a_directory_that_is_a_link_is_not_followed_by_every_version() -> None:
    with pytest.raises(HoleError) as raised:
        names(MemoryHost({"/srv/d/a.conf": ""}, links={D: "/srv/d"}))
    assert raised.value.hole.why is Why.UNSUPPORTED and D in raised.value.hole.message


def test_too_many_files() -> None:
    with pytest.raises(LimitExceeded):
        ordered("/d", [f"{number}.conf" for number in range(bounds.PODMAN_FILES_OF_A_USER + 1)], bounds.PODMAN_FILES_OF_A_USER)


def test_roots_home() -> None:
    assert roots_home(MemoryHost({"/etc/passwd": "ann:x:1000:1000::/home/ann:/bin/sh\ntoor:x:0:0::/srv/root/:/bin/sh\nroot:x:0:0::/root:/bin/sh\n"})).path == (
        "/srv/root/.config/containers"
    )
    assert roots_home(MemoryHost()).path == "/root/.config/containers"
