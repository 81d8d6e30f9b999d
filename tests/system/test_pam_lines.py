from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.system.pam_lines import joined, pam_lines

TEXT = "#%PAM\nauth [success=1 default=ignore] pam_unix.so nullok\n-session optional pam_x.so a # b\n@include c\nauth include d\nx required y\nauth required\n"
PARTS = ("auth", "-session", "@include", "[", "]", "\\]", "include", "substack", "pam_x.so", "/a", " ", "\t", "\n", "\\\n", "#")


def test_lines_of_pam() -> None:
    assert [(one.number, one.kind, one.control, one.module, one.arguments) for one in pam_lines(TEXT)] == [
        (2, "auth", "[success=1 default=ignore]", "pam_unix.so", ["nullok"]),
        (3, "session", "optional", "pam_x.so", ["a"]),
        (4, "@include", "", "c", []),
        (5, "auth", "include", "d", []),
    ]
    assert [one.includes for one in pam_lines(TEXT)] == [False, False, True, True]


def test_the_one_file_begins_with_services() -> None:
    (one, other) = pam_lines("Login auth required /lib/pam_x.so b\nsu\tsession substack /c\nsu\n\n", services=True)
    assert (one.service, one.kind, one.name, one.arguments) == ("login", "auth", "pam_x.so", ["b"])
    assert (other.service, other.control, other.module, other.includes) == ("su", "substack", "/c", True)


def test_a_line_goes_on_behind_a_backslash() -> None:
    assert list(joined("a \\\n b\nc # d\n# e\nf\\")) == [(1, "a   b"), (3, "c # d"), (5, "f")]
    assert list(joined("a # b\\\nc", comments=True)) == [(1, "a"), (2, "c")]


@given(st.lists(st.sampled_from(PARTS)).map("".join) | st.lists(st.sampled_from(PARTS)).map(" ".join))
def test_any_text_is_read(text: str) -> None:
    for services in (False, True):
        assert all(1 <= one.number <= text.count("\n") + 1 and one.module for one in pam_lines(text, services=services))
