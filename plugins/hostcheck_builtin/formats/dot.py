"""Who can become root as a graph in the language of Graphviz (dot(1)); names are quoted, since users chose some of them."""

from typing import Any

from hostcheck_builtin.formats import root_paths

STYLES = {"certain": "solid", "likely": "dashed", "potential": "dotted"}


def render(report: dict[str, Any]) -> str:
    """Return the graph: an arrow for each step, dashed where it is likely and dotted where it may be there."""
    arrows = [
        f"  {_quoted(begin)} -> {_quoted(end)} [style={STYLES[style]}, label={_quoted(chr(10).join(words))}];"
        for (begin, end), (style, words) in root_paths.lines(report).items()
    ]
    return "\n".join(["digraph hostcheck {", "  rankdir=LR;", "  node [shape=box];", *arrows, "}", ""])


def _quoted(text: str) -> str:
    r"""Return a quoted string of the language, in which only a quote and a backslash are special; what does not print is left out, a newline apart."""
    kept = "".join(character for character in text if character.isprintable() or character == "\n")
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\l") + '"'
