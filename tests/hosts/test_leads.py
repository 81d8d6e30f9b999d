"""Places of the catalogue on a real host: dave owns a file at each that is below /etc or /run, and a scan names each, and dave."""

from hosts.planting import end
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner

from hostcheck_builtin.leads import place_entries as places

PRIVATE = ("/etc/", "/run/")
"""What a throwaway host has of its own."""


def planted() -> list[str]:
    """Return a path for each place that no other module looks at."""
    found = [path for one in places.looked_for() if not one.needs for path in one.place if path.startswith(PRIVATE)]
    return sorted({path.replace("python3.*", "python3.99").replace("*", "zz-hostcheck") for path in found})


def test_each_place_that_a_user_can_change_is_told(scan: Scanner) -> None:
    world, paths = RootlessWorld(), planted()
    try:
        untouched = scan(world, "--rule", "HC-ACC-20")
        world.run("sh", "-ec", 'for path; do mkdir -p "${path%/*}"; [ -e "$path" ] || : > "$path"; chown dave "$path"; done', "sh", *paths)
        told = scan(world, "--rule", "HC-ACC-20", "--deadline", "30")
    finally:
        end(world)
    assert len(paths) > 60 and untouched.results().get(("HC-ACC-20", "dave")) is None
    stated = told.evidence["probes"]["root-programs"]["facts"]
    listed = {path for group in ("kernel", "logins", "units") for path in stated[group]["files"]}
    assert [path for path in paths if path not in listed] == []
    assert told.results()[("HC-ACC-20", "dave")] == "fail"
    ways = {step["to"] for path in told.report["paths"] if path["principal"] == "user:dave" for step in path["steps"]}
    assert any(way.startswith("file:") for way in ways)
