from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.memory import MemoryHost
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.groups import probe_group_grants

SCHEMA = load_facts_schema(str(Path(probe_group_grants.__file__).parent / "probe_group_grants.facts.json"))
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
        "setgid_files": {},
    }


def test_a_host_without_any_of_it() -> None:
    assert facts({}) == {"pam_group": {"rules": {}, "services": {}}, "units": {}, "new_users": {}, "cloud_init": {}, "sysusers": {}, "setgid_files": {}}


def test_denying_any_answer_only_makes_holes() -> None:
    assert list(denials(probe_group_grants.collect, MemoryHost(FULL))) == []
