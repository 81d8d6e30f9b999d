"""Facts for the analysis podman-settings: stated by the probes themselves, of a host in memory."""

from collections.abc import Mapping
from typing import Any

from hostcheck import registry
from hostcheck.host.answers import Group, Process, Stat, User
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck.parting import part, unite
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.podman import ANALYSES
from hostcheck_builtin.podman.analysis_podman_settings import derive

ETC, HOME = "/etc/containers", "/home/ann/.config/containers"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n"
USUAL: dict[str, Any] = {
    "/etc/passwd": PASSWD,
    "/etc/group": "root:x:0:\nann:x:1000:\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
    "/etc/subuid": "ann:100000:65536\n",
    "/etc/subgid": "ann:100000:65536\n",
    "/proc/self/mountinfo": "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n",
    "/proc/self/status": "Name:\tx\nCapEff:\t0000000000000002\n",
    "/usr/bin/podman": "",
    "/var/lib/containers/storage/overlay-images/4f1c/manifest": "",
}
READS = ANALYSES[0].reads
PEOPLE = {"users": [User(name="root", uid=0, gid=0, home="/root", shell="/bin/sh")], "groups": [Group(name="root", gid=0, members=())]}


def host(files: Mapping[str, Any], **more: Any) -> MemoryHost:
    """Return a host with Podman, root and ann, and these files more; one that is None is not there."""
    given = {path: content for path, content in {**USUAL, **files}.items() if content is not None}
    owned = {path: Stat(type="file", uid=1000, gid=1000, mode=0o644) for path in given if path.startswith("/home/ann/")}
    folders = {path: Stat(type="dir", uid=1000, gid=1000, mode=0o755) for path in ("/home/ann", "/home/ann/.config", HOME) if owned or path == "/home/ann"}
    drop_ins = {path.rpartition("/")[0]: Stat(type="dir", uid=1000, gid=1000, mode=0o755) for path in owned}
    return MemoryHost(given, stats={**folders, **drop_ins, **owned}, **{"processes": list[Process](), "unix_sockets": [], **PEOPLE, **more})


def document(files: Mapping[str, Any], kernel: Any = None, **more: Any) -> dict[str, Any]:
    """Return the facts of each probe that the analysis reads; those of the kernel are given."""
    probes = registry.load().probes
    there = host(files, **more)
    facts = {name: stated(probes[name].collect, there) for name in READS}
    for name, told in (kernel or {}).items():
        facts["kernel"][name] = told if isinstance(told, Hole) else {**facts["kernel"][name], **told}
    return facts


def settings(files: Mapping[str, Any], kernel: Any = None, **facts: Any) -> Any:
    """Return what is derived from the facts of a host, some of which may be given instead."""
    given = {**document(files, kernel), **facts}
    return derive(View({name: unite(*part(one), name) for name, one in given.items()}), {})
