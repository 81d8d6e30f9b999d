"""Patterns of sudo: what they match, against bash(1), which matches names as glob(3) does, and which directory all of it is in."""

import subprocess
import time
from pathlib import Path

import pytest

from hostcheck_builtin.privileged_programs.command_patterns import compiled, folder

NAMES = ("sh", "bash", ".sh", "s", "a-b", "A", "[", "x]", "ab", "^a", "sh*", "\\\\")
GLOBS = ("*", "?h", "[a-z]*", "[!a-z]*", "[^a-z]*", "[[:upper:]]", "[]x]*", "s\\*", "sh\\*", "*a*", "*b", "[a", "b**h", ".*", "[-a]*", "?*?")


@pytest.mark.parametrize("glob", GLOBS)
def test_wildcards_match_what_they_match_in_a_shell(tmp_path: Path, glob: str) -> None:
    for number, name in enumerate(NAMES):
        (place := tmp_path / str(number)).mkdir()
        (place / name).touch()
        script = 'shopt -u failglob; shopt -s nullglob; LC_ALL=C; set -- "$1" $2; [ $# -gt 1 ] && [ "$2" = "$1" ]'
        real = subprocess.run(("bash", "-c", script, "x", name, glob), cwd=place, check=False).returncode == 0
        found = compiled(f"/opt/{glob}", "wildcard")
        if "*" in glob.replace("\\*", "") or "?" in glob or ("[" in glob and "]" in glob):
            assert found is not None and bool(found.search(f"/opt/{name}")) == real, name


@pytest.mark.parametrize(
    ("name", "path", "matches", "misses"),
    [
        ("/usr/*", "wildcard", "/usr/x", "/usr/bin/x"),
        ("/u*/b?n/x", "wildcard", "/usr/bin/x", "/usr/b/n/x"),
        ("/usr/bin/", "directory", "/usr/bin/x", "/usr/bin/x/y"),
        ("^/usr/bin/[[:lower:]]+$", "regex", "/usr/bin/sh", "/usr/bin/SH"),
        ("^(?i)/USR/.*$", "regex", "/usr/bin/x", "/opt/x"),
    ],
)
def test_paths(name: str, path: str, matches: str, misses: str) -> None:
    found = compiled(name, path)
    assert found is not None and found.search(matches) and not found.search(misses)


@pytest.mark.parametrize("name", ["^(a+)+$", "^(a|a)*b$", "^(x)\\1$", f"^{'a' * 300}$", "^a*b*c*d*e*f*$", "^[$", "^(?=x)$", "^a**$"])
def test_a_regular_expression_that_is_not_evaluated(name: str) -> None:
    assert compiled(name, "regex") is None


def test_very_many_stars_take_no_time() -> None:
    found = compiled("/" + "*a" * 100 + "b", "wildcard")
    begun = time.monotonic()
    assert found is not None and not found.search("/" + "a" * 200)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    ("name", "path", "where"),
    [
        ("/opt/x/", "directory", "/opt/x"),
        ("/opt/x*", "wildcard", "/opt"),
        ("/opt/a\\*b", "wildcard", "/opt"),
        ("/*/x", "wildcard", "/"),
        ("^/opt/x/.*$", "regex", "/opt/x"),
        ("^/opt/x/?$", "regex", "/opt"),
        ("^/opt/(a|b)$", "regex", "/opt"),
        ("^/opt/a|/srv/b$", "regex", ""),
        ("^.*$", "regex", ""),
        ("^/.*$", "regex", "/"),
    ],
)
def test_the_directory_of_a_pattern(name: str, path: str, where: str) -> None:
    assert folder(name, path) == where
