"""How many findings a report leaves out, in words."""

from hostcheck.left_out import left_out, more_like

KIND = {"benchmark": "toy", "rule": "T-1", "result": "fail", "severity": "low"}


def report(*counts: tuple[int | None, int]) -> dict[str, object]:
    return {"omitted": [{**KIND, "uid": uid, "count": count} for uid, count in counts]}


def test_it_is_said_whose_they_are() -> None:
    assert more_like(report((1000, 9900))) == "and 9,900 more like this, of user id 1000"
    assert more_like(report((None, 3))) == "and 3 more like this"
    assert more_like(report((1001, 5), (1000, 9), (None, 2))) == "and 16 more like this: 9 of user id 1000, 5 of user id 1001, 2 of others"


def test_only_those_that_are_asked_for() -> None:
    many = report((1000, 9900))
    assert left_out(many, rule="T-1", result="fail") == 9900 and left_out(many, rule="T-2") == 0
    assert more_like(many, severity="high") == "" and more_like({}) == "" and left_out({}) == 0
