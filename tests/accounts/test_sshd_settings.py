"""Which settings of sshd let somebody in by more than a key at home."""

import pytest

from hostcheck.host import LimitExceeded
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.accounts.sshd_settings import ADDED, CONFIG, only_keys_at_home

KEYS = "AuthorizedKeysFile /etc/ssh/keys/%u\n"


@pytest.mark.parametrize(
    "text",
    [
        *("", "# " + KEYS, "AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2\n", "AuthorizedKeysFile none\n", "TrustedUserCAKeys none\n"),
        *("AuthorizedKeysCommand none\n", "HostbasedAuthentication no\n", "PermitRootLogin yes\n", f"Include {ADDED}/*.conf\n"),
    ],
)
def test_nothing_but_keys_at_home(text: str) -> None:
    only_keys_at_home(MemoryHost({CONFIG: text}))


@pytest.mark.parametrize(
    "text",
    [
        *(KEYS, "authorizedkeysfile=/etc/ssh/keys/%u\n", "TrustedUserCAKeys /etc/ssh/ca.pub\n", "AuthorizedKeysCommand /usr/bin/keys\n"),
        *("HostbasedAuthentication yes\n", "Match User operator\n  AuthorizedKeysFile /srv/k\n", "Include /etc/ssh/more/*\n"),
    ],
)
def test_whatever_else_lets_somebody_in_is_not_known(text: str) -> None:
    for host in (
        MemoryHost({CONFIG: text}),
        MemoryHost({f"{ADDED}/90-site.conf": text}),
        MemoryHost({CONFIG: "Include more.conf\n", "/etc/ssh/more.conf": text}),
    ):
        with pytest.raises(LimitExceeded):
            only_keys_at_home(host)


def test_files_that_include_each_other_end() -> None:
    only_keys_at_home(MemoryHost({CONFIG: f"Include {CONFIG} a.conf\n", "/etc/ssh/a.conf": f"Include {CONFIG}\n"}))
