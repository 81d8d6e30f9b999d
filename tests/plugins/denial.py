"""Denying each answer of a host in turn, for the tests of one probe."""

from collections.abc import Callable, Iterator
from typing import Any

from laws import breaches

from hostcheck.host import ABSENT, LimitExceeded, attempt
from hostcheck.host.record import Recorder, Replay
from hostcheck.model import Hole, part, unite

ERRORS = (PermissionError(13, "Permission denied"), TimeoutError("too slow"), LimitExceeded("too much"), OSError(5, "Input/output error"))


def stated(collect: Callable[[Any], Any], host: Any) -> Any:
    """Return the facts as they come out of evidence; what the probe raises is a hole at their root, and absence is a mistake of the probe."""
    try:
        return unite(*part(attempt(collect, host)), "probe")
    except ABSENT as error:
        raise AssertionError(f"an absence got away: {error!r}") from error


def denials(collect: Callable[[Any], Any], host: Any) -> Iterator[str]:
    """Yield what breaks law 3 when one answer of a host is denied; raise AssertionError where nothing was asked, or all was lost."""
    recorder = Recorder(host, keep=True)
    before = stated(collect, recorder)
    replay = Replay(recorder.recording())
    assert stated(collect, replay) == before, "a replay states something else"
    assert replay.keys
    assert not isinstance(before, Hole), before
    for key in replay.keys:
        for error in ERRORS:
            yield from (f"without {key} ({error!r}): {breach}" for breach in breaches(before, stated(collect, replay.denying(key, error))))
