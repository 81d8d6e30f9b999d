"""Places of the catalogue as facts; tests/leads asks for each of them."""

from root_programs.root_host import OPEN, file, listed

FILE = "/etc/apt/apt.conf.d/99x"


def test_a_file_of_a_directory_counts_and_the_directory_too() -> None:
    assert list(listed("units", {FILE: ""}, stats={FILE: file(1000)})) == [FILE]
    assert list(listed("units", {FILE: ""}, stats={"/etc/apt/apt.conf.d": OPEN})) == ["/etc/apt/apt.conf.d", FILE]
    assert listed("units", {FILE: ""}) == {}


def test_a_name_that_is_not_of_the_pattern_is_none_of_them() -> None:
    path = "/etc/sysctl.d/README"
    assert listed("units", {path: ""}, stats={path: file(1000)}) == {}


def test_two_names_of_one_directory_are_one() -> None:
    """/lib is /usr/lib on most hosts."""
    path = "/usr/lib/tmpfiles.d/a.conf"
    assert list(listed("units", {path: ""}, stats={path: file(1000)}, links={"/lib": "usr/lib"})) == [path]


def test_a_pattern_for_a_directory_stands_for_those_that_are_there() -> None:
    paths = [f"/etc/python3.{number}/sitecustomize.py" for number in (11, 13)]
    programs = {"/usr/bin/python3.11": "x", "/usr/local/bin/python3.13": "x"}
    assert list(listed("units", {**dict.fromkeys(paths, ""), **programs}, stats=dict.fromkeys(paths, file(1000)))) == paths
    assert listed("units", dict.fromkeys(paths, ""), stats=dict.fromkeys(paths, file(1000))) == {}


def test_what_logins_read_is_apart() -> None:
    assert list(listed("logins", {"/etc/zsh/zshrc": ""}, stats={"/etc/zsh/zshrc": file(1000)})) == ["/etc/zsh/zshrc"]
