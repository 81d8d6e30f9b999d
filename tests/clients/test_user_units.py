"""Which engines a user's systemd starts, and for whom it runs without a session."""

import pytest
from clients.client_home import ANN, facts

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.clients import user_units


def test_units_and_who_lingers() -> None:
    units = [f"{ANN}/.config/systemd/user/default.target.wants/docker.service", "/etc/systemd/user/sockets.target.wants/podman.socket"]
    files = {**dict.fromkeys(units, ""), f"{ANN}/.config/systemd/user/default.target.wants/mail.service": "", "/var/lib/systemd/linger/ann": ""}
    told = facts(files, links={f"{ANN}/.config/systemd/user/sockets.target.wants/podman.socket": "/usr/lib/systemd/user/podman.socket"})
    assert (told["enabled"], told["lingering"]) == (["podman.socket"], ["ann"])
    assert told["users"]["1000"][ANN]["enabled"] == ["docker.service", "podman.socket"]
    assert told["users"]["1001"]["/home/bob"]["enabled"] == []


@pytest.mark.parametrize("target", user_units.TARGETS)
def test_a_link_below_any_target_enables_an_engine_and_one_below_another_does_not(target: str) -> None:
    assert user_units.of_all(MemoryHost({f"{user_units.OF_ALL}/{target}/docker.service": ""})) == ["docker.service"]
    assert user_units.of_all(MemoryHost({f"{user_units.OF_ALL}/{target.replace('wants', 'requires')}/docker.service": ""})) == []


@pytest.mark.parametrize("name", ["docker.timer", "docker", "xdocker.service", "crio.service", "docker@.service", ".service", "\udcff.service"])
def test_what_is_no_unit_of_an_engine_that_runs_without_root_is_none(name: str) -> None:
    assert user_units.of_all(MemoryHost({f"{user_units.OF_ALL}/default.target.wants/{name}": ""})) == []


def test_a_unit_of_two_targets_is_one() -> None:
    files = {f"{user_units.OF_ALL}/{target}/{name}": "" for target in user_units.TARGETS for name in ("podman.socket", "docker.service")}
    assert user_units.of_all(MemoryHost(files)) == ["docker.service", "podman.socket"]


def test_to_be_denied_a_directory_is_not_to_find_nothing_in_it() -> None:
    folder = f"{user_units.OF_ALL}/{user_units.TARGETS[0]}"
    for denied, read in ((folder, user_units.of_all), (user_units.LINGER, user_units.lingering)):
        with pytest.raises(PermissionError):
            read(MemoryHost({denied: PermissionError(13, "no")}))
        assert read(MemoryHost({})) == []
