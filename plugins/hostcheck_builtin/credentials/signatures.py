"""Whether a certificate is signed by an authority, and whether a private key is that of a certificate: RSA and ECDSA, as Kubernetes and Docker take them.

Nothing is kept secret here, and time may tell something: what is verified is public, and a private key is only compared. See RFC 8017 (section 8.2.2),
FIPS 186-5 (section 6.4.2), RFC 5480, RFC 5915 and RFC 5958. MD5 and SHA-1 are refused, as Go does (crypto/x509 of Go 1.18).
"""

import hashlib
from typing import Final, NamedTuple

from hostcheck.api import Nonsense, Unsupported
from hostcheck_builtin.credentials.client_certificates import NONE, OCTETS, SEQUENCE, Certificate, Element, elements, from_base64, parts

INTEGER: Final = 0x02
MODULUS_BITS: Final = 8192
"""Bits of an RSA key; Go takes no larger ones (crypto/tls of Go 1.20.7)."""
RSA: Final = bytes.fromhex("06092a864886f70d010101")
EC: Final = bytes.fromhex("06072a8648ce3d0201")
HASHES: Final = {
    bytes.fromhex("06092a864886f70d01010b"): (RSA, "sha256", bytes.fromhex("3031300d060960864801650304020105000420")),
    bytes.fromhex("06092a864886f70d01010c"): (RSA, "sha384", bytes.fromhex("3041300d060960864801650304020205000430")),
    bytes.fromhex("06092a864886f70d01010d"): (RSA, "sha512", bytes.fromhex("3051300d060960864801650304020305000440")),
    bytes.fromhex("06082a8648ce3d040302"): (EC, "sha256", b""),
    bytes.fromhex("06082a8648ce3d040303"): (EC, "sha384", b""),
    bytes.fromhex("06082a8648ce3d040304"): (EC, "sha512", b""),
}
"""By the name of an algorithm for signatures: that of its key, its hash, and what stands before the hash in PKCS #1."""
BROKEN: Final = tuple(map(bytes.fromhex, ("06092a864886f70d010104", "06092a864886f70d010105", "06072a8648ce3d0401")))
"""MD5 and SHA-1 with RSA, SHA-1 with ECDSA."""
Point = tuple[int, int]


class Curve(NamedTuple):
    """A curve y² = x³ - 3x + b over the integers modulo `p`, its order `n`, and its point `g` (SP 800-186, section 3.2.1)."""

    p: int
    n: int
    g: Point


CURVES: Final = {
    bytes.fromhex("06082a8648ce3d030107"): Curve(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5),
    ),
    bytes.fromhex("06052b81040022"): Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        (
            0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
            0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
        ),
    ),
}
"""P-256 and P-384, which are those that kubeadm, k3s and openssl make keys on."""


class _PublicKey(NamedTuple):
    """The algorithm of a key; then modulus and exponent of RSA, or the curve and the point."""

    algorithm: bytes
    n: int = 0
    e: int = 0
    curve: Curve | None = None
    point: Point = (0, 0)


def signed_by(path: str, one: Certificate, authority: Certificate) -> bool:
    """Say whether an authority signed a certificate; raises Unsupported for an algorithm that is not known here, Nonsense for what is no signature."""
    if one.issuer != authority.subject:
        return False
    oid = elements(path, one.algorithm, 1)[0].whole
    if oid in BROKEN:
        return False
    if oid not in HASHES:
        raise Unsupported(f"{path}: a certificate with a signature that cannot be verified here")
    algorithm, name, before = HASHES[oid]
    key = _public_key(path, authority.key)
    if key.algorithm != algorithm:
        return False
    digest, signature = hashlib.new(name, one.signed).digest(), one.signature[1:]
    try:
        return _rsa_signed(key, signature, before + digest) if key.curve is None else _ec_signed(path, key.curve, key.point, signature, digest)
    except ValueError as error:  # a point that is not on the curve
        raise Nonsense(f"{path}: a certificate with a key that is none") from error


def is_key_of(path: str, pem: bytes, one: Certificate) -> bool:
    """Say whether a private key in a PEM file is that of a certificate; raises Unsupported for one that is encrypted or not known here, and Nonsense."""
    public = _public_key(path, one.key)
    _, begin, rest = pem.partition(b"-----BEGIN ")
    while begin and not rest.partition(b"-----")[0].endswith(b"PRIVATE KEY"):
        _, begin, rest = rest.partition(b"-----BEGIN ")
    label, _, rest = rest.partition(b"-----")
    text, end, _ = rest.partition(b"-----END ")
    if not begin or not end:
        raise Nonsense(f"{path}: no private key where one should be")
    if label.startswith(b"ENCRYPTED") or b"ENCRYPTED" in text[:100]:
        raise Unsupported(f"{path}: a private key that is encrypted")
    told = parts(path, elements(path, from_base64(path, text), 1)[0], SEQUENCE)
    if label == b"PRIVATE KEY":  # the version, the algorithm, and the key in one of the forms below
        told = parts(path, _at(parts(path, _at(told, 2), OCTETS), 0), SEQUENCE)
    if _at(told, 1).tag != (INTEGER if public.curve is None else OCTETS):
        return False  # the key of another algorithm
    if public.curve is not None:
        secret = int.from_bytes(_at(told, 1).content, "big")
        return 0 < secret < public.curve.n and _combined(public.curve, secret, public.curve.g, 0, public.curve.g) == public.point
    n, d = _number(path, _at(told, 1)), _number(path, _at(told, 3))
    return n == public.n and d < n and pow(pow(2, d, n), public.e, n) == 2


def _public_key(path: str, info: bytes) -> _PublicKey:
    """Return a key of a certificate (SubjectPublicKeyInfo; RFC 5280, section 4.1)."""
    told = parts(path, elements(path, info, 1)[0], SEQUENCE)
    algorithm = parts(path, _at(told, 0), SEQUENCE)
    kind, curve, key = _at(algorithm, 0), _at(algorithm, 1), _at(told, 1).content[1:]  # the first octet says how many bits are unused
    if kind.whole == RSA:
        numbers = parts(path, elements(path, key, 1)[0], SEQUENCE)
        n, e = _number(path, _at(numbers, 0)), _number(path, _at(numbers, 1))
        if n.bit_length() > MODULUS_BITS or not n % 2 or not 2 < e < 2**32:
            raise Nonsense(f"{path}: a key of RSA that is none")
        return _PublicKey(RSA, n, e)
    on = CURVES.get(curve.whole) if kind.whole == EC else None
    size = 0 if on is None else (on.p.bit_length() + 7) // 8
    if on is None or len(key) != 1 + 2 * size or key[0] != 4:
        raise Unsupported(f"{path}: a certificate with a key that is not looked at here")
    return _PublicKey(EC, curve=on, point=(int.from_bytes(key[1 : 1 + size], "big"), int.from_bytes(key[1 + size :], "big")))


def _at(listed: list[Element], index: int) -> Element:
    """Return an element of a list, an empty one where there are fewer."""
    return listed[index] if index < len(listed) else NONE[0]


def _number(path: str, one: Element) -> int:
    if one.tag != INTEGER:
        raise Nonsense(f"{path}: a certificate or key without a number where one should be")
    return int.from_bytes(one.content, "big")


def _rsa_signed(key: _PublicKey, signature: bytes, told: bytes) -> bool:
    """Verify a signature of RSASSA-PKCS1-v1_5 by making what it has to be."""
    size = (key.n.bit_length() + 7) // 8
    wanted = b"\0\1" + b"\xff" * (size - len(told) - 3) + b"\0" + told
    return len(signature) == size == len(wanted) and pow(int.from_bytes(signature, "big"), key.e, key.n).to_bytes(size, "big") == wanted


def _ec_signed(path: str, curve: Curve, key: Point, signature: bytes, digest: bytes) -> bool:
    """Verify a signature of ECDSA."""
    numbers = parts(path, elements(path, signature, 1)[0], SEQUENCE)
    r, s = _number(path, _at(numbers, 0)), _number(path, _at(numbers, 1))
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())
    w = pow(s, -1, curve.n)
    found = _combined(curve, e * w % curve.n, curve.g, r * w % curve.n, key)
    return found is not None and found[0] % curve.n == r


def _combined(curve: Curve, a: int, one: Point, b: int, other: Point) -> Point | None:
    """Return a * one + b * other, None for the point at infinity; bit by bit, in Jacobian coordinates, which takes a tenth of what dividing would."""
    p, x, y, z = curve.p, 1, 1, 0
    points = (None, one, other, _sum(curve, one, other))
    for bit in reversed(range(max(a.bit_length(), b.bit_length()))):
        x, y, z = _doubled(p, x, y, z)
        point = points[(a >> bit & 1) + 2 * (b >> bit & 1)]
        if point is not None:
            x, y, z = (*point, 1) if not z else _added(p, x, y, z, point)
    if not z:
        return None
    inverse = pow(z, -1, p)
    return x * inverse**2 % p, y * inverse**3 % p


def _doubled(p: int, x: int, y: int, z: int) -> tuple[int, int, int]:
    squares = y * y % p
    s, m = 4 * x * squares % p, 3 * (x - z * z) * (x + z * z) % p
    u = (m * m - 2 * s) % p
    return u, (m * (s - u) - 8 * squares * squares) % p, 2 * y * z % p


def _added(p: int, x: int, y: int, z: int, point: Point) -> tuple[int, int, int]:
    """Return the sum of a point in Jacobian coordinates and one of the curve."""
    zz = z * z % p
    h, r = (point[0] * zz - x) % p, (point[1] * zz * z - y) % p
    if not h:
        return _doubled(p, x, y, z) if not r else (1, 1, 0)
    hh = h * h % p
    v = x * hh % p
    u = (r * r - h * hh - 2 * v) % p
    return u, (r * (v - u) - y * h * hh) % p, z * h % p


def _sum(curve: Curve, one: Point, other: Point) -> Point | None:
    x, y, z = _added(curve.p, *one, 1, other)
    inverse = pow(z, -1, curve.p) if z else 0
    return (x * inverse**2 % curve.p, y * inverse**3 % curve.p) if z else None
