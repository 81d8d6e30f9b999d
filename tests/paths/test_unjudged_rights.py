"""Which lines of sudo, doas and polkit are listed: those that let somebody run, as root or on the way there, what is not known."""

from typing import Any

import pytest
from paths.path_facts import SAFE

from hostcheck.model import Hole, OpenArray, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.paths import unjudged_rights
from hostcheck_builtin.paths.unjudged import Unjudged

DENIED = Hole(why=Why.DENIED, message="no")
GRANT = {"name": "bob", "everyone": False, "as_uid": 0, "as_name": "root", "as_group": "", "tool": "sudo", "command": "/opt/x", "place": "/etc/sudoers:3"}
GRANT |= {"unknown": "program", "gives": "limited"}
WAY = dict.fromkeys(("without_password", "with_password", "likely"), False)
PRINCIPALS = {"ann": {**WAY, "with_password": True}, "cat": WAY}
POLKIT = {"gives": "limited", "by": "default", "place": "/etc/polkit-1/actions/x.policy", "program": "/opt/x", "everyone": False, "name": "bob"}


def found(*grants: Any, polkit: Any = None) -> list[Unjudged | Hole]:
    facts = {**SAFE, "access-paths": {"principals": PRINCIPALS}, "sudo-rights": {"grants": {str(number): one for number, one in enumerate(grants)}}}
    facts["polkit-access"] = {"grants": {} if polkit is None else {"a": polkit}}
    return list(unjudged_rights.found(View(facts)))


def told(*grants: Any, polkit: Any = None) -> list[Any]:
    return [
        one if isinstance(one, Hole) else (one.facts["kind"], one.facts["what"], one.facts.get("as_whom"), *one.facts["by_whom"])
        for one in found(*grants, polkit=polkit)
    ]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, ("sudo", "/opt/x", "root", "bob")),
        ({"everyone": True, "tool": "doas"}, ("doas", "/opt/x", "root", "every local user")),
        ({"unknown": "by-file", "command": "/bin/sh", "runs": ["/opt/a", "/opt/b"]}, ("sudo", "/opt/a, /opt/b", "root", "bob")),
        ({"unknown": "by-file", "command": "/usr/bin/make"}, ("sudo", "/usr/bin/make", "root", "bob")),
        ({"unknown": "digest", "command": "ALL"}, ("sudo", "ALL", "root", "bob")),
        ({"as_uid": 1002, "as_name": "ann"}, ("sudo", "/opt/x", "ann", "bob")),
        ({"as_uid": 1003, "as_name": "cat"}, None),
        ({"as_uid": 1003, "as_name": "cat", "as_group": "disk"}, ("sudo", "/opt/x", "cat with group disk", "bob")),
        ({"unknown": DENIED}, DENIED),
        ({"as_uid": DENIED}, DENIED),
        ({"name": DENIED}, DENIED),
    ],
)
def test_lines_of_sudo_and_doas(more: dict[str, Any], wanted: Any) -> None:
    assert told({**GRANT, **more}) == ([] if wanted is None else [wanted])


def test_a_line_that_gives_more_or_is_harmless_is_not_listed() -> None:
    known = {key: one for key, one in GRANT.items() if key != "unknown"}
    assert told(known, {**known, "gives": "shell"}) == []


def test_a_line_is_told_once_for_all_whom_it_lets() -> None:
    assert told(GRANT, {**GRANT, "name": "ann"}, {**GRANT, "command": "/opt/y"}) == [
        ("sudo", "/opt/x", "root", "ann", "bob"),
        ("sudo", "/opt/y", "root", "bob"),
    ]


@pytest.mark.parametrize("hidden", [DENIED, {**GRANT, "name": DENIED}])
def test_what_is_not_known_may_let_others_too(hidden: Any) -> None:
    one, hole = found(GRANT, hidden)
    assert isinstance(one, Unjudged) and isinstance(one.facts["by_whom"], OpenArray) and hole == DENIED


def test_of_an_action_that_is_not_known_there_may_be_others() -> None:
    one, hole = found(polkit={**POLKIT, "gives": "unknown", "program": "", "actions": incomplete(["org.x"], DENIED)})
    assert isinstance(one, Unjudged) and one.facts["what"] == "org.x" and hole == DENIED


def test_rules_that_cannot_be_read_are_a_hole() -> None:
    facts = {**SAFE, "sudo-rights": {"grants": incomplete({}, DENIED)}, "polkit-access": DENIED}
    assert list(unjudged_rights.found(View(facts))) == [DENIED, DENIED]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, ("polkit", "/opt/x", "root", "bob")),
        ({"everyone": True, "place": "/usr/local/share/polkit-1/actions/x.policy"}, ("polkit", "/opt/x", "root", "every local user")),
        ({"place": "/usr/share/polkit-1/actions/x.policy"}, None),  # a package means it
        ({"by": "rule", "place": "/etc/polkit-1/rules.d/x.rules:1"}, None),  # a likely path
        ({"gives": "shell"}, None),
        ({"gives": "unknown", "program": "", "actions": ["org.x"]}, ("polkit", "org.x", None, "bob")),
        ({"gives": "unknown", "program": "", "actions": ["org.x"], "by": "rule", "place": "/etc/polkit-1/rules.d/x.rules:1"}, ("polkit", "org.x", None, "bob")),
        ({"gives": "unknown", "program": "", "actions": ["org.x"], "by": "rule", "place": "/usr/share/polkit-1/rules.d/x.rules:1"}, None),
        ({"gives": DENIED}, DENIED),
    ],
)
def test_what_polkit_lets_somebody_run(more: dict[str, Any], wanted: Any) -> None:
    assert told(polkit={**POLKIT, **more}) == ([] if wanted is None else [wanted])
