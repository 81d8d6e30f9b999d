"""What stacks decide, as libpam 1.7 does: each of these was given to the real su(1), and hundreds that were made up at random."""

from typing import Any

import pytest

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.accounts.pam_verdict import PamRequest, lets_in
from hostcheck_builtin.system.pam_service import stacks
from hostcheck_builtin.system.passwords import EMPTY, NONE, SET

DEBIAN = {
    "/etc/pam.d/su": "auth       sufficient pam_rootok.so\n# auth required pam_wheel.so\nsession required pam_env.so\n"
    "@include common-auth\n@include common-account\n",
    "/etc/pam.d/common-auth": "auth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\tpam_deny.so\nauth\trequired\tpam_permit.so\n",
    "/etc/pam.d/common-account": "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n"
    "account requisite pam_deny.so\naccount required pam_permit.so\n",
}
FEDORA = {
    "/etc/pam.d/su": "auth sufficient pam_rootok.so\nauth substack system-auth\nauth include postlogin\n"
    "account sufficient pam_succeed_if.so uid = 0\naccount include system-auth\n",
    "/etc/pam.d/system-auth": "auth required pam_env.so\nauth sufficient pam_unix.so nullok\nauth required pam_deny.so\naccount required pam_unix.so\n",
    "/etc/pam.d/postlogin": "session optional pam_umask.so silent\n",
}
WITH_SSS = {
    "/etc/pam.d/su": "auth required pam_env.so\nauth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\n"
    "auth [default=1 ignore=ignore success=ok] pam_localuser.so\nauth sufficient pam_unix.so\nauth sufficient pam_sss.so forward_pass\n"
    "auth required pam_deny.so\naccount required pam_unix.so\naccount [default=bad success=ok user_unknown=ignore] pam_sss.so\n"
}


def said(files: dict[str, str], password: str = EMPTY, kind: str = "", **more: Any) -> bool | None:
    """Return whether a user is let in by both kinds of lines, or one."""
    told: Any = stacks(MemoryHost(files), "su")["su"]
    asked = PamRequest(password=password, **{"target": "ann", "target_uid": 1000, "local": True, **more})
    both = [lets_in(told[one], asked, one) for one in ([kind] if kind else ["auth", "account"])]
    return False if False in both else None if None in both else True


def changed(files: dict[str, str], **changes: tuple[str, str]) -> dict[str, str]:
    """Return files with a text in place of another."""
    for name, (old, new) in changes.items():
        path = f"/etc/pam.d/{name.replace('_', '-')}"
        assert old in files[path]
        files = {**files, path: files[path].replace(old, new)}
    return files


@pytest.mark.parametrize("files", [DEBIAN, FEDORA])
def test_distributions_ask_for_no_password_where_it_is_empty(files: dict[str, str]) -> None:
    assert (said(files), said(files, SET), said(files, NONE), said(files, SET, secret=True), said(files, NONE, secret=True)) == (
        True,
        False,
        False,
        True,
        False,
    )


def test_a_password_may_be_one_from_elsewhere() -> None:
    assert (said(WITH_SSS, NONE), said(WITH_SSS, NONE, secret=True), said(WITH_SSS, SET, secret=True)) == (False, None, True)


@pytest.mark.parametrize(
    ("files", "changes", "expected"),
    [
        (DEBIAN, {"common_auth": (" nullok", "")}, False),
        (DEBIAN, {"common_auth": ("nullok", "nullok_secure")}, None),
        (DEBIAN, {"su": ("# auth", "auth")}, None),
        (DEBIAN, {"su": ("# auth required", "auth sufficient")}, True),
        (DEBIAN, {"su": ("auth       suff", "auth required pam_deny.so\nauth suff")}, False),
        (DEBIAN, {"su": ("session", "account required pam_access.so\nsession")}, None),
        (DEBIAN, {"common_auth": ("success=1", "success=2")}, False),
        (DEBIAN, {"common_auth": ("success=1", "success=3")}, False),
        (DEBIAN, {"common_auth": ("success=1", "success=ok")}, False),
        (DEBIAN, {"common_account": ("requisite pam_deny.so", "optional pam_deny.so")}, True),
        (FEDORA, {"system_auth": ("sufficient pam_unix", "[success=done default=bad] pam_unix")}, True),
        (FEDORA, {"system_auth": ("sufficient pam_unix", "optional pam_unix")}, False),
        (FEDORA, {"su": ("substack system-auth", "include /etc/pam.d/system-auth")}, True),
        (FEDORA, {"su": ("substack system-auth", "include gone")}, False),
        (FEDORA, {"su": ("auth include postlogin", "auth required pam_duo.so")}, False),
        (FEDORA, {"su": ("substack system-auth\nauth include postlogin", "include system-auth\nauth required pam_duo.so")}, True),
    ],
)
def test_what_a_stack_decides(files: dict[str, str], changes: Any, expected: bool | None) -> None:
    assert said(changed(files, **changes)) is expected


@pytest.mark.parametrize(
    ("line", "who", "expected"),
    [
        ("sufficient pam_succeed_if.so uid < 1000", {}, False),
        ("sufficient pam_succeed_if.so uid >= 1000 quiet", {}, True),
        ("sufficient pam_succeed_if.so user = ann uid eq 1001", {}, False),
        ("sufficient pam_succeed_if.so user in eve:ann", {}, True),
        ("sufficient pam_succeed_if.so shell = /bin/sh", {}, None),
        ("sufficient pam_succeed_if.so use_uid user = bob", {"caller": "bob"}, True),
        ("sufficient pam_succeed_if.so use_uid user = bob", {}, None),
        ("sufficient pam_usertype.so issystem", {}, False),
        ("sufficient pam_rootok.so", {}, False),
        ("[success=done default=ignore] pam_localuser.so", {}, True),
        ("sufficient pam_exec.so /usr/local/bin/asks", {}, None),
        ("sufficient pam_u2f.so", {}, False),
        ("sufficient pam_wheel.so trust root_only", {}, False),
    ],
)
def test_a_line_lets_in_who_has_a_password_and_does_not_give_it(line: str, who: Any, expected: bool | None) -> None:
    assert said(changed(DEBIAN, su=("auth       suff", f"auth {line}\nauth suff")), SET, **who) is expected


@pytest.mark.parametrize(
    ("words", "listed", "expected"),
    [
        ("item=ruser sense=allow", "bob\ncarol", True),
        ("item=ruser sense=allow", "carol", False),
        ("item=ruser sense=deny", "carol\r\nbob", False),
        ("item=ruser sense=deny", "carol", True),
        ("item=user sense=allow", "ann", True),
        ("item=group sense=allow", "staff", True),
        ("item=group sense=allow", "wheel", False),
        ("item=tty sense=allow", "tty1", None),
        ("item=shell sense=allow", "/bin/sh", None),
        ("item=ruser", "bob", False),
        ("sense=allow", "bob", False),
        ("item=ruser sense=allow onerr=succeed", None, True),
        ("item=ruser sense=allow", None, False),
        ("sense=deny item=ruser onerr=succeed", PermissionError(13, "no"), None),
        ("item=ruser sense=allow verbose=1", "bob", None),
        ("item=ruser sense=allow onerr=maybe", "bob", None),
    ],
)
def test_a_list_lets_in_whom_it_names(words: str, listed: Any, expected: bool | None) -> None:
    files = changed(DEBIAN, su=("auth       suff", f"auth sufficient pam_listfile.so {words} file=/etc/some\nauth suff"))
    assert said({**files, **({} if listed is None else {"/etc/some": listed})}, SET, caller="bob", belongs=lambda names, _: "staff" in names) is expected


@pytest.mark.parametrize(("sense", "mode"), [("allow", 0o666), ("deny", 0o602)])
def test_a_list_that_everybody_may_write_lets_nobody_in(sense: str, mode: int) -> None:
    files = changed(DEBIAN, su=("auth       suff", f"auth sufficient pam_listfile.so item=ruser sense={sense} file=/etc/some\nauth suff"))
    told: Any = stacks(MemoryHost({**files, "/etc/some": "bob"}, stats={"/etc/some": Stat(type="file", uid=0, gid=0, mode=mode)}), "su")["su"]
    assert lets_in(told["auth"], PamRequest(password=SET, target="ann", caller="bob")) is False


def test_credentials_may_be_refused_after_all() -> None:
    alone = {"/etc/pam.d/su": "auth sufficient pam_succeed_if.so user = ann\nauth required pam_deny.so\naccount required pam_permit.so\n"}
    assert said(alone, SET) is False


def test_where_a_service_has_no_file_that_of_other_counts() -> None:
    assert said({"/etc/pam.d/other": "auth required pam_unix.so nullok\naccount required pam_permit.so\n"})
    assert said({}) is False


def test_files_that_include_each_other_are_too_many() -> None:
    assert "more than" in str(stacks(MemoryHost({"/etc/pam.d/su": "@include su\n"}), "su")["su"])
