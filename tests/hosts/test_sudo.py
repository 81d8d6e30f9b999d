"""sudo against the real thing: for 300 made files and five users, what `sudo -l -U` says equals what the facts say."""

import os
import shutil

import pytest
from privileged_programs.sudo_says import compared, says

ROOT = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("sudo") is None, reason="needs sudo, and root for a mount namespace")


@ROOT
@pytest.mark.parametrize(("first", "broken"), [(1000, False), (2000, True)], ids=["right", "some wrong"])
def test_what_sudo_lists(first: int, broken: bool) -> None:
    assert compared(range(first, first + 230), broken=broken) > 400


@ROOT
def test_a_file_that_ends_too_soon_gives_nothing() -> None:
    """Nothing at all, though a rule before the end is right."""
    for text in ("ann ALL=ALL\nbob ALL=ALL \\\n", "ann ALL=ALL\nbob ALL=\\\n"):
        code, output, errors = says([text], ["ann"])[0]["ann"]
        assert (code, output) == (1, "") and "error" in errors, (code, output, errors)
