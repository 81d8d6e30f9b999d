import pytest
from credentials import signed_certificates as signed
from credentials.certificate_texts import pem
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense, Unsupported
from hostcheck_builtin.credentials.client_certificates import Certificate, read
from hostcheck_builtin.credentials.signatures import is_key_of, signed_by

MINE = (signed.MASTERS, signed.KUBEADM, signed.NODE, signed.SERVING, signed.OLD)


def told(one: signed.Signed) -> Certificate:
    return read("x", one.certificate)


@pytest.mark.parametrize("one", [*MINE, signed.ELSEWHERE, signed.BY_RSA])
@pytest.mark.parametrize("authority", [signed.AUTHORITY, signed.OTHER, signed.RSA_AUTHORITY])
def test_who_signed_it(one: signed.Signed, authority: signed.Signed) -> None:
    by = signed.OTHER if one is signed.ELSEWHERE else signed.RSA_AUTHORITY if one is signed.BY_RSA else signed.AUTHORITY
    assert signed_by("x", told(one), told(authority)) is (by is authority)


@pytest.mark.parametrize(("one", "by"), [(signed.MASTERS, signed.AUTHORITY), (signed.BY_RSA, signed.RSA_AUTHORITY)])
@given(data=st.data())
def test_any_bit_may_be_another(one: signed.Signed, by: signed.Signed, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(["signed", "signature", "issuer"]))
    raw = bytearray(getattr(told(one), field))
    at = data.draw(st.integers(1 if field == "signature" else 0, len(raw) - 1))
    raw[at] ^= data.draw(st.sampled_from([1 << bit for bit in range(8)]))
    try:
        assert signed_by("x", told(one)._replace(**{field: bytes(raw)}), told(by)) is False
    except Nonsense:
        pass


@pytest.mark.parametrize("one", [*MINE, signed.BY_RSA])
@pytest.mark.parametrize("other", [*MINE, signed.BY_RSA])
def test_a_key_is_that_of_one_certificate(one: signed.Signed, other: signed.Signed) -> None:
    assert is_key_of("x", other.key, told(one)) is (one is other)


@pytest.mark.parametrize(
    "text", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END "]
)
def test_what_is_no_key(text: bytes) -> None:
    with pytest.raises(Nonsense):
        is_key_of("x", text, told(signed.MASTERS))


def test_what_is_not_known_here() -> None:
    for encrypted in (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ", b"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA==\n-----END "):
        with pytest.raises(Unsupported):
            is_key_of("x", encrypted, told(signed.MASTERS))
    other = told(signed.MASTERS)._replace(algorithm=b"\x06\x03\x2b\x65\x70")  # Ed25519
    with pytest.raises(Unsupported):
        signed_by("x", other, told(signed.AUTHORITY))
    sha1 = told(signed.BY_RSA)._replace(algorithm=bytes.fromhex("06092a864886f70d010105"))
    assert signed_by("x", sha1, told(signed.RSA_AUTHORITY)) is False


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    for one in (told(signed.MASTERS)._replace(key=raw), told(signed.AUTHORITY)._replace(key=raw), read("x", pem("a"))):
        for ask in (lambda one=one: signed_by("x", told(signed.MASTERS), one), lambda one=one: is_key_of("x", signed.MASTERS.key, one)):
            try:
                assert ask() is False
            except (Nonsense, Unsupported):
                pass


@pytest.mark.parametrize("exponent", ["0203000001", "0203000002"])
def test_an_authority_whose_key_signs_nothing_is_no_authority(exponent: str) -> None:
    """With 1 every text is its own signature."""
    authority = told(signed.RSA_AUTHORITY)
    weak = authority._replace(key=authority.key.replace(bytes.fromhex("0203010001"), bytes.fromhex(exponent)))
    assert weak != authority
    with pytest.raises(Nonsense):
        signed_by("x", told(signed.BY_RSA), weak)
