"""A name service that lists nobody is asked for those who matter, and for no others."""

from collections.abc import Iterable, Mapping

from hostcheck.host.answers import AclEntry, Group, Process, Stat, User
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Why
from hostcheck_builtin.accounts.asked_by_number import MOST, NameService

SOCKET = "/run/docker.sock"
ANN, BOB, CAT = (User(name=name, uid=uid, gid=100, home=f"/home/{name}", shell="/bin/sh") for name, uid in (("ann", 70001), ("bob", 70002), ("cat", 70003)))
ADMINS, WHEEL, CHESS = (
    Group(name=name, gid=gid, members=members) for name, gid, members in (("admins", 71, ("ann",)), ("wheel", 72, ()), ("chess", 73, ("cat",)))
)


def host(
    *,
    files: Mapping[str, str] = {},
    acl: tuple[AclEntry, ...] = (),
    processes: Iterable[Process] = (),
    unlisted: Iterable[User | Group] = (ANN, BOB, CAT, ADMINS, WHEEL, CHESS),
) -> MemoryHost:
    stats = {SOCKET: Stat(type="socket", uid=0, gid=ADMINS.gid, mode=0o660, acl=acl)}
    return MemoryHost(files or {}, stats=stats, processes=processes, users=(), groups=(), unlisted=unlisted)


def process(pid: int, uid: int) -> Process:
    return Process(pid=pid, ppid=1, name="sh", uids=(uid,) * 4, gids=(100,) * 4, groups=(), cap_effective=0)


def test_groups_are_those_of_sockets_and_those_with_a_usual_name() -> None:
    assert NameService(host()).groups() == [ADMINS, WHEEL]


def test_users_are_their_members_and_who_runs_a_process() -> None:
    made = host(processes=[process(5, BOB.uid), process(6, BOB.uid), process(7, 0)])
    assert NameService(made).users([ADMINS], []) == [ANN, BOB]


def test_who_is_listed_is_not_asked_for() -> None:
    made = host(processes=[process(5, BOB.uid)])
    assert NameService(made).users([ADMINS], [ANN, BOB]) == []


def test_who_runs_processes_with_many_uids_makes_no_more_questions() -> None:
    crowd = [User(name=f"u{number}", uid=80_000 + number, gid=100, home="/", shell="/bin/sh") for number in range(3 * MOST)]
    made = host(processes=[process(100 + number, one.uid) for number, one in enumerate(crowd)], unlisted=crowd)
    assert NameService(made).users([], []) == crowd[:MOST]


def test_a_service_that_knows_nobody_leaves_nothing() -> None:
    made = host(processes=[process(5, 4711)], unlisted=())
    assert NameService(made).groups() == [] and NameService(made).users([], []) == []


def test_who_stands_in_an_acl_of_a_socket_is_asked_for() -> None:
    made = host(acl=(AclEntry(tag="user", id=BOB.uid, perms=6), AclEntry(tag="group", id=CHESS.gid, perms=6)))
    asked = NameService(made)
    assert asked.groups() == [ADMINS, CHESS, WHEEL] and asked.users([], []) == [BOB]


def test_whom_a_rule_of_sudo_or_doas_names_is_asked_for() -> None:
    sudoers = "User_Alias OPS = %chess, #70002\nOPS ALL = (ALL) ALL\n"
    made = host(files={"/etc/sudoers": sudoers, "/etc/doas.conf": "permit nopass ann as cat\n"})
    asked = NameService(made)
    assert asked.groups() == [ADMINS, CHESS, WHEEL] and asked.users([], []) == [BOB, ANN, CAT] and asked.hole is None


def test_what_the_service_does_not_answer_is_noted() -> None:
    class Late(MemoryHost):
        def group(self, key: int | str) -> Group:
            raise TimeoutError(110, "too slow")

    asked = NameService(Late({}, users=(), groups=(), processes=()))
    assert asked.groups() == [] and asked.hole is not None and asked.hole.why == Why.TIMEOUT


def test_more_names_than_there_is_time_for_are_noted() -> None:
    asked = NameService(host(files={"/etc/sudoers": ", ".join(f"%g{number}" for number in range(2 * MOST)) + " ALL = ALL\n"}))
    assert len(asked.groups()) <= MOST and asked.hole is not None and asked.hole.why == Why.LIMIT
