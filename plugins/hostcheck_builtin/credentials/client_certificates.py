"""Reads a client's certificate: which administrators' groups it names as organisations, and when it expires.

Each organisation (O) of the subject is a group in Kubernetes. Only this is read of the DER (X.690; RFC 5280, section 4.1); no signature is verified.
"""

import binascii
from typing import Final, NamedTuple

from hostcheck.api import Nonsense, pattern
from hostcheck_builtin.system.bounds import CERTIFICATE_BYTES as SIZE

ADMINS: Final = ("system:masters", "kubeadm:cluster-admins")
"""The group that every API server obeys, and the one that kubeadm binds to cluster-admin (kubernetes.io, RBAC; kubeadm 1.29)."""
BEGIN: Final = b"-----BEGIN CERTIFICATE-----"
END: Final = b"-----END CERTIFICATE-----"
SEQUENCE: Final = 0x30
SET: Final = 0x31
VERSION: Final = 0xA0
UTC_TIME: Final = 0x17
BMP: Final = 0x1E
ORGANISATION: Final = b"\x06\x03\x55\x04\x0a"
TIME: Final = pattern(rb"(\d{2}|\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{4,6}Z")


class ClientCertificate(NamedTuple):
    """The groups of administrators that a certificate is for, and the last day on which it holds."""

    groups: tuple[str, ...]
    expires: str


class _Element(NamedTuple):
    """One element: its tag, all of it, and what is in it."""

    tag: int
    whole: bytes
    content: bytes


NONE: Final = (_Element(0, b"", b""),) * 2


def read(path: str, raw: bytes) -> ClientCertificate:
    """Return what the first certificate of a PEM file says; raises Nonsense for what is none."""
    _, begin, rest = raw[:SIZE].partition(BEGIN)
    text, end, _ = rest.partition(END)
    try:
        der = binascii.a2b_base64(text)
    except binascii.Error as error:
        raise Nonsense(f"{path}: no base64 where a certificate should be") from error
    if not begin or not end:
        raise Nonsense(f"{path}: no certificate where one should be")
    (certificate,) = _elements(path, der, 1)
    (told,) = _elements(path, certificate.content, 1)
    fields = _elements(path, told.content, 7)
    # serial number, algorithm, issuer, validity, subject; a certificate of version 1 does not say so
    _, _, _, validity, subject = fields[1:6] if fields[0].tag == VERSION else fields[:5]
    return ClientCertificate(_groups(path, subject), _last_day(path, validity))


def _elements(path: str, raw: bytes, count: int) -> list[_Element]:
    """Return the first elements of a content, `count` at most; raises Nonsense where one does not fit, or there is none."""
    found: list[_Element] = []
    at = 0
    while at < len(raw) and len(found) < count:
        tag, size, start = raw[at], raw[at + 1] if at + 1 < len(raw) else 0xFF, at + 2
        if size >= 0x80:
            start, size = start + (size & 0x7F), int.from_bytes(raw[start : start + (size & 0x7F)], "big") if size & 0x7F in (1, 2, 3) else len(raw)
        if start + size > len(raw):
            raise Nonsense(f"{path}: ends in the middle of a certificate")
        found.append(_Element(tag, raw[at : start + size], raw[start : start + size]))
        at = start + size
    if not found or (count > 1 and len(found) < 5):
        raise Nonsense(f"{path}: a certificate without what each has")
    return found


def _groups(path: str, subject: _Element) -> tuple[str, ...]:
    """Return the groups of administrators among the organisations of a name (RFC 5280, section 4.1.2.4)."""
    found = set[str]()
    for name in _parts(path, subject, SEQUENCE):
        for one in _parts(path, name, SET):
            kind, value = [*_parts(path, one, SEQUENCE), *NONE][:2]
            if kind.whole == ORGANISATION:
                found.add(value.content.decode("utf-16-be" if value.tag == BMP else "utf-8", "replace"))
    return tuple(name for name in ADMINS if name in found)


def _parts(path: str, above: _Element, tag: int) -> list[_Element]:
    """Return what is in an element of this tag, nothing where that is empty."""
    if above.tag != tag:
        raise Nonsense(f"{path}: a certificate with a name that is none")
    parts: list[_Element] = []
    rest = above.content
    while rest:
        (one,) = _elements(path, rest, 1)
        parts.append(one)
        rest = rest[len(one.whole) :]
    return parts


def _last_day(path: str, validity: _Element) -> str:
    """Return the end of a validity as YYYY-MM-DD; a year of two digits below 50 is of this century (RFC 5280, section 4.1.2.5.1)."""
    end = [*_parts(path, validity, SEQUENCE), *NONE][1]
    found = TIME.fullmatch(end.content)
    if found is None or (len(found[1]) == 2) != (end.tag == UTC_TIME):
        raise Nonsense(f"{path}: a certificate without a time at which it ends")
    year = found[1].decode()
    century = "" if len(year) == 4 else "20" if year < "50" else "19"
    return f"{century}{year}-{found[2].decode()}-{found[3].decode()}"
