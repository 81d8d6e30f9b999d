"""Reports to look at: of recorded hosts, of a benchmark as large as they come, and of a host where every name is an attack.

The attack stands in front of each text and changes nothing else, so that pages with different ones can be compared element by element.
"""

import argparse
import copy
import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hostcheck import collect, registry
from hostcheck.cli import judging
from hostcheck.model import Result

Report = dict[str, Any]

FAKES = Path(__file__).parents[1] / "fakes"
REGISTRY = registry.load()
RECORDINGS = ("docker-as-nobody", "docker-as-root", "weak-as-root")
SENTINEL = "window.pwned = 1"
ATTACKS = (
    f"</script><script>{SENTINEL}</script>",
    f'"><img src=x onerror="{SENTINEL}">',
    f"'><svg onload='{SENTINEL}'>",
    f"</pre></title></style><iframe srcdoc='<script>parent.{SENTINEL}</script>'></iframe>",
    f"javascript:{SENTINEL}",
    "{{7*7}}{% raw %}{# ",
    "<!--<![CDATA[",
    "&lt;b&gt;&amp;&#0;&nosuch;",
    "\x1b[2J\x1b]0;owned\x07\x9b",
    "\u202etoor\u2066\u200b\ufeff\u2028",
    "\x00\ud800\udfff\uffff",
    "n" * 4096,
    "/" * 200 + "~1~0:;,.",
)
FIXED = {"strength", "needs", "waits", "schema", "verdict", "result", "severity", "why", "status", "allowed", "sha256", "clock", "fail_on"}
"""What the schema gives a choice or a form: no text of a host's."""
OPEN = {"rules", "values", "analyses", "waiver", "value"}
"""What holds objects with names that a host, a site or a vendor chose."""


@cache
def _recorded(name: str, profile: str) -> str:
    evidence = collect.replay(REGISTRY, json.loads((FAKES / f"{name}.recording.json").read_text(encoding="utf-8")))
    args = argparse.Namespace(benchmark=(), profile=profile, role="", value=[], fail_on="low", format=())
    return json.dumps(judging.judge(evidence, judging.load_benchmarks(args, REGISTRY), args, REGISTRY))


def recorded(name: str = "weak-as-root", profile: str = "level1") -> Report:
    """Return the report on a recorded host."""
    report: Report = json.loads(_recorded(name, profile))
    return report


def render(report: Report) -> str:
    """Return the page of a report."""
    return REGISTRY.formats["html"].render(report)


def counted(report: Report) -> Report:
    """Return `report` with the counts of its findings."""
    results = Counter(finding["result"] for finding in report["findings"])
    return {**report, "counts": {str(result): results[str(result)] for result in Result}}


def large(rules: int = 150) -> Report:
    """Return a report on so many rules, one finding each, whose texts and evidence are those of real ones by turns."""
    report = recorded("docker-as-nobody", "level2")
    (benchmark,) = report["benchmarks"]
    texts, findings = list(benchmark["rules"].values()), report["findings"]
    benchmark["rules"] = {
        f"HC-S{number % 10}-{number:03}": {**texts[number % len(texts)], "section": f"What has the number {number % 10}"} for number in range(rules)
    }
    report["findings"] = [
        {**findings[number % len(findings)], "rule": rule, "title": text["title"]} for number, (rule, text) in enumerate(benchmark["rules"].items())
    ]
    return counted(report)


def with_subjects(number: int) -> Report:
    """Return a report in which one rule fails on so many subjects, for the same cause but on the last of them."""
    report = recorded()
    like = next(finding for finding in report["findings"] if finding["rule"] == "HC-ACC-01" and finding["result"] == "fail")
    for index in range(number):
        text = json.dumps(like).replace("/run/docker.sock", f"/run/s{index}.sock").replace("~1run~1docker.sock", f"~1run~1s{index}.sock")
        report["findings"].append({**json.loads(text), "rule": "HC-ACC-99"})
    report["findings"][-1]["because"] = "this one is open for a reason of its own"
    return counted(report)


def hostile(attack: str) -> Report:
    """Return a report with `attack` in front of every text that is not of a fixed form, and in every name."""
    report = recorded("docker-as-nobody")
    report["refused"] = [{"distribution": "vendor", "version": "1", "entry_point": "probes", "reason": "no pin", "status": "ignored"}]
    report["inputs"]["values"] = {"approved_users": ["ann"]}
    padded = f"{attack} {'x' * 100} "  # long everywhere, so that no attack makes a value longer than another does
    changed: Report = _map(report, lambda text: padded + text)
    return changed


def _map(value: Any, change: Callable[[str], str], key: str = "", *, names: bool = False) -> Any:
    """Return `value` with its texts changed, and with `names` the names of its members too."""
    if isinstance(value, str):
        return value if key in FIXED else change(value)
    if isinstance(value, list):
        return [_map(item, change, key, names=names) for item in value]
    if not isinstance(value, dict):
        return value
    if key == "evidence" and "pointer" in value and value["probe"] == "socket-access":
        _, place, name, *rest = value["pointer"].split("/")
        pointer = "/".join(["", place, change(name).replace("~", "~0").replace("/", "~1"), *rest])
        return {**_map(value, change, "item"), "pointer": pointer, "probe": value["probe"]}
    mapped: dict[str, Any] = {}
    for name, inner in value.items():
        open_below = names or name in OPEN or (key == "inputs" and name == "benchmarks")
        # A rule has fields of its own below its name.
        below = _map(inner, change, name, names=open_below and key != "rules")
        mapped[change(name) if names or key == "rules" else name] = below
    return mapped


def copied(report: Report) -> Report:
    """Return a report that can be changed."""
    return copy.deepcopy(report)
