"""Where files of polkit are, and which are this host's own."""

import pytest

from hostcheck_builtin.polkit.rules_places import is_own, order


def test_the_order_of_files() -> None:
    paths = [
        "/usr/share/polkit-1/rules.d/10-a.rules",
        "/etc/polkit-1/rules.d/10-a.rules",
        "/run/polkit-1/rules.d/10-a.rules",
        "/etc/polkit-1/rules.d/20-a.rules",
    ]
    places = [one.split("/")[1] for one in sorted(paths, key=order)]
    assert places == ["etc", "run", "usr", "etc"] and order(paths[1], "9") < order(paths[1], "10") < order(paths[1], "10.1")


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/etc/polkit-1/rules.d/a.rules", True),
        ("/usr/local/share/polkit-1/rules.d/a.rules", True),
        ("/usr/share/polkit-1/rules.d/a.rules", False),
        ("/var/lib/polkit-1/localauthority/50-local.d/a.pkla", True),
        ("/var/lib/polkit-1/localauthority/10-vendor.d/a.pkla", False),
    ],
)
def test_what_a_package_put_there_is_not_this_hosts_own(path: str, own: bool) -> None:
    assert is_own(path) is own
