"""Whose ids --userns=auto takes, from facts written by hand."""

from typing import Any

from hostcheck.model import Hole, Why, incomplete
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.podman.auto_ids import auto_ids

HOLE = Hole(why=Why.DENIED, message="no")
LINE = {"line": 1, "owner": "containers", "start": 1, "count": 1}


def told(*, userns: str = "auto", storage: Any = None, lines: Any = None, irregular: Any = None, users: Any = None) -> Any:
    file = {"lines": {} if lines is None else lines, "irregular": {} if irregular is None else irregular}
    facts = {
        "podman-config": {
            "containers": {"settings": {"containers.userns": {"value": userns, "file": "/c"}}},
            "storage": storage or {"file": "", "auto_user": ""},
        },
        "subids": {"source": {"configured": "", "files": True}, "files": {"/etc/subuid": file, "/etc/subgid": file}},
        "principals": {"users": {} if users is None else users},
        "nss": {"users": {}},
    }
    return auto_ids(View({name: unite(*part(one), name) for name, one in facts.items()}))


def test_who_has_a_line_has_a_range() -> None:
    assert told(lines={"containers:1": LINE}) == {"set_in": ["/c"], "user": "containers", "subuid": True, "subgid": True, "account": False}
    assert told(lines={"bob:1": {**LINE, "owner": "bob"}})["subuid"] is False


def test_only_auto_asks_for_it() -> None:
    assert [told(userns=value)["set_in"] for value in ("auto", "auto:size=9", "host", "automatic", "")] == [["/c"], ["/c"], [], [], []]
    assert told(userns="", storage={"file": "/s", "auto_user": "x"})["set_in"] == ["/s"]


def test_an_account_of_that_name_has_the_same_ids() -> None:
    assert told(users={"containers": {"uid": 1000}})["account"] is True


def test_what_is_not_known_is_not_absent() -> None:
    odd = {"line": 1, "excerpt": "x", "problems": [], "readings": {"go": {"owner": "containers", "start": 0, "count": 1}}}
    for lines, irregular, why in ((incomplete({}, HOLE), None, Why.DENIED), (None, incomplete({}, HOLE), Why.DENIED), (None, {"x": odd}, Why.NONSENSE)):
        found = told(lines=lines, irregular=irregular)["subuid"]
        assert isinstance(found, Hole) and found.why is why
    assert told(lines=incomplete({"containers:1": LINE}, HOLE))["subuid"] is True
    blind = told(storage=HOLE)
    assert all(isinstance(one, Hole) for one in blind.values())
    assert isinstance(told(users=HOLE)["account"], Hole)
