"""Private keys in the forms of OpenSSH and OpenSSL, with nothing in them: only what says how they are protected is looked at."""

import base64


def text(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def openssh(cipher: bytes = b"none", kind: bytes = b"ssh-ed25519", *, cut: int | None = None) -> bytes:
    """Return a key in the form of PROTOCOL.key, cut short where that is asked."""
    kdf = b"none" if cipher == b"none" else b"bcrypt"
    blob = b"openssh-key-v1\0" + text(cipher) + text(kdf) + text(b"") + (1).to_bytes(4, "big") + text(text(kind) + text(b"x" * 32)) + text(b"y" * 64)
    return pem(base64.encodebytes(blob[:cut]), "OPENSSH ")


def pem(body: bytes, kind: str = "", head: bytes = b"") -> bytes:
    label = f"{kind}PRIVATE KEY-----\n".encode()
    return b"-----BEGIN " + label + head + body + b"-----END " + label
