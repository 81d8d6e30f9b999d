import pytest
from privileged_programs.rights import doas, host

from hostcheck.host.answers import Stat
from hostcheck.testing.probes import denials
from hostcheck_builtin.privileged_programs import probe_doas

CONF = "permit nopass :wheel\npermit ann as bob cmd /bin/ls args hunter2\ndeny eve\n"


def test_a_host() -> None:
    told = doas(CONF)
    assert told["rules"] == {
        "/etc/doas.conf:1": {
            "order": 1,
            "place": "/etc/doas.conf:1",
            "line": 1,
            "permit": True,
            "options": ["nopass"],
            "variables": [],
            "group": True,
            "identity": "wheel",
        },
        "/etc/doas.conf:2": {
            **{"order": 2, "place": "/etc/doas.conf:2", "line": 2, "permit": True, "options": [], "variables": [], "group": False, "identity": "ann"},
            **{"target": "bob", "command": "/bin/ls", "args": "given", "does": "harmless", "variant": 1},
        },
        "/etc/doas.conf:3": {
            "order": 3,
            "place": "/etc/doas.conf:3",
            "line": 3,
            "permit": False,
            "options": [],
            "variables": [],
            "group": False,
            "identity": "eve",
        },
    }
    assert told["file"] == {"path": "/etc/doas.conf", "type": "file", "uid": 0, "gid": 0, "mode": "0644", "why": "", "root_only": True}


@pytest.mark.parametrize(("uid", "mode", "why"), [(0, 0o644, ""), (0, 0o664, "writable"), (0, 0o646, "writable"), (7, 0o600, "owner")])
def test_a_file_that_doas_does_not_obey(uid: int, mode: int, why: str) -> None:
    told = doas(CONF, stats={"/etc/doas.conf": Stat(type="file", uid=uid, gid=0, mode=mode)})
    assert (told["file"]["why"], bool(told["rules"])) == (why, not why)


def test_a_line_that_is_wrong() -> None:
    told = doas("permit ann\npermit\n")
    assert (told["file"]["why"], told["file"]["line"], told["rules"]) == ("wrong", 2, {})


def test_without_doas() -> None:
    asked = {"passwords": {}, "services": {}, "let_in_before": {}}
    assert doas() == {"programs": {}, "file": {"path": "/etc/doas.conf", "type": "", "why": "absent"}, "rules": {}, "commands": {}, "authentication": asked}


def test_denying_anything_only_makes_holes() -> None:
    for problem in denials(probe_doas.collect, host(doas=CONF)):
        raise AssertionError(problem)


def test_what_a_known_program_does_with_arguments_is_told_and_not_which_they_are() -> None:
    told = doas("permit ann cmd bash args /opt/job hunter2\npermit ann cmd su args -\npermit ann cmd bin/x args hunter2\npermit ann cmd /bin/ls args *\n")
    rules = {number: (one.get("does"), one.get("runs")) for number, one in enumerate(told["rules"].values(), 1)}
    assert rules == {1: ("program", ["/opt/job"]), 2: ("shell", None), 3: ("working-directory", None), 4: ("harmless", None)}
    assert "hunter2" not in repr(told)


def test_programs_and_scripts_that_are_not_roots_alone() -> None:
    bobs = {path: Stat(type="file", uid=1001, gid=0, mode=0o755) for path in ("/opt/job", "/usr/local/bin/own", "/opt/no")}
    conf = "permit ann cmd /opt/job\npermit ann cmd bash args /opt/job x\npermit ann cmd own\npermit ann cmd ls\ndeny ann cmd /opt/no\n"
    found = doas(conf, stats=bobs, files=dict.fromkeys(bobs, ""))
    assert set(found["commands"]) == {"/opt/job", "own"}
