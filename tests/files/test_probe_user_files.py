import json
from typing import Any, ClassVar

import pytest
from files.file_host import LOGIN, SECRET, facts, file, folder, host, user_files

from hostcheck.model import Hole, OpenObject
from hostcheck.parting import part
from hostcheck.testing import ProbeContract
from hostcheck_builtin.files import PROBES
from hostcheck_builtin.files.probe_user_files import CONTEXTS

ANN = "/home/ann"
CONFIG = f"{ANN}/.docker/config.json"
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


def test_plugins_of_the_docker_command() -> None:
    found = user_files({f"{ANN}/.docker/cli-plugins/docker-x": ""}, stats={f"{ANN}/.docker/cli-plugins": folder(1000, 0o777)})
    assert found[ANN]["commands"][f"{ANN}/.docker/cli-plugins"]["mode"] == "0777"


def test_a_link_counts_as_what_it_leads_to_where_that_is_the_users_too() -> None:
    found = user_files({f"{ANN}/dotfiles/config.json": LOGIN}, links={CONFIG: f"{ANN}/dotfiles/config.json"})[ANN]
    assert found["credentials"][CONFIG]["realpath"] == f"{ANN}/dotfiles/config.json"
    assert isinstance(found["credentials"][CONFIG]["secrets"], Hole)


def test_a_link_to_what_is_anothers_is_a_hole_of_that_home_alone() -> None:
    found = user_files({"/home/bob/.docker/config.json": LOGIN}, links={CONFIG: "/home/bob/.docker/config.json"})
    assert isinstance(found[ANN]["credentials"], OpenObject) and not found[ANN]["credentials"]
    assert not isinstance(found["/home/bob"]["credentials"], OpenObject)


def test_a_home_that_is_anothers_is_not_known() -> None:
    assert isinstance(user_files({CONFIG: LOGIN}, stats={ANN: folder(1001, 0o755)})[ANN], Hole)


def test_very_many_contexts_are_a_hole() -> None:
    many = {f"{ANN}/.docker/contexts/tls/{number}/docker/key.pem": "" for number in range(CONTEXTS + 1)}
    found = user_files({**many, CONFIG: LOGIN})[ANN]
    assert isinstance(found["keys"], OpenObject) and CONFIG in found["credentials"]


def test_who_may_not_look_into_homes_does_not_know_them() -> None:
    found = facts("user", host({"/home/ann": PermissionError(13, "no")}, caps=0))["homes"]
    assert isinstance(found, OpenObject) and not found
    found = facts("user", host({f"{ANN}/.docker": PermissionError(13, "no")}))["homes"]
    assert all(isinstance(found[ANN][kind], OpenObject) for kind in ("keys", "credentials", "commands"))


class TestUserFiles(ProbeContract):
    probe = PROBES[1]
    hosts: ClassVar[Any] = {
        "much": host({CONFIG: LOGIN, CONTEXT: "", f"{ANN}/.docker/cli-plugins/docker-x": "", "/home/bob/.config/containers/auth.json": LOGIN}),
        "a link": host({f"{ANN}/x.json": LOGIN}, links={CONFIG: f"{ANN}/x.json"}),
        "nothing": host(),
    }
