"""The page for people: whole, well-formed, silent towards the network, true to the report, and deaf to what a host has written into it.

What only a browser can tell (that nothing runs, is requested or scrolls sideways) is in `tests/browser`.
"""

import base64
import hashlib
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browser.pages import ATTACKS, RECORDINGS, counted, hostile, large, recorded, render
from formats.html_page import Page, Report, shown

from hostcheck.api import step_text
from hostcheck.model import SEVERITIES
from hostcheck.pointer import place
from hostcheck.report import exit_code
from hostcheck.visible import visible
from hostcheck_builtin.formats import html
from hostcheck_builtin.formats.causes import EACH, UNLISTED, naming
from hostcheck_builtin.formats.html_entries import cited
from hostcheck_builtin.formats.words import STATUSES

PRINTABLE = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]*")
ROOT = Path(html.__file__).parents[1]


def flat(text: str) -> str:
    return " ".join(visible(text).split())


@pytest.fixture(scope="module", params=RECORDINGS)
def report(request: pytest.FixtureRequest) -> Report:
    return recorded(request.param)


def test_the_page_is_well_formed_and_leads_only_to_itself(report: Report) -> None:
    page = shown(report)
    names = [element.attributes["id"] for element in page.find() if "id" in element.attributes]
    assert len(set(names)) == len(names)
    sources = {reference.get("url") for about in report["benchmarks"][0]["rules"].values() for reference in about["references"]}
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name in ("style", "src", "action", "srcset")]
        for name in ("href", "aria-labelledby"):
            for target in element.attributes.get(name, "").split():
                assert target.removeprefix("#") in names or (name == "href" and target in sources)
    assert {element.tag for element in page.elements} & {"img", "link", "iframe", "object", "embed", "base", "use", "image"} == set()
    assert not re.search(r"url\(|@import|(?<!href=\")https?:", render(report))


def test_headings_tables_and_landmarks_are_in_order(report: Report) -> None:
    page = shown(report)
    levels = [int(element.tag[1]) for element in page.elements if re.fullmatch("h[1-6]", element.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    for tag in ("header", "main", "nav", "footer"):
        assert len(list(page.find(tag))) == 1
    assert all(element.attributes.get("scope") in ("col", "row") for element in page.find("th"))
    for table in page.find("table"):
        assert any(element.tag == "caption" and element.parent is table for element in page.elements)
    for picture in page.find("svg"):
        assert picture.attributes["role"] == "img" and picture.attributes["aria-labelledby"]


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(report: Report) -> None:
    page = shown(report)
    (policy,) = page.find("meta", http_equiv="Content-Security-Policy")
    allowed = {}
    for tag in ("style", "script"):
        (element,) = page.find(tag)
        assert page.elements.index(policy) < page.elements.index(element)
        allowed[tag] = "sha256-" + base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
    assert policy.attributes["content"] == (
        f"default-src 'none'; style-src '{allowed['style']}'; script-src '{allowed['script']}'; base-uri 'none'; form-action 'none'"
    )
    assert [element.attributes["content"] for element in page.find("meta", name="referrer")] == ["no-referrer"]


def test_the_counts_are_those_of_the_report(report: Report) -> None:
    page = shown(report)
    assert {element.attributes["data-count"]: int(element.text) for element in page.find("td") if "data-count" in element.attributes} == report["counts"]
    each = Counter(element.attributes["data-result"] for element in page.find() if "data-result" in element.attributes)
    assert {result: each[result] for result in report["counts"]} == report["counts"]
    (lead,) = page.find("p", class_="lead")
    assert f"{report['counts']['fail']} findings failed" in lead.text and f"{report['counts']['error']} undetermined" in lead.text


def test_the_verdict_and_the_worst_and_what_was_not_seen_come_first() -> None:
    report = recorded("docker-as-nobody")
    page = shown(report)
    (heading,), (main,) = page.find("h1"), page.find("main")
    assert heading.text.strip() == "Noncompliant Host throwaway" and page.text.index(heading.text) < page.text.index("What to look at first")
    worst = sorted({(SEVERITIES[::-1].index(each["severity"]), each["rule"], each["title"]) for each in report["findings"] if each["result"] == "fail"})
    unanswered = [each for each in report["findings"] if each["result"] == "error"]
    obstacles = Counter((hole["why"], hole["message"], place(hole["at"])) for each in unanswered for hole in each["holes"]).most_common(2)
    order = [
        "Most severe failures",
        *(f"{SEVERITIES[::-1][rank]} {rule} {title}" for rank, rule, title in worst[:3]),
        "What could not be read",
        f"{len(unanswered)} findings without an answer: {len(unanswered)} undetermined.",
        *(f"{message} ({why}; {at}; {number} findings)" for (why, message, at), number in obstacles),
        "Run as root to answer: HC-",
        "Findings by section",
    ]
    places = [" ".join(main.text.split()).index(words) for words in order]
    assert places == sorted(places)


def test_the_numbers_of_what_could_not_be_read_agree() -> None:
    report = recorded()
    unanswered = [finding for finding in report["findings"] if finding["result"] == "fail"][:3]
    hole = {"at": "doors/a", "why": "unsupported", "message": "no doors"}
    for finding, holes, because in zip(unanswered, ([hole], [hole], []), ("", "", "ask the owner"), strict=True):
        finding.update(result="notchecked", holes=holes, because=because, manual=not holes)
    for finding in report["findings"]:
        if finding["result"] == "notchecked" and finding not in unanswered:
            finding["result"] = "pass"
    page = shown(counted(report))
    panel = next(element for element in page.find("div") if element.attributes.get("class") == "panel is-error")
    assert "3 findings without an answer: 3 not checked. Reasons:" in flat(panel.text)
    assert "no doors (unsupported; doors > a; 2 findings)" in panel.text and "ask the owner (1 finding)" in panel.text


@pytest.mark.parametrize("name", ["a", 'x"; } * { display: none } /*', "</style>", "\\", "\n", "é", "n" * 4096])
def test_the_foot_of_a_sheet_names_host_and_time_and_no_name_ends_the_style(name: str) -> None:
    report = recorded()
    report["host"]["name"] = name
    (style,) = shown(report).find("style")
    foot = style.text[style.text.rindex("@page") :]
    assert (inner := re.fullmatch(r'@page \{ @bottom-left \{ content: "hostcheck report: ((?:[A-Za-z0-9.,:-]|\\[0-9a-f]+ )*)"; \} \}', foot))
    told = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), inner[1])
    assert f"{visible(name)}, {report['host']['clock']}".startswith(told.removesuffix("…")) and len(told) <= 81


def test_what_every_finding_says_is_on_the_page(report: Report) -> None:
    text = shown(report).text
    rules = report["benchmarks"][0]["rules"]
    for finding in report["findings"]:
        about = rules[finding["rule"]]
        together = flat(finding["because"].replace(finding["subject"], EACH))
        in_list = re.search(rf"{EACH}( \([^()]*\))", together)
        apart = in_list and together.replace(in_list[1], "", 1) in text and finding["subject"] + in_list[1] in text
        assert flat(finding["because"]) in text or together in text or apart
        for words in (
            finding["title"],
            about["rationale"],
            "; ".join(map(cited, about["references"])),
            finding["subject"].replace("*", UNLISTED),
        ):
            assert flat(words) in text
        if finding["result"] == "fail":
            steps = [step_text(step) for step in finding["fix"]]
            assert all(flat(step) in text or flat(naming(finding["subject"])(step)) in text for step in steps)
        for item in finding["evidence"]:
            assert item["source"] == item["probe"] or flat(item["source"]) in text or flat(naming(finding["subject"])(item["source"])) in text
            if not isinstance(item["value"], dict | list | None):
                assert json.dumps(item["value"], ensure_ascii=False) in text
            if "hole" in item:
                why = f"{item['hole']['why']}: {item['hole']['message']}"
                assert (f"not known: {why}" if item["value"] is None else f"and possibly more ({why})") in text


def test_plugins_and_what_became_of_the_others() -> None:
    report = recorded()
    report["plugins"].append({**report["plugins"][0], "distribution": "vendor", "allowed": "unpinned"})
    alarming = ("mismatched", "refused", "broken", "ignored")
    report["refused"] = [{"distribution": f"vendor-{name}", "version": "2", "reason": f"why {name}", "status": name} for name in sorted(alarming)]
    text = shown(report).text
    assert "this user could have run it anyway" in text and "probes: " in text and report["plugins"][0]["sha256"] in text
    body = text[text.index("Plugins that are installed but were not used") :]
    order = [body.index(f"vendor-{name} 2 {name} {STATUSES[name]} why {name}") for name in alarming]
    assert order == sorted(order)
    assert "1 plugin mismatched: vendor-mismatched." in text[: text.index("Findings by section")]


def test_everything_that_a_report_follows_from_is_named() -> None:
    report = recorded()
    report["inputs"]["values"] = {"approved_users": ["ann", "bob"]}
    report["inputs"]["later"] = {"baselines": {"sha256": "ab" * 32}}
    text = shown(report).text
    for text_of_it in (
        report["inputs"]["evidence"]["sha256"],
        'approved_users ["ann", "bob"]',
        "later > baselines > sha256 " + "ab" * 32,
        "fail_on low",
        "role not set",
    ):
        assert text_of_it in text


def test_what_could_not_be_read_is_listed_by_what_the_host_said() -> None:
    report = recorded("docker-as-nobody")
    page = shown(report)
    (part,) = (each for each in page.find("section", aria_labelledby="part:unseen"))
    for hole in report["holes"]:
        assert f"{hole['why']} {hole['message']}" in part.text
    assert part.text.count("/run/docker.sock: Permission denied") == 1
    unharmed = recorded()
    unharmed["findings"] = [finding for finding in unharmed["findings"] if not finding["holes"]]
    unharmed["counts"] |= dict.fromkeys(("error", "notchecked", "unknown"), 0)
    assert "No result depends on them." in shown(unharmed).text and "No result depends on them." not in page.text


def test_what_was_seen_and_is_not_judged_is_a_table_with_its_places() -> None:
    one = {"kind": "sudo", "what": "/opt/x", "as_whom": "root", "by_whom": ["ann"], "place": "/etc/sudoers:3", "owner_uid": 0, "why": "program"}
    hole = {"pointer": "/programs", "kind": "members", "why": "denied", "message": "no"}
    page = shown({**recorded(), "not_judged": {"programs": {"a": one}, "holes": [hole]}})
    (part,) = page.find("section", aria_labelledby="part:not_judged")
    rows = [" ".join(each.text.split()) for each in page.find("tr") if each.within(part)]
    assert rows[1:] == ["/opt/x sudo lets ann run it as root the program is not known /etc/sudoers:3", "perhaps more, since not everything could be read"]
    assert len(list(page.find("a", href="#part:not_judged"))) == 1
    empty = shown({**recorded(), "not_judged": {"programs": {}, "holes": []}})
    assert "part:not_judged" not in {each.attributes.get("id") for each in empty.elements}


@pytest.mark.parametrize(
    ("changes", "verdict", "code"),
    [({}, "noncompliant", 1), ({"fail": "pass"}, "compliant", 0), ({"fail": "error"}, "inconclusive", 3), ({"*": "notapplicable"}, "inconclusive", 4)],
)
def test_the_exit_code_is_that_of_the_report(changes: dict[str, str], verdict: str, code: int) -> None:
    report = recorded()
    for finding in report["findings"]:
        finding["result"] = changes.get(finding["result"], changes.get("*", finding["result"]))
    report = counted({**report, "verdict": verdict})
    assert exit_code(report) == code
    page = shown(report)
    assert [element.text for element in page.find("strong", data_exit=str(code))] == [str(code)]
    assert page.text.count("(this report)") == 1
    assert ("Nothing was evaluated" in page.text.split("What to look at first")[0]) == (code == 4)


@pytest.mark.parametrize(("fail_on", "tone"), [("low", "is-compliant"), ("critical", "is-partial")])
def test_compliant_never_stands_alone(fail_on: str, tone: str) -> None:
    report = recorded()
    report["findings"] = [one for one in report["findings"] if one["result"] == "pass" or (one["result"] == "fail" and one["severity"] == "low" != fail_on)]
    report = counted({**report, "verdict": "compliant", "inputs": {**report["inputs"], "fail_on": fail_on}})
    page = shown(report)
    (head,), (verdict,), title = page.find("header"), page.find("span", class_="verdict"), next(iter(page.find("title")))
    failed = report["counts"]["fail"]
    told = f"Compliant at critical; {failed} failures below it (with level1 in what was examined)" if failed else "Compliant with level1 in what was examined"
    assert verdict.text == told and told[1:] in title.text
    assert "Not examined: 13 kinds of things" in head.text and "TCP listeners" in head.text and "packet filters" in head.text
    assert tone in head.attributes["class"].split()


def test_what_nothing_confirms_of_the_evidence_stands_at_the_verdict() -> None:
    report = recorded()
    (head,) = shown(report).find("header")
    assert "confirmed" not in head.text
    (head,) = shown({**report, "inputs": {**report["inputs"], "unconfirmed": ["its clock says so", "2 digests are blank"]}}).find("header")
    assert "Not confirmed, of the evidence: its clock says so; 2 digests are blank." in head.text


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_a_plugin_that_root_must_not_believe_outranks_the_verdict(status: str) -> None:
    report = recorded()
    report["refused"] = [{"distribution": "vendor", "reason": "no", "status": status}]
    assert exit_code(report) == (5 if status in ("mismatched", "refused") else 1)
    (head,) = shown(report).find("header")
    assert ("A plugin is not what root allowed" in head.text) == (status in ("mismatched", "refused"))


def test_findings_are_counted_by_the_sections_of_the_benchmarks() -> None:
    report = recorded()
    sections = json.loads((ROOT / "benchmark/container-host.json").read_text(encoding="utf-8"))["sections"]
    (table,) = (table for table in shown(report).find("table") if "Findings by section" in table.text)
    assert len(sections) >= 14 and all(f"{name} {title}" in table.text for name, title in sections.items())
    for rule in report["benchmarks"][0]["rules"].values():
        rule["section"] = ""
    (table,) = (table for table in shown(report).find("table") if "Findings by section" in table.text)
    assert "HC-ACC" in table.text and sections["HC-ACC"] not in table.text


@cache
def plain_skeleton() -> Any:
    """Return the elements of the page where nothing that a host wrote is an attack."""
    return Page(render(hostile("x x"))).skeleton()


@pytest.mark.parametrize("attack", [pytest.param(one, marks=[pytest.mark.laws] * (at % 2)) for at, one in enumerate(ATTACKS)])
def test_nothing_that_a_host_writes_becomes_part_of_the_page(attack: str) -> None:
    page = render(hostile(attack))
    attacked = Page(page)
    assert attacked.skeleton() == plain_skeleton()
    assert PRINTABLE.fullmatch(page)
    assert flat(attack) in attacked.text
    page.encode("utf-8")


def test_a_hundred_and_fifty_rules_are_a_page_of_400_kb_at_most() -> None:
    report = large(150)
    assert len(report["benchmarks"][0]["rules"]) == len(report["findings"]) == 150
    assert len(render(report).encode()) <= 400_000


def test_a_style_or_script_beside_the_template_cannot_end_its_element() -> None:
    page = render(recorded())
    for name in ("style", "script"):
        assert page.count(f"</{name}>") == 1
