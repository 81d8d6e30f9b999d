"""Which registries a runtime reaches without TLS, or without checking the certificate: by hosts.toml of containerd, and by the runtimes' own settings.

Of an address only the scheme and the host are stated: a login and a path may be secrets, and headers and credentials are not looked at.
"""

import re
from collections.abc import Iterable
from typing import Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, map_known, pattern, worst_hole
from hostcheck_builtin.runtimes.buildkit import BuildKit
from hostcheck_builtin.runtimes.containerd_facts import Read
from hostcheck_builtin.runtimes.crio import Crio
from hostcheck_builtin.runtimes.toml_files import Table, document, field, table, typed
from hostcheck_builtin.system.bounds import RUNTIME_REGISTRIES as MOST
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as

CERTS: Final = ("/etc/containerd/certs.d", "/etc/docker/certs.d")
"""Where containerd 2, nerdctl and others look that are told nothing."""
FLAGS: Final = ("there", "plain_http", "skip_verify")
PATHS: Final = (("cri", "config_path"), ("transfer", "config_path"))
LOOPBACK: Final = pattern(r"\A(?:localhost|127(?:\.[0-9]{1,3}){3}|\[?::1\]?)(?::[0-9]+)?\Z", re.ASCII | re.IGNORECASE)

Found = dict[str, Json]


def of_files(host: Host, reads: Iterable[Read], unread: Hole | None) -> tuple[Found, Hole | None]:
    """Return what the files hosts.toml say, in the directories that are named and in those that are looked at without; and why there may be more."""
    reads = list(reads)
    folders: dict[str, list[bool | Hole]] = {folder: [read.facts["there"] for read in reads] for folder in CERTS}
    unknown = unread
    for read in reads:
        for key in PATHS:
            value = read.settings if isinstance(read.settings, Hole) else read.settings[key].value
            unknown = worst_hole(unknown, value)
            for folder in () if isinstance(value, Hole) else value.split(":"):
                if folder.startswith("/"):
                    folders.setdefault(folder.rstrip("/"), []).append(read.facts["there"])
    stated = [attempt(_folder, host, folder, True in there or worst_hole(unknown, *there) or False) for folder, there in folders.items()]
    return together(stated), worst_hole(unknown, *stated, *(getattr(part, "hole", None) for part in stated))


def together(parts: Iterable[Found | Hole]) -> Found:
    """Return what the known parts say; where two speak of one registry in one file, what is worse of each fact."""
    found = Found()
    for key, one in (item for part in parts if not isinstance(part, Hole) for item in part.items()):
        found[key] = _worse(found[key], one) if key in found else one
    return found


def _worse(one: Json, other: Json) -> Json:
    if isinstance(one, Hole) or isinstance(other, Hole):
        return worst_hole(one, other)
    return {**one, **{key: True if True in (one[key], other[key]) else worst_hole(one[key], other[key]) or False for key in FLAGS}}


def _folder(host: Host, folder: str, there: bool | Hole) -> Found:
    """Return what is said in the files of a directory, incomplete where one of them is not known."""
    parts = [_file(host, f"{folder}/{name}/hosts.toml", name, there) for name in absent_as([], host.list_dir, folder, limit=MOST)]
    complete: Found = incomplete(together(parts), worst_hole(*parts))
    return complete


def _file(host: Host, path: str, namespace: str, there: bool | Hole) -> Found | Hole:
    return absent_as({}, lambda: map_known(attempt(document, host, path), lambda read: _hosts(path, namespace, read, there)))


def _hosts(path: str, namespace: str, read: Table, there: bool | Hole) -> Found:
    """Return the servers of a hosts.toml: each host, and the server, which is the registry that the directory is called after where none is named."""
    hosts, server = field(read, "host"), field(read, "server")
    named = table({"host": hosts}, "host", path) if hosts is not None else {}
    servers = [(address, table({"host": one}, "host", path)) for address, one in named.items()]
    servers.append((server if isinstance(server, str) and server else namespace, read))
    return together(
        _stated("containerd", path, address, there, plain=address.startswith("http://"), skip=_flag(one, "skip_verify", path)) for address, one in servers
    )


def _flag(read: Table, name: str, path: str) -> Json:
    value = field(read, name)
    return False if value is None else typed(value, bool, path, name)


def _stated(engine: str, path: str, address: str, there: bool | Hole, *, plain: Json, skip: Json) -> Found:
    name = _host(address)
    key = f"{path} {'http://' if plain is True else ''}{name}"
    who = {"engine": engine, "there": there, "file": path, "host": name}
    return {key: {**who, "plain_http": plain, "skip_verify": skip, "loopback": LOOPBACK.match(name) is not None}}


def _host(address: str) -> str:
    """Return the host and port of an address, without a login and a path."""
    from urllib.parse import urlsplit  # for the hosts that have registries of their own

    try:
        return urlsplit(address if "://" in address else f"https://{address}").netloc.rpartition("@")[2]
    except ValueError:
        return ""


def of_containerd(read: Read) -> Found:
    """Return what containerd's own file says of registries; raises HoleError where that is not known. It is passed over where a directory is named."""
    parts, there = [], read.facts["there"]
    for (kind, *names), one in sure(read.settings).items():
        if kind == "mirror" and not isinstance(one.value, Hole):
            parts += [_stated("containerd", one.file, address, there, plain=address.startswith("http://"), skip=False) for address in one.value]
        elif kind == "mirror":
            parts.append({f"{one.file} {_host(names[0])}": one.value})
        elif kind == "config":
            parts.append(_stated("containerd", one.file, names[0], there, plain=False, skip=one.value))
    return together(parts)


def of_crio(one: Crio) -> Found:
    """Return the registries that CRI-O may reach without TLS; raises HoleError where they are not known."""
    named = sure(one.settings)["image", "insecure_registries"]
    return together(_stated("crio", named.file, address, one.there, plain=True, skip=True) for address in sure(named.value))


def of_buildkit(one: BuildKit) -> Found:
    """Return what a buildkitd.toml says of registries; raises HoleError where that is not known."""
    path, there, stated = one.path, one.facts["there"], field(sure(one.file), "registry")
    named = table({"registry": stated}, "registry", path) if stated is not None else {}
    told = {name: table({"registry": registry}, "registry", path) for name, registry in named.items()}
    flags = {name: [_flag(read, key, path) for key in ("http", "insecure")] for name, read in told.items()}
    return together(_stated("buildkit", path, name, there, plain=plain, skip=skip) for name, (plain, skip) in flags.items())
