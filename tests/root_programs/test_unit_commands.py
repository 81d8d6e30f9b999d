"""Commands of units with the unit's own variables, directories and roots."""

from typing import Any

import pytest
from root_programs.root_host import file, folder, listed

from hostcheck.model import Hole

SYSTEM = "/etc/systemd/system"
STARTS = {f"{SYSTEM}/multi-user.target.wants/x.service": "../x.service"}
FILES = {"/opt/bobbin/tool": "", "/opt/bobbin/app.py": "", "/opt/bobbin/backup": "", "/opt/bobbin/x.so": "", "/opt/bobbin/compose.yaml": ""}
BOBS = {"/opt/bobbin": folder(1001), **{path: file(1001) for path in FILES}}


def unit(*lines: str, **more: Any) -> dict[str, tuple[str, bool]]:
    """Return by path what an enabled unit of root's does with it, and whether that is certain."""
    text = "\n".join(("[Service]", *lines))
    found = listed("units", {f"{SYSTEM}/x.service": text, **FILES, "/usr/bin/true": "", **more}, links=STARTS, stats=BOBS)
    return {path: (use["how"], use["certain"]) for path, one in found.items() for use in one["uses"].values() if use["place"] == "x.service"}


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("WorkingDirectory=/opt/bobbin", "ExecStart=/usr/bin/python3 app.py"), {"/opt/bobbin/app.py": ("runs", True)}),
        (("WorkingDirectory=-/opt/bobbin", "ExecStart=python3 -u app.py"), {"/opt/bobbin/app.py": ("runs", True)}),
        (("ExecStart=/usr/bin/python3 app.py",), {}),
        (("WorkingDirectory=/opt/bobbin", "ExecStart=/bin/sh -c './tool; . app.py'"), {"/opt/bobbin/tool": ("runs", True)}),
        (("WorkingDirectory=/opt/bobbin", "ExecStart=/usr/bin/make"), {"/opt/bobbin": ("all", True)}),
        (("WorkingDirectory=/opt/bobbin", "ExecStart=/usr/bin/docker compose up"), {"/opt/bobbin": ("all", True)}),
        (("Environment=LD_PRELOAD=/opt/bobbin/x.so", "ExecStart=/usr/bin/true"), {"/opt/bobbin/x.so": ("loads", True)}),
        (('Environment="A=b c" "LD_PRELOAD=/opt/bobbin/x.so"', "ExecStart=/usr/bin/true"), {"/opt/bobbin/x.so": ("loads", True)}),
        (("Environment=LD_PRELOAD=/opt/bobbin/x.so", "Environment=", "ExecStart=/usr/bin/true"), {}),
        (("Environment=LD_PRELOAD=/opt/bobbin/x.so", "UnsetEnvironment=LD_PRELOAD", "ExecStart=/usr/bin/true"), {}),
        (("Environment=LD_PRELOAD=/opt/bobbin/x.so", "EnvironmentFile=/etc/x", "ExecStart=/usr/bin/true"), {"/opt/bobbin/x.so": ("loads", False)}),
        (("Environment=PYTHONPATH=/opt/bobbin", "ExecStart=/usr/bin/python3 /usr/bin/true"), {"/opt/bobbin": ("searches", True)}),
        (("Environment=PYTHONPATH=/opt/bobbin", "ExecStart=/usr/bin/true"), {"/opt/bobbin": ("searches", False)}),
        (
            ("Environment=PATH=/opt/bobbin:/usr/bin", "ExecStart=/bin/sh -c backup"),
            {"/opt/bobbin": ("searches", True), "/opt/bobbin/backup": ("runs", True)},
        ),
        (("Environment=PATH=/usr/bin:/opt/bobbin", "ExecStart=/bin/sh -c true"), {"/opt/bobbin": ("searches", False)}),
        (("Environment=PATH=/opt/bobbin:/usr/bin", "ExecStart=/usr/bin/true"), {"/opt/bobbin": ("searches", False)}),
        (("ExecSearchPath=/opt/bobbin:/usr/bin", "ExecStart=backup"), {"/opt/bobbin": ("searches", True), "/opt/bobbin/backup": ("runs", True)}),
        (("ExecSearchPath=/opt/bobbin:/usr/bin", "ExecStart=true"), {"/opt/bobbin": ("searches", True)}),
        (("ExecSearchPath=/usr/bin:/opt/bobbin", "ExecStart=true"), {"/opt/bobbin": ("searches", False)}),
        (("Environment=S=/opt/bobbin/tool", "ExecStart=/bin/sh ${S}"), {"/opt/bobbin/tool": ("runs", True)}),
        (("Environment=S=/opt/bobbin", "ExecStart=/bin/sh -c '${S}/tool'"), {"/opt/bobbin/tool": ("runs", True)}),
        (("Environment=S=/opt/bobbin/tool", "EnvironmentFile=-/etc/x", "ExecStart=/bin/sh $S"), {"/opt/bobbin/tool": ("runs", True)}),
        (("Environment=S=/opt/bobbin/tool", "EnvironmentFile=/etc/x", "ExecStart=/bin/sh $S"), {"/opt/bobbin/tool": ("runs", False)}),
        (("Environment=S=/opt/bobbin/tool", "EnvironmentFile=/etc/%m", "ExecStart=/bin/sh $S"), {"/opt/bobbin/tool": ("runs", False)}),
        (("Environment=S=/opt/bobbin/tool", "ExecStart=:/bin/sh ${S}"), {}),
        (("Environment=S=/opt/bobbin/%m", "ExecStart=/bin/sh ${S}"), {}),
        (("ExecStart=/bin/sh ${S}",), {}),
        (("ExecStart=/usr/bin/flock /run/%m /opt/bobbin/tool",), {"/opt/bobbin/tool": ("runs", True)}),
        (("RootImage=/opt/bobbin/x.so", "ExecStart=/usr/bin/true"), {"/opt/bobbin/x.so": ("all", False)}),
        (("RootDirectory=/opt/bobbin", "ExecStart=/tool"), {"/opt/bobbin": ("all", False), "/opt/bobbin/tool": ("runs", True)}),
        (("BindPaths=-/opt/bobbin:/srv /etc:/x", "ExecStart=/usr/bin/true"), {"/opt/bobbin": ("all", False)}),
        (("BindReadOnlyPaths=/opt/bobbin", "ExecStart=/usr/bin/true"), {"/opt/bobbin": ("all", False)}),
    ],
)
def test_what_a_command_runs_by_the_settings_of_its_unit(lines: tuple[str, ...], wanted: dict[str, tuple[str, bool]]) -> None:
    assert unit(*lines) == wanted


def test_a_home_is_the_directory_where_the_unit_says_so() -> None:
    assert unit("User=ann", "WorkingDirectory=~", "ExecStart=/bin/sh ./job", **{"/home/ann/job": ""}) == {"/home/ann/job": ("runs", True)}


def test_a_file_of_variables_says_what_is_run() -> None:
    by_file = {"/etc/x": 'S="/opt/bobbin/tool"\n', "/etc/y": "S=/usr/bin/true\n"}
    assert unit("EnvironmentFile=/etc/x", "ExecStart=/bin/sh $S", **by_file) == {"/opt/bobbin/tool": ("runs", True)}
    assert unit("Environment=S=/opt/bobbin/tool", "EnvironmentFile=/etc/y", "ExecStart=/bin/sh $S", **by_file) == {}


def test_an_instance_that_is_enabled_counts_by_its_template() -> None:
    template = "[Service]\nWorkingDirectory=/opt/%i\nExecStart=/opt/%i/tool\n"
    links = {f"{SYSTEM}/multi-user.target.wants/x@bobbin.service": "../x@.service"}
    found = listed("units", {f"{SYSTEM}/x@.service": template, **FILES}, links=links, stats=BOBS)
    uses = [use for use in found["/opt/bobbin/tool"]["uses"].values()]
    assert [(use["place"], use["certain"], use["when"]) for use in uses] == [("x@bobbin.service", True, "boot")]


def test_many_variables_are_bounded() -> None:
    many = " ".join(f"A{number}=/opt/bobbin/tool" for number in range(1000))
    assert unit(f"Environment={many}", "ExecStart=/bin/sh ${A1}") == {"/opt/bobbin/tool": ("runs", True)}
    assert not isinstance(unit(f"Environment=PATH={':/opt/bobbin' * 500}", "ExecStart=/bin/sh -c backup"), Hole)
