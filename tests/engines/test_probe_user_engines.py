"""Engines of users: each tells of its user alone, and whoever does not answer uses up no time that another needs."""

from typing import Any

from engines.engine_host import ANN, ANNS, HEAD, body, docker, facts, owned, said

from hostcheck.host.answers import Peer, Stat
from hostcheck_builtin.system import bounds


def test_a_users_docker() -> None:
    answers = docker("docker-rootless-slirp4netns", 1000, **{"/version": said(body("docker-rootless-slirp4netns-version"), 1000)})
    told = facts("user-engines", **ANN, answers={ANNS: answers})
    one = told["sockets"][ANNS]
    assert one["process"] == {
        "exe": "/usr/bin/dockerd",
        "uid_map": [[0, 1000, 1], [1, 100000, 65536]],
        "host_network": False,
        "rootlesskit": {"exe": "/usr/bin/rootlesskit", "network_driver": "slirp4netns", "port_driver": "builtin", "host_loopback_disabled": True},
        "unit": {"manager": "user", "name": "docker.service", "user": ""},
    }
    assert "name=rootless" in one["info"]["security_options"] and one["info"]["cgroup_driver"] == "none"
    assert one["version"]["rootlesskit"] == {"network_driver": "slirp4netns", "port_driver": "builtin"}
    assert {key: sorted(value) for key, value in told["programs"].items()} == {"1000": ["/usr/bin/dockerd", "/usr/bin/rootlesskit"]}
    pasta = {**answers, "/version": said(body("docker-rootless-pasta-version"), 1000)}
    assert facts("user-engines", **ANN, answers={ANNS: pasta})["sockets"][ANNS]["version"]["rootlesskit"] == {"network_driver": "pasta"}


def silent(count: int) -> dict[str, Any]:
    paths = [f"/run/user/{1000 + number}/docker.sock" for number in range(count)]
    return {
        "peers": {path: Peer(pid=700, uid=1000 + number, gid=1) for number, path in enumerate(paths)},
        "stats": {f"/run/user/{1000 + number}": owned("dir", 1000 + number) for number in range(count)}
        | {path: owned("socket", 1000 + number) for number, path in enumerate(paths)},
        "answers": {path: dict.fromkeys(("/_ping", "/info", "/version"), TimeoutError("silence")) for path in paths},
    }


def test_many_users_who_never_answer_do_not_use_up_the_time() -> None:
    passwd = "".join(f"u{uid}:x:{uid}:{uid}::/nowhere:/bin/sh\n" for uid in range(1000, 1150))
    told = facts("user-engines", **silent(150), files={"/etc/passwd": passwd})["sockets"]
    whys = [str(one["engine"].why) for one in told.values()]
    assert (whys.count("timeout"), whys.count("limit")) == (2 * bounds.ENGINE_SOCKETS_AT_ONCE, 150 - 2 * bounds.ENGINE_SOCKETS_AT_ONCE)


def test_one_user_with_many_sockets_costs_no_other() -> None:
    paths = [f"/tmp/{number}/docker.sock" for number in range(60)]
    rows = "".join(f"0000000000000000: 00000002 00000000 00010000 0001 01 {100 + number:5} {path}\n" for number, path in enumerate(paths))
    stats = {"/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777)} | {path: owned("socket", 1001) for path in paths}
    stats |= {f"/tmp/{number}": owned("dir", 1001) for number in range(60)}
    peers = {path: Peer(pid=8, uid=1001, gid=1001) for path in paths}
    hung = {path: dict.fromkeys(("/_ping", "/info", "/version"), TimeoutError("silence")) for path in paths}
    told = facts(
        "user-engines",
        unix=HEAD + rows,
        peers={**ANN["peers"], **peers},
        stats={**ANN["stats"], **stats},
        processes=ANN["processes"],
        answers={**hung, ANNS: docker("docker-rootless-slirp4netns", 1000)},
    )["sockets"]
    assert told[ANNS]["engine"] == "docker"
    theirs = [told[path] for path in paths if path in told]
    assert len(theirs) <= 21 and sum(1 for one in theirs if one["engine"].why == "timeout") <= bounds.ENGINE_SOCKETS_OF_A_USER


def test_whoever_has_a_range_of_ids_is_waited_for_once() -> None:
    """With a silent engine of one's own, those of the users of one's range are not asked: each wait takes a quarter of the time there is."""
    made = silent(30)
    paths = [path for path in made["answers"] if path != ANNS]
    told = facts(
        "user-engines", **made, files={"/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n", "/etc/subuid": "ann:1001:99"}
    )["sockets"]
    assert told[ANNS]["engine"].why == "timeout" and {str(told[path]["engine"].why) for path in paths} == {"limit"}
