"""A name service that lists nobody is asked for those who matter, and for no others."""

from collections.abc import Iterable

from hostcheck.host.answers import Group, Process, Stat, User
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.accounts.asked_by_number import MOST, groups_that_matter, users_that_matter

SOCKET = "/run/docker.sock"
ANN, BOB, CAT = (User(name=name, uid=uid, gid=100, home=f"/home/{name}", shell="/bin/sh") for name, uid in (("ann", 70001), ("bob", 70002), ("cat", 70003)))
ADMINS, WHEEL, CHESS = (
    Group(name=name, gid=gid, members=members) for name, gid, members in (("admins", 71, ("ann",)), ("wheel", 72, ()), ("chess", 73, ("cat",)))
)


def host(*, processes: Iterable[Process] = (), unlisted: Iterable[User | Group] = (ANN, BOB, CAT, ADMINS, WHEEL, CHESS)) -> MemoryHost:
    stats = {SOCKET: Stat(type="socket", uid=0, gid=ADMINS.gid, mode=0o660)}
    return MemoryHost({}, stats=stats, processes=processes, users=(), groups=(), unlisted=unlisted)


def process(pid: int, uid: int) -> Process:
    return Process(pid=pid, ppid=1, name="sh", uids=(uid,) * 4, gids=(100,) * 4, groups=(), cap_effective=0)


def test_groups_are_those_of_sockets_and_those_with_a_usual_name() -> None:
    assert groups_that_matter(host()) == [ADMINS, WHEEL]


def test_users_are_their_members_and_who_runs_a_process() -> None:
    made = host(processes=[process(5, BOB.uid), process(6, BOB.uid), process(7, 0)])
    assert users_that_matter(made, [ADMINS], []) == [ANN, BOB]


def test_who_is_listed_is_not_asked_for() -> None:
    made = host(processes=[process(5, BOB.uid)])
    assert users_that_matter(made, [ADMINS], [ANN, BOB]) == []


def test_who_runs_processes_with_many_uids_makes_no_more_questions() -> None:
    crowd = [User(name=f"u{number}", uid=80_000 + number, gid=100, home="/", shell="/bin/sh") for number in range(3 * MOST)]
    made = host(processes=[process(100 + number, one.uid) for number, one in enumerate(crowd)], unlisted=crowd)
    assert users_that_matter(made, [], []) == crowd[:MOST]


def test_a_service_that_knows_nobody_leaves_nothing() -> None:
    made = host(processes=[process(5, 4711)], unlisted=())
    assert groups_that_matter(made) == [] and users_that_matter(made, [], []) == []
