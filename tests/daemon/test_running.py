"""What real dockerds said of themselves, in the form of daemon.json; and when that is what a file asks for."""

from typing import Any

import pytest
from engines.engine_host import body

from hostcheck.host import Nonsense
from hostcheck.view import View
from hostcheck_builtin.daemon.running import TOLD, major, plain, same
from hostcheck_builtin.engines import api_answers


def info(name: str = "docker-rootful", **more: Any) -> View:
    return View({**api_answers.info(api_answers.parse(body(f"{name}-info"))), **more})


def told(key: str, name: str = "docker-rootful", **more: Any) -> Any:
    return TOLD[key][1](info(name, **more))


def test_a_usual_daemon() -> None:
    assert {key: told(key) for key in TOLD} == {
        "authorization-plugins": [],
        "data-root": "/var/lib/docker",
        "debug": False,
        "default-runtime": "runc",
        "experimental": False,
        "insecure-registries": [],
        "live-restore": False,
        "log-driver": "json-file",
        "no-new-privileges": False,
        "registry-mirrors": [],
        "runtimes": {},
        "seccomp-profile": "builtin",
        "selinux-enabled": False,
        "storage-driver": "overlay2",
    }


@pytest.mark.parametrize(
    ("options", "profile"),
    [
        (["name=seccomp,profile=default"], "builtin"),
        (["name=seccomp,profile=unconfined"], "unconfined"),
        (["name=seccomp,profile=/etc/docker/own.json"], "/etc/docker/own.json"),
        (["name=apparmor"], "disabled"),
    ],
)
def test_seccomp(options: list[str], profile: str) -> None:
    assert told("seccomp-profile", security_options=options) == profile


def test_a_remapped_data_root_is_where_it_was_told() -> None:
    assert not told("data-root", "dockerd-usernsremap").endswith("/165536.165536")


def test_insecure_registries_are_ranges_and_names() -> None:
    assert told("insecure-registries", insecure_registries=["127.0.0.0/8", "::1/128", "10.0.0.0/8"], insecure_hosts=["reg.local:5000"]) == [
        "10.0.0.0/8",
        "reg.local:5000",
    ]


@pytest.mark.parametrize(
    ("key", "running", "after", "expected"),
    [
        ("icc", True, True, True),
        ("icc", True, False, False),
        ("data-root", "/mnt/x", "/var/lib/docker", True),
        ("storage-driver", "overlay2", "", True),
        ("storage-driver", "overlay2", "vfs", False),
        ("selinux-enabled", False, True, True),
        ("selinux-enabled", True, False, False),
        ("seccomp-profile", "builtin", "", True),
        ("seccomp-profile", "builtin", "unconfined", False),
        ("seccomp-profile", "disabled", "builtin", True),
        ("insecure-registries", ["10.0.0.0/8"], ["10.1.2.3/8", "127.0.0.0/8"], True),
        ("insecure-registries", [], ["not/a/range"], False),
        ("registry-mirrors", ["http://m"], ["http://m/"], True),
        ("runtimes", {}, {"runc": "runc"}, True),
        ("runtimes", {}, {"own": "/x"}, False),
    ],
)
def test_the_same(key: str, running: Any, after: Any, expected: bool) -> None:
    assert same(key, running, after) is expected


@pytest.mark.parametrize(
    ("version", "option", "told_as"), [("26.1.5+dfsg1", False, False), ("20.10.24", False, None), ("20.10.24", True, True), ("23.0.0", False, False)]
)
def test_older_versions_do_not_say_whether_privileges_are_kept(version: str, option: bool, told_as: bool | None) -> None:
    options = ["name=no-new-privileges"] if option else []
    assert told("no-new-privileges", security_options=options, server_version=version) is told_as


def test_runtimes_that_every_dockerd_has_are_none() -> None:
    assert told("runtimes", runtimes={"runc": "runc", "io.containerd.runtime.v1.linux": "runc", "kata": "/usr/bin/kata"}) == {"kata": "/usr/bin/kata"}


@pytest.mark.parametrize(("version", "number"), [("26.1.5+dfsg1", 26), ("dev", None), ("", None), ("1234567.1", None)])
def test_major(version: str, number: int | None) -> None:
    if number is None:
        with pytest.raises(Nonsense):
            major(info(server_version=version))
    else:
        assert major(info(server_version=version)) == number


def test_plain() -> None:
    assert plain(View({"a": [{"b": 1}], "c": "d"})) == {"a": [{"b": 1}], "c": "d"}
