"""Certificates as DER, written here so that each part can be another; none is signed."""

import base64

SECRET = "zq7CanarySecret"
ORGANISATION = bytes.fromhex("060355040a")
COMMON_NAME = bytes.fromhex("0603550403")


def element(tag: int, *content: bytes) -> bytes:
    inside = b"".join(content)
    size = len(inside)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + inside


def name(*organisations: str, tag: int = 0x0C, oid: bytes = ORGANISATION) -> bytes:
    encoded = [one.encode("utf-16-be" if tag == 0x1E else "utf-8") for one in organisations]
    common = element(0x31, element(0x30, COMMON_NAME, element(0x0C, b"kubernetes-admin")))
    return element(0x30, *(element(0x31, element(0x30, oid, element(tag, one))) for one in encoded), common)


def der(*organisations: str, ends: bytes = b"300102030405Z", time: int = 0x17, tag: int = 0x0C, oid: bytes = ORGANISATION, version: bool = True) -> bytes:
    told = element(
        0x30,
        element(0xA0, element(2, b"\2")) if version else b"",
        element(2, b"\1"),
        element(0x30, b"\6\1\0"),
        name("system:masters-of-nothing"),
        element(0x30, element(0x17, b"200102030405Z"), element(time, ends)),
        name(*organisations, tag=tag, oid=oid),
        element(0x30, b"key"),
    )
    return element(0x30, told, element(0x30), element(3, b"\0signature"))


def pem(*organisations: str, whole: bytes | None = None, **more: object) -> bytes:
    text = base64.encodebytes(der(*organisations, **more) if whole is None else whole)  # type: ignore[arg-type]
    return b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n"


def data(*organisations: str, **more: object) -> str:
    return base64.b64encode(pem(*organisations, **more)).decode()


def user(*organisations: str, key: str = SECRET, **more: object) -> dict[str, object]:
    """Return what a kubeconfig says of a user with a certificate."""
    return {"client-certificate-data": data(*organisations, **more), "client-key-data": base64.b64encode(key.encode()).decode()}
