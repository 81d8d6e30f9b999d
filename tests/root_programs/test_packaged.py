"""Of what is run below /etc it is told whether a package brought it; what one did, at a usual place, is not stated."""

from typing import Any

import pytest
from root_programs.root_host import facts, file

from hostcheck.model import Hole
from hostcheck_builtin.root_programs import packaged
from hostcheck_builtin.root_programs.uses import FileGroup

INFO = "/var/lib/dpkg/info"
OWN, BROUGHT, ELSEWHERE = "/etc/cron.daily/own", "/etc/cron.daily/brought", "/etc/site/job.sh"
FILES = {
    **dict.fromkeys((OWN, BROUGHT, ELSEWHERE), ""),
    "/etc/crontab": f"* * * * * root {ELSEWHERE}\n",
    f"{INFO}/tool.conffiles": f"{BROUGHT}\n",
    f"{INFO}/tool.list": "/usr/bin/tool\n",
}


def told(files: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what is said of files below /etc that are root's alone."""
    places = facts(files, **more)["cron"]["places"]
    return {path: place.get("packaged") for path, place in places.items() if path.startswith("/etc/")}


def test_what_no_package_brought_is_stated_and_what_one_did_where_the_place_is_not_usual() -> None:
    assert told(FILES) == {OWN: False, ELSEWHERE: False}
    assert told({**FILES, f"{INFO}/tool.conffiles": f"{BROUGHT}\n{ELSEWHERE}\n"}) == {OWN: False, ELSEWHERE: True}


def test_of_what_others_may_change_it_is_told_too() -> None:
    entries = facts(FILES, stats={path: file(0, 0o775, 50) for path in (OWN, BROUGHT)})["cron"]["files"]
    assert {path: entry.get("packaged") for path, entry in entries.items()} == {OWN: False, BROUGHT: True}


def test_of_a_link_that_leads_elsewhere_it_is_not_asked() -> None:
    assert told({**FILES, OWN: None, "/usr/bin/tool": ""}, links={OWN: "/usr/bin/tool"}) == {ELSEWHERE: False}


@pytest.mark.parametrize("files", [{}, {f"{INFO}/tool.list": PermissionError(13, "no")}, {f"{INFO}/tool.conffiles": PermissionError(13, "no")}])
def test_where_no_database_can_be_read_it_is_not_known(files: dict[str, Any]) -> None:
    kept = FILES if files else {path: text for path, text in FILES.items() if not path.startswith(INFO)}
    found = told({**kept, **files})
    assert isinstance(found[OWN], Hole)


def test_without_such_a_file_no_database_is_looked_for() -> None:
    packaged.tell(None, [FileGroup()])  # type: ignore[arg-type]
