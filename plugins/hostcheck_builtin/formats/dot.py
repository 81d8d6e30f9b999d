"""Who can become root as a graph in the language of Graphviz (dot(1)); names are quoted, since users chose some of them."""

from typing import Any

from hostcheck.api import visible
from hostcheck_builtin.formats import root_paths

STYLES = {"certain": "solid", "likely": "dashed", "potential": "dotted"}


def render(report: dict[str, Any]) -> str:
    """Return the graph: an arrow for each step, dashed where it is likely and dotted where it may be there."""
    arrows = [
        f"  {_quoted(begin)} -> {_quoted(end)} [style={STYLES[style]}, label={_quoted(*words)}];"
        for (begin, end), (style, words) in root_paths.lines(report).items()
    ]
    return "\n".join(["digraph hostcheck {", "  rankdir=LR;", "  node [shape=box];", *arrows, "}", ""])


def _quoted(*lines: str) -> str:
    r"""Return a quoted string of the language, in which a quote and a backslash are special, and a reference as in HTML; `\l` ends a line."""
    shown = [visible(line).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines]
    return '"' + "\\l".join(shown) + '"'
