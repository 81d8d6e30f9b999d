"""How an engine is asked for its networks: once, unless another answers than its socket is called after."""

import json
from typing import Any

from engines.engine_host import DOCKER, LIBPOD, host, said
from networks.network_host import DOCKERS, answers, ident, network, of_podman

from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.networks import asking

END = Endpoint(path=DOCKER, facts={}, ask=True, named="docker", uid=0)
LIST, OTHER = asking.LISTS["docker"], asking.LISTS["podman"]


class Asked:
    """A host that writes down what it is asked."""

    def __init__(self, **answered: Any) -> None:
        """Take what the engine answers."""
        self.host, self.log = host(**DOCKERS, answers={DOCKER: answered}), []  # type: ignore[var-annotated]

    def ahead(self, socket: str, path: str) -> None:
        self.log.append(("ahead", path))

    def get(self, socket: str, path: str, *, timeout: float, limit: int) -> Any:
        self.log.append(("get", path))
        assert timeout == 1.5 and limit == 4 << 20
        return self.host.get(socket, path, timeout=timeout, limit=limit)


def test_docker_is_asked_once() -> None:
    seen: Any = Asked(**answers(network(1), network(2, "db")))
    found = asking.listed(seen, END)
    assert (found.engine, list(found.networks), found.more) == ("docker", [ident(1), ident(2)], None)
    assert seen.log == [("get", LIST)]


def test_podman_behind_dockers_socket_is_asked_again_in_its_own_words() -> None:
    seen: Any = Asked(**{**answers(of_podman(), engine="podman"), LIST: said(json.dumps([network()]), server=LIBPOD)})
    found = asking.listed(seen, END)
    assert (found.engine, found.networks[ident(1)]["dns"]) == ("podman", True)
    assert [path for verb, path in seen.log if verb == "get"] == [LIST, OTHER]


def test_docker_behind_podmans_socket_as_well() -> None:
    seen: Any = Asked(**answers(network()), **{OTHER: said('{"message":"page not found"}', status=404)})
    assert asking.listed(seen, END._replace(named="podman")).engine == "docker"


def test_only_roots_engines_are_asked_for_a_list() -> None:
    seen: Any = Asked()
    asking.send(seen, [END, END._replace(ask=False), END._replace(uid=1000), END._replace(named="podman")])
    assert seen.log == [("ahead", LIST), ("ahead", OTHER)]
