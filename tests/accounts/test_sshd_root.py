from typing import Any

import pytest

from hostcheck_builtin.accounts.sshd_root import of_root


@pytest.mark.parametrize(
    ("lines", "lets"),
    [
        ((), "yes"),
        (("permitrootlogin without-password",), "yes"),
        (("permitrootlogin no",), "no"),
        (("permitrootlogin forced-commands-only",), "no"),
        (("permitrootlogin no", "permitrootlogin yes"), "perhaps"),
        (("permitrootlogin no", "match user root", "maxauthtries 3"), "perhaps"),
        (("pubkeyauthentication no",), "no"),
        (("authenticationmethods publickey,password",), "no"),
        (("allowusers ann",), "no"),
        (("allowusers ann", "allowusers r*"), "yes"),
        (("allowusers root@10.0.0.1",), "perhaps"),
        (("denyusers root",), "no"),
        (("allowgroups wheel",), "no"),
        (("allowgroups root",), "yes"),
    ],
)
def test_whether_settings_let_root_in(lines: tuple[str, ...], lets: str) -> None:
    assert of_root([["/etc/ssh/sshd_config", *line.split()] for line in lines], frozenset(("root",))).lets == lets


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("port 22", ("/root/.ssh/authorized_keys", "/root/.ssh/authorized_keys2")),
        ("authorizedkeysfile none", ()),
        ("authorizedkeysfile /etc/ssh/keys/%u %h/.keys own", ("/etc/ssh/keys/root", "/root/.keys", "/root/own")),
    ],
)
def test_in_which_files_its_keys_are(line: str, keys: Any) -> None:
    assert of_root([["/etc/ssh/sshd_config", *line.split()]], frozenset()).keys == keys
