"""Which groups systemd gives services: the last assignment counts, but for lists, which an empty one clears."""

from typing import Any

import pytest

from hostcheck.api import attempt
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.groups.unit_groups import service_groups

DENIED = PermissionError(13, "Permission denied")
UNITS = "/etc/systemd/system"


def stated(files: dict[str, Any], **more: Any) -> Any:
    return attempt(service_groups, MemoryHost(files, **more))


def units(*texts: str, name: str = "x.service", **files: Any) -> Any:
    more = {f"{UNITS}/{name}.d/{number}.conf": text for number, text in enumerate(texts[1:])}
    return stated({f"{UNITS}/{name}": texts[0], **more, **files})


@pytest.mark.parametrize(
    ("texts", "given"),
    [
        (["[Service]\nUser=ann\nGroup=docker\n"], ("ann", False, ["docker"])),
        (["[Service]\nUser=ann\nSupplementaryGroups=docker\nSupplementaryGroups=audio 999\n"], ("ann", False, ["docker", "audio", "999"])),
        (["[Service]\nUser=ann\nSupplementaryGroups=docker\nSupplementaryGroups=\nSupplementaryGroups=audio\n"], ("ann", False, ["audio"])),
        (["[Service]\nUser=ann\nSupplementaryGroups=docker\n", "[Service]\nSupplementaryGroups=\n"], None),
        (["[Service]\nUser=ann\n", "[Service]\nUser=bob\nGroup=docker\n"], ("bob", False, ["docker"])),
        (["[Service]\nGroup=docker\nGroup=\n"], None),
        (["[Service]\nDynamicUser=yes\nSupplementaryGroups='docker'\n"], ("", True, ["docker"])),
        (["[Service]\nDynamicUser=off\nGroup=docker\n"], ("", False, ["docker"])),
        (["[Unit]\nGroup=docker\n[Service]\nUser=ann\n"], None),
        (["[Service]\n#Group=docker\nUser=ann\n"], None),
        ([""], None),
    ],
)
def test_groups_of_services(texts: list[str], given: tuple[str, bool, list[str]] | None) -> None:
    assert units(*texts) == ({} if given is None else {"x.service": dict(zip(("user", "dynamic", "groups"), given, strict=True))})


def test_an_instance_with_drop_ins_of_its_own_stands_beside_its_template() -> None:
    template = {f"{UNITS}/x@.service.d/all.conf": "[Service]\nGroup=audio\n"}
    told = units("[Service]\nUser=%i\n", "[Service]\nSupplementaryGroups=docker\n", name="x@ann.service", **template)
    assert told["x@ann.service"]["groups"] == ["audio", "docker"]
    files = {f"{UNITS}/x@.service": "[Service]\nUser=%i\n", f"{UNITS}/x@ann.service.d/1.conf": "[Service]\nSupplementaryGroups=docker\n"}
    assert stated(files) == {"x@ann.service": {"user": "%i", "dynamic": False, "groups": ["docker"]}}
    assert stated({f"{UNITS}/y@ann.service.d/1.conf": "[Service]\nGroup=docker\n"}) == {}


def test_a_masked_service_gives_nothing_and_one_that_cannot_be_read_is_not_known() -> None:
    vendor = {"/usr/lib/systemd/system/x.service": "[Service]\nUser=ann\nGroup=docker\n"}
    assert set(stated(vendor)) == {"x.service"}
    assert stated(vendor, links={f"{UNITS}/x.service": "/dev/null"}) == {}
    assert isinstance(stated({**vendor, f"{UNITS}/x.service": DENIED})["x.service"], Hole)
    assert isinstance(stated({**vendor, UNITS: DENIED}), Hole)
