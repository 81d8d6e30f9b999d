"""Programs that run and are no longer those on disk."""

from typing import Any

import pytest

from hostcheck.host.answers import Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import OpenObject
from hostcheck_builtin.audit import running_programs as reader

TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
ELSEWHERE = "27 1 0:99 / / rw - overlay overlay rw\n"
RELEASE = "6.1.0-18-amd64"
FILES = {
    "/proc/self/mountinfo": TABLE,
    "/proc/self/status": f"Name:\tx\nCapEff:\t{1 << 19:016x}\n",
    "/proc/sys/kernel/osrelease": f"{RELEASE}\n",
    "/usr/bin/dockerd": "new",
    "/usr/bin/containerd-shim-runc-v2": "x",
}
DENIED = PermissionError(13, "Permission denied", "/proc/7/exe")
LINUX = {"kind": "kernel", "replaced": False, "release": RELEASE, "newest": RELEASE}


def process(pid: int = 7, name: str = "dockerd", exe: str = "/usr/bin/dockerd", uid: int = 0, host: bool | None = True) -> Process:
    return Process(pid=pid, ppid=1, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=host)


def running(*processes: Process, files: dict[str, Any] | None = None, links: dict[str, str] | None = None, **more: Any) -> Any:
    given = {f"/proc/{one.pid}/exe": one.exe for one in processes if f"/proc/{one.pid}/exe" not in {**(files or {}), **more.get("stats", {})}}
    places = {at: to for at, to in {**given, **(links or {})}.items() if to}
    return reader.running(MemoryHost({**FILES, **(files or {})}, processes=processes, links=places, **more))


def test_a_program_that_is_the_one_on_disk() -> None:
    assert running(process()) == {"/usr/bin/dockerd": {"kind": "engine", "replaced": False}, "Linux": LINUX}


def test_a_program_that_is_no_longer_there() -> None:
    assert running(process(exe="/usr/bin/dockerd (deleted)"))["/usr/bin/dockerd"] == {"kind": "engine", "replaced": True}
    gone = running(process(exe="/opt/bin/dockerd"), stats={"/proc/7/exe": Stat(type="file", uid=0, gid=0, mode=0o755)})
    assert gone["/opt/bin/dockerd"]["replaced"] is True


def test_another_file_at_the_same_path() -> None:
    told = running(process(), stats={"/proc/7/exe": Stat(type="file", uid=0, gid=0, mode=0o755, dev=9, ino=9)})
    assert told["/usr/bin/dockerd"]["replaced"] is True


def test_one_old_shim_among_new_ones() -> None:
    path = "/usr/bin/containerd-shim-runc-v2"
    shims = [process(8, "containerd-shim", path), process(9, "containerd-shim", f"{path} (deleted)"), process(10, "containerd-shim", path)]
    assert running(*shims)[path] == {"kind": "runtime", "replaced": True}


@pytest.mark.parametrize(
    "other",
    [
        process(uid=1000, exe="/usr/bin/dockerd (deleted)"),
        process(exe="/home/ann/x (deleted)"),
        process(name="sleep", exe="/usr/bin/dockerd (deleted)"),
        process(exe=""),
    ],
)
def test_what_is_no_engine_of_roots(other: Process) -> None:
    assert running(other) == {"Linux": LINUX}


def test_an_engine_inside_a_container_is_not_this_hosts() -> None:
    inside = process(exe="/usr/bin/dockerd (deleted)", host=False)
    assert running(inside, files={"/proc/7/mountinfo": ELSEWHERE}) == {"Linux": LINUX}
    assert running(inside, files={"/proc/7/mountinfo": TABLE})["/usr/bin/dockerd"]["replaced"] is True


def test_what_is_denied_is_never_the_one_on_disk() -> None:
    told = running(process(), files={"/proc/7/exe": DENIED})
    assert isinstance(told, OpenObject) and "/usr/bin/dockerd" not in told
    host = MemoryHost({**FILES, "/proc/self/status": "CapEff:\t0000000000000000\n"}, processes=PermissionError(13, "hidden", "/proc"))
    assert isinstance(reader.running(host), OpenObject)


def test_more_processes_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST", 1)
    assert isinstance(running(process(7), process(8)), OpenObject)


@pytest.mark.parametrize(
    ("names", "boot", "newest"),
    [
        (["6.1.0-18-amd64", "6.1.0-21-amd64"], ["6.1.0-18-amd64", "6.1.0-21-amd64"], "6.1.0-21-amd64"),
        (["6.1.0-18-amd64", "6.1.0-9-amd64"], ["6.1.0-18-amd64", "6.1.0-9-amd64"], RELEASE),
        (["6.1.0-18-amd64", "6.1.0-21-cloud-amd64"], ["6.1.0-21-cloud-amd64"], RELEASE),
        (["6.1.0-18-amd64", "6.1.0-21-amd64"], [], RELEASE),  # its directory was left behind
        ([], [], RELEASE),
    ],
)
def test_a_newer_kernel_is_installed(names: list[str], boot: list[str], newest: str) -> None:
    files = {f"/boot/vmlinuz-{name}": "" for name in boot} | {f"/lib/modules/{name}/modules.dep": "" for name in names}
    assert running(files=files)["Linux"] == {"kind": "kernel", "replaced": newest != RELEASE, "release": RELEASE, "newest": newest}


def test_fedora_keeps_kernels_with_their_modules() -> None:
    files = {"/proc/sys/kernel/osrelease": "6.11.4-301.fc41.x86_64\n", "/lib/modules/6.12.5-200.fc41.x86_64/vmlinuz": ""}
    assert running(files=files)["Linux"]["newest"] == "6.12.5-200.fc41.x86_64"
