"""A control group has an id of a container, and its engine the name."""

from typing import Any

import pytest

from hostcheck.model import Hole, Why, incomplete
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.sockets.container_names import resolver

DENIED = Hole(why=Why.DENIED, message="Permission denied")
ASKED = "docker:0123456789ab"
WEB = {"id": "0123456789ab" + "c" * 52, "image": "nginx:1"}


def named(containers: Any) -> Any:
    return resolver(View({"containers": unite(*part({"containers": containers}), "containers")}))(ASKED)


@pytest.mark.parametrize(
    ("containers", "name"),
    [
        ({"docker:web": WEB}, "docker:web (nginx:1)"),
        ({"podman:web": WEB, "docker:db": {**WEB, "id": "d" * 64}}, "podman:web (nginx:1)"),
        ({"docker:web": {**WEB, "id": "d" * 64}}, ASKED),
        ({}, ASKED),
        ({"docker:web": {**WEB, "image": DENIED}}, DENIED),
        ({"docker:web": {**WEB, "id": DENIED}}, DENIED),
        ({"docker:web": DENIED}, DENIED),
        (incomplete({}, DENIED), DENIED),
        (incomplete({"docker:web": WEB}, DENIED), "docker:web (nginx:1)"),
        (DENIED, DENIED),
    ],
)
def test_a_container_is_named_by_its_id_and_what_is_not_known_is_no_name(containers: Any, name: Any) -> None:
    assert named(containers) == name
