"""By what an address is reached."""

import pytest

from hostcheck_builtin.listeners.reach import reach


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("0.0.0.0", "every address"),
        ("::", "every address"),
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("localhost", "loopback"),
        ("192.0.2.1", "one address"),
        ("::ffff:192.0.2.1", "one address"),
        ("2001:db8::1", "one address"),
        ("fe80::1", "one address"),
        ("engine.example.org", "one address"),
    ],
)
def test_reach(address: str, expected: str) -> None:
    assert reach(address) == expected
