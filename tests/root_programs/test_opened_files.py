"""Files that root opens for what another user's program says: who can put a link in their place writes as root wherever it leads (systemd.exec(5), sh(1))."""

from typing import Any

import pytest
from root_programs.root_host import file, folder, listed

from hostcheck_builtin.shell.shell_text import named

LOG = "/var/log/app"
JOB = f"15 2 * * * root su - ann -c /srv/dump >> {LOG}/dump.log 2>&1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("su - ann -c /srv/dump >> /log/a 2>&1", [("/log/a", "ann", True)]),
        ("su ann -c '/srv/dump >> /log/a'", []),
        ("runuser -u ann -- /srv/dump >/log/a 2>/log/b", [("/log/a", "ann", True), ("/log/b", "ann", True)]),
        ("nice -n 5 sudo -u ann /srv/dump &> /log/a", [("/log/a", "ann", True)]),
        ("if test $x; then sudo -u ann /srv/dump > /log/a; fi", [("/log/a", "ann", False)]),
        ("cd /log && sudo -u ann /srv/dump > ./a", [("/log/a", "ann", True)]),
        ("sudo -u root /srv/dump > /log/a", []),
        ("/srv/dump > /log/a", []),
        ("su - ann -c /srv/dump | tee /log/a", []),
        ("su - ann -c /srv/dump < /log/a", []),
        ("echo > /log/a; su - ann -c /srv/dump", []),
        ("su - $who -c /srv/dump > /log/a", []),
    ],
)
def test_what_a_text_opens(text: str, expected: Any) -> None:
    found = [one for one in named(text) if one.how == "opens"]
    assert [(one.path, one.words[0], one.certain) for one in found if "\0" not in one.words[0]] == expected


def opened(group: str, files: dict[str, str], at: Any, **stats: Any) -> Any:
    found = dict(listed(group, files, stats={LOG: at, **stats})).get(LOG, {"uses": {}})["uses"]
    return {(use["place"], use["how"], use["user"], use["certain"]) for use in found.values() if use["kind"] == "output"}


@pytest.mark.parametrize(
    ("at", "sure"),
    [
        (folder(1000, 0o750), True),
        (folder(0, 0o1775, 1000), True),
        (folder(1000, 0o777), False),
        (folder(1001, 0o755), None),
        (folder(0, 0o1777), None),
        (folder(), None),
    ],
)
def test_who_can_put_a_link_there(at: Any, *, sure: bool | None) -> None:
    assert opened("cron", {"/etc/cron.d/a": JOB}, at) == (set() if sure is None else {("/etc/cron.d/a:1", "opens", "root", sure)})


@pytest.mark.parametrize(("uid", "counts"), [(0, False), (1001, False), (1000, True)])
def test_a_file_of_somebody_elses_stays_where_the_sticky_bit_is(uid: int, *, counts: bool) -> None:
    files = {"/etc/cron.d/a": JOB, f"{LOG}/dump.log": "x"}
    assert bool(opened("cron", files, folder(0, 0o1775, 1000), **{f"{LOG}/dump.log": file(uid)})) is counts


UNIT, LINK = "/etc/systemd/system/app.service", "/etc/systemd/system/multi-user.target.wants/app.service"


@pytest.mark.parametrize(
    ("settings", "counts"),
    [
        (f"User=ann\nStandardOutput=append:{LOG}/a.log", True),
        (f"User=ann\nStandardError=file:{LOG}/%N.log", True),
        (f"User=ann\nStandardOutput=truncate:{LOG}/a.log\nStandardOutput=journal", False),
        (f"StandardOutput=append:{LOG}/a.log", False),
        (f"User=bob\nStandardOutput=append:{LOG}/a.log", False),
        (f"User=ann\nRootDirectory=/srv/root\nStandardOutput=append:{LOG}/a.log", False),
        ("User=ann\nStandardOutput=journal", False),
    ],
)
def test_the_output_of_a_unit(settings: str, *, counts: bool) -> None:
    text = f"[Service]\n{settings}\nExecStart=/usr/bin/app\n"
    assert opened("units", {UNIT: text, LINK: text}, folder(1000)) == ({(UNIT, "opens", "root", True)} if counts else set())


def test_a_drop_in_names_the_place() -> None:
    text, drop = "[Service]\nUser=ann\nExecStart=/usr/bin/app\n", "/etc/systemd/system/app.service.d/log.conf"
    found = opened("units", {UNIT: text, LINK: text, drop: f"[Service]\nStandardOutput=append:{LOG}/a\n"}, folder(1000))
    assert found == {(drop, "opens", "root", True)}
