from typing import Any

import pytest
from root_programs.root_host import OPEN, file, kinds, listed, places

from hostcheck.host import LimitExceeded, owned
from hostcheck.model import Hole

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
        ("ExecStart=/x\nRootDirectory=/home/ann", {"/home/ann": ["x.service all"], "/home/ann/x": ["x.service runs"]}),
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


WANTED = {f"{SYSTEM}/multi-user.target.wants/x.service": "../x.service"}
SHIPPED = "/usr/lib/systemd/system"


def certain(files: dict[str, str], **links: str) -> dict[str, set[bool]]:
    """Return for each file of ann's, or that others can write, whether it is told as certain."""
    usual = {f"{SHIPPED}/x.service": "[Service]\n", f"{SHIPPED}/x.service.d/a.conf": ""}
    stats = {**dict.fromkeys(usual, ANN), f"{SHIPPED}/x.service.d": OPEN}
    found = listed("units", {**usual, **files}, stats=stats, links={**WANTED, **links})
    return {path.removeprefix(f"{SHIPPED}/"): {use["certain"] for use in one["uses"].values()} for path, one in found.items()}


@pytest.mark.parametrize(
    ("files", "links", "sure"),
    [
        ({}, {}, (True, True, True)),
        ({f"{SYSTEM}/x.service": "[Service]\n"}, {}, (False, True, True)),
        ({f"{SYSTEM}/x.service": ""}, {}, (False, False, False)),
        ({}, {f"{SYSTEM}/x.service": "/dev/null"}, (False, False, False)),
        ({f"{SYSTEM}/x.service.d/a.conf": ""}, {}, (True, True, False)),
        ({f"{SYSTEM}/x.service.d/b.conf": ""}, {}, (True, True, True)),
        ({"/run/systemd/system/x.service": "", "/run/systemd/system/x.service.d/a.conf": ""}, {}, (True, True, True)),
    ],
)
def test_a_file_of_a_unit_is_certain_where_systemd_reads_it(files: dict[str, str], links: dict[str, str], sure: tuple[bool, ...]) -> None:
    assert certain(files, **links) == {name: {one} for name, one in zip(("x.service", "x.service.d", "x.service.d/a.conf"), sure, strict=True)}


def test_of_a_unit_that_cannot_be_read_it_is_not_known_which_file_counts() -> None:
    files = {f"{SYSTEM}/x.service": PermissionError(13, "no"), f"{SHIPPED}/x.service": ""}
    told = listed("units", files, links=WANTED, stats={f"{SHIPPED}/x.service": ANN})
    assert [isinstance(use["certain"], Hole) for use in told[f"{SHIPPED}/x.service"]["uses"].values()] == [True]


@pytest.mark.parametrize("name", ["service.d", "foo-.service.d", "foo-bar-.service.d"])
def test_drop_ins_for_many_units_are_certain_where_one_of_them_starts_by_itself(name: str) -> None:
    unit, path = "foo-bar-x.service", f"{SYSTEM}/{name}/a.conf"
    files, links = {f"{SYSTEM}/{unit}": "[Service]\n", path: ""}, {f"{SYSTEM}/multi-user.target.wants/{unit}": f"../{unit}"}

    def sure(files: dict[str, str], links: dict[str, str], stat: Any = ANN) -> list[tuple[bool, str]]:
        return [(use["certain"], use["when"]) for use in listed("units", files, links=links, stats={path: stat})[path]["uses"].values()]

    assert sure(files, links) == [(True, "boot")]
    assert sure(files, {}) == [(False, "unit")]
    assert sure({path: ""}, links) == [(False, "unit")]
    assert sure({**files, f"/etc/systemd/system.control/{name}/a.conf": ""}, links) == [(False, "boot")]
    assert listed("units", files, links=links, stats={f"{SYSTEM}/{name}": OPEN})[f"{SYSTEM}/{name}"]["uses"].popitem()[1]["certain"] is True


def test_a_unit_that_its_user_hides_leaves_other_units_known() -> None:
    hidden = LimitExceeded("exchanged")
    owned(hidden, 1001)
    at, wants = "/etc/systemd/system", "/etc/systemd/system/multi-user.target.wants"
    files = {f"{at}/site.service": "[Service]\nExecStart=/home/ann/x\n", "/home/ann/x": "", "/home/bob/unit": hidden}
    links = {f"{wants}/site.service": "../site.service", f"{at}/his.service": "/home/bob/unit", f"{wants}/his.service": "../his.service"}
    units = listed("units", files, links=links)
    assert units.hole.owners == (1001,) and [use["certain"] for use in units["/home/ann/x"]["uses"].values()] == [True]


@pytest.mark.parametrize(
    ("command", "users"),
    [("ExecStartPre=+/bin/true", ["root", "svc"]), ("ExecStartPre=!/bin/true", ["root", "svc"]), ("ExecStartPre=!!/bin/true", ["svc"]), ("", ["svc"])],
)
def test_variables_are_given_to_a_command_that_runs_as_root_too(command: str, users: list[str]) -> None:
    text = f"[Service]\nUser=svc\nEnvironmentFile=/home/ann/x\n{command}\nExecStart=/bin/true\n"
    told = listed("units", {f"{SYSTEM}/x.service": text, "/home/ann/x": ""})["/home/ann/x"]
    assert sorted(use["user"] for use in told["uses"].values()) == users
