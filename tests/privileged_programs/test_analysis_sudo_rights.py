"""Who gets what by sudo and doas: each expectation was written by hand."""

import base64
import hashlib

import pytest
from hiding import hide_each
from privileged_programs.rights import PEOPLE, SETUID, derive, facts, grants, told

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.privileged_programs import ANALYSES
from hostcheck_builtin.privileged_programs.setuid_kinds import ENGINES

DENIED = Hole(why=Why.DENIED, message="no")
ALL = ("ALL", "own-password", "any-command", "")
FREE = ("ALL", "nothing", "any-command", "")
TOOLS = frozenset(("nsenter", "unshare"))
"""Of the kernel's, not of an engine: by sudo they start a shell, as chroot does."""
DOCKER = ("/usr/bin/docker", "nothing", "engine", "")


def test_one_right() -> None:
    assert grants("%wheel ALL=(ALL:ALL) NOPASSWD: ALL\n") == {
        "bob by %wheel: ALL as root (/etc/sudoers:1)": {
            **{"name": "bob", "uid": 1001, "everyone": False, "group": "wheel", "as_uid": 0, "as_name": "root", "as_group": ""},
            **{"tool": "sudo", "needs": "nothing", "command": "ALL", "gives": "any-command", "engine": "", "how": "any program is allowed", "certain": True},
            **{"place": "/etc/sudoers:1", "unasked_by": "rule", "file": "/etc/sudoers", "line": 1, "root_only": True},
        }
    }


@pytest.mark.parametrize(
    ("rules", "rights"),
    [
        ("ann ALL=ALL, !/bin/sh\n", [("ann root", *ALL)]),
        ("ann ALL=NOPASSWD: ALL\nann ALL=PASSWD: ALL\n", [("ann root", *ALL)]),
        ("ann ALL=ALL\nann ALL=NOPASSWD: /usr/bin/docker\n", [("ann root", *DOCKER), ("ann root", *ALL)]),
        ("ann ALL=NOPASSWD: /usr/bin/docker\nann ALL=ALL\n", [("ann root", *ALL)]),
        ("ann ALL=NOPASSWD: /usr/bin/docker, !/usr/bin/docker\n", []),
        ("ann ALL=NOPASSWD: /usr/bin/docker, !/usr/bin/docker run\n", [("ann root", *DOCKER)]),
        ("ann ALL=NOPASSWD: /usr/bin/docker, !/usr/bin/dock*\n", []),
        ("ann ALL=NOPASSWD: /usr/bin/docker, !/usr/bin/\n", []),
        ("ann ALL=NOPASSWD: /usr/bin/docker, !^/usr/bin/d.*$\n", [("ann root", *DOCKER[:3], "?")]),
        ("ann ALL=ALL, !ALL\n", []),
        ("ann ALL=!ALL\n", []),
        ("ann other=ALL\n", []),
        ("Cmnd_Alias C = /usr/bin/docker\nann ALL=NOPASSWD: C\n", [("ann root", *DOCKER)]),
        ("Cmnd_Alias C = /bin/x, /usr/bin/docker\nann ALL=ALL, NOPASSWD: !C\n", [("ann root", *ALL)]),
        ("ann ALL=(bob) NOPASSWD: ALL\n", [("ann bob", *FREE)]),
        ("ann ALL=(bob, root) NOPASSWD: ALL\n", [("ann root", *FREE)]),
        ("ann ALL=(ann) ALL\n", []),
        ("ann ALL=(ALL, !root) ALL\n", [(f"ann {name}", *ALL) for name in PEOPLE if name != "ann"]),
        ("ann ALL=(:docker) ALL\n", [("ann ann", *ALL)]),
        ("ann ALL=() ALL\n", []),
        ("Defaults runas_default=bob\nann ALL=ALL\n", [("ann bob", *ALL)]),
        ("Defaults !authenticate\nann ALL=ALL\n", [("ann root", *FREE)]),
        ("Defaults !authenticate\nann ALL=PASSWD: ALL\n", [("ann root", *ALL)]),
        ("Defaults:bob !authenticate\nann, bob ALL=ALL\n", [("ann root", *ALL), ("bob root", *FREE)]),
        ("Defaults@other !authenticate\nann ALL=ALL\n", [("ann root", *ALL)]),
        ("Defaults@host1 !authenticate\nann ALL=ALL\n", [("ann root", *FREE)]),
        ("Defaults>bob !authenticate\nann ALL=(root) ALL\n", [("ann root", *ALL)]),
        ("Defaults>root !authenticate\nann ALL=(root) ALL\n", [("ann root", *FREE)]),
        ("Defaults!/bin/docker !authenticate\nann ALL=ALL\n", [("ann root", *ALL), ("ann root", "/bin/docker", "nothing", "engine", "")]),
        ("Defaults!/usr/bin/docker !authenticate\nann ALL=PASSWD: ALL\n", [("ann root", *ALL)]),
        ("Defaults exempt_group=wheel\nann, bob ALL=ALL\n", [("ann root", *ALL), ("bob root", *FREE)]),
        ("Defaults rootpw\nann ALL=ALL\n", [("ann root", "ALL", "other-secret", "any-command", "")]),
        ("ann ALL=SETENV: /opt/x y\n", [("ann root", "/opt/x", "own-password", "environment", "")]),
        ("Defaults setenv\nann ALL=NOSETENV: /opt/x\n", [("ann root", "/opt/x", "own-password", "limited", "")]),
        ("Defaults env_keep+=PYTHONPATH\nann ALL=/opt/x\n", [("ann root", "/opt/x", "own-password", "environment", "?")]),
        ("ann ALL=NOEXEC: /usr/bin/vi\n", [("ann root", "/usr/bin/vi", "own-password", "write-any-file", "")]),
        ("ann ALL=NOEXEC: /usr/bin/vi /etc/hosts\n", [("ann root", "/usr/bin/vi", "own-password", "write-any-file", "")]),
        ("ann ALL=NOEXEC: /usr/bin/less /etc/hosts\n", [("ann root", "/usr/bin/less", "own-password", "shell", "?")]),
        ("ann ALL=NOEXEC: /usr/bin/man\n", [("ann root", "/usr/bin/man", "own-password", "shell", "?")]),
        ("ann ALL=NOTBEFORE=20300101000000Z ALL\n", [("ann root", *ALL[:3], "?")]),
        ("ann ALL=CHROOT=/srv ALL\n", [("ann root", *ALL[:3], "?")]),
        ("ann ALL=sha256:" + "0" * 64 + " ALL\n", [("ann root", "ALL", "own-password", "environment", "")]),
        ("ALL ALL=NOPASSWD: /usr/bin/docker\n", [("every local user root", *DOCKER)]),
        ("ALL, !ann ALL=NOPASSWD: /usr/bin/docker\n", [(f"{name} root", *DOCKER) for name in PEOPLE if name != "ann"]),
        ("ALL ALL=NOPASSWD: /usr/bin/docker\nann ALL=/bin/ls\n", [("every local user root", *DOCKER), ("ann root", "/bin/ls", "own-password", "limited", "")]),
        (
            "ALL ALL=NOPASSWD: /usr/bin/docker\nann ALL=PASSWD: /usr/bin/docker\n",
            [("ann root", "/usr/bin/docker", "own-password", "engine", ""), *((f"{name} root", *DOCKER) for name in PEOPLE if name != "ann")],
        ),
    ],
)
def test_rights(rules: str, rights: list[tuple[str, ...]]) -> None:
    assert sorted(told(rules)) == sorted(rights)
    assert not isinstance(grants(rules), OpenObject)


def test_a_group_that_a_command_is_run_with() -> None:
    (one,) = grants("ann ALL=(:docker) NOPASSWD: ALL\n").values()
    assert (one["as_name"], one["as_uid"], one["as_group"]) == ("ann", 1000, "docker")


def test_doas() -> None:
    conf = "permit nopass :wheel\npermit ann as bob cmd vi args x\ndeny ann cmd ls\npermit keepenv cat cmd /opt/x\npermit nopass dan\ndeny dan\n"
    rights = [
        ("ann bob", "vi", "own-password", "shell", ""),
        ("bob root", *FREE),
        ("cat root", "/opt/x", "own-password", "environment", "?"),
    ]
    assert sorted(told(conf=conf)) == rights
    assert all(one["tool"] == "doas" for one in grants(conf=conf).values())


HEX, BASE64 = hashlib.sha256(b"x").hexdigest(), base64.b64encode(hashlib.sha512(b"x").digest()).decode()
VI = ("/usr/bin/vi", "nothing", "shell", "")


@pytest.mark.parametrize(
    ("digest", "program", "rights"),
    [
        (f"sha256:{HEX}", "x", [("ann root", *VI)]),
        (f"sha256:{HEX.upper()}", "x", [("ann root", *VI)]),
        (f"sha512:{BASE64}", "x", [("ann root", *VI)]),
        (f"sha256:{'0' * 64}, sha512:{BASE64}", "x", [("ann root", *VI)]),
        (f"sha256:{HEX}", "y", []),
        (f"sha256:{'0' * 64}", "x", []),
        (f"sha256:{HEX}", None, []),
        (f"sha256:{HEX}", PermissionError("no"), [("ann root", *VI[:3], "?")]),
    ],
)
def test_a_rule_with_a_digest_gives_what_the_program_is(digest: str, program: str | Exception | None, rights: list[tuple[str, ...]]) -> None:
    files = {} if program is None else {"/usr/bin/vi": program}
    assert told(f"ann ALL=NOPASSWD: {digest} /usr/bin/vi\n", files) == rights
    assert told(f"Cmnd_Alias V = {digest} /usr/bin/vi\nann ALL=NOPASSWD: V\n", files) == rights


def test_what_is_forbidden_by_a_digest_is_forbidden_where_it_fits() -> None:
    rules = f"ann ALL=NOPASSWD: /usr/bin/vi, sha256:{HEX} !/usr/bin/vi\n"
    assert told(rules, {"/usr/bin/vi": "y"}) == [("ann root", *VI)]
    assert told(rules, {"/usr/bin/vi": "x"}) == []
    assert told(rules, {"/usr/bin/vi": PermissionError("no")}) == [("ann root", *VI[:3], "?")]


@pytest.mark.parametrize("command", ["/usr/bin/", "/usr/bin/v*", "^/usr/bin/vi$"])
def test_what_a_pattern_allows_with_a_digest_is_not_any_program(command: str) -> None:
    assert told(f"ann ALL=NOPASSWD: sha256:{HEX} {command}\n", {"/usr/bin/vi": "y"}) == [("ann root", command, "nothing", "limited", "")]


def test_nothing_is_read_where_a_process_of_a_user_answers() -> None:
    mounts = "27 1 254:0 / / rw - ext4 /dev/vda rw\n30 27 0:50 / /home/ann/m rw - fuse.x x rw\n"
    files = {"/home/ann/m/vi": "x", "/proc/self/mountinfo": mounts}
    stats = {"/home/ann": Stat(type="dir", uid=1000, gid=1000, mode=0o755)}
    found = grants(f"ann ALL=NOPASSWD: sha256:{HEX} /home/ann/m/vi\n", files, stats=stats)
    assert [one["certain"] for one in found.values()] == [False]
    (rule,) = facts(f"ann ALL=NOPASSWD: sha256:{HEX} /home/ann/m/vi\n", files, stats=stats)["sudo"]["rules"].values()
    assert "is not looked at" in rule["commands"][0]["command"]["fits"].message


@pytest.mark.parametrize(
    ("rules", "files", "rights"),
    [
        ("+admins ALL=NOPASSWD: ALL\nann ALL=ALL\n", {}, [("ann root", *ALL)]),
        ("ALL, !+admins ALL=ALL\n", {}, [("every local user root", *ALL)]),
        ("ann +servers=ALL\nbob ALL=ALL\n", {}, [("bob root", *ALL)]),
        ("Defaults:+admins !authenticate\nann ALL=ALL\n", {}, [("ann root", *ALL)]),
        ("+admins ALL=ALL\n", {"/etc/netgroup": "admins (,ann,)\n"}, None),
        ("+admins ALL=ALL\n", {"/proc/sys/kernel/domainname": "site\n"}, None),
        ("ann +servers=ALL\n", {"/etc/netgroup": "servers (h,,)\n"}, None),
    ],
)
def test_nobody_is_in_a_netgroup_where_no_source_knows_one(rules: str, files: dict[str, str], rights: list[tuple[str, ...]] | None) -> None:
    found = grants(rules, files)
    assert isinstance(found, OpenObject) is (rights is None)
    assert rights is None or sorted(told(rules, files)) == sorted(rights)


@pytest.mark.parametrize(
    ("rules", "conf", "line", "gives"),
    [
        ("Defaults env_keep+=PYTHONPATH\nann ALL=/opt/x\n", "", "#!/usr/bin/python3", ("environment", "")),
        ("Defaults env_keep+=PYTHON*\nCmnd_Alias X = /opt/x\nann ALL=X\n", "", "#!/usr/bin/env python3", ("environment", "")),
        ("Defaults env_keep+=PYTHONPATH\nann ALL=/opt/x\n", "", "#!/usr/bin/python3 -I", ("environment", "?")),
        ("Defaults env_keep+=PYTHONPATH\nann ALL=/opt/x\n", "", "#!/bin/sh", ("environment", "?")),
        ("Defaults env_keep+=BASH_ENV\nann ALL=/opt/x\n", "", "#!/bin/bash", ("environment", "")),
        ("Defaults env_keep+=BASH_ENV\nann ALL=/opt/x\n", "", "#!/bin/sh", ("environment", "?")),
        ("Defaults env_keep+=LANG\nann ALL=/opt/x\n", "", "#!/usr/bin/python3", ("limited", "")),
        ("Defaults !env_reset\nann ALL=/opt/x\n", "", "#!/usr/bin/python3", ("environment", "?")),
        ("", "permit keepenv ann cmd /opt/x\n", "#!/usr/bin/python3", ("environment", "")),
        ("", "permit keepenv ann cmd /opt/x\n", "#!/bin/sh", ("environment", "?")),
        ("", "permit setenv { PYTHONPATH } ann cmd /opt/x\n", "#!/usr/bin/python3", ("environment", "")),
        ("", "permit setenv { LANG } ann cmd /opt/x\n", "#!/usr/bin/python3", ("limited", "")),
        ("", "permit ann cmd /opt/x\n", "#!/usr/bin/python3", ("limited", "")),
    ],
)
def test_a_variable_that_the_interpreter_of_a_script_reads(rules: str, conf: str, line: str, gives: tuple[str, str]) -> None:
    assert [one[3:] for one in told(rules, {"/opt/x": f"{line}\n"}, conf=conf)] == [gives]


@pytest.mark.parametrize("name", sorted(ENGINES - TOOLS))
def test_every_program_of_an_engine_gives_one(name: str) -> None:
    (one,) = grants(f"ann ALL=NOPASSWD: /usr/bin/{name}\n").values()
    assert (one["needs"], one["gives"], one["certain"]) == ("nothing", "engine", True) and one["engine"]


@pytest.mark.parametrize("name", ["bash-static", "busybox-static", "ld-linux-x86-64.so.2", "gosu", *sorted(TOOLS)])
def test_a_shell_is_one_under_each_of_its_names(name: str) -> None:
    (one,) = grants(f"ann ALL=NOPASSWD: /usr/bin/{name}\n").values()
    assert (one["needs"], one["gives"], one["certain"]) == ("nothing", "shell", True)


def test_without_the_program_rules_give_nothing() -> None:
    for stats in ({"/usr/bin/sudo": Stat(type="file", uid=0, gid=0, mode=0o755)}, {"/usr/bin/sudo": Stat(type="file", uid=5, gid=0, mode=0o4755)}):
        found = derive(facts("ann ALL=ALL\n", stats=stats))
        assert found == {"grants": {}, "commands": {}, "search_path": {}, "installed": {"sudo": False, "doas": False}}


def test_a_program_that_not_everybody_may_execute() -> None:
    assert told("ann ALL=ALL\n", stats={"/usr/bin/sudo": Stat(type="file", uid=0, gid=50, mode=0o4750)}) == [("ann root", *ALL[:3], "?")]


@pytest.mark.parametrize(
    ("files", "open_"),
    [
        ({"/etc/nsswitch.conf": "sudoers: files ldap\n"}, True),
        ({"/etc/nsswitch.conf": "sudoers: files sss\n"}, False),
        ({"/etc/nsswitch.conf": "sudoers: files sss\n", "/var/lib/sss/pipes/sudo": ""}, True),
        ({"/etc/sudo-ldap.conf": ""}, True),
        ({"/etc/sudo-ldap.conf": "", "/etc/nsswitch.conf": "sudoers: files\n"}, False),
    ],
)
def test_rules_from_elsewhere(files: dict[str, str], open_: bool) -> None:
    found = grants("ann ALL=ALL\n", files)
    assert (len(found), isinstance(found, OpenObject)) == (1, open_)


def test_files_that_are_not_asked() -> None:
    found = grants("ann ALL=ALL\n", {"/etc/nsswitch.conf": "sudoers: ldap\n"})
    assert isinstance(found, OpenObject) and not found


def test_another_policy() -> None:
    found = grants("ann ALL=ALL\n", {"/etc/sudo.conf": "Plugin other other.so\n"})
    assert isinstance(found, OpenObject) and not found


def test_a_rule_of_which_it_is_not_known_whether_it_applies() -> None:
    """It gives nothing, and what it would decide is not told; the rest stands."""
    for later in ("ann 10.0.0.0/8=PASSWD: /usr/bin/docker\n", "ann 10.0.0.0/8=!/usr/bin/docker\n", "ALL, !+net ALL=PASSWD: /usr/bin/docker\n"):
        found = grants(f"ann ALL=NOPASSWD: /usr/bin/docker, /usr/bin/podman\n{later}", {"/etc/netgroup": ""})
        assert isinstance(found, OpenObject)
        assert [one["command"] for one in found.values()] == ["/usr/bin/podman"]


def test_a_denied_file_is_a_hole_and_no_policy() -> None:
    found = derive(facts(None, {"/etc/sudoers": PermissionError(13, "no"), "/usr/bin/sudo": ""}, stats={"/usr/bin/sudo": SETUID}))
    assert isinstance(found["grants"], OpenObject) and found["installed"]["sudo"] is True


def test_in_a_user_namespace_nothing_is_told() -> None:
    assert isinstance(derive({**facts("ann ALL=ALL\n"), "host": {"scan": {"init_userns": False}}}), Hole)


RULES = """Defaults env_reset
Defaults:cat !authenticate
User_Alias ADMINS = ann, %wheel
ADMINS ALL=(ALL:ALL) ALL
ALL, !dan host1=(root) NOPASSWD: /usr/bin/docker
eve ALL=PASSWD: /usr/bin/docker
"""


def test_hiding_a_fact_only_makes_holes() -> None:
    (analysis,) = (one for one in ANALYSES if one.id == "sudo-rights")
    assert hide_each(analysis, facts(RULES, conf="permit nopass :staff\ndeny cat cmd /bin/ls\n")) > 200


@pytest.mark.parametrize(("folder", "alone"), [(0o755, True), (0o777, False)])
def test_who_can_put_another_file_in_the_place_of_doas_rules(folder: int, alone: bool) -> None:
    etc = {"/etc": Stat(type="dir", uid=0, gid=0, mode=folder)}
    (one,) = grants(None, conf="permit nopass ann\n", stats=etc).values()
    assert (one["file"], one["line"], one["root_only"]) == ("/etc/doas.conf", 1, alone)
