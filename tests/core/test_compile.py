"""`hostcheck compile`: a benchmark that is written in YAML becomes the document that a scan reads, if its examples hold."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import DOORS, HOUSE, registry

from hostcheck.authoring.compile import Source, check, compiled, shown_examples, written_out
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Hole, HostcheckError, Why
from hostcheck.registry import IGNORED, Registry
from hostcheck.report import judge

SCHEMAS = {"doors": DOORS, "house": HOUSE}
HEAD = """
id: toy
title: Toy
version: 1.0
sections: {T: Doors}
values: {trusted: []}
profiles: {level1: {title: All}}
roles:
  home: {when: {/house/kind: {const: office}}, is: "a {/house/kind} is no home"}
"""
RULE = """
id: T-1
title: Ensure doors are locked
severity: high
profiles: [level1]
roles: home
rationale: An open door lets anybody in.
references: [{source: House rules, section: "4"}]
fix:
  - {note: it locks out who is outside}
  - {run: "lock {subject}"}
  - {each: /keys, run: "take-key {key}"}
notapplicable:
  - {is: there are no doors}
each: /doors/doors
where: {/owner: {not: {enum: {$value: trusted}}}}
expect: {/locked: {const: true}}
because: "{subject}: {/owner} left it open"
seen: "{subject} is locked"
examples:
  at: /doors/doors/front
  pass: {owner: ann, locked: true}
  fail: {owner: ann, locked: false}
  error: {owner: ann, holes: [/locked]}
  notapplicable: [{on: office}, {}]
"""
SHARED = """
fixes:
  bolt:
    - run: bolt {=side} {subject}
      when: {/locked: {const: "{=key}"}}
"""
USES = RULE.replace('{run: "lock {subject}"}', "{use: bolt, with: {key: false, side: left}}")
SETS = RULE.replace('{run: "lock {subject}"}', "{set: {file: '{/place}', key: a, value: '1', check: checks, effect: At once.}}")
HOSTS = {"server": "doors: {doors: {}, alarm: true}\nhouse: {kind: home}\n", "office": "like: server\nhouse: {kind: office}\n"}


def folder(place: Path, head: str = HEAD, rules: dict[str, str] | None = None, hosts: dict[str, str] | None = None) -> str:
    for sub in ("rules", "hosts"):
        (place / sub).mkdir()
    (place / "benchmark.yaml").write_text(head)
    for name, text in ({"T-1": RULE} if rules is None else rules).items():
        (place / "rules" / f"{name}.yaml").write_text(text)
    for name, text in (HOSTS if hosts is None else hosts).items():
        (place / "hosts" / f"{name}.yaml").write_text(text)
    return str(place)


def problems(source: Source) -> list[str]:
    return check(source, compiled(source), SCHEMAS)


def test_what_is_compiled_judges_as_it_was_written(tmp_path: Path) -> None:
    source = Source(folder(tmp_path))
    document = compiled(source)
    assert check(source, document, SCHEMAS) == []
    (tmp_path / "toy.json").write_bytes(written_out(document))
    benchmark = load(str(tmp_path / "toy.json"))
    assert benchmark.sections == {"T-1": "Doors"} and benchmark.profiles["level1"]["rules"] == ["T-1"]
    rule = resolve(benchmark, "T-1", {})
    facts = {
        "doors": {"doors": {"a b": {"owner": "ann", "locked": False, "keys": ["k1", "k;2"]}, "c": {"owner": "bob", "locked": True}}},
        "house": {"kind": "home"},
    }
    opened, locked = judge_rule(rule, Facts(document=facts))
    assert (opened["result"], opened["because"]) == ("fail", "a b: ann left it open")
    assert opened["fix"] == [{"note": "it locks out who is outside"}, {"run": "lock 'a b'"}, {"run": "take-key k1"}, {"run": "take-key 'k;2'"}]
    assert (locked["result"], locked["because"], "fix" in locked) == ("pass", "c is locked", False)
    (office,) = judge_rule(rule, Facts(document={**facts, "house": {"kind": "office"}}))
    assert (office["result"], office["because"]) == ("notapplicable", "a office is no home")
    (empty,) = judge_rule(rule, Facts(document={"doors": {"doors": {}}, "house": {"kind": "home"}}))
    assert (empty["result"], empty["because"]) == ("notapplicable", "there are no doors")
    (unknown,) = judge_rule(rule, Facts(document={**facts, "house": Hole(why=Why.DENIED, message="no")}))
    assert (unknown["result"], unknown["subject"]) == ("error", "*")


def test_what_a_benchmark_does_not_examine_is_compiled_and_reported(tmp_path: Path) -> None:
    source = Source(folder(tmp_path, head=f"{HEAD}\nnot_examined: [windows, the cellar]\n"))
    assert problems(source) == []
    (tmp_path / "toy.json").write_bytes(written_out(compiled(source)))
    assert load(str(tmp_path / "toy.json")).not_examined == ("windows", "the cellar")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("[windows, windows]", "`not_examined`: 'windows' is named twice"),
        ("[Doors]", "`not_examined`: 'Doors' is the title of a section"),
        ('["two\\nlines"]', "must be a few words on one line"),
        (f"[{'w' * 101}]", "must be a few words on one line, at most 100 characters"),
    ],
)
def test_what_cannot_stand_beside_a_verdict_is_named(tmp_path: Path, written: str, words: str) -> None:
    assert any(words in problem for problem in problems(Source(folder(tmp_path, head=f"{HEAD}\nnot_examined: {written}\n"))))


def test_a_rule_uses_steps_that_rules_share(tmp_path: Path) -> None:
    """What a rule gives is put into texts, and stands as it is where it is the whole text: no kind is lost."""
    (made,) = [step for step in compiled(Source(folder(tmp_path, HEAD + SHARED, {"T-1": USES})))["rules"]["T-1"]["fix"] if "bolt" in step.get("run", "")]
    assert made == {"run": "bolt left {subject}", "when": {"type": "object", "required": ["locked"], "properties": {"locked": {"const": False}}}}


def test_shared_steps_use_others(tmp_path: Path) -> None:
    both = HEAD + SHARED + "  both: [{use: bolt, with: {key: '{=key}', side: left}}, {note: 'left was {=key}'}]\n"
    fix = compiled(Source(folder(tmp_path, both, {"T-1": USES.replace("use: bolt, with: {key: false, side: left}", "use: both, with: {key: false}")})))
    texts = [step.get("run", step.get("note")) for step in fix["rules"]["T-1"]["fix"]]
    assert [text for text in texts if "left" in text] == ["bolt left {subject}", "left was False"]


def test_a_rule_is_a_line_and_the_examples_are_in_a_file_of_their_own(tmp_path: Path) -> None:
    source = Source(folder(tmp_path))
    text = written_out(compiled(source)).decode()
    assert [line[:6] for line in text.splitlines()[1:]] == ['"T-1":', "}}"] and "examples" not in text
    shown = shown_examples(source, compiled(source), SCHEMAS)["rules"]["T-1"]
    assert shown["fail"]["because"] == "front: ann left it open" and {"at": "doors/doors/front/locked", "value": True} in shown["pass"]["facts"]


def test_a_role_says_the_one_reason_that_holds(tmp_path: Path) -> None:
    when = '{const: office}}, is: "a {/house/kind} is no home"}'
    cases = "{enum: [office, shop]}}, is: [{when: {/house/kind: {const: office}}, is: nobody sleeps in an office}, it is a shop]}"
    source = Source(folder(tmp_path, head=HEAD.replace(when, cases)))
    assert [case["is"] for case in compiled(source)["rules"]["T-1"]["notapplicable"]] == ["nobody sleeps in an office", "it is a shop", "there are no doors"]
    assert problems(source) == []
    told = shown_examples(source, compiled(source), SCHEMAS)["rules"]["T-1"]
    assert "notapplicable" not in told or told["notapplicable"]["because"] == "nobody sleeps in an office"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (("  fail: {owner: ann, locked: false}\n", ""), "no example that must fail"),
        (("  error: {owner: ann, holes: [/locked]}\n", ""), "no example that must error"),
        (("  pass: {owner: ann, locked: true}", "  pass: {owner: ann, locked: false}"), "pass example 1: gives fail"),
        (("{on: office}", "{on: tablet}"), "no hosts/tablet.yaml"),
        (("owner: ann, locked: true", "owner: 7, locked: true"), "break its facts schema"),
        (("/locked: {const", "/lockd: {const"), "did you mean 'locked'?"),
        (("{/owner} left", "{/ownr} left"), "which no facts schema has"),
        (('seen: "{subject}', 'seen: "{/ownr}'), "`seen` names {/ownr}"),
        (("lock {subject}", "lock {/ownr}"), "`fix` names {/ownr}"),
        (("each: /doors/doors\n", "each: /doors/doors\nowner: /ownr\n"), "`owner` names {/ownr}, which no facts schema has"),
        (("where: {/owner: {not", "where: {not: {/colour: true}, /owner: {not"), "does not require"),
        (("{/owner} left", "{//house/kin} left"), "`because` names {//house/kin}, which no facts schema has"),
        (("lock {subject}", "lock {//alarms/lowd}"), "`fix` names {//alarms/lowd}"),
        (("each: /keys", "each: /kees"), "`fix` names {/kees}"),
        (("{/owner} left", "{strangers} left"), "`because` names {strangers}, which is none of its `lists`: it has none"),
        (("profiles: [level1]\n", ""), "no profile selects this rule; name one in `profiles`: level1"),
        (("owner: ann, locked: true", "owner: [], locked: true"), "at /doors/front/owner"),
        (("  pass: {owner: ann, locked: true}", "  pass: {owner: ann, locked: false}"), "gives fail on front: front: ann left it open"),
        (("  pass: {", "  passed: {"), "unknown key 'passed'; did you mean 'pass'?"),
        (("holes: [/locked]", "holes: /locked"), "`holes` is '/locked', but must be a list of pointers"),
        (("holes: [/locked]", "holes: [locked]"), "must be a list of pointers"),
        (("holes: [/locked]", "holes: [+/locked]"), "there is no collection at /doors/doors/front/locked"),
        (("at: /doors/doors/front", "at: doors/doors/front"), "`at` is 'doors/doors/front'"),
    ],
)
def test_what_is_wrong_with_a_rule_is_named_with_its_file(tmp_path: Path, changed: tuple[str, str], words: str) -> None:
    assert changed[0] in RULE
    found = problems(Source(folder(tmp_path, rules={"T-1": RULE.replace(*changed)})))
    assert any(words in problem and "T-1.yaml" in problem for problem in found), found


@pytest.mark.parametrize(
    ("head", "rules", "words"),
    [
        (HEAD, {"T-2": RULE}, "the file must be named after the id"),
        (HEAD, {"T-1": RULE.replace("roles: home", "roles: hut")}, "`roles` is 'hut', but must be one of home"),
        (HEAD, {"T-1": RULE.replace("profiles: [level1]", "profiles: [level9]")}, "no profile is called 'level9'"),
        (HEAD, {"T-1": RULE + "severty: low\n"}, "unknown key 'severty'; did you mean 'severity'?"),
        (HEAD, {"T-1": RULE.replace("severity: high", "severity: awful")}, "T-1.yaml: /severity"),
        (HEAD.replace("sections: {T: Doors}", "sections: {U: Doors}"), {"T-1": RULE}, "'T' is not among the `sections`"),
        (HEAD + "rules: [none/*.yaml]\n", {"T-1": RULE}, "there is no rule at none/*.yaml"),
        (HEAD + "color: red\n", {"T-1": RULE}, "unknown key 'color'"),
        (HEAD.replace("version: 1.0", "version: 1"), {"T-1": RULE}, '`version` is 1, but must be text; put it in quotes, "..."'),
        (HEAD.replace("{level1: {title: All}}", "[level1]"), {"T-1": RULE}, "`profiles` is ['level1'], but must be a mapping"),
        (HEAD.replace("{title: All}", "All"), {"T-1": RULE}, "profile 'level1': is 'All', but must be a mapping"),
        (HEAD.replace("when: {/house/kind: {const: office}}, ", ""), {"T-1": RULE}, "role 'home': has no `when`"),
        (HEAD.replace('"a {/house/kind} is no home"', "[{when: true, is: no home}]"), {"T-1": RULE}, "a list for role 'home': `is` must end with"),
        (HEAD + "rules: rules/*.yaml\n", {"T-1": RULE}, "`rules` is 'rules/*.yaml', but must be a list of texts"),
        (HEAD, {"T-1": ""}, "T-1.yaml: is empty, but must be a mapping"),
        (HEAD, {"T-1": RULE.replace('section: "4"', "section: 4")}, "T-1.yaml: /references/0/section: 4 is not of type 'string'; put it in quotes"),
        (HEAD, {"T-1": RULE.replace("title: Ensure doors are locked\n", "")}, "T-1.yaml: the rule: 'title' is a required property"),
        (HEAD, {"T-1": RULE.replace('"{subject}: {/owner} left it open"', "{/owner}")}, "`because` is {'/owner': ''}, but must be text or a list"),
        (HEAD, {"T-1": RULE.replace("profiles: [level1]", "profiles: level1")}, "`profiles` is 'level1', but must be a list of texts"),
        (HEAD, {"T-1": RULE.replace("roles: home", "roles: [home]")}, "`roles` is ['home'], but must be text"),
        (HEAD, {"T-1": RULE.replace("- {note: it locks out who is outside}", "- it locks out")}, "`fix` is"),
        (HEAD, {"T-1": RULE.replace("{run: ", "{note: first, run: ")}, "each step must have `run`, a command, or `note`"),
        (HEAD, {"T-1": SETS.replace(", value: '1'", "")}, "`set` has no `value`; write {file: ..., key: ..., value: ..., check: ..., effect: ...}"),
        (HEAD, {"T-1": SETS.replace("key: a", "kee: a")}, "unknown key 'kee'; did you mean 'key'?"),
        (HEAD, {"T-1": SETS.replace("value: '1'", "value: 1")}, "`value` is 1, but must be text"),
        (HEAD, {"T-1": SETS.replace("{/place}", "/etc/x")}, "'/etc/x' does not match"),
        (HEAD + SHARED, {"T-1": USES.replace(", side: left", "")}, "does not give `side` for it"),
        (HEAD + SHARED, {"T-1": USES.replace("side: left", "side: left, top: 1")}, "gives 'top' to 'bolt', which has no {=top}; it has key, side"),
        (HEAD, {"T-1": USES}, "`fix` uses 'bolt', and `fixes` of benchmark.yaml has none"),
        (HEAD + "fixes: {bolt: [{use: bolt, with: {key: '{=key}', side: '{=side}'}}]}\n", {"T-1": USES}, "uses 'bolt', which uses itself"),
        (HEAD + SHARED.replace("- run", "- {note: x}\n    - with: {}\n      run"), {"T-1": USES}, "`use` stands alone"),
        (HEAD + "fixes: {bolt: lock}\n", {"T-1": RULE}, "`fixes`: 'bolt' is 'lock', but must be a list of steps"),
        (HEAD, {"T-1": RULE.replace("severity: high", "severity: [{when: {/locked: {const: false}}, is: high}]")}, "a list for `severity` must end with"),
        (HEAD, {"T-1": RULE.replace("each: /doors/doors\n", "")}, "there is no `each`"),
        (HEAD, {"T-1": RULE.replace("each: /doors/doors\n", "owner: /owner\n").replace("where:", "#")}, "`owner` is a fact of the subjects of `each`"),
        (HEAD, {"T-1": RULE + "manual: true\n"}, "`each` is never used"),
        (HEAD, {"T-1": RULE.replace("/locked: {const: true}", "/locked: true yes")}, "/locked: is 'true yes'; write what must hold there"),
        (HEAD, {"T-1": RULE.partition("examples:")[0] + "examples: none\n"}, "`examples` is 'none', but must be a mapping"),
    ],
)
def test_what_cannot_be_compiled_is_refused_with_its_file(tmp_path: Path, head: str, rules: dict[str, str], words: str) -> None:
    with pytest.raises(HostcheckError) as error:
        compiled(Source(folder(tmp_path, head, rules)))
    assert words in str(error.value) and str(tmp_path) in str(error.value)


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        ({"server": "- a\n"}, "server.yaml: is ['a'], but must be a mapping"),
        ({"server": "like: servr\n"}, "server.yaml: is like 'servr', but there is no hosts/servr.yaml; there are server"),
        ({"a": "like: b\n", "b": "like: a\n"}, "a.yaml: is like itself, through a, b"),
    ],
)
def test_a_base_host_that_cannot_be_used_is_named(tmp_path: Path, hosts: dict[str, str], words: str) -> None:
    with pytest.raises(HostcheckError) as error:
        Source(folder(tmp_path, hosts=hosts))
    assert words in str(error.value)


def test_a_benchmark_without_a_base_host_is_told_to_write_one(tmp_path: Path) -> None:
    assert any("there is no hosts/server.yaml; write it" in problem for problem in problems(Source(folder(tmp_path, hosts={}))))


def test_facts_of_a_base_host_that_nobody_states_are_named(tmp_path: Path) -> None:
    found = problems(Source(folder(tmp_path, hosts={**HOSTS, "server": HOSTS["server"] + "dors: {}\n"})))
    assert found == [f"{tmp_path}/hosts/server.yaml: 'dors' is not a probe or analysis; see `hostcheck list probes` and `hostcheck list analyses`"]


def test_a_file_of_a_rule_that_would_not_be_read_is_named(tmp_path: Path) -> None:
    (Path(folder(tmp_path)) / "rules/T-2.yml").write_text(RULE)
    with pytest.raises(HostcheckError, match=r"T-2\.yml: is not read; the name of a rule's file must end with \.yaml"):
        Source(str(tmp_path))


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    from hostcheck.cli import main

    toys = tmp_path / "toys"
    toys.mkdir()
    found = registry(toys)
    monkeypatch.setattr("hostcheck.cli.compile.load", lambda config: found)

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        return code, *capsys.readouterr()

    return run


def test_the_command_writes_what_changed_and_says_what_is_not_current(tmp_path: Path, command: Any) -> None:
    place = tmp_path / "benchmark"
    place.mkdir()
    folder(place)
    code, out, _ = command("compile", "--check", str(place))
    assert code == 2 and out.count(": not current") == 2 and not (place / "toy.json").exists()
    code, out, _ = command("compile", str(place))
    assert code == 0 and out.count("written") == 2 and json.loads((place / "toy.json").read_text())["schema"] == "hostcheck.benchmark/2"
    assert command("compile", "--check", str(place))[0] == 0
    (place / "rules/T-1.yaml").write_text(RULE.replace("locked: true}\n  fail", "locked: false}\n  fail"))
    code, out, _ = command("compile", str(place))
    assert code == 2 and "pass example 1: gives fail" in out and "T-1.yaml" in out


def test_facts_of_a_plugin_that_root_has_not_pinned_are_looked_for_there(tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Registry()
    found.refuse("acme", IGNORED, "root has not pinned it")
    monkeypatch.setattr("hostcheck.cli.compile.load", lambda config: found)
    code, out, _ = command("compile", folder(tmp_path))
    assert code == 2 and "hosts/server.yaml: 'doors' is not a probe or analysis" in out and "; acme may have it, but root has not pinned that plugin" in out


def test_what_cannot_be_written_is_named(tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("hostcheck.cli.output.warn", said.append)
    (tmp_path / "toy.examples.json").symlink_to(tmp_path / "none" / "x")
    assert command("compile", folder(tmp_path))[0] == 2
    assert said == [f"hostcheck: {tmp_path}/toy.examples.json: cannot be written: no such file or directory"]


def test_lint_of_yaml_names_the_command_that_checks_it(tmp_path: Path, command: Any) -> None:
    code, out, _ = command("lint", f"{folder(tmp_path)}/benchmark.yaml")
    assert code == 2 and "run `hostcheck compile` on its folder" in out


def test_a_scan_refuses_yaml(tmp_path: Path) -> None:
    folder(tmp_path)
    with pytest.raises(HostcheckError, match="hostcheck compile"):
        load(str(tmp_path / "benchmark.yaml"))


OFFICES = 'notchecked: [{when: {/house/kind: {const: office}}, is: "a {/house/kind} is nobody\'s home"}]\n'


def test_a_benchmark_says_when_none_of_its_rules_can_be_judged(tmp_path: Path) -> None:
    source = Source(folder(tmp_path, HEAD + OFFICES))
    document = compiled(source)
    assert check(source, document, SCHEMAS) == []
    when = {
        "type": "object",
        "required": ["house"],
        "properties": {"house": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "office"}}}},
    }
    assert document["notchecked"] == [{"when": when, "is": "a {/house/kind} is nobody's home"}]
    (tmp_path / "toy.json").write_bytes(written_out(document))
    benchmark = load(str(tmp_path / "toy.json"))
    (open_door,) = (one.tell() for _, one in judge([benchmark], office_with(locked=False), "level1", {}))
    assert (open_door["result"], open_door["subject"], open_door["because"]) == ("notchecked", "", "a office is nobody's home")
    assert open_door["evidence"][0]["pointer"] == "/kind" and open_door["severity"] == "high"
    (home,) = (one.tell() for _, one in judge([benchmark], office_with(kind="home", locked=False), "level1", {}))
    assert home["result"] == "fail"


def office_with(*, kind: Any = "office", locked: Any = True) -> Facts:
    return Facts(document={"doors": {"doors": {"front": {"owner": "ann", "locked": locked, "keys": []}}}, "house": {"kind": kind}}, schemas=SCHEMAS)


@pytest.mark.parametrize(("locked", "result"), [(False, "fail"), (True, "error"), (Hole(why=Why.NONSENSE, message="x"), "unknown")])
def test_where_it_is_not_known_whether_it_can_be_judged_only_a_failure_stands(tmp_path: Path, locked: Any, result: str) -> None:
    rules = {"T-1": RULE.replace("roles: home\n", "").replace("[{on: office}, {}]", "[{}]")}
    (tmp_path / "toy.json").write_bytes(written_out(compiled(Source(folder(tmp_path, HEAD + OFFICES, rules)))))
    benchmark = load(str(tmp_path / "toy.json"))
    (finding,) = (one.tell() for _, one in judge([benchmark], office_with(kind=Hole(why=Why.DENIED, message="no"), locked=locked), "level1", {}))
    assert (finding["subject"], finding["result"]) == ("front", result)
    missing = Facts(document={"doors": {"doors": {}}}, schemas=SCHEMAS)
    (nothing,) = (one.tell() for _, one in judge([benchmark], missing, "level1", {}))
    assert nothing["result"] == "notchecked", "the probe that tells it is not in this evidence"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("notchecked: [{when: {/house/kind: {const: office}}}]\n", "`notchecked`: an entry has no `is`"),
        ("notchecked: [{is: x}]\n", "`notchecked`: an entry has no `when`"),
        ("notchecked: [{when: {/house/kind: {const: office}}, is: x, why: y}]\n", "unknown key 'why'"),
        ("notchecked: {when: true, is: x}\n", "`notchecked` is"),
        ("notchecked: []\n", "/notchecked"),
    ],
)
def test_a_condition_that_cannot_be_compiled_is_refused(tmp_path: Path, written: str, words: str) -> None:
    with pytest.raises(HostcheckError, match=re.escape(words)):
        compiled(Source(folder(tmp_path, HEAD + written)))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("notchecked: [{when: {/house/kin: {const: office}}, is: x}]\n", "`notchecked` names /house/kin, a fact that no probe states"),
        ("notchecked: [{when: {/houses/kind: {const: office}}, is: x}]\n", "`notchecked` names /houses, a fact that no probe states"),
        ("notchecked: [{when: true, is: x}]\n", "`notchecked` holds of {}, so that no rule would ever be judged"),
        ("notchecked: [{when: {minProperties: 1}, is: x}]\n", "`notchecked` has 'minProperties' over the whole document"),
        ("notchecked: [{when: {/house/kind: {const: office}}, is: 'a {/house/colour}'}]\n", "`notchecked` names {/house/colour}, which no facts schema has"),
        ("notchecked: [{when: {/house/kind: {$value: none}}, is: x}]\n", "none"),
    ],
)
def test_what_is_wrong_with_a_condition_is_named(tmp_path: Path, written: str, words: str) -> None:
    found = problems(Source(folder(tmp_path, HEAD + written)))
    assert any(words in problem and "benchmark.yaml" in problem for problem in found), found
