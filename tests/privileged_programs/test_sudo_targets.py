import pytest
from privileged_programs.rights import facts

from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.privileged_programs.sudo_people import Members
from hostcheck_builtin.privileged_programs.sudo_policy import Leaf, policy
from hostcheck_builtin.privileged_programs.sudo_targets import SELF, groups, targets

ROOT = (Leaf("user", "root", negated=False),)


@pytest.mark.parametrize(
    ("runas", "uids", "others", "with_groups"),
    [
        ("", {0: True}, False, []),
        ("(bob)", {1001: True}, False, []),
        ("(#0)", {0: True}, False, []),
        ("(ALL)", {}, True, []),
        ("(ALL, !root)", {0: False}, True, []),
        ("(%wheel)", {1001: True}, False, []),
        ("()", {SELF: True}, False, []),
        ("(:docker, ops, !ops)", {SELF: True}, False, ["docker"]),
        ("(bob:ALL)", {1001: True}, False, ["ALL"]),
        ("(nobody)", {}, False, []),
    ],
)
def test_as_whom(runas: str, uids: dict[int, bool], others: bool, with_groups: list[str]) -> None:
    view = View({name: unite(*part(value), name) for name, value in facts(f"ann ALL={runas} ALL\n").items()})
    (spec,) = policy(view["sudo"]).rules[0].specs
    found = targets(Members(gather(view, lambda: [])), ROOT if spec.users is None else spec.users)
    assert (found.uids, found.any, found.hole, groups(spec.groups)) == (uids, others, None, with_groups)
    assert found.has(4711) is others and found.has(SELF) is (SELF in uids)
