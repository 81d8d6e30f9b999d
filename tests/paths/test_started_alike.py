"""A command that a program starts is the same whether root runs the line by itself or a rule of sudo allows it.

By each option that the table knows, in each way in which it may be written.
"""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.privileged_programs.command_arguments import does
from hostcheck_builtin.privileged_programs.command_table import COMMANDS
from hostcheck_builtin.shell.run_by_others import runs
from hostcheck_builtin.system.program_options import PROGRAMS
from hostcheck_builtin.system.started_programs import READERS

FILE = "/opt/x.sh"
VALUES = {
    "user": "root",
    "root": "/",
    "folder": "/",
    "property": "A=b",
    "library": "/l",
    "program": "/usr/bin/y",
    "searches": "/l",
    "file": "/f",
    "elsewhere": "default",
}
VALUED = {"value", "next", *VALUES}
BEFORE = {"value": "/v", "root": "/", "user": "root", "number": "5", "arch": "x86_64"}
BUILTINS = {"builtin", "command", "eval", "exec"}
"""Of the shell alone, so that no rule names one."""


def by_root(line: list[str]) -> bool:
    """Say whether root runs or reads the file by a line; of a text for a shell that is its first word, behind what it sets, or what it gives to sh."""
    texts = [one.word.split() for one in runs(line, "/w") if one.how in ("runs", "reads", "text")]
    found = ([word for word in words if word != "sh" and not ("=" in word and word.partition("=")[0].isidentifier())] for words in texts)
    return any(words[:1] == [FILE] for words in found)


def by_sudo(line: list[str]) -> bool:
    """Say whether what a rule with this line does stands in the file."""
    found = does(f"/usr/bin/{line[0]}", tuple(line[1:]))
    return found is not None and FILE in found.runs


def written(options: dict[str, str], option: str, value: str) -> Iterator[list[str]]:
    """Yield an option with a value in each way in which it may be written, also behind a letter that is none."""
    yield [option, value]
    if option.startswith("--"):
        yield [f"{option}={value}"]
    elif len(option) == 2 and options[option] != "next":
        letter = next(letter for letter in "qzjykv" if f"-{letter}" not in options)
        yield from ([option + value], [f"-{letter}{option[1:]}", value], [f"-{letter}{option[1:]}{value}"])


def lines(name: str) -> Iterator[list[str]]:
    """Yield lines of a program with one option each, and the file behind them."""
    program = PROGRAMS[name]
    start = ["-S"] if program.then == "daemon" else []
    end = {"daemon": ["-x"], "capsh": ["--", "-c"], "find": ["-exec"], "su": ["root", "-c"], "script-of-terminal": ["-c"]}.get(program.then, [])
    end = end + [BEFORE[role] for role in program.first.split() if role in BEFORE] + [FILE]
    yield [name, *start, *end]
    for option, role in program.options.items():
        value = VALUES.get(role, "5")
        if program.then == "su" and role == "user":
            yield from ([name, *form, FILE] for form in written(dict(program.options), option, value))
        elif program.words == "whole":
            yield from [[name, f"{option}={value}", *end]] if role in ("root", "user") else []
        elif role in VALUED or role in ("attached", "exec", "shell", "away", "stop"):
            yield from ([name, *start, *form, *end] for form in (written(dict(program.options), option, value) if role in VALUED else ([option],)))


@pytest.mark.parametrize("name", sorted(name for name, one in PROGRAMS.items() if one.then in READERS and name not in BUILTINS))
def test_each_option_of_the_table(name: str) -> None:
    assert name in COMMANDS
    for line in lines(name):
        assert by_root(line) == by_sudo(line), line
        stops = any(PROGRAMS[name].options.get(word) == "stop" for word in line)
        assert by_root(line) != stops, line


@pytest.mark.parametrize("option", ["-o errexit", "-eo pipefail", "-c", "-ec", "-x --", "-n", "-O extglob", "--rcfile /r"])
@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "busybox sh"])
def test_shells(shell: str, option: str) -> None:
    line = [*shell.split(), *option.split(), FILE]
    assert by_root(line) == by_sudo(line) == (option != "-n")


@pytest.mark.parametrize(
    "line",
    [
        "python3 -W ignore -X dev",
        "python3 -v",
        "perl -w -I /l",
        "ruby -E utf8 -r set",
        "node -C x --require /m",
        "node --conditions x",
        "php -d a=b -c /i",
        "php -f",
        "lua -l m",
        "lua -e x",
        "guile -e main -L /l",
        "guile -s",
        "julia -t 4",
        "expect -f",
        "expect -c x",
        "awk -F : -f",
        "sed -n -f",
        "java -cp /l -jar",
        "make all -f",
        "make -j 4 --file",
        "dash -V",
        "docker compose -p x -f",
        "docker-compose --profile x -f",
        "podman --storage-driver x compose -f",
    ],
)
def test_interpreters_and_what_does_as_a_file_says(line: str) -> None:
    words = [*line.split(), FILE, *(["up"] if "compose" in line else [])]
    assert by_root(words) and by_sudo(words)


@pytest.mark.parametrize(
    "line",
    [
        # a rule led nowhere, and root's line was certain
        "flock --wait 5 /l /opt/x.sh",
        "setsid -w flock --wait 5 /l /opt/x.sh",
        "flock --conflict-exit-code 5 /l /opt/x.sh",
        "flock /l --command /opt/x.sh",
        "chrt --sched-runtime 1000000 0 /opt/x.sh",
        "stdbuf --output L /opt/x.sh",
        "env - /opt/x.sh",
        "env -a zero /opt/x.sh",
        "env -S /opt/x.sh",
        "xargs --arg-file /f /opt/x.sh",
        "xargs --delimiter x --max-args 1 /opt/x.sh",
        "setpriv --pdeathsig keep /opt/x.sh",
        "setpriv --seccomp-filter /f /opt/x.sh",
        "unshare --wd / /opt/x.sh",
        "unshare --setuid 0 /opt/x.sh",
        "nsenter --net-socket 3 -t 1 /opt/x.sh",
        "sudo --close-from 5 /opt/x.sh",
        "sudo --chdir / /opt/x.sh",
        "sudo -n A=b C=d /opt/x.sh",
        "doas -a x /opt/x.sh",
        "time --output /f /opt/x.sh",
        "systemd-run --service-type simple --on-calendar daily /opt/x.sh",
        "systemd-run -M .host /opt/x.sh",
        "systemd-inhibit --what idle /opt/x.sh",
        "systemd-cat --priority info /opt/x.sh",
        "numactl --membind 0 /opt/x.sh",
        "cgexec -g cpu:x /opt/x.sh",
        "setlock /l /opt/x.sh",
        "su root --session-command /opt/x.sh",
        "find / -name y -exec /opt/x.sh {} ;",
        # root's line led nowhere, and a rule to the file
        "logsave /l /opt/x.sh",
        "prlimit --nofile=100 /opt/x.sh",
        "choom -n 0 /opt/x.sh",
        "linux32 -R /opt/x.sh",
        "pkexec /opt/x.sh",
        "faketime yesterday /opt/x.sh",
        "rlwrap -s 5 /opt/x.sh",
        "watch -n 5 /opt/x.sh",
        "toybox nice /opt/x.sh",
        # neither was read
        "script -qc /opt/x.sh /l",
        "script /l -c /opt/x.sh",
        "setarch -R /opt/x.sh",
        "setarch x86_64 -R /opt/x.sh",
        "start-stop-daemon --start --exec /opt/x.sh -- a",
        "start-stop-daemon -S -a /opt/x.sh -x /y",
        "capsh -- /opt/x.sh",
        "su root /opt/x.sh",
        "ld.so --preload /opt/x.sh /bin/true",
        "dbus-run-session --dbus-daemon=/opt/x.sh true",
        "parallel -j 5 /opt/x.sh ::: a",
    ],
)
def test_lines_that_were_read_in_two_ways(line: str) -> None:
    assert by_root(line.split()) and by_sudo(line.split())


@pytest.mark.parametrize(
    "line",
    [
        "doas -C /c /opt/x.sh",
        "chrt -p 0 1 /opt/x.sh",
        "taskset -p 1 /opt/x.sh",
        "ionice -p 1 /opt/x.sh",
        "prlimit -p 1 /opt/x.sh",
        "choom -p 1 /opt/x.sh",
        "systemd-inhibit --list /opt/x.sh",
        "numactl --hardware /opt/x.sh",
        "setpriv -d /opt/x.sh",
        "sudo -l /opt/x.sh",
        "sudo -e /opt/x.sh",
        "node --check /opt/x.sh",
        "php -l /opt/x.sh",
        "sh -n /opt/x.sh",
        "start-stop-daemon --stop --exec /opt/x.sh",
        "gosu bob /opt/x.sh",
        "setpriv --reuid=33 /opt/x.sh",
        "chroot --userspec=bob / /opt/x.sh",
        "systemd-run -p User=bob /opt/x.sh",
        "unshare -S 1000 /opt/x.sh",
        "chpst -u bob /opt/x.sh",
        "doas -u bob /opt/x.sh",
        "chroot /srv /opt/x.sh",
        "unshare -R /srv /opt/x.sh",
        "sudo -R /srv /opt/x.sh",
        "timeout 5 -k 3 /opt/x.sh",
    ],
)
def test_lines_that_do_not_start_the_file_as_root(line: str) -> None:
    assert not by_root(line.split()) and not by_sudo(line.split())


@given(
    st.sampled_from(sorted(name for name, one in PROGRAMS.items() if one.then in READERS and name not in BUILTINS)),
    st.lists(st.sampled_from("-n -c -u root 5 -- A=b --x=y /l -S -x".split()), max_size=5),
    st.booleans(),
)
def test_any_options(name: str, words: list[str], shell: bool) -> None:
    """What root's line leads to is what a rule leads to, whatever stands before it."""
    line = [name, *words, *(["sh"] if shell else []), FILE]
    assert by_root(line) == by_sudo(line)
