"""Which variables a script reads by its interpreter; the real interpreters run what they name."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.system import interpreters
from hostcheck_builtin.system.interpreters import READ


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"#!/usr/bin/python3\nimport os\n", READ["python"]),
        (b"#! /usr/local/bin/python3.11 -u\n", READ["python"]),
        (b"#!/usr/bin/env python3\n", READ["python"]),
        (b"#!/usr/bin/env -S python3 -u\n", READ["python"]),
        (b"#!/usr/bin/python3 -I\n", ()),
        (b"#!/usr/bin/python3 -sE\n", ()),
        (b"#!/usr/bin/env -S python3 -I\n", ()),
        (b"#!/usr/bin/env -i python3\n", ()),
        (b"#!/usr/bin/perl -w\n", READ["perl"]),
        (b"#!/usr/bin/perl -T\n", ()),
        (b"#!/usr/bin/ruby --disable=rubyopt\n", ()),
        (b"#!/bin/bash -e\n", READ["bash"]),
        (b"#!/bin/bash -p\n", ()),
        (b"#!/bin/sh\n", ()),
        (b"#!/usr/bin/env\n", ()),
        (b"#!\n", ()),
        (b"\x7fELF#!/usr/bin/python3", ()),
        (b" #!/usr/bin/python3\n", ()),
        (b"", ()),
    ],
)
def test_what_a_script_reads(line: bytes, found: tuple[str, ...]) -> None:
    assert interpreters.variables(line) == found


@given(st.binary(max_size=300))
def test_any_first_line_is_read(raw: bytes) -> None:
    assert interpreters.variables(b"#!" + raw) in {(), *READ.values()}


PLANTS = {
    "PYTHONPATH": ("python3", "sitecustomize.py", "print('planted')", "{folder}"),
    "PERL5OPT": ("perl", "Own.pm", "print 'planted'; 1;", "-I{folder} -MOwn"),
    "BASH_ENV": ("bash", "own", "echo planted", "{folder}/own"),
    "NODE_OPTIONS": ("node", "own.js", "console.log('planted')", "--require={folder}/own.js"),
}


OPTIONS = [(variable, option) for variable, (name, *_) in PLANTS.items() for option in ("", *sorted(interpreters.IGNORED.get(name.rstrip("3"), ())))]


@pytest.mark.parametrize(("variable", "option"), OPTIONS)
def test_the_real_interpreter_agrees(tmp_path: Path, variable: str, option: str) -> None:
    name, file, code, value = PLANTS[variable]
    path = shutil.which(name, path="/usr/bin")
    if not path:
        pytest.skip(f"{name} is not installed here, so nothing can be compared with it; what its first line means is tested above")
    (tmp_path / file).write_text(code)
    script = tmp_path / "script"
    script.write_text(f"#!{path}{f' -{option}' if option else ''}\n")
    script.chmod(0o755)
    environment = {"PATH": "/usr/bin", variable: value.format(folder=tmp_path)}
    said = subprocess.run([script], env=environment, capture_output=True, text=True, timeout=30, check=False).stdout
    assert ("planted" in said) is (variable in interpreters.variables(script.read_bytes()))
