"""Ways past a pin, and ways to hold up or change everybody's scan, as somebody tried them: each costs whoever tries it, and nobody else."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bad_vendors.test_hostile import ANALYSIS, RULES, benchmark
from vendors.wheels import ANY, HEAD, SCAN, Ran, build, hostcheck, install, pin, probe

Files = dict[str, str | bytes]
BROKEN = "broken"


def package(source: str, name: str = "acme", **more: str) -> Files:
    return {f"{name}/__init__.py": "", f"{name}/plugin.py": source, f"{name}/any.json": json.dumps(ANY), **more}


def installed(place: Path, files: Files, name: str = "acme", entry: str = "acme.plugin") -> Path:
    install(build(place, name, files, {"plugin": entry} if entry else {}), place / "site")
    return place / "site"


def scanned(place: Path, site: Path, *options: str) -> Ran:
    started = time.monotonic()
    ran = hostcheck(place, *SCAN, *options, site=site)
    assert time.monotonic() - started < 12, "the scan was held up"
    assert "internal error" not in ran.err, ran.err
    return ran


IMPORTER = HEAD + "import importlib\n" + probe("acme.x", "return {'got': importlib.import_module(NAME).GOT}").replace(HEAD, "")


def asking(name: str) -> str:
    return IMPORTER.replace("NAME", repr(name))


def sibling(site: Path) -> str:
    (site / "acme_other").mkdir()
    (site / "acme_other" / "__init__.py").write_text("GOT = 'evil'")
    return "acme_other"


def below(site: Path) -> str:
    """Plant a module in a folder in which the distribution has folders only."""
    (site / "acme" / "data" / "evil.py").write_text("GOT = 'evil'")
    return "acme.data.evil"


def compiled(site: Path) -> str:
    place = site / "acme" / "__pycache__"
    place.mkdir(exist_ok=True)
    (place / "__init__.py").write_text("GOT = 'evil'")
    return "acme.__pycache__"


def of_another_system(site: Path) -> str:
    """Plant a module that Python has on other systems only."""
    (site / "winreg.py").write_text("GOT = 'evil'")
    return "winreg"


@pytest.mark.root
@pytest.mark.parametrize("plant", [sibling, below, compiled, of_another_system], ids=lambda plant: plant.__name__)
def test_what_no_pin_covers_is_not_imported(tmp_path: Path, plant: Callable[[Path], str]) -> None:
    names = {sibling: "acme_other", below: "acme.data.evil", compiled: "acme.__pycache__", of_another_system: "winreg"}
    site = installed(tmp_path, package(asking(names[plant]), **{"acme/data/deep/x.json": "{}"}))
    options = pin(tmp_path, site, "acme")
    plant(site)
    ran = scanned(tmp_path, site, *options)
    assert [hole["why"] for hole in ran.evidence["probes"].get("acme.x", {"holes": []})["holes"]] in (["crashed"], []), ran.evidence["probes"]["acme.x"]
    assert '"got": "evil"' not in json.dumps(ran.evidence["probes"])


@pytest.mark.root
def test_a_namespace_package_opens_no_door_to_its_other_parts(tmp_path: Path) -> None:
    source = asking("nsp.b.evil").replace("'any.json'", "'any.json'")
    site = installed(tmp_path, {"nsp/a/__init__.py": "", "nsp/a/plugin.py": source, "nsp/a/any.json": json.dumps(ANY)}, entry="nsp.a.plugin")
    options = pin(tmp_path, site, "acme")
    installed(tmp_path, {"nsp/b/evil.py": "GOT = 'evil'"}, name="other", entry="")
    ran = scanned(tmp_path, site, *options)
    assert "belongs to no pinned distribution" in ran.evidence["probes"]["acme.x"]["holes"][0]["message"]


@pytest.mark.root
def test_a_site_into_which_others_can_put_files_is_refused_sticky_or_not(tmp_path: Path) -> None:
    site = installed(tmp_path, package(probe("acme.x", "return {}")))
    options = pin(tmp_path, site, "acme")
    site.chmod(0o1777)
    ran = scanned(tmp_path, site, *options)
    assert ran.code == 5 and [status for status, _ in ran.refused("acme")] == ["refused"]


@pytest.mark.root
@pytest.mark.parametrize("name", ["colorsys.py", "sitecustomize.py", "jinja2/evil.py"])
def test_a_module_that_takes_the_place_of_anothers_cannot_be_pinned(tmp_path: Path, name: str) -> None:
    site = installed(tmp_path, package(probe("acme.x", "return {}"), **{name: ""}))
    ran = hostcheck(tmp_path, "plugins", "pin", "acme", site=site)
    assert ran.code == 5 and ran.err.count("\n") == 1


@pytest.mark.root
def test_a_document_that_no_pin_covers_is_not_believed(tmp_path: Path) -> None:
    site = installed(tmp_path, package(probe("acme.x", "return {}", "../other/s.json")))
    installed(tmp_path, {"other/s.json": json.dumps(ANY)}, name="other", entry="")
    ran = scanned(tmp_path, site, *pin(tmp_path, site, "acme"))
    assert [status for status, _ in ran.refused("acme")] == [BROKEN] and "its pin does not cover it" in ran.refused("acme")[0][1]


DOUBLING = {"$defs": {**{f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}, "a40": {"type": "object"}}, "$ref": "#/$defs/a0"}


def test_a_small_schema_that_stands_for_one_without_end_holds_up_nobody(tmp_path: Path) -> None:
    site = installed(tmp_path, package(probe("acme.x", "return {}", "s.json"), **{"acme/s.json": json.dumps(DOUBLING)}))
    ran = scanned(tmp_path, site, *pin(tmp_path, site, "acme"))
    assert [status for status, _ in ran.refused("acme")] == [BROKEN] and "schemas" in ran.refused("acme")[0][1]


@pytest.mark.parametrize("default", [5, "none", True])
def test_a_value_of_ours_keeps_its_kind(tmp_path: Path, default: Any) -> None:
    files = dict(benchmark({"values": {"approved_users": default}}))
    site = installed(tmp_path, {**package(RULES), **files})
    ran = scanned(tmp_path, site, "--value", "approved_users=alice", *pin(tmp_path, site, "acme"))
    assert ran.report["inputs"]["values"] == {"approved_users": ["alice"]}
    assert [status for status, _ in ran.refused("acme")] == [BROKEN] and "has another type" in ran.refused("acme")[0][1]


FORGING = """
def derive(facts, values):
    return {"a": Hole(why=Why.DENIED, message="m", at=AT)}
"""


@pytest.mark.parametrize("at", [5, ["x"], "host/os", "kernel/lsm"])
def test_the_holes_of_an_analysis_come_from_what_it_was_given(tmp_path: Path, at: Any) -> None:
    source = HEAD + FORGING.replace("AT", repr(at)) + ANALYSIS.format(name="acme.a", reads=("sockets",))
    rule = {"properties": {"acme.a": {"properties": {"a": {"const": 1}}, "required": ["a"]}}, "required": ["acme.a"]}
    examples = {"pass": {"acme.a": {"a": 1}}, "fail": {"acme.a": {"a": 2}}}
    source += "\n@hookimpl\ndef hostcheck_benchmarks():\n    return [beside(__file__, 'benchmark.json')]\n"
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
    files = {**package(source), **dict(benchmark(expect=rule, examples=examples)), "acme/any.json": json.dumps(schema)}
    site = installed(tmp_path, files)
    ran = scanned(tmp_path, site, *pin(tmp_path, site, "acme"))
    (found,) = (one for one in ran.report["findings"] if one["benchmark"] == "acme")
    assert (found["result"], [hole["at"] for hole in found["holes"]]) == ("error", ["acme.a/a"])


def test_a_chain_of_analyses_without_end_is_not_followed(tmp_path: Path) -> None:
    source = (
        HEAD
        + "def derive(facts, values): return {}\n@hookimpl\ndef hostcheck_analyses():\n"
        + "    reads = lambda n: (f'acme.{n - 1}',) if n else ()\n    schema = beside(__file__, 'any.json')\n"
        + "    return [Analysis(id=f'acme.{n}', title='', reads=reads(n), facts_schema=schema, derive=derive) for n in range(150)]\n"
    )
    site = installed(tmp_path, package(source))
    ran = scanned(tmp_path, site, *pin(tmp_path, site, "acme"))
    assert {status for status, _ in ran.refused("acme")} == {BROKEN}


def long_field(metadata: Path) -> None:
    (metadata / "RECORD").write_text("x" * 200_000 + ",,\n")


def nul_in_a_path(metadata: Path) -> None:
    (metadata / "RECORD").write_text("acme/a\0b.py,,\n")


def pipe_for_a_record(metadata: Path) -> None:
    (metadata / "RECORD").unlink()
    os.mkfifo(metadata / "RECORD")


def pipe_for_entry_points(metadata: Path) -> None:
    (metadata / "entry_points.txt").unlink()
    os.mkfifo(metadata / "entry_points.txt")


@pytest.mark.parametrize("change", [long_field, nul_in_a_path, pipe_for_a_record, pipe_for_entry_points], ids=lambda change: change.__name__)
def test_the_metadata_of_a_distribution_that_nobody_allowed_stops_no_scan(tmp_path: Path, change: Callable[[Path], None]) -> None:
    site = installed(tmp_path, package(probe("acme.x", "return {}")))
    change(site / "acme-1.0.dist-info")
    assert scanned(tmp_path, site).code in (0, 1, 3)


@pytest.mark.root
def test_a_pin_may_name_a_distribution_as_people_write_it(tmp_path: Path) -> None:
    site = installed(tmp_path, package(probe("acme.x", "return {}")))
    options = pin(tmp_path, site, "acme")
    text = (tmp_path / "config.toml").read_text()
    own = '[[plugins]]\ndistribution = "hostcheck-scanner"\nversion = "1"\nsha256 = ""\n'
    (tmp_path / "config.toml").write_text(text.replace('"acme"', '"ACME"') + own)
    ran = scanned(tmp_path, site, *options)
    assert "acme.x" in ran.evidence["probes"] and ran.report["refused"] == []
    assert hostcheck(tmp_path, "plugins", "list", *options, site=site).out.count("pinned") == 1
    (tmp_path / "config.toml").write_text(text + text)
    twice = hostcheck(tmp_path, *SCAN, *options, site=site)
    assert twice.code == 2 and "acme is pinned twice" in twice.err


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (probe("acme.x", "return {}").replace("@hookimpl", ""), "contributes nothing"),
        (probe("acme.x", "return {}").replace("hostcheck_probes", "hostcheck_probe"), "contributes nothing"),
        (HEAD + "def derive(facts, values): return {}\n" + ANALYSIS.format(name="acme.a", reads="acme.x"), "`reads` is a tuple of names"),
        (HEAD + "@hookimpl\ndef hostcheck_probes(): return None\n", "hostcheck_probes: TypeError"),
    ],
)
def test_a_strangers_mistake_is_called_by_its_name(tmp_path: Path, source: str, words: str) -> None:
    site = installed(tmp_path, package(source))
    ran = scanned(tmp_path, site, *pin(tmp_path, site, "acme"))
    assert [status for status, _ in ran.refused("acme")] == [BROKEN] and words in ran.refused("acme")[0][1], ran.refused("acme")
