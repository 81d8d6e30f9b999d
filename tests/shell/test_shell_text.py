from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import LimitExceeded
from hostcheck_builtin.shell import shell_text
from hostcheck_builtin.shell.shell_names import ShellName
from hostcheck_builtin.shell.shell_text import named
from hostcheck_builtin.system import bounds

WORDS = (
    "if",
    "then",
    "fi",
    "case",
    "esac",
    "do",
    "done",
    "{",
    "}",
    "(",
    ")",
    "$(",
    "`",
    '"',
    "'",
    "<<E",
    "\n",
    ";",
    "&&",
    "||",
    "\\",
    "/a/b",
    "A=/c",
    "$A",
    ". ",
    "cd",
    "exit",
    "#",
    " ",
    "$((",
    "((",
    "))",
    "x=(",
    "[[",
    "]]",
    "<(",
    "$'",
    "2>&1",
    "<",
    "function",
    "for",
    "sh",
    "eval",
)


def sure(text: str, *hows: str) -> list[str]:
    return [one.path for one in named(text) if one.certain and one.how in (hows or ("runs", "reads", "searches", "path", "parts"))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/a b /c", ["/a"]),
        ("A=1 B=2 /a", ["/a"]),
        ("/a; /b & /c | /d && /e || /f", ["/a", "/b", "/c", "/d", "/e", "/f"]),
        ("# /a\n/b # /c", ["/b"]),
        ("/a#b", ["/a#b"]),
        ("'/a b' x\n\"/c\"\n/d\\ e", ["/a b", "/c", "/d e"]),
        ("echo '/a", []),
        (". /a; source /b", ["/a", "/b"]),
        ("D=/a; $D/b; ${D}/c; $E/d", ["/a/b", "/a/c"]),
        ("/a > /b 2>&1 < /c >> /d", ["/a"]),
        ("> /b /a", ["/a"]),
        ("cat <<E; /a\n/b\nE\n/c", ["/a", "/c"]),
        ("cat <<-'E F'\n\t/b\n\tE F\n/c", ["/c"]),
        ("/a <<< x\n/b", ["/a", "/b"]),
        ('/a "$(/b; /c)" d', ["/b", "/c", "/a"]),
        ('/a "x `/b` y"\n/c', ["/b", "/a", "/c"]),
        ("x=$(/b); /a", ["/b", "/a"]),
        ("(cd /x; ./a)", ["/x/a"]),
        ("cd /x && ./a; cd $Y; ./b", ["/x/a"]),
        ("{ /a; }", ["/a"]),
        ("f() { /a; }; /b", ["/b"]),
        ("if /a; then /b; fi; /c", ["/a", "/c"]),
        ("if [ -f /a ]; then . /a; else /b; fi", ["/a"]),
        ("[ -x /a ] && /a", ["/a"]),
        ("while /a; do /b; done", ["/a"]),
        ("for i in /a/*.sh; do . $i; done", []),
        ("case $1 in\n a) /a;;\n (b) /b;;\nesac; /c", ["/c"]),
        ("exit 0\n/a", []),
        ("test x || exit 1\n/a", ["/a"]),
        ("if x; then exit; fi; /a", ["/a"]),
        ("exec /a; /b", ["/a"]),
        ("exec 2>/dev/null\n/b", ["/b"]),
        ("PATH=/a:/usr/bin:/b", ["/a", "/usr/bin"]),
        ("export PATH=$PATH:/a", []),
        ("export PATH=/a:$PATH", ["/a"]),
        ("run-parts --report /a", ["/a"]),
        ("sh -c '/a; . /b'", ["/a", "/b"]),
        ("nice -n 5 env X=1 /a", ["/a"]),
        ("! /a; time /b", ["/a", "/b"]),
        ("/a\\\n/b", ["/a/b"]),
        ("exec >/dev/null 2>&1; /a", ["/a"]),
        ("exec 3>&1 4<&- >&5 &>/x <>/y\n/a", ["/a"]),
        ("exec {fd}>/x\n/a", ["/a"]),
        ("2>&1 /a", ["/a"]),
        ("exec -a x /a; /b", ["/a"]),
        ("x=$((1<<2))\n/a", ["/a"]),
        ('echo "$(( (1+2) << 2 )) $(/b)"\n/a', ["/b", "/a"]),
        ("x=$(( $(/a) << 1 ))\n/b", ["/a", "/b"]),
        ("(( x = (1 << 2) | 16#f ))\n/a", ["/a"]),
        ("for ((i=0; i<<3; i++)); do /a; done; /b", ["/b"]),
        ("for((i=0;i<3;i++)) do x; done; if((i<<3)); then x; fi; /b", ["/b"]),
        ("((/a); /b)", []),
        ("( (/a); /b)", ["/a", "/b"]),
        ("if(/a) then x; fi", ["/a"]),
        ("echo $'it\\'s' $'/b' \n/a", ["/a"]),
        ("$'/a' $'\\", ["/a"]),
        ('$"/a"', ["/a"]),
        ("x=( /a ); /b", ["/b"]),
        ("x+=( # it's\n /a (b) $(/c)\n /d ); /b", ["/c", "/b"]),
        ("declare -a x=(/a /b)\n/c", ["/c"]),
        ("rm !(/a|/b) @(c) /d; /e", ["/e"]),
        ("[[ -n a && /a -nt /b ]]; /c", ["/c"]),
        ("[[ a =~ ^(x|/y)$ ||\n /a < /b ]] && /c", ["/c"]),
        ("if ! [[ $(/a) > /b ]]; then x; fi; /c", ["/a", "/c"]),
        ("[[ a; /b", ["/b"]),
        ("[[ -f /a ]] && /a", ["/a"]),
        ("if [[ -f /a ]]; then /a; fi", ["/a"]),
        ("diff <(/a) >(/b) /c; /d", ["/a", "/b", "/d"]),
        ("D=/a; ${D:-/b}/c; ${E:=/f}", []),
        ("(cd /x; ls); bash a; x=$(cd /y); ./b", []),
        ("cd /x && bash a; python3 b", ["/x/a", "/x/b"]),
        ("cd /x && sh -c ./a", ["/x/a"]),
        ("if y; then cd /x; fi; bash a; bash /b", ["/b"]),
        ("sh < /a", ["/a"]),
        ("< /a sudo sh -s x", ["/a"]),
        ("cat < /a; sort 0< /b; sh 3< /c; while read x; do :; done < /d", []),
        ("cat /a | sh; cat /b || sh; cat /c; sh; cat /d | sort | sh", ["/a"]),
        ("time -p /a; time nice /b", ["/a", "/b"]),
        ("function f { /a; }; function g() { /b; }; function h\n{ /c\n}\n/d", ["/d"]),
        ("case $1 in /a) /b;; esac; /c", ["/c"]),
        ("PYTHONPATH=/a python3 /b", ["/a", "/b"]),
    ],
)
def test_what_a_text_names_for_sure(text: str, wanted: list[str]) -> None:
    assert sure(text) == wanted


def test_what_stands_in_a_condition_is_perhaps() -> None:
    assert [(one.path, one.certain) for one in named("if x; then /a; fi") if one.how == "runs"] == [("/a", False)]
    assert named("if x; then /a; fi; /a")[-1] == ShellName(1, "runs", "/a", True)


def test_lines_are_counted() -> None:
    text = "\n/a\nX='\n'\n/b\ncat <<E\nx\nE\n/c \\\n d\n/e"
    assert [(one.path, one.line) for one in named(text) if one.how == "runs"] == [("/a", 2), ("/b", 5), ("/c", 9), ("/e", 11)]


@pytest.mark.parametrize(
    "text", ["\n".join(f"/{number}" for number in range(1000)), "then " * 100, "$(" * 100, "(" * 100, "x=(" * 100, "$((" * 100, "function f { " * 100]
)
def test_what_is_too_much_is_said(text: str) -> None:
    with pytest.raises(LimitExceeded):
        named(text)


@given(st.text(printable + "\0\udcff") | st.lists(st.sampled_from(WORDS)).map("".join) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_text_is_read(text: str) -> None:
    """It neither fails nor names what the text does not hold, but for a directory and a name that stand apart."""
    try:
        found = named(text)
    except LimitExceeded:
        return
    assert all(one.path and "\0" not in one.path and 1 <= one.line <= text.count("\n") + 1 for one in found)


CODE = st.text('az/ .;(){}"$=&|<>%#\n', max_size=20).map(lambda text: f"canary{text}/")
ONE_LINERS = ("awk '%s' f", "df | perl -lne '%s'", "perl -pi.bak -e '%s' f", "php -r '%s'", "ruby -ne '%s'", "node -pe '%s'", "python3 -sc '%s'", "sed '%s' f")
ONE_LINERS += (
    "xargs -d '%s'",
    "x=('%s')",
    "x[1]='%s'",
    "X='%s' y",
    "[[ a && '%s' -nt b ]]",
    "echo $'%s'",
    "curl -u '%s' x",
    "nice awk '%s'",
    "sh -c 'awk \"%s'",
)


@given(st.sampled_from(ONE_LINERS), CODE, st.sampled_from(("", "then ", "$(", "(", "! ", "time ")))
def test_code_is_never_told(line: str, code: str, before: str) -> None:
    """Not even where it would be a path in the directory that a command is run in."""
    assert not any("canary" in one.path for one in named(f"cd /w\n{before}{line % code}\n"))


@pytest.mark.parametrize(
    "part",
    [
        "\\a",
        "$A",
        "A=$A$A ",
        "'",
        '"',
        "`",
        "<<E\n",
        "; ",
        ") ",
        "a ",
        "\\\n",
        "#",
        "a() ",
        "/a; ",
        "A=b ",
        "fi ",
        "[[ a ]] ",
        "x=(a) ",
        "$((1)) ",
        "((1)) ",
        "$'",
        "$'a' ",
        "<(a) ",
        "a(b) ",
        "if [[ ",
        "$'\\",
    ],
)
def test_a_long_text_takes_steps_by_its_length(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each token is taken once, and a word does not grow without end."""
    steps, longest = 0, 0
    take = shell_text._Reader.take

    def counting(self: shell_text._Reader, token: str) -> None:
        nonlocal steps, longest
        steps, longest = steps + 1, max(longest, len(self.word or ""), len(self.blocks.opened))
        take(self, token)

    monkeypatch.setattr(shell_text._Reader, "take", counting)
    text = part * 20_000
    try:
        named(text)
    except LimitExceeded:
        pass
    assert steps <= len(text) + 2 and longest <= bounds.SHELL_WORD


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("cd /d && tar cf x *", True),
        ("cd /d; nice -n 3 zip x *", True),
        ("(cd /d; chown -R www *)", True),
        ("cd /d\nbash -c 'tar cf x *'", True),
        ("cd /d; rsync -a * host:/x", True),
        ("cd /d; rsync -a * /x", False),
        ("cd /d; tar cf x *.txt", False),
        ("cd /d; tar cf x ?*", False),
        ("cd /d; if a; then tar cf x *; fi", False),
        ("if a; then cd /d; fi; tar cf x *", False),
        ("cd /d; 7z a x *", False),
        ("cd /d; tar cf x ./*", None),
        ("cd /d; tar cf x -- *", None),
        ("cd /d; tar cf x '*'", None),
        ("cd /d; tar cf x \\*", None),
        ('cd /d; tar cf x "*"', None),
        ("cd /d; tar cf x /d/*", None),
        ("cd /d; tar cf x a*", None),
        ("cd /d; rm -r *", None),
        ("cd $d; tar cf x *", None),
        ("tar cf x *", None),
    ],
)
def test_names_of_files_that_a_program_takes_for_options(text: str, certain: bool | None) -> None:
    assert [(one.path, one.certain) for one in named(text) if one.how == "names"] == [("/d", certain)] * (certain is not None)


def test_a_pattern_at_the_beginning_of_a_word_is_a_pattern_still() -> None:
    assert [one.path for one in named("cd /d; sh *.sh; . ./*.rc") if one.how in ("runs", "reads")] == ["/d/*.sh", "/d/*.rc"]
