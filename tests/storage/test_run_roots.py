"""The run directory that Podman's database names. That a real database is read so is shown in tests/real_engines/test_storage.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from storage.storage_host import ANNS, database, folder, host

from hostcheck.host import LimitExceeded, Nonsense, Unsupported
from hostcheck.host.answers import Stat
from hostcheck_builtin.storage.podman_storage import PodmanStorage
from hostcheck_builtin.storage.run_roots import SIZE, pinned, stated

ANN = {"HOME": "/home/ann", "UID": "1000", "USER": "ann"}
DB, OLD = f"{ANNS}/db.sql", f"{ANNS}/libpod/bolt_state.db"
TMP = "/tmp/storage-run-1000/containers"
TOLD = PodmanStorage(file="/home/ann/.config/containers/storage.conf", run_root="/tmp/mine-$UID")


NOTHING = PodmanStorage()


def found(files: dict[str, bytes | str], told: PodmanStorage = NOTHING, db: Stat | None = None) -> object:
    return stated(host(files, folders={ANNS: folder(1000, 0o700)}, stats={DB: db} if db else {}), ANNS, told, ANN)


def test_the_database_counts_more_than_a_file() -> None:
    assert found({DB: database(ANNS, TMP)}, TOLD) == {"path": TMP, "set_in": DB, "pinned": True}


def test_a_file_counts_where_there_is_no_database() -> None:
    assert found({}, TOLD) == {"path": "/tmp/mine-1000", "set_in": TOLD.file, "pinned": False}
    assert found({}) is None


def test_what_is_no_database_of_the_users() -> None:
    with pytest.raises(Nonsense):
        found({DB: database(ANNS, TMP)}, db=Stat(type="file", uid=1001, gid=0, mode=0o644))
    with pytest.raises(Nonsense):
        found({}, db=Stat(type="fifo", uid=1000, gid=0, mode=0o644))
    with pytest.raises(Nonsense):
        found({DB: "nothing"})
    with pytest.raises(Nonsense):
        found({DB: database(ANNS, TMP) + database(ANNS, "/run/x")})
    with pytest.raises(LimitExceeded):
        found({DB: database(ANNS, TMP)}, db=Stat(type="file", uid=1000, gid=0, mode=0o644, size=SIZE + 1))
    with pytest.raises(Unsupported):
        found({OLD: "x"}, TOLD)


@pytest.mark.parametrize("driver", ["overlay", "vfs", "btrfs", "zfs"])
@pytest.mark.parametrize("run_root", [TMP, "/run/user/1000/containers", "/run/overlay"])
def test_what_is_pinned(driver: str, run_root: str) -> None:
    assert pinned(DB, database(ANNS, run_root, driver), ANNS) == run_root


@given(some.text(alphabet=some.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_any_directory_is_found_whole(name: str) -> None:
    run_root = f"/{name}"
    if ANNS not in run_root:
        assert pinned(DB, database(ANNS, run_root, "vfs"), ANNS) == run_root


@given(some.binary(max_size=300))
def test_any_bytes_are_no_path_but_that(raw: bytes) -> None:
    with pytest.raises(Nonsense):
        pinned(DB, raw, ANNS)
