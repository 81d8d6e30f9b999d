"""What the real sudo lists for users equals what our facts say, on a few files; tests/hosts/test_sudo.py does it for hundreds."""

import os
import shutil

import pytest
from privileged_programs.sudo_says import compared

ROOT = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("sudo") is None, reason="needs sudo, and root for a mount namespace")


@ROOT
@pytest.mark.root
@pytest.mark.parametrize("broken", [False, True], ids=["right", "some wrong"])
def test_what_sudo_lists(broken: bool) -> None:
    assert compared(range(20), broken=broken) > 30
