"""What root runs after a boot that changes who can connect to a socket which an engine gets then: commands that change owners, modes and ACLs.

What a command does is known where all its words are. Where they are not, or code of another language names the socket and such a change, it is not known
of each socket that is named beside.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.sockets import probe_socket_units
from hostcheck_builtin.system import permission_changes, tmpfiles_lines
from hostcheck_builtin.system.bounds import CHANGES_OF_A_SOCKET as MOST
from hostcheck_builtin.system.candidates import canonical
from hostcheck_builtin.system.mount_views import above
from hostcheck_builtin.system.permission_changes import PermissionChange

AFTER_A_BOOT: Final = frozenset(("boot", "cron", "timer", "device", "network"))
"""When something runs that a boot, or what goes on by itself after it, makes root run."""
UNKNOWN: Final = frozenset("\0%$`")
"""Signs of a word that is not known, or only in part."""
TMPFILES: Final = "systemd-tmpfiles"
OWN: Final = "the unit systemd-tmpfiles-"
"""How systemd's own units are called that run it: at boot before there is a socket, and later only to clean (systemd-tmpfiles(8))."""
ANYTHING: Final = pattern(r"[\0%`]|\$[A-Za-z0-9_]*")
RIGHTS: Final = ("---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx")


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class SocketChanges:
    """What was found so far of each socket, by the path that it will have; `real` are these without links, `roots` the names of root's accounts.

    `hole` is what kept a script from being read that only its changes matter of.
    """

    found: dict[str, dict[str, Json]] = field(default_factory=dict)
    real: dict[str, str] = field(default_factory=dict)
    roots: frozenset[str] = frozenset({"root", "0"})
    hole: Hole | None = None
    host: Host | None = None

    def named_in(self, text: str) -> list[str]:
        """Return the sockets that a text names, by the whole path or the last part of it."""
        return [path for path in self.found if path.rpartition("/")[2] in text]

    def take(self, words: tuple[str, ...], folder: str, use: RootUse, named: Iterable[str], *, certain: bool) -> None:
        """Take a command that is run in a directory; `named` are the sockets that are named where it stands."""
        if not self.found or not self._runs(use):
            return
        program = words[0].rpartition("/")[2]
        if program == TMPFILES:
            if "--create" in words or not UNKNOWN.isdisjoint("".join(words)):
                self._by_lines(use, certain=certain and "--create" in words)
            return
        change = permission_changes.read(words, folder) if UNKNOWN.isdisjoint("".join(words)) else None
        if change is None:
            for path in {*named, *self._perhaps(words, folder)}:
                told = f"{use.place} ({use.by}): names {path}, and changes permissions by words that are not known"
                self._keep(path, f"{use.place}: not known", Hole(why=Why.UNSUPPORTED, message=told))
            return
        self._change(change, program, use, certain=certain)

    def _by_lines(self, use: RootUse, *, certain: bool) -> None:
        """Take what lines of tmpfiles.d change when they are read once more: systemd's own unit reads them before there is a socket."""
        if self.host is None or use.by.startswith(OWN):
            return
        for one in tmpfiles_lines.lines(self.host):
            if isinstance(one, Hole):
                self.hole = worst_hole(self.hole, one)
            elif one.kind not in tmpfiles_lines.OF_FILES:
                self._change(one.change, TMPFILES, use._replace(place=one.place), certain=certain)

    def _change(self, change: PermissionChange, program: str, use: RootUse, *, certain: bool) -> None:
        for path in self.found:
            real = self.real[path]
            if not change.default and (change.means(path) or change.means(real)):
                self._add(path, real, change, program, use, certain=certain)
            for place in filter(change.means, above(real)):
                self._add(path, place, change, program, use, certain=certain)

    def _perhaps(self, words: tuple[str, ...], folder: str) -> list[str]:
        """Return the sockets that words which are known in part may mean, by a part of the last name at least."""
        whole = [ANYTHING.sub("*", word) for word in words]
        told = permission_changes.read(whole, folder) if words[0] in permission_changes.PROGRAMS else None
        patterns = [path for path in (told.paths if told else ()) if path.rpartition("/")[2].strip("*")]
        return [path for path in self.found if any(permission_changes.means(one, path, deep=False) for one in patterns)]

    def facts(self, *groups: Hole | None) -> Json:
        """State the changes of each socket that has some; there may be others where one of these is a hole that is not about some users' files alone."""
        hole = worst_hole(*(one for one in (self.hole, *groups) if one is not None and not one.owners))
        return incomplete({path: incomplete(changes, hole) for path, changes in sorted(self.found.items()) if changes}, hole)

    def _runs(self, use: RootUse) -> bool:
        return not use.idle and use.user in self.roots and (isinstance(use.when, Hole) or use.when in AFTER_A_BOOT)

    def _add(self, path: str, place: str, change: PermissionChange, program: str, use: RootUse, *, certain: bool) -> None:
        named = [f"{tag}:{name}:{RIGHTS[bits]}" for tag, name, bits in change.acl]
        what = " ".join([*([f"{change.mode:04o}"] if change.mode else []), *([f"{change.user}:{change.group}"] if change.user or change.group else []), *named])
        key = f"{use.place}: {program} {what} {place}"
        if change.default:
            self._keep(path, key, Hole(why=Why.UNSUPPORTED, message=f"{key}: what will be made there gets an ACL, and whom that lets in is not known"))
        elif isinstance(use.when, Hole) or not certain:
            seldom = Hole(why=Why.UNSUPPORTED, message=f"{key} is run under a condition, and whether it is met is not known")
            self._keep(path, key, use.when if isinstance(use.when, Hole) else seldom)
        else:
            acl: Json = [{"tag": tag, "name": name, "perms": RIGHTS[bits]} for tag, name, bits in change.acl]
            told = {"place": use.place, "by": use.by, "program": program, "path": place, "mode": f"{change.mode:04o}"}
            self._keep(path, key, {**told, "user": change.user, "group": change.group, "acl": acl})

    def _keep(self, path: str, key: str, change: Json) -> None:
        changes = self.found[path]
        if key in changes and not isinstance(changes[key], Hole):
            return
        if len(changes) < MOST:
            changes[key] = change
        else:
            changes["more"] = Hole(why=Why.LIMIT, message=f"more than {MOST} commands change permissions on the way to {path}")


def begin(host: Host) -> SocketChanges | Hole:
    """Find the sockets that units make at the next boot; a hole where these are not known at all."""
    units = attempt(lambda: probe_socket_units.collect(host)["units"])
    if isinstance(units, Hole):
        return units
    told = [one["paths"] for one in units.values() if not isinstance(one, Hole) and one["starts"] is not False]
    real = {canonical(path): path if isinstance(way, Hole) else way["realpath"] for paths in told for path, way in paths.items()}
    return SocketChanges(found={path: {} for path in real}, real=real, host=host)
