"""Who can become root on the page: a table, the changes, and a picture of the same in which nothing lies on anything else."""

from collections import Counter
from itertools import combinations

import pytest
from formats.root_report import change, disk, member, path, report, step, unsure

from hostcheck_builtin.formats.html_paths import LETTER, ROW, paths


def graph(people: int, files: int = 0) -> dict[str, object]:
    """Return a report on people who are not alike, and of files that some of them write."""
    ways = [path(f"user:u{number}", step(f"u{number}", "root", f"u{number} can do {number}")) for number in range(people)]
    names = [f"file:/f{number}" for number in range(files)]
    chains = [path("user:eve", step("eve", name, "eve can change it"), step(name, "root", "root runs it")) for name in names]
    return report(*ways, *chains, users=people)


def test_a_report_without_paths_has_no_picture() -> None:
    assert paths({}) is None
    found = paths(report())
    assert found is not None and found["drawing"] is None and found["rows"] == [] and found["answer"].startswith("No account but root")


def test_the_table_has_each_way_and_the_picture_each_step() -> None:
    found = paths(report(member("bob"), member("ann"), cut=(change("close it", "ann", "bob"),), users=2))
    assert found is not None
    assert found["rows"] == [["bob, ann", ["certain: each can connect to /run/docker.sock (group docker) → docker runs as root"]]]
    assert found["changes"] == [{"what": "close it", "rules": ["HC-ACC-17"], "run": [], "closes": ["ann", "bob"]}]
    nodes = {node["label"]: node for node in found["drawing"]["nodes"]}
    assert set(nodes) == {"bob, ann", "socket:/run/docker.sock", "root"}
    assert [nodes[name]["x"] for name in ("bob, ann", "socket:/run/docker.sock", "root")] == sorted(node["x"] for node in nodes.values())
    assert [line["kind"] for line in found["drawing"]["lines"]] == ["certain", "certain"]


def test_likely_ways_are_marked_and_who_is_not_known_stands_in_a_table_of_their_own() -> None:
    found = paths(report(member("bob"), disk("eve"), unsure("zoe"), unsure=["not known: why"]))
    assert found is not None
    assert found["rows"][1] == ["eve", ["likely: eve has group disk → its members read and write the disks (likely)"]]
    assert found["unknown"] == [["zoe", ["connect to /run/docker.sock (denied: no)"]], ["others who could not be listed", ["why"]]]


@pytest.mark.parametrize(("people", "files"), [(1, 0), (5, 3), (40, 30), (500, 200)])
def test_nothing_overlaps_and_what_has_no_room_is_counted(people: int, files: int) -> None:
    found = paths(graph(people, files))
    assert found is not None
    drawing = found["drawing"]
    boxes = []
    for node in drawing["nodes"]:
        width, x = len(node["label"]) * LETTER * 0.9, node["x"]
        left = x - width if node["side"] == "end" else x if node["side"] == "start" else x - width / 2
        boxes.append((left, left + width, node["y"]))
    assert all(a[1] <= b[0] or b[1] <= a[0] or abs(a[2] - b[2]) >= ROW for a, b in combinations(boxes, 2))
    assert all(0 <= left and right <= drawing["width"] and 0 < y < drawing["height"] for left, right, y in boxes)
    assert len(found["rows"]) == people + bool(files)
    assert Counter(node["kind"] for node in drawing["nodes"])["more"] == (people + bool(files) > 10) + (files > 10)
