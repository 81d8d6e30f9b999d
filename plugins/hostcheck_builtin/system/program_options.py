"""How the options of programs that run others read: which take a value, which carry code, which name a file, by the manual page of each.

What is not in the table takes no value. system/option_words.py reads words by it, and system/started_programs.py says which commands they name.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from hostcheck_builtin.system import option_words
from hostcheck_builtin.system.option_words import WordsRead
from hostcheck_builtin.system.program_names import base_name

NONE: Final[Mapping[str, str]] = MappingProxyType({})
USERS_SHELL: Final = "$SHELL"
"""Stands for a shell that a program starts without being told which."""


class Program(NamedTuple):
    """What stands behind a program: its options by role, `then` what its operands are, `first` what the operands before a command are.

    With `whole`, options of one dash are words and not letters; with `anywhere`, they may stand behind operands; with `alone`, a shell is started where no
    command stands.
    """

    then: str
    options: Mapping[str, str] = NONE
    first: str = ""
    whole: bool = False
    anywhere: bool = False
    alone: bool = False

    def read(self, words: list[str]) -> WordsRead:
        """Return what the words behind the program say."""
        return option_words.read(self.options, words, whole=self.whole, anywhere=self.anywhere)


def _options(**roles: str) -> Mapping[str, str]:
    return {option: role.replace("_", "-") for role, options in roles.items() for option in options.split()}


def _command(first: str = "", *, alone: bool = False, **roles: str) -> Program:
    return Program("command", _options(**roles), first, alone=alone)


SHELL: Final = Program("shell", _options(text_behind="-c", next="-o -O +o +O", stop="-n", stdin="-s", value="--rcfile --init-file"))
KSH: Final = SHELL._replace(options={**SHELL.options, **dict.fromkeys(("-o", "+o"), "value")})
"""Shells that take the name of an option in the same word too: ksh(1), zsh(1)."""
SHELLS: Final = frozenset(("sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "zsh", "rbash", "yash", "busybox", USERS_SHELL))
"""Programs that read what sh(1) reads, and the one that may be such a shell."""
AWK: Final = Program(
    "code",
    _options(value="-F -v -e -W --source --assign --field-separator", file="-f -E --file --exec", library="-i -l --include --load", attached="-d -D -o -p"),
)
SU: Final = _options(
    text="-c --command --session-command", given="-s --shell", away="-l --login", value="-g -G -w --group --supp-group --whitelist-environment"
)
COMPOSE: Final = _options(
    file="-f --file",
    folder="--project-directory",
    value="-p --project-name --profile --env-file --ansi --parallel --progress --log-level",
    elsewhere="-H --host -c --context",
)
DOCKER: Final = Program(
    "docker",
    _options(
        value="--config --tlscacert --tlscert --tlskey -l --log-level --root --runroot --storage-driver --storage-opt --cgroup-manager --events-backend"
        " --identity --module --network-cmd-path --network-config-dir --runtime --runtime-flag --tmpdir --volumepath --hooks-dir --conmon",
        elsewhere="-H --host -c --context --url --connection",
    ),
)
PROGRAMS: Final[Mapping[str, Program]] = {
    **dict.fromkeys(SHELLS, SHELL),
    **dict.fromkeys(("ksh", "ksh93", "mksh", "zsh"), KSH),
    **dict.fromkeys(("busybox", "toybox"), _command()),
    **dict.fromkeys(("csh", "tcsh"), Program("script", _options(code="-c", stop="-n", stdin="-s"))),
    "fish": Program("script", _options(code="-c --command", stop="-n --no-execute", value="-C --init-command -d --debug -o --debug-output -f --features -D")),
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
    **dict.fromkeys(("lua", "luajit"), Program("script", _options(value="-e", library="-l", attached="-j -O", stop="-b"))),
    "julia": Program(
        "script", _options(code="-e -E --eval --print", library="-L -J --load --sysimage", value="-p -t -H -C --procs --threads --home --project")
    ),
    "guile": Program("script", _options(code="-c", file="-s", library="-l", searches="-L -C", value="-e -x"), whole=True),
    "expect": Program("script", _options(value="-c", file="-f -b")),
    "Rscript": Program("script", _options(code="-e"), whole=True),
    **dict.fromkeys(("tclsh", "wish"), Program("script", _options(value="-encoding"), whole=True)),
    **dict.fromkeys(
        ("jjs", "jrunscript"), Program("script", _options(code="-e", file="-f", searches="-cp -classpath", value="-encoding -l", stop="-q"), whole=True)
    ),
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
            anywhere=True,
        ),
    ),
    "run-parts": Program("parts", _options(value="-a -u --arg --umask"), anywhere=True),
    **dict.fromkeys(("docker", "podman", "podman-remote"), DOCKER),
    "nerdctl": DOCKER._replace(options={**DOCKER.options, **_options(value="-n -a --namespace --address --snapshotter --cni-path --data-root")}),
    **dict.fromkeys(("docker-compose", "podman-compose"), Program("compose", COMPOSE)),
    # what starts a command: system/started_programs.py has a reader for each kind
    "eval": Program("text"),
    "watch": Program("text", _options(value="-n -q -s --interval --equexit --shotsdir", attached="-d", exec="-x --exec")),
    "find": Program("find"),
    "su": Program("su", SU),
    "runuser": Program("su", {**SU, **_options(user="-u --user")}),
    "script": Program(
        "script-of-terminal",
        _options(
            text="-c --command",
            value="-I -O -B -T -m -E -o --log-in --log-out --log-io --log-timing --logging-format --echo --output-limit",
            attached="-t",
        ),
    ),
    "capsh": Program("capsh", _options(given="--shell", user="--user --uid --cap-uid", root="--chroot", code="-+"), whole=True),
    "start-stop-daemon": Program(
        "daemon",
        _options(
            starts="-S --start",
            stop="-K -T -t --stop --status --test",
            executable="-x --exec",
            given="-a --startas",
            user="-c -u --chuid --user",
            root="-r --chroot",
            folder="-d --chdir",
            value="-p -n -g -s -N -P -I -k -O -R --pid --ppid --pidfile --name --group --signal --nicelevel --procsched --iosched --umask --notify-timeout"
            " --output --retry",
        ),
    ),
    **dict.fromkeys("nohup setsid chronic catchsegv eatmydata builtin unbuffer valgrind torify".split(), _command()),
    **dict.fromkeys("linux32 linux64 i386 i586 i686 x86_64 uname26".split(), _command(alone=True)),
    "setarch": _command("arch", alone=True),
    "env": _command("sets", value="-u -a --unset --argv0", folder="-C --chdir", split="-S --split-string"),
    "command": _command(stop="-v -V"),
    "exec": _command(value="-a"),
    "ld.so": _command(
        library="--preload --audit",
        searches="--library-path",
        value="--argv0 --inhibit-rpath --glibc-hwcaps-prepend --glibc-hwcaps-mask",
        stop="--list --verify --list-tunables --list-diagnostics",
    ),
    "nice": _command(value="-n --adjustment"),
    "ionice": _command(value="-c -n --class --classdata", stop="-p -P -u --pid --pgid --uid"),
    "chrt": _command("number", value="-T -P -D --sched-runtime --sched-period --sched-deadline", stop="-p -m --pid --max"),
    "taskset": _command("value", stop="-p --pid"),
    "uclampset": _command(value="-m -M", stop="-p -s --pid --system"),
    "prlimit": _command(value="-o --output", attached="-c -d -e -f -i -l -m -n -q -r -s -t -u -v -x -y", stop="-p --pid"),
    "choom": _command(value="-n --adjust", stop="-p --pid"),
    "cpulimit": _command(value="-l -c --limit --cpu", stop="-p -e -P --pid --exe --path"),
    "numactl": _command(
        value="-i -w -N -C -m -p -P --interleave --weighted-interleave --cpunodebind --physcpubind --membind --preferred --preferred-many",
        stop="-H -s --hardware --show",
    ),
    "timeout": _command("value", value="-k -s --kill-after --signal"),
    "time": _command("sets", value="-f -o --format --output"),
    "faketime": _command("value", value="-p", program="--date-prog"),
    "stdbuf": _command(value="-i -o -e --input --output --error"),
    "flock": _command("value text", value="-w -E --wait --timeout --conflict-exit-code"),
    "sg": _command("value text"),
    **dict.fromkeys(("setlock", "logsave", "envdir"), _command("value")),
    "softlimit": _command(value="-a -c -d -f -l -m -n -o -p -r -s -t"),
    "cgexec": _command(value="-g"),
    "aa-exec": _command(value="-p -n --profile --namespace"),
    "strace": _command(
        user="-u --user",
        value="-a -b -e -E -I -o -O -p -P -s -S -U -X --columns --detach-on --env --interruptible --output --attach --trace-path --string-limit --argv0"
        " --trace --signal --status --trace-fds --abbrev --verbose --raw --read --write --kvm --inject --fault --summary-sort-by --summary-columns"
        " --summary-syscall-overhead --const-print-style --stack-trace-frame-limit --syscall-limit --decode-pids",
    ),
    "ltrace": _command(user="-u", value="-a -A -D -e -F -l -n -o -p -s -w -x --align --debug --config --library --indent --output --where"),
    "fakeroot": _command(alone=True, library="-l --lib", program="-f --faked", value="-s -i -b --fd-base"),
    "rlwrap": _command(
        value="-b -C -D -f -g -H -l -M -O -P -q -s -S -t -w --break-chars --command-name --history-no-dupes --file --forget-matching"
        " --history-filename --logfile --only-cook --pre-given --quote-characters --histsize --substitute-prompt --set-term-name --wait-before-prompt",
        program="-z --filter",
        attached="-a -p -m",
    ),
    "xvfb-run": _command(value="-e -f -n -p -s -w --error-file --auth-file --server-num --xauth-protocol --server-args --wait"),
    "sshpass": _command(value="-p -f -d -P"),
    "dbus-run-session": _command(value="--config-file", program="--dbus-daemon"),
    "ssh-agent": _command(value="-a -E -O -P -t", stop="-k"),
    "xargs": Program(
        "arguments",
        _options(value="-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs --max-chars --process-slot-var", attached="-e -i -l"),
    ),
    "parallel": Program(
        "parallel",
        _options(
            value="-j -P -n -N -L -s -I -C -d -a -E --jobs --max-procs --max-args --max-replace-args --max-lines --max-chars --colsep --delimiter --arg-file"
            " --joblog --results --tmpdir --timeout --retries --delay --halt --load --memfree --nice --tagstring --env --basefile --workdir --wd",
            elsewhere="-S --sshlogin --sshloginfile --slf",
        ),
    ),
    "systemd-cat": _command(value="-t -p --identifier --priority --stderr-priority --level-prefix --namespace"),
    "systemd-inhibit": _command(value="--what --who --why --mode", stop="--list"),
    "systemd-run": _command(
        shell="-S --shell",
        user="--uid",
        property="-p --property",
        folder="--working-directory",
        sets="-E --setenv",
        elsewhere="-M -H -C --machine --host --capsule",
        value="-u --unit --slice --description --service-type --gid --nice --on-active --on-boot --on-startup --on-unit-active --on-unit-inactive"
        " --on-calendar --timer-property --path-property --socket-property --background --job-mode --json"
        " --expand-environment",
    ),
    "sudo": _command(
        "sets",
        user="-u --user",
        shell="-s --shell",
        away="-i --login",
        folder="-D --chdir",
        root="-R --chroot",
        stop="-e -l -v -V --edit --list --validate",
        value="-C -T -U -a -c -g -h -p -r -t --group --host --prompt --role --type --close-from --command-timeout --other-user",
    ),
    "doas": _command(user="-u", shell="-s", value="-a", stop="-C -L"),
    "pkexec": _command(alone=True, user="-u --user"),
    "chpst": _command(user="-u", root="-/", value="-U -b -e -n -l -L -m -d -o -p -f -c -t"),
    **dict.fromkeys(("setuidgid", "s6-setuidgid", "gosu", "su-exec"), _command("user")),
    "setpriv": _command(
        user="--reuid --ruid --euid",
        value="--regid --rgid --egid --groups --inh-caps --ambient-caps --bounding-set --securebits --pdeathsig --ptracer --selinux-label"
        " --apparmor-profile --landlock-access --landlock-rule --seccomp-filter",
        stop="-d --dump",
    ),
    "nsenter": _command(alone=True, user="-S --setuid", value="-t -G -N --target --setgid --net-socket", attached="-m -u -i -n -p -C -U -T -r -w -W"),
    "unshare": _command(
        alone=True,
        user="-S --setuid",
        root="-R --root",
        folder="-w --wd",
        value="-G -l --setgid --map-user --map-group --map-users --map-groups --setgroups --propagation --load-interp --monotonic --boottime",
    ),
    "chroot": _command("root", alone=True, user="--userspec", value="--groups"),
}


def program(path: str) -> Program | None:
    """Return how the words behind a program read, whatever its version: python3.11 is python."""
    return PROGRAMS.get(base_name(path.rpartition("/")[2], PROGRAMS))


def is_shell(path: str) -> bool:
    """Say whether a program reads scripts of sh(1)."""
    return base_name(path.rpartition("/")[2], SHELLS) != ""
