"""Every reference can be cited: its source, edition and form are those of standards.yaml, and its link is the one that follows from the section.

An id that nobody can find is worse than none, so the lists of ids that docs/coverage.md shows are whole, and no rule cites an id that is not in them.
"""

import re
from collections import Counter
from typing import Any

import pytest
from test_generate import GENERATE, ROOT

from hostcheck import registry
from hostcheck.authoring.strict_yaml import read_yaml
from hostcheck.benchmark import load

RULES = load(registry.load().benchmarks[0], shipped=True).rules
SOURCES = {source["source"]: source for source in GENERATE.sources()}
COVERAGE: Any = read_yaml(str(GENERATE.BENCHMARK / "coverage.yaml"))
IDS = {standard["source"]: standard["ids"] for standard in COVERAGE["standards"]}
CIS, STIG = "CIS Docker Benchmark", "DISA STIG Docker Enterprise 2.x Linux/UNIX"
CIS_COUNTS = {"1.1": 18, "1.2": 2, "2": 18, "3": 24, "4": 12, "5": 32, "6": 2, "7": 9}
"""How many recommendations each section of edition 1.6.0 has, counted by hand in the numbers that docker-bench-security checks."""


def test_a_source_says_all_that_a_reader_needs() -> None:
    assert len(SOURCES) == len(GENERATE.sources())
    for name, source in SOURCES.items():
        assert set(source) >= {"source", "title", "publisher", "licence", "section", "written", "about"}, name
        assert all(str(source[key]).startswith("https://") for key in ("url", "link") if key in source), name
        example = re.search(r"for example (\S+)", source["written"])
        assert example is not None and GENERATE.link(source, example[1].rstrip(",;")) is not None


@pytest.mark.parametrize("name", RULES)
def test_a_reference_can_be_looked_up(name: str) -> None:
    references = RULES[name]["references"]
    assert references, "a rule without an outside reference names the test that shows the danger"
    assert max(Counter((reference["source"], reference["section"]) for reference in references).values()) == 1
    for reference in references:
        source = SOURCES[reference["source"]]
        assert reference.get("edition") == source.get("edition")
        assert reference.get("url", "") == GENERATE.link(source, reference["section"])
        if reference["source"] == "hostcheck":
            assert name in (ROOT / reference["section"]).read_text(encoding="utf-8"), "a test that names the rule"


def test_no_source_is_listed_that_no_rule_cites() -> None:
    assert set(SOURCES) == {reference["source"] for rule in RULES.values() for reference in rule["references"]}


@pytest.mark.parametrize(
    ("source", "section", "url"),
    [
        ("MITRE ATT&CK", "T1078.003", "https://attack.mitre.org/techniques/T1078/003"),
        ("MITRE ATT&CK", "T1611", "https://attack.mitre.org/techniques/T1611"),
        ("man page", "sysctl.d(5)", "https://man7.org/linux/man-pages/man5/sysctl.d.5.html"),
        ("Docker documentation", "engine/security#docker-daemon-attack-surface", "https://docs.docker.com/engine/security/#docker-daemon-attack-surface"),
        ("Linux kernel documentation", "admin-guide/LSM/Yama", "https://docs.kernel.org/admin-guide/LSM/Yama.html"),
        ("CIS Docker Benchmark", "3.16", ""),
    ],
)
def test_the_link_follows_from_the_section(source: str, section: str, url: str) -> None:
    assert GENERATE.link(SOURCES[source], section) == url


@pytest.mark.parametrize(
    ("source", "section"),
    [("CIS Docker Benchmark", "core dumps"), ("MITRE ATT&CK", "T16"), ("ISO/IEC 27001", "8.2"), ("man page", "subuid"), ("hostcheck", "tests/hosts")],
)
def test_a_section_of_another_form_is_refused(source: str, section: str) -> None:
    with pytest.raises(ValueError, match="is not a section of"):
        GENERATE.link(SOURCES[source], section)


def test_no_id_of_the_cis_benchmark_is_missing() -> None:
    assert [one["id"] for one in IDS[CIS]] == [f"{section}.{number}" for section, count in CIS_COUNTS.items() for number in range(1, count + 1)]


def test_no_id_of_the_docker_stig_is_missing() -> None:
    assert [one["number"] for one in IDS[STIG]] == [*(f"V-{number}" for number in range(235775, 235875)), "V-265885"]
    assert sorted({one["id"] for one in IDS[STIG]}) == [one["id"] for one in IDS[STIG]]


@pytest.mark.parametrize("standard", IDS)
def test_each_id_has_a_rule_or_says_why_not(standard: str) -> None:
    cited = GENERATE.citing()[standard]
    assert set(cited) <= {one["id"] for one in IDS[standard]}
    for one in IDS[standard]:
        GENERATE.link(SOURCES[standard], one["id"])
        assert (one["id"] in cited or "planned" in one) != ("why" in one), one
        assert re.fullmatch(r"\S.*[^.]", one["about"]) and COVERAGE["reasons"].get(one.get("why"), one.get("why", ".")).endswith("."), one
        assert not set(one.get("planned", [])) & set(RULES), f"{one}: a planned rule is written now; it should cite the id"
        assert all(re.fullmatch(r"HC-[A-Z0-9]{3}-[0-9]{2}", name) for name in one.get("planned", [])), one


def test_the_pages_say_it() -> None:
    standards, coverage = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("standards.md", "coverage.md"))
    assert all(f"\n## {name}\n" in standards for name in SOURCES)
    assert "| 4.10 | secrets in Dockerfiles | [HC-CTR-33](rules/HC-CTR-33.md); planned: HC-DEF-10 |\n" in coverage
    assert "| 3.16 | mode of Docker's socket | [HC-ACC-01](rules/HC-ACC-01.md) |\n" in coverage
    assert f"| DKER-EE-005080 (V-235850) | how long a node's certificate is used | {COVERAGE['reasons']['swarm']} |\n" in coverage
