import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Why
from hostcheck_builtin.system.presence import absent_as, each_told, is_file, is_there

HOST = MemoryHost({"/etc/file": "text", "/etc/secret": PermissionError(13, "denied")}, links={"/etc/link": "/etc/file", "/etc/lost": "/nowhere"}, processes=[])


def test_what_is_there_is_answered() -> None:
    assert absent_as("", HOST.read_text, "/etc/file", limit=9) == "text"


@pytest.mark.parametrize("path", ["/etc/none", "/etc/file/below"])
def test_what_is_absent_is_what_stands_for_it(path: str) -> None:
    assert absent_as("", HOST.read_text, path) == ""


def test_a_process_that_ended_is_absent() -> None:
    assert absent_as(None, HOST.process, 4321) is None


def test_what_is_denied_is_not_absent() -> None:
    with pytest.raises(PermissionError):
        absent_as("", HOST.read_text, "/etc/secret")
    with pytest.raises(PermissionError):
        is_there(HOST, "/etc/secret")


def test_links_are_followed_unless_it_is_said() -> None:
    assert [is_there(HOST, path) for path in ("/etc/file", "/etc/link", "/etc/lost", "/etc/none")] == [True, True, False, False]
    assert is_there(HOST, "/etc/lost", follow=False)


def test_a_file_is_no_directory() -> None:
    assert [is_file(HOST, path) for path in ("/etc/file", "/etc/link", "/etc", "/etc/none")] == [True, True, False, False]


def test_what_is_told_of_each_is_apart_from_what_is_not() -> None:
    told, hole = each_told(lambda path: absent_as(None, HOST.read_text, path), ["/etc/file", "/etc/none", "/etc/secret"])
    assert told == {"/etc/file": "text"} and hole is not None and hole.why is Why.DENIED
    assert each_told(HOST.read_text, ["/etc/link"]) == ({"/etc/link": "text"}, None)
    with pytest.raises(FileNotFoundError):
        each_told(HOST.read_text, ["/etc/none"])
