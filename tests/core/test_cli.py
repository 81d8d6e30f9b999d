"""The command line from outside: exit codes, one-line complaints, files whole or not at all, silence where there is nothing to say."""

import fcntl
import gc
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_documents import BAD
from toy import HEAD, RULE, WHOLE_RULE, fails, one_line, rule, write_benchmark

from hostcheck import cli
from hostcheck.cli import judging, lock
from hostcheck.cli.page import Page
from hostcheck.documents import digest
from hostcheck.model import HostcheckError
from hostcheck.registry import Registry
from hostcheck.scope import headline

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def documents(run: Run) -> None:
    code, _, err = run("scan", "--format", "json=report.json", "--evidence", "evidence.json")
    assert (code, err) == (0, "")


@pytest.fixture(scope="module")
def scanned() -> dict[str, bytes]:
    return {}


@pytest.fixture
def same_documents(run: Run, scanned: dict[str, bytes], request: pytest.FixtureRequest) -> None:
    """Leave the documents of one scan, for tests that ask nothing about it: the toys are the same for all."""
    if not scanned:
        request.getfixturevalue("documents")
        scanned.update({name: Path(name).read_bytes() for name in ("report.json", "evidence.json")})
    for name, content in scanned.items():
        Path(name).write_bytes(content)


def test_scan_is_collect_evaluate_render_in_a_row(run: Run, documents: None) -> None:
    assert run("evaluate", "evidence.json", "--format", "json=again.json") == (0, "", "")
    assert Path("again.json").read_bytes() == Path("report.json").read_bytes()
    told = json.loads(Path("report.json").read_bytes())["inputs"]["evidence"]["sha256"]
    assert told == digest(Path("evidence.json").read_bytes()), "as sha256sum prints it"
    assert run("render", "report.json")[:2] == (0, "compliant")
    assert run("collect", "-o", "e.json") == (0, "", "")
    assert json.loads(Path("e.json").read_text())["probes"] == json.loads(Path("evidence.json").read_text())["probes"]


def test_whoever_calls_a_command_gets_the_collector_back(run: Run) -> None:
    run("scan")
    assert gc.isenabled()


def test_every_document_obeys_its_published_schema(run: Run, documents: None) -> None:
    code, out, _ = run("lint", "evidence.json", "report.json", "toy/benchmark.json")
    assert (code, out) == (0, "evidence.json: ok\nreport.json: ok\ntoy/benchmark.json: ok\n")


def test_output_is_for_its_owner_only_and_leaves_nothing_beside_it(run: Run, documents: None) -> None:
    for name in ("report.json", "evidence.json"):
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o600
    assert not [name for name in os.listdir() if name.startswith(".")]


def test_a_link_in_place_of_an_output_is_replaced_not_followed(run: Run, tmp_path: Path) -> None:
    Path("victim").write_text("intact")
    os.symlink("victim", "report.json")
    assert run("scan", "--format", "json=report.json")[0] == 0
    assert Path("victim").read_text() == "intact" and not os.path.islink("report.json")


def test_an_output_that_cannot_be_written_is_named_before_any_work(run: Run, tmp_path: Path) -> None:
    os.mkfifo("device")
    os.symlink("device", "link-to-device")
    os.symlink("/proc/self/fd/1", "link-to-stdout")
    for choice, words in (
        ("json=none/report.json", "the directory does not exist"),
        ("json=toy", "is a directory"),
        ("json=/proc/report.json", "is not a regular file"),
        ("json=/dev/stdout", "is not a regular file"),
        ("json=link-to-stdout", "is not a regular file"),
        ("json=device", "is not a regular file"),
        ("json=link-to-device", "is not a regular file"),
    ):
        code, out, err = run("scan", "--format", choice)
        assert (code, out) == (2, "") and words in one_line(err)
    code, _, err = run("scan", "--format", "json=a.json", "--format", "text=a.json")
    assert code == 2 and "two outputs go there" in one_line(err)
    assert run("scan", "--format", "json", "--format", "text")[0] == 2
    assert not os.path.exists("a.json")


def test_nobody_can_take_the_name_of_a_temporary_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    real = os.rename

    def rename(old: str, new: str, **other: Any) -> None:
        names.add(old)
        real(old, new, **other)

    monkeypatch.setattr(os, "rename", rename)
    for _ in range(3):
        run("scan", "--format", "json=report.json")
    assert len(names) == 3 and all(re.fullmatch(r"\.report\.json\.[0-9a-f]{16}", name) for name in names)


@pytest.mark.root
def test_a_link_that_somebody_else_put_on_the_way_is_not_followed(run: Run) -> None:
    os.mkdir("theirs")
    os.mkdir("victim")
    os.symlink("../victim", "theirs/reports")
    os.lchown("theirs/reports", 12345, 12345)
    os.chown("theirs", 12345, 12345)
    code, _, err = run("scan", "--format", "json=theirs/reports/r.json")
    assert code == 2 and "others may have put there" in one_line(err)
    assert os.listdir("victim") == []
    os.mkdir("ours")
    os.symlink("../victim", "ours/reports")
    assert run("scan", "--format", "json=ours/reports/r.json")[0] == 0
    assert os.listdir("victim") == ["r.json"]


def test_a_full_disk_leaves_the_old_file(run: Run, documents: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Path("report.json").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = run("evaluate", "evidence.json", "--format", "json=report.json")
    assert code == 2 and "no space left" in one_line(err)
    assert Path("report.json").read_bytes() == before and not [name for name in os.listdir() if name.startswith(".")]


COMMANDS = {
    "evaluate": ("evidence", ["evaluate", "{}"]),
    "render": ("report", ["render", "{}"]),
    "explain": ("report", ["explain", "T-1", "{}"]),
    "paths": ("report", ["paths", "--format", "json", "{}"]),
    "lint": ("report", ["lint", "{}"]),
    "scan": ("benchmark", ["scan", "--benchmark", "{}"]),
    "benchmark": ("benchmark", ["evaluate", "evidence.json", "--benchmark", "{}"]),
    "config": ("config", ["scan", "--config", "{}"]),
}
CONTENTS: dict[str, bytes | None] = {**{name: content for name, (content, _) in BAD.items()}, "directory": b"", "fifo": b"", "missing": b""}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", CONTENTS)
def test_bad_documents_to_every_command(run: Run, same_documents: None, command: str, name: str) -> None:
    kind, argv = COMMANDS[command]
    before = set(os.listdir())
    place = f"bad-{name}"
    if name == "directory":
        os.mkdir(place)
    elif name == "fifo":
        os.mkfifo(place)
    elif name != "missing":
        Path(place).write_bytes((CONTENTS[name] or b"").replace(b"hostcheck.report", b"hostcheck." + kind.encode()))
    if name == "other" or (command == "config" and name == "empty"):
        return  # `other` became the right kind by the replacement; an empty configuration is a valid one
    code, out, err = run(*(part.format(place) for part in argv))
    told = out if command == "lint" else err
    assert code == 2
    assert place in told and "Traceback" not in told and told.count("\n") == 1
    assert set(os.listdir()) - {place} == before


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["scna"], "no command is called 'scna'; did you mean 'scan'? See `hostcheck --help`"),
        (["scann"], "did you mean 'scan'?"),
        (["reneder", "x"], "did you mean 'render'?"),
        (["qqq"], "no command is called 'qqq'; see `hostcheck --help`"),
        (["scan", "--frmat", "json"], "there is no option --frmat; did you mean '--format'? See `hostcheck scan --help`"),
        (["scan", "--html"], "there is no option --html; write --format html; see"),
        (["scan", "--html", "x.html"], "write --format html=x.html;"),
        (["scan", "--json=x"], "write --format json=x;"),
        (["scan", "-o", "x.xml"], "write --format junit=x.xml;"),
        (["evaluate", "x", "-o", "x.htm", "-q"], "write --format html=x.htm;"),
        (["scan", "--output"], "write --format html=PATH;"),
        (["lint", "x", "--html"], "there is no option --html;"),
        (["render", "x", "y"], "'y' is one argument too many;"),
        (["scan", "--format", "htlm"], "no format is called 'htlm'; the formats are json, text"),
        (["scan", "--role", "king"], "'king' is not a role; the roles are workstation"),
        (["scan", "--profile", ""], "no profile is called ''"),
        (["scan", "--profile", "level9"], "no profile is called 'level9'; did you mean 'level1'? the profiles are level1"),
        (["scan", "--value", "trustd=ann"], "no rule has a value called 'trustd'; did you mean 'trusted'? the values are trusted"),
        (["scan", "--value", "trusted"], "write NAME=VALUE"),
        (["scan", "--fail-on", "awful"], "'awful' is not a severity; the severities are low"),
        (["scan", "--fail-on", "hihg"], "'hihg' is not a severity; did you mean 'high'? the severities are low"),
        (["scan", "--role", "sevrer"], "did you mean 'server'? the roles are workstation"),
        (["scan", "--rule", "T-*", "--skip-rule", "t-*"], "--skip-rule leaves none of the rules that --rule names"),
        (["scan", "--rule", "U-*"], "no rule is called 'U-*'"),
        (["explain", "T-*"], "name one rule: T-1, T-2"),
        (["list", "rules", "nothing has", "these"], "none of the rules has 'nothing has' and 'these' in it; `hostcheck list rules` lists all"),
        (["scan", "--deadline", "soon"], "invalid float value: 'soon'"),
        (["scan", "--deadline", "0"], "must be between 0.5 and 3600"),
        (["scan", "--deadline", "nan"], "must be between 0.5 and 3600"),
        (["collect", "--deadline", "-1"], "must be between 0.5 and 3600"),
        (["scan", "--account-share", "0.9"], "must be between 1 and 100"),
        (["collect", "--account-share", "nan"], "must be between 1 and 100"),
        (["scan", "--deep", "0.5"], "--deep 0.5: must be between 1 and 86400"),
        (["collect", "--deep", "nan"], "--deep nan: must be between 1 and 86400"),
        (["explain", "T-9"], "no rule is called 'T-9'"),
        (["explain"], "RULE"),
        (["list", "everything"], "'everything' is not a list; the lists are analyses"),
        (["list", "ruls"], "did you mean 'rules'?"),
        (["lint"], "DOC"),
        (["evaluate", "none.json"], "none.json: no such file"),
        (["evaluate", "x", "--as-of", "yesterday"], "'yesterday'"),
        (["evaluate", "x", "--as-of", "2026-02-30"], "'2026-02-30'"),
        (["render", "x", "--format", "pdf"], "no format is called 'pdf'"),
        (["paths", "--format", "pdf"], "no format is called 'pdf' here; the formats are text, dot, json"),
        (["scan", "--config", "none.toml"], "none.toml: no such file"),
    ],
)
def test_usage_is_answered_on_one_line(run: Run, argv: list[str], words: str) -> None:
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert words in one_line(err)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("profil = 'x'", "unknown setting 'profil'; did you mean 'profile'"),
        ("profile = 1", "`profile` must be text"),
        ("deadline = '1'", "`deadline` must be a number of seconds"),
        ("account_share = 0.5", "`account_share` must be a number from 1 to 100"),
        ("format = 'json'", "`format` must be a list of NAME[=PATH]"),
        ("values = 1", "`values` must be a table"),
        ("[values]\ntrustd = ['ann']", "no rule has a value called 'trustd'"),
        ("profile = ", "not TOML"),
        ("deadline = 1" + "0" * 4000, "`deadline` must be"),
        ("[values]\ntrusted = {a = 1}", "`values.trusted` must be"),
        ("[values]\ntrusted = [['a']]", "`values.trusted` must be"),
        ("a = " + "[" * 100_000, "not TOML"),
        ("a = " + "9" * 5000, "not TOML: a number has too many digits"),
    ],
)
def test_a_configuration_that_says_nothing_is_refused(run: Run, text: str, words: str) -> None:
    Path("config.toml").write_text(text)
    code, out, err = run("scan", "--config", "config.toml")
    assert (code, out) == (2, "") and words in one_line(err)


def test_the_command_line_overrules_the_configuration(run: Run) -> None:
    Path("config.toml").write_text("role = 'server'\nfail_on = 'high'\nformat = ['json=c.json']\n[values]\ntrusted = ['ann', 'bob']\n")
    run("scan", "--config", "config.toml", "--fail-on", "medium")
    inputs = json.loads(Path("c.json").read_text())["inputs"]
    assert (inputs["role"], inputs["fail_on"], inputs["values"]) == ("server", "medium", {"trusted": ["ann", "bob"]})
    run("scan", "--config", "config.toml", "--value", "trusted=eve")
    assert json.loads(Path("c.json").read_text())["inputs"]["values"] == {"trusted": ["eve"]}


def test_cron_hears_one_line_and_with_quiet_nothing_but_findings(run: Run, toys: Registry) -> None:
    assert run("scan") == (0, "compliant with level1 in what was examined\n", "")
    assert run("scan", "-q") == (0, "", "")
    fails(toys)
    code, out, err = run("scan")
    assert (code, out, err) == (1, "noncompliant", "")
    code, out, err = run("scan", "-q")
    assert (code, out, err) == (1, "low  T-2  the alarm: no\n", "")


def test_a_compliant_host_with_failures_below_what_counts_says_how_many(run: Run, toys: Registry) -> None:
    """One line, with -q or without, and by cron as well: exit code 0 alone would hide them."""
    fails(toys)
    told = "compliant at medium; 1 failure below it (with level1 in what was examined)\n"
    assert run("scan", "--fail-on", "medium") == (0, told, "")
    assert run("scan", "--fail-on", "medium", "-q", "--evidence", "evidence.json") == (0, told, "")
    assert run("evaluate", "evidence.json", "--fail-on", "medium") == (0, told, "")
    assert run("scan", "--fail-on", "medium", "--format", "json=asked.json") == (0, "", "")


def test_quiet_lines_begin_with_the_most_severe_and_name_a_subject_once(run: Run, toys: Registry, tmp_path: Path) -> None:
    doors = {name: {"owner": "ann", "locked": False, "keys": []} for name in ("an", "front")}
    toys.probes["doors"] = replace(toys.probes["doors"], collect=lambda host: {"doors": doors, "alarm": False})
    (tmp_path / "own").mkdir()
    for because, reason in (("{/owner} left it open", "{0}: ann left it open"), ("{subject} was left open", "{0} was left open")):
        own = write_benchmark(tmp_path / "own", [rule(WHOLE_RULE, id="T-1"), rule(RULE, id="T-2", because=because)])
        told = "".join(f"medium  T-2  {reason.format(name)}\n" for name in doors)
        assert run("scan", "--benchmark", own, "-q") == (1, f"{told}low  T-1  the alarm: no\n", "")


def test_a_format_that_raises_costs_its_own_output_only(run: Run, toys: Registry) -> None:
    toys.formats["bad"] = type(toys.formats["json"])(name="bad", media_type="x", render=lambda report: report["none"])
    code, out, err = run("scan", "--format", "bad=bad.txt", "--format", "json=good.json")
    assert code == 70 and "the format 'bad' failed: KeyError" in one_line(err)
    assert json.loads(Path("good.json").read_text())["verdict"] == "compliant" and not os.path.exists("bad.txt")


@pytest.mark.root
def test_a_second_scan_of_root_is_told_to_wait(run: Run) -> None:
    with lock.held():
        code, out, err = run("scan", "--format", "json=second.json")
        assert (code, out) == (75, "") and "another scan is running" in one_line(err)
        assert run("collect")[0] == 75
    assert not os.path.exists("second.json")
    assert run("scan")[0] == 0


@pytest.mark.root
def test_a_lock_that_others_can_write_is_not_trusted(run: Run) -> None:
    os.mkdir(lock.FOLDER, 0o777)
    os.chmod(lock.FOLDER, 0o777)
    code, _, err = run("scan")
    assert code == 5 and "only root can write" in one_line(err)


@pytest.mark.root
def test_the_lock_is_given_back(run: Run) -> None:
    run("scan")
    with open(f"{lock.FOLDER}/lock") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.root
@pytest.mark.parametrize("what", ["config", "benchmark"])
def test_root_acts_on_no_file_that_others_could_have_written(run: Run, what: str) -> None:
    os.mkdir("site")
    path = Path("site/config.toml") if what == "config" else Path(write_benchmark(Path("site"), head=HEAD))
    if what == "config":
        path.write_text("profile = 'level1'\n")
    argv = ["scan", f"--{what}", str(path), "--format", "json=r.json"]
    assert run(*argv)[0] == 0
    os.remove("r.json")
    os.chmod(path, 0o666)
    code, _, err = run(*argv)
    assert code == 5 and f"chmod go-w {path.resolve()}" in one_line(err)
    os.chmod(path, 0o644)
    os.chown("site", 12345, 0)
    code, _, err = run(*argv)
    assert code == 5 and "belongs to user id 12345" in one_line(err)
    assert not os.path.exists("r.json")


@pytest.mark.root
def test_a_link_of_somebody_else_in_the_middle_of_the_way_is_not_trusted(run: Run) -> None:
    os.mkdir("cfg")
    Path("cfg/ok.toml").write_text("fail_on = 'high'\n")
    os.mkdir("theirs")
    os.symlink("../cfg/ok.toml", "theirs/middle")
    os.lchown("theirs/middle", 12345, 12345)
    os.symlink("../theirs/middle", "cfg/link.toml")
    for path in ("cfg/link.toml", "theirs/../cfg/link.toml"):
        code, _, err = run("scan", "--config", path)
        assert code == 5 and "belongs to user id 12345" in one_line(err)
    os.chown("theirs", 12345, 12345)
    code, _, err = run("scan", "--config", "theirs/../cfg/ok.toml")
    assert code == 5 and "theirs belongs to user id 12345" in one_line(err)
    assert run("scan", "--config", "cfg/../cfg/./ok.toml")[0] == 0


def test_an_own_benchmark_is_linted_before_it_is_judged_by(run: Run) -> None:
    os.mkdir("site")
    path = write_benchmark(Path("site"), head={**HEAD, "profiles": {"level1": {"title": "x", "rules": ["T-9"]}}})
    code, _, err = run("scan", "--benchmark", path)
    assert code == 2 and "selects T-9" in one_line(err)
    code, out, _ = run("lint", path)
    assert code == 2 and "selects T-9" in out


def test_standard_output_and_input(run: Run, documents: None, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run("scan", "--format", "json=-")
    assert code == 0 and json.loads(out)["schema"] == "hostcheck.report/2"
    assert json.loads(run("scan", "--format", "json")[1])["verdict"] == "compliant"


def test_the_role_that_was_given_stands_in_the_report(run: Run) -> None:
    report = json.loads(run("scan", "--format", "json", "--role", "server")[1])
    assert report["inputs"]["role"] == "server"


def test_the_reference_agrees(run: Run, documents: None) -> None:
    code, _, err = run("evaluate", "evidence.json", "--reference")
    assert code == 0
    told = re.fullmatch(r"jsonschema agrees in all of (\d+) comparisons\n", err)
    assert told and int(told.group(1)) >= 3


def test_the_reference_fails_on_any_difference(run: Run, documents: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostcheck.told.compile_schema", lambda schema: lambda facts: False)
    code, _, err = run("evaluate", "evidence.json", "--reference")
    assert code == 70 and "jsonschema says True" in one_line(err)


def test_explain_tells_the_rule_and_what_a_report_found(run: Run, documents: None) -> None:
    code, out, _ = run("explain", "T-2", "report.json")
    assert code == 0
    for words in ("T-2: The alarm is on", "press the button", "It wakes people.", "Passed: the host.", "doors: alarm is yes"):
        assert words in out


@pytest.mark.parametrize("kind", ["rules", "probes", "analyses", "formats", "profiles", "values"])
def test_lists_can_be_read_by_machines(run: Run, kind: str) -> None:
    code, out, _ = run("list", kind, "--json")
    assert code == 0 and json.loads(out)
    assert run("list", kind)[1]


def test_evidence_of_a_foreign_probe_is_not_judged_by_its_own_word(run: Run, documents: None) -> None:
    document = json.loads(Path("evidence.json").read_text())
    document["probes"]["acme.x"] = {**document["probes"]["doors"]}
    Path("foreign.json").write_text(json.dumps(document))
    assert run("evaluate", "foreign.json")[0] == 0
    del document["probes"]["doors"]
    Path("less.json").write_text(json.dumps(document))
    code, _, err = run("evaluate", "less.json", "--format", "json=less-report.json")
    assert (code, err) == (3, "")
    results = {finding["rule"]: finding["result"] for finding in json.loads(Path("less-report.json").read_text())["findings"]}
    assert results["T-2"] == "notchecked"


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e["probes"]["doors"].pop("holes"),
        lambda e: e["probes"]["doors"]["holes"].append({"pointer": "/none/x", "kind": "value", "why": "denied", "message": ""}),
        lambda e: e["probes"]["doors"]["holes"].append({"pointer": "x", "kind": "value", "why": "denied", "message": ""}),
        lambda e: e["probes"]["doors"]["holes"].append({"pointer": "/alarm", "kind": "members", "why": "denied", "message": ""}),
        lambda e: e["probes"]["doors"].update(facts=[1]),
        lambda e: e.update(clock="now"),
    ],
)
def test_tampered_evidence_never_passes(run: Run, same_documents: None, change: Any) -> None:
    document = json.loads(Path("evidence.json").read_text())
    change(document)
    Path("tampered.json").write_text(json.dumps(document))
    code, _, err = run("evaluate", "tampered.json")
    assert code in (2, 3) and "Traceback" not in err


def test_help_names_every_command_and_exit_code() -> None:
    out = subprocess.run([sys.executable, "-m", "hostcheck", "--help"], capture_output=True, text=True, check=True).stdout
    for word in (*cli.COMMANDS, "exit codes", "75", "70"):
        assert word in out


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0 and out.startswith(f"usage: hostcheck {command}")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m hostcheck --help | head -c 1; {sys.executable} -m hostcheck list formats | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


SCAN = f"{sys.executable} -m hostcheck list formats"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (f"{SCAN} >&-", 0),
        (f"{SCAN} <&- 2>&-", 0),
        (f"{SCAN} <&- >&- 2>&-", 0),
        (f"{SCAN} >/dev/full", 2),
        (f"{SCAN} bogus 2>/dev/full", 2),
        (f"{SCAN} bogus 2>&-", 2),
        (f"{SCAN} bogus >&- 2>&-", 2),
    ],
)
def test_closed_and_full_streams_change_no_exit_code(command: str, code: int) -> None:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "bogus" not in done.stdout


def test_a_reader_that_goes_away_takes_neither_the_verdict_nor_the_files(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(toys)
    kept = os.dup(1)
    reading, writing = os.pipe()
    os.close(reading)
    os.dup2(writing, 1)
    os.close(writing)
    try:
        code = cli.main(["scan", "--format", "text=-", "--format", "json=report.json"])
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert code == 1
    assert json.loads(Path("report.json").read_text())["verdict"] == "noncompliant"


def test_two_benchmarks_of_one_name_are_refused(run: Run) -> None:
    for name in ("one", "two"):
        os.mkdir(name)
        write_benchmark(Path(name))
    code, _, err = run("scan", "--benchmark", "one/benchmark.json", "--benchmark", "two/benchmark.json")
    assert code == 2 and "two benchmarks are called 'toy'" in one_line(err)


def test_evidence_and_summary_do_not_share_standard_output(run: Run) -> None:
    code, out, err = run("scan", "--evidence", "-")
    assert (code, out) == (2, "") and "standard output: two outputs go there" in one_line(err)


def test_judging_again_does_not_overwrite_the_report_of_a_scan(run: Run, documents: None) -> None:
    Path("config.toml").write_text("format = ['json=nightly.json']\n")
    assert run("evaluate", "evidence.json", "--config", "config.toml")[0] == 0
    assert not os.path.exists("nightly.json")


def test_quiet_is_not_silent_where_nothing_was_checked(run: Run, documents: None) -> None:
    document = json.loads(Path("evidence.json").read_text())
    document["probes"] = {}
    Path("empty.json").write_text(json.dumps(document))
    code, out, _ = run("evaluate", "empty.json", "-q")
    assert code == 3 and "2 findings are undetermined; run without --quiet for the reasons\n" in out


def test_what_nobody_foresaw_is_an_internal_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostcheck.cli.judging.judge", lambda *args, **kwargs: 1 / 0)
    run("collect", "-o", "evidence.json")
    code, _, err = run("evaluate", "evidence.json", "--format", "json=x.json")
    assert code == 70 and "internal error: ZeroDivisionError" in one_line(err)
    assert not os.path.exists("x.json")


def test_one_rule_is_judged_by_name_whatever_the_profile(run: Run, toys: Registry) -> None:
    """Only what it reads is asked, the report says which rules were judged, and evaluate comes to the same bytes."""
    toys.probes["other"] = type(toys.probes["doors"])(id="other", title="", facts_schema=toys.probes["doors"].facts_schema, collect=lambda host: 1 / 0)
    asked = ("--rule", "T-2", "--rule", "T-2", "--format", "json=one.json")
    assert run("scan", *asked, "--evidence", "few.json") == (0, "", "")
    report = json.loads(Path("one.json").read_text())
    assert report["inputs"]["rules"] == ["T-2"] == list(report["benchmarks"][0]["rules"])
    assert [finding["rule"] for finding in report["findings"]] == ["T-2"]
    assert list(json.loads(Path("few.json").read_text())["probes"]) == ["doors"]
    assert run("lint", "one.json")[:2] == (0, "one.json: ok\n")
    before = Path("one.json").read_bytes()
    assert run("evaluate", "few.json", *asked)[0] == 0
    assert Path("one.json").read_bytes() == before
    assert "rules" not in json.loads(run("scan", "--format", "json")[1])["inputs"]


def test_a_rule_by_name_fails_as_it_would_among_all(run: Run, toys: Registry) -> None:
    fails(toys)
    assert run("scan", "--rule", "T-2", "-q") == (1, "low  T-2  the alarm: no\n", "")
    assert run("scan", "--rule", "T-1", "-q")[:2] == (0, "")


def test_that_a_rule_does_not_apply_is_an_answer_where_it_was_asked_for(run: Run) -> None:
    """Where whole profiles are judged, nothing but rules that do not apply means that nothing was evaluated."""
    report = json.loads(run("scan", "--rule", "T-1", "--format", "json")[1])
    assert [finding["result"] for finding in report["findings"]] == ["notapplicable"]
    assert report["verdict"] == "compliant" and run("scan", "--rule", "T-1")[0] == 0


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["scan", "--rule", "T-9"], "no rule is called 'T-9'; did you mean T-1 or T-2?"),
        (["scan", "--rule", "unheard-of"], "no rule is called 'unheard-of'; see `hostcheck list rules`"),
    ],
)
def test_a_rule_that_is_not_there_is_named_with_those_that_are_near(run: Run, argv: list[str], words: str) -> None:
    code, out, err = run(*argv)
    assert (code, out) == (2, "") and words in one_line(err)


def test_a_rule_is_found_by_small_letters_without_leading_zeros_and_by_its_beginning() -> None:
    benchmarks = [SimpleNamespace(rules={"HC-KRN-01": {}, "HC-KRN-11": {}, "HC-KRN-21": {}, "HC-ACC-01": {}})]
    assert judging.require_rules("hc-krn-1", benchmarks, Registry()) == ["HC-KRN-01"]
    assert judging.require_rules("hc-krn-*", benchmarks, Registry()) == ["HC-KRN-01", "HC-KRN-11", "HC-KRN-21"]
    assert judging.require_rules("*-01", benchmarks, Registry()) == ["HC-ACC-01", "HC-KRN-01"]
    with pytest.raises(HostcheckError, match=r"no rule is called 'HC-KRN-1\?'"):
        judging.require_rules("HC-KRN-1?", benchmarks, Registry())


def test_a_rule_that_is_left_out_is_named_in_the_report(run: Run) -> None:
    report = json.loads(run("scan", "--format", "json", "--skip-rule", "t-1")[1])
    assert report["inputs"]["skipped"] == ["T-1"] and "rules" not in report["inputs"]
    results = {finding["rule"]: (finding["result"], finding["because"]) for finding in report["findings"]}
    assert results["T-1"] == ("notselected", "left out by --skip-rule") and results["T-2"][0] != "notselected"
    assert "T-1, left out by --skip-rule" in report["inputs"]["scope"]["not_examined"]
    assert "without T-1" in headline({**report, "verdict": "compliant"})
    alone = json.loads(run("scan", "--format", "json", "--rule", "T-*", "--skip-rule", "T-1")[1])
    assert "T-1" not in alone["inputs"]["rules"] and {finding["rule"] for finding in alone["findings"]} == set(alone["inputs"]["rules"])


def test_what_is_looked_at_and_what_is_not_is_explained(run: Run, documents: None) -> None:
    code, out, err = run("explain", "Scope")
    assert (code, err) == (0, "") and "What rules look at\n  - Toy rules\n" in out and "Not examined: nothing looks at these" in out
    assert "Toy rules" in run("explain", "scope", "report.json")[1]


def test_severities_roles_and_lists_are_known_in_capitals(run: Run) -> None:
    assert json.loads(run("scan", "--format", "json", "--fail-on", "HIGH", "--role", "Server")[1])["inputs"]["fail_on"] == "high"
    assert run("list", "RULES", "t-1", "DOOR")[1].split()[:1] == ["T-1"]


def test_who_asks_for_nothing_is_told_what_there_is(run: Run) -> None:
    code, out, err = run()
    assert (code, out) == (2, "") and all(f"hostcheck {command}" in err for command in ("scan", "paths", "explain HC-ACC-01", "--help"))
    assert run("help")[:2] == run("--help")[:2] and run("help", "scan")[:2] == run("scan", "--help")[:2]
    assert run("version") == run("-V") == run("--version")


def without_rights(report: dict[str, Any]) -> dict[str, Any]:
    holes = [{"at": "doors/alarm", "why": "denied", "message": "/alarm: permission denied"}]
    findings = [{**finding, "result": "error", "holes": holes} if finding["rule"] == "T-2" else finding for finding in report["findings"]]
    counts = {**report["counts"], "error": 1, "pass": report["counts"]["pass"] - 1}
    return {**report, "host": {**report["host"], "euid": 1000}, "findings": findings, "counts": counts, "verdict": "inconclusive"}


def test_a_user_whose_scan_is_inconclusive_hears_what_root_could_determine(run: Run, documents: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = judging.judge
    monkeypatch.setattr(judging, "judge", lambda *args, **kwargs: without_rights(real(*args, **kwargs)))
    told = "1 finding needs root (T-2): user id 1000 was denied what it depends on; run an installation that only root can write to, as root\n"
    assert run("scan", "-q") == (3, "1 finding is undetermined; run without --quiet for the reason\n" + told, "")
    assert run("scan", "--format", "json=x.json") == (3, "", f"hostcheck: {told}")
    assert run("scan", "--format", "json=x.json", "-q") == (3, "", "")


def test_values_are_listed_with_what_uses_them(run: Run) -> None:
    (value,) = json.loads(run("list", "values", "--json")[1])
    assert value == {"name": "trusted", "type": "list of strings", "default": [], "about": "", "rules": ["T-1"], "benchmark": "toy"}
    assert run("list", "values")[1] == "trusted (list of strings; default: none)\n  Used by T-1.\n"


def test_what_probes_look_for_is_listed(run: Run, toys: Registry, tmp_path: Path) -> None:
    place = {"place": ["/etc/a", "/etc/b"], "what": "keys", "source": "a(5)"}
    program = {"program": ["vi"], "how": "starts a shell", "gives": "shell", "source": "vi(1)"}
    path = tmp_path / "leads.json"
    toys.probes["doors"] = replace(toys.probes["doors"], leads=str(path))
    path.write_text(json.dumps({"places": [place], "programs": [program]}))
    rows = json.loads(run("list", "leads", "--json")[1])
    assert [(row["lead"], row["gives"], row["what"], row["probe"]) for row in rows] == [
        *(("/etc/a", "write", "keys", "doors"), ("/etc/b", "write", "keys", "doors"), ("vi", "shell", "starts a shell", "doors")),
    ]
    assert run("list", "leads")[1].split()[:3] == ["/etc/a", "write", "keys"]


@pytest.mark.parametrize("text", ["", "[]", '{"places": [{"place": ["/a"]}]}', '{"places": [1]}', '{"programs": [{"how": "x", "source": "y"}]}', None])
def test_a_file_of_leads_that_is_none_is_named(run: Run, toys: Registry, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "leads.json"
    toys.probes["doors"] = replace(toys.probes["doors"], leads=str(path))
    if text is not None:
        path.write_text(text)
    code, out, err = run("list", "leads")
    assert (code, out) == (2, "") and f"{path}: what the probe doors looks for cannot be listed" in err and "Traceback" not in err


def test_what_is_known_of_a_rule_can_be_read_by_machines(run: Run) -> None:
    rows = {row["id"]: row for row in json.loads(run("list", "rules", "--json")[1])}
    assert rows["T-2"] == {
        "id": "T-2",
        "benchmark": "toy",
        "title": "The alarm is on",
        "severity": "low",
        "manual": False,
        "profiles": ["level1"],
        "section": "Toy rules",
        "rationale": "It wakes people.",
        "verify": "",
        "references": [{"source": "own"}],
        "fix": [{"note": "press the button"}],
    }
    assert rows["T-1"]["severity"] == "medium or critical"
    assert run("list", "rules")[1].splitlines() == ["T-1  medium or critical  toy  Doors are locked", "T-2  low                 toy  The alarm is on"]


def test_an_explanation_is_folded_and_a_command_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    command = "setfacl -x u:alice -- " + "/srv/very/long/path " * 10 + "&& true"
    for width, most in (("60", 60), ("400", 100), ("1", 40)):
        monkeypatch.setenv("COLUMNS", width)
        page = Page()
        lines = page.steps([{"note": "word " * 60}, {"run": command}, {"run": "a\x1b[31mb"}])
        assert page.width == most and max(len(line) for line in lines if "setfacl" not in line) <= most
        assert f"    {command}" in lines and "    a\\x1b[31mb" in lines


def test_explain_shows_the_fix_of_what_was_found(run: Run, toys: Registry, documents: None) -> None:
    fails(toys)
    run("scan", "--format", "json=failed.json")
    out = run("explain", "T-2", "failed.json")[1]
    assert "Failed: the host: the alarm: no." in out and out.count("press the button") == 1
    assert out.index("press the button") < out.index("How it is judged")


def test_an_unknown_setting_lists_the_known_ones(run: Run) -> None:
    Path("config.toml").write_text("colour = 'x'\n")
    known = "account_share, benchmark, deadline, evidence, fail_on, format, plugins, profile, role, values"
    assert one_line(run("scan", "--config", "config.toml")[2]) == f"hostcheck: config.toml: unknown setting 'colour'; the settings are {known}\n"
