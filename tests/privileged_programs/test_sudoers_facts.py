import pytest

from hostcheck_builtin.privileged_programs.sudoers_facts import StatedSudoers, arguments, path_kind
from hostcheck_builtin.sudo_doas.sudoers_entries import Member
from hostcheck_builtin.sudo_doas.sudoers_grammar import parse

SECRET = "hunter2"


def stated(text: str) -> StatedSudoers:
    told = StatedSudoers(is_past=lambda when: {"2020": True, "2099": False}.get(when[:4]))
    for entry in parse("/s", text, lambda name, directory, path: []).entries:
        told.add(entry)
    return told


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        (None, "any"),
        ("*", "any"),
        ('""', "none"),
        ("a b", "given"),
        ("a*", "wildcard"),
        ("a\\*", "wildcard"),
        ("^a$", "regex"),
        ("^a", "given"),
        ("[a]", "wildcard"),
    ],
)
def test_arguments(args: str | None, kind: str) -> None:
    assert arguments(Member("command", "/x", args=args)) == kind


@pytest.mark.parametrize(
    ("name", "kind"), [("/x", "plain"), ("/x/", "directory"), ("/x*", "wildcard"), ("^/x$", "regex"), ("sudoedit", "word"), ("list", "word"), ("/a b", "plain")]
)
def test_paths(name: str, kind: str) -> None:
    assert path_kind(name) == kind


def test_no_argument_and_no_value_leaves() -> None:
    text = f'ann ALL=/bin/mysql -p{SECRET}, /x ^{SECRET}$\nDefaults env_keep+="A={SECRET}", passprompt="{SECRET}", setenv\nCmnd_Alias C = /x {SECRET}\n'
    told = stated(text)
    assert SECRET not in repr((told.aliases, told.defaults, told.rules))
    assert told.defaults["/s:2"]["settings"] == [{"name": "env_keep", "sign": "+=", "values": ["A"]}, {"name": "setenv", "sign": ""}]


def test_files_of_a_sudoedit_are_told() -> None:
    (rule,) = stated("ann ALL=sudoedit /etc/a /etc/b, sudoedit /etc/*\n").rules.values()
    assert [one["command"]["name"] for one in rule["commands"]] == ["sudoedit /etc/a /etc/b", "sudoedit"]


def test_the_same_arguments_have_the_same_number() -> None:
    (rule,) = stated("ann ALL=/x a, /x b, /x a, /y a\n").rules.values()
    numbers = [one["command"]["variant"] for one in rule["commands"]]
    assert numbers[0] == numbers[2] and len(set(numbers)) == 3


def test_a_list_is_stated_once() -> None:
    (rule,) = stated("ann ALL=(bob) /a, /b, (cat) /c, /d\n").rules.values()
    assert [one["runas"] for one in rule["commands"]] == [0, 0, 1, 1]
    assert [one["users"][0]["name"] for one in rule["runas"]] == ["bob", "cat"]


def test_two_rules_of_one_line() -> None:
    assert list(stated("ann ALL=ALL : x=ALL\n").rules) == ["/s:1", "/s:1#2"]


@pytest.mark.parametrize(
    ("options", "stated_"),
    [
        ("NOTAFTER=20200101000000Z", ["OVER"]),
        ("NOTAFTER=20990101000000Z", []),
        ("NOTAFTER=20300101000000Z", ["NOTAFTER"]),
        ("NOTBEFORE=20200101000000Z", []),
        ("NOTBEFORE=20990101000000Z", ["NOTBEFORE"]),
        ("NOTBEFORE=20200101000000Z NOTAFTER=20990101000000Z CWD=/", ["CWD"]),
    ],
)
def test_when_a_rule_counts(options: str, stated_: list[str]) -> None:
    ((rule),) = stated(f"ann ALL=(ALL) {options} ALL\n").rules.values()
    assert rule["commands"][0]["options"] == stated_
