"""Which capabilities, devices and rules lead to the host, and which do not."""

import pytest

from hostcheck_builtin.containers import ways_out


@pytest.mark.parametrize(
    ("added", "dropped", "pid", "network", "found"),
    [
        ((), (), True, True, set()),
        (("SYS_ADMIN", "NET_RAW"), (), False, False, {"SYS_ADMIN"}),
        (("SYS_ADMIN",), ("ALL",), False, False, {"SYS_ADMIN"}),
        (("SYS_ADMIN",), ("SYS_ADMIN",), False, False, {"SYS_ADMIN"}),
        (("SYS_PTRACE", "SYS_BOOT", "NET_ADMIN"), (), False, False, set()),
        (("SYS_PTRACE", "SYS_BOOT", "NET_ADMIN"), (), True, False, {"SYS_PTRACE", "SYS_BOOT"}),
        (("SYS_PTRACE", "NET_ADMIN"), (), False, True, {"NET_ADMIN"}),
        (("ALL",), (), False, False, {"ALL"}),
        (("ALL",), tuple(set(ways_out.CAPABILITIES) - {"BPF"}), False, False, {"BPF"}),
        (("ALL",), tuple(ways_out.CAPABILITIES), False, False, set()),
        (("ALL",), tuple(ways_out.CAPABILITIES), True, False, {"SYS_PTRACE", "SYS_BOOT"}),
    ],
)
def test_capabilities(added: tuple[str, ...], dropped: tuple[str, ...], pid: bool, network: bool, found: set[str]) -> None:
    assert set(ways_out.capabilities(added, dropped, host_processes=pid, host_pid=pid, host_network=network)) == found


def test_a_mount_of_proc_shows_processes_and_is_no_namespace() -> None:
    assert set(ways_out.capabilities(("SYS_PTRACE", "SYS_BOOT"), (), host_processes=True, host_pid=False, host_network=False)) == {"SYS_PTRACE"}


@pytest.mark.parametrize(
    ("real", "kind", "leads"),
    [
        ("/dev/vda", "block", True),
        ("/dev/mem", "char", True),
        ("/dev/mem", "absent", True),
        ("/dev/uinput", "char", True),
        ("/dev/sg0", "char", True),
        ("/dev/vfio/1", "char", True),
        ("/dev", "dir", True),
        ("/dev/null", "char", False),
        ("/dev/kvm", "char", False),
        ("/dev/fuse", "char", False),
        ("/dev/memory", "char", False),
    ],
)
def test_devices(real: str, kind: str, leads: bool) -> None:
    assert bool(ways_out.device(real, kind)) is leads


@pytest.mark.parametrize(
    ("rule", "leads"),
    [
        ("a *:* rwm", True),
        ("b *:* r", True),
        ("b 8:0 rwm", True),
        ("c *:* w", True),
        ("c 1:* rwm", True),
        ("c 1:1 r", True),
        ("c 1:3 rwm", False),
        ("c 10:200 rwm", False),
        ("b *:* m", False),
        ("a *:* m", False),
    ],
)
def test_rules(rule: str, leads: bool) -> None:
    assert bool(ways_out.rule(rule)) is leads
