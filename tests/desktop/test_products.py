"""What each product keeps in a home on Linux and on a Mac, and what its files do not say."""

import json
from typing import Any

import pytest
from desktop.home_host import ANN, PRODUCTS, SCHEMA, facts, owned, shares
from fakes import macos

from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.desktop import probe_user_desktop_vms as probe
from hostcheck_builtin.desktop import products
from hostcheck_builtin.system import home_dir


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("running", [False, True])
def test_each_product_set_up_and_running(product: str, running: bool) -> None:
    name, files, socket, given = PRODUCTS[product]
    told = facts(files, sockets=[socket], listening=running)
    assert {uid: list(found) for uid, found in told.items()} == {"1000": [product]}
    machine = told["1000"][product][name]
    assert (machine["uid"], set(machine["sockets"])) == (1000, {socket})
    found = machine["sockets"][socket]
    assert (found["listening"], found["owner_uid"], found["realpath"]) == (running, 1000, socket)
    assert not running or found["peer"]["uid"] == 1000
    assert machine["evidence"] and all(any(path.startswith(shown) for path in files) for shown in machine["evidence"])
    if given is None:
        assert isinstance(machine["shares"], Hole) and machine["shares"].why is Why.UNSUPPORTED
    else:
        assert shares(machine) == given


@pytest.mark.parametrize("product", PRODUCTS)
def test_without_a_socket_there_is_none(product: str) -> None:
    name, files, _, _ = PRODUCTS[product]
    told = facts(files)
    assert told == {} if product == "orbstack" else told["1000"][product][name]["sockets"] == {}


@pytest.mark.parametrize("product", ["orbstack", "rancher-desktop"])
def test_a_directory_that_is_called_like_a_products_is_no_machine(product: str) -> None:
    socket = PRODUCTS[product][2]
    folder = f"{ANN}/{'.orbstack' if product == 'orbstack' else '.rd'}"
    assert facts({f"{folder}/x": ""}) == {}
    assert facts({f"{folder}/x": "", socket: ""}, stats={socket: owned("file")}) == {}
    assert list(facts({f"{folder}/x": ""}, sockets=[socket])["1000"]) == [product]
    assert list(facts({f"{folder}/x": ""}, sockets=[socket], listening=False)["1000"]) == [product]


def test_every_product_is_tried() -> None:
    assert (
        set(PRODUCTS) == set(products.PRODUCTS) == set(macos.FILES) - {"multipass"} == set(SCHEMA["properties"]["users"]["additionalProperties"]["properties"])
    )


@pytest.mark.parametrize("product", products.PRODUCTS)
@pytest.mark.parametrize("running", [False, True])
def test_each_product_on_a_mac_made_by_hand(product: str, running: bool) -> None:
    told = stated(probe.collect, macos.mac(product, running=running))
    assert compile_schema(SCHEMA)(told) is not False
    users = told["users"]
    assert list(users) == ["501"] and not isinstance(users, OpenObject)
    assert list(users["501"]) == [product]
    (machine,) = users["501"][product].values()
    listener_of = {path: one["listening"] for path, one in machine["sockets"].items()}
    assert listener_of == ({macos.SOCKETS[product]: running} if product in macos.SOCKETS else {})
    wanted = {
        "docker-desktop": {"/Users": (True, "homes"), **dict.fromkeys(("/Volumes", "/private", "/tmp", "/var/folders"), (True, "part"))},
        "podman-machine": {"/Users": (True, "homes")},
        "orbstack": None,
    }
    told_shares = shares(machine)
    assert isinstance(told_shares, Hole) if product == "orbstack" else told_shares == (wanted.get(product) or {macos.HOME: (True, "home")})
    assert isinstance(machine["sockets"], OpenObject) == (product == "podman-machine")
    assert machine.get("rootful") is (True if product == "podman-machine" else None)


def test_what_the_files_of_a_machine_say_besides() -> None:
    machine = facts(PRODUCTS["docker-desktop"][1])["1000"]["docker-desktop"]["desktop-linux"]
    assert machine["exposes_tcp"] is True
    assert facts(PRODUCTS["podman-machine"][1])["1000"]["podman-machine"]["dev"]["rootful"] is False
    assert "exposes_tcp" not in facts({f"{ANN}/.docker/desktop/vms/x": ""})["1000"]["docker-desktop"]["desktop-linux"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, Why.UNSUPPORTED),
        ("{}", Why.UNSUPPORTED),
        ('{"FilesharingDirectories": ["$TMP"]}', Why.UNSUPPORTED),
        ('{"FilesharingDirectories": "/home"}', Why.NONSENSE),
        ('{"FilesharingDirectories": [1]}', Why.NONSENSE),
        ("[]", Why.NONSENSE),
        ("", Why.NONSENSE),
        ("{" * 100_000, Why.NONSENSE),
        ("x" * 300_000, Why.LIMIT),
        (PermissionError(13, "no"), Why.DENIED),
    ],
)
def test_shares_of_docker_desktop_that_are_not_known(content: Any, why: Why) -> None:
    path = f"{ANN}/.docker/desktop/settings-store.json"
    told = facts({f"{ANN}/.docker/desktop/x": ""} if content is None else {path: content})
    found = told["1000"]["docker-desktop"]["desktop-linux"]["shares"]
    assert isinstance(found, Hole) and found.why is why


def test_settings_of_before_and_of_a_directory_too_many() -> None:
    old = json.dumps({"filesharingDirectories": ["/home"], "exposeDockerAPIOnTCP2375": False})
    machine = facts({f"{ANN}/.docker/desktop/settings.json": old})["1000"]["docker-desktop"]["desktop-linux"]
    assert (shares(machine), machine["exposes_tcp"]) == ({"/home": (True, "homes")}, False)
    many = json.dumps({"FilesharingDirectories": [f"/d/{index}" for index in range(home_dir.DIRECTORIES + 1)]})
    found = facts({f"{ANN}/.docker/desktop/settings-store.json": many})["1000"]["docker-desktop"]["desktop-linux"]["shares"]
    assert isinstance(found, OpenObject) and len(found) == home_dir.DIRECTORIES


@pytest.mark.parametrize(
    ("document", "why"),
    [({}, Why.UNSUPPORTED), ({"Mounts": {}}, Why.NONSENSE), ({"Mounts": [{"Target": "/x"}]}, Why.NONSENSE), ({"Mounts": [{"Source": "x"}]}, Why.UNSUPPORTED)],
)
def test_mounts_of_podman_that_are_not_known(document: Any, why: Why) -> None:
    machine = facts({f"{ANN}/.config/containers/podman/machine/qemu/dev.json": json.dumps(document)})["1000"]["podman-machine"]["dev"]
    assert isinstance(machine["shares"], Hole) and machine["shares"].why is why


def test_a_podman_machine_without_mounts_has_none_and_two_of_one_name_are_two() -> None:
    base = f"{ANN}/.config/containers/podman/machine"
    told = facts({f"{base}/qemu/dev.json": '{"Mounts": null}', f"{base}/wsl/dev.json": '{"Mounts": []}', f"{base}/port-alloc.dat": ""})
    assert {name: one["shares"] for name, one in told["1000"]["podman-machine"].items()} == {"dev": {}, "dev#2": {}}


@pytest.mark.parametrize("value", ["no", 0, 1, [], {}])
def test_what_is_neither_true_nor_false_is_taken_for_neither(value: Any) -> None:
    desktop = facts({f"{ANN}/.docker/desktop/settings-store.json": json.dumps({"ExposeDockerAPIOnTCP2375": value})})["1000"]["docker-desktop"]["desktop-linux"]
    document = {"HostUser": {"Rootful": value}, "Mounts": [{"Source": ANN, "ReadOnly": value}]}
    podman = facts({f"{ANN}/.config/containers/podman/machine/qemu/dev.json": json.dumps(document)})["1000"]["podman-machine"]["dev"]
    assert [told.why for told in (desktop["exposes_tcp"], podman["rootful"], podman["shares"])] == [Why.NONSENSE] * 3
