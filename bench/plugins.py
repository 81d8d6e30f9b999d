"""Other distributions to measure a scan with: as small as a vendor's can be, installed without pip."""

import base64
import hashlib
import json
from pathlib import Path

PLUGIN = """
from hostcheck.api import Probe, beside, hookimpl


def collect(host):
    return {"motd": host.read_text("/etc/motd", missing="")}


@hookimpl
def hostcheck_probes():
    return [Probe(id="bench.NUMBER", title="Message of the day", facts_schema=beside(__file__, "motd.json"), collect=collect)]


@hookimpl
def hostcheck_benchmarks():
    return [beside(__file__, "benchmark.json")]
"""


def install(site: Path, number: int) -> str:
    """Install the distribution with that number into `site`, and return its name."""
    name = f"bench{number}"
    facts = {"type": "object", "properties": {"motd": {"type": "string"}}, "required": ["motd"], "additionalProperties": False}
    rule = {
        "id": f"BENCH-{number}",
        "title": "There is no message of the day",
        "severity": "low",
        "rationale": "To have a rule.",
        "remediation": "rm /etc/motd",
        "references": ["own"],
        "expect": {"properties": {f"bench.{number}": {"properties": {"motd": {"const": ""}}, "required": ["motd"]}}, "required": [f"bench.{number}"]},
        "examples": {"pass": {f"bench.{number}": {"motd": ""}}, "fail": {f"bench.{number}": {"motd": "x"}}},
    }
    head = {"id": name, "title": name, "version": "1", "sections": ["B.json"], "profiles": {"level1": {"title": "All", "rules": [rule["id"]]}}}
    files = {
        f"{name}/__init__.py": "",
        f"{name}/plugin.py": PLUGIN.replace("NUMBER", str(number)),
        f"{name}/motd.json": json.dumps(facts),
        f"{name}/benchmark.json": json.dumps({"schema": "hostcheck.benchmark/1", **head}),
        f"{name}/B.json": json.dumps({"schema": "hostcheck.benchmark/1", "section": "B", "title": "Bench", "rules": [rule]}),
        f"{name}-1.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{name}-1.dist-info/entry_points.txt": f"[hostcheck]\nplugin = {name}.plugin\n",
    }
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
    (site / f"{name}-1.dist-info/RECORD").write_text("".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items()))
    return name


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
