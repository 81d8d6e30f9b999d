"""The access ACL of a file, as it stands in ``system.posix_acl_access`` (acl(5), linux/posix_acl_xattr.h).

It is little endian on every machine; one that says no more than the mode is none.
"""

import errno
import os
import struct
from typing import Final

from hostcheck.host import Nonsense
from hostcheck.host.answers import AclEntry

USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
TAGS: Final = {USER_OBJ: "user_obj", USER: "user", GROUP_OBJ: "group_obj", GROUP: "group", MASK: "mask", OTHER: "other"}
VERSION: Final = (2).to_bytes(4, "little")


def read(path: str, name: bytes, *, follow: bool) -> tuple[AclEntry, ...]:
    """Return the ACL of the file `name`, which messages call `path`; none where its file system keeps none."""
    try:
        return parse(path, os.getxattr(name, "system.posix_acl_access", follow_symlinks=follow))
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.EOPNOTSUPP):
            raise
        return ()


def parse(path: str, raw: bytes) -> tuple[AclEntry, ...]:
    """Return the entries of an attribute, none where they say what the mode says; raises Nonsense where no kernel would take it."""
    entries = list(struct.iter_unpack("<HHI", raw[4:])) if len(raw) % 8 == 4 and raw[:4] == VERSION else []
    tags = [tag for tag, _, _ in entries]
    # The order, and what must be there once, are what posix_acl_valid() of the kernel demands.
    once = all(tags.count(tag) == 1 for tag in (USER_OBJ, GROUP_OBJ, OTHER)) and (USER in tags or GROUP in tags) <= tags.count(MASK) <= 1
    if not once or tags != sorted(tags) or not TAGS.keys() >= set(tags) or any(perms > 7 for _, perms, _ in entries):
        raise Nonsense(f"{path}: its ACL is malformed")
    if tags == [USER_OBJ, GROUP_OBJ, OTHER]:
        return ()
    return tuple(AclEntry(tag=TAGS[tag], id=who if tag in (USER, GROUP) else -1, perms=perms) for tag, perms, who in entries)
