"""What Defaults of sudo set for one rule: whether a password is asked for and whose, and whether the user chooses variables of the environment.

Settings for all, for the host and for the user hold in the order of the file; those for whom the command is run as come after them, those for the command
after these, and the tags of the rule last (update_defaults() in plugins/sudoers/defaults.c of sudo).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

Setting = tuple[str, str, tuple[str, ...]]
CODE: Final = ("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT")
"""Variables by which any program that is linked dynamically runs other code (ld.so(8))."""
LIKELY: Final = (
    "PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONBREAKPOINT PERL5LIB PERL5OPT PERLLIB RUBYLIB RUBYOPT NODE_OPTIONS NODE_PATH BASH_ENV ENV SHELLOPTS PS4 "
    "PROMPT_COMMAND IFS JAVA_TOOL_OPTIONS _JAVA_OPTIONS CLASSPATH LUA_PATH LUA_CPATH PHPRC EDITOR VISUAL SUDO_EDITOR PAGER MANPAGER SYSTEMD_EDITOR "
    "SYSTEMD_PAGER GIT_PAGER GIT_EDITOR GIT_SSH GIT_SSH_COMMAND LESSOPEN BROWSER HOME XDG_CONFIG_HOME DOCKER_HOST DOCKER_CONFIG CONTAINER_HOST "
    "CONTAINERS_CONF KUBECONFIG GCONV_PATH GTK_MODULES QT_PLUGIN_PATH TERMINFO OPENSSL_CONF OPENSSL_MODULES BUILDKIT_HOST LIBVIRT_DEFAULT_URI PATH"
).split()
"""Variables by which many programs run other code, or take it from elsewhere."""
PASSWORDS: Final = ("targetpw", "rootpw", "runaspw")


@dataclass(slots=True)
class SudoSettings:
    """What Defaults set: flags by name, the environment variables that sudo keeps, and values by name, such as exempt_group and runas_default."""

    flags: dict[str, bool] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)

    def take(self, settings: Iterable[Setting]) -> None:
        """Take settings in order."""
        for name, sign, values in settings:
            if name == "env_keep":
                self._keep(sign, values)
            elif values:
                self.values[name] = values[0]
            else:
                self.flags[name] = sign != "!"
                if sign == "!":
                    self.values.pop(name, None)

    def _keep(self, sign: str, values: tuple[str, ...]) -> None:
        if sign in ("=", "!"):
            self.kept = set()
        if sign == "-=":
            self.kept -= set(values)
        else:
            self.kept |= set(values)

    def copy(self) -> "SudoSettings":
        """Return the same, to take more."""
        return SudoSettings(dict(self.flags), set(self.kept), dict(self.values))

    @property
    def asks(self) -> bool:
        """Say whether a password is asked for."""
        return self.flags.get("authenticate", True)

    @property
    def others(self) -> bool:
        """Say whether the password is another one than the user's own."""
        return any(self.flags.get(name, False) for name in PASSWORDS)

    def environment(self) -> tuple[str, bool]:
        """Return how the environment lets a user run other code, whatever the command is, "" for not at all, and whether that is certain."""
        if self.flags.get("setenv", False):
            return "the user may set any environment variable, such as LD_PRELOAD", True
        for names, certain in ((CODE, True), (LIKELY, False)) if self.kept else ():
            for name in names:
                if any(fnmatchcase(name, kept) for kept in self.kept) and not (name == "PATH" and "secure_path" in self.values):
                    return f"the user may set the environment variable {name}", certain
        if not self.flags.get("env_reset", True):
            return "sudo keeps the user's environment, but for variables that it knows to be dangerous", False
        return "", True
