"""The cut is made: each of its changes is pasted as root, by the commands that the report gives for it, into every host with a certain way to root.

After all of them no certain way is left, and the walk comes to nothing; without any one of them a way is left; and what the host is for still works.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hosts import pasting
from hosts.planting import D, all_of, can, end
from hosts.test_paths import SURE, WAYS, paths
from hosts.walking import ASKS, MAPPED, Way, mapped
from real_engines.rootless_world import FIRST_SUBID, RootlessWorld
from real_engines.scans import Scan, Scanner
from real_engines.world import USERS

from hostcheck_builtin.formats.cut_commands import BY_PATHS, commands

Json = dict[str, Any]
FULL = bool(os.environ.get("HOSTCHECK_TEST_FULL"))
EACH = 1 if FULL else 4
"""Of how many hosts one is run: CI runs every fourth, `tox -e views` all."""
BY_A_PERSON = {
    **dict.fromkeys(("an engine on TCP, on loopback", "an engine on TCP, on every address"), "what starts the engine with this address is not known"),
    "a relay of root's on loopback": "what starts a relay is not known, and nothing but its end closes a port",
    "dockerd's configuration, which leads into a home": "whose file it is to be, and where, is not known: the home stays its user's",
    **dict.fromkeys(
        (
            "sudo whose PAM lets everybody in",
            "sudo whose PAM lets a group in",
            "su that lets everybody in",
            "su that trusts a group",
            "su that trusts users in a list",
        ),
        "which line of a stack of PAM is to ask instead is the site's choice, and a wrong one locks everybody out",
    ),
    "sudo with one's own password, which is empty": "only a person can choose a password, and the account may be one that is meant to be locked",
    **dict.fromkeys(
        (
            "a client's key that root's dockerd accepts",
            "a client's key that root's dockerd accepts, until it expired",
            "a key of a cluster's administrator that a user has a copy of, until it expired",
            "a key of an administrator of kubeadm's that a user has a copy of",
        ),
        "who has a copy of a key keeps it: the daemon or the cluster needs another authority",
    ),
    **dict.fromkeys(
        (
            "a key of an authority that signs for root, which a user has",
            *(way.name for way in WAYS if way.certain and way.name.startswith("a private key of root's")),
        ),
        "by the line in root's authorized_keys others may come in too: whoever takes it out may lock out who needs it",
    ),
    "a script of a user's that a container with the host's / runs": "where the script is to be instead is not known: the directory stays its user's",
    "a log in a user's directory that root's cron opens for the user's program": "which program is to write the log instead is the site's choice",
    "root without a password": "only a person can choose a password, and who locks root may have locked out everybody",
    "a key of a cluster's administrator that a user has a copy of": "who has a copy of a key keeps it: the cluster needs another authority",
}
"""The hosts whose cut no command makes, with the reason: there the report says in words what a person has to do."""
TOGETHER = {
    "a member of docker, a line of sudo's, a script of root's cron and a setuid copy": (
        "a member of docker, and another who is approved",
        "sudo without a password",
        "a script of root's cron",
        "a setuid copy of a shell for a group",
    ),
    "a range, a plugin, a line of doas' and a key": (
        "a uid range with root",
        "a plugin of networks that a user owns",
        "doas without a password",
        "a key of a cluster's administrator for a group",
    ),
    "ranges that lead on, a session, a profile and a directory": (
        "a uid range with somebody who has sudo",
        "a session that kept docker's group",
        "a part of everybody's profile",
        "a directory that root's cron searches",
    ),
    "a range with docker's group, a socket and a line of sudo's": (
        "a gid range with docker's",
        "a socket of containerd's with a group",
        "a variable that a rule of sudo's lets be set",
    ),
}
"""Hosts in which several ways are planted, so that the cut has as many changes."""
NAMED = {way.name: way for way in WAYS}
CONTAINER = "container:"
"""How those begin whose ways rules about containers judge, and no cut closes."""
OF_PEOPLE = [way for way in WAYS if any(not who.startswith(CONTAINER) for who in way.certain)]
HOSTS = {way.name: (way,) for way in OF_PEOPLE} | {name: tuple(NAMED[one] for one in ways) for name, ways in TOGETHER.items()}
COUNTS = dict.fromkeys(("by command", "by a person", "by the rule on paths"), 0)


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


def of_paths(change: Json, report: Json) -> list[str]:
    """Return the commands of the rule on paths for a change, as if no other rule had any."""
    return commands({name: value for name, value in change.items() if name != "findings"}, report)


def sure(scanned: Scan, world: RootlessWorld, ways: tuple[Way, ...]) -> set[tuple[str, str]]:
    """Return the certain paths that need nothing, of whoever is not approved and no container."""
    found = {(who, path) for who, path in paths(scanned, world) if path.startswith(SURE) and not who.startswith(CONTAINER)}
    return {(who, path) for who, path in found if who.removeprefix("user:") not in approved(ways)}


def approved(ways: tuple[Way, ...]) -> set[str]:
    return {name for way in ways for value in way.values for name in value.partition("=")[2].split(",")}


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
    made = make(name, scan, commands)
    assert (made == 0) is (name in BY_A_PERSON)
    COUNTS["by command"] += made
    COUNTS["by a person"] += not made


@pytest.mark.parametrize("name", list(HOSTS)[: None if FULL else 1])
def test_the_rule_on_paths_gives_commands_that_do_as_much(name: str, scan: Scanner) -> None:
    COUNTS["by the rule on paths"] += make(name, scan, of_paths)


def test_what_a_person_has_to_do_is_listed_with_the_reason() -> None:
    print(COUNTS)
    assert BY_A_PERSON.keys() <= HOSTS.keys() and all(len(reason) > 20 for reason in BY_A_PERSON.values())


def make(name: str, scan: Scanner, given: Callable[[Json, Json], list[str]]) -> int:
    """Make the cut of a host by the commands that are given for each change, and hold all against before; return of how many, 0 where one has none."""
    ways = HOSTS[name]
    with planted(ways) as world:
        before = scan(world, *options(ways))
        cut, report = before.report["cut"], before.report
        failing = [one for one in report["findings"] if one["result"] == "fail"]
        notes = {step.get("note") for one in failing if one["rule"] == BY_PATHS for step in one["fix"]}
        assert sure(before, world, ways) and cut and not report["reach"]["open"]
        assert all(set(change["rules"]) <= {one["rule"] for one in failing} and f"Change to make: {change['change']}." in notes for change in cut)
        made = [given(change, report) for change in cut]
        if not all(made):
            return 0
        uses = [*(use for change in cut for use in USES[change["kind"]](world, change)), *engines_of_approved(world, ways)]
        was = [use(world) for use in uses]
        assert all(was), "what the host is for does not work"
        paste(world, [command for one in made for command in one])
        assert not sure(scan(world, *options(ways)), world, ways), made
        assert not [way.name for way in ways if way.walk(world)], made
        assert [use(world) for use in uses] == was, made
        return len(cut)


@pytest.mark.parametrize("name", list(TOGETHER)[::EACH])
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


ENGINES = (D, "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/incus/unix.socket")
Use = Callable[[RootlessWorld], object]
"""What the host is for, before and after."""


def engines(world: RootlessWorld, change: Json) -> list[Use]:
    """An engine of root's answers root, and whoever the change is not about."""
    places = [path for path in ENGINES if world.answers(path)]
    closed = {*change["closes"], change.get("user", "")}
    everyone = "every local user" in closed
    return [lambda at, path=path: world.answers(path) and {"root"} | (set() if everyone else at.able(path) - closed) for path in places]  # type: ignore[misc]


def engines_of_approved(world: RootlessWorld, ways: tuple[Way, ...]) -> list[Use]:
    """Who is approved, and may connect to an engine, still may."""
    places = [path for path in ENGINES if world.answers(path) and approved(ways) & world.able(path)]
    return [lambda at, path=path: approved(ways) & at.able(path) for path in places]  # type: ignore[misc]


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
    """What a line allows is allowed as before, if only with a password, unless a setting made it ask nobody; and root's own sudo works."""
    lists: dict[str, Callable[[RootlessWorld, str], bool]] = {
        "sudo": lambda at, user: "Commands:" in at.run("sudo", "-ll", "-U", user),
        "doas": lambda at, user: (
            can(at, "root", "install", "-m", "0644", "/etc/doas.conf", "/run/doas.conf") and can(at, user, "doas", "-C", "/run/doas.conf", "bash", "-i")
        ),
    }
    listed = lists[change["tool"]]
    users = [name for name in change["closes"] if name in USERS and change["unasked_by"] == "rule" and listed(world, name)]
    own: Use = lambda at: can(at, "root", "visudo", "-c", "-q") and can(at, "root", "sudo", "-n", "true")  # noqa: E731
    return [own, *([lambda at: [listed(at, user) for user in users]] if users else [])]


def runs(world: RootlessWorld, change: Json) -> list[Use]:
    """The program runs, with the rights of who runs it; in a home, where it is deleted, the user's own shell does."""
    if not change["root_only"]:
        return [lambda at: can(at, change["user"], "sh", "-c", f"cd {at.base}/home/{change['user']} && bash --version")]
    return [lambda at: can(at, "root", change["path"], "--version")]


def reads(world: RootlessWorld, change: Json) -> list[Use]:
    """Root reads the file."""
    return [lambda at: can(at, "root", "cat", change["path"])]


USES: dict[str, Callable[[RootlessWorld, Json], list[Use]]] = {
    **dict.fromkeys(("certificate", "member", "relay", "socket", "way"), engines),
    **dict.fromkeys(("file", "owner"), read_and_run),
    **dict.fromkeys(("setuid", "file-capabilities"), runs),
    **dict.fromkeys(("credential", "root-key"), reads),
    "grant": rights,
    "range": own_ids,
}
"""By the kind of a change what must work as before, whoever it is that loses a way."""
