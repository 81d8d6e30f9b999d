"""Where dockerd listens by its command and daemon.json; moby's dockerd itself is asked in tests/real_engines."""

from typing import Any

import pytest

from hostcheck.api import attempt
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.sockets import dockerd_options

OWN = "/run/docker.sock"


def stated(*words: str, config: Any = None, path: str = "/etc/docker/daemon.json") -> Any:
    return attempt(dockerd_options.stated, MemoryHost({} if config is None else {path: config}), ["/usr/bin/dockerd", *words])


@pytest.mark.parametrize(
    ("words", "config", "facts"),
    [
        ((), None, {"paths": [OWN], "tcp": [], "tls": "none", "group": "docker"}),
        (("-H", "fd://"), None, {"paths": []}),
        (("-Hfd://", "--host=unix:///srv/d.sock", "-H=tcp://0.0.0.0:2375"), None, {"paths": ["/srv/d.sock"], "tcp": ["0.0.0.0:2375"]}),
        (("--host", "unix:///var/run/docker.sock"), None, {"paths": [OWN]}),
        (("-H", "unix://"), None, {"paths": [OWN]}),
        (("-DH", "unix:///srv/d.sock", "-lDH", "-DG=users", "-b", "-Hx"), None, {"paths": ["/srv/d.sock"], "tcp": [], "group": "users"}),
        (("-H=0.0.0.0:2376", "-H", ":2375"), None, {"paths": [], "tcp": ["0.0.0.0:2376", ":2375"]}),
        ((), '{"hosts": 5}', {"paths": [OWN]}),
        (("-H", ""), None, {"paths": [OWN], "tcp": []}),
        (("--tlsverify=1",), None, {"tls": "client certificates"}),
        (("-G", "users"), None, {"group": "users"}),
        (("--group=users",), None, {"group": "users"}),
        ((), '{"group": "users"}', {"group": "users", "paths": [OWN]}),
        (("-G", "a"), '{"group": "users"}', {"paths": [], "tcp": []}),
        ((), '{"hosts": ["unix:///x.sock", "tcp://:2375"]}', {"paths": ["/x.sock"], "tcp": [":2375"]}),
        (("-H", "fd://"), '{"hosts": ["tcp://:2375"]}', {"paths": [], "tcp": []}),
        (("--tls",), None, {"tls": "client certificates"}),
        (("--tls", "--tlsverify=false"), None, {"tls": "server"}),
        (("--tlsverify",), None, {"tls": "client certificates"}),
        ((), '{"tls": true, "tlsverify": false}', {"tls": "server"}),
        (("--tls=false",), '{"tlsverify": false}', {"tls": "none"}),
        (("-D", "--data-root", "/srv", "--containerd=/run/c"), None, {"paths": [OWN]}),
    ],
)
def test_options(words: tuple[str, ...], config: str | None, facts: dict[str, Any]) -> None:
    told = stated(*words, config=config)
    assert {key: told[key] for key in facts} == facts


def test_another_configuration_file() -> None:
    assert stated("--config-file", "/srv/d.json", config='{"group": "users"}', path="/srv/d.json")["group"] == "users"
    assert stated("--config-file=/srv/d.json", config='{"group": "users"}')["group"] == "docker"


@pytest.mark.parametrize("config", ["{", PermissionError(13, "no"), "[]"])
def test_a_configuration_that_cannot_be_read_leaves_all_open(config: Any) -> None:
    assert isinstance(stated(config=config), Hole)
