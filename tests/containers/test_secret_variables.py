"""Which variables are taken for secrets, by name and by value; and that nothing of a value is told."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded
from hostcheck.model import Why
from hostcheck_builtin.containers import secret_variables

VALUE = "hunter2-canary"


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD", "password", "DB_PASSWORD", "DB_PASSWORD_1", "POSTGRES_PASSWORD", "PGPASSWORD", "dbPassword", "spring.datasource.password"),
        *("MYSQL_PWD", "SMTP_PASS", "LDAP_BIND_PW", "REDIS_PASSWD", "KEY_PASSPHRASE", "ROOT_PASSWORD2"),
        *("SECRET", "JWT_SECRET", "CLIENT_SECRET", "appSecret", "SECRET_KEY", "SECRET_KEY_BASE", "DJANGO_SECRET_KEY"),
        *("TOKEN", "GITHUB_TOKEN", "VAULT_TOKEN", "accessToken", "npm_config__authToken"),
        *("API_KEY", "APIKEY", "apiKey", "OPENAI_API_KEY", "STRIPE-API-KEY", "PRIVATE_KEY", "APP_KEY", "ENCRYPTION_KEY", "SIGNING_KEY"),
        *(
            "AWS_SECRET_ACCESS_KEY",
            "S3_SECRET_ACCESS_KEY",
            "NEO4J_AUTH",
            "github_pat",
            "AZURE_STORAGE_CONNECTION_STRING",
            "REDISCLI_AUTH",
            "SERVICE_CREDENTIALS",
        ),
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert secret_variables.names([f"{name}={VALUE}"]) == [name]
    assert secret_variables.names([f"{name}="]) == secret_variables.names([name]) == []


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD_FILE", "DB_PASSWORD_FILE", "SECRET_PATH", "TOKEN_URL", "TOKEN_TTL", "PASSWORD_MIN_LENGTH", "SECRET_NAME", "SECRETS_DIR"),
        *("PWD", "OLDPWD", "PATH", "HOME", "KEY", "PUBLIC_KEY", "CACHE_KEY", "AWS_ACCESS_KEY_ID", "SORT_KEY", "COMPASS", "BYPASS", "MAX_TOKENS"),
        *("GOOGLE_APPLICATION_CREDENTIALS", "SSH_AUTH_SOCK", "TOKENIZER", "KEYBOARD", "", "1", "_", "AUTHOR", "GPG_KEY", "S3_ACCESS_KEY"),
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert secret_variables.names([f"{name}=/some/thing"]) == []


@pytest.mark.parametrize("value", ["yes", "no", "true", "False", "on", "OFF", "/run/secrets/db", "/var/run/secrets/kubernetes.io/serviceaccount/token"])
def test_a_switch_and_a_place_are_no_secrets(value: str) -> None:
    assert secret_variables.names([f"ALLOW_EMPTY_PASSWORD={value}"]) == []


@pytest.mark.parametrize("value", ["1", "0", "none", "/etc/x", "/", "yes!", " "])
def test_what_may_be_a_password_is_one(value: str) -> None:
    assert secret_variables.names([f"DB_PASSWORD={value}"]) == ["DB_PASSWORD"]


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (f"postgres://app:{VALUE}@db:5432/app", True),
        (f"redis://:{VALUE}@cache", True),
        (f"http_proxy is http://me:{VALUE}@proxy:3128/ here", True),
        (f"amqp+ssl://a:{VALUE}@b", True),
        ("https://example.org:8080/a@b", False),
        ("https://user@example.org/", False),
        ("https://user:@example.org/", False),
        ("mailto:a@b", False),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII", True),
        ("-----BEGIN PRIVATE KEY-----", True),
        ("-----BEGIN CERTIFICATE-----", False),
        ("x" * 5000 + f"https://a:{VALUE}@b", False),
    ],
)
def test_values_that_are_secrets_whatever_their_name(value: str, secret: bool) -> None:
    assert secret_variables.names([f"PLACE={value}"]) == (["PLACE"] if secret else [])


def test_each_name_once_and_in_order() -> None:
    assert secret_variables.names(["B_TOKEN=1", "A_TOKEN=", "B_TOKEN=2", "A_TOKEN=3"]) == ["A_TOKEN", "B_TOKEN"]


def test_names_are_bounded_and_hold_no_sign_that_means_something() -> None:
    hostile = "\x1b[2J\u202e{/name}\n=x" + "A" * 100_000 + "_TOKEN"
    assert secret_variables.names([hostile]) == []
    named = secret_variables.names(["\x1b[2J\u202e{/name}\n" + "A" * 100_000 + "_TOKEN=x"])
    assert named == ["??2J??/name??".replace("/", "?") + "A" * 51]
    many = secret_variables.names([f"A{number:03}_TOKEN=x" for number in range(100)])
    assert len(many) == 20 and many[0] == "A000_TOKEN" and many.hole.why is Why.LIMIT
    with pytest.raises(LimitExceeded):
        secret_variables.names(["A=1"] * 10_001)


@pytest.mark.parametrize("value", ["A_TOKEN=x", {"A_TOKEN": "x"}, [1], [None]])
def test_what_is_no_environment(value: Any) -> None:
    with pytest.raises(TypeError):
        secret_variables.names(value)


@given(st.lists(st.text(max_size=12).map(lambda name: f"{name.replace('=', '')}={VALUE}"), max_size=5))
@example([f"PASSWORD=https://a:{VALUE}@b"])
def test_nothing_of_a_value_is_told(variables: list[str]) -> None:
    assert VALUE not in json.dumps(secret_variables.names(variables))
