"""How an engine is asked: many at a time, no longer than the patience lasts, and by ids alone."""

from typing import Any

from containers.container_host import DOCKERS, answers, ident, inspected
from engines.engine_host import DOCKER, host

from hostcheck.model import Hole
from hostcheck_builtin.containers import inspection
from hostcheck_builtin.containers.inspection import Patience
from hostcheck_builtin.engines.endpoints import Endpoint

END = Endpoint(path=DOCKER, facts={}, ask=True, named="docker", uid=0)


class Asked:
    """A host that writes down in which order it is asked."""

    def __init__(self, *containers: dict[str, Any]) -> None:
        """Take what the engine has."""
        self.host, self.log = host(**DOCKERS, answers={DOCKER: answers(*containers)}), []  # type: ignore[var-annotated]

    def ahead(self, socket: str, path: str) -> None:
        self.log.append(("ahead", path))

    def get(self, socket: str, path: str, *, timeout: float, limit: int) -> Any:
        self.log.append(("get", path))
        assert 0 < timeout <= 1.5
        return self.host.get(socket, path, timeout=timeout, limit=limit)


def test_those_of_a_batch_are_asked_before_one_is_answered() -> None:
    containers = [inspected(number, f"c{number}") for number in range(1, 20)]
    seen: Any = Asked(*containers)
    found = dict(inspection.inspected(seen, END, "docker", [one["Id"] for one in containers], Patience()))
    assert [one["name"] for one in found.values()] == [f"c{number}" for number in range(1, 20)]
    assert [verb for verb, _ in seen.log] == ["ahead"] * 16 + ["get"] * 16 + ["ahead"] * 3 + ["get"] * 3


def test_who_has_no_patience_asks_nothing() -> None:
    seen: Any = Asked(inspected(1))
    found = dict(inspection.inspected(seen, END, "docker", [ident(1)], Patience(0)))
    assert isinstance(found[ident(1)], Hole) and seen.log == []
    assert isinstance(inspection.volumes(seen, END, Patience(0)), Hole) and seen.log == []


def test_only_roots_engines_are_asked_for_a_list() -> None:
    seen: Any = Asked()
    inspection.send(seen, [END, END._replace(ask=False), END._replace(uid=1000)])
    assert seen.log == [("ahead", inspection.LIST)]
