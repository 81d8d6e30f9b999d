"""What engines call the containers that processes are in: control groups have only their ids."""

from collections.abc import Callable, Mapping
from typing import Any

from hostcheck.api import Hole, View, attempt, known, opening
from hostcheck_builtin.system.control_groups import SHORT


def resolver(facts: Mapping[str, Any]) -> Callable[[str], str | Hole]:
    """Return what names a container, given by engine and the first digits of its id, with the image; as it was given where no engine has such a one."""
    containers: View | Hole = attempt(lambda: facts["containers"]["containers"])
    if isinstance(containers, Hole):
        return lambda _: containers
    each = [attempt(_named, containers, key) for key in known(containers)]
    names = dict(one for one in each if not isinstance(one, Hole))
    unsure = opening(containers) or next((one for one in each if isinstance(one, Hole)), None)
    return lambda asked: names.get(asked.partition(":")[2]) or unsure or asked


def _named(containers: View, key: str) -> tuple[str, str | Hole]:
    container = containers[key]
    image = attempt(container.__getitem__, "image")
    return container["id"][:SHORT], image if isinstance(image, Hole) else f"{key} ({image})"
