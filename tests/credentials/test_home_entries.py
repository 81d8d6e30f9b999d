"""What stands where a user keeps a credential: the user's own links are not followed, and a file system of a user's is not asked."""

import pytest
from system.test_home_dir import ANN, place

from hostcheck.api import HoleError, LimitExceeded
from hostcheck.host.answers import Stat
from hostcheck_builtin.credentials.home_entries import avoiding, home_entry

KEY = f"{ANN}/.ssh/id"
OWN = Stat(type="file", uid=1000, gid=1000, mode=0o600)


def test_a_file_is_told_by_its_mode_and_owner() -> None:
    entry = home_entry(place({KEY: "x"}, stats={KEY: OWN}), KEY)
    assert entry is not None and (entry["realpath"], entry["owner_uid"], entry["mode"]) == (KEY, 1000, "0600")


def test_nothing_is_told_as_nothing() -> None:
    assert home_entry(place(), KEY) is None


def test_a_link_of_the_users_is_not_followed() -> None:
    with pytest.raises(HoleError, match="a link that its user made is not followed"):
        home_entry(place({"/etc/x": "x"}, links={KEY: "/etc/x"}, stats={KEY: Stat(type="link", uid=1000, gid=1000, mode=0o777)}), KEY)


def test_a_file_system_that_a_user_serves_is_not_asked() -> None:
    avoid = avoiding(frozenset({f"{ANN}/fuse"}))
    assert avoid(f"{ANN}/other", True) is False
    with pytest.raises(LimitExceeded):
        avoid(f"{ANN}/fuse", True)
