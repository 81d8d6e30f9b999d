"""The audit rules of this kernel, and of kernels that would say something else."""

import errno
import os
import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest

from hostcheck.api import Hole, Why, attempt
from hostcheck.host import LimitExceeded, Nonsense, audit
from hostcheck.host.answers import AuditRules
from hostcheck.host.local import LocalHost

HOST = LocalHost()
KERNEL = (0, 0)


def message(kind: int, body: bytes) -> bytes:
    padded = body + bytes(-len(body) % 4)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + padded


STATUS = message(1000, struct.pack("=10I", 0, 1, 1, 77, 0, 64, 0, 0, 0, 0))
DONE = message(3, struct.pack("=i", 0))


class Line:
    """A netlink socket on which the kernel says what a test wants."""

    def __init__(self, *answers: tuple[bytes, tuple[int, int]] | OSError, refuses: OSError | None = None) -> None:
        """Say these answers, each with its sender."""
        self.answers, self.refuses, self.sent = list(answers), refuses, list[bytes]()

    def __enter__(self) -> "Line":
        """Be the socket."""
        return self

    def __exit__(self, *_: object) -> None:
        """Say no more."""
        self.answers.clear()

    def sendto(self, data: bytes, to: tuple[int, int]) -> None:
        if self.refuses:
            raise self.refuses
        assert to == KERNEL
        self.sent.append(data)

    def settimeout(self, left: float) -> None:
        assert 0 < left <= audit.PATIENCE

    def recvmsg(self, _: int) -> tuple[bytes, list[Any], int, tuple[int, int]]:
        answer = self.answers.pop(0) if self.answers else TimeoutError(errno.ETIMEDOUT, "late")
        if isinstance(answer, OSError):
            raise answer
        return answer[0], [], 0, answer[1]


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Line]:
    def say(*answers: bytes, sender: tuple[int, int] = KERNEL, refuses: OSError | None = None) -> Line:
        line = Line(*((one, sender) for one in answers), refuses=refuses)
        monkeypatch.setattr(audit, "_line", lambda: line)
        return line

    return say


def test_status_and_rules_are_told_in_their_order(says: Callable[..., Line]) -> None:
    line = says(STATUS, message(1013, b"first"), message(1013, b"second") + message(1013, b"third"), DONE)
    assert HOST.audit_rules() == AuditRules(enabled=1, pid=77, rules=(b"first", b"second", b"third"))
    assert line.sent == [struct.pack("=IHHII", 16, kind, 1, kind, 0) for kind in (1000, 1013)]  # nothing is set


def test_what_is_no_answer_is_passed_over(says: Callable[..., Line]) -> None:
    says(message(1300, b"a record"), STATUS, message(2, struct.pack("=i", 0)), message(1013, b"rule"), DONE)
    assert HOST.audit_rules().rules == (b"rule",)


def test_a_process_that_passes_for_the_kernel_is_not_believed(says: Callable[..., Line]) -> None:
    says(STATUS, DONE, sender=(4711, 0))
    with pytest.raises(TimeoutError):
        HOST.audit_rules()


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([message(2, struct.pack("=i", -errno.EPERM))], PermissionError),
        ([message(2, struct.pack("=i", -errno.ECONNREFUSED))], PermissionError),
        ([message(2, struct.pack("=i", -errno.EINVAL))], OSError),
        ([message(2, b"")], OSError),
        ([message(1000, b"short")], Nonsense),
        ([DONE], Nonsense),
        ([STATUS, message(1013, b"rule")], TimeoutError),
        ([STATUS, message(2, struct.pack("=i", -errno.EPERM))], PermissionError),
    ],
)
def test_a_refusal_is_never_an_empty_list(says: Callable[..., Line], answers: list[bytes], error: type[Exception]) -> None:
    says(*answers)
    with pytest.raises(error):
        HOST.audit_rules()


def test_more_rules_than_are_read(says: Callable[..., Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "RULES", 1)
    says(STATUS, message(1013, b"1") + message(1013, b"2"), DONE)
    with pytest.raises(LimitExceeded):
        HOST.audit_rules()


def test_another_user_namespace_is_refused(says: Callable[..., Line]) -> None:
    says(refuses=ConnectionRefusedError(errno.ECONNREFUSED, "refused"))
    hole = attempt(HOST.audit_rules)
    assert isinstance(hole, Hole)
    assert hole.why is Why.DENIED


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.EPROTONOSUPPORT, FileNotFoundError), (errno.EAFNOSUPPORT, PermissionError), (errno.EPERM, PermissionError), (errno.EMFILE, OSError)],
)
def test_a_kernel_without_audit_is_known_and_a_sandbox_is_a_hole(monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(error):
        HOST.audit_rules()


def test_this_kernel_answers_or_says_why_not() -> None:
    try:
        told = attempt(HOST.audit_rules)
    except FileNotFoundError:
        return
    if isinstance(told, Hole):
        assert told.why is Why.DENIED
    else:
        assert told.enabled in (0, 1, 2)
