"""What stands in a report of a crowd: counted whole, the worst of each user, and never at the cost of root, of the host or of another user."""

import json
from collections import Counter
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck import shares
from hostcheck.model import SEVERITIES, Result
from hostcheck.outcome import Outcome
from hostcheck.shares import ALL, EACH, NAMED, Judged, cut


def outcome(
    number: int, uid: int | None = 1000, result: Result = Result.FAIL, severity: str = "high", rule: str = "T-1", subject: str = "", words: str = ""
) -> Judged:
    """Return an outcome whose finding says where it stood."""
    name = subject if subject in ("", "*") and subject else f"s{number}"
    finding = {"rule": rule, "subject": name, "result": str(result), "severity": severity, "uid": uid, "because": words}
    return "toy", Outcome(rule=rule, subject=name, result=result, severity=severity, uid=uid, tell=lambda: finding)


OUTCOMES = st.builds(
    partial(outcome, 0),
    uid=st.sampled_from([None, 0, *range(1000, 1006)]),
    result=st.sampled_from(list(Result)),
    severity=st.sampled_from(SEVERITIES),
    rule=st.sampled_from(["T-1", "T-2"]),
    subject=st.sampled_from(["", "", "*"]),
)


@given(judged=st.lists(OUTCOMES, max_size=80), each=st.integers(1, 6), all_=st.integers(1, 12))
def test_whatever_was_judged_is_named_or_counted(judged: list[Judged], each: int, all_: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shares, "EACH", each)
        patched.setattr(shares, "ALL", all_)
        findings, omitted = cut(judged)
    kinds = Counter((one["benchmark"], one["rule"], one["result"], one["severity"]) for one in findings)
    for one in omitted:
        kinds[one["benchmark"], one["rule"], one["result"], one["severity"]] += one["count"]
    assert kinds == Counter((benchmark, one.rule, str(one.result), one.severity) for benchmark, one in judged)
    # of each kind one is named, and of root and the host all
    assert {(one["rule"], one["result"], one["severity"]) for one in findings} == {(one.rule, str(one.result), one.severity) for _, one in judged}
    assert sum(one["uid"] == 0 or one["subject"] == "*" for one in findings) == sum(one.uid == 0 or one.subject == "*" for _, one in judged)
    assert all(one["uid"] != 0 for one in omitted)


def test_of_a_user_the_worst_are_named() -> None:
    worse = [outcome(number, severity="critical") for number in range(EACH)]
    findings, omitted = cut([*(outcome(number, severity="low") for number in range(5000)), *worse])
    assert Counter(one["severity"] for one in findings) == {"critical": EACH, "low": 2}
    assert omitted == [{"benchmark": "toy", "rule": "T-1", "result": "fail", "severity": "low", "uid": 1000, "count": 4998}]


def test_the_crowd_of_one_user_costs_no_other_anything() -> None:
    others = [outcome(number, uid=1001 + number % 8, result=Result.PASS, rule="T-2") for number in range(600)]
    crowd = [outcome(number) for number in range(100_000)]
    findings, omitted = cut([*crowd, *others])
    assert sum(one["rule"] == "T-2" for one in findings) == 600
    assert [(one["uid"], one["count"]) for one in omitted] == [(1000, 100_000 - EACH - 1)]


def test_users_take_turns_and_failures_come_first() -> None:
    judged = [outcome(number, uid=1000 + number % 5000, result=Result.PASS if number % 2 else Result.FAIL) for number in range(50_000)]
    findings, omitted = cut(judged)
    named = Counter(one["uid"] for one in findings if one["result"] == "fail")
    assert max(named.values()) <= 2 and named.total() >= ALL  # one in turn, and one for its kind
    assert len(omitted) == 2 * (NAMED + 1) and omitted[NAMED]["uid"] is None
    assert sum(one["count"] for one in omitted) + len(findings) == 50_000


def test_root_and_the_host_are_never_left_out_for_their_number() -> None:
    judged = [*(outcome(number, uid=0, result=Result.PASS) for number in range(5000)), *(outcome(number) for number in range(5000))]
    findings, omitted = cut(judged)
    assert sum(one["uid"] == 0 for one in findings) == 5000 and all(one["uid"] == 1000 for one in omitted)


def test_only_what_is_named_is_told() -> None:
    told: list[int] = []

    def tell(number: int) -> dict[str, Any]:
        told.append(number)
        return {"rule": "T-1"}

    alike = partial(Outcome, rule="T-1", result=Result.FAIL, severity="low")
    cut([("toy", alike(subject=f"s{number}", uid=1000 + number, tell=partial(tell, number))) for number in range(20_000)])
    assert len(told) == ALL + 1


def test_large_findings_stay_within_the_bound() -> None:
    judged = [outcome(number, uid=0, words="x" * 10_000) for number in range(2000)]
    findings, omitted = cut(judged)
    assert len(json.dumps(findings)) < shares.BYTES + 20_000
    assert len(findings) + sum(one["count"] for one in omitted) == 2000


def test_the_same_is_named_every_time() -> None:
    judged = [outcome(number, uid=1000 + number % 700) for number in range(9000)]
    assert cut(judged) == cut(judged)


def test_what_nobody_owns_has_half_of_the_room_beside_a_crowd() -> None:
    """A finding on what an account can do owns nobody: those are the worst."""
    crowd = [outcome(number, uid=1000 + number, severity="medium", words="x" * 3000) for number in range(5000)]
    others = [outcome(number, uid=None, severity="critical", rule="T-2", words="x" * 3000) for number in range(5000)]
    findings, _ = cut([*crowd, *others])
    named = Counter(one["rule"] for one in findings)
    assert named["T-1"] > 300 and abs(named["T-1"] - named["T-2"]) < 3
