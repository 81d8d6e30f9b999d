"""Profiles: what is said of a variable is what a real shell makes of it, and nothing is said where a shell would have to run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hostcheck.model import Hole, Why
from hostcheck_builtin.clients import shell_settings
from hostcheck_builtin.clients.shell_settings import environment_d, pam_environment, shell

NAME = "DOCKER_HOST"
SOCK = "unix:///run/user/1000/docker.sock"
PLAIN = {
    "exported": f"export {NAME}={SOCK}\n",
    "in double quotes": f'export {NAME}="{SOCK}"\n',
    "in single quotes": f"export {NAME}='{SOCK}'\n",
    "assigned, then exported": f"{NAME}={SOCK}\nexport {NAME}\n",
    "exported, then assigned": f"export {NAME}\n{NAME}={SOCK}\n",
    "declared": f"declare -x {NAME}={SOCK}\n",
    "with all that is assigned": f"set -a\n{NAME}={SOCK}\nset +a\n",
    "twice": f"export {NAME}=unix:///a\nexport {NAME}={SOCK}\n",
    "behind a comment": f"# export {NAME}=unix:///a\n  export {NAME}={SOCK} # mine\n",
    "behind a condition": f"if [ -n x ]; then\n  A=1\nelse A=2; fi\nexport {NAME}={SOCK}\n",
    "behind a case": f"case $- in\n  *i*) ;;\n  *) A=1;;\nesac\nexport {NAME}={SOCK}\n",
    "behind loops": f"for a in 1 2; do while false; do :; done; done\nuntil true\ndo\n:\ndone\nexport {NAME}={SOCK}\n",
    "behind a function": f"f() {{\n  echo a\n}}\nfunction g {{ echo b; }}\nexport {NAME}={SOCK}\n",
    "behind a here-document": f"cat >/dev/null <<END\nexport {NAME}=unix:///a\nif\nEND\nexport {NAME}={SOCK}\n",
    "behind quotes over lines": f"A='one\nexport {NAME}=unix:///a\nthree'; export {NAME}={SOCK}\n".replace(f"export {NAME}=unix:///a", "if"),
    "on a line that goes on": f"export \\\n  {NAME}=\\\n{SOCK}\n",
    "with others": f"A=1; export {NAME}={SOCK}; B=2\n",
    "read besides": f'export {NAME}={SOCK}\necho "${NAME} ${{{NAME}}}" >/dev/null\n',
    "by XDG_RUNTIME_DIR": f'export {NAME}="unix://$XDG_RUNTIME_DIR/docker.sock"\n',
    "by XDG_RUNTIME_DIR in braces": f"export {NAME}=unix://${{XDG_RUNTIME_DIR}}/docker.sock\n",
    "by XDG_RUNTIME_DIR or its usual value": f"export {NAME}=unix://${{XDG_RUNTIME_DIR:-/run/user/$(id -u)}}/docker.sock\n",
    "by UID": f"export {NAME}=unix:///run/user/$UID/docker.sock\n",
    "by id": f"export {NAME}=unix:///run/user/$(id -u)/docker.sock\n",
    "by id in back quotes": f'export {NAME}="unix:///run/user/`id -u`/docker.sock"\n',
    "by HOME": f'export {NAME}=unix://"$HOME"/.docker/run/docker.sock\n',
    "taken away": f"export {NAME}={SOCK}\nunset {NAME}\n",
    "empty": f"export {NAME}=\n",
    "behind a hash in a word": f"A=a#b; export {NAME}={SOCK}\n",
    "above a return": f"export {NAME}={SOCK}\nreturn\nexport {NAME}=unix:///a\n",
    "above what is not closed": f"export {NAME}={SOCK}\nexit\nif true; then\n",
    "of a long neighbour": f"export {NAME}_OLD=unix:///a\nexport {NAME}={SOCK}\n",
}
OPEN = {
    "in a condition": f"if [ -S /run/x ]; then export {NAME}={SOCK}; fi\n",
    "in a condition over lines": f"if true\nthen\n  export {NAME}={SOCK}\nfi\n",
    "in the other branch": f"if true; then A=1\nelse\n  export {NAME}={SOCK}\nfi\n",
    "in a case": f"case x in\n  y) export {NAME}={SOCK} ;;\nesac\n",
    "in a loop": f"for a in; do\nexport {NAME}={SOCK}\ndone\n",
    "in a function": f"f() {{\n  export {NAME}={SOCK}\n}}\n",
    "in a function on a line of its own": f"f()\n{{\n  export {NAME}={SOCK}\n}}\n",
    "in a subshell": f"(\nexport {NAME}={SOCK}\n)\n",
    "in a substitution": f"A=$(\nexport {NAME}={SOCK}\n)\n",
    "behind and": f"[ -S /run/x ] && export {NAME}={SOCK}\n",
    "before or": f"export {NAME}={SOCK} || true\n",
    "by a command": f"export {NAME}=$(cat /etc/docker-host)\n",
    "by another variable": f"export {NAME}=unix://$SOCKET\n",
    "by eval": f"eval 'export {NAME}={SOCK}'\n",
    "for one command": f"{NAME}={SOCK} docker ps\n",
    "in an alias": f"alias d='{NAME}={SOCK} docker'\n",
    "with another": f"export A=1 {NAME}={SOCK}\n",
    "not exported": f"{NAME}={SOCK}\n",
    "with a tilde": f"export {NAME}=~/docker.sock\n",
    "with a default": f': "${{{NAME}:={SOCK}}}"\n',
    "with white space": f"export {NAME}='unix:///a b'\n",
    "with a quote that does not end": f"export {NAME}={SOCK}\nA='x\n",
    "in a here-document that does not end": f"cat <<END\nexport {NAME}={SOCK}\n",
    "behind something not closed": f"export {NAME}={SOCK}\nif true; then\n",
    "behind something not opened": f"fi\nexport {NAME}={SOCK}\n",
    "between something not opened and something not closed": f"fi\nexport {NAME}={SOCK}\nif true; then\n",
    "with the end of another system": f"export {NAME}={SOCK}\r\n",
    "for reading": f"read {NAME}\n",
    "behind another command in its place": f"exec fish\nexport {NAME}={SOCK}\n",
    "before another command in its place": f"export {NAME}={SOCK}\nexec\tfish\n",
}


def expanded(value: str) -> str:
    """Return what is known by name as it is where the oracle runs."""
    for name, known in (("$XDG_RUNTIME_DIR", "/run/user/1000"), ("$HOME", "/home/ann"), ("$UID", "0")):
        value = value.replace(name, known)
    return value


def by_bash(text: str, tmp_path: Path) -> str:
    """Return what bash has in the variable after it read a profile, "" for nothing; exit is what ends the shell that reads it."""
    profile = tmp_path / "profile"
    profile.write_text(text.replace("\nexit\n", "\nreturn\n"))
    environment = {"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": "/run/user/1000", "HOME": "/home/ann"}
    command = f". {profile}; printenv {NAME} || true"
    done = subprocess.run(["bash", "--norc", "-c", command], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.stdout.removesuffix("\n")


@pytest.mark.parametrize("how", PLAIN)
def test_a_plain_setting_is_what_a_shell_makes_of_it(how: str, tmp_path: Path) -> None:
    value = shell(PLAIN[how], (NAME,))[NAME]
    assert isinstance(value, str), value
    by_uid = subprocess.run(["id", "-u"], capture_output=True, text=True, check=True).stdout.strip()
    assert expanded(value).replace("/run/user/0/", f"/run/user/{by_uid}/") == by_bash(PLAIN[how], tmp_path)


@pytest.mark.parametrize("how", OPEN)
def test_what_a_shell_would_have_to_decide_is_not_known(how: str) -> None:
    value = shell(OPEN[how], (NAME,))[NAME]
    assert isinstance(value, Hole) and value.why is Why.UNSUPPORTED
    assert SOCK not in value.message


@pytest.mark.parametrize("text", ["", "export PATH=/bin\n", f"# {NAME}=x\n", f"echo ${NAME}\n", f"cat <<E\nexport {NAME}=x\nE\n", f"export X{NAME}=1\n"])
def test_a_profile_that_sets_nothing_says_nothing(text: str) -> None:
    assert shell(text, (NAME,)) == {}


def is_bash(text: str) -> bool:
    """Say whether bash can read it to the end without a complaint: what it does before it fails depends on how it reads."""
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stderr


STATEMENTS = st.sampled_from([
    f"export {NAME}=unix:///a", f"{NAME}=unix:///b", f"unset {NAME}", f"export {NAME}", "if true; then", "else", "fi", "for a in 1 2; do", "done", "{", "}",
    "(", ")", "f() {", "case x in", "x) :;;", "esac", "'", '"', "\\", "# x", "cat >/dev/null <<E", "E", "A=$(", "true && {", ":", "return", "a#b", "'#'",
    "set -a", "set +a",
    "while false; do",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@example([(f"unset {NAME}", "\n"), (f"{NAME}=unix:///b", "\n")])
@example([(f"unset {NAME}", "\n"), (f"{NAME}=unix:///b", "\n"), (f"export {NAME}", "\n")])
@example([(f"export {NAME}=unix:///a", "\n"), (f"unset {NAME}", "; "), ("set -a", "\n"), (f"{NAME}=unix:///b", "\n")])
@given(st.lists(st.tuples(STATEMENTS, st.sampled_from(["\n", "; ", " ", "\n\n"])), max_size=8))
def test_whatever_is_said_of_any_profile_bash_says_too(tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[str, str]]) -> None:
    text = "".join(statement + end for statement, end in parts)
    value = shell(text, (NAME,)).get(NAME, "")
    if isinstance(value, str) and is_bash(text):
        assert value == by_bash(text, tmp_path_factory.mktemp("p")), text


@example("\n\x85", NAME)
@example("\u2028", "\n")
@given(st.text(max_size=300), st.sampled_from([NAME, "export ", "'", '"', "<<A", "\n"]))
def test_no_text_breaks_it(text: str, word: str) -> None:
    for value in shell(f"{text}{word}{NAME}={text}", (NAME,)).values():
        assert isinstance(value, str | Hole)


HOSTILE = [
    "'", '"', '"a', "<<a\n", "\\", "#", "if ", f"{NAME}=", '<<\\"', "! ", "!\t", '"<<A\\"', "<<'A", '<<"A"', "<<A", "<<-A\n\t", "${", "$(id -u)",
    "{ ", "a{ ", "('", "\\\n", " #;",
    f"export {NAME}=$UID\n", f"unset {NAME}\n", "export XDG_RUNTIME_DIR=", ". ~/a\n", "for a in ~/b\n", '. "$a"\n', "source $a",
]  # fmt: skip
"""Repeated, each of them was or could be a text that is gone through as often as it is long."""
TOKENS = ["'", '"', "\\", "\n", ";", " ", "#", "<<", "<<A", "<<-", "<<<", "a", "!", "(", "{", "}", "$", "=", ". ", NAME, "HOME", "`"]
EACH = """
import sys, itertools
from hostcheck_builtin.clients.shell_settings import moved, shell, sourced
name, size, alone, tokens = sys.argv[1], 24 << 10, sys.argv[2].split("\1"), sys.argv[3].split("\1")
texts = [*alone, *("".join(pair) for pair in itertools.product(tokens, repeat=2))]
for text in texts:
    text = (f"{name}\\n" + text * size)[:size]
    shell(text, (name,)), moved(text, {"XDG_RUNTIME_DIR": (), "HOME": ()}), list(sourced(text))
print(len(texts))
"""


@pytest.mark.laws
def test_a_hostile_profile_takes_no_time() -> None:
    argv = [sys.executable, "-c", EACH, NAME, "\1".join(HOSTILE), "\1".join(TOKENS)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == f"{len(HOSTILE) + len(TOKENS) ** 2}\n"


@pytest.mark.parametrize("unit", ['<<\\"', "! ", "<<A;"])
def test_what_was_gone_through_again_and_again_is_gone_through_once(unit: str) -> None:
    """At this length each of them took minutes, and takes a second."""
    script = "import sys\nfrom hostcheck_builtin.clients.shell_settings import shell\nprint(len(shell(sys.stdin.read(), ('DOCKER_HOST',))))"
    text = f"{NAME}\n" + unit * ((2 << 20) // len(unit)) + "\n" + "A\n" * (1 << 19) * (unit == "<<A;")
    done = subprocess.run([sys.executable, "-c", script], input=text, capture_output=True, text=True, check=True, timeout=40)
    assert done.stdout == "1\n"


@pytest.mark.parametrize(
    ("line", "by_pam", "by_systemd"),
    [
        (f"{NAME}={SOCK}", SOCK, SOCK),
        (f'{NAME}="{SOCK}"', SOCK, SOCK),
        (f"export {NAME}={SOCK}", SOCK, SOCK),
        (f"{NAME}=", "", ""),
        (f"{NAME}=unix://$XDG_RUNTIME_DIR/docker.sock", None, "unix://$XDG_RUNTIME_DIR/docker.sock"),
        (f"{NAME}=unix:///run/user/$(id -u)/docker.sock", None, None),
        (f"{NAME}=unix:///run/user/$UID/docker.sock", None, None),
        (f"{NAME}={SOCK}\\", None, None),
    ],
)
def test_a_file_of_assignments(line: str, by_pam: str | None, by_systemd: str | None) -> None:
    for wanted, read in ((by_pam, pam_environment), (by_systemd, environment_d)):
        value = read(f"# {NAME}=no\nA=1\n{line}\n", (NAME,))[NAME]
        assert isinstance(value, Hole) if wanted is None else value == wanted


def test_the_forms_that_are_known_are_bounded() -> None:
    for pattern in (
        shell_settings.TOKEN,
        shell_settings.WORD,
        shell_settings.ASSIGNS,
        shell_settings.PIECE,
        shell_settings.MOVES,
        shell_settings.READS,
        shell_settings.STANDS,
        *shell_settings.KNOWN.values(),
    ):
        assert pattern.flags & re.ASCII
