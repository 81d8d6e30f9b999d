"""Whom a stack tells apart, and who is in a group by what the user database says."""

from typing import Any

import pytest

from hostcheck_builtin.accounts import pam_people
from hostcheck_builtin.accounts.people import People, Person


def people(*groups: str) -> People:
    made = People()
    for key, uid in (("ann", 1000), ("bob", 1001)):
        made.add(Person(key=key, name=key, uid=uid, login_capable=True))
    for gid, name in enumerate(groups, 50):
        made.group_names[name] = (name, gid)
    made.join(50, "bob", "group")
    made.join(0, "ann", "primary group")
    return made


def line(module: str, *arguments: str) -> dict[str, Any]:
    return {"control": "required", "module": module, "arguments": list(arguments), "level": 0}


@pytest.mark.parametrize(
    ("caller", "groups", "found"),
    [
        ("bob", ["staff"], True),
        ("ann", ["staff"], False),
        ("", ["staff"], False),
        (None, ["staff"], None),
        ("bob", ["gone", "staff"], True),
        ("ann", ["wheel"], True),
    ],
)
def test_who_is_in_a_group(caller: str | None, groups: list[str], found: bool | None) -> None:
    """Where there is no group wheel, that of root counts (pam_wheel(8))."""
    assert pam_people.belongs(people("staff"), caller, "ann")(groups, False) is found


def test_the_other_is_asked_for_as_well() -> None:
    assert pam_people.belongs(people("staff"), "ann", "bob")(["staff"], True) is True


@pytest.mark.parametrize(
    ("lines", "apart"),
    [
        ([line("pam_unix.so")], []),
        ([{**line("pam_listfile.so", "item=ruser"), "listed": {"file": "read", "names": ["ann", "gone"]}}], ["ann"]),
        ([{**line("pam_listfile.so", "item=group"), "listed": {"file": "read", "names": ["staff"]}}], ["bob"]),
        ([line("pam_wheel.so", "trust", "group=staff")], ["ann", "bob"]),
        ([line("pam_succeed_if.so", "user", "=", "ann")], ["ann"]),
        ([line("pam_succeed_if.so", "user", "in", "ann:bob")], ["ann", "bob"]),
        ([line("pam_succeed_if.so", "uid", "=", "1001")], ["bob"]),
        ([line("pam_succeed_if.so", "user", "ingroup", "staff")], ["bob"]),
    ],
)
def test_whom_a_stack_tells_apart(lines: list[dict[str, Any]], apart: list[str]) -> None:
    assert pam_people.told_apart(people("staff"), [lines]) == apart
