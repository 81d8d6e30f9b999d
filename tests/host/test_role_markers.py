"""What may tell what a host is there for: only what root alone can make counts."""

from dataclasses import replace

import pytest
from host.server import ANN, INIT, MOUNTINFO, PROCESSES, STATUS, facts, process

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject
from hostcheck.parting import part

WANTS = "/etc/systemd/system/multi-user.target.wants"
DISPLAY = "/etc/systemd/system/display-manager.service"
UNIT = {"present": True, "type": "file", "root_owned": True}


def test_signs_are_neutral_facts() -> None:
    signals = part(facts())[0]["signals"]
    assert signals["paths"]["/run/docker.sock"] == {"present": False}
    # gdm was removed, and its link is still there
    assert signals["enabled"] == {
        DISPLAY: {"root_owned": True, "unit": {"present": False}},
        f"{WANTS}/actions.runner.a.service": {"root_owned": True, "unit": UNIT},
    }
    assert signals["processes"]["kubelet"] == {"/usr/bin/kubelet": {"root_owned": True}}
    assert signals["processes"]["dockerd"] == {}


@pytest.mark.parametrize(
    ("link", "unit"),
    [
        (f"{WANTS}/k3s.service", "/etc/systemd/system/k3s.service"),
        (f"{WANTS}/snap.microk8s.daemon-kubelite.service", "/etc/systemd/system/snap.microk8s.daemon-kubelite.service"),
        (f"{WANTS}/buildkite-agent@1.service", "/usr/lib/systemd/system/buildkite-agent@.service"),
        ("/etc/systemd/system/sockets.target.wants/docker.socket", "/lib/systemd/system/docker.socket"),
        ("/usr/lib/systemd/system/multi-user.target.wants/kubelet.service", "/usr/lib/systemd/system/kubelet.service"),
        ("/etc/systemd/system/default.target.requires/ready.service", "/etc/systemd/system/ready.service"),
        ("/etc/systemd/user/default.target.wants/docker-desktop.service", "/usr/lib/systemd/user/docker-desktop.service"),
        ("/etc/runlevels/default/xdm", "/etc/init.d/xdm"),
    ],
)
def test_what_is_enabled_is_told_with_its_unit(link: str, unit: str) -> None:
    assert facts({unit: "[Service]"}, links={link: unit})["signals"]["enabled"][link] == {"root_owned": True, "unit": UNIT}
    assert facts(links={link: unit})["signals"]["enabled"][link] == {"root_owned": True, "unit": {"present": False}}
    theirs = {link.rpartition("/")[0]: Stat(type="dir", uid=1000, gid=1000, mode=0o755)}
    assert facts({unit: "[Service]"}, links={link: unit}, stats=theirs)["signals"]["enabled"][link]["root_owned"] is False


def test_units_that_are_there_and_not_enabled_are_no_signs() -> None:
    units = {f"/usr/lib/systemd/system/{name}.service": "[Service]" for name in ("kubelet", "docker", "gitlab-runner", "snap.multipass.multipassd")}
    assert facts(units)["signals"]["enabled"].keys() == facts()["signals"]["enabled"].keys()


def test_a_masked_unit_is_told_as_its_link() -> None:
    link = f"{WANTS}/kubelet.service"
    masked = {link: "/usr/lib/systemd/system/kubelet.service", "/etc/systemd/system/kubelet.service": "/dev/null"}
    told = facts({"/usr/lib/systemd/system/kubelet.service": "[Service]"}, links=masked)["signals"]["enabled"][link]
    assert told["unit"] == {"present": True, "type": "link", "root_owned": True, "target": "/dev/null"}
    display = facts(links={DISPLAY: "/dev/null"})["signals"]["enabled"][DISPLAY]
    assert display["unit"] == {"present": True, "type": "link", "root_owned": True, "target": "/dev/null"}


def test_a_directory_of_links_that_cannot_be_listed_leaves_the_others_open() -> None:
    enabled = facts({"/etc/systemd/system/sockets.target.wants": PermissionError(13, "denied")})["signals"]["enabled"]
    assert isinstance(enabled, OpenObject)
    assert f"{WANTS}/actions.runner.a.service" in enabled


def test_a_users_process_is_no_sign() -> None:
    fakes = [
        process(20, "k3s-server", ANN, exe="/home/ann/k3s"),
        # a setuid program that ann starts by a link called kubelite: her real uid, or at least her gid, stays
        process(21, "kubelite", (1000, 0, 0, 0), exe="/usr/bin/sudo"),
        replace(process(22, "dockerd", exe="/usr/bin/sudo"), gids=ANN),
    ]
    processes = facts(processes=[INIT, *fakes])["signals"]["processes"]
    assert all(processes[name] == {} and not isinstance(processes[name], OpenObject) for name in processes)


def test_a_process_in_other_mounts_or_without_a_program_is_no_sign() -> None:
    others = [process(20, "kubelet", exe="/usr/bin/kubelet", host_mounts=False), process(21, "dockerd"), process(22, "crio", exe="(unreachable)/crio")]
    processes = part(facts(processes=[INIT, *others])["signals"]["processes"])
    assert processes[0]["kubelet"] == processes[0]["dockerd"] == processes[0]["crio"] == {}
    assert processes[1] == []


def test_a_program_that_was_replaced_counts_as_its_path() -> None:
    processes = facts(processes=[INIT, process(9, "kubelet", exe="/usr/bin/kubelet (deleted)")])["signals"]["processes"]
    assert processes["kubelet"] == {"/usr/bin/kubelet": {"root_owned": True}}


def test_a_program_in_a_users_place_is_told_as_such() -> None:
    stats = {"/home/ann": Stat(type="dir", uid=1000, gid=1000, mode=0o755)}
    processes = facts(processes=[INIT, process(9, "kubelet", exe="/home/ann/kubelet")], stats=stats)["signals"]["processes"]
    assert processes["kubelet"] == {"/home/ann/kubelet": {"root_owned": False}}


def test_a_process_whose_mounts_are_not_known_leaves_its_name_open() -> None:
    processes = facts(processes=[INIT, process(9, "kubelet", exe="/usr/bin/kubelet", host_mounts=None)])["signals"]["processes"]
    assert isinstance(processes["kubelet"], OpenObject)
    assert processes["kubelet"] == {}
    assert not isinstance(processes["dockerd"], OpenObject)


def test_hidepid_leaves_every_name_open_but_for_who_may_trace() -> None:
    hidden = {"/proc/self/mountinfo": MOUNTINFO.replace("proc proc rw", "proc proc rw,hidepid=2")}
    as_ann = {**hidden, "/proc/self/status": STATUS.format(uid=1000, caps="0")}
    assert all(isinstance(one, OpenObject) for one in facts(as_ann)["signals"]["processes"].values())
    assert not any(isinstance(one, OpenObject) for one in facts(hidden)["signals"]["processes"].values())


def test_a_power_that_does_not_let_trace_shows_no_hidden_process() -> None:
    hidden = {"/proc/self/mountinfo": MOUNTINFO.replace("proc proc rw", "proc proc rw,hidepid=2"), "/proc/self/status": STATUS.format(uid=0, caps="200000")}
    assert facts(hidden)["scan"]["capabilities_effective"] == ["CAP_SYS_ADMIN"]
    assert all(isinstance(one, OpenObject) for one in facts(hidden)["signals"]["processes"].values())


def test_a_list_without_process_1_is_open() -> None:
    assert all(isinstance(one, OpenObject) for one in facts(processes=PROCESSES[1:])["signals"]["processes"].values())


def test_mounts_tell_guests_and_those_of_users_do_not() -> None:
    table = MOUNTINFO + "99 27 0:99 / /mnt/wsl rw - tmpfs none rw\n98 27 0:98 / /mnt/lima-cidata rw - fuse.x x rw\n"
    told = facts({"/proc/self/mountinfo": table})["signals"]["mounts"]
    assert told == {"/mnt/wsl": {"present": True, "fstype": "tmpfs"}, "/mnt/lima-cidata": {"present": False}}


@pytest.mark.parametrize("folder", ["/etc/containers/systemd", "/run/containers/systemd", "/usr/share/containers/systemd"])
def test_files_of_podmans_that_start_containers_are_told(folder: str) -> None:
    assert facts({f"{folder}/web.container": "[Container]"})["signals"]["quadlets"][folder] is True
    assert facts({f"{folder}/users/1000/web.container": "[Container]"})["signals"]["quadlets"][folder] is True
    for empty in (folder, f"{folder}/users"):
        assert facts(stats={empty: Stat(type="dir", uid=0, gid=0, mode=0o755)})["signals"]["quadlets"][folder] is False
    assert not any(facts()["signals"]["quadlets"].values())
    for denied in (folder, f"{folder}/users"):
        assert isinstance(facts({denied: PermissionError(13, "no")})["signals"]["quadlets"][folder], Hole)
