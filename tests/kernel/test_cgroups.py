"""Which control-group hierarchies there are and whose they are; what process 1 does not show is not known."""

from typing import Any

import pytest
from kernel.test_probe_kernel import FILES, V1, V2

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck.parting import part
from hostcheck_builtin.kernel.cgroups import cgroups


def groups(files: dict[str, Any] | None = None, without: tuple[str, ...] = ("!",)) -> Any:
    return cgroups(MemoryHost({path: text for path, text in {**FILES, **(files or {})}.items() if not path.startswith(without)}))


@pytest.mark.parametrize(
    ("table", "mode"),
    [
        (V2, "v2"),
        (V1, "v1"),
        (V1 + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", "hybrid"),
        (V2 + "42 27 0:39 / /mnt/net_cls rw - cgroup cgroup rw,net_cls\n", "hybrid"),
        ("27 1 254:0 / / rw - ext4 /dev/vda rw\n43 27 0:40 / /home/ann/cgroup2 rw - fuse.cgroup2 cgroup2 rw\n", "none"),
    ],
)
def test_the_mode_is_by_the_kinds_of_hierarchies(table: str, mode: str) -> None:
    assert groups({"/proc/1/mountinfo": table})["mode"] == mode


def test_a_hidden_process_1_leaves_control_groups_open() -> None:
    found, holes = part(groups(without=("/proc/1/",)))
    assert found == {"controllers": {}}
    assert {hole["why"] for hole in holes} == {"denied"}


def test_v1_hierarchies_have_controllers_and_release_agents() -> None:
    files = {"/proc/1/mountinfo": V1, "/sys/fs/cgroup/cpu,cpuacct/release_agent": "/bin/evil\n"}
    group = groups(files, without=("/sys/fs/cgroup/cgroup.controllers",))
    assert group["controllers"] == {"v1": ["cpu", "cpuacct"], "v2": []}
    assert group["delegated"] == {}
    assert group["v1_release_agent"]["/sys/fs/cgroup/cpu,cpuacct"] == "/bin/evil"
    assert isinstance(group["v1_release_agent"]["/sys/fs/cgroup/systemd"], Hole)


def test_delegation_is_told_of_real_users_slices_only() -> None:
    odd = {f"/sys/fs/cgroup/user.slice/{name}.slice/user@{name[5:]}.service/cgroup.controllers": "cpu\n" for name in ("user-x", "user-01", "user-", "other-7")}
    odd["/sys/fs/cgroup/user.slice/1002/user@1002.service/cgroup.controllers"] = "cpu\n"
    assert groups(odd)["delegated"] == {"1000": ["memory", "pids"]}
    later = {"/sys/fs/cgroup/user.slice/user-0.slice/x": "", "/sys/fs/cgroup/user.slice/user-1002.slice/user@1002.service/cgroup.controllers": "cpu\n"}
    assert groups(later)["delegated"] == {"1000": ["memory", "pids"], "1002": ["cpu"]}
    elsewhere = {"/proc/1/mountinfo": "27 1 254:0 / / rw - ext4 /dev/vda rw\n", "/user.slice/user-7.slice/user@7.service/cgroup.controllers": "cpu\n"}
    assert groups(elsewhere)["delegated"] == {}
    assert groups(without=("/sys/fs/cgroup/user.slice",))["delegated"] == {}


def test_another_view_of_the_hierarchy_says_nothing_about_delegation() -> None:
    group = groups(without=("/sys/fs/cgroup/",))
    assert group["mode"] == "v2"
    assert isinstance(group["controllers"]["v2"], Hole)
    assert isinstance(group["delegated"], Hole)


def test_the_usual_place_of_the_unified_hierarchy_comes_first() -> None:
    table = "29 23 0:26 /x /srv/jail/cgroup rw - cgroup2 cgroup2 rw\n" + V2
    assert groups({"/proc/1/mountinfo": table})["controllers"]["v2"] == ["cpu", "memory", "pids"]
    elsewhere = {"/proc/1/mountinfo": V2.replace("/sys/fs/cgroup", "/cgroup2"), "/cgroup2/cgroup.controllers": "io\n"}
    assert groups(elsewhere)["controllers"]["v2"] == ["io"]
