"""What a kubeconfig says: by which servers and with what each of its contexts logs in. What that is goes into no fact and no message.

The form is v1.Config of k8s.io/client-go/tools/clientcmd/api; data in the file count before the file that they may stand in instead.
"""

import binascii
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, LimitExceeded, Nonsense, Unsupported, attempt
from hostcheck_builtin.credentials import client_certificates
from hostcheck_builtin.credentials.client_certificates import ClientCertificate
from hostcheck_builtin.system import yaml_file
from hostcheck_builtin.system.bounds import KUBECONFIG_CONTEXTS as CONTEXTS
from hostcheck_builtin.system.yaml_file import Undecided

OTHER: Final = {"token": "token", "tokenFile": "token", "exec": "exec", "auth-provider": "exec", "username": "password"}
"""What else than a certificate a user may have, and what kind of login that is."""
ReadFile = Callable[[str], bytes | None]
"""What returns a file that a kubeconfig names, None where there is none."""


class ClusterLogin(NamedTuple):
    """A login: the URL of its server, by what, a certificate if it is by one, whether the key stands in a file of its own, and the secret to compare by.

    The secret is empty where it does not stand in the kubeconfig: who knows the name of a file does not know what is in it.
    """

    server: str
    by: str
    certificate: ClientCertificate | Hole | None = None
    key_apart: bool = False
    secret: bytes = b""


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
    has = dict.fromkeys(by for name, by in OTHER.items() if user.get(name))
    found = [ClusterLogin(server, by, secret=_bytes(_word(user, "token")) if by == "token" else b"") for by in has]
    held = {name: (_word(user, f"client-{name}-data"), _word(user, f"client-{name}")) for name in ("certificate", "key")}
    if any(held["certificate"]) and any(held["key"]):
        certificate = attempt(_certificate, path, *held["certificate"], read_file)
        data, key = held["certificate"][0], held["key"][0]
        found.append(ClusterLogin(server, "certificate", certificate, not key, _bytes(f"{data} {key}") if data and key else b""))
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _certificate(path: str, data: str, name: str, read_file: ReadFile) -> ClientCertificate:
    if data:
        try:
            return client_certificates.read(path, binascii.a2b_base64(data.encode("ascii", "replace")))
        except binascii.Error as error:
            raise Nonsense(f"{path}: no base64 where a certificate should be") from error
    raw = read_file(name)
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
