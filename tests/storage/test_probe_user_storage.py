"""Where the engines of users keep what they have; a user's files speak of that user alone, and show nothing that the user could not see."""

from pathlib import Path
from typing import Any

from storage.storage_host import ANNS, ANNS_CONF, BOBS, CONF, DISK, database, facts, folder, host

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject
from hostcheck.schema import check
from hostcheck.testing import ProbeContract
from hostcheck_builtin.storage import PROBES, probe_user_storage

SCHEMA = load_facts_schema(str(Path(probe_user_storage.__file__).parent / "probe_user_storage.facts.json"))
STORED = {ANNS: folder(1000, 0o700)}
DB = f"{ANNS}/db.sql"
OF_ANN = Stat(type="file", uid=1000, gid=1000, mode=0o644)
STORES = '[storage.options]\nadditionalimagestores=["/srv/store","/srv/none"]\n'
EVERY: dict[str, Any] = {
    ANNS_CONF: STORES,
    DB: database(ANNS, "/tmp/storage-run-1000/containers"),
    "/home/ann/.config/docker/daemon.json": '{"data-root": "/srv/d"}',
}
FOLDERS = {**STORED, "/srv/store": folder(), "/srv/d": folder(1000), "/home/ann/.local/share/docker": folder(1000, 0o710)}


class TestContract(ProbeContract):
    probe = next(one for one in PROBES if one.id == "user-storage")
    hosts = {"nothing": MemoryHost({"/etc/passwd": ""}), "every way": host(EVERY, folders=FOLDERS)}


def homes(*args: Any, **kwargs: Any) -> Any:
    return facts("user-storage", *args, **kwargs)["homes"]


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_user_storage.facts.json")


def test_who_keeps_nothing_is_left_out() -> None:
    assert homes() == {} and homes({ANNS_CONF: '[storage]\ndriver="vfs"\n'}) == {}


def test_what_there_is_of_one_user() -> None:
    told = homes(EVERY, folders=FOLDERS)
    assert list(told) == ["/home/ann"]
    ann = told["/home/ann"]
    assert {path: one["engines"] for path, one in ann["data"].items()} == {"/home/ann/.local/share/docker": ["docker"], ANNS: ["podman"], "/srv/d": ["docker"]}
    assert ann["data"][ANNS]["fstype"] == "ext4" and ann["data"][ANNS]["owner_uid"] == 1000
    assert ann["run_root"] == {"path": "/tmp/storage-run-1000/containers", "set_in": DB, "pinned": True}
    assert list(ann["stores"]) == ["/srv/store"] and ann["stores"]["/srv/store"]["set_in"] == ANNS_CONF


def test_what_the_system_gives_each_user() -> None:
    told = homes({CONF: '[storage]\nrootless_storage_path="/srv/u/$USER"\n'}, folders={"/srv/u/ann": folder(1000, 0o700)})
    assert list(told) == ["/home/ann"] and list(told["/home/ann"]["data"]) == ["/srv/u/ann"]


def test_what_the_system_gives_all_users_together_is_nobodys() -> None:
    files = {CONF: '[storage]\nrootless_storage_path="/srv/all"\n', "/srv/all/db.sql": database("/srv/all", "/tmp/x")}
    assert homes(files, folders={"/srv/all": folder(1000)}) == {}


def test_a_link_of_hers_counts_and_one_of_anothers_does_not() -> None:
    links = {"/home/ann/.local/share/containers": "/srv/big"}
    parts = {"/home/ann/.local/share": folder(1000, 0o700), "/home/ann/.local": folder(1000, 0o700), "/srv/big/storage": folder(1000, 0o700)}
    mine = {"/home/ann/.local/share/containers": Stat(type="link", uid=1000, gid=1000, mode=0o777)}
    assert homes(folders=parts, links=links, stats=mine)["/home/ann"]["data"][ANNS]["realpath"] == "/srv/big/storage"
    bobs = {"/home/ann/.local/share/containers": Stat(type="link", uid=1001, gid=1001, mode=0o777)}
    assert isinstance(homes(folders=parts, links=links, stats=bobs)["/home/ann"], Hole)


def test_what_a_user_names_and_could_not_see_is_not_told() -> None:
    told = homes({ANNS_CONF: '[storage]\ngraphroot="/root/secret"\n'}, folders={"/root": folder(0, 0o700), "/root/secret": folder()})
    assert isinstance(told["/home/ann"], Hole)
    told = homes({ANNS_CONF: f'[storage]\ngraphroot="{BOBS}"\n'}, folders={BOBS: folder(1001), **STORED})
    assert isinstance(told["/home/ann"]["data"][BOBS], Hole) and not isinstance(told["/home/bob"]["data"][BOBS], Hole)


def test_a_database_of_somebody_else_is_not_read() -> None:
    told = homes({ANNS_CONF: '[storage]\ngraphroot="/srv/g"\n', "/srv/g/db.sql": database("/srv/g", "/tmp/x")}, folders={"/srv/g": folder(0)})
    assert isinstance(told["/home/ann"]["run_root"], Hole)


def test_a_home_of_somebody_elses_tells_nothing_of_her() -> None:
    parts = ANNS.split("/")
    theirs = {"/".join(parts[:end]): folder(4444) for end in range(3, len(parts) + 1)}
    told = homes(folders={**STORED, BOBS: folder(1001)}, stats=theirs)
    assert isinstance(told["/home/ann"], Hole) and list(told["/home/bob"]["data"]) == [BOBS]


def test_a_file_system_of_the_users_is_not_looked_at() -> None:
    told = homes(folders=STORED, table=DISK + f"30 27 0:50 / {ANNS} rw - fuse.sshfs x rw\n")
    assert isinstance(told["/home/ann"], Hole)


def test_a_home_on_a_server_counts_while_its_user_has_a_process() -> None:
    table = DISK + "30 27 0:50 / /home/ann rw - nfs4 server:/ann rw\n"
    ann = Process(pid=9, ppid=1, name="sh", uids=(1000,) * 4, gids=(1000,) * 4, groups=(), cap_effective=0, host_mounts=True)
    assert homes(folders=STORED, table=table) == {}
    assert homes(folders=STORED, table=table, processes=[ann])["/home/ann"]["data"][ANNS]["fstype"] == "nfs4"


def test_what_one_user_plants_leaves_the_others() -> None:
    told = homes({ANNS_CONF: "[storage"}, folders={**STORED, BOBS: folder(1001, 0o700)})
    assert isinstance(told["/home/ann"]["stores"], Hole) and isinstance(told["/home/ann"]["data"], OpenObject)
    assert told["/home/bob"]["stores"] == {} and not isinstance(told, OpenObject)


def test_a_file_of_the_systems_that_is_not_known_is_told_once() -> None:
    told = homes({CONF: "[storage"}, folders=STORED)
    assert isinstance(told, OpenObject) and list(told) == ["/home/ann"] and list(told["/home/ann"]["data"]) == [ANNS]
