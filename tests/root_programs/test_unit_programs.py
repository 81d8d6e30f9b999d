from typing import Any

import pytest
from root_programs.root_host import OPEN, file, kinds, listed, places

ANN = file(1000)
SYSTEM = "/etc/systemd/system"


def unit(text: str, **more: Any) -> Any:
    return places(listed("units", {f"{SYSTEM}/x.service": f"[Service]\n{text}\n", "/home/ann/x": "", "/home/ann/y": "", **more}))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ExecStart=/home/ann/x --secret", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=-@/home/ann/x y", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=/bin/true ; /home/ann/x", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=/bin/true ; -/home/ann/x", {"/home/ann/x": ["x.service runs"]}),
        (r"ExecStart=/bin/env \; /home/ann/x", {}),
        ('ExecStart=/usr/bin/env FOO="a b" /home/ann/x', {"/home/ann/x": ["x.service runs"]}),
        ('ExecStart="/home/ann/x" \'', {}),
        ("ExecStart=|'cd /home/ann && ./x'", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=/bin/sh -c '. /home/ann/x; exec /home/ann/y $$A'", {"/home/ann/x": ["x.service reads"], "/home/ann/y": ["x.service runs"]}),
        ("ExecStart=/home/ann/x\nExecStart=\nExecStart=/bin/true", {}),
        ("ExecStopPost=/usr/bin/python3 -u /home/ann/x", {"/home/ann/x": ["x.service runs"]}),
        ("EnvironmentFile=-/home/ann/x", {"/home/ann/x": ["x.service reads"]}),
        ("ExecStart=/x\nRootDirectory=/home/ann", {"/home/ann/x": ["x.service runs"]}),
        ("ExecStart=/home/ann/%m", {}),
        ("ExecStart=/home/ann/%p", {"/home/ann/x": ["x.service runs"]}),
    ],
)
def test_what_units_name(text: str, wanted: dict[str, list[str]]) -> None:
    assert unit(text) == wanted


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("ExecStart=/home/ann/x", "root"),
        ("User=www\nExecStart=/home/ann/x", "www"),
        ("User=www\nExecStart=+/home/ann/x", "root"),
        ("User=www\nExecStart=!/home/ann/x", "root"),
        ("User=www\nExecStart=!!/home/ann/x", "www"),
        ("User=www\nExecStart=+/bin/true ; /home/ann/x", "www"),
        ("User=www\nExecStart=/bin/true ; +/home/ann/x", "root"),
        ("User=www\nPermissionsStartOnly=yes\nExecStart=/bin/true\nExecStop=/home/ann/x", "root"),
        ("DynamicUser=yes\nExecStart=/home/ann/x", "a dynamic user"),
    ],
)
def test_as_whom_a_unit_runs_a_program(text: str, user: str) -> None:
    (use,) = listed("units", {f"{SYSTEM}/x.service": f"[Service]\n{text}\n", "/home/ann/x": ""})["/home/ann/x"]["uses"].values()
    assert use["user"] == user


def test_what_only_an_instance_says_names_nothing() -> None:
    files = {f"{SYSTEM}/x@.service": "[Service]\nExecStart=/home/ann/%i\nExecStop=/home/ann/%p\n", "/home/ann/x": ""}
    assert places(listed("units", files)) == {"/home/ann/x": ["x@.service runs"]}


def test_drop_ins_and_the_directories_for_them() -> None:
    files = {f"{SYSTEM}/x.service": "[Service]\n", f"{SYSTEM}/x.service.d/a.conf": "", f"{SYSTEM}/x.service.d/a.txt": ""}
    found = places(listed("units", files, stats={f"{SYSTEM}/x.service.d": OPEN}))
    assert found == {
        f"{SYSTEM}/x.service.d": [f"{SYSTEM}/x.service.d all"],
        f"{SYSTEM}/x.service.d/a.conf": [f"{SYSTEM}/x.service.d/a.conf reads"],
    }


def test_a_generator_in_the_load_path() -> None:
    found = kinds(listed("units", {"/usr/lib/systemd/system-generators/x": ""}, stats={"/usr/lib/systemd/system-generators/x": ANN}, links={"/lib": "usr/lib"}))
    assert found == {"/usr/lib/systemd/system-generators/x": {"generator"}}
