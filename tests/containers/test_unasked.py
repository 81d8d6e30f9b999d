"""What a dockerd that cannot be asked leaves open."""

from typing import Any

import pytest

from hostcheck.model import Hole, Why
from hostcheck_builtin.containers.unasked import unasked


@pytest.mark.parametrize(
    ("shown", "sockets", "message"),
    [
        ([], {}, None),
        (["/run/docker.sock"], {"/run/docker.sock": {}}, None),
        (["127.0.0.1:2375", "/run/docker.sock"], {"/run/docker.sock": {}}, None),
        (["127.0.0.1:2375"], {"/run/podman.sock": {}}, "127.0.0.1:2375: docker runs, and no socket is known at which it could be asked for its things"),
    ],
)
def test_a_dockerd_without_a_socket_leaves_a_hole(shown: list[str], sockets: dict[str, Any], message: str | None) -> None:
    found = unasked({"engine-scope": {"rootful_docker": shown, "sockets": sockets}}, "things")
    assert found == (None if message is None else Hole(why=Why.UNSUPPORTED, message=message))
