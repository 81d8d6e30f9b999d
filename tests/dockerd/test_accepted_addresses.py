"""Addresses, networks and registries, one by one; that dockerd itself does so is shown by tests/real_engines/test_dockerd_agrees.py."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.dockerd import accepted_addresses as addresses

POOL = {"base": "10.0.0.0/8", "size": 24}


@pytest.mark.parametrize(
    ("function", "yes", "no", "open_"),
    [
        (addresses.address, ["8.8.8.8", "::1"], ["8.8.8", "x", "1.2.3.4/8"], ["", " 8.8.8.8", "fe80::1%eth0"]),
        (addresses.bridge, ["", "10.0.0.1/24"], ["x", "10.0.0.1", "fd00::1/64", "10.0.0.1/33"], ["10.0.0.0/24"]),
        (
            addresses.listens,
            ["", "unix:///x", "fd://", "tcp://:2375", "tcp://[::1]:1"],
            ["x://y", "tcp://:0", "tcp://:99999", "tcp://a/b"],
            ["vsock://1", "a:1"],
        ),
        (addresses.registry, ["a", "a.b:5000", "10.0.0.0/8", "http://a"], ["", "a/b", "a:99999"], ["::1", "[::1]:5000", "-a"]),
        (addresses.mirror, ["https://a", "http://a:5000/"], ["a", "ftp://a", "https://u@a", "https://a?q"], ["https://a/b", "https://"]),
        (addresses.domain, [".", "a.b", "a."], ["", " ", "a b"], ["-x", "1.2", "x" * 300]),
        (addresses.pools, [[], [POOL]], ["x", [1], [{"base": "x", "size": 24}], [{**POOL, "size": True}]], [[POOL, POOL], [{"base": "fd00::/48", "size": 64}]]),
    ],
)
def test_what_dockerd_takes(function: Any, yes: list[Any], no: list[Any], open_: list[Any]) -> None:
    assert [function(one) for one in (*yes, *no, *open_)] == [True] * len(yes) + [False] * len(no) + [None] * len(open_)


def test_the_worst_counts() -> None:
    assert [addresses.every(each, lambda one: one) for each in ([], [True], [True, None], [None, False])] == [True, True, None, False]


@given(st.text(max_size=40))
def test_any_text_has_a_verdict(text: str) -> None:
    for function in (addresses.address, addresses.bridge, addresses.listens, addresses.registry, addresses.mirror, addresses.domain):
        assert function(text) in (True, False, None)
