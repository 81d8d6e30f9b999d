"""Findings of one cause stand together, the worst first; a link leads to one entry and a reference only to the web."""

import json

from browser.pages import copied, counted, recorded, render, with_subjects
from formats.html_page import Element, Page, shown

from hostcheck_builtin.formats.causes import EACH
from hostcheck_builtin.formats.html_entries import cited, entries


def entry_of(page: Page, name: str) -> Element:
    (target,) = page.find(id=name)
    assert target.parent is not None and target.parent.attributes["class"].startswith("entry")
    return target.parent


def test_an_entry_is_as_severe_as_its_worst_subject() -> None:
    report = recorded()
    findings = [finding for finding in report["findings"] if finding["rule"] == "HC-ACC-07"]
    for finding, severity in zip(findings, ("medium", "low", "critical", "low"), strict=True):
        finding.update(severity=severity, fix=[{"note": "Shut it."}])
    (entry,) = (each for each in entries(report) if each["rule"] == "HC-ACC-07")
    assert (entry["severity"], entry["severities"]) == ("critical", ["critical", "medium", "low"])
    assert [(case["severity"], len(case["subjects"])) for case in entry["cases"]] == [("critical", 1), ("medium", 1), ("low", 2)]
    assert all(severity in entry_of(shown(report), "HC-ACC-07").text for severity in ("medium", "low", "critical"))


def test_a_fix_is_prose_and_commands_and_told_once_for_each_cause() -> None:
    report = recorded()
    findings = [finding for finding in report["findings"] if finding["rule"] == "HC-ACC-07"]
    steps = [{"note": "First <this>."}, {"run": "one && two"}, {"run": "three"}, {"note": "Then that."}, {"run": "four"}]
    for finding in findings:
        finding.update(because="it is open", fix=steps)
    findings[1]["fix"] = [{"note": "Nothing to run."}]
    page = shown(report)
    entry = entry_of(page, "HC-ACC-07")
    fixes = [each for each in page.find("dl", class_="fix") if each.within(entry)]
    assert [" ".join(each.text.split()) for each in fixes] == ["How to fix it First <this>. one && two threeThen that. four", "How to fix it Nothing to run."]
    assert [each.text for each in page.find("pre") if each.within(fixes[0])] == ["one && two\nthree", "four"]
    assert [each.text for each in page.find("p") if each.within(fixes[0])] == ["First <this>. ", "Then that. "]


def test_without_an_answer_the_entry_says_where_to_read_about_the_fix() -> None:
    report = recorded("docker-as-nobody")
    page = shown(report)
    (entry,) = (each for each in entries(report) if each["rule"] == "HC-ACC-01" and each["result"] == "error")
    text = entry_of(page, entry["name"]).text
    assert "See: hostcheck explain HC-ACC-01" in text and "How to fix it" not in text


def test_what_was_seen_of_a_pass_and_why_a_rule_is_not_applicable_stand_in_the_entry_and_on_paper() -> None:
    report = recorded()
    for finding in report["findings"]:
        if finding["result"] in ("pass", "notapplicable"):
            finding["because"] = f"{finding['result']} {finding['rule']} because of {finding['subject']}"
    page = shown(report)
    papers = " ".join(" ".join(table.text.split()) for table in page.find("table", class_="paper"))
    for entry in entries(report):
        if entry["result"] in ("pass", "notapplicable"):
            assert entry["because"] in entry_of(page, entry["name"]).text and entry["because"] in papers and entry["title"] in papers
    assert "Subject" not in next(table.text for table in page.find("table", class_="paper") if "Reason" in table.text), "it is always the host"


def test_five_hundred_subjects_of_one_cause_are_one_entry() -> None:
    report = with_subjects(500)
    page = shown(report)
    entry = entry_of(page, "HC-ACC-99")
    assert len([each for each in page.find("li", data_result="fail") if each.within(entry)]) == 500
    assert entry.text.count("is writable by every user") == 1 and f"{EACH} is writable by every user (mode 0666)," in entry.text
    assert entry.text.count("this one is open for a reason of its own") == 1
    assert len([each for each in page.find("table") if each.within(entry)]) == 6  # of the analysis and the probes below it, once for each cause
    assert "500 subjects" in entry.text and "499 subjects" in entry.text
    assert len(render(report)) - len(render(with_subjects(2))) < 50_000


def test_causes_that_differ_are_told_apart() -> None:
    report = recorded()
    like = next(finding for finding in report["findings"] if finding["rule"] == "HC-ACC-01" and finding["result"] == "fail")
    worse = json.loads(json.dumps(like).replace("docker.sock", "x.sock"))
    worse["because"] += ", and anybody on the network"
    report["findings"].append(worse)
    entry = entry_of(shown(counted(report)), "HC-ACC-01").text
    assert "anybody on the network" in entry and EACH not in entry


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


def test_a_reference_to_a_test_of_hostcheck_is_called_one() -> None:
    assert cited({"source": "hostcheck", "section": "tests/hosts/rows_kernel.py"}) == "hostcheck's own test: tests/hosts/rows_kernel.py"
    assert cited({"source": "man page", "section": "unix(7)"}) == "man page unix(7)"


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
