"""One source of settings: flags and the daemon.json that they lead to, with dockerd's own default where neither says anything.

A setting that both make keeps dockerd from starting; then the flag is taken, and the clash is told beside it.
"""

from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.daemon.running import plain
from hostcheck_builtin.dockerd.settings import SETTINGS
from hostcheck_builtin.dockerd.told import clashes

APART: Final = (("bridge", "bip"), ("log-driver", "log-opts"))
"""What is judged together where one source sets both."""
OF_ROOT: Final = frozenset(("data-root", "exec-root", "group", "pidfile"))
"""Whose default is another one for a rootless daemon."""


def setting(told: View, key: str, rootless: bool) -> tuple[Json, str] | None:
    """Return what a daemon is told of a setting, and by what: flag, file, default; None where nothing is said and the default is not the same everywhere.

    Raises HoleError where that is not known.
    """
    if key in told["flags"]:
        return plain(told["flags"][key]), "flag"
    file = told["file"]
    if key in file["settings"]:
        return plain(file["settings"][key]), "file"
    default = SETTINGS[key].default
    return None if default is None or (rootless and key in OF_ROOT) else (default, "default")


def refuses(told: View, name: str) -> Json:
    """Return why dockerd would not start with what it is told; incomplete where there may be more."""
    file: Any = attempt(lambda: told["file"])
    flags = attempt(lambda: told["given"])
    if isinstance(file, Hole) or isinstance(flags, Hole):
        return file if isinstance(file, Hole) else flags
    path = str(file["path"])
    found = [f"{path}: {one}" for one in known(file["refused"])]
    keys: Any = attempt(lambda: file["keys"])
    unknown = worst_hole(opening(file["refused"]), opening(flags), None if found else keys)
    if not isinstance(keys, Hole):
        unknown = worst_hole(unknown, opening(keys))
        found += [f"{key} is set by a flag of {name} and in {path}" for key in clashes(known(flags), known(keys))]
    for check in (_clashes, _runtime, _apart):
        clash = attempt(lambda check: list(check(told)), check)
        found += [] if isinstance(clash, Hole) else clash
        unknown = worst_hole(unknown, None if found else clash)
    return incomplete(found, unknown)


def _runtime(told: View) -> Iterator[str]:
    """Yield that a default runtime is none that is known; containerd's own are found when a container starts."""
    name = (setting(told, "default-runtime", False) or ("",))[0]
    if not isinstance(name, str) or name in ("", "runc") or name.startswith("io.containerd."):
        return
    if not any("runtimes" in place and name in place["runtimes"] for place in (told["flags"], told["file"]["settings"])):
        yield "default-runtime is the name of no runtime"


def _apart(told: View) -> Iterator[str]:
    """Yield nothing; raises HoleError where of two keys that are about each other a flag sets one, and the file the other."""
    for pair in APART:
        flag, file = ({*pair} & {*known(keys)} for keys in (told["given"], told["file"]["keys"]))
        if flag and file:
            message = f"{' and '.join(pair)} are set by flag and file, and whether dockerd starts with both is not known"
            raise HoleError(Hole(why=Why.UNSUPPORTED, message=message))
    yield from ()


def _clashes(told: View) -> Iterator[str]:
    """Yield which settings dockerd does not start with together (verifyDaemonSettings of daemon/daemon_unix.go, newAPIServerTLSConfig)."""
    icc, iptables = (setting(told, key, False) for key in ("icc", "iptables"))
    if icc and iptables and icc[0] is False and iptables[0] is False:
        yield "icc is false, which needs packet filter rules, and iptables is false"
    file = told["file"]["settings"]
    asks = "tlsverify" in file or ("tls" in file and file["tls"] is True)
    if asks and not any(key in told["flags"] for key in ("tls", "tlsverify")) and not all(key in file for key in ("tlscert", "tlskey")):
        yield f"TLS is asked for in {told['file']['path']}, which names no tlscert and tlskey"
