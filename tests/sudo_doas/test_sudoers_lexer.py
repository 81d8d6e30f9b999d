"""sudo's scanner: tokens, states, and that it takes linear time over whatever a file has; expectations were run on sudo 1.9.16p2."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.sudo_doas.sudoers_lexer import END, Lexer, ended, unescaped


def tokens(text: str) -> list[str]:
    lexer = Lexer()
    lexer.push([("/etc/sudoers", text)])
    found = []
    while (token := lexer.next()).kind != END:
        found.append(f"{token.kind} {'' if token.kind in ('all', ',') else token.text}".strip() + (f" | {token.args}" if token.args is not None else ""))
    return found


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("ann ALL=ALL\n", ["word ann", "all", "=", "all"]),
        ("%wheel,+net, #10", ["group %wheel", ",", "netgroup +net", ",", "word #10"]),
        ("# comment\n#10", ["", "word #10"]),
        ('%#10 %:ad "%a b" \'x', ["group %#10", "group %:ad", "group %a b", "word 'x"]),
        ("a\\ b c\\x41 \\,", ["word a b", "word cA", "word ,"]),
        ("ann ALL=/bin/ls -l a\\,b, /x/", ["word ann", "all", "=", "command /bin/ls | -l a,b", ",", "command /x/"]),
        ("ann ALL=/bin/ls a \\\n  b\n", ["word ann", "all", "=", "command /bin/ls | a b"]),
        ("ann ALL=/bin/ls\r\n", ["word ann", "all", "="]),  # the command is lost, so the line is wrong
        ("ann ALL=NOPASSWD : sudoedit /etc/x", ["word ann", "all", "=", "tag NOPASSWD :", "command sudoedit | /etc/x"]),
        ("ann ALL=^/bin/.*$ ^a b$", ["word ann", "all", "=", "command ^/bin/.*$ | ^a b$"]),
        ("ann ALL=CWD=/x ROLE=y", ["word ann", "all", "=", "option CWD", "=", "word /x", "option ROLE", "=", "word y"]),
        ("10.0.0.0/8 fe80::1 1.2.3.4.5 1::2::3", ["address 10.0.0.0/8", "address fe80::1", "word 1.2.3.4.5", "error"]),
        ("Defaults:ann !x, y+=z", ["defaults user", "word ann", "!", "variable x", ",", "variable y", "+=", "word z"]),
        ('Defaults x="a b\\"c"', ["defaults", "variable x", "=", 'word a b"c']),
        ("Defaultsx ALL=ALL", ["word Defaultsx", "all", "=", "all"]),
        ("  User_Alias A=b", ["alias of user", "alias A", "=", "word b"]),
        ("a, \\\nDefaults x", ["word a", ",", "error", "word x"]),  # a folded line begins no other entry
        ("!!a !!!b", ["word a", "!", "word b"]),
        ('"a\nb', ["error", "", "word b"]),
        ("#include x\n@includedir /y z", ["include", "word x", "", "includedir", "word /y", "word z"]),
        ("sha256:00 sha224", ["digest sha256", ":", "digest sha224"]),
    ],
)
def test_tokens(text: str, given: list[str]) -> None:
    found = tokens(text)
    assert (found[:-1] if found[-1] == "" and given[-1] != "" else found) == given


def test_a_nul_ends_a_line() -> None:
    assert ended("a\0b\nc") == "a\nc\n"
    assert ended("") == ""


def test_escapes_of_bytes_are_put_together() -> None:
    assert unescaped("\\xc3\\xa9\\xzz") == "éxzz"


@given(st.text(alphabet=' \t\n\\"#!%+:,=()^$aA/*[]\r\0é1.', max_size=80))
def test_whatever_stands_there_it_ends(text: str) -> None:
    assert len(tokens(text)) <= 2 * len(text) + 2


@pytest.mark.parametrize("piece", ["^a ", "^a,", "\\", '"', " ", "!", "a\\\n", "/a ", "%", "1::", "\\ ", "#1", "a=/x ^", "Defaults!", "sha256:", "sudoedit "])
def test_time_is_linear(piece: str) -> None:
    spent = []
    for size in (20_000, 80_000):
        start = time.process_time()
        tokens(piece * (size // len(piece)))
        spent.append(time.process_time() - start)
    assert spent[1] < 12 * spent[0] + 0.2
