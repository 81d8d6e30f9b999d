"""Where paths that a user's container has lead to: past links of that user's to what is that user's, and past no others."""

from typing import Any

import pytest
from engines.engine_host import host, owned

from hostcheck.host.answers import Stat
from hostcheck.model import Hole
from hostcheck_builtin.containers.user_paths import UserPaths

HOME = "/home/ann"
STATS = {
    "/home": Stat(type="dir", uid=0, gid=0, mode=0o755),
    HOME: owned("dir", 1000),
    f"{HOME}/.ssh": owned("dir", 1000),
    "/srv/ann": owned("dir", 1000),
    "/srv/bob": owned("dir", 1001),
    "/closed": Stat(type="dir", uid=0, gid=0, mode=0o700),
    "/closed/ann": owned("dir", 1000),
}


def real(target: str, link_of: int = 1000, uid: int = 1000, path: str = f"{HOME}/link") -> Any:
    """Return where a path leads on which there is a link."""
    told = host(stats={**STATS, f"{HOME}/link": owned("link", link_of)}, links={f"{HOME}/link": target}, files={"/etc/x": ""})
    return UserPaths(told, uid).real(path)


@pytest.mark.parametrize("target", [".ssh", f"{HOME}/.ssh", "./.ssh/", "../ann/.ssh"])
def test_to_what_is_that_users(target: str) -> None:
    assert real(target) == f"{HOME}/.ssh"


def test_further_on() -> None:
    assert real("/srv", path=f"{HOME}/link/ann") == real("/srv/ann") == "/srv/ann"


def test_to_nothing() -> None:
    assert real("/home/ann/later") == "/home/ann/later"


@pytest.mark.parametrize("target", ["/etc", "/srv/bob", "/closed/ann", "link"])
def test_to_what_is_none_of_that_users(target: str) -> None:
    assert isinstance(real(target), Hole)


def test_past_a_link_of_anothers() -> None:
    assert isinstance(real(".ssh", link_of=1001), Hole) and isinstance(real(".ssh", uid=1001), Hole)


def test_without_a_link() -> None:
    assert real("x", path="/etc") == "/etc" and real("x", path=f"{HOME}/.ssh") == f"{HOME}/.ssh"
