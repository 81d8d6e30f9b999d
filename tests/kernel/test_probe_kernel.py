import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from system.outermost import outermost

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.facts_schema import load_facts_schema
from hostcheck.host import Host, LimitExceeded, Nonsense
from hostcheck.host.answers import Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.host.record import Recorder
from hostcheck.host.replay import Replay
from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.parting import part
from hostcheck.schema import Unknown, check, compile_schema
from hostcheck_builtin.kernel import probe_kernel as probe

FOLDER = Path(probe.__file__).parent
SCHEMA = load_facts_schema(str(FOLDER / "probe_kernel.facts.json"))
OBEYS = compile_schema(SCHEMA)
BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
RULES = {name: resolve(BENCHMARK, name, {}) for name in BENCHMARK.rules if name.startswith("HC-KRN-")}
WHOLE = [name for name, rule in RULES.items() if rule.each is None]
V2 = "30 23 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
V1 = (
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "33 31 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
)
SETTINGS = {
    "kernel/osrelease": "6.12.9-amd64",
    "kernel/unprivileged_bpf_disabled": "2",
    "kernel/kptr_restrict": "1",
    "kernel/dmesg_restrict": "1",
    "kernel/yama/ptrace_scope": "1",
    "kernel/perf_event_paranoid": "3",
    "kernel/io_uring_disabled": "2",
    "kernel/core_pattern": "|/usr/lib/systemd/systemd-coredump %P %u %g %s",
    "kernel/randomize_va_space": "2",
    "kernel/seccomp/actions_avail": "kill_process trap errno log allow",
    "net/ipv4/conf/all/route_localnet": "0",
    "vm/unprivileged_userfaultfd": "0",
    "fs/protected_symlinks": "1",
    "fs/protected_hardlinks": "1",
    "user/max_user_namespaces": "63000",
    "net/core/bpf_jit_harden": "2",
    "net/core/netdev_max_backlog": "1000",
    "fs/protected_regular": "2",
    "fs/suid_dumpable": "0",
    "kernel/kexec_load_disabled": "1",
    "dev/tty/ldisc_autoload": "0",
    "dev/tty/legacy_tiocsti": "0",
}
CONFIG = "CONFIG_USER_NS=y\nCONFIG_SECCOMP_FILTER=y\n# CONFIG_KEXEC_CORE is not set\n"
FILES: dict[str, Any] = {
    **{f"/proc/sys/{name}": f"{value}\n" for name, value in SETTINGS.items()},
    "/proc/self/status": "Name:\tpython3\nSeccomp:\t0\nSeccomp_filters:\t0\n",
    "/proc/self/uid_map": "         0          0 4294967295\n",
    "/proc/1/mountinfo": V2,
    "/boot/config-6.12.9-amd64": CONFIG,
    "/run/systemd/system/x": "",
    "/usr/lib/systemd/system/systemd-sysctl.service": "[Service]\n",
    "/usr/lib/sysctl.d/50-default.conf": "kernel.randomize_va_space = 2\nfs.protected_*links = 1\n",
    "/etc/sysctl.d/60-hostcheck.conf": "kernel.kptr_restrict = 1\n",
    "/etc/sysctl.conf": "kernel.dmesg_restrict = 0\n",
    "/proc/filesystems": "nodev\tsysfs\n\text4\n",
    "/sys/fs/cgroup/cgroup.controllers": "memory cpu pids\n",
    "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.controllers": "pids memory\n",
    "/sys/fs/cgroup/user.slice/user-1001.slice/cgroup.controllers": "pids\n",
    "/sys/fs/cgroup/user.slice/cgroup.procs": "",
    "/sys/kernel/security/lsm": "lockdown,capability,landlock,yama,apparmor\n",
    "/sys/module/apparmor/parameters/enabled": "Y\n",
    "/usr/lib/systemd/systemd-coredump": "ELF",
}


def facts(files: dict[str, Any] | None = None, without: tuple[str, ...] = (), **more: Any) -> Any:
    given = {path: content for path, content in {**FILES, **(files or {})}.items() if not path.startswith(without or ("!",))}
    stated = probe.collect(outermost(given, **more))
    assert OBEYS(stated) is not False
    return stated


def setting(name: str, text: str) -> dict[str, str]:
    return {f"/proc/sys/{name}": text}


def changed(old: Json, new: Json, at: str = "") -> Iterator[str]:
    """Yield the places where new facts say something else than the old ones, and no hole excuses it."""
    if isinstance(new, Hole):
        return
    if isinstance(new, dict) and isinstance(old, dict):
        told = {key for key, value in new.items() if not isinstance(value, Hole)}
        if told - old.keys() or (not isinstance(new, OpenObject) and old.keys() - new.keys()):
            yield f"{at}: members"
        for key in new.keys() & old.keys():
            yield from changed(old[key], new[key], f"{at}/{key}")
    elif isinstance(new, list) and isinstance(old, list):
        if [item for item in new if item not in old] or (not isinstance(new, OpenArray) and len(new) < len(old)):
            yield f"{at}: elements"
    elif old != new or type(old) is not type(new):
        yield at


ERRORS = [
    PermissionError(errno.EACCES, "denied", "x"),
    TimeoutError(errno.ETIMEDOUT, "late"),
    OSError(errno.EIO, "broken"),
    Nonsense("not a regular file"),
    LimitExceeded("too large"),
]


def denied(host: Host) -> int:
    """Deny each answer of `host` in turn, in every way; return how often."""
    recorder = Recorder(host, keep=True)
    whole = probe.collect(recorder)
    replay = Replay(recorder.recording())
    assert list(changed(whole, probe.collect(replay))) == []
    for key in replay.keys:
        for error in ERRORS:
            assert list(changed(whole, probe.collect(replay.denying(key, error)))) == [], (key, error)
    return len(replay.keys) * len(ERRORS)


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_kernel.facts.json")


def test_a_hardened_kernel_is_described() -> None:
    found, holes = part(facts())
    assert holes == []
    assert found["version"] == {"major": 6, "minor": 12}
    assert found["sysctl"]["kernel.yama.ptrace_scope"] == {"present": True, "value": 1, "raw": "1"}
    assert found["sysctl"]["kernel.core_pattern"]["value"] == SETTINGS["kernel/core_pattern"]
    assert found["sysctl"]["kernel.unprivileged_userns_clone"] == {"present": False}
    assert found["lsm"] == {
        "active": ["lockdown", "capability", "landlock", "yama", "apparmor"],
        "apparmor": {"enabled": True},
        "selinux": {"mode": "disabled"},
    }
    assert found["seccomp"] == {"filter": True, "actions": ["kill_process", "trap", "errno", "log", "allow"]}
    assert found["cgroup"] == {
        "mode": "v2",
        "controllers": {"v1": [], "v2": ["cpu", "memory", "pids"]},
        "delegated": {"1000": ["memory", "pids"]},
        "v1_release_agent": {},
    }


def test_denying_any_answer_gives_holes_only() -> None:
    assert denied(outermost(FILES)) > 200


@pytest.mark.parametrize(
    ("files", "without"),
    [
        ({"/proc/1/mountinfo": V1, "/sys/fs/cgroup/systemd/release_agent": "/x\n", "/sys/fs/cgroup/cpu,cpuacct/release_agent": "\n"}, ()),
        ({}, ("/proc/sys/kernel/seccomp", "/sys/module/apparmor/parameters", "/sys/kernel/security")),
        ({"/sys/fs/selinux/enforce": "1", "/proc/sys/kernel/core_pattern": "@/run/core.sock"}, ("/proc/sys/kernel/yama",)),
    ],
)
def test_denying_any_answer_of_another_kernel_gives_holes_only(files: dict[str, str], without: tuple[str, ...]) -> None:
    given = {path: content for path, content in {**FILES, **files}.items() if not path.startswith(without or ("!",))}
    assert denied(outermost({**given, "/sys/module/x": ""})) > 200


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0", 0),
        ("-1", -1),
        ("007", "007"),
        ("1 2", [1, 2]),
        ("4\t4\t1\t7", [4, 4, 1, 7]),
        ("1 x", "1 x"),
        ("", ""),
        ("+1", "+1"),
        ("18446744073709551615", 2**64 - 1),
    ],
)
def test_only_canonical_numbers_are_numbers(raw: str, value: Any) -> None:
    assert facts(setting("kernel/kptr_restrict", f"{raw}\n"))["sysctl"]["kernel.kptr_restrict"] == {"present": True, "value": value, "raw": raw}


def test_a_setting_that_is_denied_is_a_hole() -> None:
    stated = facts({"/proc/sys/net/core/bpf_jit_harden": PermissionError(errno.EACCES, "denied")})
    assert isinstance(stated["sysctl"]["net.core.bpf_jit_harden"], Hole)


@pytest.mark.parametrize("gone", [("/proc/sys/",), ("/proc/sys/kernel/",), ("/proc/sys/kernel/osrelease",)])
def test_where_settings_are_hidden_none_is_absent(gone: tuple[str, ...]) -> None:
    stated = facts(without=gone)
    assert all(isinstance(one, Hole) for one in stated["sysctl"].values())
    assert isinstance(stated["core_pattern"], Hole)
    assert isinstance(stated["seccomp"]["actions"], Hole)
    assert isinstance(stated["version"], Hole)


@pytest.mark.parametrize(("text", "version"), [("5.4-rc1\n", (5, 4)), ("6.18.44-fc-v657\n", (6, 18)), ("4.4.0-19041-Microsoft\n", (4, 4))])
def test_a_release_begins_with_a_version(text: str, version: tuple[int, int]) -> None:
    assert tuple(facts(setting("kernel/osrelease", text))["version"].values()) == version


@pytest.mark.parametrize("text", ["", "6", "six.1", "6.x", "6..1", ".5"])
def test_another_release_is_nonsense(text: str) -> None:
    assert isinstance(facts(setting("kernel/osrelease", text))["version"], Hole)


HANDLER = {
    **{"path": "/usr/lib/systemd/systemd-coredump", "absolute": True, "templated": False, "in_proc": False, "exists": True, "root_owned": True},
    "others_can_change": {},
}
ANNS = Stat(type="dir", uid=1000, gid=1000, mode=0o755)
BY_ANN = {"root_owned": False, "others_can_change": {"/opt/ann": {"uid": 1000, "gid": 1000, "mode": "0755"}}}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [("core", "file"), ("/var/crash/core.%e.%p", "file"), ("", "file"), ("12", "file"), ("|/usr/bin/x", "pipe"), ("@/run/x", "socket"), ("@@/run/x", "socket")],
)
def test_a_core_pattern_is_of_a_kind(raw: str, kind: str) -> None:
    assert facts(setting("kernel/core_pattern", f"{raw}\n"))["core_pattern"]["kind"] == kind


@pytest.mark.parametrize(
    ("raw", "differs"),
    [
        ("|/usr/lib/systemd/systemd-coredump %P", {}),
        ("|  /usr/lib/systemd/systemd-coredump", {}),
        ("@@/usr/lib/systemd/systemd-coredump", {}),
        ("@/usr/lib/%e", {"path": "/usr/lib/%e", "exists": False}),
        ("|/usr/lib/none %P", {"path": "/usr/lib/none", "exists": False}),
        ("|usr/lib/systemd/systemd-coredump", {"path": "usr/lib/systemd/systemd-coredump", "absolute": False}),
        ("|/opt/ann/handler", {"path": "/opt/ann/handler", **BY_ANN}),
        ("|/opt/link", {"path": "/opt/link", **BY_ANN}),
        ("|/opt/ann/none", {"path": "/opt/ann/none", **BY_ANN, "exists": False}),
        ("|/usr/lib/%e", {"path": "/usr/lib/%e", "templated": True, "exists": False}),
        ("|/usr/lib/100%%", {"path": "/usr/lib/100%%"}),
        ("|/usr/lib/%%%e", {"path": "/usr/lib/%%%e", "templated": True, "exists": False}),
        ("|/usr/lib/100%%%", {"path": "/usr/lib/100%%%"}),
        ("|/proc/1/cwd/x", {"path": "/proc/1/cwd/x", "in_proc": True, "exists": False}),
        ("|/opt/proc/1/x", {"path": "/opt/proc/1/x", "in_proc": True, "exists": False}),
        ("|", {"path": "", "absolute": False}),
    ],
)
def test_a_handler_is_described_by_who_can_change_it(raw: str, differs: dict[str, Any]) -> None:
    files = {**setting("kernel/core_pattern", f"{raw}\n"), "/opt/ann/handler": "ELF", "/usr/lib/100%": "ELF"}
    stated = facts(files, stats={"/opt/ann": ANNS}, links={"/opt/link": "ann/handler", "/opt/proc": "../proc"})
    assert stated["core_pattern"]["handler"] == {**HANDLER, **differs}


@pytest.mark.parametrize(
    ("path", "stat", "others"),
    [
        ("/run/core/s", Stat(type="socket", uid=0, gid=0, mode=0o666), {}),
        ("/run/core/s", Stat(type="socket", uid=1000, gid=0, mode=0o600), {"/run/core/s": {"uid": 1000, "gid": 0, "mode": "0600"}}),
        ("/run/core/s", Stat(type="file", uid=0, gid=0, mode=0o666), {"/run/core/s": {"uid": 0, "gid": 0, "mode": "0666"}}),
        ("/opt/ann/s", Stat(type="socket", uid=0, gid=0, mode=0o600), BY_ANN["others_can_change"]),
    ],
)
def test_of_a_socket_only_who_can_put_another_there_counts(path: str, stat: Stat, others: dict[str, Any]) -> None:
    owned = not others
    stated = facts(setting("kernel/core_pattern", f"@{path}\n"), stats={"/opt/ann": ANNS, path: stat})
    assert stated["core_pattern"]["handler"] == {**HANDLER, "path": path, "root_owned": owned, "others_can_change": others}
    piped = facts(setting("kernel/core_pattern", f"|{path}\n"), stats={"/opt/ann": ANNS, path: stat})
    assert piped["core_pattern"]["handler"]["root_owned"] is (owned and not stat.mode & 0o022)


def test_a_handler_that_cannot_be_looked_at_is_not_vouched_for() -> None:
    handler = facts({"/usr/lib/systemd": PermissionError(errno.EACCES, "denied")}, without=("/usr/lib/systemd/",))["core_pattern"]["handler"]
    assert [name for name, value in handler.items() if isinstance(value, Hole)] == ["in_proc", "exists", "root_owned", "others_can_change"]


def test_a_handler_below_proc_is_told_even_where_it_cannot_be_followed() -> None:
    files = {**setting("kernel/core_pattern", "|/proc/1/cwd/x\n"), "/proc/1/cwd": PermissionError(errno.EACCES, "denied")}
    handler = facts(files)["core_pattern"]["handler"]
    assert handler["in_proc"] is True
    assert isinstance(handler["root_owned"], Hole)


def test_a_kernel_without_core_dumps_says_none() -> None:
    assert facts(without=("/proc/sys/kernel/core_pattern",))["core_pattern"] == {"kind": "none"}


def test_without_securityfs_the_active_modules_are_not_known() -> None:
    assert isinstance(facts(without=("/sys/kernel/security",))["lsm"]["active"], Hole)


@pytest.mark.parametrize(("text", "enabled"), [("Y\n", True), ("N\n", False), ("", False)])
def test_apparmor_is_on_if_it_says_so(text: str, enabled: bool) -> None:
    assert facts({"/sys/module/apparmor/parameters/enabled": text})["lsm"]["apparmor"]["enabled"] is enabled


def test_absent_apparmor_is_off_only_where_modules_are_listed() -> None:
    assert facts({"/sys/module/x/y": ""}, without=("/sys/module/apparmor",))["lsm"]["apparmor"]["enabled"] is False
    assert isinstance(facts(without=("/sys/module",))["lsm"]["apparmor"]["enabled"], Hole)


@pytest.mark.parametrize(("text", "mode"), [("1", "enforcing"), ("0\n", "permissive")])
def test_selinux_says_its_mode(text: str, mode: str) -> None:
    assert facts({"/sys/fs/selinux/enforce": text})["lsm"]["selinux"]["mode"] == mode


def test_absent_selinux_is_disabled_only_where_the_kernel_has_none() -> None:
    assert isinstance(facts({"/proc/filesystems": "nodev\tselinuxfs\n"})["lsm"]["selinux"]["mode"], Hole)
    assert isinstance(facts(without=("/proc/filesystems",))["lsm"]["selinux"]["mode"], Hole)
    assert isinstance(facts({"/sys/fs/selinux/enforce": "maybe"})["lsm"]["selinux"]["mode"], Hole)


def test_filters_are_there_by_either_evidence() -> None:
    gone = ("/proc/sys/kernel/seccomp",)
    assert facts(without=gone)["seccomp"] == {"filter": True, "actions": []}
    assert facts({"/proc/self/status": "Seccomp:\t0\n"})["seccomp"]["filter"] is True
    assert facts({"/proc/self/status": "Seccomp:\t0\n"}, without=gone)["seccomp"] == {"filter": False, "actions": []}
    assert isinstance(facts({"/proc/self/status": PermissionError(errno.EACCES, "no")}, without=gone)["seccomp"]["filter"], Hole)


def test_this_machine_answers() -> None:
    stated = probe.collect(LocalHost())
    assert OBEYS(stated) is not False
    found, _ = part(stated)
    assert found["sysctl"]["kernel.randomize_va_space"]["raw"] == Path("/proc/sys/kernel/randomize_va_space").read_text(encoding="utf-8").strip()
    assert found["cgroup"]["mode"] in ("v1", "v2", "hybrid", "none")


def test_denying_any_answer_of_this_machine_gives_holes_only() -> None:
    assert denied(LocalHost()) > 200


def judge(rule: str, document: Json) -> Any:
    """Return what `expect` says, or, where it does not apply or that is not known, False or what is not known."""
    found = RULES[rule]
    exempt = [condition.judge(document) for condition, _ in found.exemptions]
    if True in exempt:
        return False, "notapplicable"
    unknown = [verdict for verdict in exempt if isinstance(verdict, Unknown)]
    return (unknown[0], "notapplicable") if unknown else found.expect.judge(document) if found.expect else None


def on(role: Any, stated: Json) -> Json:
    return {"host-role": {"role": role}, "kernel": stated}


def test_each_rule_passes_on_a_hardened_kernel() -> None:
    assert {rule: judge(rule, on("server", facts())) for rule in WHOLE} == dict.fromkeys(WHOLE, True)


def test_no_rule_passes_where_nothing_is_known() -> None:
    hidden = probe.collect(MemoryHost())
    for rule in WHOLE:
        assert isinstance(judge(rule, on("server", hidden)), Unknown) or isinstance(judge(rule, on("server", hidden))[0], Unknown)


@pytest.mark.parametrize("role", ["desktop-vm-guest", "desktop-vm-host"])
def test_no_rule_applies_to_the_virtual_machine_of_a_desktop(role: str) -> None:
    assert {judge(rule, on(role, facts())) for rule in RULES} == {(False, "notapplicable")}


@pytest.mark.parametrize(
    ("rule", "files", "without"),
    [
        ("HC-KRN-01", setting("kernel/unprivileged_bpf_disabled", "0\n"), ()),
        ("HC-KRN-02", {}, ("/proc/sys/kernel/kptr_restrict",)),
        ("HC-KRN-03", {}, ("/proc/sys/kernel/dmesg_restrict",)),
        ("HC-KRN-04", {}, ("/proc/sys/kernel/yama",)),
        ("HC-KRN-05", setting("kernel/perf_event_paranoid", "-1\n"), ()),
        ("HC-KRN-05", setting("kernel/perf_event_paranoid", "3x\n"), ()),
        ("HC-KRN-06", setting("kernel/osrelease", "5.1.21\n"), ("/proc/sys/vm",)),
        ("HC-KRN-07", setting("kernel/osrelease", "5.15.0-1\n"), ("/proc/sys/kernel/io_uring",)),
        ("HC-KRN-08", setting("net/core/bpf_jit_harden", "0\n"), ()),
        ("HC-KRN-08", setting("kernel/osrelease", "4.6.7\n"), ("/proc/sys/net/core/bpf",)),
        ("HC-KRN-11", setting("fs/protected_regular", "0\n"), ()),
        ("HC-KRN-11", setting("kernel/osrelease", "4.18.0-553.el8\n"), ("/proc/sys/fs/protected_regular",)),
        ("HC-KRN-12", setting("fs/suid_dumpable", "1\n"), ()),
        ("HC-KRN-12", {}, ("/proc/sys/fs/suid_dumpable",)),
        ("HC-KRN-14", setting("kernel/kexec_load_disabled", "0\n"), ()),
        ("HC-KRN-14", setting("kernel/osrelease", "3.10.0-1160.el7\n"), ("/proc/sys/kernel/kexec",)),
        ("HC-KRN-15", setting("dev/tty/ldisc_autoload", "1\n"), ()),
        ("HC-KRN-15", setting("kernel/osrelease", "5.0.21\n"), ("/proc/sys/dev/",)),
        ("HC-KRN-16", setting("dev/tty/legacy_tiocsti", "1\n"), ()),
        ("HC-KRN-16", setting("kernel/osrelease", "6.1.0-30-amd64\n"), ("/proc/sys/dev/tty/legacy",)),
        ("HC-KRN-09", setting("fs/protected_symlinks", "0\n"), ()),
        ("HC-KRN-10", {}, ("/proc/sys/fs/protected_hardlinks",)),
        ("HC-KRN-13", setting("kernel/randomize_va_space", "1\n"), ()),
        ("HC-KRN-17", setting("kernel/core_pattern", "|usr/lib/systemd/systemd-coredump\n"), ()),
        ("HC-KRN-17", setting("kernel/core_pattern", "|/proc/%P/root/x\n"), ()),
        ("HC-KRN-18", {"/sys/module/apparmor/parameters/enabled": "N\n"}, ()),
        ("HC-KRN-19", {"/proc/1/mountinfo": V1}, ()),
        ("HC-KRN-20", {"/proc/self/status": "Seccomp:\t0\n"}, ("/proc/sys/kernel/seccomp",)),
    ],
)
def test_each_rule_fails_on_the_kernel_that_it_is_about(rule: str, files: dict[str, str], without: tuple[str, ...]) -> None:
    assert judge(rule, on("server", facts(files, without))) is False


@pytest.mark.parametrize(
    ("rule", "release", "without"),
    [
        ("HC-KRN-01", "4.3.0", "/proc/sys/kernel/unprivileged_bpf"),
        ("HC-KRN-05", "6.1.0", "/proc/sys/kernel/perf"),
        ("HC-KRN-06", "5.2.0", "/proc/sys/vm"),
        ("HC-KRN-07", "5.0.9", "/proc/sys/kernel/io_uring"),
        ("HC-KRN-07", "6.6.1", "/proc/sys/kernel/io_uring"),
        ("HC-KRN-08", "4.7.0", "/proc/sys/net/core/bpf"),
        ("HC-KRN-14", "3.14.0", "/proc/sys/kernel/kexec"),
        ("HC-KRN-15", "5.1.0", "/proc/sys/dev/"),
        ("HC-KRN-16", "6.2.0", "/proc/sys/dev/tty/legacy"),
        ("HC-KRN-17", "6.1.0", "/proc/sys/kernel/core_pattern"),
    ],
)
def test_what_the_kernel_does_not_have_cannot_be_closed(rule: str, release: str, without: str) -> None:
    assert judge(rule, on("server", facts(setting("kernel/osrelease", release), (without,)))) == (False, "notapplicable")


def test_in_another_network_namespace_the_settings_of_its_core_are_not_known() -> None:
    stated = facts(without=("/proc/sys/net/core/bpf_jit", "/proc/sys/net/core/netdev"), files={"/proc/sys/net/core/somaxconn": "4096\n"})
    assert isinstance(stated["sysctl"]["net.core.bpf_jit_harden"], Hole)
    assert isinstance(judge("HC-KRN-08", on("server", stated))[0], Unknown)


@pytest.mark.parametrize(("init", "away"), [(7, False), (8, True)])
def test_settings_of_the_network_are_the_hosts_where_the_scanner_is_where_process_1_is(init: int, away: bool) -> None:
    stats = {f"/proc/{who}/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=number) for who, number in (("self", 7), ("1", init))}
    told = facts(stats=stats)["sysctl"]
    assert {isinstance(found, Hole) for name, found in told.items() if name.startswith("net.")} == {away}
    assert not any(isinstance(found, Hole) for name, found in told.items() if not name.startswith("net."))


def test_a_handler_that_is_merely_missing_is_low() -> None:
    condition = compile_schema(BENCHMARK.rules["HC-KRN-17"]["severity"][0]["when"])
    assert condition(on("server", facts(setting("kernel/core_pattern", "|/usr/lib/none\n")))) is True
    assert condition(on("server", facts(setting("kernel/core_pattern", "|/usr/lib/%e\n")))) is False
    assert condition(on("server", facts(setting("kernel/core_pattern", "core\n")))) is False


def test_its_rules_read_the_kernel_and_the_role_alone() -> None:
    assert {name for rule in RULES.values() for name in rule.reads} == {"kernel", "host-role"}
