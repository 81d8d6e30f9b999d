import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import LimitExceeded
from hostcheck_builtin.root_programs import apt_settings

SETTINGS = """/* one */ A::One "1"; // "no
# no { ;
A::Two { "x" "y"; "z//q"; named "k"; };
a::two:: "low";
A::Six%41 "%41";
C::D "1"
 "2"; C::E "1""2"; C::F 1; C::G { 1; 2 };
A::Gone { "x"; }; #clear A::Gone;
E::F { G { "g"; } H "h" }; E::I "i";
E::K "x" { L "y"; };
E::M { [a b] "q"; };
"E::N" "n"; E::O x#y
; E::P /* a
b */ "p";
/* // */
E::Q "no";
*/ E::R "r";
"""
PIECES = st.lists(st.sampled_from([*'{};"\n #/*[]%', "A", "B::", "::", '"x"', "//", "/*", "*/", "#clear ", "#include ", '"/d/"', ";\n"]), max_size=40).map(
    "".join
)


def told(text: str) -> list[tuple[str, str]]:
    """Return what is set in the end, as `apt-config dump` does."""
    found = dict[tuple[str, int], str]()
    for number, (_, name, value) in enumerate(apt_settings.read(text)):
        if name == "#clear":
            gone = value.lower()
            found = {key: one for key, one in found.items() if key[0] != gone and not key[0].startswith(f"{gone}::")}
        else:
            found[name, number if name.endswith("::") else 0] = value
    return [(name, value) for (name, _), value in found.items() if value]


@pytest.mark.skipif(
    not shutil.which("apt-config"), reason="this machine has no apt, so nothing can be compared with it; what is read of its settings is tested below"
)
def test_apt_reads_the_same(tmp_path: Path) -> None:
    (tmp_path / "conf").write_text(SETTINGS)
    dump = subprocess.run(
        ["apt-config", "-c", tmp_path / "conf", "dump", "--no-empty", "--format", "%f=%v%n"], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    lines = [line.partition("=") for line in dump.stdout.split("\n") if line.startswith(("A::", "C::", "E::"))]
    assert [(name.lower(), value) for name, _, value in lines] == told(SETTINGS) and len(lines) > 15


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('A { B {"x";};};', [(1, "a::b::", "x")]),
        ('\nA::B\n"x";', [(3, "a::b", "x")]),
        ('#clear A::B;\n#include "/etc/own/";', [(1, "#clear", "A::B"), (2, "#include", "/etc/own/")]),
        ('A "1"; { "x"; };', [(1, "a", "1")]),
        ('A "1"; B c d; E "2";', [(1, "a", "1")]),
        ('A "1"; B [c; E "2";', [(1, "a", "1")]),
        ('A "1"', []),
        ("};;\n", []),
    ],
)
def test_what_a_file_says(text: str, wanted: list[tuple[int, str, str]]) -> None:
    assert [tuple(one) for one in apt_settings.read(text)] == wanted


def test_there_is_a_bound() -> None:
    with pytest.raises(LimitExceeded):
        list(apt_settings.read("a {" * 100))


@given(st.one_of(PIECES, st.text()))
def test_any_text_is_read(text: str) -> None:
    for one in apt_settings.read(text):
        assert 1 <= one.line <= text.count("\n") + 1
