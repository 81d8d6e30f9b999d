"""Files with hashes of passwords, and root's keys for sshd: which are told, of whom, and by whom they are read."""

import gzip
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from credentials.credential_host import GROUP, access, cluster, facts
from credentials.test_probe_root_ssh import STARTS, made
from files.file_host import file, folder

from hostcheck.host.answers import Stat
from hostcheck.host.record import Recorder
from hostcheck.model import Hole, OpenArray, OpenObject
from hostcheck.testing import ProbeContract
from hostcheck_builtin.credentials import PROBES, probe_secrets
from hostcheck_builtin.system.bounds import ACCOUNTS_WITH_A_HASH, ARCHIVE_BYTES, ARCHIVE_MEMBERS, NAMES_IN_BACKUPS, UNPACKED_BYTES

HASH = "$y$j9T$c2VjcmV0OmNhbmFyeQ$x"
SHADOW = f"root:!{HASH}:1:0:99999:7:::\nbob:{HASH}:1:0:99999:7:::\nann:*:1::::::\ndes:abcdefghijklm:1::::::\nnone::1::::::\nold:x:1::::::\n"
KEY = "/root/.ssh/id_ed25519"
OPEN_ROOT = {"/root": folder(), "/root/.ssh": folder(), KEY: file()}
PEM = "-----BEGIN RSA PRIVATE KEY-----\nx\n"
DENIED = PermissionError(13, "no")


def secrets(files: dict[str, Any], **stats: Any) -> Any:
    return facts(probe_secrets.collect, cluster(files, **stats))


@pytest.mark.parametrize("path", ["/etc/shadow", "/etc/shadow-", "/var/backups/shadow.bak"])
def test_hashes_that_others_may_read(path: str) -> None:
    found = secrets({path: SHADOW}, stats={path: file(0, 0o644)})["hashes"]
    assert list(found) == [path] and found[path]["accounts"] == ["bob", "des"] and HASH not in str(found)


@pytest.mark.parametrize("stats", [file(0, 0o600), file(0, 0o000)])
def test_hashes_that_only_root_reads_are_not_looked_at(stats: Stat) -> None:
    recorder = Recorder(cluster({"/etc/shadow": SHADOW}, stats={"/etc/shadow": stats}), keep=True)
    assert probe_secrets.collect(recorder) == {"hashes": {}, "keys": {}}
    assert "/etc/shadow" not in {one["args"].get("path") for one in recorder.recording()["answers"] if one["verb"] == "read_text"}


def test_hashes_behind_a_closed_directory() -> None:
    path = "/var/backups/shadow.bak"
    assert secrets({path: SHADOW}, stats={path: file(0, 0o644), "/var/backups": folder(0, 0o700)})["hashes"] == {}


def test_hashes_that_could_not_be_read_are_a_hole() -> None:
    found = secrets({"/etc/shadow": DENIED}, stats={"/etc/shadow": file(0, 0o644)})["hashes"]["/etc/shadow"]
    assert isinstance(found, Hole)


def test_very_many_hashes() -> None:
    text = "".join(f"u{number}:{HASH}:1::::::\n" for number in range(ACCOUNTS_WITH_A_HASH + 1))
    accounts = secrets({"/etc/shadow": text}, stats={"/etc/shadow": file(0, 0o644)})["hashes"]["/etc/shadow"]["accounts"]
    assert isinstance(accounts, OpenArray) and len(accounts) == ACCOUNTS_WITH_A_HASH


@pytest.fixture(scope="module", name="pair")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return made(tmp_path_factory.mktemp("keys"))


@pytest.mark.parametrize(
    ("line", "more", "accepted", "certain"),
    [
        ("{}", {}, True, True),
        ("# x\n{}", {"/etc/ssh/sshd_config": "PermitRootLogin yes\nMatch user ann\n"}, True, True),
        ('from="10.0.0.1" {}', {}, True, False),
        ("{}", {"/etc/ssh/sshd_config": "AllowGroups x y@z root@h\n"}, True, False),
        ("", {}, False, False),
        ("{}", {"/etc/ssh/sshd_config": "AuthorizedKeysFile /etc/keys\n"}, False, False),
        ("", {"/etc/ssh/sshd_config": "AuthorizedKeysCommand /usr/bin/keys\n"}, None, False),
        (DENIED, {}, None, False),
    ],
)
def test_a_key_of_roots_that_others_may_read(pair: tuple[str, str], line: Any, more: dict[str, Any], accepted: bool | None, certain: bool) -> None:
    keys = line.format(pair[1]) if isinstance(line, str) else line
    one = access({**STARTS, KEY: pair[0], "/root/.ssh/authorized_keys": keys, **more}, stats=OPEN_ROOT)["root_keys"][KEY]
    assert one["accepted"] is accepted if accepted is not None else isinstance(one["accepted"], Hole)
    assert one["certain"] is certain and one["read_by"]["everyone"] is True


def test_a_key_that_something_protects(tmp_path: Path) -> None:
    private, public = made(tmp_path, phrase="sesame")
    one = access({**STARTS, KEY: private, "/root/.ssh/authorized_keys": public}, stats=OPEN_ROOT)["root_keys"][KEY]
    assert (one["accepted"], one["certain"]) == (True, False)


@pytest.mark.parametrize(("beside", "told"), [({"": ""}, False), ({".pub": "{}"}, True), ({".pub": DENIED}, False)])
def test_a_key_in_another_form_is_told_by_what_is_beside_it(tmp_path: Path, beside: dict[str, Any], told: bool) -> None:
    private, public = made(tmp_path, "-t", "rsa", "-m", "PEM")
    files = {f"{KEY}{end}": text.format(public) if isinstance(text, str) else text for end, text in beside.items() if end}
    found = access({**STARTS, "/root/.ssh/authorized_keys": public, KEY: private, **files}, stats=OPEN_ROOT)["root_keys"][KEY]
    assert (not isinstance(found, Hole) and found["accepted"] is True) is told and (isinstance(found, Hole) or found["certain"] is False)


def test_what_is_no_key_is_not_told() -> None:
    assert secrets({KEY: "secret"}, stats=OPEN_ROOT)["keys"] == {}


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


@pytest.mark.parametrize("closed", [{"/root": folder(0, 0o700)}, {"/root/.ssh": folder(0, 0o700)}, {KEY: file(0, 0o600)}])
def test_a_key_that_only_root_reads(pair: tuple[str, str], closed: dict[str, Stat]) -> None:
    assert secrets({KEY: pair[0]}, stats={**OPEN_ROOT, **closed})["keys"] == {}


def test_keys_that_could_not_be_looked_for() -> None:
    """Where root's home is closed to all others, nobody else reads what is in it, whether or not the scanner may look."""
    assert isinstance(secrets({"/root/.ssh": DENIED}, stats={"/root": folder()}, caps=0)["keys"], OpenObject)
    assert not isinstance(secrets({"/root/.ssh": DENIED}, stats={"/root": folder(0, 0o700)}, caps=0)["keys"], OpenObject)


WITH_SHADOW = f"{GROUP}shadow:x:42:ann\n"


@pytest.mark.parametrize(
    ("group", "stat", "who"),
    [
        (GROUP, file(0, 0o644), "everyone"),
        (WITH_SHADOW, file(0, 0o644), "everyone"),
        (WITH_SHADOW, Stat(type="file", uid=0, gid=42, mode=0o640), ""),
        (GROUP, Stat(type="file", uid=0, gid=50, mode=0o640), "bob"),
        (WITH_SHADOW, Stat(type="file", uid=1000, gid=42, mode=0o640), "ann"),
    ],
)
def test_who_reads_hashes(group: str, stat: Stat, who: str) -> None:
    """Whoever has group shadow is told of by the group: chage(1) and others give it to everybody, and show nothing."""
    one = access({"/etc/shadow": SHADOW, "/etc/group": group}, stats={"/etc/shadow": stat})["hashes"]["/etc/shadow"]
    assert one["read_by"]["everyone"] is (who == "everyone") and list(one["read_by"]["users"]) == ([who] if who in ("ann", "bob") else [])


@pytest.mark.parametrize("more", [{f"{AT}/x": DENIED}, {f"{AT}/{number}": "" for number in range(NAMES_IN_BACKUPS + 1)}])
def test_copies_that_could_not_be_looked_for(more: dict[str, Any]) -> None:
    stats = {**OPENED, **dict.fromkeys(more, file())}
    assert isinstance(secrets(more, stats=stats)["keys"], OpenObject)
    assert not isinstance(secrets(more, stats={**stats, AT: folder(0, 0o700)})["keys"], OpenObject)


class TestSecrets(ProbeContract):
    probe = PROBES[2]
    hosts: ClassVar[Any] = {
        "open": cluster(
            {"/etc/shadow": SHADOW, KEY: PEM, f"{KEY}.pub": "ssh-rsa AAAAB3Nz"},
            stats={**OPEN_ROOT, "/etc/shadow": file(0, 0o644)},
        ),
        "nothing": cluster(),
    }
