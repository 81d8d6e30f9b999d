"""What a real systemd does with StandardOutput= of a unit with a user: root opens the file, and follows a link that the user has put there."""

import pytest
from hosts import booted

SYSTEM = "/etc/systemd/system"
HEAD = "[Unit]\nDefaultDependencies=no\n{}\n[Service]\nType=oneshot\n{}\n"
LAYS = "mkdir /var/log/app; chown nobody /var/log/app; ln -s /etc/proof /var/log/app/log; chown -h nobody /var/log/app/log"
SAYS = "stat -c %%u:%%a /etc/proof; cat /etc/proof"


@pytest.mark.parametrize("kind", ["append", "file", "truncate"])
def test_root_opens_the_output_of_a_unit_of_another_user(kind: str) -> None:
    files = {
        f"{SYSTEM}/a.service": HEAD.format("", f"ExecStart=/bin/sh -c '{LAYS}'"),
        f"{SYSTEM}/b.service": HEAD.format("After=a.service", f"User=nobody\nStandardOutput={kind}:/var/log/app/log\nExecStart=/bin/sh -c 'id -u'"),
        f"{SYSTEM}/c.service": HEAD.format("After=b.service", f"ExecStart=/bin/sh -c '/opt/tell c \"$({SAYS})\"'"),
    }
    assert booted.told(files)["c"] == [b"0:644\n65534"]


def test_the_shell_of_the_user_cannot() -> None:
    files = {
        f"{SYSTEM}/a.service": HEAD.format("", f"ExecStart=/bin/sh -c '{LAYS}'"),
        f"{SYSTEM}/b.service": HEAD.format("After=a.service", "User=nobody\nExecStart=-/bin/sh -c 'id -u >> /var/log/app/log'"),
        f"{SYSTEM}/c.service": HEAD.format("After=b.service", f"ExecStart=/bin/sh -c '/opt/tell c \"$({SAYS} 2>/dev/null)\"'"),
    }
    assert booted.told(files)["c"] == [b""]
