"""Capabilities by name, as files carry them (capabilities(7))."""

from typing import Final

from hostcheck.api import FileCapabilities, Json

CAPABILITIES: Final = (
    *("chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable", "net_bind_service"),
    *("net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin"),
    *("sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap", "mac_override"),
    *("mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore"),
)
"""By bit (linux/capability.h)."""


def stated(given: FileCapabilities) -> dict[str, Json]:
    """State what a file gives; `rootid` is the uid of the root of the user namespace in which it counts, 0 for the host's."""
    return {"permitted": names(given.permitted), "inheritable": names(given.inheritable), "effective": given.effective, "rootid": given.rootid}


def names(mask: int) -> list[str]:
    """Return the capabilities in a mask by their names, those without one as ``cap_N``."""
    bits = [bit for bit in range(mask.bit_length()) if mask >> bit & 1]
    return [f"cap_{CAPABILITIES[bit]}" if bit < len(CAPABILITIES) else f"cap_{bit}" for bit in bits]
