"""Whatever a file holds, its parser gives an answer or says that it has none; and what is written by the book is read back."""

from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.api import Unsupported
from hostcheck_builtin.desktop import lima_yaml

PLAIN = st.text("abcXYZ019_-./~ é", min_size=1, max_size=20).filter(lambda text: text == text.strip())
YAML = st.lists(
    st.sampled_from(
        ["location", "writable", "mounts", "base", ":", ": ", "- ", "\n", "\n  ", "\n- ", " #", "'", '"', "[]", "{}", "~", "*a", "|", "\\", "/x", "true"]
    )
)


@given(st.lists(st.tuples(PLAIN, st.sampled_from([None, True, False])), max_size=4))
def test_mounts_that_lima_would_write_are_read_back(mounts: list[tuple[str, bool | None]]) -> None:
    lines = [f"- location: '{path}'" + ("" if writable is None else f"\n  writable: {str(writable).lower()}") for path, writable in mounts]
    assert lima_yaml.mounts("\n".join(["vmType: qemu", "mounts:", *lines, "cpus: 4"])) == [lima_yaml.Mount(*one) for one in mounts]


@example("''")
@given(YAML.map("".join) | st.text(max_size=60))
def test_no_text_breaks_the_reader_of_limas_files(text: str) -> None:
    try:
        assert all(one.location for one in lima_yaml.mounts(f"mounts:\n- location: {text}"))
    except Unsupported:
        pass
