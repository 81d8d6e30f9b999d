"""Which accounts have no password, by both files; nothing of a field is stated."""

from typing import Any

import pytest
from system.process_host import host

from hostcheck.model import Hole
from hostcheck_builtin.system import passwords

PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nrun:x:90:90::/:/usr/sbin/nologin\n"
SHADOW = "root:*:19000::::::\nann:$y$j9T$secret:19000::::::\nrun:!:19000::::::\n"


def told(shadow: Any = SHADOW, passwd: str = PASSWD, **files: str) -> Any:
    found = passwords.stated(host({"/etc/passwd": passwd, "/etc/shadow": shadow, **{f"/etc/{name}": text for name, text in files.items()}}))
    assert "secret" not in str(found)
    return found


def test_a_set_password_is_not_told_and_a_locked_one_is() -> None:
    assert told() == {"root": {"uid": 0, "password": "none", "enters": True}, "run": {"uid": 90, "password": "none", "enters": False}}


@pytest.mark.parametrize(
    ("line", "password", "enters"),
    [
        ("ann::19000::::::", "empty", True),
        ("ann:!$y$j9T$secret:19000::::::", "none", True),
        ("ann:*:19000::::::", "none", True),
        ("ann::19000:0:99999:7::19500:", "empty", False),
        ("ann::19000::::::\nann:$y$j9T$secret:1::::::", "empty", True),
    ],
)
def test_the_first_line_of_shadow_counts(line: str, password: str, enters: bool) -> None:
    assert told(f"{line}\n")["ann"] == {"uid": 1000, "password": password, "enters": enters}


def test_an_empty_field_of_passwd_counts_whatever_shadow_says() -> None:
    assert told(passwd=PASSWD.replace("ann:x", "ann:"))["ann"]["password"] == "empty"
    assert "ann" not in told(passwd=PASSWD.replace("ann:x", "ann:$y$j9T$secret"), shadow="ann::::::::\n")


def test_who_has_no_line_in_shadow_may_have_a_password_elsewhere() -> None:
    assert told("")["ann"]["password"] == "none" and "ann" not in told("", **{"nsswitch.conf": "shadow: files sss\n"})


def test_what_is_hidden_leaves_open_who_has_none() -> None:
    found = told(PermissionError(13, "no"))
    assert isinstance(getattr(found, "hole", None), Hole) and dict(found) == {}
