"""What a running kernel says of itself is taken whole, and as it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense, Unsupported
from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.system.procfs import away_from_init, command, demand, field, number, status, whole, words


@pytest.mark.parametrize("path", ["/proc/1/mountinfo", "/proc/sys", "/proc/sys/kernel/osrelease", "/proc/filesystems", "/proc/cmdline"])
def test_what_every_kernel_has_is_hidden_where_it_is_not_there(path: str) -> None:
    with pytest.raises(PermissionError):
        demand(MemoryHost().read_text, path)
    with pytest.raises(Unsupported):
        demand(MemoryHost().read_text, "/proc/self/mountinfo")


def test_a_text_without_an_end_is_cut_short() -> None:
    assert whole("/x", "a\n") == "a\n"
    for text in ("", "a", "a\nb"):
        with pytest.raises(Nonsense):
            whole("/x", text)


def test_a_status_has_fields() -> None:
    fields = status(MemoryHost({"/proc/self/status": "Name:\ta:b\nUid:\t0\t0\t0\t0\n"}))
    assert (field(fields, "Name"), field(fields, "Uid")) == ("a:b", "0\t0\t0\t0")
    with pytest.raises(Unsupported):
        field(fields, "CapEff")


@given(st.integers(-(10**18), 10**20 - 1))
def test_a_canonical_number_is_an_integer(value: int) -> None:
    assert number(str(value)) == value


@pytest.mark.parametrize("text", ["", "-", "+1", "01", "-0", "1 ", " 1", "1_0", "0x1", "１", "1e3", "9" * 21, "--1", "²"])
def test_anything_else_stays_text(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("own", "init", "away"),
    [(7, 7, False), (7, 8, True), (7, None, True), (None, None, False), (PermissionError(13, "no"), 7, True), (7, PermissionError(13, "no"), True)],
)
def test_the_scanner_is_in_the_network_of_process_1_or_that_is_a_hole(own: int | None | Exception, init: int | None | Exception, away: bool) -> None:
    said = {f"/proc/{who}/net/unix": found for who, found in (("self", own), ("1", init)) if found is not None}
    stats = {path: Stat(type="file", uid=0, gid=0, mode=0o444, ino=found) for path, found in said.items() if isinstance(found, int)}
    denied = {path: found for path, found in said.items() if isinstance(found, Exception)}
    assert isinstance(away_from_init(MemoryHost(denied, stats=stats)), Hole) is away


@pytest.mark.parametrize(("text", "found"), [("a\0b\0", ["a", "b"]), ("a\0\0", ["a", ""]), ("", []), ("\0", [""])])
def test_words_of_a_command_line_end_with_a_nul(text: str, found: list[str]) -> None:
    assert words(MemoryHost({"/proc/7/cmdline": text}), "/proc/7/cmdline", 100) == found


def test_a_command_line_that_was_cut_short_is_not_known() -> None:
    with pytest.raises(Nonsense, match="middle of a word"):
        words(MemoryHost({"/proc/7/cmdline": "a\0b"}), "/proc/7/cmdline", 100)


def test_a_program_that_runs_has_a_command_line() -> None:
    assert command(MemoryHost({"/proc/7/cmdline": "a\0-b\0"}), 7, 100) == ["a", "-b"]
    with pytest.raises(Nonsense, match="empty"):
        command(MemoryHost({"/proc/7/cmdline": ""}), 7, 100)
