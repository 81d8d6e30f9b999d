"""Programs that services run as root because their settings say so, of services that root runs itself: the table of service_lines.

Settings that others may write are told of themselves (leads/places); what they name is the word of who can write them.
"""

from collections.abc import Iterator, Sequence
from posixpath import normpath
from typing import Final

from hostcheck.api import Hole, LimitExceeded
from hostcheck_builtin.root_programs import known_places
from hostcheck_builtin.root_programs.root_files import RootFiles, is_alone
from hostcheck_builtin.root_programs.service_lines import SCRIPT_USER, SERVICES, SettingsCommand, SettingsOfService
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system import option_words
from hostcheck_builtin.system.bounds import SERVICE_SETTINGS

SEARCHED: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
ENDS: Final = frozenset((";", "&", "&&", "||", "|", ">", ">>"))


def take(files: RootFiles) -> None:
    """Take what the settings of services name that were found to run."""
    for (name, command), use in list(files.services.items()):
        service, words = SERVICES[name], _words(name, command)
        read = option_words.read(service.options, words, anywhere=True)
        use = use._replace(kind="command", by=service.by, how="runs", user=next(reversed(read.values("user")), use.user), via="", at="")
        for path in [path for place in service.loads for path in known_places.expanded(files, place)] if service.told & {name, *words} else ():
            above = files.way(path.rpartition("/")[0])
            if isinstance(above, Hole) or is_alone(above) or path.rpartition("/")[0] not in files.group.entries:
                files.take(path, use._replace(how="all", place=path))
        for path in _settings(files, service, read.values("file"), use):
            if not service.named or _is_named(path, words):
                for one in service.read(files.text(path), path.rpartition("/")[0]):
                    _run(files, one, use._replace(place=f"{path}:{one.line}"))


def _words(name: str, command: str) -> list[str]:
    """Return the words behind a program in a command."""
    words = command.split()
    first = next((at for at, word in enumerate(words) if word.rpartition("/")[2] == name), len(words))
    end = next((at for at, word in enumerate(words) if at > first and word in ENDS), len(words))
    return [word.strip("\"'") for word in words[first + 1 : end]]


def _is_named(path: str, words: Sequence[str]) -> bool:
    name = path.rpartition("/")[2]
    return any(word.rpartition("/")[2] in (name, name.removesuffix(".conf")) for word in words)


def _settings(files: RootFiles, service: SettingsOfService, given: list[str], use: RootUse) -> Iterator[str]:
    """Yield the files of settings that only root can change, and those that they include; what others can change is taken where a word or a line names it."""
    told = [path for path in given if path.startswith("/")]
    pending, seen = [(path, "") for path in service.settings] if not told else [(path, use.place) for path in told], set[str]()
    while pending:
        place, named_by = pending.pop(0)
        for path in list(known_places.expanded(files, place)):
            way = files.way(path)
            files.group.lack(way)
            if named_by and not isinstance(way, Hole) and not is_alone(way):
                files.take(path, use._replace(how="all" if way.type == "dir" else "reads", place=named_by))
            if isinstance(way, Hole) or way.realpath in seen or not is_alone(way):
                continue
            seen.add(way.realpath)
            if len(seen) > SERVICE_SETTINGS:
                raise LimitExceeded(f"more than {SERVICE_SETTINGS} files of settings of {service.by}")
            if way.type == "dir":
                pending.append((f"{path}/*", named_by))
            elif way.type == "file":
                pending += [(one, path) for one in _included(service, files.text(path), way.realpath.rpartition("/")[0])]
                yield path


def _included(service: SettingsOfService, text: str, folder: str) -> list[str]:
    lines = text.split("\n") if service.include else []
    found = [word.strip("\"'") for line in lines if service.include and (match := service.include.fullmatch(line)) for word in match[1].split()]
    return [normpath(word if word.startswith("/") else f"{folder}/{word}") for word in found]


def _run(files: RootFiles, one: SettingsCommand, use: RootUse) -> None:
    """Take what one command runs; names without a slash are looked for where every service looks."""
    user = one.user if one.user != SCRIPT_USER or files.home(SCRIPT_USER) else ""
    given = use._replace(user=user or use.user, refused=one.refused).only_if(one.sure and not one.refused)
    for path in one.opens:
        files.opens(path, given.user, given._replace(user="root"))
    for found in files.shell(one.text, given, None, one.folder):
        files.take_first((f"{folder}/{found.path}" for folder in SEARCHED), given.only_if(found.certain))
