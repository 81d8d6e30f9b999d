"""The lines of a service in the order in which libpam asks them."""

from typing import Any

import pytest
from system.process_host import host

from hostcheck.model import Hole
from hostcheck_builtin.system import pam_service


def lines(kind: str = "auth", **files: Any) -> Any:
    told = pam_service.stacks(host({f"/etc/pam.d/{name.replace('_', '-')}": text for name, text in files.items()}), "su")["su"]
    return told if isinstance(told, Hole) else [(line["control"], line["module"], line["level"]) for line in told[kind]]


UNIX = "auth required pam_unix.so\naccount required pam_unix.so\n"


def test_included_files_stand_where_they_are_included() -> None:
    found = lines(
        su="auth sufficient pam_rootok.so\n@include common_auth\nauth required pam_deny.so\naccount required pam_unix.so\n".replace("_a", "-a"),
        common_auth=UNIX,
    )
    assert found == [("sufficient", "pam_rootok.so", 0), ("required", "pam_unix.so", 0), ("required", "pam_deny.so", 0)]


def test_a_substack_stands_one_level_deeper() -> None:
    assert lines(su="auth substack inner\naccount required pam_unix.so\n", inner=UNIX) == [("optional", "substack", 0), ("required", "pam_unix.so", 1)]


def test_a_kind_without_lines_is_that_of_other() -> None:
    assert lines(su="auth required pam_unix.so\n", other="account required pam_deny.so\nauth required pam_permit.so\n", kind="account") == [
        ("required", "pam_deny.so", 0)
    ]


def test_what_is_included_and_not_there_lets_nobody_in() -> None:
    assert lines(su="@include gone\naccount required pam_unix.so\n") == [("required", "missing", 0)]


def test_arguments_are_told_of_modules_that_hold_no_secrets() -> None:
    files = {"/etc/pam.d/su": "auth sufficient pam_wheel.so trust [group=staff]\nauth required pam_ldap.so secret=x\naccount required pam_unix.so\n"}
    told = pam_service.stacks(host(files), "su")["su"]["auth"]
    assert [line["arguments"] for line in told] == [["trust", "group=staff"], []]


@pytest.mark.parametrize("text", ["@include su\n", PermissionError(13, "no")])
def test_a_loop_and_a_hidden_file_are_holes(text: Any) -> None:
    assert isinstance(lines(su=text), Hole)
