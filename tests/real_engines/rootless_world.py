"""A host within the host whose users run engines of their own: with subordinate ids, runtime directories and a /dev/net/tun that they may open.

All of it is seen only inside; the machine's own files, devices and daemons stay as they are.
"""

import os
import signal
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from real_engines.world import USERS, World

FIRST_SUBID = {name: 1_000_000 + 65_536 * number for number, name in enumerate(USERS)}
"""Where the 65536 subordinate ids of each user begin."""
ROOTLESS = "/usr/share/docker.io/contrib/dockerd-rootless.sh"
DEVICES = {"net/tun": (10, 200), "fuse": (10, 229)}
"""What udev lets everybody open; a machine without udev may not."""
"""The device number of /dev/net/tun (Documentation/admin-guide/devices.txt of the kernel)."""

ENGINES = ("dockerd", "containerd", "crio", "podman", "conmon", "buildkitd", "k3s-server", "k3s-agent", "rootlesskit")
PING = """
import socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.settimeout(2)
    try:
        line.connect(sys.argv[1])
        line.sendall(b"GET /_ping HTTP/1.0\\r\\n\\r\\n")
        print(line.recv(4096).split(b" ")[1].decode(), end="")
    except (OSError, IndexError):
        pass
"""


class RootlessWorld(World):
    """One such host, with nothing running in it yet."""

    def __init__(self, **zero: str) -> None:
        """Make the host; `zero` names, by its key (`subuid`, `subgid`), a user whose range begins at 0."""
        super().__init__()
        self.pauses: list[tuple[str, int]] = []
        for name in ("subuid", "subgid"):
            first = {**FIRST_SUBID, **({zero[name]: 0} if name in zero else {})}
            path = self.etc / name
            path.write_text("".join(f"{user}:{start}:65536\n" for user, start in first.items()))
        self._give_devices()
        self._hide_other_engines()
        folders = [f"install -d -m 0700 -o {uid} -g {gid} /run/user/{uid}" for uid, gid in USERS.values()]
        self.run("sh", "-ec", "; ".join(["mkdir -m 0755 /run/user", *folders]))

    def _give_devices(self) -> None:
        """Put devices that everybody may open, as udev makes them, over those that only root may."""
        for name, numbers in DEVICES.items():
            node = self.base / name.rpartition("/")[2]
            os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(*numbers))
            node.chmod(0o666)
            self.run("mount", "--no-mtab", "--bind", str(node), f"/dev/{name}")

    def _hide_other_engines(self) -> None:
        """Disguise the engines that the machine itself runs: processes are shared, because a pid namespace would break SO_PEERCRED."""
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # one that has ended is no file any more, or has no mounts to tell (EINVAL)
                if (place / "comm").read_bytes().decode(errors="replace").strip() in ENGINES:
                    self._cover(place)

    def _cover(self, place: Path) -> None:
        """Put a disguise over a process, unless it ends meanwhile."""
        try:
            self.run("mount", "--no-mtab", "--bind", str(self._disguise(place)), str(place))
        except subprocess.CalledProcessError:
            if place.exists():
                raise

    def _disguise(self, place: Path) -> Path:
        """Return a directory that tells of a process with the same credentials and nothing else to see."""
        mask = self.base / f"process-{place.name}"
        (mask / "fd").mkdir(parents=True)
        status = (place / "status").read_text().splitlines()
        told = {"Name": "other", "Threads": "1"}
        (mask / "status").write_text("".join(f"{name}:\t{told.get(name, rest.strip())}\n" for name, _, rest in (line.partition(":") for line in status)))
        for name in ("comm", "uid_map", "gid_map", "mountinfo", "loginuid", "cgroup"):
            (mask / name).write_text("other\n" if name == "comm" else (place / name).read_text())
        (mask / "ns").mkdir()
        (mask / "ns/mnt").symlink_to(os.readlink(place / "ns/mnt"))
        return mask

    def login(self, user: str, *argv: str, **environment: str) -> list[str]:
        """Return the command line that runs `argv` as in a session of `user`."""
        uid, _ = USERS[user]
        usual = {"HOME": f"{self.base}/home/{user}", "USER": user, "LOGNAME": user, "XDG_RUNTIME_DIR": f"/run/user/{uid}"}
        path = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        return ["env", "-i", path, "PODMAN_IGNORE_CGROUPSV1_WARNING=1", *(f"{name}={value}" for name, value in {**usual, **environment}.items()), *argv]

    def start_rootless_docker(self, user: str, network: str) -> tuple[subprocess.Popen[bytes], str]:
        """Start a user's dockerd over `network` (host, slirp4netns, pasta), and return it with its socket."""
        ports = {"host": "none", "slirp4netns": "builtin", "pasta": "implicit"}[network]
        told = {"NET": network, "PORT_DRIVER": ports, **({"DISABLE_HOST_LOOPBACK": "false"} if network == "host" else {})}
        environment = {f"DOCKERD_ROOTLESS_ROOTLESSKIT_{key}": value for key, value in told.items()}
        flags = ("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--bridge=none")
        child = self.start(*self.login(user, ROOTLESS, *flags, **environment), user=user)
        path = f"/run/user/{USERS[user][0]}/docker.sock"
        self.wait(lambda: self.answers(path))
        return child, path

    def start_podman(self, user: str) -> tuple[subprocess.Popen[bytes], str]:
        """Start podman's service for a user, and return it with its socket."""
        folder = "/run/podman" if user == "root" else f"/run/user/{USERS[user][0]}/podman"
        owner = ("0", "0") if user == "root" else map(str, USERS[user])
        self.run("install", "-d", "-m", "0700", *(word for pair in zip(("-o", "-g"), owner, strict=True) for word in pair), folder)
        place = ("--root", f"{self.base}/podman", "--runroot", "/run/containers", "--tmpdir", "/run/libpod") if user == "root" else ()
        serve = ("podman", *place, "--runtime", "runc", "system", "service", "--time=0", f"unix://{folder}/podman.sock")
        child = self.start(*(self.login(user, *serve) if user != "root" else serve), user=user)
        self.wait(lambda: self.answers(f"{folder}/podman.sock"))
        if user != "root":
            self.pauses.append((user, int(self.run("cat", f"/run/user/{USERS[user][0]}/libpod/tmp/pause.pid"))))
        return child, f"{folder}/podman.sock"

    def start_containerd(self) -> None:
        """Start a containerd alone."""
        config = self.base / "containerd.toml"
        config.write_text(
            f'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\nroot = "{self.base}/containerd"\nstate = "/run/containerd"\n'
            '[grpc]\n  address = "/run/containerd/containerd.sock"\n  uid = 0\n  gid = 0\n'
        )
        self.containerd = self.start("containerd", "--config", str(config))
        self.wait(lambda: self.reachable("/run/containerd/containerd.sock"))

    def start_docker(self, *flags: str, networks: tuple[str, ...] = ("--bridge=none", "--iptables=false", "--ip6tables=false")) -> None:
        """Start a rootful dockerd over a containerd, with more flags; `networks` are those that keep it from having any."""
        self.start_containerd()
        (self.base / "daemon.json").write_text("{}")
        self.dockerd = self.start(
            *("dockerd", "--config-file", f"{self.base}/daemon.json", "--data-root", f"{self.base}/docker", "--exec-root", "/run/docker"),
            *("--pidfile", "/run/docker.pid", "--containerd", "/run/containerd/containerd.sock", *flags),
            *(*networks, "-H", "unix:///run/docker.sock"),
        )
        self.wait(lambda: self.answers("/run/docker.sock"))

    def answers(self, path: str) -> bool:
        """Say whether an engine answers at a socket: dockerd accepts long before it does."""
        return self.run("/usr/bin/python3", "-I", "-c", PING, path) == "200"

    def end(self) -> None:
        """End every process, podman's too that hold a user's namespace and are nobody's children."""
        for user, pid in self.pauses:
            with suppress(FileNotFoundError, ProcessLookupError):
                if os.stat(f"/proc/{pid}").st_uid == USERS[user][0]:
                    os.kill(pid, signal.SIGTERM)
        super().end()

    def log_text(self) -> str:
        """Return what the engines wrote."""
        return Path(self.base / "log").read_text(errors="replace")
