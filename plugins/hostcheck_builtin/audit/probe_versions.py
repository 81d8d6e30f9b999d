"""Which programs of engines are installed, and from which package; and which of those that run are no longer those on disk, the kernel too.

No program is run to learn its version: packages tell it, and engines that run tell theirs (the probe engines).
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, attempt
from hostcheck_builtin.audit.packages import Packages
from hostcheck_builtin.audit.running_programs import running
from hostcheck_builtin.engines.engine_programs import FOLDERS
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache

COMPONENTS: Final = {
    **{"buildkitd": "buildkit", "conmon": "conmon", "containerd": "containerd", "crio": "crio", "crun": "crun"},
    **{"dockerd": "docker", "podman": "podman", "runc": "runc"},
}


def collect(host: Host) -> Json:
    """State ``{programs, running}``."""
    lstats, packages = LstatCache(), Packages(host, COMPONENTS)
    places = {f"{folder}/{name}": component for name, component in COMPONENTS.items() for folder in FOLDERS}
    stated = {path: attempt(_program, host, path, component, packages, lstats) for path, component in places.items()}
    programs: dict[str, Json] = {}
    for path, one in stated.items():
        if isinstance(one, Hole):
            programs[path] = one
        elif one:
            programs.setdefault(one[0], one[1])
    return {"programs": programs, "running": attempt(running, host)}


def _program(host: Host, path: str, component: str, packages: Packages, lstats: LstatCache) -> tuple[str, Json] | None:
    """Return where a program really is, and what it is from."""
    end = ownership(host, path, lstats, follow=True)
    return (end.place, {"component": component, "owner": packages.owner(end.place)}) if end.type == "file" else None
