"""YAML of a host: what is read, what is refused, that nothing in it breaks the reader, takes it long, or shows in a message."""

import subprocess
import sys
import time
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.api import LimitExceeded, Nonsense, Unsupported
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.yaml_file import Undecided, read

BOTH = pytest.mark.parametrize("safe_load", [False, True])
REFUSED = (Unsupported, LimitExceeded, Nonsense)


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with libyaml, and as if it were not there."""
    if request.param == "python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


@pytest.mark.usefixtures("parser")
@BOTH
@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("", None),
        ("# nothing\n---\n", None),
        ("~", None),
        ("a", "a"),
        ("a: [b, {c: d}]\ne:\n- - f\n  - g: h\n", {"a": ["b", {"c": "d"}], "e": [["f", {"g": "h"}]]}),
        ('{"a":"b","c":[]}', {"a": "b", "c": []}),
        ('a: \'b\'\n"c": "d # e" # f\n', {"a": "b", "c": "d # e"}),
        ("a:\nb: null\nc: ~\nd: ''\n", {"a": None, "b": None, "c": None, "d": ""}),
        (
            "a: yes\nb: 'yes'\nc: 0o17\nd: 017\ne: 1:30\nf: 2001-01-01\n",
            dict(zip("abcdef", [Undecided("yes"), "yes", "0o17", *map(Undecided, ("017", "1:30", "2001-01-01"))], strict=True)),
        ),
        ("1: a\nyes: b\n'1': c\n", {Undecided("1"): "a", Undecided("yes"): "b", "1": "c"}),
        ("é: 'ü'\r\n😀: [😀]\r\n", {"é": "ü", "😀": ["😀"]}),
        ('a: "\\x62"\n', {"a": Undecided('"\\x62"')}),
        ("a: b\n  c\n", {"a": Undecided("b\n  c")}),
        ("a: 'it''s'\n", {"a": Undecided("'it''s'")}),
        ("--- {a: b}\n...\n", {"a": "b"}),
        ("? a\n: b\n", {"a": "b"}),
        ("a: [~, b]\n", {"a": [None, "b"]}),
        ("1" * 100, Undecided("1" * 100)),
    ],
)
def test_what_a_file_says(text: str, document: Any, safe_load: bool) -> None:
    assert read("x", text.encode(), safe_load=safe_load) == document


@BOTH
def test_a_block_is_there_and_is_as_it_is_written(safe_load: bool) -> None:
    assert read("x", b"a: |\n  b\nc: d\n", safe_load=safe_load) == {"a": Undecided("|\n  b\n"), "c": "d"}


def test_a_byte_order_mark_is_no_part_of_what_safe_load_reads() -> None:
    assert read("x", b"\xef\xbb\xbfa: b\n", safe_load=True) == {"a": "b"}


LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: *b\n"


@pytest.mark.usefixtures("parser")
@BOTH
@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "a: &a [*a]\n",
        "a: *b\n",
        "&a b: c\n",
        "a: &b\n",
        "a: !b c\n",
        "a: ! c\n",
        "a: !!str c\n",
        "!!set {a, b}\n",
        "!<tag:yaml.org,2002:python/object/apply:os.system> [id]\n",
        "a: b\na: c\n",
        "'a': b\n\"a\": c\n",
        "a: {b: c, d: e, b: f}\n",
        "1: a\n1: b\n",
        "~: a\n? \n: b\n",
        "<<: {a: b}\n",
        "a: {<<: {b: c}, b: d}\n",
        "? [a]\n: b\n",
        '"\\x61": b\n',
        "'it''s': b\n",
        "? |-\n  a\n: b\n",
        "? >-\n  a\n: b\n",
        "? a\n  b\n: c\n",
        "? 'a\n  b'\n: c\n",
        "{{a: b}: c}\n",
        "a: b\n---\na: c\n",
        "a: b\n...\nc: d\n",
        "---\n---\n",
        "a: b\n\tc: d\n",
        "\ta\n",
        "a: [b",
        "a: {b: c",
        "a: 'b",
        'a: "b',
        "a: b: c\n",
        "a: [b]]\n",
        "a: %b\n",
        "a: @b\n",
        '"\\UFFFFFFFF"',
        '"\\U00110000"',
        "a\0b",
        "a: \x01\n",
        "a: \x7f\n",
        "%YAML 3.0\n---\n",
    ],
)
def test_what_programs_need_not_agree_on_is_refused(text: str, safe_load: bool) -> None:
    with pytest.raises(Unsupported, match="^x: "):
        read("x", text.encode(), safe_load=safe_load)


@pytest.mark.parametrize("text", ["{?a: b}", "{? a: b}", "a:\n-\nb: c\n", "a:\n- ~\n", "a:\n  ?\nb: c\n"])
def test_what_goccy_reads_otherwise_is_refused_but_for_safe_load(text: str) -> None:
    with pytest.raises(Unsupported):
        read("x", text.encode())
    assert read("x", text.encode(), safe_load=True)


def test_a_tab_is_disputed_in_brackets_only() -> None:
    with pytest.raises(Unsupported):
        read("x", b"[a,\tb]")
    assert read("x", b"a: |\n  {\tb\nc: [d] # [\te\n") == {"a": Undecided("|\n  {\tb\n"), "c": ["d"]}


@pytest.mark.parametrize("text", ["=", "[<<]", "2001-99-99", "0x_", "1" * 101, "1" + ":1" * 100, "a:\t[]"])
def test_what_safe_load_does_not_take_is_refused_for_it_alone(text: str) -> None:
    with pytest.raises(Unsupported):
        read("x", text.encode(), safe_load=True)
    assert read("x", text.encode()) in (Undecided(text), [Undecided("<<")], {"a": []})


@BOTH
def test_what_is_not_utf8_or_too_long_is_not_read(safe_load: bool) -> None:
    for raw in (b"a: \xff\n", b"a: \xed\xa0\x80\n", "a: b\n".encode("utf-16")):
        with pytest.raises(Nonsense, match="^x: not UTF-8$"):
            read("x", raw, safe_load=safe_load)
    assert read("x", b"#" * bounds.YAML_FILE_BYTES, safe_load=safe_load) is None
    with pytest.raises(LimitExceeded, match="^x: more than 1048576 bytes$"):
        read("x", b"#" * (bounds.YAML_FILE_BYTES + 1), safe_load=safe_load)


@pytest.mark.usefixtures("parser")
@BOTH
@pytest.mark.parametrize(("start", "middle", "end"), [("[", "a", "]"), ("{a: ", "b", "}"), ("- ", "a", ""), ("[{a: ", "b", "}]")])
def test_sixty_four_levels_are_read_and_one_more_is_not(start: str, middle: str, end: str, safe_load: bool) -> None:
    levels = bounds.YAML_NESTING // (start + "x").count("[") // 2 if start == "[{a: " else bounds.YAML_NESTING
    assert read("x", (start * levels + middle + end * levels).encode(), safe_load=safe_load)
    with pytest.raises(LimitExceeded, match="^x: deeper than 64$"):
        read("x", (start * (levels + 1) + middle + end * (levels + 1)).encode(), safe_load=safe_load)


HEAVY = {
    "brackets": b"[" * 10_000,
    "brackets in brackets": b"[" * 10_000 + b"]" * 10_000,
    "a megabyte of braces": b"{" * bounds.YAML_FILE_BYTES,
    "dashes": b"- " * 10_000,
    "questions": b"? " * 10_000,
    "columns": b"\n".join(b" " * column + b"a:" for column in range(1_000)),
    "laughs": LAUGHS.encode() * 10_000,
    "a number to base 60": b"1" + b":1" * 100_000,
    "digits": b"1" * bounds.YAML_FILE_BYTES,
    "lines in quotes": b'"' + b"\n" * (bounds.YAML_FILE_BYTES - 2) + b'"',
    "an alias": b"*" + b"a" * (bounds.YAML_FILE_BYTES - 1),
    "nothing": b"\0" * bounds.YAML_FILE_BYTES,
    "documents": b"---\n" * 10_000,
    "keys": b"".join(b"k%d: v\n" % number for number in range(20_000)),
    "levels that are wide": b"[" * 60 + b"a," * 30_000 + b"]" * 60,
}


@BOTH
@pytest.mark.parametrize("name", HEAVY)
def test_no_file_takes_long(name: str, safe_load: bool) -> None:
    began = time.process_time()
    try:
        read("x", HEAVY[name], safe_load=safe_load)
    except REFUSED:
        pass
    assert time.process_time() - began < 5


def test_what_is_cut_within_brackets_or_quotes_is_refused() -> None:
    text = b'{"a": [{"b": "c"}, {"d": "e"}]}'
    for end in range(1, len(text)):
        with pytest.raises(Unsupported):
            read("x", text[:end], safe_load=bool(end % 2))


@BOTH
def test_no_message_quotes_a_file(safe_load: bool) -> None:
    secret = "hunter2"
    texts = [
        f"a: {prefix}{secret}{suffix}\n"
        for prefix in ("!", "&", "*", "%", "@", "'", '"\\', "[", "{? ", "! ", "!!", "b: ", "&x ", "|9")
        for suffix in ("", " b", "]]")
    ]
    texts += [
        f"a: {secret}\na: {secret}\n",
        f"{secret}: a\n{secret}: a\n",
        f"- {secret}\n---\n{secret}\n",
        f"? [{secret}]\n: a\n",
        f"{{<<: {secret}}}",
        f"%{secret}\n---\n",
        f"[{secret},\t]",
        "1" * 50 + secret,
    ]
    refused = 0
    for text in texts:
        try:
            read("x", text.encode(), safe_load=safe_load)
        except REFUSED as error:
            refused += 1
            assert secret not in str(error)
    assert refused > 30
    with pytest.raises(Unsupported, match=r"^x: no YAML at line 2$"):
        read("x", b"a: b\nc: @d\n", safe_load=safe_load)
    with pytest.raises(Unsupported, match=r"^x: a mapping in which a key stands twice, at line 2$"):
        read("x", b"# b\na: c\na: d\n", safe_load=safe_load)


MARKS = [
    " ",
    "  ",
    "\n",
    "\n  ",
    "\t",
    "\r",
    "- ",
    "? ",
    ": ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "#",
    "&a ",
    "*a",
    "!t ",
    "|",
    ">-\n",
    "'",
    '"',
    "%",
    "---\n",
    "...\n",
    "a",
    "1",
    "yes",
    "~",
    "<<",
    "=",
    "\\",
    "\\ud800",
    "\0",
    "\x85",
    "\ufeff",
    "é",
    "0x_",
    "1:2",
]


@pytest.mark.usefixtures("parser")
@BOTH
@example(raw=b'"\\U7FFFFFFF"')
@example(raw=b"%YAML 1." + b"1" * 5000 + b"\n---\n")
@given(raw=st.binary(max_size=60) | st.lists(st.sampled_from(MARKS), max_size=20).map(lambda parts: "".join(parts).encode()))
def test_any_bytes_are_a_document_or_refused(raw: bytes, safe_load: bool) -> None:
    try:
        waiting = [read("x", raw, safe_load=safe_load)]
    except REFUSED as error:
        assert str(error).startswith("x: ")
        return
    while waiting:
        one = waiting.pop()
        assert one is None or isinstance(one, str | Undecided | list | dict)
        waiting += one if isinstance(one, list) else [*one, *one.values()] if isinstance(one, dict) else []


TEXTS = st.text("ab z09-_./~:#'é", max_size=8)
TREES = st.recursive(st.none() | TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=12)


@BOTH
@given(tree=TREES, flow=st.sampled_from([None, False, True]))
def test_what_pyyaml_writes_is_read_back(tree: Any, flow: bool | None, safe_load: bool) -> None:
    raw = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True, width=1 << 20, sort_keys=False).encode()
    try:
        read_back = read("x", raw, safe_load=safe_load)
    except Unsupported as error:
        assert any(reason in str(error) for reason in ("is <<", *(() if safe_load else ("an empty item or key", "a tab or a question mark"))))
        return
    waiting = [(tree, read_back)]
    while waiting:
        one, other = waiting.pop()
        if isinstance(other, Undecided):  # an apostrophe in quotes, which is written twice
            assert isinstance(one, str) and yaml.safe_load(other.text) == one
        elif isinstance(one, list):
            waiting += zip(one, other, strict=True)
        elif isinstance(one, dict):
            waiting += zip([*one, *one.values()], [*other, *other.values()], strict=True)
        else:
            assert one == other


LAZY = """
import sys
from hostcheck.host import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.desktop import probe_user_desktop_vms
from hostcheck_builtin.groups import probe_group_grants

HOME, OTHERS = "/home/ann", {"/etc/cloud/cloud.cfg": "a: b\\n"}
FILES = {"/etc/passwd": f"ann:x:1000:1000::{HOME}:/bin/sh\\n", "/proc/self/mountinfo": "27 1 254:0 / / rw - ext4 /dev/vda rw\\n", "/bin/sh": ""}
FILES |= {"/proc/self/status": "CapEff:\\t0000000000000002\\n", f"{HOME}/.lima/a/x": ""}
TELLING = {"cloud": {"/etc/cloud/cloud.cfg": "users: []\\n"}, "lima": {f"{HOME}/.lima/a/lima.yaml": "mounts: []\\n"}}
files = {**FILES, **OTHERS, **TELLING.get(sys.argv[1], {})}
owned = {path: Stat(type="file" if path in files else "dir", uid=1000, gid=1000, mode=0o755) for path in (HOME, f"{HOME}/.lima", f"{HOME}/.lima/a", *files)}
host = MemoryHost(files, stats={path: stat for path, stat in owned.items() if path.startswith(HOME)})
print(probe_group_grants.collect(host)["cloud_init"], probe_user_desktop_vms.collect(host)["users"], "yaml" in sys.modules)
"""


@pytest.mark.parametrize(("name", "facts"), [("none", "{} {} False"), ("cloud", "{} {} True"), ("lima", "'shares': {}}}}} True")])
def test_yaml_is_imported_only_where_there_is_such_a_file(name: str, facts: str) -> None:
    done = subprocess.run([sys.executable, "-c", LAZY, name], capture_output=True, text=True, check=False)
    assert done.stdout.endswith(f"{facts}\n"), (done.stdout, done.stderr)
