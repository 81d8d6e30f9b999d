"""What the processes of a container tell of it: all that is known where no engine tells of it, and else what is more than it was given.

They convict and never acquit. A process may give up what `exec` gives again, and may filter or hide for itself what was not filtered or hidden for it: where
nothing dangerous is seen, nothing is known.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.containers import host_mounts, ways_out
from hostcheck_builtin.containers.host_mounts import Known

T = TypeVar("T")
UNTOLD: Final = Hole(why=Why.UNSUPPORTED, message="no engine that can be asked tells of it; its processes show what they have, and not what they could have")
UNSEEN: Final = Hole(why=Why.UNSUPPORTED, message="none of its processes was found by its control group")
SHORT: Final = 12
GIVEN: Final = frozenset("CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split())
"""What docker gives to whoever asks for nothing (moby, caps/defaults.go); podman gives less."""
NAMESPACES: Final = ("cgroup", "ipc", "net", "pid", "user", "uts")


def untold(key: str, one: View, sockets: Known, data: Known) -> dict[str, Json]:
    """State a container of which only its processes tell."""
    engine, _, name = key.partition(":")
    privileged = _privileged(one)
    given = {kind: attempt(lambda at: _if(one["namespaces"][at] == "host", "host"), kind) for kind in NAMESPACES}
    root = map_known(given["user"], lambda _: True)
    mounts = host_mounts.of(View({"mounts": attempt(_mounts, one)}), sockets, data)
    return {
        **dict.fromkeys(("image", "limits", "remapped", "devices", "device_rules", "ports", "stronger"), UNTOLD),
        "engine": engine.partition("/")[0],
        "id": attempt(lambda: one["id"][:SHORT]),
        "name": name,
        "state": "running",
        "runs": True,
        "privileged": privileged,
        "one_by_one": True if privileged is UNTOLD else map_known(privileged, lambda told: not told),
        "namespaces": given,
        "root_is_hosts": root,
        **mounts,
        "capabilities": attempt(_capabilities, one, given),
        "seccomp": attempt(lambda: _if(one["filter"] is False, "none")),
        "masked_paths": attempt(lambda: _if(not list(one["hidden"]), "none")),
        "no_new_privileges": attempt(lambda: _if(one["no_new_privileges"] is False, False)),
        "user_is_root": map_known(root, lambda _: _if(one["first"]["uid"] == 0, True)),
        "programs": map_known(attempt(lambda: list(one["programs"])), lambda found: incomplete(found, UNTOLD)),
    }


def _if(shown: bool, value: T) -> T:
    """Return a value that is shown; raises HoleError where nothing is."""
    if not shown:
        raise HoleError(UNTOLD)
    return value


def _privileged(one: View) -> bool | Hole:
    """Return True for what only a privileged container has: nothing of the kernel's is hidden, and it may write to /sys, or has all and no filter."""
    bare = attempt(lambda: not list(one["hidden"]))
    writes, everything, filtered = (attempt(read) for read in (lambda: one["sysfs_writable"], lambda: one["capabilities"]["all"], lambda: one["filter"]))
    if bare is False:
        return UNTOLD
    if bare is True and (writes is True or (everything is True and filtered is False)):
        return True
    either = (writes,) if everything is False or filtered is True else (writes, everything, filtered)
    return worst_hole(bare, *either) or UNTOLD


def _capabilities(one: View, given: Mapping[str, Json]) -> Json:
    found = one["capabilities"]
    added = [ways_out.ALL] if found["all"] else list(found["bounding"])
    ways = ways_out.capabilities(added, (), host_pid=given["pid"] == "host", host_network=given["net"] == "host")
    hidden = [hole for hole in (given["pid"], given["net"]) if isinstance(hole, Hole)]
    return incomplete({name: {"gives": gives} for name, gives in ways.items()}, worst_hole(UNTOLD, *hidden))


def _mounts(one: View) -> Json:
    mounts: View = one["mounts"]
    each = {at: attempt(lambda at: {**mounts[at], "propagation": "", "type": "bind"}, at) for at in known(mounts)}
    return incomplete(each, worst_hole(UNTOLD, opening(mounts)))


class Seen:
    """The containers that processes tell of, by the beginning of their ids: each may be one that an engine tells of."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """Take what the probe states."""
        found: View | Hole = attempt(lambda: facts["container-processes"]["containers"])
        self.members = View({}) if isinstance(found, Hole) else found
        self.more = found if isinstance(found, Hole) else opening(found)
        self._keys = {key.rpartition(":")[2][:SHORT]: key for key in known(self.members)}

    def of(self, container: View) -> View | None:
        """Return what the processes of a container tell, None where it has none; raises HoleError where that is not known."""
        key = self._keys.get(container["id"][:SHORT])
        if key is not None:
            found: View = self.members[key]
            return found
        if container["state"] not in ("running", "paused"):
            return None
        raise HoleError(self.more or UNSEEN)

    def others(self, ids: set[str]) -> list[str]:
        """Return the keys of those whose ids are none of these."""
        return [key for begin, key in self._keys.items() if begin not in ids]


def beyond(container: View, seen: Seen) -> dict[str, Json]:
    """State what a container has that its engine tells of, and that it was not given."""
    found = attempt(seen.of, container)
    return {
        "stronger": map_known(found, lambda one: {} if one is None else _stronger(container, one["capabilities"]["stronger"])),
        "programs": map_known(found, lambda one: [] if one is None else list(one["programs"])),
    }


def _stronger(container: View, processes: View) -> Json:
    """Return the processes with capabilities that neither the first one could give them nor the engine was told to."""
    each = {pid: attempt(_capabilities_of, processes, pid) for pid in known(processes)}
    if not each and opening(processes) is None:
        return {}
    added = set(container["capabilities"]["added"])
    if container["privileged"] or ways_out.ALL in added:
        return {}
    more = {pid: map_known(found, lambda names: {"capabilities": sorted(names - GIVEN - added, key=_worst_first)}) for pid, found in each.items()}
    return incomplete({pid: one for pid, one in more.items() if isinstance(one, Hole) or one["capabilities"]}, opening(processes))


def _worst_first(name: str) -> tuple[bool, str]:
    return name not in ways_out.CAPABILITIES, name


def _capabilities_of(processes: View, pid: str) -> frozenset[str]:
    return frozenset(processes[pid]["capabilities"])


def runs_as_root(seen: Seen, container: View) -> bool:
    """Say that a container runs as root of the host, as its first process does; raises HoleError where that is not shown."""
    one = seen.of(container)
    return _if(one is not None and one["namespaces"]["user"] == "host" and one["first"]["uid"] == 0, True)
