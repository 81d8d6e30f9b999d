"""Users' own dockerds: which file each reads, and that nothing that a user lays out leads elsewhere."""

from typing import Any

import pytest
from daemon.daemon_host import ANNS, ANNS_JSON, anns, facts, host, owned, process, roots

from hostcheck.model import Hole, OpenObject
from hostcheck.testing.probes import denials
from hostcheck_builtin.daemon import probe_user_docker_daemons
from hostcheck_builtin.system import bounds

NAME = "user-docker-daemons"


def file_of(**given: Any) -> Any:
    return facts(NAME, **given)["daemons"]["1000"][ANNS]["file"]


def test_a_rootless_daemon() -> None:
    found = facts(NAME, **anns("dockerd --iptables=false", files={ANNS_JSON: '{"debug": true}'}))["daemons"]
    assert found == {
        "1000": {
            ANNS: {
                "running": True,
                "uid": 1000,
                "exe": "/usr/bin/dockerd",
                "sockets": [ANNS],
                "flags": {"iptables": False},
                "given": ["iptables"],
                "tls_by_environment": False,
                "file": {"path": ANNS_JSON, "given": False, "present": True, "refused": [], "keys": ["debug"], "settings": {"debug": True}},
                "profiles": {},
            }
        }
    }


def test_roots_is_none_of_them() -> None:
    assert facts(NAME, **roots()) == {"daemons": {}}


@pytest.mark.parametrize(
    ("environment", "line", "path"),
    [
        ("HOME=/home/ann", "dockerd", ANNS_JSON),
        ("HOME=/home/ann XDG_CONFIG_HOME=/home/ann/c", "dockerd", "/home/ann/c/docker/daemon.json"),
        ("A=B", "dockerd", ANNS_JSON),
        ("HOME=/home/ann", "dockerd --config-file=/srv/ann.json", "/srv/ann.json"),
    ],
)
def test_where_it_looks(environment: str, line: str, path: str) -> None:
    found = file_of(**anns(line, environment=environment))
    assert (found["path"], found["present"]) == (path, False)


@pytest.mark.parametrize("what", ["link", "roots", "bobs", "fifo"])
def test_what_is_not_the_users_own_file_is_not_read(what: str) -> None:
    """A link to a file of root's tells nothing of it, not even whether it parses."""
    given: dict[str, Any] = {"files": {"/root/secret": '{"group": "hunter2"}', "/etc/x": "{}"}}
    if what == "link":
        given["links"] = {ANNS_JSON: "/root/secret"}
    else:
        given["files"][ANNS_JSON] = '{"group": "hunter2"}' if what != "fifo" else ""
        given["stats"] = {ANNS_JSON: owned("fifo" if what == "fifo" else "file", 1001 if what == "bobs" else 1000 if what == "fifo" else 0, 0o600)}
    found = file_of(**anns(**given))
    if what != "roots":
        assert found["refused"] == [] or "hole" in repr(found)
        assert "hunter2" not in repr(found)


def test_a_user_with_very_many_leaves_nothing_open_of_others() -> None:
    given = anns("dockerd")
    crowd = tuple(process(800 + number, 1001, "podman", "/usr/bin/python3") for number in range(bounds.PROCESSES_CALLED_LIKE_ENGINES + 1))
    found = facts(NAME, **{**given, "processes": (*given["processes"], *crowd)})["daemons"]
    assert not any(isinstance(one, OpenObject) for one in (found, *found.values()))
    assert (list(found["1000"]), list(found["1001"])) == ([ANNS], ["others"])
    assert isinstance(found["1001"]["others"], Hole) and "uid 1001" in found["1001"]["others"].message or "users who are not" in found["1001"]["others"].message


def test_a_denial_is_a_hole_and_never_another_value() -> None:
    given = anns("dockerd --iptables=false", files={ANNS_JSON: '{"debug": true}'})
    assert list(denials(probe_user_docker_daemons.collect, host(**given))) == []
