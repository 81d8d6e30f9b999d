"""Whatever the arguments of rootlesskit are, they tell how it was started or they do not."""

from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import Unsupported
from hostcheck.host import Nonsense
from hostcheck_builtin.engines import rootlesskit

WORDS = st.lists(st.sampled_from(["--net", "--net=", "-p", "--disable-host-loopback", "true", "maybe", "--", "-", "x", "--new", "=", "\udcff", ""]), max_size=6)


@given(WORDS)
def test_no_command_line_of_rootlesskit_breaks_it(words: list[str]) -> None:
    try:
        told = rootlesskit.options("\0".join(["rootlesskit", *words]).encode("utf-8", "surrogateescape"))
        assert told.keys() == {"network_driver", "port_driver", "host_loopback_disabled"}
    except (Unsupported, Nonsense):
        assert {"--new", "=", "--net=", "maybe", "--disable-host-loopback", "--net", "-p"} & set(words)


@given(st.text(":/\n=abc-@.0servicopuly", max_size=60))
def test_no_control_group_breaks_it(text: str) -> None:
    manager, name = rootlesskit.manager_of(text)
    assert manager in ("none", "system", "user") and (manager == "none" or name.endswith((".service", ".scope")))
