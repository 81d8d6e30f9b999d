from typing import Any

import pytest
from credentials.credential_host import kubeconfigs
from files.file_host import OPEN, file

from hostcheck.model import Hole, OpenObject

CONFIG = "/var/lib/kubelet/config.yaml"
USUAL = "/etc/kubernetes/manifests"


def pods(files: dict[str, Any], **more: Any) -> Any:
    return kubeconfigs(files, **more)["static_pods"]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({CONFIG: f"staticPodPath: {USUAL}\n"}, {USUAL: True}),
        ({CONFIG: "staticPodPath: /srv/pods\n", f"{USUAL}/a.yaml": ""}, {"/srv/pods": True}),
        ({CONFIG: "kind: KubeletConfiguration\n", f"{USUAL}/a.yaml": ""}, {}),
        ({CONFIG: "staticPodPath: pods\n"}, {}),
        ({f"{USUAL}/a.yaml": ""}, {USUAL: False}),
        ({"/var/lib/rancher/k3s/agent/x": ""}, {"/var/lib/rancher/k3s/agent/pod-manifests": True}),
        ({"/var/lib/rancher/rke2/server/x": ""}, {"/var/lib/rancher/rke2/server/manifests": True}),
        ({"/var/lib/k0s/x": ""}, {"/var/lib/k0s/manifests": True}),
        ({}, {}),
    ],
)
def test_where_pods_come_from(files: dict[str, str], found: dict[str, bool]) -> None:
    assert {path: one["certain"] for path, one in pods(files).items()} == found


def test_what_others_can_change() -> None:
    found = pods({CONFIG: f"staticPodPath: {USUAL}\n", f"{USUAL}/a.yaml": "", f"{USUAL}/b.yaml": ""}, stats={f"{USUAL}/a.yaml": file(0, 0o666)})
    assert list(found[USUAL]["members"]) == ["a.yaml"]
    assert pods({f"{USUAL}/a.yaml": ""}, stats={USUAL: OPEN})[USUAL]["mode"] == "0777"


def test_settings_that_cannot_be_read_leave_it_open() -> None:
    assert isinstance(pods({CONFIG: "["}), OpenObject)
    assert isinstance(pods({CONFIG: f"staticPodPath: /{'a' * 5000}\n"}), OpenObject)
    assert isinstance(pods({USUAL: PermissionError(13, "no"), CONFIG: f"staticPodPath: {USUAL}\n"})[USUAL], Hole)
