"""What keeps a user's engine from user namespaces and from limits, by the kernel and by what the engine says; what is not told is not enforced."""

from typing import Any

import pytest
from engines.scope_facts import ANNS, DENIED, derive, docker, facts, info, kernel, podman

from hostcheck.model import Hole, OpenArray, Why


@pytest.mark.parametrize(
    ("change", "usable"),
    [
        (kernel(), True),
        (kernel(most=0), False),
        (kernel(most=None), False),
        (kernel(clone=0), False),
        (kernel(clone=1), True),
        (kernel(confined=0), True),
        (kernel(confined=1), True),
    ],
)
def test_who_may_make_user_namespaces(change: Any, usable: bool) -> None:
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000)}, kernel=change))["users"]["ann"]
    assert one["userns_usable"] is usable


def test_whether_apparmor_lets_an_engine_through_is_not_known_while_none_is_seen_in_a_namespace() -> None:
    conmon = {"1000": {"/usr/bin/conmon": {"engine": "podman", "root_owned": True}}}
    one = derive(facts(programs=conmon, kernel=kernel(confined=1)))["users"]["ann"]
    assert isinstance(one["userns_usable"], Hole) and one["userns_usable"].why == Why.UNSUPPORTED


GIVEN = "systemd does not give the controller {} to user@1000.service"


@pytest.mark.parametrize(
    ("change", "says", "lacking"),
    [
        (kernel(), info("name=rootless"), []),
        (kernel(), info("name=rootless", cgroups="none"), ["docker says CgroupDriver: none"]),
        (kernel(), info("name=rootless", memory=False, pids=False), ["docker says MemoryLimit: false", "docker says PidsLimit: false"]),
        (kernel(mode="v1"), info("name=rootless"), ["this host uses control groups v1"]),
        (kernel(mode="hybrid"), info("name=rootless"), ["this host uses control groups v1 beside v2"]),
        (kernel(_1000=["cpu", "memory"]), info("name=rootless"), [GIVEN.format("pids")]),
        (kernel(_1000=[]), info("name=rootless"), [GIVEN.format("memory"), GIVEN.format("pids")]),
    ],
)
def test_limits_hold_where_the_kernel_gave_the_user_what_they_need(change: Any, says: Any, lacking: list[str]) -> None:
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000, info=says)}, kernel=change))["users"]["ann"]
    assert (one["limits_enforced"], one["limits_lack"]) == (not lacking, lacking)


def test_podman_says_which_controllers_it_lacks() -> None:
    theirs = podman(True, uid=1000)
    theirs["libpod"]["cgroup_controllers"] = ["cpu", "pids"]
    one = derive(facts(users={"/run/user/1000/podman/podman.sock": theirs}))["users"]["ann"]
    assert (one["limits_enforced"], one["limits_lack"]) == (False, ["podman says that it has no controller memory"])


def test_what_an_engine_does_not_tell_of_its_limits_is_not_taken_for_enforced() -> None:
    untold = {**info("name=rootless"), "pids_limit": DENIED}
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000, info=untold)}))["users"]["ann"]
    assert isinstance(one["limits_enforced"], Hole) and isinstance(one["limits_lack"], OpenArray)
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000, info=untold)}, kernel=kernel(mode="v1")))["users"]["ann"]
    assert one["limits_enforced"] is False and one["limits_lack"] == ["this host uses control groups v1"]


def test_a_user_without_a_manager_has_no_limits() -> None:
    told = derive(facts(users={"/x": docker("name=rootless", uid=1001)}))["users"]["bob"]
    assert told["limits_enforced"] is False


def test_which_settings_close_user_namespaces_and_which_file_sets_them() -> None:
    change = kernel(most=0, clone=0)
    change["persisted"]["settings"] = {"user.max_user_namespaces": {"source": "/etc/sysctl.d/90-site.conf:3", "raw": "0"}}
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000)}, kernel=change))["users"]["ann"]
    assert one["userns_closed_by"] == {
        "user.max_user_namespaces": {"raw": "0", "set_in": "/etc/sysctl.d/90-site.conf:3"},
        "kernel.unprivileged_userns_clone": {"raw": "0", "set_in": ""},
    }


@pytest.mark.parametrize(
    ("change", "causes"),
    [
        (kernel(), ["engine"]),
        (kernel(mode="none"), ["engine", "nothing mounted"]),
        (kernel(mode="hybrid"), ["engine", "v1"]),
        (kernel(_1000=["cpu"]), ["engine", "not given"]),
    ],
)
def test_each_thing_that_is_lacking_has_its_cause(change: Any, causes: list[str]) -> None:
    says = info("name=rootless", cgroups="none")
    assert derive(facts(users={ANNS: docker("name=rootless", uid=1000, info=says)}, kernel=change))["users"]["ann"]["limits_causes"] == causes
    other = derive(facts(users={"/x": docker("name=rootless", uid=1001)}))["users"]["bob"]
    assert (other["limits_causes"], other["controllers"]) == (["no manager"], [])
