"""A child that does one work after the other, each of them limited, and tells its guard of each."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, NoReturn, TypeVar

from hostcheck import crash
from hostcheck.isolate.limits import Limits, Room, confine, too_much
from hostcheck.isolate.messages import KINDS, MESSAGE, TOOK, header, send
from hostcheck.isolate.notes import Notes
from hostcheck.model import Why
from hostcheck.parting import clean

T = TypeVar("T")
NUMBER: Final = 4
"""Bytes of a number in the queue."""
ANSWER: Final = KINDS.index(None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan(Generic[T]):
    """The works of a crew, by their numbers: those that are `alone` in a worker, and those that `workers` take from the `queue`, a pipe with the numbers in it.

    `make` is called in each worker, for what it hands to its works; `doubts` says of an answer whether it may be the fault of works before it. `notes` is
    the file of Notes.
    """

    works: Sequence[Callable[[T], bytes]]
    make: Callable[[Notes], T]
    limits: Limits
    doubts: Callable[[bytes], bool] = lambda answer: False
    alone: tuple[int, ...] = ()
    workers: int = 0
    queue: int = -1
    notes: int = -1


def serve(plan: Plan[T], guard: int, tells: int, number: int | None) -> NoReturn:
    """Do the work of a `number`, or the next one of the queue, and go on with those in the queue where it is not to be alone."""
    try:
        confine(plan.limits, guard)
        _Worker(plan, tells).run(number)
    finally:
        os._exit(1)  # looked at only where there is no answer


class _Worker(Generic[T]):
    def __init__(self, plan: Plan[T], tells: int) -> None:
        self._plan, self._tells = plan, tells
        self._hosts: list[T] = []
        self._notes = Notes(plan.notes)

    def run(self, number: int | None) -> None:
        """Return where a work failed, or may have, because of those before it: its guard has it done again, in a worker of its own."""
        alone = number in self._plan.alone
        room = None if alone else Room(self._plan.limits)
        again, first = number is not None, True
        if number is None and (number := self._next()) is not None:
            send(self._tells, header(TOOK, number))
        while number is not None:
            self._notes.begin(number, again=again)
            kind, payload = self._answer(number)
            failed = kind != ANSWER or self._plan.doubts(payload)
            if failed and not first:
                return
            following = self._next() if room and not failed and room.renew() else None
            send(self._tells, header(kind, number, len(payload)), payload, b"" if following is None else header(TOOK, following))
            again, first, number = False, False, following
        os._exit(0)

    def _next(self) -> int | None:
        """Return the number of the next work in the queue: one read(2) takes it whole, since the queue was filled before there were workers."""
        return int.from_bytes(taken) if (taken := os.read(self._plan.queue, NUMBER)) else None

    def _answer(self, number: int) -> tuple[int, bytes]:
        try:
            if not self._hosts:
                self._hosts.append(self._plan.make(self._notes))
            return ANSWER, bytes(self._plan.works[number](self._hosts[0]))
        except MemoryError:
            return KINDS.index(Why.LIMIT), too_much(self._plan.limits.memory).message.encode()
        except BaseException as error:
            return KINDS.index(Why.CRASHED), clean(crash.told(error))[:MESSAGE].encode()
