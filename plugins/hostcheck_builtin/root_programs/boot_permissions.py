"""What lines of tmpfiles.d make at the next boot of owners, modes and ACLs of files that root runs or believes, and that are root's alone now."""

from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import or_
from typing import Final

from hostcheck.api import AclEntry, Hole, HoleError, Host, Stat, Why, attempt, pattern, worst_hole
from hostcheck_builtin.system import account_files, tmpfiles_lines
from hostcheck_builtin.system.path_walk import WalkedPath
from hostcheck_builtin.system.permission_changes import PermissionChange
from hostcheck_builtin.system.tmpfiles_lines import OF_DIRECTORIES, OF_FILES, TmpfilesLine

SIGN: Final = pattern(r"[*?\[]")
MODES: Final = 0o7777
OTHERS_WRITE: Final = 0o022
GROUP: Final = 0o070
"""Bits of a mode that are the mask where there is an ACL (acl(5))."""
ROOT: Final = frozenset(("", "0", "root"))


Lines = list[tuple[TmpfilesLine, PermissionChange]]
"""Lines with what they change."""


@dataclass(kw_only=True)
class BootPermissions:
    """Those lines of a host that may let others write: `exact` are of one path, `many` of what is below one, or a pattern, which `begins` so."""

    host: Host
    unread: Hole | None = None
    many: Lines = field(default_factory=list)
    begins: tuple[str, ...] = ()

    @cached_property
    def exact(self) -> dict[str, Lines]:
        """Return the lines of one path, by that, and note the others."""
        found: dict[str, Lines] = {}
        for line in tmpfiles_lines.lines(self.host):
            if isinstance(line, Hole):
                self.unread = worst_hole(self.unread, line)
            elif _opens(change := line.change):
                into = found.setdefault(line.path, []) if not SIGN.search(line.path) and not change.deep else self.many
                into.append((line, change))
        self.begins = tuple(SIGN.split(line.path)[0] for line, _ in self.many)
        return found

    def after(self, path: str, way: WalkedPath) -> tuple[WalkedPath, str] | None:
        """Return the way as it will be after a boot, with the line that changes it, None where none does; raises HoleError where that is not known."""
        if self.exact.keys().isdisjoint((path, way.realpath, *way.parents)) and not path.startswith(self.begins) and not way.realpath.startswith(self.begins):
            return None
        used: list[TmpfilesLine] = []
        parents = {place: self._changed((place,), found, used) for place, found in way.parents.items()}
        if way.found:
            end = self._changed((way.realpath, path), way.end, used)
        else:
            end = next((parents[place] for place, found in way.parents.items() if found is way.end), way.end)
        return (replace(way, parents=parents, end=end), used[0].place) if used else None

    def _changed(self, names: tuple[str, ...], found: Stat, used: list[TmpfilesLine]) -> Stat:
        """Return what stands at a place, which may have two names, as it will be, and note the lines that are about it."""
        for name in dict.fromkeys(names):
            for line, change in [*self.exact.get(name, ()), *(one for one in self.many if one[1].means(name))]:
                changed = found if not _is_of(line, found.type) else self._by(line, change, found)
                used += [line] * (changed != found)
                found = changed
        return found

    def _by(self, line: TmpfilesLine, change: PermissionChange, found: Stat) -> Stat:
        uid = found.uid if not change.user else self._id("passwd", change.user, line)
        gid = found.gid if not change.group else self._id("group", change.group, line)
        if change.acl:
            named = [AclEntry(tag=tag, id=self._id("passwd" if tag == "user" else "group", name, line), perms=bits) for tag, name, bits in change.acl]
            own = [AclEntry(tag=tag, id=-1, perms=found.mode >> bits & 7) for tag, bits in (("user_obj", 6), ("group_obj", 3), ("other", 0))]
            kept = {(one.tag, one.id): one for one in (*own, *found.acl, *named) if one.tag != "mask"}.values()
            mask = reduce(or_, (one.perms for one in kept if one.tag not in ("user_obj", "other")))  # of all in the group's class (setfacl(1))
            return replace(found, acl=(*kept, AclEntry(tag="mask", id=-1, perms=mask)), mode=found.mode & ~GROUP | mask << 3)
        mode = (found.mode | change.mode) if line.kind in tmpfiles_lines.LISTS else change.mode or found.mode
        return replace(found, uid=uid, gid=gid, mode=mode & MODES)

    def _id(self, table: str, name: str, line: TmpfilesLine) -> int:
        number = account_files.number(name)
        if number is not None:
            return number
        known = self._ids[table]
        if isinstance(known, Hole):
            raise HoleError(known)
        if name not in known:
            raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{line.place}: {name} is not in /etc/{table}, so whom this line lets in is not known"))
        return known[name]

    @cached_property
    def _ids(self) -> dict[str, dict[str, int] | Hole]:
        """Return the numbers of accounts and groups by their names."""

        def passwd() -> dict[str, int]:
            return {str(one["name"]): one["uid"] for one in account_files.users(account_files.text_of(self.host, "/etc/passwd"))[0].values()}

        def group() -> dict[str, int]:
            return {str(one["name"]): one["gid"] for one in account_files.groups(account_files.text_of(self.host, "/etc/group"))[0].values()}

        return {"passwd": attempt(passwd), "group": attempt(group)}


def _opens(change: PermissionChange) -> bool:
    """Say whether a change may let others than root write."""
    return bool(change.mode & OTHERS_WRITE or change.acl or change.user not in ROOT or change.group not in ROOT)


def _is_of(line: TmpfilesLine, kind: str) -> bool:
    return kind == "dir" if line.kind in OF_DIRECTORIES else kind == "file" if line.kind in OF_FILES else kind != "link"
