"""Scripts of System V that are run as root at boot: certain only where systemd, which may run something else in their place, does not run."""

from typing import Final

from hostcheck.api import Hole
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse

SCRIPTS: Final = ("/etc/rc.local", "/etc/rc.d/rc.local", "/etc/rc.d/rc.sysinit")
INIT: Final = ("/etc/init.d", "/etc/rc.d/init.d", "/etc/local.d")
MAY_RUN: Final = 0o111
"""Without one of these bits an init passes over a script."""
SYSTEMD: Final = "/run/systemd/system"
"""There where systemd runs (sd_booted(3))."""


def take(files: RootFiles) -> None:
    """Take the scripts."""
    systemd = files.way(SYSTEMD)
    files.group.lack(systemd)
    runs = isinstance(systemd, Hole) or systemd.found
    use = RootUse("boot-script", "init", "runs", "", "boot", certain=systemd if isinstance(systemd, Hole) else not runs)
    for path in SCRIPTS:
        way = files.way(path)
        may = isinstance(way, Hole) or bool(way.end.mode & MAY_RUN)
        files.take(path, use._replace(place=path, idle=not may), reads=not runs and may)
    for folder in files.distinct(INIT):
        names = files.folder(folder, use._replace(place=folder, how="all"), use, reads=not runs)
        for name in names if runs else ():  # systemd runs one that has no unit
            files.follow(f"{folder}/{name}", use)
