"""Record this host for the tests: `python tests/fakes/record.py > tests/fakes/NAME.recording.json`.

A recording holds what the probes read: users, processes, mounts and settings of the machine that it was made on. Make it on a throwaway host.
With `--onto OLD` its answers stand, and this host is asked only what OLD was not: so a new probe, or a new question, does not change what tests expect.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from hostcheck import collect, registry
from hostcheck.host import Unsupported
from hostcheck.host.local import LocalHost
from hostcheck.host.record import Recorder
from hostcheck.host.recording import SCHEMA, key_of
from hostcheck.host.replay import Replay
from hostcheck.invoke import state

NEVER = "never asked"


class Onto:
    """A host that answers as it was recorded for a probe; what was never asked, the host itself is asked. A new probe has answers of one host alone."""

    kind = "local"

    def __init__(self, *hosts: Any) -> None:
        """Ask these hosts in turn."""
        self._hosts = hosts

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        """Return a verb that asks one host after the other."""

        def ask(*args: Any, **named: Any) -> Any:
            for host in self._hosts[:-1]:
                try:
                    return getattr(host, verb)(*args, **named)
                except Unsupported as error:
                    if not str(error).startswith(NEVER):
                        raise
            return getattr(self._hosts[-1], verb)(*args, **named)

        return ask


def onto(old: dict[str, Any]) -> dict[str, Any]:
    """Return `old` with the answers that probes of today ask for besides."""
    probes = {}
    for name, probe in sorted((name, probe) for name, probe in registry.load().probes.items() if not probe.deep):
        own = [Replay(old["probes"][name])] if name in old["probes"] else []
        recorder = Recorder(Onto(*own, LocalHost()), keep=True)
        state(probe, recorder)
        kept = {_key(one): one for one in old["probes"][name]["answers"]} if own else {}
        probes[name] = {"schema": SCHEMA, "answers": [kept.get(_key(one), one) for one in recorder.recording()["answers"]]}
    return {**old, "probes": probes}


def _key(entry: dict[str, Any]) -> str:
    return key_of(entry["verb"], entry["args"])


def main() -> None:
    """Print the recording."""
    found: dict[str, Any] = {}
    if sys.argv[1:2] == ["--onto"]:
        with open(sys.argv[2], encoding="utf-8") as file:
            found = onto(json.load(file))
    json.dump(found or collect.record(registry.load()), sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
