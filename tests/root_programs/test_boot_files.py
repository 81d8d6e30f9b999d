from typing import Any

import pytest
from root_programs.root_host import OPEN, file, listed


def certain(path: str, *args: Any, **kwargs: Any) -> list[tuple[str, bool]]:
    return [(use["kind"], use["certain"]) for use in listed("units", *args, **kwargs)[path]["uses"].values()]


@pytest.mark.parametrize(
    ("path", "kind", "sure"),
    [
        ("/etc/tmpfiles.d/a.conf", "boot-settings", True),
        ("/usr/lib/sysctl.d/a.conf", "boot-settings", True),
        ("/etc/fstab", "boot-settings", True),
        ("/etc/init.d/a", "boot-script", True),
        ("/etc/rc.local", "boot-script", True),
        ("/etc/kernel/postinst.d/a", "hook", True),
        ("/etc/network/if-up.d/a", "hook", False),
    ],
)
def test_what_is_read_and_run_at_boot(path: str, kind: str, sure: bool) -> None:
    assert certain(path, {path: ""}, stats={path: file(1000)}) == [(kind, sure)]
    assert listed("units", {path: ""}) == {}


def test_systemd_may_run_something_else_than_a_script_of_system_v() -> None:
    assert certain("/etc/init.d/a", {"/etc/init.d/a": "", "/run/systemd/system/x": ""}, stats={"/etc/init.d/a": file(1000)}) == [("boot-script", False)]


def test_what_a_script_of_system_v_names_counts_where_that_is_what_runs() -> None:
    files = {"/etc/init.d/a": "#!/bin/sh\n. /home/ann/x\n", "/home/ann/x": ""}
    assert "/home/ann/x" in listed("units", files)
    assert listed("units", {**files, "/run/systemd/system/x": ""}) == {}


def test_a_directory_in_which_others_may_make_settings() -> None:
    assert certain("/etc/tmpfiles.d", {"/etc/tmpfiles.d/a.txt": ""}, stats={"/etc/tmpfiles.d": OPEN}) == [("boot-settings", True)]
