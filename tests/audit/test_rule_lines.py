"""A line of a rules file, as auditctl -R takes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.audit.audit_rules import AuditRule
from hostcheck_builtin.audit.rule_lines import RuleLine, line

X = AuditRule("exit", "always", "/x", None, at="f:1")
P = X._replace(tree=False)


def told(text: str) -> RuleLine:
    return line(text, "f:1")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("-w /x", X),
        ("  -w  /x  -k  a", X),
        ("-w/x -pwa", X),
        ("-w /x -p rwxa -k docker", X),
        ("-w /x// -p wa", X),
        ("-w /x -p w", X._replace(perms="w")),
        ("-w /x -p x", X._replace(perms="")),
        ("-w /a\\ b", X._replace(path="/a b")),
        ('-w /x"', X._replace(path='/x"')),
        ("-w /x\r", X._replace(path="/x\r")),
        ("-w /x -k a\r", X),
        ("-w /", X._replace(path="/")),
        ("-a always,exit -F path=/x", P),
        ("-a exit,always -F path=/x -F perm=wa -F key=a", P),
        ("-A always,exit -F path=/x -F perm=wa", P),
        ("-a always,exit -F dir=/x/ -F perm=wa -S all", P._replace(tree=True)),
        ("-a always,exit -F path=/x -p wa", P),
        ("-a always,exit -S all -k a -F path=/x", P),
        ("-S all -a always,exit -F path=/x", P),
        ("-w /x -S chmod", X),
        ("-w /x -F uid=0", X._replace(only=("uid",))),
        ("-w /x -p wa -p x", X._replace(perms="")),
        ("-a always,exit -F path=/x -F perm=wa -F perm=r", P._replace(perms="", only=("perm",))),
        ("-a always,exit -F arch!=b64 -F path=/x", P._replace(only=("arch",))),
        ("-a always,exit -F arch=b64 -F path=/x", P._replace(bits=(64,))),
        ("-a always,exit -F arch=b32 -F path=/x", P._replace(bits=(32,))),
        ("-a always,exit -F arch=sparc -F path=/x", P._replace(bits=())),
        ("-a never,exit -F arch=sparc -F path=/x", P._replace(action="never")),
        ("-a always,exit -F path=/x -F success=1", P),
        ("-a always,exit -F path=/x -F success!=1", P._replace(only=("success",))),
        ("-a always,exit -F path=/x -F auid>=1000 -F auid!=unset", P._replace(only=("auid", "auid"))),
        ("-a always,exit -F path=/x -C uid!=euid", P._replace(only=("a comparison",))),
        ("-a always,exit -S chmod -F path=/x", P._replace(perms="")),
        ("-a never,exit -S chmod -F path=/x", P._replace(action="never", perms="a")),
        ("-a never,exit -S adjtimex -S clock_settime,x", AuditRule("exit", "never", perms="", at="f:1")),
        ("-a never,task", AuditRule("task", "never", at="f:1")),
        ("-a task,never", AuditRule("task", "never", at="f:1")),
        ("-a always,exclude -F msgtype=SYSCALL", AuditRule("exclude", "always", only=("msgtype",), at="f:1")),
        ("-a always,exclude -F msgtype>=1300", AuditRule("exclude", "always", only=("msgtype",), at="f:1")),
        ("-a always,exclude -F msgtype=CWD", None),
        ("-a never,filesystem -F fstype=tracefs", None),
        ("-a never,filesystem -F fstype=0x9123683E", AuditRule("filesystem", "never", only=("fstype",), at="f:1")),
        ("-a entry,always -S all", None),
        ("-a exit,possible -S all", None),
    ],
)
def test_a_rule(text: str, rule: AuditRule | None) -> None:
    assert (told(text).rule, told(text).wrong) == (rule, "")


def test_a_rule_that_is_put_first() -> None:
    assert told("-A always,exit -F path=/x").first and not told("-a always,exit -F path=/x").first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", RuleLine()),
        ("   ", RuleLine()),
        ("# -w /x", RuleLine()),
        ("   #x", RuleLine()),
        ("-b 8192", RuleLine()),
        ("-f 1", RuleLine()),
        ("-r 0", RuleLine()),
        ("--backlog_wait_time 60000", RuleLine()),
        ("--backlog_wait_time=60000", RuleLine()),
        ("--loginuid-immutable", RuleLine()),
        ("-D", RuleLine(takes_back="")),
        ("-D -k x", RuleLine(takes_back="")),
        ("-e 0", RuleLine(enabled=0)),
        ("-e2", RuleLine(enabled=2)),
        ("-c", RuleLine(goes_on=True)),
        ("-i", RuleLine(goes_on=True)),
        ("-W /x -p wa", RuleLine(takes_back="/x")),
        ("-d always,exit -F path=/x", RuleLine(takes_back="/x")),
        ("-d always,exit -S all", RuleLine(takes_back="")),
    ],
)
def test_what_adds_no_rule(text: str, expected: RuleLine) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "-w",
        "-w x",
        '-w "/x"',
        "-w\t/x",
        "\t# a tab is no space",
        "-w /x -p",
        "-w /x -p wz",
        "-w /x -p wa\r",
        "-w /x -w /y",
        "-F uid=0 -w /x",
        "-C uid!=euid -a always,exit -F path=/x",
        "-k a -w /x",
        "-k a -F path=/x -a always,exit",
        "-a always,exit -k a -F path=/x",
        "-a always,exit -p wa -F path=/x",
        "-p wa -w /x",
        "-w /x -a always,exit",
        "-a always,exit -F path=/x/",
        "-a always,exit -F path=/x -F dir=/y",
        "-w /x -F path=/y",
        "-a always,exit -F frob=1",
        "-a always,exit -F path",
        "-a always,exit -F path!=/x",
        "-a always,exit -F =x",
        "-a always,exit -F perm=q -F path=/x",
        "-a always",
        "-a always,exit,exit",
        "-a always,watch",
        "-F path=/x",
        "-S open",
        "-e",
        "-e 3",
        "-e 1\r",
        "-z",
        "--frob",
        "word",
        "-w /x word",
        "-",
        "x" * 6144,
    ],
)
def test_a_line_that_auditctl_does_not_take(text: str) -> None:
    assert told(text).wrong and told(text).rule is None


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(["-w", "/x", "-p", "wa", "-a", "always,exit", "-F", "path=/x", "-k", "-e", "2", "-D", "#"])).map(" ".join)
)
def test_any_line_is_read_and_never_quoted(text: str) -> None:
    found = told(text)
    assert found.wrong or found.rule is None or found.rule.path == "" or found.rule.path.startswith("/")
    assert len(found.wrong) < 80
