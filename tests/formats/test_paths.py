"""Paths as text: everything that a terminal needs, and nothing that moves its cursor."""

import pytest
from formats.root_report import change, disk, member, report, unsure

from hostcheck_builtin.formats import paths


def test_each_step_is_a_line_and_the_changes_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = paths.render(report(member("bob"), cut=(change("take bob out of group docker", "bob"),), users=1))
    assert text == (
        "1 of 41 accounts can become root without a password; one change stops all who are not approved.\n"
        "\nbob\n  certain\n    bob can connect to /run/docker.sock (group docker)\n    docker runs as root\n"
        "\nTO STOP THEM\n  1. take bob out of group docker (HC-ACC-17)\n     closes the paths of bob\n"
    )


def test_who_is_likely_and_who_is_not_known_follow() -> None:
    text = paths.render(report(disk("eve"), unsure("zoe"), unsure=["not known: why"]))
    assert text.partition("\n\n")[2] == (
        "eve\n  likely\n    eve has group disk\n    its members read and write the disks (likely)\n"
        "\nzoe\n  not known\n    connect to /run/docker.sock (denied: no)\n"
        "\nothers who could not be listed\n  not known\n    why\n"
    )


def test_a_report_without_paths_says_so() -> None:
    assert "does not say who can become root" in paths.render({})


def test_a_hostile_name_moves_no_cursor() -> None:
    assert "\x1b" not in paths.render(report(member("bob\x1b[2J"), users=1))
