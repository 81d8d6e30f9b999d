"""What the rules about subordinate ids offer where it depends on the host: a fix gives no power to what others could have written."""

from typing import Any

import pytest

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.host.answers import FileCapabilities, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.subids.probe_subids import collect

BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
MOUNTS = "27 1 254:0 / / rw{more} - ext4 /dev/vda rw\n"
STAFF = 50


def told(rule: str, subject: str, files: dict[str, Any], more: str = "", *, os: str = "debian", **host: Any) -> tuple[str, list[str], str]:
    """Return the sentence of a finding, its commands, and its notes in one text."""
    memory = MemoryHost({"/proc/self/mountinfo": MOUNTS.format(more=more), "/etc/subuid": "", "/etc/subgid": "", **files}, **host)
    document = {"host-role": {"role": "server"}, "host": {"os": {"id": os}}, "subids": collect(memory)}
    found = next(one for one in judge_rule(resolve(BENCHMARK, rule, {}), Facts(document=document)) if one["subject"] == subject)
    assert found["result"] == "fail"
    steps = found["fix"]
    return found["because"], [step["run"] for step in steps if "run" in step], " ".join(step["note"] for step in steps if "note" in step)


def stat(uid: int, mode: int, gid: int = 0) -> Stat:
    return Stat(type="file", uid=uid, gid=gid, mode=mode)


@pytest.mark.parametrize(
    ("path", "found", "runs"),
    [
        ("/usr/local/bin/newuidmap", stat(4004, 0o755), ["rm -- /usr/local/bin/newuidmap"]),
        ("/usr/local/bin/newuidmap", stat(0, 0o775, STAFF), ["rm -- /usr/local/bin/newuidmap"]),
        ("/usr/local/bin/newuidmap", stat(0, 0o755), []),
        ("/usr/bin/newuidmap", stat(4004, 0o755), []),
        ("/usr/bin/newuidmap", stat(4004, 0o4755), []),
        ("/usr/bin/newuidmap", stat(0, 0o775, STAFF), []),
        ("/usr/bin/newuidmap", stat(0, 0o755), ["chmod u+s -- /usr/bin/newuidmap"]),
        ("/usr/local/bin/newuidmap", stat(0, 0o6755), ["chmod g-s -- /usr/local/bin/newuidmap"]),
    ],
)
def test_no_power_is_given_to_a_program_that_others_could_have_written(path: str, found: Stat, runs: list[str]) -> None:
    _, commands, notes = told("HC-SUB-09", path, {path: "x"}, stats={path: found})
    assert commands == runs
    assert "apt-get install --reinstall uidmap" in notes


def test_nor_a_capability() -> None:
    """A hard link to ping would become a program that sets any uid."""
    for folder, runs in (("/usr/local/bin", []), ("/usr/bin", ["setcap cap_setuid=ep /usr/bin/newuidmap"])):
        path = f"{folder}/newuidmap"
        caps = {path: FileCapabilities(permitted=1 << 13, inheritable=0, effective=True, rootid=0)}
        assert told("HC-SUB-09", path, {path: "x"}, stats={path: stat(0, 0o755)}, capabilities=caps)[1] == runs


def test_nor_a_file_system_where_it_has_none() -> None:
    for folder, runs in (
        ("/usr/local/bin", []),
        ("/usr/bin", ['TARGET=$(findmnt -n -o TARGET -T /usr/bin/newuidmap) && mount -o remount,bind,suid "$TARGET"']),
    ):
        path = f"{folder}/newuidmap"
        assert told("HC-SUB-09", path, {path: "x"}, ",nosuid", stats={path: stat(0, 0o4755)})[1] == runs
