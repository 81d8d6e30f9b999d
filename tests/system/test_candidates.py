"""Which sockets the configuration of an engine means: what an address is, and how far imports are followed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system import candidates

CONFIG = "/etc/containerd/config.toml"


def containerds(text: str, **files: str) -> set[str]:
    return set(candidates.toml(MemoryHost({CONFIG: text, **files}), CONFIG, "containerd"))


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("unix:///srv/a.sock", "/srv/a.sock"),
        (" unix:///srv/a.sock\n", "/srv/a.sock"),
        ("unix:///srv/a://b", "/srv/a://b"),
        ("unix://", None),
        ("/srv/a.sock ", "/srv/a.sock"),
        ("unix://a.sock", None),
        ("a.sock", None),
        ("", None),
        ("fd://", None),
        ("tcp:///srv/a.sock", None),
        ("npipe:////./pipe/docker", None),
    ],
)
def test_what_an_address_means(address: str, path: str | None) -> None:
    assert containerds(f"[ttrpc]\naddress = {json.dumps(address)}\n") == ({path} if path else set())


@pytest.mark.parametrize("address", ["unix://", "a.sock", "unix://a.sock", ""])
@pytest.mark.parametrize("table", ["grpc", "ttrpc"])
def test_an_address_that_depends_on_where_containerd_was_started_is_none(address: str, table: str) -> None:
    assert containerds(f'[{table}]\naddress = "{address}"\n') == set()


def test_containerd_listens_for_ttrpc_beside_it_unless_told_otherwise() -> None:
    assert containerds('grpc = {address = "/a"}\n') == {"/a", "/a.ttrpc"}
    assert containerds('grpc = {address = "/a"}\nttrpc = {address = "/b"}\n') == {"/a", "/b"}


def test_imports_are_followed_from_where_they_stand() -> None:
    assert containerds('imports = ["more/*.toml", "/x*.toml"]\n', **{
        "/etc/containerd/more/a.toml": 'grpc = {address = "/a"}\nimports = ["b"]\n',
        "/etc/containerd/more/b": 'ttrpc = {address = "/b"}\n',
        "/etc/containerd/more/c.conf": 'ttrpc = {address = "/c"}\n',
        "/x1.toml": 'ttrpc = {address = "/x"}\n',
    }) == {"/a", "/a.ttrpc", "/b", "/x"}  # fmt: skip


def test_documents_stand_by_their_path_and_what_is_not_there_is_empty() -> None:
    host = MemoryHost({"/etc/containerd/config.toml": 'imports = ["a.toml", "b.toml"]\n', "/etc/containerd/a.toml": "x = 1\n"})
    found = candidates.documents(host, "/etc/containerd/config.toml")
    assert {path: document.get("x") for path, document in found.items()} == {
        "/etc/containerd/config.toml": None,
        "/etc/containerd/a.toml": 1,
        "/etc/containerd/b.toml": None,
    }


def test_so_many_imports_are_followed() -> None:
    files = {f"/etc/containerd/{number}.toml": 'ttrpc = {address = "/a"}\n' for number in range(99)}
    assert containerds('imports = ["[0-9]*.toml"]\n', **files) == {"/a"}
    with pytest.raises(LimitExceeded):
        containerds('imports = ["[0-9]*.toml"]\n', **files, **{"/etc/containerd/99.toml": ""})
    with pytest.raises(LimitExceeded):
        containerds('imports = ["*/a.toml"]\n')


@pytest.mark.parametrize(
    ("path", "names", "engine"),
    [
        ("/srv/x", ("docker.socket",), "docker"),
        ("/srv/x", ("cri-docker.service",), "cri-dockerd"),
        ("/srv/x", ("mine.socket", "podman.service"), "podman"),
        ("/srv/crio.sock", ("mine.socket",), "crio"),
        ("/srv/crio.sock", ("docker.socket",), "docker"),
        ("/srv/docker.sock/x", (), "unknown"),
    ],
)
def test_an_engine_is_told_by_a_unit_before_the_path(path: str, names: tuple[str, ...], engine: str) -> None:
    assert candidates.named(path, *names) == engine


@given(st.text("/.ab", max_size=12))
def test_a_path_keeps_its_meaning_without_what_the_kernel_passes_over(path: str) -> None:
    plain = candidates.plain(path)
    if path.startswith("/"):
        assert [name for name in path.split("/") if name not in ("", ".")] == [name for name in plain[1:].split("/") if name]
        assert candidates.plain(plain) == plain and "//" not in plain
    else:
        assert plain == path
