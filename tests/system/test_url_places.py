import pytest

from hostcheck_builtin.system.url_places import LOGIN, place


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://me:p/w@mirror.local/a?token=x", "https://mirror.local"),
        ("mirror.local:5000", "mirror.local:5000"),
        ("http://m#x", "http://m"),
        ("me:a@b@m/x", "m"),
        ("", ""),
    ],
)
def test_a_place_has_no_login_and_no_path(url: str, expected: str) -> None:
    assert place(url) == expected and LOGIN.match(place(url)) is None
