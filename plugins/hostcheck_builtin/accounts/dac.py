"""What the kernel lets a set of ids do with a file: the class that owns decides, not the most generous one (acl(5), path_resolution(7)).

One thing the manual does not say: where the mask of an ACL is empty the kernel never reads the ACL, so that a user whom it names falls
through to what other may do (acl_permission_check() in fs/namei.c; shown by the tests on a running kernel).
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final

SEARCH: Final = 1
WRITE: Final = 2

Reason = tuple[str, int]
"""How access was got, and the gid of a group, else -1: owner, acl user, group, acl group, other, a capability, "" where that depends on groups not known."""
Answer = tuple[bool | None, tuple[Reason, ...]]
"""Whether access is got at one place, None where that depends on groups that are not known; and how."""
Ways = tuple[tuple[str, int, str], ...]
"""Reasons with the path of the place where each counts."""
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Inode:
    """A file or directory: owner, the twelve bits of its mode, and its ACL as (tag, id, bits); what it gives is worked out once for all who are asked about."""

    path: str
    uid: int
    gid: int
    mode: int
    acl: tuple[tuple[str, int, int], ...] = ()

    @property
    def consulted(self) -> bool:
        """Say whether the kernel reads the ACL for anybody but the owner."""
        return bool(self.acl) and bool(self.mode & 0o070)

    @cached_property
    def groups(self) -> tuple[tuple[str, int, int], ...]:
        """Return what each group is given, after the mask, as (kind, gid, bits)."""
        if not self.consulted:
            return (("group", self.gid, self.mode >> 3 & 7),)
        owning = [("group", self.gid, bits & self.mask) for tag, _, bits in self.acl if tag == "group_obj"]
        return (*owning, *(("acl group", gid, bits & self.mask) for tag, gid, bits in self.acl if tag == "group"))

    @property
    def mask(self) -> int:
        """Return what any entry but those of owner and other gives at most; the kernel keeps it in the group bits of the mode as well."""
        return next((bits for tag, _, bits in self.acl if tag == "mask"), self.mode >> 3 & 7)

    @cached_property
    def users(self) -> dict[int, int]:
        """Return what each named user is given, after the mask."""
        return {uid: bits & self.mask for tag, uid, bits in self.acl if tag == "user"} if self.consulted else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What has to be got at one place; the owner of a directory needs nothing where `owner` says so, since chmod(2) gives the rest."""

    place: Inode
    want: int
    owner: bool = False


class Gids(Set[int]):
    """Groups by number, and by ranges where a user has given oneself very many."""

    __slots__ = ("exact", "ranges")

    def __init__(self, exact: Set[int], ranges: Ranges) -> None:
        """Take what is told one by one, and the ranges (first, count)."""
        self.exact, self.ranges = exact, ranges

    def __contains__(self, gid: object) -> bool:
        """Say whether a group is among them."""
        return gid in self.exact or (isinstance(gid, int) and _among(gid, self.ranges))

    def __iter__(self) -> Iterator[int]:
        """Go through all of them, which may be very many."""
        return iter({*self.exact, *(gid for first, count in self.ranges for gid in range(first, first + count))})

    def __len__(self) -> int:
        """Count all of them."""
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """The ids that somebody acts with: groups that may be used (`may`), those that cannot be laid down (`must`), and whether there may be `more`.

    `uid` is -1 for a user of whom nothing is known. A capability reaches only files whose owner and group are in the ranges of its user namespace.
    `powers` name capabilities that give all that root has, where root is in the ranges; to who is `inside`, a file is mounted past its directories.
    """

    uid: int = -1
    may: Set[int] = frozenset()
    must: Set[int] = frozenset()
    more: bool = False
    override: bool = False
    search: bool = False
    powers: tuple[str, ...] = ()
    inside: bool = False
    uids: Ranges = ()
    gids: Ranges = ()

    @property
    def capable(self) -> bool:
        """Say whether a capability may be enough where permissions are not."""
        return self.override or self.search or bool(self.powers)


def may(ids: Ids, needs: tuple[Need, ...]) -> tuple[bool | None, Ways]:
    """Say whether all `needs` are met, and how and where: a way that is open to everybody is told only where no other was needed."""
    verdict: bool | None = True
    reasons: dict[tuple[str, int, str], None] = {}
    for need in needs:
        got, how = _meets(ids, need)
        if got is False:
            return False, ()
        verdict = None if got is None else verdict
        reasons.update((reason + (need.place.path,), None) for reason in how)
    special = tuple(reason for reason in reasons if reason[0] != "other")
    return verdict, special or (("other", -1, needs[-1].place.path if needs else ""),)


def _meets(ids: Ids, need: Need) -> Answer:
    place = need.place
    if need.owner and ids.uid == place.uid:
        return True, (("owner", -1),)
    if ids.inside and need.want == SEARCH:
        return True, ()
    answer = decide(place, need.want, ids)
    if answer[0] is not True and (words := _overrides(ids, place, need.want)):
        return True, tuple((word, -1) for word in words)
    return answer


def decide(place: Inode, want: int, ids: Ids) -> Answer:
    """Say whether the permissions of one place give `want` to `ids`."""
    if ids.uid == place.uid:
        return place.mode >> 6 & want == want, (("owner", -1),)
    if ids.uid in place.users:
        return place.users[ids.uid] & want == want, (("acl user", -1),)
    groups = place.groups
    giving = [(kind, gid) for kind, gid, bits in groups if bits & want == want]
    held = tuple(reason for reason in giving if reason[1] in ids.may)
    if held:
        return True, held
    refused = any(gid in ids.must for _, gid, _ in groups)
    other = place.mode & want == want and not refused
    if ids.more and (giving and not other or other and len(giving) < len(groups)):
        return None, ()
    return other, (("" if ids.more and giving else "other", -1),)


def _overrides(ids: Ids, place: Inode, want: int) -> tuple[str, ...]:
    """Return the capability that is enough (capable_wrt_inode_uidgid() of the kernel), or those by which one makes it so, if one exists as root."""
    if not (_among(place.uid, ids.uids) and _among(place.gid, ids.gids)):
        return ()
    if ids.override or (ids.search and not want & WRITE):
        return ("dac_override",)
    return ids.powers if _among(0, ids.uids) else ()


def _among(number: int, ranges: Ranges) -> bool:
    return any(first <= number < first + count for first, count in ranges)


def closed(needs: tuple[Need, ...]) -> bool:
    """Say whether no group whatever would be enough for somebody of whom nothing else is known."""
    return may(Ids(more=True), needs)[0] is False
