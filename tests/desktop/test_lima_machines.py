"""The machines of Lima, Colima and Rancher Desktop: where their files are, which of them counts, and whether a process of their user runs them."""

from dataclasses import replace

import pytest
from desktop.home_host import ANN, GIVEN, LIMA, facts, process, shares

from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.system import home_dir


def test_colima_where_its_configuration_is() -> None:
    base = f"{ANN}/.config/colima"
    files = {
        f"{base}/_lima/colima/lima.yaml": LIMA,
        f"{base}/_lima/colima-work/lima.yaml": LIMA,
        f"{base}/_lima/_config/override.yaml": "mounts:\n- location: ~/x\n  writable: true\n",
    }
    sockets = [f"{base}/{name}" for name in ("docker.sock", "default/docker.sock", "default/containerd.sock", "work/docker.sock", "other/docker.sock")]
    told = facts(files, sockets=sockets)["1000"]["colima"]
    assert {name: set(one["sockets"]) for name, one in told.items()} == {"default": set(sockets[:3]), "work": {sockets[3]}}
    assert shares(told["work"]) == {**GIVEN, f"{ANN}/x": (True, "part")}
    assert told["work"]["evidence"] == [f"{base}/_lima/colima-work/lima.yaml"]


def test_rancher_desktop_whose_lima_is_elsewhere_has_shares_that_are_not_known() -> None:
    sock = f"{ANN}/.rd/docker.sock"
    told = facts({f"{ANN}/.rd/bin/rdctl": ""}, sockets=[sock])["1000"]["rancher-desktop"]
    assert list(told) == ["rancher-desktop"]
    one = told["rancher-desktop"]
    assert (one["evidence"], list(one["sockets"]), one["shares"].why) == ([f"{ANN}/.rd"], [sock], Why.UNSUPPORTED)


def test_what_else_is_in_a_directory_of_limas_is_no_machine() -> None:
    files = {f"{ANN}/.lima/{name}/lima.yaml": "mounts: []\n" for name in ("Xeno", "_disks", ".cache")}
    told = facts({**files, f"{ANN}/.lima/notes": "", f"{ANN}/.lima/empty/x": ""})["1000"]["lima"]
    assert list(told) == ["Xeno"] and "agent" not in told["Xeno"]


def test_as_many_machines_and_mounts_as_are_told() -> None:
    mounts = "mounts:\n" + "".join(f"- location: /srv/{index}\n" for index in range(home_dir.DIRECTORIES))
    files = {f"{ANN}/.lima/m{index:02}/lima.yaml": mounts for index in range(home_dir.EACH)}
    told = facts(files)["1000"]["lima"]
    assert len(told) == home_dir.EACH and not isinstance(told, OpenObject)
    assert len(told["m00"]["shares"]) == home_dir.DIRECTORIES and not isinstance(told["m00"]["shares"], OpenObject)
    assert isinstance(facts({**files, f"{ANN}/.lima/x/lima.yaml": ""})["1000"]["lima"], OpenObject)
    more = facts({f"{ANN}/.lima/a/lima.yaml": f"{mounts}- location: /srv/x\n"})["1000"]["lima"]["a"]["shares"]
    assert isinstance(more, Hole) and more.why is Why.LIMIT


def test_a_location_that_hangs_on_the_machine_is_not_known() -> None:
    for location in ("/srv/{{.Name}}", "{{.Dir}}/x", "~bob"):
        found = facts({f"{ANN}/.lima/a/lima.yaml": f"mounts:\n- location: '{location}'\n"})["1000"]["lima"]["a"]["shares"]
        assert isinstance(found, Hole) and found.why is Why.UNSUPPORTED


def test_defaults_and_overrides_of_lima_count() -> None:
    base = f"{ANN}/.lima"
    files = {
        f"{base}/a/lima.yaml": LIMA,
        f"{base}/_config/default.yaml": "mounts:\n- location: /srv\n  writable: true\n- location: /tmp/lima\n",
        f"{base}/_config/override.yaml": 'mounts:\n- location: "{{.Home}}"\n  writable: true\n',
        f"{base}/_disks/lima.yaml": "mounts: []\n",
        f"{base}/not-a-machine/x": "",
    }
    told = facts(files)["1000"]["lima"]
    assert list(told) == ["a"]
    assert shares(told["a"]) == {ANN: (True, "home"), "/srv": (True, "part"), "/tmp/lima": (True, "part")}
    files[f"{base}/a/lima.yaml"] = "mounts:\n- location: /srv\n- location: /tmp/lima\n  writable: true\n"
    files[f"{base}/_config/default.yaml"] = "mounts:\n- location: /srv\n  writable: true\n- location: /tmp/lima\n  writable: false\n"
    assert shares(facts(files)["1000"]["lima"]["a"]) == {ANN: (True, "home"), "/srv": (True, "part"), "/tmp/lima": (True, "part")}
    files[f"{base}/_config/default.yaml"] = "mounts: *x\n"
    found = facts(files)["1000"]["lima"]["a"]["shares"]
    assert isinstance(found, Hole) and found.why is Why.UNSUPPORTED


@pytest.mark.parametrize(
    ("uid", "exe", "running"),
    [
        (1000, "/usr/bin/limactl", True),
        (1000, "/opt/l/limactl.ventura (deleted)", True),
        (1000, "/usr/bin/limactl (deleted)", True),
        (1001, "/usr/bin/limactl", False),
        (1000, "/usr/bin/sleep", False),
    ],
)
def test_lima_runs_where_its_pidfile_names_its_users_process(uid: int, exe: str, running: bool) -> None:
    files = {f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", f"{ANN}/.lima/a/ha.pid": "77\n"}
    agent = facts(files, processes=[process(77, uid, exe=exe)])["1000"]["lima"]["a"]["agent"]
    assert agent == {"pid": 77, "running": running, "exe": exe}
    assert facts(files, processes=[])["1000"]["lima"]["a"]["agent"] == {"pid": 77, "running": False}
    setuid = replace(process(77, 1000, exe="/usr/bin/limactl"), uids=(1000, 0, 1000, 1000))
    assert facts(files, processes=[setuid])["1000"]["lima"]["a"]["agent"]["running"] is False
    first = {f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", f"{ANN}/.lima/a/ha.pid": "1"}
    assert facts(first, processes=[process(1, 0, exe="/sbin/init")])["1000"]["lima"]["a"]["agent"] == {"pid": 1, "running": False, "exe": "/sbin/init"}


@pytest.mark.parametrize("content", ["", "x", "-3", "0", "9" * 30, "7\n8", b"\xff"])
def test_a_pidfile_that_names_no_process(content: str | bytes) -> None:
    files = {f"{ANN}/.lima/a/lima.yaml": "mounts: []\n", f"{ANN}/.lima/a/ha.pid": content}
    assert isinstance(facts(files, processes=[])["1000"]["lima"]["a"]["agent"], Hole)


def test_two_profiles_that_colima_calls_alike_are_two() -> None:
    base = f"{ANN}/.colima/_lima"
    assert list(facts({f"{base}/{name}/lima.yaml": "mounts: []\n" for name in ("colima", "colima-default", "colima-work")})["1000"]["colima"]) == [
        "default",
        "default#2",
        "work",
    ]


def test_names_that_are_no_text_are_two_machines() -> None:
    bad, shown = "\udcff", "\\xff"
    files = {f"{ANN}/.lima/{name}/lima.yaml": "mounts: []\n" for name in (bad, shown)}
    assert len(facts(files)["1000"]["lima"]) == 2
