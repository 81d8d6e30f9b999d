"""Kinds follow from content, and else from name and place."""

import pytest

from hostcheck_builtin.privileged_programs import setuid_kinds
from hostcheck_builtin.privileged_programs.setuid_kinds import HELPERS, is_known, kind_of


@pytest.mark.parametrize(
    ("name", "path", "roots", "kind"),
    [
        ("docker", "/home/ann/docker", False, "engine"),
        ("nsenter", "/usr/bin/nsenter", True, "engine"),
        ("bash", "/usr/bin/bash", True, "shell"),
        ("python3.13", "/opt/python3.13", True, "shell"),
        ("newuidmap", "/usr/bin/newuidmap", True, "helper"),
        ("starter-suid", "/usr/local/libexec/apptainer/bin/starter-suid", True, "helper"),
        ("newuidmap", "/home/ann/newuidmap", False, "other"),
        ("su", "/usr/bin/su", True, "expected"),
        ("ssh-keysign", "/usr/lib/openssh/ssh-keysign", True, "expected"),
        ("chrome-sandbox", "/opt/google/chrome/chrome-sandbox", True, "expected"),
        ("su", "/opt/su", True, "other"),
        ("su", "/usr/bin/su", False, "other"),
        ("ssh-agent", "/usr/bin/ssh-agent", True, "expected"),
        ("ssh-agent", "/opt/ssh-agent", True, "shell"),
        ("backup", "/opt/backup", True, "other"),
    ],
)
def test_what_a_program_is_by_name_and_place(name: str, path: str, roots: bool, kind: str) -> None:
    assert kind_of(name, path, same=False, roots=roots) == kind


def test_a_copy_is_what_it_was_made_from_wherever_it_lies() -> None:
    for path in ("/usr/bin/passwd", "/home/ann/passwd"):
        assert (kind_of("bash", path, same=True, roots=True), kind_of("docker", path, same=True, roots=True)) == ("shell", "engine")


def test_copies_are_looked_for_of_shells_and_engines_alone() -> None:
    assert (
        is_known("docker") and is_known("dash") and is_known("python3.11") and not any(is_known(name) for name in HELPERS | {"su", "sudo", "mount", "passwd"})
    )
    assert all(path.startswith("/") for path in (*setuid_kinds.SYSTEM, *setuid_kinds.BROWSERS))
