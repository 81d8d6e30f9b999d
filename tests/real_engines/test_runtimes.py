"""What is said of containerd's configuration is what the real containerd makes of it: `containerd config dump` agrees on every setting.

No CRI-O and no buildkitd are in Debian: their files are tested by hand, in tests/runtimes.
"""

import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_engines.scans import Scanner
from real_engines.world import World

from hostcheck.api import Hole, HoleError, Nonsense, Why
from hostcheck.host.local import LocalHost
from hostcheck_builtin.runtimes import containerd_files, containerd_readings

CRI = "io.containerd.grpc.v1.cri"
MAIN = "/etc/containerd/config.toml"
USUAL = "/run/containerd/containerd.sock"
RUNC_UNSAID = {"handler.runc.privileged_without_host_devices", "handler.runc.privileged_without_host_devices_all_devices_allowed"}
CONFIGURATIONS: dict[str, tuple[dict[str, str], set[str]]] = {
    "no file": ({}, set()),
    "an empty file": ({"config.toml": ""}, set()),
    "version 2": (
        {
            "config.toml": f"""
version = 2
[grpc]
  gid = 999
  tcp_address = "127.0.0.1:1"
  tcp_tls_cert = "/c.pem"
[debug]
  address = "/run/debug.sock"
  uid = 5
[plugins."{CRI}"]
  disable_apparmor = true
  enable_selinux = true
  unset_seccomp_profile = "unconfined"
  [plugins."{CRI}".containerd.runtimes.runc]
    privileged_without_host_devices = true
    privileged_without_host_devices_all_devices_allowed = true
  [plugins."{CRI}".registry]
    config_path = "/etc/a:/etc/b"
[plugins."io.containerd.nri.v1.nri"]
  disable = false
  plugin_path = "/p"
[plugins."io.containerd.transfer.v1.local"]
  config_path = "/etc/c"
"""
        },
        set(),
    ),
    "imports by a pattern": (
        {
            "config.toml": 'version = 2\nimports = ["d/*.toml"]\n[grpc]\ngid = 999\naddress = "/run/a.sock"\n[ttrpc]\naddress = "/run/t.sock"\ngid = 3\n',
            "d/1.toml": 'version = 2\n[grpc]\ngid = 0\nuid = 7\naddress = ""\n',
            "d/2.toml": 'version = 2\n[grpc]\nuid = 8\n[ttrpc]\nuid = 4\n[plugins."io.containerd.nri.v1.nri"]\ndisable = true\n',
            "d/3.conf": "version = 2\n[grpc]\nuid = 9\n",
        },
        set(),
    ),
    "a later table instead of the whole one before": (
        {
            "config.toml": f'version = 2\nimports = ["more.toml"]\n[plugins."{CRI}"]\ndisable_apparmor = true\n'
            f'[plugins."{CRI}".containerd.runtimes.runc]\nprivileged_without_host_devices = true\n',
            "more.toml": f'version = 2\n[plugins."{CRI}"]\nenable_selinux = true\n[plugins."{CRI}".containerd.runtimes.kata]\nruntime_type = "x"\n',
        },
        RUNC_UNSAID | {"cri.disable_apparmor"},
    ),
    "version 1, of which 2.0 to 2.2 take nothing for pods": (
        {"config.toml": f'[plugins.cri]\nenable_selinux = true\n[plugins."{CRI}"]\ndisable_apparmor = true\n'},
        {"cri.disable_apparmor", "cri.enable_selinux"},
    ),
    "capitals": ({"config.toml": "VERSION = 2\n[GRPC]\nGID = 999\n[DEBUG]\nADDRESS = '/d'\nUid = 3\n"}, {"debug.uid"}),
    "a chain and a circle": (
        {
            "config.toml": 'version = 2\nimports = ["a/one.toml", "./a/../config.toml"]\n',
            "a/one.toml": 'imports = ["two.toml"]\n[grpc]\ngid = 1\n',
            "a/two.toml": 'imports = ["../config.toml"]\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\nuid = 2\ngid = 4\n',
        },
        set(),
    ),
    "registries": (
        {
            "config.toml": f"""
version = 2
[plugins."{CRI}".registry.mirrors."reg:5000"]
  endpoint = ["http://reg:5000", "https://other"]
[plugins."{CRI}".registry.configs."reg:5001".tls]
  insecure_skip_verify = true
[plugins."{CRI}".containerd.runtimes.crun]
  runtime_type = "io.containerd.runc.v2"
"""
        },
        RUNC_UNSAID | {"config.reg:5001"},
    ),
}
REFUSED = {
    "a newer version": "version = 9\n",
    "a short name in version 2": 'version = 2\ndisabled_plugins = ["cri"]\n',
    "no TOML": "version = = 2\n",
    "an import that is not there": 'version = 2\nimports = ["nothing.toml"]\n',
    "a version that is a text": 'version = "2"\n',
    "plugins that are no table": "version = 2\nplugins = 3\n",
    "imports that are no list": "version = 2\nimports = 3\n",
}
WRONG = {
    "grpc.gid": 'version = 2\n[grpc]\ngid = "x"\n',
    "grpc.uid": "version = 2\n[grpc]\nuid = 99999999999999999999\n",
    "debug.address": "version = 2\n[debug]\naddress = 3\n",
}
"""By the setting that is of the wrong type."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    assert shutil.which("containerd"), "install containerd"
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "config.toml"


def dump(path: Path) -> subprocess.CompletedProcess[str]:
    """Ask containerd what it makes of a file; of one that is not there only without naming it."""
    told = ["--config", str(path), "config", "dump"] if path.exists() else ["config", "default"]
    return subprocess.run(["containerd", *told], capture_output=True, text=True, timeout=30)


def dumped(found: dict[str, Any]) -> dict[str, Any]:
    """Return what containerd dumped under the names of the settings; of a plugin that is turned off it dumps nothing."""
    cri, nri = found["plugins"].get(CRI), found["plugins"]["io.containerd.nri.v1.nri"]
    settings = {f"{part}.{key}": value for part in ("grpc", "ttrpc", "debug") for key, value in found[part].items()}
    if not found["ttrpc"]["address"]:  # what containerd does after it has read them (main.go)
        settings |= {f"ttrpc.{key}": found["grpc"][key] for key in ("uid", "gid")}
    settings |= {f"nri.{key}": value for key, value in nri.items()}
    settings["cri.serves"] = cri is not None
    settings["transfer.config_path"] = found["plugins"]["io.containerd.transfer.v1.local"]["config_path"]
    if cri is None:
        return settings
    registry = cri["registry"]
    settings |= {f"cri.{key}": value for key, value in cri.items()} | {"cri.config_path": registry["config_path"]}
    for name, handler in cri["containerd"]["runtimes"].items():
        settings |= {f"handler.{name}.{key}": value for key, value in handler.items()}
    settings |= {f"mirror.{name}": mirror["endpoint"] for name, mirror in registry["mirrors"].items()}
    return settings | {f"config.{name}": config["tls"]["insecure_skip_verify"] for name, config in registry["configs"].items() if "tls" in config}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_containerd_agrees_on_every_setting(name: str, folder: Path) -> None:
    files, holes = CONFIGURATIONS[name]
    path = write(folder, files)
    told = dump(path)
    assert told.returncode == 0, told.stderr
    real = dumped(tomllib.loads(told.stdout))
    ours = {".".join(key): one.value for key, one in containerd_readings.settings(containerd_files.load(LocalHost(), str(path))).items()}
    assert {key for key, value in ours.items() if isinstance(value, Hole)} == holes
    turned_off = () if real["cri.serves"] else ("cri.", "handler.")
    unsaid = {key for key, value in ours.items() if value is None}  # containerd 1 and 2 have other defaults
    assert unsaid <= {"nri.disable"}
    stated = {key: value for key, value in ours.items() if key not in holes | unsaid and (key == "cri.serves" or not key.startswith(turned_off))}
    assert stated == {key: real.get(key) for key in stated}
    more = {key for key in real if key.startswith(("mirror.", "config.")) or (key.startswith("handler.") and key.endswith("_without_host_devices"))}
    assert more <= ours.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_what_containerd_refuses_is_not_known(name: str, folder: Path) -> None:
    path = write(folder, {"config.toml": REFUSED[name]})
    assert dump(path).returncode != 0
    with pytest.raises((HoleError, Nonsense)) as refused:
        containerd_readings.settings(containerd_files.load(LocalHost(), str(path)))
    assert not isinstance(refused.value, HoleError) or refused.value.hole.why == Why.NONSENSE


@pytest.mark.parametrize("key", WRONG)
def test_a_setting_of_the_wrong_type_is_not_known(key: str, folder: Path) -> None:
    path = write(folder, {"config.toml": WRONG[key]})
    assert dump(path).returncode != 0
    settings = containerd_readings.settings(containerd_files.load(LocalHost(), str(path)))
    value = settings[tuple(key.split("."))].value
    assert isinstance(value, Hole) and value.why == Why.NONSENSE


def test_version_3_is_for_containerd_2_alone(folder: Path) -> None:
    path = write(folder, {"config.toml": 'version = 3\n[plugins."io.containerd.cri.v1.runtime"]\nenable_selinux = true\n'})
    assert "not supported" in dump(path).stderr
    settings = containerd_readings.settings(containerd_files.load(LocalHost(), str(path)))
    assert (settings["cri", "enable_selinux"].value, settings["nri", "disable"].value) == (True, False)


def test_a_containerd_that_runs(empty: World, scan: Scanner) -> None:
    """The group that the facts tell is that of the socket which it made, by an import, at another place than the usual."""
    conf = empty.base / "etc-containerd"
    conf.mkdir()
    (conf / "more.toml").write_text("version = 2\n[grpc]\ngid = 4003\n")
    main = f'version = 2\nimports = ["*.toml"]\ndisabled_plugins = ["{CRI}"]\nroot = "{empty.base}/containerd"\nstate = "/run/containerd"\n'
    (conf / "config.toml").write_text(main)
    empty.start("containerd", "-c", str(conf / "config.toml"), "--address=/run/containerd/other.sock")
    empty.wait(lambda: empty.reachable("/run/containerd/other.sock"))
    seen = scan(empty, "--profile", "level2")
    fact = seen.evidence["probes"]["runtimes"]["facts"]["containerd"][str(conf / "config.toml")]
    gid = os.stat(f"/proc/{empty.holder.pid}/root/run/containerd/other.sock").st_gid
    assert fact["sockets"]["grpc"] == {"address": "/run/containerd/other.sock", "uid": 0, "gid": gid, "by": "[grpc]", "set_in": str(conf / "more.toml")}
    assert (gid, fact["running"], fact["there"], fact["product"]) == (4003, True, True, "containerd")
    assert fact["files"] == [str(conf / "config.toml"), str(conf / "more.toml")]
    results = seen.results()  # the group is carol's: who can connect now is told of the socket, and not again of the file
    assert (results["HC-ACC-13", "/run/containerd/other.sock"], results["HC-CTD-01", str(conf / "config.toml")]) == ("fail", "pass")


NEXT_START: dict[str, tuple[dict[str, str], tuple[str, ...], dict[str, tuple[int, int]]]] = {
    "a group and an owner": ({"config.toml": "[grpc]\nuid = 4001\ngid = 4003\n"}, (), {f"{USUAL}": (4001, 4003), f"{USUAL}.ttrpc": (4001, 4003)}),
    "a group, by a drop-in": (
        {"config.toml": 'imports = ["conf.d/*.toml"]\n[grpc]\ngid = 0\n', "conf.d/1.toml": "[grpc]\ngid = 4003\n"},
        (),
        {f"{USUAL}": (0, 4003), f"{USUAL}.ttrpc": (0, 4003)},
    ),
    "a drop-in that takes nothing back": (
        {"config.toml": 'imports = ["conf.d/*.toml"]\n[grpc]\ngid = 4003\n', "conf.d/1.toml": "[grpc]\ngid = 0\n"},
        (),
        {f"{USUAL}": (0, 4003), f"{USUAL}.ttrpc": (0, 4003)},
    ),
    "sockets of their own, and TCP beside them": (
        {
            "config.toml": '[grpc]\naddress = "/run/a/g.sock"\ntcp_address = "127.0.0.1:18999"\ngid = 4003\n[ttrpc]\naddress = "/run/t.sock"\nuid = 4001\n'
            '[debug]\naddress = "/run/d.sock"\ngid = 4003\n'
        },
        (),
        {"/run/a/g.sock": (0, 4003), "/run/t.sock": (4001, 0), "/run/d.sock": (0, 4003)},
    ),
    "an option that says where": (
        {"config.toml": '[grpc]\naddress = "/run/g.sock"\ngid = 4003\n'},
        ("--address", "/run/o.sock"),
        {"/run/o.sock": (0, 4003), "/run/o.sock.ttrpc": (0, 4003)},
    ),
    "root alone": ({"config.toml": '[grpc]\naddress = "/run/g.sock"\n'}, (), {"/run/g.sock": (0, 0), "/run/g.sock.ttrpc": (0, 0)}),
    "a number that changes nothing": ({"config.toml": "[grpc]\ngid = -1\n"}, (), {f"{USUAL}": (0, 0), f"{USUAL}.ttrpc": (0, 0)}),
}
"""By what is told, in files below /etc/containerd and by options: whose each socket is, by hand."""


@pytest.mark.parametrize("name", NEXT_START)
def test_whose_sockets_are_is_stated_before_containerd_starts(name: str, empty: World, scan: Scanner) -> None:
    files, options, expected = NEXT_START[name]
    head = f'version = 2\nroot = "{empty.base}/containerd"\nstate = "/run/containerd"\ndisabled_plugins = ["{CRI}"]\n'
    (empty.etc / "containerd").mkdir(exist_ok=True)
    write(empty.etc / "containerd", {path: f"{head if path == 'config.toml' else 'version = 2'}\n{text}" for path, text in files.items()})
    command = ("/usr/bin/containerd", *options)
    unit = empty.etc / "systemd/system/containerd.service.d/own.conf"
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.write_text(f"[Service]\nExecStart=\nExecStart={' '.join(command)}\n")
    before = scan(empty, "--role", "server")
    stated = before.evidence["probes"]["runtimes"]["facts"]["containerd"][MAIN]["sockets"].values()
    assert {one["address"]: (max(one["uid"], 0), max(one["gid"], 0)) for one in stated} == expected
    kept = all(ids == (0, 0) for ids in expected.values())
    assert before.results()["HC-CTD-01", MAIN] == ("pass" if kept else "fail")
    empty.run("ip", "link", "set", "lo", "up")
    empty.start(*command)
    empty.wait(lambda: all(empty.reachable(path) for path in expected))
    made = {path: os.stat(f"/proc/{empty.holder.pid}/root{path}") for path in expected}
    assert {path: (one.st_uid, one.st_gid, one.st_mode & 0o777) for path, one in made.items()} == {path: (*ids, 0o660) for path, ids in expected.items()}
    after = scan(empty, "--role", "server").results()
    judged = {path: after.get(("HC-ACC-13", path)) for path, ids in expected.items() if ids != (0, 0)}
    assert judged == dict.fromkeys(judged, "fail") and after["HC-CTD-01", MAIN] == "pass"


def test_the_containerd_that_dockerd_starts(empty: World, scan: Scanner) -> None:
    """The file is written by dockerd, which names it on the command line."""
    (empty.base / "daemon.json").write_text("{}")
    empty.start(
        *("dockerd", "--config-file", f"{empty.base}/daemon.json", "--data-root", f"{empty.base}/docker", "--exec-root", "/run/docker"),
        *("--pidfile", "/run/docker.pid", "--bridge=none", "--iptables=false", "--ip6tables=false", "-H", "unix:///run/docker.sock"),
    )
    empty.wait(lambda: empty.reachable("/run/docker.sock"))
    place = "/run/docker/containerd/containerd.toml"
    facts = scan(empty, "--profile", "level2").evidence["probes"]["runtimes"]["facts"]
    fact = facts["containerd"][place]
    assert (fact["product"], fact["there"], fact["running"], fact["started_by"], fact["files"]) == ("docker", True, True, [], [place])
    made = [os.stat(f"/proc/{empty.holder.pid}/root{one['address']}") for one in fact["sockets"].values()]
    assert [(one["uid"], one["gid"]) for one in fact["sockets"].values()] == [(one.st_uid, one.st_gid) for one in made]
    assert set(fact["sockets"]) == {"grpc", "ttrpc", "debug"}
