"""What shells, interpreters and programs that start others do with arguments: where what they run comes from."""

from typing import Final

from hostcheck_builtin.privileged_programs.argument_words import (
    FREE,
    HARMLESS,
    HERE,
    PROMPT,
    UNKNOWN,
    Again,
    Does,
    Words,
    anywhere,
    is_free,
    leading,
    taken,
    worst,
)
from hostcheck_builtin.privileged_programs.program_names import base_name
from hostcheck_builtin.privileged_programs.shell_commands import COMMANDS

SIGNS: Final = frozenset("|&;<>()$`\\\"'*?[#~=%{}\n!")
"""What a shell takes for more than a word."""
TELLS: Final = ("--version", "--help", "-V", "--usage")
WRAPPERS: Final = {
    **{"env": ("-u -C --unset --chdir", 0), "nice": ("-n --adjustment", 0), "ionice": ("-c -n --class --classdata", 0), "nohup": ("", 0), "setsid": ("", 0)},
    **{"timeout": ("-s -k --signal --kill-after", 1), "time": ("-f -o", 0), "stdbuf": ("-i -o -e", 0), "taskset": ("", 1), "chrt": ("-T -P -D", 1)},
    **{"flock": ("-w -E --timeout", 1), "unbuffer": ("", 0), "rlwrap": ("", 0), "faketime": ("", 1), "fakeroot": ("", 0), "systemd-inhibit": ("", 0)},
    **{"nsenter": ("-t -S -G --target", 0), "unshare": ("-S -G -R -w", 0), "setarch": ("", 1), "linux32": ("", 0), "linux64": ("", 0), "x86_64": ("", 0)},
    **{
        "i386": ("", 0),
        "setpriv": ("--reuid --regid --groups --ruid --euid --rgid --egid", 0),
        "systemd-cat": ("-t -p", 0),
        "gosu": ("", 1),
        "su-exec": ("", 1),
    },
    **{"prlimit": ("-p", 0), "doas": ("-u -C", 0), "pkexec": ("", 0), "logsave": ("", 1), "numactl": ("-m -N -C -p", 0), "choom": ("-n -p", 0)},
}
"""Which options of a program take a value, and how many words stand before the program that it starts (the man page of each)."""
PROMPTS: Final = frozenset("nsenter unshare setarch linux32 linux64 x86_64 i386".split())
"""What starts a shell where no program is named (nsenter(1), unshare(1), setarch(8))."""
SHELL_VALUES: Final = ("-o", "+o", "-O", "+O", "--rcfile", "--init-file")
INTERPRETERS: Final = {
    "python": ("-i", "-c", "-W -X -c -m --check-hash-based-pycs"),
    "perl": ("-d", "-e -E", "-e -E -I -F"),
    "ruby": ("", "-e", "-e -I -r -C"),
    "node": ("-i --interactive", "-e -p --eval --print", "-e -p -r --require --eval --print"),
    "nodejs": ("-i --interactive", "-e -p --eval --print", "-e -p -r --require --eval --print"),
    "php": ("-a", "-r -S", "-r -c -d -z -f -S -t"),
    "lua": ("-i", "-e", "-e -l"),
    "luajit": ("-i", "-e", "-e -l"),
    "julia": ("-i", "-e -E", "-e -E"),
    "guile": ("", "-c", "-c"),
    **dict.fromkeys(("tclsh", "wish", "expect", "Rscript", "jjs", "jrunscript"), ("", "-c -e", "-c -e")),
}
"""By which options an interpreter prompts, by which it runs code that stands there, and which take a value."""
QUERIES: Final = ("-e", "-c", "-f", "--execute", "--command", "--file")
MAKES: Final = frozenset(("make", "gmake"))
BUILDS: Final = frozenset("ninja ant rake gradle mvn cmake npm npx yarn pnpm cargo go bundle bundler composer vagrant terraform".split())
"""What does what a file in the working directory says: build.ninja, package.json, Vagrantfile (the documentation of each)."""
ALONE: Final = frozenset("ninja ant rake gradle mvn yarn".split())
"""Those of them that do so without arguments too."""
ANSIBLE: Final = frozenset(("ansible", "ansible-playbook"))
"""These read ansible.cfg of the working directory, which names what they run (docs.ansible.com, "Ansible Configuration Settings")."""
MULTIPLEXERS: Final = frozenset("screen tmux byobu dtach abduco script".split())
LISTS: Final = frozenset(("-ls", "-list", "ls", "list-sessions", "-v", "-V", "--version"))
OF_REPOSITORY: Final = frozenset(("clone", "init", "help", "version", "ls-remote"))


def command(words: Words, again: Again) -> Does:
    """Return what it is to start a program with arguments."""
    program, called = words[0], words[0].rpartition("/")[2]
    if is_free(program):
        return Does(FREE)
    own = taken(program) if "/" in program else Does(HARMLESS)
    if own.kind == HERE:
        return own
    if base_name(called, COMMANDS):
        return worst((again(program, words[1:]), own))
    return own if "/" in program else Does(UNKNOWN)


def text(words: Words, again: Again) -> Does:
    """Return what it is to let a shell run a text, which is looked at only where it is no more than a program with arguments."""
    if not words or any(SIGNS & set(word) for word in words):
        return Does(FREE if any(map(is_free, words)) else UNKNOWN)
    return command(words, again)


def of_shell(_: str, words: Words, again: Again) -> Does:
    """Return what a shell does: what it is told in a text or in a file, else what its caller types."""
    parted = leading(words, SHELL_VALUES)
    if parted.has(*TELLS):
        return Does(HARMLESS)
    if parted.has("-c"):
        return text(parted.rest, again)
    return Does(PROMPT) if not parted.rest or parted.has("-s") else taken(parted.rest[0])


def of_box(_: str, words: Words, again: Again) -> Does:
    """Return what busybox does as the program that its first argument names."""
    return command(words, again) if words else Does(PROMPT)


def of_wrapper(name: str, words: Words, again: Again) -> Does:
    """Return what a program does that starts another."""
    valued, before = WRAPPERS[name]
    parted = leading(words, valued.split())
    if parted.has("-S", "--split-string") and name == "env":
        return Does(UNKNOWN)
    if parted.has("-s") and name == "doas":
        return Does(PROMPT)
    if any(map(is_free, parted.rest[:before])):
        return Does(FREE)
    rest = parted.rest[before:]
    while name == "env" and rest and "=" in rest[0] and not is_free(rest[0]):
        rest = rest[1:]
    if name == "flock" and rest[:1] == ("-c",):
        return text(rest[1:], again)
    if not rest:
        return Does(PROMPT if name in PROMPTS else HARMLESS)
    return command(rest, again)


def of_chroot(_: str, words: Words, again: Again) -> Does:
    """Return what chroot does: without a program it starts a shell, which gets out of the directory as root does (chroot(2))."""
    parted = leading(words, ("--userspec", "--groups"))
    if len(parted.rest) < 2:
        return Does(PROMPT if parted.rest else HARMLESS)
    root, *rest = parted.rest
    if is_free(root):
        return Does(FREE)
    found = command(tuple(rest), again)
    if root.strip("/") and found.kind != PROMPT:
        inside = rest[0] if rest[0].startswith("/") else f"/usr/bin/{rest[0]}"
        return worst((Does(found.kind), taken(f"{root}/{inside}")))
    return found


def of_sudo(_: str, words: Words, again: Again) -> Does:
    """Return what sudo does for root, who may do all by it."""
    parted = leading(words, ("-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group"))
    if parted.value("-u", "--user") not in ("", "root", "#0"):
        return Does(UNKNOWN)
    if not parted.rest:
        return Does(PROMPT if parted.has("-i", "-s", "--login", "--shell") else UNKNOWN if parted.has("-e", "--edit") else HARMLESS)
    return command(parted.rest, again)


def of_su(name: str, words: Words, again: Again) -> Does:
    """Return what su and runuser do: a shell of root's, or a text for one; who becomes another user is not looked at."""
    parted = anywhere(words, ("-c", "-g", "-G", "-s", "-w", "-u", "--command", "--shell", "--user", "--group"))
    whom = [word for word in parted.rest if word != "-"]
    user = parted.value("-u", "--user") or (whom[0] if whom else "root")
    if is_free(user):
        return Does(FREE)
    if user != "root":
        return Does(UNKNOWN)
    if parted.has("-c", "--command"):
        return text((parted.value("-c", "--command"), *whom[1:]), again)
    return command(tuple(whom), again) if name == "runuser" and parted.has("-u", "--user") and whom else Does(PROMPT)


def of_interpreter(name: str, words: Words, again: Again) -> Does:
    """Return what an interpreter does: it prompts, or runs a text or a script."""
    prompts, code, valued = (each.split() for each in INTERPRETERS[name])
    parted = leading(words, valued)
    if parted.has(*prompts):
        return Does(PROMPT)
    if parted.has("-m") and name == "python":  # sys.path begins with the working directory (python(1), -P and -I)
        return Does(UNKNOWN if parted.has("-I", "-P") else HERE)
    if parted.has(*code):
        return Does(UNKNOWN)
    if parted.has("-f") and name == "php":
        return taken(parted.value("-f"))
    if parted.has(*TELLS, "-v", "-h"):
        return Does(HARMLESS)
    return taken(parted.rest[0]) if parted.rest else Does(PROMPT)


def of_text_tool(_: str, words: Words, __: Again) -> Does:
    """Return what awk and sed do; the text of their program is not looked at."""
    parted = anywhere(words, ("-f", "--file", "-F", "-v", "-e", "--expression"))
    return taken(parted.value("-f", "--file")) if parted.has("-f", "--file") else Does(UNKNOWN)


def of_java(_: str, words: Words, __: Again) -> Does:
    """Return what java does with an archive of programs."""
    at = words.index("-jar") + 1 if "-jar" in words else len(words)
    return taken(words[at]) if at < len(words) else Does(UNKNOWN if words else HARMLESS)


def of_debugger(_: str, words: Words, __: Again) -> Does:
    """Return what a debugger does, which prompts unless it is told not to."""
    return Does(UNKNOWN if {"-batch", "--batch"} & set(words) or not words else PROMPT)


def of_database(name: str, words: Words, __: Again) -> Does:
    r"""Return what a client of a database does: its prompt has a command for a shell, as \\! of psql(1)."""
    parted = anywhere(words, ("-e", "-c", "-f", "-u", "-U", "-h", "-P", "-p", "-d", "-D") if name != "sqlite3" else ())
    if parted.has(*QUERIES) or (name == "sqlite3" and len(parted.rest) > 1):
        return Does(UNKNOWN)
    return Does(HARMLESS if parted.has(*TELLS) else PROMPT)


def of_make(_: str, words: Words, __: Again) -> Does:
    """Return what make does: what a file of the working directory says, or of another that is named."""
    parted = anywhere(words, ("-C", "-f", "-j", "-I", "--directory", "--file", "--makefile"))
    if parted.has(*TELLS):
        return Does(HARMLESS)
    folder, file = parted.value("-C", "--directory"), parted.value("-f", "--file", "--makefile")
    if not file and not folder:
        return Does(HERE)
    return taken(f"{folder}/{file or 'Makefile'}" if folder and not file.startswith("/") else file)


def of_build(name: str, words: Words, __: Again) -> Does:
    """Return what a tool does that obeys a file in the working directory."""
    if set(words) & {"--version", "-v", "version", "--help", "help"} or (not words and name not in ALONE):
        return Does(HARMLESS)
    return Does(HERE)


def of_ansible(_: str, words: Words, __: Again) -> Does:
    """Return what ansible does, which reads its settings in the working directory."""
    return Does(HARMLESS if not words or set(words) & {"--version", "--help", "-h"} else HERE)


def of_git(_: str, words: Words, __: Again) -> Does:
    """Return what git does: what the settings of a repository say, that of the working directory where none is named; sudo's user counts as its owner too."""
    parted = leading(words, ("-C", "-c", "--git-dir", "--work-tree", "--exec-path", "--namespace"))
    if not parted.rest or parted.has(*TELLS):
        return Does(HARMLESS)
    if parted.rest[0] in OF_REPOSITORY:
        return Does(UNKNOWN)
    place = parted.value("--git-dir") or (f"{parted.value('-C')}/.git" if parted.has("-C") else "")
    return worst((Does(UNKNOWN), taken(f"{place}/config"))) if place else Does(HERE)


def of_multiplexer(_: str, words: Words, __: Again) -> Does:
    """Return what a program does that starts a shell unless it lists what it has started."""
    return Does(HARMLESS if words and words[0] in LISTS else UNKNOWN if "-c" in words else PROMPT)


def of_xargs(_: str, words: Words, again: Again) -> Does:
    """Return what xargs does: its caller says the last arguments."""
    parted = leading(words, ("-I", "-n", "-P", "-L", "-d", "-s", "-a", "-E"))
    return command((*parted.rest, "*"), again) if parted.rest else Does(HARMLESS)


def of_watch(_: str, words: Words, again: Again) -> Does:
    """Return what watch does: it lets a shell run its arguments."""
    rest = leading(words, ("-n", "-q", "--interval")).rest
    return text(rest, again) if rest else Does(HARMLESS)


def of_parts(_: str, words: Words, __: Again) -> Does:
    """Return what run-parts does: it runs what is in a directory."""
    rest = anywhere(words, ("-a", "-u")).rest
    return taken(*rest) if rest else Does(HARMLESS)


def of_systemd_run(_: str, words: Words, again: Again) -> Does:
    """Return what systemd-run does as root."""
    parted = leading(words, ("-p", "-u", "-E", "-M", "-H", "--property", "--unit", "--setenv", "--slice", "--description", "--working-directory"))
    if parted.has("-M", "-H", "--machine", "--host", "--uid", "--user"):
        return Does(UNKNOWN)
    if not parted.rest:
        return Does(PROMPT if parted.has("-S", "--shell") else HARMLESS)
    return command(parted.rest, again)


def of_find(_: str, words: Words, __: Again) -> Does:
    """Return what find does: a list is harmless, what else it does is not looked at."""
    does = {"-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "-fprint0", "-fprintf", "-fls", "-files0-from"} & set(words)
    return Does(UNKNOWN if does else HARMLESS)


FUNCTIONS: Final = {
    **dict.fromkeys("sh bash dash ash zsh ksh ksh93 mksh fish tcsh csh rbash yash".split(), of_shell),
    **dict.fromkeys(("busybox", "toybox"), of_box),
    **dict.fromkeys(WRAPPERS, of_wrapper),
    **dict.fromkeys(("su", "runuser"), of_su),
    **dict.fromkeys(INTERPRETERS, of_interpreter),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk", "sed"), of_text_tool),
    **dict.fromkeys(("gdb", "lldb"), of_debugger),
    **dict.fromkeys(("mysql", "mariadb", "psql", "sqlite3"), of_database),
    **dict.fromkeys(MAKES, of_make),
    **dict.fromkeys(BUILDS, of_build),
    **dict.fromkeys(ANSIBLE, of_ansible),
    **dict.fromkeys(MULTIPLEXERS, of_multiplexer),
    **{"chroot": of_chroot, "sudo": of_sudo, "java": of_java, "git": of_git, "xargs": of_xargs, "watch": of_watch, "run-parts": of_parts, "find": of_find},
    "systemd-run": of_systemd_run,
}
