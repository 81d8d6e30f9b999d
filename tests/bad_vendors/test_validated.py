"""What a pin says was validated is not validated at each scan; whatever changes is, and whoever was never valid gains nothing by saying so."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from bad_vendors.test_hostile import BENCHMARK, CASES, MOTD, RULE, RULES, Case, benchmark
from vendors.wheels import ANY, AS_USER, HEAD, IMPORTS, SCAN, Ran, build, hostcheck, install, probe

from hostcheck.documents import compact

pytestmark = pytest.mark.root

Files = tuple[tuple[str, str], ...]
VALID = benchmark()


def installed(folder: Path, source: str = RULES, files: Files = VALID, name: str = "acme", version: str = "1.0") -> Path:
    """Put a distribution into the site of `folder`, in place of an older version of it."""
    site = folder / "site"
    for old in (*site.glob(f"{name}/*.*"), *site.glob(f"{name}-*.dist-info/*")):
        old.unlink()
    for old in site.glob(f"{name}-*.dist-info"):
        old.rmdir()
    content: dict[str, str | bytes] = {f"{name}/__init__.py": "", f"{name}/plugin.py": source, f"{name}/any.json": json.dumps(ANY), **dict(files)}
    install(build(folder, name, content, {"plugin": f"{name}.plugin"}, version), site)
    return site


def pinned(place: Path, site: Path, *names: str, before: str = "") -> tuple[str, ...]:
    """Write the pins of distributions, as the command prints them one after the other, and return the options that name them."""
    config = place / "config.toml"
    config.write_text("")
    for name in names:
        ran = hostcheck(place, "plugins", "pin", name, "--config", "config.toml", site=site, before=before)
        assert (ran.code, ran.err) == (0, ""), ran
        config.write_text(config.read_text() + ran.out)
    return ("--config", "config.toml")


def pinned_by_hand(place: Path, site: Path, name: str) -> tuple[str, ...]:
    """Write the digest of a distribution as it is now into the pin, and leave there what was said to be validated before."""
    config = place / "config.toml"
    found = re.search(r"sha256 = .*\n", hostcheck(place, "plugins", "pin", name, site=site).out)
    assert found is not None and found[0] not in config.read_text()
    config.write_text(re.sub(r"sha256 = .*\n", found[0], config.read_text()))
    return ("--config", "config.toml")


def scanned(place: Path, site: Path, options: tuple[str, ...], before: str = "") -> tuple[Ran, bool]:
    """Scan by the rules of plugins, and return what came of it and whether rules were validated."""
    ran = hostcheck(place, *SCAN, *options, site=site, prefix=IMPORTS, before=before)
    assert "hostcheck.cli.plugin_benchmarks" in ran.imported()
    assert "jsonschema" not in ran.imported() or "hostcheck.lint" in ran.imported()
    return ran, "hostcheck.lint" in ran.imported()


def results(ran: Ran) -> list[str]:
    return [one["result"] for one in ran.report["findings"] if one["benchmark"] == "acme"]


def test_what_was_validated_when_it_was_pinned_is_not_validated_by_a_scan(tmp_path: Path) -> None:
    site = installed(tmp_path)
    options = pinned(tmp_path, site, "acme")
    ran, validated = scanned(tmp_path, site, options)
    assert (results(ran), ran.refused("acme"), validated) == (["pass"], [], False)
    assert ran.evidence["plugins"][1]["allowed"] == "pinned"


def test_a_report_is_the_same_byte_for_byte_however_rules_were_validated(tmp_path: Path) -> None:
    site = installed(tmp_path)
    options = pinned(tmp_path, site, "acme")
    scanned(tmp_path, site, options)
    text = (tmp_path / "config.toml").read_text()
    made = []
    for config in (text, re.sub(r"validated = .*\n", "", text)):
        (tmp_path / "config.toml").write_text(config)
        hostcheck(tmp_path, "evaluate", "evidence.json", "--format", "json=report.json", *options, site=site)
        made.append((tmp_path / "report.json").read_bytes())
    assert made[0] == made[1] and b"ACME-1" in made[0]


def test_an_older_pin_is_as_good_as_before(tmp_path: Path) -> None:
    site = installed(tmp_path)
    options = pinned(tmp_path, site, "acme")
    text = (tmp_path / "config.toml").read_text()
    assert "each scan validates its rules" not in hostcheck(tmp_path, "plugins", *options, "list", site=site).out
    (tmp_path / "config.toml").write_text(re.sub(r"validated = .*\n", "", text))
    ran, validated = scanned(tmp_path, site, options)
    assert (results(ran), ran.refused("acme"), validated) == (["pass"], [], True)
    assert "each scan validates its rules; `hostcheck plugins pin acme` prints" in hostcheck(tmp_path, "plugins", *options, "list", site=site).out


def test_a_user_is_told_the_same_pin_as_root(tmp_path: Path) -> None:
    site = installed(tmp_path)
    pin = ("plugins", "pin", "acme")
    assert hostcheck(tmp_path, *pin, site=site, prefix=AS_USER).out == hostcheck(tmp_path, *pin, site=site).out != ""


def test_what_has_no_rules_has_nothing_that_is_validated(tmp_path: Path) -> None:
    site = installed(tmp_path, probe("acme.x", "return {}"), ())
    ran = hostcheck(tmp_path, "plugins", "pin", "acme", site=site)
    assert (ran.code, ran.err, ran.out.count("\n"), "validated" in ran.out) == (0, "", 4, False)


BROKEN = {
    **{name: CASES[name] for name in ("rule accepts everything", "rule names facts of nobody", "benchmark is nonsense", "rule of ours", "import raises")},
    "no rule of it": Case(source=RULES + "@hookimpl\ndef hostcheck_formats(): return [1]\n", files=VALID, words="returned int, not Format"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_pin_of_what_is_not_valid_says_why_and_does_not_say_that_it_is(tmp_path: Path, name: str) -> None:
    case = BROKEN[name]
    site = installed(tmp_path, case.source, case.files)
    ran = hostcheck(tmp_path, "plugins", "pin", "acme", site=site)
    assert ran.code == 0 and "validated" not in ran.out and 'sha256 = "' in ran.out
    assert ran.err.startswith("hostcheck: acme: ") and case.words in ran.err and ran.err.count("\n") == 1
    (tmp_path / "config.toml").write_text(ran.out)
    assert [status for status, _ in scanned(tmp_path, site, ("--config", "config.toml"))[0].refused("acme")] == ["broken"]


@pytest.mark.parametrize(
    "nonsense",
    ["[" * 100_000, "[]", "{}", '{"a": NaN}', *(json.dumps({**BENCHMARK, **change}) for change in ({"sections": [7]}, {"sections": 7}, {"sections": ["B"]}))],
)
def test_saying_that_nonsense_is_valid_gains_nothing(tmp_path: Path, nonsense: str) -> None:
    site = installed(tmp_path, RULES, (("acme/motd.json", json.dumps(MOTD)), ("acme/benchmark.json", nonsense)))
    pin = hostcheck(tmp_path, "plugins", "pin", "acme", site=site).out
    told = []
    for config in (pin, f'{pin}validated = "{"0" * 64}"\n'):
        (tmp_path / "config.toml").write_text(config)
        told.append(scanned(tmp_path, site, ("--config", "config.toml"))[0].refused("acme"))
    assert told[0] == told[1] and [status for status, _ in told[0]] == ["broken"]


CHANGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a byte": ({"rationale": "To have a rule!"}, ["pass"]),
    "another severity": ({"severity": "high"}, ["pass"]),
    "accepts everything": ({"expect": True}, []),
    "names no fact": ({"expect": {"properties": {"acme.x": {"required": ["no"]}}, "required": ["acme.x"]}}, []),
}


@pytest.mark.parametrize("name", CHANGES)
def test_rules_that_changed_are_validated_anew(tmp_path: Path, name: str) -> None:
    changed, wanted = CHANGES[name]
    site = installed(tmp_path)
    pinned(tmp_path, site, "acme")
    installed(tmp_path, files=benchmark(**changed))
    options = pinned_by_hand(tmp_path, site, "acme")
    ran, validated = scanned(tmp_path, site, options)
    assert (results(ran), validated) == (wanted, True)
    assert [status for status, _ in ran.refused("acme")] == ([] if wanted else ["broken"])


def test_another_version_of_hostcheck_validates_anew(tmp_path: Path) -> None:
    older = "import hostcheck\nhostcheck.__version__ = '0.0.9'\n"
    site = installed(tmp_path)
    options = pinned(tmp_path, site, "acme", before=older)
    assert [(results(ran), validated) for ran, validated in (scanned(tmp_path, site, options, one) for one in (older, ""))] == [
        (["pass"], False),
        (["pass"], True),
    ]


READS = f"{HEAD}\n@hookimpl\ndef hostcheck_benchmarks():\n    return [beside(__file__, 'benchmark.json')]\n"
OTHERS: dict[str, tuple[Any, list[str], bool]] = {
    "another description": ({**MOTD, "title": "Facts"}, ["pass"], True),
    "a fact more": ({**MOTD, "properties": {**MOTD["properties"], "more": {"type": "null"}}}, ["pass"], True),
    "another type": ({**MOTD, "properties": {"motd": {"type": "integer"}}}, [], True),
    "no such fact": ({**MOTD, "properties": {}, "required": []}, [], True),
    "the same": (MOTD, ["pass"], False),
}


@pytest.mark.parametrize("name", OTHERS)
def test_facts_of_another_plugin_that_changed_are_looked_at_anew(tmp_path: Path, name: str) -> None:
    schema, wanted, again = OTHERS[name]
    needed = probe("needed.x", "return {'motd': ''}", "motd.json")
    facts = {"expect": {"properties": {"needed.x": {"properties": {"motd": {"const": ""}}, "required": ["motd"]}}, "required": ["needed.x"]}}
    facts["examples"] = {result: {"needed.x": stated["acme.x"]} for result, stated in RULE["examples"].items()}
    installed(tmp_path, needed, (("needed/motd.json", json.dumps(MOTD)),), "needed")
    site = installed(tmp_path, READS, benchmark(**facts))
    pinned(tmp_path, site, "needed", "acme")
    acme = (tmp_path / "config.toml").read_text().rpartition("[[plugins]]")[2]
    installed(tmp_path, needed, (("needed/motd.json", json.dumps(schema)),), "needed", "1.1")
    options = pinned(tmp_path, site, "needed")
    (tmp_path / "config.toml").write_text((tmp_path / "config.toml").read_text() + "[[plugins]]" + acme)
    ran, validated = scanned(tmp_path, site, options)
    assert (results(ran), validated) == (wanted, again)
    assert [status for status, _ in ran.refused("acme")] == ([] if wanted else ["broken"])


def test_a_plugin_that_is_not_named_changes_nothing(tmp_path: Path) -> None:
    site = installed(tmp_path)
    options = pinned(tmp_path, site, "acme")
    installed(tmp_path, probe("other.x", "return {}"), (), "other")
    text = (tmp_path / "config.toml").read_text()
    (tmp_path / "config.toml").write_text(text + hostcheck(tmp_path, "plugins", "pin", "other", site=site).out)
    ran, validated = scanned(tmp_path, site, options)
    assert "other.x" in ran.evidence["probes"] and (results(ran), validated) == (["pass"], False)


def test_rules_that_were_not_shown_when_it_was_pinned_are_validated(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    source = RULES.replace("'benchmark.json'", f"'other.json' if os.path.exists({str(flag)!r}) else 'benchmark.json'")
    hidden = {**RULE, "expect": True}
    section = {"schema": "hostcheck.benchmark/1", "section": "A", "title": "Acme", "rules": [hidden]}
    files = (("acme/other.json", json.dumps({**BENCHMARK, "sections": ["B.json"]})), ("acme/B.json", compact(section).decode()))
    site = installed(tmp_path, source, benchmark() + files)
    options = pinned(tmp_path, site, "acme")
    assert scanned(tmp_path, site, options)[1] is False
    flag.touch()
    ran, validated = scanned(tmp_path, site, options)
    assert (results(ran), validated) == ([], True)
    assert ran.refused("acme")[0][0] == "broken" and "accepts {}" in ran.refused("acme")[0][1]


def test_a_section_that_no_pin_covers_is_not_used_though_it_is_what_was_validated(tmp_path: Path) -> None:
    source = RULES.replace("beside(__file__, 'benchmark.json')", "os.path.join(os.path.dirname(os.path.dirname(__file__)), 'acme.rules.json')")
    files = {**dict(benchmark({"sections": ["section.json"]})), "section.json": dict(benchmark())["acme/A.json"]}
    files["acme.rules.json"] = files.pop("acme/benchmark.json")
    site = installed(tmp_path, source, tuple(files.items()))
    assert scanned(tmp_path, site, pinned(tmp_path, site, "acme"))[1] is False
    section = files.pop("section.json")
    installed(tmp_path, source, tuple(files.items()))
    (site / "section.json").write_text(section)
    ran, _ = scanned(tmp_path, site, pinned_by_hand(tmp_path, site, "acme"))
    assert results(ran) == [] and [status for status, _ in ran.refused("acme")] == ["broken"]
    assert "is not one of the files of acme, so its pin does not cover it" in ran.refused("acme")[0][1]


def test_every_file_of_a_facts_schema_must_be_one_that_the_pin_covers(tmp_path: Path) -> None:
    def refers(to: str) -> Files:
        return (("acme/motd.json", json.dumps({"$ref": f"{to}#/$defs/motd"})),)

    definitions = json.dumps({"$defs": {"motd": MOTD}})
    site = installed(tmp_path, files=VALID + refers("shared.json") + (("acme/shared.json", definitions),))
    options = pinned(tmp_path, site, "acme")
    ran, validated = scanned(tmp_path, site, options)
    assert (results(ran), validated) == (["pass"], False)
    installed(tmp_path, files=VALID + refers("../shared.json"))
    (site / "shared.json").write_text(definitions)
    ran, _ = scanned(tmp_path, site, pinned_by_hand(tmp_path, site, "acme"))
    assert results(ran) == [] and {status for status, _ in ran.refused("acme")} == {"broken"}
    assert any("shared.json: is not one of the files of acme, so its pin does not cover it" in why for _, why in ran.refused("acme"))


def test_a_change_of_a_shared_definition_is_validated(tmp_path: Path) -> None:
    shared = (("acme/motd.json", json.dumps({"$ref": "shared.json#/$defs/motd"})),)
    site = installed(tmp_path, files=(*VALID, *shared, ("acme/shared.json", json.dumps({"$defs": {"motd": MOTD}}))))
    options = pinned(tmp_path, site, "acme")
    assert scanned(tmp_path, site, options)[1] is False
    installed(tmp_path, files=(*VALID, *shared, ("acme/shared.json", json.dumps({"$defs": {"motd": {**MOTD, "title": "Motd"}}}))))
    assert scanned(tmp_path, site, pinned_by_hand(tmp_path, site, "acme"))[1] is True
