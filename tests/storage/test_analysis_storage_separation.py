from pathlib import Path
from typing import Any

import pytest
from storage.storage_host import ANNS, ANNS_CONF, BOBS, CONF, DISK, GRAPH, database, derive, document, folder, separation

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check
from hostcheck.testing import AnalysisContract
from hostcheck_builtin.storage import ANALYSES, analysis_storage_separation

SCHEMA = load_facts_schema(str(Path(analysis_storage_separation.__file__).parent / "analysis_storage_separation.facts.json"))
FOLDERS = {ANNS: folder(1000, 0o700), BOBS: folder(1001, 0o700), "/var/lib/docker": folder(0, 0o710), "/srv/store": folder(), "/srv/hers": folder()}
FILES: dict[str, Any] = {
    CONF: '[storage]\nrootless_storage_path="/srv/all"\n[storage.options]\nadditionalimagestores=["/srv/store"]\n',
    ANNS_CONF: '[storage.options]\nadditionalimagestores=["/srv/hers"]\n',
    f"{ANNS}/db.sql": database(ANNS, "/tmp/storage-run-1000/containers"),
}
DAEMON_JSON = "/etc/docker/daemon.json"


class TestContract(AnalysisContract):
    (analysis,) = ANALYSES
    documents = {"every way": document(FILES, folders=FOLDERS), "nothing": document()}


def shared(*args: Any, **kwargs: Any) -> dict[str, dict[str, str]]:
    found = separation(*args, **kwargs)["user_data"]
    return {path: {other: told["relation"] for other, told in one["shared"].items()} for path, one in found.items() if one["shared"]}


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_storage_separation.facts.json")


def test_a_host_whose_engines_have_directories_of_their_own() -> None:
    found = separation(folders=FOLDERS)
    assert {path: one["who"] for path, one in found["user_data"].items()} == {ANNS: "ann (uid 1000)", BOBS: "bob (uid 1001)"}
    assert shared(folders=FOLDERS) == {} and list(found["data"]) == ["/var/lib/docker"] and found["stores"] == found["run_roots"] == {}


def test_root_uses_a_users_directory() -> None:
    assert shared({DAEMON_JSON: f'{{"data-root": "{ANNS}"}}'}, folders=FOLDERS) == {ANNS: {ANNS: "same"}}
    below = {**FOLDERS, f"{ANNS}/docker": folder()}
    assert shared({DAEMON_JSON: f'{{"data-root": "{ANNS}/docker"}}'}, folders=below) == {ANNS: {f"{ANNS}/docker": "holds"}}
    assert shared({DAEMON_JSON: '{"data-root": "/home/ann"}'}, folders=FOLDERS) == {ANNS: {"/home/ann": "inside"}}


def test_two_mounts_of_one_directory_are_the_same_by_what_they_are() -> None:
    one = folder(1000, 0o700, dev=7, ino=99)
    assert shared(folders={**FOLDERS, ANNS: one, "/var/lib/docker": one}) == {ANNS: {"/var/lib/docker": "same"}}


def test_a_user_who_names_roots_directory_or_anothers_is_told_alone() -> None:
    bob = "/home/bob/.config/containers/storage.conf"
    opened = {
        "/home/ann": folder(1000),
        "/home/ann/.local": folder(1000),
        "/home/ann/.local/share": folder(1000),
        "/home/ann/.local/share/containers": folder(1000),
    }
    assert shared({bob: f'[storage]\ngraphroot="{ANNS}"\n'}, folders=FOLDERS, stats=opened) == {f"/home/bob/: {ANNS}": {ANNS: "same"}}
    assert shared({bob: '[storage]\ngraphroot="/home"\n'}, folders=FOLDERS) == {"/home/bob/: /home": {ANNS: "holds"}}
    assert shared({ANNS_CONF: '[storage]\ngraphroot="/var/lib/docker"\n'}, folders=FOLDERS) == {"/home/ann/: /var/lib/docker": {"/var/lib/docker": "same"}}


def test_of_very_many_some_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_storage_separation, "MANY", 1)
    bob = "/home/bob/.config/containers/storage.conf"
    found = separation({bob: '[storage]\ngraphroot="/"\n'}, folders=FOLDERS)["user_data"]["/home/bob/: /"]["shared"]
    assert isinstance(found, OpenObject) and len(found) == 1


def test_a_setting_of_roots_that_gives_all_users_one_directory() -> None:
    assert shared({CONF: '[storage]\nrootless_storage_path="/srv/all"\n'}) == {CONF: {"/srv/all": "same"}}
    assert shared({CONF: '[storage]\nrootless_storage_path="/srv/$USER"\n'}) == {}


def test_what_is_not_known_of_roots_leaves_open_what_users_share() -> None:
    told = document(folders=FOLDERS)
    told["storage"]["data"] = Hole(why=Why.DENIED, message="no")
    assert all(isinstance(one["shared"], OpenObject) for one in derive(told)["user_data"].values())


def test_one_home_that_is_not_known_leaves_the_others() -> None:
    told = document({ANNS_CONF: "[storage"}, folders=FOLDERS)
    found = derive(told)
    assert (
        isinstance(found["user_data"]["/home/ann"], Hole)
        and isinstance(found["stores"]["/home/ann"], Hole)
        and isinstance(found["run_roots"]["/home/ann"], Hole)
    )
    assert found["user_data"][BOBS]["shared"] == {} and not isinstance(found["user_data"], OpenObject)


@pytest.mark.parametrize(
    ("stats", "ways"),
    [
        ({}, []),
        ({"/srv/store": folder(1000)}, ["ann (owner of /srv/store)"]),
        ({"/srv/store": folder(0, 0o777)}, ["every local user"]),
        ({"/srv": folder(1001)}, ["bob (owner of /srv)"]),
        ({"/srv/store": Stat(type="dir", uid=0, gid=50, mode=0o775)}, ["bob (group staff on /srv/store)"]),
    ],
)
def test_who_can_change_a_store_of_roots_podman(stats: dict[str, Stat], ways: list[str]) -> None:
    stores = separation({CONF: '[storage.options]\nadditionalimagestores=["/srv/store"]\n'}, folders={"/srv/store": folder()}, stats=stats)["stores"]
    assert stores["/srv/store"]["changed_by"]["ways"] == ways and stores["/srv/store"]["who"] == "root"


def test_a_store_that_is_a_data_directory_is_told_where_data_directories_are() -> None:
    found = separation({CONF: f'[storage.options]\nadditionalimagestores=["{GRAPH}","/srv/store"]\n'}, folders={GRAPH: folder(), "/srv/store": folder()})
    assert {path: one["is_data"] for path, one in found["stores"].items()} == {GRAPH: True, "/srv/store": False}


def test_a_member_of_a_store_that_others_can_change() -> None:
    files = {CONF: '[storage.options]\nadditionalimagestores=["/srv/store"]\n'}
    stores = separation(files, folders={"/srv/store": folder(), "/srv/store/overlay": folder(1000)})["stores"]
    assert stores["/srv/store"]["changed_by"]["ways"] == [] and list(stores["/srv/store"]["members"]) == ["overlay"]


@pytest.mark.parametrize(("owner", "ways"), [(0, []), (1000, []), (1001, ["bob (owner of /srv/hers)"])])
def test_a_store_that_a_user_names_is_hers_and_roots(owner: int, ways: list[str]) -> None:
    files = {ANNS_CONF: '[storage.options]\nadditionalimagestores=["/srv/hers"]\n'}
    (store,) = separation(files, folders={"/srv/hers": folder(owner)})["stores"].values()
    assert (store["changed_by"]["ways"], store["of"], store["who"]) == (ways, 1000, "ann (uid 1000)")


@pytest.mark.parametrize(
    ("path", "in_tmp"),
    [("/tmp/storage-run-1000/containers", True), ("/run/user/1000/containers", False), ("/var/tmp/x", True), ("/tmpfs", False), ("/tmp", True)],
)
def test_what_runs_in_tmp(path: str, in_tmp: bool) -> None:
    found = separation({f"{ANNS}/db.sql": database(ANNS, path)}, folders={ANNS: folder(1000, 0o700)})["run_roots"]
    assert found == {
        "/home/ann": {"uid": 1000, "who": "ann (uid 1000)", "login": "ann", "path": path, "set_in": f"{ANNS}/db.sql", "pinned": True, "in_tmp": in_tmp}
    }


def test_root_has_one_too() -> None:
    assert separation({CONF: '[storage]\nrunroot="/tmp/x"\n'}, folders={GRAPH: folder()})["run_roots"]["root"]["in_tmp"] is True


def test_the_file_system_of_roots_directories() -> None:
    found = separation(folders=FOLDERS, table=DISK)["data"]["/var/lib/docker"]["filesystem"]
    assert found == {"type": "ext4", "point": "/", "options": ["nosuid"], "shares": ["/"]}


def test_in_a_user_namespace_nothing_is_known() -> None:
    told = document(folders=FOLDERS)
    told["host"]["scan"]["init_userns"] = False
    assert isinstance(derive(told), Hole)
