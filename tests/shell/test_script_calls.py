"""Commands that a script runs with what its caller says, as sh and bash run them."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.shell.script_calls import calls


def called(*lines: str, by: str = "/bin/bash") -> list[str]:
    return [" ".join(words) for words in calls("\n".join((f"#!{by}", *lines, "")).encode())]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['docker run -v "$PWD":/work image "$@"'], ["docker run -v .:/work image *"]),
        (["exec /usr/bin/docker exec -it $1 bash"], ["/usr/bin/docker exec -it * bash"]),
        (['name="$1"', 'systemctl restart "$name"'], ["systemctl restart *"]),
        (['tar xf "${1:-x.tar}" -C /srv'], ["tar xf * -C /srv"]),
        (["set -euo pipefail", "tty=; [ -t 0 ] && tty=-t", '[ -n "$1" ] || exit 1', "vi $1"], ["vi *"]),
        (['[ "$1" = web ] || exit 1', "vi $1"], []),
        (["case $1 in web) vi $1;; esac"], []),
        (["[[ $1 =~ ^[a-z]+$ ]] || exit", "vi $1"], []),
        (["if true; then vi $1; fi"], []),
        (["for one in $@; do vi $one; done"], []),
        (["set -- a b", "vi $1"], []),
        (["vi /etc/motd *.conf"], []),
        (["vi $1*.conf"], ["vi *?.conf"]),
        (["cd /srv", 'docker run -v "$PWD":/x i'], []),
        (["make -f ./Makefile"], ["make -f ./Makefile"]),
        (["cd /srv", "make -f ./Makefile"], []),
        (['"$@"'], ["*"]),
        (["echo $#"], []),
        (["vi $10"], ["vi *0"]),
        (["vi '$1'"], []),
        (["grep $1 /var/log/x", "vi $1"], []),
    ],
)
def test_calls(lines: list[str], expected: list[str]) -> None:
    assert called(*lines) == expected


def test_another_interpreter() -> None:
    assert called('vi "$1"', by="/usr/bin/python3") == []
    assert called('vi "$1"', by="/usr/bin/env bash") == ["vi *"]


@given(st.text(alphabet="$@*1{}:-\"'`()[]=; \nabvi./PWD", max_size=120))
def test_no_script_stops_it(text: str) -> None:
    for words in calls(f"#!/bin/sh\n{text}".encode()):
        assert words
        assert not any("\ud801" in word for word in words)


def test_what_bash_hands_on() -> None:
    text = 'name=$1\nprintf "%s|" a "${2:-x}" "$name" "$@" $3*b\n'
    said = subprocess.run(["/bin/bash", "-c", text, "x", "one", "two", "three"], capture_output=True, text=True, check=True).stdout
    (words,) = calls(f"#!/bin/bash\n{text}".encode())
    assert said == "a|two|one|one|two|three|three*b|"
    assert words == ("printf", "%s|", "a", "*", "*", "*", "*?b")
