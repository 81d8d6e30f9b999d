"""Where the document of a container is looked for, by who has it."""

import json
from typing import Any

import pytest
from containers.container_host import ident
from containers.process_host import ALL, PROC, bind, joined, spec
from engines.engine_host import host

from hostcheck.model import Hole, HoleError, Why
from hostcheck_builtin.containers.state_files import STORES, TASKS, StateFiles
from hostcheck_builtin.system.control_groups import container_of

ID = ident(1)


def found(group: str, path: str, content: Any = None) -> Any:
    files: dict[str, Any] = {path: json.dumps(spec(mounts=[bind("/etc", "/e")])) if content is None else content, "/etc/x": ""}
    named = container_of(f"0::{group}\n")
    assert named is not None
    return StateFiles(host(**joined(PROC, {"files": files})), ALL).of(named)


@pytest.mark.parametrize(
    ("group", "path"),
    [
        ("/default/web", f"{TASKS}/default/web"),
        (f"/kubepods.slice/cri-containerd-{ID}.scope", f"{TASKS}/k8s.io/{ID}"),
        (f"/system.slice/nerdctl-{ID}.scope", f"{TASKS}/mine/{ID}"),
        (f"/kubepods/pod0-1/{ID}", f"{TASKS}/k8s.io/{ID}"),
        (f"/kubepods/pod0-1/{ID}", f"{STORES[0]}/{ID}/userdata"),
        (f"/machine.slice/libpod-{ID}.scope", f"{STORES[3]}/{ID}/userdata"),
        (f"/machine.slice/libpod-{ID}.scope", f"{STORES[4]}/{ID}/userdata"),
        (f"/kubepods.slice/crio-{ID}.scope", f"{STORES[0]}/{ID}/userdata"),
    ],
)
def test_where_it_is(group: str, path: str) -> None:
    assert found(group, f"{path}/config.json")["mounts"] == {"/e": {"real": "/etc", "writable": True, "propagation": ""}}


@pytest.mark.parametrize(
    ("group", "path"),
    [
        (f"/docker/{ID}", f"{TASKS}/moby/{ID}"),
        (f"/kubepods.slice/cri-containerd-{ID}.scope", f"{TASKS}/default/{ID}"),
        (f"/machine.slice/libpod-{ID}.scope", f"{TASKS}/k8s.io/{ID}"),
        ("/default/web", f"{TASKS}/default/other"),
    ],
)
def test_where_it_is_not_looked_for(group: str, path: str) -> None:
    with pytest.raises(HoleError) as raised:
        found(group, f"{path}/config.json")
    assert raised.value.hole.why is Why.UNSUPPORTED


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a":1,"a":2}', "[" * 100_000])
def test_what_is_no_such_document(content: str) -> None:
    with pytest.raises(HoleError) as raised:
        found("/default/web", f"{TASKS}/default/web/config.json", content)
    assert raised.value.hole.why is Why.NONSENSE


def test_who_may_not_read_it() -> None:
    with pytest.raises(PermissionError):
        found("/default/web", f"{TASKS}/default/web/config.json", PermissionError(13, "no"))


def test_a_mount_of_what_is_no_path() -> None:
    given = found("/default/web", f"{TASKS}/default/web/config.json", json.dumps(spec(mounts=[bind("tmpfs", "/x")])))
    assert isinstance(given["mounts"]["/x"]["real"], Hole)


def test_a_link_in_its_place_is_not_followed() -> None:
    named = container_of("0::/default/web\n")
    assert named is not None
    elsewhere = host(**joined(PROC, {"files": {"/x": json.dumps(spec())}, "links": {f"{TASKS}/default/web/config.json": "/x"}}))
    with pytest.raises(OSError, match="symbolic links"):
        StateFiles(elsewhere, ALL).of(named)
