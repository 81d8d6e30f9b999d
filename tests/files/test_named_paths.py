import json
from dataclasses import replace

import pytest
from files.file_host import TABLE, UNIT, dockerd, host
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.files.named_paths import Named, named
from hostcheck_builtin.system import bounds


def test_a_user_lays_no_engine_by_arguments() -> None:
    process, arguments = dockerd("--config-file=/srv/x.json", exe="/tmp/dockerd (deleted)")
    assert set(named(host(arguments, processes=[process])).paths["daemon_json"]) == {"/srv/x.json"}
    process, arguments = dockerd("--config-file=/srv/x.json", exe="/tmp/python3")
    assert "daemon_json" not in named(host(arguments, processes=[process])).paths


def test_an_engine_in_a_container_is_none_of_this_hosts() -> None:
    process, arguments = dockerd("--config-file=/srv/x.json")
    inside = {"/proc/500/mountinfo": "50 1 0:60 / / rw - overlay overlay rw\n", **arguments}
    found = named(host(inside, processes=[replace(process, host_mounts=False)]))
    assert "daemon_json" not in found.paths and "programs" not in found.paths and not found.holes
    own = {"/proc/500/mountinfo": TABLE, **arguments}
    assert set(named(host(own, processes=[replace(process, host_mounts=False)])).paths["daemon_json"]) == {"/srv/x.json"}


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("ExecStart=/usr/bin/dockerd --config-file=/srv/d.json", "/srv/d.json"),
        ("ExecStart=/usr/bin/dockerd --config-file /srv/d.json", "/srv/d.json"),
        ("ExecStart=/usr/bin/dockerd  --config-file\t/srv/d.json", "/srv/d.json"),
        ('ExecStart=/usr/bin/dockerd "--config-file" "/srv/d.json"', "/srv/d.json"),
        ("ExecStart=/usr/bin/dockerd \\\n  --config-file '/srv/d.json'", "/srv/d.json"),
        ('ExecStart=/usr/bin/dockerd $OPTS\nEnvironment="OPTS=-D --config-file=/srv/d.json"', "/srv/d.json"),
        ("ExecStart=/usr/bin/dockerd --tlsverify --config-file=/srv/d.json", "/srv/d.json"),
        ("ExecStart=/usr/bin/dockerd --config-file=/srv/x.json --config-file=/srv/d.json", "/srv/d.json"),
        ("ExecStart=/usr/bin/dockerd --config-file=/srv/%p.json", "/srv/docker.json"),
        ("ExecStart=/usr/bin/dockerd --config-file=/srv/d.json $OPTS\nPassEnvironment=OPTS", "/srv/d.json"),
        ("ExecStart=/bin/sh -c 'exec dockerd --config-file /srv/d.json'", "/srv/d.json"),
        ("ExecStart=/usr/bin/dockerd --config-file=/srv/d.json $OPTS\nEnvironmentFile=/gone", "/srv/d.json"),
        ("ExecStart=/usr/bin/dockerd --config-file=/var/run/d.json", "/run/d.json"),
    ],
)
def test_flags_of_units(line: str, path: str) -> None:
    assert set(named(host({UNIT: f"[Service]\n{line}\n"})).paths["daemon_json"]) == {path}


def of_unit(text: str) -> Named:
    return named(host({UNIT: f"[Service]\n{text}\n"}))


def test_what_no_command_has_is_not_told() -> None:
    assert "daemon_json" not in of_unit('ExecStart=/usr/bin/dockerd\nEnvironment="OPTS=--config-file=/srv/d.json"\nX-Note=--config-file=/srv/x').paths
    assert "data" not in of_unit("ExecStart=/usr/bin/dockerd -D --label --data-root=/x").paths


@pytest.mark.parametrize(
    "line",
    ["dockerd $OPTS\nPassEnvironment=OPTS", "dockerd --brand-new", "dockerd stray", "dockerd --config-file=d.json", "dockerd $OPTS\nEnvironmentFile=/gone"],
)
def test_words_that_are_not_known_leave_open_what_else_is_told(line: str) -> None:
    found = of_unit(f"ExecStart=/usr/bin/{line}")
    assert {"data", "daemon_json", "keys", "started"} <= set(found.holes) and "/usr/bin/dockerd" in found.paths["started"]
    assert not of_unit("ExecStart=/usr/bin/dockerd -D\nExecReload=/bin/kill -s HUP $MAINPID").holes


def test_plugins_of_nri_by_a_flag_and_in_other_letters() -> None:
    assert set(of_unit("ExecStart=/usr/bin/dockerd --nri-opts enable=true,plugin-path=/srv/n").paths["plugins"]) == {"/srv/n", "/etc/nri/conf.d"}
    assert "plugins" not in of_unit("ExecStart=/usr/bin/dockerd --nri-opts plugin-path=/srv/n").paths
    assert set(named(host({"/etc/docker/daemon.json": '{"nri-opts": {"Enable": true, "Plugin-Path": "/n"}}'})).paths["plugins"]) == {"/n", "/etc/nri/conf.d"}


@pytest.mark.parametrize("flags", ["-g /srv/d", "-Dg/srv/d", "--data-root /srv/d", "-D -g=/srv/d", "--graph=/srv/d"])
def test_flags_of_dockerd_of_one_letter(flags: str) -> None:
    assert set(of_unit(f"ExecStart=/usr/bin/dockerd {flags}").paths["data"]) == {"/srv/d"}
    process, arguments = dockerd(*flags.split())
    assert set(named(host(arguments, processes=[process])).paths["data"]) == {"/srv/d"}


@pytest.mark.parametrize("flag", ["--seccomp-profile=/srv/s.json", "--seccomp-profile /srv/s.json"])
def test_a_profile_of_system_calls_by_a_flag(flag: str) -> None:
    assert set(named(host({UNIT: f"[Service]\nExecStart=/usr/bin/dockerd {flag}\n"})).paths["directories"]) == {"/srv/s.json"}


@pytest.mark.parametrize("word", ["builtin", "unconfined", "", "s.json"])
def test_a_profile_that_is_no_path(word: str) -> None:
    files = {UNIT: f"[Service]\nExecStart=/usr/bin/dockerd --seccomp-profile={word}\n", "/etc/docker/daemon.json": json.dumps({"seccomp-profile": word})}
    assert "directories" not in named(host(files)).paths


@pytest.mark.parametrize("flag", ["-c /srv/c.toml", "-c=/srv/c.toml", "--config /srv/c.toml"])
def test_flags_of_one_letter(flag: str) -> None:
    found = named(host({UNIT.replace("docker.s", "containerd.s"): f"[Service]\nExecStart=/usr/bin/containerd {flag}\n"}))
    assert set(found.paths["runtime_configuration"]) == {"/srv/c.toml"}


def test_a_shells_command_is_no_configuration() -> None:
    found = named(host({UNIT: "[Service]\nExecStartPre=/bin/sh -c /srv/x\n"}))
    assert "/srv/z" not in found.paths.get("runtime_configuration", {})


def test_a_program_with_prefixes_and_one_without_a_path() -> None:
    found = named(host({UNIT: "[Service]\nExecStart=-!/opt/a/dockerd\nExecStart=dockerd\nExecStart=@/opt/b/x y\n"}))
    assert set(found.paths["programs"]) == {"/opt/a/dockerd", "/opt/b/x"}


def test_a_runtime_that_a_unit_adds() -> None:
    found = named(host({UNIT: "[Service]\nExecStart=/opt/a/dockerd --add-runtime=x=/opt/x --add-runtime 'y=/opt/y' --label a=/opt/z\n"}))
    assert set(found.paths["programs"]) == {"/opt/a/dockerd", "/opt/x", "/opt/y"}


def test_very_many_paths_are_a_hole() -> None:
    text = "\n".join(f"EnvironmentFile=/srv/{number}" for number in range(bounds.ENGINE_PATHS + 1))
    found = named(host({UNIT: f"[Service]\n{text}\n"}))
    assert len(found.paths["environments"]) == bounds.ENGINE_PATHS and "more than" in found.holes["environments"].message


def test_a_path_that_is_too_long_is_a_hole_that_does_not_say_it() -> None:
    found = named(host({"/etc/docker/daemon.json": json.dumps({"data-root": "/" + "a" * 5000, "tlskey": "/k\0k"})}))
    assert "data" not in found.paths and len(found.holes["data"].message) < 200


@given(st.text(max_size=120))
def test_no_unit_stops_it(text: str) -> None:
    named(host({UNIT: f"[Service]\nExecStart={text}\nEnvironmentFile={text}\n"}))
