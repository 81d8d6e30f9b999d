"""What pam_group gives, by its file; expectations were written by hand and run on Linux-PAM 1.7.0 itself."""

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck_builtin.groups.pam_group import Rule, at_some_time, holds, matches, rules

LINE = "su;*;ann;Al0000-2400;docker"
ALWAYS = "Al0000-2400"
GROUP = "auth optional pam_group.so\n"


def groups(text: str) -> list[tuple[str, ...]]:
    return [rule.groups for rule in rules(text)]


def test_a_rule() -> None:
    assert rules(f"# services;ttys\n\n su ;\ttty* & !ttyp*;ann |  bob ; {ALWAYS} ; docker, audio # by day\n") == [
        Rule(3, "su", "tty* & !ttyp*", "ann | bob", ALWAYS, ("docker", "audio"))
    ]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (f"{LINE}\n", [("docker",)]),
        (f"{LINE}\r\n", [("docker",)]),
        (LINE, []),  # the last line needs a newline
        (f"{LINE} # and a comment does for one", [("docker",)]),
        (f"#{LINE}\n", []),
        (f"#\\\n{LINE}\n", [("docker",)]),
        (f"{LINE};\n", []),
        (f"{LINE};x\n{LINE}\n", [("docker",)]),
        (f"{LINE};{LINE}\n", [("docker",)]),  # the first line ends where it should not, and what is left is a rule of its own
        (f"su;*;ann;{ALWAYS}\n;docker\n", []),
        (f"su;*;ann;{ALWAYS};\\\n  docker\n", [("docker",)]),
        (f"su;*;ann;{ALWAYS};\n", []),
        (f"su;*;ann;{ALWAYS};docker audio\tdisk|kvm&a_b,c-d\n", [("docker", "audio", "disk", "kvm", "a_b", "c-d")]),
        (f"su;*;ann;{ALWAYS};docker !disk\n", [("docker", "isk")]),
        (f"su;*;ann;{ALWAYS};do.cker\n", [("do", "cker")]),
        (f";su;*;ann;{ALWAYS};docker\n", [("docker",)]),
        (f"su;*;ann;{ALWAYS};{' ' * 990}docker\n", [("docker",)]),
        (f"su;*;ann;{ALWAYS};{' ' * 994}docker\n", []),
        (f"su;*;ann;{ALWAYS}{' ' * 1000};docker\n{LINE}\n", [("docker",)]),
        (f"#{'x' * 3000};\n{LINE}#{'y' * 3000}\n{LINE}\n", [("docker",), ("docker",)]),
    ],
)
def test_lines_count_where_they_count_for_the_module(text: str, given: list[tuple[str, ...]]) -> None:
    assert groups(text) == given


def test_a_nul_is_nonsense() -> None:
    with pytest.raises(Nonsense):
        rules(f"{LINE}\n\0")


@pytest.mark.parametrize(
    ("field", "who", "given"),
    [
        ("ann", "ann", True),
        ("ann", "anna", False),
        ("*", "ann", True),
        ("a*", "ann", True),
        ("*n", "ann", True),
        ("an*nn", "ann", True),  # what is before and behind a star may overlap
        ("a*b*", "ab*", True),
        ("a*b*", "abc", False),
        ("!ann", "ann", False),
        ("!!ann", "ann", True),
        ("bob|ann", "ann", True),
        ("bob | !ann & ann", "ann", False),
        ("ann | bob & bob", "ann", False),  # from left to right: and does not bind closer
        ("bob,ann", "ann", False),
        ("ann bob", "ann", False),
        ("ann|", "ann", True),
        ("|ann", "ann", False),
        ("ann!bob", "ann", False),
        ("", "ann", False),
        ("!", "ann", False),
        ("élan|ann", "ann", True),  # what no name may have ends one, or is passed over
    ],
)
def test_lists_are_logic_from_left_to_right(field: str, who: str, given: bool) -> None:
    assert holds(field, partial(matches, name=who)) is given


@pytest.mark.parametrize(
    ("times", "given"),
    [
        (ALWAYS, True),
        ("al0000-2400", True),
        ("WkWd0000-2400", True),
        ("Al", True),
        ("Wk900", True),
        ("Al00002400", True),
        ("Al1200-1159", True),
        ("Al1200-1200", True),
        ("Wk0900-1800", None),
        ("!Wk0900-1800", None),
        ("!Al0000-2400", False),
        ("MoMo0000-2400", False),
        ("0900-1800", False),
        ("Xx0000-2400", False),
        ("Mox0000-2400", False),
        ("Al0000-2400&Mo0100-0200", None),
        ("Mo0100-0200|Al0000-2400", True),
        ("Mo0100-0200&!Al0000-2400", False),
    ],
)
def test_times(times: str, given: bool | None) -> None:
    assert holds(times, at_some_time) is given


@given(st.lists(st.sampled_from(["a", "b", "?", "&", "|", "!", " ", ","]), max_size=12), st.booleans(), st.booleans())
def test_what_is_said_to_hold_holds_whatever_is_not_known(tokens: list[str], one: bool, other: bool) -> None:
    """`?` may be either: an answer must be that of each."""
    field = "".join(tokens).replace("?", "x")
    known = {"a": True, "b": False}
    told = holds(field, lambda token: known.get(token, None if set(token) == {"x"} else one))
    for value in (True, False):
        sure = holds(field, lambda token, value=value: known.get(token, value if set(token) == {"x"} else one))  # type: ignore[misc]
        assert told is None or told is sure


@given(st.text(alphabet=st.sampled_from("su;ann*&|!# \\\n\t,Al0-9é\udcff"), max_size=200))
def test_any_text_is_read(text: str) -> None:
    for rule in rules(text):
        assert rule.groups and 1 <= rule.line <= text.count("\n") + 1
        for field in rule[1:5]:
            assert "\n" not in field and ";" not in field and field == field.strip(" ")
            holds(field, at_some_time)


REAL = """
import ctypes, json, os, subprocess, sys
place, cases = sys.argv[1], json.load(sys.stdin)
def bind(name, source):
    subprocess.run(["mount", "--no-mtab", "--bind", source, name], check=True)
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
for name in ("group", "passwd", "pam.d", "security"):
    bind(f"/etc/{name}", f"{place}/{name}")
pam = ctypes.CDLL("libpam.so.0")
Talk = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
class Conversation(ctypes.Structure):
    _fields_ = [("talk", Talk), ("data", ctypes.c_void_p)]
silent = Conversation(Talk(lambda *_: 0), None)
for text in cases:
    with open("/etc/security/group.conf", "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.setgroups([])
        handle = ctypes.c_void_p()
        pam.pam_start(b"svc", b"ann", ctypes.byref(silent), ctypes.byref(handle))
        pam.pam_set_item(handle, 3, b"tty1")
        pam.pam_setcred(handle, 2)
        print(json.dumps(sorted(set(os.getgroups()))), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print("null", flush=True)  # a file that ends behind the fourth separator makes the module crash
"""
GIDS = {"docker": 7001, "audio": 7002, "a-b": 7003, "c_d": 7004}
FIELDS = (
    st.sampled_from(["svc", "*", "s*c", "sv", "!svc", "xx|svc", "svc,xx", "", "svc|!svc&xx"]),
    st.sampled_from(["*", "tty1", "tty*", "!tty*", "tty*&!ttyp*", ""]),
    st.sampled_from(["ann", "*", "ann|bob", "!bob", "bob", "a*n", "an*nn", "ann bob", "!ann&ann|bob", "ann\r"]),
    st.sampled_from([ALWAYS, "Al", "!Al0000-2400", "MoMo0000-2400", "Xx0000-2400", "Al00-2400", "Al0000-240", "Al1200-1159", ""]),
    st.sampled_from(["docker", "docker audio", "docker,audio", "a-b", "c_d", "docker & audio", "!docker", "docker!audio", "7001", "docker\\\n,audio", ""]),
)
USUAL = ("svc", "*", "ann", ALWAYS, "docker")
FIELD = [st.just(usual) | field for usual, field in zip(USUAL, FIELDS, strict=True)]
BETWEEN = st.just(";") | st.sampled_from([" ; ", ";\t", "; \\\n", "\\;", ";;", ";" + " " * 990])
ENDS = st.just("\n") | st.sampled_from(["", "\r\n", " # c\n", "#c", "\n\n", ";x\n", " " * 400 + "\n", "#" + "x" * 1200 + "\n", "\\\n"])
LINES = st.builds(lambda fields, between, end: between.join(fields) + end, st.tuples(*FIELD), BETWEEN, ENDS)


def by_hand(text: str) -> list[int]:
    """Return the groups of ann at svc on tty1, by the reader."""
    found = set()
    for rule in rules(text):
        fits = [(rule.services, partial(matches, name="svc")), (rule.ttys, partial(matches, name="tty1")), (rule.users, partial(matches, name="ann"))]
        if all(holds(field, agrees) for field, agrees in fits) and holds(rule.times, at_some_time):
            found |= {GIDS[name] for name in rule.groups if name in GIDS}
    return sorted(found)


@pytest.mark.root
def test_the_module_itself_gives_the_same() -> None:
    texts: list[str] = []

    @given(st.lists(LINES, min_size=1, max_size=4))
    def draw(drawn: list[str]) -> None:
        texts.append("".join(drawn))

    draw()
    with tempfile.TemporaryDirectory(prefix="hostcheck-pam-", dir="/var/tmp") as name:
        place = Path(name)
        for folder in ("pam.d", "security"):
            (place / folder).mkdir()
        (place / "pam.d" / "svc").write_text(f"{GROUP}auth required pam_permit.so\n")
        (place / "group").write_text("root:x:0:\n" + "".join(f"{name}:x:{gid}:\n" for name, gid in GIDS.items()))
        (place / "passwd").write_text("root:x:0:0::/:/bin/sh\nann:x:7101:7101::/:/bin/sh\n")
        done = subprocess.run(
            ["unshare", "--mount", sys.executable, "-I", "-c", REAL, name], input=json.dumps(texts), stdout=subprocess.PIPE, text=True, check=True
        )
    real = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(real) and [] in real
    assert all(text.endswith(";") or told is not None for text, told in zip(texts, real, strict=True))
    assert [(text, told) for text, told in zip(texts, real, strict=True) if told is not None and told != by_hand(text)] == []
