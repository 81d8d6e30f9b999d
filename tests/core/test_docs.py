"""The documents for people hold what they say: their examples run, and their lists are those of the code.

A reader copies an example before reading the sentence above it, so an example that fails is worse than none.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from hostcheck.authoring.compile import Source, check, compiled
from hostcheck.authoring.form import RULE
from hostcheck.benchmark import declared_values, load, resolve
from hostcheck.cli import COMMANDS, EPILOG, main
from hostcheck.cli.config import SETTINGS, parse
from hostcheck.cli.listing import KINDS
from hostcheck.documents import KINDS as KINDS_READ
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.host.memory import MemoryHost
from hostcheck.lint import facts_schemas
from hostcheck.model import Hole, Result, Why
from hostcheck.published import published
from hostcheck.registry import load as load_registry
from hostcheck.schema import check as require_dialect
from hostcheck.schema import compile_schema

ROOT = Path(__file__).resolve().parents[2]
BUILTIN = ROOT / "plugins/hostcheck_builtin"
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNNING = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BENCHMARKS = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def block(text: str, language: str) -> str:
    """Return the first block of code in `language`, without its indent."""
    found = re.search(rf"^( *)```{language}\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return re.sub(rf"^{found[1]}", "", found[2], flags=re.MULTILINE)


def table(text: str, heading: str) -> list[str]:
    """Return the first cells of the table whose head begins with `heading`."""
    rows = text[text.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip() for row in rows]


def test_the_rule_of_five_minutes_is_compiled(tmp_path: Path) -> None:
    """By the benchmark's own sections, profiles, roles and hosts, of which it has none of its number."""
    text = block(CONTRIBUTING, "yaml")
    shutil.copytree(BUILTIN / "benchmark", tmp_path / "benchmark")
    shutil.copytree(BUILTIN / "kernel/rules", tmp_path / "kernel/rules")
    name = text.split()[1]
    assert f"kernel/rules/{name}.yaml`" in CONTRIBUTING and not (BUILTIN / f"kernel/rules/{name}.yaml").exists() and len(text.splitlines()) < 30
    (tmp_path / f"kernel/rules/{name}.yaml").write_text(text)
    source = Source(str(tmp_path / "benchmark"))
    assert check(source, compiled(source), facts_schemas(load_registry())) == []


def test_the_files_of_five_and_of_twenty_minutes_are_where_it_says() -> None:
    for path in re.findall(r"`(plugins/[\w/.-]+|tests/[\w/.-]+|\.ci/\w+\.py)`", CONTRIBUTING):
        assert "motd" in path or path.endswith("HC-KRN-30.yaml") or (ROOT / path).exists(), path


def test_the_facts_of_twenty_minutes_obey_their_schema() -> None:
    schema = json.loads(block(CONTRIBUTING, "json"))
    require_dialect(schema, "CONTRIBUTING.md")
    for facts in ({"present": False}, {"present": True, "mode": "0644"}):
        assert compile_schema(schema)(facts) is True


def lay_out(folder: Path, page: str) -> None:
    """Write the files that a page shows: a path in backquotes and a colon, then the block."""
    for path, text in re.findall(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_the_benchmark_of_its_guide_is_compiled_explained_and_judged_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path, BENCHMARKS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hostcheck.trust.is_root", lambda: False)  # pytest's folder is below /tmp, where root believes nothing
    compiling, explaining = (line.partition("#")[0].split()[1:] for line in block(BENCHMARKS, "sh").splitlines()[:2])
    assert main(compiling) == 0 and main([*compiling, "--check"]) == 0
    assert main(explaining) == 0 and "Passes if everyone is no" in capsys.readouterr().out
    rule = resolve(load("harbour/harbour.json"), "HB-DOCKER-01", {"harbour_operators": ["ops", "deploy"]})
    socket = {"engine": "docker", "scope": "rootful", "listening": True, "everyone": True}
    socket["users"] = {"deploy": {"name": "deploy"}, "ann": {"name": "ann", "uid": 1000}}
    facts = {"host-role": {"role": "server"}, "socket-access": {"sockets": {"/run/docker.sock": socket}}}
    (found,) = judge_rule(rule, Facts(document=facts))
    assert (found["result"], found["severity"], found["because"]) == ("fail", "critical", "every local user can connect to /run/docker.sock")
    assert [step["run"] for step in found["fix"] if "run" in step] == ["gpasswd -d ann docker"]


def test_every_key_of_a_rule_is_explained() -> None:
    named = {name for cell in table(BENCHMARKS, "key") for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(RULE)
    written_only, compiled_only = {"id", "profiles", "roles", "examples"}, {"section"}
    assert named - written_only | compiled_only == set(published("benchmark-2")["$defs"]["rule"]["properties"])


def test_the_guide_says_which_documents_are_read() -> None:
    for kind, majors in KINDS_READ.items():
        for major in majors:
            assert f"`hostcheck.{kind}/{major}`" in BENCHMARKS or (kind, major) == ("report", 2)


def test_the_guide_to_benchmarks_is_short() -> None:
    assert len(BENCHMARKS.splitlines()) <= 200


def test_the_probe_of_twenty_minutes_runs() -> None:
    names: dict[str, Any] = {}
    exec(compile(block(CONTRIBUTING, "python"), "CONTRIBUTING.md", "exec"), names)
    collect = names["collect"]
    assert collect(MemoryHost()) == {"present": False}
    assert collect(MemoryHost({"/etc/motd": "hello"})) == {"present": True, "mode": "0644"}
    denied = collect(MemoryHost({"/etc/motd": PermissionError(13, "Permission denied", "/etc/motd")}))
    assert isinstance(denied, Hole) and denied.why == Why.DENIED


def test_every_result_is_explained() -> None:
    assert [cell.strip("`") for cell in table(README, "result")] == list(Result)


def test_every_exit_code_is_explained() -> None:
    assert table(README, "code") == re.findall(r"^  (\d+) ", EPILOG, re.MULTILINE)


def test_every_command_is_explained() -> None:
    assert {cell.strip("`").split()[1] for cell in table(RUNNING, "command")} == set(COMMANDS)
    for kind in KINDS:
        assert f"`{kind}`" in RUNNING


def test_every_format_is_explained() -> None:
    assert {cell.strip("`") for cell in table(RUNNING, "format")} == {"text", "json", "html", "junit", "ndjson", "paths", "dot"} == set(load_registry().formats)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_in_the_guides_exists(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    used = {option for line in re.findall(rf"hostcheck {name} ([^`|\n]*)", README + RUNNING) for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", line)}
    assert {option for option in used if not re.search(rf"{option}\b", shown)} == set()


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert len(README.splitlines()) <= 150
    made_later = {"docs/report.md"}
    for path in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / path).exists() or path in made_later, path


def test_no_document_speaks_of_waivers() -> None:
    """There are none yet."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    assert [str(page) for page in pages if "waive" in page.read_text(encoding="utf-8").lower()] == []
    assert "waive" not in EPILOG


def test_every_setting_and_every_value_has_an_example_that_is_accepted() -> None:
    """The page is made from the code (tests/core/test_generate.py); what it shows is read as a configuration would be."""
    declared = declared_values(load(str(BUILTIN / "benchmark/container-host.json"), shipped=True))
    headings = re.findall(r"^### `(\w+)`$", CONFIGURATION, re.MULTILINE)
    assert headings == [*SETTINGS, *sorted(declared)]
    examples = re.findall(r"^```toml\n(.*?)^```$", CONFIGURATION, re.MULTILINE | re.DOTALL)
    assert len(examples) == len(headings) + 1
    for text in examples:
        for name, value in parse(text.encode(), "docs/configuration.md").get("values", {}).items():
            assert type(value) is type(declared[name]), name


def test_every_value_says_what_it_is_for() -> None:
    found = load(str(BUILTIN / "benchmark/container-host.json"), shipped=True)
    assert found.about_values.keys() == declared_values(found).keys()
