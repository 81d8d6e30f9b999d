"""Whom su lets become somebody without a secret, by what PAM is told."""

from typing import Any

import pytest
from root_programs.test_open_accounts import STAFF, SU, opened, short

from hostcheck.host import attempt
from hostcheck.model import Hole
from hostcheck.view import opening

ALL = {"ann": "all", "bob": "all", "root": "all"}


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("auth sufficient pam_permit.so\n", ALL),
        ("auth sufficient pam_localuser.so\n", ALL),
        ("auth optional pam_permit.so\n", {}),
        (STAFF, {"root": "bob", "ann": "bob"}),
        (STAFF.replace("trust ", ""), {}),
        (STAFF.replace("sufficient", "optional"), {}),
        ("auth sufficient pam_wheel.so trust\n", {}),
        (STAFF.replace("trust", "trust root_only"), {"root": "bob"}),
        (STAFF.replace("trust", "trust deny"), {"root": "all ?", "ann": "all ?", "bob": "all ?"}),
        ("auth sufficient pam_succeed_if.so use_uid user = bob\n", {"root": "bob", "ann": "bob"}),
        ("auth sufficient pam_succeed_if.so use_uid user ingroup staff\n", {"root": "bob", "ann": "bob"}),
        ("auth sufficient pam_succeed_if.so user = ann\n", {"ann": "all"}),
        ("auth sufficient pam_succeed_if.so uid >= 1001\n", {"bob": "all"}),
        ("auth [success=ignore default=1] pam_succeed_if.so user = ann\nauth sufficient pam_succeed_if.so use_uid user = bob\n", {"ann": "bob"}),
        ("auth sufficient pam_sss.so\n", {}),
        ("auth required pam_duo.so\n", {}),
    ],
)
def test_pam_lets_some_in_without_a_secret(before: str, found: Any) -> None:
    told = opened(su=before + SU["/etc/pam.d/su"])
    assert short(told) == found and opening(told) is None


@pytest.mark.parametrize(("service", "found"), [("", "bob"), ("deny ", "all ?")])
def test_of_an_open_account_pam_may_keep_some_out(service: str, found: str) -> None:
    assert short(opened("ann::::::::\n", su=f"auth required pam_wheel.so {service}group=staff\n" + SU["/etc/pam.d/su"]))["ann"] == found


def test_what_a_module_does_that_is_not_known_may_let_everybody_in() -> None:
    told = opened(su="auth sufficient pam_ours.so\n" + SU["/etc/pam.d/su"])
    assert [isinstance(attempt(one.__getitem__, "everyone"), Hole) for one in told.values()] == [True]


def test_a_stack_that_cannot_be_read_may_let_everybody_in() -> None:
    assert isinstance(opening(opened(su=PermissionError(13, "no"))), Hole)
