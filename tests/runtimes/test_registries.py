from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtimes.runtime_host import CONTAINERD, CRI, MAIN, facts, why

from hostcheck_builtin.runtimes.registries import LOOPBACK, MOST

CERTS = "/etc/containerd/certs.d"


def read(files: dict[str, Any], *commands: tuple[str, ...]) -> Any:
    return facts({**CONTAINERD, **files}, *commands)["registries"]


def brief(found: dict[str, Any]) -> dict[str, tuple[bool, bool]]:
    return {one["host"]: (one["plain_http"], one["skip_verify"]) for one in found.values()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"reg:5000": (False, False)}),
        ("skip_verify = true\n", {"reg:5000": (False, True)}),
        ('server = "https://other"\nskip_verify = true\n', {"other": (False, True)}),
        ('server = "http://other:1"\n', {"other:1": (True, False)}),
        ('[host."http://m:1"]\n[host."https://n"]\nskip_verify = true\n', {"m:1": (True, False), "n": (False, True), "reg:5000": (False, False)}),
        ('[host."m"]\nskip_verify = false\n', {"m": (False, False), "reg:5000": (False, False)}),
        ('server = "https://m"\n[host."https://m"]\nskip_verify = true\n', {"m": (False, True)}),
        ('server = "https://m"\nskip_verify = true\n[host."https://m/v2"]\nskip_verify = false\n', {"m": (False, True)}),
        ('SERVER = "http://m"\n[Host."https://n"]\nSkip_Verify = true\n', {"m": (True, False), "n": (False, True)}),
    ],
)
def test_what_a_file_of_a_registry_says(text: str, expected: dict[str, tuple[bool, bool]]) -> None:
    found = read({f"{CERTS}/reg:5000/hosts.toml": text})
    assert brief(found) == expected
    assert {one["file"] for one in found.values()} == {f"{CERTS}/reg:5000/hosts.toml"}


def test_a_login_is_stated_nowhere() -> None:
    text = '[host."https://me:hunter2@m:1/hunter2"]\n[host."https://m:2"]\nheader = {authorization = "hunter2"}\n[host."https://x:hunter2@["]\n'
    found = read({f"{CERTS}/r/hosts.toml": text, MAIN: f'version = 2\n[plugins."{CRI}".registry.configs."reg".auth]\npassword = "hunter2"\n'})
    assert "m:1" in brief(found) and "hunter2" not in repr(found)
    assert "hunter2" not in repr(read({f"{CERTS}/r/hosts.toml": '[host]\n"https://me:hunter2@m" = 1\n'}))


@pytest.mark.parametrize("text", ["[x\n", "host = 1\n", "skip_verify = 1\n", "[host]\nx = 1\n"])
def test_a_malformed_file_is_not_known(text: str) -> None:
    found = read({f"{CERTS}/reg/hosts.toml": text})
    holes = [why(one["skip_verify"]) for one in found.values()] or [why(found.hole)]
    assert holes and all(hole.startswith(f"nonsense: {CERTS}/reg/hosts.toml") for hole in holes)


def test_directories_that_are_named_and_certificates_alone() -> None:
    text = f'version = 2\n[plugins."{CRI}".registry]\nconfig_path = "/a:/b/"\n[plugins."io.containerd.transfer.v1.local"]\nconfig_path = "/c"\n'
    files = {f"/{name}/{name}/hosts.toml": "skip_verify = true\n" for name in ("a", "b", "c")}
    assert set(brief(read({MAIN: text, **files, "/etc/docker/certs.d/x/ca.crt": ""}))) == {"a", "b", "c"}
    assert brief(read({"/etc/docker/certs.d/y/hosts.toml": ""})) == {"y": (False, False)}


def test_what_older_versions_of_containerd_have_in_their_own_file() -> None:
    text = f"""version = 2
[plugins."{CRI}".registry.mirrors."docker.io"]
endpoint = ["http://m:1", "https://n"]
"""
    assert brief(read({MAIN: text})) == {"m:1": (True, False), "n": (False, False)}
    more = f'version = 2\n[plugins."{CRI}".registry.configs."c:1".tls]\ninsecure_skip_verify = true\n'
    (one,) = read({MAIN: more}).values()
    assert one["host"] == "c:1" and why(one["skip_verify"]).startswith("unsupported")  # containerd 2 does not know it any more


def test_of_two_that_speak_of_one_registry_the_worse_counts() -> None:
    text = f'version = 2\n[plugins."{CRI}".registry.mirrors.r]\nendpoint = ["https://r"]\n[plugins."{CRI}".registry.configs.r.tls]\ninsecure_skip_verify = '
    (one,) = read({MAIN: f"{text}true\n"}).values()
    assert why(one["skip_verify"]).startswith("unsupported")
    other = {"/o.toml": 'imports = ["/x.toml"]\n', MAIN: "", "/x.toml": f"{text}true\n"}
    found = read(
        {**other, "/usr/lib/systemd/system/containerd.service": "[Service]\nExecStart=/usr/bin/containerd -c /o.toml\n", MAIN: 'imports = ["/x.toml"]\n'}
    )
    assert [one["there"] for one in found.values()] == [True]


def test_those_of_buildkit() -> None:
    text = '[registry."a:1"]\nhttp = true\n[registry."b"]\ninsecure = true\n[registry."c"]\nmirrors = ["x"]\n'
    found = facts({"/usr/bin/buildkitd": "", "/etc/buildkit/buildkitd.toml": text})["registries"]
    assert brief(found) == {"a:1": (True, False), "b": (False, True), "c": (False, False)}
    assert {one["engine"] for one in found.values()} == {"buildkit"}


def test_what_nobody_reads_says_so() -> None:
    (one,) = facts({f"{CERTS}/reg/hosts.toml": "skip_verify = true\n"})["registries"].values()
    assert one["there"] is False


def test_directories_are_bounded_and_a_closed_one_is_not_known() -> None:
    assert why(read({f"{CERTS}/{number}/hosts.toml": "" for number in range(MOST + 1)}).hole).startswith("limit")
    assert why(read({CERTS: PermissionError(13, "no", CERTS)}).hole).startswith("denied")


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST:5000", "127.0.0.1", "127.1.2.3:80", "[::1]:5000", "::1"])
def test_this_machine(name: str) -> None:
    assert LOOPBACK.match(name)


@pytest.mark.parametrize("name", ["localhost.example", "127.0.0.1.example:5000", "reg:127", "[::2]", "x127.0.0.1", "127.0.0.1\n"])
def test_another_machine(name: str) -> None:
    assert not LOOPBACK.match(name)


@given(st.text(max_size=60))
def test_any_name_of_a_host_is_stated_or_not_known(name: str) -> None:
    plain = "".join(f"\\U{ord(letter):08x}" for letter in name if not 0xD800 <= ord(letter) < 0xE000)
    found = read({f"{CERTS}/reg/hosts.toml": f'[host."{plain}"]\nskip_verify = true\n'})
    assert len(found) >= 1
