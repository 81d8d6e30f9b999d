"""Red Hat's sync, shutdown, halt and operator, with root's group: what says that somebody can act as one of them, and what is none of the four."""

from typing import Any

import pytest
from system.process_host import host

from hostcheck.host.answers import Stat
from hostcheck.model import Hole
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.accounts import probe_principals

FOUR = """root:x:0:0:root:/root:/bin/bash
sync:x:5:0:sync:/sbin:/bin/sync
shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown
halt:x:7:0:halt:/sbin:/sbin/halt
operator:x:11:0:operator:/root:/sbin/nologin
"""
SHADOW = "".join(f"{name}:*:19760:0:99999:7:::\n" for name in ("sync", "shutdown", "halt", "operator"))
NOTHING = {"password": False, "crontab": False, "key": False, "rule": False, "unit": False}
REDHAT = "Include /etc/ssh/sshd_config.d/*.conf\nAuthorizedKeysFile\t.ssh/authorized_keys\nSubsystem sftp /usr/libexec/openssh/sftp-server\n"
KEY = "ssh-ed25519 AAAAC3Nz somebody\n"


def told(files: dict[str, Any] | None = None, passwd: str = FOUR) -> Any:
    return stated(probe_principals.collect, host({"/etc/passwd": passwd, "/etc/shadow": SHADOW, **(files or {})}))["stock_accounts"]


def test_as_they_are_shipped_nothing_acts_as_them() -> None:
    assert told() == dict.fromkeys(("sync", "shutdown", "halt", "operator"), NOTHING)
    merged = FOUR.replace("/sbin/nologin", "/usr/sbin/nologin").replace(":/sbin:", ":/usr/sbin:").replace("/bin/sync", "/usr/bin/sync")
    assert told(passwd=merged) == told()
    assert told({"/etc/shadow": ""})["halt"] == NOTHING  # without a line no password opens it


@pytest.mark.parametrize(
    "line",
    [
        "operator:x:11:0:operator:/root:/bin/bash",
        "operator:x:11:0:operator:/home/operator:/sbin/nologin",
        "operator:x:12:0:operator:/root:/sbin/nologin",
        "operator:x:11:11:operator:/root:/sbin/nologin",
        "operator:x:11:0:operator:/root:/opt/sbin/nologin",
        "operator:x:11:0:operator:/root:",
        "games:x:12:0:games:/usr/games:/sbin/nologin",
        "sync:x:4:65534:sync:/bin:/bin/sync",
        "sync:x:4:65534:sync:/bin:/bin/sync\nsync:x:5:0:sync:/sbin:/bin/sync",
    ],
)
def test_what_is_not_as_it_was_shipped_is_an_account_like_any_other(line: str) -> None:
    assert told(passwd=f"root:x:0:0:root:/root:/bin/bash\n{line}\n") == {}


@pytest.mark.parametrize(
    ("files", "fact"),
    [
        ({"/etc/shadow": SHADOW.replace("operator:*", "operator:$y$j9T$abc")}, "password"),
        ({"/etc/shadow": SHADOW.replace("operator:*", "operator:")}, "password"),
        ({"/etc/shadow": SHADOW + "operator:$6$abc:1::::::\n"}, "password"),
        ({"/etc/passwd": FOUR.replace("operator:x", "operator:")}, "password"),
        ({"/etc/passwd": FOUR.replace("operator:x", "operator:$1$abc")}, "password"),
        ({"/var/spool/cron/operator": "* * * * * true\n"}, "crontab"),
        ({"/var/spool/cron/crontabs/operator": "* * * * * true\n"}, "crontab"),
        ({"/etc/crontab": "SHELL=/bin/sh\n17 * * * * operator true\n"}, "crontab"),
        ({"/etc/cron.d/x": "@daily operator true\n"}, "crontab"),
        ({"/root/.ssh/authorized_keys": KEY}, "key"),
        ({"/root/.ssh/authorized_keys2": f"# key\n{KEY}"}, "key"),
        ({"/root/.ssh/authorized_keys": f'from="10.0.0.1,restrict" {KEY}'}, "key"),
        ({"/usr/lib/systemd/system/x.service": "[Service]\nUser=operator\n"}, "unit"),
        ({"/etc/systemd/system/x@.service": "[Service]\nUser=11\n"}, "unit"),
        ({"/etc/systemd/system/x.service": "[Service]\nUser=ann\n", "/etc/systemd/system/x.service.d/a.conf": "[Service]\nUser=operator\n"}, "unit"),
        ({"/usr/lib/systemd/system/x@.service": "[Service]\nUser=%i\n", "/etc/systemd/system/multi-user.target.wants/x@operator.service": "link"}, "unit"),
        ({"/usr/lib/systemd/system/x@.service": "[Service]\nUser=%I\n", "/etc/systemd/system/x@operator.service.d/a.conf": "[Service]\n"}, "unit"),
        ({"/etc/systemd/system/operator.service": "[Service]\nUser=%p\n"}, "unit"),
        ({"/var/lib/systemd/linger/operator": ""}, "unit"),
        ({"/etc/init.d/x": '#!/sbin/openrc-run\ncommand_user="operator:operator"\n'}, "unit"),
        ({"/etc/init.d/x": "start-stop-daemon --start --user operator --exec /bin/x\n"}, "unit"),
        ({"/etc/init.d/x": 'command_user="${X_USER:-11}"\n'}, "unit"),
        ({"/etc/init.d/x": 'command_user="$X_USER"\n', "/etc/conf.d/x": "X_USER=operator\n"}, "unit"),
    ],
)
def test_what_lets_somebody_act_as_one(files: dict[str, Any], fact: str) -> None:
    assert told(files)["operator"] == {**NOTHING, fact: True}
    assert told(files)["halt"] == NOTHING


@pytest.mark.parametrize(
    "files",
    [
        {"/etc/shadow": SHADOW.replace("operator:*", "operator:!!")},
        {"/etc/shadow": SHADOW.replace("operator:*", "operator:!$y$j9T$abc")},
        {"/var/spool/cron/root": "* * * * * operator\n"},
        {"/etc/crontab": "# 17 * * * * operator true\n17 * * * * root operator\n"},
        {"/root/.ssh/authorized_keys": f"# {KEY}\n"},
        {"/root/.ssh/authorized_keys": f'no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo \'Please login as \\"ann\\"\'" {KEY}'},
        {"/root/.ssh/authorized_keys": f"restrict {KEY}"},
        {"/usr/lib/systemd/system/x.service": "[Service]\n# User=operator\nGroup=operator\n"},
        {"/usr/lib/systemd/system/x@.service": "[Service]\nUser=%i\n", "/etc/systemd/system/multi-user.target.wants/x@ann.service": "link"},
        {"/etc/init.d/x": "# command_user=operator\ncommand_user=ann:operator\nsync\n"},
        {"/etc/ssh/sshd_config": REDHAT, "/etc/ssh/sshd_config.d/50-redhat.conf": "Include /etc/crypto/opensshserver.config\nX11Forwarding yes\n"},
        {"/etc/ssh/sshd_config": "AuthorizedKeysFile %h/.ssh/authorized_keys .ssh/authorized_keys2\nTrustedUserCAKeys none\nHostbasedAuthentication no\n"},
        {"/etc/ssh/sshd_config": "# AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys\n", "/etc/ssh/sshd_config.d/x.off": "TrustedUserCAKeys /x\n"},
    ],
)
def test_what_lets_nobody_act_as_one(files: dict[str, Any]) -> None:
    assert told(files)["operator"] == NOTHING


@pytest.mark.parametrize(
    "files",
    [
        {"/etc/ssh/sshd_config": "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u\n"},
        {"/etc/ssh/sshd_config": 'authorizedkeysfile="/etc/ssh/keys/%u"\n'},
        {"/etc/ssh/sshd_config": "Match User operator\n  TrustedUserCAKeys /etc/ssh/ca.pub\n"},
        {"/etc/ssh/sshd_config.d/10-x.conf": "AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys\n"},
        {"/etc/ssh/sshd_config": "HostbasedAuthentication yes\n"},
        {"/etc/ssh/sshd_config": "Include more.conf\n", "/etc/ssh/more.conf": "TrustedUserCAKeys /etc/ssh/ca.pub\n"},
        {"/etc/ssh/sshd_config": "Include /srv/ssh/*.conf\n"},
    ],
)
def test_ways_of_sshd_that_are_not_looked_for_leave_the_keys_unknown(files: dict[str, Any]) -> None:
    stated = told(files)["operator"]
    assert {name for name, value in stated.items() if isinstance(value, Hole)} == {"key"}
    assert told({**files, "/root/.ssh/authorized_keys": KEY})["operator"]["key"] is True


@pytest.mark.parametrize("spool", ["/var/spool/at", "/var/spool/cron/atjobs"])
@pytest.mark.parametrize(("uid", "runs"), [(11, True), (1000, False)])
def test_a_job_of_at_is_of_who_owns_its_file(spool: str, uid: int, runs: bool) -> None:
    job = {f"{spool}/a0000101c0ffee": Stat(type="file", uid=uid, gid=0, mode=0o700)}
    machine = host({"/etc/passwd": FOUR, "/etc/shadow": SHADOW}, stats=job)
    assert stated(probe_principals.collect, machine)["stock_accounts"]["operator"] == {**NOTHING, "crontab": runs}


def test_files_that_include_each_other_end() -> None:
    assert told({"/etc/ssh/sshd_config": "Include more.conf\n", "/etc/ssh/more.conf": "Include sshd_config\n"})["operator"] == NOTHING


DENIED = PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    ("files", "fact"),
    [
        ({"/etc/shadow": DENIED}, "password"),
        ({"/etc/crontab": DENIED}, "crontab"),
        ({"/root/.ssh/authorized_keys": DENIED}, "key"),
        ({"/etc/systemd/system/x.service": DENIED}, "unit"),
        ({"/etc/init.d/x": DENIED}, "unit"),
        ({"/etc/ssh/sshd_config": DENIED}, "key"),
    ],
)
def test_what_cannot_be_read_is_not_taken_for_nothing(files: dict[str, Any], fact: str) -> None:
    stated = told(files)["operator"]
    assert {name for name, value in stated.items() if isinstance(value, Hole)} == {fact}


def test_denying_any_answer_only_makes_holes() -> None:
    files = {"/etc/passwd": FOUR, "/etc/shadow": SHADOW, "/etc/crontab": "17 * * * * operator true\n", "/root/.ssh/authorized_keys": KEY}
    assert list(denials(probe_principals.collect, host({**files, "/etc/systemd/system/x.service": "[Service]\nUser=halt\n"}))) == []


ADM = "root:x:0:0:root:/root:/bin/ash\nadm:x:3:4:adm:/var/adm:/sbin/nologin\nann:x:1000:1000::/home/ann:/bin/ash\n"


def test_an_account_without_a_login_shell_in_a_group_of_others_is_one_of_them() -> None:
    """As Alpine's adm is in the group disk; ann can log in, and the group adm is its own."""
    group = {"/etc/group": "root:x:0:root\nadm:x:4:root,adm\ndisk:x:6:root,adm,ann\n"}
    assert told({**group, "/etc/shadow": "adm:!:1::::::\n"}, passwd=ADM) == {"adm": NOTHING}
    assert told({"/etc/group": "adm:x:4:adm\n"}, passwd=ADM) == {}
    for rule in ("ann ALL=(adm) ALL", "ann ALL=(#3) /bin/x", "adm ALL=(bin) ALL"):
        assert told({**group, "/etc/sudoers": f"{rule}\n"}, passwd=ADM)["adm"]["rule"] is True
    assert told({**group, "/etc/doas.conf": "permit ann as adm\n"}, passwd=ADM)["adm"]["rule"] is True
    assert isinstance(told({**group, "/etc/sudoers": DENIED}, passwd=ADM)["adm"]["rule"], Hole)


def test_a_host_without_them_is_not_asked_for_its_passwords() -> None:
    machine = host({"/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/sh\n", "/etc/shadow": DENIED})
    assert stated(probe_principals.collect, machine)["stock_accounts"] == {}
