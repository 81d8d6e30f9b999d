import pytest
from credentials.credential_host import NETWORK, cluster
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck.model import HoleError
from hostcheck_builtin.credentials.cluster_servers import judge, server


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://127.0.0.1:6443", "this-host"),
        ("https://127.9.9.9", "this-host"),
        ("https://[::1]:6443", "this-host"),
        ("https://localhost:16443/x", "this-host"),
        ("https://10.0.0.5:6443", "this-host"),
        ("https://[fd00::5]:6443", "this-host"),
        ("https://NODE1:6443", "this-host"),
        ("https://node1.example", "this-host"),
        ("https://api.example:6443", "this-host"),
        ("10.0.0.5:6443", "this-host"),
        ("https://10.0.0.9:6443", "elsewhere"),
        ("https://10.0.0.6:6443", "elsewhere"),
        ("https://far.example:6443", "elsewhere"),
        ("https://other.example", "elsewhere"),
        ("https://127.0.0.1.example", "elsewhere"),
        ("https://10.0.0.100:6443", "this-cluster"),
        ("https://10.0.0.100:6444", "elsewhere"),
        ("https://lb.example", "this-cluster"),
        ("https://lb.example:443/path", "this-cluster"),
    ],
)
def test_where_a_server_is(url: str, where: str) -> None:
    assert judge(cluster(), lambda: frozenset({("10.0.0.100", "6443"), ("lb.example", "443")}))(url) == where


def test_what_is_not_known_is_not_elsewhere() -> None:
    where = judge(cluster({"/proc/self/net/fib_trie": PermissionError(13, "no")}), frozenset)
    assert where("https://127.0.0.1") == "this-host"
    with pytest.raises(PermissionError):
        where("https://10.0.0.9")
    away = cluster({"/proc/self/net/unix": "", "/proc/1/net/unix": PermissionError(13, "no")})
    with pytest.raises(HoleError):
        judge(away, frozenset)("https://10.0.0.9")


def test_loopback_asks_nothing() -> None:
    assert judge(cluster(dict.fromkeys(NETWORK, PermissionError(13, "no"))), frozenset)("https://localhost") == "this-host"


@given(st.text(max_size=50) | st.from_regex(r"https://[0-9a-z.:\[\]]{0,20}(:[0-9]{0,6})?"))
def test_any_text(url: str) -> None:
    try:
        assert server(url)[0]
    except Nonsense:
        return
    assert judge(cluster(), frozenset)(url) in ("this-host", "elsewhere")
