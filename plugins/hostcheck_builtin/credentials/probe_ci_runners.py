"""Runners of CI jobs that are set up on this host: who may push a job decides what runs here, as the user or with the rights that are stated.

By units: gitlab-runner, GitHub's actions-runner, buildkite-agent and Jenkins; and by the configuration of gitlab-runner.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.credentials import gitlab_runner
from hostcheck_builtin.runtimes import toml_files
from hostcheck_builtin.system import exec_commands, mounts_to_avoid, path_walk, unit_words, units
from hostcheck_builtin.system.presence import absent_as, each_told
from hostcheck_builtin.system.units import Folders

GITLAB_UNIT: Final = "gitlab-runner.service"
GITLAB: Final = "/etc/gitlab-runner/config.toml"
GITLAB_OF_USER: Final = "/home/gitlab-runner/.gitlab-runner/config.toml"
"""Where a runner has its settings that is not root's (docs.gitlab.com/runner/configuration/advanced-configuration)."""
UNITS: Final = pattern(r"(?:actions\.runner\..+|(buildkite-agent)(?:@.*)?|(jenkins)(?:-agent)?)\.service")


def collect(host: Host) -> Json:
    """State ``{runners}`` by unit or file."""
    folders = attempt(units.listed, host)
    found: dict[str, Json] = {}
    hole = folders if isinstance(folders, Hole) else None
    if not isinstance(folders, Hole):
        kinds = {unit: kind[1] or kind[2] or "github" for unit in units.services(folders) if (kind := UNITS.fullmatch(unit))}
        each = {unit: attempt(_of_unit, host, unit, folders, kind) for unit, kind in kinds.items()}
        found = {unit: told for unit, told in each.items() if told is not None}
    spared = attempt(mounts_to_avoid.users_mounts, host)
    gitlab, unread = each_told(lambda path: _of_gitlab(host, path, folders, spared), (GITLAB, GITLAB_OF_USER))
    return {"runners": incomplete({**found, **gitlab}, worst_hole(hole, unread))}


def _of_unit(host: Host, unit: str, folders: Folders, kind: str) -> Json:
    """State a runner whose jobs run as the user of its unit, None where that is masked."""
    texts = list(units.texts(host, unit, folders))
    return {"runner": kind, "users": [_user(texts, unit)], "containers": [], "starts": True} if texts else None


def _user(texts: list[str], unit: str) -> str:
    given = [value for text in texts for value in units.settings(text, "Service", "User")]
    dynamic = [value for text in texts for value in units.settings(text, "Service", "DynamicUser")]
    if given and given[-1]:
        return unit_words.expanded(given[-1], unit)
    return unit.removesuffix(".service") if dynamic and dynamic[-1].lower() in units.TRUE else "root"


def _of_gitlab(host: Host, path: str, folders: Folders | Hole, spared: frozenset[str] | Hole) -> Json:
    """State gitlab-runner, None where it is not set up by this file; with rights of root's only where a unit starts it as root."""
    way = path_walk.walk(host, path, {}, avoid=mounts_to_avoid.refusing(spared, roots_too=path == GITLAB_OF_USER))
    if way.type != "file":
        return None
    jobs = absent_as(None, lambda: gitlab_runner.jobs(path, toml_files.document(host, path)))
    if jobs is None:
        return None
    if path == GITLAB_OF_USER:
        return {"runner": "gitlab", "users": [str(way.end.uid)] if jobs.shell or jobs.containers else [], "containers": [], "starts": False}
    texts = folders if isinstance(folders, Hole) else attempt(lambda: list(units.texts(host, GITLAB_UNIT, folders)))
    starts = texts if isinstance(texts, Hole) else bool(texts)
    users = [] if not jobs.shell else texts if isinstance(texts, Hole) else attempt(_as_whom, host, texts)
    return {"runner": "gitlab", "users": users, "containers": list(jobs.containers), "starts": starts}


def _as_whom(host: Host, texts: list[str]) -> list[Json]:
    """Return as whom gitlab-runner runs jobs of its shell executor: that is told by --user to a runner of root's."""
    words = exec_commands.words(host, GITLAB_UNIT, texts)
    told = [after for word, after in zip(words, words[1:], strict=False) if word in ("--user", "-u", "-user")]
    told += [word.partition("=")[2] for word in words if word.startswith(("--user=", "-u="))]
    own = _user(texts, GITLAB_UNIT)
    return [told[-1] if told and own == "root" else own]
