"""Which rule decides about a place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.audit.coverage import is_about, taken_away, watched


def a_rule(path: str = "/etc/docker", **more: Any) -> dict[str, Any]:
    return {"list": "exit", "action": "always", "path": path, "tree": True, "perms": "wa", "bits": [32, 64], "only": [], "at": "f:1", **more}


def never(**more: Any) -> dict[str, Any]:
    rule = a_rule(action="never", at="f:9", **more)
    return rule if more.get("path") else {key: value for key, value in rule.items() if key not in ("path", "tree")}


def ask(*rules: dict[str, Any], path: str = "/etc/docker", tree: bool = True, bits: tuple[int, ...] = (32, 64)) -> tuple[bool, str]:
    return watched(list(rules), path, bits, tree=tree)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], (False, "")),
        ([a_rule()], (True, "")),
        ([a_rule("/etc")], (True, "")),
        ([a_rule("/")], (True, "")),
        ([a_rule("/etc/dock")], (False, "")),
        ([a_rule("/etc/docker/daemon.json")], (False, "")),
        ([a_rule(tree=False)], (False, "")),
        ([a_rule("/etc", tree=False)], (False, "")),
        ([a_rule(perms="w")], (False, "")),
        ([a_rule(perms="w"), a_rule(perms="a")], (True, "")),
        ([a_rule(bits=[64])], (False, "")),
        ([a_rule(bits=[64]), a_rule(bits=[32])], (True, "")),
        ([a_rule(only=["auid"], at="f:2")], (False, "f:2")),
        ([a_rule(only=["auid"]), a_rule()], (True, "")),
        ([never(), a_rule()], (False, "f:9")),
        ([a_rule(), never()], (True, "")),
        ([never(only=["exe"]), a_rule()], (False, "f:9")),
        ([never(perms=""), a_rule()], (True, "")),
        ([never(path="/etc/docker/x"), a_rule()], (True, "")),
        ([never(path="/etc"), a_rule()], (False, "f:9")),
        ([never(path="/etc/docker", tree=False), a_rule()], (False, "f:9")),
    ],
)
def test_the_first_rule_decides(rules: list[dict[str, Any]], expected: tuple[bool, str]) -> None:
    assert ask(*rules) == expected


def test_a_file_needs_no_tree() -> None:
    assert ask(a_rule(tree=False), tree=False) == (True, "")
    assert is_about(a_rule("/run", tree=True), "/run/docker.sock", tree=False)


def test_a_machine_of_32_bits_needs_no_rule_for_64() -> None:
    assert ask(a_rule(bits=[32]), bits=(32,)) == (True, "")


def test_other_lists_take_all_away() -> None:
    assert taken_away([a_rule(), {"list": "task", "action": "never", "at": "f:3"}]) == "f:3"
    assert taken_away([a_rule(), never()]) == ""


RULES = st.builds(
    lambda action, path, tree, perms, bits, only: {**a_rule(path, tree=tree, perms=perms, bits=bits, only=only), "action": action},
    st.sampled_from(["always", "never"]),
    st.sampled_from(["/", "/etc", "/etc/docker", "/etc/docker/x", "/usr"]),
    st.booleans(),
    st.sampled_from(["", "w", "a", "wa"]),
    st.sampled_from([[32], [64], [32, 64]]),
    st.sampled_from([[], ["auid"]]),
)


@given(st.lists(RULES, max_size=5), RULES, st.booleans())
def test_what_comes_first_decides_and_what_comes_last_only_adds(rules: list[dict[str, Any]], more: dict[str, Any], tree: bool) -> None:
    seen = ask(*rules, tree=tree)[0]
    assert ask(*rules, more, tree=tree)[0] >= seen  # a rule at the end takes away nothing that is recorded
    assert ask({**more, "action": "never"}, *rules, tree=tree)[0] <= seen  # and one at the beginning that takes away brings nothing back
    assert ask(*(rule for rule in rules if rule["action"] == "always"), tree=tree)[0] >= seen
