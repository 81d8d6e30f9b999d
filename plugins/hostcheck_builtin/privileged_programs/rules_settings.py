"""What Defaults of sudo set for whom: whether a password is asked for and whose, and whether the user chooses variables of the environment.

Settings for all, for the host and for the user hold in the order of the file; those for whom the command is run as come after them, those for the command
after these, and the tags of the rule last (update_defaults() in plugins/sudoers/defaults.c of sudo).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from hostcheck_builtin.privileged_programs.rules_policy import Leaf, PolicyDefaults
from hostcheck_builtin.privileged_programs.sudoers_facts import of_root

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
OF_SCRIPT: Final = ", which the command reads because of its interpreter"
NOTHING: Final = "nothing"
"""That no password is needed."""


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
                before = set() if sign in ("=", "!") else self.kept
                self.kept = before - set(values) if sign == "-=" else before | set(values)
            elif values:
                self.values[name] = values[0]
            else:
                self.flags[name] = sign != "!"
                if sign == "!":
                    self.values.pop(name, None)

    def copy(self) -> "SudoSettings":
        """Return the same, to take more."""
        return SudoSettings(dict(self.flags), set(self.kept), dict(self.values))

    def has(self, *names: str) -> bool:
        """Say whether one of these flags is on."""
        return any(self.flags.get(name, False) for name in names)

    def needs(self, passwd: bool | None) -> str:
        """Return which password is asked for, if the tag of a rule, None for no tag, does not say that none is."""
        asks = self.flags.get("authenticate", True) if passwd is None else passwd
        return NOTHING if not asks else "other-secret" if self.has("targetpw", "rootpw", "runaspw") else "own-password"

    def root(self, spec: str) -> str:
        """Return the root directory of a command, "*" for any that its user names, by what the rule says of it."""
        return spec or self.values.get("runchroot", "")

    def files(self, spec: str) -> tuple[str, ...]:
        """Return the files and directories from which sudo takes variables, or the whole command."""
        return (*((told,) if (told := self.values.get("env_file", "")) else ()), *of_root(self.root(spec)))

    def environment(self, setenv: bool | None = None, reads: tuple[str, ...] = ()) -> tuple[str, bool]:
        """Return how the environment lets a user run other code, "" for not at all, and whether that is certain.

        Some variables do so whatever the command is, and those that it `reads` because of its interpreter.
        """
        if self.has("setenv") if setenv is None else setenv:
            return "the user may set any environment variable, such as LD_PRELOAD", True
        for names, certain in (((*CODE, *reads), True), (LIKELY, False)) if self.kept else ():
            for name in names:
                if any(fnmatchcase(name, kept) for kept in self.kept) and not (name == "PATH" and "secure_path" in self.values):
                    return f"the user may set the environment variable {name}{OF_SCRIPT if name in reads else ''}", certain
        if not self.flags.get("env_reset", True):
            return "sudo keeps the user's environment, but for variables that it knows to be dangerous", False
        return "", True


def kept_by_doas(kept: Collection[str], reads: tuple[str, ...]) -> tuple[str, bool]:
    """Return how the variables that doas keeps ("*" for all) let a user run other code, "" for not at all, and whether that is certain.

    Those of the dynamic loader count only where the rule names them: it takes them out of the environment of a setuid program (ld.so(8), secure-execution
    mode), but a rule may set them from another variable.
    """
    for names, certain in ((reads, True), (CODE, False), (LIKELY, False)):
        for name in names:
            if name in kept or ("*" in kept and name not in CODE):
                return f"the user may set the environment variable {name}{OF_SCRIPT if name in reads else ''}", certain
    return "", True


@dataclass(slots=True)
class BoundSettings:
    """The settings of a policy by whom they are for, so that those that do not apply are not looked at: `general` are those for all and for this host.

    `unasked` are commands that need no password because a setting is bound to them.
    """

    entries: list[PolicyDefaults]
    general: list[int] = field(default_factory=list)
    runas: list[PolicyDefaults] = field(default_factory=list)
    command: dict[str, list[int]] = field(default_factory=dict)
    unasked: dict[Leaf, None] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: list[PolicyDefaults], here: set[int]) -> "BoundSettings":
        """Return those of a policy; `here` are the numbers of those for hosts that mean this one."""
        found = cls(entries)
        for number, one in enumerate(entries):
            if one.scope == "" or number in here:
                found.general.append(number)
            elif one.scope == "runas":
                found.runas.append(one)
            elif one.scope == "command":
                for path in dict.fromkeys("" if leaf.kind == "all" else merged(leaf.name) for leaf in one.members):
                    found.command.setdefault(path, []).append(number)
                if ("authenticate", "!", ()) in one.settings:
                    found.unasked |= {leaf: None for leaf in one.members if leaf.kind == "command" and not leaf.negated}
        return found

    def for_user(self, bound: frozenset[int]) -> SudoSettings:
        """Return what is set for all, for this host, and for a user, in order."""
        settings = SudoSettings()
        for number in sorted((*self.general, *bound)) if bound else self.general:
            settings.take(self.entries[number].settings)
        return settings

    def for_command(self, settings: SudoSettings, runas: list[PolicyDefaults], leaf: Leaf) -> SudoSettings:
        """Return settings with those for whom a command is run as, and then those for the command."""
        numbers = {*self.command.get("", []), *(self.command.get(merged(leaf.name), []) if leaf.kind == "command" else [])}
        applies = [*runas, *(one for one in map(self.entries.__getitem__, sorted(numbers)) if _means(one, leaf))]
        if not applies:
            return settings
        found = settings.copy()
        for one in applies:
            found.take(one.settings)
        return found


def _means(one: PolicyDefaults, leaf: Leaf) -> bool:
    """Say whether settings that are bound to commands hold for all that a command of a rule allows."""
    for member in reversed(one.members):
        if member.kind == "all" or (member.kind == leaf.kind and merged(member.name) == merged(leaf.name)):
            return not member.negated
    return False


def merged(path: str) -> str:
    """Return a path as it is where /bin and /sbin are links to those of /usr: sudo compares files, not names."""
    return f"/usr{path}" if path.startswith(("/bin/", "/sbin/")) else path
