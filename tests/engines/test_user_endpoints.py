"""In what order users' engines are asked: who is silent is not asked again, and keeps nobody else waiting for long."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hostcheck.model import Hole
from hostcheck_builtin.engines import user_endpoints
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.engines.user_endpoints import Asking, UserEndpoints
from hostcheck_builtin.system import bounds


@dataclass
class Told:
    """What was asked, and in what order."""

    silent: frozenset[int] = frozenset()
    sent: list[str] = field(default_factory=list)

    def ask(self, uids: list[int], account: Callable[[int], int] = int) -> dict[str, str]:
        """Return what each user's socket said: an answer, nothing, or that it was not asked."""
        ends = [Endpoint(path=f"/{number}/{uid}", facts={"owner_uid": uid}, ask=True, named="docker", uid=uid) for number, uid in enumerate(uids)]
        asking = Asking(
            send=lambda some: self.sent.extend(end.path for end in some),
            receive=lambda end: "silence" if end.uid in self.silent else "answer",
            unasked=lambda _, hole: hole.message.partition(": not asked: ")[2],
            is_late=lambda said: said == "silence",
        )
        asked = UserEndpoints([(end, account(end.uid)) for end in ends], [])
        return {end.path: said for end, said in user_endpoints.answers(asked, asking)}


def test_all_are_asked() -> None:
    told = Told()
    assert set(told.ask(list(range(1000, 1060))).values()) == {"answer"} and len(told.sent) == 60


def test_who_is_silent_is_not_waited_for_twice() -> None:
    said = Told(silent=frozenset({1000})).ask([1000, 1001, 1000, 1002])
    assert said == {"/0/1000": "silence", "/1/1001": "answer", "/2/1000": "another of this user did not answer in time", "/3/1002": "answer"}


def test_the_wait_for_all_together_is_bounded() -> None:
    said = list(Told(silent=frozenset(range(1000, 1200))).ask(list(range(1000, 1200))).values())
    assert said.count("silence") == bounds.ENGINES_WAITED_FOR * bounds.ENGINE_SOCKETS_AT_ONCE and said.count(
        "others did not answer in time"
    ) == 200 - said.count("silence")


def test_whoever_has_a_range_is_waited_for_once() -> None:
    said = Told(silent=frozenset({5000})).ask([5000, 1001, 5001], lambda uid: 1000 if uid >= 5000 else uid)
    assert said == {"/0/5000": "silence", "/1/1001": "answer", "/2/5001": "another of this user did not answer in time"}


def test_why_one_is_not_asked() -> None:
    assert isinstance(user_endpoints.not_asked(Endpoint(path="/x", facts={}), "no"), Hole)
