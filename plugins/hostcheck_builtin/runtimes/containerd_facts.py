"""What each containerd of the system is told: which file it reads, whether it is there, and what holds in the end, each with the file that says so.

A file counts only where a containerd reads it: one that runs, one that a unit starts, or that of a product that is installed.
"""

from typing import Final, NamedTuple

from hostcheck.api import Hole, HoleError, Host, Json, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.runtimes import containerd_files, containerd_readings
from hostcheck_builtin.runtimes.command_options import Teller, Tellers, installed, present, starting
from hostcheck_builtin.runtimes.containerd_files import Files
from hostcheck_builtin.runtimes.containerd_readings import DEVICES, Settings
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


def configurations(host: Host, lstats: LstatCache, tellers: Tellers) -> tuple[dict[str, Read | Hole], Hole | None]:
    """Return the configurations by the place where each really is, a hole where it is not known whether there is one; and why there may be more."""
    unknown = tellers.unread
    products: dict[str, Product] = {}
    readers: dict[str, list[Teller]] = {}
    for path, product in PRODUCTS.items():
        at = _place(host, path, lstats)
        unknown = worst_hole(unknown, at)
        products |= {} if isinstance(at, Hole) else {at: product}
    for one in tellers.all:
        at = _place(host, one.config or DEFAULT, lstats)
        unknown = worst_hole(unknown, at)
        if not isinstance(at, Hole):
            readers.setdefault(at, []).append(one)
    found = {at: _found(host, at, products.get(at, PRODUCTS[DEFAULT]), readers.get(at, []), tellers) for at in [*products, *sorted(readers)]}
    return {at: one for at, one in found.items() if one is not None}, unknown


def _place(host: Host, path: str, lstats: LstatCache) -> str | Hole:
    """Return where a path really leads, if something is there or not."""
    return map_known(attempt(ownership, host, path, lstats, follow=True), lambda end: end.place)


def _found(host: Host, path: str, product: Product, readers: list[Teller], tellers: Tellers) -> Read | Hole | None:
    """Return a configuration, None where there is none and nobody reads it either."""
    if readers:
        return _read(host, path, product, True, readers, tellers.unread)
    file, default = present(host, path), product is PRODUCTS[DEFAULT]
    there = installed(host, product.programs)
    if default and not (there is False and file is False):
        there = False if tellers.units else tellers.units_unread or there  # what its unit names counts, if that is another file
    if isinstance(file, Hole) or file or (default and there is True):
        return file if isinstance(file, Hole) else _read(host, path, product, there or tellers.unread or False, readers, tellers.unread)
    return there if default and isinstance(there, Hole) else None


def _read(host: Host, path: str, product: Product, there: bool | Hole, readers: list[Teller], unread: Hole | None) -> Read:
    files = attempt(containerd_files.load, host, path)
    settings = map_known(files, lambda read: attempt(containerd_readings.settings, read))
    address = unread or next((one.options["address"][-1] for one in starting(readers) if "address" in one.options), "")
    templates = {name: present(host, name) for name in product.templates}
    facts = {
        "product": product.name,
        "there": there,
        "running": any(not one.by for one in readers) or unread or False,
        "started_by": incomplete(sorted({one.by for one in readers if one.by}), unread),
        "files": map_known(files, lambda read: [name for name, _ in read]),
        "templates": incomplete([name for name, there in templates.items() if there is True], worst_hole(*templates.values())),
        "sockets": map_known(settings, lambda known: _sockets(known, address)),
        "tcp": map_known(settings, _tcp),
    }
    return Read(path, facts, files, settings)


def _sockets(settings: Settings, address: str | Hole) -> dict[str, Json]:
    """Return the sockets that containerd makes, with their owner and group, and the file that says so; an option counts more for where the first is."""
    served = {part: settings[part, "address"].value for part in ("grpc", "ttrpc", "debug")}
    served["grpc"] = address or served["grpc"]
    tables = {"grpc": "grpc", "ttrpc": "ttrpc" if served["ttrpc"] else "grpc", "debug": "debug"}
    served["ttrpc"] = served["ttrpc"] or map_known(served["grpc"], lambda path: f"{path}.ttrpc")
    return {part: {**_socket(settings, part, path), "by": f"[{tables[part]}]"} for part, path in served.items() if path != ""}


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
    who = {"engine": "containerd", "there": read.facts["there"]}
    if isinstance(read.settings, Hole):
        return {**who, **dict.fromkeys(("serves", "apparmor", "selinux", "seccomp"), read.settings)}
    serves, apparmor, selinux, seccomp = (read.settings["cri", key] for key in ("serves", "disable_apparmor", "enable_selinux", "unset_seccomp_profile"))
    return {
        **who,
        "serves": serves.value,
        "apparmor": {"off": apparmor.value, "set_in": apparmor.file},
        "selinux": {"off": map_known(selinux.value, lambda on: not on), "set_in": selinux.file},
        "seccomp": {"unset": map_known(seccomp.value, _profile), "set_in": seccomp.file},
    }


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
