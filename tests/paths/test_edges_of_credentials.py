"""Edges of credentials and of jobs: who reads an administrator's key, and who may push a job; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import NOTHING, SURE, api, derived, docker, host, kubeconfig, people, person, runner, told

from hostcheck.model import Hole, OpenObject, Why

READS = ("reads", "administers")
DENIED = Hole(why=Why.DENIED, message="no")
ANNS = "/home/ann/.kube/config"
PUSHES = "whoever may push a job to the CI runner of /etc/gitlab-runner/config.toml"
OPEN = {"everyone": True, "users": {}}
SOCKET = ("socket-access", "sockets", "/run/docker.sock", docker(users={"ci": person("group docker")}))


def anns(**more: Any) -> tuple[str, str, str, Any]:
    return kubeconfig(ANNS, **{"of": 1000, "of_whom": "ann", "owner": "ann", **more})


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((kubeconfig(),), NOTHING),
        ((kubeconfig(read_by=people(bob="group staff")),), {"bob": [(*SURE, READS)]}),
        ((kubeconfig(read_by=OPEN),), {"every local user": [(*SURE, READS)]}),
        ((kubeconfig(gives="perhaps root", read_by=people(bob="owner")),), {"bob": [("likely", "nothing", READS)]}),
        ((kubeconfig(gives=DENIED, read_by=people(bob="owner")),), {"bob": [("potential", "nothing", READS)]}),
        ((kubeconfig(gives=DENIED),), NOTHING),
        ((kubeconfig(gives="nothing", read_by=OPEN),), NOTHING),
        ((anns(),), {"ann": [(*SURE, READS)]}),
        ((anns(gives="perhaps root"),), {"ann": [("likely", "nothing", READS)]}),
        ((anns(gives=DENIED),), {"ann": [("potential", "nothing", READS)]}),
        ((anns(gives=DENIED, read_by=OPEN),), {"ann": [("potential", "nothing", READS)]}),
        ((anns(gives="perhaps root", read_by=DENIED),), {"ann": [("likely", "nothing", READS)]}),
        ((anns(owner="root", gives="perhaps root", read_by=people(bob="group staff")),), {"bob": [("likely", "nothing", READS)]}),
        ((anns(owner="root"),), NOTHING),
        ((runner(),), NOTHING),
        ((runner(containers=["privileged"]),), {PUSHES: [(*SURE, ("runs-job",))]}),
        ((runner(containers=["socket"], starts=False),), {PUSHES: [("likely", "nothing", ("runs-job",))]}),
        ((runner(containers=["privileged"], starts=DENIED),), {PUSHES: [("potential", "nothing", ("runs-job",))]}),
        ((runner(users=["root"]),), {PUSHES: [(*SURE, ("runs-job",))]}),
        ((runner(users=["ci"]),), NOTHING),
        ((runner(users=["ci"]), SOCKET), {"ci": [(*SURE, ("connects", "controls"))], PUSHES: [(*SURE, ("runs-job", "connects", "controls"))]}),
        ((runner(users=DENIED),), {PUSHES: [("potential", "nothing", ("runs-job",))]}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


KEY = "/home/ann/.docker/key.pem"
LISTENS = api(tls="mutual", pid=7)


def anns_key(as_open: bool = True, **more: Any) -> tuple[Any, ...]:
    told_ = {"of": 1000, "of_whom": "ann", "read_by": {"everyone": False, "users": {}}, **more}
    accepted = {"accepted_by": [7], "expires": "2030-01-02", "as_open": as_open}
    return ("file-access", "client_keys", KEY, told_), ("credential-access", "docker_keys", KEY, accepted)


CONNECTS = ("reads", "connects", "controls")


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((*anns_key(), LISTENS), {"ann": [(*SURE, CONNECTS)]}),
        ((*anns_key(read_by=people(bob="group staff")), LISTENS), {"ann": [(*SURE, CONNECTS)], "bob": [(*SURE, CONNECTS)]}),
        (
            (*anns_key(as_open=False, read_by=people(bob="group staff")), LISTENS),
            {"ann": [(*SURE, CONNECTS)], "bob": [("likely", "nothing", CONNECTS)]},
        ),
        ((*anns_key(), api(tls="mutual", pid=8)), NOTHING),
        ((*anns_key(), api(tls="mutual", pid=7, serves="swarm")), NOTHING),
        (anns_key(), NOTHING),
        ((anns_key()[0], LISTENS), NOTHING),
        ((anns_key()[1], LISTENS), NOTHING),
    ],
)
def test_a_clients_key_that_dockerd_accepts(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


def test_a_clients_key_for_a_listener_that_is_not_known() -> None:
    assert told(*anns_key(), api(tls=DENIED, pid=7))["ann"] == [("potential", "nothing", ("reads", "connects"))]


def test_what_a_user_makes_up_is_told_of_that_user_alone() -> None:
    facts = derived(host(anns(gives=DENIED), kubeconfig("/home/bob/.kube/config", of=1001, of_whom="bob", gives="perhaps root", read_by=DENIED)))
    assert isinstance(facts["principals"]["ann"], Hole) and not isinstance(facts["principals"], OpenObject)
    assert facts["principals"]["every local user"]["without_password"] is False


def test_who_may_push_a_job_is_no_account_that_is_judged() -> None:
    facts = derived(host(runner(containers=["privileged"])))
    assert set(facts["principals"]) == {"every local user"} and facts["reach"]["users"] == 0
    (path,) = facts["paths"]
    assert (path["principal"], path["steps"][0]["technique"]) == (PUSHES, "T1195")
    (stated,), (change,) = facts["runners"].values(), facts["cut"]
    assert stated["without_password"] is True and (change["kind"], change["closes"]) == ("runner", [PUSHES])
    assert "/access-paths/runners/~1etc~1gitlab-runner~1config.toml" in change["rests_on"]  # by which a report names HC-DEF-12 beside it


def test_a_runner_that_is_trusted_needs_no_change() -> None:
    facts = derived(host(runner(containers=["privileged"])), trusted_runners=["/etc/gitlab-runner/config.toml"])
    assert facts["cut"] == [] and facts["runners"]["/etc/gitlab-runner/config.toml"]["without_password"] is True


def test_a_runner_whose_jobs_get_nothing_is_told_as_one() -> None:
    facts = derived(host(runner(users=["ci"])))
    assert facts["runners"]["/etc/gitlab-runner/config.toml"]["without_password"] is False


def test_runners_that_could_not_be_listed_leave_accounts_as_they_are() -> None:
    facts = host()
    facts["credential-access"]["runners"] = DENIED
    found = derived(facts)
    assert found["principals"]["every local user"]["without_password"] is False and not isinstance(found["principals"], OpenObject)
    assert [path["principal"] for path in found["paths"]] == ["whoever may push a job to CI runners that could not be listed"]


def test_the_change_of_a_file() -> None:
    facts = derived(host(kubeconfig(read_by=OPEN), anns()))
    assert {change["change"] for change in facts["cut"]} == {
        "let only root read /etc/kubernetes/admin.conf",
        f"take the key of an administrator out of {ANNS}, and let only ann read it",
    }


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({}, {"path": "/etc/kubernetes/admin.conf", "root_only": True}),
        ({"owner": "ann"}, {"user": "ann", "path": "/etc/kubernetes/admin.conf", "root_only": True}),
        ({"root_only": False}, {"root_only": False}),
        ({"root_only": DENIED}, {"root_only": False}),
        ({"owner": DENIED}, {"root_only": False}),
        ({"of": 1000, "of_whom": "ann"}, {"root_only": False}),
    ],
)
def test_a_command_is_for_roots_own_file_alone(more: dict[str, Any], named: dict[str, Any]) -> None:
    (change,) = derived(host(kubeconfig(read_by=people(bob="group staff"), **more)))["cut"]
    assert change["kind"] == "credential" and named.items() <= change.items()
    assert ("user" in change) is ("user" in named)


SHADOW = "/etc/shadow"


def hashes(accounts: Any, read_by: Any = OPEN) -> tuple[str, str, str, Any]:
    return ("credential-access", "hashes", SHADOW, {"permissions": "root, 0644", "read_by": read_by, "accounts": accounts, "inside": ""})


def root_key(accepted: Any, certain: Any = False, inside: str = "") -> tuple[str, str, str, Any]:
    path = "/root/.ssh/id_rsa"
    one = {"permissions": "root, 0644", "read_by": OPEN, "accepted": accepted, "certain": certain, "signs": False, "inside": inside}
    return ("credential-access", "root_keys", path, {**one, "of": 0, "owner": "root", "realpath": path, "root_only": True})


LIKELY = ("likely", "nothing")


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((hashes(["root"]),), {"every local user": [(*LIKELY, ("reads", "guesses"))]}),
        ((hashes(["root"], people(bob="group staff")),), {"bob": [(*LIKELY, ("reads", "guesses"))]}),
        (
            (hashes(["ci"], people(bob="group staff")), SOCKET),
            {"ci": [(*SURE, ("connects", "controls"))], "bob": [(*LIKELY, ("reads", "guesses", "connects", "controls"))]},
        ),
        ((hashes(["ci"]),), NOTHING),
        ((hashes([]),), NOTHING),
        ((hashes(["root"], {"everyone": False, "users": {}}),), NOTHING),
        ((hashes(DENIED),), {"every local user": [("potential", "nothing", ("reads", "guesses"))]}),
        ((root_key(True),), {"every local user": [(*LIKELY, ("reads", "logs-in"))]}),
        ((root_key(True, DENIED),), {"every local user": [(*LIKELY, ("reads", "logs-in"))]}),
        ((root_key(True, True, "root/.ssh/id_rsa"),), {"every local user": [(*SURE, ("reads", "logs-in"))]}),
        ((root_key(False),), NOTHING),
        ((root_key(DENIED),), {"every local user": [("potential", "nothing", ("reads", "logs-in"))]}),
    ],
)
def test_who_reads_secrets(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


def test_readers_that_are_not_known_leave_accounts_as_they_are() -> None:
    found = derived(host(hashes(["root"], DENIED)))
    assert isinstance(found["principals"], OpenObject) or isinstance(found["principals"]["every local user"]["without_password"], Hole)
