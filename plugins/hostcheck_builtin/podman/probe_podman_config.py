"""What root's Podman, Buildah and Skopeo are told: by the files of the vendor, those in /etc/containers, and those in root's own home.

Those of /etc count for every user as well; what a user says otherwise is left to the probe user-podman-config. A file that Podman would refuse leaves a hole
in what it decides, and nothing but names and numbers of a file is stated.
"""

from typing import Final

from hostcheck.api import Host, Json, attempt, map_known
from hostcheck_builtin.podman import containers_conf, mounts_conf, registries_conf, signature_policy, storage_conf
from hostcheck_builtin.podman.folders import SYSTEM, VENDOR, RootsFiles, roots_home
from hostcheck_builtin.podman.podman_environment import services
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache

PROGRAMS: Final = ("podman", "buildah", "skopeo", "crio")
FOLDERS: Final = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/bin", "/usr/libexec/crio")


def collect(host: Host) -> Json:
    """State which of these programs are there, and what the files tell them that root runs."""
    vendor, system, home = RootsFiles(host, VENDOR), RootsFiles(host, SYSTEM), attempt(roots_home, host)
    return {
        "programs": programs(host),
        "containers": map_known(home, lambda own: containers_conf.stated(containers_conf.read(vendor, system, own))),
        "services": map_known(home, lambda own: services(host, vendor, system, own)),
        "registries": map_known(home, lambda own: registries_conf.stated(registries_conf.read(system, own))),
        "policy": map_known(home, lambda own: signature_policy.stated(signature_policy.read(system, own))),
        "mounts": attempt(lambda: mounts_conf.stated(mounts_conf.read(system, vendor))),
        "storage": attempt(lambda: storage_conf.stated(storage_conf.read(system, vendor))),
    }


def programs(host: Host) -> dict[str, Json]:
    """Return the programs that read these files, by path."""
    lstats: LstatCache = {}
    places = {f"{folder}/{name}": name for name in PROGRAMS for folder in FOLDERS}
    found = {path: attempt(_program, host, path, name, lstats) for path, name in places.items()}
    return {path: one for path, one in found.items() if one is not None}


def _program(host: Host, path: str, name: str, lstats: LstatCache) -> Json:
    return {"name": name} if ownership(host, path, lstats, follow=True).type == "file" else None
