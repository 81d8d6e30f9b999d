from pathlib import Path
from typing import Any

import pytest
from system.process_host import process

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Group, Stat, User
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.accounts import asked_by_number, probe_nss

SCHEMA = load_facts_schema(str(Path(probe_nss.__file__).parent / "probe_nss.facts.json"))
OBEYS = compile_schema(SCHEMA)
SSSD = {"/etc/sssd/sssd.conf": "[sssd]\n"}


def user(name: str, uid: int) -> User:
    return User(name=name, uid=uid, gid=uid, home=f"/home/{name}", shell="/bin/sh")


ROOT, ANN = user("root", 0), user("ann", 1000)
DOCKER = Group(name="docker", gid=999, members=("ann",))


def host(conf: str = "", files: dict[str, Any] | None = None, users: Any = (ROOT, ANN), groups: Any = (DOCKER,)) -> MemoryHost:
    return MemoryHost({"/etc/nsswitch.conf": conf, **(files or {})}, users=users, groups=groups, processes=())


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe_nss.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False
    return told


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_nss.facts.json")


def test_a_host_with_files_only_lists_all_and_asks_nobody_one_by_one() -> None:
    told = facts("passwd: files systemd\ngroup: files [SUCCESS=merge] systemd\n")
    assert told["users"]["ann"] == {"name": "ann", "uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh"}
    assert told["groups"] == {"docker": {"name": "docker", "gid": 999, "members": ["ann"]}}
    assert told["memberships"] == {}
    assert not any(isinstance(told[part], OpenObject) for part in ("users", "groups", "memberships"))


@pytest.mark.parametrize("source", ["sss", "ldap", "winbind", "nis", "a-source-of-tomorrow"])
def test_a_source_that_does_not_list_all_is_told_and_everybody_is_asked_for(source: str) -> None:
    told = facts(f"passwd: files {source}\ngroup: files {source}\n", SSSD)
    assert not any(isinstance(told[part], OpenObject) for part in ("users", "groups", "memberships"))
    assert told["memberships"] == {"ann": {"name": "ann", "gids": [999, 1000]}}
    assert told["sources"]["passwd"][source] == {"enumerates": False, "configured": True}


def test_where_logins_ask_a_source_that_no_list_is_made_from_everybody_is_asked_for() -> None:
    for line in ("initgroups: extrausers", "initgroups: files [SUCCESS=continue] extrausers"):
        told = facts(f"passwd: files\ngroup: files\n{line}\n")
        assert told["memberships"] == {"ann": {"name": "ann", "gids": [999, 1000]}}
    assert facts("passwd: files\ngroup: files systemd\ninitgroups: files\n")["memberships"] == {}


@pytest.mark.parametrize(("files", "known"), [({}, False), (SSSD, True), ({"/etc/sssd/conf.d/x.conf": ""}, True), ({"/etc/sssd/conf.d/README": ""}, False)])
def test_sss_counts_where_sssd_has_a_configuration(files: dict[str, Any], known: bool) -> None:
    assert facts("passwd: sss files\ngroup: sss files\n", files)["sources"]["passwd"]["sss"]["configured"] is known


def test_whether_sssd_has_a_configuration_may_not_be_known() -> None:
    told = facts("passwd: sss files\n", {"/etc/sssd": PermissionError(13, "Permission denied")})
    assert told["sources"]["passwd"]["sss"]["configured"].why == Why.DENIED


def test_what_two_sources_say_of_one_group_is_joined() -> None:
    told = facts(groups=[DOCKER, Group(name="docker", gid=999, members=("bea", "ann")), Group(name="docker", gid=5, members=())])
    assert told["groups"]["docker"]["members"] == ["ann", "bea"]
    assert told["groups"]["docker#2"]["gid"] == 5


def test_one_user_of_two_sources_is_one_and_two_are_two() -> None:
    told = facts(users=[ANN, ANN, user("ann", 1001)])
    assert {key: entry["uid"] for key, entry in told["users"].items()} == {"ann": 1000, "ann#2": 1001}


def test_a_name_service_that_does_not_answer_costs_its_own_facts() -> None:
    told = facts(users=TimeoutError("no answer"))
    assert "users" not in told or isinstance(told["users"], Hole)
    assert set(told["groups"]) == {"docker"}


def test_more_users_than_can_be_asked_leave_the_memberships_open() -> None:
    told = facts("group: files ldap\n", users=[user(f"u{index}", 1000 + index) for index in range(probe_nss.ASKED + 1)])
    assert len(told["memberships"]) == probe_nss.ASKED
    assert told["memberships"].hole.why == Why.LIMIT


LENA, MARA, NILS = user("lena", 7001), user("mara", 7002), user("nils", 7003)
ENGINEERS = Group(name="engineers", gid=7900, members=("lena", "mara", "ghost"))
SILENT = "passwd: files sss\ngroup: files sss\n"
SOCKET = Stat(type="socket", uid=7003, gid=7900, mode=0o660)


def directory(conf: str = SILENT, socket: Any = SOCKET, **more: Any) -> Any:
    """Return what is stated where a directory lists nobody, and answers for a number or a name."""
    machine = MemoryHost(
        {"/etc/nsswitch.conf": conf, **SSSD},
        stats={"/run/docker.sock": socket},
        users=(ROOT, ANN),
        groups=(DOCKER,),
        unlisted=(LENA, MARA, NILS, ENGINEERS),
        processes=[],
        **more,
    )
    return stated(probe_nss.collect, machine)


def test_who_matters_is_asked_for_by_number_and_by_name() -> None:
    told = directory()
    assert set(told["groups"]) == {"docker", "engineers"} and set(told["users"]) == {"root", "ann", "lena", "mara", "nils"}
    assert told["memberships"]["lena"]["gids"] == [7001, 7900]
    assert [name for name, one in told["groups"].items() if "unlisted" in one] == ["engineers"]  # it may have more members


@pytest.mark.parametrize("socket", [Stat(type="file", uid=7003, gid=7900, mode=0o660), Stat(type="socket", uid=0, gid=0, mode=0o660)])
def test_who_owns_no_socket_is_not_asked_for(socket: Stat) -> None:
    told = directory(socket=socket)
    assert set(told["groups"]) == {"docker"} and set(told["users"]) == {"root", "ann"}


def test_where_every_source_lists_all_nobody_is_asked_for() -> None:
    told = directory("passwd: files systemd\ngroup: files systemd\n")
    assert set(told["groups"]) == {"docker"} and set(told["users"]) == {"root", "ann"}


def test_who_runs_something_is_asked_for_so_many_and_no_more() -> None:
    crowd = [process(pid, 8000 + pid, 0) for pid in range(1, asked_by_number.MOST + 50)]
    asked: list[Any] = []

    class Counting(MemoryHost):
        def user(self, key: int | str) -> User:
            asked.append(key)
            return super().user(key)

    machine = Counting({"/etc/nsswitch.conf": SILENT, **SSSD}, users=(ROOT,), groups=(), processes=[*crowd, process(9999, 7001, 0)], unlisted=(LENA,))
    told = stated(probe_nss.collect, machine)
    assert "lena" in told["users"] and len(asked) == asked_by_number.MOST  # lowest first: a crowd of uids above hides no user of the directory's


def test_denying_any_answer_of_a_directory_only_makes_holes() -> None:
    machine = MemoryHost(
        {"/etc/nsswitch.conf": SILENT, **SSSD},
        stats={"/run/docker.sock": SOCKET},
        users=(ROOT, ANN),
        groups=(DOCKER,),
        unlisted=(LENA, MARA, ENGINEERS),
        processes=[],
    )
    assert list(denials(probe_nss.collect, machine)) == []


def test_denying_any_answer_only_makes_holes() -> None:
    for conf, files in (("passwd: files\ngroup: files\n", {}), ("passwd: files sss\ngroup: files sss\n", {}), ("passwd: files sss\ngroup: files sss\n", SSSD)):
        assert list(denials(probe_nss.collect, host(conf, files))) == []
