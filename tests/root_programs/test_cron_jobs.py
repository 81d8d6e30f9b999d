from typing import Any

import pytest
from root_programs.root_host import OPEN, PASSWD, file, listed, places

from hostcheck.host.answers import Stat
from hostcheck.model import Hole


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"/etc/crontab": "0 5 * * * root cd /home/ann && ./job.sh\n"}, {"/home/ann/job.sh": ["/etc/crontab:1 runs"]}),
        ({"/etc/cron.d/a": "@reboot root sh /home/ann/x\n"}, {"/home/ann/x": ["/etc/cron.d/a:1 runs"]}),
        ({"/etc/cron.d/a.b": "@reboot root sh /home/ann/x\n"}, {"/home/ann/x": ["/etc/cron.d/a.b:1 runs"]}),
        ({"/etc/cron.d/a.b": "@reboot root sh /home/ann/x\n", "/etc/debian_version": "13\n"}, {}),
        ({"/var/spool/cron/crontabs/root": "* * * * * /home/ann/x\n"}, {"/home/ann/x": ["/var/spool/cron/crontabs/root:1 runs"]}),
        (
            {"/var/spool/cron/crontabs/toor": "* * * * * /home/ann/x\n", "/etc/passwd": f"{PASSWD}toor:x:0:0::/srv/toor:/bin/sh\n"},
            {"/home/ann/x": ["/var/spool/cron/crontabs/toor:1 runs"]},
        ),
        (
            {"/var/spool/cron/toor": "* * * * * ~/x\n", "/etc/passwd": f"{PASSWD}toor:x:0:0::/home/ann:/bin/sh\n"},
            {"/home/ann/x": ["/var/spool/cron/toor:1 runs"]},
        ),
        ({"/var/spool/cron/crontabs/bob": "* * * * * /home/ann/x\n"}, {}),
        ({"/etc/anacrontab": "SHELL=/bin/sh\n1 5 daily nice /home/ann/x\n"}, {"/home/ann/x": ["/etc/anacrontab:2 runs"]}),
        ({"/etc/crontab": "PATH=/home/ann/bin:/usr/bin\n* * * * * root x\n", "/home/ann/bin/y": ""}, {"/home/ann/bin": ["/etc/crontab:1 searches"]}),
        ({"/etc/crontab": "SHELL=/home/ann/sh\n* * * * * root x\n"}, {"/home/ann/sh": ["/etc/crontab:1 runs"]}),
        ({"/etc/crontab": "* * * * * root x\n", "/bin/x": "#!/bin/sh\n. /home/ann/x\n"}, {"/home/ann/x": ["/bin/x:2 reads"]}),
        ({"/etc/cron.daily/a": "#!/bin/sh\n/home/ann/x\n"}, {"/home/ann/x": ["/etc/cron.daily/a:2 runs"]}),
        ({"/var/spool/cron/atjobs/a0001": "#!/bin/sh\n# atrun uid=0 gid=0\numask 22\n/home/ann/x\n"}, {"/home/ann/x": ["/var/spool/cron/atjobs/a0001 runs"]}),
    ],
)
def test_what_jobs_name(files: dict[str, str], wanted: dict[str, list[str]]) -> None:
    stats = dict.fromkeys((path for path in files if "/cron.daily/" in path), file())
    assert places(listed("cron", {"/home/ann/x": "", "/home/ann/job.sh": "", **files}, stats=stats)) == wanted


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("df | awk '/tmp/{print $5}'", []),
        ("df | perl -ne '/tmp/ && print'", []),
        ("cd /home/ann && awk -F/ '{print $2/1}' f", []),
        ("sudo -u ann /home/ann/x", []),
        ("exec >/dev/null 2>&1; /home/ann/x", ["/home/ann/x"]),
        ("cd /home/ann && make", ["/home/ann", "/home/ann/Makefile"]),
        ("cd /home/ann && docker compose up -d", ["/home/ann", "/home/ann/compose.yaml"]),
        ("docker compose -f /home/ann/compose.yaml up -d", ["/home/ann/compose.yaml"]),
        ("LD_LIBRARY_PATH=/home/ann /bin/true", ["/home/ann"]),
        ("chroot /home/ann /x", ["/home/ann", "/home/ann/x"]),
    ],
)
def test_what_the_command_of_a_job_names(command: str, wanted: list[str]) -> None:
    there = {f"/home/ann/{name}": "" for name in ("x", "Makefile", "compose.yaml", "f")}
    assert sorted(listed("cron", {"/etc/crontab": f"* * * * * root {command}\n", "/tmp/a": "", **there})) == wanted


def test_a_table_that_others_may_write_is_told_as_not_certain() -> None:
    found = listed("cron", {"/etc/cron.d/a": ""}, stats={"/etc/cron.d": OPEN})
    assert sorted(found) == ["/etc/cron.d", "/etc/cron.d/a"]
    assert not any(use["certain"] for one in found.values() for use in one["uses"].values())
    assert all(use["certain"] for use in listed("cron", {"/etc/cron.daily/a": ""}, stats={"/etc/cron.daily": OPEN})["/etc/cron.daily"]["uses"].values())


@pytest.mark.parametrize(
    ("more", "stats", "sure"),
    [
        ({}, {}, True),
        ({"/usr/sbin/cron": None}, {}, False),
        ({"/usr/sbin/cron": None, "/usr/bin/anacron": "x"}, {}, True),
        ({}, {"/etc/cron.d/a": file(0, 0o664, 50)}, False),
        ({}, {"/etc/cron.d/a": file(1000, 0o644)}, False),
    ],
)
def test_a_job_is_certain_where_there_is_a_cron_that_takes_its_table(more: Any, stats: dict[str, Stat], sure: bool) -> None:
    found = listed("cron", {"/etc/cron.d/a": "* * * * * root /home/ann/x\n", "/home/ann/x": "", **more}, stats=stats)
    assert [use["certain"] for use in found["/home/ann/x"]["uses"].values()] == [sure]


def test_a_directory_behind_the_usual_ones_is_searched_perhaps() -> None:
    found = listed("cron", {"/etc/crontab": "PATH=/home/ann/a:/usr/bin:/home/ann/b\n* * * * * root x\n", "/home/ann/a/x": "", "/home/ann/b/x": ""})
    assert {path: [use["certain"] for use in one["uses"].values()] for path, one in found.items()} == {
        "/home/ann/a": [True],
        "/home/ann/a/x": [True],
        "/home/ann/b": [False],
    }


def test_what_is_not_known_before_it_in_path_leaves_a_program_open() -> None:
    """A user who hides what is in a directory of PATH takes nothing from who can change a later one."""
    table = "PATH=/home/ann/bin:/opt/tools\n* * * * * root x\n"
    told = listed(
        "cron", {"/etc/crontab": table, "/home/ann/bin/x": PermissionError(13, "no", "/home/ann/bin/x"), "/opt/tools/x": ""}, stats={"/opt/tools": OPEN}
    )
    (use,) = [one for one in told["/opt/tools/x"]["uses"].values() if one["how"] == "runs"]
    assert isinstance(use["certain"], Hole)


@pytest.mark.parametrize(("shell", "sure"), [("SHELL=/bin/bash\n", True), ("SHELL=/bin/sh\n", False), ("", False)])
def test_bash_reads_a_file_of_variables_for_each_job(shell: str, sure: bool) -> None:
    files = {"/etc/cron.d/a": f"{shell}BASH_ENV=/home/ann/e\n* * * * * root /bin/true\n", "/home/ann/e": "", "/usr/sbin/cron": "x"}
    (use,) = listed("cron", files)["/home/ann/e"]["uses"].values()
    assert (use["how"], use["certain"]) == ("reads", sure)
