"""What files of hooks, devices and plugins name, and whose file is believed."""

import json
from typing import Any

import pytest
from files.file_host import engine_files, file, folder

from hostcheck.host.answers import Stat
from hostcheck.model import Hole
from hostcheck_builtin.system import bounds

HOOKS = "/usr/share/containers/oci/hooks.d"
OF_ETC = "/etc/containers/oci/hooks.d"
PODMAN = {"/usr/bin/podman": "x"}
OWN = "/opt/own/hook"
WHEN: dict[str, Any] = {"hook": {"path": OWN}, "when": {"annotations": {"a": "b"}}, "stages": ["prestart"]}
ALWAYS = {**WHEN, "when": {"always": True}}
HOOK = {"hookName": "createContainer", "path": OWN, "args": ["hook", "/opt/no"]}
CDI = {"cdiVersion": "0.6.0", "kind": "x.example/y", "devices": [{"name": "0", "containerEdits": {"hooks": [HOOK]}}]}
YAML = f"""---
cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
- name: "0"
  containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
containerEdits:
  hooks:
  - hookName: createContainer
    path: {OWN}
    args:
    - nvidia-cdi-hook
    - create-symlinks
"""


def named(path: str, text: Any, **more: Any) -> Any:
    """Return what the probe states of plugins beside its directories."""
    raw = text if isinstance(text, str) else json.dumps(text)
    found = engine_files({**PODMAN, "/opt/own/hook": "x", path: raw}, **more)["plugins"]
    hole = getattr(found, "hole", None)
    told = {name: (one["named_by"], one["certain"]) for name, one in found.items() if "named_by" in one}
    return (told, hole.message) if hole else told


@pytest.mark.parametrize(
    ("path", "text", "certain"),
    [
        (f"{HOOKS}/a.json", ALWAYS, True),
        (f"{HOOKS}/a.json", WHEN, False),
        (f"{OF_ETC}/a.json", ALWAYS, False),
        (f"{HOOKS}/a.json", {**WHEN, "when": {"always": True, "hasBindMounts": True}}, False),
        (f"{HOOKS}/a.json", {"Hook": {"Path": OWN}, "Stages": ["startContainer", "poststop"]}, False),
        (f"{HOOKS}/a.json", {"hook": OWN, "stages": ["prestart"], "cmds": [".*"]}, False),
        ("/etc/cdi/a.json", CDI, False),
        ("/run/cdi/a.yaml", YAML, False),
        ("/etc/docker/plugins/a.spec", f"unix://{OWN}\n", False),
        ("/etc/docker/plugins/a/a.spec", f"unix://{OWN}\n", False),
        ("/usr/lib/docker/plugins/a.json", {"Name": "a", "Addr": f"unix://{OWN}"}, False),
    ],
)
def test_what_a_file_of_roots_names(path: str, text: Any, certain: bool) -> None:
    assert named(path, text) == {OWN: (path, certain)}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{HOOKS}/a.json", {**ALWAYS, "stages": ["startContainer"]}),
        (f"{HOOKS}/a.json", {**ALWAYS, "hook": {"path": "hook"}}),
        (f"{HOOKS}/a.conf", ALWAYS),
        (f"{HOOKS}/a.json", {"hook": [OWN], "devices": OWN, "containerEdits": {"hooks": OWN}, "addr": [OWN]}),
        (f"{HOOKS}/a.json", [ALWAYS]),
        ("/etc/cdi/a.json", {**CDI, "devices": [{"containerEdits": {"hooks": [{**HOOK, "hookName": "startContainer"}]}}]}),
        ("/etc/cdi/a.yaml", ""),
        ("/etc/docker/plugins/a.spec", f"tcp://localhost:1\nunix://{OWN}"),
        ("/etc/cni/net.d/a.json", {"cniVersion": "1.0.0", "type": "bridge"}),
        ("/etc/else/a.json", ALWAYS),
    ],
)
def test_other_files_name_nothing(path: str, text: Any) -> None:
    assert named(path, text) == {}


@pytest.mark.parametrize(
    "stats",
    [
        {f"{HOOKS}/a.json": file(1000)},
        {f"{HOOKS}/a.json": file(0, 0o664)},
        {HOOKS: folder(0, 0o777)},
        {"/usr/share/containers": folder(1000)},
    ],
)
def test_what_others_may_write_is_not_believed(stats: dict[str, Stat]) -> None:
    assert named(f"{HOOKS}/a.json", ALWAYS, stats=stats) == {}


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        (f"{HOOKS}/a.json", "{", "a.json: no JSON"),
        (f"{HOOKS}/a.json", "[" * 100_000, "a.json: no JSON"),
        (f"{HOOKS}/a.json", "x" * 300_000, "a.json: more than 262144 bytes"),
        ("/etc/cdi/a.yaml", "a: *b", "a.yaml: an anchor, an alias or a tag"),
        ("/etc/cdi/a.yaml", YAML.replace(f"path: {OWN}", f'path: "\\x2f{OWN}"'), "a.yaml: what a hook runs is not certain"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_open_what_is_named(path: str, text: str, message: str) -> None:
    told, said = named(path, text)
    assert told == {} and message in said


@pytest.mark.parametrize(
    ("name", "told", "certain"),
    [
        ("a", "[]", {OWN: False, "/opt/own/of-etc": False}),
        ("b", "[]", {OWN: True, "/opt/own/of-etc": True}),
        ("a", f'["{OF_ETC}"]', {OWN: False, "/opt/own/of-etc": False}),
    ],
)
def test_where_hooks_are_read_and_that_one_name_hides_another(name: str, told: str, certain: dict[str, bool]) -> None:
    of_etc = {**ALWAYS, "hook": {"path": "/opt/own/of-etc"}}
    files = {"/etc/containers/containers.conf": f"[engine]\nhooks_dir = {told}\n", OWN: "x", "/opt/own/of-etc": "x"}
    hooks = {f"{HOOKS}/a.json": json.dumps(ALWAYS), f"{OF_ETC}/{name}.json": json.dumps(of_etc)}
    found = engine_files({**PODMAN, **files, **hooks})["plugins"]
    assert {path: one["certain"] for path, one in found.items() if "named_by" in one} == certain


def test_what_is_named_twice_is_certain_where_one_says_so() -> None:
    files = {**PODMAN, OWN: "x", "/etc/cdi/a.json": json.dumps(CDI), f"{HOOKS}/a.json": json.dumps(ALWAYS)}
    one = engine_files(files)["plugins"][OWN]
    assert (one["named_by"], one["certain"]) == ("/etc/cdi/a.json", True)


def test_a_program_beside_the_file_that_names_it_is_told_as_a_member_alone() -> None:
    path = f"{HOOKS}/hook"
    found = engine_files({**PODMAN, path: "x", f"{HOOKS}/a.json": json.dumps({**ALWAYS, "hook": {"path": path}})}, stats={path: file(1000)})["plugins"]
    assert path not in found and list(found[HOOKS]["members"]) == ["hook"]


def test_what_is_named_and_not_there_counts_where_somebody_can_make_it() -> None:
    assert named(f"{HOOKS}/a.json", {**ALWAYS, "hook": {"path": "/opt/none"}}) == {}
    found = engine_files({**PODMAN, f"{HOOKS}/a.json": json.dumps(ALWAYS), "/opt/own/x": ""}, stats={"/opt/own": folder(1000)})["plugins"]
    assert found[OWN]["type"] == "absent"


def test_very_many_files_and_names_are_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "HOOK_FILES", 2)
    monkeypatch.setattr(bounds, "HOOKS_NAMED", 1)
    files = {**PODMAN, OWN: "", "/opt/own/b": ""}
    hooks = [json.dumps({**ALWAYS, "hook": {"path": path}}) for path in (OWN, OWN, "/opt/own/b")]
    several = {f"{HOOKS}/{number}.json": text for number, text in enumerate(hooks)}
    assert f"{HOOKS}: more than 2 files" in engine_files({**files, **several})["plugins"].hole.message
    monkeypatch.setattr(bounds, "HOOK_FILES", 3)
    found = engine_files({**files, **several})["plugins"]
    assert OWN in found and isinstance(found.hole, Hole) and "name more than 1 paths" in found.hole.message
