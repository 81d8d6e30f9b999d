"""Which settings of sshd let somebody in by more than a key at home."""

import pytest

from hostcheck.host import LimitExceeded
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.accounts.sshd_settings import ADDED, CONFIG, keys_elsewhere

KEYS = "AuthorizedKeysFile /etc/ssh/keys/%u\n"


@pytest.mark.parametrize(
    "text",
    [
        *("AuthorizedKeysFile .ssh/authorized_keys # /etc/keys\n", '  TrustedUserCAKeys "none"\t#x\n', "  # " + KEYS),
        *("", "# " + KEYS, "AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2\n", "AuthorizedKeysFile none\n", "TrustedUserCAKeys none\n"),
        *("AuthorizedKeysCommand none\n", "HostbasedAuthentication no\n", "PermitRootLogin yes\n", f"Include {ADDED}/*.conf\n"),
    ],
)
def test_nothing_but_keys_at_home(text: str) -> None:
    assert keys_elsewhere(MemoryHost({CONFIG: text})) == []


def test_keys_of_roots_are_named() -> None:
    text = "AuthorizedKeysFile .ssh/authorized_keys\t/root/.ssh/authorized_keys # as ever\n"
    assert keys_elsewhere(MemoryHost({CONFIG: text})) == ["/root/.ssh/authorized_keys"]


@pytest.mark.parametrize(
    "text",
    [
        *("AuthorizedKeysFile .ssh/authorized_keys#2\n", "AuthorizedKeysFile #\n  /root/x\nAuthorizedKeysFile /root/x # none\n"),
        *('AuthorizedKeysFile "#x" .ssh/authorized_keys\n', "AuthorizedKeysFile /home/ann/.ssh/authorized_keys\n"),
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
            keys_elsewhere(host)


def test_files_that_include_each_other_end() -> None:
    keys_elsewhere(MemoryHost({CONFIG: f"Include {CONFIG} a.conf\n", "/etc/ssh/a.conf": f"Include {CONFIG}\n"}))
