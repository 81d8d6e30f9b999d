"""Places of the catalogue on a real host: dave owns a file at each that is below /etc or /run, and a scan names each, and dave."""

from pathlib import Path

from hosts.planting import end
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner

from hostcheck_builtin.leads import place_entries as places

PRIVATE = ("/etc/", "/run/")
"""What a throwaway host has of its own."""


EACH = 30
"""How many dave has at a time: facts of one account are bounded (hostcheck/allotted.py)."""
PYTHON = Path("/usr/bin/python3").resolve().name
"""What a version loads counts where that version is."""


def planted() -> list[str]:
    """Return a path for each place that no other module looks at."""
    found = [path for one in places.looked_for() if not one.needs for path in one.place if path.startswith(PRIVATE)]
    return sorted({path.replace("python3.*", PYTHON).replace("*", "zz-hostcheck") for path in found})


def test_each_place_that_a_user_can_change_is_told(scan: Scanner) -> None:
    world, paths = RootlessWorld(), planted()
    try:
        untouched = scan(world, "--rule", "HC-ACC-20")
        assert len(paths) > 100 and untouched.results().get(("HC-ACC-20", "dave")) is None
        for first in range(0, len(paths), EACH):
            few = paths[first : first + EACH]
            world.run("sh", "-ec", 'for path; do mkdir -p "${path%/*}"; [ -e "$path" ] || : > "$path"; chown dave "$path"; done', "sh", *few)
            told = scan(world, "--rule", "HC-ACC-20")
            world.run("chown", "root", *few)
            groups = [told.evidence["probes"]["root-programs"]["facts"][group]["files"] for group in ("kernel", "logins", "units")]
            assert [path for path in few if not any(path in group for group in groups)] == []
            sure = any(use["certain"] is True for group in groups for path in few if path in group for use in group[path]["uses"].values())
            assert (told.results().get(("HC-ACC-20", "dave")) == "fail") is sure
    finally:
        end(world)
