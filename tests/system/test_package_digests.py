"""Which databases of packages a host has, and what they say of a file."""

import gzip
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hostcheck.api import HoleError
from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.system.dpkg_database import Recorded
from hostcheck_builtin.system.package_digests import PackageDigests

INFO = "/var/lib/dpkg/info"
SUDO = "/usr/bin/sudo"
DPKG = {f"{INFO}/sudo.list": f"{SUDO}\n/usr/bin/none\n", f"{INFO}/sudo.md5sums": "aaaa  usr/bin/sudo\n"}
APK = {"/lib/apk/db/installed": "P:sudo\nV:1\nF:usr/bin\nR:sudo\nZ:Q1q80=\n"}
SQLITE = {"/usr/lib/sysimage/rpm/rpmdb.sqlite": gzip.decompress((Path(__file__).parent / "rpm/rpmdb.sqlite.gz").read_bytes())}
BERKELEY = {"/var/lib/rpm/Packages": "x"}
NAMES = ("sudo", "none", "su")


def digests(files: dict[str, Any], **more: Any) -> PackageDigests:
    links = {"/proc/self/ns/user": "user:[4026531837]"}
    return PackageDigests(MemoryHost(files, links=links, **more), NAMES, ("sudo",))


def hole(known: PackageDigests, path: str = SUDO) -> Hole:
    with pytest.raises(HoleError) as caught:
        known.of(path)
    return caught.value.hole


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (DPKG, Recorded("sudo", "md5", "aaaa")),
        (APK, Recorded("sudo", "sha1", "abcd", "1")),
        (SQLITE, Recorded("one", "sha256", sha256(b"ELF").hexdigest())),
        ({**BERKELEY, **DPKG}, Recorded("sudo", "md5", "aaaa")),
    ],
)
def test_each_database_tells_what_a_package_has(files: dict[str, Any], found: Recorded) -> None:
    assert digests(files).of(SUDO) == [found]


def test_what_no_database_has_is_of_no_package() -> None:
    known = digests({**DPKG, **SQLITE})
    assert known.of("/opt/x") == [] and [one["complete"] for one in known.stated().values()] == [True, True]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (BERKELEY, Why.UNSUPPORTED),
        ({"/var/lib/pacman/local/x/desc": ""}, Why.UNSUPPORTED),
        ({"/nix/store/x/y": ""}, Why.UNSUPPORTED),
        ({"/var/lib/rpm/rpmdb.sqlite": "x"}, Why.NONSENSE),
        ({**DPKG, f"{INFO}/sudo.list": PermissionError(13, "no")}, Why.DENIED),
    ],
)
def test_a_database_that_cannot_be_read_says_so(files: dict[str, Any], why: Why) -> None:
    known = digests(files)
    assert hole(known).why is why
    (told,) = known.stated().values()
    assert told["complete"].why is why


def test_without_a_database_nothing_is_known_of_a_program() -> None:
    known = digests({})
    assert hole(known).why is Why.UNSUPPORTED and known.stated() == {} and not isinstance(known.stated(), OpenObject)


def test_where_a_database_may_be_that_cannot_be_looked_for_others_may_be() -> None:
    known = digests({**DPKG, "/usr/lib/sysimage": PermissionError(13, "no")})
    assert known.of(SUDO) and hole(known, "/opt/x").why is Why.DENIED
    told = known.stated()
    assert list(told) == [INFO] and isinstance(told, OpenObject) and told.hole.why is Why.DENIED


def test_a_database_that_cannot_be_read_leaves_open_what_the_others_do_not_have() -> None:
    known = digests({**DPKG, **BERKELEY})
    assert known.of(SUDO) and hole(known, "/opt/x").why is Why.UNSUPPORTED
    assert {place: one["complete"] is True for place, one in known.stated().items()} == {INFO: True, "/var/lib/rpm/Packages": False}


@pytest.mark.parametrize("stat", [Stat(type="dir", uid=1000, gid=0, mode=0o755), Stat(type="dir", uid=0, gid=0, mode=0o777)])
def test_what_others_can_change_is_not_believed(stat: Stat) -> None:
    known = digests(DPKG, stats={INFO: stat})
    assert hole(known).why is Why.NONSENSE and known.stated()[INFO]["root_only"] is False
    assert digests(DPKG).stated()[INFO]["root_only"] is True


def test_a_package_without_a_digest_is_named() -> None:
    known = digests(DPKG)
    assert known.of("/usr/bin/none") == [Recorded("sudo", "md5", "")]
    complete = known.stated()[INFO]["complete"]
    assert isinstance(complete, Hole) and complete.why is Why.UNSUPPORTED and "/usr/bin/none" in complete.message


def test_in_a_user_namespace_nobody_knows_whose_a_database_is() -> None:
    known = PackageDigests(MemoryHost(DPKG, links={"/proc/self/ns/user": "user:[1]"}), NAMES, ())
    assert hole(known).why is Why.DENIED and isinstance(known.stated(), Hole)
