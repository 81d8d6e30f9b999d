"""What apt and dpkg run as root before and after they change packages: apt.conf(5), dpkg(1).

Commands are texts for /bin/sh, which apt starts in /tmp (RunScripts() of apt-pkg/contrib/fileutl.cc). Who may write the files is told of the places of the
catalogue; a file that others than root may write is not read, for what stands there is the word of somebody who becomes root by it anyway.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Hole, LimitExceeded, pattern
from hostcheck_builtin.root_programs import apt_settings, known_places
from hostcheck_builtin.root_programs.apt_settings import CLEAR, INCLUDE
from hostcheck_builtin.root_programs.root_files import RootFiles, is_alone
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.bounds import APT_FILES, APT_SETTINGS

APT: Final = ("/usr/bin/apt-get", "/usr/bin/apt")
OF_APT: Final = ("/etc/apt/apt.conf.d/", "/etc/apt/apt.conf")
DPKG: Final = ("/usr/bin/dpkg",)
OF_DPKG: Final = ("/etc/dpkg/dpkg.cfg.d/", "/etc/dpkg/dpkg.cfg", "/root/.dpkg.cfg")
HOOKS: Final = pattern(r"(?:dpkg::(?:pre-invoke|post-invoke|pre-install-pkgs)|apt::update::(?:pre-invoke|post-invoke|post-invoke-success))::[^:]*")
OPTIONS: Final = pattern(r"dpkg::options::[^:]*")
PROGRAM: Final = "dir::bin::dpkg"
OF_A_LIST: Final = "::"
RUNS: Final = pattern(r"(?:pre-invoke|post-invoke|status-logger)[^A-Za-z0-9-]=?\s*(.*)")
"""An option of dpkg's: behind its name stand an = or blanks (dpkg(1), CONFIGURATION FILES)."""
FOLDER: Final = "/tmp"  # noqa: S108 (nothing is written there)


def take(files: RootFiles) -> None:
    """Take what the commands of apt's and dpkg's settings run."""
    use = RootUse("hook", "dpkg", "runs", "", "package", certain=files.has_one(DPKG))
    for path in [each for place in OF_DPKG for each in _read(files, place, "dpkg")]:
        for number, line in enumerate(_text(files, path).split("\n"), 1):
            _option(files, line.rstrip(), use._replace(place=f"{path}:{number}"))
    apt = _Apt(files=files, use=use._replace(by="apt", certain=files.has_one(APT)))
    for place in OF_APT:
        apt.read(place)
    apt.take()


def _read(files: RootFiles, place: str, rules: str) -> Iterator[str]:
    """Yield a file, or the files of a directory, which ends in /, whose names count."""
    folder, _, last = place.rpartition("/")
    yield from [place] if last else (f"{folder}/{name}" for name in sorted(files.names(folder)) if known_places.NAMES[rules].fullmatch(name))


def _text(files: RootFiles, path: str) -> str:
    way = files.way(path)
    files.group.lack(way)
    return "" if isinstance(way, Hole) or way.type != "file" or not is_alone(way) else files.text(path)


def _option(files: RootFiles, option: str, use: RootUse) -> None:
    """Take the command of an option of dpkg's; quotes around it are none of the shell's."""
    if found := RUNS.fullmatch(option):
        command = found[1]
        files.shell(command[1:-1] if command[:1] in ("'", '"') and command[0] == command[-1] else command, use)


@dataclass(slots=True, kw_only=True)
class _Apt:
    """Settings of apt's: `found` has by the name of each where it stands, and its value."""

    files: RootFiles
    use: RootUse
    found: dict[str, tuple[str, str]] = field(default_factory=dict)
    readings: int = 0
    settings: int = 0

    def read(self, place: str) -> None:
        """Read a file or a directory, with what it includes."""
        for path in _read(self.files, place, "apt"):
            self.readings += 1
            if self.readings > APT_FILES:
                raise LimitExceeded(f"more than {APT_FILES} files of apt's settings")
            for line, name, value in apt_settings.read(_text(self.files, path)):
                where = f"{path}:{line}"
                self.settings += 1
                if self.settings > APT_SETTINGS:
                    raise LimitExceeded(f"more than {APT_SETTINGS} settings of apt's")
                if name == INCLUDE:
                    self.files.take(value, self.use._replace(place=where, how="all" if value.endswith("/") else "reads"))
                    for each in _read(self.files, value, "apt") if value.startswith("/") else ():
                        self.files.take(each, self.use._replace(place=where, how="reads"))
                        self.read(each)
                elif name == CLEAR:
                    self.clear(value.lower())
                else:
                    self.found[f"{name}{self.settings}" if name.endswith(OF_A_LIST) else name] = where, value

    def clear(self, name: str) -> None:
        """Forget a setting, and those in it."""
        self.found = {one: told for one, told in self.found.items() if one != name and not one.startswith(f"{name}{OF_A_LIST}")}

    def take(self) -> None:
        """Take what is run in the end."""
        for name, (place, value) in self.found.items():
            use = self.use._replace(place=place)
            if HOOKS.fullmatch(name):
                self.files.shell(value, use, folder=FOLDER)
            elif OPTIONS.fullmatch(name):
                _option(self.files, value.removeprefix("--"), use)
            elif name == PROGRAM:
                self.files.take(value, use, reads=True)
