from typing import Any

import pytest

from hostcheck.api import LimitExceeded
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.root_programs.su_stack import asks_nobody

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


def asks(files: dict[str, str], **changes: tuple[str, str]) -> bool:
    """Return what is said once a text stands in place of another."""
    for name, (old, new) in changes.items():
        path = f"/etc/pam.d/{name.replace('_', '-')}"
        assert old in files[path]
        files = {**files, path: files[path].replace(old, new)}
    return asks_nobody(MemoryHost(files))


@pytest.mark.parametrize("files", [DEBIAN, FEDORA])
def test_distributions_take_no_password_for_one(files: dict[str, str]) -> None:
    assert asks(files)


@pytest.mark.parametrize(
    ("files", "changes", "said"),
    [
        (DEBIAN, {"common_auth": (" nullok", "")}, False),
        (DEBIAN, {"common_auth": ("nullok", "nullok_secure")}, False),
        (DEBIAN, {"su": ("# auth", "auth")}, False),
        (DEBIAN, {"su": ("# auth required", "auth sufficient")}, True),
        (DEBIAN, {"su": ("auth       suff", "auth required pam_deny.so\nauth suff")}, False),
        (DEBIAN, {"su": ("session", "account required pam_access.so\nsession")}, False),
        (DEBIAN, {"common_auth": ("success=1", "success=2")}, True),
        (DEBIAN, {"common_auth": ("success=1", "success=ok")}, False),
        (DEBIAN, {"common_auth": ("requisite\tpam_deny.so\nauth\trequired\tpam_permit.so", "required pam_google_authenticator.so")}, True),
        (DEBIAN, {"common_auth": ("[success=1 default=ignore]", "required"), "common_account": ("requisite pam_deny.so", "optional pam_deny.so")}, False),
        (FEDORA, {"system_auth": ("sufficient pam_unix", "[success=done default=bad] pam_unix")}, True),
        (FEDORA, {"system_auth": ("sufficient pam_unix", "optional pam_unix")}, False),
        (FEDORA, {"su": ("substack system-auth", "include /etc/pam.d/system-auth")}, True),
        (FEDORA, {"su": ("substack system-auth", "include gone")}, False),
        (FEDORA, {"su": ("auth include postlogin", "auth required pam_duo.so")}, False),
        (FEDORA, {"su": ("substack system-auth\nauth include postlogin", "include system-auth\nauth required pam_duo.so")}, True),
    ],
)
def test_what_else_is_asked_makes_it_not_certain(files: dict[str, str], changes: Any, said: bool) -> None:
    assert asks(files, **changes) is said


def test_where_su_has_no_file_that_of_other_counts() -> None:
    assert asks_nobody(MemoryHost({"/etc/pam.d/other": "auth required pam_unix.so nullok\n"}))
    assert not asks_nobody(MemoryHost({}))


def test_files_that_include_each_other_are_too_many() -> None:
    with pytest.raises(LimitExceeded):
        asks_nobody(MemoryHost({"/etc/pam.d/su": "@include su\n"}))
