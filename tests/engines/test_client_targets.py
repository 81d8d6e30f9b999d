"""Where the docker command of a user goes and whose engine that is, from facts written by hand; and what that may never change."""

from typing import Any

import pytest
from engines.scope_facts import ANNS, DENIED, DOCKER, IDLE, NOBODY, clients, derive, docker, facts, home, podman, process, reach
from laws import breaches

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Hole, OpenArray, OpenObject, incomplete
from hostcheck.testing.analyses import hide as changed
from hostcheck.testing.analyses import leaves

BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
DEFAULT = "unix:///var/run/docker.sock"
BASHRC = "/home/ann/.bashrc"
CONFIG = "/home/ann/.docker/config.json"
DESKTOP = "/home/ann/.docker/desktop/docker.sock"
OWN = docker("name=rootless", uid=1000)


def unix(path: str) -> dict[str, str]:
    return {"scheme": "unix", "path": path}


def sets(path: str = BASHRC, **settings: Any) -> dict[str, Any]:
    return {path: settings}


def ann(told: Any, roots: Any = None, users: Any = None, **more: Any) -> Any:
    """Return what is said of ann, who reaches root's docker and has one of her own."""
    sockets = {DOCKER: docker()} if roots is None else roots
    return derive(facts(sockets, {ANNS: OWN} if users is None else users, reached={DOCKER: reach(1000)}, **{"user-clients": told}, **more))["users"]["ann"]


def goes(told: Any) -> Any:
    return {text: (one["by"], one["leads_to"]) for text, one in told["client"].items()}


PLACES: dict[str, tuple[Any, dict[str, Any]]] = {
    "nothing said": (home(), {DEFAULT: (["default"], "root's engine")}),
    "a profile": (home(variables=sets(docker_host=unix(ANNS))), {f"unix://{ANNS}": ([BASHRC], "an engine of their own")}),
    "a profile by XDG_RUNTIME_DIR": (
        home(variables=sets(docker_host=unix("$XDG_RUNTIME_DIR/docker.sock"))),
        {f"unix://{ANNS}": ([BASHRC], "an engine of their own")},
    ),
    "a profile by UID": (home(variables=sets(docker_host=unix("/run/user/$UID/docker.sock"))), {f"unix://{ANNS}": ([BASHRC], "an engine of their own")}),
    "a profile before a context": (
        home("rootless", sets(docker_host=unix("/run/docker.sock"), docker_context="rootless"), {"rootless": unix(ANNS)}),
        {"unix:///run/docker.sock": ([BASHRC], "root's engine")},
    ),
    "an empty variable": (
        home("rootless", sets(docker_host={"scheme": "none"}), {"rootless": unix(ANNS)}),
        {f"unix://{ANNS}": ([CONFIG], "an engine of their own")},
    ),
    "a context": (home("rootless", contexts={"rootless": unix(ANNS)}), {f"unix://{ANNS}": ([CONFIG], "an engine of their own")}),
    "a variable's context before the chosen one": (
        home("other", sets(docker_context="rootless"), {"rootless": unix(ANNS), "other": unix("/x")}),
        {f"unix://{ANNS}": ([BASHRC], "an engine of their own")},
    ),
    "a variable's default context": (home("other", sets(docker_context="default"), {"other": unix("/x")}), {DEFAULT: ([BASHRC], "root's engine")}),
    "an empty variable's context": (
        home("rootless", sets(docker_context=""), {"rootless": unix(ANNS)}),
        {f"unix://{ANNS}": ([CONFIG], "an engine of their own")},
    ),
    "a context that is gone": (home("gone", contexts={"gone": {"scheme": "none"}}), {"none to context gone, which is not there": ([CONFIG], "no engine")}),
    "another host": (
        home(variables=sets(docker_host={"scheme": "ssh", "host": "another host"})),
        {"ssh to another host": ([BASHRC], "an engine on another host")},
    ),
    "this host": (
        home(variables=sets(docker_host={"scheme": "tcp", "host": "this host"})),
        {"tcp to this host": ([BASHRC], "an engine over the network of this host")},
    ),
    "two profiles": (
        home(variables={**sets(docker_host=unix(ANNS)), **sets("/home/ann/.profile", docker_host=unix("/run/docker.sock"))}),
        {f"unix://{ANNS}": ([BASHRC], "an engine of their own"), "unix:///run/docker.sock": (["/home/ann/.profile"], "root's engine")},
    ),
}


@pytest.mark.parametrize("how", PLACES)
def test_where_docker_goes(how: str) -> None:
    told, wanted = PLACES[how]
    one = ann(clients(ann=told))
    assert goes(one) == wanted
    assert one["talks_to"] == [f"{whose} at {text}" for text, (_, whose) in wanted.items()]


def test_what_is_set_for_everybody_is_set_for_each() -> None:
    everybody = sets("/etc/profile.d/docker.sh", docker_host=unix("/run/user/$UID/docker.sock"))
    assert goes(ann(clients(everybody))) == {f"unix://{ANNS}": (["/etc/profile.d/docker.sh"], "an engine of their own")}


ENGINES: dict[str, tuple[str, Any]] = {
    "remapped": ("root's engine", docker("name=userns", root="/x/100000.100000")),
    "held by systemd": ("root's engine", IDLE),
    "nobody": ("nothing that listens", NOBODY),
    "her own behind root's link": ("an engine elsewhere, as in a virtual machine", docker("name=rootless", uid=1000, process=process())),
    "what does not say that it is rootless": ("what may be root's engine, through a process of their own", docker(uid=1000)),
    "another's": ("an engine of another user", docker("name=rootless", uid=1001)),
    "podman of root's": ("root's engine", podman(False)),
}


@pytest.mark.parametrize("how", ENGINES)
def test_whose_engine_it_is(how: str) -> None:
    whose, socket = ENGINES[how]
    assert goes(ann(clients(), {DOCKER: socket}))[DEFAULT] == (["default"], whose)


def test_a_socket_of_hers_that_systemd_holds_is_hers() -> None:
    idle = {**IDLE, "owner_uid": 1000, "uid": 1000}
    assert goes(ann(clients(ann=home("r", contexts={"r": unix(ANNS)})), users={ANNS: idle}))[f"unix://{ANNS}"][1] == "an engine that their systemd starts"


def test_where_no_probe_looks_nothing_is_known() -> None:
    one = ann(clients(ann=home("lima", contexts={"lima": unix("/home/ann/.lima/x/sock/docker.sock")})))
    assert isinstance(one["client"]["unix:///home/ann/.lima/x/sock/docker.sock"]["leads_to"], Hole)
    assert isinstance(one["talks_to"], Hole) and "/home/ann/.lima/x/sock/docker.sock" in one["talks_to"].message


def test_what_a_condition_decides_is_not_known_and_nothing_else_takes_its_place() -> None:
    one = ann(clients(ann=home("rootless", sets(docker_host=DENIED), {"rootless": unix(ANNS)})))
    assert isinstance(one["client"], Hole) and isinstance(one["talks_to"], Hole)
    moved = ann(clients(ann=home("rootless", sets(docker_config="/x"), {"rootless": unix(ANNS)})))
    assert isinstance(moved["client"], Hole)


def test_whose_home_is_not_known_has_a_hole_and_nobody_else() -> None:
    told = clients()
    told["users"]["1000"] = DENIED
    state = derive(facts({DOCKER: docker()}, reached={DOCKER: reach(1000, 1001)}, **{"user-clients": told}))["users"]
    assert isinstance(state["ann"]["client"], Hole) and isinstance(state["ann"]["starts"], OpenArray)
    assert goes(state["bob"]) == {DEFAULT: (["default"], "root's engine")}


def test_who_lingers_and_what_systemd_starts() -> None:
    told = clients(enabled=["podman.socket"], lingering=["ann"], ann=home(enabled=["docker.service"]))
    state = derive(facts({DOCKER: docker()}, reached={DOCKER: reach(1000, 1001)}, **{"user-clients": told}))["users"]
    assert (state["ann"]["starts"], state["ann"]["lingers"]) == (["docker.service", "podman.socket"], True)
    assert (state["bob"]["starts"], state["bob"]["lingers"]) == (["podman.socket"], False)


TOLD = [
    clients(ann=home("rootless", {**sets(docker_context="rootless"), **sets("/home/ann/.profile", docker_context="")}, {"rootless": unix(ANNS)})),
    clients(sets("/etc/environment", docker_host=unix(ANNS)), ["podman.socket"], ["ann"], ann=home(variables=sets(docker_host=unix("$HOME/x.sock")))),
    clients(ann=home(variables={**sets(docker_host=unix(ANNS)), **sets("/home/ann/.profile", docker_host=unix(ANNS))})),
    clients(ann=home("gone", contexts={"gone": {"scheme": "none"}}), bob=home(variables=sets(docker_config=""))),
]


@pytest.mark.parametrize("told", TOLD)
def test_hiding_any_of_it_only_makes_holes(told: dict[str, Any]) -> None:
    given = facts({DOCKER: docker()}, {ANNS: OWN}, reached={DOCKER: reach(1000, 1001)}, **{"user-clients": told})
    before = derive(given)
    for at in leaves(given):
        if at[0] in ("user-clients", "engines", "user-engines"):
            for how in ("hidden", "opened", "shortened"):
                broken = list(breaches(before, derive(changed(given, at, how))))
                assert not broken, f"{how} {at}: {broken[:5]}"


HOSTILE: dict[str, Any] = {
    "a context to another's socket": home("x", contexts={"x": unix("/run/user/1001/docker.sock")}),
    "a context to nothing": home("x", contexts={"x": {"scheme": "none"}}),
    "a context of her own engine": home("x", contexts={"x": unix(ANNS)}),
    "a profile that nobody can read": home(variables={BASHRC: DENIED}),
    "a hole": DENIED,
    "more contexts than are read": home("x", contexts=incomplete({"y": unix(ANNS)}, DENIED)),
    "a context that was not read": home("x"),
    "another host": home(variables=sets(docker_host={"scheme": "tcp", "host": "another host"})),
}


def judged(told: Any) -> dict[tuple[str, str], str]:
    """Return the results of the rules about rootless engines where ann has made her home what it is."""
    given = facts({DOCKER: docker()}, {ANNS: OWN}, reached={DOCKER: reach(1000, 1001)}, **{"user-clients": clients(ann=told)})
    document = {"host-role": {"role": "workstation"}, "engine-scope": derive(given)}
    found: dict[tuple[str, str], str] = {}
    for rule in ("HC-RTL-01", "HC-RTL-02"):
        for finding in judge_rule(resolve(BENCHMARK, rule, {}), Facts(document=document)):
            found[rule, finding["subject"]] = finding["result"]
            if finding["subject"] == "bob":
                assert f"root's engine at {DEFAULT}" in finding["because"]
    return found


@pytest.mark.parametrize("how", HOSTILE)
def test_nothing_in_a_home_changes_a_verdict(how: str) -> None:
    assert judged(HOSTILE[how]) == judged(home()) == {("HC-RTL-01", "ann"): "fail", ("HC-RTL-01", "bob"): "fail", ("HC-RTL-02", "ann"): "fail"}


def test_whoever_has_an_engine_of_their_own_and_talks_to_roots_is_told() -> None:
    given = facts({DOCKER: docker()}, {ANNS: OWN}, reached={DOCKER: reach(1000)})
    document = {"host-role": {"role": "workstation"}, "engine-scope": derive(given)}
    for rule in ("HC-RTL-01", "HC-RTL-02"):
        (finding,) = judge_rule(resolve(BENCHMARK, rule, {}), Facts(document=document))
        assert finding["because"].endswith(f"the docker command of this user goes to root's engine at {DEFAULT}")
    assert isinstance(derive(facts(users=incomplete({ANNS: OWN}, DENIED)))["users"], OpenObject)
