"""A host in memory with processes, and the tables of mounts that these may see."""

from typing import Any

from hostcheck.host.answers import Process
from hostcheck.host.memory import MemoryHost

TABLE = "22 1 0:21 / /proc rw - proc proc rw{}\n27 1 254:0 / / rw - ext4 /dev/vda rw\n30 27 0:24 / /run rw - tmpfs tmpfs rw\n"
CONTAINER = "50 1 0:99 / / rw - overlay overlay rw\n51 50 0:98 / /proc rw - proc proc rw\n"
SANDBOX = TABLE.format("") + "60 27 254:0 /tmp/systemd-private-x /tmp rw - ext4 /dev/vda rw\n"
OVERRIDE = 1 << 1


def process(pid: int, uid: int, gid: int, *groups: int, host: bool | None = True, caps: int = 0, **more: Any) -> Process:
    told: dict[str, Any] = {"user_view": False if host else None, **more}
    return Process(pid=pid, ppid=1, name="p", uids=(uid,) * 4, gids=(gid,) * 4, groups=groups, cap_effective=caps, host_mounts=host, **told)


def roots(pid: int, uid: int, gid: int, *groups: int, mounts: str = "mnt:[5]", **more: Any) -> Process:
    """Return a process in a mount namespace that root made."""
    return process(pid, uid, gid, *groups, **{"host": False, "user_view": False, "mounts": mounts, **more})


def host(
    files: dict[str, Any] | None = None, *, links: dict[str, str] | None = None, processes: Any = (), hidepid: str = "", caps: int = 0, **more: Any
) -> MemoryHost:
    table = TABLE.format(hidepid and f",hidepid={hidepid}")
    usual = {"/proc/self/mountinfo": table, "/proc/self/status": f"Name:\tx\nCapEff:\t{caps:016x}\n"}
    return MemoryHost({**usual, **(files or {})}, links=links, processes=processes, **more)


CHROOTED = "97 1 0:21 / /proc rw - proc proc rw\n98 1 0:24 /sub /here rw - tmpfs tmpfs rw\n"
