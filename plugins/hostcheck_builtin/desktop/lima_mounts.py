"""The mounts in a lima.yaml, as limactl reads them: Lima's own, and those of Colima and Rancher Desktop, which write such files for it.

It reads by goccy/go-yaml since 0.12, and asks a second reader whether that is YAML (pkg/limayaml/marshal.go). That takes neither yes nor "true" for a flag;
before 0.12 yes was one (yaml.v2), so that a file with it is not known.
"""

from typing import Any, Final, NamedTuple

from hostcheck.api import Unsupported
from hostcheck_builtin.system import yaml_file
from hostcheck_builtin.system.yaml_file import Undecided

FLAGS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
KEYS: Final = frozenset({"location", "mountPoint", "writable", "sshfs", "9p", "virtiofs"})
"""Everything that a mount may have (templates/default.yaml of Lima 1.0)."""
DISPUTED: Final = (b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
"""A byte order mark, and the line breaks of YAML 1.1 beyond ASCII: goccy/go-yaml takes them for parts of a text, libyaml does not."""


class LimaMount(NamedTuple):
    """One directory of the host that a machine is given; `writable` is None where the file does not say."""

    location: str
    writable: bool | None


def mounts(path: str, raw: bytes) -> list[LimaMount]:
    """Return the mounts that a file lists; raises Unsupported, Nonsense and LimitExceeded where that is not known."""
    if any(mark in raw for mark in DISPUTED):
        raise Unsupported(f"{path}: a byte order mark, or a line break that only some programs take for one")
    document = yaml_file.read(path, raw)
    found = {} if document is None else _mapping(path, document)
    if found.get("base") is not None:
        raise Unsupported(f"{path}: it is based on a template, which may have mounts as well")
    listed = found.get("mounts")
    if not isinstance(listed, list | None):
        raise Unsupported(f"{path}: its mounts are not a list")
    return [_mount(path, _mapping(path, one)) for one in listed or ()]


def _mapping(path: str, found: Any) -> dict[str, Any]:
    """Return a mapping by names; of one with another key goccy/go-yaml 1.11 reads nothing."""
    if not isinstance(found, dict) or not all(isinstance(key, str) and key.isprintable() for key in found):
        raise Unsupported(f"{path}: something else than a mapping by names")
    return found


def _mount(path: str, found: dict[str, Any]) -> LimaMount:
    location, writable = found.get("location"), found.get("writable")
    flag = FLAGS.get(writable.text) if isinstance(writable, Undecided) else None
    if not found.keys() <= KEYS or (flag is None and writable is not None):
        raise Unsupported(f"{path}: a mount with a key that is not known, or whose writable is neither true nor false")
    # A tab within a text without quotes is lost since goccy/go-yaml 1.15.
    if not isinstance(location, str) or not location or not location.isprintable():
        raise Unsupported(f"{path}: a mount without a location on one line")
    return LimaMount(location=location, writable=flag)
