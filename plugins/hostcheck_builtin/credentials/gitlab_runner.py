"""What gitlab-runner's config.toml lets jobs do on this host: as whom they run where they need no container, and what their containers get of the host.

docs.gitlab.com/runner/configuration/advanced-configuration. A container of another host's engine is no way to this one. No name and no token is stated.
"""

from typing import Final, NamedTuple

from hostcheck.api import Json
from hostcheck_builtin.leads import place_entries as catalogue
from hostcheck_builtin.runtimes import toml_files
from hostcheck_builtin.runtimes.toml_files import Table
from hostcheck_builtin.system import candidates, host_places

ROOTS_ENGINE: Final = frozenset({"", "unix:///var/run/docker.sock", "unix:///run/docker.sock", "unix:///run/podman/podman.sock"})
"""The engines that are root's, and the default (runners.docker, host)."""


class GitlabJobs(NamedTuple):
    """Whether jobs run on the host itself, and what their containers get, in words."""

    shell: bool
    containers: tuple[str, ...]


def jobs(path: str, document: Table) -> GitlabJobs:
    """Return what the runners of a file let jobs do; raises Nonsense for what gitlab-runner would not read."""
    runners = document.get("runners", [])
    tables = [one for one in runners if isinstance(one, dict)] if isinstance(runners, list) else []
    by_docker = [toml_files.table(one, "docker", path) for one in tables if one.get("executor") == "docker"]
    given = {word for one in by_docker for word in _given(one)}
    return GitlabJobs(any(one.get("executor") == "shell" for one in tables), tuple(sorted(given)))


def _given(docker: Table) -> list[str]:
    """Return what the containers of one runner get of this host."""
    if str(docker.get("host", "")) not in ROOTS_ENGINE:
        return []
    volumes: Json = docker.get("volumes", [])
    texts = [one.split(":") for one in volumes if isinstance(one, str)] if isinstance(volumes, list) else []
    bound = [(_real(parts[0]), ",".join(parts[2:]).split(",")) for parts in texts if len(parts) > 1 and parts[0].startswith("/")]
    found = ["privileged"] if docker.get("privileged") is True or docker.get("services_privileged") is True else []
    found += ["socket"] if any(host_places.socket(source, candidates.WELL_KNOWN) for source, _ in bound) else []
    writable = [source for source, options in bound if "ro" not in options]
    return found + (["directory"] if any(_makes_root(source) for source in writable) else [])


def _real(source: str) -> str:
    """Return where a place of the host is; /var/run is a link to /run everywhere (FHS 3.0, 3.15)."""
    path = source.rstrip("/") or "/"
    return path.removeprefix("/var") if host_places.below(path, "/var/run") else path


def _makes_root(source: str) -> bool:
    """Say whether whoever may write to a place of the host is root for certain."""
    place = host_places.writable(source, {})
    return place is not None and catalogue.is_certain(place.path)
