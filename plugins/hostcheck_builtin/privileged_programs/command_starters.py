"""What shells, interpreters and programs that start others do with arguments: where what they run comes from."""

from collections.abc import Mapping
from typing import Final

from hostcheck_builtin.privileged_programs.command_words import (
    FILE,
    FREE,
    HARMLESS,
    HERE,
    LEADING,
    NO_OPTIONS,
    PLAIN,
    PROMPT,
    TELLS,
    UNKNOWN,
    Call,
    Does,
    Form,
    Outcome,
    all_files,
    first_file,
    is_free,
    shell_text,
    start,
    started,
    taken,
    worst,
)

HELPS: Final = "--version -v version --help help"
ONE_BEFORE: Final = frozenset("timeout taskset chrt flock faketime setarch gosu su-exec logsave".split())
"""Before the program that these start stands another word (the man page of each)."""
PROMPTS: Final = frozenset("nsenter unshare setarch linux32 linux64 x86_64 i386".split())
"""What starts a shell where no program is named (nsenter(1), unshare(1), setarch(8))."""


def _wrapped(call: Call) -> Does:
    before = int(call.name in ONE_BEFORE)
    if any(map(is_free, call.rest[:before])):
        return FREE
    rest = call.rest[before:]
    while call.name == "env" and rest and "=" in rest[0] and not is_free(rest[0]):
        rest = rest[1:]
    if call.name == "flock" and rest[:1] == ("-c",):
        return shell_text(rest[1:], call.again)
    return start(rest, call.again) if rest else (PROMPT if call.name in PROMPTS else HARMLESS)


def _chroot(call: Call) -> Does:
    """Return what chroot does: without a program it starts a shell, which gets out of the directory as root does (chroot(2))."""
    root, *rest = call.rest
    if not rest:
        return PROMPT
    if is_free(root):
        return FREE
    found = start(tuple(rest), call.again)
    if root.strip("/") and found.kind != PROMPT.kind:
        inside = rest[0] if rest[0].startswith("/") else f"/usr/bin/{rest[0]}"
        return worst((found._replace(runs=()), taken(f"{root}/{inside}")))
    return found


def _sudo(call: Call) -> Does:
    """Return what sudo does for root, who may do all by it."""
    if call.value("-u --user") not in ("", "root", "#0"):
        return UNKNOWN
    if call.rest:
        return started(call)
    return PROMPT if call.has("-i -s --login --shell") else UNKNOWN if call.has("-e --edit") else HARMLESS


def _su(call: Call) -> Does:
    """Return what su and runuser do: a shell of root's, or a text for one; who becomes another user is not looked at."""
    whom = tuple(word for word in call.rest if word != "-")
    user = call.value("-u --user") or (whom[0] if whom else "root")
    if is_free(user):
        return FREE
    if user != "root":
        return UNKNOWN
    if call.has("-c --command"):
        return shell_text((call.value("-c --command"), *whom[1:]), call.again)
    return start(whom, call.again) if call.name == "runuser" and call.has("-u --user") and whom else PROMPT


def _make(call: Call) -> Does:
    """Return what make does: what a file of the working directory says, or of another that is named."""
    folder, file = call.value("-C --directory"), call.value("-f --file --makefile")
    if not file and not folder:
        return HERE
    return taken(f"{folder}/{file or 'Makefile'}" if folder and not file.startswith("/") else file)


def _git(call: Call) -> Does:
    """Return what git does: what the settings of a repository say, that of the working directory where none is named; sudo's user counts as its owner too."""
    if call.rest[0] in ("clone", "init", "help", "version", "ls-remote"):
        return UNKNOWN
    place = call.value("--git-dir") or (f"{call.value('-C')}/.git" if call.has("-C") else "")
    return worst((UNKNOWN, taken(f"{place}/config"))) if place else HERE


def _java(call: Call) -> Does:
    """Return what java does with an archive of programs."""
    file = call.words[call.words.index("-jar") + 1 :][:1]
    return taken(*file) if file else UNKNOWN


def _sqlite(call: Call) -> Does:
    """Return what the client of a database does: its prompt has a command for a shell, as that of the others has."""
    return UNKNOWN if len(call.rest) > 1 else HARMLESS if call.has(TELLS) else PROMPT


def _multiplexer(call: Call) -> Does:
    """Return what a program does that starts a shell unless it lists what it has started."""
    if call.words[:1] and call.words[0] in ("-ls", "-list", "ls", "list-sessions", "-v", "-V", "--version"):
        return HARMLESS
    return UNKNOWN if call.has("-c") else PROMPT


def _starter(values: str = "", decides: Mapping[str, Outcome] = NO_OPTIONS) -> Form:
    """Return the form of what starts another program, but for some options."""
    return Form(values, decides, _wrapped, options=LEADING)


def _interpreter(values: str, decides: Mapping[str, Outcome]) -> Form:
    """Return the form of what prompts, or runs a script, but for some options."""
    return Form(values, {**decides, f"{TELLS} -v -h": HARMLESS}, first_file, PROMPT, LEADING)


NODE: Final = _interpreter("-e -p -r --require --eval --print", {"-i --interactive": PROMPT, "-e -p --eval --print": UNKNOWN})
LUA: Final = _interpreter("-e -l", {"-i": PROMPT, "-e": UNKNOWN})
BUILD: Final = Form("", {HELPS: HARMLESS}, HERE, options=PLAIN)
"""Does what a file in the working directory says: build.ninja, package.json, Vagrantfile (the documentation of each)."""
QUERIES: Final = {"-e -c -f --execute --command --file": UNKNOWN}
FORMS: Final = {
    "sh bash dash ash zsh ksh ksh93 mksh fish tcsh csh rbash yash": Form(
        "-o +o -O +O --rcfile --init-file",
        {TELLS: HARMLESS, "-c": lambda call: shell_text(call.rest, call.again), "-s": PROMPT},
        first_file,
        PROMPT,
        LEADING,
    ),
    "busybox toybox": Form("", {}, started, PROMPT, PLAIN),
    # what starts another program
    "nohup setsid taskset unbuffer rlwrap faketime fakeroot systemd-inhibit setarch linux32 linux64 x86_64 i386 gosu su-exec pkexec logsave": _starter(),
    "nice": _starter("-n --adjustment"),
    "ionice": _starter("-c -n --class --classdata"),
    "timeout": _starter("-s -k --signal --kill-after"),
    "time": _starter("-f -o"),
    "stdbuf": _starter("-i -o -e"),
    "chrt": _starter("-T -P -D"),
    "flock": _starter("-w -E --timeout"),
    "nsenter": _starter("-t -S -G --target"),
    "unshare": _starter("-S -G -R -w"),
    "setpriv": _starter("--reuid --regid --groups --ruid --euid --rgid --egid"),
    "systemd-cat": _starter("-t -p"),
    "prlimit": _starter("-p"),
    "numactl": _starter("-m -N -C -p"),
    "choom": _starter("-n -p"),
    "env": _starter("-u -C --unset --chdir", {"-S --split-string": UNKNOWN}),
    "doas": _starter("-u -C", {"-s": PROMPT}),
    "chroot": Form("--userspec --groups", {}, _chroot, HARMLESS, LEADING),
    "sudo": Form("-u -g -h -p -C -r -t -T -U -D -R --user --group", {}, _sudo, options=LEADING),
    "su runuser": Form("-c -g -G -s -w -u --command --shell --user --group", {}, _su),
    "systemd-run": Form(
        "-p -u -E -M -H --property --unit --setenv --slice --description --working-directory",
        {"-M -H --machine --host --uid --user": UNKNOWN},
        started,
        lambda call: PROMPT if call.has("-S --shell") else HARMLESS,
        LEADING,
    ),
    "xargs": Form("-I -n -P -L -d -s -a -E", {}, lambda call: start((*call.rest, "*"), call.again), HARMLESS, LEADING),
    "watch": Form("-n -q --interval", {}, lambda call: shell_text(call.rest, call.again), HARMLESS, LEADING),
    "run-parts": Form("-a -u", {}, all_files, HARMLESS),
    "find": Form("", {"-exec -execdir -ok -okdir -delete -fprint -fprint0 -fprintf -fls -files0-from": UNKNOWN}, HARMLESS, options=PLAIN),
    "screen tmux byobu dtach abduco script": Form("", {}, _multiplexer, options=PLAIN),
    # interpreters; sys.path of python -m begins with the working directory (python(1), -P and -I),
    "python": _interpreter("-W -X -c -m --check-hash-based-pycs", {"-i": PROMPT, "-m": lambda call: UNKNOWN if call.has("-I -P") else HERE, "-c": UNKNOWN}),
    "perl": _interpreter("-e -E -I -F", {"-d": PROMPT, "-e -E": UNKNOWN}),
    "ruby": _interpreter("-e -I -r -C", {"-e": UNKNOWN}),
    "node nodejs": NODE,
    "php": _interpreter("-r -c -d -z -f -S -t", {"-a": PROMPT, "-r -S": UNKNOWN, "-f": FILE}),
    "lua luajit": LUA,
    "julia": _interpreter("-e -E", {"-i": PROMPT, "-e -E": UNKNOWN}),
    "guile": _interpreter("-c", {"-c": UNKNOWN}),
    "tclsh wish expect Rscript jjs jrunscript": _interpreter("-c -e", {"-c -e": UNKNOWN}),
    "awk gawk mawk nawk sed": Form("-f --file -F -v -e --expression", {"-f --file": FILE}),
    "java": Form("", {"-jar": _java}, UNKNOWN, HARMLESS, PLAIN),
    "gdb lldb": Form("", {"-batch --batch": UNKNOWN}, PROMPT, UNKNOWN, PLAIN),
    "mysql mariadb psql": Form("-e -c -f -u -U -h -P -p -d -D", {**QUERIES, TELLS: HARMLESS}, PROMPT),
    "sqlite3": Form("", QUERIES, _sqlite),
    # what obeys a file of the working directory
    "make gmake": Form("-C -f -j -I --directory --file --makefile", {TELLS: HARMLESS}, _make),
    "ninja ant rake gradle mvn yarn": BUILD,
    "cmake npm npx pnpm cargo go bundle bundler composer vagrant terraform": BUILD._replace(bare=HARMLESS),
    "ansible ansible-playbook": Form("", {"--version --help -h": HARMLESS}, HERE, HARMLESS, PLAIN),
    "git": Form("-C -c --git-dir --work-tree --exec-path --namespace", {TELLS: HARMLESS}, _git, HARMLESS, LEADING),
}
