"""What time it is by a host's own clock."""

from datetime import UTC, datetime, timedelta

from hostcheck.api import Host, Nonsense
from hostcheck_builtin.system import procfs


def is_past(host: Host, when: str) -> bool | None:
    """Say whether a time that begins with YYYYMMDD has passed, in whatever zone it is told: None for the days beside it, and for another form."""
    day, today = when[:8], now(host)[:8]
    if len(day) != len(today) or not day.isdecimal() or abs(int(day) - int(today)) <= 1:
        return None
    return day < today


def now(host: Host) -> str:
    """Return the time as YYYYMMDDhhmmss in UTC, from when the host was booted and how long ago that is (proc(5))."""
    booted = procfs.demand(host.read_text, "/proc/stat").partition("\nbtime ")[2].split("\n")[0]
    passed = procfs.demand(host.read_text, "/proc/uptime").partition(".")[0]
    if not (booted.isdecimal() and passed.isdecimal() and len(booted + passed) < 20):
        raise Nonsense("/proc/stat and /proc/uptime: do not say what time it is")
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(booted) + int(passed))).strftime("%Y%m%d%H%M%S")
