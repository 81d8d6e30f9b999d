"""What one function finds is what the probes sockets and engines speak of, and neither has a socket that the other lacks."""

from typing import Any

import pytest
from sockets.socket_host import DOCKERD, HEAD, ROOTS, SYSTEMD, TABLE, folder, host, route, row

from hostcheck.model import Hole, OpenObject
from hostcheck.testing.probes import stated
from hostcheck_builtin.engines import probe_engines
from hostcheck_builtin.sockets import probe_sockets
from hostcheck_builtin.sockets.discovery import discover

STATUS = {"/proc/self/status": f"Name:\tx\nCapEff:\t{1 << 1 | 1 << 19:016x}\n", "/proc/500/mountinfo": TABLE, "/usr/bin/dockerd": ""}
HOLDING = {"/proc/500/fd/3": "socket:[42]", "/proc/self/ns/mnt": "mnt:[1]", "/proc/self/ns/net": "net:[1]", "/proc/500/ns/net": "net:[1]"}
PUBLIC = {"/srv": folder(0o1777), "/srv/docker.sock": route()}


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"peers": {"/run/docker.sock": ROOTS}, "stats": {"/run/docker.sock": route()}},
        {"files": {"/etc/docker/daemon.json": '{"hosts": ["unix:///srv/eng.sock"]}'}, "peers": {"/srv/eng.sock": ROOTS}},
        {"files": {"/etc/docker/daemon.json": "no json"}, "peers": {"/run/docker.sock": ROOTS}},
        {"files": {"/run": PermissionError(13, "no")}},
        {"unix": HEAD + row("/srv/docker.sock", 42), "stats": PUBLIC, "links": HOLDING},
        {"unix": HEAD + row("/run/x/docker.sock", 42), "peers": {"/run/x/docker.sock": ROOTS}, "links": HOLDING},
        {"processes": PermissionError(13, "no"), "peers": {"/run/docker.sock": ROOTS}},
    ],
)
def test_each_probe_speaks_of_the_same_sockets(made: dict[str, Any]) -> None:
    one = host(**{**made, "files": {**STATUS, **made.get("files", {})}})
    told = [stated(probe.collect, one)["sockets"] for probe in (probe_sockets, probe_engines)]
    found = discover(one).sockets
    assert [set(each) for each in told] == [set(found)] * 2
    assert [isinstance(each, OpenObject) for each in told] == [isinstance(found, OpenObject)] * 2
    assert [{path for path, fact in each.items() if isinstance(fact, Hole)} for each in told] == [{path for path in found if isinstance(found[path], Hole)}] * 2


def test_what_roots_engines_hold_is_found_with_it() -> None:
    one = host(
        STATUS, unix=HEAD + row("/srv/eng.sock", 42) + row("@eng", 43), peers={"/srv/eng.sock": ROOTS}, links={**HOLDING, "/proc/500/fd/4": "socket:[43]"}
    )
    found = discover(one)
    assert found.held.engines == {"/srv/eng.sock": "docker"} and set(found.held.abstract) == {"@eng"}
    assert found.sockets["/srv/eng.sock"]["source"] == "process"
    assert found.cache.host is one


def test_a_source_that_cannot_be_read_leaves_the_list_open() -> None:
    denied = PermissionError(13, "no")
    for one in (host({**STATUS, "/etc/docker/daemon.json": denied}), host(STATUS, unix=denied)):
        assert isinstance(discover(one).sockets, OpenObject)
    assert not isinstance(discover(host(STATUS, processes=(SYSTEMD, DOCKERD))).sockets, OpenObject)
