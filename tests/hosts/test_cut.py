"""The cut is made: each of its changes is pasted as root, by the commands that the report gives for it, into every host with a certain way to root.

After all of them no certain way is left, and the walk comes to nothing; without any one of them a way is left; and what the host is for still works.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hosts import pasting
from hosts.planting import D, all_of, can, end
from hosts.test_paths import SURE, WAYS, paths
from hosts.walking import ASKS, MAPPED, Way, mapped
from real_engines.rootless_world import FIRST_SUBID, RootlessWorld
from real_engines.scans import Scan, Scanner

from hostcheck import registry
from hostcheck.pointer import join

Json = dict[str, Any]
FULL = bool(os.environ.get("HOSTCHECK_TEST_FULL"))
EACH = 1 if FULL else 3
"""Of how many hosts one is run: CI runs every third, `tox -e views` all."""
BY_PATHS = "HC-ACC-20"
BY_A_PERSON: dict[str, str] = {}
"""The hosts whose cut no command makes, with the reason: there the report says in words what a person has to decide."""
TOGETHER: dict[str, tuple[str, ...]] = {}
"""Hosts in which several ways are planted, so that the cut has as many changes."""
NAMED = {way.name: way for way in WAYS}
HOSTS = {way.name: (way,) for way in WAYS if way.certain} | {name: tuple(NAMED[one] for one in ways) for name, ways in TOGETHER.items()}
COUNTS = {"by command": 0, "by a person": 0}
(RULES,) = [json.loads(Path(path).read_text(encoding="utf-8"))["rules"] for path in registry.load().benchmarks]


@contextmanager
def planted(ways: tuple[Way, ...]) -> Iterator[RootlessWorld]:
    """Yield a host with these ways in it, into which commands can be pasted."""
    with pasting.adopting():
        world = RootlessWorld()
        try:
            for name, code in (("asks", ASKS), ("mapped", MAPPED)):
                world.run("sh", "-c", f'printf %s "$1" > /run/{name}', "sh", code)
            all_of(*(way.plant for way in ways))(world)
            pasting.prepare(world)
            yield world
        finally:
            end(world)


def told(change: Json, report: Json) -> list[Json]:
    """Return the findings that say how a change is made: of the rules that it names on what it takes away, else the one on paths."""
    findings = [one for one in report["findings"] if one["result"] == "fail"]
    named = [one for one in findings if one["rule"] in change["rules"] and any(rests(place, one) for place in change["rests_on"])]
    return [one for one in named if pasting.commands([one])] or [one for one in findings if one["rule"] == BY_PATHS][:1]


def rests(place: str, finding: Json) -> bool:
    """Say whether a place in the facts is, or is below, the subject of a finding."""
    subject = join(RULES[finding["rule"]]["each"], finding["subject"])
    return place == subject or place.startswith(f"{subject}/")


def commands(change: Json, report: Json) -> list[str]:
    """Return the commands that belong to a change: those that name what it names, or all about what it takes away as a whole."""
    found = told(change, report)
    words = [change[name] for name in ("user", "group", "path", "line") if name in change]
    if change["kind"] == "way":  # a process, a program, or the socket to which it leads
        words = re.findall(r"\(process (\d+) |\bfile (/\S+)\)| to (/\S+) \(", change["change"])[-1:]
        words = [word for groups in words for word in groups if word]
    whole = {one["rule"] for one in found} != {BY_PATHS} and change["kind"] in ("socket", "range", "grant", "relay", "certificate")
    return [one for one in pasting.commands(found) if whole or all(re.search(rf"(?<![\w/.]){re.escape(str(word))}(?![\w/.])", one) for word in words)]


def sure(scanned: Scan, world: RootlessWorld, ways: tuple[Way, ...]) -> set[tuple[str, str]]:
    """Return the certain paths that need nothing, of whoever is not approved."""
    approved = {f"user:{name}" for way in ways for value in way.values for name in value.partition("=")[2].split(",")}
    return {(who, path) for who, path in paths(scanned, world) if path.startswith(SURE) and who not in approved}


def options(ways: tuple[Way, ...]) -> list[str]:
    return [word for way in ways for value in way.values for word in ("--value", value)]


def paste(world: RootlessWorld, wanted: list[str]) -> None:
    """Paste commands; each must succeed, or say one of what may fail."""
    known = pasting.own(world)
    for command in dict.fromkeys(wanted):
        step = pasting.paste(world, command, known)
        assert not step.code or any(words in step.output for words in pasting.MAY_FAIL), str(step)
    world.processes = [child for child in world.processes if child.poll() is None]


@pytest.mark.parametrize("name", list(HOSTS)[::EACH])
def test_the_cut_is_made_by_what_the_report_says(name: str, scan: Scanner) -> None:
    ways = HOSTS[name]
    with planted(ways) as world:
        before = scan(world, *options(ways))
        cut, report = before.report["cut"], before.report
        failing = {one["rule"] for one in report["findings"] if one["result"] == "fail"}
        assert sure(before, world, ways) and cut and not report["reach"]["open"]
        assert all(set(change["rules"]) <= failing for change in cut)
        assert all(told(change, report) for change in cut)
        made = [commands(change, report) for change in cut]
        if name in BY_A_PERSON:
            COUNTS["by a person"] += len(cut)
            assert not any(made) and len(BY_A_PERSON[name]) > 20
            return
        assert all(made), cut
        uses = [use for change in cut for use in USES[change["kind"]](world, change)]
        was = [use(world) for use in uses]
        assert all(was), "what the host is for does not work"
        paste(world, [command for one in made for command in one])
        assert not sure(scan(world, *options(ways)), world, ways), made
        assert not [way.name for way in ways if way.walk(world)], made
        assert [use(world) for use in uses] == was, made
        COUNTS["by command"] += len(cut)


@pytest.mark.parametrize("name", list(TOGETHER))
def test_no_change_can_be_left_out(name: str, scan: Scanner) -> None:
    ways = HOSTS[name]
    with planted(ways) as world:
        count = len(scan(world, *options(ways)).report["cut"])
    assert count > 1
    for left in range(count):
        with planted(ways) as world:
            report = scan(world, *options(ways)).report
            paste(world, [command for index, change in enumerate(report["cut"]) if index != left for command in commands(change, report)])
            assert sure(scan(world, *options(ways)), world, ways), report["cut"][left]


Use = Callable[[RootlessWorld], object]
"""What the host is for, before and after."""


def engines(world: RootlessWorld, change: Json) -> list[Use]:
    """Root's engine answers root, and whoever the change is not about."""
    places = [path for path in (D, "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/incus/unix.socket") if world.answers(path)]
    closed = {*change["closes"], change.get("user", "")}
    everyone = "every local user" in closed
    return [lambda at, path=path: world.answers(path) and {"root"} | (set() if everyone else at.able(path) - closed) for path in places]  # type: ignore[misc]


def read_and_run(world: RootlessWorld, change: Json) -> list[Use]:
    """Whoever could read or run a file still can; and root, who did, does."""
    path = change["path"]
    users = ("root", "alice", "nobody")
    runs = can(world, "root", "sh", "-c", f"test -f {path} && test -x {path}")
    use: Use = lambda at: {(user, may) for user in users for may in ("-r", "-x") if can(at, user, "test", may, path)}  # noqa: E731
    return [use, *([lambda at: can(at, "root", path)] if runs else [])]


def own_ids(world: RootlessWorld, change: Json) -> list[Use]:
    """Users still map the ids that are their own."""
    (user,) = re.findall(r"/ranges/sub.id:(\w+):", change["rests_on"][0])
    return [mapped(user, FIRST_SUBID[user], "/bin/true"), mapped(user, FIRST_SUBID[user], "/bin/true", program="newgidmap")]


def rights(world: RootlessWorld, change: Json) -> list[Use]:
    """What sudo and doas let do is let do with a password, and their files are valid."""
    valid: Use = lambda at: can(at, "root", "visudo", "-c", "-q") and can(at, "root", "sudo", "-n", "true")  # noqa: E731
    return [valid]


def runs(world: RootlessWorld, change: Json) -> list[Use]:
    """The program runs, with the rights of who runs it."""
    return [lambda at: can(at, "root", change["path"], "--version")]


def reads(world: RootlessWorld, change: Json) -> list[Use]:
    """Root reads the file."""
    return [lambda at: can(at, "root", "grep", "-q", "client-key-data", change["path"])]


USES: dict[str, Callable[[RootlessWorld, Json], list[Use]]] = {
    **dict.fromkeys(("certificate", "member", "relay", "socket", "way"), engines),
    **dict.fromkeys(("file", "owner"), read_and_run),
    **dict.fromkeys(("setuid", "file-capabilities"), runs),
    "credential": reads,
    "grant": rights,
    "range": own_ids,
}
"""By the kind of a change what must work as before, whoever it is that loses a way."""
