"""Our reader of sudoers: what it keeps of a file that is wrong. That it agrees with cvtsudoers(1) is tested in tests/hosts/test_sudo.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.sudo_doas import sudoers_grammar
from hostcheck_builtin.sudo_doas.sudoers_entries import Alias, DefaultsEntry, SudoRule
from hostcheck_builtin.sudo_doas.sudoers_grammar import Parsed, parse


def read(text: str, files: dict[str, str] | None = None) -> Parsed:
    return parse("/s", text, lambda name, directory, path: [(name, (files or {})[name])] if name in (files or {}) else [])


def told(text: str) -> tuple[list[str], list[int]]:
    parsed = read(text)
    kinds = [f"{entry.of} {entry.name}" if isinstance(entry, Alias) else type(entry).__name__ for entry in parsed.entries]
    return kinds, [place.line for place in parsed.wrong]


@pytest.mark.parametrize(
    ("text", "kept", "wrong"),
    [
        ("ann ALL=ALL\n", ["SudoRule"], []),
        ("ann ALL=ALL : b = ALL\n", ["SudoRule", "SudoRule"], []),
        ("ann ALL=ALL : b =\n", ["SudoRule"], [1]),
        ("ann ALL=ALL : b = foo\n", ["SudoRule"], [1]),
        ("ann ALL=ALL : b = foo : c = ALL\n", ["SudoRule", "SudoRule"], [1]),
        ("ann ALL=ALL : b = (x y) ALL\n", [], [1, 1]),
        ("User_Alias A = x y\n", ["user A"], [1]),
        ("User_Alias A = x : B = : C = y\n", ["user A"], [1]),
        ("User_Alias A = x\nUser_Alias A = y\nRunas_Alias A = z\n", ["user A", "runas A"], [2]),
        ("Defaults x y\nDefaults z\n", ["DefaultsEntry"], [1]),
        ("broken\nann ALL=ALL\n", ["SudoRule"], [1]),
        ("Cmd_Alias C = /x : D = /y, C\n", ["command C", "command D"], []),
        ("ann ALL=sha256:zz /x\n", [], [1]),
        ("ann ALL=CWD=x ALL\n", [], [1]),
    ],
)
def test_what_is_wrong_takes_its_entry_away(text: str, kept: list[str], wrong: list[int]) -> None:
    assert told(text) == (kept, wrong)


def test_a_file_that_ends_too_soon() -> None:
    assert read("ann ALL=ALL\nbob ALL=ALL \\\n").unended
    assert not read("ann ALL=ALL").unended
    assert not read("").unended


def test_a_folded_line_goes_on_behind_the_include() -> None:
    parsed = read("@include a\n= ALL\n", {"a": "ann ALL\\\n"})
    assert [(entry.place.path, entry.place.line) for entry in parsed.entries] == [("a", 1)]


def test_an_include_with_more_behind_it_is_read_all_the_same() -> None:
    parsed = read("@include a b\n", {"a": "ann ALL=ALL\n"})
    assert (len(parsed.entries), len(parsed.wrong)) == (1, 1)


def test_tags_and_runas_go_on_to_the_right() -> None:
    (rule,) = read("ann ALL=(bob) NOPASSWD: /a, /b, PASSWD: /c, (:ops) /d\n").entries
    assert isinstance(rule, SudoRule)
    found = [(one.command.name, one.tags["PASSWD"], one.runas_users[0].name if one.runas_users else "") for one in rule.commands]
    assert found == [("/a", False, "bob"), ("/b", False, "bob"), ("/c", True, "bob"), ("/d", True, "")]


def test_settings() -> None:
    (entry,) = read('Defaults!/bin/ls env_keep += "A B", !setenv, x=1\n').entries
    assert isinstance(entry, DefaultsEntry)
    assert (entry.scope, [tuple(one) for one in entry.settings]) == ("command", [("env_keep", "+=", "A B"), ("setenv", "!", ""), ("x", "=", "1")])


def test_a_list_of_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sudoers_grammar, "MEMBERS", 10)
    parsed = read("ann ALL=ALL\n" + f"{', '.join(['a'] * 20)} ALL=ALL\n")
    assert (len(parsed.entries), parsed.limit) == (1, "the lists in the files of sudo have more than 10 members")


@given(st.lists(st.sampled_from('ann|ALL| |=|,|:|(|)|NOPASSWD:|User_Alias|A|/bin/ls|\\\n|\n|"|#|!|Defaults|x|sha256:|%g|@include|^a$'.split("|")), max_size=40))
def test_whatever_stands_there_it_ends(words: list[str]) -> None:
    read(" ".join(words))
