"""The contract of probes: facts obey their schema, are the same twice, and nothing that a host denies or makes up changes that.

What a host denies is tried on its own recorded answers, one at a time, so a probe is tried on just those questions that it asks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, ClassVar, Final

from hostcheck.host import ABSENT, Host, attempt
from hostcheck.host.record import Recorder
from hostcheck.host.recording import decode, encode
from hostcheck.host.replay import Replay
from hostcheck.model import Json, Probe
from hostcheck.parting import escape, part, unite
from hostcheck.testing.contract import Contract, require, require_closed, require_none, require_obeyed
from hostcheck.testing.hindrances import ERRORS, cuts, delays
from hostcheck.testing.laws import breaches, differences
from hostcheck.testing.shipped import require_name

Collect = Callable[[Host], Json]
Hindered = Callable[[Collect, Replay], Iterator[tuple[str, Host]]]

TEXTS: Final = (
    b"",
    b"\0\xff\xfe\x1b[2J\n\n : :\n=\n",
    b"::::::::::\n" * 3,
    b"1 2 3 4 5 6 7 8 9 10 11 12\n",
    b"9" * 5000,  # int() refuses more than 4300 digits
    b"[" * 50_000,  # json.loads() raises RecursionError
)
"""What may stand in a file, or come from a socket, that somebody else can write."""
NAMES: Final = ("\udcff\x1b[2J\n", "\\xff\x1b[2J\n", "9" * 255, " ", "*", "-")
"""What a file may be called: the first two are the same once they are written as UTF-8."""
GARBLED: Final = {"read_bytes": "", "get": "body", "read_link": "", "list_dir": ""}
"""Verbs whose answers somebody else may have written, and the member of the answer that was."""


class ProbeContract(Contract):
    """What holds for every probe, to inherit in a test module.

    Give `probe`, and `hosts` by name: a `memory_host` for each case that you can think of, and a `replay` of a real host. Every test of the class
    that has an argument `host`, your own as well, runs once for each of them.

    ```python
    from acme_motd.plugin import hostcheck_probes
    from hostcheck.testing import ProbeContract, memory_host

    class TestMotd(ProbeContract):
        (probe,) = hostcheck_probes()
        hosts = {"greets": memory_host({"/etc/motd": "hello"}), "says nothing": memory_host()}
    ```
    """

    __test__ = False
    probe: ClassVar[Probe]
    hosts: ClassVar[Mapping[str, Host]] = {}
    needs: ClassVar[Mapping[str, str]] = {"probe": "MOTD", "hosts": '{"greets": memory_host({"/etc/motd": "hello"})}'}

    def cases(self) -> Mapping[str, Any]:
        """Run what has an argument `host` on each of the hosts."""
        return {"host": self.hosts}

    def test_its_name_can_be_used(self) -> None:
        """The registry refuses a name that hostcheck has, or that cannot stand in a pointer or on a command line."""
        require_name(self.probe)

    def test_its_facts_schema_is_closed(self) -> None:
        """What the schema does not describe is not a fact, and an empty document is not all facts."""
        require_closed(self.probe.facts_schema)

    def test_on_some_host_it_states_facts(self) -> None:
        """A probe that never states anything obeys every other test."""
        seen = [stated(self.probe.collect, host, self.probe.id) for host in self.hosts.values()]
        remedy = "add a host on which it can see what it looks for"
        require(any(isinstance(facts, dict) for facts in seen), f"{self.probe.id} states no facts on any of `hosts`, only {seen!r:.300}; {remedy}")

    def test_its_facts_obey_their_schema(self, host: Host) -> None:
        """Facts that break their schema are `unknown` in every rule."""
        require_obeyed(stated(self.probe.collect, host, self.probe.id), self.probe.facts_schema, self.probe.id)

    def test_its_facts_are_the_same_twice(self, host: Host) -> None:
        """One host, one answer: no clock, no random order, nothing kept from the last time."""
        once, again = (stated(self.probe.collect, host, self.probe.id) for _ in range(2))
        remedy = "State nothing that depends on the time, on chance, on the order of a set, or on what an earlier call left in a module."
        require_none(differences(once, again), f"{self.probe.id} stated something else when the same host was asked again:", remedy)

    def test_a_replay_states_the_same(self, host: Host) -> None:
        """Everything that a probe knows, it was told by the host."""
        facts = stated(self.probe.collect, host, self.probe.id)
        again = stated(self.probe.collect, Replay(recorded(self.probe.collect, host)), self.probe.id)
        remedy = "Read through the verbs of the host only: never with open(), os or subprocess, and never by what kind of host it is."
        require_none(differences(facts, again), f"{self.probe.id} states something else where the host's answers are given again:", remedy)

    def test_denying_any_answer_only_makes_holes(self, host: Host) -> None:
        """What a host does not tell is not known; it is not absent, and nothing else changes."""
        remedy = "Denied is not absent: ask by `attempt(host.read_text, ...)` of hostcheck.api, and let the Hole that it returns stand where the fact would."
        remedy += "\nOf a list or an object that may have more, state `incomplete(members, hole)`. Catch ABSENT, and never OSError."
        require_none(denials(self.probe.collect, host), f"{self.probe.id} states something else where it was told less:", remedy)

    def test_delaying_its_answers_only_makes_holes(self, host: Host) -> None:
        """A host may get slower while it is asked, and where the first were late the others may not be asked any more."""
        remedy = "Too late is not absent. Where others used up what you would wait, state a Hole for each of those that you did not ask."
        require_none(hinder(self.probe.collect, host, delays), f"{self.probe.id} states something else where answers came too late:", remedy)

    def test_cutting_any_answer_only_makes_holes(self, host: Host) -> None:
        """Half a document is none, and a process that is `lost` says that there were others."""
        remedy = "State a Hole where a document does not parse, and an incomplete collection where one of the processes is `lost`."
        require_none(hinder(self.probe.collect, host, cut), f"{self.probe.id} states something else where an answer was cut short:", remedy)

    def test_whatever_it_reads_its_facts_obey_their_schema(self, host: Host) -> None:
        """Whoever can write what a probe reads must not be able to stop it."""
        for result, garbled in self._garbled(host):
            what = f"{self.probe.id}, with {result}"
            with Saying(f"{what}; what others can write may hold anything: state it as malformed, or as a Hole, and go on"):
                facts = stated(self.probe.collect, garbled, self.probe.id)
            require_obeyed(facts, self.probe.facts_schema, what)

    def _garbled(self, host: Host) -> Iterator[tuple[str, Replay]]:
        return garbles(recorded(self.probe.collect, host))


class Saying:
    """Add `words` to whatever is raised meanwhile, so that the traceback of a probe says what it was given."""

    def __init__(self, words: str) -> None:
        """Add `words`."""
        self.words = words

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        """Add the words."""
        if error is not None:
            error.add_note(self.words)


def stated(collect: Collect, host: Host, name: str = "probe") -> Json:
    """Return the facts as they come out of evidence: what the probe raises is a hole at their root, and an absence that gets away is a mistake."""
    __tracebackhide__ = True
    try:
        return unite(*part(attempt(collect, host), escape), name)
    except ABSENT as error:
        remedy = "absence is data: catch ABSENT of hostcheck.api around the verb, and state what it means"
        raise AssertionError(f"an absence got away from the probe {name!r}: {error!r}; {remedy}") from error


def recorded(collect: Collect, host: Host) -> dict[str, Json]:
    """Return the answers that `host` gave, as they would be read from a file."""
    recorder = Recorder(host, keep=True)
    stated(collect, recorder)
    return recorder.recording()


def denials(collect: Collect, host: Host) -> Iterator[str]:
    """Yield what becomes anything but a hole when one answer of `host` is denied; raises AssertionError where nothing was asked or a replay differs."""
    __tracebackhide__ = True
    yield from hinder(collect, host, denied)


def hinder(collect: Collect, host: Host, hindered: Hindered) -> Iterator[str]:
    """Yield what becomes anything but a hole where a replay of `host` is `hindered`; raises AssertionError as `denials` does."""
    __tracebackhide__ = True
    replay = Replay(recorded(collect, host))
    before = stated(collect, replay)
    require_none(differences(stated(collect, host), before), "a replay of the host states something else:", "Read through the verbs of the host only.")
    require(bool(replay.keys), "the probe asked this host nothing; read through the verbs of the host, never with open(), os or subprocess")
    for words, other in hindered(collect, replay):
        with Saying(words):
            after = stated(collect, other)
        yield from (f"{words}: {breach}" for breach in breaches(before, after))


def denied(_: Collect, replay: Replay) -> Iterator[tuple[str, Host]]:
    """Yield the host without each of its answers in turn, in every way."""
    for key in replay.keys:
        yield from ((f"without `{key}` ({error!r})", replay.denying(key, error)) for error in ERRORS)


def cut(collect: Collect, host: Host) -> Iterator[tuple[str, Host]]:
    """Yield the host with each of its answers cut short in turn."""
    return cuts(recorded(collect, host))


def garbles(recording: Mapping[str, Any]) -> Iterator[tuple[str, Replay]]:
    """Yield the recorded host with garbage in place of each answer that somebody else may have written, in turn, and what was done to it."""
    host = Replay(recording)
    for answer in recording["answers"]:
        if answer["verb"] not in GARBLED or "value" not in answer:
            continue
        member = GARBLED[answer["verb"]]
        value = answer["value"]
        for garbage in _garbage(decode(value[member] if member else value)):
            changed = {**value, member: encode(garbage)} if member else encode(garbage)
            yield f"{garbage!r:.60} as the answer to {answer['verb']} {answer['args']}", host.answering({**answer, "value": changed})


def _garbage(stated: bytes | str | list[str]) -> Iterable[bytes | str | list[str]]:
    if isinstance(stated, bytes):
        return (stated[: len(stated) // 2], *TEXTS)
    return NAMES if isinstance(stated, str) else ([], sorted({*stated, *NAMES}))
