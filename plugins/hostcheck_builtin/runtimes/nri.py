"""Who may put a plugin of NRI where a runtime starts it: a plugin changes every container while it is created, and runs as root.

Two directories count: that of the programs, and that of their settings. What else connects to the socket of NRI is the business of the sockets.
"""

from typing import Any, Final

from hostcheck.api import Hole, Host, Json, Nonsense, attempt, incomplete, map_known
from hostcheck_builtin.dockerd.told import ToldDaemon
from hostcheck_builtin.runtimes.containerd_facts import Read
from hostcheck_builtin.runtimes.crio import Crio
from hostcheck_builtin.system.bounds import NRI_OTHERS as SHOWN
from hostcheck_builtin.system.ownership import so_far
from hostcheck_builtin.system.path_walk import LstatCache, mode

DIRECTORIES: Final = ("/opt/nri/plugins", "/etc/nri/conf.d")
UNSAID: Final = "by version"
"""What holds where no file says whether NRI is served: containerd 1 and old CRI-O do not, later ones do."""


def of_containerd(host: Host, read: Read, lstats: LstatCache) -> dict[str, Json]:
    """Return what a containerd is told of NRI."""
    if isinstance(read.settings, Hole):
        return _stated(host, "containerd", read.facts["there"], read.settings, (read.settings, read.settings), lstats)
    disabled, *directories = (read.settings["nri", key].value for key in ("disable", "plugin_path", "plugin_config_path"))
    return _stated(host, "containerd", read.facts["there"], map_known(disabled, lambda off: _served(None if off is None else not off)), directories, lstats)


def of_crio(host: Host, one: Crio, lstats: LstatCache) -> dict[str, Json]:
    """Return what CRI-O is told of NRI; where no file says it, it depends on its version."""
    if isinstance(one.settings, Hole):
        return _stated(host, "crio", one.there, one.settings, (one.settings, one.settings), lstats)
    enabled = one.settings.get(("nri", "enable_nri"))
    served = UNSAID if enabled is None else map_known(enabled.value, _served)
    directories = [one.settings["nri", key].value for key in ("nri_plugin_dir", "nri_plugin_config_dir")]
    return _stated(host, "crio", one.there, served, directories, lstats)


def of_docker(host: Host, dockerd: ToldDaemon, there: bool | Hole, lstats: LstatCache) -> dict[str, Json]:
    """Return what dockerd is told of NRI, which it does not serve by itself."""
    told = attempt(dockerd.members, "nri-opts")
    if isinstance(told, Hole):
        return _stated(host, "docker", there, told, (told, told), lstats)
    directories = [told.get(key) or default for key, default in zip(("plugin-path", "plugin-config-path"), DIRECTORIES, strict=True)]
    return _stated(host, "docker", there, _served(told.get("enable") is True), directories, lstats)


def _stated(host: Host, engine: str, there: bool | Hole, served: Json, directories: Any, lstats: LstatCache) -> dict[str, Json]:
    plugins, settings = (map_known(path, lambda at: attempt(_directory, host, at, lstats)) for path in directories)
    return {"engine": engine, "there": there, "served": served, "plugins": plugins, "settings": settings}


def _served(enabled: bool | None) -> str:
    if enabled is None:
        return UNSAID
    return "yes" if enabled else "no"


def _directory(host: Host, path: str, lstats: LstatCache) -> dict[str, Json]:
    """Say of a directory whether nobody but root can put something there, and what others can write to on the way."""
    if not path.startswith("/"):
        raise Nonsense("a directory of NRI is no absolute path")
    end = so_far(host, path, lstats)
    others = [f"{at} (uid {found.uid}, mode {mode(found)})" for at, found in sorted(end.others.items())]
    return {"path": path, "root_owned": end.root_owned, "others": incomplete(others[:SHOWN], end.stopped)}
