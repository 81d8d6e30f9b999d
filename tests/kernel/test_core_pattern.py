"""A core_pattern as the kernel takes it apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.kernel.core_pattern import CoreHandler, handler


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("core.%p", None),
        ("", None),
        ("|/a/b %e %p", CoreHandler("pipe", "/a/b", "/a/b")),
        ("|  a/b\t%e", CoreHandler("pipe", "a/b", "/a/b")),
        ("|/a/100%% %e", CoreHandler("pipe", "/a/100%%", "/a/100%")),
        ("|/a/%e x", CoreHandler("pipe", "/a/%e", "/a/%e", "/a/\0")),
        ("|/a*/%%%e.[x", CoreHandler("pipe", "/a*/%%%e.[x", "/a*/%%e.[x", "/a*/%\0.[x")),
        ("|/a% b c", CoreHandler("pipe", "/a% b", "/ab")),
        ("|/a%", CoreHandler("pipe", "/a%", "/a")),
        ("|", CoreHandler("pipe", "", "/")),
        ("@/run/%e x", CoreHandler("socket", "/run/%e x", "/run/%e x")),
        ("@@/run/x", CoreHandler("socket", "/run/x", "/run/x")),
    ],
)
def test_what_gets_the_dumps(setting: str, wanted: CoreHandler | None) -> None:
    assert handler(setting) == wanted


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("|/a/b/%e", ("/a/b", "*", False)),
        ("|%e", ("/", "*", False)),
        ("|/a*/x?%u.y/z", ("/a*", "x[?]*.y", True)),
        ("|/proc/%P/root/h", ("/proc", "*", True)),
    ],
)
def test_where_a_process_chooses(setting: str, wanted: tuple[str, str, bool]) -> None:
    found = handler(setting)
    assert found is not None and found.chosen_in == wanted


@given(st.text() | st.lists(st.sampled_from([*"|@%/ep *?[] "])).map("".join))
def test_any_text_is_taken_apart(text: str) -> None:
    found = handler(text)
    assert found is None or found.kind == "socket" or (found.path.startswith("/") and (not found.chosen or "*" in found.chosen_in[1]))
