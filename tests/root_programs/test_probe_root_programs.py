from typing import Any, ClassVar

import pytest
from root_programs.root_host import OPEN, PASSWD, document, facts, file, folder, host, listed

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject
from hostcheck.testing import ProbeContract
from hostcheck_builtin.root_programs import PROBES, root_files, uses
from hostcheck_builtin.root_programs.probe_root_programs import LOOKS

ANN = file(1000)
SYSTEM = "/etc/systemd/system"


def places(found: Any) -> dict[str, list[str]]:
    return {path: sorted(f"{use['place']} {use['how']}" for use in one["uses"].values()) for path, one in found.items()}


def kinds(found: Any) -> dict[str, set[str]]:
    return {path: {use["kind"] for use in one["uses"].values()} for path, one in found.items()}


def test_of_what_is_roots_alone_the_count_is_stated() -> None:
    assert {name: (one["files"], one["alone"] > 0) for name, one in facts({"/etc/crontab": "", "/etc/pam.d/su": ""}).items()} == {
        "cron": ({}, True),
        "units": ({}, False),
        "kernel": ({}, False),
        "logins": ({}, True),
    }
    assert set(LOOKS) == set(root_files.GROUPS)


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"/etc/crontab": "0 5 * * * root cd /home/ann && ./job.sh\n"}, {"/home/ann/job.sh": ["/etc/crontab:1 runs"]}),
        ({"/etc/cron.d/a": "@reboot root sh /home/ann/x\n"}, {"/home/ann/x": ["/etc/cron.d/a:1 runs"]}),
        ({"/etc/cron.d/a.b": "@reboot root sh /home/ann/x\n"}, {"/home/ann/x": ["/etc/cron.d/a.b:1 runs"]}),
        ({"/etc/cron.d/a.b": "@reboot root sh /home/ann/x\n", "/etc/debian_version": "13\n"}, {}),
        ({"/var/spool/cron/crontabs/root": "* * * * * /home/ann/x\n"}, {"/home/ann/x": ["/var/spool/cron/crontabs/root:1 runs"]}),
        ({"/var/spool/cron/crontabs/bob": "* * * * * /home/ann/x\n"}, {}),
        ({"/etc/anacrontab": "SHELL=/bin/sh\n1 5 daily nice /home/ann/x\n"}, {"/home/ann/x": ["/etc/anacrontab:2 runs"]}),
        ({"/etc/crontab": "PATH=/home/ann/bin:/usr/bin\n* * * * * root x\n", "/home/ann/bin/y": ""}, {"/home/ann/bin": ["/etc/crontab:1 searches"]}),
        ({"/etc/crontab": "SHELL=/home/ann/sh\n* * * * * root x\n"}, {"/home/ann/sh": ["/etc/crontab:1 runs"]}),
        ({"/etc/crontab": "* * * * * root x\n", "/bin/x": "#!/bin/sh\n. /home/ann/x\n"}, {"/home/ann/x": ["/bin/x:2 reads"]}),
        ({"/etc/cron.daily/a": "#!/bin/sh\n/home/ann/x\n"}, {"/home/ann/x": ["/etc/cron.daily/a:2 runs"]}),
        ({"/var/spool/cron/atjobs/a0001": "#!/bin/sh\n# atrun uid=0 gid=0\numask 22\n/home/ann/x\n"}, {"/home/ann/x": ["/var/spool/cron/atjobs/a0001 runs"]}),
    ],
)
def test_what_jobs_name(files: dict[str, str], wanted: dict[str, list[str]]) -> None:
    assert {path: one for path, one in places(listed("cron", {"/home/ann/x": "", "/home/ann/job.sh": "", **files})).items()} == wanted


def test_a_table_that_others_may_write_is_told_as_not_certain() -> None:
    found = listed("cron", {"/etc/cron.d/a": ""}, stats={"/etc/cron.d": OPEN})
    assert sorted(found) == ["/etc/cron.d", "/etc/cron.d/a"]
    assert not any(use["certain"] for one in found.values() for use in one["uses"].values())
    assert all(use["certain"] for use in listed("cron", {"/etc/cron.daily/a": ""}, stats={"/etc/cron.daily": OPEN})["/etc/cron.daily"]["uses"].values())


def test_a_directory_behind_the_usual_ones_is_searched_perhaps() -> None:
    found = listed("cron", {"/etc/crontab": "PATH=/home/ann/a:/usr/bin:/home/ann/b\n* * * * * root x\n", "/home/ann/a/x": "", "/home/ann/b/x": ""})
    assert {path: [use["certain"] for use in one["uses"].values()] for path, one in found.items()} == {
        "/home/ann/a": [True],
        "/home/ann/a/x": [True],
        "/home/ann/b": [False],
    }


def unit(text: str, **more: Any) -> Any:
    return places(listed("units", {f"{SYSTEM}/x.service": f"[Service]\n{text}\n", "/home/ann/x": "", "/home/ann/y": "", **more}))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ExecStart=/home/ann/x --secret", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=-@/home/ann/x y", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=/bin/true ; /home/ann/x", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=/bin/sh -c '. /home/ann/x; exec /home/ann/y $$A'", {"/home/ann/x": ["x.service reads"], "/home/ann/y": ["x.service runs"]}),
        ("ExecStart=/home/ann/x\nExecStart=\nExecStart=/bin/true", {}),
        ("ExecStopPost=/usr/bin/python3 -u /home/ann/x", {"/home/ann/x": ["x.service runs"]}),
        ("EnvironmentFile=-/home/ann/x", {"/home/ann/x": ["x.service reads"]}),
        ("ExecStart=/x\nRootDirectory=/home/ann", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=/home/ann/%m", {}),
        ("ExecStart=/home/ann/%p", {"/home/ann/x": ["x.service runs"]}),
    ],
)
def test_what_units_name(text: str, wanted: dict[str, list[str]]) -> None:
    assert unit(text) == wanted


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("ExecStart=/home/ann/x", "root"),
        ("User=www\nExecStart=/home/ann/x", "www"),
        ("User=www\nExecStart=+/home/ann/x", "root"),
        ("User=www\nExecStart=!/home/ann/x", "root"),
        ("User=www\nExecStart=!!/home/ann/x", "www"),
        ("User=www\nPermissionsStartOnly=yes\nExecStart=/bin/true\nExecStop=/home/ann/x", "root"),
        ("DynamicUser=yes\nExecStart=/home/ann/x", "a dynamic user"),
    ],
)
def test_as_whom_a_unit_runs_a_program(text: str, user: str) -> None:
    (use,) = listed("units", {f"{SYSTEM}/x.service": f"[Service]\n{text}\n", "/home/ann/x": ""})["/home/ann/x"]["uses"].values()
    assert use["user"] == user


def test_what_only_an_instance_says_names_nothing() -> None:
    files = {f"{SYSTEM}/x@.service": "[Service]\nExecStart=/home/ann/%i\nExecStop=/home/ann/%p\n", "/home/ann/x": ""}
    assert places(listed("units", files)) == {"/home/ann/x": ["x@.service runs"]}


def test_drop_ins_and_the_directories_for_them() -> None:
    files = {f"{SYSTEM}/x.service": "[Service]\n", f"{SYSTEM}/x.service.d/a.conf": "", f"{SYSTEM}/x.service.d/a.txt": ""}
    found = places(listed("units", files, stats={f"{SYSTEM}/x.service.d": OPEN}))
    assert found == {
        f"{SYSTEM}/x.service.d": [f"{SYSTEM}/x.service.d all"],
        f"{SYSTEM}/x.service.d/a.conf": [f"{SYSTEM}/x.service.d/a.conf reads"],
    }


def test_a_generator_in_the_load_path() -> None:
    found = kinds(listed("units", {"/usr/lib/systemd/system-generators/x": ""}, stats={"/usr/lib/systemd/system-generators/x": ANN}, links={"/lib": "usr/lib"}))
    assert found == {"/usr/lib/systemd/system-generators/x": {"generator"}}


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"/proc/sys/kernel/core_pattern": "|/home/ann/x %p\n"}, {"/home/ann/x": {"kernel-helper"}}),
        ({"/proc/sys/kernel/core_pattern": "|home/ann/x %p\n"}, {"/home/ann/x": {"kernel-helper"}}),
        ({"/proc/sys/kernel/core_pattern": "/home/ann/x\n"}, {}),
        ({"/proc/sys/kernel/modprobe": "/home/ann/x\n"}, {"/home/ann/x": {"kernel-helper"}}),
        ({"/proc/sys/fs/binfmt_misc/x": "enabled\ninterpreter /home/ann/x\nflags: OCF\n"}, {"/home/ann/x": {"kernel-helper"}}),
        ({"/etc/udev/rules.d/9.rules": 'ACTION=="add", RUN+="/home/ann/x %k"\n'}, {"/home/ann/x": {"udev"}}),
        ({"/etc/udev/rules.d/9.rules": 'A=="b", \\\n  IMPORT{program}="/home/ann/x $devnode"\n'}, {"/home/ann/x": {"udev"}}),
        ({"/etc/udev/rules.d/9.rules": '# RUN+="/home/ann/x"\nIMPORT{file}="/home/ann/x"\n'}, {}),
        ({"/etc/modprobe.d/a.conf": "install usb /home/ann/x; /sbin/modprobe usb\n"}, {"/home/ann/x": {"module-install"}}),
        ({"/etc/ld.so.preload": "/home/ann/x /lib/y\n"}, {"/home/ann/x": {"library-path"}}),
        ({"/etc/ld.so.conf": "include ld.so.conf.d/*.conf\n", "/etc/ld.so.conf.d/a.conf": "/home/ann/x\n"}, {"/home/ann/x": {"library-path"}}),
    ],
)
def test_what_the_kernel_and_its_helpers_are_told(files: dict[str, str], wanted: dict[str, set[str]]) -> None:
    assert kinds(listed("kernel", {"/home/ann/x": "", **files})) == wanted


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"/etc/pam.d/su": "auth optional pam_exec.so quiet /home/ann/x a\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "auth [success=1 default=ignore] /home/ann/x\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "session optional pam_env.so envfile=/home/ann/x\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "session optional pam_motd.so\n", "/etc/update-motd.d/10-x": "#!/bin/sh\n/home/ann/x\n"}, {"/home/ann/x": {"script"}}),
        ({"/root/.bashrc": ". /home/ann/x\n"}, {"/home/ann/x": {"script"}}),
        ({"/root/.profile": "PATH=/home/ann/d:$PATH\n", "/home/ann/d/e": ""}, {"/home/ann/d": {"search-path"}}),
        ({"/etc/ssh/sshd_config": "AuthorizedKeysFile /home/ann/x\n"}, {"/home/ann/x": {"authorized-keys"}}),
        ({"/etc/ssh/sshd_config": "AuthorizedKeysFile /home/ann/%u\n", "/home/ann/root": ""}, {"/home/ann/root": {"authorized-keys"}}),
        ({"/etc/passwd": PASSWD + "toor:x:0:0::/home/ann:/bin/sh\n", "/home/ann/.profile": ""}, {f"/home/ann/{name}" for name in ("x", ".profile")}),
    ],
)
def test_what_is_read_at_a_login(files: dict[str, str], wanted: Any) -> None:
    found = kinds(listed("logins", {"/home/ann/x": "", **files}))
    assert found == wanted if isinstance(wanted, dict) else "/home/ann/.profile" in found and "/home/ann/.ssh/authorized_keys" in found


@pytest.mark.parametrize(("text", "sure"), [("", False), ("StrictModes no\n", True), ("Match user x\nStrictModes no\n", True), ("StrictModes yes\n", False)])
def test_keys_that_others_may_write_count_where_sshd_does_not_look(text: str, sure: bool) -> None:
    found = listed("logins", {"/etc/ssh/sshd_config": text, "/root/.ssh/authorized_keys": ""}, stats={"/root/.ssh/authorized_keys": file(0, 0o666)})
    assert [use["certain"] for use in found["/root/.ssh/authorized_keys"]["uses"].values()] == [sure]


def test_a_link_of_a_users_is_not_read() -> None:
    files = {"/etc/crontab": "* * * * * root /home/ann/x\n", "/etc/shadow": "/home/bob/y\n"}
    links, stats = {"/home/ann/x": "/etc/shadow"}, {"/home/ann/x": Stat(type="link", uid=1000, gid=1000, mode=0o777), "/home/ann": folder(1000)}
    assert list(listed("cron", files, links=links, stats=stats)) == ["/home/ann/x"]


def test_a_large_or_binary_file_is_no_script() -> None:
    text = "#!/bin/sh\n. /home/ann/x\n"
    big = {"/etc/crontab": "* * * * * root /opt/a; /usr/bin/b\n", "/home/ann/x": ""}
    assert "/home/ann/x" in listed("cron", {**big, "/opt/a": text + "#" * 20_000, "/usr/bin/b": text + "#" * 20_000})
    assert "/home/ann/x" not in listed("cron", {**big, "/usr/bin/b": text + "#" * 20_000})
    assert "/home/ann/x" not in listed("cron", {**big, "/opt/a": "\x7fELF\n. /home/ann/x\n"})


def test_how_much_is_stated_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "STATED", 2)
    found = listed("cron", {"/etc/crontab": "".join(f"* * * * * root /home/ann/{number}\n" for number in range(5)), "/home/ann/x": ""})
    assert isinstance(found, OpenObject) and len(found) == 2
    monkeypatch.setattr(uses, "USES", 2)
    found = listed("cron", {"/etc/crontab": "* * * * * root /home/ann/x\n" * 5, "/home/ann/x": ""})
    assert isinstance(found["/home/ann/x"]["uses"], OpenObject) and not isinstance(found, OpenObject)
    monkeypatch.setattr(root_files, "TAKEN", 2)
    assert isinstance(facts({})["cron"]["alone"], Hole)


class TestRootPrograms(ProbeContract):
    (probe,) = PROBES
    hosts: ClassVar[Any] = {
        "plain": host({"/etc/crontab": "17 * * * * root cd / && run-parts /etc/cron.hourly\n", "/etc/cron.hourly/a": "#!/bin/sh\n", "/bin/run-parts": "x"}),
        "open": host(
            {
                "/etc/debian_version": "13\n",
                "/etc/crontab": "PATH=/home/ann/bin:/usr/bin\n* * * * * root x\n* * * * * www /home/ann/y\n",
                "/home/ann/bin/x": "#!/usr/bin/env python3\n",
                "/home/ann/y": "#!/bin/sh\n. /home/bob/z\n",
                "/home/bob/z": "",
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
    }


def test_what_a_host_in_memory_tells_obeys_the_schema() -> None:
    assert document({"/etc/crontab": "* * * * * root /home/ann/x\n", "/home/ann/x": ""})["root-programs"]["cron"]["files"]
