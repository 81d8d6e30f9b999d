"""Programs that were really replaced while they run, and dpkg itself beside what we read of its packages."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hostcheck.host.local import LocalHost
from hostcheck_builtin.audit import probe_versions
from hostcheck_builtin.audit.running_programs import running


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of root's, for programs that stand for an engine."""
    folder = Path(f"/run/hostcheck-audit-{os.getpid()}")
    folder.mkdir(mode=0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("how", ["not", "renamed over", "removed", "moved away", "mounted over"])
def test_a_dockerd_that_is_replaced_while_it_runs(how: str, place: Path) -> None:
    program, other = place / "dockerd", place / "dockerd.new"
    for one in (program, other):
        shutil.copy("/usr/bin/sleep", one)
    process = subprocess.Popen([str(program), "600"])
    try:
        while os.readlink(f"/proc/{process.pid}/exe") != str(program):
            time.sleep(0.01)
        {
            "not": lambda: None,
            "renamed over": lambda: other.rename(program),
            "removed": program.unlink,
            "moved away": lambda: (program.rename(place / "old"), other.rename(program)) and None,
            "mounted over": lambda: subprocess.run(["mount", "--no-mtab", "--bind", str(other), str(program)], check=True) and None,
        }[how]()
        told = running(LocalHost())
        if how == "moved away":  # the kernel then calls it by its new name, which is no engine's
            assert str(program) not in told
        else:
            assert told[str(program)] == {"kind": "engine", "replaced": how != "not"}
    finally:
        if how == "mounted over":
            with suppress(subprocess.CalledProcessError):
                subprocess.run(["umount", str(program)], check=True)
        process.kill()
        process.wait()


def test_dpkg_itself_names_the_same_packages() -> None:
    programs = probe_versions.collect(LocalHost())["programs"]
    assert {"/usr/sbin/dockerd", "/usr/bin/containerd"} & set(programs)
    for path, one in programs.items():
        done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
        package = done.stdout.partition(":")[0]
        assert one["owner"].get("package", "") == package, path
        if package:
            version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True).stdout
            assert one["owner"]["version"] == version
