"""What a script does with what its caller says, by the catalogue; each kind that a command may have is one that the facts may state."""

import json
from pathlib import Path

import pytest

from hostcheck_builtin.privileged_programs import command_scripts, command_words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('exec /usr/bin/docker run --rm -i $tty --network host -v "$PWD":/work -w /work "$IMAGE" "$@"', ("docker", "host")),
        ('docker run -v "$PWD":/work image make', ("docker", "host")),
        ("docker restart $1", None),
        ("vi $1", ("vi", "shell")),
        ("less /var/log/syslog", None),
        ('"$@"', ("sh", "free")),
        ('cp "$1" /srv/upload', ("cp", "free")),
        ("grep $1 /var/log/syslog", None),
        ('su - app -c "$1"', None),
        ("own-program $1", None),
        ("case $1 in a) vi $1;; esac", None),
    ],
)
def test_scripts(line: str, expected: tuple[str, str] | None) -> None:
    assert command_scripts.done(f"#!/bin/bash\nset -eu\nIMAGE=tools:1 tty=; [ -t 0 ] && tty=-t\n{line}\n".encode()) == expected


def test_each_kind_is_in_the_facts() -> None:
    definitions = Path(command_scripts.__file__).with_name("definitions.facts.json")
    stated = json.loads(definitions.read_bytes())["$defs"]["does"]["enum"]
    assert set(stated) == set(command_words.ORDER) - {command_words.SPARED.kind}
