"""Whatever one step of judging does, those after it have time."""

import math
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from hostcheck import pace as module
from hostcheck.model import Hole, Why
from hostcheck.pace import FREE, Pace

LATE = Hole(why=Why.TIMEOUT, message="late")
MUCH = Hole(why=Why.LIMIT, message="much")


def forever() -> NoReturn:
    while True:
        pass


def deaf() -> NoReturn:
    """Go on once, whatever is raised, as where Python finalises an object."""
    try:
        forever()
    except BaseException:
        forever()
    raise AssertionError


def greedy() -> NoReturn:
    raise MemoryError


def soon(seconds: float = 0.4, **more: Any) -> Pace:
    return Pace(time.monotonic() + seconds, late=LATE, much=MUCH, **more)


def told(hole: Hole) -> Hole:
    return hole


@pytest.mark.parametrize(("body", "hole"), [(forever, LATE), (deaf, LATE), (greedy, MUCH)])
def test_a_step_costs_itself_only(monkeypatch: pytest.MonkeyPatch, body: Callable[[], NoReturn], hole: Hole) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.05)
    pace = soon()
    assert pace.step("a", body, told) is hole
    assert pace.step("b", lambda: 1, told) == 1
    assert pace.step("c", forever, told) is LATE
    assert pace.step("d", lambda: 2, told) == 2
    assert pace.lost == {"a": hole, "c": LATE}


def test_what_a_step_raises_is_raised_and_no_alarm_is_left() -> None:
    pace = soon(0.2)
    with pytest.raises(ZeroDivisionError):
        pace.step("a", lambda: 1 / 0, told)
    time.sleep(0.3)  # longer than any alarm
    assert pace.lost == {}


def test_the_end_of_the_time_is_kept_for_what_comes_after() -> None:
    pace = soon(0.0)
    assert pace.step("a", lambda: 1, told) is LATE
    pace = soon(1000.0)
    pace._end -= 800.0
    assert pace.step("b", lambda: 1, told) is LATE
    assert pace.step("c", lambda: 1, told, keep=0.1) == 1


def test_steps_are_told_before_they_begin_and_may_be_left_out() -> None:
    begun: list[str] = []
    pace = soon(10.0, without={"b": MUCH}, begin=begun.append)
    assert [pace.step(name, lambda: begun[-1], told) for name in "abc"] == ["a", MUCH, "c"]
    assert begun == ["a", "c"] and pace.lost == {"b": MUCH}


def test_without_an_end_nothing_is_stopped() -> None:
    assert FREE.step("a", lambda: 1, told) == 1
    with pytest.raises(MemoryError):
        FREE.step("b", greedy, told)
    assert FREE.lost == {} and FREE._end == math.inf
