"""Who can become root, in one sentence, and people with their ways."""

from typing import Any

import pytest
from formats.root_report import change, disk, member, path, report, step, unsure

from hostcheck_builtin.formats import root_paths

NOBODY = "No account but root has a path to root that is certain and needs no password"
OF = " of 41 accounts"
UNPROVEN = " (not proven to be the smallest set)"
OUT = change("take bob out of group docker", "bob")


def escape(name: str) -> dict[str, Any]:
    """Return the path of a privileged container."""
    return path(f"container:{name}", step(f"container:{name}", "root", f"root in {name} reaches the host: it is privileged"))


def pushes(name: str) -> dict[str, Any]:
    """Return the path of a CI runner whose jobs are privileged."""
    who = f"whoever may push a job to {name}"
    return path(who, step(who, "root", f"containers of jobs are privileged ({name})"))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (report(), NOBODY),
        (report(users=3, cut=(OUT, OUT)), "3 of 41 accounts can become root without a password; two changes stop all who are not approved"),
        (report(users=1, accounts=1, cut=(OUT,)), "1 of 1 accounts can become root without a password; one change stops all who are not approved"),
        (report(users=1, everyone=True), "Every local user can become root without a password"),
        (report(network=True, everyone=True), "Whoever reaches this host over the network can become root without a password"),
        (report(users=9, changes=30, smallest=False), f"9{OF} can become root without a password; 30 changes stop all who are not approved{UNPROVEN}"),
        (report(users=1, changes=1, open=["ann"]), "1 of 41 accounts can become root without a password; one change stops all but ann"),
        (report(with_password=1), NOBODY + "; one account can with a password of their own"),
        (report(unsure=["x"]), NOBODY + "; it is not known whether other accounts can"),
        (report(users=1, likely=2), "1 of 41 accounts can become root without a password, and 2 more are likely"),
        (report(users=1, likely=1), "1 of 41 accounts can become root without a password, and one more is likely"),
        (report(likely=1), NOBODY + ", but one account has one that is likely"),
        (report(likely=2), NOBODY + ", but 2 accounts have one that is likely"),
        (report(likely=2, everyone_likely=True), NOBODY + ", but it is likely that every local user can"),
        (report(everyone=True, likely=2), "Every local user can become root without a password"),
        (report(ids=True), NOBODY + "; whoever is given an id that only ACL entries have can"),
        (report(unknown=2), NOBODY + "; it is not known whether 2 accounts can"),
        (report(unknown=2, unsure=["x"]), NOBODY + "; it is not known whether other accounts can"),
        (report(escape("docker:a")), NOBODY + "; whoever is in container docker:a can become root"),
        (report(escape("docker:a"), escape("docker:b")), NOBODY + "; whoever is in container docker:a or container docker:b can become root"),
        (report(*map(escape, "abcd")), NOBODY + "; whoever is in one of 4 containers can become root"),
        (report(pushes("a")), NOBODY + "; whoever may push a job to a can become root"),
        (report(*map(pushes, "abc")), NOBODY + "; whoever may push a job to one of 3 CI runners can become root"),
        (report(escape("docker:a"), pushes("b")), NOBODY + "; whoever is in container docker:a can become root; whoever may push a job to b can become root"),
        (report(escape("docker:a"), users=1), "1 of 41 accounts can become root without a password"),
        ({}, ""),
    ],
)  # fmt: skip
def test_the_answer_is_a_sentence(told: dict[str, object], says: str) -> None:
    assert root_paths.sentence(told) == says


def test_who_are_alike_are_told_together_and_the_surest_first() -> None:
    likely = path("user:eve", step("eve", "root", "eve has group disk", strength="likely"), strength="likely")
    everyone = path("every local user", step("every local user", "root", "every local user can connect"))
    people = root_paths.people(report(likely, member("bob"), member("ann"), everyone, member("eve")))
    assert [one["names"] for one in people] == [["every local user"], ["bob", "ann"], ["eve"]]
    assert people[1]["ways"][0]["steps"] == ["each can connect to /run/docker.sock (group docker)", "docker runs as root"]


def test_users_come_before_containers_and_containers_alike_are_one() -> None:
    told = root_paths.people(report(*map(escape, ("docker:a", "docker:b")), member("ann")))
    assert [root_paths.named(one["names"]) for one in told] == ["ann", "container docker:a, container docker:b"]
    assert told[1]["ways"][0]["steps"] == ["root in each reaches the host: it is privileged"]
    assert root_paths.people(report(escape("docker:a")))[0]["ways"][0]["steps"] == ["root in docker:a reaches the host: it is privileged"]


def test_processes_with_the_same_way_are_one_way() -> None:
    ways = [path("user:bob", step("bob", "root", f"bob can connect to x (process {pid} has group y)", pid=pid)) for pid in (7, 8)]
    (told,) = root_paths.people(report(*ways, member("bob")))
    assert [way["steps"][0] for way in told["ways"]] == [
        "bob can connect to x (processes 7, 8 have group y)",
        "bob can connect to /run/docker.sock (group docker)",
    ]


def test_what_a_step_waits_for_and_needs_is_said() -> None:
    (one,) = root_paths.people(report(path("user:bob", step("bob", "root", "bob can change x", waits="reboot", needs="own-password"), needs="own-password")))
    assert one["ways"][0]["steps"] == ["bob can change x, after the next reboot"] and one["ways"][0]["needs"] == "with their own password"


def test_a_summary_has_few_ways_and_says_that_there_are_more() -> None:
    ways = [path("user:bob", step("bob", "root", f"bob can do {number}")) for number in range(5)]
    asks = path("user:ann", step("ann", "root", "ann by sudo", needs="own-password"), needs="own-password")
    told = root_paths.summary(report(*ways, asks, cut=(OUT,), users=1))
    assert told["people"] == [{"who": "bob", "ways": ["bob can do 0", "bob can do 1", "bob can do 2"]}] and told["more"]
    assert told["changes"] == [{"what": "take bob out of group docker (HC-ACC-17)", "run": []}]
    assert root_paths.summary(report(member("bob")))["more"] == ""
    assert root_paths.named([str(number) for number in range(12)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"


def test_a_summary_tells_likely_ways_after_certain_ones_and_then_who_is_not_known() -> None:
    asks = path("user:ann", step("ann", "root", "ann by sudo", strength="likely", needs="own-password"), strength="likely", needs="own-password")
    contained = path("container:docker:a", step("container:docker:a", "root", "root in docker:a", strength="likely"), strength="likely")
    told = root_paths.summary(
        report(member("bob"), disk("bob"), disk("eve"), disk("dan"), asks, contained, unsure("zoe"), unsure("yan"), unsure("eve"), unsure=["not known: why"])
    )
    assert [one["who"] for one in told["people"]] == ["bob"]
    assert {one["who"] for one in told["likely"]} == {"dan", "eve"}
    assert told["likely"][0]["ways"] == ["dan has group disk -> its members read and write the disks (likely)"]
    assert told["unknown"] == ["zoe, yan: connect to /run/docker.sock (denied: no)", "others who could not be listed: why"]


def test_likely_people_and_those_not_known_are_cut_and_counted() -> None:
    likely = [path(f"user:u{number}", step("x", "root", f"way {number}", strength="likely"), strength="likely") for number in range(12)]
    unknown = [path(f"user:v{number}", step("x", "root", f"way {number}", strength="potential"), strength="potential") for number in range(12)]
    told = root_paths.summary(report(*likely, *unknown))
    assert len(told["likely"]) == 11 and told["likely"][10]["who"] == "and 2 more: hostcheck paths shows all"
    assert len(told["unknown"]) == 11 and told["unknown"][10] == "and 2 more"


def test_who_is_not_known_for_one_reason_is_told_together_with_the_step_that_is_not_known() -> None:
    ways = [
        path(
            f"user:{name}",
            step(name, "file:/x", f"{name} can change /x, which is not known (no)", strength="potential"),
            step("file:/x", "root", "root runs it"),
            strength="potential",
        )
        for name in ("zoe", "yan")
    ]
    assert root_paths.summary(report(*ways))["unknown"] == ["zoe, yan: each can change /x, which is not known (no)"]


@pytest.mark.parametrize(
    ("run", "shown", "more"),
    [
        (["true"] * 1, 1, ""),
        (["a", "b", "c"], 3, ""),
        (["a", "b", "c", "d"], 0, "; hostcheck paths shows all 4 commands"),
        (["x" * 160], 1, ""),
        (["x" * 161], 0, "; hostcheck paths shows the command"),
    ],
)
def test_a_summary_has_all_commands_of_a_change_or_none(run: list[str], shown: int, more: str) -> None:
    change = {**OUT, "kind": "socket", "findings": [{"rule": "HC-ACC-04", "subject": "/run/docker.sock"}]}
    failed = {"rule": "HC-ACC-04", "subject": "/run/docker.sock", "result": "fail", "fix": [{"run": command} for command in run]}
    (told,) = root_paths.summary({**report(users=1, cut=(change,)), "findings": [failed]})["changes"]
    assert told == {"what": f"take bob out of group docker (HC-ACC-17){more}", "run": run[:shown]}
