"""The capabilities that a file gives whoever executes it, as they stand in ``security.capability`` (capabilities(7), linux/capability.h).

The attribute is little endian on every machine, and which of its revisions it has is told by its size too: the kernel refuses one that disagrees.
"""

import errno
import os
import struct
from typing import Final

from hostcheck.host import Nonsense
from hostcheck.host.answers import FileCapabilities

EFFECTIVE: Final = 1
SIZES: Final = {1: 12, 2: 20, 3: 24}
"""Bytes of each VFS_CAP_REVISION: a head, one or two pairs of permitted and inheritable sets, and from 3 on the uid of a namespace's root."""


def read(path: str, name: bytes) -> FileCapabilities:
    """Return the capabilities of the file `name`, which messages call `path`; revision 0 where it has none, or its file system keeps none."""
    try:
        return parse(path, os.getxattr(name, "security.capability"))
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.EOPNOTSUPP):
            raise
        return FileCapabilities()


def parse(path: str, raw: bytes) -> FileCapabilities:
    """Return what the attribute of `path` says; raises Nonsense where no kernel would take it."""
    head = int.from_bytes(raw[:4], "little")
    revision = head >> 24
    if len(raw) != SIZES.get(revision):
        raise Nonsense(f"{path}: its file capabilities are malformed")
    words = struct.unpack(f"<{len(raw) // 4}I", raw)
    pairs = words[1 : 3 if revision == 1 else 5]
    return FileCapabilities(
        revision=revision,
        permitted=sum(word << 32 * index for index, word in enumerate(pairs[::2])),
        inheritable=sum(word << 32 * index for index, word in enumerate(pairs[1::2])),
        effective=bool(head & EFFECTIVE),
        rootid=words[5] if revision == 3 else 0,
    )
