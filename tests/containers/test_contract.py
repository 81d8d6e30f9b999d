"""The contract of the probe and of the analysis, on hosts in memory; recordings of real hosts are tried in tests/recorded."""

import json
from functools import cached_property
from typing import Any

import pytest
from containers.container_host import DOCKERS, PODMAN, PODMANS, answers, bind, facts, ident, inspected
from containers.escape_facts import NO_PROGRAMS
from containers.process_host import ALL, MASKED, PROC, joined, line, process_facts, running, spec
from containers.process_host import bind as bound
from containers.test_monitors import COMMAND, MONITOR
from containers.user_container_host import BOBS, BOTH, HOMES, theirs
from engines.engine_host import ANNS, DOCKER, HOST_NET, docker, host, owned, podman
from engines.engine_host import facts as engine_facts
from host import server

from hostcheck import registry
from hostcheck.benchmark import Rule
from hostcheck.host.answers import Stat
from hostcheck.model import incomplete
from hostcheck.parting import part, unite
from hostcheck.testing import AnalysisContract, FindingsContract, ProbeContract
from hostcheck.testing.analyses import DENIED
from hostcheck.testing.probes import stated
from hostcheck.testing.shipped import shipped_analyses, shipped_probes
from hostcheck.view import View
from hostcheck_builtin.containers import ANALYSES, PROBES
from hostcheck_builtin.containers.state_files import STORES
from hostcheck_builtin.sockets import probe_sockets

LINKS = {**DOCKERS["links"], "/var/run": "/run"}
EVERY = inspected(
    1,
    Mounts=[bind("/var/run/docker.sock"), bind("/etc", "/y"), bind("/proc", "/z"), bind("/srv", "/s", propagation="shared")],
    CapAdd=["ALL"],
    Devices=[{"PathOnHost": "/dev/vda", "PathInContainer": "/dev/vda", "CgroupPermissions": "rwm"}],
    DeviceCgroupRules=["b *:* rwm"],
    Ports={"80/tcp": [{"HostIp": "", "HostPort": "80"}]},
    SecurityOpt=["seccomp=unconfined", "label=disable"],
    Env=["A_TOKEN=x"],
    RestartPolicy={"Name": "always", "MaximumRetryCount": 0},
    CpuShares=512,
    Memory=5,
    PidsLimit=5,
    AppArmorProfile="docker-default",
    Image=f"app@sha256:{ident(9)}",
    Healthy=True,
    ReadonlyRootfs=True,
)
PRIVILEGED = inspected(2, "db", Privileged=True, MaskedPaths=None, ReadonlyPaths=None, UsernsMode="host", State="exited")


@pytest.mark.laws
class TestContainers(ProbeContract):
    probe = PROBES[0]
    hosts = {
        "docker": host(**{**DOCKERS, "links": LINKS}, files={"/etc/x": "", "/srv/x": ""}, answers={DOCKER: answers(EVERY, PRIVILEGED)}),
        "podman": host(
            **{**PODMANS, "processes": (*PODMANS["processes"], MONITOR)},
            files={"/proc/8/cmdline": COMMAND, "/proc/8/loginuid": "1000"},
            answers={PODMAN: answers(inspected(1, engine="podman", ConmonPid=8), engine="podman")},
        ),
        "no engine": host(),
    }


USERS: dict[str, Any] = {
    **BOTH,
    "maps": {800: "         0       1001          1\n         1     200000      65536\n"},
    "networks": {800: HOST_NET},
    "stats": {**BOTH["stats"], **HOMES, "/home/ann/.ssh": owned("dir", 1000), "/home/bob/.bashrc": owned("file", 1001)},
    "answers": {
        ANNS: {
            **docker("docker-rootless-slirp4netns", 1000),
            **theirs(
                1000,
                inspected(1, Mounts=[bind("/home/ann/.ssh"), bind(ANNS, "/s"), bind("/srv", "/y")], CapAdd=["ALL"], SecurityOpt=["seccomp=unconfined"]),
                inspected(2, "db", Privileged=True, MaskedPaths=None, ReadonlyPaths=None, NetworkMode="host", PidMode="host", IpcMode="host"),
            ),
        },
        BOBS: {
            **podman("podman-rootless", 1001),
            **theirs(1001, inspected(3, engine="podman", Mounts=[bind("/home/bob", writable=False), bind("/run/user/1001", "/r")]), engine="podman"),
        },
    },
}


@pytest.mark.laws
class TestUserContainers(ProbeContract):
    probe = PROBES[2]
    hosts = {"two users": host(**USERS), "no engine": host()}


RUNS = (
    running(70, mounts=MASKED + line(104, "/etc", "/e") + line(105, "/docker.sock", "/s", "ro", "0:31", "tmpfs"), shares="net ipc uts"),
    running(71, CapBnd=ALL, Name="sshd"),
    running(80, 3, mounts="", sys="rw", CapBnd=ALL, Seccomp=0, NoNewPrivs=0, Uid="0 0 0 0"),
    running(90, 9, mounts="", CapBnd=1 << 21, Seccomp=0, NSpid="90"),
    running(95, 8),
    running(98, group=f"/machine.slice/libpod-{ident(7)}.scope", CapBnd=1 << 16, mounts=MASKED + line(110, "/etc", "/e") + line(111, "/srv", "/d")),
    {
        "files": {
            f"{STORES[3]}/{ident(7)}/userdata/config.json": json.dumps(
                spec(
                    mounts=[bound("/etc", "/e"), bound("/srv", "/d", "rshared")], process={"user": {"uid": 0}, "capabilities": {"bounding": ["CAP_SYS_ADMIN"]}}
                )
            ),
            "/etc/x": "",
            "/srv/x": "",
        },
        "stats": {"/sys/fs/cgroup/machine.slice": Stat(type="dir", uid=0, gid=0, mode=0o755)},
    },
)


def test_each_of_them_is_looked_at() -> None:
    found = process_facts(*RUNS)
    assert len(found) == 5 and all(isinstance(one, dict) for one in found.values())
    assert [key for key, one in found.items() if isinstance(one["given"], dict)] == ["podman:070707070707"]


@pytest.mark.laws
class TestContainerProcesses(ProbeContract):
    probe = PROBES[1]
    hosts = {"containers": host(**joined(PROC, *RUNS)), "none": host(**PROC)}


PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/srv:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"


def document(*containers: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {**DOCKERS, "links": LINKS, "files": {"/etc/x": "", "/srv/x": ""}}
    engines = engine_facts(**given, answers={DOCKER: docker()})
    sockets = stated(probe_sockets.collect, host(**given))
    return {
        "container-processes": {"containers": process_facts(*RUNS)},
        "containers": facts(*containers, links=LINKS, files=given["files"]),
        "engine-scope": {
            "sockets": {DOCKER: {"scope": "rootful", "engine": "docker", "running": True}},
            **dict.fromkeys(("user_sockets", "users", "rootless_users"), {}),
            "rootful_docker": [DOCKER],
        },
        "engine-files": stated(shipped_probes()["engine-files"].collect, host(**given)),
        "kernel": stated(shipped_probes()["kernel"].collect, host(**KERNEL)),
        "kubeconfigs": {"node": True, "kubeadm": False, "roots": {}, "homes": {}, "keys": {}, "static_pods": {}},
        "engines": engines,
        "host": server.facts(),
        "root-programs": {**NO_PROGRAMS, "open_accounts": {}, "sockets": {}, "su": {"runs": True, "services": {}}, "users": {}},
        "sockets": sockets,
        "principals": stated(shipped_probes()["principals"].collect, host(**{**given, "files": {**given["files"], "/etc/passwd": PASSWD}})),
        "user-containers": {"users": {}},
        "user-engines": {"programs": {}, "sockets": {}},
        "user-sockets": {"sockets": {}},
    }


def of_a_user(no_new_privileges: str, user: str = "7:7") -> dict[str, Any]:
    """Return the facts of a container that runs as a user who is not root, and that has what leads to the host."""
    mounts = [bind("/run/docker.sock", "/s"), bind("/etc", "/e"), bind("/", "/r", writable=False), bind("/proc", "/p"), bind("/home", "/h")]
    told = document(inspected(1, User=user, Mounts=mounts, CapAdd=["SYS_ADMIN"], SecurityOpt=[f"no-new-privileges:{no_new_privileges}"], Runtime="kata"))
    runs = joined(PROC, running(70, mounts=MASKED + line(104, "/", "/r", "ro"), Uid="7 7 7 7"))
    told["container-processes"] = stated(PROBES[1].collect, host(**joined(runs, {"files": {"/etc/shadow": ""}})))
    rights = {"dac_override": False, "dac_read_search": False, "powers": [], "user_mounts": False, "host_mounts": False, "host_paths": [], "pids": [70]}
    seen = {"count": 1, "pids": [70], "host_paths": ["/"], "traceable": True}
    told["principals"]["processes"] = {
        "7:7:999": {"uids": [7] * 4, "gids": [7] * 4, "groups": [999], "count": 0, "containers": {f"docker:{ident(1)[:12]}": seen}, **rights}
    }
    return told


LABELLED = inspected(1, Mounts=[bind("/run/docker.sock", "/s"), bind("/etc", "/e")], ProcessLabel="system_u:system_r:container_t:s0:c1,c2")
WHOLE = {**DOCKERS, "links": LINKS, "files": {"/etc/x": "", "/srv/x": ""}}
KERNEL = {**WHOLE, "files": {"/sys/module/apparmor/parameters/enabled": "Y\n", "/proc/filesystems": "nodev\tproc\n"}}
ENFORCING = {**WHOLE, "files": {"/proc/filesystems": "nodev\tproc\nnodev\tselinuxfs\n", "/sys/fs/selinux/enforce": "1"}}


ASKED = (
    *(
        "container-processes",
        "containers",
        "engine-files",
        "engines",
        "group-grants",
        "host",
        "kernel",
        "kubeconfigs",
        "nss",
        "principals",
        "root-programs",
        "sockets",
    ),
    *("user-clients", "user-containers", "user-engines", "user-sockets"),
)


def hosts_of_a_user(no_new_privileges: str) -> dict[str, Any]:
    """Return what probes see of a container that runs as a user who is not root."""
    mounts = [bind("/run/docker.sock", "/s"), bind("/etc", "/e"), bind("/root", "/r", writable=False), bind("/proc", "/p")]
    one = inspected(1, User="7:7", Mounts=mounts, CapAdd=["SYS_PTRACE"], SecurityOpt=[f"no-new-privileges:{no_new_privileges}"], Runtime="runsc")
    runs = joined(PROC, running(70, mounts=MASKED + line(104, "/etc", "/e") + line(105, "/root", "/r", "ro"), Uid="7 7 7 7"), {"files": {"/etc/shadow": ""}})
    others = ("engine-files", "engines", "host", "kubeconfigs", "principals", "root-programs", "sockets")
    return {
        "container-processes": host(**runs),
        "kernel": host(**KERNEL),
        "containers": host(**WHOLE, answers={DOCKER: answers(one)}),
        **dict.fromkeys(others, host(**WHOLE)),
    }


@pytest.mark.laws
class TestFindings(FindingsContract):
    path = registry.load().benchmarks[0]
    profile = "level2"
    hosts = {
        "every way": {
            "container-processes": host(**joined(PROC, *RUNS)),
            "containers": host(**WHOLE, answers={DOCKER: answers(EVERY, PRIVILEGED, inspected(3, "joins", PidMode=f"container:{ident(1)}"))}),
            "engines": host(**WHOLE, answers={DOCKER: docker()}),
            **dict.fromkeys(("host", "root-programs", "sockets"), host(**WHOLE)),
            "kernel": host(**KERNEL),
        },
        **{f"a user, no-new-privileges {allowed}": hosts_of_a_user(allowed) for allowed in ("true", "false")},
        "a label of SELinux": {
            "container-processes": host(**joined(PROC, *RUNS)),
            "containers": host(**WHOLE, answers={DOCKER: answers(LABELLED)}),
            "engines": host(**WHOLE, answers={DOCKER: docker()}),
            "kernel": host(**ENFORCING),
            **dict.fromkeys(("host", "root-programs", "sockets"), host(**WHOLE)),
        },
        "users": dict.fromkeys(ASKED, host(**USERS)),
    }

    @cached_property
    def rules(self) -> list[Rule]:
        """Judge by the rules of this domain alone."""
        return [rule for rule in super().rules if rule.id.startswith(("HC-CTR", "HC-AUD-05"))]


def users_document() -> dict[str, Any]:
    """Return the facts of a host with two users, with what the analyses below this one make of them."""
    told = {name: stated(shipped_probes()[name].collect, host(**USERS)) for name in (*ASKED, "socket-units")}
    for name in ("socket-access", "engine-scope"):
        view = View({key: unite(*part(value), key) for key, value in told.items()})
        told[name] = unite(*part(shipped_analyses()[name].derive(view, {})), name)
    return {name: told[name] for name in ANALYSES[0].reads}


class TestContainerEscape(AnalysisContract):
    (analysis,) = ANALYSES
    documents = {
        "every way": document(EVERY, PRIVILEGED),
        "nothing": document(),
        "users": users_document(),
        "a user who becomes root": of_a_user("false"),
        "a user who does not": of_a_user("true"),
        "a user with a name": of_a_user("true", "node"),
        "as nobody": {
            **document(),
            "containers": {"containers": incomplete({}, DENIED)},
            "host": {**server.facts(), "scan": {**server.facts()["scan"], "euid": 65534}},
        },
    }
