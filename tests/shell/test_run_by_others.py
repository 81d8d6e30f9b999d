import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.root_programs.root_files import GLOB
from hostcheck_builtin.shell.run_by_others import Run, runs
from hostcheck_builtin.system.program_options import PROGRAMS


def arguments(words: list[str]) -> list[tuple[str, bool | None]]:
    """Return the programs of a command with False, texts for a shell with True, directories for run-parts with None."""
    return [
        (one.word, {"text": True, "parts": None}.get(one.how, False))
        for one in runs(words)
        if one.how not in ("searches", "sets", "beside") and GLOB.isdisjoint(one.word)
    ]


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("/a /b", [("/a", False)]),
        ("sh /a /b", [("sh", False), ("/a", False)]),
        ("/bin/bash -e /a", [("/bin/bash", False), ("/a", False)]),
        ("bash -ec text /b", [("bash", False), ("text", True)]),
        ("bash --norc", [("bash", False)]),
        ("python3 -u /a.py /b", [("python3", False), ("/a.py", False)]),
        ("python3 -m mod /b", [("python3", False)]),
        ("env -i A=/x nice -n -5 perl /a", [("env", False), ("nice", False), ("perl", False), ("/a", False)]),
        ("timeout -k 5 1m /a", [("timeout", False), ("/a", False)]),
        ("flock -n /lock /a", [("flock", False), ("/a", False)]),
        ("flock -n /lock -c text", [("flock", False), ("text", True)]),
        ("chroot /x /a", [("chroot", False), ("/x/a", False)]),
        ("run-parts --report /a", [("run-parts", False), ("/a", None)]),
        ("nohup -- /a", [("nohup", False), ("/a", False)]),
        ("nice", [("nice", False)]),
        ("env", [("env", False)]),
        ("make -C /x -f /m", [("make", False), ("/m", False)]),
        ("make -C /x", [("make", False)]),
    ],
)
def test_what_a_command_runs(command: str, wanted: list[tuple[str, bool | None]]) -> None:
    assert arguments(command.split()) == wanted


def told(command: str, folder: str = "", stdin: str = "") -> list[tuple[str, str]]:
    """Return what a command runs beside programs that are looked for by their names."""
    return [(one.how, one.word) for one in runs(shlex.split(command), folder, stdin) if one.how != "runs" or "/" in one.word]


@pytest.mark.parametrize(
    "command",
    [
        "awk /tmp/{print}",
        "awk -F/ -v x=/y '{print $2/1}' /f",
        "perl -ne '/tmp/ && print' /f",
        "perl -lne /x/ -I /l",
        "perl -pe s/a/b/ /f",
        "php -r 'x(\"a/b\");' /f",
        "ruby -ne /x/ /f",
        "node -pe 1/2",
        "node --check /a",
        "python3 -sc 'x/y' /f",
        "python3 -mjson.tool /f",
        "sed -i.bak -e s/a/b/ /f",
        "sed /x/d /f",
        "lua -e x/y",
        "pwsh -Command a/b",
        "sh -n /a",
        "bash -s /a",
        "command -v /a",
        "xargs -a /list rm",
        "xargs -d x/y rm",
        "env -C /x ls",
        "env -u /x ls",
        "sudo -l /a",
        "sudo -e /a",
        "sudo -u bob /a",
        "sudo -u $USER /a",
        "su bob -c /a",
        "su - bob -c /a",
        "runuser -u bob -- /a",
        "runuser -l bob -c /a",
        "setpriv --reuid=33 /a",
        "systemd-run --uid=bob /a",
        "systemd-run -p User=bob /a",
        "systemd-run -M web /a",
        "gosu bob /a",
        "chroot --userspec=bob:bob /x /a",
        "ionice -p 12 13",
        "docker run -v /x:/y z /a",
        "docker compose -f /c down",
        "docker -H tcp://x compose -f /c up",
        "find /x -name y/z",
        "doas -C /c /a",
        "start-stop-daemon --stop --exec /a",
        "start-stop-daemon -S -c bob -x /a",
        "capsh --user=bob -- /a",
        "taskset -p 1 /a",
    ],
)
def test_what_a_command_does_not_run_as_root(command: str) -> None:
    assert told(command) == []


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("bash -euo pipefail /a", [("runs", "/a")]),
        ("bash -euo pipefail -c text", [("text", "text")]),
        ("bash -o errexit -O extglob +o x /a", [("runs", "/a")]),
        ("bash tool", [("runs", "/w/tool")]),
        ("python3 app.py", [("runs", "/w/app.py"), ("beside", "/w/app.py")]),
        ("python3 -I app.py", [("runs", "/w/app.py")]),
        ("python3 -W ignore sub/app.py", [("runs", "/w/sub/app.py"), ("beside", "/w/sub/app.py")]),
        ("python3 -m mod", [("searches", "/w")]),
        ("perl -I /l /a", [("searches", "/l"), ("runs", "/a")]),
        ("./a", [("runs", "/w/a")]),
        ("sudo -n -u root X=1 /a", [("sets", "X=1"), ("runs", "/a")]),
        ("sudo -D /x ./a", [("runs", "/x/a")]),
        ("doas -u root /a", [("runs", "/a")]),
        ("gosu root:root /a", [("runs", "/a")]),
        ("su -c text", [("text", "text")]),
        ("su - root -s /s -c text", [("runs", "/s"), ("text", "text")]),
        ("runuser -u root -- /a", [("runs", "/a")]),
        ("runuser -l root -c text", [("text", "text")]),
        ("systemd-cat -t x /a", [("runs", "/a")]),
        ("systemd-run -u x -p A=b --on-calendar daily /a", [("runs", "/a")]),
        ("setpriv --reuid 0 --clear-groups /a", [("runs", "/a")]),
        ("nsenter -t 1 -m /a", [("runs", "/a")]),
        ("eval . /a", [("text", ". /a")]),
        (r"find / -exec /a {} \; -o -execdir /b {} +", [("runs", "/a"), ("runs", "/b")]),
        ("time -p /a", [("runs", "/a")]),
        ("chrt -f 10 ionice -c 3 nice -19 /a", [("runs", "/a")]),
        ("env -S 'bash -e' /a", [("runs", "/a")]),
        ("env - /a", [("runs", "/a")]),
        ("env -C /x ./a", [("runs", "/x/a")]),
        ("chroot /x sub/a", [("searches", "/x"), ("runs", "/x/sub/a")]),
        ("chroot /x sh -c /a", [("searches", "/x")]),
        ("busybox sh /a", [("runs", "/a")]),
        ("awk -f /a /b", [("reads", "/a")]),
        ("sed -nf a.sed /b", [("reads", "/w/a.sed")]),
        ("php -f /a", [("reads", "/a")]),
        ("node -r /m /a", [("reads", "/m"), ("runs", "/a")]),
        ("java -cp /x -jar /a", [("searches", "/x"), ("reads", "/a")]),
        ("make", [("reads", "/w/[Mm]akefile")]),
        ("make -C /x -f m", [("reads", "/x/m")]),
        ("docker compose up -d", [("reads", "/w/[cd]*ompose.y*ml")]),
        ("docker compose -f /c -p x up -d", [("reads", "/c")]),
        ("docker --log-level x compose --project-directory /x run y", [("reads", "/x/[cd]*ompose.y*ml")]),
        ("docker-compose -f c.yml up", [("reads", "/w/c.yml")]),
        ("make all -C /x -j 4", [("reads", "/x/[Mm]akefile")]),
        ("sudo -s /a b", [("text", "/a b")]),
        ("sudo -i ./a", [("text", "./a")]),
        ("su root /a b", [("runs", "/a")]),
        ("chroot / sh -c /a", [("text", "/a")]),
        ("start-stop-daemon --start --quiet --chuid root:root --exec /a -- -b", [("runs", "/a")]),
        ("dbus-run-session --dbus-daemon /d -- /a", [("runs", "/d"), ("runs", "/a")]),
        ("find . -execdir ./a ;", []),
        ("env - A=b C=d /a", [("sets", "A=b"), ("sets", "C=d"), ("runs", "/a")]),
        ("parallel ::: /a ./b", [("text", "/a"), ("text", "./b")]),
    ],
)
def test_what_a_command_runs_in_a_directory(command: str, wanted: list[tuple[str, str]]) -> None:
    assert told(command, "/w") == wanted


def test_a_script_that_is_the_input() -> None:
    assert told("sh", stdin="/a") == told("bash -s x", stdin="/a") == told("nice sh -", stdin="/a") == [("runs", "/a")]
    assert told("sort", stdin="/a") == told("sh /b", stdin="/a")[1:] == []
    assert told("su", stdin="/a") == told("sudo -s", stdin="/a") == [("runs", "/a")] and told("xargs sh", stdin="/a") == told("parallel", stdin="/a") == []


def test_which_files_a_shell_may_read() -> None:
    assert [one.script for one in runs(["sh", "/a"])] == [one.script for one in runs(["/a", "/b"])] * 2 == [True, True]
    assert list(runs(["python3", "/a"]))[1:] == [Run("runs", "/a"), Run("beside", "/a")]


def test_only_what_is_run_first_may_have_any_signs() -> None:
    assert told("'/a b(1)'") == [("runs", "/a b(1)")] and told("'./a b'", "/w") == [("runs", "/w/a b")]
    assert told("'a/b c'", "/w") == told("sh '/a b'") == told("nice '/a=b'") == told("make -f '/a;b'") == []


def test_programs_that_run_one_another_without_end() -> None:
    assert len(arguments(["env"] * 10_000)) < 20
    assert len(arguments(["find", "-exec"] * 10_000)) < 20
    assert len(arguments(["env", "-S", "env -S"] * 10_000)) < 20
    assert list(runs(["su"] + ["-"] * 100_000)) == [Run("runs", "su", script=True)]


CODE = st.text("abz/ .;(){}\"'$\\=&|<>%", max_size=20).map(lambda text: f"canary{text}/")
OPTIONS = st.sampled_from(("-e", "-ne", "-lne", "-pe", "-c", "-sc", "-r", "-E", "-ni", "-i.bak", "-n", "-p", "-u", "-F/", "-F", "-v", "-d", "-m", "-I", "--"))


@given(st.sampled_from(sorted(PROGRAMS)), st.lists(OPTIONS, max_size=3), CODE)
def test_any_words_are_read(name: str, options: list[str], code: str) -> None:
    assert all(isinstance(one.word, str) for one in runs([name, *options, code, "/x"], "/w"))


@given(
    st.sampled_from(
        ("awk", "gawk -F: -v x=y", "sed -n", "sed -Ee", "perl -ne", "perl -w -pe", "perl -i.bak -lane", "php -r", "ruby -rset -ne", "node -pe", "node --eval")
        + (
            "python3 -c",
            "python3 -Iuc",
            "lua -e",
            "pwsh -Command",
            "xargs -d",
            "sudo -p",
            "csh -c",
            "timeout -s",
            "env -u",
            "find / -name",
            "docker compose -p",
        )
    ),
    CODE,
)
def test_code_and_values_are_never_told(command: str, code: str) -> None:
    assert not any("canary" in one.word for one in runs([*command.split(), code, "/x"], "/w") if one.how != "sets")


@pytest.mark.parametrize(
    ("words", "stdin", "expected"),
    [
        ("sqlite3 /var/lib/a.db", "/srv/a.sql", ["/srv/a.sql"]),
        ("sqlite3 -init /srv/b.sql /var/lib/a.db", "", ["/srv/b.sql"]),
        ("psql -U app -f /srv/a.sql app", "", ["/srv/a.sql"]),
        ("mysql app", "/srv/a.sql", ["/srv/a.sql"]),
        ("wc -l", "/srv/a.sql", []),
        ("sqlite3 /var/lib/a.db", "", []),
    ],
)
def test_input_that_a_program_obeys(words: str, stdin: str, expected: list[str]) -> None:
    assert [one.word for one in runs(words.split(), "/", stdin) if one.how == "reads"] == expected
