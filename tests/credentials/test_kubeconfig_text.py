import base64
import json
from typing import Any

import pytest
import yaml
from credentials.certificate_texts import SECRET, data, pem, user
from credentials.credential_host import LOOPBACK, kubeconfig
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded, Nonsense, Unsupported
from hostcheck.model import Hole
from hostcheck_builtin.credentials.kubeconfig_text import CONTEXTS, ClusterLogin, logins

KEY = base64.b64encode(SECRET.encode()).decode()


def read(text: str, files: dict[str, bytes] | None = None) -> list[ClusterLogin]:
    return logins("x", text.encode(), (files or {}).get)


@pytest.mark.parametrize(
    ("of", "found"),
    [
        ({"token": "a"}, ["token"]),
        ({"tokenFile": "/a"}, ["token"]),
        ({"exec": {"command": "aws"}}, ["exec"]),
        ({"auth-provider": {"name": "gcp"}}, ["exec"]),
        ({"username": "a", "password": "b"}, ["password"]),
        ({**user("system:masters"), "token": "a"}, ["token", "certificate"]),
        ({"client-certificate-data": data("a")}, []),
        ({"client-certificate-data": data("a"), "client-key-data": ""}, []),
        ({"token": ""}, []),
        ({}, []),
    ],
)
def test_by_what_a_user_logs_in(of: dict[str, Any], found: list[str]) -> None:
    assert [one.by for one in read(kubeconfig(of))] == found


def test_json_is_read_as_well() -> None:
    text = json.dumps(yaml.safe_load(kubeconfig()))
    assert read(text) == read(kubeconfig()) and read(text)[0].certificate.groups == ("system:masters",)  # type: ignore[union-attr]


def test_a_certificate_in_a_file_of_its_own() -> None:
    of = {"client-certificate": "pki/a.crt", "client-key": "pki/a.key"}
    (one,) = read(kubeconfig(of), {"pki/a.crt": pem("system:masters")})
    assert (one.certificate.groups, one.key) == (("system:masters",), None)  # type: ignore[union-attr]
    (one,) = read(kubeconfig(of))
    assert isinstance(one.certificate, Hole)
    (one,) = read(kubeconfig({**of, "client-certificate-data": data("kubeadm:cluster-admins")}))
    assert one.certificate.groups == ("kubeadm:cluster-admins",)  # type: ignore[union-attr]


def test_a_key_that_stands_in_the_file() -> None:
    assert [one.key for one in read(kubeconfig())] == [SECRET.encode()]
    assert isinstance(read(kubeconfig({"client-certificate-data": data("a"), "client-key-data": "a"}))[0].key, Hole)


def test_only_what_a_context_names_is_a_login() -> None:
    document = yaml.safe_load(kubeconfig())
    assert read(yaml.safe_dump({**document, "contexts": []})) == []
    assert read(yaml.safe_dump({**document, "contexts": [*document["contexts"], {"name": "y", "context": {"cluster": "c", "user": "u"}}]})) == read(
        yaml.safe_dump(document)
    )
    document["users"].insert(0, {"name": "u", "user": {"token": "first"}})
    assert [one.by for one in read(yaml.safe_dump(document))] == ["token"]
    many = [{"name": str(number), "context": {"cluster": "c", "user": "u"}} for number in range(CONTEXTS + 1)]
    with pytest.raises(LimitExceeded):
        read(yaml.safe_dump({**document, "contexts": many}))


@pytest.mark.parametrize("text", ["", "null\n", "a: 1\n", "users: 1\nclusters: [1, {}]\ncontexts: {}\n", kubeconfig(server="")])
def test_what_says_nothing(text: str) -> None:
    assert read(text) == []


def test_no_message_has_a_secret() -> None:
    for text in (f"- {SECRET}", f"{SECRET}: [", f"a: &{SECRET} 1", f"{SECRET}: 1\n{SECRET}: 2", "a\x00"):
        with pytest.raises((Nonsense, Unsupported)) as raised:
            read(text)
        assert SECRET not in str(raised.value)
    for wrong in (SECRET, KEY, "LS0t"):
        (one,) = read(kubeconfig({"client-certificate-data": wrong, "client-key-data": KEY}))
        assert isinstance(one.certificate, Hole) and SECRET not in one.certificate.message and KEY not in one.certificate.message


def test_a_name_that_programs_read_in_several_ways() -> None:
    document = kubeconfig().replace("name: u", "name: 1_000").replace("user: u", "user: 1_000")
    assert [one.server for one in read(document)] == [LOOPBACK]


@given(
    st.text(max_size=200) | st.binary(max_size=50).map(lambda raw: kubeconfig({"client-certificate-data": base64.b64encode(raw).decode(), "client-key": "a"}))
)
def test_any_text(text: str) -> None:
    try:
        read(text)
    except (Nonsense, Unsupported, LimitExceeded):
        pass
