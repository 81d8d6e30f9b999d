"""Edges of credentials and jobs: whoever has a key of root's or reads one of the cluster's acts with all rights here, and CI runners run what is pushed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, View, ViewList, attempt, known, opening
from hostcheck_builtin.paths import edges_of_files, who
from hostcheck_builtin.paths.edges_of_files import Kind
from hostcheck_builtin.paths.graph import GUESSES as GUESSED
from hostcheck_builtin.paths.graph import OTHERS, ROOT, RUNNER, USER, Change, Edge, Strength

READS: Final = Edge(kind="reads", origin=OTHERS, to=ROOT, because="read the key of a cluster's administrator", technique="T1552.001")
PUTS: Final = Edge(kind="writes", origin=OTHERS, to=ROOT, because="put a pod where the kubelet starts it from", technique="T1610")
USES: Final = Edge(kind="reads", origin=OTHERS, to=ROOT, because="read a client's key that root's dockerd accepts", technique="T1552.004")
GUESSES: Final = Edge(kind="reads", origin=OTHERS, to=ROOT, because="read the hashes of passwords", technique="T1003.008")
READS_ROOTS: Final = Edge(kind="reads", origin=OTHERS, to=ROOT, because="read a key of root's", technique="T1552.004")
STATIC_PODS: Final = Kind("the kubelet starts with all rights what it says", "wait", Strength.CERTAIN, "T1610")
RUNS: Final = Edge(kind="runs-job", origin=RUNNER, to=ROOT, because="run a job on this host", technique="T1195")
LOGS_IN: Final = Edge(kind="logs-in", origin=OTHERS, to=ROOT, because="log in as root by ssh with a private key", technique="T1552.004")
SURE: Final = "root"
ROOT_KEY: Final = "root-key"
"""Of what kind the change is that closes a key by which sshd lets root in, or signs that."""
GETS: Final = {
    "privileged": "containers of jobs are privileged",
    "socket": "containers of jobs get the socket of root's engine",
    "directory": "containers of jobs get directories of the host",
}
"""What is said of each of what the containers of jobs get."""


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of all."""
    yield from who.each(facts, "credential-access", "kubeconfigs", READS, _kubeconfig, who.owners(facts))
    yield from who.each(facts, "credential-access", "keys", READS, _kubeconfig)
    yield from who.each(facts, "credential-access", "docker_keys", USES, partial(_docker_key, facts), who.owners(facts))
    yield from who.each(facts, "credential-access", "static_pods", PUTS, partial(edges_of_files.of_file, kind=STATIC_PODS, whose=None))
    yield from who.each(facts, "credential-access", "hashes", GUESSES, _hashes)
    yield from who.each(facts, "credential-access", "root_keys", READS_ROOTS, _root_key)
    yield from who.each(facts, "credential-access", "runners", RUNS, _runner)
    yield from who.each(facts, "credential-access", "ssh_keys", LOGS_IN, _ssh_key, who.owners(facts))


def _kubeconfig(one: View, path: str, pointer: str) -> Iterator[Edge]:
    """Yield who reads a file, and what that gives. What a user may have made up tells nothing of others that is certain, or not known."""
    node, whose, gives = f"credential:{path}", one["of_whom"], attempt(one.__getitem__, "gives")
    if gives == "nothing":
        return
    what = f"let only root read {path}" if one["of"] == 0 else f"take the key of an administrator out of {path}, and let only {whose} read it"
    read = replace(READS, to=node, because=f"read {path}", changes=(_closing(one, path, what),))
    readers = who.edges(attempt(one.__getitem__, "read_by"), f"{pointer}/read_by", read)
    if one["of"] == 0 or gives == SURE:
        yield from readers
    elif not isinstance(gives, Hole):
        yield from (edge for edge in readers if edge.hole is None)
    if one["of"] != 0 and (one["owner"] == whose or isinstance(gives, Hole)):
        yield replace(read, origin=f"{USER}{whose}", because=f"{whose} has {path}", evidence=(pointer,))
    edge = Edge(kind="administers", origin=node, to=ROOT, because="", evidence=(pointer,), technique="T1610")
    if isinstance(gives, Hole):
        yield who.unseen(replace(edge, because=f"whether {path} gives the rights of an administrator of this host's cluster"), gives, pointer)
        return
    by = attempt(one.__getitem__, "by")
    because = f"{path} has {'a key' if isinstance(by, Hole) else by}: an administrator of this host's cluster starts a privileged pod on it"
    yield replace(edge, because=because, strength=Strength.CERTAIN if gives == SURE else Strength.LIKELY)


def _docker_key(facts: Mapping[str, Any], one: View, path: str, pointer: str) -> Iterator[Edge]:
    """Yield who reads a client's key, and the addresses at which the dockerd that accepts it listens; what is not known of the key itself is its user's."""
    keys: View = facts["file-access"]["client_keys"]
    if path not in known(keys):
        return  # taken away between two looks
    key: View = keys[path]
    node, place, whose = f"credential:{path}", who.at("file-access", "client_keys", path), key["of_whom"]
    change = Change(f"client-key {path}", f"take {path} away from {whose}, and have dockerd trust another authority", "client-key", path=path)
    read = replace(USES, to=node, because=f"read {path}", changes=(change,))
    yield replace(read, origin=f"{USER}{whose}", because=f"{whose} has {path}", evidence=(pointer,))
    others = read if one["as_open"] else replace(read, strength=Strength.LIKELY)
    yield from who.edges(attempt(key.__getitem__, "read_by"), f"{place}/read_by", others)
    accepted = list(one["accepted_by"])
    because = f"dockerd accepts the certificate beside {path} until {one['expires']}"
    step = Edge(kind="connects", origin=node, to=ROOT, because=because, evidence=(pointer,), technique="T1552.004")
    yield from who.each(facts, "remote-apis", "apis", step, partial(_listener, accepted, step))


def _listener(accepted: list[int], step: Edge, one: View, name: str, _: str) -> Iterator[Edge]:
    if one["engine"] == "docker" and one["pid"] in accepted and one["serves"] == "api" and one["tls"] == "mutual":
        yield replace(step, to=f"api:{name}")


def _ssh_key(one: View, path: str, pointer: str) -> Iterator[Edge]:
    """Yield the edge of who has a private key at home. What others read there, its user may have made up, and so it tells nothing of them."""
    whose, place = one["of_whom"], one["place"]
    what = f"signs certificates by which sshd lets root in ({place})" if one["signs"] else f"is one by which sshd lets root in ({place})"
    change = Change(f"ssh-key {path}", f"take the key {one['fingerprint']} out of {place.rpartition(':')[0]}: {path} has no passphrase", "ssh-key", whose)
    sure = Strength.CERTAIN if one["certain"] else Strength.LIKELY
    because = f"{whose} has {path}, which has no passphrase and {what}"
    if one["limits"]:
        because += f", unless the key's option {' or '.join(one['limits'])} refuses it"
    yield replace(LOGS_IN, origin=f"{USER}{whose}", because=because, evidence=(pointer,), strength=sure, changes=(change,))


def _hashes(one: View, path: str, pointer: str) -> Iterator[Edge]:
    """Yield who reads a file, and the accounts whose passwords can be guessed with it: which of them are worth anything their own edges say."""
    yield from _readers(one, path, pointer, GUESSES)
    accounts: ViewList | Hole = attempt(one.__getitem__, "accounts")
    edge = Edge(kind=GUESSED, origin=f"credential:{path}", to=ROOT, because="", evidence=(f"{pointer}/accounts",), technique="T1110.002")
    where = _where(one, path)
    hole = accounts if isinstance(accounts, Hole) else opening(accounts)
    if hole is not None:
        yield who.unseen(replace(edge, because=f"guess root's password by {where}"), hole, f"{pointer}/accounts")
    for name in () if isinstance(accounts, Hole) else accounts:
        to, because = ROOT if name == ROOT else f"{USER}{name}", f"{where} has the hash of {name}'s password, by which it can be guessed"
        yield replace(edge, to=to, because=because, strength=Strength.LIKELY)


def _root_key(one: View, path: str, pointer: str) -> Iterator[Edge]:
    accepted = attempt(one.__getitem__, "accepted")
    if accepted is False:
        return
    yield from _readers(one, path, pointer, replace(READS_ROOTS, changes=(_closing(one, path, f"let only root read {path}", ROOT_KEY),)))
    where = _where(one, path)
    edge = Edge(kind="logs-in", origin=f"credential:{path}", to=ROOT, because=f"log in as root by {where}", evidence=(pointer,), technique="T1021.004")
    if isinstance(accepted, Hole):
        yield who.unseen(edge, accepted, f"{pointer}/accepted")
        return
    sure = attempt(one.__getitem__, "certain") is True
    what = f"sshd lets root in by certificates that {where} signs" if one["signs"] else f"root's authorized_keys accepts {where}"
    because = what + ("" if sure else ", if sshd runs and lets root in, and the key has no passphrase")
    yield replace(edge, because=because, strength=Strength.CERTAIN if sure else Strength.LIKELY)


def _where(one: View, path: str) -> str:
    return f"{one['inside']} in {path}" if one["inside"] else path


def _readers(one: View, path: str, pointer: str, edge: Edge) -> Iterator[Edge]:
    because = f"read {path} ({one['permissions']})"
    yield from who.edges(attempt(one.__getitem__, "read_by"), f"{pointer}/read_by", replace(edge, to=f"credential:{path}", because=because))


def _closing(one: View, path: str, what: str, kind: str = "credential") -> Change:
    """Return the change that takes a key away; a command can do that for root's own file alone, as who has a copy keeps it."""
    real, alone, owner = (attempt(one.__getitem__, name) for name in ("realpath", "root_only", "owner"))
    known_, user = not isinstance(real, Hole) and not isinstance(owner, Hole), "" if isinstance(owner, Hole) or owner == ROOT else owner
    own = known_ and one["of"] == 0 and alone is True
    return Change(f"credential {path}", what, kind, user, path=path if isinstance(real, Hole) else real, root_only=own)


def _runner(one: View, key: str, pointer: str) -> Iterator[Edge]:
    starts = attempt(one.__getitem__, "starts")
    hole = starts if isinstance(starts, Hole) else None
    strength = Strength.POTENTIAL if hole else Strength.CERTAIN if starts else Strength.LIKELY
    edge = replace(RUNS, origin=f"{RUNNER}{key}", evidence=(pointer,), strength=strength, hole=hole)
    for name in one["containers"]:
        change = Change(f"runner {key} {name}", f"give containers of jobs less of this host ({key}): {GETS[name]}", "runner")
        yield replace(edge, because=f"{GETS[name]} ({key})", changes=(change,))
    users: ViewList | Hole = attempt(one.__getitem__, "users")
    if isinstance(users, Hole):
        yield who.unseen(edge, users, pointer)
    for user in () if isinstance(users, Hole) else known(users):
        change = Change(f"runner {key}", f"run jobs of {key} as a user without rights, or on a host of their own", "runner")
        yield replace(edge, to=ROOT if user in ("root", "uid 0") else f"{USER}{user}", because=f"jobs run as {user} ({key})", changes=(change,))
