"""What a setting takes away: what Podman's own defaults are not, each with what follows."""

from typing import Any

import pytest

from hostcheck.model import Hole, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.podman.containers_conf import ENGINE_FLAGS, FLAGS, NUMBERS, TEXTS
from hostcheck_builtin.podman.loosened import SETTINGS, added, capabilities, copied, gets_out, loosened

FILE = "/etc/containers/containers.conf"
KERNEL = View({"lsm": {"apparmor": {"enabled": True}, "selinux": {"mode": "permissive"}}, "cgroup": {"mode": "v2"}})
HOLE = Hole(why=Why.DENIED, message="no")
# A value of each setting that takes something away, and those that do not.
VALUES: dict[str, tuple[Any, list[Any]]] = {
    "containers.apparmor_profile": ("unconfined", ["", "containers-default", "Unconfined"]),
    "containers.cgroupns": ("host", ["private", ""]),
    "containers.cgroups": ("disabled", ["enabled", "no-conmon", "split"]),
    "containers.env_host": (True, [False]),
    "containers.ipcns": ("host", ["private", "shareable", "none"]),
    "containers.keyring": (False, [True]),
    "containers.label": (False, [True]),
    "containers.netns": ("host", ["private", "bridge", "pasta", "none"]),
    "containers.pidns": ("host", ["private", ""]),
    "containers.pids_limit": (0, [1, 2048]),
    "containers.privileged": (True, [False]),
    "containers.seccomp_profile": ("unconfined", ["", "/etc/containers/seccomp.json"]),
    "containers.umask": ("0000", ["0022", "002", "7", "", "00002", "8"]),
    "containers.utsns": ("host", ["private"]),
    "engine.no_pivot_root": (True, [False]),
}


def containers(settings: Any = None, **lists: Any) -> View:
    given = {
        f"{'engine' if name == 'hooks_dir' else 'containers'}.{name}": [{"value": one, "file": file} for one, file in found] for name, found in lists.items()
    }
    return View({"files": [FILE], "settings": {name: {"value": value, "file": FILE} for name, value in (settings or {}).items()}, "lists": given})


def test_every_setting_that_is_read_is_judged() -> None:
    read = {*(f"containers.{name}" for name in (*TEXTS, *FLAGS, *NUMBERS)), *(f"engine.{name}" for name in ENGINE_FLAGS)}
    assert SETTINGS.keys() == VALUES.keys() == read - {"containers.userns"}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_takes_something_away(name: str) -> None:
    weak, others = VALUES[name]
    found = loosened(containers({name: weak}), lambda: KERNEL)[name]
    assert found["file"] == FILE and found["does"] and found["value"] == str(weak).lower()
    assert all(loosened(containers({name: value}), lambda: KERNEL) == {} for value in others)


def test_capabilities_beyond_podmans() -> None:
    assert capabilities(containers(default_capabilities=[("CAP_CHOWN", ""), ("CAP_KILL", FILE), ("CAP_NET_RAW", FILE)])) == {"CAP_NET_RAW": {"file": FILE}}
    assert capabilities(containers()) == {}


def test_what_is_added() -> None:
    found = added(containers(volumes=[("/a:/b", FILE)], hooks_dir=[("/usr/share/containers/oci/hooks.d", ""), ("/h", FILE)]))
    assert found == {
        "volume /a:/b": {"name": "volume /a:/b", "kind": "volume", "file": FILE},
        "hooks /h": {"name": "hooks /h", "kind": "hooks", "file": FILE},
    }
    assert copied(View({"file": "/f", "directories": ["/a:/b"]})) == {"copy /a:/b": {"name": "copy /a:/b", "kind": "copy", "file": "/f"}}


def test_whether_a_container_gets_out() -> None:
    lesser, escape = ({"x": {"escape": flag}} for flag in (False, True))
    assert gets_out({}, {}) is False and gets_out(lesser, {"CAP_NET_RAW": {}}) is False
    assert gets_out(escape, HOLE) is True and gets_out(HOLE, {"CAP_SYS_ADMIN": {}}) is True
    assert gets_out(lesser, HOLE) == gets_out(incomplete(lesser, HOLE), {}) == HOLE
