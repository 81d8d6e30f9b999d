"""What a site is told of a host on which nobody has changed anything since its installation: only what is so, written by hand before the code ran.

A distribution's choice may be a finding; that something cannot be told, or that a stock account or group has access, is none of these.
"""

from collections.abc import Mapping
from typing import Final

import pytest
from stock.hosts import CONTAINERD, DOCKER, DOCKER_GID, HERE, PODMAN, STOCKS, files_of, judged, memory, stock_report

from hostcheck.host.answers import Group, Stat, User

RANGES: Final = "HC-SUB-14 default ranges"
"""useradd gives whom it makes subordinate ids, and nobody has been approved yet."""
NAMESPACES: Final = "HC-RTL-04"
"""Everybody can make user namespaces, and nobody has been approved to run containers."""
ATTACHES: Final = {"HC-KRN-04": "kernel.yama.ptrace_scope is 0"}
LOG: Final = {"HC-KRN-03": "kernel.dmesg_restrict is 0"}
LEVEL_1: Final[Mapping[str, Mapping[str, str]]] = {
    "debian": ATTACHES,
    "debian12": ATTACHES,
    "ubuntu": {"HC-ACC-17 lxd": "members of group lxd (gid 110) can become root, and these are not approved: admin"},
    "fedora": ATTACHES,
    "rhel": ATTACHES,
    "opensuse": {},
}
HARDENED: Final = {
    NAMESPACES: "every user can create user namespaces",
    RANGES: "owners who are not approved: admin",
    "HC-KRN-14": "kernel.kexec_load_disabled is 0",
    "HC-KRN-15": "dev.tty.ldisc_autoload is 1",
}
"""What level 2 asks of a kernel, and no distribution sets."""
RECORDED: Final = {"HC-AUD-01": "not each change of these is recorded"}
"""What it asks of auditd where there is an engine."""
OPEN_TO_USERS: Final = {"HC-KRN-07": "kernel.io_uring_disabled is 0", "HC-KRN-08": "net.core.bpf_jit_harden is 0"}
LEVEL_2: Final[Mapping[str, Mapping[str, str]]] = {
    "debian": {**HARDENED, **OPEN_TO_USERS},
    "debian12": {
        **HARDENED,
        "HC-KRN-07": "has io_uring but not kernel.io_uring_disabled",
        "HC-KRN-08": "net.core.bpf_jit_harden is 0",
        "HC-KRN-16": "does not have dev.tty.legacy_tiocsti",
    },
    "ubuntu": {**HARDENED, **OPEN_TO_USERS},
    "fedora": {**HARDENED, **OPEN_TO_USERS, **LOG},
    "rhel": {**HARDENED, **LOG, "HC-KRN-16": "does not have dev.tty.legacy_tiocsti"},
    "opensuse": {**HARDENED, **OPEN_TO_USERS, **LOG},
}
OF_DOCKER: Final = {
    f"HC-DKD-01 {DOCKER}": "icc is true by default",
    f"HC-DKD-09 {DOCKER}": "is json-file by default, without max-size",
    f"HC-DKD-10 {DOCKER}": "no-new-privileges is false by default",
    f"HC-DKD-11 {DOCKER}": "live-restore is false by default",
    f"HC-API-12 {DOCKER}": "no authorization-plugins are set",
    f"HC-DKD-06 {DOCKER}": "no default-ulimits are set",
    f"HC-DKD-07 {DOCKER}": "userns-remap is not set",
    f"HC-DKD-12 {DOCKER}": "userland-proxy is true by default",
}
"""What level 2 asks of dockerd, and no distribution sets."""
HOSTS: Final = [(name, engine) for name in STOCKS for engine in ("docker", "podman", "") if (name, engine) != ("rhel", "docker")]
"""Red Hat ships no docker."""
A_PERSON: Final = {"HC-RTL-10"}
"""What only a person can judge."""


@pytest.mark.parametrize("profile", ["level1", "level2"])
@pytest.mark.parametrize(("name", "engine"), HOSTS)
def test_a_stock_host_is_told_what_is_so_and_nothing_else(name: str, engine: str, profile: str) -> None:
    report = stock_report(name, engine, profile)
    expected = {**LEVEL_1[name], **(LEVEL_2[name] if profile == "level2" else {})}
    if engine and profile == "level2":
        expected |= {**RECORDED, **(OF_DOCKER if engine == "docker" else {})}
    failed = {f"{one['rule']} {one['subject']}".strip(): one["because"] for one in report["findings"] if one["result"] == "fail"}
    assert set(failed) == set(expected), failed
    assert {key: words for key, words in expected.items() if words not in failed[key]} == {}
    unanswered = {(one["rule"], one["subject"], one["because"]) for one in report["findings"] if one["result"] in ("error", "unknown", "notchecked")}
    assert {found for found in unanswered if found[0] not in A_PERSON} == set()
    assert (report["host"]["role"], report["host"]["role_source"]) == ("server", "detected")


def test_an_account_that_nobody_can_be_is_no_failure_until_somebody_can() -> None:
    """As Alpine has adm in the group disk, and here in that of docker as well."""
    base = files_of(STOCKS["debian"], "docker")
    passwd = base["/etc/passwd"] + "adm:x:93:93:adm:/var/adm:/sbin/nologin\n"
    group = base["/etc/group"].replace("disk:x:6:", "disk:x:6:adm").replace(f"docker:x:{DOCKER_GID}:", f"docker:x:{DOCKER_GID}:adm")
    files = {"/etc/passwd": passwd, "/etc/group": group, "/etc/shadow": "adm:!:19000::::::\n"}
    for more, expected in (
        ({}, set()),
        ({"/etc/cron.d/x": "@daily adm /usr/bin/true\n"}, {"adm", DOCKER, "disk"}),
        ({"/etc/sudoers.d/x": "admin ALL=(adm) NOPASSWD: ALL\n"}, {"adm", "admin", DOCKER, "disk"}),
    ):
        report = judged(memory(STOCKS["debian"], "docker", {**files, **more}), "level1")
        failed = {one["subject"] for one in report["findings"] if one["result"] == "fail" and one["rule"] in ("HC-ACC-04", "HC-ACC-17", "HC-ACC-20")}
        assert failed == expected, more
        assert {path["principal"] for path in report["paths"] if path["needs"] == "nothing"} == {f"user:{name}" for name in expected - {DOCKER, "disk"}}
    sudo = next(path for path in report["paths"] if path["principal"] == "user:admin" and path["needs"] == "nothing")
    assert sudo["steps"][0]["to"] == "adm"


def test_a_password_that_can_be_guessed_is_one_that_sudo_takes() -> None:
    shadow = {"/etc/shadow": Stat(type="file", uid=0, gid=0, mode=0o644)}
    report = judged(memory(STOCKS["debian"], "docker", stats=shadow), "level2")
    paths = {(path["principal"], path["strength"], path["needs"], *(step["edge"] for step in path["steps"])) for path in report["paths"]}
    assert ("every local user", "likely", "nothing", "reads", "guesses", "runs-as") in paths and report["reach"]["everyone_likely"] is True
    assert {one["subject"] for one in report["findings"] if (one["rule"], one["result"]) == ("HC-ACC-21", "fail")} == {"every local user"}


def test_the_files_of_podman_are_judged_where_somebody_uses_it_and_not_where_it_is_only_installed() -> None:
    image = {"/var/lib/containers/storage/overlay-images/4f1c/manifest": ""}
    for files, expected in (({}, "notapplicable"), (image, "fail")):
        found = judged(memory(STOCKS["debian"], "podman", files), "level2")["findings"]
        assert [one["result"] for one in found if one["rule"] == "HC-POD-03"] == [expected]


@pytest.mark.parametrize(("name", "engine"), [host for host in HOSTS if host[1] == "docker"])
def test_nobody_but_root_reaches_the_docker_of_a_stock_host(name: str, engine: str) -> None:
    sockets = stock_report(name, engine, "level1")["access"]["sockets"]
    now = {path: (one["engine"], one["listening"]) for path, one in sockets.items() if one["type"] != "planned"}
    assert now == {DOCKER: ("docker", True), CONTAINERD: ("containerd", True)} and f"{DOCKER} after reboot" in sockets
    assert [path for path, one in sockets.items() if one["users"] or one["everyone"]] == []


@pytest.mark.parametrize(("name", "engine"), HOSTS)
def test_nobody_but_administrators_with_a_password_has_a_path_to_root(name: str, engine: str) -> None:
    report = stock_report(name, engine, "level1")
    paths = {(path["principal"], path["strength"], path["needs"], *(step["edge"] for step in path["steps"])) for path in report["paths"]}
    by_sudo = ("every local user", "certain", "other-secret") if name == "opensuse" else ("user:admin", "certain", "own-password")
    assert paths == {(*by_sudo, "runs-as")}
    assert (report["reach"]["users"], report["reach"]["everyone"], report["cut"], report["reach"]["unsure"]) == (0, False, [], [])


@pytest.mark.parametrize(("name", "engine"), HOSTS)
def test_everything_of_a_stock_host_is_judged(name: str, engine: str) -> None:
    assert stock_report(name, engine, "level1")["not_judged"] == {"programs": {}, "holes": []}


@pytest.mark.parametrize("name", ["debian", "ubuntu"])
def test_the_socket_that_systemd_holds_for_podman_is_told_and_not_connected_to(name: str) -> None:
    sockets = stock_report(name, "podman", "level1")["access"]["sockets"]
    told = {path: (one["engine"], one["listening"], one["users"]) for path, one in sockets.items()}
    assert told == {PODMAN: ("podman", True, {}), f"{PODMAN} after reboot": ("podman", False, {})}


RUNNER: Final = "/etc/gitlab-runner/config.toml"
ADMINS: Final = Group(name="linux-admins", gid=7900, members=("lena",))
LENA: Final = User(name="lena", uid=7001, gid=7001, home="/home/lena", shell="/bin/sh")
SSSD: Final = {"/etc/sssd/sssd.conf": "[sssd]\n", "/etc/nsswitch.conf": "passwd: files sss\ngroup: files sss\nsudoers: files\n"}


def of_directory(name: str, engine: str, rule: str = "", *known: User | Group) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    """Return what is undetermined and who has a path to root, by sentence, on a stock host with sssd, whose directory lists nobody."""
    report = judged(memory(STOCKS[name], engine, {**SSSD, "/etc/sudoers.d/site": f"{rule}\n"}, unlisted=known), "level2")
    found = [(one["rule"], one["subject"], one["because"], one["result"]) for one in report["findings"]]
    left = [one[:3] for one in found if one[3] in ("error", "unknown")]
    return left, {subject: because for rule, subject, because, result in found if (rule, result) == ("HC-ACC-20", "fail")}


@pytest.mark.parametrize(("name", "engine"), HOSTS)
def test_of_a_directory_that_lists_nobody_one_finding_is_left_and_says_what_to_do(name: str, engine: str) -> None:
    (left,), failed = of_directory(name, engine)
    assert left[:2] == ("HC-ACC-20", "users of the directory sss") and "look in that directory who else" in left[2]
    assert failed == {}


@pytest.mark.parametrize("members", [("lena",), ()])
def test_a_group_of_a_directory_in_a_rule_of_sudo_is_told_with_its_line(members: tuple[str, ...]) -> None:
    """A directory may leave out who is in a group (ignore_group_members of sssd.conf(5)), and may put others there tomorrow."""
    group = Group(name="linux-admins", gid=7900, members=members)
    _, failed = of_directory("rhel", "podman", "%linux-admins ALL=(ALL) NOPASSWD: ALL", group, LENA)
    assert set(failed) == {"members of group linux-admins", *members}
    assert all(
        "can run any command as root with sudo, without a password (/etc/sudoers.d/site, line 1, for %linux-admins)" in because for because in failed.values()
    )


def test_a_user_of_a_directory_in_a_rule_of_sudo_is_told_by_name() -> None:
    _, failed = of_directory("debian", "docker", "lena ALL=(ALL) NOPASSWD: ALL", LENA)
    assert "lena can run any command as root with sudo, without a password (/etc/sudoers.d/site, line 1)" in failed["lena"] and len(failed) == 1


def test_a_runner_whose_jobs_become_root_is_named_beside_the_change_that_stops_it() -> None:
    config = '[[runners]]\nexecutor = "docker"\n[runners.docker]\nprivileged = true\n'
    unit = "[Service]\nExecStart=/usr/bin/gitlab-runner run\n"
    report = judged(memory(STOCKS["debian"], "docker", {RUNNER: config, "/usr/lib/systemd/system/gitlab-runner.service": unit}), "level1")
    assert [(change["kind"], change["rules"]) for change in report["cut"]] == [("runner", ["HC-DEF-12"])]
    assert [one["subject"] for one in report["findings"] if (one["rule"], one["result"]) == ("HC-DEF-12", "fail")] == [RUNNER]
    trusted = judged(memory(STOCKS["debian"], "docker", {RUNNER: config}), "level1", [f"trusted_runners={RUNNER}"])
    assert trusted["cut"] == [] and "HC-DEF-12" not in {one["rule"] for one in trusted["findings"] if one["result"] == "fail"}


def test_a_group_that_only_a_rule_knows_gives_nobody_anything() -> None:
    left, failed = of_directory("debian", "docker", "%linux-admins ALL=(ALL) NOPASSWD: ALL")
    assert (len(left), failed) == (1, {})


def test_who_has_looked_says_so_and_nothing_is_left() -> None:
    report = judged(memory(STOCKS["debian"], "docker", SSSD), "level2", ["approved_users=users of the directory sss"])
    assert [one["rule"] for one in report["findings"] if one["result"] in ("error", "unknown")] == []


def test_each_distribution_has_its_files_and_says_where_they_are_from() -> None:
    told = (HERE / "README.md").read_text(encoding="utf-8")
    for name in STOCKS:
        assert f"## {name}" in told
        for path in (HERE / name).rglob("*"):
            assert path.is_dir() or f"`{path.relative_to(HERE / name)}`" in told or f"`{path.parent.relative_to(HERE / name)}/*`" in told, path
