"""What the catalogue says of programs is so: each that is here is run by the real sudo with any argument, as a setuid copy, and in its harmless uses.

Its user tries the same without sudo before, which comes to nothing. What gives no more than its name says is told a secret file of root's by each option
that its help names, and shows nothing of it.
"""

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hosts.planting import end
from hosts.prepared import CHANGED, DIR, PLACES, RESET, SHOWN, USER, allowed, prepare
from hosts.rows_paths_by_programs import PAM
from hosts.test_setuid_shells import RECIPES
from hosts.trials import TRIALS, Trial
from leads.test_program_entries import GTFOBINS
from real_engines.rootless_world import RootlessWorld

from hostcheck_builtin.privileged_programs.command_arguments import does
from hostcheck_builtin.privileged_programs.command_effects import of_command
from hostcheck_builtin.privileged_programs.command_table import COMMANDS, LIMITED, READ
from hostcheck_builtin.privileged_programs.setuid_abilities import ABILITIES, ASKS, READS
from hostcheck_builtin.privileged_programs.setuid_kinds import ENGINES
from hostcheck_builtin.system.program_names import PATH, base_name

ENV = ("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", f"HOME={DIR}", "LC_ALL=C.UTF-8")
LEAST = 150
"""How many programs at least are here, so that this says something."""
OF_MACHINE = frozenset("halt poweroff reboot shutdown rmmod rfkill route ifconfig umount chattr renice".split())
"""What would change the machine itself."""
SHOWS_ALWAYS = frozenset("top slabtop".split())
"""What runs until somebody ends it."""


def path_of(name: str) -> str:
    """Return where a program of the catalogue is on this machine, "" where it is not."""
    found = [path for folder in (*PATH, "/lib64") for path in sorted(Path(folder).glob(f"{name.removesuffix('.so')}*")) if path.is_file()]
    found.sort(key=lambda path: path.name != name)
    return next((str(path) for path in found if base_name(path.name, COMMANDS) == name), "")


LIMITED_HERE = [name for name, one in COMMANDS.items() if one.gives == LIMITED and name not in OF_MACHINE | SHOWS_ALWAYS and path_of(name)]
HERE = {name: path for name in TRIALS if (path := path_of(name))}


@pytest.fixture(scope="module")
def bench() -> Iterator[RootlessWorld]:
    """Give a host where a user may run each of these programs by sudo with any argument."""
    world = RootlessWorld()
    try:
        prepare(world)
        PAM(world)
        allowed(world, sorted({*HERE.values(), *map(path_of, LIMITED_HERE)}))
        yield world
    finally:
        end(world)


def tried(world: RootlessWorld, trial: Trial, *argv: str, setup: str = "true", patience: float = 0.5) -> bool:
    """Say whether what a user tells a program comes to something."""
    world.run("sh", "-ec", f"{RESET}{trial.before.format(**PLACES) or 'true'}\n{setup}")
    words = [word.format(**PLACES) for word in shlex.split(trial.argv)]
    try:
        output = _run(world, [*argv, *words], trial, patience)
        if trial.then:
            _run(world, ["sh", "-c", trial.then.format(**PLACES)], Trial())
        if any(one in re.sub(r"[\s.|]", "", output) for one in SHOWN) or (trial.shows and re.search(trial.shows, output, re.MULTILINE | re.DOTALL)):
            return True
        proof = trial.proof.format(**PLACES) or CHANGED
        return subprocess.run(world.inside("sh", "-c", proof), capture_output=True, check=False).returncode == 0
    finally:
        subprocess.run(world.inside("umount", "-q", "/run/roots"), capture_output=True, check=False)


def _run(world: RootlessWorld, argv: list[str], trial: Trial, patience: float = 0) -> str:
    """Return the output of what the user runs; keys are typed one line after the other, once the program has had time to start."""
    sized = f"stty rows 24 cols 80; exec {shlex.join(argv)}"
    command = ("script", "-q", "-e", "-c", sized, "/dev/null") if trial.terminal else argv
    keys = [key.format(**PLACES) for key in re.findall(r"[^\n\r]*[\n\r]|[^\n\r]+$", trial.keys)]
    asked = world.inside(*ENV, "sh", "-c", 'cd "$1"; shift; exec "$@"', "sh", trial.folder, *command, user=USER)
    pipe = subprocess.PIPE
    with subprocess.Popen(asked, bufsize=0, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, start_new_session=True) as process:
        assert process.stdin
        for key in [*keys, ""]:
            time.sleep(patience if trial.terminal else 0)
            with suppress(BrokenPipeError):  # it has ended
                process.stdin.write(key.encode())
        try:
            return process.communicate(timeout=8)[0].decode(errors="replace")
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            return (error.output or b"").decode(errors="replace")


@pytest.mark.parametrize("name", [name for name in TRIALS if name in HERE])
def test_what_a_program_gives(bench: RootlessWorld, name: str) -> None:
    trial, path = TRIALS[name], HERE[name]
    assert not tried(bench, trial, path)
    assert any(tried(bench, trial, "sudo", "-n", path, patience=seconds) for seconds in ((0.5, 2, 5) if trial.terminal else (0,)))
    effect = of_command(path, "plain", "any")
    assert effect.gives != LIMITED and effect.certain == (effect.gives != READ), effect
    if Path(path).read_bytes()[:2] != b"#!":  # of a script the kernel ignores the bit (execve(2))
        setuid = tried(bench, trial, f"/opt/{name}", setup=f"cp -L {path} /opt/{name}; chmod 4755 /opt/{name}")
        able = ABILITIES.get(name, frozenset()) - {ASKS}
        assert able or name in ENGINES if setuid else is_tried_otherwise(name) or not able - {READS}, (setuid, able)


def is_tried_otherwise(name: str) -> bool:
    """Say whether test_setuid_shells.py tells a setuid copy of a program something else, or GTFOBins does."""
    real = os.path.realpath(HERE[name])
    return "suid" in GTFOBINS.get(name, ()) or any(os.path.realpath(path_of(other) or other) == real or other == name for other in RECIPES)


USES = [
    (name, words)
    for name in HERE
    for case in COMMANDS[name].given
    if case.does == "harmless"
    for words in [(case.option or case.verb or case.only or " ").split()[:1]]
]
"""The first use that each harmless case of an entry names."""


@pytest.mark.parametrize(("name", "words"), USES, ids=lambda one: one if isinstance(one, str) else " ".join(one))
def test_a_harmless_use(bench: RootlessWorld, name: str, words: list[str]) -> None:
    found = does(HERE[name], tuple(words))
    assert found is not None and found.kind == "harmless"
    assert not tried(bench, Trial(argv=shlex.join(words), keys="!/run/caller/run\n", terminal=True), "sudo", "-n", HERE[name])


TEMPT = """program=$1; file=$2
for option in $(timeout 2 "$program" --help 2>&1 < /dev/null | grep -oE -e '(^|[ ,[])--?[A-Za-z0-9][A-Za-z0-9-]*' | tr -d ' ,[' | sort -u) -f -F -c -i; do
    case $option in --*) joined=$option=$file;; *) joined=$option$file;; esac
    for word in "$joined" "$option $file"; do timeout 1 sudo -n "$program" $word < /dev/null 2>&1 | head -c 10000; done
done
for word in "$file" "@$file" "--files0-from=$file"; do timeout 1 sudo -n "$program" "$word" < /dev/null 2>&1 | head -c 10000; done
"""


@pytest.mark.parametrize("name", LIMITED_HERE)
def test_what_gives_nothing_shows_no_secret(bench: RootlessWorld, name: str) -> None:
    assert not tried(bench, Trial(argv="{secret}"), "sh", "-c", TEMPT, "sh", path_of(name))
    assert of_command(path_of(name), "plain", "any")[:2] == (LIMITED, "")


def test_enough_programs_are_here() -> None:
    print(f"{len(HERE)} of {len(TRIALS)} programs that are tried are here, and {len(LIMITED_HERE)} that give nothing")
    assert len(HERE) >= LEAST and len(LIMITED_HERE) >= 30
