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
    assert read({PROGRAM: ""}) == {CONF: {"engine": "buildkit", "there": True, "running": False, "entitlements": {}, "sockets": socket()}}


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
        ('{"builder": {"Entitlements": {"Security-Insecure": true}}}', {"security.insecure"}),
        ('{"builder": null}', set()),
        ('{"builder": {"gc": {"enabled": true}}}', set()),
    ],
)
def test_the_one_in_dockerd(text: str, allowed: set[str]) -> None:
    found = read({DAEMON: text})[DAEMON]
    assert (found["engine"], found["there"], {one["name"] for one in found["entitlements"].values()}) == ("docker", True, allowed)


@pytest.mark.parametrize("text", ["{", '{"builder": 5}', '{"builder": {"entitlements": 5}}'])
def test_a_daemon_json_that_dockerd_refuses(text: str) -> None:
    assert why(read({DAEMON: text})[DAEMON]).startswith("nonsense")


SOCKET = "/run/buildkit/buildkitd.sock"


def sockets(files: dict[str, Any], *commands: tuple[str, ...], at: str = CONF) -> Any:
    return read({PROGRAM: "", **files}, *commands)[at]["sockets"]


def socket(address: str = SOCKET, uid: int = 0, gid: int | str = 0, set_in: str = "", by: str = "[grpc]") -> dict[str, Any]:
    return {address: {"address": address, "uid": uid, "gid": gid, "by": by, "set_in": set_in}}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", socket()),
        ("[grpc]\ngid = 999\n", socket(gid=999, set_in=CONF)),
        ("[GRPC]\nUID = 5\n", socket(uid=5, set_in=CONF)),
        ('[grpc]\naddress = []\ngid = 0\nsecurityDescriptor = "x"\n', socket()),
        ('[grpc]\naddress = ["tcp://127.0.0.1:1", "unix:///run/b.sock", "fd://", "unix:///run/c.sock"]\n', socket("/run/b.sock") | socket("/run/c.sock")),
        ('[grpc]\naddress = ["tcp://127.0.0.1:1"]\ngid = 999\n', {}),
    ],
)
def test_the_sockets_that_it_makes_at_its_next_start(text: str, made: dict[str, Any]) -> None:
    assert sockets({CONF: text}) == made


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (("--group", "docker"), socket(gid="docker", set_in="a process", by="--group")),
        (("--group=7",), socket(gid=7, set_in="a process", by="--group")),
        (("--group=-1",), socket(gid=-1, set_in="a process", by="--group")),
        (("--group", "0"), socket(by="--group")),
        (("--group", ""), socket(gid=999, set_in=CONF)),
        (("--addr", "unix:///run/x.sock", "--addr=tcp://127.0.0.1:1"), socket("/run/x.sock", gid=999, set_in=CONF)),
    ],
)
def test_options_say_where_its_sockets_are_and_whose_instead_of_the_file(words: tuple[str, ...], made: dict[str, Any]) -> None:
    assert sockets({CONF: "[grpc]\ngid = 999\n"}, (PROGRAM, *words)) == made


def test_after_a_restart_its_unit_counts_and_not_how_it_runs_now() -> None:
    unit = {UNIT: f"[Service]\nExecStart={PROGRAM} --group docker\n"}
    assert sockets(unit, (PROGRAM, "--group", "0", "--addr", "unix:///run/x.sock")) == socket(gid="docker", set_in="buildkit.service", by="--group")


def test_of_two_that_run_the_one_that_gives_its_socket_away_counts() -> None:
    commands = [(PROGRAM, "--group", "7"), (PROGRAM,)]
    given = socket(gid=7, set_in="a process", by="--group")
    assert sockets({}, *commands) == sockets({}, *reversed(commands)) == given


def test_the_group_in_the_usual_file_counts_whatever_file_it_is_told() -> None:
    """It is what --group has unasked (defaultConf of buildkitd)."""
    other = {"/o": "[grpc]\nuid = 5\ngid = 7\n"}
    assert sockets(other, (PROGRAM, "--config", "/o"), at="/o") == socket(uid=5, gid=7, set_in="/o")
    assert sockets({**other, CONF: "[grpc]\ngid = 999\n"}, (PROGRAM, "--config", "/o"), at="/o") == socket(uid=5, gid=999, set_in=CONF)
    assert why(sockets({**other, CONF: "[x\n"}, (PROGRAM, "--config", "/o"), at="/o").hole).startswith(f"nonsense: {CONF}")


@pytest.mark.parametrize("text", ["grpc = 3\n", '[grpc]\naddress = "unix:///run/b.sock"\n', "[x\n"])
def test_where_a_file_is_no_configuration_its_sockets_are_not_known(text: str) -> None:
    assert why(sockets({CONF: text}).hole).startswith(f"nonsense: {CONF}")


@pytest.mark.parametrize("key", ["uid", "gid"])
def test_an_owner_of_the_wrong_type_is_not_known(key: str) -> None:
    assert why(sockets({CONF: f'[grpc]\n{key} = "x"\n'})[SOCKET][key]).startswith(f"nonsense: {CONF}")


def test_the_one_in_dockerd_makes_no_socket() -> None:
    assert read({DAEMON: "{}"})[DAEMON]["sockets"] == {}


def test_what_nobody_sees_may_make_other_sockets() -> None:
    hidden = {"/proc/101/cmdline": PermissionError(13, "no", "/proc/101/cmdline")}
    assert why(sockets(hidden, (PROGRAM, "--group", "7"), (PROGRAM,)).hole).startswith("denied")
