"""Copies of what root alone is to read, and archives of it: which are told, and what cannot be looked through."""

import gzip
import tarfile
from io import BytesIO
from typing import Any

import pytest
from credentials.credential_host import access
from credentials.test_probe_root_ssh import STARTS, made
from credentials.test_probe_secrets import DENIED, SHADOW, secrets
from files.file_host import file, folder

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.system.bounds import ARCHIVE_BYTES, ARCHIVE_MEMBERS, NAMES_IN_BACKUPS, UNPACKED_BYTES


@pytest.fixture(scope="module", name="pair")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return made(tmp_path_factory.mktemp("keys"))


def archive(packed: str, **members: str) -> bytes:
    raw = BytesIO()
    with tarfile.open(fileobj=raw, mode=f"w:{packed}") as made_:
        for name, text in {"home/ann/.ssh/id_rsa": "", **members}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            made_.addfile(entry, BytesIO(text.encode()))
    return raw.getvalue()


AT = "/var/backups"
OPENED = {AT: folder(), f"{AT}/night": folder()}


@pytest.mark.parametrize(
    ("name", "make", "inside"),
    [
        ("a", lambda key: key, ""),
        ("night/root_key", lambda key: key, ""),
        ("root.tar", lambda key: archive("", **{"root/.ssh/id_ed25519": key}), "root/.ssh/id_ed25519"),
        ("r.tar.gz", lambda key: archive("gz", **{"./.ssh/id_ed25519": key}), "./.ssh/id_ed25519"),
        ("r.tar.1.xz", lambda key: archive("xz", **{"/root/.ssh/mine": key}), "/root/.ssh/mine"),
        ("night/r.tbz2", lambda key: archive("bz2", **{"root/.ssh/mine.pub": "x", "root/.ssh/mine": key}), "root/.ssh/mine"),
    ],
)
def test_copies_of_a_key_of_roots(pair: tuple[str, str], name: str, make: Any, inside: str) -> None:
    path = f"{AT}/{name}"
    files = {**STARTS, "/root/.ssh/authorized_keys": pair[1], path: make(pair[0])}
    one = access(files, stats={**OPENED, path: Stat(type="file", uid=0, gid=50, mode=0o640)})["root_keys"]
    assert [*one] == [path] and one[path]["inside"] == inside and one[path]["certain"] is True and [*one[path]["read_by"]["users"]] == ["bob"]
    for stat in (file(0, 0o600), file(1000, 0o644)):
        assert secrets(files, stats={**OPENED, path: stat})["keys"] == {}
    assert secrets(files, stats={**OPENED, AT: folder(0, 0o700), path: file()})["keys"] == {}
    assert secrets(files, stats={**OPENED, AT: folder(1000), path: file()})["keys"] == {}


@pytest.mark.parametrize(
    ("path", "make", "inside"),
    [
        ("/etc/shadow.save", lambda text: text, ""),
        (f"{AT}/shadow.old", lambda text: text, ""),
        (f"{AT}/etc.tgz", lambda text: archive("gz", **{"./etc/shadow": text, "./etc/passwd": "x"}), "./etc/shadow"),
    ],
)
def test_copies_of_hashes(path: str, make: Any, inside: str) -> None:
    one = secrets({path: make(SHADOW)}, stats={**OPENED, path: file()})["hashes"]
    assert [*one] == [path] and (one[path]["inside"], one[path]["accounts"]) == (inside, ["bob", "des"])


@pytest.mark.parametrize(
    ("name", "raw", "unknown"),
    [
        ("a.tar", b"x" * 1500, False),
        ("a.tar.gz", b"x", False),
        ("a.txz", b"\xfd7zXZ\0\0\4" + b"x" * 50, False),
        ("a.tar.bz2", b"BZh9" + b"x" * 50, False),
        ("alternatives.tar.0", archive("", **{"alternatives/vi": "x"}), False),
        ("a.tar.zst", b"x", True),
        ("a.tar", archive("", **{f"etc/{number}": "" for number in range(ARCHIVE_MEMBERS + 2)}), True),
        ("a.tgz", gzip.compress(bytes(1024) * (UNPACKED_BYTES // 1024 + 1)), True),
        ("a.tar.gz", bytes(ARCHIVE_BYTES + 1), True),
        ("dpkg.status.0", b"Package: x", False),
    ],
)
def test_archives_that_tell_nothing_or_cannot_be_looked_through(name: str, raw: Any, unknown: bool) -> None:
    found = secrets({f"{AT}/{name}": raw}, stats={**OPENED, f"{AT}/{name}": file()})
    assert found["hashes"] == {} and [isinstance(one, Hole) for one in found["keys"].values()] == ([True] if unknown else [])


@pytest.mark.parametrize("more", [{f"{AT}/x": DENIED}, {f"{AT}/{number}": "" for number in range(NAMES_IN_BACKUPS + 1)}])
def test_copies_that_could_not_be_looked_for(more: dict[str, Any]) -> None:
    stats = {**OPENED, **dict.fromkeys(more, file())}
    assert isinstance(secrets(more, stats=stats)["keys"], OpenObject)
    assert not isinstance(secrets(more, stats={**stats, AT: folder(0, 0o700)})["keys"], OpenObject)


def test_what_users_lay_among_backups_hides_no_copy(pair: tuple[str, str]) -> None:
    laid = {f"{AT}/a{number}": "" for number in range(NAMES_IN_BACKUPS + 1)}
    files = {**STARTS, "/root/.ssh/authorized_keys": pair[1], **laid, f"{AT}/key": pair[0]}
    found = secrets(files, stats={AT: Stat(type="dir", uid=0, gid=0, mode=0o1777), **dict.fromkeys(laid, file(1000)), f"{AT}/key": file()})["keys"]
    assert [*found] == [f"{AT}/key"] and not isinstance(found, OpenObject)
