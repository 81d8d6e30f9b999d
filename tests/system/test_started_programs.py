"""Where the command begins that a program starts. Each expectation was written by hand, and what is run here was run."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.system.program_options import PROGRAMS, USERS_SHELL
from hostcheck_builtin.system.started_programs import READERS, StartedCommands, is_elsewhere, started

SHELL = USERS_SHELL


def read(line: str) -> StartedCommands:
    """Return what a command line starts."""
    name, *words = shlex.split(line)
    found = started(name, words)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("nice", []),
        ("flock --wait 5 /l /x a", [["/x", "a"]]),
        ("flock /l -c '/x a'", [[SHELL, "-c", "/x a"]]),
        ("flock -n 9", []),
        ("timeout -k 5 --signal KILL 1m /x -k", [["/x", "-k"]]),
        ("env -i - A=b c/d=e /x f=g", [["/x", "f=g"]]),
        ("env -iS '/x a' b", [["env", "/x", "a", "b"]]),
        ("nice A=b", [["A=b"]]),
        ("chrt -b 0 /x", [["/x"]]),
        ("chrt -b /x", [["/x"]]),
        ("chrt -p 1", []),
        ("taskset -c 0-3 /x", [["/x"]]),
        ("setarch x86_64 -R /x", [["/x"]]),
        ("setarch -R /x", [["/x"]]),
        ("setarch", [[SHELL]]),
        ("linux32 -R", [[SHELL]]),
        ("logsave -a /log /x", [["/x"]]),
        ("sudo -u root A=b /x", [["/x"]]),
        ("sudo -i", [[SHELL]]),
        ("sudo -s /x a", [[SHELL, "-c", "/x a"]]),
        ("sudo -n", []),
        ("doas -s", [[SHELL]]),
        ("chroot /r", [[SHELL]]),
        ("chroot /r /x", [["/x"]]),
        ("chroot", []),
        ("gosu bob /x", [["/x"]]),
        ("su", [[SHELL]]),
        ("su - root -c '/x a' b", [[SHELL, "-c", "/x a", "b"]]),
        ("su root /x a", [[SHELL, "/x", "a"]]),
        ("su -s /bin/dash -c /x", [["/bin/dash", "-c", "/x"]]),
        ("su -s /y", [["/y"]]),
        ("su -s /y -c /x", [["/y"], [SHELL, "-c", "/x"]]),
        ("runuser -u root -- /x -c", [["/x", "-c"]]),
        ("runuser root -c /x", [[SHELL, "-c", "/x"]]),
        ("runuser -u root", []),
        ("script -q /log -c '/x a'", [[SHELL, "-c", "/x a"]]),
        ("script -q /log -- /x a", [["/x", "a"]]),
        ("script", [[SHELL]]),
        ("watch -n 5 /x a", [[SHELL, "-c", "/x a"]]),
        ("watch -x /x a", [["/x", "a"]]),
        ("watch", []),
        ("eval . /x", [[SHELL, "-c", ". /x"]]),
        ("capsh --uid=0 -- -c /x", [["/bin/bash", "-c", "/x"]]),
        ("capsh --shell=/s == -- /x", [["capsh", "--", "/x"]]),
        ("capsh --shell=/s -+ /x", [["/s", "/x"]]),
        ("capsh --print", []),
        ("start-stop-daemon -S -x /x -- -a", [["/x", "-a"]]),
        ("start-stop-daemon a --exec /y --startas /x --start b", [["/x", "a", "b"]]),
        ("start-stop-daemon -x /x", []),
        ("start-stop-daemon -S", []),
        ("xargs -n 1 /x a", [["/x", "a"]]),
        ("parallel -j 5 /x {} ::: a b", [[SHELL, "-c", "/x {}"]]),
        ("parallel ::: /x /y", [[SHELL, "-c", "/x"], [SHELL, "-c", "/y"]]),
        ("parallel ::: /x ::: a", [[SHELL, "-c", "/x"]]),
        ("parallel :::: /list", [[SHELL]]),
        ("parallel", [[SHELL]]),
        (r"find / -exec /x {} \; -okdir /y + -print", [["/x", "{}"], ["/y"]]),
        ("find / -exec", []),
        ("ld.so --preload /l /x", [["/x"]]),
        ("ld-linux-x86-64.so.2 /x", [["/x"]]),
    ],
)
def test_where_commands_begin(line: str, commands: list[list[str]]) -> None:
    assert read(line).commands == commands


def test_what_starts_nothing_by_its_words() -> None:
    assert started("ls", ["/x"]) is started("sh", ["-c", "/x"]) is started("make", []) is started("", []) is None


@pytest.mark.parametrize(
    ("line", "role", "values"),
    [
        ("env A=b - C=d /x", "sets", ["A=b", "-", "C=d"]),
        ("chroot --userspec root:root /r /x", "root", ["/r"]),
        ("chroot --userspec root:root /r /x", "user", ["root:root"]),
        ("gosu bob /x", "user", ["bob"]),
        ("su - bob", "user", ["bob"]),
        ("su - bob", "away", [""]),
        ("sudo -D /d /x", "folder", ["/d"]),
        ("find / -execdir /x ;", "away", [""]),
        ("systemd-run -p User=bob /x", "property", ["User=bob"]),
    ],
)
def test_what_is_said_of_a_command(line: str, role: str, values: list[str]) -> None:
    assert read(line).values(role) == values


@pytest.mark.parametrize(
    ("line", "before"),
    [
        ("timeout -k 5 1m /x a", ["-k", "5", "1m"]),
        ("env A=b -- /x", ["A=b"]),
        ("su bob -pc /x a", ["bob"]),
        ("su root -pc /x a", ["root", "-pc", "/x", "a"]),
        ("su root -- a", ["root"]),
        ("watch -n 5 /x a", ["-n", "5"]),
        ("script -c /x /l", ["-c", "/x", "/l"]),
        ("start-stop-daemon -S -x /x -- a", ["-S", "-x", "/x"]),
        ("find / -exec /x", []),
        ("capsh --uid=0 -- /x", ["--uid=0", "--"]),
    ],
)
def test_which_words_decide(line: str, before: list[str]) -> None:
    assert read(line).before == before


@pytest.mark.parametrize("line", ["sudo -u bob /x", "gosu bob /x", "systemd-run -M web /x", "systemd-run -p User=bob /x", "su bob", "chpst -u :1000 /x"])
def test_what_is_done_elsewhere(line: str) -> None:
    assert is_elsewhere(read(line).told)


@pytest.mark.parametrize("line", ["sudo /x", "sudo -u '#0' /x", "gosu root:bin /x", "systemd-run -M .host -p User=root /x", "su", "chpst -u 0 /x"])
def test_what_root_does_here(line: str) -> None:
    assert not is_elsewhere(read(line).told)


@pytest.mark.parametrize(
    "line",
    [
        "flock --wait 1 {lock}",
        "flock --timeout=1 -n --verbose {lock}",
        "flock -nE 5 {lock}",
        "timeout --kill-after 5 -s KILL 5",
        "timeout -vk5 5",
        "nice --adjustment 5",
        "nice -5",
        "nice --5",
        "ionice --class 2 --classdata=3 -t",
        "chrt --batch 0",
        "taskset --all-tasks 0xffffffff",
        "setsid --wait",
        "nohup",
        "stdbuf --output L -i0",
        "env --unset A --chdir / -a zero B=c d/e=f",
        "env - A=b",
        "env --split-string -i",
        "xargs --arg-file /dev/null --delimiter x --max-args 1",
        "xargs --max-lines -0",
        "setpriv --pdeathsig keep --nnp",
        "prlimit --nofile=100 -o SOFT",
        "prlimit -n=100",
        "choom --adjust 0",
        "logsave -a {lock}",
        "start-stop-daemon --start --chdir / --exec",
    ],
)
def test_what_the_program_itself_starts(line: str, tmp_path: Path) -> None:
    name, *words = line.format(lock=tmp_path / "lock").split()
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed here, so nothing can be compared with it; what is read of its lines is tested above")
    command = ["/bin/echo", "ok"]
    done = subprocess.run([name, *words, *command], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False, cwd=tmp_path)
    assert "ok" in done.stdout.split(), done.stderr
    found = started(name, [*words, *command])
    again = started(*_split(found.commands[0])) if found and found.commands[0][0] == "env" else found
    assert again is not None and again.commands == [command]


def _split(command: list[str]) -> tuple[str, list[str]]:
    return command[0], command[1:]


STARTERS = sorted(name for name, one in PROGRAMS.items() if one.then in READERS)
WORDS = st.sampled_from(
    [*"-- - + -c -S -x -exec -execdir ; + ::: == -+ --start -u root A=b 5 /x -s".split(), *{one for p in PROGRAMS.values() for one in p.options}]
)


@given(st.sampled_from(STARTERS), st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=12))
def test_any_words_are_read(name: str, words: list[str]) -> None:
    found = started(name, words)
    assert found is not None and all(found.commands)
    text = " ".join((name, *words))
    assert all(word in text or word in (SHELL, "-c", "env", "capsh", "/bin/bash") for command in found.commands for word in command)
    assert all(word in text for word in found.before) and isinstance(is_elsewhere(found.told), bool)


@pytest.mark.parametrize("name", STARTERS)
def test_many_words_are_read_once(name: str) -> None:
    for words in (["-x"], ["A=b"], ["-exec", "/x", ";"], [":::", "a"], ["-"], ["-S", "-x"], ["-" + "a" * 50]):
        found = started(name, words * 500)
        assert found is not None and sum(map(len, found.commands)) <= 2_500
