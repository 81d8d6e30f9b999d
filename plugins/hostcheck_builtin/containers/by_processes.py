"""What the processes of a container tell of it: all that is known where no engine tells of it, and else what is more than it was given.

They convict and never acquit. A process may give up what `exec` gives again, and may filter or hide for itself what was not filtered or hidden for it: where
nothing dangerous is seen, nothing is known.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.containers import host_mounts, host_processes, reaching, security_modules, ways_out
from hostcheck_builtin.containers.acting import Acting
from hostcheck_builtin.containers.host_mounts import Known, KnownPlaces, Using
from hostcheck_builtin.containers.security_modules import Modules
from hostcheck_builtin.system.control_groups import SHORT
from hostcheck_builtin.system.fact_members import collection, each_stated, sure

T = TypeVar("T")
UNTOLD: Final = Hole(why=Why.UNSUPPORTED, message="no engine that can be asked tells of it; its processes show what they have, and not what they could have")
UNSEEN: Final = Hole(why=Why.UNSUPPORTED, message="none of its processes was found by its control group")
NOWHERE: Final = "an image whose name is not noted"
GIVEN: Final = frozenset("CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split())
"""What docker gives to whoever asks for nothing (moby, caps/defaults.go); podman gives less."""
REMAPS: Final = frozenset({"container", "docker", "kubernetes"})
"""Whose containers may be docker's, which may map the ids of all."""
SETTINGS: Final = ("apparmor", "drops_all", "health_check", "image_pinned", "readonly_rootfs", "restart", "secret_variables", "selinux")
LIMITED: Final = ("memory", "pids")
"""A runtime starts no container whose limits it cannot set (runc, crun)."""
NAMESPACES: Final = ("cgroup", "ipc", "net", "pid", "user", "uts")


Inside = Callable[[str, View, Json], tuple[Acting, Using]]
"""Says who acts in a container, by its key, its processes and whether it has no-new-privileges, and what that one may use."""


def untold(key: str, one: View, sockets: Known, data: KnownPlaces, inside: Inside, modules: Modules) -> tuple[dict[str, Json], Acting]:
    """State a container of which only its processes tell, and to root the file of its runtime; and who acts in it."""
    engine, _, name = key.partition(":")
    seen = _seen(one)
    given: View | Hole = attempt(lambda: one["given"])
    told = {fact: _either(seen[fact], attempt(read, given), bad) for fact, (read, bad) in GIVEN_AS.items()}
    namespaces = {kind: _either(seen["namespaces"][kind], attempt(lambda at: str(_told(given, "namespaces")[at]), kind), "host") for kind in NAMESPACES}
    sees = host_processes.sees(namespaces["pid"], attempt(lambda: one["mounts"]), attempt(_told, given, "mounts"))
    capabilities = attempt(_capabilities, one, given, namespaces, sees)
    acting, using = inside(key, one, told["no_new_privileges"])
    stated = {
        **dict.fromkeys(SETTINGS, UNTOLD),
        **{"rootless": False, "told": False, "ports": UNTOLD, "remapped": UNTOLD if engine in REMAPS else False},
        **told,
        "engine": engine.partition("/")[0],
        "id": attempt(lambda: one["id"][:SHORT]),
        "name": name,
        "image": attempt(_image, given),
        "state": "running",
        "runs": True,
        "one_by_one": True if seen["privileged"] == UNTOLD else map_known(seen["privileged"], lambda privileged: not privileged),
        "namespaces": namespaces,
        **_mounts(one, given, sockets, data, using),
        "capabilities": capabilities,
        "sees_processes": sees,
        "takes_processes": host_processes.takes(sees, capabilities),
        "devices": attempt(lambda: {path: {"path": path, "gives": ways_out.device(path, "block")} for path in _told(given, "devices")}),
        "device_rules": attempt(lambda: {rule: {"gives": gives} for rule in _told(given, "device_rules") if (gives := ways_out.rule(rule))}),
        "limits": {**{kind: attempt(lambda at: int(_told(given, "limits")[at]), kind) for kind in LIMITED}, "cpu": UNTOLD},
        "enforced": {**{kind: map_known(given, lambda _: True) for kind in LIMITED}, "cpu": UNTOLD},
        "stronger": attempt(_more_than_given, one, given),
        "programs": attempt(_programs, one),
    }
    stated["confined"] = security_modules.confined(stated, modules)
    stated["takes_ids"] = attempt(lambda: host_processes.takes_ids(_bounding(one), (ways_out.ALL,)))
    return {**stated, **reaching.reached(stated, acting)}, acting


def _seen(one: View) -> dict[str, Json]:
    """Return what processes show that is dangerous; UNTOLD where nothing is, and other holes where that is not known."""
    shared = {kind: attempt(lambda at: _if(one["namespaces"][at] == "host", "host"), kind) for kind in NAMESPACES}
    root = map_known(shared["user"], lambda _: True)
    return {
        "namespaces": shared,
        "privileged": _privileged(one),
        "root_is_hosts": root,
        "seccomp": attempt(lambda: _if(one["filter"] is False, "none")),
        "masked_paths": attempt(lambda: _if(not list(one["hidden"]), "none")),
        "no_new_privileges": attempt(lambda: _if(one["no_new_privileges"] is False, False)),
        "user_is_root": map_known(root, lambda _: _if(one["first"]["uid"] == 0, True)),
    }


def _programs(one: View) -> Json:
    return incomplete(known(one["programs"]), opening(one["programs"]))


def _either(seen: Json, given: Json, bad: Json) -> Json:
    """Return what is seen to be dangerous or was given so; else what was given, where all was looked at that may be seen."""
    if not isinstance(seen, Hole) or (not isinstance(given, Hole) and given == bad):
        return bad
    return given if seen == UNTOLD else seen


def _told(given: View | Hole, fact: str) -> Json:
    return sure(given)[fact]


GIVEN_AS: Final[Mapping[str, tuple[Callable[[View | Hole], Json], Json]]] = {
    "privileged": (lambda given: _told(given, "privileged"), True),
    "root_is_hosts": (lambda given: _told(given, "namespaces")["user"] == "host", True),
    "seccomp": (lambda given: _told(given, "seccomp"), "none"),
    "masked_paths": (lambda given: _told(given, "masked_paths"), "none"),
    "no_new_privileges": (lambda given: _told(given, "no_new_privileges"), False),
    "user_is_root": (lambda given: _told(given, "uid") == 0, True),
}
"""How each fact is told by the file of a runtime, and which value is dangerous."""


def _image(given: View | Hole) -> str:
    """Return the name of the image, and what Kubernetes calls the container; that neither is noted anywhere is known where no file is."""
    if isinstance(given, Hole) and given.why is Why.UNSUPPORTED:
        return NOWHERE
    return ", ".join(name for name in (_told(given, "image"), _told(given, "pod")) if name) or NOWHERE


def _more_than_given(one: View, given: View | Hole) -> Json:
    """Return the processes with capabilities that the runtime was not told to give."""
    processes: View = one["capabilities"]["stronger"]
    each = {pid: attempt(_capabilities_of, processes, pid) for pid in known(processes)}
    bounding = set(_told(given, "bounding"))
    more = {pid: map_known(found, lambda names: {"capabilities": sorted(names - bounding, key=_worst_first)}) for pid, found in each.items()}
    return incomplete({pid: found for pid, found in more.items() if isinstance(found, Hole) or found["capabilities"]}, opening(processes))


def _if(shown: bool, value: T) -> T:
    """Return a value that is shown; raises HoleError where nothing is."""
    if not shown:
        raise HoleError(UNTOLD)
    return value


def _privileged(one: View) -> bool | Hole:
    """Return True for what only a privileged container has: nothing of the kernel's is hidden, and it may write to /sys, or has all and no filter.

    In a user namespace that it may have made itself it has all, and mounts what it likes.
    """
    whole = attempt(lambda: one["first"]["all_ids"])
    if whole is not True:
        return whole if isinstance(whole, Hole) else UNTOLD
    bare = attempt(lambda: not list(one["hidden"]))
    writes, everything, filtered = (attempt(read) for read in (lambda: one["sysfs_writable"], lambda: one["capabilities"]["all"], lambda: one["filter"]))
    if bare is False:
        return UNTOLD
    if bare is True and (writes is True or (everything is True and filtered is False)):
        return True
    either = (writes,) if everything is False or filtered is True else (writes, everything, filtered)
    return worst_hole(bare, *either) or UNTOLD


def _capabilities(one: View, given: View | Hole, namespaces: Mapping[str, Json], sees: bool | Hole) -> Json:
    """Return the capabilities that lead to the host: what its processes can have, and what was given."""
    shares = {"host_processes": sees is True, "host_pid": namespaces["pid"] == "host", "host_network": namespaces["net"] == "host"}
    seen = attempt(_bounding, one)
    told = attempt(lambda: [ways_out.ALL] if _told(given, "all") else list(_told(given, "bounding")))
    known_of = [ways_out.capabilities(found, (), **shares) for found in (told, seen) if not isinstance(found, Hole)]
    found = {name: {"gives": gives} for ways in known_of for name, gives in ways.items()}
    return incomplete(found, worst_hole(seen, told, sees, namespaces["pid"], namespaces["net"]))


def _bounding(one: View) -> list[str]:
    """Return the capabilities that its first process can have on the host; raises HoleError in a user namespace, which it may have made itself."""
    _if(one["first"]["all_ids"], True)
    return [ways_out.ALL] if one["capabilities"]["all"] else list(one["capabilities"]["bounding"])


def _mounts(one: View, given: View | Hole, sockets: Known, data: KnownPlaces, using: Using) -> dict[str, Json]:
    """State the mounts that lead to the host, where processes show them, and where they were asked for."""
    both = [attempt(_mounts_of, mounts) for mounts in (attempt(_told, given, "mounts"), attempt(lambda: one["mounts"]))]
    told, seen = (host_mounts.of(View({"mounts": mounts}), sockets, data, using) for mounts in both)
    return {kind: _joined(told[kind], seen[kind]) for kind in told}


def _mounts_of(mounts: View | Hole) -> Json:
    """Return mounts as the probe `containers` states them; what they pass on, processes do not show."""
    return each_stated(lambda: sure(mounts), lambda mount, _: {"propagation": "", **mount, "type": "bind"})


def _joined(told: Json, seen: Json) -> Json:
    """Return the members of both; of one place what is known counts, and of that what is seen."""
    parts = [part for part in (told, seen) if not isinstance(part, Hole)]
    holes = [part if isinstance(part, Hole) else opening(part) for part in (told, seen)]
    found: dict[str, Json] = {}
    for part in parts:
        found |= {at: member for at, member in part.items() if at not in found or not isinstance(member, Hole)}
    return incomplete(found, worst_hole(*holes))


class Seen:
    """The containers that processes tell of, by the beginning of their ids: each may be one that an engine tells of."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """Take what the probe states."""
        self.members, self.more = collection(lambda: facts["container-processes"]["containers"])
        self._keys = {key.rpartition(":")[2][:SHORT]: key for key in known(self.members)}

    def of(self, container: View) -> View | None:
        """Return what the processes of a container tell, None where it has none; raises HoleError where that is not known."""
        key = self._keys.get(container["id"][:SHORT])
        if key is not None:
            found: View = self.members[key]
            return found
        if container["state"] not in ("running", "paused"):
            return None
        raise HoleError(UNSEEN if self.more is None or self.more.owners else self.more)

    def key(self, container: View) -> str:
        """Return the key of the processes of a container, "" where it has none that were found."""
        return self._keys.get(container["id"][:SHORT], "")

    def others(self, ids: set[str]) -> list[str]:
        """Return the keys of those whose ids are none of these."""
        return [key for begin, key in self._keys.items() if begin not in ids]


def beyond(container: View, seen: Seen) -> dict[str, Json]:
    """State what a container has that its engine tells of, and that it was not given."""
    found = attempt(seen.of, container)
    return {
        "stronger": map_known(found, lambda one: {} if one is None else _stronger(container, one["capabilities"]["stronger"])),
        "programs": map_known(found, lambda one: [] if one is None else _programs(one)),
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


def has_hosts_root(seen: Seen, container: View) -> bool:
    """Say whether root of the host is among the ids of a container; raises HoleError where that is not known of one that runs."""
    one = seen.of(container)
    return one is not None and bool(one["namespaces"]["user"] == "host")
