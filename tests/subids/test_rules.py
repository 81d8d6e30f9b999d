"""What the rules about subordinate ids offer where it depends on the host: a fix gives no power to what others could have written."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from contract.benchmark_source import SOURCE
from system.outermost import outermost

from hostcheck import registry
from hostcheck.authoring.examples import documents
from hostcheck.because import PLACEHOLDER
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.host.answers import FileCapabilities, Stat
from hostcheck_builtin.subids.probe_subids import collect

BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
MOUNTS = "27 1 254:0 / / rw{more} - ext4 /dev/vda rw\n"
STAFF = 50


def told(rule: str, subject: str, files: dict[str, Any], more: str = "", *, distribution: str = "debian", **host: Any) -> tuple[str, list[str], str]:
    """Return the sentence of a finding, its commands, and its notes in one text."""
    memory = outermost({"/proc/self/mountinfo": MOUNTS.format(more=more), "/etc/subuid": "", "/etc/subgid": "", **files}, **host)
    document = {"host-role": {"role": "server"}, "host": {"os": {"id": distribution}}, "subids": collect(memory)}
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


WITH_AWK = sorted(
    {step["run"] for name, rule in BENCHMARK.rules.items() if name.startswith("HC-SUB") for step in rule["fix"] if " awk " in step.get("run", "")}
)
"""The commands that take lines out of a file or write them anew."""
VALUES = {"/file": "subuid", "/text": "gone:0:1", "/becomes": "gone:5:1", "/owner": "gone", "/account": "gone"}


@pytest.mark.parametrize("command", WITH_AWK)
@pytest.mark.parametrize("broken", [False, True])
def test_where_awk_fails_the_file_stays_as_it_is_and_a_link_stays_a_link(command: str, broken: bool, tmp_path: Path) -> None:
    """The shell makes a file empty before it starts what writes to it."""
    kind = "subgid" if "/etc/subgid" in command else "subuid"
    file, programs = tmp_path / kind, tmp_path / "bin"
    programs.mkdir()
    for name in ("usermod", *(["awk"] if broken else [])):
        (programs / name).symlink_to("/bin/false" if name == "awk" else "/bin/true")
    file.symlink_to(tmp_path / "elsewhere")
    file.write_text("ann:1:1\ngone:0:1\n", encoding="utf-8")
    file.chmod(0o640)
    shown = PLACEHOLDER.sub(lambda match: VALUES.get(match[1], "1"), command).replace("/etc/", f"{tmp_path}/")
    done = subprocess.run(["sh", "-c", shown], env={"PATH": f"{programs}:{os.environ['PATH']}"}, check=False)
    assert (done.returncode != 0) is broken
    changed = "ann:1:1\ngone:5:1\n" if "NEW=" in command else "ann:1:1\n"
    assert file.read_text(encoding="utf-8") == ("ann:1:1\ngone:0:1\n" if broken else changed)
    assert file.is_symlink() and file.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / f"{kind}-").read_text(encoding="utf-8") == "ann:1:1\ngone:0:1\n"


@pytest.mark.parametrize(
    ("gid", "sentence"),
    [
        (0, "/etc/subuid has mode 0664: members of group root, or users named in its ACL, can write to it and so give themselves uid 0"),
        (STAFF, "/etc/subuid has mode 0664: members of the group with gid 50, or users named in its ACL, can write to it and so give themselves uid 0"),
    ],
)
def test_a_group_that_can_write_is_named_so_that_one_sees_who_that_is(gid: int, sentence: str) -> None:
    because, commands, _ = told("HC-SUB-07", "/etc/subuid", {}, stats={"/etc/subuid": stat(0, 0o664, gid)})
    assert (because, commands) == (sentence, ["chmod go-w -- /etc/subuid"])


@pytest.mark.parametrize(("gid", "group"), [(0, "group root"), (STAFF, "the group with gid 50")])
def test_so_it_is_of_a_program(gid: int, group: str) -> None:
    because = told("HC-SUB-09", "/usr/bin/newuidmap", {"/usr/bin/newuidmap": "x"}, stats={"/usr/bin/newuidmap": stat(0, 0o4775, gid)})[0]
    assert because == f"/usr/bin/newuidmap has mode 4775: members of {group}, or users named in its ACL, can write to it and so replace /usr/bin/newuidmap"


PACKAGES = {"usermod ": "shadow", "runuser ": "runuser", "setsid -w": "util-linux", "setcap ": "libcap-setcap", "findmnt ": "findmnt"}
"""What BusyBox has not, or not with that option, and where Alpine has it."""


@pytest.mark.parametrize("name", [rule for rule in sorted(SOURCE.rules) if rule.startswith("HC-SUB-")])
def test_on_alpine_one_reads_which_packages_the_commands_need(name: str) -> None:
    for result, _, document in documents(SOURCE.rules[name].get("examples", {}), SOURCE.hosts, name):
        here = {**document, "host": {**document.get("host", {}), "os": {"id": "alpine"}}}
        for found in judge_rule(resolve(BENCHMARK, name, {}), Facts(document=here)) if result == "fail" else ():
            before = ""
            for step in found.get("fix", []):
                before += step.get("note", "")
                assert not [package for program, package in PACKAGES.items() if program in step.get("run", "") and package not in before], step
