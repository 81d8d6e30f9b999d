"""Each setting that is read is a fact, and the value of one is a number only where it is written like one."""

from pathlib import Path
from typing import Any

import pytest

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host import Unsupported
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.kernel import sysctls
from hostcheck_builtin.kernel.sysctls import SYSCTLS, read_sysctl

SCHEMA = load_facts_schema(str(Path(sysctls.__file__).parent / "probe_kernel.facts.json"))


def test_each_setting_is_named_once_and_is_a_fact() -> None:
    stated = SCHEMA["properties"]["sysctl"]
    assert list(SYSCTLS) == sorted(set(SYSCTLS)) == list(stated["properties"]) == stated["required"]


@pytest.mark.parametrize(
    ("raw", "value"), [("1\n", 1), ("-1\n", -1), ("1\t0\n", [1, 0]), ("0x1\n", "0x1"), ("\n", ""), ("|/bin/x %p\n", "|/bin/x %p"), ("1 a\n", "1 a")]
)
def test_a_value_is_a_number_where_it_is_written_like_one(raw: str, value: Any) -> None:
    assert read_sysctl(MemoryHost({"/proc/sys/a/b": raw}), "a.b") == {"present": True, "value": value, "raw": raw.removesuffix("\n")}


def test_a_setting_that_is_not_there_is_absent_but_in_another_network_namespace() -> None:
    assert read_sysctl(MemoryHost(), "a.b") == {"present": False}
    assert read_sysctl(MemoryHost({"/proc/sys/net/core/netdev_max_backlog": "1000\n"}), "net.core.bpf_jit_harden") == {"present": False}
    with pytest.raises(Unsupported):
        read_sysctl(MemoryHost({"/proc/sys/net/core/somaxconn": "4096\n"}), "net.core.bpf_jit_harden")
    with pytest.raises(PermissionError):
        read_sysctl(MemoryHost({"/proc/sys/a/b": PermissionError(13, "no")}), "a.b")
