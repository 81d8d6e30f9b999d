"""Hosts on which users live side by side: each has laid some things of a list, in places of their own, where all may write, and behind what others run."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from contract.crowd import STATUS, TABLE
from contract.everything import KERNEL
from credentials.credential_host import kubeconfig

from hostcheck.host.answers import Answer, Peer, Process, Stat
from hostcheck.host.memory import MemoryHost

FIRST = 1001
CONTEXT = {"Name": "w", "Metadata": {}, "Endpoints": {"docker": {"Host": "tcp://192.0.2.1:2375", "SkipTLSVerify": True}}}


@dataclass(slots=True)
class Laid:
    """What stands on a host by now."""

    files: dict[str, str] = field(default_factory=dict)
    stats: dict[str, Stat] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    peers: dict[str, Peer] = field(default_factory=dict)
    answers: dict[str, Mapping[str, Answer]] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    lines: dict[str, str] = field(default_factory=dict)

    def file(self, uid: int, path: str, text: str, mode: int = 0o644) -> None:
        """Lay a file of a user's, and the directories to it below the first three names."""
        self.files[path], self.stats[path] = text, Stat(type="file", uid=uid, gid=uid, mode=mode)
        while (path := path.rpartition("/")[0]).count("/") >= 2 and path.split("/")[1] in ("home", "run"):
            self.stats.setdefault(path, Stat(type="dir", uid=uid, gid=uid, mode=0o755))

    def socket(self, uid: int, path: str, mode: int = 0o660) -> None:
        """Lay a socket at which an engine of a user's answers."""
        self.stats[path], self.peers[path] = Stat(type="socket", uid=uid, gid=uid, mode=mode), Peer(pid=5000 + uid, uid=uid, gid=uid)
        info = {"SecurityOptions": ["name=rootless"], "DockerRootDir": f"/home/u{uid}/docker"}
        bodies = {"/_ping": b"OK", "/info": json.dumps(info).encode(), "/version": b'{"Version": "27.0.1", "ApiVersion": "1.46"}'}
        self.answers[path] = {at: Answer(status=200, body=body, pid=5000 + uid, uid=uid, server="Docker/27.0.1 (linux)") for at, body in bodies.items()}

    def add(self, path: str, line: str) -> None:
        """Add a line to a file of root's."""
        self.lines[path] = self.lines.get(path, "") + line


Thing = Callable[[Laid, int], None]


def home(uid: int) -> str:
    return f"/home/u{uid}"


def profile(laid: Laid, uid: int) -> None:
    laid.file(uid, f"{home(uid)}/.profile", "export DOCKER_HOST=tcp://192.0.2.1:2375\n. ~/.more\n")


def context(laid: Laid, uid: int) -> None:
    laid.file(uid, f"{home(uid)}/.docker/config.json", json.dumps({"currentContext": "w", "auths": {"registry.example": {"auth": "eDp5"}}}))
    laid.file(uid, f"{home(uid)}/.docker/contexts/meta/50e721e49c013f00c62cf59f2163542a9d8df02464efeb615d31051b0fddc326/meta.json", json.dumps(CONTEXT))


def kubeconfigs(laid: Laid, uid: int) -> None:
    laid.file(uid, f"{home(uid)}/.kube/config", kubeconfig({"token": "x"}, "https://192.0.2.1:6443"), 0o644)


def engine(laid: Laid, uid: int) -> None:
    laid.stats[f"/run/user/{uid}"] = Stat(type="dir", uid=uid, gid=uid, mode=0o700)
    laid.socket(uid, f"/run/user/{uid}/docker.sock")
    laid.processes.append(process(5000 + uid, uid, "/usr/bin/dockerd"))


def setuid(laid: Laid, uid: int) -> None:
    laid.file(uid, f"{home(uid)}/bin/sh", "", 0o6755)


def keys(laid: Laid, uid: int) -> None:
    laid.file(uid, f"{home(uid)}/.ssh/authorized_keys", 'command="/usr/bin/docker" ssh-ed25519 AAAA x\n')


def crontab(laid: Laid, uid: int) -> None:
    laid.file(uid, f"/var/spool/cron/crontabs/u{uid}", f"* * * * * {home(uid)}/bin/job\n", 0o600)
    laid.file(uid, f"{home(uid)}/bin/job", "#!/bin/sh\n")


def roots_job(laid: Laid, uid: int) -> None:
    """Root runs a script of a user's, and after it one of its own."""
    laid.file(uid, f"{home(uid)}/roots.sh", "#!/bin/sh\n. /usr/local/lib/roots\n", 0o755)
    laid.add("/etc/crontab", f"5 * * * * root {home(uid)}/roots.sh; /usr/local/bin/after\n")


def neighbours_job(laid: Laid, uid: int) -> None:
    """The next user runs a script of this one's."""
    laid.file(uid, f"{home(uid)}/shared.sh", "#!/bin/sh\n", 0o755)
    laid.file(uid + 1, f"/var/spool/cron/crontabs/u{uid + 1}", f"* * * * * {home(uid)}/shared.sh\n", 0o600)


def in_tmp(laid: Laid, uid: int) -> None:
    laid.file(uid, f"/tmp/u{uid}.sh", "#!/bin/sh\n", 0o777)
    laid.add("/etc/cron.d/tmp", f"* * * * * root /tmp/u{uid}.sh\n")
    laid.socket(uid, f"/tmp/u{uid}.sock", 0o666)


def unit(laid: Laid, uid: int) -> None:
    laid.file(uid, f"{home(uid)}/unit.sh", "#!/bin/sh\n", 0o755)
    laid.lines[f"/etc/systemd/system/u{uid}.service"] = f"[Service]\nUser=root\nExecStart={home(uid)}/unit.sh\n[Install]\nWantedBy=multi-user.target\n"
    laid.file(uid, f"{home(uid)}/.config/systemd/user/x.service", "[Service]\nExecStart=/bin/true\n")


def link(laid: Laid, uid: int) -> None:
    laid.links[f"/home/u{uid}/data"] = "/srv"
    laid.stats[home(uid)] = Stat(type="dir", uid=uid, gid=uid, mode=0o755)


def podman(laid: Laid, uid: int) -> None:
    laid.file(uid, f"{home(uid)}/.config/containers/containers.conf", "[containers]\nprivileged = true\npids_limit = 0\n")
    laid.file(uid, f"{home(uid)}/.config/containers/registries.conf", '[[registry]]\nlocation = "r.example"\ninsecure = true\n')
    laid.file(uid, f"{home(uid)}/.local/share/containers/storage/overlay-containers/containers.json", "[]")


def rights(laid: Laid, uid: int) -> None:
    laid.add("/etc/subuid", f"u{uid}:{100000 + 65536 * (uid - FIRST)}:65536\n")
    laid.add("/etc/sudoers", f"u{uid} ALL=(root) NOPASSWD: {home(uid)}/bin/tool\n")
    laid.file(uid, f"{home(uid)}/bin/tool", "#!/bin/sh\n", 0o755)


def lima(laid: Laid, uid: int) -> None:
    laid.file(uid, f"{home(uid)}/.lima/default/lima.yaml", 'mounts:\n- location: "~"\n  writable: true\n')


THINGS: tuple[Thing, ...] = (
    *(profile, context, kubeconfigs, engine, setuid, keys, crontab, roots_job),
    *(neighbours_job, in_tmp, unit, link, podman, rights, lima),
)


def process(pid: int, uid: int, exe: str) -> Process:
    name = exe.rpartition("/")[2]
    return Process(pid=pid, ppid=1, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=True)


def host(laid_by: Mapping[int, Iterable[Thing]]) -> MemoryHost:
    """Return the host on which each user, by uid, has laid these things; the last user has nothing, and root an engine for the group docker."""
    laid, uids = Laid(), [*laid_by, max(laid_by) + 1]
    for uid, things in laid_by.items():
        laid.file(uid, f"{home(uid)}/.hushlogin", "")
        for thing in things:
            thing(laid, uid)
    people = "".join(f"u{uid}:x:{uid}:{uid}::{home(uid)}:/bin/sh\n" for uid in uids)
    groups = "".join(f"u{uid}:x:{uid}:\n" for uid in uids)
    processes = [process(1, 0, "/usr/lib/systemd/systemd"), process(500, 0, "/usr/bin/dockerd"), *laid.processes]
    kernel = {path: str(text) for path, text in KERNEL.items() if not path.startswith(("/proc/6", "/sys/hypervisor"))}
    roots = {
        **kernel,
        "/etc/passwd": f"root:x:0:0::/root:/bin/sh\n{people}",
        "/etc/group": f"root:x:0:\ndocker:x:999:u{uids[-1]}\n{groups}",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nsubid: files\n",
        "/proc/self/status": STATUS,
        "/proc/self/mountinfo": TABLE,
        "/proc/1/mountinfo": TABLE,
        "/proc/self/cgroup": "0::/init.scope\n",
        "/proc/1/cgroup": "0::/init.scope\n",
        "/usr/bin/dockerd": "",
        "/usr/bin/sudo": "",
        "/usr/sbin/cron": "",
        "/usr/lib/systemd/systemd": "",
        "/usr/local/bin/after": "#!/bin/sh\n",
        "/usr/local/lib/roots": "",
        "/etc/cron.d/own": f"* * * * * root /srv/u{uids[-1]}/run\n",
        f"/srv/u{uids[-1]}/run": "#!/bin/sh\n",
        "/var/spool/cron/crontabs/.keep": "",
    }
    roots |= {f"/proc/{one.pid}/cgroup": f"0::/user.slice/user-{one.uids[0]}.slice\n" for one in processes if one.pid > 1}
    stats = {
        "/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777),
        "/var/spool/cron/crontabs": Stat(type="dir", uid=0, gid=0, mode=0o1730),
        "/run/docker.sock": Stat(type="socket", uid=0, gid=999, mode=0o660),
        "/usr/bin/sudo": Stat(type="file", uid=0, gid=0, mode=0o4755),
        f"/srv/u{uids[-1]}": Stat(type="dir", uid=uids[-1], gid=uids[-1], mode=0o755),
        "/etc/sudoers": Stat(type="file", uid=0, gid=0, mode=0o440),
    }
    laid.lines.setdefault("/etc/sudoers", "Defaults env_reset\n")
    return MemoryHost(
        {**roots, **{path: roots.get(path, "") + text for path, text in laid.lines.items()}, **laid.files},
        stats={**stats, **laid.stats},
        links={"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]", "/proc/500/fd/3": "socket:[4711]", **laid.links},
        peers={"/run/docker.sock": Peer(pid=500, uid=0, gid=0), **laid.peers},
        answers=laid.answers,
        processes=processes,
        users=(),
        groups=(),
        unix_sockets=(),
        tcp_listeners=(),
        tcp_sockets=(),
        vsock_listeners=(),
    )
