import errno
from typing import Any

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenArray, Why
from hostcheck_builtin.kernel.userns import user_namespaces

CLONE, MOST = "kernel.unprivileged_userns_clone", "user.max_user_namespaces"
RESTRICT = "kernel.apparmor_restrict_unprivileged_userns"
COMPLAIN, UNCONFINED = f"{RESTRICT}_complain", "kernel.apparmor_restrict_unprivileged_unconfined"
PROC = {"/proc/self/status": "", "/proc/self/uid_map": ""}
DENIED = Hole(why=Why.DENIED, message="no")
REFUSED = PermissionError(errno.EACCES, "denied")


def told(apparmor: Any = False, files: dict[str, Any] | None = None, **values: int | Hole) -> Any:
    sysctl: dict[str, Any] = {name: {"present": False} for name in (CLONE, RESTRICT, COMPLAIN, UNCONFINED)}
    sysctl[MOST] = {"present": True, "value": 63000, "raw": "63000"}
    names = {"clone": CLONE, "most": MOST, "restrict": RESTRICT, "complain": COMPLAIN, "unconfined": UNCONFINED}
    for word, value in values.items():
        sysctl[names[word]] = value if isinstance(value, Hole) else {"present": True, "value": value, "raw": str(value)}
    return user_namespaces(MemoryHost(PROC if files is None else files), sysctl, apparmor)


@pytest.mark.parametrize(
    ("apparmor", "values", "who", "closed"),
    [
        pytest.param(False, {}, "yes", [], id="fedora"),
        pytest.param(True, {"clone": 1}, "yes", [], id="debian"),
        pytest.param(True, {"clone": 0}, "no", [CLONE], id="debian-off"),
        pytest.param(False, {"most": 0}, "no", [MOST], id="rhel-off"),
        pytest.param(True, {"clone": 0, "most": 0}, "no", [CLONE, MOST], id="both-off"),
        pytest.param(True, {"clone": 1, "restrict": 1, "complain": 0, "unconfined": 0}, "by profile", [], id="ubuntu-24.04"),
        pytest.param(True, {"restrict": 1}, "by profile", [], id="ubuntu-23.10"),
        pytest.param(True, {"restrict": 1, "complain": 0, "unconfined": 1}, "confined", [], id="ubuntu-hardened"),
        pytest.param(True, {"restrict": 1, "complain": 1, "unconfined": 1}, "yes", [], id="ubuntu-complains"),
        pytest.param(True, {"restrict": 0, "unconfined": 1}, "yes", [], id="ubuntu-off"),
        pytest.param(False, {"restrict": 1, "unconfined": 1}, "yes", [], id="ubuntu-without-apparmor"),
        pytest.param(DENIED, {"most": 0, "restrict": DENIED}, "no", [MOST], id="off-whatever-else"),
        pytest.param(DENIED, {"restrict": 0}, "yes", [], id="on-whatever-else"),
    ],
)
def test_each_distribution_has_a_switch_of_its_own(apparmor: Any, values: dict[str, Any], who: str, closed: list[str]) -> None:
    assert told(apparmor, **values) == {"supported": True, "unprivileged": who, "closed_by": closed}


@pytest.mark.parametrize(
    ("apparmor", "values"),
    [(True, {"clone": DENIED}), (True, {"most": DENIED}), (DENIED, {"restrict": 1}), (True, {"restrict": DENIED}), (True, {"restrict": 1, "complain": DENIED})],
)
def test_a_switch_that_cannot_be_read_leaves_it_open(apparmor: Any, values: dict[str, Any]) -> None:
    assert told(apparmor, **values)["unprivileged"] == DENIED
    assert told(True, restrict=1, unconfined=DENIED)["unprivileged"] == DENIED


def test_what_closes_it_may_not_be_all() -> None:
    closed = told(most=0, clone=DENIED)["closed_by"]
    assert list(closed) == [MOST] and isinstance(closed, OpenArray)


def test_a_kernel_without_user_namespaces_gives_nobody_one() -> None:
    assert told(files={"/proc/self/status": ""}) == {"supported": False, "unprivileged": "no", "closed_by": ["CONFIG_USER_NS"]}


@pytest.mark.parametrize("files", [{}, {"/proc/self": REFUSED}])
def test_hidden_proc_says_nothing_of_user_namespaces_76(files: dict[str, Any]) -> None:
    found = told(files=files)
    assert isinstance(found["supported"], Hole) and isinstance(found["unprivileged"], Hole)
    assert told(files=files, most=0)["unprivileged"] == "no"
