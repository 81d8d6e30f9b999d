"""Unused accounts: each sign of use, and each that is hidden, gives their path back."""

from typing import Any

import pytest
from paths.path_facts import SAFE

from hostcheck.model import Hole, Why
from hostcheck.view import View
from hostcheck_builtin.paths import nobodies
from hostcheck_builtin.paths.graph import OTHERS, ROOT, Edge, Graph, Strength
from hostcheck_builtin.paths.search import Paths
from hostcheck_builtin.paths.statement import all_ways

DENIED = Hole(why=Why.DENIED, message="no")
NOTHING = {"password": False, "crontab": False, "key": False, "rule": False, "unit": False}
ADM = {"name": "adm", "uid": 3, "gid": 4, "home": "/var/adm", "shell": "/sbin/nologin"}
ANN = {"name": "ann", "uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh"}
PROGRAM = {"setuid": True, "owner_uid": 3}
IN_DISK = Edge(kind="opens", origin="user:adm", to=ROOT, because="adm can")
AS_ADM = Edge(kind="runs-as", origin="user:ann", to="user:adm", because="ann by sudo")
UNLISTED = Edge(kind="opens", origin=OTHERS, to=ROOT, because="others may", strength=Strength.POTENTIAL, hole=DENIED)


def left(*edges: Edge, programs: Any = None, means: Any = NOTHING, **principals: Any) -> set[str]:
    """Return who has a path, on a host with adm, which is idle."""
    files = {"users": {"adm": ADM, "ann": ANN}, "groups": {}, "gshadow": {}, "processes": {}, "stock_accounts": {"adm": means}, **principals}
    facts = {**SAFE, "principals": files, "nss": {"users": {}, "groups": {}, "memberships": {}}, "setuid-programs": {"programs": programs or {}}}
    graph = Graph.of([IN_DISK, *edges])
    return set(nobodies.left_out(View(facts), graph, all_ways(graph, Paths(graph)))) - {"everyone"}


def test_it_has_no_path_of_its_own() -> None:
    assert left() == set()
    assert left(programs={"/usr/bin/x": {"setuid": True, "owner_uid": 0}, "/usr/bin/y": {"setuid": False, "owner_uid": 3}}) == set()


def test_whoever_becomes_it_has_one_and_so_has_it() -> None:
    assert left(AS_ADM) == {"user:adm", "user:ann"}


@pytest.mark.parametrize("fact", list(NOTHING))
def test_each_sign_counts_and_so_does_what_is_hidden(fact: str) -> None:
    assert left(means={**NOTHING, fact: True}) == left(means={**NOTHING, fact: DENIED}) == {"user:adm"}


def test_so_do_a_setuid_file_and_programs_that_are_hidden() -> None:
    assert (
        left(programs={"/usr/bin/x": PROGRAM}) == left(programs={"/usr/bin/x": DENIED}) == left(programs={"/x": {**PROGRAM, "setuid": DENIED}}) == {"user:adm"}
    )


def test_so_do_hidden_processes_and_others_who_may_have_a_path() -> None:
    assert left(processes=DENIED) == left(stock_accounts=DENIED) == {"user:adm"}
    assert left(UNLISTED) == {"user:adm", OTHERS}
