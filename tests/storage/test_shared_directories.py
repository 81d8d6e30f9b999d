import pytest
from storage.storage_host import ANNS, BOBS

from hostcheck_builtin.storage.shared_directories import Directory, Index

ROOTS = Directory("/srv/d", "/srv/d", 0, 0, "1:10", ("1:2", "1:3"))
HERS = Directory(ANNS, ANNS, 1000, 1000, "1:20", ("1:2", "1:4"))


def shared(one: Directory, *others: Directory) -> list[tuple[str, str]]:
    return [(other.path, relation) for other, relation in Index([one, *others]).shared_with(one)]


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        (ROOTS, []),
        (ROOTS._replace(id="1:20"), [("/srv/d", "same")]),
        (ROOTS._replace(id="1:4"), [("/srv/d", "inside")]),
        (ROOTS._replace(above=("1:2", "1:20")), [("/srv/d", "holds")]),
        (ROOTS._replace(id="1:20", owner=1000), [("/srv/d", "same")]),
    ],
)
def test_a_users_against_roots(roots: Directory, expected: list[tuple[str, str]]) -> None:
    assert shared(HERS, roots) == expected
    assert shared(roots, HERS) == [] or roots.uid == 0


def test_who_names_what_belongs_to_another_is_told_and_not_the_other() -> None:
    named = Directory("/x", ANNS, 1001, 1000, HERS.id, HERS.above)
    assert shared(named, HERS) == [(ANNS, "same")] and shared(HERS, named) == []
    around = Directory("/home/ann", "/home/ann", 1001, 1000, "1:4", ("1:2",))
    assert shared(around, HERS) == [(ANNS, "holds")] and shared(HERS, around) == []
    within = Directory("/x", "/x", 1001, 1000, "1:50", ("1:2", "1:20"))
    assert shared(within, HERS) == [(ANNS, "inside")] and shared(HERS, within) == []


def test_of_two_own_ones_the_outer_is_told() -> None:
    inner = Directory(BOBS, BOBS, 1001, 1001, "1:30", ("1:2", "1:20"))
    assert shared(HERS, inner) == [(BOBS, "holds")] and shared(inner, HERS) == []


def test_ones_own_are_never_shared() -> None:
    assert shared(HERS, HERS._replace(path="/other")) == []
    assert shared(HERS, Directory("/y", "/y", 1000, 1000, "1:60", ("1:20",))) == []


def test_what_two_name_and_neither_has_counts_against_nobody() -> None:
    first, second = (Directory("/srv/s", "/srv/s", uid, 0, "1:90", ("1:2",)) for uid in (1000, 1001))
    assert shared(first, second) == []
