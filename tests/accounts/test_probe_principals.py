import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from system.process_host import CHROOTED, CONTAINER, OVERRIDE, SANDBOX, host, process, roots

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.accounts import probe_principals
from hostcheck_builtin.system.credentials import SYS_PTRACE

SCHEMA = load_facts_schema(str(Path(probe_principals.__file__).parent / "probe_principals.facts.json"))
OBEYS = compile_schema(SCHEMA)


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe_principals.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False
    return told


def users(passwd: str | bytes, **files: str) -> Any:
    return facts({"/etc/passwd": passwd, **files})["users"]


def groups(group: str | bytes) -> Any:
    return facts({"/etc/group": group})["groups"]


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_principals.facts.json")


def test_users_and_groups() -> None:
    told = facts(
        {
            "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\n",
            "/etc/group": "docker:x:999:ann,bob\nempty:x:5:\nbare:x:6",
        }
    )
    assert told["users"]["ann"] == {"name": "ann", "uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh"}
    assert told["groups"] == {
        "docker": {"name": "docker", "gid": 999, "members": ["ann", "bob"], "password": False},
        "empty": {"name": "empty", "gid": 5, "members": [], "password": False},
        "bare": {"name": "bare", "gid": 6, "members": [], "password": False},
    }
    assert told["nsswitch"] == {}


def test_a_host_without_files_has_nobody() -> None:
    told = facts()
    assert (told["users"], told["groups"], told["gshadow"], told["processes"]) == ({}, {}, {}, {})


@pytest.mark.parametrize(
    "line",
    ["no colons", "bob:x", "bob:x:1001", "bob:x::1001::/:", "bob:x:1001:::/:", ":x:1001:1001::/:", "bob:x:0x5:1001::/:", "bob\0:x:1001:1001::/:/bin/sh"],
)
def test_malformed_lines_are_counted_and_named_and_nobody(line: str) -> None:
    told = facts({"/etc/passwd": f"root:x:0:0::/root:/bin/sh\n{line}\nann:x:1000:1000::/:/bin/sh\n"})
    assert set(told["users"]) == {"root", "ann"}
    assert told["malformed"]["passwd"] == {"count": 1, "lines": [2]}


@pytest.mark.parametrize(
    ("field", "opens"),
    [
        ("x", False),
        ("", False),
        ("!", False),
        ("*", False),
        ("!$6$abcdefghijk", False),
        ("$6$abcdefghijk", True),
        ("ab01234567890", True),
        ("Xb01234567890", True),
    ],
)
def test_a_group_password_is_told_and_never_shown(field: str, opens: bool) -> None:
    told = facts({"/etc/group": f"docker:{field}:999:\n", "/etc/gshadow": f"docker:{field}:ann,bea:zoe\nbroken:x\n"})
    assert told["groups"]["docker"]["password"] is opens
    assert told["gshadow"] == {"docker": {"name": "docker", "password": opens, "administrators": ["ann", "bea"], "members": ["zoe"]}}
    assert told["malformed"]["gshadow"] == {"count": 1, "lines": [2]}
    assert len(field) < 5 or field not in json.dumps(told)


def test_gshadow_that_only_root_reads_is_a_hole() -> None:
    told = facts({"/etc/gshadow": PermissionError(13, "Permission denied")})
    assert isinstance(told["gshadow"], Hole) and told["gshadow"].why == Why.DENIED
    assert told["users"] == {}


def test_sources() -> None:
    told = facts(
        {"/etc/nsswitch.conf": "passwd: files # x\ngroup:  files [SUCCESS=merge] sss [!UNAVAIL=return]systemd\n#initgroups: x\nhosts: dns\npasswd:\tcompat\n"}
    )
    assert told["nsswitch"] == {"passwd": ["compat"], "group": ["files", "sss", "systemd"]}


@pytest.mark.parametrize(("conf", "opened"), [("", False), ("passwd: files\n", False), ("passwd: compat\n", True)])
def test_a_plus_line_opens_the_list_where_it_means_something(conf: str, opened: bool) -> None:
    told = users("ann:x:1000:1000::/:\n+::::::\n-bob::::::\n", **{"/etc/nsswitch.conf": conf})
    assert set(told) == {"ann"}
    assert isinstance(told, OpenObject) is opened


def test_a_hundred_thousand_lines_and_a_huge_one() -> None:
    lines = [f"u{index}:x:{index}:{index}::/:/bin/sh" for index in range(100_000)]
    assert len(users("\n".join([*lines, "x" * (10 << 20)]))) == 100_000


@given(st.binary(max_size=200))
def test_no_bytes_break_it(raw: bytes) -> None:
    told = facts({"/etc/passwd": raw, "/etc/group": raw, "/etc/gshadow": raw, "/etc/nsswitch.conf": raw})
    assert isinstance(told["users"], dict)


def test_processes_that_cannot_be_listed_are_a_hole() -> None:
    told = facts(processes=PermissionError(13, "hidepid"))
    assert isinstance(told.get("processes"), Hole)


def test_denying_any_answer_only_makes_holes() -> None:
    files = {
        "/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n+::::::\n",
        "/etc/group": "docker:x:999:ann\n",
        "/etc/gshadow": "docker:!:bea:ann\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
        "/proc/8/mountinfo": CONTAINER,
        "/proc/9/mountinfo": SANDBOX,
        "/proc/9/uid_map": "0 0 4294967295\n",
        "/proc/9/gid_map": "0 0 4294967295\n",
    }
    files |= {"/proc/10/mountinfo": CHROOTED, "/proc/11/mountinfo": CONTAINER, "/proc/12/mountinfo": SANDBOX}
    links = {f"/proc/{pid}/root": "/" for pid in (8, 11)}
    processes = [process(7, 1000, 1000, 999), roots(8, 999, 999), process(9, 1001, 5, host=None, caps=OVERRIDE), roots(10, 1002, 5), roots(11, 0, 0)]
    processes += [roots(12, 1003, 5, user_view=True, mounts="mnt:[6]")]
    for hidepid, caps in (("", 0), ("2", SYS_PTRACE)):
        assert list(denials(probe_principals.collect, host(files, links=links, processes=processes, hidepid=hidepid, caps=caps))) == []


def test_a_fifo_for_a_file_costs_that_file() -> None:
    told = facts(stats={"/etc/group": Stat(type="fifo", uid=0, gid=0, mode=0o644)})
    assert isinstance(told["groups"], Hole) and told["groups"].why == Why.NONSENSE
    assert told["users"] == {}


def test_lines_of_groups_behind_a_sign_are_stated_where_a_login_reads_them() -> None:
    files = {"/etc/group": "#docker:x:999:ann\ndocker:x:999:\n"}
    assert facts(files)["commented_groups"] == {"line 1": {"gid": 999, "members": ["ann"]}}
    assert facts({**files, "/etc/nsswitch.conf": "group: compat\n"})["commented_groups"] == {}
    assert list(denials(probe_principals.collect, host({**files, "/etc/nsswitch.conf": "group: compat\n"}))) == []
