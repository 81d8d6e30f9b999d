"""What the rules of the kernel say and offer where it depends on the host: the cause that holds, and commands that last over a reboot.

A sentence without its condition in an example would be shown for the wrong host, and nobody would notice.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from kernel.test_boot_settings import BOB, PROCPS, SYSTEMD
from kernel.test_probe_kernel import ANNS, BENCHMARK, WHOLE, facts, setting

from hostcheck.benchmark import resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.host.answers import Stat

KPTR = "kernel.kptr_restrict"
PROFILED = setting("kernel/perf_event_paranoid", "1\n")
WEAK = {**setting("kernel/kptr_restrict", "0\n"), **PROFILED}
DROP_IN = "/etc/sysctl.d/zz-hostcheck-kernel.kptr_restrict.conf"
WRITE = f"echo 'kernel.kptr_restrict = 1' > {DROP_IN} && sysctl -p {DROP_IN}"
SED = "sed -i 's,^[[:blank:]]*-*[[:blank:]]*kernel.kptr_restrict[[:blank:]]*=.*,kernel.kptr_restrict = 1,' "
BOBS = Stat(type="file", uid=BOB, gid=BOB, mode=0o644)


def told(rule: str, files: dict[str, Any], without: tuple[str, ...] = (), *, host: Any = None, subject: str = "", **more: Any) -> tuple[str, list[str], str]:
    """Return the sentence of a finding, its commands, and its notes in one text."""
    document = {
        "host-role": {"role": "server"},
        "kernel": facts({"/etc/sysctl.d/60-hostcheck.conf": "#\n", **files}, without, **more),
        **({"host": host} if host else {}),
    }
    found = next(one for one in judge_rule(resolve(BENCHMARK, rule, {}), Facts(document=document)) if one["subject"] == subject)
    steps = found.get("fix", [])
    return found["because"], [step["run"] for step in steps if "run" in step], " ".join(step["note"] for step in steps if "note" in step)


@pytest.mark.parametrize(
    ("files", "runs"),
    [
        ({}, [WRITE]),
        ({"/usr/lib/sysctl.d/50.conf": f"{KPTR}=0"}, [WRITE]),
        ({"/etc/sysctl.d/99-x.conf": f"{KPTR}=0"}, [f"{SED}/etc/sysctl.d/99-x.conf", WRITE]),
        ({"/etc/sysctl.d/99-x.conf": f"{KPTR}=2"}, ["sysctl -w kernel.kptr_restrict=2"]),
        ({"/usr/lib/sysctl.d/99-x.conf": f"{KPTR}=1"}, ["sysctl -w kernel.kptr_restrict=1"]),
        ({"/run/sysctl.d/99-x.conf": f"{KPTR}=1"}, [WRITE]),
        ({"/etc/sysctl.d/99-x.conf": f"{KPTR}=1; id"}, [f"{SED}/etc/sysctl.d/99-x.conf", WRITE]),
    ],
)
def test_a_setting_is_set_now_and_after_a_reboot(files: dict[str, str], runs: list[str]) -> None:
    because, commands, _ = told("HC-KRN-02", {**SYSTEMD, **WEAK, **files})
    assert (
        because == "kernel.kptr_restrict is 0 and kernel.perf_event_paranoid is 1, so the kernel does not hide its addresses in /proc from users and containers"
    )
    assert commands == runs


def test_where_sysctl_conf_is_read_last_it_is_changed() -> None:
    assert told("HC-KRN-02", {**PROCPS, **WEAK, "/etc/sysctl.conf": f"{KPTR}=0"}, ("/run/systemd",))[1] == [f"{SED}/etc/sysctl.conf", WRITE]


@pytest.mark.parametrize("line", [f"{KPTR}=0", f"  {KPTR} = 0", f"-{KPTR}=0", f"- {KPTR} = 0", "kernel/kptr_restrict=0", " -\tkernel/kptr_restrict\t= 0"])
def test_the_command_changes_every_line_that_counts(line: str, tmp_path: Path) -> None:
    """A line that stays in /etc/sysctl.conf would win over the file of /etc/sysctl.d."""
    file = tmp_path / "sysctl.conf"
    for rule, now, wanted in (("HC-KRN-02", "0", "1"), ("HC-KRN-21", "2", "2")):
        file.write_text(f"#{KPTR}=5\n{line}\nxkernel.kptr_restrict=5\n", encoding="utf-8")
        files = {**PROCPS, **setting("kernel/kptr_restrict", f"{now}\n"), **PROFILED, "/etc/sysctl.conf": file.read_text(encoding="utf-8")}
        runs = told(rule, files, ("/run/systemd",), subject=KPTR if rule == "HC-KRN-21" else "")[1]
        subprocess.run(["sh", "-c", runs[0].replace("/etc/sysctl.conf", str(file))], check=True)
        assert file.read_text(encoding="utf-8") == f"#{KPTR}=5\n{KPTR} = {wanted}\nxkernel.kptr_restrict=5\n"


def test_a_file_that_others_can_replace_is_not_named_in_a_command() -> None:
    open_to_all = {"/etc/sysctl.d": Stat(type="dir", uid=0, gid=0, mode=0o777)}
    _, commands, notes = told("HC-KRN-02", {**SYSTEMD, **WEAK, "/etc/sysctl.d/99-x.conf": f"{KPTR}=0"}, stats=open_to_all)
    assert commands == [] and "/etc/sysctl.d/99-x.conf" in notes


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("/etc", Stat(type="dir", uid=BOB, gid=0, mode=0o755)),
        ("/etc/sysctl.d", Stat(type="dir", uid=0, gid=50, mode=0o775)),
        ("/etc/sysctl.d", Stat(type="dir", uid=0, gid=0, mode=0o1777)),
        (DROP_IN, BOBS),
    ],
)
@pytest.mark.parametrize("rule", ["HC-KRN-02", "HC-KRN-03", "HC-KRN-14"])
def test_where_others_can_put_a_link_root_writes_nothing_by_a_command(rule: str, name: str, found: Stat) -> None:
    weak = {**WEAK, **setting("kernel/dmesg_restrict", "0\n"), **setting("kernel/kexec_load_disabled", "0\n")}
    _, commands, notes = told(rule, {**SYSTEMD, **weak, **({DROP_IN: "#\n"} if name == DROP_IN else {})}, stats={name: found})
    assert commands == []
    assert "Only root may be able to write to /etc/sysctl.d" in notes and "No command is given for /etc/sysctl.d" in notes


def test_what_others_can_change_is_taken_from_them_before_anything_is_written() -> None:
    """Here the directory of files that a package installs is open, and /etc/sysctl.d is root's."""
    files = {**SYSTEMD, **setting("kernel/kptr_restrict", "1\n"), "/usr/lib/sysctl.d/50-x.conf": f"{KPTR}=0"}
    _, commands, _ = told("HC-KRN-21", files, subject=KPTR, stats={"/usr/lib/sysctl.d": Stat(type="dir", uid=0, gid=50, mode=0o775)})
    assert [command.split()[0] for command in commands] == ["chown", "install"]


def test_nor_is_written_where_somebody_has_put_a_link_already() -> None:
    assert told("HC-KRN-02", {**SYSTEMD, **WEAK}, links={DROP_IN: "/etc/shadow"})[1] == []


def test_evidence_without_that_fact_gives_no_command_that_writes() -> None:
    document = {"host-role": {"role": "server"}, "kernel": facts({"/etc/sysctl.d/60-hostcheck.conf": "#\n", **SYSTEMD, **WEAK})}
    del document["kernel"]["persisted"]["own_folder"]
    (found,) = judge_rule(resolve(BENCHMARK, "HC-KRN-02", {}), Facts(document=document))
    assert found["result"] == "fail" and not any("run" in step for step in found["fix"]) and found["fix"]


@pytest.mark.parametrize("rule", sorted(set(WHOLE) - {"HC-KRN-01", "HC-KRN-04", "HC-KRN-05", *(f"HC-KRN-{number}" for number in range(17, 21))}))
def test_a_setting_that_the_kernel_does_not_have_cannot_be_set(rule: str) -> None:
    files = setting("kernel/osrelease", "3.10.0\n") if rule != "HC-KRN-07" else setting("kernel/osrelease", "5.15.0\n")
    because, commands, notes = told(rule, {**SYSTEMD, **files}, ("/proc/sys/fs/", "/proc/sys/vm/", "/proc/sys/dev/", *GONE))
    assert "does not have" in because or "io_uring but not" in because
    assert commands == [] and notes.startswith("No command can set it.")


GONE = tuple(f"/proc/sys/{name}" for name in ("kernel/kptr", "kernel/dmesg", "kernel/io_uring_disabled", "kernel/randomize", "kernel/kexec", "net/core/bpf"))


@pytest.mark.parametrize(
    ("config", "sentence", "runs"),
    [
        ("CONFIG_SECURITY_YAMA=y\n", "Yama is built into this kernel but not active (active: ", 1),
        ("CONFIG_X=y\n", "this kernel was built without Yama (/boot/config-6.12.0)", 0),
        (None, "kernel.yama.ptrace_scope does not exist: Yama is not active, or not in this kernel", 1),
    ],
)
def test_yama_that_is_not_active_is_told_from_one_that_is_not_there(config: str | None, sentence: str, runs: int) -> None:
    files = setting("kernel/osrelease", "6.12.0\n") | ({"/boot/config-6.12.0": config} if config else {})
    because, commands, notes = told("HC-KRN-04", files, ("/proc/sys/kernel/yama", "/proc/config.gz"))
    assert because.startswith(sentence)
    assert commands == ["printf 'lsm=%s,yama\\n' \"$(cat /sys/kernel/security/lsm)\""][:runs]
    assert ("CONFIG_SECURITY_YAMA is needed" in notes) is not runs


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (
            "|/opt/ann/h",
            "the kernel starts /opt/ann/h as root when a process crashes, and users other than root can change it: /opt/ann (owner uid 1000, mode 0755)",
        ),
        (
            "@/opt/ann/s",
            "the kernel hands all core dumps to /opt/ann/s, and users other than root can put another socket there: /opt/ann (owner uid 1000, mode 0755)",
        ),
        ("|usr/h", "core dumps go to usr/h, which is not an absolute path"),
        ("|/usr/%e", "core dumps go to /usr/%e: the process that crashes has a say in what the % in it stands for"),
        ("|/proc/1/cwd/h", "core dumps go to /proc/1/cwd/h, which leads below /proc"),
        ("|/usr/lib/none", "core dumps go to /usr/lib/none, which does not exist, so they are lost"),
    ],
)
def test_each_cause_of_a_bad_handler_has_its_sentence(raw: str, sentence: str) -> None:
    because, commands, _ = told("HC-KRN-17", setting("kernel/core_pattern", f"{raw}\n"), stats={"/opt/ann": ANNS})
    assert because.startswith(sentence)
    assert len(commands) == 1 and commands[0].startswith("echo 'kernel.core_pattern = core' > /etc/sysctl.d/zz-")


OFF = {"/sys/module/apparmor/parameters/enabled": "N\n"}
FEDORA = {"os": {"id": "fedora"}, "kernel": {"cmdline": {}}}
DEBIAN = {"os": {"id": "debian"}, "kernel": {"cmdline": {}}}


@pytest.mark.parametrize(
    ("files", "host", "sentence", "runs"),
    [
        ({"/sys/fs/selinux/enforce": "0"}, FEDORA, "SELinux is permissive", ["touch /.autorelabel"]),
        ({}, FEDORA, "AppArmor is built into", ["sed -i 's/^SELINUX=.*/SELINUX=permissive/' /etc/selinux/config && touch /.autorelabel"]),
        ({}, DEBIAN, "AppArmor is built into", []),
    ],
)
def test_the_module_of_the_distribution_is_turned_on(files: dict[str, str], host: Any, sentence: str, runs: list[str]) -> None:
    release = setting("kernel/osrelease", "6.12.0\n") | {"/boot/config-6.12.0": "CONFIG_SECURITY_APPARMOR=y\nCONFIG_SECURITY_SELINUX=y\n"}
    because, commands, notes = told("HC-KRN-18", {**OFF, **release, **files}, ("/proc/config.gz",), host=host)
    assert because.startswith(sentence) and commands == runs
    assert ("apparmor=1" in notes) is (host is DEBIAN)
    assert not any("setenforce" in command or "enforcing" in command for command in commands)


def test_a_kernel_parameter_that_turns_selinux_off_is_removed() -> None:
    host = {"os": {"id": "rhel"}, "kernel": {"cmdline": {"selinux": "0"}}}
    assert told("HC-KRN-18", OFF, host=host)[1][-1] == "grubby --update-kernel=ALL --remove-args=selinux"


A = "/etc/sysctl.d/a.conf"
TURN_ON = (
    "if [ -d /run/systemd/system ]; then systemctl unmask systemd-sysctl.service; elif [ -e /run/openrc/softlevel ]; then rc-update add sysctl boot;"
    " else update-rc.d procps defaults; fi"
)


@pytest.mark.parametrize(
    ("files", "more", "sentence", "runs"),
    [
        (
            {**SYSTEMD, A: f"{KPTR}=0"},
            {},
            f"{KPTR} is 1 now, and {A}:1 sets it to 0 at the next boot",
            [
                f"sed -i 's,^[[:blank:]]*-*[[:blank:]]*'{KPTR}'[[:blank:]]*=.*,'{KPTR}' = '1',' {A}",
                f"install -d /etc/sysctl.d && printf '%s = %s\\n' {KPTR} 1 > {DROP_IN}",
            ],
        ),
        (
            {**SYSTEMD, **WEAK, A: f"{KPTR}=1"},
            {},
            f"{KPTR} is 0 now, and {A}:1 sets it to 1 at the next boot",
            [],
        ),
        (
            {**SYSTEMD, "/run/sysctl.d/a.conf": f"{KPTR}=1"},
            {},
            f"{KPTR} is set to 1 by /run/sysctl.d/a.conf:1, and what is in /run is gone after a reboot",
            [f"test -e {DROP_IN} || (install -d /etc/sysctl.d && printf '%s = %s\\n' {KPTR} 1 > {DROP_IN})"],
        ),
        (
            {**SYSTEMD, "/usr/lib/systemd/system/systemd-sysctl.service": "", A: f"{KPTR}=1"},
            {},
            f"nothing applies the files of sysctl.d at boot, so {A}:1, which sets {KPTR} to 1, has no effect",
            [TURN_ON],
        ),
        (
            {**SYSTEMD, A: f"{KPTR}=1"},
            {"stats": {A: BOBS}},
            f"users other than root can change what {KPTR} becomes at the next boot: {A} (owner uid {BOB}, mode 0644)",
            [f"chown -- root:root {A} && chmod -- go-w {A}"],
        ),
        (
            {**SYSTEMD, "/srv/a": f"{KPTR}=1"},
            {"links": {A: "/srv/a"}, "stats": {"/srv/a": BOBS}},
            f"users other than root can change what {KPTR} becomes at the next boot: /srv/a (owner uid {BOB}, mode 0644)",
            [],
        ),
    ],
)
def test_each_way_to_be_another_after_a_reboot_has_its_sentence_and_its_commands(files: Any, more: Any, sentence: str, runs: list[str]) -> None:
    found = told("HC-KRN-21", {**setting("kernel/kptr_restrict", "1\n"), **files}, subject=KPTR, **more)
    assert found[:2] == (sentence, runs)
    assert found[2] or runs
