"""The probe as a whole: on each host its facts obey the schema, and no denial makes one look better."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runtimes.runtime_host import CONTAINERD, CRI, MAIN, facts, host

from hostcheck.host.answers import Stat
from hostcheck.schema import compile_schema
from hostcheck.testing import ProbeContract
from hostcheck.testing.probes import stated
from hostcheck_builtin.runtimes import PROBES, probe_runtimes

SCHEMA = compile_schema(json.loads(Path(PROBES[0].facts_schema).read_text(encoding="utf-8")))
WEAK = {
    **CONTAINERD,
    MAIN: f'version = 2\nimports = ["d/*.toml"]\n[grpc]\ngid = 999\n[debug]\naddress = "/run/d"\n[plugins."{CRI}"]\ndisable_apparmor = true\n'
    f'[plugins."{CRI}".containerd.runtimes.runc]\nprivileged_without_host_devices = true\n[plugins."io.containerd.nri.v1.nri"]\ndisable = false\n',
    "/etc/containerd/d/a.toml": "version = 2\n[grpc]\nuid = 1000\n",
    "/etc/containerd/certs.d/reg:5000/hosts.toml": '[host."http://reg:5000"]\nskip_verify = true\n',
    "/etc/crio/crio.conf": '[crio.runtime]\nselinux = false\napparmor_profile = "unconfined"\n[crio.image]\ninsecure_registries = ["a"]\n'
    "[crio.nri]\nenable_nri = true\n",
    "/etc/crio/crio.conf.d/1": "[crio.runtime.runtimes.crun]\n",
    "/usr/bin/crio": "",
    "/usr/bin/buildkitd": "",
    "/etc/buildkit/buildkitd.toml": 'insecure-entitlements = ["security.insecure"]\n[registry."r"]\nhttp = true\n',
    "/etc/docker/daemon.json": '{"builder": {"entitlements": {"security-insecure": true}}, "nri-opts": {"enable": true}}',
}
RUNNING = ("/usr/bin/containerd", "--config", MAIN, "--address", "/run/o.sock")


@pytest.mark.laws
class TestRuntimes(ProbeContract):
    probe = PROBES[0]
    hosts = {
        "nothing": host({}),
        "stock": host(CONTAINERD, ("/usr/bin/containerd",)),
        "weak": host(
            WEAK,
            RUNNING,
            ("/usr/bin/buildkitd", "--allow-insecure-entitlement=network.host"),
            stats={"/opt/nri": Stat(type="dir", uid=1000, gid=0, mode=0o755)},
        ),
        "malformed": host({**WEAK, MAIN: "[", "/etc/crio/crio.conf": "[", "/etc/buildkit/buildkitd.toml": "[", "/etc/docker/daemon.json": "["}),
    }


def test_what_is_weak_is_stated() -> None:
    found = facts(WEAK, RUNNING)
    assert {key: sorted(value) for key, value in found.items()} == {
        "buildkit": ["/etc/buildkit/buildkitd.toml", "/etc/docker/daemon.json"],
        "containerd": [MAIN],
        "crio": ["/etc/crio/crio.conf"],
        "handlers": [f"{MAIN} runc", "/etc/crio/crio.conf crun", "/etc/crio/crio.conf default"],
        "nri": [MAIN, "/etc/crio/crio.conf", "/etc/docker/daemon.json"],
        "pods": [MAIN, "/etc/crio/crio.conf"],
        "registries": [
            "/etc/buildkit/buildkitd.toml http://r",
            "/etc/containerd/certs.d/reg:5000/hosts.toml http://reg:5000",
            "/etc/containerd/certs.d/reg:5000/hosts.toml reg:5000",
            "/etc/crio/crio.conf http://a",
        ],
    }
    assert {name: (one["uid"], one["gid"]) for name, one in found["containerd"][MAIN]["sockets"].items()} == {
        **{"grpc": (1000, 999), "ttrpc": (1000, 999), "debug": (0, 0)},
    }


@pytest.mark.parametrize("path", [path for path in WEAK if not path.startswith("/usr/")])
@settings(max_examples=30, deadline=None)
@given(
    text=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")), st.just(b"[" * 5000), st.just(b"a." * 2000))
)
def test_any_file_gives_facts_that_obey_the_schema(path: str, text: bytes) -> None:
    found: Any = stated(probe_runtimes.collect, host({**WEAK, path: text}), "runtimes")
    assert SCHEMA(found) is not False, found


def test_secrets_are_stated_nowhere() -> None:
    secret = "hunter2"
    files = {
        MAIN: f'version = 2\n[plugins."{CRI}".registry.configs.r.auth]\npassword = "{secret}"\nauth = "{secret}"\nidentitytoken = "{secret}"\n'
        f'[plugins."{CRI}".registry.mirrors.r]\nendpoint = ["https://me:{secret}@r"]\n[plugins."{CRI}".registry.headers]\nX = ["{secret}"]\n',
        "/etc/buildkit/buildkitd.toml": f'[registry."u:{secret}@r"]\nkeypair = "{secret}"\n',
        "/etc/crio/crio.conf": f'[crio.image]\ninsecure_registries = ["u:{secret}@r"]\nglobal_auth_file = "{secret}"\n',
        "/etc/docker/daemon.json": f'{{"proxies": {{"http-proxy": "http://u:{secret}@p"}}}}',
    }
    found = stated(probe_runtimes.collect, host({**WEAK, **files}, (*RUNNING, "--token", secret), ("/usr/bin/buildkitd", f"--tlskey={secret}")), "runtimes")
    assert secret not in repr(found)
