import pytest
from root_programs.root_host import access, file, folder, host, listed, places

from hostcheck.host.answers import Stat
from hostcheck.testing.probes import stated
from hostcheck_builtin.root_programs import probe_root_programs
from hostcheck_builtin.system import bounds

THERE = {"/usr/sbin/logrotate": "x", "/opt/reload": "x"}
RUNS = "/var/log/x.log {\n  su www www\n  postrotate\n    /opt/reload\n  endscript\n}\n"
LOGS = "/srv/app/logs/*.log /srv/*/more/x.log {\n rotate 3\n}\n"
OWNED = {"/srv/app": folder(1000), "/srv/app/logs": folder(1000), "/srv/app/more": folder(0, 0o750)}


def test_what_a_script_of_logrotate_runs() -> None:
    told = listed("cron", {**THERE, "/etc/logrotate.d/x": RUNS}, stats={"/opt/reload": file(1000)})
    assert places(told) == {"/opt/reload": ["/etc/logrotate.d/x:4 runs"]}
    (use,) = told["/opt/reload"]["uses"].values()
    assert (use["certain"], use["user"], use["when"]) == (True, "root", "timer")


@pytest.mark.parametrize(
    ("files", "stats"),
    [({"/usr/sbin/logrotate": None}, {}), ({}, {"/etc/logrotate.d/x": file(1001)}), ({}, {"/etc/logrotate.d/x": file(0, 0o664, 50)})],
)
def test_without_logrotate_or_from_a_file_that_it_passes_over_nothing_is_certain(files: dict[str, None], stats: dict[str, object]) -> None:
    told = listed("cron", {**THERE, **files, "/etc/logrotate.d/x": RUNS}, stats={"/opt/reload": file(1000), **stats})
    assert [use["certain"] for use in told["/opt/reload"]["uses"].values()] == [False]


@pytest.mark.parametrize(("stat", "told"), [(file(), ["/opt/reload"]), (file(1001), []), (file(0, 0o664, 50), [])])
def test_nobody_gains_anything_by_a_file_that_logrotate_passes_over(stat: Stat, told: list[str]) -> None:
    found = access({**THERE, "/etc/logrotate.d/x": RUNS}, stats={"/opt/reload": file(1000), "/etc/logrotate.d/x": stat})
    assert sorted(found) == told


def test_a_file_with_an_end_that_is_taboo_is_not_read() -> None:
    assert not listed("cron", {**THERE, "/etc/logrotate.d/x.dpkg-old": RUNS}, stats={"/opt/reload": file(1000)})


def test_logs_below_a_directory_of_a_users() -> None:
    files = {**THERE, "/etc/logrotate.d/x": LOGS, "/srv/app/logs/x.log": "", "/srv/app/more/x.log": ""}
    found = access(files, stats=OWNED)
    assert {path: (one["certain"], sorted(one["changed_by"]["users"])) for path, one in found.items()} == {
        "/srv/app/logs": (False, ["ann"]),
        "/srv/app/more": (False, ["ann"]),
    }
    assert "makes and renames files in it" in found["/srv/app/logs"]["run_by"]


@pytest.mark.parametrize(
    ("text", "stats", "wanted"),
    [
        (LOGS.replace("rotate", "su ann ann\n rotate"), {}, []),
        (LOGS.replace("rotate", "su root adm\n rotate"), {"/srv/app/logs": folder(1000, 0o777)}, ["/srv/app/logs", "/srv/app/more"]),
        (LOGS, {"/srv/app/logs": folder(1000, 0o777), "/srv/app/more": folder(0, 0o770, 50)}, []),
        (LOGS, {"/srv/app": folder(), "/srv/app/more": folder(1000)}, []),
    ],
)
def test_logs_that_are_rotated_as_a_user_or_not_at_all(text: str, stats: dict[str, object], wanted: list[str]) -> None:
    files = {**THERE, "/etc/logrotate.d/x": text, "/srv/app/logs/x.log": "", "/srv/app/more/x.log": ""}
    assert sorted(listed("cron", files, stats={**OWNED, **stats})) == wanted


def test_what_su_says_for_all_is_in_the_first_file() -> None:
    files = {**THERE, "/etc/logrotate.conf": "su ann ann\n", "/etc/logrotate.d/x": LOGS, "/srv/app/logs/x.log": "", "/srv/app/more/x.log": ""}
    assert not listed("cron", files, stats=OWNED)


def test_there_is_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostcheck_builtin.root_programs.logrotate.PATTERNS_OF_LOGS", 1)
    told = stated(probe_root_programs.collect, host({**THERE, "/etc/logrotate.d/x": LOGS}))
    assert "patterns for logs" in told["cron"]["files"].hole.message and bounds.PATTERNS_OF_LOGS > 1
