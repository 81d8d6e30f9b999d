"""Where a report tells of what a line names; the kinds of lines that are left out are not in it by themselves."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from beside import outcomes, told
from beside.told import Ours
from real_engines.scans import Scan

REPORT = Ours(
    failures={"HC-X /opt/x": '["/opt/x", "mode 0777 of /opt/x"]'},
    paths={"user:bob: certain nothing: a": '"/etc/site/bin, /run/docker.sock"'},
    not_judged={"sudo": '"runs-as", "toor", "/srv/acme"'},
)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        (("*fst000", "/opt/x"), ["failure"]),
        (("*fst000", "/opt"), ["failure"]),  # something below it
        (("*fst000", "/opt/x.sh"), []),
        (("*fst000", "/opt/xy"), []),
        (("*fst000", "/srv/opt/x"), []),
        (("*ret020", "/etc/cron.d/site:PATH=/etc/site/bin:/usr/bin"), ["path"]),
        (("*sys040", "bob:x:0"), []),
        (("*sys040", "toor"), ["not judged"]),
        (("!ctn020", "docker"), ["path"]),
        (("!sud000", "uid=0(root)"), ["not judged"]),
        (("!sud010", "(root) NOPASSWD: /srv/acme"), ["not judged"]),
        (("!sud010", "(root) NOPASSWD: /opt/other"), []),
        (("*net000", "tcp LISTEN 127.0.0.1:2375 0.0.0.0:*"), []),
    ],
)
def test_a_line_is_told_where_a_thing_of_it_is(line: tuple[str, str], where: list[str]) -> None:
    assert REPORT.where(line) == where


def test_what_is_left_out_is_not_missed_and_all_else_is() -> None:
    lines = {
        ("*usr030", "bob:x:1"),
        ("*pro020", "root sleep infinity"),
        ("*fst000", "/run/user/4001/x"),
        ("*fst000", "/run/user/4002/x"),
        ("!fst020", "/opt/y"),
        ("!fst020", "/opt/x"),
    }
    assert told.untold(lines, REPORT, "alice") == ["!fst020 /opt/y", "*fst000 /run/user/4002/x"]


def test_the_table_counts_hosts_and_lines() -> None:
    after = Ours(failures={"HC-X /opt/x": ""}, paths={"user:bob: certain nothing: a": "", "user:bob: likely nothing: b": ""})
    named = {("*ret020", "/etc/site/bin"), ("*usr030", "bob:x:1"), ("!fst020", "/opt/y")}
    one = outcomes.outcome("a", "alice", (named, {("*ret020", "/etc/site/bin")}), (REPORT, after), set())
    two = outcomes.outcome("b", "alice", (set(), {("!fst020", "/opt/z")}), (REPORT, Ours(paths=after.paths)), {"user:bob: certain nothing: a"})
    counts = [int(row[88:]) for row in outcomes.rows([one, two])]
    assert counts == [2, 1, 1, 3, 0, 1, 0, 1, 1, 2, 2, 1, 1, 1, 1]


def test_what_a_report_says_has_the_keys_that_rows_of_hosts_have(tmp_path: Path) -> None:
    """The directory of a host is none of its own."""
    base = tmp_path / "x"
    world: Any = SimpleNamespace(base=base, holder=SimpleNamespace(pid=0))
    path = {"principal": "user:bob", "strength": "certain", "needs": "nothing", "steps": [{"edge": "writes", "because": f"{base}/home/bob/x"}]}
    finding = {"rule": "HC-X", "subject": f"{base}/home/bob/x", "because": "", "evidence": []}
    report = {"findings": [{**finding, "result": "fail"}, {**finding, "result": "pass", "rule": "HC-Y"}], "paths": [path], "not_judged": {"holes": []}}
    said = told.ours(Scan(code=1, report=report, evidence={}, seconds=0, errors=""), world)
    assert (list(said.failures), list(said.paths), said.not_judged) == (["HC-X {home}/bob/x"], ["user:bob: certain nothing: writes"], {})
    assert said.where(("*fst000", "{home}/bob/x")) == ["failure", "path"] and said.more_than(said) == Ours()
