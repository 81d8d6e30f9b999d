"""What an irregular line should say, so that everybody reads it as newuidmap does, and who would have what by it."""

from typing import Any

import pytest
from subids.coverage import DENIED, derive, facts

from hostcheck.model import Hole


def repair(*lines: str, **more: Any) -> Any:
    found = derive(facts("".join(f"{line}\n" for line in lines), **more))["repairs"]
    assert found["/etc/subgid"] == {}
    return next(iter(found["/etc/subuid"].values()))


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("ann:07502200:10", "ann:2000000:10"),
        ("ann:0x1E8480:10", "ann:2000000:10"),
        ("ann:2000000:10:", "ann:2000000:10"),
        ("ann: 2000000:10", "ann:2000000:10"),
        ("ann:2000000:10\r", "ann:2000000:10"),
        ("1000:2000000:10\r", "1000:2000000:10"),
        ("ann:0:1\r", None),
        ("ann:1001:1\r", None),
        ("ann:100000:65536\r", None),  # another's
        ("gone:2000000:10\r", None),
        ("ann:0:0", None),
        ("ann:00:4294967295", None),
        ("ann:4294967290:65536", None),
        ("ann:2000000:0", None),
        ("junk", None),
        ("+ann:2000000:10", None),
    ],
)
def test_what_a_line_becomes(line: str, becomes: str | None) -> None:
    found = repair("bob:100000:65536", line)
    assert (found["line"], found["change_by"], found.get("becomes")) == (2, "line", becomes)
    assert (found["text"], found["carriage_return"]) == (line.rstrip("\r"), line.endswith("\r"))


def test_a_line_that_is_not_known_to_the_letter_is_changed_by_hand() -> None:
    for line in ("ann\\:1:1:", "ann:\x01:1", "ann:" + "9" * 80 + ":1"):
        found = repair(line)
        assert found["change_by"] == "editor" and "text" not in found


def test_a_line_whose_ids_may_be_somebodys_is_not_rewritten() -> None:
    assert isinstance(repair("ann:2000000:10\r", nss=DENIED)["becomes"], Hole)
    told = facts("ann:1:1\r\n")
    told["subids"]["files"]["/etc/subuid"]["irregular"] = DENIED
    assert isinstance(derive(told)["repairs"]["/etc/subuid"], Hole)


def test_a_range_that_is_read_otherwise_tells_what_its_line_becomes() -> None:
    found = derive(facts("ann:0x1E8480:10\nann:200:0x10\nann:5:1\n"))["ranges"]
    assert [found[key].get("becomes") for key in ("subuid:ann:0x1E8480:10", "subuid:ann:0x1E8480:10 (as go read it)")] == ["ann:2000000:10"] * 2
    assert (found["subuid:ann:200:0x10"]["becomes"], found["subuid:ann:5"].get("becomes")) == ("ann:200:16", None)
