"""What is open to who acts in a container, by whether that one is root or can become that."""

from typing import Any

import pytest
from containers.escape_facts import DENIED

from hostcheck_builtin.accounts.dac import Ids
from hostcheck_builtin.containers.acting import ROOT, Acting


@pytest.mark.parametrize(
    ("rises", "can", "keeps"),
    [
        (True, False, True),
        (True, DENIED, True),
        (False, True, True),
        (False, False, False),
        (False, DENIED, DENIED),
        (DENIED, False, DENIED),
        (DENIED, True, True),
    ],
)
def test_what_is_roots_is_open_to_who_becomes_root(rises: Any, can: Any, keeps: Any) -> None:
    assert Acting(root=False, rises=rises).keeps(can) == keeps


def test_a_capability_counts_where_it_is_in_force() -> None:
    able = Acting(root=False, rises=False, able=frozenset({"SYS_ADMIN"}))
    assert (able.has(["SYS_ADMIN", "BPF"]), able.has(["BPF"]), able._replace(able=frozenset({"ALL"})).has(["BPF"])) == (True, False, True)
    assert able._replace(unsure=DENIED).has(["BPF"]) == DENIED and able._replace(unsure=DENIED).has(["SYS_ADMIN"]) is True
    assert ROOT.has([]) is True and Acting(root=DENIED, rises=True).has(["BPF"]) == DENIED


def test_it_says_who_that_is() -> None:
    assert Acting(root=False, rises=True, ids=Ids(uid=65534)).reason.startswith("its user is uid 65534")
