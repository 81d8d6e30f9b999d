from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polkit.polkit_host import EXEC, LIBVIRT, UNITS, rule
from polkit.stock_rules import PKLA, PRIVILEGES, STOCK
from polkit.test_javascript import PIECES

from hostcheck.host import LimitExceeded, Nonsense
from hostcheck_builtin.polkit.rules_files import RESULTS, RulesFile

WORDS = [
    "polkit.addRule(function(action, subject) {",
    "});",
    "if (subject.local) {",
    "}",
    "return 'yes';",
    "subject.isInGroup('a')",
    "action.id == 'x'",
    *PIECES,
]


def said(text: str, action: str = EXEC) -> list[tuple[str, str]]:
    """Return of each outcome when it holds, in words, and what it is."""
    found = RulesFile("/a.rules", text).of(action).values()
    return [(" or ".join(sorted(" and ".join(sorted(term)) for term in one.when)), one.result) for outcomes in found for one in outcomes]


def body(text: str) -> str:
    return f"polkit.addRule(function(action, subject) {{ {text} }});"


@pytest.mark.parametrize(
    ("condition", "when"),
    [
        ("true", ""),
        (f'action.id == "{EXEC}"', ""),
        (f'action.id !== "{UNITS}"', ""),
        ('action.id.indexOf("org.freedesktop.policykit.") == 0', ""),
        ('action.id.indexOf("policykit") >= 0', ""),
        ('action.id.indexOf("policykit") > -1', ""),
        ('action.id.startsWith("org.") && action.id.endsWith(".exec")', ""),
        (r"action.id.match(/^org\.freedesktop\.policykit\.(exec|other)$/)", ""),
        (r"action.id.match(/exec/) != null", ""),
        (r"/policykit/.test(action.id)", ""),
        (f'["a", "{EXEC}"].indexOf(action.id) >= 0', ""),
        (f'["a", "{EXEC}"].includes(action.id)', ""),
        ('subject.isInGroup("wheel")', "group:wheel"),
        ('!subject.isInGroup("wheel")', "!group:wheel"),
        ('subject.groups.indexOf("wheel") != -1', "group:wheel"),
        ('subject.groups.includes("wheel")', "group:wheel"),
        ('["a", "b"].some(function(g) { return subject.isInGroup(g); })', "group:a or group:b"),
        ('["a", "b"].some(g => subject.isInGroup(g))', "group:a or group:b"),
        ('["a", "b"].every((g) => subject.isInGroup(g))', "group:a and group:b"),
        ('["ann", "bob"].indexOf(subject.user) > -1', "user:ann or user:bob"),
        ('["ann"].indexOf(subject.user) === -1', "!user:ann"),
        ('"ann" == subject.user', "user:ann"),
        ("subject.active == true && subject.local === true", "active and local"),
        ("subject.local == false", "!local"),
        ("subject.local ? subject.active : false", "active and local"),
        ('subject.isInNetGroup("n")', "netgroup:n"),
        ('action.lookup("program") == "/usr/bin/x"', "program:/usr/bin/x"),
        ('action.lookup("command_line") == "/usr/bin/x hunter2"', "unknown"),
        ('subject.user.indexOf("a") == 0', "unknown"),
        ("subject.user.match(/^a/)", "unknown"),
        ("subject.seat", "unknown"),
        ('polkit.spawn(["/bin/true"]) == "x"', "unknown"),
        ("action.id.match(/(a+)+$/)", "unknown"),
        ("action.id == nowhere", "unknown"),
    ],
)
def test_conditions(condition: str, when: str) -> None:
    assert said(rule(condition)) == [(when, "yes")]


@pytest.mark.parametrize(
    "condition",
    [
        "false",
        f'action.id == "{UNITS}"',
        'action.id.indexOf("nowhere") >= 0',
        'action.id.indexOf("freedesktop") == 0',
        r"action.id.match(/^libvirt/) != null",
        '["a"].includes(action.id)',
        "undefined",
        "subject.user == null",
    ],
)
def test_conditions_that_never_hold(condition: str) -> None:
    assert said(rule(condition)) == []


def test_who_starts_a_unit_of_their_own_gives_it_no_name_that_is_taken() -> None:
    named = 'action.lookup("unit") == "web.service"'
    assert said(rule(named), UNITS) == [] and said(rule('["a.service"].indexOf(action.lookup("unit")) >= 0'), UNITS) == []
    assert said(rule('action.lookup("unit").indexOf("web") == 0'), UNITS) == said(rule('action.lookup("verb") == "start"'), UNITS) == [("unknown", "yes")]


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("return polkit.Result.NO;", [("", "no")]),
        ("return polkit.Result.NOT_HANDLED;", []),
        ("return null", []),
        ("return", []),
        ("return 'nonsense'", [("", "no")]),
        ("return polkit.spawn(['x'])", [("", "unknown")]),
        ("if (subject.local) return 'yes'; else return 'no'", [("local", "yes"), ("!local", "no")]),
        ("if (subject.local) { if (subject.active) return 'yes'; } return 'no';", [("active and local", "yes"), ("", "no")]),
        ("if (!subject.local) return null; return 'yes'", [("!local", "not-handled"), ("", "yes")]),
        ("return subject.local ? 'yes' : 'no'", [("local", "yes"), ("!local", "no")]),
        ("var r = 'no'; if (subject.local) { r = 'yes'; } return r", [("", "unknown")]),
        ("var r = false; if (subject.local) { r = true; } if (r) return 'yes'", [("local", "yes")]),
        ("function f(s) { return s.isInGroup('a') || s.isInGroup('b') } if (f(subject)) return 'yes'", [("group:a or group:b", "yes")]),
        ("var ok = false; ['a'].forEach(function(g) { if (subject.isInGroup(g)) ok = true; }); if (ok) return 'yes'", [("unknown", "yes")]),
        ("const YES = polkit.Result.YES; polkit.log('x' + action); return YES", [("", "yes")]),
        (
            "if (subject.local) return 'yes'; else if (subject.active) return 'no'; return 'auth_self'",
            [("local", "yes"), ("!local and active", "no"), ("", "auth_self")],
        ),
        ("function f() { return f() } return f()", [("", "unknown")]),
    ],
)
def test_what_rules_return(text: str, outcomes: list[tuple[str, str]]) -> None:
    assert said(body(text)) == outcomes


def test_administrators() -> None:
    file = RulesFile("/a", 'polkit.addAdminRule(function(a, s) { if (s.local) return ["unix-user:ann"]; return polkit.spawn(["x"]).split("a"); });')
    (outcomes,) = file.of(EXEC).values()
    assert [(one.result, one.identities) for one in outcomes] == [("administrators", ("unix-user:ann",)), ("unknown-administrators", ())]


def test_rules_are_told_by_their_lines() -> None:
    assert list(RulesFile("/a", f"\n{rule('true')}\n{rule('true')}").of(EXEC)) == ["2", "6"]
    assert list(RulesFile("/a", "polkit.addRule(x => 'no'); polkit.addRule(x => 'yes')").of(EXEC)) == ["1", "1.1"]


@pytest.mark.parametrize("name", STOCK)
def test_what_distributions_ship_is_read(name: str) -> None:
    file = RulesFile(f"/usr/share/polkit-1/rules.d/{name}", STOCK[name])
    outcomes = [one for action in (EXEC, UNITS, LIBVIRT) for told in file.of(action).values() for one in told]
    assert file.rules and not any("unknown" in one.result or "unknown" in str(one.when) for one in outcomes)


def test_rules_that_ask_the_older_ones() -> None:
    assert RulesFile("/etc/polkit-1/rules.d/49-polkit-pkla-compat.rules", PKLA).pkla and not RulesFile("/a", SAFE).pkla


SAFE = "// /pkla-check-authorization\n" + rule("true")


def test_a_table_of_all_actions() -> None:
    assert said(PRIVILEGES, LIBVIRT) == [("active and local", "yes"), ("!active and local", "no"), ("", "no")]
    assert said(PRIVILEGES, "org.example.other") == []


def test_what_is_not_read_is_not_quoted() -> None:
    with pytest.raises(Nonsense) as raised:
        RulesFile("/a.rules", "var a = 'hunter2';\nwhile (hunter2) {}")
    assert "hunter2" not in str(raised.value) and "line 2" in str(raised.value)


def nested(text: str, depth: int, chain: int) -> str:
    return "(" * depth + "a" + (text * chain + ")") * depth


@pytest.mark.parametrize(
    "text", [body("return " + nested(".b", 30, 30)), body("return " + nested("+ 'b'", 30, 30)), nested(".b", 30, 30), body("f(" * 15 + ")" * 15)]
)
def test_what_nests_deeply_is_given_up_or_unknown(text: str) -> None:
    try:
        assert all("unknown" in result for _, result in said(text))
    except (LimitExceeded, Nonsense):
        pass


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_any_text_is_worked_through(text: str) -> None:
    try:
        file = RulesFile("/a", text)
    except (Nonsense, LimitExceeded):
        return
    results: set[Any] = {one.result for outcomes in file.of(EXEC).values() for one in outcomes}
    assert results <= {*RESULTS, "not-handled", "unknown", "administrators", "unknown-administrators"}
