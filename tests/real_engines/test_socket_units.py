"""What systemd itself makes of socket units, of what starts at boot and of tmpfiles.d, beside what is stated of them: nothing is started by it.

`systemd --test` reads all unit files and says which jobs a boot would have; it does so as nobody, in mounts of its own.
"""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.sockets.made_directories import Directories
from hostcheck_builtin.system.candidates import plain

ETC = "/etc/systemd/system"
MANAGER = "/usr/lib/systemd/systemd"
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "-i", f"PATH={os.environ['PATH']}")
PLANT = """
import json, os, subprocess, sys
files, links, argv = json.load(sys.stdin)
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
if not os.path.isdir("/run/systemd"):  # where systemd is not the first program, and nothing else made it; nobody cannot
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"], check=True)
    os.mkdir("/run/systemd")
for place in ("/etc/systemd/system", "/run/systemd", "/usr/local/lib"):
    if os.path.isdir(place):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", place], check=True)
for path, text in files.items():
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
for path, target in links.items():
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)
told = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout
from hostcheck.host.local import LocalHost
from hostcheck.testing.probes import stated
from hostcheck_builtin.sockets import probe_socket_units
found = stated(probe_socket_units.collect, LocalHost())
assert isinstance(found, dict), found
print(json.dumps({"systemd": told, "hostcheck": found["units"]}))
"""
CHOICES = {
    "SocketMode": ("0660", "0666", "600", "00606", "2660", "", "rw", "0o660", "0888", "17777", " 0640 ", "+660"),
    "DirectoryMode": ("0700", "0711", "", "x"),
    "SocketUser": ("root", "", "nobody", "1234"),
    "SocketGroup": ("root", "", "audio", "%p", "4321"),
    "ListenStream": ("/run/a.sock", "%t/b.sock", "/srv//c/./d.sock", "", "2375", "127.0.0.1:2376", "@abstract", "vsock:2:1024", "/run/e%%f.sock", "[::1]:99"),
    "Symlinks": ("/run/x /run/y", "", "%t/z"),
    "# SocketMode": ("0600",),
    "[Unit]\nSocketMode": ("0600\n[Socket]",),
}


def planted(files: dict[str, str], links: dict[str, str]) -> dict[str, Any]:
    """Return what systemd and the probe say of the same files."""
    argv = [*AS_NOBODY, MANAGER, "--test", "--system", "--unit=multi-user.target"]
    told = json.dumps([files, {f"{ETC}/default.target": "/usr/lib/systemd/system/multi-user.target", **links}, argv])
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, "-c", PLANT],
        input=told,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert "-> By jobs" in found["systemd"], found["systemd"][:2000]
    return found


def dumped(text: str, unit: str) -> dict[str, list[str]]:
    """Return the properties that systemd shows of a unit."""
    _, _, rest = text.partition(f"→ Unit {unit}:\n")
    found: dict[str, list[str]] = {}
    for line in rest.partition("\t→ Unit ")[0].split("\n"):
        name, colon, value = line.strip().partition(": ")
        if colon:
            found.setdefault(name, []).append(value)
    return found


def jobs(text: str) -> set[str]:
    """Return the units that a boot would start."""
    return set(re.findall(r"Action: (\S+) -> start", text.partition("-> By jobs")[2]))


def random_unit(number: random.Random) -> list[str]:
    """Return the texts of a unit file and two drop-ins."""
    made = []
    for _ in range(3):
        names = [number.choice(sorted(CHOICES)) for _ in range(number.randrange(7))]
        made.append("[Socket]\n" + "\n".join(f"{name}={number.choice(CHOICES[name])}" for name in names) + "\n")
    made[0] += "ListenStream=/run/base.sock\nService=docker.service\n"
    return made


def test_settings_of_units_are_what_systemd_says() -> None:
    chosen = random.Random(14)  # noqa: S311
    files, links = {f"{ETC}/docker.service": "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n"}, {}
    for count in range(60):
        texts = random_unit(chosen)
        files |= {
            f"{ETC}/u{count}.socket": texts[0],
            f"{ETC}/u{count}.socket.d/a.conf": texts[1],
            f"/usr/local/lib/systemd/system/u{count}.socket.d/b.conf": texts[2],
        }
        links[f"{ETC}/sockets.target.wants/u{count}.socket"] = f"{ETC}/u{count}.socket"
    told = planted(files, links)
    compared = 0
    for count in range(60):
        unit, shown = told["hostcheck"][f"u{count}.socket"], dumped(told["systemd"], f"u{count}.socket")
        listens = {*unit["paths"], *(one.replace("*:", "[::]:") for one in unit["tcp"]), *unit["abstract"], *unit["vsock"]}
        if shown.get("Unit Load State") != ["loaded"]:  # systemd takes none without an address, or with links to none or to several
            assert unit["starts"] is False and (listens == set() or unit["links"]), files[f"{ETC}/u{count}.socket"]
            continue
        compared += 1
        assert unit["mode"] == shown["SocketMode"][0] and unit["directory_mode"] == shown["DirectoryMode"][0], files[f"{ETC}/u{count}.socket"]
        for fact, name in (("user", "SocketUser"), ("group", "SocketGroup")):
            assert unit[fact] == shown.get(name, ["n/a"])[0].replace("n/a", ""), files[f"{ETC}/u{count}.socket"]
        assert listens == {plain(one) for one in shown["ListenStream"]}
        assert unit["links"] == (shown["Symlinks"][0].split() if "Symlinks" in shown else [])
        assert unit["starts"] is True
    assert compared > 30


UNITS = {
    f"{ETC}/one.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    f"{ETC}/app.service": "[Unit]\nWants=docker.service\n[Service]\nExecStart=/bin/true\n",
    f"{ETC}/docker.service": "[Unit]\nRequires=docker.socket\n[Service]\nExecStart=/usr/bin/dockerd -H fd://\n",
    f"{ETC}/docker.socket": "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\n",
    f"{ETC}/far.target": "[Unit]\n",
}


@pytest.mark.parametrize(
    ("files", "links"),
    [
        ({}, {}),
        ({}, {f"{ETC}/sockets.target.wants/docker.socket": f"{ETC}/docker.socket"}),
        ({}, {f"{ETC}/sockets.target.requires/docker.socket": f"{ETC}/docker.socket"}),
        ({}, {f"{ETC}/sockets.target.upholds/docker.socket": f"{ETC}/docker.socket"}),
        ({}, {f"{ETC}/multi-user.target.wants/docker.service": f"{ETC}/docker.service"}),
        ({}, {f"{ETC}/multi-user.target.wants/app.service": f"{ETC}/app.service"}),
        ({}, {f"{ETC}/far.target.wants/docker.socket": f"{ETC}/docker.socket"}),
        ({f"{ETC}/multi-user.target.d/x.conf": "[Unit]\nWants=far.target\n"}, {f"{ETC}/far.target.wants/docker.socket": f"{ETC}/docker.socket"}),
        ({f"{ETC}/one.service.d/x.conf": "[Service]\nSockets=docker.socket\n"}, {f"{ETC}/multi-user.target.wants/one.service": f"{ETC}/one.service"}),
        ({f"{ETC}/one.service.d/x.conf": "[Unit]\nAfter=docker.socket\n"}, {f"{ETC}/multi-user.target.wants/one.service": f"{ETC}/one.service"}),
        ({f"{ETC}/one.service.d/x.conf": "[Unit]\nBindsTo=docker.socket\n"}, {f"{ETC}/multi-user.target.wants/one.service": f"{ETC}/one.service"}),
        (
            {"/usr/local/lib/systemd/system/x": ""},
            {
                f"{ETC}/sockets.target.wants/docker.socket": "/dev/null",
                "/usr/local/lib/systemd/system/sockets.target.wants/docker.socket": f"{ETC}/docker.socket",
            },
        ),
        ({}, {f"{ETC}/alias.socket": f"{ETC}/docker.socket", f"{ETC}/sockets.target.wants/alias.socket": f"{ETC}/docker.socket"}),
        ({}, {f"{ETC}/sockets.target.wants/docker.socket": "/nowhere"}),
    ],
)
def test_what_starts_is_what_systemd_would_start(files: dict[str, str], links: dict[str, str]) -> None:
    told = planted({**UNITS, **files}, links)
    assert told["hostcheck"]["docker.socket"]["starts"] is ("docker.socket" in jobs(told["systemd"]))


LINES = [
    "d /run/podman 0700\n",
    "D! /run/podman 0710 root audio\n",
    "d /run/podman\nd /run/podman 0777\n",
    "d /run/podman 0700\nz /run/podman 0711 - audio\n",
    "z /run/podman 0711\n",
    "v /run/podman 1777 nobody -\n",
    "d \"/run/podman\" '0750' - audio - -\n",
    "d /run/podman ~0750\nx /run/podman\n",
    "#d /run/podman 0700\n",
    "d /run/podman 0700 nobody\nm /run/podman 0755\n",
    "d /run/podman- 0700\nd= /run/podman 0705\n",
]


@pytest.mark.parametrize("text", LINES)
def test_directories_are_what_systemd_tmpfiles_makes(text: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name, content in {"etc/passwd": "nobody:x:65534:65534::/:/bin/sh\n", "etc/group": "audio:x:29:\n", "usr/lib/tmpfiles.d/x.conf": text}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "run").mkdir(mode=0o755)
    subprocess.run(["systemd-tmpfiles", "--create", "--boot", f"--root={tmp_path}"], stdin=subprocess.DEVNULL, check=False, timeout=30)
    made = tmp_path / "run/podman"
    if not made.exists():
        made.mkdir(mode=0o755)  # as systemd then does, with DirectoryMode=
    host = MemoryHost({"/usr/lib/tmpfiles.d/x.conf": text, "/proc/self/mountinfo": "27 1 254:0 / / rw - ext4 /dev/vda rw\n"})
    told = Directories(host).way("/run/podman/podman.sock", "0755")["parents"]["/run/podman"]
    numbers = {"root": 0, "nobody": 65534, "audio": 29}
    found = made.stat()
    assert (numbers[told["user"]], numbers[told["group"]], told["mode"]) == (found.st_uid, found.st_gid, f"{found.st_mode & 0o7777:04o}")


@pytest.mark.parametrize("clash", [("-H", "hosts", '["unix:///run/x.sock"]'), ("-G", "group", '"users"')])
def test_dockerd_refuses_what_is_told_twice(clash: tuple[str, str, str], tmp_path: Path) -> None:
    option, key, value = clash
    (tmp_path / "d.json").write_text(f'{{"{key}": {value}}}')
    argv = ["dockerd", "--validate", "--config-file", str(tmp_path / "d.json"), option, "fd://" if option == "-H" else "docker"]
    assert subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False).returncode != 0
