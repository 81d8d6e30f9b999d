"""Which users can read the keys of this host's cluster or put static pods into it, and with which rights CI runners run their jobs.

A kubeconfig gives root for certain only if its certificate says so, and an authority that this host trusts has signed that. What a token may do is not
known, and any user can write a kubeconfig.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.credentials.cluster_groups import KUBEADM, MASTERS
from hostcheck_builtin.files import changing
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.sockets import requirements
from hostcheck_builtin.system.fact_members import each_stated, opened, part_of_each, sure

ELSEWHERE: Final = "elsewhere"
NOTHING: Final = "nothing"
PERHAPS: Final = "perhaps root"
SURE: Final = "root"
WORDS: Final = {"token": "a token", "exec": "a program that gets a token", "password": "a password"}
SECRETS: Final = ("certificate", "token", "password")
"""What a login is by that stands in the kubeconfig itself; a key may stand in another file."""
OPENS: Final = {
    "authority": "the key of the authority that signs the certificates of administrators",
    "etcd": "a key to etcd, which keeps all that the cluster is told,",
    "front-proxy": "the key of the front proxy, which the API server believes about who asks,",
    "tokens": "the key that signs the tokens of service accounts",
    "data": "what etcd keeps: all that the cluster is told, its secrets too",
}
"""What the keys of a cluster's parts are, in words."""
SHADOW: Final = "shadow"
LIKELY: Final = ("tokens", "data")
"""Of these, what takes more than reading: the uid of a service account, which a token names (pkg/serviceaccount/claims.go), or a secret of an administrator."""
Gives = tuple[bool, str]
"""Whether a login certainly gives root here, and what it is by, in words."""


class Cluster(NamedTuple):
    """Whether this host is a node of a cluster, and whether kubeadm has made that here."""

    node: bool | Hole
    kubeadm: bool | Hole

    def is_node(self) -> bool:
        """Say whether this host is a node; raises HoleError where that is not known."""
        return sure(self.node)

    def binds(self, group: str) -> bool:
        """Say whether a group has all rights; raises HoleError where that is not known."""
        return group == MASTERS or (group == KUBEADM and sure(self.kubeadm))


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each kubeconfig that leads to this host with who can read it, and the runners."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    judge = changing.begin(facts, partial(_ends, facts))
    cluster = Cluster(*(attempt(lambda name: bool(facts["kubeconfigs"][name]), name) for name in ("node", "kubeadm")))
    return {
        "kubeconfigs": _kubeconfigs(facts, judge, cluster),
        "keys": each_stated(lambda: facts["kubeconfigs"]["keys"], partial(_key, judge, cluster)),
        "static_pods": each_stated(lambda: facts["kubeconfigs"]["static_pods"], partial(_static_pods, judge)),
        "docker_keys": _docker_keys(facts),
        "hashes": each_stated(lambda: facts["secrets"]["hashes"], partial(_hashes, judge)),
        "root_keys": _root_keys(facts, judge),
        "runners": attempt(_runners, facts, judge),
        "ssh_keys": attempt(_ssh_keys, facts, judge),
    }


def _ends(facts: Mapping[str, Any]) -> Iterator[View | Hole]:
    """Yield what is asked about: root's files, and those of each home."""
    for name in ("roots", "keys", "static_pods"):
        yield attempt(facts["kubeconfigs"].__getitem__, name)
    for name in ("hashes", "keys"):
        yield attempt(facts["secrets"].__getitem__, name)
    yield attempt(facts["root-ssh"].__getitem__, "authority_keys")
    yield from part_of_each(lambda: facts["kubeconfigs"]["homes"], "kubeconfigs")


def _kubeconfigs(facts: Mapping[str, Any], judge: Judge, cluster: Cluster) -> Json:
    """State the files of root and of users; what is not known of one home is a hole of its path."""
    roots: View | Hole = attempt(lambda: facts["kubeconfigs"]["roots"])
    homes: View | Hole = attempt(lambda: facts["kubeconfigs"]["homes"])
    if isinstance(roots, Hole) and isinstance(homes, Hole):
        return roots
    (files, unread), (users, more) = opened(roots), opened(homes)
    found = {path: attempt(_file, judge, cluster, files, path, ()) for path in known(files)}
    for home in known(users):
        told = attempt(_home, judge, cluster, users, home)
        found |= {home: told} if isinstance(told, Hole) else told
    return incomplete(found, worst_hole(unread, more))


def _home(judge: Judge, cluster: Cluster, homes: View, home: str) -> dict[str, Json]:
    entries, own = homes[home]["kubeconfigs"], (homes[home]["uid"],)
    hole = opening(entries)
    more: dict[str, Json] = {home: hole} if hole else {}
    return {path: attempt(_file, judge, cluster, entries, path, own) for path in known(entries)} | more


def _file(judge: Judge, cluster: Cluster, entries: View, path: str, own: tuple[int, ...]) -> Json:
    """State one file: whose it is, what it gives, and who can read it."""
    entry: View = entries[path]
    gives, words = _best(entry, cluster, own=bool(own))
    return {**_stated(judge, entry, own), "gives": gives, "by": words, "secret": attempt(lambda: any(_is_secret(login) for login in entry["logins"]))}


def _is_secret(login: View) -> bool:
    return login["by"] in SECRETS and not login["key_apart"]


def _stated(judge: Judge, entry: View, own: tuple[int, ...]) -> dict[str, Json]:
    people = judge.people
    owner = own if entry["owner_uid"] in own else ()
    return {
        **{"of": own[0] if own else 0, "of_whom": people.owner(own[0]) if own else "root", "owner": people.owner(entry["owner_uid"])},
        **{"owner_uid": entry["owner_uid"], "account": judge.account(entry["owner_uid"])},
        **{"mode": entry["mode"], "permissions": requirements.permissions(people, entry), "realpath": entry["realpath"]},
        "root_only": attempt(lambda: requirements.only_root(requirements.exposed(entry), entry["realpath"])),
        "read_by": changing.reads(judge, entry, owner),
    }


def _key(judge: Judge, cluster: Cluster, entry: View, _: str) -> Json:
    """State one private key of the cluster's: what it gives, and who can read it."""
    given = attempt(_opens, entry, cluster)
    gives, words = (given, given) if isinstance(given, Hole) else (given[0], given[1])
    return {**_stated(judge, entry, ()), "gives": gives, "by": words}


def _opens(entry: View, cluster: Cluster) -> tuple[str, str]:
    opens = entry["opens"]
    if opens == "nothing":
        return NOTHING, ""
    until = f" until {entry['expires']}" if entry["expires"] else ""
    words = f"a certificate of {entry['group']}{until}" if opens == "administrator" else OPENS[opens]
    bound = opens != "administrator" or cluster.binds(entry["group"])
    return SURE if bound and opens not in LIKELY and cluster.is_node() else PERHAPS, words


def _hashes(judge: Judge, entry: View, _: str) -> Json:
    """State one file with hashes and who reads it, but for members of group shadow: paths/edges_of_groups.py tells what they can do."""
    kept = requirements.group_name(judge.people, entry["owner_gid"]) == SHADOW
    judged: Any = {**{name: entry[name] for name in entry}, "owner_gid": 0} if kept else entry
    more = {"inside": entry["inside"], "accounts": attempt(lambda: list(entry["accounts"]))}
    return {"permissions": requirements.permissions(judge.people, entry), "read_by": changing.reads(judge, judged, ()), **more}


def _root_keys(facts: Mapping[str, Any], judge: Judge) -> Json:
    """State the private keys of root's, and of authorities whose certificates let root in."""
    stated = partial(_root_key, facts["root-ssh"], judge)
    each = [each_stated(lambda: facts["root-ssh"]["authority_keys"], stated), each_stated(lambda: facts["secrets"]["keys"], stated)]
    found = [one for one in each if not isinstance(one, Hole)]
    hole = worst_hole(*(one if isinstance(one, Hole) else getattr(one, "hole", None) for one in each))
    return incomplete({path: told for one in found for path, told in one.items()}, hole) if found else hole


def _root_key(told: View, judge: Judge, entry: View, _: str) -> Json:
    """State a private key: whether sshd lets root in by it, or by what it signs, and whether that is certain."""
    accepted = attempt(_accepts, told, entry)
    certain = accepted is True and attempt(lambda: not entry["passphrase"] and _is_certain(told, entry))
    signs = accepted is True and bool(told["keys"][entry["fingerprint"]]["signs"])
    return {**_stated(judge, entry, ()), "inside": entry["inside"], "accepted": accepted, "signs": signs, "certain": certain}


def _accepts(told: View, entry: View) -> bool:
    if entry["fingerprint"] in told["keys"]:
        return True
    if told["asks"]:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="sshd asks a program for further keys (AuthorizedKeysCommand)"))
    return False


def _is_certain(told: View, entry: View) -> bool:
    """Say whether sshd surely lets root in by a key that is one of root's; raises HoleError where that is not known."""
    return bool(told["starts"]) and told["lets_root"] == "yes" and bool(told["keys"][entry["fingerprint"]]["certain"]) and bool(entry["by_itself"])


def _static_pods(judge: Judge, entry: View, _: str) -> Json:
    """State who can put a pod into a directory, or change one in it."""
    people = judge.people
    return {
        **{"of": 0, "of_whom": "root", "permissions": requirements.permissions(people, entry), "certain": entry["certain"]},
        **{"changed_by": changing.changes(judge, entry, ()), "members": changing.members(judge, entry, ()) if "members" in entry else {}},
    }


def _best(entry: View, cluster: Cluster, *, own: bool) -> tuple[str | Hole, str | Hole]:
    """Return what the best of a file's logins gives, and by what; a login that is not known may be a better one."""
    logins = attempt(lambda: list(entry["logins"]))
    each = [logins] if isinstance(logins, Hole) else [attempt(_gives, login, cluster, own=own) for login in logins]
    hole = worst_hole(*(one for one in each if isinstance(one, Hole)))
    given = sorted((one for one in each if isinstance(one, tuple)), reverse=True)
    if not given:
        return hole or NOTHING, hole or ""
    certain, words = given[0]
    return SURE if certain else hole or PERHAPS, hole or words


def _gives(login: View, cluster: Cluster, *, own: bool) -> Gives | None:
    """Return what one login gives. A user may have made up a certificate that no known authority signed; a key in another file may be readable or not."""
    by = login["by"]
    groups = list(login["groups"]) if by == "certificate" else []
    if by == "certificate" and (not groups or not login["usable"]):
        return None
    authority = login["authority"] if groups else "none-known"
    here = authority == "this-cluster" or login["server"] != ELSEWHERE
    if not here and (authority == "another" or (own and by != "certificate")):
        return None  # to whatever cluster a user of this host logs in
    node = cluster.is_node()
    if not node and not (here and by == "certificate"):
        return None
    proven = authority == "this-cluster" or (authority == "none-known" and not own)
    certain = node and here and proven and not login["key_apart"] and any(map(cluster.binds, groups))
    return certain, f"a certificate of {groups[0]} until {login['expires']}" if groups else WORDS[by]


def _docker_keys(facts: Mapping[str, Any]) -> Json:
    """State by path the keys of all homes that a dockerd of root's accepts; what is not known of one home is a hole of its path."""
    homes: View | Hole = attempt(lambda: facts["kubeconfigs"]["homes"])
    if isinstance(homes, Hole):
        return homes
    found: dict[str, Json] = {}
    for home in known(homes):
        keys = each_stated(lambda at=home: homes[at]["docker_keys"], _docker_key)  # type: ignore[misc]
        found |= {home: keys} if isinstance(keys, Hole) else keys
    return incomplete(found, opening(homes))


def _docker_key(one: View, _: str) -> Json:
    return {"accepted_by": list(one["accepted_by"]), "expires": one["expires"], "as_open": one["as_open"]}


def _runners(facts: Mapping[str, Any], judge: Judge) -> Json:
    """State what the jobs of each runner may do. Where the probe knows only the number of a user, the name is added."""
    runners: View = facts["ci-runners"]["runners"]
    return each_stated(lambda: runners, partial(_runner, judge))


def _runner(judge: Judge, one: View, _: str) -> Json:
    users = [judge.people.owner(int(user)) if user.isascii() and user.isdigit() and len(user) <= 10 else user for user in one["users"]]
    return {"runner": one["runner"], "users": users, "containers": list(one["containers"]), "starts": one["starts"]}


def _ssh_keys(facts: Mapping[str, Any], judge: Judge) -> Json:
    """State the private keys of users that let root in; what is not known of one home is a hole of its path."""
    told: View = facts["root-ssh"]
    homes: View = told["homes"]
    found: dict[str, Json] = {}
    for home in known(homes):
        keys: View | Hole = attempt(lambda at: homes[at]["private_keys"], home)
        if isinstance(keys, Hole):
            found[home] = keys
            continue
        found |= {path: attempt(_ssh_key, told, judge, keys[path], homes[home]["uid"]) for path in known(keys)}
        if hole := opening(keys):
            found[home] = hole
    return incomplete(found, worst_hole(opening(homes), opening(told["keys"])))


def _ssh_key(told: View, judge: Judge, one: View, uid: int) -> Json:
    """State one; raises HoleError where it is not known whether sshd starts and lets root in."""
    key = told["keys"][one["fingerprint"]]
    people = judge.people
    return {
        **{"of": uid, "of_whom": people.owner(uid), "owner": people.owner(one["owner_uid"]), "realpath": one["realpath"]},
        **{"fingerprint": one["fingerprint"], "place": key["place"], "signs": key["signs"], "limits": list(key["limits"])},
        "certain": _is_certain(told, one),
    }
