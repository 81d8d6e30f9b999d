"""Whatever the arguments of rootlesskit are, they tell how it was started or they do not."""

from typing import Any

import pytest
from engines.engine_host import ANN, ANNS, docker, facts, process
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import Unsupported
from hostcheck.host import Nonsense
from hostcheck.host.answers import Process
from hostcheck.model import Why
from hostcheck_builtin.engines import rootlesskit

WORDS = st.lists(st.sampled_from(["--net", "--net=", "-p", "--disable-host-loopback", "true", "maybe", "--", "-", "x", "--new", "=", "\udcff", ""]), max_size=6)


@given(WORDS)
def test_no_command_line_of_rootlesskit_breaks_it(words: list[str]) -> None:
    try:
        told = rootlesskit.options("\0".join(["rootlesskit", *words]).encode("utf-8", "surrogateescape"))
        assert told.keys() == {"network_driver", "port_driver", "host_loopback_disabled"}
    except (Unsupported, Nonsense):
        assert {"--new", "=", "--net=", "maybe", "--disable-host-loopback", "--net", "-p"} & set(words)


@given(st.text(":/\n=abc-@.0servicopuly", max_size=60))
def test_no_control_group_breaks_it(text: str) -> None:
    manager, name = rootlesskit.manager_of(text)
    assert manager in ("none", "system", "user") and (manager == "none" or name.endswith((".service", ".scope")))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", ("host", "none", False)),
        ("--net=pasta --port-driver=implicit --disable-host-loopback", ("pasta", "implicit", True)),
        ("-net pasta --disable-host-loopback=true -p 80:80/tcp", ("pasta", "none", True)),
        ("--disable-host-loopback=false", ("host", "none", False)),
        ("--disable-host-loopback --disable-host-loopback=0", ("host", "none", False)),
        ("--debug sh --disable-host-loopback", ("host", "none", False)),
        ("-- --disable-host-loopback", ("host", "none", False)),
        ("--mtu 1500 --net slirp4netns", ("slirp4netns", "none", False)),
        ("--net", ("", "none", False)),
        ("- --net=x", ("host", "none", False)),
        ("--copy-up=/\udcff --net=x", ("x", "none", False)),
    ],
)
def test_the_options_of_rootlesskit(words: str, told: tuple[str, str, bool]) -> None:
    found = rootlesskit.options("\0".join(["rootlesskit", *words.split(), ""]).encode("utf-8", "surrogateescape"))
    assert (found["network_driver"], found["port_driver"], found["host_loopback_disabled"]) == told
    assert rootlesskit.options(b"rootlesskit\0--net")["network_driver"] == ""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"/proc/690/cmdline": b"rootlesskit\0--newer\0--disable-host-loopback\0"}, Why.UNSUPPORTED),
        ({"/proc/690/cmdline": b"rootlesskit\0--disable-host-loopback=maybe\0"}, Why.NONSENSE),
        ({"/proc/690/cmdline": PermissionError(13, "Permission denied")}, Why.DENIED),
        ({"/proc/690/cmdline": b"rootlesskit\0" + b"--debug\0" * 10_000}, Why.LIMIT),
    ],
)
def test_a_command_line_that_cannot_be_read_for_certain_is_a_hole(more: Any, why: Why) -> None:
    process = facts("user-engines", **ANN, files=more, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process["rootlesskit"].why is why and process["unit"]["manager"] == "user"


def test_a_rootlesskit_that_was_replaced_is_one() -> None:
    given = {**ANN, "processes": (process(690, 1000, "rootlesskit", "/usr/bin/rootlesskit (deleted)"), process(700, 1000, ppid=690))}
    process_of_hers = facts("user-engines", **given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process_of_hers["rootlesskit"]["port_driver"] == "builtin"


@pytest.mark.parametrize("kit", [process(690, 1001, "rootlesskit", "/usr/bin/rootlesskit"), process(690, 1000, "rootlesskit", "/usr/bin/unshare")])
def test_a_rootlesskit_of_somebody_else_or_by_name_alone_is_none(kit: Process) -> None:
    given = {**ANN, "processes": (kit, process(700, 1000, ppid=690))}
    assert "rootlesskit" not in facts("user-engines", **given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service\n", ("user", "docker.service")),
        ("0::/user.slice/user-1000.slice/user@1000.service\n", ("user", "user@1000.service")),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n", ("user", "x.scope")),
        ("0::/system.slice/a:b:c d.service\n", ("system", "a:b:c d.service")),
        ("0::/user.slice/user-1000.slice/session-2.scope\n", ("none", "session-2.scope")),
        ("0::/system.slice/rootless.service\n", ("system", "rootless.service")),
        ("0::/system.slice/system-docker.slice/docker@ann.service/app.slice/docker.service\n", ("system", "docker@ann.service")),
        ("0::/system.slice/user@1000.service\n", ("system", "user@1000.service")),
        ("12:pids:/x\n1:name=systemd:/system.slice/a.service\n0::/\n", ("system", "a.service")),
        ("0::/../../user.slice/user-1.slice/user@1.service/b.service\n", ("user", "b.service")),
        ("0::/\n", ("none", "")),
        ("", ("none", "")),
    ],
)
def test_which_unit_a_process_runs_in(text: str, told: tuple[str, str]) -> None:
    assert rootlesskit.manager_of(text) == told


@pytest.mark.parametrize(
    ("files", "user"),
    [
        ({"/etc/systemd/system/rl.service": "[Service]\nUser=ann\n"}, "ann"),
        ({"/etc/systemd/system/rl.service": "[Service]\nExecStart=x\n"}, ""),
        ({"/etc/systemd/system/rl.service": "[Service]\nUser=ann\n", "/etc/systemd/system/rl.service.d/a.conf": "[Service]\nUser=\n"}, ""),
        ({"/usr/lib/systemd/system/rl.service": "[Service]\n", "/run/systemd/system/service.d/a.conf": "[Service]\nUser=bob\n"}, "bob"),
        ({}, ""),
    ],
)
def test_the_user_of_a_unit_of_the_system(files: Any, user: str) -> None:
    given = {**files, "/proc/700/cgroup": "0::/system.slice/rl.service\n"}
    process = facts("user-engines", **ANN, files=given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process["unit"] == {"manager": "system", "name": "rl.service", "user": user}


def test_the_user_of_an_instance_is_that_of_its_template() -> None:
    given = {"/etc/systemd/system/rl@.service": "[Service]\nUser=%i\n", "/proc/700/cgroup": "0::/system.slice/rl@ann.service\n"}
    process = facts("user-engines", **ANN, files=given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process["unit"] == {"manager": "system", "name": "rl@ann.service", "user": "%i"}


def test_a_users_unit_is_not_the_systems_of_that_name() -> None:
    given = {"/etc/systemd/system/docker.service": "[Service]\nUser=bob\n"}
    process = facts("user-engines", **ANN, files=given, answers={ANNS: docker("docker-rootless-slirp4netns", 1000)})["sockets"][ANNS]["process"]
    assert process["unit"] == {"manager": "user", "name": "docker.service", "user": ""}
