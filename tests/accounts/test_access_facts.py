"""What is stated of who passes: each with every way, and a hole beside them where there may be others."""

from accounts.test_access import DENIED, people, route

from hostcheck.model import OpenArray, OpenObject
from hostcheck_builtin.accounts.access import Access, access, add, but
from hostcheck_builtin.accounts.access_facts import stated, taking


def test_what_is_stated() -> None:
    found = access(people(sessions=DENIED), [route(0o660)])
    add(people(), [(1002, 9)], "connection", found)
    fields = {"connection, process 9": {"kind": "connection", "pid": 9}}
    assert stated(found)["cat"] == {"uid": 1002, "name": "cat", "why": [*fields], "ways": fields, "via": [], "login_capable": True}
    assert isinstance(stated(found), OpenObject) and isinstance(stated(found)["ann"]["why"], OpenArray)
    left = but(found, 1000)
    assert set(left.users) == {"bob", "cat"} and left.hole == left.uncertain == DENIED
    assert taking(Access()) == {"everyone": False, "users": {}, "ways": []}
