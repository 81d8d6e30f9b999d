"""What commands add to permissions; that chmod(1) and setfacl(1) do so themselves is compared with them on files of our own."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.system.permission_changes import PermissionChange, added, means, read

WORDS = ["chmod", "666", "o+rw", "-R", "--", "/a", "a", ":", "u:ann:rw", "-m", "-d", "--reference=/x", "ann:", ",", "{a,b}", "+", "-w", ""]


def told(command: str, folder: str = "/run") -> dict[str, Any] | None:
    """Return what is told but for what is empty."""
    found = read(command.split(), folder)
    return None if found is None else {name: value for name, value in found._asdict().items() if value}


@pytest.mark.parametrize(
    ("command", "change"),
    [
        ("chmod 666 /run/docker.sock", {"paths": ("/run/docker.sock",), "mode": 0o666}),
        ("/bin/chmod a+rw /var/run/docker.sock", {"paths": ("/run/docker.sock",), "mode": 0o666}),
        ("chmod -R o+x /run/d", {"paths": ("/run/d",), "mode": 0o001, "deep": True}),
        ("chmod 0666 -- ./docker.sock x.sock", {"paths": ("/run/docker.sock", "/run/x.sock"), "mode": 0o666}),
        ("chmod 666 /run/{docker,podman}.sock", {"paths": ("/run/docker.sock", "/run/podman.sock"), "mode": 0o666}),
        ("chmod -w /x", {"paths": ("/x",)}),
        ("chmod -v go-w /x", {"paths": ("/x",)}),
        ("chmod --reference=/a /x", None),
        ("chmod o=u /x", None),
        ("chmod 666", None),
        ("chown ann:docker /x", {"paths": ("/x",), "user": "ann", "group": "docker"}),
        ("chown -h :docker /x", {"paths": ("/x",), "group": "docker"}),
        ("chown ann: /x", None),  # its group would be that of a login of ann
        ("chown ann.docker /x", None),
        ("chgrp users /x", {"paths": ("/x",), "group": "users"}),
        ("chgrp --reference /a /x", None),
        ("setfacl -m u:ann:rw,g:users:r-x /x", {"paths": ("/x",), "acl": (("user", "ann", 6), ("group", "users", 5))}),
        ("setfacl --modify=user:ann:6,m::r /x", {"paths": ("/x",), "acl": (("user", "ann", 4),)}),
        ("setfacl -m o::rw /x", {"paths": ("/x",), "mode": 0o006}),
        ("setfacl -m g::rw,o:r /x", {"paths": ("/x",), "mode": 0o064}),
        ("setfacl -dm u:ann:rw /d", {"paths": ("/d",), "acl": (("user", "ann", 6),), "default": True}),
        ("setfacl -m d:u:ann:rw /d", {"paths": ("/d",), "default": True}),
        ("setfacl -x u:ann /x", {"paths": ("/x",)}),
        ("setfacl -M /acls /x", None),
        ("setfacl --restore=/acls", None),
        ("setfacl -m nonsense /x", None),
    ],
)
def test_what_a_command_adds(command: str, change: dict[str, Any] | None) -> None:
    assert told(command) == change


def test_a_path_without_a_known_directory_is_not_known() -> None:
    assert told("chmod 666 docker.sock", "") is None and told("chmod 666 /run/docker.sock", "") is not None


@pytest.mark.parametrize(
    ("path", "place", "deep", "meant"),
    [
        ("/run/*.sock", "/run/docker.sock", False, True),
        ("/run/*", "/run/docker/docker.sock", False, False),
        ("/run/docker", "/run/docker/docker.sock", False, False),
        ("/run/docker/", "/run/docker/docker.sock", True, True),
        ("/run", "/run", False, True),
        ("/run/docker", "/run", True, False),
        ("/", "/run", True, True),
    ],
)
def test_which_places_a_path_means(path: str, place: str, deep: bool, meant: bool) -> None:
    assert means(path, place, deep=deep) is meant and PermissionChange((path,), deep=deep).means(place) is meant


@pytest.mark.parametrize(
    "mode",
    ["666", "0644", "+666", "=600", "a+rw", "o+w", "+w", "+rw", "ug=rw,o+r", "u+x,o=", "go-rwx", "o-r+w", "=rw", "ugo+X", "-444", "+4755", "u+s", "+s", "g=s"],
)
def test_chmod_itself_sets_no_other_bits(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    file.chmod(0o000)
    subprocess.run(["sh", "-c", 'umask 022; chmod -- "$1" "$2"', "sh", mode, str(file)], check=True)
    bits = added(mode)
    assert bits is not None and file.stat().st_mode & 0o7777 & ~bits == 0
    if "X" not in mode and "-" not in mode:
        assert file.stat().st_mode & 0o7777 == bits


@pytest.mark.skipif(
    not shutil.which("setfacl"),
    reason="setfacl is not installed here (apt-get install acl), so nothing can be compared with it; what is read of its lines is tested below",
)
@pytest.mark.parametrize("entries", ["u:65534:rw", "g:100:rwX,o::r", "u:65534:rwx,m::rw", "user:65534:6"])
def test_setfacl_itself_makes_the_same_entries(entries: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(mode=0o600)
    if subprocess.run(["setfacl", "-m", entries, str(file)], capture_output=True, check=False).returncode:
        pytest.skip("the file system of the directory for temporary files keeps no ACLs, so setfacl can make no entry there")
    shown = subprocess.run(["getfacl", "-ncpE", str(file)], capture_output=True, check=True, text=True).stdout.split()
    mask = next(line[-3:] for line in shown if line.startswith("mask"))
    found = read(["setfacl", "-m", entries, str(file)])
    assert found is not None
    for tag, name, bits in found.acl:
        rights = next(line[-3:] for line in shown if line.startswith(f"{tag}:{name}:"))
        in_force = sum(bit for mark, limit, bit in zip(rights, mask, (4, 2, 1), strict=True) if mark != "-" and limit != "-")
        assert in_force & ~bits == 0


@given(st.sampled_from(["chmod", "chown", "chgrp", "setfacl"]), st.lists(st.sampled_from(WORDS), max_size=6))
def test_any_words_are_read_or_not_known(program: str, words: list[str]) -> None:
    found = read([program, *words], "/run")
    assert found is None or all(path.startswith("/") for path in found.paths)
