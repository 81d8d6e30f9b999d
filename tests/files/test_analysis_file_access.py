import json
from typing import Any, ClassVar

import pytest
from files.file_facts import OPEN, access, derive, document, process
from files.file_host import JSON, LOGIN, UNIT, file, folder
from files.ssh_keys import openssh

from hostcheck.host.answers import AclEntry, Stat
from hostcheck.model import Hole, OpenArray, OpenObject, Why
from hostcheck.testing import AnalysisContract
from hostcheck_builtin.files import ANALYSES

FILES = {JSON: "{}", UNIT: "[Service]\n"}
DENIED = Hole(why=Why.DENIED, message="no")
CONFIG = "/home/ann/.docker/config.json"
KEY = "/etc/docker/tls/key.pem"


def acl(uid: int, perms: int, mask: int = 7) -> tuple[AclEntry, ...]:
    entries = (("user_obj", -1, 6), ("user", uid, perms), ("group_obj", -1, 4), ("mask", -1, mask), ("other", -1, 4))
    return tuple(AclEntry(tag=tag, id=number, perms=bits) for tag, number, bits in entries)


@pytest.mark.parametrize(
    ("stats", "ways", "cause"),
    [
        ({}, [], None),
        ({JSON: file(0, 0o664)}, [], None),
        ({JSON: file(1000)}, [f"ann (owner of {JSON})"], JSON),
        ({JSON: file(4444)}, [f"uid 4444 (owner of {JSON})"], JSON),
        ({JSON: file(0, 0o666)}, ["every local user"], JSON),
        ({JSON: Stat(type="file", uid=0, gid=50, mode=0o664)}, [f"bob (group staff on {JSON})"], JSON),
        ({JSON: Stat(type="file", uid=0, gid=51, mode=0o664)}, [], None),
        ({JSON: Stat(type="file", uid=0, gid=0, mode=0o664, acl=acl(1001, 6))}, [f"bob (ACL entry user:bob on {JSON})"], JSON),
        ({JSON: Stat(type="file", uid=0, gid=0, mode=0o644, acl=acl(1001, 6, 4))}, [], None),
        ({"/etc/docker": OPEN}, ["every local user"], "/etc/docker"),
        ({"/etc/docker": folder(1001)}, ["bob (owner of /etc/docker)"], "/etc/docker"),
        ({"/etc/docker": Stat(type="dir", uid=0, gid=0, mode=0o1777)}, [], None),
        (
            {"/etc/docker": Stat(type="dir", uid=0, gid=0, mode=0o1777), JSON: file(1001)},
            ["bob (any user on /etc/docker)", f"bob (owner of {JSON})"],
            "/etc/docker",
        ),
        ({"/etc": Stat(type="dir", uid=0, gid=50, mode=0o2775)}, ["bob (group staff on /etc)"], "/etc"),
        ({"/etc": folder(0, 0o700), JSON: file(0, 0o666)}, [], None),
        ({"/etc": OPEN, JSON: file(1000)}, ["every local user", "ann (owner of /etc/docker/daemon.json)"], "/etc"),
    ],
)
def test_who_can_change_a_file(stats: dict[str, Stat], ways: list[str], cause: str | None) -> None:
    found = access(FILES, stats=stats)["daemon_json"][JSON]["changed_by"]
    assert sorted(found["ways"]) == sorted(ways)
    assert found.get("cause", {}).get("path") == cause


def test_where_nothing_is_it_counts_who_can_make_it() -> None:
    found = access({"/etc/docker/x": ""}, stats={"/etc/docker": Stat(type="dir", uid=0, gid=0, mode=0o1777)})["daemon_json"][JSON]
    assert (found["type"], found["changed_by"]["ways"], found["changed_by"]["cause"]["sticky"]) == ("absent", ["every local user"], True)


def test_an_owner_whom_no_account_has() -> None:
    found = access(FILES, stats={JSON: file(4444), UNIT: file(1000)})
    assert found["daemon_json"][JSON]["changed_by"]["cause"]["account"] is False
    assert found["units"][UNIT]["changed_by"]["cause"]["account"] is True
    unsure = document(FILES, stats={JSON: file(4444)})
    unsure["nss"] = DENIED
    assert isinstance(derive(unsure)["daemon_json"][JSON]["changed_by"]["cause"]["account"], Hole)


def test_a_link_is_judged_by_where_it_leads() -> None:
    found = access({"/home/ann/d.json": "{}"}, links={JSON: "/home/ann/d.json"})["daemon_json"][JSON]
    assert found["realpath"] == "/home/ann/d.json"
    assert found["changed_by"]["cause"] | {"personal": True, "path": "/home/ann", "root_only": True} == found["changed_by"]["cause"]


def test_who_can_write_to_a_device_changes_no_file() -> None:
    device = Stat(type="char", uid=0, gid=0, mode=0o666)
    found = access({"/etc/docker/x": ""}, links={JSON: "/dev/null"}, stats={"/dev/null": device})["daemon_json"][JSON]
    assert (found["type"], found["changed_by"]["ways"]) == ("char", [])


def test_members_that_others_can_change_otherwise_than_by_the_directory() -> None:
    files = {"/usr/bin/containerd": "x", "/opt/cni/bin/bridge": "x", "/opt/cni/bin/ptp": "x", "/opt/cni/bin/tuning": "x"}
    stats = {"/opt/cni/bin/bridge": file(1001, 0o755), "/opt/cni/bin/ptp": file(0, 0o664)}
    found = access(files, stats=stats)["plugins"]["/opt/cni/bin"]
    assert {name: one["ways"] for name, one in found["members"].items()} == {"bridge": ["bob (owner of /opt/cni/bin/bridge)"]}
    assert found["changed_by"]["ways"] == []
    found = access(files, stats={"/opt/cni/bin": OPEN})["plugins"]["/opt/cni/bin"]
    assert (found["members"], found["changed_by"]["everyone"]) == ({}, True)


def test_who_can_change_a_directory_above_is_told_there() -> None:
    files = {"/etc/docker/certs.d/r/ca.crt": ""}
    found = access(files, stats={"/etc/docker": OPEN, "/etc/docker/certs.d": folder(1001)})["directories"]
    assert {path: one["changed_by"]["ways"] for path, one in found.items()} == {
        "/etc/docker": ["every local user"],
        "/etc/docker/certs.d": ["bob (owner of /etc/docker/certs.d)"],
        "/etc/docker/certs.d/r": [],
    }
    assert [one["above"] for one in found.values()] == ["", "/etc/docker", "/etc/docker/certs.d"]


def test_of_a_member_the_directory_is_not_told_again() -> None:
    files = {"/usr/bin/containerd": "x", "/opt/cni/bin/bridge": "x"}
    found = access(files, stats={"/opt/cni/bin": OPEN, "/opt/cni/bin/bridge": file(1001, 0o755)})["plugins"]["/opt/cni/bin"]
    assert (found["changed_by"]["ways"], found["members"]["bridge"]["ways"]) == (["every local user"], ["bob (owner of /opt/cni/bin/bridge)"])


def test_a_program_is_told_beside_its_directory() -> None:
    found = access(stats={"/usr/bin/runc": file(1001, 0o755), "/usr/bin/dockerd": file(0, 0o755)})["programs"]["/usr/bin"]
    assert list(found["members"]) == ["runc"]


def test_what_everybody_can_change_names_no_user() -> None:
    people = "".join(f"u{number}:x:{number}:{number}::/home/x:/bin/sh\n" for number in range(20000, 20500))
    found = access({**FILES, "/etc/passwd": f"root:x:0:0::/root:/bin/sh\n{people}"}, stats={"/etc": OPEN})["daemon_json"][JSON]["changed_by"]
    assert found["everyone"] is True and found["users"] == {}


def test_a_capability_that_opens_all_files_is_no_way_to_one() -> None:
    maps = {f"/proc/700/{name}": "0 0 4294967295\n" for name in ("uid_map", "gid_map")}
    told = document({**FILES, **maps}, processes=[process(700, 1000, cap_effective=0b10)], stats={JSON: Stat(type="file", uid=0, gid=51, mode=0o664)})
    (session,) = told["principals"]["processes"].values()
    assert (session["dac_override"], session["mapped_uids"]) == (True, [[0, 4294967295]])
    assert derive(told)["daemon_json"][JSON]["changed_by"] == {"everyone": False, "users": {}, "ways": []}


def test_a_session_that_kept_its_group() -> None:
    stats = {JSON: Stat(type="file", uid=0, gid=51, mode=0o664)}
    found = access(FILES, stats=stats, processes=[process(700, 1000, 51)])["daemon_json"][JSON]["changed_by"]
    assert found["ways"] == ["ann (process 700 has group empty)"]


def test_what_is_closed_is_known_though_nobody_else_is() -> None:
    told = document(FILES, stats={UNIT: Stat(type="file", uid=0, gid=51, mode=0o664)})
    told["nss"] = DENIED
    found = derive(told)
    assert found["daemon_json"][JSON]["changed_by"] == {"everyone": False, "users": {}, "ways": []}
    assert isinstance(found["units"][UNIT]["changed_by"]["users"], OpenObject)


def test_who_can_read_a_key_and_enter_a_data_directory() -> None:
    files = {JSON: '{"tlskey": "/etc/docker/tls/key.pem", "data-root": "/srv/d"}', KEY: "", "/srv/d/x": ""}
    for stats, ways in (
        ({KEY: file(0, 0o600)}, []),
        ({KEY: file(0, 0o644)}, ["every local user"]),
        ({KEY: file(0, 0o644), "/etc/docker/tls": folder(0, 0o700)}, []),
        ({KEY: file(1001, 0o400)}, ["bob (owner)"]),
        ({KEY: Stat(type="file", uid=0, gid=50, mode=0o640)}, ["bob (group staff)"]),
    ):
        assert access(files, stats=stats)["keys"][KEY]["read_by"]["ways"] == ways, stats
    for mode, ways in ((0o710, []), (0o711, ["every local user"]), (0o704, []), (0o755, ["every local user"])):
        assert access(files, stats={"/srv/d": folder(0, mode)})["data"]["/srv/d"]["read_by"]["ways"] == ways, mode


def test_what_is_a_users_own_is_judged_by_others() -> None:
    files = {CONFIG: LOGIN, "/home/ann/.docker/key.pem": "", "/home/ann/.docker/cli-plugins/docker-x": ""}
    found = access(files)
    for kind, path in (("credentials", CONFIG), ("client_keys", "/home/ann/.docker/key.pem")):
        assert (found[kind][path]["read_by"]["ways"], found[kind][path]["of_whom"]) == ([], "ann")
    assert found["commands"]["/home/ann/.docker/cli-plugins"]["changed_by"]["ways"] == []
    open_home = {"/home/ann": folder(1000, 0o755), "/home/ann/.docker": folder(1000, 0o755), CONFIG: file(1000, 0o644)}
    found = access(files, stats={**open_home, "/home/ann/.docker/cli-plugins": folder(1000, 0o777)})
    assert found["credentials"][CONFIG]["read_by"]["everyone"] is True and found["credentials"][CONFIG]["secrets"] is True
    assert found["commands"]["/home/ann/.docker/cli-plugins"]["changed_by"]["cause"]["own"] is True


def test_roots_passwords_stand_beside_those_of_users() -> None:
    root = "/root/.docker/config.json"
    found = access({CONFIG: LOGIN, root: LOGIN}, stats={root: file(0, 0o644)})["credentials"]
    assert found[root]["read_by"]["everyone"] is True and found[root]["of"] == 0
    assert found[CONFIG]["read_by"]["everyone"] is False and found[CONFIG]["of"] == 1000


def test_a_link_of_one_user_leaves_nothing_open_of_others() -> None:
    found = access({"/home/bob/.docker/config.json": LOGIN}, links={CONFIG: "/home/bob/.docker/config.json"})["credentials"]
    assert isinstance(found[CONFIG], Hole) and not isinstance(found, OpenObject)
    assert found["/home/bob/.docker/config.json"]["secrets"] is True


@pytest.mark.parametrize(("key", "kind"), [("tlskey", "keys"), ("data-root", "data")])
def test_what_somebody_else_could_make_with_its_directories_is_changed_by_them_and_read_by_nobody(key: str, kind: str) -> None:
    path = "/srv/a/b/key.pem"
    found = access({**FILES, JSON: json.dumps({"tlsverify": True, key: path}), "/srv/x": ""}, stats={"/srv": OPEN})[kind][path]
    assert (found["type"], found["changed_by"]["everyone"]) == ("absent", True)
    assert found["read_by"] == {"everyone": False, "users": {}, "ways": []}


def test_a_home_that_is_not_known_costs_nobody_else() -> None:
    told = document({CONFIG: LOGIN})
    told["user-files"]["homes"]["/home/bob"] = DENIED
    found = derive(told)["credentials"]
    assert not isinstance(found, OpenObject) and list(found) == [CONFIG, "/home/bob"] and found[CONFIG]["read_by"]["ways"] == []
    assert isinstance(found["/home/bob"], Hole)


SSH = "/home/ann/.ssh/id_rsa"


@pytest.mark.parametrize(
    ("files", "engines"),
    [
        ({"/home/ann/.profile": "export DOCKER_HOST=ssh://root@far\n"}, ["/home/ann/.profile"]),
        ({"/etc/environment": "DOCKER_HOST=ssh://far\n"}, ["/etc/environment"]),
        ({"/home/ann/.profile": "export DOCKER_HOST=ssh://localhost\n"}, []),
        ({"/home/ann/.profile": "export DOCKER_HOST=tcp://far:2376\n"}, []),
        ({"/home/bob/.profile": "export DOCKER_HOST=ssh://far\n"}, []),
        ({}, []),
    ],
)
def test_a_key_of_ssh_is_told_with_what_leads_to_another_host(files: dict[str, str], engines: list[str]) -> None:
    found = access({SSH: openssh(), **files})["ssh_keys"]
    assert found == {SSH: {"of": 1000, "of_whom": "ann", "protection": "none", "engines": engines}}


def test_where_docker_goes_is_not_known_of_what_depends_on_a_condition() -> None:
    found = access({SSH: openssh(), "/home/ann/.profile": "if x; then export DOCKER_HOST=ssh://far; fi\n"})["ssh_keys"]
    assert isinstance(found[SSH]["engines"], OpenArray)


def test_from_inside_a_user_namespace_nothing_is_known() -> None:
    told = document(FILES)
    told["host"]["scan"]["init_userns"] = False
    assert isinstance(derive(told), Hole)


class TestFileAccess(AnalysisContract):
    analysis = ANALYSES[0]
    documents: ClassVar[Any] = {
        "open and closed": document(
            {**FILES, CONFIG: LOGIN, "/opt/cni/bin/bridge": "x", "/usr/bin/containerd": "x", "/root/.docker/config.json": LOGIN}
            | {SSH: openssh(), "/home/ann/.profile": "export DOCKER_HOST=ssh://far\n"},
            stats={
                JSON: Stat(type="file", uid=0, gid=50, mode=0o664),
                UNIT: file(4444),
                "/opt/cni/bin/bridge": file(1001, 0o755),
                "/root/.docker/config.json": file(0, 0o640),
                "/home/ann": folder(1000, 0o755),
                "/home/ann/.docker": folder(1000, 0o755),
                CONFIG: file(1000, 0o644),
            },
            processes=[process(700, 1000, 51)],
        ),
    }
