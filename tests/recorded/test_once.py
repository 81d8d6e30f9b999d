"""All probes over one host that is asked once: each states what it states alone, byte for byte, in every order, whatever is denied to them."""

import json
import math
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest

from hostcheck import collect, isolate, registry
from hostcheck.host import Host, LimitExceeded, once, processes
from hostcheck.host.local import LocalHost
from hostcheck.host.once import FILES, Once
from hostcheck.host.record import Recorder
from hostcheck.host.recording import SCHEMA, key_of
from hostcheck.host.replay import Replay
from hostcheck.invoke import state
from hostcheck.testing.hindrances import DENIED, LATE

FAKES = sorted((Path(__file__).parents[1] / "fakes").glob("*.recording.json"))
PROBES = {name: probe for name, probe in registry.load().probes.items() if not probe.deep}
SHARED = [f"read_bytes follow=True path={path}" for path in sorted(FILES)]
ERRORS = [DENIED, LATE, FileNotFoundError(2, "No such file or directory"), LimitExceeded("too much")]


def recorded(path: Path) -> Replay:
    """Return one host of the answers that all probes were given; of two to one question, the first."""
    answers: dict[str, Any] = {}
    for _, recording in sorted(json.loads(path.read_text())["probes"].items()):
        for answer in recording["answers"]:
            answers.setdefault(key_of(answer["verb"], answer["args"]), answer)
    return Replay({"schema": SCHEMA, "answers": list(answers.values())})


def stated(name: str, host: Host) -> bytes:
    """Return all that a probe leaves: facts, holes, sources, and each answer that it was given."""
    recorder = Recorder(host, keep=True)
    facts, holes = state(PROBES[name], recorder)
    return json.dumps([facts, holes, recorder.sources, recorder.recording()]).encode()


def alone(host: Host) -> dict[str, bytes]:
    return {name: stated(name, host) for name in PROBES}


def together(host: Host, order: Iterable[str]) -> dict[str, bytes]:
    shared, found = Once(lambda _: nullcontext(host), lambda: 0.0), {}
    for name in order:
        with shared.look() as look:
            found[name] = stated(name, look)
    return found


def orders() -> Iterator[list[str]]:
    """Yield orders in which each probe is the first once, and the last once."""
    names = list(PROBES)
    random.shuffle(names)
    for number in range(len(names)):
        yield names[number:] + names[:number]


@pytest.mark.parametrize("path", FAKES, ids=lambda path: path.name.partition(".")[0])
def test_probes_state_together_what_each_states_alone(path: Path) -> None:
    host = recorded(path)
    expected = alone(host)
    for order in orders():
        assert together(host, order) == expected, order


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize("question", SHARED)
def test_what_is_denied_to_all_is_denied_to_each(question: str, error: Exception) -> None:
    host = recorded(FAKES[1]).denying(question, error)
    assert together(host, sorted(PROBES)) == alone(host)


class Counting:
    """A host that counts which of the shared questions reached it."""

    def __init__(self, host: Host) -> None:
        """Ask `host`."""
        self._host, self.asked = host, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        """Return what the host has."""
        return getattr(self._host, name)

    def read_bytes(self, path: str, **options: Any) -> bytes:
        """Count, and ask."""
        if path in FILES:
            self.asked[path] += 1
        return self._host.read_bytes(path, **options)


@pytest.mark.parametrize("path", FAKES, ids=lambda path: path.name.partition(".")[0])
def test_all_probes_read_each_file_once(path: Path) -> None:
    """A probe that reads a file again does so to see what has changed, so that only what it read first is shared."""
    probes, again = Counter[str](), Counter[str]()
    for name in PROBES:
        counting = Counting(recorded(path))
        stated(name, cast(Host, counting))
        probes.update(counting.asked.keys())
        again += counting.asked - Counter(counting.asked.keys())
    counting = Counting(recorded(path))
    together(cast(Host, counting), sorted(PROBES))
    assert counting.asked - again == dict.fromkeys(FILES, 1)
    assert min(probes.values()) > 3


LIVE = """
import json, sys
from difflib import unified_diff
sys.path.insert(0, sys.argv[1])
from recorded.test_once import PROBES, orders, stated
from hostcheck.host.local import LocalHost
from hostcheck.host.once import Once
def looked(name, host):
    facts, holes, sources, _ = json.loads(stated(name, host))
    return json.dumps([facts, holes, sources], indent=1).splitlines()
def alone():
    found = {}
    for name in PROBES:
        with LocalHost() as host:
            found[name] = looked(name, host)
    return found
def together(order):
    known = {}
    once, found = Once(lambda _: LocalHost(known=known)), {}
    for name in order:
        with once.look() as look:
            found[name] = looked(name, look)
    return found
after, told = alone(), []
for order in orders():
    for _ in range(5):
        before, found, after = after, together(order), alone()
        if before == after:  # else somebody has changed the machine meanwhile
            break
    told += [line for name in order for line in unified_diff(after[name], found[name], f"{name} alone", f"in {order}", lineterm="")]
sys.exit("\\n".join(told) or 0)
"""
QUIET = """
mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/user/1000
setpriv --reuid=4711 --regid=4711 --groups=4711,4712 sleep 600 &
exec "$@"
"""


@pytest.mark.root
def test_so_they_do_on_a_host_that_is_alive() -> None:
    """In namespaces with processes of their own, where nobody else starts or ends any."""
    space = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc", "sh", "-c", QUIET, "sh"]
    done = subprocess.run([*space, sys.executable, "-c", LIVE, str(Path(__file__).parents[1])], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr[-8000:]


def test_the_probes_of_a_worker_read_each_process_and_each_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what a probe asks again, and for what changes meanwhile, as this process does not."""
    read, asked = Counter[int](), Counter[str]()
    group, content = processes._group, LocalHost._content

    def reading(pid: int, *more: Any) -> Any:
        read[pid] += 1
        return group(pid, *more)

    def asking(host: LocalHost, path: str, limit: int, follow: bool, parsed: bool) -> bytes:
        asked[path] += 1
        return content(host, path, limit, follow, parsed)

    monkeypatch.setattr(processes, "_group", reading)
    for module in (once, processes):
        monkeypatch.setattr(module, "SERVES", 600.0)
    monkeypatch.setattr(LocalHost, "_content", asking)
    shared, names = collect._once(isolate.Notes(), math.inf), [name for name, probe in PROBES.items() if not probe.alone]
    for name in names:
        collect._run(PROBES[name], shared)
    assert read[os.getpid()] == 1
    assert asked["/etc/nsswitch.conf"] == 1
    for name in names:
        collect._run(PROBES[name], collect._once(isolate.Notes(), math.inf))
    assert read[os.getpid()] > 5
    assert asked["/etc/nsswitch.conf"] > 5
