from typing import Any

import pytest
from root_programs.root_host import access, facts, file, folder, kinds, listed

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.root_programs import path_programs

BACKUP = "/usr/local/bin/backup"
BOBS = file(1001)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (file(1001), True),
        (file(0, 0o777), True),
        (file(0, 0o775, 50), True),
        (file(0, 0o666), False),  # nobody may execute it
        (file(1001, 0o644), True),  # its owner may make it a program
        (file(0), False),
        (folder(1001), False),
    ],
)
@pytest.mark.parametrize("path", [BACKUP, "/usr/bin/backup", "/sbin/backup"])
def test_a_program_that_nothing_names_counts_where_roots_path_leads(path: str, one: Stat, told: bool) -> None:
    assert kinds(listed("logins", {path: ""} if one.type == "file" else {}, stats={path: one})) == ({path: {"command"}} if told else {})


@pytest.mark.parametrize(
    "files",
    [
        {"/etc/login.defs": "ENV_SUPATH\tPATH=/usr/bin:/opt/x\n"},
        {"/etc/login.defs": "ENV_SUPATH PATH=/usr/bin\nENV_SUPATH /usr/bin:/opt/x\n"},
        {"/root/.profile": "PATH=/opt/x:$PATH\n"},
        {"/etc/environment": "PATH=/opt/x\n"},
        {"/etc/sudoers": 'Defaults env_reset, secure_path="/usr/bin:/opt/x"\n'},
        {"/etc/sudoers.d/site": "Defaults\tsecure_path = /opt/x\n"},
        {"/etc/cron.d/site": "PATH=/opt/x:/usr/bin\n1 1 1 1 1 root true\n"},
        {"/etc/systemd/system/x.service": "[Service]\nEnvironment=PATH=/opt/x\nExecStart=/bin/true\n"},
    ],
)
def test_where_programs_are_looked_for_is_read(files: dict[str, str]) -> None:
    assert kinds(listed("logins", {**files, "/opt/x/run": "", "/bin/true": ""}, stats={"/opt/x/run": BOBS})) == {"/opt/x/run": {"command"}}


@pytest.mark.parametrize(
    "files",
    [
        {"/etc/login.defs": "ENV_PATH PATH=/opt/x\n#ENV_SUPATH PATH=/opt/x\n"},
        {"/etc/environment": "LD_LIBRARY_PATH=/opt/x\n"},
        {"/root/.profile": "export PYTHONPATH=/opt/x\n"},
        {"/etc/sudoers": "#Defaults secure_path=/opt/x\n"},
        {"/etc/cron.d/site": "PATH=/opt/x:/usr/bin\n1 1 1 1 1 ann true\n"},
        {"/home/ann/.profile": "PATH=/opt/x\n"},
    ],
)
def test_what_is_no_path_of_roots_is_not_looked_through(files: dict[str, str]) -> None:
    assert "/opt/x/run" not in listed("logins", {**files, "/opt/x/run": "", "/bin/true": ""}, stats={"/opt/x/run": BOBS})


@pytest.mark.parametrize(
    ("links", "stats", "told"),
    [
        ({BACKUP: "/opt/x/backup"}, {"/opt/x/backup": BOBS}, [BACKUP]),
        ({BACKUP: "../../../opt/x/backup"}, {"/opt/x": folder(1001)}, [BACKUP]),
        ({BACKUP: "/opt/x/none"}, {"/opt/x": folder(1001)}, [BACKUP]),
        ({BACKUP: "/etc/alternatives/backup", "/etc/alternatives/backup": "/opt/x/backup"}, {"/opt/x/backup": BOBS}, [BACKUP]),
        ({BACKUP: "real", "/usr/local/bin/other": "./real"}, {"/usr/local/bin/real": BOBS}, ["/usr/local/bin/other"]),
        ({BACKUP: "/opt/x/backup"}, {}, []),
        ({BACKUP: "/opt/y/../x/backup", "/opt/y": "/srv/y"}, {"/opt/x/backup": BOBS, "/srv/y": folder()}, []),
    ],
)
def test_a_link_of_roots_counts_by_what_it_leads_to(links: dict[str, str], stats: dict[str, Stat], told: list[str]) -> None:
    files = {"/opt/x/backup": "", **{path: "" for path in stats if path.startswith("/usr/local")}}
    found = listed("logins", files, stats=stats, links=links)
    assert list(found) == told


def test_a_link_in_the_same_directory_is_told_by_the_name_that_it_leads_to() -> None:
    assert list(listed("logins", {"/usr/bin/a": ""}, stats={"/usr/bin/a": BOBS}, links={"/usr/bin/b": "a"})) == ["/usr/bin/a"]


def test_whoever_may_write_a_directory_makes_no_link_of_somebody_elses() -> None:
    stats = {"/usr/local/bin": folder(0, 0o2775, 50), BACKUP: Stat(type="link", uid=1001, gid=50, mode=0o777)}
    found = listed("logins", {"/home/ann/x": ""}, stats=stats, links={BACKUP: "/home/ann/x"})
    assert kinds(found) == {"/usr/local/bin": {"search-path"}}


@pytest.mark.parametrize(("owner", "told"), [(1000, [BACKUP]), (0, [])])
def test_a_users_link_counts_where_only_root_can_have_put_it(owner: int, told: list[str]) -> None:
    """As `cp -a` and tar(1) do, which keep whose a link is."""
    stats = {BACKUP: Stat(type="link", uid=1000, gid=1000, mode=0o777), "/opt/x": file(owner)}
    assert list(access({"/opt/x": ""}, stats=stats, links={BACKUP: "/opt/x"})) == told


def test_a_directory_that_a_user_leads_to_is_told_as_such_and_not_looked_through() -> None:
    stats = {"/home/ann/bin": Stat(type="link", uid=1000, gid=1000, mode=0o777)}
    found = listed("logins", {"/root/.profile": "PATH=/home/ann/bin\n", "/home/bob/x": ""}, stats=stats, links={"/home/ann/bin": "/home/bob"})
    assert kinds(found) == {"/home/ann/bin": {"search-path"}}


def test_what_is_whose_the_directory_is_is_told_of_the_directory() -> None:
    stats = {"/usr/local/bin": folder(1001), BACKUP: BOBS, "/usr/local/bin/open": file(1001, 0o777)}
    found = listed("logins", {BACKUP: "", "/usr/local/bin/open": ""}, stats=stats)
    assert kinds(found) == {"/usr/local/bin": {"search-path"}, "/usr/local/bin/open": {"command"}}


def test_programs_alike_are_one_with_how_many_there_are() -> None:
    names = [f"/usr/bin/p{number:03}" for number in range(300)]
    stats = {**dict.fromkeys(names, BOBS), "/usr/bin/p100": file(1000), "/usr/bin/p200": file(0, 0o777)}
    found = listed("logins", dict.fromkeys(names, ""), stats=stats)
    assert {path: [use["via"] for use in one["uses"].values()] for path, one in found.items()} == {
        "/usr/bin/p000": ["297 more in /usr/bin can be changed alike"],
        "/usr/bin/p100": [""],
        "/usr/bin/p200": [""],
    }


def test_what_one_user_may_add_takes_nothing_from_what_is_told_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_programs, "EACH", 10)
    names = [f"/usr/local/bin/p{number:03}" for number in range(30)]
    stats = {"/usr/local/bin": folder(0, 0o2775, 50), **dict.fromkeys(names, BOBS), "/usr/local/bin/z": file(1000, gid=50), "/usr/bin/z": file(0, 0o777)}
    found = listed("logins", dict.fromkeys((*names, "/usr/local/bin/z", "/usr/bin/z"), ""), stats=stats)
    assert kinds(found) == {"/usr/local/bin": {"search-path"}, **dict.fromkeys((names[0], "/usr/local/bin/z", "/usr/bin/z"), {"command"})}
    hole = found.hole
    assert "uid 1001 has 30 names" in hole.message


def test_many_directories_are_not_all_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_programs, "FOLDERS", 1)
    files = {"/root/.profile": "PATH=/opt/x\n", "/opt/x/run": "", "/usr/bin/run": ""}
    assert "more than 1 directories" in facts(files)["logins"]["files"].hole.message


def test_a_directory_that_a_server_answers_for_is_not_looked_through() -> None:
    mounts = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n28 27 0:40 / /usr/local rw - nfs4 server:/x rw\n"
    found = listed("logins", {BACKUP: "", "/proc/self/mountinfo": mounts}, stats={BACKUP: BOBS})
    hole = found.hole
    assert list(found) == [] and hole.message.startswith("/usr/local/bin: programs on a file system that asks")


def test_a_directory_that_is_taken_away_meanwhile_has_no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any, **__: Any) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(MemoryHost, "privileged_programs", gone)
    found = listed("logins", {BACKUP: ""}, stats={BACKUP: BOBS})
    assert (found, getattr(found, "hole", None)) == ({}, None)


@pytest.mark.parametrize("path", ["/usr/bin", "/etc/login.defs", "/etc/sudoers"])
def test_what_cannot_be_read_leaves_open_which_programs_there_are(path: str) -> None:
    files = {path: PermissionError(13, "no")}
    assert isinstance(listed("logins", files, stats={path: folder()} if path == "/usr/bin" else {}).hole, Hole)


def test_who_can_become_root_by_such_a_program() -> None:
    found: Any = access({BACKUP: ""}, stats={BACKUP: file(0, 0o777)})
    (one,) = found.values()
    assert (one["run_by"], one["kind"], one["when"], one["interaction"], one["certain"]) == (
        "root, who calls it by its name (/usr/local/bin) runs it",
        "command",
        "when root calls it by its name",
        "wait",
        False,
    )
    assert one["changed_by"]["everyone"] is True
