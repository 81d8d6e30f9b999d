"""Containers that the kernel shows, on hosts in memory: which process belongs to which, and what it shows."""

from typing import Any

import pytest
from containers.container_host import ident
from containers.process_host import ALL, DOCKER_DIR, MASKED, MOUNTS, PROC, joined, line, one, process_facts, running
from engines.engine_host import host

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.host.record import Recorder
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.containers import inside_processes, probe_container_processes

WEB = "docker:010101010101"


def test_nothing_runs_in_a_container() -> None:
    told = process_facts()
    assert told == {} and not isinstance(told, OpenObject)


def test_a_container_that_has_nothing() -> None:
    assert process_facts(running(70)) == {
        WEB: {
            "id": ident(1),
            "first": {"pid": 70, "uid": 65534, "all_ids": True},
            "namespaces": {"pid": "private", "net": "private", "cgroup": "private", "ipc": "private", "uts": "private", "user": "host"},
            "capabilities": {"bounding": [], "all": False, "stronger": {}},
            "filter": True,
            "no_new_privileges": True,
            "mounts": {},
            "hidden": ["/proc/sys"],
            "sysfs_writable": False,
            "programs": [],
            "given": UNFOUND,
        }
    }


UNFOUND = Hole(why=Why.UNSUPPORTED, message="no file of a runtime tells of it at the usual places")


def test_a_privileged_container() -> None:
    told = one(running(70, mounts="", sys="rw", CapBnd=ALL, Seccomp=0, NoNewPrivs=0, Uid="0 0 0 0"))
    assert (told["capabilities"]["all"], told["filter"], told["no_new_privileges"], told["hidden"], told["sysfs_writable"]) == (True, False, False, [], True)
    assert told["first"] == {"pid": 70, "uid": 0, "all_ids": True} and "SYS_ADMIN" in told["capabilities"]["bounding"]


def test_namespaces_of_the_hosts() -> None:
    told = one(running(70, shares="net ipc uts cgroup", NSpid="70", maps="0 1000 1\n1 100000 65536\n"))["namespaces"]
    assert told == {"pid": "host", "net": "host", "cgroup": "host", "ipc": "host", "uts": "host", "user": "private"}


def test_a_process_that_is_stronger_than_the_first() -> None:
    """As docker exec --privileged makes it, also as a user who has none of them yet; the first is the one that began first, whatever its number."""
    first, other = running(90, CapBnd=1), running(70, NSpid="70 9", CapBnd=1 | 1 << 21, Name="sshd")
    told = one(first, other)
    assert told["first"]["pid"] == 90 and told["programs"] == ["sshd"]
    assert told["capabilities"]["bounding"] == ["CHOWN"] and told["capabilities"]["stronger"] == {"70": {"capabilities": ["SYS_ADMIN"]}}


def test_a_process_in_a_user_namespace_of_its_own_has_all_there_and_is_no_stronger() -> None:
    """As a browser, or a container without root in the container, makes it for itself."""
    made = running(71, NSpid="71 9", CapBnd=ALL, CapEff=ALL, CapPrm=ALL, user="user:[9]")
    assert one(running(70), made)["capabilities"]["stronger"] == {}
    hidden = {"links": {}, "files": {"/proc/71/ns/user": PermissionError(13, "no")}}
    stronger = one(running(70), {key: {name: value for name, value in made[key].items() if name != "/proc/71/ns/user"} for key in made}, hidden)
    assert stronger["capabilities"]["stronger"]["71"].why is Why.DENIED
    own = one(running(70, maps="0 1000 1\n1 100000 65536\n"))["first"]
    assert own["all_ids"] is False and own["mapped"] == dict.fromkeys(("gids", "uids"), [[1000, 1], [100000, 65536]])
    assert "mapped" not in one(running(70))["first"]


@pytest.mark.parametrize("own", [{"NSpid": "91 1"}, {"NSpid": "91"}, {}])
def test_which_process_is_the_first(own: dict[str, str]) -> None:
    """Where nobody has number 1 in the namespace of all, who began first: a process can make namespaces of its own in which it has that number."""
    told = one(running(90, NSpid="90", started=10), running(91, started=20, **own), running(70, NSpid="70", started=30))
    assert told["first"]["pid"] == 90 and told["namespaces"]["pid"] == "host"


def test_what_it_has_of_the_host() -> None:
    mounts = MASKED + line(104, "/etc", "/host-etc", "ro") + line(105, "/docker.sock", "/s", "ro", "0:31", "tmpfs") + line(106, "/srv", "/data")
    assert one(running(70, mounts=mounts))["mounts"] == {
        "/data": {"real": "/srv", "writable": True},
        "/host-etc": {"real": "/etc", "writable": False},
        "/s": {"real": "/run/docker.sock", "writable": False},
    }


@pytest.mark.parametrize(
    "group", [f"/user.slice/user-1000.slice/docker-{ident(1)}.scope", "/system.slice/cron.service", f"/system.slice/libpod-conmon-{ident(1)}.scope"]
)
def test_what_is_no_container_of_roots(group: str) -> None:
    assert process_facts(running(70, group=group)) == {}


@pytest.mark.parametrize("whose", [Stat(type="dir", uid=1000, gid=0, mode=0o755), Stat(type="dir", uid=0, gid=0, mode=0o777)])
def test_a_group_that_others_can_make_is_none_of_roots(whose: Stat) -> None:
    assert process_facts(joined(running(70), {"stats": {DOCKER_DIR: whose}})) == {}


def test_whose_a_group_is_may_not_be_known() -> None:
    told = process_facts(running(70), {"files": {"/proc/self/mountinfo": "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"}})
    assert told[WEB].why is Why.UNSUPPORTED


def test_what_has_ended_and_is_not_waited_for_is_no_container() -> None:
    """Where there are hierarchies of version 1, such a process keeps its group of version 2 alone, so that it is not in the group of the others."""
    told = process_facts(running(70), running(71, number=2, State="Z (zombie)"))
    assert set(told) == {WEB} and not isinstance(told, OpenObject)


def test_a_scanner_in_a_container_leaves_its_own_out_and_takes_process_1_for_the_host() -> None:
    """As where somebody scans from a container that has the processes of the host."""
    inside = {"files": {"/proc/self/cgroup": f"0::/docker/{ident(1)}\n"}, "stats": {"/proc/1/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=8)}}
    other = running(71, 2, shares="net uts")
    other["stats"]["/proc/71/net/unix"] = inside["stats"]["/proc/1/net/unix"]
    told = process_facts(inside, running(70), other)
    assert set(told) == {"docker:020202020202"}
    assert told["docker:020202020202"]["namespaces"]["net"] == "host" and told["docker:020202020202"]["namespaces"]["uts"].why is Why.DENIED


def test_a_virtual_machine_on_the_host_is_not_what_runs_in_it() -> None:
    """Its processes have whatever the host has."""
    told = process_facts(joined(running(70, CapBnd=ALL, Seccomp=0), {"files": {"/proc/70/mountinfo": MOUNTS}}))
    assert told[WEB] == probe_container_processes.ON_HOST


@pytest.mark.parametrize(
    ("part", "why"), [({"links": {"/proc/self/ns/pid": "pid:[9]"}}, Why.UNSUPPORTED), ({"files": {"/proc/1/cgroup": PermissionError(13, "no")}}, Why.DENIED)]
)
def test_where_processes_are_hidden_there_may_be_more(part: dict[str, Any], why: Why) -> None:
    told = process_facts(part)
    assert (told if isinstance(told, Hole) else told.hole).why is why


def test_a_container_that_ends_while_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_container_processes, "_is_in", lambda *_: False)
    assert process_facts(running(70)) == {}


def test_a_first_process_that_another_replaces(monkeypatch: pytest.MonkeyPatch) -> None:
    began = iter((1, 2))
    monkeypatch.setattr(inside_processes, "started", lambda *_: next(began))
    assert process_facts(running(70))[WEB].why is Why.LIMIT


@pytest.mark.parametrize(
    ("name", "uptime", "why"),
    [
        ("runc:[2:INIT]", "12.00 9.00\n", Why.LIMIT),
        ("crun", "12.00 9.00\n", Why.LIMIT),
        ("runc:[2:INIT]", "60.00 9.00\n", None),
        ("sleep", "12.00 9.00\n", None),
        ("runc:[2:INIT]", "\n", Why.NONSENSE),
    ],
)
def test_a_process_that_is_still_the_runtimes_says_nothing_of_the_container(name: str, uptime: str, why: Why | None) -> None:
    """It has all capabilities until just before it becomes the container's program; whoever takes its name later hides nothing by that."""
    told = process_facts(running(70, Name=name, CapBnd=(1 << 41) - 1), {"files": {"/proc/uptime": uptime}})[WEB]
    assert (told.why if isinstance(told, Hole) else None) is why and (why is not None or told["capabilities"]["all"])


def test_more_than_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_container_processes, "MANY", 1)
    told = process_facts(running(70), running(71, 2))
    assert set(told) == {WEB} and told.hole.why is Why.LIMIT
    monkeypatch.setattr(probe_container_processes, "EACH", 1)
    told = one(running(70), running(71))
    assert told["capabilities"]["stronger"].hole.why is Why.LIMIT and told["programs"].hole.why is Why.LIMIT
    assert one(running(70, NSpid="70 9"), running(71)).why is Why.LIMIT


def test_how_many_others_have_leaves_some_of_each_to_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_container_processes, "ALL", 3)
    monkeypatch.setattr(probe_container_processes, "AT_LEAST", 1)
    told = process_facts(*(running(pid) for pid in (70, 71, 72, 73)), running(80, 2), running(90, 3), running(91, 3))
    opened = {key: isinstance(found["capabilities"]["stronger"], OpenObject) for key, found in told.items()}
    assert opened == {WEB: True, "docker:020202020202": False, "docker:030303030303": True}


def questions(containers: int) -> int:
    crowd = [
        running(100 + number, number, mounts=MASKED + "".join(line(110 + at, f"/srv/{at}", f"/d{at}") for at in range(10))) for number in range(containers)
    ]
    asked = Recorder(host(**joined(PROC, *crowd)))
    assert len(stated(probe_container_processes.collect, asked)["containers"]) == containers
    return len(asked.sources)


def test_each_container_costs_as_much_as_another() -> None:
    """However many mounts it has, it is asked the same few things."""
    assert questions(40) - questions(20) == questions(60) - questions(40) <= 20 * 12


def test_two_ids_that_begin_alike() -> None:
    group = f"/docker/{ident(1)[:-1]}f"
    assert set(process_facts(running(70), running(71, group=group))) == {WEB, f"docker:{ident(1)[:-1]}f"}


def test_what_a_container_calls_itself_is_not_stated() -> None:
    told = process_facts(running(70, Name="hunter2-canary", mounts=MASKED + line(104, "/etc", "/hunter2\\040canary")))
    assert "hunter2" not in repr(told) and [mount["real"] for mount in told[WEB]["mounts"].values()] == ["/etc"]


def secrets(*parts: dict[str, Any], **more: Any) -> Any:
    made = joined(PROC, *parts, {"files": {"/etc/shadow": ""}})
    return stated(probe_container_processes.collect, host(**{**made, **more}))["secrets"]


def test_what_others_than_root_may_read_is_stated_with_its_modes() -> None:
    mounted = MASKED + line(104, "/etc", "/e")
    assert "/etc/shadow" in secrets(running(70, mounts=mounted))
    assert secrets(running(70, mounts=mounted, Uid="0 0 0 0")) == {} == secrets(running(70, mounts=MASKED + line(104, "/srv", "/e")))
    unknown = secrets(running(70), {"files": {"/proc/70/mountinfo": "nonsense"}})
    assert unknown == {} and isinstance(unknown, OpenObject)


def test_a_kernel_without_control_groups_has_no_containers() -> None:
    for part in ({"/proc/self/status": "Name:\tx\n"}, {"/System/Library/CoreServices/SystemVersion.plist": ""}):
        told = stated(probe_container_processes.collect, MemoryHost(part))["containers"]
        assert told == {} and not isinstance(told, OpenObject)
    assert stated(probe_container_processes.collect, MemoryHost({}))["containers"].why is Why.UNSUPPORTED


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"/proc/70/status": "Name:\tx\n"}, Why.NONSENSE),
        ({"/proc/70/status": PermissionError(13, "no")}, Why.DENIED),
        ({"/proc/70/status": "Groups:\t" + "100 " * 10_000 + "\n"}, Why.LIMIT),
        ({"/proc/70/stat": "70 (x)"}, Why.NONSENSE),
        ({"/proc/70/stat": "70 (x) S\n"}, Why.NONSENSE),
    ],
)
def test_a_process_that_is_not_told_of(part: dict[str, Any], why: Why) -> None:
    assert process_facts(running(70), {"files": part})[WEB].why is why


@pytest.mark.laws
def test_denying_any_answer_only_makes_holes() -> None:
    busy = joined(PROC, running(70, mounts=MASKED + line(104, "/etc", "/e")), running(71, CapBnd=ALL), running(80, 2, shares="net ipc", CapBnd=ALL))
    assert list(denials(probe_container_processes.collect, host(**busy))) == []
    assert set(stated(probe_container_processes.collect, host(**busy))["containers"]) == {WEB, "docker:020202020202"}
