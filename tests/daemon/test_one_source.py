"""Flags before the file, and the file before dockerd's default; and what keeps dockerd from starting."""

from typing import Any

import pytest

from hostcheck.model import Hole, HoleError, OpenArray, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.daemon import one_source

DENIED = Hole(why=Why.DENIED, message="Permission denied")


def source(flags: Any = None, settings: Any = None, *, given: Any = (), keys: Any = (), refused: Any = ()) -> View:
    file = {"path": "/d.json", "settings": settings if isinstance(settings, Hole) else settings or {}, "keys": keys if isinstance(keys, Hole) else list(keys)}
    return View({"flags": {} if flags is None else flags, "given": list(given), "file": {**file, "refused": list(refused)}})


def test_which_counts() -> None:
    assert one_source.setting(source({"icc": False}, {"icc": True}), "icc", False) == (False, "flag")
    assert one_source.setting(source({}, {"icc": False}), "icc", False) == (False, "file")
    assert one_source.setting(source(), "icc", False) == (True, "default")
    assert one_source.setting(source(), "tlsverify", False) is None
    assert one_source.setting(source(), "data-root", False) == ("/var/lib/docker", "default")
    assert one_source.setting(source(), "data-root", True) is None


@pytest.mark.parametrize("which", [source(DENIED), source(incomplete({}, DENIED)), source({}, DENIED), source({}, {"icc": DENIED})])
def test_what_is_not_known_is_no_default(which: View) -> None:
    with pytest.raises(HoleError):
        one_source.setting(which, "icc", False)


def test_a_flag_is_known_whatever_the_file_says() -> None:
    assert one_source.setting(source({"icc": False}, DENIED), "icc", False) == (False, "flag")


def test_clashes() -> None:
    assert one_source.refuses(source(given=["hosts", "runtimes"], keys=["hosts", "icc", "runtimes"]), "docker.service") == [
        "hosts is set by a flag of docker.service and in /d.json"
    ]
    assert one_source.refuses(source({"iptables": False}, {"icc": False}), "x") == ["icc is false, which needs packet filter rules, and iptables is false"]
    assert one_source.refuses(source(refused=["no JSON"], keys=DENIED, settings=DENIED), "x") == ["/d.json: no JSON"]


@pytest.mark.parametrize(
    ("flags", "settings", "starts"),
    [
        ({}, {"tls": False}, True),
        ({}, {"tls": True}, False),
        ({}, {"tlsverify": False}, False),
        ({}, {"tls": True, "tlscert": "/c", "tlskey": "/k"}, True),
        ({"tls": True}, {}, True),
    ],
)
def test_tls_needs_a_certificate(flags: dict[str, Any], settings: dict[str, Any], starts: bool) -> None:
    """Where flags ask for it, dockerd looks in root's home too."""
    assert (one_source.refuses(source(flags, settings), "x") == []) is starts


def test_what_may_clash_leaves_it_open() -> None:
    found = one_source.refuses(source(given=["hosts"], keys=DENIED), "x")
    assert isinstance(found, OpenArray) and found == []


@pytest.mark.parametrize("name", ["", "runc", "io.containerd.runsc.v1", "kata", "own"])
def test_runtimes_that_a_default_may_be(name: str) -> None:
    assert one_source.refuses(source({"runtimes": {"own": "/x"}}, {"default-runtime": name, "runtimes": {"kata": "/y"}}), "dockerd") == []


def test_a_default_runtime_that_is_none() -> None:
    assert one_source.refuses(source({}, {"default-runtime": "kata"}), "dockerd") == ["default-runtime is the name of no runtime"]
    found = one_source.refuses(source(incomplete({}, DENIED), {"default-runtime": "kata", "icc": False, "iptables": False}), "dockerd")
    assert isinstance(found, OpenArray)


@pytest.mark.parametrize(("flag", "key"), [("bridge", "bip"), ("bip", "bridge"), ("log-driver", "log-opts"), ("log-opts", "log-driver")])
def test_what_is_set_in_two_places_is_left_open(flag: str, key: str) -> None:
    found = one_source.refuses(source(given=[flag], keys=[key]), "dockerd")
    assert isinstance(found, OpenArray) and found == [] and key in found.hole.message
    assert not isinstance(one_source.refuses(source(keys=[flag, key]), "dockerd"), OpenArray)
    both = one_source.refuses(source({}, {"icc": False, "iptables": False}, given=[flag], keys=[key]), "dockerd")
    assert both == ["icc is false, which needs packet filter rules, and iptables is false"]
