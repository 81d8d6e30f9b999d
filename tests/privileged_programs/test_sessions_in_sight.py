from hostcheck.model import Hole, Why
from hostcheck_builtin.accounts.dac import Ids
from hostcheck_builtin.accounts.people import People, Session, Unknown
from hostcheck_builtin.privileged_programs.sessions_in_sight import seeing

DENIED = Hole(why=Why.DENIED, message="no")
UNSURE = Hole(why=Why.LIMIT, message="its groups")
SUDO = {"/bin/sudo": {"realpath": "/usr/bin/sudo"}}


def session(uid: int, *places: str, everything: bool = False, unsure: Hole | None = None) -> Session:
    return Session(ids=Ids(uid=uid, may=frozenset({7})), reaches=True, host_paths=None if everything else places, unsure=unsure)


def people(*sessions: Session) -> People:
    return People(sessions=list(sessions), unknown=Unknown(users=DENIED, kept=UNSURE))


def uids(found: People) -> list[int]:
    return [one.ids.uid for one in found.sessions]


def test_a_session_counts_that_sees_a_program_where_it_really_is() -> None:
    whole = people(session(1, everything=True), session(2, "/usr"), session(3, "/bin"), session(4, "/srv"))
    assert uids(seeing(whole, [SUDO])) == [1, 2]  # type: ignore[list-item]
    assert uids(seeing(whole, [])) == [1]
    assert uids(whole) == [1, 2, 3, 4]


def test_groups_of_sessions_are_looked_up_anew() -> None:
    whole = people(session(1, "/usr"), session(2, "/srv"))
    assert len(whole.holding(7)) == 2 and len(seeing(whole, [SUDO]).holding(7)) == 1  # type: ignore[list-item]


def test_of_a_program_that_is_not_known_all_may_see_it() -> None:
    found = seeing(people(session(1, everything=True), session(2, "/srv"), session(3, "/usr")), [SUDO, DENIED])  # type: ignore[list-item]
    assert [one.reaches for one in found.sessions] == [True, DENIED, True] and found.unknown.reach == DENIED


def test_only_sessions_that_count_leave_groups_open() -> None:
    whole = people(session(1, "/srv", unsure=UNSURE), session(2, "/usr"))
    found = seeing(whole, [SUDO])  # type: ignore[list-item]
    assert (found.unknown.kept, found.unknown.users) == (None, DENIED)
