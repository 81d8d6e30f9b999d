"""Of each account as many facts are kept as there is room for; the collection is open for the rest, of that account alone."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hostcheck.allotted import Allotment
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.parting import part

OWNERS = {"/things": "uid", "/homes/*/keys": "owner_uid"}


def account(uid: int) -> int:
    return uid if uid < 5000 else -1


def bounded(facts: Any, room: int = 1000) -> Any:
    return Allotment(room, account).bounded(facts, OWNERS)


def things(**counts: int) -> dict[str, Any]:
    uids = {"root": 0, "ann": 1000, "bob": 1001, "range": 7000}
    return {f"{name}{number:04}": {"uid": uids[name], "text": f"{name} {number} " * 5} for name, count in counts.items() for number in range(count)}


def test_one_who_has_too_much_loses_it_and_nobody_else() -> None:
    given_ = things(root=200, ann=200, bob=3)
    kept = bounded({"things": given_})["things"]
    assert isinstance(kept, OpenObject) and kept.hole.owners == (1000,) and kept.hole.why == Why.LIMIT
    assert {name for name in kept if name[:3] != "ann"} == {name for name in given_ if name[:3] != "ann"} and 0 < len(kept) - 203 < 200


def test_who_is_nobodys_leaves_all_open() -> None:
    assert bounded({"things": things(range=200)})["things"].hole.owners == ()


def test_what_fits_stays_as_it_is() -> None:
    facts = {"things": things(ann=2), "homes": {"/home/ann": {"keys": {"a": {"owner_uid": 1000}}}}, "other": 1}
    assert bounded(facts) is facts


def test_what_stands_deeper_is_bounded_there() -> None:
    keys = {f"{number:04}": {"owner_uid": 1000, "text": "x" * number} for number in range(100)}
    kept = bounded({"homes": {"/home/ann": {"uid": 1000, "keys": keys}, "/home/bob": {"keys": {}}}})["homes"]
    assert isinstance(kept["/home/ann"]["keys"], OpenObject) and kept["/home/ann"]["uid"] == 1000 and kept["/home/bob"] == {"keys": {}}


def test_holes_are_charged_to_whom_they_are_about() -> None:
    holes = {f"{number:04}": Hole(why=Why.DENIED, message="x" * 50 + str(number), owners=(1000,)) for number in range(100)}
    unknown = {f"u{number:04}": Hole(why=Why.DENIED, message="x" * 50 + str(number)) for number in range(100)}
    kept = bounded({"things": {**holes, **unknown}})["things"]
    assert isinstance(kept, OpenObject) and unknown.keys() < kept.keys() and kept.hole.owners == (1000,)


def test_what_repeats_costs_once() -> None:
    alike = {f"{number:04}": {"uid": 1000, "acl": [{"id": one, "perms": "rwx"} for one in range(20)]} for number in range(50)}
    assert bounded({"things": alike}) == {"things": alike} and not isinstance(bounded({"things": alike})["things"], OpenObject)


@given(st.dictionaries(st.sampled_from(["root", "ann", "bob", "range"]), st.integers(0, 60)), st.integers(0, 60))
def test_what_one_has_changes_nothing_of_others(counts: dict[str, int], more: int) -> None:
    def others(found: Any) -> dict[str, Any]:
        return {name: one for name, one in found["things"].items() if one["uid"] != 1000}

    one, other = (bounded({"things": things(**{**counts, "ann": number})}) for number in (0, more))
    assert others(one) == others(other)


def test_owners_of_holes_are_accounts_once_they_are_written() -> None:
    def owned(*uids: int) -> Hole:
        return Hole(why=Why.LIMIT, message="x", owners=uids)

    facts = {"one": owned(1000, 2000), "nobodys": owned(1000, 7000), "his": owned(1000)}
    _, holes = part(facts, account=lambda uid: {2000: 1000}.get(uid, account(uid)))
    assert {hole["pointer"]: hole.get("owners") for hole in holes} == {"/one": [1000], "/nobodys": None, "/his": [1000]}
