from typing import Any

import pytest
from storage.storage_host import folder, host

from hostcheck.host import LimitExceeded
from hostcheck.host.answers import Stat
from hostcheck.model import Hole
from hostcheck_builtin.storage.data_directories import stated, walk_as
from hostcheck_builtin.system import mounts_to_avoid


def walked(path: str, uid: int = 1000, avoid: mounts_to_avoid.Avoid = mounts_to_avoid.nowhere, **given: Any) -> Any:
    return walk_as(host(**given), path, uid, {}, avoid)


def link(uid: int) -> Stat:
    return Stat(type="link", uid=uid, gid=uid, mode=0o777)


def test_what_is_stated_of_a_directory() -> None:
    way = walked("/srv/x/y", folders={"/srv/x/y": folder(1000, 0o700, dev=5, ino=77), "/srv/x": folder(0, dev=5, ino=70)})
    told = stated(way)
    assert (told["realpath"], told["owner_uid"], told["mode"], told["id"]) == ("/srv/x/y", 1000, "0700", "5:77")
    assert told["above"][-1] == "5:70" and len(told["above"]) == 3


@pytest.mark.parametrize(
    ("given", "reached"),
    [
        ({"folders": {"/srv/x": folder(1001), "/srv/x/y": folder(1001, 0o700)}}, True),
        ({"folders": {"/srv/x": folder(1000, 0o700), "/srv/x/y": folder(0)}}, True),
        ({"folders": {"/srv/x": folder(1001, 0o700), "/srv/x/y": folder(1000)}}, False),
        ({"folders": {"/srv/x": folder(0, 0o700), "/srv/x/y": folder(1000)}}, False),
        ({"folders": {"/opt/x/y": folder(1000)}, "links": {"/srv/x": "/opt/x"}, "stats": {"/srv/x": link(1000)}}, True),
        ({"folders": {"/opt/x/y": folder(1000)}, "links": {"/srv/x": "/opt/x"}, "stats": {"/srv/x": link(0)}}, True),
        ({"folders": {"/opt/x/y": folder(1000)}, "links": {"/srv/x": "/opt/x"}, "stats": {"/srv/x": link(1001)}}, False),
    ],
    ids=["others may pass", "her own above", "another's closed", "root's closed", "her link", "root's link", "another's link"],
)
def test_how_far_a_user_gets(given: dict[str, Any], reached: bool) -> None:
    found = walked("/srv/x/y", **given)
    assert (not isinstance(found, Hole) and found.type == "dir") is reached


def test_what_is_not_to_be_looked_at() -> None:
    def avoid(path: str, _: bool) -> bool:
        if path == "/srv/x":
            raise LimitExceeded("a server's")
        return False

    assert isinstance(walked("/srv/x/y", avoid=avoid, folders={"/srv/x/y": folder(1000)}), Hole)
