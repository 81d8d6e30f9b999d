"""Where one user's engines may keep what they have: as real ones take it in tests/real_engines/test_storage.py."""

from typing import Any

from storage.storage_host import ANNS, ANNS_CONF, host

from hostcheck.host import Host
from hostcheck.model import Hole, OpenArray, Why, incomplete
from hostcheck_builtin.storage.podman_storage import PodmanStorage
from hostcheck_builtin.storage.user_directories import UserDirectories, of_daemons, places
from hostcheck_builtin.system.home_dir import Place
from hostcheck_builtin.system.homes import Home

ANN = {"HOME": "/home/ann", "UID": "1000", "USER": "ann"}
NO = Hole(why=Why.DENIED, message="no")
SYSTEM = PodmanStorage(file="/etc/containers/storage.conf", graph_root="/srv/root", run_root="/run/root", rootless_path="/srv/$USER")
DAEMON_JSON = "/home/ann/.config/docker/daemon.json"


def found(files: dict[str, Any] | None = None, system: PodmanStorage | Hole = SYSTEM, running: Any = ()) -> UserDirectories:
    one: Host = host({**(files or {}), "/home/ann/x": ""})
    return places(Place(one, Home(frozenset({1000}), "/home/ann", "/home/ann"), "/home/ann", {}, []), ANN, system, list(running) if running == () else running)


def test_the_usual_places_and_the_one_that_the_system_names() -> None:
    told = found()
    assert told.data == {
        "/home/ann/.local/share/docker": ["docker"],
        ANNS: ["podman"],
        "/home/ann/.local/share/containerd": ["containerd"],
        "/srv/ann": ["podman"],
    }
    assert (told.graph_root, told.hole) == ("/srv/ann", None)
    assert found(system=PodmanStorage()).graph_root == ANNS


def test_one_directory_for_all_users_is_told_of_the_file_alone() -> None:
    told = found(system=SYSTEM._replace(rootless_path="/srv/all"))
    assert told.graph_root == "" and "/srv/all" not in told.data and told.hole is None


def test_who_has_a_file_has_nothing_of_the_systems() -> None:
    assert found({ANNS_CONF: '[storage]\ndriver="vfs"\n'}).graph_root == ANNS
    assert found({ANNS_CONF: '[storage]\nrootless_storage_path="$HOME/r"\n'}).graph_root == "/home/ann/r"
    told = found({ANNS_CONF: '[storage]\ngraphroot="$HOME/g"\nrootless_storage_path="$HOME/r"\nimagestore="/srv/i"\n'})
    assert told.graph_root == "/home/ann/g" and told.data["/srv/i"] == ["podman"]


def test_what_dockerds_are_told() -> None:
    told = found({DAEMON_JSON: '{"data-root": "/srv/d"}'}, running=["/srv/e", ANNS])
    assert told.data["/srv/d"] == told.data["/srv/e"] == ["docker"] and told.data[ANNS] == ["podman", "docker"] and told.hole is None


def test_what_is_not_known() -> None:
    assert isinstance(found({ANNS_CONF: "[storage"}).podman, Hole) and found({ANNS_CONF: "[storage"}).hole
    assert found({ANNS_CONF: '[storage]\ngraphroot="$X/g"\n'}).hole and found({DAEMON_JSON: '{"data-root": "x"}'}).hole and found({DAEMON_JSON: "{"}).hole
    assert found(running=incomplete(["/srv/e"], NO)).hole == NO
    assert found(system=NO).graph_root == NO and found(system=NO).hole is None, "told once, and not of each home"


def test_what_each_running_dockerd_is_told() -> None:
    file = {"settings": {"data-root": "/file"}}
    daemons = {
        "flag": {"flags": {"data-root": "/flag"}, "file": file},
        "file": {"flags": {}, "file": file},
        "neither": {"flags": {}, "file": {"settings": {}}},
        "relative": {"flags": {"data-root": "x"}, "file": file},
        "unread": {"flags": NO, "file": file},
        "hole": NO,
    }
    told = list(of_daemons(daemons))
    assert told[:3] == ["/flag", "/file", ""] and all(isinstance(one, Hole) for one in told[3:])
    assert not isinstance(told, OpenArray)
