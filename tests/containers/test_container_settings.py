"""How a container was set up, as engines write it: each form of a limit, of a restart policy, of the name of an image, and of a health check."""

from typing import Any

import pytest
from containers.container_host import ident, inspected

from hostcheck.model import Hole, Why
from hostcheck_builtin.containers import container_settings


def told(engine: str = "docker", **given: Any) -> Any:
    return container_settings.settings(inspected(engine=engine, **given))


def known(fact: Any) -> Any:
    return None if isinstance(fact, Hole) else fact


@pytest.mark.parametrize(("value", "limit"), [(None, 0), (0, 0), (-1, 0), (64, 64)])
def test_no_limit_is_told_in_three_ways(value: Any, limit: int) -> None:
    assert told(Memory=value, PidsLimit=value)["limits"] == {"memory": limit, "pids": limit, "cpu": []}


@pytest.mark.parametrize("value", [True, "1", 1.0, 1 << 63, [1]])
def test_what_is_no_number_is_no_limit(value: Any) -> None:
    assert isinstance(told(PidsLimit=value)["limits"]["pids"], Hole)


@pytest.mark.parametrize(
    ("given", "cpu"),
    [
        ({}, []),
        ({"NanoCpus": 500_000_000}, ["quota"]),
        ({"CpuQuota": 50_000, "CpuPeriod": 100_000}, ["quota"]),
        ({"CpuQuota": -1}, []),
        ({"CpuShares": 512}, ["weight"]),
        ({"CpuShares": 512, "NanoCpus": 1}, ["quota", "weight"]),
        ({"CpusetCpus": "0"}, []),
        ({"CpuShares": None, "CpuQuota": None, "NanoCpus": None}, []),
        ({"CpuShares": "512"}, None),
        ({"CpuQuota": True}, None),
    ],
)
def test_what_bounds_the_cpu_time(given: dict[str, Any], cpu: Any) -> None:
    assert known(told(**given)["limits"]["cpu"]) == cpu


@pytest.mark.parametrize(
    ("policy", "restart"),
    [
        ({"Name": "no", "MaximumRetryCount": 0}, {"policy": "no", "retries": 0}),
        ({"Name": "", "MaximumRetryCount": 0}, {"policy": "no", "retries": 0}),
        ({"Name": "always"}, {"policy": "always", "retries": 0}),
        ({"Name": "unless-stopped", "MaximumRetryCount": 0}, {"policy": "unless-stopped", "retries": 0}),
        ({"Name": "on-failure", "MaximumRetryCount": 5}, {"policy": "on-failure", "retries": 5}),
        ({"Name": "on-failure", "MaximumRetryCount": -1}, {"policy": "on-failure", "retries": 0}),
        ({}, {"policy": "no", "retries": 0}),
        ({"Name": "sometimes"}, None),
        ({"Name": "on-failure", "MaximumRetryCount": "5"}, None),
        ("no", None),
        (None, None),
    ],
)
def test_when_it_is_started_again(policy: Any, restart: Any) -> None:
    assert known(told(RestartPolicy=policy)["restart"]) == restart


@pytest.mark.parametrize(
    ("check", "checked"),
    [
        ({"Test": ["CMD-SHELL", "true"]}, True),
        ({"Test": ["CMD", "true"], "Interval": 1}, True),
        ({"Test": ["NONE"]}, False),
        ({"Test": []}, False),
        ({"Test": None}, False),
        ({"Interval": 1}, False),
        (None, False),
        ({"Test": "true"}, None),
        ("true", None),
    ],
)
def test_whether_its_health_is_checked(check: Any, checked: Any) -> None:
    document = inspected()
    document["Config"]["Healthcheck"] = check
    assert known(container_settings.settings(document)["health_check"]) is checked


def test_who_says_nothing_of_health_has_no_check() -> None:
    assert told()["health_check"] is False
    assert told(Healthy=True)["health_check"] is True
    assert container_settings.settings({"Config": None})["health_check"].why is Why.NONSENSE
    assert container_settings.settings({})["health_check"].why is Why.UNSUPPORTED


DIGEST = f"sha256:{ident(9)}"


@pytest.mark.parametrize(
    ("image", "pinned"),
    [
        ("app", False),
        ("registry.example:5000/team/app:1.0", False),
        (f"app@{DIGEST}", True),
        (f"registry.example:5000/team/app:1.0@{DIGEST}", True),
        (f"app@sha512:{ident(9)}{ident(9)}", True),
        (DIGEST, True),
        (ident(7), True),
        (ident(7)[:12], True),
        (ident(7)[:4], False),
        (ident(9)[:12], False),
        ("cafecafecafe", False),
        (f"app@{DIGEST[:-1]}", False),
        (f"app@{DIGEST}x", False),
        (f"app@md5:{ident(9)}", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_an_image_by_what_is_in_it(image: str, pinned: bool, engine: str) -> None:
    """The id of the image is 0707…07."""
    assert told(engine, Image=image)["image_pinned"] is pinned


@pytest.mark.parametrize("image", [1, None, "x" * 5000])
def test_what_is_no_name_of_an_image_is_not_known(image: Any) -> None:
    assert isinstance(told(Image=image)["image_pinned"], Hole)
    assert isinstance(container_settings.settings({**inspected(Image=ident(7)[:12]), "Image": image})["image_pinned"], Hole)


def test_variables_are_told_by_name() -> None:
    assert told(Env=["A=1", "API_KEY=x"])["secret_variables"] == ["API_KEY"]
    assert told(Env=None)["secret_variables"] == []
    assert told(Env="API_KEY=x")["secret_variables"].why is Why.NONSENSE
