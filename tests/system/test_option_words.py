import pytest

from hostcheck_builtin.system.option_words import Option, WordsRead, read, values

OPTIONS = {
    **{"-n": "value", "--name": "value", "-o": "next", "-q": "stop", "-i": "attached", "--color": "attached", "-x": "exec", "-file": "file", "+o": "next"},
}


@pytest.mark.parametrize(
    ("line", "told", "operands"),
    [
        ("", [], []),
        ("-n 5 x -y", [("-n", "value", "5")], ["x", "-y"]),
        ("-n5 --name=5 --name 6 -n", [("-n", "value", "5"), ("--name", "value", "5"), ("--name", "value", "6"), ("-n", "value", "")], []),
        ("-an 5 y", [("-a", "", ""), ("-n", "value", "5")], ["y"]),
        ("-ab --long=1", [("-a", "", ""), ("-b", "", ""), ("-ab", "", ""), ("--long", "", "1")], []),
        ("-oa x +o y z", [("-o", "next", "x"), ("-a", "", ""), ("-oa", "", ""), ("+o", "next", "y")], ["z"]),
        ("-i5 -i 5", [("-i", "attached", ""), ("-i", "attached", "")], ["5"]),
        ("--color 5", [("--color", "attached", "")], ["5"]),
        ("-x -x- -- -n", [("-x", "exec", ""), ("-x", "exec", ""), ("--", "", ""), ("-x-", "", "")], ["-n"]),
        ("-q -n 5", [("-q", "stop", "")], ["-n", "5"]),
        ("-file /a b", [("-file", "file", "/a")], ["b"]),
        ("- -n", [], ["-", "-n"]),
    ],
)
def test_options_before_the_first_word_that_is_none(line: str, told: list[tuple[str, str, str]], operands: list[str]) -> None:
    assert read(OPTIONS, line.split()) == WordsRead([Option(*one) for one in told], operands)


def test_options_anywhere() -> None:
    told = [Option("-n", "value", "5"), Option("-x", "exec", "")]
    assert read(OPTIONS, "a -n 5 b -x -- -z".split(), anywhere=True) == WordsRead(told, ["a", "b", "-z"])


def test_options_that_are_words() -> None:
    assert read({"-jar": "file"}, "-Xmx1g -jar /a -x".split(), whole=True).values("file") == ["/a"]
    assert read({"-n": "value"}, ["+x"]).operands == ["+x"]


def test_values_of_a_role() -> None:
    assert values([Option("-a", "value", "1"), Option("", "value", "2"), Option("-b", "", "3")], "value") == ["1", "2"]
