"""A host within the host: its own /run, users, groups and network, in which real engines run and are scanned.

Mount and network namespaces only: a pid namespace would break SO_PEERCRED, and a second dockerd in the first one's network deletes its docker0
(moby, daemon_unix.go, removeDefaultBridgeInterface). When the last process in them ends, every mount is gone.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Any

DOCKER_GID = 4900
USERS = {"alice": (4001, 4001), "bob": (4002, DOCKER_GID), "carol": (4003, 4003), "dave": (4004, 4004), "erin": (4005, 4005), "frank": (4006, 4006)}
"""uid and primary gid; bob has the group docker as his primary one, alice as a supplementary one, and frank's was taken away while he was logged in."""

MOUNTS = """
mount --no-mtab -t tmpfs -o mode=0755 tmpfs /run
mount --no-mtab --bind {base} {base}
mount --no-mtab -t tmpfs -o mode=0755 tmpfs {base}/etc
cp --archive /etc/. {base}/etc
mount --no-mtab --move {base}/etc /etc
rm -f /etc/systemd/system/*.*/docker.s* /etc/systemd/system/*.*/podman.s*
mount --no-mtab --bind /proc/{holder}/mountinfo /proc/1/mountinfo
mount --no-mtab --bind /proc/{holder}/net /proc/1/net
"""
"""What a host has of its own, without the engines that the machine starts at boot; what is written there does not hold the mount of the machine's files,
which can so be made read-only. The mounts and the network of process 1 are those of the host, as they are where it has a process 1 of its own."""
CONNECT = """
import json, os, pwd, socket, sys
def reaches(path, uid, gid, groups):
    child = os.fork()
    if not child:
        os.setgroups(groups); os.setgid(gid); os.setuid(uid)
        client = socket.socket(socket.AF_UNIX); client.settimeout(2)
        try:
            client.connect(path)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0
path, sessions = sys.argv[1], json.loads(sys.argv[2])
able = {user.pw_name for user in pwd.getpwall() if reaches(path, user.pw_uid, user.pw_gid, os.getgrouplist(user.pw_name, user.pw_gid))}
able |= {name for name, ids in sessions.items() if reaches(path, *ids)}
print(json.dumps(sorted(able)))
"""


class World:
    """One such host, with nothing running in it yet; `end` takes it away."""

    def __init__(self) -> None:
        """Make the namespaces, an /etc with users of its own and an empty /run."""
        self.base = Path(tempfile.mkdtemp(prefix="hostcheck-engines-", dir="/var/tmp"))
        self.base.chmod(0o755)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log: IO[bytes] = (self.base / "log").open("ab")
        before = os.readlink("/proc/self/ns/mnt")
        self.holder = self._start("unshare", "--mount", "--net", "--propagation", "private", "sleep", "infinity")
        self.wait(lambda: _link(f"/proc/{self.holder.pid}/exe").endswith("sleep") and _link(f"/proc/{self.holder.pid}/ns/mnt") != before)
        (self.base / "etc").mkdir()
        self.run("sh", "-ec", MOUNTS.format(base=self.base, holder=self.holder.pid))
        self.etc = Path(f"/proc/{self.holder.pid}/root/etc")
        self._write_users()

    def _write_users(self) -> None:
        """Write the users into the copy of /etc, in which whatever is changed is never the machine's; an account that its dockerd made is left out."""
        users = [f"{name}:x:{uid}:{gid}::{self.base}/home/{name}:/bin/bash" for name, (uid, gid) in USERS.items()]
        groups = [f"{name}:x:{uid}:" for name, (uid, _) in USERS.items()] + [f"docker:x:{DOCKER_GID}:alice"]
        secrets = [f"{name}:!::{'alice' if name == 'docker' else ''}" for name in (*USERS, "docker")]
        for file, mine, mode in (("passwd", users, 0o644), ("group", groups, 0o644), ("gshadow", secrets, 0o640), ("shadow", [], 0o640)):
            path = self.etc / file
            names = {"dockremap"} | {line.partition(":")[0] for line in mine}
            theirs = [line for line in Path("/etc", file).read_text().splitlines() if line.partition(":")[0] not in names]
            path.write_text("\n".join(theirs + mine) + "\n")
            path.chmod(mode)
        for name, (uid, gid) in USERS.items():
            home = self.base / "home" / name
            home.mkdir(parents=True)
            home.chmod(0o700)
            os.chown(home, uid, gid)

    def _start(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a process that ends with this one, if not before."""
        child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *argv], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/")
        self.processes.append(child)
        return child

    def inside(self, *argv: str, user: str = "root", groups: tuple[int, ...] | None = None) -> list[str]:
        """Return the command line that runs `argv` inside, as `user` with the groups of a fresh login or with exactly `groups`."""
        enter = ["nsenter", "--mount", "--net", "--target", str(self.holder.pid), "--"]
        if user == "root":
            return [*enter, *argv]
        session = ["--init-groups"] if groups is None else ["--groups", ",".join(map(str, groups)) or "0"]
        uid, gid = USERS[user] if user in USERS else (65534, 65534)
        return [*enter, "setpriv", f"--reuid={uid}", f"--regid={gid}", *session, *argv]

    def run(self, *argv: str, user: str = "root") -> str:
        """Run a command inside and return what it printed; it must succeed."""
        return subprocess.run(self.inside(*argv, user=user), check=True, stdout=subprocess.PIPE, text=True, timeout=60, cwd="/").stdout

    def start(self, *argv: str, user: str = "root", groups: tuple[int, ...] | None = None) -> subprocess.Popen[bytes]:
        """Start a process inside."""
        return self._start(*self.inside(*argv, user=user, groups=groups))

    def wait(self, ready: Any, seconds: float = 30) -> None:
        """Wait until `ready()` is true; raise AssertionError with the log where it does not come to be."""
        end = time.monotonic() + seconds
        while not ready():
            dead = [child.args for child in self.processes if child.poll() is not None]
            assert not dead and time.monotonic() < end, f"not ready after {seconds} s, ended: {dead}\n{(self.base / 'log').read_text(errors='replace')[-2000:]}"
            time.sleep(0.05)

    def start_engines(self) -> None:
        """Start a containerd and a dockerd over it, at their usual sockets."""
        config = self.base / "containerd.toml"
        config.write_text(
            f'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\nroot = "{self.base}/containerd"\nstate = "/run/containerd"\n'
            '[grpc]\n  address = "/run/containerd/containerd.sock"\n  uid = 0\n  gid = 0\n'
        )
        (self.base / "daemon.json").write_text("{}")
        self.containerd = self.start("containerd", "--config", str(config))
        self.wait(lambda: self.reachable("/run/containerd/containerd.sock"))
        self.dockerd = self.start(
            *("dockerd", "--config-file", f"{self.base}/daemon.json", "--data-root", f"{self.base}/docker", "--exec-root", "/run/docker"),
            *("--pidfile", "/run/docker.pid", "--containerd", "/run/containerd/containerd.sock"),
            *("--bridge=none", "--iptables=false", "--ip6tables=false", "-H", "unix:///run/docker.sock"),
        )
        self.wait(lambda: self.reachable("/run/docker.sock"))

    def reachable(self, path: str) -> bool:
        """Say whether root can connect to a socket inside."""
        return "root" in self.able(path)

    def able(self, path: str, sessions: dict[str, tuple[int, int, list[int]]] | None = None) -> set[str]:
        """Return every user who does connect to `path`: with the groups of a fresh login, or in one of the `sessions` {name: (uid, gid, groups)}."""
        return set(json.loads(self.run("/usr/bin/python3", "-I", "-c", CONNECT, path, json.dumps(sessions or {}))))

    def end(self) -> None:
        """End every process that was started here, the newest first, and remove what they left.

        By rm(1), as a user may have made deeper directories than Python goes down; more than once, as a container's monitor may write when it ends.
        """
        for child in self.processes:
            self._end_containers(child)
        for child in reversed(self.processes):
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.log.close()
        until = time.monotonic() + 20
        while subprocess.run(("rm", "-rf", "--", str(self.base)), check=False).returncode:
            assert time.monotonic() < until, f"{self.base} cannot be removed"
            time.sleep(0.2)

    def _end_containers(self, child: subprocess.Popen[bytes]) -> None:
        """End the containers of a dockerd: it gives each ten seconds when it ends, and the first process of a container hears no SIGTERM."""
        words = child.args if isinstance(child.args, list) else []
        socket = next((word for word in words if str(word).startswith("unix:///")), None) if "dockerd" in words else None
        if socket and child.poll() is None:
            docker = f"docker -H {socket}"
            told = self.inside("timeout", "15", "sh", "-c", f"{docker} ps --quiet | xargs --no-run-if-empty {docker} kill")
            subprocess.run(told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, cwd="/")


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
