"""Whose ids --userns=auto takes."""

import pytest
from podman.in_memory import Directory

from hostcheck.host import Nonsense
from hostcheck_builtin.podman.storage_conf import read, stated

TEXT = '[storage]\ndriver="overlay"\n[storage.options]\nroot-auto-userns-user="ann"\n'


def test_the_file_of_etc_takes_the_place_of_the_vendors() -> None:
    system, vendor = Directory("/etc/containers", {"storage.conf": TEXT}), Directory("/usr/share/containers", {"storage.conf": "[storage]\n"})
    assert stated(read(system, vendor)) == {"file": "/etc/containers/storage.conf", "auto_user": "ann"}
    assert stated(read(Directory("/etc/containers", {}), vendor)) == {"file": "/usr/share/containers/storage.conf", "auto_user": ""}
    assert stated(None) == {"file": "", "auto_user": ""}


def test_what_is_of_the_wrong_type() -> None:
    with pytest.raises(Nonsense):
        stated(("/f", b"[storage.options]\nroot-auto-userns-user=1\n"))
