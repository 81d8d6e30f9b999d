"""Write the page of a rule, docs/rules/ID.md: what it asks, why, how it is judged, an example of each result, the fix and the references.

The page says the same as `hostcheck explain`, from the same documents.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hostcheck.benchmark import Benchmark
from hostcheck.model import cite
from hostcheck.wording import judged, severity


def page(benchmark: Benchmark, name: str, profiles: list[str], example: Mapping[str, Any]) -> str:
    """Return the page of the rule `name` in Markdown."""
    return "\n".join(_page(benchmark, name, profiles, example)) + "\n"


def _page(benchmark: Benchmark, name: str, profiles: list[str], example: Mapping[str, Any]) -> Iterator[str]:
    rule = benchmark.rules[name]
    yield from (f"# {name}: {rule['title']}", "", f"{benchmark.sections[name]}. Severity: {severity(rule)}. Profiles: {', '.join(profiles) or 'none'}.", "")
    yield from ("## Why", "", _escaped(rule["rationale"]), "", "## How it is judged", "")
    yield from (f"- {_escaped(text)}" for text in judged(rule))
    for result, shown in example.items():
        yield from ("", f"## Example of a {result}", "", "```text")
        yield from (f"{fact['at']} = {json.dumps(fact['value'], ensure_ascii=False)}" for fact in shown["facts"])
        yield "```"
        if shown["because"]:
            yield from ("", f"> {_escaped(shown['because'])}")
    failed = example.get("fail", {})
    yield from ("", "## Fix", "", *(["For the example of a fail above; a report gives the commands for its own host.", ""] if failed else []))
    for number, step in enumerate(failed.get("fix") or rule["fix"], 1):
        yield f"{number}. {_escaped(step['note'])}" if "note" in step else f"{number}. Run:\n\n   ```sh\n   {step['run']}\n   ```"
    yield from ("", "## References", "")
    for reference in rule["references"]:
        yield f"- [{_escaped(cite(reference))}]({reference['url']})" if "url" in reference else f"- {_escaped(cite(reference))}"


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "*_<>`[]|" else character for character in text)


def index(benchmark: Benchmark) -> str:
    """Return the page that lists all rules, by section."""
    lines = ["# The rules", "", f"{benchmark.title}, version {benchmark.version}. Made by `.ci/generate.py`; `hostcheck explain ID` says the same."]
    section = ""
    for name, rule in sorted(benchmark.rules.items()):
        if benchmark.sections[name] != section:
            section = benchmark.sections[name]
            lines += ["", f"## {section}", ""]
        lines.append(f"- [{name}]({name}.md) {_escaped(rule['title'])}")
    return "\n".join(lines) + "\n"
