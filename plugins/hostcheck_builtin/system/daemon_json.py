"""dockerd's configuration as dockerd reads it: a file that it would not start with tells nothing of how it runs.

In UTF-16 too and with a byte order mark; an empty file and null are {}, of a key that stands twice the last one counts, and one that is written
in other letters than dockerd's is refused, as is any that it does not know (dockerd --validate of 26.1.5 is what the tests compare with).
"""

import codecs
import json
from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Nonsense
from hostcheck_builtin.system.parse_errors import at_line

TEXTS: Final = ("bridge", "data-root", "exec-root", "group", "seccomp-profile", "storage-driver", "tlscacert", "tlscert", "tlskey", "userns-remap")
FLAGS: Final = ("experimental", "icc", "live-restore", "no-new-privileges", "selinux-enabled", "tls", "tlsverify", "userland-proxy")
LISTS: Final = ("authorization-plugins", "hosts", "insecure-registries")
"""The keys of daemon.json that are stated; no other is, for some hold passwords (proxies, log-opts)."""
KEYS: Final = frozenset((*TEXTS, *FLAGS, *LISTS))
MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def daemon_json(path: str, raw: bytes) -> dict[str, Any]:
    """Return what a daemon.json says; raises Nonsense where dockerd would not start with it."""
    encoding = next((name for mark, name in MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
        document = json.loads(text, parse_constant=_refuse) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: dockerd would not start with it: no JSON{at_line(error)}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise Nonsense(f"{path}: dockerd would not start with it: not an object")
    wrong = next((key for key in document if key not in KEYS and key.lower() in KEYS), "")
    if wrong:
        raise Nonsense(f"{path}: dockerd would not start with it: it knows no {wrong}, only {wrong.lower()}")
    return document


def runtime_program(runtime: Mapping[str, Any]) -> Any:
    """Return the program that one of runtimes names, "" for none; Go takes these keys in any letters, and runtimeType may be the path of a shim."""
    told = {key.lower(): value for key, value in runtime.items()}
    kind = told.get("runtimetype")
    return told.get("path") or (kind if isinstance(kind, str) and kind.startswith("/") else "")


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")
