"""Edges of polkit: a grant that is certain and needs nothing is a path; one fact away it is none, or likely, or may be there."""

from typing import Any

import pytest
from paths.path_facts import NOTHING, SURE, derived, host, told

from hostcheck.model import Hole, Why

PLACE = "/etc/polkit-1/rules.d/10-a.rules:3"
STEPS = ("authorizes",)
DENIED = Hole(why=Why.DENIED, message="no")


def granted(name: str = "bob", **more: Any) -> tuple[str, str, str, Any]:
    told_ = {"name": name, "everyone": False, "actions": ["org.freedesktop.policykit.exec"], "does": "run any program as root by pkexec"}
    told_ |= {"needs": "nothing", "gives": "any-command", "program": "", "session": "", "certain": True, "by": "rule", "place": PLACE, "waits": "nothing"}
    return ("polkit-access", "grants", f"{name}: run any program as root by pkexec ({PLACE})", {**told_, **more})


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((), NOTHING),
        ((granted(),), {"bob": [(*SURE, STEPS)]}),
        ((granted(everyone=True),), {"every local user": [(*SURE, STEPS)]}),
        ((granted(needs="own-password", by="administrator"),), {"bob": [("certain", "own-password", STEPS)]}),
        ((granted(certain=False, session="a session"),), {"bob": [("likely", "nothing", STEPS)]}),
        ((granted(gives="limited", program="/opt/x"),), {"bob": [("likely", "nothing", STEPS)]}),
        ((granted(gives="limited", program="/opt/x", place="/usr/share/polkit-1/rules.d/x.rules:3"),), NOTHING),
        ((granted(gives="limited", program="/opt/x", by="default"),), NOTHING),
        ((granted(gives="limited", program="/opt/x", place="/var/lib/polkit-1/localauthority/10-vendor.d/x.pkla:1"),), NOTHING),
        ((granted(gives="limited", program="/opt/x", place="/var/lib/polkit-1/localauthority/50-local.d/x.pkla:1"),), {"bob": [("likely", "nothing", STEPS)]}),
        ((granted(gives="unknown"),), NOTHING),
        ((granted(gives="shell", program="/bin/sh"),), {"bob": [(*SURE, STEPS)]}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


def test_what_is_not_known_may_be_there() -> None:
    facts = host()
    facts["polkit-access"] = {"grants": DENIED}
    found = derived(facts)
    assert isinstance(found["paths"].hole, Hole) and not found["cut"] and isinstance(found["principals"].hole, Hole)
    facts["polkit-access"] = {"grants": {"bob: x": DENIED}}
    assert isinstance(derived(facts)["principals"].hole, Hole)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({}, f"take the rule at {PLACE} out, or let it ask for a password"),
        ({"by": "default"}, "let a rule in /etc/polkit-1/rules.d answer org.freedesktop.policykit.exec with polkit.Result.AUTH_ADMIN"),
        ({"by": "administrator"}, f"take the administrators at {PLACE} out"),
    ],
)
def test_the_cut_names_what_to_change(more: dict[str, str], what: str) -> None:
    (change,) = derived(host(granted(**more)))["cut"]
    assert (change["change"], change["closes"]) == (what, ["bob"])
    (path,) = derived(host(granted(**more)))["paths"]
    assert [(step["technique"], step["to"]) for step in path["steps"]] == [("T1548", "root")]
