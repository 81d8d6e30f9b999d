"""Where dockerd looks for its file, and what stands there."""

from typing import Any

import pytest
from daemon.daemon_host import JSON, host

from hostcheck.model import Hole, OpenArray, Why
from hostcheck_builtin.daemon import config_file
from hostcheck_builtin.dockerd import flags

NAMESPACE = {"/proc/self/ns/user": "user:[4026531837]"}


def file(line: str = "", **given: Any) -> Any:
    links = {**NAMESPACE, **given.pop("links", {})}
    return config_file.of_root(host(links=links, **given), flags.parse(line.split()), {})


def test_where_it_is() -> None:
    assert file() == {"path": JSON, "given": False, "present": False, "refused": [], "keys": [], "settings": {}, "root_owned": True}
    assert file("--config-file /x.json")["refused"] == ["a flag names it, and it is not there"]
    assert file("--config-file=/x.json", files={"/x.json": '{"icc": false}'})["settings"] == {"icc": False}


def test_a_link_of_roots_is_followed() -> None:
    assert file(files={"/srv/d.json": '{"icc": false}'}, links={JSON: "/srv/d.json"})["settings"] == {"icc": False}


@pytest.mark.parametrize("text", [PermissionError(13, "Permission denied", JSON), "x" * (2 << 20)])
def test_what_cannot_be_read(text: Any) -> None:
    found = file(files={JSON: text})
    assert isinstance(found["present"], Hole) and isinstance(found["refused"], OpenArray) and isinstance(found["settings"], Hole)


def test_a_path_that_depends_on_where_it_was_started() -> None:
    found = file("--config-file=daemon.json")
    assert isinstance(found, Hole) and found.why is Why.UNSUPPORTED
    denied = Hole(why=Why.DENIED, message="x")
    assert config_file.of_root(host(), denied, {}) is denied
