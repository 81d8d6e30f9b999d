"""Every result, verdict and state has words, and none of them speaks of what does not exist yet."""

import json

import pytest
from browser.pages import RECORDINGS, recorded

from hostcheck.model import SEVERITIES, Result, Verdict
from hostcheck.published import published
from hostcheck.registry import load
from hostcheck_builtin.formats import words


def test_every_word_of_the_report_is_explained() -> None:
    assert words.RESULTS.keys() == words.MEANINGS.keys() == set(Result) and words.VERDICTS.keys() == set(Verdict)
    schema = published("report-2")["properties"]
    assert words.STATUSES.keys() == set(schema["refused"]["items"]["properties"]["status"]["enum"])
    assert words.ALLOWED.keys() == set(schema["plugins"]["items"]["properties"]["allowed"]["enum"])


def test_what_counts_is_said_of_each_severity() -> None:
    assert [words.rated(name) for name in SEVERITIES] == ["low or higher", "medium or higher", "high or higher", "critical"]


@pytest.mark.parametrize("name", [RECORDINGS[0], *(pytest.param(name, marks=pytest.mark.laws) for name in RECORDINGS[1:])])
@pytest.mark.parametrize("form", ["html", "junit", "text"])
def test_waivers_are_mentioned_nowhere_until_they_exist(form: str, name: str) -> None:
    report = recorded(name, "level2")
    for finding in report["findings"]:
        finding["waiver"] = None if finding["result"] == "pass" else {"reason": "known"}
    text = load().formats[form].render(report)
    assert "waive" not in text.lower() and '"known"' not in text
    assert text == load().formats[form].render(json.loads(json.dumps(report).replace('{"reason": "known"}', "null")))


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("form", ["html", "junit", "text"])
def test_a_step_that_is_not_filled_in_is_shown_nowhere(form: str, name: str) -> None:
    report = recorded(name, "level2")
    for about in report["benchmarks"][0]["rules"].values():
        about["fix"] = [{"run": "unfilled {/pointer} {subject}"}]
    assert "unfilled" not in load().formats[form].render(report)
