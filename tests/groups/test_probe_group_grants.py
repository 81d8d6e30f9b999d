import json
from pathlib import Path
from typing import Any

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.groups import probe_group_grants

SCHEMA = json.loads((Path(probe_group_grants.__file__).parent / "probe_group_grants.facts.json").read_text(encoding="utf-8"))
OBEYS = compile_schema(SCHEMA)
DENIED = PermissionError(13, "Permission denied")
ADDUSER, USERADD, DEFS = "/etc/adduser.conf", "/etc/default/useradd", "/etc/login.defs"
CLOUD, CLOUDS = "/etc/cloud/cloud.cfg", "/etc/cloud/cloud.cfg.d"
UNITS = "/etc/systemd/system"
FULL = {
    "/etc/security/group.conf": "su;*;ann;Al0000-2400;docker\nsu;*;bob;Al0000-2400;docker;su;*;cat;Al0000-2400;audio\n",
    "/etc/pam.d/su": "auth optional pam_group.so\n@include common-auth\n",
    "/etc/pam.d/common-auth": "auth required pam_unix.so\n",
    f"{UNITS}/watch.service": "[Service]\nUser=watch\nGroup=watch\nSupplementaryGroups=docker adm\n",
    f"{UNITS}/watch.service.d/more.conf": "[Service]\nSupplementaryGroups=disk\n",
    ADDUSER: "EXTRA_GROUPS=docker\n",
    USERADD: "GROUP=100\nGROUPS=docker,audio\n",
    DEFS: "USERGROUPS_ENAB yes\n",
    CLOUD: "users:\n  - default\nsystem_info:\n  default_user:\n    name: debian\n    groups: [adm, docker]\n",
    f"{CLOUDS}/90_dpkg.cfg": "datasource_list: &x [ NoCloud ]\n",
    "/usr/lib/sysusers.d/docker.conf": "m ann docker\n",
}


def facts(files: dict[str, Any], **more: Any) -> Any:
    told = stated(probe_group_grants.collect, MemoryHost(files, **more))
    assert OBEYS(told) is not False
    return told


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_group_grants.facts.json")


def test_a_host_on_which_all_of_it_is_set() -> None:
    assert facts(FULL) == {
        "pam_group": {
            "rules": {
                "/etc/security/group.conf:1": {"services": "su", "ttys": "*", "users": "ann", "times": "Al0000-2400", "groups": ["docker"]},
                "/etc/security/group.conf:2": {"services": "su", "ttys": "*", "users": "cat", "times": "Al0000-2400", "groups": ["audio"]},
            },
            "services": {"common-auth": False, "su": True},
        },
        "units": {"watch.service": {"user": "watch", "dynamic": False, "groups": ["watch", "docker", "adm", "disk"]}},
        "new_users": {ADDUSER: {"groups": ["users"], "on_request": ["docker"]}, USERADD: {"groups": ["docker", "audio"], "on_request": ["100"]}},
        "cloud_init": {"system_info/default_user/debian": {"user": "debian", "groups": ["adm", "docker"]}},
        "sysusers": {"/usr/lib/sysusers.d/docker.conf:1": {"user": "ann", "group": "docker"}},
    }


def test_a_host_without_any_of_it() -> None:
    assert facts({}) == {"pam_group": {"rules": {}, "services": {}}, "units": {}, "new_users": {}, "cloud_init": {}, "sysusers": {}}


def test_denying_any_answer_only_makes_holes() -> None:
    assert list(denials(probe_group_grants.collect, MemoryHost(FULL))) == []


# new users: every expectation was seen on adduser 3.152 and useradd 4.17.4


@pytest.mark.parametrize(
    ("text", "groups", "on_request"),
    [
        ("", ["users"], []),
        ("ADD_EXTRA_GROUPS=1\nEXTRA_GROUPS=docker\n", ["users", "docker"], []),
        ('add_extra_groups = yes # so\n extra_groups="docker audio"\n', ["users", "docker", "audio"], []),
        ("ADD_EXTRA_GROUPS=no\nEXTRA_GROUPS=docker\n", ["users", "docker"], []),
        ("ADD_EXTRA_GROUPS=0 \nEXTRA_GROUPS=docker\n", ["users", "docker"], []),
        ("ADD_EXTRA_GROUPS=1\nADD_EXTRA_GROUPS=0\nEXTRA_GROUPS=docker\n", ["users"], ["docker"]),
        ("ADD_EXTRA_GROUPS=\nEXTRA_GROUPS=docker\n", ["users"], ["docker"]),
        ("#ADD_EXTRA_GROUPS=1\nEXTRA_GROUPS=docker\n", ["users"], ["docker"]),
        ("ADD_EXTRA_GROUPS=1\nEXTRA_GROUPS=docker;audio\n", ["users", "docker"], []),
        ("ADD_EXTRA_GROUPS=1\nEXTRA_GROUPS=docker,audio\n", ["users", "docker,audio"], []),
        ("USERS_GROUP=docker\n", ["docker"], []),
        ("USERS_GID=999\n", ["999"], []),
    ],
)
def test_what_adduser_gives(text: str, groups: list[str], on_request: list[str]) -> None:
    assert facts({ADDUSER: text})["new_users"] == {ADDUSER: {"groups": groups, "on_request": on_request}}


@pytest.mark.parametrize(
    ("text", "defs", "groups", "on_request"),
    [
        ("GROUPS=docker\n", "", ["docker"], []),
        ("GROUPS=docker,999\nGROUPS=audio\n", "", ["audio"], []),
        ("# GROUPS=docker\n GROUPS=docker\nGROUPS =docker\n", "", [], []),
        ("GROUP=docker\n", "USERGROUPS_ENAB yes\n", [], ["docker"]),
        ("GROUP=docker\n", "USERGROUPS_ENAB\tno\n", ["docker"], []),
        ("GROUP=docker\n", 'USERGROUPS_ENAB "YES"\n', [], ["docker"]),
        ("GROUP=docker\n", "#USERGROUPS_ENAB yes\n", ["docker"], []),
        ("", "USERGROUPS_ENAB no\n", [], []),
    ],
)
def test_what_useradd_gives(text: str, defs: str, groups: list[str], on_request: list[str]) -> None:
    assert facts({USERADD: text, DEFS: defs})["new_users"] == {USERADD: {"groups": groups, "on_request": on_request}}


def test_what_gives_new_users_groups_may_not_be_known() -> None:
    told = facts({ADDUSER: DENIED, USERADD: DENIED})["new_users"]
    assert set(told) == {ADDUSER, USERADD} and all(isinstance(one, Hole) for one in told.values())
    assert isinstance(facts({USERADD: "GROUP=docker\n", DEFS: DENIED})["new_users"][USERADD], Hole)
    assert facts({USERADD: "GROUPS=docker\n", DEFS: DENIED})["new_users"] == {USERADD: {"groups": ["docker"], "on_request": []}}


# sysusers.d


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("m ann docker", ("ann", "docker")),
        ('  m\t"ann" docker  ', ("ann", "docker")),
        ("m! ann docker", ("ann", "docker")),
        ('u ann - "Ann, of" /home/ann', None),
        ('u ann -:docker "Ann"', ("ann", "docker")),
        ("u! ann 5:999", ("ann", "999")),
        ("u ann 5", None),
        ("g docker -", None),
        ("r - 500-900", None),
        ("# m ann docker", None),
        ("m ann", None),
        ("", None),
    ],
)
def test_lines_of_sysusers(line: str, given: tuple[str, str] | None) -> None:
    told = facts({"/etc/sysusers.d/x.conf": f"\n{line}\n"})["sysusers"]
    assert told == ({} if given is None else {"/etc/sysusers.d/x.conf:2": {"user": given[0], "group": given[1]}})


def test_the_first_file_of_a_name_counts_and_may_mask() -> None:
    vendor = {"/usr/lib/sysusers.d/x.conf": "m ann docker\n", "/usr/lib/sysusers.d/README": "m ann docker\n"}
    assert set(facts(vendor)["sysusers"]) == {"/usr/lib/sysusers.d/x.conf:1"}
    assert facts({**vendor, "/etc/sysusers.d/x.conf": ""})["sysusers"] == {}
    assert facts(vendor, links={"/etc/sysusers.d/x.conf": "/dev/null"})["sysusers"] == {}
    assert set(facts({**vendor, "/run/sysusers.d/y.conf": "m ann disk\n"})["sysusers"]) == {"/usr/lib/sysusers.d/x.conf:1", "/run/sysusers.d/y.conf:1"}


@pytest.mark.parametrize("files", [{"/etc/sysusers.d": DENIED}, {"/etc/sysusers.d/y.conf": DENIED}, {"/etc/sysusers.d/y.conf": 'm "ann docker\n'}])
def test_lines_of_sysusers_may_not_be_known(files: dict[str, Any]) -> None:
    told = facts({"/usr/lib/sysusers.d/x.conf": "m ann docker\n", **files})["sysusers"]
    assert isinstance(told, OpenObject) and len(told) == 1


# units


def units(*texts: str, name: str = "x.service", **files: Any) -> Any:
    more = {f"{UNITS}/{name}.d/{number}.conf": text for number, text in enumerate(texts[1:])}
    return facts({f"{UNITS}/{name}": texts[0], **more, **files})["units"]


@pytest.mark.parametrize(
    ("texts", "given"),
    [
        (["[Service]\nUser=ann\nGroup=docker\n"], ("ann", False, ["docker"])),
        (["[Service]\nUser=ann\nSupplementaryGroups=docker\nSupplementaryGroups=audio 999\n"], ("ann", False, ["docker", "audio", "999"])),
        (["[Service]\nUser=ann\nSupplementaryGroups=docker\nSupplementaryGroups=\nSupplementaryGroups=audio\n"], ("ann", False, ["audio"])),
        (["[Service]\nUser=ann\nSupplementaryGroups=docker\n", "[Service]\nSupplementaryGroups=\n"], None),
        (["[Service]\nUser=ann\n", "[Service]\nUser=bob\nGroup=docker\n"], ("bob", False, ["docker"])),
        (["[Service]\nGroup=docker\nGroup=\n"], None),
        (["[Service]\nDynamicUser=yes\nSupplementaryGroups='docker'\n"], ("", True, ["docker"])),
        (["[Service]\nDynamicUser=off\nGroup=docker\n"], ("", False, ["docker"])),
        (["[Unit]\nGroup=docker\n[Service]\nUser=ann\n"], None),
        (["[Service]\n#Group=docker\nUser=ann\n"], None),
        ([""], None),
    ],
)
def test_groups_of_services(texts: list[str], given: tuple[str, bool, list[str]] | None) -> None:
    assert units(*texts) == ({} if given is None else {"x.service": dict(zip(("user", "dynamic", "groups"), given, strict=True))})


def test_an_instance_with_drop_ins_of_its_own_stands_beside_its_template() -> None:
    template = {f"{UNITS}/x@.service.d/all.conf": "[Service]\nGroup=audio\n"}
    told = units("[Service]\nUser=%i\n", "[Service]\nSupplementaryGroups=docker\n", name="x@ann.service", **template)
    assert told["x@ann.service"]["groups"] == ["audio", "docker"]
    files = {f"{UNITS}/x@.service": "[Service]\nUser=%i\n", f"{UNITS}/x@ann.service.d/1.conf": "[Service]\nSupplementaryGroups=docker\n"}
    assert facts(files)["units"] == {"x@ann.service": {"user": "%i", "dynamic": False, "groups": ["docker"]}}
    assert facts({f"{UNITS}/y@ann.service.d/1.conf": "[Service]\nGroup=docker\n"})["units"] == {}


def test_a_masked_service_gives_nothing_and_one_that_cannot_be_read_is_not_known() -> None:
    vendor = {"/usr/lib/systemd/system/x.service": "[Service]\nUser=ann\nGroup=docker\n"}
    assert set(facts(vendor)["units"]) == {"x.service"}
    assert facts(vendor, links={f"{UNITS}/x.service": "/dev/null"})["units"] == {}
    assert isinstance(facts({**vendor, f"{UNITS}/x.service": DENIED})["units"]["x.service"], Hole)
    assert isinstance(facts({**vendor, UNITS: DENIED})["units"], Hole)
