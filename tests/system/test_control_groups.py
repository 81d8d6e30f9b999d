"""Names of control groups, as engines give them and as others may: which container they name."""

import pytest
from containers.container_host import ident
from engines.engine_host import host
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.answers import Stat
from hostcheck.model import HoleError
from hostcheck_builtin.system.control_groups import Group, Owners, container_of
from hostcheck_builtin.system.mountinfo import parse

ID = ident(1)
SHORT = ID[:12]
POD = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod8f2f1b6e_1.slice"


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"/docker/{ID}", f"docker:{SHORT}"),
        (f"/system.slice/docker-{ID}.scope", f"docker:{SHORT}"),
        (f"/docker/{ID}/init", f"docker:{SHORT}"),
        (f"/docker/{ID}/docker/{ident(2)}", f"docker:{SHORT}"),
        (f"/libpod_parent/libpod-{ID}", f"podman:{SHORT}"),
        (f"/machine.slice/libpod-{ID}.scope/container", f"podman:{SHORT}"),
        (f"/system.slice/web.service/libpod-payload-{ID}", f"podman:{SHORT}"),
        (f"{POD}/cri-containerd-{ID}.scope", f"containerd/k8s.io:{SHORT}"),
        (f"{POD}/crio-{ID}.scope", f"cri-o:{SHORT}"),
        (f"{POD}/docker-{ID}.scope", f"docker:{SHORT}"),
        (f"/kubepods/besteffort/pod0123-45/{ID}", f"kubernetes:{SHORT}"),
        (f"/k8s.io/{ID}", f"containerd/k8s.io:{SHORT}"),
        ("/default/web", "containerd/default:web"),
        ("/default/web/inner", "containerd/default:web"),
        (f"/system.slice/nerdctl-{ID}.scope", f"containerd:{SHORT}"),
        (f"/user.slice/user-0.slice/session-1.scope/libpod-payload-{ID}", f"podman:{SHORT}"),
        (f"/mine/{ID}", f"container:{SHORT}"),
        (f"/mine.slice/other-{ID}.scope", f"container:{SHORT}"),
    ],
)
def test_what_engines_call_their_groups(path: str, key: str) -> None:
    for controllers in ("", "cpu,cpuacct", "name=systemd"):
        found = container_of(f"5:{controllers}:{path}\n")
        assert found is not None and (found.key, found.controllers) == (key, controllers)
        assert f"{path}/".startswith(f"{found.path}/") and found.path.rpartition("/")[2].removesuffix(".scope").endswith(found.id)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/init.scope", "/system.slice/docker.service", f"/docker/{ID[:-1]}", f"/docker/{ID}0", f"/docker/{ID.upper()}G", "/default", "/other/web"),
        *(f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope", f"/user-1.slice/{ID}"),
        *(f"/machine.slice/libpod-conmon-{ID}.scope", f"/x/crio-conmon-{ID}.scope", "/process_api/26d4f8104c786015c78181279e94e4e0"),
        *(f"relative/{ID}", f"/docker/{ID}x", "/default/.hidden", "/docker/buildkit/abcdefghijklmnopqrstuvwxy"),
    ],
)
def test_what_names_no_container_of_roots(path: str) -> None:
    assert container_of(f"0::{path}\n") is None


def test_the_first_hierarchy_that_names_one_counts() -> None:
    found = container_of(f"5:memory:/docker/{ID}\n1:cpu:/\n0::/docker/{ident(2)}\n")
    assert found == Group(f"docker:{SHORT}", ID, "memory", f"/docker/{ID}")


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert container_of(text) is None or "/" in text


@given(st.lists(st.text(st.characters(exclude_characters="/\n\0"), min_size=1, max_size=80), max_size=6), st.sampled_from(["docker-", "libpod-", "", "x-"]))
def test_nothing_below_a_container_changes_which_it_is(names: list[str], prefix: str) -> None:
    whole, below = (container_of(f"0::/system.slice/{prefix}{ID}{end}\n") for end in ("", "/" + "/".join(names)))
    assert whole is not None and whole == below


@given(st.lists(st.text(st.characters(exclude_characters="/\n\0"), min_size=1, max_size=80), max_size=6))
def test_a_user_names_no_container_of_roots(names: list[str]) -> None:
    assert container_of(f"0::/user.slice/user-1000.slice/{'/'.join(names)}/docker-{ID}.scope\n") is None


CGROUP2 = "30 23 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
CGROUP1 = "31 23 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n32 23 0:32 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
ROOTS = Stat(type="dir", uid=0, gid=0, mode=0o755)


def owners(table: str, **stats: Stat) -> Owners:
    return Owners(host(stats={path.replace("_", "/"): stat for path, stat in stats.items()}), list(parse("x", table)))


@pytest.mark.parametrize(
    ("controllers", "place"),
    [("", "_sys_fs_cgroup_docker"), ("cpu,cpuacct", "_sys_fs_cgroup_cpu,cpuacct_docker"), ("name=systemd", "_sys_fs_cgroup_systemd_docker")],
)
def test_whose_a_group_is(controllers: str, place: str) -> None:
    group = Group(f"docker:{SHORT}", ID, controllers, f"/docker/{ID}")
    assert owners(CGROUP1 + CGROUP2, **{place: ROOTS}).is_roots(group)
    for other in (Stat(type="dir", uid=7, gid=0, mode=0o755), Stat(type="dir", uid=0, gid=0, mode=0o775), Stat(type="file", uid=0, gid=0, mode=0o644)):
        assert not owners(CGROUP1 + CGROUP2, **{place: other}).is_roots(group)


def test_whose_a_group_is_that_is_not_there() -> None:
    for table, controllers in ((CGROUP2, ""), (CGROUP2, "memory"), (CGROUP2.replace(" / /sys", " /x /sys"), "")):
        with pytest.raises(HoleError):
            owners(table).is_roots(Group(f"docker:{SHORT}", ID, controllers, f"/docker/{ID}"))
