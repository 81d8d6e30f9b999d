"""Where the parts of engines are, and where audit rules lead."""

from typing import Any

import pytest
from audit.audit_host import host

from hostcheck.host.answers import Stat
from hostcheck.model import Hole
from hostcheck_builtin.audit.audit_rules import AuditRule
from hostcheck_builtin.audit.watched_places import EnginePlaces, is_made_later

FUSE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:50 / /mnt/x rw - fuse.evil x rw\n"


def found(files: dict[str, Any] | None = None, **more: Any) -> Any:
    return EnginePlaces(host(files, **more)).found()


def a_rule(path: str, tree: bool | None = None) -> AuditRule:
    return AuditRule("exit", "always", path, tree)


def test_a_place_is_named_by_where_it_really_is() -> None:
    links = {"/var/lib/containerd": "/srv/containerd", "/etc/default": "/etc/conf.d"}
    told = found({"/srv/containerd/x": "", "/etc/conf.d/docker": ""}, links=links)
    assert told["/var/lib/containerd"]["realpath"] == "/srv/containerd"
    assert told["/etc/default/docker"] == {
        "kind": "settings",
        "engine": "docker",
        "realpath": "/etc/conf.d/docker",
        "tree": False,
        "made_later": False,
        "root_only": True,
    }


def test_what_is_no_program_or_leads_nowhere_is_not_there() -> None:
    told = found({"/usr/bin/runc/x": ""}, links={"/usr/bin/crun": "/none", "/etc/crio": "/etc/crio"})
    assert not {"/usr/bin/runc", "/usr/bin/crun", "/etc/crio"} & set(told)


def test_a_place_that_others_can_replace() -> None:
    stats = {"/usr/local/bin": Stat(type="dir", uid=0, gid=50, mode=0o2775), "/usr/local/bin/runc": Stat(type="file", uid=1001, gid=0, mode=0o755)}
    told = found(stats=stats)
    assert told["/usr/local/bin/runc"]["root_only"] is False
    assert found()["/run/docker.sock"]["root_only"] is True
    assert isinstance(found(links={"/proc/self/ns/user": "user:[1]"})["/usr/bin/dockerd"]["root_only"], Hole)


def test_the_unit_that_counts() -> None:
    told = found({"/etc/systemd/system/docker.service": ""})
    assert told["/etc/systemd/system/docker.service"]["kind"] == "unit" and "/usr/lib/systemd/system/docker.service" not in told


def test_nothing_is_looked_at_behind_a_users_mount_or_link() -> None:
    mounted = {"/proc/self/mountinfo": FUSE, "/etc/docker/daemon.json": '{"data-root": "/mnt/x/docker"}', "/mnt/x/docker/y": ""}
    assert found(mounted)["/mnt/x/docker"]["realpath"] == "/mnt/x/docker"
    assert isinstance(found({"/proc/self/mountinfo": PermissionError(13, "denied")})["/usr/bin/dockerd"], Hole)


@pytest.mark.parametrize(
    ("rule", "tree", "why"),
    [
        (a_rule("/etc/docker"), True, ""),
        (a_rule("/etc/docker/daemon.json"), False, ""),
        (a_rule("/etc/docker", False), False, ""),
        (a_rule("/run/containerd"), False, ""),
        (a_rule("/run/containerd", True), True, "names /run/containerd, which is not there at boot"),
        (a_rule("/var/run/containerd/x"), False, "names a file in /var/run/containerd, which is not there at boot"),
        (a_rule("/none/x"), False, "names a file in /none, which is not there at boot"),
    ],
)
def test_a_rule_at_boot(rule: AuditRule, tree: bool, why: str) -> None:
    told, refused = EnginePlaces(host()).at_boot(rule)
    assert (told.tree, refused) == (tree, why)


def test_what_engines_make_when_they_start() -> None:
    assert is_made_later("/run/containerd") and is_made_later("/run/crio/crio.sock")
    assert not is_made_later("/run/containerd.sock") and not is_made_later("/run/docker.sock")
