"""How the options of programs that run others read: which take a value, which carry code, which name a file, by the manual page of each.

What is not in the tables takes no value. An option that carries code ends the reading, because code is never taken for a path.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

FLAGS: Final = frozenset(("code", "stop", "text-behind", "stdin"))
"""Roles of options without a value: code for the interpreter itself, nothing is run, the first operand is a text for a shell, the input is one."""
ENDS: Final = frozenset(("code", "stop", "module", "split"))
"""Roles behind which nothing is an option any more."""
NEXT: Final = "next"
"""The role of an option whose value is always the next word, so that other letters may stand behind it."""
ATTACHED: Final = "attached"
"""The role of an option whose value, if it has one, is the rest of its word."""
NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Program(NamedTuple):
    """What stands behind a program: its options by role, `then` what its operands are, `first` what the operand before a command is.

    With `whole`, options of one dash are words and not letters.
    """

    then: str
    options: Mapping[str, str] = NONE
    first: str = ""
    whole: bool = False


class Words(NamedTuple):
    """The words of a command: the roles of its options with their values, and what is behind them."""

    told: list[tuple[str, str]]
    operands: list[str]

    def values(self, role: str) -> list[str]:
        """Return the values of one role."""
        return [value for one, value in self.told if one == role]


def _options(**roles: str) -> Mapping[str, str]:
    return {option: role.replace("_", "-") for role, options in roles.items() for option in options.split()}


def _command(first: str = "", **roles: str) -> Program:
    return Program("command", _options(**roles), first)


SHELL: Final = Program("shell", _options(text_behind="-c", next="-o -O +o +O", stop="-n", stdin="-s", value="--rcfile --init-file"))
SHELLS: Final = frozenset("sh bash dash ash ksh mksh zsh rbash busybox".split())
"""Programs that read what sh(1) reads, and the one that may be such a shell."""
AWK: Final = Program(
    "code",
    _options(value="-F -v -e -W --source --assign --field-separator", file="-f -E --file --exec", library="-i -l --include --load", attached="-d -D -o -p"),
)
SU: Final = _options(text="-c --command --session-command", program="-s --shell", value="-g -G -w --group --supp-group --whitelist-environment")
RUNUSER: Final = {**SU, **_options(user="-u --user")}
COMPOSE: Final = _options(
    file="-f --file",
    folder="--project-directory",
    value="-p --project-name --profile --env-file --ansi --parallel --progress --log-level",
    elsewhere="-H --host -c --context",
)
DOCKER: Final = Program(
    "docker",
    _options(value="--config --tlscacert --tlscert --tlskey -l --log-level --root --runroot", elsewhere="-H --host -c --context --url --connection"),
)
PROGRAMS: Final[Mapping[str, Program]] = {
    **dict.fromkeys(SHELLS, SHELL),
    "busybox": _command(),
    **dict.fromkeys(("csh", "tcsh"), Program("script", _options(code="-c", stop="-n", stdin="-s"))),
    "python": Program("script", _options(code="-c", module="-m", value="-W -X --check-hash-based-pycs")),
    "perl": Program("script", _options(code="-e -E", searches="-I", attached="-i -F -C -D -x -V -d -m -M")),
    "ruby": Program(
        "script", _options(code="-e", stop="-c", searches="-I", folder="-C -X", library="-r --require", value="-E --encoding", attached="-F -K -T -W -x -i")
    ),
    "php": Program(
        "script",
        _options(
            code="-r -B -R -E --run --process-begin --process-code --process-end",
            file="-f -F --file --process-file",
            stop="-l -s -w -i -m -v",
            library="-c -z --php-ini --zend-extension",
            value="-d -S -t --define --server --docroot",
        ),
    ),
    **dict.fromkeys(
        ("node", "nodejs"),
        Program(
            "script",
            _options(code="-e -p --eval --print", stop="-c --check", library="-r --require --import --loader --experimental-loader", value="-C --conditions"),
        ),
    ),
    "lua": Program("script", _options(value="-e", library="-l")),
    "tclsh": Program("script", _options(value="-encoding"), whole=True),
    "java": Program("path", _options(file="-jar", searches="-cp -classpath --class-path -p --module-path", code="-m --module"), whole=True),
    "pwsh": Program(
        "script",
        _options(file="-File -file -f", code="-Command -command -c -EncodedCommand -e -ec", folder="-WorkingDirectory -wd", value="-ExecutionPolicy -ep -ex"),
        whole=True,
    ),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), AWK),
    "sed": Program("code", _options(value="-e -l --expression --line-length", file="-f --file", attached="-i")),
    **dict.fromkeys(
        ("make", "gmake"),
        Program(
            "make",
            _options(
                folder="-C --directory",
                file="-f --file --makefile",
                searches="-I --include-dir",
                value="-o -W --old-file --assume-old --new-file --what-if --assume-new",
                attached="-j -l -O",
            ),
        ),
    ),
    "run-parts": Program("parts"),
    "eval": Program("eval"),
    "find": Program("find"),
    "su": Program("su"),
    "runuser": Program("su"),
    **dict.fromkeys(("docker", "podman", "nerdctl"), DOCKER),
    **dict.fromkeys(("docker-compose", "podman-compose"), Program("compose")),
    **dict.fromkeys("nohup setsid chronic catchsegv eatmydata builtin dbus-run-session".split(), _command()),
    "env": _command(value="-u -a --unset --argv0", folder="-C --chdir", split="-S --split-string"),
    "command": _command(stop="-v -V"),
    "exec": _command(value="-a"),
    "nice": _command(value="-n --adjustment"),
    "ionice": _command(value="-c -n --class --classdata", elsewhere="-p -P -u --pid --pgid --uid"),
    "chrt": _command("value", value="-T -P -D --sched-runtime --sched-period --sched-deadline"),
    "taskset": _command("value"),
    "numactl": _command(
        value="-i -w -N -C -m -p -P --interleave --weighted-interleave --cpunodebind --physcpubind --membind --preferred --preferred-many",
    ),
    "timeout": _command("value", value="-k -s --kill-after --signal"),
    "time": _command(value="-f -o --format --output"),
    "stdbuf": _command(value="-i -o -e --input --output --error"),
    "flock": _command("value", value="-w -E --wait --timeout --conflict-exit-code"),
    "setlock": _command("value"),
    "cgexec": _command(value="-g"),
    "xargs": _command(
        value="-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs --max-chars --process-slot-var",
        attached="-e -i -l",
    ),
    "systemd-cat": _command(value="-t -p --identifier --priority --stderr-priority --level-prefix --namespace"),
    "systemd-inhibit": _command(value="--what --who --why --mode"),
    "systemd-run": _command(
        user="--uid",
        property="-p --property",
        folder="--working-directory",
        sets="-E --setenv",
        elsewhere="-M -H -C --machine --host --capsule",
        value="-u --unit --slice --description --service-type --gid --nice --on-active --on-boot --on-startup --on-unit-active --on-unit-inactive"
        " --on-calendar --timer-property --path-property --socket-property --background --job-mode",
    ),
    "sudo": _command(
        user="-u --user",
        folder="-D --chdir",
        root="-R --chroot",
        stop="-e -l -v -V --edit --list --validate",
        value="-C -T -U -a -c -g -h -p -r -t --group --host --prompt --role --type --close-from --command-timeout --other-user",
    ),
    "doas": _command(user="-u", value="-C -a", stop="-L"),
    "chpst": _command(user="-u", root="-/", value="-U -b -e -n -l -L -m -d -o -p -f -c -t"),
    **dict.fromkeys(("setuidgid", "s6-setuidgid", "gosu", "su-exec"), _command("user")),
    "setpriv": _command(
        user="--reuid --ruid --euid",
        value="--regid --rgid --egid --groups --inh-caps --ambient-caps --bounding-set --securebits --pdeathsig --ptracer --selinux-label"
        " --apparmor-profile --landlock-access --landlock-rule --seccomp-filter",
    ),
    "nsenter": _command(user="-S --setuid", value="-t -G -N --target --setgid --net-socket", attached="-m -u -i -n -p -C -U -T -r -w -W"),
    "unshare": _command(
        user="-S --setuid", root="-R --root", folder="-w --wd", value="-G --setgid --map-user --map-group --map-users --map-groups --setgroups --propagation"
    ),
    "chroot": _command("root", user="--userspec", value="--groups"),
}


def program(path: str) -> Program | None:
    """Return how the words behind a program read, whatever its version: python3.11 is python."""
    name = path.rpartition("/")[2]
    return PROGRAMS.get(name) or PROGRAMS.get(name.rstrip("0123456789.-"))


def is_shell(path: str) -> bool:
    """Say whether a program reads scripts of sh(1)."""
    return path.rpartition("/")[2].rstrip("0123456789.-") in SHELLS


def read(options: Mapping[str, str], words: list[str], *, whole: bool = False) -> Words:
    """Return what options say until the first word that is none; each word is looked at once."""
    told, at = list[tuple[str, str]](), 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return Words(told, words[at + 1 :])
        if len(word) < 2 or word[0] not in "-+" or (word[0] == "+" and "+o" not in options):
            break
        at += 1
        found = _long(options, word) if whole or word.startswith("--") else _letters(options, word)
        for role, value in found:
            if value is None:
                value, at = words[at] if at < len(words) else "", at + 1
            told.append((role, value))
        if any(role in ENDS for role, _ in found):
            return Words(told, words[at:])
    return Words(told, words[at:])


def _long(options: Mapping[str, str], word: str) -> list[tuple[str, str | None]]:
    """Return the role of an option that is a word, and its value, None where that is the next word."""
    name, equals, value = word.partition("=")
    role = options.get(name, "")
    return [(role, value if equals or role in FLAGS else None)] if role else []


def _letters(options: Mapping[str, str], word: str) -> list[tuple[str, str | None]]:
    """Return the roles of options that are letters of one word."""
    found = list[tuple[str, str | None]]()
    for place, letter in enumerate(word[1:], 2):
        role = options.get(word[0] + letter, "")
        if role in FLAGS:
            found.append((role, ""))
        elif role == NEXT:
            found.append((role, None))
        elif role:
            found.append((role, "" if role == ATTACHED else word[place:] or None))
            break
    return found
