"""An ACL with hundreds of entries that no account has is one finding of each rule; the entry of an account beside them keeps its own."""

import json
from collections import Counter

from hosts.planting import D, all_of, end, engine, shell, without_alice, without_bob
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner

FIRST, COUNT = 70_000, 500
RULES = ("HC-ACC-04", "HC-ACC-06", "HC-ACC-20", "HC-FIL-02", "HC-FIL-03", "HC-RTL-01")


def entries(bits: str) -> str:
    return ",".join(f"u:{uid}:{bits}" for uid in range(FIRST, FIRST + COUNT))


def test_entries_without_an_account_are_one_finding_with_a_count(scan: Scanner) -> None:
    world = RootlessWorld()
    try:
        all_of(engine(mode=0o600), without_alice, without_bob, shell(f"setfacl -m {entries('rw')},u:carol:rw {D}"))(world)
        shell("install -d -m 0755 /etc/docker; echo '{}' > /etc/docker/daemon.json", f"setfacl -m {entries('rwx')} /etc/docker")(world)
        found = scan(world, "--profile", "level2", "--role", "workstation", *(word for rule in RULES for word in ("--rule", rule)))
    finally:
        end(world)
    about = [finding for finding in found.report["findings"] if finding["result"] == "fail" and f"uid {FIRST}" in json.dumps(finding)]
    assert max(Counter(finding["rule"] for finding in about).values()) == 1
    assert {finding["rule"] for finding in about} == set(RULES)
    told = {finding["rule"]: finding["because"] for finding in about}
    for rule in ("HC-ACC-20", "HC-RTL-01"):
        assert str(COUNT) in told[rule] and f"uid {FIRST + 2} and {COUNT - 3} more" in told[rule]
        assert found.results()[rule, "carol"] == "fail"
    assert found.report["reach"]["users"] == 1 and found.report["reach"]["ids"] is True
