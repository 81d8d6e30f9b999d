"""The mounts of a lima.yaml: what both of the parsers read there that Lima 1.0.2 to 2.2 asks (goccy/go-yaml 1.15 to 1.19, yaml.v3), or nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.api import LimitExceeded, Nonsense, Unsupported
from hostcheck_builtin.desktop.lima_mounts import LimaMount, mounts

COMMENTED = """\
# BASIC CONFIGURATION
vmType: null

images:
# a comment between
- location: "https://example.org/a.img"
  arch: "x86_64"
- location: 'https://example.org/b.img'  # another
  arch: x86_64

mounts:
- location: "~"
  # Configure the mountPoint inside the guest.
  mountPoint: null
  writable: null
  sshfs:
    cache: null
    followSymlinks: true
  9p:
    msize: "128KiB"
- location: "/tmp/lima"
  # this file: true
  writable: true  # for all

mountType: null
provision:
- mode: system
  script: |
    #!/bin/bash
    mounts:
    - location: "/"
      writable: true
message: |
  mounts: everything
"""
GENERATED = """\
vmType: qemu
mounts:
    - location: /home/ann
      writable: true
      9p:
        cache: mmap
    - location: /tmp/colima
      mountPoint: /tmp/colima
      writable: false
env: {}
networks: []
"""


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        (COMMENTED, [("~", None), ("/tmp/lima", True)]),
        (GENERATED, [("/home/ann", True), ("/tmp/colima", False)]),
        ("", []),
        ("---\nmounts: []\n", []),
        ("mounts: [ ]  # none\n", []),
        ("mounts:\n", []),
        ("mounts: # none\nbase: # none\n", []),
        ("mounts:\n- location: /x\n  sshfs: # how\n    cache: null\n  writable: true\n", [("/x", True)]),
        ("mounts: null\nbase: ~\n", []),
        ("mounts:\r\n- location: '/a b'\r\n", [("/a b", None)]),
        ('mounts:\n- writable: False\n  "location": "{{.Home}}/x"\n', [("{{.Home}}/x", False)]),
        ("mounts:\n- location: /srv/a#b # c\n", [("/srv/a#b", None)]),
        ("mounts:\n- location: /x\n  writable: true\ncpus: 4", [("/x", True)]),
    ],
)
def test_what_lima_reads_there(text: str, listed: list[tuple[str, bool | None]]) -> None:
    assert mounts("x", text.encode()) == [LimaMount(*one) for one in listed]


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ('{"mounts": [{"location": "/", "writable": true}]}', [("/", True)]),
        ('{"mounts":[{"location":"/","writable":true}]}', [("/", True)]),
        ("mounts: [{location: /, writable: true}, {location: '~'}]\n", [("/", True), ("~", None)]),
        ("mounts: [\n  {location: /a, # the first\n   writable: false},\n]\n", [("/a", False)]),
        ("mounts: [location: /a]\n", [("/a", None)]),
        ("mounts:\n- {location: '/a, b', sshfs: {cache: false}}\n", [("/a, b", None)]),
        ("mounts:\n-\n  location: /\n", [("/", None)]),
        ("mounts:\n- location:\n    /a\n  writable:\n    true\n", [("/a", True)]),
        ('"mounts":\n- location: /\n', [("/", None)]),
        ("? mounts\n: - location: /\n", [("/", None)]),
        ("--- # the file\nmounts:\n- location: /a\n...\n", [("/a", None)]),
        ('message: "over\nmounts: []\nlines: x"\n', []),
        ("message: 'over\nmounts: []\nlines: x'\n", []),
        ('images:\n- "over\nmounts: []\nlines: x"\n', []),
        ("env: {a:\n1}\nmounts: []\n", []),
        ('images:\n- x: "over\nmounts: []\nlines: x"\n', []),
        (" mounts:\n - location: /\n", [("/", None)]),
        ("env: {1: x, yes: y}\nmounts: [{location: /}]\n", [("/", None)]),
        ("m: a\tb\ns: |\n  if :; then {\t?\n  }\nmounts: [{location: /}]\n", [("/", None)]),
        ("probes: [{hint: 'is it up? no'}]\nmounts: []\n", []),
    ],
)
def test_brackets_nesting_and_whatever_else_is_yaml(text: str, listed: list[tuple[str, bool | None]]) -> None:
    assert mounts("x", text.encode()) == [LimaMount(*one) for one in listed]


@pytest.mark.parametrize(
    "text",
    [
        "mounts: *all\n",
        "mounts: &all\n- location: /\n",
        "mounts: !!seq\n- location: /\n",
        "base: template://default\nmounts: []\n",
        "base:\n- template://default\n",
        "mounts: []\nmounts:\n- location: /\n",
        "cpus: 4\n- location: /\nmounts: []\n",
        "mounts: []\n\t# a tab\n",
        "X# no comment\nmounts: []\n",
        "mounts: []\n- location: /\n",
        "mounts:\n  - location: /a\n - location: /b\n",
        "mounts:\n- location: /a\n    /b\n",
        "mounts:\n- location: >\n    /b\n",
        "mounts:\n- location: /a\n  location: /b\n",
        "mounts:\n- <<: *m\n",
        "mounts:\n- *m\n",
        "mounts:\n- \tlocation: /\n",
        "mounts:\n- Xlocation: /\n",
        "mounts:\n- location: *home\n",
        "mounts:\n- location: &home /home\n",
        "mounts:\n- location: - /\n",
        "mounts:\n- location: a:\n",
        "mounts:\n- writable: true\n",
        "mounts:\n- location: /a\n  writable: yes\n",
        "mounts:\n- location: /a\n  writable: !!bool true\n",
        "mounts:\n- location: /a\n  disabled: true\n",
        'mounts:\n- location: "/a\\u002fb"\n',
        "mounts:\n- location: '/it''s'\n",
        "mounts:\n- location: a: b\n",
        "mounts:\n- /home/ann\n",
        "mounts:\n\t- location: /\n",
        "cpus: 1\n---\nmounts: []\n",
        "- mounts\n",
        "mounts",
        "mounts:[]",
        "mounts: {}\n",
        "mounts: yes\n",
        "base: []\nmounts: []\n",
        "mounts:\n- ~\n- location: /\n",
        "mounts: [{location: /, writable: yes}]\n",
        "mounts: [{location: /, writable: 'true'}]\n",
        'mounts: [{location: /, writable: "tr\\x75e"}]\n',
        "mounts: [{location: /, writable: 1}]\n",
        "mounts: [{location: /, disabled: true}]\n",
        "mounts: [{location: ~}]\n",
        "mounts: [{location: 1}]\n",
        "mounts: [{location: '/a\n  b'}]\n",
        "mounts: [{location: /a, location: /b}]\n",
        "mounts: [{location: /, {a: b}: c}]\n",
        "mounts: [{location: /, \twritable: true}]\n",
        "mounts: [{location: /, ?writable: true}]\n",
        "mounts: [{location: /}",
        "mounts:\n- location: /a\tb\n",
        "x:\n-\nmounts:\n- location: /\n",
        "x:\n  ?\nmounts:\n- location: /\n",
        "1: x\nmounts:\n- location: /\n",
        "mou\tnts: []\n",
        "z: !t\nmounts:\n- location: /\n",
        "y: *a\nmounts: []\n",
        "<<: {mounts: [{location: /}]}\n",
        "\ufeffmounts:\n- location: /\n",
        "# \x85mounts:\n- location: /\n",
        "# \u2028mounts:\n- location: /\n",
    ],
)
def test_whatever_else_is_not_known(text: str) -> None:
    with pytest.raises(Unsupported):
        mounts("x", text.encode())


def test_what_is_cut_within_brackets_is_not_known() -> None:
    text = b'mounts: [{location: "~", writable: true}, {location: /}]'
    for end in range(len("mounts: ["), len(text)):
        with pytest.raises(Unsupported):
            mounts("x", text[:end])


PLAIN = st.text("abcXYZ019_-./~ é", min_size=1, max_size=20).filter(lambda text: text == text.strip())
LISTED = st.lists(st.tuples(PLAIN, st.sampled_from([None, True, False])), max_size=4)
PARTS = [
    "location",
    "writable",
    "mounts",
    "base",
    ":",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\n- ",
    " #",
    "'",
    '"',
    "[]",
    "{}",
    "[",
    "]",
    "{",
    "}",
    ",",
    "~",
    "*a",
    "|",
    "\\",
    "/x",
    "true",
]


@given(LISTED, st.booleans())
def test_mounts_that_lima_would_write_are_read_back(listed: list[tuple[str, bool | None]], brackets: bool) -> None:
    flags = ["" if writable is None else f"writable: {str(writable).lower()}" for _, writable in listed]
    if brackets:
        lines = ["mounts: [" + ", ".join(f"{{location: '{path}', {flag}}}" for (path, _), flag in zip(listed, flags, strict=True)) + "]"]
    else:
        lines = ["mounts:", *(f"- location: '{path}'\n  {flag}" for (path, _), flag in zip(listed, flags, strict=True))]
    assert mounts("x", "\n".join(["vmType: qemu", *lines, "cpus: 4"]).encode()) == [LimaMount(*one) for one in listed]


@example("''")
@given(st.lists(st.sampled_from(PARTS)).map("".join) | st.text(max_size=60))
def test_no_text_breaks_the_reader_of_limas_files(text: str) -> None:
    try:
        assert all(one.location for one in mounts("x", f"mounts:\n- location: {text}".encode("utf-8", "surrogatepass")))
    except (Unsupported, Nonsense, LimitExceeded):
        pass
