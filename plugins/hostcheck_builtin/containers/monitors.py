"""Who had logged in where a container of podman's was started: conmon, which watches over it, has the loginuid of whoever started it.

The kernel keeps that number through sudo(8) and su(1), and a process that root runs cannot be given another by a user (proc_pid_loginuid(5)).
"""

from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, attempt
from hostcheck_builtin.system.procfs import number

UNSET: Final = 0xFFFFFFFF
"""What services have, and everything where nothing sets it at login (pam_loginuid(8))."""


def pid(value: Json) -> int:
    """Return the pid of a monitor, 0 where there is none; raises TypeError."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 31:
        raise TypeError
    return value


def login(host: Host, monitor: Json, container: Json) -> dict[str, Json]:
    """Return the uid of who had logged in; nothing where no monitor runs, or nobody is known to have."""
    if monitor == 0:
        return {}
    if isinstance(monitor, Hole) or isinstance(container, Hole):
        return {"login_uid": monitor if isinstance(monitor, Hole) else container}
    found = attempt(_login, host, int(monitor), str(container))
    return {} if found == UNSET else {"login_uid": found}


def _login(host: Host, monitor: int, container: str) -> int:
    """Return the loginuid of a process that proves afterwards to be the monitor; a kernel without auditing has none."""
    place = f"/proc/{monitor}"
    try:
        uid = number(host.read_text(f"{place}/loginuid", missing=str(UNSET)).strip())
        is_monitors = container.encode() in host.read_bytes(f"{place}/cmdline").split(b"\0") and not any(host.process(monitor).uids)
    except ABSENT:
        is_monitors = False
    if not is_monitors:
        raise Nonsense(f"{place}: podman says that it watches over a container, and it does not")
    if uid is None or not 0 <= uid <= UNSET:
        raise Nonsense(f"{place}/loginuid: no uid")
    return uid
