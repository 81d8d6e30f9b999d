"""Edges of containers: what leads out of a container that runs; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import NOTHING, SURE, container, told


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((container(),), {"container:docker:web": [(*SURE, ("escapes",))]}),
        ((container(runs=False),), NOTHING),
        ((container(ways=["it reads files that only root may"]),), {"container:docker:web": [("likely", "nothing", ("escapes",))]}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found
