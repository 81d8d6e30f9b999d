"""Who can become root as text: whoever can, each with every way step by step, and what would stop them."""

from typing import Any

from hostcheck.api import render_template, template
from hostcheck_builtin.formats import root_paths

Document = dict[str, Any]


def render(report: Document) -> str:
    """Return the paths of a report as text as wide as the terminal."""
    found = [{**one, "who": root_paths.named(one["names"])} for one in root_paths.people(report)]
    found += [{"who": root_paths.OTHERS, "ways": [{"strength": "not known", "needs": "", "steps": [reason]}]} for reason in root_paths.unlisted(report)]
    shown = {"answer": root_paths.sentence(report), "people": found, "changes": root_paths.changes(report), "known": "reach" in report}
    return render_template(template("paths.j2"), shown, escape=False)
