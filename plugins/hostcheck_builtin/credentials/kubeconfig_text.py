"""What a kubeconfig says: by which servers and with what each of its contexts logs in. What that is goes into no fact and no message.

The form is v1.Config of k8s.io/client-go/tools/clientcmd/api; data in the file count before the file that they may stand in instead.
"""

import binascii
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, LimitExceeded, Nonsense, Unsupported, attempt
from hostcheck_builtin.credentials import client_certificates
from hostcheck_builtin.credentials.client_certificates import Certificate
from hostcheck_builtin.system import yaml_file
from hostcheck_builtin.system.bounds import KUBECONFIG_CONTEXTS as CONTEXTS
from hostcheck_builtin.system.yaml_file import Undecided

OTHER: Final = {"token": "token", "tokenFile": "token", "exec": "exec", "auth-provider": "exec", "username": "password"}
"""What else than a certificate a user may have, and what kind of login that is."""
ReadFile = Callable[[str], bytes | None]
"""What returns a file that a kubeconfig names, None where there is none."""


class ClusterLogin(NamedTuple):
    """A login: the URL of its server, by what, and if it is by a certificate that and its key, None where the key stands in a file of its own."""

    server: str
    by: str
    certificate: Certificate | Hole | None = None
    key: bytes | Hole | None = None


def logins(path: str, raw: bytes, read_file: ReadFile) -> list[ClusterLogin]:
    """Return the logins of all contexts; raises what `yaml_file.read` does, and Nonsense for what is no kubeconfig."""
    document = yaml_file.read(path, raw)
    if not isinstance(document, dict | None):
        raise Nonsense(f"{path}: no kubeconfig")
    clusters, users = _named(document, "clusters", "cluster"), _named(document, "users", "user")
    contexts = _named(document, "contexts", "context")
    if len(contexts) > CONTEXTS:
        raise LimitExceeded(f"{path}: more than {CONTEXTS} contexts")
    pairs = dict.fromkeys((_word(one, "cluster"), _word(one, "user")) for one in contexts.values())
    found: list[ClusterLogin] = []
    for cluster, user in pairs:
        server = _word(clusters.get(cluster, {}), "server")
        if server:
            found += _of_user(path, users.get(user, {}), server, read_file)
    return found


def _of_user(path: str, user: dict[Any, Any], server: str, read_file: ReadFile) -> list[ClusterLogin]:
    found = [ClusterLogin(server, by) for by in dict.fromkeys(by for name, by in OTHER.items() if user.get(name))]
    held = {name: (_word(user, f"client-{name}-data"), _word(user, f"client-{name}")) for name in ("certificate", "key")}
    if any(held["certificate"]) and any(held["key"]):
        data = held["key"][0]
        key = attempt(_from_base64, path, data) if data else None
        found.append(ClusterLogin(server, "certificate", attempt(_certificate, path, *held["certificate"], read_file), key))
    return found


def _from_base64(path: str, data: str) -> bytes:
    try:
        return binascii.a2b_base64(data.encode("ascii", "replace"))
    except binascii.Error as error:
        raise Nonsense(f"{path}: no base64 where a certificate or key should be") from error


def _certificate(path: str, data: str, name: str, read_file: ReadFile) -> Certificate:
    raw = _from_base64(path, data) if data else read_file(name)
    if raw is None:
        raise Unsupported(f"{path}: a certificate in another file, which is not looked at")
    return client_certificates.read(path, raw)


def _named(document: dict[Any, Any] | None, plural: str, kind: str) -> dict[str, dict[Any, Any]]:
    """Return what a list of named things says of each, of two with one name the first."""
    listed = (document or {}).get(plural)
    found: dict[str, dict[Any, Any]] = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get(kind), dict):
            found.setdefault(_word(one, "name"), one[kind])
    return found


def _word(of: dict[Any, Any], name: str) -> str:
    """Return a text as it is written, "" where there is none."""
    value = of.get(name)
    return value.text if isinstance(value, Undecided) else value if isinstance(value, str) else ""
