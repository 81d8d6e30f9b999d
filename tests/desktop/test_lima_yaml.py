"""The mounts of a lima.yaml: what Lima reads there, or nothing."""

import pytest

from hostcheck.api import Unsupported
from hostcheck_builtin.desktop import lima_yaml
from hostcheck_builtin.desktop.lima_yaml import Mount

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
    ("text", "mounts"),
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
def test_what_lima_reads_there(text: str, mounts: list[tuple[str, bool | None]]) -> None:
    assert lima_yaml.mounts(text) == [Mount(*one) for one in mounts]


@pytest.mark.parametrize(
    "text",
    [
        '{"mounts": [{"location": "/", "writable": true}]}',
        "mounts: [{location: /, writable: true}]\n",
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
        "mounts:\n-\n  location: /\n",
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
        'message: "over\nmounts: []\nlines: x"\n',
        "message: 'over\nmounts: []\nlines: x'\n",
        "env: {a:\n1}\nmounts: []\n",
        'images:\n- "over\nmounts: []\nlines: x"\n',
        'images:\n- x: "over\nmounts: []\nlines: x"\n',
        "cpus: 1\n---\nmounts: []\n",
        "? mounts\n: - location: /\n",
        '"mounts":\n- location: /\n',
        "- mounts\n",
        "mounts",
        "mounts:[]",
        " mounts: []\n",
    ],
)
def test_whatever_else_is_not_known(text: str) -> None:
    with pytest.raises(Unsupported):
        lima_yaml.mounts(text)
