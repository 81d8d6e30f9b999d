from typing import Any, ClassVar

import pytest
from root_programs.root_host import OPEN, PASSWD, document, facts, file, host

from hostcheck.testing import ProbeContract
from hostcheck_builtin.root_programs import PROBES, root_files
from hostcheck_builtin.root_programs.probe_root_programs import LOOKS

SYSTEM = "/etc/systemd/system"


def test_of_what_is_roots_alone_the_count_is_stated() -> None:
    told = facts({"/etc/crontab": "", "/etc/pam.d/su": ""})
    assert {name: (told[name]["files"], told[name]["alone"] > 0) for name in LOOKS} == {
        "cron": ({}, True),
        "units": ({}, True),
        "kernel": ({}, False),
        "logins": ({}, True),
    }
    assert set(LOOKS) == set(root_files.GROUPS)


@pytest.mark.laws
class TestRootPrograms(ProbeContract):
    (probe,) = PROBES
    hosts: ClassVar[Any] = {
        "open": host(
            {
                "/etc/debian_version": "13\n",
                "/etc/crontab": "PATH=/home/ann/bin:/usr/bin\n17 * * * * root run-parts /etc/cron.hourly\n* * * * * root x\n* * * * * www /home/ann/y\n",
                "/home/ann/bin/x": "#!/usr/bin/env python3\n",
                "/home/ann/y": "#!/bin/sh\n. /home/bob/z\n",
                "/home/bob/z": "",
                "/etc/cron.hourly/a": "#!/bin/sh\n",
                "/usr/bin/run-parts": "x",
                "/var/spool/cron/atjobs/a1": "/home/ann/y\n",
                f"{SYSTEM}/x.service": "[Service]\nUser=www\nExecStart=+/home/ann/y\nEnvironmentFile=/home/ann/env\n",
                f"{SYSTEM}/x.service.d/a.conf": "[Service]\nExecStop=/bin/sh -c /home/bob/z\n",
                f"{SYSTEM}/x.timer": "[Timer]\n",
                "/proc/sys/kernel/core_pattern": "|/home/ann/y %p\n",
                "/etc/udev/rules.d/9.rules": 'RUN+="/home/ann/y"\n',
                "/etc/modprobe.d/a.conf": "install usb /home/ann/y\n",
                "/etc/ld.so.conf": "include ld.so.conf.d/*.conf\n",
                "/etc/ld.so.conf.d/a.conf": "/home/ann/lib\n",
                "/etc/pam.d/su": "auth optional pam_exec.so /home/ann/y\n",
                "/root/.profile": ". /home/bob/z\n",
                "/etc/ssh/sshd_config": "AuthorizedKeysFile /home/ann/keys\nStrictModes no\n",
            },
            links={f"{SYSTEM}/timers.target.wants/x.timer": "../x.timer"},
            stats={"/etc/cron.d": OPEN, f"{SYSTEM}/x.service.d": OPEN},
        ),
        "accounts": host(
            {
                "/etc/debian_version": "13\n",
                "/etc/shadow": "root::19000::::::\nann::19000::::::\nwww:*:19000::::::\n",
                "/usr/bin/su": "x",
                "/etc/pam.d/su": "@include common-auth\n",
                "/etc/pam.d/common-auth": "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n",
                "/etc/sudoers": "",
                "/etc/sudoers.d/a": "",
                "/etc/ssh/sshd_config": "",
                "/etc/ssh/sshd_config.d/a.conf": "",
                "/home/ann/.profile": "",
                "/home/ann/.ssh/authorized_keys": "",
                "/var/spool/cron/crontabs/bob": "* * * * * /home/ann/x\n",
                "/var/spool/cron/crontabs/toor": "* * * * * /home/ann/x\n",
                "/home/ann/x": "",
                "/etc/passwd": f"{PASSWD}toor:x:0:0::/srv/toor:/bin/sh\n",
            },
            stats={
                "/usr/bin/su": file(0, 0o4755),
                "/etc/shadow": file(0, 0o660, 50),
                "/etc/sudoers": file(0, 0o660, 0),
                "/home/ann/.profile": file(1000, 0o666),
                "/home/ann/.ssh/authorized_keys": file(1000, 0o664),
                "/var/spool/cron/crontabs/bob": file(1001, 0o600),
            },
        ),
    }


def test_what_is_roots_alone_is_stated_where_it_lies_at_no_usual_place() -> None:
    table = "* * * * * root /opt/app/job.sh\n* * * * * ann /opt/app/hers\n* * * * * root /usr/bin/true\n"
    files = {"/etc/cron.d/app": table, **dict.fromkeys(("/opt/app/job.sh", "/opt/app/hers", "/usr/bin/true"), "")}
    told = facts(files)["cron"]
    (use,) = told["places"]["/opt/app/job.sh"]["uses"].values()
    assert {path: [one["user"] for one in place["uses"].values()] for path, place in told["places"].items()} == {
        "/opt/app/job.sh": ["root"],
        "/opt/app/hers": ["ann"],
    }
    assert (use["by"], use["how"], use["place"], use["when"], use["certain"]) == ("root's cron", "runs", "/etc/cron.d/app:1", "cron", True)
    assert told["files"] == {} and told["alone"] > 3


def test_what_a_host_in_memory_tells_obeys_the_schema() -> None:
    assert document({"/etc/crontab": "* * * * * root /home/ann/x\n", "/home/ann/x": ""})["root-programs"]["cron"]["files"]
