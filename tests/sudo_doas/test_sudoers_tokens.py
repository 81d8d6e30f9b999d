import pytest

from hostcheck_builtin.sudo_doas.sudoers_tokens import EVERY, RULES, STARTS, rules, valid_ipv6

ASCII = [chr(number) for number in range(1, 128)]


@pytest.mark.parametrize("name", sorted(STARTS))
def test_no_rule_matches_where_it_is_not_tried(name: str) -> None:
    """Each rule is tried where it may match: the characters that are named for it are those with which a match begins."""
    for rule in (one for one in RULES if one.name == name):
        for start in ASCII:
            tried = any(known == name for state in rule.states for known, _ in rules(state, start, True))
            assert tried or not _may_match(rule.regex, start), (name, start)


def _may_match(regex: str, start: str) -> bool:
    import re

    tails = (
        "",
        "\n",
        "a",
        "0",
        "=",
        ":x",
        "::1",
        ".0.0.1",
        "[",
        "\\",
        ",",
        "SSWD:",
        "$",
        "/",
        "ost_Alias",
        "ser_Alias",
        "mnd_Alias",
        "unas_Alias",
        "efaults",
        "WD",
        "HROOT",
    )
    return any(re.match(regex, start + tail) for tail in tails)


def test_every_state_ends_a_line() -> None:
    assert all(any(name in ("newline", "end of command", "regex error", "comment") for name, _ in rules(state, "\n", False)) for state in EVERY)


@pytest.mark.parametrize(("text", "valid"), [("::1", True), ("1::2::3", False), ("::/::", True), ("fe80::1/64", True)])
def test_addresses(text: str, valid: bool) -> None:
    assert valid_ipv6(text) is valid
