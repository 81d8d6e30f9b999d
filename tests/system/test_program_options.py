import pytest

from hostcheck_builtin.system.program_options import PROGRAMS, USERS_SHELL, is_shell, program


@pytest.mark.parametrize(
    ("command", "told", "operands"),
    [
        ("bash -euo pipefail -c text x", [("next", "pipefail"), ("text-behind", "")], ["text", "x"]),
        ("bash +O extglob --rcfile /r /a", [("next", "extglob"), ("value", "/r")], ["/a"]),
        ("bash --rcfile=/r -- -a", [("value", "/r")], ["-a"]),
        ("sh -", [], ["-"]),
        ("sh -o", [("next", "")], []),
        ("python3.11 -uWignore -X dev /a -c x", [("value", "ignore"), ("value", "dev")], ["/a", "-c", "x"]),
        ("perl -i.bake -lne code", [("attached", ""), ("code", "")], ["code"]),
        ("perl -I/l -0777 /a", [("searches", "/l")], ["/a"]),
        ("java -Xmp1 -cp /a:/b -jar /c", [("searches", "/a:/b"), ("file", "/c")], []),
        ("xargs -0 -i -I {} -n1 /a +b", [("attached", ""), ("value", "{}"), ("value", "1")], ["/a", "+b"]),
        ("sudo --user=bob -nu root /a", [("user", "bob"), ("user", "root")], ["/a"]),
        ("nice --adjustment", [("value", "")], []),
        ("zsh -opipefail -o errexit /a", [("value", "pipefail"), ("value", "errexit")], ["/a"]),
        ("make all -C /x -j 4", [("folder", "/x"), ("attached", "")], ["all", "4"]),
    ],
)
def test_what_options_say(command: str, told: list[tuple[str, str]], operands: list[str]) -> None:
    head, *words = command.split()
    of = program(head)
    assert of is not None
    read = of.read(words)
    assert ([(role, value) for _, role, value in read.told if role], read.operands) == (told, operands)


def test_a_program_is_known_whatever_its_version() -> None:
    assert program("/usr/bin/python3.11") is PROGRAMS["python"] and program("perl5.36.0") is PROGRAMS["perl"]
    assert program("python3-config") is program("") is program("/") is None


def test_a_shell_that_nobody_names_is_one() -> None:
    assert program(USERS_SHELL) is PROGRAMS["sh"] and is_shell(USERS_SHELL)


def test_which_programs_read_scripts_of_a_shell() -> None:
    assert all(map(is_shell, ("sh", "/bin/bash", "/bin/busybox", "ksh93")))
    assert not any(map(is_shell, ("csh", "python3", "/bin/sh/", "", "flash")))


def test_each_option_of_a_table_is_one() -> None:
    """A cluster of letters is none, but for programs whose options are words."""
    for name, one in PROGRAMS.items():
        assert all(option[0] in "-+" and (one.words == "whole" or option.startswith("--") or len(option) == 2) for option in one.options), name
