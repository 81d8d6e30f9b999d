"""What is not judged is one sentence each, root's first, whoever may be there beside."""

from typing import Any

import pytest

from hostcheck_builtin.formats.not_judged import NAMED, ORDER, WHY, entries, line, perhaps_more

PROGRAM = {"kind": "setuid", "what": "/opt/x", "as_whom": "root", "by_whom": ["every local user"], "place": "/opt/x", "owner_uid": 0, "why": "of-no-package"}
PROGRAM |= {"rights": "the setuid bit and owner root"}
LINE = {"kind": "sudo", "what": "/opt/y", "as_whom": "root", "by_whom": ["ann", "bob"], "place": "/etc/sudoers:3", "owner_uid": 0, "why": "program"}
JOB = {"kind": "job", "what": "/srv/z", "as_whom": "root", "by_whom": ["root's cron"], "place": "/etc/crontab:1", "owner_uid": 0, "why": "unusual-place"}
HOLE = {"pointer": "/programs", "kind": "members", "why": "denied", "message": "/etc/sudoers: Permission denied"}


def told(*holes: Any, **programs: Any) -> list[str]:
    return [line(one) for one in entries({"not_judged": {"programs": programs, "holes": list(holes)}})]


def test_each_is_one_sentence() -> None:
    assert told(a=JOB, b=LINE, c=PROGRAM) == [
        "/opt/x: with the setuid bit and owner root, run as root by every local user; it is from no package",
        "/opt/y: sudo lets ann, bob run it as root (/etc/sudoers:3); the program is not known",
        "/srv/z: run as root by root's cron (/etc/crontab:1); it lies where no package of a distribution puts programs",
    ]
    (one,) = told(a={**PROGRAM, "as_whom": "group shadow", "kind": "setgid", "rights": "x"})
    assert one.startswith("/opt/x: with x, run as group shadow by every local user;")


def test_what_users_lay_comes_last() -> None:
    assert [one.split(":")[0] for one in told(a={**PROGRAM, "what": "/home/x", "owner_uid": 1000}, b=JOB)] == ["/srv/z", "/home/x"]


def test_of_many_who_have_it_run_some_are_named() -> None:
    (one,) = told(a={**LINE, "by_whom": [f"u{number}" for number in range(NAMED + 3)]})
    assert "u5, 3 more run it as root" in one and "u6" not in one


@pytest.mark.parametrize("key", ["a", "a/b~c"])
def test_others_may_have_it_run_where_not_all_are_known(key: str) -> None:
    open_ = {**HOLE, "pointer": f"/programs/{key.replace('~', '~0').replace('/', '~1')}/by_whom"}
    assert "sudo lets ann, bob, perhaps others run it" in told(open_, **{key: LINE})[0]
    assert "run as root by perhaps others" in told(a={**JOB, "by_whom": []})[0]


def test_words_of_later_versions_are_shown_as_they_are() -> None:
    later = {"kind": "moon", "what": "/opt/x", "by_whom": ["ann"], "place": "/p", "why": "moonlight"}
    assert told(a=later, b=LINE) == [told(b=LINE)[0], "/opt/x: run by ann (/p); moonlight"]


def test_that_there_may_be_others_is_said_with_the_reason() -> None:
    assert perhaps_more({}) == "" and entries({}) == []
    assert perhaps_more({"not_judged": {"programs": {}, "holes": [{**HOLE, "pointer": "/programs/a/by_whom"}]}}) == ""
    assert perhaps_more({"not_judged": {"holes": [HOLE]}}) == "perhaps more, since not everything could be read"


def test_each_word_of_the_analysis_has_words_here() -> None:
    import json

    from stock.hosts import REGISTRY

    with open(REGISTRY.analyses["not-judged"].facts_schema, encoding="utf-8") as file:
        schema = json.load(file)["properties"]["programs"]["additionalProperties"]["properties"]
    assert (set(WHY), set(ORDER)) == (set(schema["why"]["enum"]), set(schema["kind"]["enum"]))
