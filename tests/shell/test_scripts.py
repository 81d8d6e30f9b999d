import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import LimitExceeded
from hostcheck_builtin.shell.scripts import imported, named


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b"#!/bin/sh\n/a\n", ["/bin/sh", "/a"]),
        (b"#! /usr/bin/env -S bash -e\n. /a\n", ["/usr/bin/env", "/a"]),
        (b"#!/usr/bin/env python3\n/a\n", ["/usr/bin/env"]),
        (b"#!/usr/bin/perl -w\n/a\n", ["/usr/bin/perl"]),
        (b"/a\n", ["/a"]),
        (b". ~/a; . $HOME/b\n", ["/root/a", "/root/b"]),
        (b"#!/bin/sh -c '/x y;z'\n/a\n", ["/bin/sh", "/a"]),
        (b"#!/usr/bin/awk -f\n/tmp/ {x}\n", ["/usr/bin/awk"]),
        (b"#!/bin/busybox sh\n/a\n", ["/bin/busybox", "/a"]),
        (b"#!/bin/sh\nexec >>/var/log/x 2>&1\n/a\n", ["/bin/sh", "/a"]),
        (b"\x7fELF\n/a\n", []),
        (b"/a\n\0", []),
        (b"\xff\xfe /b\n/a\xff\n", ["/a\udcff"]),
        (b"", []),
        (b"#!", []),
    ],
)
def test_what_a_script_names(raw: bytes, wanted: list[str]) -> None:
    assert [one.path for one in named(raw) if one.how != "finds"] == wanted


@given(st.binary() | st.binary().map(b"#!/bin/sh\n".__add__))
def test_any_bytes_are_read(raw: bytes) -> None:
    try:
        assert all(one.path for one in named(raw))
    except LimitExceeded:
        pass


@pytest.mark.parametrize(
    ("line", "beside"),
    [
        ("/usr/bin/python3", True),
        ("/usr/bin/env python3.13 -u", True),
        ("/usr/bin/python3 -I", False),
        ("/usr/bin/python3 -uP", False),
        ("/usr/bin/perl", False),
    ],
)
def test_a_program_in_python_loads_what_lies_beside_it(line: str, beside: bool) -> None:
    told = named(f"#!{line}\n".encode(), "/opt/x")
    assert [one.path for one in told if one.how == "beside"] == ["/opt/x"] * beside
    assert "/opt/x" not in [one.path for one in told if one.how == "runs"]


def test_modules_that_a_program_imports() -> None:
    raw = b'''#!/usr/bin/python3
"""Text.
import none
"""
import os, sys, yaml.reader as reader, json
from site_lib.parts import one
from . import own
def late():
    import slow
    import json
'''
    assert imported(raw) == {"yaml": True, "json": True, "site_lib": True, "slow": False}
    assert imported(b"\xff import") == {}
