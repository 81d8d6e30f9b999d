"""Which services load pam_group for credentials, by the stacks of libpam; expectations were written by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.groups.pam_stacks import loading

GROUP = "auth optional pam_group.so\n"


def loads(files: dict[str, Any], **more: Any) -> Any:
    found = loading(MemoryHost({**{f"/etc/pam.d/{name}" if "/" not in name else name: text for name, text in files.items()}}, **more), "pam_group.so")
    return found


@pytest.mark.parametrize(
    ("line", "given"),
    [
        (GROUP, True),
        ("auth\toptional\tpam_group.so use_first_pass", True),
        ("-auth optional pam_group.so", True),
        ("AUTH Required /lib/security/$ISA/pam_group.so", True),
        ("auth [success=1 new_authtok_reqd=ok default=ignore] pam_group.so", True),
        ("auth [success=1 x=\\] ignore]pam_group.so", True),
        ("auth optional \\\n  pam_group.so", True),
        ("auth required pam_unix.so # pam_group.so", False),
        ("#auth optional pam_group.so", False),
        ("session optional pam_group.so", False),
        ("account optional pam_group.so", False),
        ("auth optional pam_groups.so", False),
        ("auth pam_group.so", False),
        ("auth optional pam_exec.so pam_group.so", False),
        ("auth", False),
        ("", False),
    ],
)
def test_lines_that_load_it(line: str, given: bool) -> None:
    assert loads({"su": f"{line}\nauth required pam_unix.so\n"}) == {"su": given}


@pytest.mark.parametrize(
    "line", ["@include common-auth", "auth include common-auth", "auth substack common-auth", "@include /etc/pam.d/common-auth", "-auth include common-auth"]
)
def test_files_that_are_included(line: str) -> None:
    assert loads({"su": line, "common-auth": "@include deeper\n", "deeper": GROUP})["su"] is True
    assert loads({"su": line, "common-auth": "@include su\nauth required pam_unix.so\n"})["su"] is False


def test_what_includes_only_other_types_loads_nothing() -> None:
    assert loads({"su": "session include common\naccount include common\nauth required pam_unix.so\n", "common": GROUP})["su"] is False
    assert loads({"su": "auth include common\n", "common": "session required pam_group.so\nauth required pam_unix.so\n"})["su"] is False


def test_a_service_without_an_auth_line_is_served_by_those_of_other() -> None:
    assert loads({"systemd-user": "session required pam_limits.so\n", "other": GROUP}) == {"systemd-user": True, "other": True}
    assert loads({"cron": "auth required pam_unix.so\n", "other": GROUP})["cron"] is False


def test_the_first_directory_counts_and_the_others_add_what_it_has_not() -> None:
    files = {"/usr/lib/pam.d/su": GROUP, "/usr/lib/pam.d/polkit-1": GROUP, "su": "auth required pam_unix.so\n"}
    assert loads(files) == {"su": False, "polkit-1": True}
    assert loads({**files, "su": "auth include polkit-1\n"})["su"] is True


def test_what_packages_and_editors_leave_is_no_service() -> None:
    assert loads({name: GROUP for name in ("su.dpkg-old", "su~", "su.rpmsave", "su.ucf-dist")}) == {}


def test_one_file_counts_where_there_is_no_directory() -> None:
    text = "su auth optional pam_group.so\nSSHD\tauth include elsewhere\nlogin session optional pam_group.so\n"
    assert loads({"/etc/pam.conf": text}) == {"su": True, "sshd": False, "login": False}
    assert loads({"/etc/pam.conf": text, "cron": ""}) == {"cron": False}
    assert loads({}) == {}


def test_what_cannot_be_read_is_not_known_unless_another_file_says_it() -> None:
    denied = PermissionError(13, "Permission denied")
    told = loads({"su": f"@include secret\n{GROUP}", "sudo": "@include secret\n", "secret": denied})
    assert told["su"] is True and isinstance(told["sudo"], Hole) and isinstance(told["secret"], Hole)
    assert loads({"su": "auth include gone\nauth required pam_unix.so\n"})["su"] is False
    told = loads({"su": GROUP, "/usr/lib/pam.d": denied})
    assert isinstance(told, OpenObject) and told == {"su": True}
    assert isinstance(loads({"/etc/pam.conf": denied}), Hole)


@given(st.text(alphabet=st.sampled_from("auth-sion[]=\\ #\n\t@include/.pam_group.so"), max_size=200))
def test_any_stack_is_read(text: str) -> None:
    assert set(loads({"su": text})) == {"su"}
