"""A host that has a network: a neighbour on it, and services that are or are not meant for others, so that a test can try who reaches whom."""

import os
import subprocess
from typing import Final

from real_engines.container_ways import GIVEN, hardened
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan

RULES: Final = frozenset({"HC-CTR-24", "HC-CTR-25", "HC-CTR-31", "HC-NTW-01", "HC-NTW-03", "HC-NTW-04", "HC-NTW-05"})
HOST: Final = "10.9.0.1"
NEIGHBOUR: Final = "10.9.0.2"
ALONE: Final = 8099
"""The port of a service of the host that listens on 127.0.0.1 alone."""
OPEN: Final = 8097
"""Of one that listens on every address."""
SERVE: Final = ("/usr/bin/python3", "-m", "http.server", "--directory", "/usr/share/doc")
SYSFS: Final = """
mkdir {base}/sys
mount --no-mtab -t sysfs sysfs {base}/sys
mount --no-mtab --bind {base}/sys/class/net /sys/class/net
mount --no-mtab --bind {base}/sys/devices/virtual/net /sys/devices/virtual/net
"""
"""What /sys shows of a network is that of whoever mounted it."""
REACHES: Final = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 1) as line:
        line.sendall(b"HEAD / HTTP/1.0\\r\\n\\r\\n")
        print(line.recv(4).decode())
except OSError as error:
    print(error)
"""
RAW: Final = """
import fcntl, socket, struct, sys, time
device, port = "eth0", int(sys.argv[1])
line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
line.bind((device, 0))
line.settimeout(2)
own = socket.inet_ntoa(fcntl.ioctl(socket.socket(), 0x8915, struct.pack("256s", device.encode()))[20:24])
gateway = own.rpartition(".")[0] + ".1"
try:
    socket.create_connection((gateway, 9), 1)
except OSError:
    pass
hardware = bytes.fromhex(next(row.split()[3] for row in open("/proc/net/arp") if row.split()[0] == gateway).replace(":", ""))
def total(data):
    found = sum(struct.unpack(f"!{len(data) // 2}H", data))
    found = (found >> 16) + (found & 0xFFFF)
    return ~(found + (found >> 16)) & 0xFFFF
source, loopback = socket.inet_aton(own), socket.inet_aton("127.0.0.1")
def segment(check):
    return struct.pack("!HHIIBBHHH", 45454, port, 1, 0, 0x50, 2, 1024, check, 0)
def header(check):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, 6, check, source, loopback)
asks = segment(total(source + loopback + struct.pack("!BBH", 0, 6, 20) + segment(0)))
line.send(hardware + line.getsockname()[4] + b"\\x08\\0" + header(total(header(0))) + asks)
until = time.monotonic() + 2
while time.monotonic() < until:
    try:
        told = line.recv(2000)
    except TimeoutError:
        break
    if told[26:30] == loopback and told[23] == 6:
        print("HTTP" if told[47] & 0x12 == 0x12 else "refused")
        break
"""
"""Asks a port of 127.0.0.1 of the host to be let in, by a packet that is made by hand, and says whether it was."""


class Networked(RootlessWorld):
    """A host with a neighbour, and two services of its own."""

    def __init__(self) -> None:
        """Make the host, its network, its neighbour, and what it serves."""
        super().__init__()
        self.run("sh", "-ec", SYSFS.format(base=self.base))
        for name, script in (("reaches.py", REACHES), ("raw.py", RAW)):
            (self.base / name).write_text(script)
        here = os.readlink(f"/proc/{self.holder.pid}/ns/net")
        self.beside = self.start("unshare", "--net", "sleep", "infinity")
        self.wait(lambda: self._network(self.beside.pid) not in (here, "", os.readlink("/proc/self/ns/net")))
        cable = f"ip link add cable0 type veth peer name cable1 netns {self.beside.pid}"
        self.run("sh", "-ec", f"ip link set lo up; {cable}; ip link set cable0 up; ip addr add {HOST}/24 dev cable0")
        self.neighbours("sh", "-ec", f"ip link set lo up; ip link set cable1 up; ip addr add {NEIGHBOUR}/24 dev cable1")
        # The neighbour has no 127.0.0.1 of its own, and looks for it on this host.
        self.neighbours("sh", "-ec", f"echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet; ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1 via {HOST}")
        self._start(*self._beside(*SERVE, str(OPEN)))
        for port, address in ((ALONE, "127.0.0.1"), (OPEN, "0.0.0.0")):  # noqa: S104 - what is looked for
            self.start(*SERVE, str(port), "--bind", address)
            self.wait(lambda port=port: self.reaches("127.0.0.1", port))

    def _network(self, pid: int) -> str:
        try:
            return os.readlink(f"/proc/{pid}/ns/net")
        except OSError:
            return ""

    def _beside(self, *argv: str) -> list[str]:
        return ["nsenter", "--net", "--target", str(self.beside.pid), "--", *argv]

    def neighbours(self, *argv: str) -> str:
        """Run a command on the neighbour and return what it printed; it must succeed."""
        return subprocess.run(self._beside(*argv), check=True, stdout=subprocess.PIPE, text=True, timeout=60, cwd="/").stdout

    def reaches(self, address: str, port: int) -> bool:
        """Say whether this host reaches a web server."""
        return self.run("python3", str(self.base / "reaches.py"), address, str(port)).strip() == "HTTP"

    def neighbour_reaches(self, address: str, port: int) -> bool:
        """Say whether the neighbour does."""
        return self.neighbours("python3", str(self.base / "reaches.py"), address, str(port)).strip() == "HTTP"

    def given(self) -> tuple[str, ...]:
        """Return the options that every container has."""
        return (*GIVEN, *(f"--volume={self.base}/{name}:/{name}:ro" for name in ("reaches.py", "raw.py")), *hardened())


def fails(found: Scan) -> dict[str, set[str]]:
    """Return the rules about networks that do not pass, by subject."""
    told: dict[str, set[str]] = {}
    for (rule, subject), result in found.results().items():
        if rule in RULES and result not in ("pass", "notapplicable", "notselected"):
            told.setdefault(subject, set()).add(rule if result == "fail" else f"{rule}: {result}")
    return told


def told(found: Scan, rule: str) -> str:
    """Return what the failures of a rule say."""
    return "\n".join(one["because"] for one in found.report["findings"] if (one["rule"], one["result"]) == (rule, "fail"))
