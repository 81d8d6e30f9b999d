"""Which units of systemd start root's engines: by the socket unit that listens, else by the names that packages give them."""

from typing import Any

import pytest
from engines.scope_facts import DENIED, DOCKER, derive, docker, facts, grpc

from hostcheck.model import Hole, OpenObject, incomplete

CONTAINERD = "/run/containerd/containerd.sock"
PROGRAMS = {"/usr/bin/dockerd": {"engine": "docker", "root_owned": True}}
USUAL = {"docker.service": {"socket": "docker.socket"}}


def units(sockets: Any, stated: Any, **more: Any) -> Any:
    """Return the units of what shows that docker runs as root, beside an engine of ann's."""
    told = facts(sockets, {"/run/user/1000/docker.sock": docker("name=rootless", uid=1000)}, **more)
    return derive({**told, "sockets": {"sockets": stated}})["users"]["ann"]["rootful_units"]


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [
        ({}, USUAL),
        ({DOCKER: {}}, USUAL),
        ({DOCKER: {"unit": "docker.socket"}}, USUAL),
        ({DOCKER: {"unit": "prod.socket"}}, {"prod.service": {"socket": "prod.socket"}}),
        ({DOCKER: {"unit": "docker-site.socket", "service": "docker.service"}}, {"docker.service": {"socket": "docker-site.socket"}}),
        ({DOCKER: {"unit": "prod.service"}}, USUAL),
    ],
)
def test_the_socket_unit_names_the_service(stated: Any, wanted: Any) -> None:
    assert units({DOCKER: docker()}, stated) == wanted


def test_a_program_or_a_pidfile_names_the_unit_of_its_package() -> None:
    assert units({}, {}, processes=PROGRAMS) == USUAL
    assert units({}, {}, pidfiles={"/run/docker.pid": {"engine": "docker", "running": True}}) == USUAL
    assert units({CONTAINERD: grpc("containerd")}, {}) == {}


def test_what_is_not_known_of_the_sockets_leaves_the_units_open() -> None:
    told = units({DOCKER: docker()}, {DOCKER: DENIED}, processes=PROGRAMS)
    assert told == USUAL and isinstance(told, OpenObject)
    assert isinstance(units({DOCKER: docker()}, incomplete({}, DENIED)), OpenObject)
    assert not isinstance(units({DOCKER: docker()}, {}, processes=PROGRAMS), OpenObject | Hole)
