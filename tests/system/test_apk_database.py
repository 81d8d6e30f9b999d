"""What apk notes of the files of packages, as Alpine's wiki describes its database."""

from base64 import b64encode
from typing import Any

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system.apk_database import ApkDatabase, entries
from hostcheck_builtin.system.dpkg_database import Recorded

SHA1, SHA256 = b"\x01" * 20, b"\x02" * 32
TEXT = f"""C:Q1p78yvTLG094tHE1+dToJGbmYzQE=
P:busybox-suid
V:1.37.0-r12
A:x86_64
F:bin
M:0:0:0755
R:bbsuid
a:0:0:4111
Z:Q1{b64encode(SHA1).decode()}
R:ash
F:usr
F:usr/bin

P:sudo
V:1.9.17-r0
F:usr/bin
R:sudo
a:0:0:4111
Z:Q2{b64encode(SHA256).decode()}
R:broken
Z:Q1!
F:etc
R:sudo
Z:Q1{b64encode(SHA1).decode()}
"""


def recorded(path: str, text: Any = TEXT) -> list[Recorded]:
    return ApkDatabase(MemoryHost({"/lib/apk/db/installed": text}), ("bbsuid", "sudo", "ash", "broken")).recorded(path)


def test_a_file_stands_in_the_directory_before_it_and_has_the_digest_after_it() -> None:
    assert recorded("/bin/bbsuid") == [Recorded("busybox-suid", "sha1", SHA1.hex(), "1.37.0-r12")]
    assert recorded("/usr/bin/sudo") == [Recorded("sudo", "sha256", SHA256.hex(), "1.9.17-r0")]
    assert recorded("/etc/sudo") == [Recorded("sudo", "sha1", SHA1.hex(), "1.9.17-r0")]


def test_where_usr_is_merged_a_package_may_name_a_file_without_it() -> None:
    assert recorded("/usr/bin/bbsuid") == recorded("/bin/bbsuid")


def test_what_has_no_digest_is_known_without_it() -> None:
    assert recorded("/bin/ash") == [Recorded("busybox-suid", "", "", "1.37.0-r12")] and recorded("/usr/bin/broken") == [
        Recorded("sudo", "sha1", "", "1.9.17-r0")
    ]


def test_what_no_package_has_is_of_none() -> None:
    assert recorded("/usr/sbin/sudo") == [] == recorded("/bin/bbsuid", "")


def test_versions_are_told_with_the_files() -> None:
    assert [(path, one.version) for path, one in entries(TEXT, lambda path: path.endswith("/sudo"))] == [
        ("/usr/bin/sudo", "1.9.17-r0"),
        ("/etc/sudo", "1.9.17-r0"),
    ]
