"""Edges of accounts without a password; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import CONNECT, NOTHING, SURE, derived, grant, host, people, socket, told

from hostcheck.model import Hole, Why
from hostcheck.view import opening


def opened(name: str = "ann", uid: int = 1000, *, certain: bool = True) -> tuple[str, str, str, Any]:
    return ("root-program-access", "open_accounts", name, {"as_uid": uid, "by": "password", "everyone": True, "callers": [], "certain": certain})


ANN = ("sudo-rights", "grants", "ann: ALL (/etc/sudoers:3)", {**grant()[3], "name": "ann"})
ALL = "every local user"


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((opened(),), NOTHING),
        ((opened("root", 0),), {ALL: [(*SURE, ("becomes",))]}),
        ((opened("toor", 0),), {ALL: [(*SURE, ("becomes",))]}),
        ((opened("root", 0, certain=False),), {ALL: [("likely", "nothing", ("becomes",))]}),
        ((opened(), ANN), {ALL: [(*SURE, ("becomes", "runs-as"))], "ann": [(*SURE, ("runs-as",))]}),
        ((opened(), socket(**people(ann="group docker"))), {ALL: [(*SURE, ("becomes", *CONNECT))], "ann": [(*SURE, CONNECT)]}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


def test_it_is_told_what_stops_it() -> None:
    facts = derived(host(opened("root", 0)))
    assert [one["change"] for one in facts["cut"]] == ["give root a password, or lock the account (passwd -l root)"]
    assert facts["paths"][0]["steps"][0]["because"] == "root has no password, and su(1) asks every local user for none"


def test_what_is_not_known_may_be_there() -> None:
    facts = host()
    facts["root-program-access"] = {**facts["root-program-access"], "open_accounts": Hole(why=Why.DENIED, message="no")}
    assert opening(derived(facts)["principals"]) is not None and opening(derived(host())["principals"]) is None


UNSEEN = Hole(why=Why.DENIED, message="/etc/sssd: Permission denied")


def listing(**sources: Any) -> Any:
    """Return what is derived where the name service asks these sources beside the files, each listing all it knows or not, and configured or not."""
    facts = host()
    facts["nss"] = {"sources": {"passwd": {name: {"enumerates": lists, "configured": known} for name, (lists, known) in sources.items()}}}
    return derived(facts)["principals"]


@pytest.mark.parametrize("sources", [{}, {"systemd": (True, True)}, {"sss": (False, False)}])
def test_where_all_are_listed_nobody_is_left(sources: dict[str, Any]) -> None:
    found = listing(**sources)
    assert set(found) == {ALL} and opening(found) is None


def test_users_of_a_directory_that_lists_nobody_are_one_principal_and_leave_others_as_they_are() -> None:
    found = listing(sss=(False, True))
    left = found["users of the directory sss"]
    assert left["kind"] == "directory" and isinstance(left["without_password"], Hole) and opening(found) is None
    assert found[ALL]["without_password"] is False


def test_whether_there_is_a_directory_may_not_be_known() -> None:
    assert opening(listing(sss=(False, UNSEEN))) is not None
    facts = host()
    facts["nss"] = {"sources": UNSEEN}
    assert opening(derived(facts)["principals"]) is not None
