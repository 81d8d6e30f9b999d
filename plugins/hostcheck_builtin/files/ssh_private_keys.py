"""What protects a private key of OpenSSH: a passphrase, hardware that must be there, or nothing; and which keys a user's ssh tries.

The forms are those of PROTOCOL.key and of the PEM files of OpenSSL (ssh-keygen(1), -m; RFC 1421, Proc-Type; RFC 5958). No part of a key is ever stated.
"""

import binascii
import re
from typing import Final

from hostcheck.api import Nonsense, pattern

USUAL: Final = ("id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_dsa")
"""What ssh(1) tries in ~/.ssh."""
MAGIC: Final = b"openssh-key-v1\0"
LABEL: Final = pattern(rb"-----BEGIN ((?:OPENSSH |RSA |DSA |EC |ENCRYPTED )?PRIVATE KEY)-----\r?\n")
OPENSSH: Final = b"OPENSSH PRIVATE KEY"
IDENTITY: Final = pattern(r"[ \t]*identityfile[ \t]*[= \t][ \t]*(?:\"([^\"]+)\"|([^\s\"#]+))[ \t]*", re.IGNORECASE)


def protection(path: str, raw: bytes) -> str | None:
    """Return passphrase, hardware or none; None where the file is no private key. Raises Nonsense for one that ssh could not read."""
    found = LABEL.match(raw.lstrip())
    if found is None:
        return None
    rest = raw.lstrip()[found.end() :]
    kind = found[1].decode()
    if found[1] == OPENSSH:
        return _of_openssh(path, rest)
    encrypted = kind == "ENCRYPTED PRIVATE KEY" or (kind != "PRIVATE KEY" and rest.startswith(b"Proc-Type: 4,ENCRYPTED"))
    return "passphrase" if encrypted else "none"


def public_key(path: str, raw: bytes) -> bytes | None:
    """Return the public key of a private one in OpenSSH's form, which holds it unencrypted; None for another form. Raises as `protection` does."""
    found = LABEL.match(raw.lstrip())
    return _parts(path, raw.lstrip()[found.end() :])[1] if found is not None and found[1] == OPENSSH else None


def _of_openssh(path: str, rest: bytes) -> str:
    cipher, public = _parts(path, rest)
    kind, _ = _text(path, public, 0)
    return "passphrase" if cipher != b"none" else "hardware" if kind.startswith(b"sk-") else "none"


def _parts(path: str, rest: bytes) -> tuple[bytes, bytes]:
    """Return the name of the cipher, and the public key."""
    try:
        blob = binascii.a2b_base64(rest.partition(b"-----END")[0])
    except binascii.Error as error:
        raise Nonsense(f"{path}: no base64 where a private key should be") from error
    if not blob.startswith(MAGIC):
        raise Nonsense(f"{path}: not in the form of OpenSSH")
    cipher, at = _text(path, blob, len(MAGIC))
    for _ in range(2):  # the name of the key derivation, and its options
        _, at = _text(path, blob, at)
    public, _ = _text(path, blob, at + 4)
    return cipher, public


def _text(path: str, blob: bytes, at: int) -> tuple[bytes, int]:
    """Return the string that stands at a place, and where it ends (RFC 4251, section 5)."""
    end = at + 4 + int.from_bytes(blob[at : at + 4], "big")
    if len(blob) < min(end, at + 4) or end > len(blob):
        raise Nonsense(f"{path}: ends in the middle of a private key")
    return blob[at + 4 : end], end


def named(text: str, home: str) -> list[str]:
    """Return the paths below a home, relative to it, that IdentityFile lines of ~/.ssh/config name (ssh_config(5))."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        one = IDENTITY.fullmatch(line)
        path = "" if one is None else one[1] or one[2]
        for start in ("~/", "%d/", f"{home}/"):
            rest = path.removeprefix(start)
            if rest != path and "%" not in rest and ".." not in rest.split("/") and rest.strip("/"):
                found.setdefault("/".join(name for name in rest.split("/") if name not in ("", ".")), None)
    return list(found)
