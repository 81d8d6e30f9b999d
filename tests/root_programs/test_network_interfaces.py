"""Commands of ifupdown's table: which are read, of which interface, and what they run."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_programs.root_host import file, listed

from hostcheck_builtin.root_programs.network_interfaces import InterfacesTable

TABLE = "/etc/network/interfaces"
SCRIPT = "/opt/net/routes.sh"
STANZA = f"auto lo eth0\niface eth0 inet dhcp\n  post-up {SCRIPT} add\n"


def uses(text: str, **more: Any) -> list[tuple[str, str, bool]]:
    files = {TABLE: text, SCRIPT: "#!/bin/sh\n", "/sbin/ifup": "x", **more.pop("files", {})}
    found = listed("units", files, stats={SCRIPT: file(0, 0o775, 50), **more})
    return [(use["place"], use["by"], use["certain"]) for path, one in dict(found).items() if path == SCRIPT for use in one["uses"].values()]


@pytest.mark.parametrize(
    ("text", "place", "certain"),
    [
        (STANZA, f"{TABLE}:3", True),
        (STANZA.replace("auto lo eth0", "allow-hotplug eth0"), f"{TABLE}:3", True),
        (STANZA.replace("auto lo eth0", "auto lo"), f"{TABLE}:3", False),
        (f"auto a\niface a inet manual\n\tpre-up ip link set a up && \\\n    {SCRIPT}\n", f"{TABLE}:3", True),
        (f"auto a\niface a inet manual\n down sh {SCRIPT}\n", f"{TABLE}:3", True),
    ],
)
def test_commands(text: str, place: str, certain: bool) -> None:
    assert uses(text) == [(place, "ifupdown", certain)]


@pytest.mark.parametrize("text", ["", f"# up {SCRIPT}\n", f"iface eth0 inet dhcp\n  hwaddress {SCRIPT}\n", f"iface eth0\n  upper {SCRIPT}\n"])
def test_other_lines_run_nothing(text: str) -> None:
    assert uses(text) == []


@pytest.mark.parametrize(
    ("line", "path", "read"),
    [
        ("source /etc/network/interfaces.d/*", "/etc/network/interfaces.d/a.cfg", True),
        ("source interfaces.d/*.cfg", "/etc/network/interfaces.d/a.cfg", True),
        ("source-directory /etc/network/interfaces.d", "/etc/network/interfaces.d/a", True),
        ("source-directory interfaces.d", "/etc/network/interfaces.d/a.cfg", False),
        ("source /etc/network/interfaces.d/*.conf", "/etc/network/interfaces.d/a.cfg", False),
    ],
)
def test_included_files(line: str, path: str, read: bool) -> None:
    assert uses(f"{line}\n", files={path: STANZA}) == ([(f"{path}:3", "ifupdown", True)] if read else [])


def test_without_ifupdown_nothing_is_certain() -> None:
    assert {one[2] for one in uses(STANZA, **{"/sbin/ifup": file(0, 0o755)})} == {True}
    found = listed("units", {TABLE: STANZA, SCRIPT: "x"}, stats={SCRIPT: file(0, 0o775, 50)})
    assert [use["certain"] for use in found[SCRIPT]["uses"].values()] == [False]


def test_a_file_that_includes_itself() -> None:
    assert uses(f"source {TABLE}\n{STANZA}") == [(f"{TABLE}:4", "ifupdown", True)]


@given(st.text(alphabet="up \\\n#iface/a-source"))
def test_any_text_is_read(text: str) -> None:
    assert all(isinstance(one, str) for one in InterfacesTable().read(TABLE, text))
