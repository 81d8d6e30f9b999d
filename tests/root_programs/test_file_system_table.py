"""Which lines of /etc/fstab give their file system's programs a right; what mount(8) makes of the options was seen by mounting each (util-linux 2.41)."""

import pytest
from root_programs.root_host import file, listed

from hostcheck_builtin.root_programs import file_system_table

IMAGE = "/home/ann/a.img"
REAL = {
    "user,suid,exec": "rw,nodev,relatime",
    "suid,exec,user": "rw,nosuid,nodev,noexec,relatime",
    "user,suid": "rw,nodev,noexec,relatime",
    "user,defaults": "rw,nosuid,nodev,noexec,relatime",
    "user,dev": "rw,nosuid,noexec,relatime",
    "defaults,user": "rw,nosuid,nodev,noexec,relatime",
    "users,suid,exec,noauto": "rw,nodev,relatime",
    "owner,suid,exec": "rw,nodev,relatime",
    "user,nouser,suid,exec": "rw,relatime",
    "defaults": "rw,relatime",
    "nosuid": "rw,nosuid,relatime",
    "nosuid,nodev": "rw,nosuid,nodev,relatime",
}
"""What a real mount had in force, by the options of its line."""


@pytest.mark.parametrize("options", REAL)
def test_options_are_in_force_as_mount_has_them(options: str) -> None:
    (one,) = file_system_table.entries(f"{IMAGE} /mnt/p ext4 loop,{options} 0 0\n")
    real = set(REAL[options].split(","))
    assert one.gives_rights is (real.isdisjoint({"nosuid", "noexec"}) or "nodev" not in real)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"{IMAGE} /mnt/p ext4 loop,noauto,user,exec,suid 0 0", [(IMAGE, True, False)]),
        (f"{IMAGE}  /mnt/p\text4", [(IMAGE, False, True)]),
        ("/home/ann/a\\040b.img /mnt/p auto loop", [("/home/ann/a b.img", False, True)]),
        (f"{IMAGE} /mnt/p ext4 noauto", [(IMAGE, False, False)]),
        (f"{IMAGE} /mnt/p ext4 noauto,user,nouser", [(IMAGE, False, False)]),
        ("/home/ann/d /mnt/p none bind 0 0", []),
        ("/swap.img none swap sw 0 0", []),
        ("UUID=x / ext4 defaults 0 1", []),
        (f"# {IMAGE} /mnt/p ext4 loop", []),
        (f"{IMAGE} /mnt/p", []),
        ("server:/x /mnt/p nfs user,suid,exec", []),
    ],
)
def test_lines(line: str, found: list[tuple[str, bool, bool]]) -> None:
    assert [(one.source, one.for_users, one.at_boot) for one in file_system_table.entries(line)] == found


@pytest.mark.parametrize(("options", "when"), [("user,suid,exec,noauto", "mount"), ("defaults", "boot"), ("nosuid,nodev", ""), ("user", "")])
def test_what_is_taken(options: str, when: str) -> None:
    files = {"/etc/fstab": f"{IMAGE} /mnt/p ext4 loop,{options}\n/dev/sda1 / ext4 defaults\n", IMAGE: "x", "/usr/bin/mount": "x"}
    found = {path: use for path, one in dict(listed("units", files, stats={IMAGE: file(1000)})).items() for use in one["uses"].values()}
    assert {path: (use["kind"], use["how"], use["place"], use["when"], use["certain"]) for path, use in found.items()} == (
        {IMAGE: ("mount", "mounts", "/etc/fstab:1", when, True)} if when else {}
    )
