"""What users' engines listen on: each user alone, nobody connected to, and a crowd that costs nothing but its own."""

from dataclasses import replace
from typing import Any

import pytest
from listeners.listener_host import DENIED, PLAIN, dockerd, host, process, tcp

from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.listeners.user_engines import of_users
from hostcheck_builtin.system import bounds

ANN = {process(30, "/usr/bin/podman", uid=1000): (("podman", "system", "service", "tcp:0.0.0.0:8080"), (50,))}
KIT = "/usr/bin/rootlesskit"


def users(running: Any = None, sockets: Any = None, **more: Any) -> Any:
    made = host(ANN if running is None else running, [tcp(50, 8080, uid=1000)] if sockets is None else sockets, **more)
    return of_users(made)


def test_a_users_engine() -> None:
    one = {"engine": "podman", "address": "0.0.0.0", "port": 8080, "process": {"pid": 30, "exe": "/usr/bin/podman"}}
    assert users() == {"1000": {"0.0.0.0:8080": one}}


def test_podman_that_has_started_itself_again() -> None:
    (one,) = ANN
    assert users({replace(one, name="exe"): ANN[one]}) == users()
    assert users({replace(one, name="exe", exe="/usr/bin/nc"): ANN[one]}) == {}


@pytest.mark.parametrize(
    "running",
    [
        {},
        dockerd(inodes=(50,)),
        {process(30, "/usr/bin/nc", uid=1000): (("nc",), (50,))},
        {process(30, "/usr/bin/podman", uid=1000): (("podman",), (51,))},
        {process(30, "/usr/bin/podman", uid=1001): (("podman",), (50,))},
    ],
)
def test_who_is_none(running: Any) -> None:
    found = users(running)
    assert found == {} and not isinstance(found, OpenObject)


@pytest.mark.parametrize(
    ("argv", "ports"),
    [
        (("-p", "0.0.0.0:2376:2376/tcp"), [2376]),
        (("--publish", "2376:2375/tcp"), [2376]),
        (("--publish=127.0.0.1:2376:2375/tcp",), [2376]),
        (("-p", "0.0.0.0:2376:2376/udp"), []),
        (("--net=slirp4netns",), []),
    ],
)
def test_of_rootlesskit_what_its_own_command_line_publishes(argv: tuple[str, ...], ports: list[int]) -> None:
    found = users({process(30, KIT, uid=1000): ((KIT, *argv), (50, 51))}, [tcp(50, 2376, uid=1000), tcp(51, 8080, uid=1000)])
    assert [one["port"] for one in found.get("1000", {}).values()] == ports


def test_nobody_is_connected_to() -> None:
    class Never(type(host())):  # type: ignore[misc]
        def tcp_demand(self, *_: Any, **__: Any) -> Any:
            raise AssertionError("connected to a user")

    made = host(ANN, [tcp(50, 8080, uid=1000)], demands={("127.0.0.1", 8080): PLAIN})
    made.__class__ = Never
    assert list(of_users(made)) == ["1000"]


def test_many_of_one_user_cost_that_user_alone() -> None:
    crowd = {process(100 + number, "/usr/bin/podman", uid=1001): (("podman",), (200 + number,)) for number in range(3 * bounds.PROCESSES_CALLED_LIKE_ENGINES)}
    sockets = [tcp(200 + number, 1024 + number, uid=1001) for number in range(10_000)]
    found = users({**ANN, **crowd}, [tcp(50, 8080, uid=1000), *sockets], files={"/etc/passwd": "bob:x:1001:1001::/:/bin/sh\n"})
    assert found["1000"] == users()["1000"] and not isinstance(found["1000"], OpenObject)
    assert len(found["1001"]) == bounds.PROCESSES_CALLED_LIKE_ENGINES and isinstance(found["1001"], OpenObject) and "1001" in found["1001"].hole.message
    assert len(sockets) > bounds.LISTENERS_OF_A_USER


class Slow(type(host())):  # type: ignore[misc]
    """A host on which users' descriptors take too long."""

    asked = 0

    def holders(self, inodes: Any, pids: Any) -> list[int]:
        self.__dict__["asked"] = self.asked + 1
        raise TimeoutError("slow")


def test_slow_ones_keep_the_scanner_waiting_a_few_times() -> None:
    people = {process(100 + uid, "/usr/bin/podman", uid=1000 + uid): (("podman",), ()) for uid in range(2 * bounds.SLOW_PROCESSES_OF_A_USER)}
    made = host(people, [tcp(200 + uid, 1024 + uid, uid=1000 + uid) for uid in range(2 * bounds.SLOW_PROCESSES_OF_A_USER)])
    made.__class__ = Slow
    found: Any = of_users(made)
    assert (
        made.asked == bounds.SLOW_PROCESSES_OF_A_USER
        and len(found) == 2 * bounds.SLOW_PROCESSES_OF_A_USER
        and all(isinstance(one, OpenObject) for one in found.values())
    )


@pytest.mark.parametrize("change", [{"processes": DENIED}, {"tcp_sockets": DENIED, "sockets": DENIED}, {"links": {}, "files": {"/proc/30/fd": DENIED}}])
def test_what_is_hidden_is_a_hole(change: dict[str, Any]) -> None:
    if "files" in change:
        found: Any = users({process(30, "/usr/bin/podman", uid=1000): (("podman",), ())}, **change)
        assert isinstance(found["1000"], OpenObject)
    elif "sockets" in change:
        assert users(sockets=DENIED)["1000"].why is Why.DENIED
    else:
        assert isinstance(users(**change), Hole)
