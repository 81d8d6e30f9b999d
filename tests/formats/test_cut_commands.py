"""The commands of a change: those of its failures, or of the rule on paths, that name what it names."""

from typing import Any

import pytest

from hostcheck_builtin.formats.cut_commands import BY_PATHS, commands

SOCKET = [{"rule": "R-1", "subject": "/run/docker.sock"}]


def failure(rule: str, subject: str, *run: str, result: str = "fail") -> dict[str, Any]:
    return {"rule": rule, "subject": subject, "result": result, "fix": [{"note": "Look first."}, *({"run": command} for command in run)]}


FOUND = {
    "findings": [
        failure("R-1", "/run/docker.sock", "gpasswd -d bob -- docker", "gpasswd -d bobby -- docker", "chmod go-w -- /run/docker.sock"),
        failure("R-1", "/run/other.sock", "rm -- /run/other.sock"),
        failure("R-1", "/run/docker.sock", "never", result="pass"),
        failure(BY_PATHS, "bob", "gpasswd -d ann -- disk", "chmod go-w -- /opt/job", "awk -f x 3 /etc/sudoers", "awk -f x 31 /etc/sudoers"),
        failure(BY_PATHS, "carol", "gpasswd -d ann -- kvm"),
    ]
}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"kind": "socket", "findings": SOCKET}, ["gpasswd -d bob -- docker", "gpasswd -d bobby -- docker", "chmod go-w -- /run/docker.sock"]),
        ({"kind": "member", "user": "bob", "group": "docker", "findings": SOCKET}, ["gpasswd -d bob -- docker"]),
        ({"kind": "member", "user": "ann", "group": "disk"}, ["gpasswd -d ann -- disk"]),
        ({"kind": "member", "user": "ann", "group": "kvm"}, []),
        ({"kind": "file", "path": "/opt/job"}, ["chmod go-w -- /opt/job"]),
        ({"kind": "file", "path": "/opt/jo"}, []),
        ({"kind": "grant", "path": "/etc/sudoers", "line": 3}, ["awk -f x 3 /etc/sudoers"]),
        ({"kind": "way", "user": "bobby", "change": "remove what lets bobby connect to /run/x (ACL)", "findings": SOCKET}, ["gpasswd -d bobby -- docker"]),
        ({"kind": "way", "user": "eve", "change": "what lets eve connect to /run/docker.sock (x)", "findings": SOCKET}, ["chmod go-w -- /run/docker.sock"]),
        ({"kind": "pam"}, []),
        ({}, []),
    ],
)
def test_the_commands_of_a_change(change: dict[str, Any], found: list[str]) -> None:
    assert commands({"change": "x", **change}, FOUND) == found


def test_a_report_of_before_has_none() -> None:
    assert commands({"change": "x", "kind": "member", "user": "bob", "group": "docker", "rules": ["R-1"]}, {"findings": []}) == []
