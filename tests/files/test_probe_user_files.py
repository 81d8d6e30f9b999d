import json
from typing import Any, ClassVar

import pytest
from files.file_host import LOGIN, SECRET, TABLE, facts, file, folder, host, user_files
from files.ssh_keys import openssh

from hostcheck.host.answers import Process
from hostcheck.model import Hole, OpenObject
from hostcheck.parting import part
from hostcheck.testing import ProbeContract
from hostcheck_builtin.files import PROBES
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.bounds import IDENTITY_FILES

ANN = "/home/ann"
CONFIG = f"{ANN}/.docker/config.json"
KINDS = ("keys", "credentials", "commands", "ssh_keys")
SSH = f"{ANN}/.ssh/id_ed25519"
CONTEXT = f"{ANN}/.docker/contexts/tls/abc/docker/key.pem"


def test_a_home_with_nothing_of_this_is_not_stated() -> None:
    assert user_files({f"{ANN}/.profile": ""}) == {}


def test_keys_of_the_default_and_of_contexts() -> None:
    found = user_files({f"{ANN}/.docker/key.pem": "", CONTEXT: "", f"{ANN}/.docker/ca.pem": ""}, stats={CONTEXT: file(1000, 0o644)})[ANN]
    assert found["uid"] == 1000
    assert {path: one["mode"] for path, one in found["keys"].items()} == {f"{ANN}/.docker/key.pem": "0600", CONTEXT: "0644"}
    assert (found["credentials"], found["commands"]) == ({}, {})


def test_passwords_are_told_and_not_shown() -> None:
    found = user_files({CONFIG: LOGIN, f"{ANN}/.config/containers/auth.json": json.dumps({"auths": {}, "credHelpers": {"r": "pass"}})})
    stated = found[ANN]["credentials"]
    assert {path: (one["secrets"], one["helpers"]) for path, one in stated.items()} == {
        CONFIG: (True, []),
        f"{ANN}/.config/containers/auth.json": (False, ["pass"]),
    }
    assert SECRET not in json.dumps(part(found))


@pytest.mark.parametrize("text", [f'{{"auths": {{"r": {{"auth": "{SECRET}"', f"{SECRET}\0", "[" * 50_000])
def test_what_is_no_json_is_not_known_and_not_shown(text: str) -> None:
    found = user_files({CONFIG: text})
    assert isinstance(found[ANN]["credentials"][CONFIG]["secrets"], Hole)
    assert SECRET not in json.dumps(part(found))


def test_keys_of_ssh_that_are_usual_or_named_in_the_configuration() -> None:
    told = {SSH: openssh(), f"{ANN}/.ssh/id_rsa": openssh(b"aes256-ctr"), f"{ANN}/.ssh/other": openssh(), f"{ANN}/.ssh/id_rsa.pub": "ssh-rsa AAAA"}
    assert user_files(told)[ANN]["ssh_keys"] == {SSH: {"protection": "none"}, f"{ANN}/.ssh/id_rsa": {"protection": "passphrase"}}
    config = "IdentityFile ~/.ssh/other\nIdentityFile ~/key.pem\nIdentityFile ~/gone/key\nIdentityFile ~/.ssh/id_rsa.pub\n"
    found = user_files({**told, f"{ANN}/.ssh/config": config, f"{ANN}/key.pem": openssh(kind=b"sk-ssh-ed25519@openssh.com")})[ANN]["ssh_keys"]
    assert found[f"{ANN}/.ssh/other"] == {"protection": "none"} and found[f"{ANN}/key.pem"] == {"protection": "hardware"} and len(found) == 4


def test_more_keys_of_ssh_than_are_looked_at_leave_open_whether_there_are_others() -> None:
    lines = [f"IdentityFile ~/{number}\n" for number in range(IDENTITY_FILES + 1)]
    few, many = (user_files({SSH: openssh(), f"{ANN}/.ssh/config": "".join(named)})[ANN]["ssh_keys"] for named in (lines[1:], lines))
    assert set(few) == set(many) == {SSH}
    assert isinstance(many, OpenObject) and not isinstance(few, OpenObject)


def test_a_key_of_ssh_that_is_not_known_is_a_hole_of_its_own() -> None:
    found = user_files({SSH: openssh(cut=20), f"{ANN}/.ssh/id_rsa": openssh(), f"{ANN}/.ssh/config": "x" * (300 << 10)})[ANN]["ssh_keys"]
    assert isinstance(found, OpenObject) and isinstance(found[SSH], Hole) and found[f"{ANN}/.ssh/id_rsa"] == {"protection": "none"}
    assert isinstance(user_files({SSH: openssh()}, stats={SSH: file(1001)})[ANN]["ssh_keys"][SSH], Hole)
    link = user_files({"/srv/keys/id_rsa": openssh()}, links={f"{ANN}/.ssh": "/srv/keys"}, stats={"/srv/keys": folder(1000)})
    assert isinstance(link[ANN]["ssh_keys"][f"{ANN}/.ssh"], Hole)


def test_plugins_of_the_docker_command() -> None:
    found = user_files({f"{ANN}/.docker/cli-plugins/docker-x": ""}, stats={f"{ANN}/.docker/cli-plugins": folder(1000, 0o777)})
    assert found[ANN]["commands"][f"{ANN}/.docker/cli-plugins"]["mode"] == "0777"


def test_a_link_counts_as_what_it_leads_to_where_that_is_the_users_too() -> None:
    found = user_files({f"{ANN}/dotfiles/config.json": LOGIN}, links={CONFIG: f"{ANN}/dotfiles/config.json"})[ANN]
    assert found["credentials"][CONFIG]["realpath"] == f"{ANN}/dotfiles/config.json"
    assert isinstance(found["credentials"][CONFIG]["secrets"], Hole)


def test_a_link_to_what_is_anothers_is_a_hole_of_that_home_alone() -> None:
    found = user_files({"/home/bob/.docker/config.json": LOGIN}, links={CONFIG: "/home/bob/.docker/config.json"})
    assert isinstance(found[ANN]["credentials"][CONFIG], Hole)
    assert not isinstance(found[ANN]["credentials"], OpenObject) and not isinstance(found["/home/bob"]["credentials"], OpenObject)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        (".docker", {"keys", "credentials", "commands"}),
        (".docker/contexts/tls", {"keys"}),
        (".config/containers", {"credentials"}),
        (".docker/cli-plugins", {"commands"}),
    ],
)
def test_a_link_for_a_directory_is_a_hole_of_that_path_alone(name: str, kinds: set[str]) -> None:
    path = f"{ANN}/{name}"
    found = user_files(links={path: "/root"})[ANN]
    assert {kind for kind in KINDS if any(isinstance(entry, Hole) and at.startswith(path) for at, entry in found[kind].items())} == kinds
    assert not any(isinstance(found[kind], OpenObject) for kind in KINDS)


@pytest.mark.parametrize("point", [ANN, f"{ANN}/.docker"])
def test_what_a_user_mounts_is_a_hole_of_that_path_alone(point: str) -> None:
    files = {CONFIG: LOGIN, "/home/bob/.docker/config.json": LOGIN, "/proc/self/mountinfo": f"{TABLE}30 27 0:40 / {point} rw - fuse.x x rw\n"}
    alive = Process(pid=70, ppid=1, name="sh", uids=(1000,) * 4, gids=(1000,) * 4, groups=(), cap_effective=0, host_mounts=True)
    told = facts("user", host(files, processes=[alive]))["homes"]
    assert not isinstance(told, OpenObject) and told["/home/bob"]["credentials"]["/home/bob/.docker/config.json"]["secrets"] is True
    hidden = [kind for kind in KINDS if point == ANN.strip("/") or kind != "ssh_keys"]
    assert all(told[ANN][kind] and all(isinstance(entry, Hole) for entry in told[ANN][kind].values()) for kind in hidden)
    assert not any(isinstance(told[ANN][kind], OpenObject) for kind in KINDS)


def test_a_home_that_is_anothers_is_not_known() -> None:
    assert isinstance(user_files({CONFIG: LOGIN}, stats={ANN: folder(1001, 0o755)})[ANN], Hole)


def test_very_many_contexts_are_a_hole() -> None:
    many = {f"{ANN}/.docker/contexts/tls/{number}/docker/key.pem": "" for number in range(bounds.CLIENT_FILES_OF_A_USER + 1)}
    found = user_files({**many, CONFIG: LOGIN})[ANN]
    folder = f"{ANN}/.docker/contexts/tls"
    assert list(found["keys"]) == [folder] and isinstance(found["keys"][folder], Hole) and CONFIG in found["credentials"]


def test_who_may_not_look_into_homes_does_not_know_them() -> None:
    found = facts("user", host({"/home/ann": PermissionError(13, "no")}, caps=0))["homes"]
    assert isinstance(found, OpenObject) and not found
    found = facts("user", host({f"{ANN}/.docker": PermissionError(13, "no")}))["homes"]
    assert all(isinstance(found[ANN][kind], OpenObject) for kind in ("keys", "credentials", "commands"))


class TestUserFiles(ProbeContract):
    probe = PROBES[1]
    hosts: ClassVar[Any] = {
        "much": host({CONFIG: LOGIN, CONTEXT: "", f"{ANN}/.docker/cli-plugins/docker-x": "", "/home/bob/.config/containers/auth.json": LOGIN}),
        "keys of ssh": host({SSH: openssh(), f"{ANN}/.ssh/config": "IdentityFile ~/key.pem", f"{ANN}/key.pem": openssh(b"aes256-ctr")}),
        "a link": host({f"{ANN}/x.json": LOGIN}, links={CONFIG: f"{ANN}/x.json"}),
        "nothing": host(),
    }
