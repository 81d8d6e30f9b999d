import pytest
from privileged_programs.rights import sudo

from hostcheck_builtin.privileged_programs.sudo_sources import policy, services


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("passwd: files\n", []),
        ("sudoers: files sss\n", ["files", "sss"]),
        ("Sudoers:\tldap [NOTFOUND=return] files # x\n", ["ldap", "files"]),
        ("# sudoers: ldap\nsudoers: files\nsudoers: ldap\n", ["files"]),
        ("sudoers: other\n", []),
    ],
)
def test_services(text: str, found: list[str]) -> None:
    assert services(text) == found


@pytest.mark.parametrize(
    ("text", "own", "file", "options"),
    [
        ("", True, "/etc/sudoers", []),
        ("# Plugin x y\nPlugin sudoers_policy sudoers.so\nPlugin sudoers_io sudoers.so\n", True, "/etc/sudoers", []),
        ("Plugin sudoers_policy /usr/lib/sudo/sudoers.so sudoers_file=/etc/other sudoers_mode=0400\n", True, "/etc/other", ["sudoers_mode"]),
        ("Plugin sudoers_policy other.so\n", False, "/etc/sudoers", []),
        ("Plugin approval x.so\n", False, "/etc/sudoers", []),
        ("Set disable_coredump false\nPath noexec /x\n", True, "/etc/sudoers", []),
    ],
)
def test_sudo_conf(text: str, own: bool, file: str, options: list[str]) -> None:
    assert policy(text) == {"own": own, "file": file, "options": options}


def test_on_a_host() -> None:
    told = sudo("", {"/etc/nsswitch.conf": "sudoers: files sss\n", "/var/lib/sss/pipes/sudo": "", "/etc/sudo-ldap.conf": ""})
    assert told["sources"] == {"services": ["files", "sss"], "named": True, "ldap_conf": True, "sss_answers": True}
    assert sudo("")["sources"] == {"services": ["files"], "named": False, "ldap_conf": False, "sss_answers": False}


def test_another_file() -> None:
    told = sudo("", {"/etc/sudo.conf": "Plugin sudoers_policy sudoers.so sudoers_file=/etc/other\n", "/etc/other": "ann ALL=ALL\n"})
    assert list(told["rules"]) == ["/etc/other:1"]
