from typing import Any

from privileged_programs.rights import DOAS, FOLDER, OBEYS, SUDO, host, sudo

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck.schema import check
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.privileged_programs import probe_sudo

FULL = """Defaults env_reset
User_Alias ADMINS = ann, %wheel
ADMINS ALL=(ALL:ALL) NOPASSWD: ALL, !/bin/sh
@includedir /etc/sudoers.d
broken
"""


def test_the_schemas_are_in_the_dialect() -> None:
    check(SUDO, "probe_sudo.facts.json")
    check(DOAS, "probe_doas.facts.json")
    check(load_facts_schema(str(FOLDER / "analysis_sudo_rights.facts.json")), "analysis_sudo_rights.facts.json")


def test_a_host() -> None:
    told = sudo(FULL, {"/etc/sudoers.d/x": "bob host1=/bin/ls a\n"})
    ann, wheel = ({"kind": kind, "name": name, "negated": False} for kind, name in (("user", "ann"), ("group", "%wheel")))
    assert told["aliases"] == {"user:ADMINS": {"of": "user", "name": "ADMINS", "place": "/etc/sudoers:2", "members": [ann, wheel]}}
    assert list(told["defaults"]) == ["/etc/sudoers:1"]
    assert list(told["rules"]) == ["/etc/sudoers:3", "/etc/sudoers.d/x:1"]
    assert told["wrong_lines"] == {"/etc/sudoers:5": {"path": "/etc/sudoers", "line": 5}}
    assert told["rules"]["/etc/sudoers:3"]["commands"][0] == {
        "command": {"kind": "all", "name": "", "negated": False},
        "runas": 0,
        "tags": {"passwd": False, "setenv": True},
        "options": [],
    }
    assert (told["obeyed"], told["hostname"], told["elsewhere"]) == (True, "host1", False)


def test_without_sudo() -> None:
    told = sudo()
    assert (told["programs"], told["obeyed"], told["rules"]) == ({}, False, {})


def test_a_file_that_ends_too_soon_is_not_obeyed() -> None:
    told = sudo("ann ALL=ALL\nbob ALL=\\\n")
    assert (told["obeyed"], told["rules"], list(told["wrong_lines"])) == (False, {}, ["/etc/sudoers:2"])


def test_in_a_user_namespace_nothing_is_told() -> None:
    told: Any = stated(probe_sudo.collect, MemoryHost({"/etc/sudoers": FULL}, links={"/proc/self/ns/user": "user:[1]"}))
    assert isinstance(told, Hole)


def test_sudo_rs_with_a_file_of_its_own() -> None:
    files = {"/usr/lib/cargo/bin/sudo": "", "/etc/sudoers-rs": ""}
    told = stated(
        probe_sudo.collect,
        MemoryHost({**files, "/proc/self/mountinfo": ""}, links={"/proc/self/ns/user": "user:[4026531837]", "/usr/bin/sudo": "/usr/lib/cargo/bin/sudo"}),
    )
    assert told["elsewhere"] is True


def test_denying_anything_only_makes_holes() -> None:
    for problem in denials(probe_sudo.collect, host(FULL, {"/etc/sudoers.d/x": "bob ALL=ALL\n", "/etc/nsswitch.conf": "sudoers: files\n"})):
        raise AssertionError(problem)


def test_bytes_that_are_no_text() -> None:
    told = stated(probe_sudo.collect, host("\x00\xff \udcff ALL=ALL\n\udcc3 ALL=/\udcff x\n"))
    assert OBEYS["sudo"](told) is not False
