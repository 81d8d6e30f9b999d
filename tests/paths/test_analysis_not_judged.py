"""The whole list on a host with one of each, written by hand; whose things take no room from others'; hiding a fact only makes holes."""

from functools import cache
from typing import Any

import pytest
from paths.path_facts import SAFE, people
from paths.unjudged_host import planted
from stock.hosts import REGISTRY, evidence_of

from hostcheck.derive import derive as derived
from hostcheck.host import attempt
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing import AnalysisContract
from hostcheck.view import View
from hostcheck_builtin.paths import analysis_not_judged

ALL = ("every local user",)
ROOTS = {
    ("setuid", "/usr/local/bin/frob", "root", ALL, "/usr/local/bin/frob", "of-no-package"),
    ("setuid", "/usr/bin/changed", "root", ALL, "/usr/bin/changed", "changed"),
    ("setgid", "/usr/local/bin/hashes", "group shadow", ALL, "/usr/local/bin/hashes", "unusual-place"),
    ("capabilities", "/usr/local/sbin/mounter", "root", ALL, "/usr/local/sbin/mounter", "of-no-package"),
    ("capabilities", "/opt/acme/tracer", None, ALL, "/opt/acme/tracer", "not-compared"),
    ("sudo", "/opt/acme/deploy", "root", ("bob",), "/etc/sudoers:4", "program"),
    ("sudo", "/srv/run.sh", "root", ("ann", "bob"), "/etc/sudoers:5", "by-file"),
    ("sudo", "/opt/acme/tools/", "root", ("ann", "bob"), "/etc/sudoers:5", "directory"),
    ("sudo", "/opt/acme/x*", "root", ("ann", "bob"), "/etc/sudoers:5", "pattern"),
    ("sudo", "sudoedit /srv/acme.conf", "root", ("ann", "bob"), "/etc/sudoers:5", "edited-file"),
    ("sudo", "/opt/acme/console", "admin", ("bob",), "/etc/sudoers:8", "program"),
    ("sudo", "/opt/acme/groups", "bob with group acme", ("bob",), "/etc/sudoers:9", "program"),
    ("polkit", "/opt/acme/asked", "root", ALL, "/usr/local/share/polkit-1/actions/acme.policy", "program"),
    ("polkit", "acme.restart", None, ("bob",), "/etc/polkit-1/rules.d/10-acme.rules:1", "action"),
    ("job", "/opt/acme/job.sh", "root", ("root's cron",), "/etc/crontab:1", "unusual-place"),
    ("job", "/usr/local/bin/sync", "root", ("root's cron",), "/etc/crontab:2", "unusual-place"),
    ("job", "/srv/outer.sh", "root", ("root's cron",), "/etc/crontab:7", "unusual-place"),
    ("job", "/etc/cron.daily/own", "root", ("root's cron",), "/etc/cron.daily/own", "of-no-package"),
    ("job", "/etc/acme.py", "root", ("root's cron",), "/etc/crontab:6", "of-no-package"),
    ("job", "/opt/acme/sync", "admin", ("admin's cron",), "/etc/crontab:8", "unusual-place"),
    ("job", "/srv/told", "root", ("the script",), "/etc/cron.daily/own:2", "unusual-place"),
    ("job", "/usr/local/sbin/served", "root", ("the unit acme.service",), "acme.service", "unusual-place"),
}
USERS = {("setuid", "/opt/acme/admins", "admin", ALL, "/opt/acme/admins", "not-compared")}
"""admin may run everything by sudo, with a password; web and ann's likes lead nowhere, or a path tells of them."""


@cache
def document() -> dict[str, Any]:
    """Return the facts of the planted host."""
    facts = derived(evidence_of(planted()), REGISTRY.probes, REGISTRY.analyses, {}).document
    return {**{name: None for name, probe in REGISTRY.probes.items() if probe.deep}, **facts}


def listed(facts: dict[str, Any]) -> Any:
    found = attempt(analysis_not_judged.derive, View(facts), {})
    return found if isinstance(found, Hole) else found["programs"]


def test_everything_of_which_nothing_is_known_is_listed_and_nothing_else() -> None:
    found = {
        (one["kind"], one["what"], one.get("as_whom"), tuple(one["by_whom"]), one["place"], one["why"], one["owner_uid"])
        for one in document()["not-judged"]["programs"].values()
    }
    assert found == {(*one, 0) for one in ROOTS} | {(*one, 1000) for one in USERS}


class TestItsContract(AnalysisContract):
    """On the same host, where the recorded ones have nothing of it."""

    analysis = REGISTRY.analyses["not-judged"]
    documents = {"planted": document()}  # noqa: RUF012
    whole = ("/principals/users", "/principals/groups")
    __test__ = True


def empty(**more: Any) -> dict[str, Any]:
    """Return the facts of a host without any of it."""
    nothing = {group: {"files": {}, "places": {}} for group in ("cron", "kernel", "logins", "units")}
    return {**SAFE, "access-paths": {"principals": {}}, "root-programs": nothing, **more}


def program(uid: int = 0) -> dict[str, Any]:
    told = {"by": "setuid", "as_uid": 0, "owner": "root", "owner_uid": uid, "rights": "x", "kind": "other", "content": "of-no-package"}
    return {**told, "user_may_have_put_it": False, "capabilities": [], "executed_by": people(bob="owner")}


def test_a_host_without_any_of_it_has_an_empty_list() -> None:
    found = listed(empty())
    assert found == {} and not isinstance(found, OpenObject)


def test_in_a_user_namespace_nothing_is_known() -> None:
    assert isinstance(listed(empty(host={"scan": {"init_userns": False}})), Hole)


@pytest.mark.parametrize("many", [1000, 1001])
def test_what_one_user_lays_takes_no_room_from_others(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_not_judged, "MOST", 6)
    monkeypatch.setattr(analysis_not_judged, "EACH", 3)
    programs = {f"/a/{number}": program(many) for number in range(10)} | {"/z/1": program(1002), "/z/0": program(), "/b": program(1003)}
    found = listed(empty(**{"setuid-access": {"programs": programs}}))
    assert list(found) == ["setuid /z/0", "setuid /a/0", "setuid /z/1", "setuid /b", "setuid /a/1", "setuid /a/2"]
    assert isinstance(found, OpenObject) and found.hole == Hole(why=Why.LIMIT, message="7 more that are not judged", owners=(many,))


def test_what_is_left_out_of_roots_may_be_anybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_not_judged, "MOST", 1)
    found = listed(empty(**{"setuid-access": {"programs": {"/a": program(), "/b": program(), "/c": program(1000)}}}))
    assert list(found) == ["setuid /a"] and found.hole.owners == () and found.hole.message == "2 more that are not judged"
