"""One command for each file: what the fixes of several failures set in one file, said once and set together."""

from collections.abc import Iterator
from shlex import quote
from typing import Any, Final

from hostcheck.api import set_command
from hostcheck_builtin.formats.causes import Document

TITLE: Final = "One command for each file"
ADVICE: Final = "Read first what each of these rules says. To leave a key out, delete it from the command, with its value, which stands behind it."
File = tuple[str, str, str]
"""The file, the command that checks it, and what it takes to take effect."""


def together(report: Document) -> tuple[Document, list[Document]]:
    """Return the report with fixes that refer to one command where failures set more than one key of a file, and these commands.

    A command is ``{file, settings, run, effect}``, a setting ``{key, value, rules}``. If two failures ask for two values of one key, each fix stays as it is.
    """
    keys: dict[File, dict[str, dict[str, list[str]]]] = {}
    for finding, told in _settings(report):
        rules = keys.setdefault(_file(told), {}).setdefault(told["key"], {}).setdefault(told["value"], [])
        rules += [finding["rule"]] if finding["rule"] not in rules else []
    merged = {file: found for file, found in keys.items() if len(found) > 1 and all(len(values) == 1 for values in found.values())}
    findings = [{**finding, "fix": list(_referring(finding["fix"], merged))} if "fix" in finding else finding for finding in report["findings"]]
    return {**report, "findings": findings}, [_command(file, found) for file, found in sorted(merged.items())]


def _settings(report: Document) -> Iterator[tuple[Document, Document]]:
    for finding in report["findings"]:
        yield from ((finding, step["set"]) for step in finding.get("fix", ()) if "set" in step)


def _file(told: Document) -> File:
    return (told["file"], told["check"], told["effect"])


def _command(file: File, found: dict[str, dict[str, list[str]]]) -> Document:
    name, check, effect = file
    chosen = {key: value for key, values in found.items() for value in values}
    settings = [{"key": key, "value": value, "rules": found[key][value]} for key, value in chosen.items()]
    return {"file": name, "settings": settings, "run": set_command(quote(name), check, chosen), "effect": effect}


def _referring(fix: list[Document], merged: dict[File, Any]) -> Iterator[Document]:
    """Yield the steps of a fix; what one command does with other keys of its file is only named, and its effect is said there."""
    effects = {told["effect"] for step in fix if "set" in step and _file(told := step["set"]) in merged}
    for step in fix:
        if "set" in step and _file(told := step["set"]) in merged:
            yield {"note": f'Set {told["key"]} to {told["value"]} in {told["file"]}: see "{TITLE}".'}
        elif step.get("note") not in effects:
            yield step
