import pytest

from hostcheck_builtin.privileged_programs.command_words import Does, Words, part, taken, worst


@pytest.mark.parametrize(
    ("words", "options", "rest"),
    [
        (("-n", "5", "x", "-y"), {"-n": "5"}, ("x", "-y")),
        (("-n5", "x"), {"-n": "5"}, ("x",)),
        (("-xn", "5", "y"), {"-x": "", "-n": "5"}, ("y",)),
        (("--name=5", "x"), {"--name": "5"}, ("x",)),
        (("--name", "5", "x"), {"--name": "5"}, ("x",)),
        (("--", "-n", "x"), {}, ("-n", "x")),
        (("-", "x"), {}, ("-", "x")),
        (("-n",), {"-n": ""}, ()),
        ((), {}, ()),
    ],
)
def test_options(words: Words, options: dict[str, str], rest: Words) -> None:
    assert part(words, "-n --name", anywhere=False) == (options, rest)


def test_options_anywhere() -> None:
    assert part(("x", "-n", "5", "y", "--", "-z"), "-n") == ({"-n": "5"}, ("x", "y", "-z"))


@pytest.mark.parametrize(
    ("files", "kind"),
    [(("/opt/x",), "program"), (("x",), "working-directory"), (("-",), "shell"), (("/dev/stdin",), "shell"), (("/opt/*",), "free"), (("/opt/[a]",), "unknown")],
)
def test_files(files: Words, kind: str) -> None:
    assert taken(*files).kind == kind


def test_the_worst() -> None:
    assert worst([Does("harmless"), Does("unknown", ("/a",)), Does("program", ("/b", "/a"))]) == Does("unknown", ("/a", "/b"))
    assert worst([]) == Does("harmless")
