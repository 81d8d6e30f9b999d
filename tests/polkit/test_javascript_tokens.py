"""The tokens of JavaScript."""

import pytest

from hostcheck_builtin.polkit.javascript_tokens import tokens


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("// x\n/* y\n */ a", ["name", "end"]),
        ("a / b", ["name", "mark", "name", "end"]),
        ("(/^a[/]b/)", ["mark", "regex", "mark", "end"]),
        ("return /a/", ["name", "regex", "end"]),
        ("'a\\'b' \"c\" `d`", ["string", "string", "string", "end"]),
    ],
)
def test_tokens(text: str, kinds: list[str]) -> None:
    assert [one.kind for one in tokens(text)] == kinds


def test_a_string_is_what_it_means() -> None:
    assert tokens(r"'\x41\u0042\n\'C'")[0].text == "AB\n'C"
