"""What has one cause is told once, with the subjects; what differs in the cause, the fix or the severity is not."""

from typing import Any

import pytest
from contract.reports import FINDING

from hostcheck_builtin.formats.causes import EACH, because_of, causes, fix_of, subject_of, subjects_of, with_one_fix


def failed(subject: str, because: str = "{} is open", fix: Any = ({"run": "shut {}"},), **changes: Any) -> dict[str, Any]:
    steps = [{kind: text.format(subject) for kind, text in step.items()} for step in fix]
    return {**FINDING, "result": "fail", "subject": subject, "because": because.format(subject), "fix": steps, **changes}


def subjects(*findings: dict[str, Any]) -> list[list[str]]:
    return [[finding["subject"] for finding in alike] for alike in causes(findings)]


def test_subjects_of_one_cause_stand_together_and_keep_their_commands() -> None:
    notes = ({"note": "It locks."}, {"run": "shut {}"}, {"run": "bar the house"})
    (alike,) = causes([failed("a", fix=notes), failed("b c", fix=notes), failed("d", fix=notes)])
    assert because_of(alike) == f"{EACH} is open"
    assert fix_of(alike) == [{"note": "It locks."}, {"run": "shut a"}, {"run": "bar the house"}, {"run": "shut b c"}, {"run": "shut d"}]
    assert because_of(alike[:1]) == "a is open"


def test_a_subject_that_a_command_quotes_is_the_same_subject() -> None:
    assert subjects(failed("a", fix=[{"run": "shut a"}]), failed("b c", fix=[{"run": "shut 'b c'"}])) == [["a", "b c"]]


def test_what_stands_in_brackets_behind_the_subject_tells_no_causes_apart() -> None:
    said = "{} (%s) is privileged (all of it)"
    (alike,) = causes([failed("docker:web", said % "nginx:1"), failed("docker:db", said % "mysql"), failed("docker:x")][:2])
    assert because_of(alike) == f"{EACH} is privileged (all of it)"
    assert subjects_of(alike) == ["docker:web (nginx:1)", "docker:db (mysql)"]
    same = [failed("docker:web", said % "nginx:1"), failed("docker:db", said % "nginx:1")]
    assert (because_of(same), subjects_of(same)) == (f"{EACH} (nginx:1) is privileged (all of it)", ["docker:web", "docker:db"])


def test_commands_have_the_name_of_a_container_without_its_engine() -> None:
    fix = [{"run": "docker update --pids-limit 256 web"}, {"note": "docker inspect web"}]
    other = [{"run": "docker update --pids-limit 256 'x y'"}, {"note": "docker inspect x y"}]
    (alike,) = causes([failed("docker:web", fix=fix), failed("docker:x y", fix=other)])
    assert fix_of(alike) == [fix[0], {"note": f"docker inspect {EACH}"}, other[0]]
    assert len(causes([failed("docker:web", fix=[{"run": "docker update web"}]), failed("docker:db", fix=[{"run": "docker update -x db"}])])) == 2


def test_what_cannot_be_read_of_many_for_one_reason_is_one_cause() -> None:
    late = [{"at": f"containers/containers/docker:{name}", "why": "timeout", "kind": "value", "message": "/run/docker.sock: too slow"} for name in "ab"]
    (alike,) = causes([failed(f"docker:{name}", holes=[hole]) for name, hole in zip("ab", late, strict=True)])
    assert len(alike) == 2


@pytest.mark.parametrize(
    "changes",
    [{"because": "{} is ajar"}, {"fix": ({"run": "shut -f {}"},)}, {"fix": ({"note": "shut {}"},)}, {"severity": "low"}, {"manual": True}],
)
def test_what_differs_is_another_cause(changes: dict[str, Any]) -> None:
    assert subjects(failed("a"), failed("b", **changes), failed("c")) == [["a", "c"], ["b"]]


def test_the_most_severe_cause_stands_first() -> None:
    found = causes([failed("a", severity="low"), failed("b", severity="critical"), failed("c", severity="medium")])
    assert [alike[0]["severity"] for alike in found] == ["critical", "medium", "low"]


@pytest.mark.parametrize(
    ("subject", "because", "told"),
    [
        ("docker", "docker (gid 9) can write to /run/docker.sock", f"{EACH} (gid 9) can write to /run/docker.sock"),
        ("/run/a", "/run/a, below /run, is /run/a.", f"{EACH}, below /run, is {EACH}."),
        ("/run/a", "/run/a.sock, /run/a/b, /x/run/a and /run/ab", "/run/a.sock, /run/a/b, /x/run/a and /run/ab"),
        ("ann", "ann's: joann, ann@x, ann-2", f"{EACH}'s: joann, ann@x, ann-2"),
        ("", "the host is open", "the host is open"),
        ("*", "* is open", "* is open"),
        ("a|b", "a|b and a", f"{EACH} and a"),
    ],
)
def test_a_subject_is_a_word_and_no_part_of_one(subject: str, because: str, told: str) -> None:
    one = {**FINDING, "subject": subject, "because": because}
    assert because_of([one, one]) == told


def test_a_failure_without_a_step_says_where_to_look() -> None:
    assert fix_of([failed("a", fix=())]) == [{"note": "See: hostcheck explain R-1"}]
    assert fix_of([{**FINDING, "result": "error"}]) == []


def test_a_subject_that_is_no_name_is_told_in_words() -> None:
    assert [subject_of({"subject": subject}) for subject in ("", "*", "/a")] == ["the host", "what could not be listed", "/a"]


def test_parts_with_one_fix_stand_together_and_the_last_has_it_for_all() -> None:
    parts = [{"on": on, "fix": [{"run": run}]} for on, run in (("a", "x"), ("b", "y"), ("c", "x"), ("d", "x"))] + [{"on": "e", "fix": []}]
    told = with_one_fix(parts, "fix")
    assert [(part["on"], part["fix"], part["for_all"]) for part in told] == [
        ("a", [], False),
        ("c", [], False),
        ("d", [{"run": "x"}], True),
        ("b", [{"run": "y"}], False),
        ("e", [], False),
    ]
