"""Who can change the programs that rules of sudo name; one fact away nobody can."""

from typing import Any

import pytest
from privileged_programs.rights import derive, facts

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, Why
from hostcheck_builtin.accounts.people import People, Person

JOB = "/opt/job"
RULE = f"ann ALL = NOPASSWD: {JOB}\n"
ANNS = {JOB: Stat(type="file", uid=1000, gid=0, mode=0o755)}


def changed(stats: dict[str, Stat]) -> Any:
    return derive(facts(RULE, {JOB: ""}, stats=stats))["commands"]


def test_who_can_change_a_program() -> None:
    assert {path: list(one["changed_by"]["users"]) for path, one in changed(ANNS).items()} == {JOB: ["ann"]}
    assert {path: list(one["changed_by"]["users"]) for path, one in changed({JOB: Stat(type="file", uid=0, gid=51, mode=0o775)}).items()} == {
        JOB: ["cat", "dan"]
    }
    assert changed({JOB: Stat(type="file", uid=0, gid=99, mode=0o775)}) == {}


def test_a_program_that_is_not_there_is_made_by_who_may_write_to_its_directory() -> None:
    found = derive(facts(RULE, {"/opt/x": ""}, stats={"/opt": Stat(type="dir", uid=1001, gid=0, mode=0o755)}))["commands"]
    assert {path: list(one["changed_by"]["users"]) for path, one in found.items()} == {JOB: ["bob"]}


def test_who_can_change_what_a_pattern_stands_for() -> None:
    found = derive(facts("ann ALL = NOPASSWD: /opt/*\n", {JOB: ""}, stats=ANNS))["commands"]["/opt/*"]
    assert (list(found["changed_by"]["users"]), {path: list(one["users"]) for path, one in found["members"].items()}) == ([], {JOB: ["ann"]})


@pytest.mark.parametrize("conf", ["permit nopass ann as root cmd /opt/job\n", "permit nopass ann cmd bash args /opt/job\n"])
def test_who_can_change_a_program_of_doas(conf: str) -> None:
    found = derive(facts(None, {JOB: ""}, conf=conf, stats=ANNS))
    assert list(found["commands"][JOB]["changed_by"]["users"]) == ["ann"]
    (one,) = found["grants"].values()
    assert JOB in (one["command"], *one.get("runs", ()))


def test_who_can_change_where_sudo_searches() -> None:
    stats = {"/opt": Stat(type="dir", uid=1000, gid=0, mode=0o755)}
    found = derive(facts("Defaults secure_path=/opt\nbob ALL = ALL\n", {JOB: ""}, stats=stats))["search_path"]
    assert {path: list(one["changed_by"]["users"]) for path, one in found.items()} == {"/opt": ["ann"]}


def test_where_the_programs_are_not_known_the_rights_are() -> None:
    told = facts(RULE, {JOB: ""}, stats=ANNS)
    told["sudo"] = {**told["sudo"], "commands": Hole(why=Why.DENIED, message="no")}
    found = derive(told)
    assert isinstance(found["commands"], Hole) and list(found["grants"])


def test_people_are_gathered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[str] = []
    add = People.add

    def noted(people: People, person: Person) -> None:
        added.append(person.key)
        add(people, person)

    monkeypatch.setattr(People, "add", noted)
    found = derive(facts(RULE, {JOB: ""}, stats=ANNS))
    assert found["grants"] and found["commands"] and len(added) == len(set(added))


OPS = {JOB: Stat(type="file", uid=0, gid=53, mode=0o775)}


@pytest.mark.parametrize(
    ("sees", "rights", "changes"),
    [([], [], ["dan"]), (["/usr/bin"], ["ann"], ["dan"]), (["/opt"], [], ["ann", "dan"]), (["/"], ["ann"], ["ann", "dan"]), (["/srv"], [], ["dan"])],
)
def test_a_session_in_a_container_counts_for_the_programs_that_it_sees(sees: list[str], rights: list[str], changes: list[str]) -> None:
    """The group is one that ann has only there."""
    container = {"host_paths": sees, "host_mounts": False, "user_mounts": False, "pids": [77], "count": 1}
    process = {
        **{"uids": [1000] * 4, "gids": [1000] * 4, "groups": [53], "count": 0, "pids": [], "dac_override": False, "dac_read_search": False},
        **{"powers": [], "host_mounts": True, "user_mounts": True, "host_paths": [], "containers": {"c": container}, "users": 1},
    }
    found = derive(facts(f"%ops ALL = {JOB}\n", {JOB: ""}, stats=OPS, principals={"processes": {"x": process}}))
    assert sorted(one["name"] for one in found["grants"].values() if one["name"] != "dan") == rights
    assert sorted(found["commands"][JOB]["changed_by"]["users"]) == changes


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (f"Defaults env_file={JOB}\nann ALL = NOPASSWD: /usr/bin/id\n", JOB),
        (f"Defaults:ann env_file={JOB}\nann ALL = NOPASSWD: /usr/bin/id\n", JOB),
        ("Defaults runchroot=/opt/jail\nann ALL = NOPASSWD: /usr/bin/id\n", "/opt/jail/usr/bin"),
        ("ann ALL = CHROOT=/opt/jail NOPASSWD: /usr/bin/id\n", "/opt/jail/usr/bin"),
    ],
)
def test_who_can_change_what_settings_name(rules: str, path: str) -> None:
    bobs = {path: Stat(type="file" if path == JOB else "dir", uid=1001, gid=0, mode=0o755)}
    found = derive(facts(rules, {JOB: "", "/opt/jail/usr/bin/id": ""}, stats=bobs))
    assert {path: list(one["changed_by"]["users"]) for path, one in found["commands"].items()} == {path: ["bob"]}
    assert [path in one["runs"] for one in found["grants"].values()] == [True]


@pytest.mark.parametrize("rules", ["Defaults runchroot=*\nann ALL = /usr/bin/id\n", "ann ALL = CHROOT=* /usr/bin/id\n"])
def test_a_root_directory_that_the_user_chooses(rules: str) -> None:
    (grant,) = derive(facts(rules))["grants"].values()
    assert (grant["gives"], grant["certain"], grant["command"]) == ("any-command", True, "/usr/bin/id")


@pytest.mark.parametrize(
    "rules",
    [
        "Defaults runchroot=*\nann ALL = CHROOT=/srv /usr/bin/id\n",
        "Defaults:bob runchroot=*\nann ALL = /usr/bin/id\n",
        "ann ALL = /usr/bin/id\n",
        "Defaults restricted_env_file=/opt/x\nann ALL = /usr/bin/id\n",
    ],
)
def test_a_root_directory_that_the_user_does_not_choose(rules: str) -> None:
    (grant,) = derive(facts(rules))["grants"].values()
    assert grant["gives"] == "limited"
