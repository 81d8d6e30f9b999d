"""Public keys as sshd reads them: the lines of authorized_keys with their options, or of a list of keys (sshd(8)). A key is named by its fingerprint."""

import binascii
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from hostcheck.api import pattern

KEY: Final = pattern(r"(?:^|[ \t])((?:sk-)?(?:ssh|ecdsa)-[A-Za-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]|$)")
QUOTED: Final = pattern(r'"(?:[^"\\]|\\.)*"')


EMPTY: Final = '""'


class PublicKey(NamedTuple):
    """A key by its fingerprint, as ssh-keygen -l shows it, with the line that it stands on and its options, by their names."""

    line: int
    fingerprint: str
    options: Mapping[str, str]


def fingerprint(blob: bytes) -> str:
    """Return the fingerprint of a public key (RFC 4253, section 6.6)."""
    return f"SHA256:{b64encode(sha256(blob).digest()).decode().rstrip('=')}"


def public_keys(text: str) -> Iterator[PublicKey]:
    """Yield the keys of a file; a line that holds none is passed over."""
    for number, line in enumerate(text.splitlines(), 1):
        told = QUOTED.sub(EMPTY, line.strip())
        found = None if told.startswith("#") else KEY.search(told)
        blob = _blob(found[1], found[2]) if found else None
        if found and blob:
            yield PublicKey(number, fingerprint(blob), _options(told[: found.start()], QUOTED.findall(line)))


def _options(told: str, quoted: list[str]) -> dict[str, str]:
    """Return the options of a key by their names, each in lower case; what is quoted was taken out before."""
    options: dict[str, str] = {}
    values = iter(quoted)
    for name, _, value in (one.partition("=") for one in told.split(",")):
        told_ = next(values, "") if value.strip() == EMPTY else value
        if name.strip():
            options[name.strip().lower()] = told_.strip('"')
    return options


def _blob(kind: str, text: str) -> bytes | None:
    """Return a key, None where what stands there is none of this kind."""
    try:
        blob = binascii.a2b_base64(text)
    except binascii.Error:
        return None
    return blob if blob[4 : 4 + int.from_bytes(blob[:4], "big")] == kind.encode() else None
