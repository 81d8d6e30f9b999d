"""What a storage.conf says, as Podman 5.4.2 takes it; the tests on a real Podman are in tests/real_engines/test_storage.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hostcheck.host import LimitExceeded, Nonsense, Unsupported
from hostcheck.model import HoleError
from hostcheck_builtin.storage.podman_storage import PodmanStorage, expanded, is_personal, read

FILE = "/etc/containers/storage.conf"
ANN = {"HOME": "/home/ann", "UID": "1000", "USER": "ann"}


def said(text: str) -> PodmanStorage:
    return read((FILE, text.encode()))


def test_no_file_says_nothing() -> None:
    assert read(None) == PodmanStorage() and said("") == PodmanStorage(FILE)


def test_what_a_file_says() -> None:
    text = '[storage]\ndriver="overlay"\nGraphRoot="/a"\nrunroot="/b"\nrootless_storage_path="$HOME/c"\nimagestore="/d"\n'
    options = '[storage.options]\nadditionalimagestores=["/e","/f"]\n[storage.options.overlay]\nadditionalimagestores=["/not/read"]\n'
    assert said(text + options) == PodmanStorage(FILE, "/a", "/b", "$HOME/c", "/d", ("/e", "/f"))


@pytest.mark.parametrize("text", ["storage=1", "[storage]\ngraphroot=1", "[storage]\noptions=1", '[storage.options]\nadditionalimagestores="/x"', "[storage"])
def test_what_podman_refuses(text: str) -> None:
    with pytest.raises(Nonsense):
        said(text)


def test_too_many_stores() -> None:
    with pytest.raises(LimitExceeded):
        said(f"[storage.options]\nadditionalimagestores={['/x'] * 6}")


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/a//b/../c/", "/a/c"),
        ("$HOME/x", "/home/ann/x"),
        ("${HOME}/$USER-$UID", "/home/ann/ann-1000"),
        ("//a", "/a"),
    ],
)
def test_variables(path: str, real: str) -> None:
    assert expanded(path, ANN, FILE) == real


def test_what_is_not_known_of_a_path() -> None:
    for path in ("$XDG_DATA_HOME/x", "/a/${}", "/a/$USERS"):
        with pytest.raises(HoleError):
            expanded(path, ANN, FILE)
    for path in ("a/b", "", "/a\0b"):
        with pytest.raises(Unsupported):
            expanded(path, ANN, FILE)
    with pytest.raises(LimitExceeded):
        expanded("/x" * 3000, ANN, FILE)


@pytest.mark.parametrize(("path", "personal"), [("/srv/x", False), ("/srv/$USER", True), ("$HOME/x", True), ("/srv/${UID}", True), ("/srv/$USERS", False)])
def test_whether_each_user_has_another_path(path: str, personal: bool) -> None:
    assert is_personal(path) is personal


@given(some.text(max_size=200))
def test_any_path_is_whole_or_refused(path: str) -> None:
    try:
        found = expanded(path, ANN, FILE)
    except (HoleError, Unsupported, LimitExceeded):
        return
    assert found.startswith("/") and "//" not in found and "/../" not in f"{found}/"
