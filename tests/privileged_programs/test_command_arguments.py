"""What known programs do with arguments: whatever these are, an answer comes, and of a secret among them nothing is told."""

from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.privileged_programs.command_arguments import DEPTH, JUDGES, OF_OPTION, does
from hostcheck_builtin.privileged_programs.command_starters import USUAL
from hostcheck_builtin.privileged_programs.command_table import COMMANDS, LIMITED
from hostcheck_builtin.privileged_programs.command_words import FREE, HARMLESS, ORDER

WORDS = (
    "-x -c -i -u -f -C -S -t --file= --user root bob = - -- * a* [a] ? /opt/x /etc/shadow x.sh run exec up edit restart -v /:/h sh bash env su docker".split()
)


@given(st.sampled_from(sorted(COMMANDS)), st.lists(st.one_of(st.sampled_from(WORDS), st.text("-ab/=*:,. ", min_size=1)), max_size=6))
def test_there_is_an_answer(name: str, words: list[str]) -> None:
    found = does(f"/usr/bin/{name}", tuple(words))
    assert found is not None and found.kind in ORDER and all(path.startswith("/") for path in found.runs)
    if any("*" in word for word in words):
        assert found.kind != HARMLESS.kind or COMMANDS[name].gives == LIMITED


@given(st.sampled_from(sorted(COMMANDS)), st.lists(st.sampled_from(WORDS), max_size=4))
def test_no_secret_is_told(name: str, words: list[str]) -> None:
    found = does(name, (*words, "-phunter2", "--password=hunter2", "hunter2"))
    assert found is not None and "hunter2" not in repr(found)


def test_each_case_says_a_kind_or_what_finds_it_out() -> None:
    """Nothing finds out what no case asks for."""
    named = {case.does for one in COMMANDS.values() for case in (*one.given, *USUAL.get(one.starts, ()))}
    assert named - {*ORDER, OF_OPTION} == JUDGES.keys()


def test_programs_that_start_each_other() -> None:
    found = does("/usr/bin/env", ("env",) * (DEPTH + 2) + ("bash",))
    assert found is not None and found.kind == "unknown"
    assert does("/opt/x", ("*",)) is None
    free = does("/usr/bin/env", ("nice", "*"))
    assert free is not None and free == FREE
