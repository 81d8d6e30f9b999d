from typing import Any

import pytest
from credentials import signed_certificates as signed
from credentials.certificate_texts import der, pem
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck_builtin.credentials.client_certificates import ADMINS, each, read

MASTERS = ("system:masters",)


@pytest.mark.parametrize(
    ("organisations", "more", "found"),
    [
        (MASTERS, {}, (MASTERS, "2030-01-02")),
        (("kubeadm:cluster-admins",), {}, (("kubeadm:cluster-admins",), "2030-01-02")),
        (("developers", "system:masters"), {}, (MASTERS, "2030-01-02")),
        (("system:masters ",), {}, ((), "2030-01-02")),
        (("system:nodes",), {}, ((), "2030-01-02")),
        ((), {}, ((), "2030-01-02")),
        (MASTERS, {"tag": 0x13}, (MASTERS, "2030-01-02")),
        (MASTERS, {"tag": 0x1E}, (MASTERS, "2030-01-02")),
        (MASTERS, {"oid": bytes.fromhex("060355040b")}, ((), "2030-01-02")),
        (MASTERS, {"version": False}, (MASTERS, "2030-01-02")),
        (MASTERS, {"ends": b"991231235959Z"}, (MASTERS, "1999-12-31")),
        (MASTERS, {"ends": b"20991231235959Z", "time": 0x18}, (MASTERS, "2099-12-31")),
    ],
)
def test_what_a_certificate_says(organisations: tuple[str, ...], more: dict[str, Any], found: tuple[tuple[str, ...], str]) -> None:
    told = read("x", pem(*organisations, **more))
    assert (told.groups, told.expires, told.begins, told.for_clients) == (*found, "20200102030405", True)


def test_each_certificate_of_a_file() -> None:
    assert [one.groups for one in each("x", pem("a") + b"x" + pem("system:masters"))] == [(), MASTERS]
    with pytest.raises(Nonsense):
        list(each("x", pem("a") + b"-----BEGIN CERTIFICATE-----\nAAAA"))


@pytest.mark.parametrize(("one", "for_clients"), [(signed.MASTERS, True), (signed.SERVING, False), (signed.AUTHORITY, True), (signed.BY_RSA, True)])
def test_what_it_may_be_used_for(one: signed.Signed, for_clients: bool) -> None:
    assert read("x", one.certificate).for_clients is for_clients


def test_one_that_ends_too_early_is_none() -> None:
    whole = der("system:masters")
    for end in range(len(whole)):
        with pytest.raises(Nonsense):
            read("x", pem(whole=whole[:end]))


@pytest.mark.parametrize("raw", [b"", b"-----BEGIN CERTIFICATE-----\nAAA", pem("a", ends=b"300230030405+01"), pem("a", ends=b"20300102030405Z")])
def test_what_is_none(raw: bytes) -> None:
    with pytest.raises(Nonsense):
        read("x", raw)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda whole: pem(whole=whole)))
def test_any_bytes(raw: bytes) -> None:
    try:
        assert set(read("x", raw).groups) <= set(ADMINS)
    except Nonsense:
        pass


@given(st.integers(0, len(der("system:masters")) - 1), st.integers(0, 255))
def test_any_byte_may_be_another(at: int, byte: int) -> None:
    whole = bytearray(der("system:masters"))
    whole[at] = byte
    try:
        read("x", pem(whole=bytes(whole)))
    except Nonsense:
        pass
