"""Files of the host that a container runs when it starts: what its command names below a path that it has of the host (OCI runtime-spec, process and mounts).

Whoever can change one of them says what is done in the container. Commands are read as those of units and of cron are, and of their words nothing is stated but
paths of the host. Scripts are not read: what they name lies in the container.
"""

from collections.abc import Iterator, Mapping
from posixpath import normpath
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Host, Json, attempt
from hostcheck_builtin.engines.api_answers import record, take, text, texts
from hostcheck_builtin.root_programs import root_files
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import FileGroup, RootUse
from hostcheck_builtin.shell import run_by_others, shell_text
from hostcheck_builtin.shell.shell_names import ShellName
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.host_places import below

TAKEN: Final = frozenset({"runs", "reads", "searches", "beside", "parts"})
"""What a command does with a file that may be the host's; where a name is looked for is the image's word."""
AGAIN: Final = frozenset({"always", "unless-stopped"})
"""Policies by which an engine starts a container whenever it has ended, and after a boot (docker-run(1), --restart)."""


class StartCommand(NamedTuple):
    """What a container runs: the words of its first process, those that were given behind an entrypoint, and the directory in which it starts."""

    words: list[str]
    given: list[str]
    folder: str


def command(document: Mapping[str, Json]) -> StartCommand | Hole:
    """Return the command of an inspect answer, or the hole where it does not tell it."""
    return attempt(_command, document)


def _command(document: Mapping[str, Json]) -> StartCommand:
    config = sure(take(document, ("Config",), record))
    given = sure(take({"Cmd": config.get("Cmd")}, ("Cmd",), texts))
    folder = sure(take({"WorkingDir": config.get("WorkingDir") or "/"}, ("WorkingDir",), text))
    return StartCommand([sure(take(document, ("Path",), text)), *sure(take(document, ("Args",), texts))], given, folder)


class StartedFiles:
    """Walks to the files of all containers, each once."""

    def __init__(self, host: Host) -> None:
        """Look at nothing yet."""
        self._host = host
        self._files: RootFiles | None = None

    def of(self, told: StartCommand | Hole, name: str, mounts: Mapping[str, Any], restart: Json) -> Json:
        """State by path what others than root may be able to change of what a container runs; None where that is nothing."""
        if not any("real" in one for one in mounts.values()):
            return None
        self._files = self._files or root_files.begin(self._host, boots=False)
        self._files.group = group = FileGroup()
        again: bool | Hole = attempt(lambda: sure(sure(restart)["policy"]) in AGAIN)
        use = RootUse("container", f"the container {name}", "", "its command", "container", certain=again)
        group.lack(attempt(_take, self._files, told, mounts, use))
        return group.facts()["files"] if group.entries or group.hole else None


def _take(files: RootFiles, told: StartCommand | Hole, mounts: Mapping[str, Any], use: RootUse) -> None:
    for one in _named(sure(told)):
        inside = normpath(one.path)
        place = max((at for at in mounts if below(inside, at.rstrip("/"))), key=len, default="") if inside.startswith("/") else ""
        if one.how not in TAKEN or "real" not in mounts.get(place, {}):
            continue
        real = mounts[place]["real"]
        if isinstance(real, Hole):
            files.group.lack(real)
            continue
        path = f"{real.rstrip('/')}/{inside[len(place.rstrip('/')) :].lstrip('/')}".rstrip("/")
        way = files.way(path)
        links = () if isinstance(way, Hole) else way.links  # in the container they may lead elsewhere
        files.named(one._replace(path=path), use.only_if(one.certain and not any(below(link, real) for link in links)), reads=False)


def _named(told: StartCommand) -> Iterator[ShellName]:
    """Yield what a command names; what stands behind an entrypoint is a command only where that makes it one, as most do."""
    for words, certain in ((told.words, True), (told.given if told.given != told.words else [], False)):
        for one in run_by_others.runs(words, told.folder) if words else ():
            if one.how == "text":
                yield from (inner._replace(certain=certain and one.sure and inner.certain) for inner in shell_text.named(one.word, folder=one.folder))
            else:
                yield ShellName(0, one.how, one.word, certain and one.sure, one.script)
