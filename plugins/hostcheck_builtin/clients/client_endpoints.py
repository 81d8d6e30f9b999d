"""Which engine a docker command is told to talk to: the forms of DOCKER_HOST, the contexts in ~/.docker, and what of a home may say it unread.

Of an address only what tells engines apart is kept: a socket's path, or whether a host is this one. What stands before an @ in a URL may be a password
and is never stated. Compared with docker 26.1.5 and 28.2.2 by running them with such files.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import Hole, Json, Nonsense, Unsupported, Why, attempt, pattern
from hostcheck_builtin.clients import shell_settings
from hostcheck_builtin.system.bounds import DOCKER_CONTEXT_BYTES as SIZE
from hostcheck_builtin.system.bounds import PATH_MAX as PATH
from hostcheck_builtin.system.candidates import DEFAULT
from hostcheck_builtin.system.home_dir import Folder, Place

NAME: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9_.+-]{1,200}", re.ASCII)
"""What docker takes for the name of a context."""
LOOPBACK: Final = pattern(r"|localhost|::1|0\.0\.0\.0|127(?:\.[0-9]{1,3}){1,3}", re.ASCII)
LED: Final = ("/", "$XDG_RUNTIME_DIR", "$HOME")
PROFILES: Final = (".profile", ".bash_profile", ".bash_login", ".bashrc", ".zshenv", ".zprofile", ".zshrc")
"""What bash(1), dash(1) and zsh(1) read of a home."""
ANYTHING: Final = frozenset("$~*?[{`\\")
"""Where a path has one of these, it may be any."""
SHELLS: Final = frozenset(("", "sh", "bash", "dash", "rbash", "zsh", "nologin", "false"))
"""Login shells that read those files, or none; "" is /bin/sh (passwd(5))."""
UNREAD: Final = ".pam_environment"
"""What pam_env(8) reads of a home where it is told to, in a form of its own."""
NOTHING: Final[dict[str, Json]] = {"scheme": "none"}


def endpoint(text: str, *, bare: bool) -> dict[str, Json]:
    """Return what an address means, without anything that may be secret; `bare` ones need no scheme. Raises Nonsense where docker would refuse it."""
    text = text.strip()
    scheme, mark, rest = text.partition("://")
    if not text:
        return NOTHING
    if not mark and bare:
        scheme, rest = "tcp", text
    if scheme == "unix":
        return {"scheme": scheme, "path": _path(rest or DEFAULT)}
    if scheme not in ("tcp", "ssh"):
        raise Nonsense("an address of no kind that docker connects to")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    host = authority[1:].partition("]")[0] if authority.startswith("[") else authority.partition(":")[0]
    return {"scheme": scheme, "host": "this host" if LOOPBACK.fullmatch(host) else "another host"}


def _path(path: str) -> str:
    if len(path) > PATH:
        raise Nonsense("a path that is longer than the kernel lets one be")
    if not path.startswith(LED):
        raise Unsupported("a socket whose path begins nowhere: which it is depends on where docker is started")
    return path


def current(place: Place) -> str:
    """Return the context that a user chose, "default" where it is none; of a file that is no JSON docker says so and takes the default as well."""
    folder = place.folder(".docker")
    raw = None if folder is None else folder.read("config.json")
    document = _document(raw or b"", lenient=True)
    name = document.get("currentcontext")
    if not isinstance(name, str) or name in ("", "default"):
        return "default"
    return _named(name)


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Nonsense("the name of the current context is none that docker accepts")
    return name


def context(place: Place, name: str) -> Json:
    """Return the endpoint of a context; none where docker knows no such context, and would not start."""
    from hashlib import sha256

    folder = place.folder(".docker", f"contexts/meta/{sha256(name.encode()).hexdigest()}")
    raw = None if folder is None else folder.read("meta.json", SIZE)
    if raw is None:
        return NOTHING
    endpoints = _document(raw, lenient=False).get("endpoints")
    stated = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if not isinstance(stated, dict):
        raise Nonsense(f"context {name}: names no endpoint for docker, which would not start")
    docker = _folded(stated)
    host = docker.get("host", "")
    if not isinstance(host, str) or "$" in host:
        raise Nonsense(f"context {name}: its endpoint is no address")
    found = endpoint(host or f"unix://{DEFAULT}", bare=False)
    return {**found, "tls": attempt(_tls, place, name, docker.get("skiptlsverify"))} if found["scheme"] == "tcp" else found


def _tls(place: Place, name: str, skips: Any) -> Json:
    """Return what docker does at the address of a context: it speaks TLS where there is any file for it, or the context says not to verify."""
    from hashlib import sha256

    if skips not in (None, True, False):
        raise Nonsense(f"context {name}: SkipTLSVerify is neither true nor false, and docker would not start")
    if skips:
        return "unverified"
    folder = attempt(lambda: place.folder(".docker", f"contexts/tls/{sha256(name.encode()).hexdigest()}/docker"))
    names = [] if folder is None else folder if isinstance(folder, Hole) else attempt(folder.names)
    if isinstance(names, Hole):
        return names
    return "verified" if {"ca.pem", "cert.pem", "key.pem"} & set(names) else "none"


def elsewhere(place: Place, shells: dict[int, set[str]], texts: dict[str, str]) -> Iterator[Hole | None]:
    """Yield a hole for each place that may set a variable as well, and is not read."""
    theirs = set[str]().union(*(shells.get(uid, set()) for uid in place.uids))
    if theirs - SHELLS:
        yield _unread(f"what a login shell reads that is none of sh, bash, dash and zsh: {min(theirs - SHELLS)[:60]}")
    elif not theirs:
        yield _there(attempt(place.folder, ".config", "fish"), {"config.fish", "conf.d", "fish_variables"})
    yield _unread(f"{place.path}/{UNREAD}") if UNREAD in place.names else None
    yield _there(attempt(place.folder, ".config", "systemd"), {"user.conf", "user.conf.d"})
    for path, text in texts.items():
        if any(_is_unread(place, word) for word in shell_settings.sourced(text)):
            yield _unread(f"what {path} has read")


def _there(folder: Folder | Hole | None, wanted: set[str]) -> Hole | None:
    """Return the hole that a file leaves which is in a directory, None where none is."""
    if isinstance(folder, Hole | None):
        return folder
    names = attempt(folder.names)
    if isinstance(names, Hole):
        return names
    found = wanted & set(names)
    return _unread(f"{folder.path}/{min(found)}") if found else None


def _unread(what: str) -> Hole:
    return Hole(why=Why.UNSUPPORTED, message=f"{what}: not read, and may say where docker goes")


def _is_unread(place: Place, word: str) -> bool:
    """Say whether a word may name a file below the home that is there and is not read anyway."""
    for home in place.called:
        word = f"~/{word.removeprefix(f'{home}/')}" if word.startswith(f"{home}/") else word
    below = word.removeprefix("~/").removeprefix("./")
    if below in ("", "~", *PROFILES) or below.startswith("/"):
        return False
    first = below.partition("/")[0]
    return first in place.names or ".." in below or not ANYTHING.isdisjoint(first)


def _document(raw: bytes, *, lenient: bool) -> dict[str, Any]:
    """Return an object with its keys in small letters, as Go reads it: the first value of a file, of two keys the last, null as if it were not there."""
    try:
        text = raw.decode("utf-8", "replace").lstrip(" \t\r\n")
        stated = json.JSONDecoder(object_pairs_hook=_last, parse_constant=_refuse).raw_decode(text)[0]
    except json.JSONDecodeError as error:
        if lenient:
            return {}
        raise Nonsense("no JSON: docker would not start with it") from error
    except (ValueError, RecursionError) as error:
        raise Nonsense("JSON that is not read: too deep, or with a number too long") from error
    return _folded(stated) if isinstance(stated, dict) else {}


def _last(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if value is not None:
            found.pop(key, None)
            found[key] = value
    return found


def _refuse(word: str) -> Any:
    raise json.JSONDecodeError("no JSON", word, 0)


def _folded(stated: dict[str, Any]) -> dict[str, Any]:
    return {key.casefold(): value for key, value in stated.items()}


def stated(name: str, value: str | Hole) -> Json:
    """State the value of a variable: an endpoint, the name of a context, or a path."""
    if isinstance(value, Hole):
        return value
    if name == "docker_tls_verify":
        return bool(value)
    if name == "docker_config":
        return value if not value else attempt(_path, value)
    if name == "docker_context":
        return value if value in ("", "default") else attempt(_named, value)
    return attempt(lambda: endpoint(value, bare=True))
