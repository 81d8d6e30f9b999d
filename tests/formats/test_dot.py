"""The graph in the language of Graphviz: every name is a quoted string, whatever is in it."""

import re

from formats.root_report import member, report
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.formats import dot

ARROW = re.compile(r'  "(?:[^"\\\n]|\\.)*" -> "(?:[^"\\\n]|\\.)*" \[style=(?:solid|dashed|dotted), label="(?:[^"\\\n]|\\.)*"\];')


def test_each_step_is_an_arrow() -> None:
    assert dot.render(report(member("bob"))).splitlines()[3:-1] == [
        '  "bob" -> "socket:/run/docker.sock" [style=solid, label="bob can connect to /run/docker.sock (group docker)"];',
        '  "socket:/run/docker.sock" -> "root" [style=solid, label="docker runs as root"];',
    ]


def test_names_that_differ_in_what_does_not_print_stay_apart() -> None:
    told = dot.render(report(member("a\x01"), member("a"), member("&lt;")))
    assert {'"a\\\\x01"', '"a"', '"&amp;lt;"'} <= {line.split(" -> ")[0].strip() for line in told.splitlines()}


@given(st.text(max_size=40))
def test_no_name_leaves_its_quotes(name: str) -> None:
    lines = dot.render(report(member(name))).splitlines()
    assert lines[0] == "digraph hostcheck {" and lines[-1] == "}" and all(ARROW.fullmatch(line) for line in lines[3:-1])
