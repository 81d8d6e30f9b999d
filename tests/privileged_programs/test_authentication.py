"""What sudo asks of whom, and whom it has let in before: its own file of times says so, as sudo 1.9.16 wrote it (timestamp.h)."""

from struct import pack
from typing import Any

import pytest
from system.process_host import host

from hostcheck_builtin.privileged_programs import authentication

FILES = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n", "/etc/shadow": "ann:!:19000::::::\nroot:$y$j9T$secret:1::::::\n"}
SUDO = {"/etc/pam.d/sudo": "auth required pam_unix.so\naccount required pam_unix.so\n"}


def record(kind: int, flags: int = 0) -> bytes:
    return pack("=4H", 2, 56, kind, flags) + bytes(48)


def told(times: bytes | None = None, name: str = "ann") -> Any:
    more = {} if times is None else {f"/run/sudo/ts/{name}": times}
    return authentication.stated(host({**FILES, **SUDO, **more}), ("sudo",), "/run/sudo/ts")


def test_who_has_no_password_and_what_pam_asks() -> None:
    found = told()
    assert found["passwords"] == {"ann": {"uid": 1000, "password": "none", "enters": True}}
    assert [line["module"] for line in found["services"]["sudo"]["auth"]] == ["pam_unix.so"] and found["let_in_before"] == {}


@pytest.mark.parametrize(
    ("times", "before"),
    [
        (record(4) + record(2), True),
        (record(4) + record(2, flags=1), False),
        (record(4), False),
        (b"", False),
        (record(2)[:5], False),
        (pack("=4H", 2, 0, 4, 0) + record(2), True),
    ],
)
def test_who_was_let_in_before(times: bytes, before: bool) -> None:
    assert told(times)["let_in_before"] == ({"ann": True} if before else {})
    assert told(times, name="1000") == told(times)  # as since 1.9.15


def test_the_times_of_who_has_a_password_are_not_asked_for() -> None:
    assert told(record(2), name="root")["let_in_before"] == {}
