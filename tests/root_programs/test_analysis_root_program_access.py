from typing import Any, ClassVar

import pytest
from root_programs.root_host import OPEN, PASSWD, access, derive, document, file, folder

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing import AnalysisContract
from hostcheck.view import View, known
from hostcheck_builtin.root_programs import ANALYSES, analysis_root_program_access

JOB, SCRIPT, UNIT = "/etc/cron.d/backup", "/opt/backup.sh", "/etc/systemd/system/x.service"
DENIED = Hole(why=Why.DENIED, message="no")
CRON = {JOB: f"PATH=/usr/bin\n* * * * * root {SCRIPT}\n", SCRIPT: "#!/bin/sh\n. /opt/lib.sh\n"}
STAFF = file(0, 0o775, 50)
WANTED = "/etc/systemd/system/multi-user.target.wants/x.service"
RUNS = {UNIT: "[Service]\nExecStart=/opt/run\n", "/opt/run": "x"}


def ways(found: Any) -> dict[str, Any]:
    return {path: one["changed_by"]["ways"] for path, one in found.items()}


def test_a_script_of_roots_cron_that_a_group_can_write() -> None:
    assert access(CRON) == {}
    found = access(CRON, stats={SCRIPT: STAFF})
    assert ways(found) == {SCRIPT: [f"bob (group staff on {SCRIPT})"]}
    assert {key: found[SCRIPT][key] for key in ("kind", "place", "when", "interaction", "as_uid", "of_whom", "certain", "type", "run_by")} == {
        "kind": "cron",
        "place": f"{JOB}:2",
        "when": "by cron",
        "interaction": "wait",
        "as_uid": 0,
        "of_whom": "root",
        "certain": True,
        "type": "file",
        "run_by": f"root's cron ({JOB}:2) runs it",
    }


def test_a_file_that_a_script_reads() -> None:
    found = access({**CRON, SCRIPT: "#!/bin/sh\n. /home/ann/lib.sh\n", "/home/ann/lib.sh": ""})
    one = found["/home/ann/lib.sh"]
    assert (one["kind"], one["place"], one["certain"]) == ("script", f"{SCRIPT}:2", True)
    assert one["run_by"] == f"the script ({SCRIPT}:2) reads it; root's cron ({JOB}:2) runs that"
    assert access({**CRON, SCRIPT: "#!/bin/sh\n. /root/lib.sh\n", "/root/lib.sh": ""}) == {}


def test_what_is_not_there_counts_where_somebody_can_make_it() -> None:
    files = {JOB: "* * * * * root /opt/x/gone\n", "/opt/x/other": ""}
    found = access(files, stats={"/opt/x": folder(1001)})["/opt/x/gone"]
    assert (found["type"], found["changed_by"]["ways"]) == ("absent", ["bob (owner of /opt/x)"])
    assert access(files) == {}


def test_what_is_run_as_another_user_is_that_users_own() -> None:
    files = {JOB: "* * * * * ann /home/ann/x\n* * * * * www /home/bob/y\n* * * * * gone /home/bob/z\n", "/home/ann/x": "", "/home/bob/y": "", "/home/bob/z": ""}
    found = access(files)
    assert list(found) == ["/home/bob/y"]
    assert (found["/home/bob/y"]["as_uid"], found["/home/bob/y"]["of_whom"]) == (33, "www")


def test_as_root_counts_before_as_another_user() -> None:
    found = access({JOB: "* * * * * ann /home/ann/x\n* * * * * root /home/ann/x\n", "/home/ann/x": ""})["/home/ann/x"]
    assert (found["as_uid"], found["place"], len(found["reasons"])) == (0, f"{JOB}:2", 2)


@pytest.mark.parametrize(
    ("files", "links", "said"),
    [
        ({}, {}, ("unit", "when the unit starts", "restart", False)),
        ({}, {WANTED: UNIT}, ("unit", "at boot", "reboot", True)),
        (
            {"/etc/systemd/system/x.timer": "[Timer]\n"},
            {"/etc/systemd/system/timers.target.wants/x.timer": "../x.timer"},
            ("timer", "when its timer elapses", "wait", True),
        ),
    ],
)
def test_when_a_unit_runs_a_program(files: dict[str, str], links: dict[str, str], said: tuple[Any, ...]) -> None:
    found = access({**RUNS, **files}, links=links, stats={"/opt/run": file(1001)})["/opt/run"]
    assert tuple(found[key] for key in ("kind", "when", "interaction", "certain")) == said


def test_who_can_write_to_a_device_changes_no_file() -> None:
    assert access({}, links={UNIT: "/dev/null"}, stats={"/dev/null": Stat(type="char", uid=0, gid=0, mode=0o666)}) == {}


def test_only_root_in_a_sticky_directory_is_counted() -> None:
    files = {JOB: "* * * * * root /opt/t/x\n", "/opt/t/x": ""}
    told = derive(document(files, stats={"/opt/t": Stat(type="dir", uid=0, gid=0, mode=0o1777)}))
    closed = derive(document(files))
    assert told["files"] == closed["files"] == {} and told["others"] == closed["others"] > 0


def test_where_a_table_is_not_known_there_may_be_other_reasons() -> None:
    told = document({**CRON, "/etc/crontab": PermissionError(13, "no")}, stats={SCRIPT: STAFF})
    derived = derive(told)
    found = derived["files"]
    assert isinstance(found, OpenObject) and isinstance(derived["others"], Hole)
    assert (found[SCRIPT]["as_uid"], found[SCRIPT]["certain"], found[SCRIPT]["changed_by"]["users"]["bob"]["uid"]) == (0, True, 1001)
    assert isinstance(found[SCRIPT]["place"], Hole) and [one["place"] for one in found[SCRIPT]["reasons"].values()] == [f"{JOB}:2"]


def test_how_many_users_are_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_root_program_access, "USERS", 1)
    files = {JOB: "* * * * * root /opt/a; /opt/b; /opt/c\n", "/opt/a": "", "/opt/b": "", "/opt/c": ""}
    told = derive(document(files, stats={path: STAFF for path in files if path != JOB}))
    assert [isinstance(one, Hole) for one in told["files"].values()] == [False, False, True] and isinstance(told["others"], Hole)


FUSE = "27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:50 / /home/ann/mnt rw - fuse.x x rw\n"


@pytest.mark.parametrize(
    "more",
    [
        {"/home/ann/x": "".join(f"/home/bob/{number}\n" for number in range(1000))},
        {"/home/ann/x": "#" * 1_000_000},
        {"/proc/self/mountinfo": FUSE.replace("mnt", "x"), "/home/ann/x/y": ""},
    ],
)
def test_whoever_owns_what_root_runs_leaves_nothing_open_by_what_stands_there(more: dict[str, Any]) -> None:
    """Neither that its owner becomes root by it, nor anything of others."""
    stats = {"/home/ann": folder(1000), "/home/ann/x": folder(1000) if "/home/ann/x/y" in more else file(1000)}
    found = access({JOB: "* * * * * root /home/ann/x\n* * * * * root /home/bob/z\n", "/home/bob/z": "", **more}, stats=stats)
    told = {path: (one["place"], one["certain"], list(known(View(one["changed_by"]["users"])))) for path, one in found.items()}
    assert told == {"/home/ann/x": (f"{JOB}:1", True, ["ann"]), "/home/bob/z": (f"{JOB}:2", True, ["bob"])}
    assert not isinstance(found, OpenObject)
    assert isinstance(found["/home/ann/x"]["changed_by"]["users"], OpenObject) is ("/home/ann/x/y" in more)


def test_what_the_script_of_a_user_names_is_that_users_word() -> None:
    files = {JOB: "* * * * * root /home/ann/x\n", "/home/ann/x": "#!/bin/sh\n. /home/bob/z\n", "/home/bob/z": ""}
    assert list(access(files)) == ["/home/ann/x"]


def test_from_inside_a_user_namespace_nothing_is_known() -> None:
    told = document(CRON)
    told["host"]["scan"]["init_userns"] = False
    assert isinstance(derive(told), Hole)


class TestRootProgramAccess(AnalysisContract):
    analysis = ANALYSES[0]
    documents: ClassVar[Any] = {
        "open and closed": document(
            {**CRON, **RUNS, SCRIPT: "#!/bin/sh\n. /home/ann/lib.sh\n/opt/x/gone\n", "/home/ann/lib.sh": "", "/opt/x/other": ""}
            | {"/etc/crontab": f"* * * * * ann {SCRIPT}\n@reboot www /opt/run\n", "/proc/sys/kernel/core_pattern": "|/opt/run %p\n"},
            stats={SCRIPT: STAFF, "/opt/x": OPEN, "/opt/run": file(0, 0o775, 51), UNIT: file(4444)},
        ),
    }


def test_a_table_of_another_account_with_uid_0_is_roots() -> None:
    files = {"/var/spool/cron/crontabs/toor": "* * * * * /opt/bobbin/tool\n", "/etc/passwd": f"{PASSWD}toor:x:0:0::/srv/toor:/bin/sh\n", "/opt/bobbin/tool": ""}
    found = access(files, stats={"/opt/bobbin": folder(1001), "/opt/bobbin/tool": file(1001)})["/opt/bobbin/tool"]
    assert (found["as_uid"], found["certain"], found["place"]) == (0, True, "/var/spool/cron/crontabs/toor:1")


def test_a_file_that_a_container_runs_of_the_host() -> None:
    use = {
        "kind": "container",
        "by": "the container web",
        "how": "runs",
        "place": "its command",
        "when": "container",
        "user": "root",
        "certain": True,
        "via": "",
    }
    told = document({JOB: f"* * * * * root {SCRIPT}\n", SCRIPT: ""}, stats={SCRIPT: STAFF})
    entry = {**told["root-programs"]["cron"]["files"][SCRIPT], "uses": {"its command runs as root": use}}
    told["containers"] = {"containers": {"docker:db": {}, "docker:web": {"starts": {SCRIPT: entry}}}}
    found = derive(told)["container_files"]
    assert {name: ways(files) for name, files in found.items()} == {"docker:web": {SCRIPT: [f"bob (group staff on {SCRIPT})"]}}
    one = found["docker:web"][SCRIPT]
    assert (one["run_by"], one["when"]) == ("the container web (its command) runs it", "when the container starts")
    assert (one["interaction"], one["certain"]) == ("restart", True)
    told["containers"] = {"containers": DENIED}
    unknown = derive(told)["container_files"]
    assert isinstance(unknown, OpenObject) and unknown.hole.why is Why.DENIED
