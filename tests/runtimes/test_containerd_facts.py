from typing import Any

import pytest
from engines import engine_host
from runtimes.runtime_host import CONTAINERD, CRI, FIRST, MAIN, UNIT, facts, why

from hostcheck_builtin.runtimes.probe_runtimes import collect

K3S = "/var/lib/rancher/k3s/agent/etc/containerd/config.toml"
DOCKERS = "/run/docker/containerd/containerd.toml"


def read(files: dict[str, Any], *commands: tuple[str, ...], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = facts(files, *commands, **more)["containerd"]
    return found


def test_a_host_without_containerd_has_nothing_to_state() -> None:
    found = facts({})
    assert {key: found[key] for key in ("containerd", "pods", "handlers", "registries")} == {"containerd": {}, "pods": {}, "handlers": {}, "registries": {}}


def test_a_stock_containerd_without_a_file() -> None:
    (one,) = read(CONTAINERD).items()
    assert one == (
        MAIN,
        {
            "product": "containerd",
            "there": True,
            "running": False,
            "started_by": ["containerd.service"],
            "files": [],
            "templates": [],
            "sockets": {
                "grpc": {"address": "/run/containerd/containerd.sock", "uid": 0, "gid": 0, "by": "[grpc]", "set_in": ""},
                "ttrpc": {"address": "/run/containerd/containerd.sock.ttrpc", "uid": 0, "gid": 0, "by": "[grpc]", "set_in": ""},
            },
            "tcp": {"address": "", "set_in": "", "certificate": False, "client_ca": False},
        },
    )


def test_groups_and_a_debug_socket() -> None:
    found = read({**CONTAINERD, MAIN: '[grpc]\ngid = 5\ntcp_address = "0.0.0.0:1"\ntcp_tls_ca = "/ca"\n[debug]\naddress = "/run/d.sock"\nuid = 6\n'})[MAIN]
    assert found["sockets"]["grpc"] == {"address": "/run/containerd/containerd.sock", "uid": 0, "gid": 5, "by": "[grpc]", "set_in": MAIN}
    assert found["sockets"]["ttrpc"]["gid"] == 5
    assert found["sockets"]["debug"] == {"address": "/run/d.sock", "uid": 6, "gid": 0, "by": "[debug]", "set_in": MAIN}
    assert found["tcp"] == {"address": "0.0.0.0:1", "set_in": MAIN, "certificate": False, "client_ca": True}


def test_the_file_that_the_running_one_was_told_counts_beside_the_usual_one() -> None:
    found = read(
        {**CONTAINERD, MAIN: "[grpc]\ngid = 5\n", "/o.toml": "[grpc]\ngid = 6\n"}, ("/usr/bin/containerd", "-c", "/o.toml", "--address", "/run/o.sock")
    )
    assert {path: (one["there"], one["running"]) for path, one in found.items()} == {MAIN: (True, False), "/o.toml": (True, True)}
    assert found["/o.toml"]["sockets"]["grpc"] == {"address": "/run/o.sock", "uid": 0, "gid": 6, "by": "[grpc]", "set_in": "/o.toml"}


def test_the_table_that_says_whose_a_socket_is() -> None:
    """That of gRPC counts for TTRPC too, unless that has an address of its own (measured with containerd 1.7)."""
    inherited = read({**CONTAINERD, MAIN: "version = 2\n[grpc]\ngid = 5\n"})[MAIN]["sockets"]["ttrpc"]
    assert (inherited["by"], inherited["gid"]) == ("[grpc]", 5)
    own = read({**CONTAINERD, MAIN: "version = 2\n[grpc]\ngid = 5\n[ttrpc]\naddress = '/run/t.sock'\nuid = 6\n"})[MAIN]["sockets"]["ttrpc"]
    assert own == {"address": "/run/t.sock", "uid": 6, "gid": 0, "by": "[ttrpc]", "set_in": MAIN}


def test_after_a_restart_its_unit_says_where_the_socket_is_and_not_how_it_runs_now() -> None:
    running = ("/usr/bin/containerd", "--address", "/run/now.sock")
    assert read(CONTAINERD, running)[MAIN]["sockets"]["grpc"]["address"] == "/run/containerd/containerd.sock"
    told = {**CONTAINERD, UNIT: "[Service]\nExecStart=/usr/bin/containerd -a /run/later.sock\n"}
    assert read(told, running)[MAIN]["sockets"]["grpc"]["address"] == "/run/later.sock"


def test_a_file_that_its_unit_does_not_name_is_read_by_nobody() -> None:
    found = read({**CONTAINERD, UNIT: "[Service]\nExecStart=/usr/bin/containerd -c /o.toml\n", MAIN: "[grpc]\ngid = 5\n"})
    assert {path: one["there"] for path, one in found.items()} == {MAIN: False, "/o.toml": True}


def test_a_file_of_what_is_not_installed_is_read_by_nobody() -> None:
    assert read({MAIN: "[grpc]\ngid = 5\n"})[MAIN]["there"] is False
    assert read({K3S: "version = 2\n"})[K3S]["there"] is False
    assert read({DOCKERS: "version = 2\n"})[DOCKERS]["there"] is False


@pytest.mark.parametrize(
    ("product", "path", "program"),
    [
        ("k3s", K3S, "/usr/local/bin/k3s"),
        ("rke2", K3S.replace("k3s", "rke2"), "/opt/rke2/bin/rke2"),
        ("k0s", "/etc/k0s/containerd.toml", "/usr/local/bin/k0s"),
        ("microk8s", "/var/snap/microk8s/current/args/containerd.toml", "/snap/microk8s/current/bin/containerd"),
    ],
)
def test_products_with_a_containerd_of_their_own(product: str, path: str, program: str) -> None:
    found = read({path: "version = 2\n[grpc]\ngid = 3\n", program: ""})
    assert {at: (one["product"], one["there"], one["sockets"]["grpc"]["gid"]) for at, one in found.items()} == {path: (product, True, 3)}
    assert read({program: ""}) == {}


def test_what_the_file_of_k3s_is_made_from() -> None:
    template = f"{K3S.removesuffix('config.toml')}config.toml.tmpl"
    assert read({K3S: "", template: "{{ }}", "/usr/local/bin/k3s": ""})[K3S]["templates"] == [template]


def test_the_containerd_of_docker_is_there_while_it_runs() -> None:
    command = ("/usr/bin/containerd", "--config", "/var/run/docker/containerd/containerd.toml")
    found = read({DOCKERS: 'disabled_plugins = ["cri"]\n'}, command, links={"/var/run": "/run"})
    assert {path: (one["product"], one["there"], one["running"]) for path, one in found.items()} == {
        DOCKERS: ("docker", True, True),
        MAIN: ("containerd", True, False),  # the program is installed, and may be started without a word
    }


def test_a_malformed_file_says_only_that_it_is_malformed() -> None:
    found = facts({**CONTAINERD, MAIN: "[grpc\nsecret = hunter2\n"})
    one = found["containerd"][MAIN]
    assert (one["there"], why(one["sockets"]), why(one["tcp"])) == (True, f"nonsense: {MAIN}: no TOML at line 1", f"nonsense: {MAIN}: no TOML at line 1")
    assert why(found["handlers"].hole).startswith("nonsense") and why(found["pods"][MAIN]["apparmor"]).startswith("nonsense")


def test_a_file_that_may_not_be_read_is_not_known() -> None:
    found = read({**CONTAINERD, MAIN: 'imports = ["a.toml"]\n', "/etc/containerd/a.toml": PermissionError(13, "no", "/etc/containerd/a.toml")})[MAIN]
    assert (found["there"], why(found["sockets"]).startswith("denied")) == (True, True)
    closed = read({**CONTAINERD, MAIN: PermissionError(13, "no", MAIN)})
    assert closed == {} and why(closed.hole).startswith("denied")  # type: ignore[attr-defined]


def test_where_processes_cannot_be_listed_there_may_be_more() -> None:
    found = collect(engine_host.host({MAIN: "version = 2\n"}, processes=PermissionError(13, "no", "/proc"), links=FIRST))
    assert why(found["containerd"].hole).startswith("denied")
    assert (why(found["containerd"][MAIN]["there"])[:6], why(found["containerd"][MAIN]["running"])[:6]) == ("denied", "denied")


def test_whether_it_is_installed_is_not_known_where_a_directory_is_closed() -> None:
    assert why(read({"/opt/bin": PermissionError(13, "no", "/opt/bin")})[MAIN]).startswith("denied")


def test_an_option_that_nobody_sees_may_name_another_address() -> None:
    hidden = {"/proc/101/cmdline": PermissionError(13, "no", "/proc/101/cmdline")}
    one = read({**CONTAINERD, **hidden}, ("/usr/bin/containerd", "-a", "/run/a.sock"), ("/usr/local/bin/containerd",))[MAIN]
    assert why(one["sockets"]["grpc"]["address"]).startswith("denied") and one["sockets"]["grpc"]["gid"] == 0


def test_pods_and_runtimes() -> None:
    text = f"""version = 2
[plugins."{CRI}"]
disable_apparmor = true
unset_seccomp_profile = "runtime/default"
[plugins."{CRI}".containerd.runtimes.runc]
privileged_without_host_devices = true
[plugins."{CRI}".containerd.runtimes.kata]
"""
    found = facts({**CONTAINERD, MAIN: text})
    assert found["pods"] == {
        MAIN: {
            **{"engine": "containerd", "there": True, "serves": True},
            **{"apparmor": {"off": True, "set_in": MAIN}, "selinux": {"off": True, "set_in": ""}, "seccomp": {"unset": "runtime default", "set_in": MAIN}},
        }
    }
    assert {name: one["without_host_devices"] for name, one in found["handlers"].items()} == {f"{MAIN} runc": True, f"{MAIN} kata": False}


@pytest.mark.parametrize(
    ("name", "says"), [("", "unconfined"), ("unconfined", "unconfined"), ("docker/default", "runtime default"), ("localhost/x", "profile")]
)
def test_what_a_pod_gets_that_names_no_profile(name: str, says: str) -> None:
    found = facts({**CONTAINERD, MAIN: f'version = 2\n[plugins."{CRI}"]\nunset_seccomp_profile = "{name}"\n'})
    assert found["pods"][MAIN]["seccomp"]["unset"] == says
