from typing import Any

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.files import places, toml_paths

CONFIG = "/etc/containerd/config.toml"
V2 = """
version = 2
root = "/srv/c"
state = "/run/containerd"
imports = ["/etc/containerd/conf.d/*.toml", "/srv/more.toml"]
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/opt/x/bin"
conf_dir = "/etc/x/net.d"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.x.options]
BinaryName = "/opt/x/runx"
[[other]]
key = "not a path"
"""


def taken(files: dict[str, Any], *more: str) -> tuple[dict[str, set[str]], dict[str, Hole]]:
    paths: dict[str, set[str]] = {}
    holes: dict[str, Hole] = {}

    def lack(hole: Hole | None, *kinds: str) -> None:
        holes.update({kind: hole for kind in kinds if hole is not None})

    toml_paths.take(MemoryHost(files), lambda kind, path, _: paths.setdefault(kind, set()).add(path), lack, more)
    return paths, holes


def test_paths_by_their_key_in_whatever_table() -> None:
    paths, holes = taken({CONFIG: V2, "/srv/more.toml": "[x]\ncdi_spec_dirs = ['/srv/cdi', 1]\n"})
    assert paths == {
        "data": {"/srv/c"},
        "plugins": {"/opt/x/bin", "/etc/x/net.d", "/srv/cdi"},
        "programs": {"/opt/x/runx"},
        "runtime_configuration": {"/srv/more.toml"},
    }
    assert holes == {}


def test_keys_of_buildkit_and_crio() -> None:
    files = {
        "/etc/buildkit/buildkitd.toml": "[grpc.tls]\ncert='/b/cert'\nkey='/b/key'\nca='/b/ca'\n",
        "/etc/crio/crio.conf.d/1.conf": "[crio.api]\nstream_tls_key='/c/k'\ntls_key_file='/c/key'\n",
    }
    assert taken(files)[0] == {"certificates": {"/b/cert", "/b/ca"}, "keys": {"/b/key", "/c/key"}}


def test_programs_that_podman_and_buildkit_run() -> None:
    files = {
        "/etc/containers/containers.conf": "[engine]\nnetwork_cmd_path='/p/net'\n[engine.runtimes]\nmine=['/p/mine', 'crun']\nruns='/p/runs'\n",
        "/etc/containers/storage.conf": "[storage.options.overlay]\nmount_program='/p/mount'\n",
        "/etc/buildkit/buildkitd.toml": "[worker.oci]\nbinary='/p/runc'\ncniBinaryPath='/p/cni'\ncniConfigPath='/p/cni.json'\n",
    }
    assert taken(files)[0] == {
        "programs": {"/p/net", "/p/mine", "/p/runs", "/p/mount", "/p/runc"},
        "plugins": {"/p/cni", "/p/cni.json"},
    }


def test_runtimes_of_containerd_are_tables() -> None:
    text = "[plugins.cri.containerd.runtimes.runc]\nruntime_type='/p/shim'\nx='/no'\n[plugins.x]\nconfig_path='/p/certs.d:/q/certs.d'\n"
    assert taken({CONFIG: text})[0] == {"runtime_configuration": {"/p/certs.d", "/q/certs.d"}, "programs": {"/p/shim"}}


def test_a_runtime_that_is_called_by_its_type_has_a_program_where_containerd_looks() -> None:
    text = "[a.runtimes.x]\nruntime_type='io.containerd.own.v2'\n[a.runtimes.y]\nruntime_type='own'\n"
    assert taken({CONFIG: text})[0] == {"programs": {f"{folder}/containerd-shim-own-v2" for folder in places.PATH}}


def test_what_else_podman_and_buildkit_look_for() -> None:
    files = {
        "/etc/containers/containers.conf": "[network]\nnetavark_plugin_dirs=['/p/net']\nnetwork_config_dir='/p/nets'\n[engine]\ncompose_providers=['/p/co']\n",
        "/etc/buildkit/buildkitd.toml": "[cdi]\nspecDirs=['/p/cdi']\n",
    }
    assert taken(files)[0] == {"plugins": {"/p/net", "/p/cdi"}, "containers_configuration": {"/p/nets"}, "programs": {"/p/co"}}


def test_what_is_no_toml_leaves_open_what_it_names() -> None:
    paths, holes = taken({CONFIG: "= 1"})
    assert paths == {} and set(holes) == {*toml_paths.KINDS, "runtime_configuration"}


def test_what_an_engine_was_told_to_read_and_a_directory() -> None:
    files = {"/srv/x.toml": "root='/srv/d'", "/srv/conf.d/x": "="}
    assert taken(files, "/srv/x.toml", "/srv/conf.d") == ({"data": {"/srv/d"}}, {})


def test_tables_that_are_very_deep_are_looked_into_so_far() -> None:
    deep = ".".join("a" * 1 for _ in range(50))
    assert taken({CONFIG: f"[{deep}]\nroot = '/srv/d'\n"}) == ({}, {})
