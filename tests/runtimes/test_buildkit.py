"""buildkitd is not in Debian: what its file and its options mean is by its source (cmd/buildkitd of v0.32), and by hand."""

from typing import Any

import pytest
from runtimes.runtime_host import facts, why

CONF = "/etc/buildkit/buildkitd.toml"
DAEMON = "/etc/docker/daemon.json"
UNIT = "/usr/lib/systemd/system/buildkit.service"
BOTH = 'insecure-entitlements = ["network.host", "security.insecure"]\n'
PROGRAM = "/usr/bin/buildkitd"


def read(files: dict[str, Any], *commands: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = facts(files, *commands)["buildkit"]
    return found


def test_a_host_without_it_has_nothing_to_state() -> None:
    assert read({}) == {}
    assert read({CONF: BOTH})[CONF]["there"] is False


def test_what_is_installed_and_told_nothing() -> None:
    assert read({PROGRAM: ""}) == {CONF: {"engine": "buildkit", "there": True, "running": False, "entitlements": {}}}


def test_what_the_file_allows() -> None:
    found = read({PROGRAM: "", CONF: BOTH})[CONF]["entitlements"]
    assert sorted((one["name"], one["by"]) for one in found.values()) == [("network.host", CONF), ("security.insecure", CONF)]


@pytest.mark.parametrize("words", [("--allow-insecure-entitlement", "network.host"), ("--allow-insecure-entitlement=network.host",)])
def test_options_count_instead_of_the_file(words: tuple[str, ...]) -> None:
    found = read({CONF: BOTH}, (PROGRAM, "--debug", *words))[CONF]
    allowed = {"network.host by an option of a process": {"name": "network.host", "by": "an option of a process"}}
    assert (found["running"], found["entitlements"]) == (True, allowed)


def test_what_runs_and_what_its_unit_starts_next_both_count() -> None:
    unit = {UNIT: f"[Service]\nExecStart={PROGRAM} --allow-insecure-entitlement=device,security.insecure\n"}
    by = "by an option of buildkit.service"
    assert read({**unit}, (PROGRAM,))[CONF]["entitlements"].keys() == {f"device {by}", f"security.insecure {by}"}
    assert read({**unit, "/o": BOTH}, (PROGRAM, "--config", "/o")).keys() == {CONF, "/o"}


@pytest.mark.parametrize("text", ["insecure-entitlements = 1\n", "insecure-entitlements = [1]\n", "[x\n"])
def test_a_malformed_file_is_not_known(text: str) -> None:
    assert why(read({PROGRAM: "", CONF: text})[CONF]["entitlements"].hole).startswith(f"nonsense: {CONF}")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("{}", set()),
        ('{"builder": {"entitlements": {"security-insecure": true, "network-host": true}}}', {"security.insecure"}),
        ('{"builder": {"entitlements": {"security-insecure": false}}}', set()),
        ('{"builder": {"gc": {"enabled": true}}}', set()),
    ],
)
def test_the_one_in_dockerd(text: str, allowed: set[str]) -> None:
    found = read({DAEMON: text})[DAEMON]
    assert (found["engine"], found["there"], {one["name"] for one in found["entitlements"].values()}) == ("docker", True, allowed)


def test_a_daemon_json_that_dockerd_refuses() -> None:
    assert why(read({DAEMON: "{"})[DAEMON]).startswith("nonsense")
