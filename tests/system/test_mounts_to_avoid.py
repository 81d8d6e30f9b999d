"""Mounts at which a look may have to wait are known by their kind, and refused where somebody but root lays the way there."""

import pytest

from hostcheck.host import LimitExceeded
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError, Why
from hostcheck_builtin.system.mounts_to_avoid import automounts, below, nowhere, refusing, slow_mounts, users_mounts


def test_mounts_that_ask_somebody_are_told_by_their_kind() -> None:
    kinds = {"/": "nfs", "/mnt/a": "nfs4", "/mnt/b": "fuse.sshfs", "/mnt/c": "ext4", "/mnt/d": "fuseblk", "/mnt/e": "fuse", "/mnt/f": "autofs"}
    host = MemoryHost({"/proc/self/mountinfo": "".join(f"1 0 8:1 / {point} rw - {kind} x rw\n" for point, kind in kinds.items())})
    assert slow_mounts(host) == {"/mnt/a", "/mnt/b", "/mnt/d", "/mnt/e", "/mnt/f"}
    assert users_mounts(host) == {"/mnt/b", "/mnt/d", "/mnt/e"}
    assert automounts(host) == {"/mnt/f"}
    assert below("/mnt/a", slow_mounts(host)) and below("/mnt/a/b", slow_mounts(host)) and not below("/mnt/ab", slow_mounts(host))


def test_roots_way_to_a_mount_is_refused_only_where_that_is_asked_for() -> None:
    points = frozenset({"/mnt/a"})
    assert refusing(points, roots_too=False)("/mnt/a", True) is False and refusing(points, roots_too=True)("/mnt/b", False) is False
    for alone, roots_too in ((True, True), (False, False)):
        with pytest.raises(LimitExceeded, match="^/mnt/a: "):
            refusing(points, roots_too=roots_too)("/mnt/a", alone)
    with pytest.raises(HoleError):
        refusing(Hole(why=Why.DENIED, message="no"), roots_too=False)("/mnt/b", False)
    assert nowhere("/mnt/a", False) is False
