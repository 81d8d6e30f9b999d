"""Whatever a unit file holds, it is read or says nothing; and one that is written by the book is read back."""

from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.system import units

INI = st.lists(st.sampled_from(["[Socket]", "[Unit]", "ListenStream", "=", "/srv/a", "\\", "#", ";", " ", "\n", "\r", "\0", "[", "]"]), max_size=20).map(
    "".join
)


@given(INI)
def test_no_unit_file_breaks_it_and_one_written_by_the_book_is_read_back(text: str) -> None:
    assert all(value == value.strip() for value in units.settings(text, "Socket", "ListenStream"))
    whole = f"[Unit]\n{text.replace(chr(92), '').replace('[', '')}\n[Socket]\nListenStream = /srv/b\n"
    assert list(units.settings(whole, "Socket", "ListenStream")) == ["/srv/b"]
