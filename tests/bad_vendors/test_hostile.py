"""Vendors as bad as can be, each as a real wheel: every one costs its own results and is named, and changes no finding of anybody else's."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from vendors.wheels import ANY, HEAD, SCAN, Ran, build, hostcheck, install, pin, probe

from hostcheck import collect, registry
from hostcheck.documents import read, written
from hostcheck.report import exit_code

RECORDING = Path(__file__).parents[1] / "fakes" / "docker-as-root.recording.json"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One plugin, and how it is named: a hole of its probe `acme.x` (`why`, or one of several), or something refused (`words`); one that `hangs` has 1 s."""

    source: str
    why: str = ""
    words: str = ""
    files: tuple[tuple[str, str], ...] = ()
    hangs: bool = False


BENCHMARK = {
    "schema": "hostcheck.benchmark/1",
    "id": "acme",
    "title": "Acme",
    "version": "1",
    "sections": ["A.json"],
    "profiles": {"level1": {"title": "All", "rules": ["ACME-1"]}},
}
RULE: dict[str, Any] = {
    "id": "ACME-1",
    "title": "There is no message of the day",
    "severity": "low",
    "rationale": "Nobody reads it.",
    "remediation": "rm /etc/motd",
    "references": ["own"],
    "expect": {"properties": {"acme.x": {"properties": {"motd": {"const": ""}}, "required": ["motd"]}}, "required": ["acme.x"]},
    "examples": {"pass": {"acme.x": {"motd": ""}}, "fail": {"acme.x": {"motd": "hello"}}},
}
MOTD = {"type": "object", "properties": {"motd": {"type": "string"}}, "required": ["motd"], "additionalProperties": False}


def benchmark(head: dict[str, Any] | None = None, **changes: Any) -> tuple[tuple[str, str], ...]:
    section = {"schema": "hostcheck.benchmark/1", "section": "A", "title": "Acme", "rules": [{**RULE, **changes}]}
    return (("acme/motd.json", json.dumps(MOTD)), ("acme/benchmark.json", json.dumps({**BENCHMARK, **(head or {})})), ("acme/A.json", json.dumps(section)))


RULES = probe("acme.x", "return {'motd': ''}", "motd.json") + "\n@hookimpl\ndef hostcheck_benchmarks():\n    return [beside(__file__, 'benchmark.json')]\n"
ANALYSIS = """
@hookimpl
def hostcheck_analyses():
    return [Analysis(id={name!r}, title="An analysis", reads={reads!r}, facts_schema=beside(__file__, "any.json"), derive=derive)]
"""
FILLS = """
def derive(facts, values):
    return {{"scope": {{}}}}

@hookimpl
def hostcheck_analyses():
    return [Analysis(id={name!r}, title="An analysis", reads=(), facts_schema=beside(__file__, "any.json"), derive=derive, fills={fills!r})]
"""
FORMAT = f"""{HEAD}
def render(report):
    {{body}}

@hookimpl
def hostcheck_formats():
    return [Format(name={{name!r}}, media_type="text/plain", render=render)]
"""
DAEMON = """if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            open(os.path.join(os.path.dirname(__file__), 'pid'), 'w').write(str(os.getpid()))
            time.sleep(600)
        os._exit(0)
    time.sleep(0.3)
    return {}"""
CASES = {
    "import raises": Case(source="raise RuntimeError('no\\n\\x1b[31m')", words="cannot be imported: RuntimeError"),
    "import exits": Case(source="raise SystemExit(0)", words="could not be imported"),
    "import ends the process": Case(source="import os; os._exit(0)", words="could not be imported"),
    "import hangs": Case(source="import time; time.sleep(600)", words="did not answer in time", hangs=True),
    "import kills its guard": Case(source="import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)", words="could not be imported"),
    "import replaces json and os": Case(
        source=probe("acme.x", "return {}") + "json.dumps = lambda *a, **k: '{}'\njson.loads = lambda *a, **k: {}\nos.read = os.write = None\n",
        words="could not be imported",
    ),
    "import closes every descriptor": Case(source=probe("acme.x", "return {}") + "os.closerange(0, 64)\n", words="could not be imported"),
    "probe of ours": Case(source=probe("sockets", "return {'sockets': {}}"), words="'sockets' is a name that hostcheck-scanner uses already"),
    "analysis of ours": Case(
        source=HEAD + "def derive(facts, values): return {}\n" + ANALYSIS.format(name="host-role", reads=()), words="'host-role' is a name"
    ),
    "format of ours": Case(source=FORMAT.format(name="json", body="return '{}'"), words="'json' is a name"),
    "benchmark of ours": Case(source=RULES, files=benchmark({"id": "container-host"}), words="is called 'container-host'"),
    "rule of ours": Case(
        source=RULES, files=benchmark({"profiles": {"level1": {"title": "x", "rules": ["HC-ACC-03"]}}}, id="HC-ACC-03"), words="has a rule HC-ACC-03"
    ),
    "one name twice": Case(
        source=HEAD + "def c(h): return {}\n@hookimpl\ndef hostcheck_probes():\n"
        "    p = Probe(id='acme.x', title='', facts_schema=beside(__file__, 'any.json'), collect=c)\n    return [p, p]\n",
        words="is contributed by acme and by acme",
    ),
    "a section of ours": Case(source=HEAD + FILLS.format(name="acme.x", fills={"access": ""}), words="fills the section 'access', which 'socket-access'"),
    "no section": Case(source=HEAD + FILLS.format(name="acme.x", fills={"verdict": ""}), words="is not a section of a report; the sections are access,"),
    "wrapper": Case(source=HEAD + "@hookimpl(wrapper=True)\ndef hostcheck_probes():\n    yield\n    return []\n", words="is a wrapper"),
    "hook raises": Case(source=HEAD + "@hookimpl\ndef hostcheck_probes(): raise KeyError('x')\n", words="KeyError"),
    "hook returns nonsense": Case(source=HEAD + "@hookimpl\ndef hostcheck_probes(): return [1]\n", words="returned int, not Probe"),
    "name is markup": Case(source=probe("<b>/x", "return {}"), words="is not a valid name"),
    "facts schema is missing": Case(source=probe("acme.x", "return {}", "none.json"), words="is it missing from package_data?"),
    "facts schema is elsewhere": Case(source=probe("acme.x", "return {}", "/etc/passwd"), words="/etc/passwd"),
    "facts schema is not in the dialect": Case(
        source=probe("acme.x", "return {}", "bad.json"), files=(("acme/bad.json", '{"pattern": "^a$"}'),), words="pattern"
    ),
    "a thousand probes": Case(
        source=HEAD + "def c(h): return {}\n@hookimpl\ndef hostcheck_probes():\n"
        "    return [Probe(id=f'acme.{n}', title='', facts_schema=beside(__file__, 'any.json'), collect=c) for n in range(1000)]\n",
        words="contributes more than 200",
    ),
    "probe raises": Case(source=probe("acme.x", "raise ValueError('no')"), why="crashed"),
    "probe hangs": Case(source=probe("acme.x", "time.sleep(600)"), why="timeout", hangs=True),
    "probe ignores SIGTERM": Case(source=probe("acme.x", "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"), why="timeout", hangs=True),
    "probe daemonises": Case(source=probe("acme.x", DAEMON)),
    "probe leaks memory": Case(source=probe("acme.x", "x = []\n    while True: x.append(bytearray(1 << 24))"), why="limit timeout"),
    "probe writes a huge file": Case(
        source=probe("acme.x", "f = open(os.path.join(os.path.dirname(__file__), 'huge'), 'wb')\n    while True: f.write(bytes(1 << 20))"), why="limit"
    ),
    "probe closes 0 to 2": Case(source=probe("acme.x", "os.closerange(0, 3); print('x'); return {}")),
    "probe opens a terminal": Case(source=probe("acme.x", "os.write(os.open('/dev/tty', os.O_RDWR), b'boo'); return {}"), why="nonsense crashed"),
    "probe kills its guard": Case(source=probe("acme.x", "os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)"), why="crashed"),
    "probe prints": Case(source=probe("acme.x", "print('x' * 100000000); sys.stderr.write('y' * 1000000); return {}")),
    "probe returns a gigabyte": Case(source=probe("acme.x", "return {'a': ['x' * (1 << 20)] * 1024}"), why="limit timeout"),
    "probe returns NaN": Case(source=probe("acme.x", "return {'a': float('nan')}"), why="nonsense"),
    "probe returns a cycle": Case(source=probe("acme.x", "a = {}; a['a'] = a; return a"), why="nonsense"),
    "probe returns depths": Case(source=probe("acme.x", "a = []\n    for _ in range(10000): a = [a]\n    return {'a': a}"), why="nonsense"),
    "probe returns keys that are no text": Case(source=probe("acme.x", "return {1: 2}"), why="nonsense"),
    "probe returns bad UTF-8": Case(source=probe("acme.x", "return {'a': '\\udcff\\ud800', 'b\\udcfe': 1}")),
    "probe replaces json and os": Case(
        source=probe("acme.x", "json.dumps = lambda *a, **k: 'x'; os.write = lambda *a: 0; return {}"), why="timeout", hangs=True
    ),
    "facts break the schema": Case(source=probe("acme.x", "return {'motd': 1}", "motd.json"), files=benchmark()),
    "rule accepts everything": Case(source=RULES, files=benchmark(expect=True), words="accepts {}"),
    "rule cannot fail": Case(source=RULES, files=benchmark(examples={"pass": {"acme.x": {"motd": ""}}}), words="no example that must fail"),
    "rule names facts of nobody": Case(
        source=RULES, files=benchmark(expect={"properties": {"acme.x": {"required": ["nothing"]}}, "required": ["acme.x"]}), words="a fact that no probe states"
    ),
    "benchmark is nonsense": Case(source=RULES, files=(("acme/benchmark.json", "[" * 100000), ("acme/motd.json", json.dumps(MOTD))), words="nested too deep"),
    "analysis raises": Case(source=HEAD + "def derive(facts, values): raise ValueError\n" + ANALYSIS.format(name="acme-a", reads=("sockets",))),
    "analysis hangs": Case(source=HEAD + "def derive(facts, values): time.sleep(600)\n" + ANALYSIS.format(name="acme-a", reads=("sockets",)), hangs=True),
    "analysis reads itself": Case(
        source=HEAD + "def derive(facts, values): return {}\n" + ANALYSIS.format(name="acme-a", reads=("acme-a",)), words="reads itself"
    ),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Return the evidence of a recorded host, and the findings on it where no vendor is near."""
    place = tmp_path_factory.mktemp("undisturbed")
    evidence = collect.replay(registry.load(), json.loads(RECORDING.read_text()))
    (place / "evidence.json").write_bytes(written(evidence))
    return place / "evidence.json", hostcheck(place, "evaluate", "evidence.json", "--format", "json=report.json").ours()


def installed(folder: Path, source: str, files: tuple[tuple[str, str], ...] = (), name: str = "acme") -> Path:
    content = {f"{name}/__init__.py": "", f"{name}/plugin.py": source, f"{name}/any.json": json.dumps(ANY), **dict(files)}
    site = folder / "site"
    install(build(folder, name, {**content}, {"plugin": f"{name}.plugin"}), site)
    return site


def replayed(place: Path, evidence: Path, scanned: Ran, site: Path, options: tuple[str, ...], impatient: bool) -> Ran:
    """Judge a recorded host anew, as if the vendor had been there when it was collected."""
    document = read(str(evidence), "evidence")[0]
    theirs = {name: stated for name, stated in scanned.evidence["probes"].items() if name not in document["probes"]}
    document |= {"probes": {**document["probes"], **theirs}, "plugins": scanned.evidence["plugins"], "refused": scanned.evidence["refused"]}
    (place / "mixed.json").write_bytes(written(document))
    return hostcheck(place, "evaluate", "mixed.json", "--format", "json=report.json", *options, site=site, impatient=impatient)


@pytest.mark.parametrize("name", CASES)
def test_a_vendor_costs_its_own_results_only_and_is_named(tmp_path: Path, undisturbed: tuple[Path, bytes], name: str) -> None:
    case = CASES[name]
    evidence, before = undisturbed
    site = installed(tmp_path, case.source, case.files)
    options = pin(tmp_path, site, "acme")
    start = time.monotonic()
    scanned = hostcheck(tmp_path, *SCAN, *options, site=site, impatient=case.hangs)
    took = time.monotonic() - start
    assert scanned.err == "" and scanned.code in (0, 1, 3), (scanned.code, scanned.err)
    assert took < 9
    probes = scanned.evidence["probes"]
    assert {"host", "sockets", "kernel"} <= probes.keys() and all(hole["pointer"] for one in ("host", "sockets", "kernel") for hole in probes[one]["holes"])
    if case.words:
        assert [status for status, _ in scanned.refused("acme")] == ["broken"] and case.words in scanned.refused("acme")[0][1], scanned.refused("acme")
        assert scanned.report["verdict"] != "compliant"
    else:
        assert scanned.refused("acme") == []
        holes = probes.get("acme.x", {"holes": []})["holes"]
        assert [hole["pointer"] for hole in holes] == ([""] if case.why else [])
        assert all(hole["why"] in case.why.split() for hole in holes)
    again = replayed(tmp_path, evidence, scanned, site, options, case.hangs)
    assert again.ours() == before
    assert again.err == ""


def test_what_a_vendor_left_running_is_gone(tmp_path: Path) -> None:
    site = installed(tmp_path, CASES["probe daemonises"].source)
    hostcheck(tmp_path, *SCAN, *pin(tmp_path, site, "acme"), site=site)
    pid = int((site / "acme" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_an_import_left_running_is_gone_when_the_command_ends(tmp_path: Path) -> None:
    site = installed(tmp_path, CASES["probe daemonises"].source + "collect(None)\n")
    ran = hostcheck(tmp_path, "plugins", *pin(tmp_path, site, "acme"), "list", site=site, before="from hostcheck.__main__ import leave\nleave()\n")
    assert (ran.code, ran.err) == (0, "") and "acme.x" in ran.out
    pid = int((site / "acme" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_vendors_rule_is_judged_on_its_own_facts_that_break_their_schema_as_unknown(tmp_path: Path) -> None:
    source = RULES.replace("return {'motd': ''}", "return {'motd': 1}")
    site = installed(tmp_path, source, benchmark())
    scanned = hostcheck(tmp_path, *SCAN, *pin(tmp_path, site, "acme"), site=site)
    assert [(one["rule"], one["result"]) for one in scanned.report["findings"] if one["benchmark"] == "acme"] == [("ACME-1", "unknown")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("time.sleep(600)", "the format 'acme' failed"),
        ("with open({place!r} + '/elsewhere', 'w') as f: f.write('x'); return ''", "the format 'acme' failed"),
        ("return 7", "the format 'acme' failed"),
        ("return 'x' * (65 << 20)", "the format 'acme' failed"),
        ("os._exit(0)", "the format 'acme' failed"),
        ("report.clear(); return 'fine'", ""),
        ("return report['verdict']", ""),
    ],
)
def test_a_format_costs_its_own_output_only(tmp_path: Path, body: str, words: str) -> None:
    site = installed(tmp_path, FORMAT.format(name="acme", body=body.format(place=str(tmp_path))))
    options = pin(tmp_path, site, "acme")
    ran = hostcheck(tmp_path, *SCAN, "--format", "acme=out.txt", *options, site=site, impatient="sleep" in body)
    stated = exit_code(ran.report)  # that the host is noncompliant is not hidden by a lost output
    assert ran.code == (70 if words and stated != 1 else stated) and words in ran.err
    assert ran.report["findings"] and ran.report["counts"]
    assert (tmp_path / "out.txt").exists() != bool(words)
    assert not (tmp_path / "elsewhere").exists() or (tmp_path / "elsewhere").stat().st_size == 0


def test_of_two_strangers_who_want_one_name_neither_gets_it(tmp_path: Path) -> None:
    site = tmp_path / "site"
    for name in ("acme", "evil"):
        installed(tmp_path, probe("acme.x", "return {}"), name=name)
    ran = hostcheck(tmp_path, *SCAN, *pin(tmp_path, site, "acme", "evil"), site=site)
    assert "acme.x" not in ran.evidence["probes"]
    for name in ("acme", "evil"):
        assert ran.refused(name) == [("broken", "'acme.x' is contributed by acme and by evil; none of them is used")]


def test_a_section_that_one_fills_is_in_the_report_and_one_that_two_fill_is_of_neither(tmp_path: Path) -> None:
    site = installed(tmp_path, HEAD + FILLS.format(name="acme.ways", fills={"scope": "/scope"}))
    ran = hostcheck(tmp_path, *SCAN, *pin(tmp_path, site, "acme"), site=site)
    assert ran.report["scope"] == {"holes": []} and ran.refused("acme") == []
    installed(tmp_path, HEAD + FILLS.format(name="evil.ways", fills={"scope": "/scope"}), name="evil")
    ran = hostcheck(tmp_path, *SCAN, *pin(tmp_path, site, "acme", "evil"), site=site)
    assert "scope" not in ran.report and "access" in ran.report
    for name in ("acme", "evil"):
        assert ran.refused(name) == [("broken", "the section 'scope' is filled by acme.ways of acme and by evil.ways of evil; none of them is used")]


def test_a_section_that_hostcheck_fills_is_nobody_elses(tmp_path: Path) -> None:
    site = installed(tmp_path, HEAD + FILLS.format(name="acme.ways", fills={"paths": "/scope"}))
    ran = hostcheck(tmp_path, *SCAN, *pin(tmp_path, site, "acme"), site=site)
    assert ran.report["paths"] == [] and ran.refused("acme")[0][1].startswith(
        "'acme.ways' fills the section 'paths', which 'access-paths' of hostcheck-scanner fills already"
    )
