"""Any report that the published schema allows, drawn by walking that schema, with hostile text wherever text may stand.

A keyword that the walker does not know stops it: a schema that grows must not leave the drawn reports behind without a word.
"""

import re
from typing import Any

from hypothesis import strategies as st

from hostcheck.outcome import told
from hostcheck.published import published
from hostcheck.report import count, verdict_of

SCHEMA = published("report-2")
KNOWN = {
    "$defs", "$id", "$ref", "$schema", "additionalProperties", "anyOf", "const", "description", "enum", "items", "minimum", "pattern", "properties", "required",
    "title", "type",
}  # fmt: skip
HOSTILE = [
    "",
    " ",
    "a",
    "a  b ",
    "web",
    "\x00",
    "\x1b[2J\x1b]0;owned\x07",
    "\\x1b",
    "\x9b\x85\x7f",
    "\r\n\t",
    "\nCOMPLIANT: 0 failed",
    "\u202etoor\u2066\u200b\ufeff",
    "\u2028\u2029\xa0\u3000",
    "\ufffe\uffff\U0001ffff\ue000\U000e0001",
    "<script>alert(1)</script><!-- ",
    "]]><![CDATA[",
    "</testcase></pre></script></style>",
    "&lt;&#0;&amp;&nosuch;",
    '"\'` onload=x a="',
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "größe 日本 e\u0301",
    "/run/docker.sock",
    "a (2)",
    "*",
    "~1~0/",
    "%s%n",
]
"""Words that are markup, control, or no character at all to one reader or another; few, so that two of them often meet."""
LONG = [word * 5000 for word in ("a", "\x1b", "<", "&", " ", "a b ", "日", "]]>")]

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # a lone surrogate is in no document: it is not UTF-8
words = st.sampled_from(HOSTILE)
texts = words | st.lists(words, max_size=3).map("".join) | anything | st.sampled_from(HOSTILE + LONG)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
objects = st.dictionaries(texts, values, max_size=3)


EMPTY: dict[str, Any] = {
    "schema": "hostcheck.report/2",
    "verdict": "inconclusive",
    "host": {
        "kind": "local",
        "name": "h",
        "clock": "2026-01-02T03:04:05Z",
        "euid": 0,
        "os": None,
        "kernel": None,
        "role": None,
        "role_source": None,
        "role_evidence": [],
    },
    "inputs": {
        "evidence": {"sha256": "0" * 64, "tool": {"name": "hostcheck", "version": "1"}},
        "benchmarks": {},
        "profile": "level1",
        "role": "",
        "values": {},
        "fail_on": "low",
        "as_of": "2026-01-02T03:04:05Z",
        "tool": {"name": "hostcheck", "version": "1"},
        "analyses": {},
    },
    "benchmarks": [],
    "counts": dict.fromkeys(("pass", "fail", "error", "unknown", "notapplicable", "notchecked", "notselected", "informational"), 0),
    "findings": [],
    "plugins": [],
    "refused": [],
    "holes": [],
}
"""A report of a host on which nothing was judged."""
FINDING: dict[str, Any] = {
    "benchmark": "b",
    "rule": "R-1",
    "subject": "",
    "result": "pass",
    "severity": "high",
    "title": "Doors are locked",
    "because": "the door is open",
    "manual": False,
    "waiver": None,
    "evidence": [],
    "holes": [],
}


def drawn(schema: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for what `schema`, a part of the report's, allows."""
    if schema is True:
        return values
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        return drawn(SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    if "anyOf" in schema:
        return st.one_of(*map(drawn, schema["anyOf"]))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of(*(OF_TYPE[kind](schema) for kind in kinds))


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" not in schema:
        return texts
    # As Python's jsonschema reads a pattern: its `$` lets a line end follow.
    return st.from_regex(re.compile(schema["pattern"]))


def _object(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    named = {name: drawn(inner) for name, inner in schema.get("properties", {}).items()}
    required = {name: named.pop(name) for name in schema.get("required", ())}
    more = schema.get("additionalProperties", True)
    if more is False:
        return st.fixed_dictionaries(required, optional=named)
    others = st.dictionaries(texts, drawn(more), max_size=3)
    return others if not required and not named else st.builds(lambda free, fixed: {**free, **fixed}, others, st.fixed_dictionaries(required, optional=named))


OF_TYPE = {
    "null": lambda schema: st.none(),
    "boolean": lambda schema: st.booleans(),
    "integer": lambda schema: st.integers(min_value=schema.get("minimum")),
    "string": _text,
    "array": lambda schema: st.lists(drawn(schema["items"]), max_size=4),
    "object": _object,
}
any_report = drawn(SCHEMA)
twins = st.lists(st.fixed_dictionaries({name: drawn(SCHEMA["$defs"]["finding"]["properties"][name]) for name in ("result", "waiver")}), max_size=4)
"""In what findings differ that have the same name."""


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a report whose counts and verdict are those of its findings; these are of its benchmarks and rules, of none that it knows, and the same again."""
    report = draw(any_report)
    known = [(benchmark["id"], rule) for benchmark in report["benchmarks"] for rule in benchmark["rules"] or [""]]
    report["findings"] = [{**finding, **twin} for finding in report["findings"] for twin in [{}, *draw(twins)]]
    for finding in report["findings"]:
        if known and draw(st.booleans()):
            finding["benchmark"], finding["rule"] = draw(st.sampled_from(known))
    report["counts"] = count(map(told, report["findings"]))
    for one in report.get("omitted", ()):
        one["count"] %= 1_000_000
        one["count"] += 1
        report["counts"][one["result"]] += one["count"]
    report["verdict"] = str(verdict_of(map(told, report["findings"]), report["inputs"]["fail_on"], report["host"]["kind"]))
    return report
