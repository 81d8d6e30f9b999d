"""What several hosts of one process read of the processes of this machine: each process once, as long as it is what it was."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from core.test_host_local import STRANGER

from hostcheck.host import processes
from hostcheck.host.answers import Process
from hostcheck.host.local import LocalHost
from hostcheck.host.processes import Known

SCRIPT = """
import ctypes, os, sys, threading, time

def act_as(uid):
    assert ctypes.CDLL(None).syscall(117, uid, uid, uid) == 0  # setresuid(2) of this thread alone
    acts.set()
    time.sleep(600)

acts = threading.Event()
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Told:
    """A child that does what it is told, one line of Python after the other."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        """Wait until it listens."""
        self.pid, self._child = child.pid, child
        self._says("ready\n")

    def _says(self, word: str) -> None:
        assert self._child.stdout is not None
        assert self._child.stdout.readline() == word

    def do(self, line: str) -> None:
        """Do one thing."""
        assert self._child.stdin is not None
        self._child.stdin.write(f"{line}\n")
        self._child.stdin.flush()
        self._says("done\n")

    def end(self) -> None:
        """End, and stay as a zombie, which nobody has waited for."""
        self._child.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)


@contextmanager
def started() -> Iterator[Told]:
    with subprocess.Popen([sys.executable, "-I", "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield Told(child)
        finally:
            child.kill()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is too old on a machine that is busy."""
    monkeypatch.setattr(processes, "SERVES", 600.0)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """Count how often each process is read."""
    counted, group = Counter[int](), processes._group

    def counting(pid: int, *more: Any) -> Any:
        counted[pid] += 1
        return group(pid, *more)

    monkeypatch.setattr(processes, "_group", counting)
    return counted


def of(pid: int, known: dict[int, Known]) -> list[Process]:
    return [one for one in LocalHost(known=known).processes() if one.pid == pid]


def test_what_lives_is_read_once_for_all_hosts(read: Counter[int]) -> None:
    known: dict[int, Known] = {}
    with started() as child:
        first, *others = [of(child.pid, known) for _ in range(4)]
        assert len(first) == 1 and others == [first] * 3
        assert read[child.pid] == read[1] == 1
        LocalHost().processes()  # a host that is alone knows nothing
        assert read[child.pid] == 2


def test_a_host_that_is_asked_again_reads_all_again(read: Counter[int]) -> None:
    known: dict[int, Known] = {}
    with started() as child:
        LocalHost(known=known).processes()
        host = LocalHost(known=known)
        for count in (1, 2, 3):
            host.processes()
            assert read[child.pid] == count


def test_what_has_ended_is_not_told_and_what_is_new_is() -> None:
    known: dict[int, Known] = {}
    with started() as first:
        assert of(first.pid, known)
    assert of(first.pid, known) == [] and first.pid not in known
    with started() as second:
        assert of(second.pid, known)


@pytest.mark.root
@pytest.mark.parametrize("change", [f"os.seteuid({STRANGER})", f"os.setegid({STRANGER})", f"os.setresuid({STRANGER}, {STRANGER}, {STRANGER})"])
def test_who_acts_as_another_by_now_is_read_again(change: str) -> None:
    known: dict[int, Known] = {}
    with started() as child:
        (before,) = of(child.pid, known)
        child.do(change)
        (after,) = of(child.pid, known)
        assert STRANGER not in (*before.uids, *before.gids) and STRANGER in (*after.uids, *after.gids)
        assert [after] == of(child.pid, {})


@pytest.mark.root
def test_who_sees_other_mounts_by_now_is_read_again() -> None:
    known: dict[int, Known] = {}
    unshare = "assert ctypes.CDLL(None).unshare(0x20000) == 0"
    with started() as child:
        child.do(unshare)
        (before,) = of(child.pid, known)
        child.do(unshare)
        (after,) = of(child.pid, known)
        assert "" != before.mounts != after.mounts != "" and [after] == of(child.pid, {})
        child.end()
        assert of(child.pid, known) == []  # it has ended, and its parent has not noticed


def test_a_later_process_of_the_same_number_is_another(read: Counter[int]) -> None:
    """A directory in /proc has another inode for it."""
    known: dict[int, Known] = {}
    with started() as child:
        of(child.pid, known)
        inode, *ids = known[child.pid].folder
        assert inode == os.stat(f"/proc/{child.pid}").st_ino != os.stat("/proc/self/task").st_ino
        other = replace(known[child.pid].process, name="another")
        known[child.pid] = Known(other, known[child.pid].at, (inode + 1, *ids))  # type: ignore[arg-type]
        assert [one.name for one in of(child.pid, known)] != ["another"]
        assert read[child.pid] == 2


def test_the_number_of_one_that_has_ended_can_be_anothers_at_once() -> None:
    """As a user can bring about, by starting as many as there are numbers."""
    seen = set[int]()
    for _ in range(20):
        with started() as child:
            seen.add(os.stat(f"/proc/{child.pid}").st_ino)
    assert len(seen) == 20


def test_what_was_read_long_ago_is_read_again(read: Counter[int], monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[int, Known] = {}
    with started() as child:
        of(child.pid, known)
        monkeypatch.setattr(processes, "SERVES", -1.0)
        of(child.pid, known)
        assert read[child.pid] == 2


@pytest.mark.root
def test_threads_with_credentials_of_their_own_are_read_again(read: Counter[int]) -> None:
    """They may end, and others begin, while their process stays what it is."""
    known: dict[int, Known] = {}
    with started() as child:
        child.do(f"os.setresuid({STRANGER - 1}, {STRANGER - 1}, {STRANGER})")
        child.do(f"threading.Thread(target=act_as, args=({STRANGER},), daemon=True).start(); acts.wait()")
        for count in (1, 2):
            assert {one.uids[0] for one in LocalHost(known=known).processes()} >= {STRANGER, STRANGER - 1}
            assert read[child.pid] == count and child.pid not in known


def test_an_error_leaves_what_was_known_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[int, Known] = {}
    LocalHost(known=known).processes()
    before = dict(known)

    def refused(*_: object) -> Callable[..., Any]:
        raise PermissionError(13, "hidden, as by hidepid")

    monkeypatch.setattr(processes, "_group", refused)
    with started(), pytest.raises(PermissionError):
        LocalHost(known=known).processes()
    assert known == before
