"""Where a user's docker command is told to go, and whose engine that is.

DOCKER_HOST counts before DOCKER_CONTEXT, that before the context that was chosen, and all of them before the default (docker 26.1.5 and 28.2.2, run);
a profile counts in the sessions that read it, so that where two files differ both are told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.engines import scopes
from hostcheck_builtin.system.candidates import DEFAULT, WELL_KNOWN, canonical
from hostcheck_builtin.system.fact_members import opened

IN_RUNTIME: Final = ("docker.sock", "podman/podman.sock")
"""Where of a user's runtime directory the probes look whether or not anybody listens."""
ABSENT: Final = "nothing that listens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One place that a docker command is told to go to: what kind of address, and the socket where it is one."""

    scheme: str
    path: str = ""
    host: str = ""

    @property
    def text(self) -> str:
        """Return it as people read it, without what the address hides."""
        return f"unix://{self.path}" if self.scheme == "unix" else f"{self.scheme} to {self.host}"


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Client:
    """Where a user's commands go, each place with the files that tell it; `unknown` says why there may be others, or other ones."""

    endpoints: dict[Target, list[str]] = field(default_factory=dict)
    unknown: Hole | None = None

    def add(self, endpoint: Target, source: str) -> None:
        """Note that a source names an endpoint."""
        self.endpoints.setdefault(endpoint, []).append(source)

    def lacks(self, hole: Hole | None) -> None:
        """Note what is not known; of several reasons the gravest stands."""
        self.unknown = worst_hole(self.unknown, hole)


def client(facts: Mapping[str, Any], uid: int) -> Client:
    """Return where the docker command of a user is told to go."""
    found = Client()
    stated = attempt(lambda: facts["user-clients"])
    theirs = stated if isinstance(stated, Hole) else attempt(homes, stated, uid)
    if isinstance(stated, Hole) or isinstance(theirs, Hole):
        found.lacks(theirs if isinstance(theirs, Hole) else None)
        return found
    for path in known(theirs):
        home = attempt(theirs.__getitem__, path)
        if isinstance(home, Hole):
            found.lacks(home)
        else:
            _in_home(found, attempt(stated.__getitem__, "everybody"), home, path, uid)
    found.lacks(opening(theirs))
    return found


def homes(stated: View, uid: int) -> View:
    """Return the homes of a user, by path; raises HoleError where none was looked into."""
    users = stated["users"]
    if str(uid) not in users:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"no home of uid {uid} was looked into, and where its docker goes is not known"))
    found: View = users[str(uid)]
    return found


def _in_home(found: Client, everybody: View | Hole, home: View, path: str, uid: int) -> None:
    files = [everybody, attempt(home.__getitem__, "variables")]
    hosts, unsure = _set(files, "docker_host")
    found.lacks(unsure)
    named = [(source, endpoint) for source, value in hosts if (endpoint := _endpoint(value, path, uid)) is not None]
    for source, endpoint in named:
        found.add(endpoint, source)
    if not named:
        _by_context(found, files, home, path, uid)


def _by_context(found: Client, files: list[View | Hole], home: View, path: str, uid: int) -> None:
    """Add where the contexts lead that are chosen, or the default."""
    moved, unsure = _set(files, "docker_config")
    if any(value for _, value in moved):
        unsure = worst_hole(unsure, Hole(why=Why.UNSUPPORTED, message="DOCKER_CONFIG names another directory than ~/.docker, which is not looked at"))
    contexts, more = _set(files, "docker_context")
    found.lacks(worst_hole(unsure, more))
    chosen = [(source, name) for source, name in contexts if name]
    if found.unknown is not None:
        return
    if not chosen:
        name = attempt(home.__getitem__, "context")
        if isinstance(name, Hole):
            found.lacks(name)
            return
        chosen = [("default" if name == "default" else f"{path}/.docker/config.json", name)]
    for source, name in chosen:
        endpoint = Target(scheme="unix", path=DEFAULT) if name == "default" else attempt(_of_context, home, name, path, uid)
        if isinstance(endpoint, Hole):
            found.lacks(endpoint)
        else:
            found.add(endpoint, source)


def _of_context(home: View, name: str, path: str, uid: int) -> Target:
    contexts = home["contexts"]
    if name not in contexts:
        raise HoleError(Hole(why=Why.NONSENSE, message=f"context {name}: chosen, and not among those that were read"))
    return _endpoint(contexts[name], path, uid) or Target(scheme="none", host=f"context {name}, which is not there")


def _set(files: list[View | Hole], name: str) -> tuple[list[tuple[str, Any]], Hole | None]:
    """Return what files give a variable, each with its path, and the hole where others may give it another."""
    found: list[tuple[str, Any]] = []
    unsure: Hole | None = None
    for members, more in map(opened, files):
        unsure = worst_hole(unsure, more)
        for path in known(members):
            value = attempt(_value, members, path, name)
            if isinstance(value, Hole):
                unsure = worst_hole(unsure, value)
            elif value is not None:
                found.append((path, value))
    return found, unsure


def _value(members: View, path: str, name: str) -> Any:
    settings = members[path]
    if name not in settings:
        return None
    value = settings[name]
    return dict(value) if isinstance(value, View) else value


def _endpoint(stated: Mapping[str, Any], home: str, uid: int) -> Target | None:
    """Return an endpoint with what it has of a user filled in; None where it names nothing."""
    if stated["scheme"] == "none":
        return None
    if stated["scheme"] != "unix":
        return Target(scheme=stated["scheme"], host=stated["host"])
    path = str(stated["path"])
    for name, value in (("$XDG_RUNTIME_DIR", f"/run/user/{uid}"), ("$HOME", home), ("$UID", str(uid))):
        path = path.replace(name, value)
    return Target(scheme="unix", path=path)


def leads_to(facts: Mapping[str, Any], uid: int, endpoint: Target) -> str:
    """Say whose engine an endpoint is, as seen from a user; raises HoleError where that is not known."""
    if endpoint.scheme == "none":
        return "no engine"
    if endpoint.scheme != "unix":
        return "an engine on another host" if endpoint.host == "another host" else "an engine over the network of this host"
    path = canonical(endpoint.path)
    probes = ("engines",) if path in WELL_KNOWN else ("user-engines", "engines")
    collections: list[View] = [facts[probe]["sockets"] for probe in probes]
    looked_at = path in WELL_KNOWN or path in [f"/run/user/{uid}/{name}" for name in IN_RUNTIME]
    for sockets in collections:
        if _stands(sockets, path, uid if looked_at else None):
            return _served(sockets[path], uid)
    if not looked_at:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{path}: a place where no probe looks for a socket unless somebody listens"))
    return ABSENT


def _stands(sockets: View, path: str, uid: int | None) -> bool:
    """Say whether a socket is among those that are known; in a place that is this user's or root's alone, it is none that only others may have laid."""
    there = attempt(lambda: path in sockets)
    if not isinstance(there, Hole):
        return there
    if uid is None or not there.owners or uid in there.owners:
        raise HoleError(there)
    return False


def _served(socket: View, uid: int) -> str:
    if not socket["listening"]:
        return ABSENT
    serves = int(socket["uid"])
    if serves == uid and not scopes.runs(socket):
        return "an engine that their systemd starts"
    if serves == 0:
        return "root's engine"
    if serves != uid:
        return "an engine of another user"
    scope = scopes.scope(socket).scope
    if scope == "rootless":
        return "an engine of their own"
    return "an engine elsewhere, as in a virtual machine" if scope == "elsewhere" else "what may be root's engine, through a process of their own"


def stated(facts: Mapping[str, Any], uid: int) -> dict[str, Json]:
    """State where a user's docker goes, whose engine each place is, and both in words; the hole in the place of the words where that of none is known."""
    found = client(facts, uid)
    if not found.endpoints and found.unknown is not None:
        return {"client": found.unknown, "talks_to": found.unknown}
    places: dict[str, Json] = {}
    words: list[str] = []
    unknown = found.unknown
    for endpoint, sources in found.endpoints.items():
        whose = attempt(leads_to, facts, uid, endpoint)
        places[endpoint.text] = {"by": incomplete(sources, found.unknown), "leads_to": whose}
        unknown = worst_hole(unknown, whose)
        words += [] if isinstance(whose, Hole) else [f"{whose} at {endpoint.text}"]
    return {"client": incomplete(places, found.unknown), "talks_to": incomplete(words, unknown) if words or unknown is None else unknown}
