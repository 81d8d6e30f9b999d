"""The page for people: whole, well-formed, silent towards the network, true to the report, and deaf to what a host has written into it.

What only a browser can tell (that nothing runs, is requested or scrolls sideways) is in `tests/browser`.
"""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser.pages import ATTACKS, RECORDINGS, copied, counted, hostile, large, recorded, render, with_subjects

from hostcheck.api import cite, step_text
from hostcheck.documents import published
from hostcheck.model import SEVERITIES, Result, Verdict, place
from hostcheck.report import exit_code
from hostcheck.visible import visible
from hostcheck_builtin.formats import html, html_words
from hostcheck_builtin.formats.html_access import access
from hostcheck_builtin.formats.html_entries import EACH, entries

VOID = {"meta", "input", "hr"}
BLOCKS = {"td", "th", "li", "dt", "dd", "p", "caption", "h1", "h2", "h3"}
"""What a reader sees a gap behind."""
PRINTABLE = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]*")
ROOT = Path(html.__file__).parents[1]

Report = dict[str, Any]


class Page(HTMLParser):
    """The elements of a page in their order, each with its attributes, its text and those it stands in; raises where tags do not nest."""

    def __init__(self, text: str) -> None:
        """Parse `text`."""
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.feed(text)
        self.close()
        assert self.open == []
        self.text = " ".join("".join(self.elements[0].texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open[-1] if self.open else None)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.handle_data(" ")
        assert self.open.pop().tag == tag, tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.texts.append(data)

    def find(self, tag: str = "", **attributes: str) -> Iterator["Element"]:
        """Yield the elements of that tag with these attributes; `_` stands for `-` in a name."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        for element in self.elements:
            if (not tag or element.tag == tag) and wanted.items() <= element.attributes.items():
                yield element

    def skeleton(self) -> list[tuple[str, tuple[str, ...], str]]:
        """Return what the page is made of without its texts."""
        return [(each.tag, tuple(each.attributes), each.attributes.get("class", "")) for each in self.elements]


class Element:
    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None") -> None:
        """Keep what the start tag says."""
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.texts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def within(self, other: "Element") -> bool:
        return self is other or (self.parent is not None and self.parent.within(other))


@pytest.fixture(scope="module", params=RECORDINGS)
def report(request: pytest.FixtureRequest) -> Report:
    return recorded(request.param)


def shown(report: Report) -> Page:
    return Page(render(report))


def flat(text: str) -> str:
    return " ".join(visible(text).split())


def test_the_page_is_well_formed_and_leads_only_to_itself(report: Report) -> None:
    page = shown(report)
    names = [element.attributes["id"] for element in page.find() if "id" in element.attributes]
    assert len(set(names)) == len(names)
    cited = {reference.get("url") for about in report["benchmarks"][0]["rules"].values() for reference in about["references"]}
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name in ("style", "src", "action", "srcset")]
        for name in ("href", "aria-labelledby"):
            for target in element.attributes.get(name, "").split():
                assert target.removeprefix("#") in names or (name == "href" and target in cited)
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
    assert f"{report['counts']['fail']} findings failed" in lead.text and f"{report['counts']['error']} could not be known" in lead.text


def test_the_verdict_and_the_worst_and_what_was_not_seen_come_first() -> None:
    report = recorded("docker-as-nobody")
    page = shown(report)
    (heading,), (main,) = page.find("h1"), page.find("main")
    assert heading.text.strip() == "Noncompliant throwaway" and page.text.index(heading.text) < page.text.index("What to look at first")
    worst = sorted({(SEVERITIES[::-1].index(each["severity"]), each["rule"], each["title"]) for each in report["findings"] if each["result"] == "fail"})
    unanswered = [each for each in report["findings"] if each["result"] == "error"]
    obstacles = Counter((hole["why"], hole["message"], place(hole["at"])) for each in unanswered for hole in each["holes"]).most_common(2)
    order = [
        "What failed worst",
        *(f"{SEVERITIES[::-1][rank]} {rule} {title}" for rank, rule, title in worst[:3]),
        "What could not be seen",
        f"Without an answer: {len(unanswered)} of the findings",
        *(f"{why}: {message} ({at}: {number} findings)" for (why, message, at), number in obstacles),
        "As root this scan would also see",
        "Findings by section",
    ]
    places = [" ".join(main.text.split()).index(words) for words in order]
    assert places == sorted(places)


def test_what_every_finding_says_is_on_the_page(report: Report) -> None:
    text = shown(report).text
    rules = report["benchmarks"][0]["rules"]
    for finding in report["findings"]:
        about = rules[finding["rule"]]
        assert flat(finding["because"]) in text or flat(finding["because"].replace(finding["subject"], EACH)) in text
        for words in (
            finding["title"],
            about["rationale"],
            ", ".join(map(cite, about["references"])),
            finding["subject"].replace("*", "what could not be listed"),
        ):
            assert flat(words) in text
        if finding["result"] in ("fail", "error"):
            assert all(flat(step_text(step)) in text for step in finding.get("fix", about["fix"]))
        for item in finding["evidence"]:
            if not isinstance(item["value"], dict | list | None):
                assert json.dumps(item["value"], ensure_ascii=False) in text
            if "hole" in item:
                assert f"not known: {item['hole']['why']}: {item['hole']['message']}" in text


def entry_of(page: Page, name: str) -> Element:
    (target,) = page.find(id=name)
    assert target.parent is not None and target.parent.attributes["class"].startswith("entry")
    return target.parent


def test_evidence_says_what_was_seen_where_and_by_whom() -> None:
    report = recorded()
    page, ours = shown(report), "(hostcheck-scanner)"
    text = " ".join(entry_of(page, "HC-KRN-18").text.split())
    assert f"Seen by probe kernel {ours}: lsm" in text
    assert "apparmor > enabled false /sys/module/apparmor/parameters/enabled" in text
    assert f"Seen by analysis socket-access {ours}: sockets > /run/docker.sock" in entry_of(page, "HC-ACC-01").text
    report["plugins"] = []
    assert "Seen by kernel (of no plugin that this report names)" in shown(report).text


def test_a_waiver_is_shown_and_an_unwaived_failure_comes_before_it() -> None:
    report = recorded()
    critical = [finding for finding in report["findings"] if finding["result"] == "fail" and finding["severity"] == "critical"]
    for finding in critical:
        finding["waiver"] = {"reason": "known since March", "approver": "ann", "expires": "2027-01-01"}
    page = shown(report)
    text = entry_of(page, "HC-ACC-01").text
    for words in ("1 waived", "Waived. The result stays fail", "approver", '"ann"', "known since March", "2027-01-01"):
        assert words in text
    assert f"{len(critical)} of them waived" in page.text
    failed = [(entry["severity"], entry["all_waived"]) for entry in entries(report) if entry["result"] == "fail"]
    assert failed[0] == ("high", False) and failed[-1] == ("critical", True)
    assert "open" not in entry_of(page, "HC-ACC-01").attributes and "open" in entry_of(page, "HC-ACC-03").attributes


def test_an_entry_is_as_severe_as_its_worst_unwaived_subject() -> None:
    report = recorded()
    findings = [finding for finding in report["findings"] if finding["rule"] == "HC-ACC-07"]
    for finding, severity in zip(findings, ("critical", "low", "medium", "low"), strict=True):
        finding.update(severity=severity, waiver={"reason": "known"} if severity == "critical" else None)
    (entry,) = (each for each in entries(report) if each["rule"] == "HC-ACC-07")
    assert (entry["severity"], entry["severities"], entry["waived"]) == ("medium", ["critical", "medium", "low"], 1)
    assert [case["severity"] for case in entry["cases"]] == ["medium", "low", "low", "critical"]
    shown_entry = entry_of(shown(report), "HC-ACC-07").text
    assert "1 waived" in shown_entry and all(severity in shown_entry for severity in ("medium", "low", "critical"))


def test_five_hundred_subjects_of_one_cause_are_one_entry() -> None:
    report = with_subjects(500)
    page = shown(report)
    entry = entry_of(page, "HC-ACC-99")
    assert len([each for each in page.find("li", data_result="fail") if each.within(entry)]) == 500
    assert entry.text.count("every local user can connect to") == 1 and f"every local user can connect to {EACH}," in entry.text
    assert entry.text.count("this one is open for a reason of its own") == 1
    assert len([each for each in page.find("table") if each.within(entry)]) == 2
    assert "500 subjects" in entry.text and "499 subjects" in entry.text
    assert len(render(report)) < 180_000


def test_causes_that_differ_are_told_apart() -> None:
    report = recorded()
    like = next(finding for finding in report["findings"] if finding["rule"] == "HC-ACC-01" and finding["result"] == "fail")
    worse = json.loads(json.dumps(like).replace("docker.sock", "x.sock"))
    worse["evidence"][0]["value"] = "podman"
    report["findings"].append(worse)
    entry = entry_of(shown(counted(report)), "HC-ACC-01").text
    assert '"podman"' in entry and '"docker"' in entry and EACH not in entry


def test_links_lead_to_the_worst_result_of_a_rule_and_to_no_two_entries() -> None:
    report = recorded()
    report["benchmarks"].append({**report["benchmarks"][0], "id": "other"})
    report["findings"] += [{**finding, "benchmark": "other"} for finding in copied(report)["findings"]]
    odd = [{**report["findings"][2], "rule": rule} for rule in ("", "a b", "a.b", "a:b", "a-b", "part:exit", "a-b.3", "ü")]
    report["findings"] += odd
    page = shown(counted(report))
    assert "is-fail" in entry_of(page, "HC-ACC-01").attributes["class"]
    (passed,) = (element for element in page.find("div", id="HC-ACC-01.pass"))
    assert '"containerd"' in passed.text
    targets = [element.attributes["id"] for element in page.find("div") if "id" in element.attributes]
    assert len(set(targets)) == len(targets) == len(entries(counted(report)))


def test_only_references_to_the_web_are_links() -> None:
    report = recorded()
    rules = report["benchmarks"][0]["rules"]
    rules["HC-ACC-01"]["references"] = [
        {"source": "s", "url": url} for url in ("https://example.org/a?b=1&c", "javascript:alert(1)", "data:text/html,x", "HTTPS://x", "")
    ]
    page = shown(report)
    ours = {reference.get("url") for name, rule in rules.items() if name != "HC-ACC-01" for reference in rule["references"]}
    linked = {str(link.attributes["href"]) for link in page.find("a")}
    assert {url for url in linked - ours if not url.startswith("#")} == {"https://example.org/a?b=1&c"}
    (link,) = page.find("a", href="https://example.org/a?b=1&c")
    assert link.attributes["rel"] == "noreferrer noopener"


def test_plugins_and_what_became_of_the_others() -> None:
    report = recorded()
    report["plugins"].append({**report["plugins"][0], "distribution": "vendor", "allowed": "unpinned"})
    alarming = ("mismatched", "refused", "broken", "ignored")
    report["refused"] = [{"distribution": f"vendor-{name}", "version": "2", "reason": f"why {name}", "status": name} for name in sorted(alarming)]
    text = shown(report).text
    assert "this user could have run it anyway" in text and "probes: " in text and report["plugins"][0]["sha256"] in text
    body = text[text.index("Plugins that are installed, and were not used") :]
    order = [body.index(f"vendor-{name} 2 {name} {html_words.STATUSES[name]} why {name}") for name in alarming]
    assert order == sorted(order)
    assert "1 plugin mismatched: vendor-mismatched." in text[: text.index("Findings by section")]


def test_everything_that_a_report_follows_from_is_named() -> None:
    report = recorded()
    report["inputs"]["values"] = {"approved_users": ["ann", "bob"]}
    report["inputs"]["later"] = {"waivers": {"sha256": "ab" * 32}}
    text = shown(report).text
    for words in (
        report["inputs"]["evidence"]["sha256"],
        'approved_users ["ann", "bob"]',
        "later > waivers > sha256 " + "ab" * 32,
        "fail_on low",
        "role not set",
    ):
        assert words in text


def test_what_could_not_be_read_is_listed_by_what_the_host_said() -> None:
    report = recorded("docker-as-nobody")
    page = shown(report)
    (part,) = (each for each in page.find("section", aria_labelledby="part:unseen"))
    for hole in report["holes"]:
        assert f"{hole['why']} {hole['message']}" in part.text
    assert part.text.count("/run/docker.sock: Permission denied") == 1
    assert "No result hangs on that." in shown(recorded()).text and "No result hangs on that." not in page.text


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


@pytest.mark.parametrize("status", sorted(html_words.STATUSES))
def test_a_plugin_that_root_must_not_believe_outranks_the_verdict(status: str) -> None:
    report = recorded()
    report["refused"] = [{"distribution": "vendor", "reason": "no", "status": status}]
    assert exit_code(report) == (5 if status in ("mismatched", "refused") else 1)
    (head,) = shown(report).find("header")
    assert ("A plugin is not what root allowed" in head.text) == (status in ("mismatched", "refused"))


def test_every_word_of_the_report_is_explained() -> None:
    assert html_words.RESULTS.keys() == set(Result) and html_words.VERDICTS.keys() == set(Verdict)
    schema = published("report-2")["properties"]
    assert html_words.STATUSES.keys() == set(schema["refused"]["items"]["properties"]["status"]["enum"])
    assert html_words.ALLOWED.keys() == set(schema["plugins"]["items"]["properties"]["allowed"]["enum"])


def test_findings_are_counted_by_the_sections_of_the_benchmarks() -> None:
    report = recorded()
    sections = json.loads((ROOT / "benchmark/container-host.json").read_text(encoding="utf-8"))["sections"]
    (table,) = (table for table in shown(report).find("table") if "Findings by section" in table.text)
    assert len(sections) == 5 and all(f"{name} {title}" in table.text for name, title in sections.items())
    for rule in report["benchmarks"][0]["rules"].values():
        rule["section"] = ""
    (table,) = (table for table in shown(report).find("table") if "Findings by section" in table.text)
    assert "HC-ACC" in table.text and sections["HC-ACC"] not in table.text


def test_who_can_connect_is_a_table_and_the_same_as_a_picture() -> None:
    found = access(recorded()["access"])
    assert found is not None
    assert found["rows"][0] == [
        "/run/docker.sock",
        ["docker, rootful"],
        [
            "every local user: no group is needed",
            "alice: group docker",
            "bob: primary group docker",
            "carol: acl user",
            "dave: pam_group at su for docker",
            "erin: process group docker",
        ],
    ]
    assert [row[2] for row in found["rows"][1:]] == [["nobody"]] * 2
    drawing = found["drawing"]
    users = {node["label"]: node["y"] for node in drawing["nodes"] if node["side"] == "end"}
    sockets = {node["label"]: node["y"] for node in drawing["nodes"] if node["side"] == "start"}
    lines = {tuple(int(number) for number in re.findall(r"(?<= )\d+(?=C|$)", line["path"])): line["kind"] for line in drawing["lines"]}
    docker = sockets["/run/docker.sock"]
    assert {name: lines.get((y, docker)) for name, y in users.items()} == {
        "root": "root",
        "every local user": "everyone",
        "alice": "user",
        "bob": "user",
        "carol": "user",
        "dave": "user",
        "erin": "user",
    }
    assert len(lines) == len(users) + 2


def test_what_was_not_seen_of_the_sockets_is_drawn_as_well() -> None:
    found = access(recorded("docker-as-nobody")["access"])
    assert found is not None
    assert all("perhaps others: not known: denied: /etc/gshadow: Permission denied" in row[2] for row in found["rows"][:-1])
    assert found["rows"][-1] == ["perhaps other sockets", [], ["not known: not all could be listed"]]
    assert {"perhaps others", "perhaps other sockets"} <= {node["label"] for node in found["drawing"]["nodes"] if node["kind"] == "unseen"}


@pytest.mark.parametrize("left", [None, {"holes": []}, {"sockets": {}, "user_sockets": {}, "holes": []}])
def test_without_facts_on_sockets_there_is_no_picture_of_them(left: Report | None) -> None:
    report = {key: value for key, value in recorded().items() if key != "access"} | ({} if left is None else {"access": left})
    page = shown(report)
    assert "Who can connect to an engine" not in page.text
    assert not list(page.find("svg", class_="access")) and list(page.find("svg", class_="bar"))


def test_a_crowd_is_drawn_as_far_as_it_fits_and_listed_whole() -> None:
    section = recorded()["access"]
    socket = section["sockets"]["/run/docker.sock"]
    crowd = {f"user-{number:02}-{'n' * 4096}": {"name": f"user-{number:02}-{'n' * 4096}", "uid": number, "why": ["group docker"]} for number in range(20)}
    socket.update(everyone=False, users=crowd | {"none": {"uid": 7}})
    found = access({"sockets": {"/run/docker.sock": socket}, "holes": []})
    assert found is not None and len(found["rows"][0][2]) == 21 and "uid 7" in found["rows"][0][2][0]
    assert max(len(node["label"]) for node in found["drawing"]["nodes"]) <= 39
    (more,) = (node for node in found["drawing"]["nodes"] if node["label"] == "10 more users")
    assert any(line["path"].startswith(f"M270 {more['y']}C") for line in found["drawing"]["lines"])


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_a_host_writes_becomes_part_of_the_page(attack: str) -> None:
    plain, attacked = Page(render(hostile("x x"))), Page(render(hostile(attack)))
    assert attacked.skeleton() == plain.skeleton()
    assert PRINTABLE.fullmatch(render(hostile(attack)))
    assert flat(attack) in attacked.text
    render(hostile(attack)).encode("utf-8")


def test_a_hundred_and_fifty_rules_are_a_page_of_270_kb_at_most() -> None:
    report = large(150)
    assert len(report["benchmarks"][0]["rules"]) == len(report["findings"]) == 150
    assert len(render(report).encode()) <= 270_000


def test_a_style_or_script_beside_the_template_cannot_end_its_element() -> None:
    page = render(recorded())
    for name in ("style", "script"):
        assert page.count(f"</{name}>") == 1
