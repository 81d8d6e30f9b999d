"""What only a browser can tell of the page: that everybody can read and use it, that it asks for nothing, and that nothing in it runs but its own script.

The rest is in `tests/formats/test_html.py`.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from browser.chromium import Page
from browser.conftest import Show
from browser.pages import ATTACKS, RECORDINGS, counted, hostile, large, recorded, with_subjects
from browser.paper import printed

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"
FOLDED = "[...document.querySelectorAll('.group:not(.is-brief) :is(.entry div, .entry table)')].filter((each) => !each.checkVisibility()).length"
TEXTS = """(() => {
  const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data);
  return texts;
})()"""
HEADINGS = """[...document.querySelectorAll('h2, h3, h4 code, caption, thead tr')].filter((each) => each.checkVisibility())
  .map((each) => each.matches('code') ? each.innerText + each.nextSibling.data : each.innerText)"""
SHOWN = "[...document.querySelectorAll('.entry:not([hidden]) > div')].map((each) => each.id)"
STATUS = "document.querySelector('[role=status]').textContent"


def everything() -> dict[str, Any]:
    """Return a report with all that a page can show: refusals, every result, several subjects and severities, notes and commands."""
    report = recorded("docker-as-nobody", "level2")
    report["findings"] += with_subjects(9)["findings"][-9:]
    for finding, result in zip(report["findings"], ("unknown", "notchecked", "informational", "notselected"), strict=False):
        finding["result"] = result
    for number, finding in enumerate(each for each in report["findings"] if each["result"] == "fail"):
        finding["fix"] = [{"note": "First this."}, {"run": "one && two"}, {"run": "three"}, {"note": "Then that."}] if number % 4 == 0 else finding["fix"]
        finding["severity"] = ("critical", "high", "medium", "low")[number % 4]
    report["refused"] = [{"distribution": "vendor", "version": "1", "reason": "no pin", "status": "ignored"}]
    return counted(report)


def runs(text: str) -> set[str]:
    """Return the runs of letters and digits in a text: a word that is cut gives other ones."""
    return set(re.findall(r"[^\W_]+", text.lower()))


def said(page: Page) -> list[Any]:
    """Return what the page made the browser complain of."""
    return page.happened("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")


def requested(page: Page) -> list[str]:
    return [event["request"]["url"].partition("#")[0] for event in page.happened("Network.requestWillBeSent")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("media", "width"), [("screen", 1200), ("screen", 360), ("print", 680)])
def test_nobody_is_kept_from_reading_it(show: Show, axe: str, media: str, scheme: str, width: int) -> None:
    page = show(everything(), media=media, scheme=scheme, width=width)
    page.ask(OPEN_ALL)
    page.ask(axe)
    found = page.ask(
        f"axe.run({{runOnly: {json.dumps(TAGS)}, preload: false}}).then((all) => JSON.stringify([all.violations, all.incomplete, all.passes.length]))"
    )
    violations, undecided, passed = json.loads(found)
    assert [(each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"]) for each in violations] == []
    # On which ground the letters of a picture stand axe cannot tell, nor on emulated paper for all others: the colours are those of the screen.
    unsure = [node["html"] for each in undecided for node in each["nodes"] if media == "screen" or each["id"] != "color-contrast"]
    assert [html for html in unsure if not html.startswith(("<text ", "<tspan "))] == []
    assert passed > 25


@pytest.mark.parametrize("scripts", [True, False])
def test_it_asks_for_nothing_and_the_browser_has_nothing_to_complain_of(show: Show, scripts: bool) -> None:
    page = show(everything(), scripts=scripts)
    assert requested(page) == [page.ask("location.href")]
    assert said(page) == []


def test_a_style_or_a_script_that_is_not_its_own_is_refused(show: Show) -> None:
    page = show(recorded())
    picture = '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    page.ask(f"document.body.insertAdjacentHTML('beforeend', `<p id=p style='color: red' onclick='window.pwned = 1'>{picture}`)")
    page.ask("document.getElementById('p').click()")
    page.ask("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.pwned = 1'}))")
    assert page.ask("window.pwned === undefined && getComputedStyle(document.getElementById('p')).color !== 'rgb(255, 0, 0)'")
    assert page.ask("[...document.images].every((image) => image.naturalWidth === 0)")


@pytest.mark.parametrize("width", [1200, 360, 320])
@pytest.mark.parametrize("attack", ["", ATTACKS[1], "n" * 4096])
def test_it_never_scrolls_sideways(show: Show, width: int, attack: str) -> None:
    page = show(hostile(attack) if attack else everything(), width=width)
    page.ask(OPEN_ALL)
    assert page.ask("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_host_writes_does_nothing(show: Show, attack: str) -> None:
    page = show(hostile(attack))
    page.ask(OPEN_ALL)
    assert page.ask("window.pwned === undefined")
    assert requested(page) == [page.ask("location.href")] and said(page) == [] and page.happened("Page.javascriptDialogOpening") == []


def test_without_javascript_every_finding_can_be_read(show: Show) -> None:
    report = everything()
    page = show(report, scripts=False)
    assert page.ask("document.querySelector('.filter').getBoundingClientRect().height") == 0
    closed = page.ask("document.querySelectorAll('.entry:not([open])').length")
    page.click(".entry:not([open]) > summary")
    assert page.ask("document.querySelectorAll('.entry:not([open])').length") == closed - 1
    assert page.ask(FOLDED) > 0
    page.ask(OPEN_ALL)
    assert page.ask(FOLDED) == 0
    seen = page.ask("document.body.innerText")
    for finding in report["findings"]:
        assert finding["title"] in seen and finding["rule"] in seen


def test_without_javascript_a_link_opens_what_it_leads_to(show: Show) -> None:
    page = show(recorded(), at="#HC-KRN-13", scripts=False)
    assert page.ask("document.getElementById('HC-KRN-13').closest('details').open")
    assert 0 <= page.ask("document.getElementById('HC-KRN-13').closest('details').getBoundingClientRect().top") < 200


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_nothing_is_folded_and_controls_are_left_out(show: Show, scripts: bool) -> None:
    page = show(everything(), media="print", scripts=scripts)
    assert page.ask(FOLDED) == 0
    for selector in (".filter", ".parts", ".skip", ".copy", ".self"):
        assert page.ask(f"[...document.querySelectorAll('{selector}')].every((each) => each.getBoundingClientRect().height === 0)")
    assert page.ask("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


def test_printing_leaves_the_page_as_it_was(show: Show) -> None:
    page = show(recorded())
    before = page.ask("document.querySelectorAll('details[open]').length")
    paper = base64.b64decode(page.send("Page.printToPDF", preferCSSPageSize=True, generateTaggedPDF=True)["data"])
    assert paper.startswith(b"%PDF")
    assert page.ask("document.querySelectorAll('details[open]').length") == before


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("scripts", [True, False])
def test_a_report_is_fifty_sheets_at_most_with_no_word_cut_and_no_heading_stranded(show: Show, tmp_path: Path, name: str, scripts: bool) -> None:
    page = show(recorded(name, "level2"), scripts=scripts)
    sheets = printed(page, tmp_path / "paper.pdf")
    assert len(sheets) <= 50
    page.send("Emulation.setEmulatedMedia", media="print")
    words = {run for text in page.ask(TEXTS) for run in runs(text)} | runs("hostcheck report page of i")
    headings = {" ".join(text.split()) for text in page.ask(HEADINGS)}
    long = [*(word for word in words if len(word) > 25), "hostcheck"]  # a digest, which no column holds, and the name of a copy in a long command
    cut = {run for sheet in sheets for word in sheet.words for run in runs(word.text)} - words
    assert sorted(run for run in cut if not any(run in whole for whole in long)) == []
    for number, sheet in enumerate(sheets):
        assert max(word.right for word in sheet.words) < sheet.width - 30 and min(word.left for word in sheet.words) > 30
        assert not [heading for heading in headings if sheet.text().endswith(heading)], number


def test_on_paper_each_finding_is_told_and_evidence_only_where_it_is_needed(show: Show) -> None:
    report = recorded("weak-as-root", "level2")
    for finding in report["findings"]:
        if finding["result"] in ("pass", "notapplicable"):
            finding["because"] = f"because of {finding['result']} {finding['subject']}"
    page = show(report, media="print")
    seen = " ".join(page.ask("document.body.innerText").split())
    for finding in report["findings"]:
        assert finding["rule"] in seen and finding["title"] in seen
        assert finding["result"] not in ("pass", "notapplicable") or finding["because"] in seen or "because of pass each subject" in seen
    with_evidence = page.ask(
        "[...document.querySelectorAll('.evidence')].filter((each) => each.checkVisibility()).map((each) => each.closest('.entry').className)"
    )
    assert {name.split()[1] for name in with_evidence} <= {"is-fail", "is-error", "is-unknown", "is-notchecked"} and len(with_evidence) > 25


def test_a_link_opens_what_it_leads_to_and_brings_it_into_sight(show: Show) -> None:
    page = show(recorded(), at="#HC-KRN-13")
    where = "document.getElementById('HC-KRN-13').closest('details').getBoundingClientRect().top"
    assert page.ask("document.getElementById('HC-KRN-13').closest('details').open") and 0 <= page.ask(where) < 200
    page.ask("document.getElementById('HC-KRN-13').closest('details').open = false; dispatchEvent(new HashChangeEvent('hashchange'))")
    assert page.ask("document.getElementById('HC-KRN-13').checkVisibility()"), "not every browser opens it by itself"
    page.ask("location.hash = '#result=fail'")
    page.ask("new Promise((done) => setTimeout(done))")
    page.ask("location.hash = '#HC-KRN-10'")
    page.ask("new Promise((done) => setTimeout(done))")
    assert page.ask("document.getElementById('HC-KRN-10').checkVisibility()"), "what the filter hid is shown again"


def test_the_filter_shows_what_is_asked_for_and_says_how_much(show: Show) -> None:
    report = recorded()
    failed = {finding["rule"] for finding in report["findings"] if finding["result"] == "fail"}
    entries = {(finding["rule"], finding["result"]) for finding in report["findings"]}
    page = show(report)
    everything_shown = page.ask(STATUS)
    for result in sorted({finding["result"] for finding in report["findings"]} - {"fail"}):
        page.click(f"input[value={result}]")
    assert {name.partition(".")[0] for name in page.ask(SHOWN)} == failed
    assert page.ask(STATUS) == f"{len(failed)} of {len(entries)} entries shown, with {report['counts']['fail']} findings"
    page.click("input[value=low]")
    low = {finding["rule"] for finding in report["findings"] if finding["result"] == "fail" and finding["severity"] == "low"}
    assert {name.partition(".")[0] for name in page.ask(SHOWN)} == failed - low
    assert page.ask("location.hash") == "#result=fail&severity=critical%2Chigh%2Cmedium"
    assert page.ask("[...document.querySelectorAll('.group:not([hidden])')].length") == 1
    page.click("button[type=reset]")
    page.ask("new Promise((done) => setTimeout(done))")
    assert page.ask(STATUS) == everything_shown and page.ask("location.hash") == ""


def test_the_key_leads_to_the_search_which_looks_into_evidence(show: Show) -> None:
    page = show(recorded())
    page.press("/")
    for key in "Carol acl":
        page.press(key)
    assert page.ask("document.querySelector('[type=search]').value") == "Carol acl"
    found = page.ask(SHOWN)
    assert "HC-ACC-04" in found and "HC-KRN-01" not in found
    page.press("/")
    assert page.ask("document.querySelector('[type=search]').value") == "Carol acl/", "in a field the key is a letter"
    assert page.ask(SHOWN) == []


def test_the_key_can_be_turned_off(show: Show) -> None:
    page = show(recorded())
    page.click("input[name=slash]")
    page.ask("document.activeElement.blur()")
    page.press("/")
    assert not page.ask("document.activeElement.matches('[type=search]')")


def test_a_filtered_page_can_be_sent_to_somebody(show: Show) -> None:
    page = show(recorded(), at="#result=fail%2Cnotselected&severity=low&text=idtools")
    shown = page.ask(SHOWN)
    assert page.ask("document.querySelector('[type=search]').value") == "idtools"
    assert page.ask("[...document.querySelectorAll('input[name=result]:checked')].map((box) => box.value)") == ["fail", "notselected"]
    other = show(recorded(), at=page.ask("location.hash"))
    assert other.ask(SHOWN) == shown


def test_the_commands_of_a_fix_can_be_copied_and_never_its_notes(show: Show) -> None:
    report = recorded()
    steps = [{"note": "First <this>."}, {"run": "one && two"}, {"run": "echo 'a\"b' > /c"}, {"note": "Then that."}, {"run": "four"}]
    for finding in report["findings"]:
        if finding["result"] == "fail":
            finding["fix"] = {"HC-ACC-01": steps, "HC-ACC-04": [{"run": "one"}]}.get(finding["rule"], steps[:1])
    page = show(report)
    page.ask("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.click("#HC-ACC-01 .copy")
    page.ask("new Promise((done) => setTimeout(done))")
    assert page.ask("window.copied") == "one && two\necho 'a\"b' > /c\nfour"
    assert page.ask(STATUS) == "Copied"
    assert page.ask("document.querySelectorAll('.copy').length") == 2, "nobody copies a note"
    page.ask("navigator.clipboard.writeText = async () => { throw new Error('no'); }")
    page.click("#HC-ACC-04 .copy")
    page.ask("new Promise((done) => setTimeout(done))")
    assert page.ask("getSelection().toString()") == "one" and page.ask("document.activeElement.value") == "one"


def test_all_can_be_opened_and_closed(show: Show) -> None:
    page = show(recorded())
    page.click("button[name=open]")
    assert page.ask("document.querySelectorAll('.entry:not([open])').length") == 0
    page.click("button[name=close]")
    assert page.ask("document.querySelectorAll('.entry[open]').length") == 0


def test_the_keyboard_reaches_the_findings_at_once(show: Show) -> None:
    page = show(recorded())
    for kind in ("keyDown", "keyUp"):
        page.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert page.ask("document.activeElement.className") == "skip"
    assert page.ask("document.activeElement.getBoundingClientRect().left") >= 0
    assert page.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_many_findings_are_loaded_and_searched_quickly(show: Show) -> None:
    page = show(large(1500))
    took = page.ask(
        "(() => { const field = document.querySelector('[type=search]'); const start = performance.now(); field.value = 'sysctl';"
        " field.dispatchEvent(new Event('input', {bubbles: true})); return performance.now() - start; })()"
    )
    assert took < 2000
