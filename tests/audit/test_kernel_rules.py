"""Audit rules as the kernel writes them."""

import pytest
from audit.audit_host import EQUAL, raw, watch
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense, Unsupported
from hostcheck_builtin.audit.audit_rules import AuditRule
from hostcheck_builtin.audit.kernel_rules import HEAD, rule

AT = "rule 1 of the kernel"
WRITES = (2, 49, 76, 77, 82, 83, 84, 85, 86, 87, 88, 133, 163, 167, 179, 257, 258, 259, 263, 264, 265, 266, 285, 316, 437)
ATTRIBUTES = (90, 91, 92, 93, 94, 188, 189, 190, 197, 198, 199, 260, 268)
"""What auditctl 4.0.2 makes of -F arch=b64 -F perm=wa, seen on Linux 6.18."""
X86 = 0xC000003E
S390X = 0x80000016


def masked(*calls: int) -> tuple[int, ...]:
    words = [0] * 64
    for call in calls:
        words[call // 32] |= 1 << call % 32
    return tuple(words)


def test_a_watch_is_about_all_changes_of_a_file() -> None:
    assert rule(watch("/usr/bin/dockerd"), 1) == AuditRule("exit", "always", "/usr/bin/dockerd", False, at=AT)
    assert rule(watch("/etc/docker", tree=True), 1) == AuditRule("exit", "always", "/etc/docker", True, at=AT)


@pytest.mark.parametrize(("perm", "told"), [(2, "w"), (8, "a"), (10, "wa"), (1, ""), (5, ""), (15, "wa")])
def test_perms_that_change_nothing_are_not_told(perm: int, told: str) -> None:
    assert rule(watch("/x", perm), 1).perms == told


def test_what_auditctl_narrows_to_the_perms_is_about_them() -> None:
    told = rule(raw((11, X86), (105, "/x"), (106, 10), mask=masked(*WRITES, *ATTRIBUTES)), 1)
    assert (told.perms, told.bits, told.only) == ("wa", (64,), ())
    assert rule(raw((11, X86), (105, "/x"), (106, 10), mask=masked(*WRITES)), 1).perms == "w"


def test_a_rule_about_few_system_calls_leaves_ways_around() -> None:
    assert rule(raw((11, X86), (105, "/x"), mask=masked(90)), 1).perms == ""
    assert rule(raw((11, X86), (105, "/x"), mask=masked(90), action=0), 1).perms == "a"  # one that takes away takes away that
    assert rule(raw((11, X86), (105, "/x"), mask=masked(0), action=0), 1).perms == ""
    assert rule(raw((105, "/x"), mask=masked(90)), 1).perms == ""  # of which machine is not said
    assert rule(raw((105, "/x"), mask=masked(90), action=0), 1).perms == "wa"


def test_of_other_machines_it_is_not_known_what_auditctl_narrows() -> None:
    """As on IBM Z: that is no reason to say that nothing is recorded."""
    with pytest.raises(Unsupported):
        rule(raw((11, S390X), (105, "/x"), (106, 10), mask=masked(4, 5)), 1)
    assert rule(raw((11, S390X), (105, "/x"), mask=masked(4), action=0), 1).perms == "wa"
    assert not rule(raw((11, S390X), (1, 0), mask=masked(4)), 1).counts


def test_what_narrows_is_named() -> None:
    told = rule(raw((105, "/x"), (9, 1000), (24, 0), (112, "/bin/sh"), (110, 7), operators=(EQUAL, 0x60000000, EQUAL, EQUAL, EQUAL)), 1)
    assert (told.path, told.only) == ("/x", ("auid", "auid", "exe", "obj_gid"))
    assert rule(raw((105, "/x"), (104, 1)), 1).only == ()  # what fails changes nothing
    assert rule(raw((105, "/x"), (104, 0)), 1).only == ("success",)
    assert rule(raw((105, "/x"), (11, X86), operators=(EQUAL, 0x30000000)), 1).only == ("arch",)


@pytest.mark.parametrize(
    ("given_", "counts"),
    [
        (raw(flags=1, action=0), True),
        (raw(flags=1), False),
        (raw((12, 1307), flags=5), False),
        (raw((12, 1300), flags=5), True),
        (raw((12, 1302), flags=5, action=0), True),
        (raw((12, 1300), flags=5, operators=(0x20000000,)), True),
        (raw((1, 0), flags=5, action=0), True),
        (raw((26, 0x74726163), flags=6, action=0), False),
        (raw((26, 0x1234), flags=6, action=0), True),
        (raw((1, 0), flags=0), False),
        (raw((1, 0)), False),
        (raw((1, 0), action=0), True),
        (raw((1, 0), flags=7, action=0), False),
        (watch("/x", 1), False),
        (raw((105, "/x"), flags=0x14), True),
    ],
)
def test_which_rules_record_or_take_away(given_: bytes, counts: bool) -> None:
    assert rule(given_, 1).counts is counts


def test_a_field_that_is_not_known_makes_a_rule_about_nothing_or_take_away_all() -> None:
    always = rule(raw((250, "x"), (105, "/x"), (106, 10)), 1)
    assert always.path == "" and always.only == ("a field",) and not always.counts
    never = rule(raw((250, "x"), (105, "/x"), action=0), 1)
    assert never.path == "" and never.counts


@pytest.mark.parametrize("broken", [b"", bytes(HEAD.size - 1), raw(count=65), raw((105, "/x"))[:-1]])
def test_half_a_rule_is_nonsense(broken: bytes) -> None:
    with pytest.raises(Nonsense):
        rule(broken, 1)


@given(st.binary(max_size=1200))
def test_any_bytes_are_a_rule_or_nonsense(raw_: bytes) -> None:
    try:
        told = rule(raw_, 3)
    except Nonsense:
        return
    assert told.at == "rule 3 of the kernel"
    assert set(told.perms) <= set("wa")


@given(st.lists(st.sampled_from(["/a", "/etc/docker", "/x y", "/é"]), min_size=1, max_size=3), st.integers(0, 15))
def test_texts_are_told_apart_by_their_lengths(paths: list[str], perm: int) -> None:
    told = rule(raw(*((112, path) for path in paths[1:]), (105, paths[0]), (106, perm)), 1)
    assert told.path == paths[0]
