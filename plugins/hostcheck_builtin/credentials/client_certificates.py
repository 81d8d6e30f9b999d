"""Reads a certificate: for whom it is, when it holds, what it may be used for, and what `signatures` verifies.

Each organisation (O) of the subject is a group in Kubernetes. Only this is read of the DER (X.690; RFC 5280, section 4).
"""

import binascii
from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import Nonsense, pattern
from hostcheck_builtin.credentials.cluster_groups import ADMINS
from hostcheck_builtin.system.bounds import CERTIFICATE_BYTES as SIZE

BEGIN: Final = b"-----BEGIN CERTIFICATE-----"
END: Final = b"-----END CERTIFICATE-----"
SEQUENCE: Final = 0x30
SET: Final = 0x31
VERSION: Final = 0xA0
EXTENSIONS: Final = 0xA3
OCTETS: Final = 0x04
UTC_TIME: Final = 0x17
BMP: Final = 0x1E
ORGANISATION: Final = b"\x06\x03\x55\x04\x0a"
USAGES: Final = b"\x06\x03\x55\x1d\x25"
"""Extended key usage (RFC 5280, section 4.2.1.12): without it, any."""
CLIENT: Final = (b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02", b"\x06\x04\x55\x1d\x25\x00")
"""clientAuth and anyExtendedKeyUsage."""
TIME: Final = pattern(rb"(\d{2}|\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\d{4}(?:\d{2})?)Z")


class Certificate(NamedTuple):
    """The groups of administrators that it is for, from when and until when it holds (YYYYMMDDhhmmss, UTC), and whether a client may show it.

    `whole` is all of it, `signed` what the signature is about, `issuer` and `subject` are names in DER, and `key` is the SubjectPublicKeyInfo.
    """

    groups: tuple[str, ...]
    begins: str
    ends: str
    for_clients: bool = True
    whole: bytes = b""
    signed: bytes = b""
    issuer: bytes = b""
    subject: bytes = b""
    key: bytes = b""
    algorithm: bytes = b""
    signature: bytes = b""

    @property
    def expires(self) -> str:
        """Return the last day on which it holds, as YYYY-MM-DD."""
        return f"{self.ends[:4]}-{self.ends[4:6]}-{self.ends[6:8]}"


class Element(NamedTuple):
    """One element: its tag, all of it, and what is in it."""

    tag: int
    whole: bytes
    content: bytes


NONE: Final = (Element(0, b"", b""),) * 2


def read(path: str, raw: bytes) -> Certificate:
    """Return what the first certificate of a PEM file says; raises Nonsense for what is none."""
    return next(each(path, raw))


def each(path: str, raw: bytes) -> Iterator[Certificate]:
    """Yield what each certificate of a PEM file says, at least one; raises Nonsense for what is none."""
    _, begin, rest = raw[:SIZE].partition(BEGIN)
    if not begin:
        raise Nonsense(f"{path}: no certificate where one should be")
    while begin:
        text, end, rest = rest.partition(END)
        if not end:
            raise Nonsense(f"{path}: no certificate where one should be")
        yield _certificate(path, from_base64(path, text))
        _, begin, rest = rest.partition(BEGIN)


def from_base64(path: str, text: bytes) -> bytes:
    """Return what is between the lines of a PEM file; raises Nonsense for what is no base64."""
    try:
        return binascii.a2b_base64(text)
    except binascii.Error as error:
        raise Nonsense(f"{path}: no base64 where a certificate or key should be") from error


def _certificate(path: str, der: bytes) -> Certificate:
    (certificate,) = elements(path, der, 1)
    (told, *rest) = elements(path, certificate.content, 3)
    algorithm, signature = [*rest, *NONE][:2]
    fields = elements(path, told.content, 10)
    # serial number, algorithm, issuer, validity, subject, key; a certificate of version 1 does not say so
    fields = fields[1:] if fields[0].tag == VERSION else fields
    if len(fields) < 5:
        raise Nonsense(f"{path}: a certificate without what each has")
    _, _, issuer, validity, subject, *more = fields
    begins, ends = [*parts(path, validity, SEQUENCE), *NONE][:2]
    extensions = next((one for one in more if one.tag == EXTENSIONS), None)
    return Certificate(
        groups=_groups(path, subject),
        begins=_time(path, begins),
        ends=_time(path, ends),
        for_clients=extensions is None or _for_clients(path, extensions),
        whole=certificate.whole,
        signed=told.whole,
        issuer=issuer.whole,
        subject=subject.whole,
        key=more[0].whole if more else b"",
        algorithm=algorithm.content,
        signature=signature.content,
    )


def elements(path: str, raw: bytes, count: int) -> list[Element]:
    """Return the first elements of a content, `count` at most; raises Nonsense where one does not fit, or there is none."""
    found: list[Element] = []
    at = 0
    while at < len(raw) and len(found) < count:
        tag, size, start = raw[at], raw[at + 1] if at + 1 < len(raw) else 0xFF, at + 2
        if size >= 0x80:
            start, size = start + (size & 0x7F), int.from_bytes(raw[start : start + (size & 0x7F)], "big") if size & 0x7F in (1, 2, 3) else len(raw)
        if start + size > len(raw):
            raise Nonsense(f"{path}: ends in the middle of a certificate or key")
        found.append(Element(tag, raw[at : start + size], raw[start : start + size]))
        at = start + size
    if not found:
        raise Nonsense(f"{path}: a certificate or key without what each has")
    return found


def parts(path: str, above: Element, tag: int) -> list[Element]:
    """Return what is in an element of this tag, nothing where that is empty; raises Nonsense where it has another."""
    if above.tag != tag:
        raise Nonsense(f"{path}: a certificate or key with something else where a part of it should be")
    return elements(path, above.content, len(above.content)) if above.content else []


def _groups(path: str, subject: Element) -> tuple[str, ...]:
    """Return the groups of administrators among the organisations of a name (RFC 5280, section 4.1.2.4)."""
    found = set[str]()
    for name in parts(path, subject, SEQUENCE):
        for one in parts(path, name, SET):
            kind, value = [*parts(path, one, SEQUENCE), *NONE][:2]
            if kind.whole == ORGANISATION:
                found.add(value.content.decode("utf-16-be" if value.tag == BMP else "utf-8", "replace"))
    return tuple(name for name in ADMINS if name in found)


def _for_clients(path: str, extensions: Element) -> bool:
    """Say whether extensions let a client show the certificate."""
    (listed,) = elements(path, extensions.content, 1)
    for one in parts(path, listed, SEQUENCE):
        kind, *rest = parts(path, one, SEQUENCE) or NONE
        if kind.whole == USAGES and rest:
            usages, *_ = parts(path, rest[-1], OCTETS) or NONE  # whether it is critical stands between
            return any(usage.whole in CLIENT for usage in parts(path, usages, SEQUENCE))
    return True


def _time(path: str, end: Element) -> str:
    """Return a time as YYYYMMDDhhmmss; a year of two digits below 50 is of this century (RFC 5280, section 4.1.2.5.1)."""
    found = TIME.fullmatch(end.content)
    if found is None or (len(found[1]) == 2) != (end.tag == UTC_TIME):
        raise Nonsense(f"{path}: a certificate without a time at which it ends")
    year, month, day, rest = (part.decode() for part in found.groups())
    century = "" if len(year) == 4 else "20" if year < "50" else "19"
    return f"{century}{year}{month}{day}{rest:0<6}"
