"""What each containerd of the system is told: which file it reads, whether it is there, and what holds in the end, each with the file that says so.

A file counts only where a containerd reads it: one that runs, one that a unit starts, or that of a product that is installed.
"""

from typing import Final, NamedTuple

from hostcheck.api import Hole, HoleError, Host, Json, attempt, map_known
from hostcheck_builtin.runtimes import containerd_files
from hostcheck_builtin.runtimes.containerd_files import DEVICES, Files, Settings
from hostcheck_builtin.runtimes.told import Tellers, Told, installed, present
from hostcheck_builtin.runtimes.toml_files import ToldValue
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache

DEFAULT: Final = "/etc/containerd/config.toml"
RANCHER: Final = "/var/lib/rancher/{}/agent/etc/containerd/{}"
TEMPLATES: Final = ("config-v3.toml.tmpl", "config.toml.tmpl")


class Product(NamedTuple):
    """A product with a containerd of its own: its configuration, the programs that show that it is installed, and what its configuration is made from."""

    name: str
    programs: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()


PRODUCTS: Final = {
    DEFAULT: Product("containerd", ("containerd",)),
    "/run/docker/containerd/containerd.toml": Product("docker"),
    RANCHER.format("k3s", "config.toml"): Product("k3s", ("k3s",), tuple(RANCHER.format("k3s", name) for name in TEMPLATES)),
    RANCHER.format("rke2", "config.toml"): Product("rke2", ("rke2", "/opt/rke2/bin/rke2"), tuple(RANCHER.format("rke2", name) for name in TEMPLATES)),
    "/var/snap/microk8s/current/args/containerd.toml": Product(
        "microk8s", ("/snap/microk8s/current/bin/containerd",), ("/var/snap/microk8s/current/args/containerd-template.toml",)
    ),
    "/etc/k0s/containerd.toml": Product("k0s", ("k0s",)),
}


class Read(NamedTuple):
    """One configuration: who reads it, which files it has and what holds in the end."""

    path: str
    facts: dict[str, Json]
    files: Files | Hole
    settings: Settings | Hole


def configurations(host: Host, lstats: LstatCache, tellers: Tellers) -> list[Read]:
    """Return the configurations that are there, or would be read if they were, each by the place where it really is."""
    readers: dict[str, list[Told]] = {}
    for one in tellers.all:
        readers.setdefault(place(host, one.config or DEFAULT, lstats), []).append(one)
    products = {place(host, path, lstats): (path, product) for path, product in PRODUCTS.items()}
    found = []
    for path in [*products, *sorted(readers.keys() - products.keys())]:
        known, product = products.get(path, (path, Product("containerd")))
        there = _there(host, path, known == DEFAULT, product, readers, tellers)
        if there is not False or present(host, path) is not False:
            found.append(_read(host, path, product, there, readers.get(path, []), tellers.unread))
    return found


def place(host: Host, path: str, lstats: LstatCache) -> str:
    """Return where a path really leads, itself where that is not known."""
    end = attempt(ownership, host, path, lstats, follow=True)
    return path if isinstance(end, Hole) else end.place


def _there(host: Host, path: str, default: bool, product: Product, readers: dict[str, list[Told]], tellers: Tellers) -> bool | Hole:
    """Say whether a containerd reads a file, or will when it is started."""
    if path in readers:
        return True
    if default and tellers.units:  # its unit names another file
        return False
    here = installed(host, product.programs)
    if here is True and not default:
        here = present(host, path)
    if here is not False or present(host, path) is False:
        return here
    return tellers.unread or False


def _read(host: Host, path: str, product: Product, there: bool | Hole, readers: list[Told], unread: Hole | None) -> Read:
    files = attempt(containerd_files.load, host, path)
    settings = map_known(files, lambda read: attempt(containerd_files.settings, read))
    address = [one.options["address"][-1] for one in readers if "address" in one.options]
    facts = {
        "product": product.name,
        "there": there,
        "running": any(not one.by for one in readers) or unread or False,
        "started_by": sorted({one.by for one in readers if one.by}),
        "files": map_known(files, lambda read: [name for name, _ in read]),
        "templates": [name for name in product.templates if present(host, name) is True],
        "sockets": map_known(settings, lambda known: _sockets(known, address)),
        "tcp": map_known(settings, _tcp),
    }
    return Read(path, facts, files, settings)


def _sockets(settings: Settings, address: list[str]) -> dict[str, Json]:
    """Return the sockets that containerd makes, with their owner and group, and the file that says so."""
    served = {part: settings[part, "address"].value for part in ("grpc", "ttrpc", "debug")}
    served["grpc"] = address[0] if address else served["grpc"]
    served["ttrpc"] = served["ttrpc"] or map_known(served["grpc"], lambda path: f"{path}.ttrpc")
    return {part: _socket(settings, part, path) for part, path in served.items() if path != ""}


def _socket(settings: Settings, part: str, path: Json) -> dict[str, Json]:
    ids = {key: settings[part, key] for key in ("uid", "gid")}
    said = [one.file for one in (ids["gid"], ids["uid"]) if one.file and one.value != 0]
    return {"address": path, **{key: one.value for key, one in ids.items()}, "set_in": said[0] if said else ""}


def _tcp(settings: Settings) -> dict[str, Json]:
    """Return where containerd listens on TCP, "" for nowhere, and whether a certificate is named, and a CA for those of clients."""
    named = {"certificate": "tcp_tls_cert", "client_ca": "tcp_tls_ca"}
    return {
        "address": settings["grpc", "tcp_address"].value,
        "set_in": settings["grpc", "tcp_address"].file,
        **{name: map_known(settings["grpc", key].value, bool) for name, key in named.items()},
    }


def confinement(read: Read) -> dict[str, Json]:
    """Return what pods are told of AppArmor, SELinux and seccomp, if containerd serves any."""
    serves, apparmor, selinux, seccomp = (_setting(read, key) for key in ("serves", "disable_apparmor", "enable_selinux", "unset_seccomp_profile"))
    return {
        "engine": "containerd",
        "there": read.facts["there"],
        "serves": serves.value,
        "apparmor": {"off": apparmor.value, "set_in": apparmor.file},
        "selinux": {"off": map_known(selinux.value, lambda on: not on), "set_in": selinux.file},
        "seccomp": {"unset": map_known(seccomp.value, _profile), "set_in": seccomp.file},
    }


def _setting(read: Read, key: str) -> ToldValue:
    return ToldValue(read.settings) if isinstance(read.settings, Hole) else read.settings["cri", key]


def _profile(name: str) -> str:
    """Return what a pod gets that names no seccomp profile."""
    if name in ("", "unconfined"):
        return "unconfined"
    return "runtime default" if name in ("runtime/default", "docker/default") else "profile"


def handlers(read: Read) -> dict[str, Json]:
    """Return for each runtime of pods whether privileged ones get the devices of the host; raises HoleError where none is known."""
    if isinstance(read.settings, Hole):
        raise HoleError(read.settings)
    stated = {}
    for name in sorted({key[1] for key in read.settings if key[0] == "handler"}):
        without, allowed = (read.settings["handler", name, key] for key in DEVICES)
        serves = {"engine": "containerd", "there": read.facts["there"], "serves": read.settings["cri", "serves"].value, "name": name}
        stated[f"{read.path} {name}"] = {**serves, "without_host_devices": without.value, "all_devices_allowed": allowed.value, "set_in": without.file}
    return stated
