"""What mounts.conf copies into each container: the first file that is there counts alone."""

import pytest
from podman.in_memory import Directory

from hostcheck.host import LimitExceeded
from hostcheck_builtin.podman.mounts_conf import MOST, read, stated


def test_the_first_file_counts() -> None:
    system, vendor = Directory("/etc/containers", {"mounts.conf": ""}), Directory("/usr/share/containers", {"mounts.conf": "/a:/b\n"})
    assert stated(read(system, vendor)) == {"file": "/etc/containers/mounts.conf", "directories": []}
    assert stated(read(Directory("/etc/containers", {}), vendor)) == {"file": "/usr/share/containers/mounts.conf", "directories": ["/a:/b"]}
    assert stated(read()) == {"file": "", "directories": []}


def test_lines_that_do_not_begin_with_a_slash_are_passed_over() -> None:
    text = b"# secret\n\n  /usr/share/rhel/secrets:/run/secrets\r\nrelative:/x\n/one\n/a:/b:secret\n/\xff"
    assert stated(("/f", text))["directories"] == ["/usr/share/rhel/secrets:/run/secrets", "/one", "/a:/b", "/\udcff"]


def test_too_many_lines() -> None:
    with pytest.raises(LimitExceeded):
        stated(("/f", b"/a\n" * (MOST + 1)))
