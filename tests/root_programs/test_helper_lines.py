import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.root_programs.helper_lines import linker, modprobe, pam_program, udev
from hostcheck_builtin.system.pam_lines import pam_lines

PARTS = (
    "RUN",
    "PROGRAM",
    "IMPORT",
    "{program}",
    "{file}",
    "{builtin}",
    "+=",
    "==",
    "=",
    '"',
    "\\",
    "\n",
    "#",
    ",",
    "/a b",
    "install",
    "remove",
    "auth",
    "[",
    "]",
    "include",
    " ",
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('RUN+="/a b"', [(1, "/a b")]),
        ('\nKERNEL=="x", RUN{program}+="/a"', [(2, "/a")]),
        ('RUN{builtin}+="kmod load"', []),
        ('IMPORT{program}="/a", PROGRAM=="/b", RUN="/c"', [(1, "/a"), (1, "/b"), (1, "/c")]),
        ('IMPORT{db}="X"', []),
        ('A="b", \\\n RUN+="/a"\nRUN+="/b"', [(1, "/a"), (3, "/b")]),
        ('# RUN+="/a"', []),
        ('RUN+=e"/a \\"b\\""', [(1, '/a "b"')]),
        ('RUN+=i"/a"', [(1, "/a")]),
        ('RUN+="/a', []),
        ('XRUN+="/a"', []),
    ],
)
def test_rules_of_udev(text: str, wanted: list[tuple[int, str]]) -> None:
    assert list(udev(text)) == wanted


def test_lines_of_modprobe() -> None:
    text = "# install a /a\ninstall b /b c; /d\nremove e \\\n /f\nblacklist g\ninstall h\noptions i /j\n"
    assert list(modprobe(text)) == [(2, "/b c; /d"), (3, "/f")]


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("pam_exec.so /a b", "/a"),
        ("/lib/security/pam_exec.so seteuid log=/b type=auth /a", "/a"),
        ("pam_exec.so quiet a", ""),
        ("pam_python.so /a.py", "/a.py"),
        ("pam_unix.so /a", ""),
        ("pam_exec.so", ""),
    ],
)
def test_programs_that_modules_run(line: str, program: str) -> None:
    module, *arguments = line.split()
    assert pam_program(module, arguments) == program


def test_directories_of_libraries() -> None:
    assert linker("# /a\n/b /c:/d,/e # /f\ninclude /g/*.conf h\nhwcap 1 x\n/i=libc6\nj\n") == (["/b", "/c", "/d", "/e", "/i"], ["/g/*.conf", "h"])


@given(st.text() | st.lists(st.sampled_from(PARTS)).map("".join) | st.lists(st.sampled_from(PARTS)).map(" ".join))
def test_any_text_is_read(text: str) -> None:
    lines = text.count("\n") + 1
    assert all(1 <= line <= lines for line, _ in [*udev(text), *modprobe(text)])
    assert all(isinstance(pam_program(one.module, one.arguments), str) and 1 <= one.number <= lines for one in pam_lines(text))
    assert all(folder.startswith("/") for folder in linker(text)[0])
