"""Where root's engines keep what they have, by what they are told; and the image stores that root's Podman is told of."""

from pathlib import Path
from typing import Any

import pytest
from files.file_host import ENGINE, JSON, dockerd
from storage.storage_host import CONF, DISK, GRAPH, MINE, database, facts, folder, host

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject
from hostcheck.schema import check
from hostcheck.testing import ProbeContract
from hostcheck_builtin.storage import PROBES, probe_storage

SCHEMA = load_facts_schema(str(Path(probe_storage.__file__).parent / "probe_storage.facts.json"))
STORAGE = '[storage]\ndriver="overlay"\ngraphroot="/srv/podman"\nrunroot="/run/x"\nimagestore="/srv/imgs"\nrootless_storage_path="/srv/$USER"\n'
STORES = '[storage.options]\nadditionalimagestores=["/srv/store"]\n'
FOLDERS = {GRAPH: folder(0, 0o700), "/srv/podman": folder(0, 0o700), "/srv/imgs": folder(), "/srv/store": folder(), "/srv/docker": folder(0, 0o710)}
EVERY: dict[str, Any] = {CONF: STORAGE + STORES, JSON: '{"data-root": "/srv/docker"}'}


class TestContract(ProbeContract):
    probe = next(one for one in PROBES if one.id == "storage")
    hosts = {"nothing": MemoryHost({"/etc/passwd": ""}), "every way": host({**EVERY, "/srv/podman/db.sql": database("/srv/podman", "/run/x")}, folders=FOLDERS)}


def storage(*args: Any, **kwargs: Any) -> Any:
    return facts("storage", *args, **kwargs)


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_storage.facts.json")


def test_what_is_not_there_is_not_told() -> None:
    assert storage({JSON: '{"data-root": "/srv/docker"}'}) == {"data": {}, "stores": {}, "podman": {"file": ""}}


def test_where_engines_are_told_to_keep_what_they_have() -> None:
    running, arguments = dockerd("--data-root", "/srv/other")
    told = storage({**EVERY, **arguments}, processes=[running], folders={**FOLDERS, "/srv/other": folder(), "/srv/no": folder()})
    assert list(told["data"]) == ["/srv/docker", "/srv/imgs", "/srv/other", "/srv/podman", GRAPH]
    assert told["podman"] == {
        "file": CONF,
        "used": True,
        "run_root": {"path": "/run/x", "set_in": CONF, "pinned": False},
        "rootless_path": "/srv/$USER",
        "for_each": True,
    }


def test_one_directory_is_told_once_whatever_it_is_called() -> None:
    told = storage({JSON: '{"data-root": "/srv/docker"}'}, folders={"/srv/docker": folder()}, links={"/var/lib/docker": "/srv/docker"})
    assert [one["names"] for one in told["data"].values()] == [["/srv/docker", "/var/lib/docker"]]


def test_on_which_file_system() -> None:
    told = storage(folders={"/var/lib/docker": folder(0, 0o710), GRAPH: folder()}, table=DISK + MINE.format("/var/lib/docker", "xfs"))["data"]
    assert told["/var/lib/docker"]["filesystem"] == {"type": "xfs", "point": "/var/lib/docker", "options": ["nodev", "noexec"], "shares": []}
    assert told[GRAPH]["filesystem"]["shares"] == ["/"]


def test_the_vendors_file_counts_where_etc_has_none() -> None:
    vendor = {"/usr/share/containers/storage.conf": STORES}
    assert list(storage(vendor, folders=FOLDERS)["stores"]) == ["/srv/store"]
    assert storage({**vendor, CONF: "[storage]\n"}, folders=FOLDERS)["stores"] == {}


def test_a_store_is_told_with_what_others_can_change_in_it() -> None:
    stats = {"/srv/store/overlay": Stat(type="dir", uid=0, gid=0, mode=0o777)}
    (told,) = storage({CONF: STORES, "/srv/store/overlay-images/x": ""}, folders={"/srv/store": folder()}, stats=stats)["stores"].values()
    assert (told["set_in"], told["type"], list(told["members"])) == (CONF, "dir", ["overlay"])


@pytest.mark.parametrize("file", ["[storage", "[storage]\ngraphroot=1\n", PermissionError(13, "no")])
def test_a_file_that_is_not_known_leaves_holes(file: Any) -> None:
    told = storage({CONF: file}, folders=FOLDERS)
    assert isinstance(told["stores"], Hole) and isinstance(told["podman"], Hole) and isinstance(told["data"], OpenObject) and GRAPH in told["data"]


def test_drop_ins_count_for_newer_versions_alone() -> None:
    told = storage({"/etc/containers/storage.conf.d/10.conf": STORES})
    assert isinstance(told["stores"], Hole) and "newer versions" in told["stores"].message


def test_the_database_of_roots_podman() -> None:
    told = storage({**ENGINE, f"{GRAPH}/db.sql": database(GRAPH, "/tmp/x")}, folders={GRAPH: folder()})
    assert told["podman"] == {"file": "", "used": False, "run_root": {"path": "/tmp/x", "set_in": f"{GRAPH}/db.sql", "pinned": True}}


@pytest.mark.parametrize(
    ("files", "used"),
    [
        ({f"{GRAPH}/overlay-images/images.json": "[]", f"{GRAPH}/overlay-containers/containers.lock": "", f"{GRAPH}/overlay/l/X": ""}, False),
        ({f"{GRAPH}/overlay-images/images.json": "[]", f"{GRAPH}/overlay-images/9f0c/manifest": ""}, True),
        ({f"{GRAPH}/vfs-containers/77aa/userdata/x": ""}, True),
        ({CONF: "[storage]\nimagestore='/srv/images'\n", f"{GRAPH}/db.sql": database(GRAPH, "/run/x")}, True),
    ],
    ids=["made by its units", "an image", "a container", "images elsewhere"],
)
def test_podman_is_used_where_it_has_an_image_or_a_container(files: dict[str, Any], used: bool) -> None:
    assert storage({**ENGINE, **files}, folders={GRAPH: folder()})["podman"]["used"] is used


def test_whether_podman_is_used_is_not_known_where_its_images_are_not_listed() -> None:
    told = storage({**ENGINE, f"{GRAPH}/overlay-images": PermissionError(13, "no")}, folders={GRAPH: folder()})["podman"]
    assert isinstance(told["used"], Hole)


def test_a_data_directory_by_a_way_of_a_users_onto_a_users_file_system_is_not_looked_at() -> None:
    files = {JSON: '{"data-root": "/home/ann/d"}'}
    told = storage(files, folders={"/home/ann/d": folder(1000)}, table=DISK + "30 27 0:50 / /home/ann/d rw - fuse.sshfs x rw\n")
    assert isinstance(told["data"]["/home/ann/d"], Hole)
