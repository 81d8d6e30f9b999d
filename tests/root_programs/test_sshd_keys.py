"""From which files sshd takes a user's keys, and whether it takes one that others may write."""

from typing import Any

import pytest
from root_programs.root_host import file, folder, host

from hostcheck_builtin.root_programs import root_files, sshd_keys

ANN = {"name": "ann", "uid": 1000, "gid": 1000, "home": "/home/ann"}
KEYS = "/home/ann/.ssh/authorized_keys"
CONFIG = "/etc/ssh/sshd_config"


def keys(files: dict[str, str], **more: Any) -> sshd_keys.SshdKeys:
    taken = root_files.begin(host(files, **more))
    taken.begin("logins")
    return sshd_keys.begin(taken)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", [KEYS]),
        ("AuthorizedKeysFile %h/.ssh/authorized_keys\n", [KEYS]),
        ("AuthorizedKeysFile /etc/keys/%u /etc/keys/%U\n", [KEYS, "/etc/keys/ann", "/etc/keys/1000"]),
        ("AuthorizedKeysFile keys\n", [KEYS, "/home/ann/keys"]),
        ("AuthorizedKeysFile /etc/%t\n", [KEYS]),
    ],
)
def test_files_of_keys(text: str, paths: list[str]) -> None:
    told = keys({CONFIG: text, KEYS: ""}).of(ANN, lambda path: not path.endswith("2"))
    assert [path for path, _, _ in told] == paths


@pytest.mark.parametrize(
    ("text", "stats", "debian", "takes"),
    [
        ("", {KEYS: file(1000, 0o600)}, False, True),
        ("", {KEYS: file(1000, 0o602)}, True, False),
        ("", {KEYS: file(1001, 0o600)}, True, False),
        ("", {KEYS: file(1000, 0o660)}, False, False),
        ("", {KEYS: file(1000, 0o660)}, True, True),
        ("", {KEYS: file(1000, 0o660, gid=50)}, True, False),
        ("", {KEYS: file(1000, 0o600), "/home/ann": folder(1000, 0o777)}, True, False),
        ("StrictModes no\n", {KEYS: file(1001, 0o666)}, False, True),
        ("StrictModes yes\nStrictModes no\n", {KEYS: file(1000, 0o602)}, False, False),
    ],
)
def test_what_sshd_takes(text: str, stats: dict[str, Any], debian: bool, takes: bool) -> None:
    files = {CONFIG: text, KEYS: "", **({"/etc/debian_version": "13\n"} if debian else {})}
    assert keys(files, stats=stats).takes(KEYS, ANN) is takes


def test_programs_that_are_asked_for_keys() -> None:
    assert list(keys({CONFIG: "AuthorizedKeysCommand /opt/keys %u\n"}).programs()) == [("/opt/keys", CONFIG)]
    assert list(keys({CONFIG: "AuthorizedKeysCommand /opt/%u\n"}).programs()) == []
