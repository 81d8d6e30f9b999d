"""Very many people who have laid nothing, on a host in memory: every finding is what it is without them, and none more is undetermined.

The bounds on what is looked at are of each account apart, so that how many accounts there are decides nothing.
"""

from typing import Any

import pytest
from contract.test_names import ENDS, REGISTRY, Made

from hostcheck.benchmark import load
from hostcheck.derive import derive
from hostcheck.invoke import state
from hostcheck.model import SHARES
from hostcheck.report import judge

CROWD = 3000
FIRST = 300_000


def results(passwd: str = "", group: str = "", mounts: str = "") -> dict[tuple[str, str], str]:
    """Return the result of each rule on each subject, on a host with more lines in these files."""
    made = Made([ENDS[0]])
    made.files["/etc/passwd"] += passwd
    made.files["/etc/group"] += group
    made.files["/proc/self/mountinfo"] += mounts
    host = made.host()
    probes: dict[str, Any] = {}
    for name, probe in REGISTRY.probes.items():
        facts, holes = state(probe, host)
        probes[name] = {"version": probe.version, "facts": facts, "holes": holes}
    facts = derive({"probes": probes}, REGISTRY.probes, REGISTRY.analyses, {"role": "server"})
    assert facts.broken == {}
    told = [one.tell() for _, one in judge([load(REGISTRY.benchmarks[0], shipped=True)], facts, "level2", {"approved_users": []})]
    return {(one["rule"], one["subject"]): one["result"] for one in told}


def lines(home: str) -> str:
    return "".join(f"u{uid}:x:{uid}:{uid}::{home}/u{uid}:/bin/bash\n" for uid in range(FIRST, FIRST + CROWD))


NAMES = {f"u{uid}" for uid in range(FIRST, FIRST + CROWD)}
GROUPS = "".join(f"u{uid}:x:{uid}:\n" for uid in range(FIRST, FIRST + CROWD))
MEMBERS = f"everybody:x:299999:{','.join(f'u{uid}' for uid in range(FIRST, FIRST + CROWD))}\n"
AUTOFS = "90 27 0:77 / /net rw - autofs systemd-1 rw\n"


@pytest.mark.laws
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"passwd": lines("/home"), "group": GROUPS}, id="accounts whose homes do not exist"),
        pytest.param({"passwd": lines("/gone/home"), "group": GROUPS}, id="nor what should hold them"),
        pytest.param({"passwd": lines("/net/home"), "group": GROUPS, "mounts": AUTOFS}, id="homes on an automount that is not mounted"),
        pytest.param({"passwd": lines("/home"), "group": MEMBERS}, id="a large group"),
    ],
)
def test_every_finding_is_what_it_is_without_a_crowd(more: dict[str, str]) -> None:
    one = results(more["passwd"].splitlines(keepends=True)[0], more["group"].splitlines(keepends=True)[0].split(",")[0] + "\n", more.get("mounts", ""))
    within = results(**more)
    assert {found: within.get(found) for found in one} == one
    alike = {(rule, f"u{FIRST}" if subject in NAMES else subject): result for (rule, subject), result in within.items()}
    assert {found: result for found, result in alike.items() if one.get(found) != result} == {}
    assert not any(subject.startswith("whoever") for _, subject in within)


def test_the_shares_of_the_probes_are_no_more_than_an_account_has() -> None:
    assert sum(probe.share for probe in REGISTRY.probes.values() if not probe.deep) <= SHARES
    assert all(probe.share > 0 for probe in REGISTRY.probes.values())
