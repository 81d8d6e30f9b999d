"""What the probe states of units: each with its drop-ins, whether it starts at the next boot, and what commands and daemon.json make of it."""

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from sockets.socket_host import TABLE

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.sockets import probe_socket_units

OBEYS = compile_schema(load_facts_schema(str(Path(probe_socket_units.__file__).parent / "probe_socket_units.facts.json")))
ETC, LIB = "/etc/systemd/system", "/usr/lib/systemd/system"
SYSTEMD = "/usr/lib/systemd/systemd"
DEBIAN: dict[str, Any] = {
    SYSTEMD: "ELF",
    f"{LIB}/docker.socket": "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\nSocketUser=root\nSocketGroup=docker\n",
    f"{LIB}/docker.service": "[Unit]\nRequires=docker.socket\n[Service]\nExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS\n",
    f"{LIB}/podman.socket": "[Socket]\nListenStream=%t/podman/podman.sock\nSocketMode=0660\n",
    f"{LIB}/podman.service": "[Service]\nExecStart=/usr/bin/podman system service\n",
    f"{LIB}/ssh.socket": "[Socket]\nListenStream=22\n",
    "/usr/lib/tmpfiles.d/podman.conf": "D! /run/podman 0700 root root\n",
}
ENABLED = {f"{ETC}/sockets.target.wants/docker.socket": f"{LIB}/docker.socket"}
DROP_IN = f"{ETC}/docker.socket.d/mode.conf"
OPEN = {DROP_IN: "[Socket]\nSocketMode=0666\n"}
DENIED = PermissionError(13, "no")


def units(files: dict[str, Any] | None = None, links: dict[str, str] | None = None) -> Any:
    host = MemoryHost({"/proc/self/mountinfo": TABLE, **DEBIAN, **(files or {})}, links=ENABLED if links is None else links)
    told = stated(probe_socket_units.collect, host)
    assert OBEYS(told) is not False
    return told["units"]


def test_debian_as_it_is_installed() -> None:
    told = units()
    assert set(told) == {"docker.service", "docker.socket", "podman.socket"}
    docker = told["docker.socket"]
    assert {name: docker[name] for name in ("engine", "mode", "user", "group", "starts", "masked", "service", "tcp")} == {
        **{"engine": "docker", "mode": "0660", "user": "root", "group": "docker"},
        **{"starts": True, "masked": False, "service": "docker.service", "tcp": []},
    }
    assert told["podman.socket"]["starts"] is False and told["podman.socket"]["engine"] == "podman"
    assert told["podman.socket"]["paths"]["/run/podman/podman.sock"]["parents"]["/run/podman"]["mode"] == "0700"
    assert told["docker.service"]["starts"] is True and told["docker.service"]["paths"] == {}


@pytest.mark.parametrize(
    ("files", "mode"),
    [
        (OPEN, "0666"),
        ({f"{ETC}/docker.socket": "[Socket]\nListenStream=/run/docker.sock\n"}, "0666"),
        ({**OPEN, f"{ETC}/docker.socket.d/z.conf": "[Socket]\nSocketMode=0600\n"}, "0600"),
        ({f"{ETC}/socket.d/all.conf": "[Socket]\nSocketMode=0602\n"}, "0602"),
        ({"/run/systemd/system/docker.socket.d/z.conf": "[Socket]\nSocketMode=0666\n"}, "0660"),
        ({"/etc/systemd/system.control/docker.socket.d/50-SocketMode.conf": "[Socket]\nSocketMode=0606\n"}, "0606"),
        ({f"{ETC}/docker.service.d/x.conf": "[Service]\nExecStartPost=/bin/chmod 666 /var/run/docker.sock\n"}, "0660"),
    ],
)
def test_drop_ins(files: dict[str, Any], mode: str) -> None:
    assert units(files)["docker.socket"]["mode"] == mode


def test_a_masked_unit_does_not_start_and_a_mask_of_today_does_not_last() -> None:
    assert {name: units(links={**ENABLED, f"{ETC}/docker.socket": "/dev/null"})["docker.socket"][name] for name in ("masked", "starts")} == {
        "masked": True,
        "starts": False,
    }
    assert units(links={**ENABLED, "/run/systemd/system/docker.socket": "/dev/null"})["docker.socket"]["starts"] is True


def test_a_service_that_is_enabled_brings_the_socket_that_it_requires() -> None:
    assert units(links={})["docker.socket"]["starts"] is False
    assert units(links={f"{ETC}/multi-user.target.wants/docker.service": f"{LIB}/docker.service"})["docker.socket"]["starts"] is True


def test_a_unit_of_another_name_is_the_engine_s_whose_program_or_socket_is_behind_it() -> None:
    files = {
        f"{ETC}/api.socket": "[Socket]\nListenStream=2375\nListenStream=vsock::77\nListenStream=@api\nService=docker.service\n",
        f"{ETC}/own.socket": "[Socket]\nListenStream=/srv/own\n",
        f"{ETC}/own.service": "[Service]\nUser=ann\nExecStart=/opt/dockerd -H fd:// --tls --tlsverify=false\n",
        f"{ETC}/relay.socket": "[Socket]\nListenStream=/srv/relay\n",
        f"{ETC}/relay.service": "[Service]\nExecStart=/usr/lib/systemd/systemd-socket-proxyd /var/run/docker.sock\n",
        f"{ETC}/each.socket": "[Socket]\nListenStream=/srv/each\nAccept=yes\n",
        f"{ETC}/each@.service": "[Service]\nExecStart=/usr/bin/socat - UNIX-CONNECT:/run/podman/podman.sock,retry=1\nStandardInput=socket\n",
        f"{ETC}/tls.socket": "[Socket]\nListenStream=0.0.0.0:2376\nService=own.service\n",
    }
    told = units(files)
    assert (told["api.socket"]["tcp"], told["api.socket"]["tls"]) == (["*:2375"], "none")
    assert (told["api.socket"]["vsock"], told["api.socket"]["abstract"]) == (["vsock::77"], ["@api"])
    assert (told["own.socket"]["engine"], told["own.socket"]["runs_as"], told["own.socket"]["relay"]) == ("docker", "ann", False)
    assert (told["relay.socket"]["engine"], told["relay.socket"]["relay"]) == ("docker", True)
    assert (told["each.socket"]["engine"], told["each.socket"]["service"]) == ("podman", "each@.service")
    assert told["tls.socket"]["tls"] == "server" and "tls" not in told["own.socket"] and "ssh.socket" not in told


def test_dockerd_that_makes_its_socket_itself() -> None:
    own = {f"{ETC}/docker.service.d/own.conf": "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H unix:///run/docker.sock -H tcp://0.0.0.0:2375\n"}
    told = units({**own, "/etc/docker/daemon.json": '{"group": "users"}'})["docker.service"]
    assert (list(told["paths"]), told["group"], told["mode"], told["tcp"], told["tls"]) == (["/run/docker.sock"], "users", "0660", ["0.0.0.0:2375"], "none")
    assert units({"/etc/docker/daemon.json": '{"group": "users"}'})["docker.socket"]["group"] == "docker"
    assert isinstance(units({**own, "/etc/docker/daemon.json": "{"})["docker.service"], Hole)


def test_other_engines_make_a_socket_for_root_alone() -> None:
    files = {f"{LIB}/containerd.service": "[Service]\nExecStart=/usr/bin/containerd\n"}
    links = {f"{ETC}/multi-user.target.wants/containerd.service": f"{LIB}/containerd.service"}
    made = units(files, links=links)["containerd.service"]
    assert (made["engine"], list(made["paths"]), made["mode"], made["group"]) == ("containerd", ["/run/containerd/containerd.sock"], "0660", "root")
    assert "containerd.service" not in units(files, links={})


@pytest.mark.parametrize(
    ("unit", "line", "is_known"),
    [
        ("docker.service", "/usr/local/bin/start-docker", False),
        ("own.service", "/bin/sh -c 'exec /usr/sbin/dockerd -G users -H unix:///run/docker.sock'", False),
        ("own.service", "/usr/bin/env dockerd -G users", False),
        ("own.service", "/usr/bin/dockerd-rootless.sh --x", True),
        ("own.service", "/usr/bin/backup /var/lib/dockerd/x", True),
    ],
)
def test_dockerd_that_another_program_starts_is_not_known(unit: str, line: str, is_known: bool) -> None:
    files = {f"{ETC}/{unit}": f"[Service]\nExecStart={line}\n"}
    started = units(files, links={f"{ETC}/multi-user.target.wants/{unit}": f"{ETC}/{unit}"})
    assert (unit not in started) if is_known else isinstance(started[unit], Hole)
    assert unit not in units(files, links={})
    gone = {f"{LIB}/docker.service": FileNotFoundError(2, "no")}
    assert "docker.service" not in units(gone, links={f"{ETC}/multi-user.target.wants/docker.service": f"{LIB}/docker.service"})


@pytest.mark.parametrize(
    ("files", "open_facts"),
    [
        ({DROP_IN: DENIED}, {"docker.socket", "docker.service/starts", "podman.socket/starts"}),  # it may start another service
        ({f"{ETC}/docker.service.d/x.conf": DENIED}, {"docker.socket/runs_as", "podman.socket/starts"}),
        ({"/usr/lib/tmpfiles.d/podman.conf": DENIED}, {"docker.socket/paths", "podman.socket/paths"}),
    ],
)
def test_what_cannot_be_read_is_not_known(files: dict[str, Any], open_facts: set[str]) -> None:
    told = units(files)
    found = {name for name, unit in told.items() if isinstance(unit, Hole)}
    for name, unit in told.items():
        if not isinstance(unit, Hole):
            found |= {f"{name}/{fact}" for fact, value in unit.items() if "Hole(" in repr(value)}
    assert found == open_facts


def test_a_unit_that_a_generator_made_is_not_known_before_the_boot() -> None:
    told = units({"/run/systemd/generator/buildkit.socket": "[Socket]\nListenStream=/run/buildkit/buildkitd.sock\n"})
    assert isinstance(told["buildkit.socket"], Hole)


def test_directories_of_units_that_cannot_be_listed_leave_all_open() -> None:
    host = MemoryHost({**DEBIAN, "/etc/systemd/system": DENIED})
    assert isinstance(stated(probe_socket_units.collect, host), Hole)


def test_without_systemd_its_units_make_nothing() -> None:
    host = MemoryHost({path: text for path, text in {"/proc/self/mountinfo": TABLE, **DEBIAN}.items() if path != SYSTEMD}, links=ENABLED)
    assert stated(probe_socket_units.collect, host) == {"units": {}}
    assert units({SYSTEMD: DENIED})["docker.socket"]["starts"] is True


def test_very_many_units_take_as_much_more_work() -> None:
    def calls(count: int) -> int:
        files, links = {**DEBIAN, **OPEN, "/proc/self/mountinfo": TABLE}, dict(ENABLED)
        for number in range(count):
            files[f"{ETC}/s{number}.service"] = f"[Unit]\nWants=x{number}.service\n[Service]\nExecStart=/x\n"
            files[f"{ETC}/t{number}.socket"] = f"[Socket]\nListenStream=/run/t{number}\nService=s{number}.service\n"
            files[f"{ETC}/docker.socket.d/{number:04}.conf"] = "[Socket]\nSocketMode=0666\n"
            links[f"{ETC}/multi-user.target.wants/s{number}.service"] = f"{ETC}/s{number}.service"
            links[f"{ETC}/sockets.target.wants/t{number}.socket"] = f"{ETC}/t{number}.socket"
        host, made = MemoryHost(files, links=links), itertools.count()
        sys.setprofile(lambda *_: next(made))
        told = probe_socket_units.collect(host)
        sys.setprofile(None)
        assert told["units"]["docker.socket"]["mode"] == "0666" and len(told["units"]) == 3
        return next(made)

    assert calls(400) < 5 * calls(100)


def test_no_secret_of_a_unit_or_of_daemon_json_is_stated() -> None:
    secret = "s3cr3t"
    files = {
        f"{ETC}/docker.service.d/proxy.conf": f"[Service]\nEnvironment=A=http://u:{secret}@proxy/ DOCKER_OPTS=-D\nEnvironmentFile=-/etc/default/docker\n",
        "/etc/default/docker": f"TOKEN={secret}\n",
        "/etc/docker/daemon.json": json.dumps({"proxies": {"http-proxy": f"http://u:{secret}@proxy/"}, "group": "docker"}),
    }
    assert secret not in repr(units(files))
