"""Findings of one cause stand together, the worst first; a link leads to one entry and a reference only to the web."""

import json

from browser.pages import copied, counted, recorded, render, with_subjects
from formats.html_page import Element, Page, shown

from hostcheck_builtin.formats.html_entries import EACH, entries


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
    assert entry.text.count("is writable by every user") == 1 and f"{EACH} is writable by every user (mode 0666)," in entry.text
    assert entry.text.count("this one is open for a reason of its own") == 1
    assert len([each for each in page.find("table") if each.within(entry)]) == 2
    assert "500 subjects" in entry.text and "499 subjects" in entry.text
    assert len(render(report)) < 200_000


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
