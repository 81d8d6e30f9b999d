"""What rpm notes of the files of packages, in databases that a real rpm wrote (rpm/make.sh)."""

import gzip
import sqlite3
from hashlib import md5, sha256
from pathlib import Path

import pytest

from hostcheck.api import LimitExceeded, Nonsense, Unsupported
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system.dpkg_database import Recorded
from hostcheck_builtin.system.rpm_database import RpmDatabase

HERE = Path(__file__).parent / "rpm"
FORMATS = ("rpmdb.sqlite", "Packages.db")
NAMES = ("sudo", "su", "two", "helper", "link", "none", "\udcff")


def written(name: str) -> bytes:
    return gzip.decompress((HERE / f"{name}.gz").read_bytes())


def database(name: str, content: bytes | None = None, **more: bytes) -> RpmDatabase:
    files = {f"/var/lib/rpm/{name}": written(name) if content is None else content, **{f"/var/lib/rpm/{name}-{key}": log for key, log in more.items()}}
    return RpmDatabase(MemoryHost(files), f"/var/lib/rpm/{name}", NAMES)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("path", "text"), [("/usr/bin/sudo", b"ELF"), ("/usr/bin/su", b"ELF su"), ("/usr/lib/one/su", b"ELF another"), ("/usr/sbin/helper", b"ELF helper")]
)
def test_the_digest_of_a_file_is_that_of_what_rpm_installed(name: str, path: str, text: bytes) -> None:
    assert database(name).recorded(path) == [Recorded("one", "sha256", sha256(text).hexdigest())]


@pytest.mark.parametrize("name", FORMATS)
def test_a_package_of_before_sha256_has_md5(name: str) -> None:
    assert database(name).recorded("/usr/bin/two") == [Recorded("two", "md5", md5(b"ELF two", usedforsecurity=False).hexdigest())]


@pytest.mark.parametrize("name", FORMATS)
def test_a_link_has_no_digest_and_what_no_package_has_is_of_none(name: str) -> None:
    known = database(name)
    assert known.recorded("/usr/bin/link") == [Recorded("one", "sha256", "")]
    assert known.recorded("/usr/bin/none") == [] == known.recorded("/usr/local/bin/sudo")


@pytest.mark.parametrize("name", FORMATS)
def test_where_usr_sbin_is_merged_a_package_may_still_name_it(name: str) -> None:
    assert database(name).recorded("/usr/bin/helper") == database(name).recorded("/usr/sbin/helper")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("content", [b"", b"x", b"RpmP", b"x" * 9000, b"SQLite format 3\0".ljust(9000, b"\0")])
def test_what_is_no_database_is_not_believed(name: str, content: bytes) -> None:
    with pytest.raises(Nonsense):
        database(name, content).recorded("/usr/bin/sudo")


@pytest.mark.parametrize("name", FORMATS)
def test_a_database_that_is_cut_short_never_tells_another_digest(name: str) -> None:
    whole = written(name)
    for length in range(0, len(whole), len(whole) // 40):
        try:
            found = database(name, whole[:length]).recorded("/usr/bin/sudo")
        except Nonsense:
            continue
        assert found in ([], [Recorded("one", "sha256", sha256(b"ELF").hexdigest())])


def test_a_header_that_does_not_parse_is_not_believed() -> None:
    with sqlite3.connect(":memory:") as made:
        made.deserialize(written("rpmdb.sqlite").replace(b"\2\2", b"\1\1", 1))
        made.execute("UPDATE Packages SET blob = substr(blob, 1, 300)")
        made.commit()
        content = made.serialize()
    made.close()
    with pytest.raises(Nonsense):
        database("rpmdb.sqlite", content).recorded("/usr/bin/sudo")


def test_what_is_being_written_is_not_read() -> None:
    assert database("rpmdb.sqlite", wal=b"").recorded("/usr/bin/sudo")
    with pytest.raises(LimitExceeded, match="is being changed"):
        database("rpmdb.sqlite", wal=b"x").recorded("/usr/bin/sudo")


def test_berkeley_db_is_not_read() -> None:
    with pytest.raises(Unsupported, match="Berkeley DB"):
        database("Packages", b"x").recorded("/usr/bin/sudo")
