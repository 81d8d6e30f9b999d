"""Assignments are read as a shell would read them, without one, and nothing else of a line is known."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.host import assignments
from hostcheck_builtin.host.assignments import os_release, parameters


@given(st.text("ab \"'\\$`=", max_size=20))
def test_what_is_quoted_for_a_shell_is_read_back(text: str) -> None:
    escaped = "".join(f"\\{char}" if char in assignments.ESCAPED else char for char in text)
    assert assignments.unquoted(f'"{escaped}"') == text
    assert assignments.unquoted(f"'{text}'") == (None if "'" in text else text)


@given(st.text(max_size=60))
def test_no_os_release_breaks_it(text: str) -> None:
    assert set(assignments.os_release(MemoryHost({"/etc/os-release": text.encode("utf-8", "surrogatepass")}))) <= {
        name.lower() for name in assignments.OS_FIELDS
    }


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("ID=alpine", {"id": "alpine"}),
        ('ID=\'it is\'\nNAME="a \\"b\\" \\$5 \\x"', {"id": "it is", "name": 'a "b" $5 \\x'}),
        ("ID=a\nID=b", {"id": "b"}),
        ("NAME='a=b'\nID=''x'\nVERSION_ID='x''", {"name": "a=b"}),
        ('# ID=x\n\n ID=fedora \nID_LIKE="rhel centos"', {"id": "fedora", "id_like": ["rhel", "centos"]}),
        ("ID=$(reboot)\nNAME=\"$HOME\"\nVERSION_ID=\"13\nBUILD_ID='a'b'\nVARIANT_ID=a b", {}),
        ("PASSWORD=secret\nid=lower\nID", {}),
        ('NAME="x\\"', {}),
        ('\x00\udcff=\n====\nNAME="', {}),
    ],
)
def test_os_release_is_read_as_a_shell_would_without_one(text: str, fields: dict[str, Any]) -> None:
    assert os_release(MemoryHost({"/etc/os-release": text})) == fields


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("quiet slab_nomerge lsm=landlock,yama", {"slab_nomerge": "", "lsm": "landlock,yama"}),
        ("lsm=a lsm=b init-on-alloc=1", {"lsm": "b", "init_on_alloc": "1"}),
        ('inst.password=hunter2 ip=1.2.3.4 mitigations="auto, nosmt" root=x', {"mitigations": "auto, nosmt"}),
        ('note="audit=0 enforcing=0" audit=1', {"audit": "1"}),
        ("audit=1 -- audit=0 selinux=0", {"audit": "1"}),
        ('"security=selinux"', {"security": "selinux"}),
        ("xaudit=1 audit.x=2 AUDIT=3", {}),
        ('audit="unclosed enforcing=0', {"audit": "unclosed enforcing=0"}),
    ],
)
def test_of_the_command_line_only_known_parameters_are_told(line: str, told: dict[str, str]) -> None:
    assert parameters(line) == told


@given(st.text(max_size=80), st.sampled_from(["token", "password", "audit2", "rd.luks.key"]))
def test_no_command_line_makes_a_secret_known(noise: str, name: str) -> None:
    assert not set(parameters(f"{name}=hunter2 {noise}")) - set(parameters(f" {noise}"))
    assert "hunter2" not in json.dumps(parameters(f"{name}=hunter2 {noise.replace(chr(34), '')}"))
