"""Files that root runs or believes, with the way to each and why it is run; of what nobody but root can change only the count is kept.

Scripts are read one level deep: what they name is walked to, and not read in its turn. Only root's are read, below directories of root's: what the script of
a user names is that user's word, who becomes root by it anyway. Of a program in Python the modules are looked for that lie beside it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from posixpath import normpath
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, Stat, attempt, worst_hole
from hostcheck_builtin.files import searching
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.root_programs import crontab_lines
from hostcheck_builtin.root_programs.boot_permissions import BootPermissions
from hostcheck_builtin.root_programs.service_lines import SERVICES
from hostcheck_builtin.root_programs.socket_changes import SocketChanges
from hostcheck_builtin.root_programs.uses import FileGroup, RootUse
from hostcheck_builtin.shell import scripts, shell_text
from hostcheck_builtin.shell.run_by_others import UNKNOWN
from hostcheck_builtin.shell.shell_names import ShellName
from hostcheck_builtin.system import account_files, bounds, path_walk
from hostcheck_builtin.system.candidates import plain
from hostcheck_builtin.system.path_walk import WalkedPath
from hostcheck_builtin.system.presence import absent_as

GROUPS: Final = ("cron", "units", "kernel", "logins")
SHIPPED: Final = ("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/lib", "/lib", "/usr/share/")
GLOB: Final = frozenset("*?[")
DEBIAN: Final = "/etc/debian_version"
"""Where this is, run-parts is that of debianutils, which passes over a name with a dot."""
STICKY: Final = 0o1000
EXECUTABLE: Final = 0o111
COMPILED: Final = "__pycache__"
"""Where Python has what it made of modules, and believes it by the time and the size of these (PEP 3147)."""
TMPFILES: Final = ("/usr/bin/systemd-tmpfiles", "/bin/systemd-tmpfiles")
KERNELS: Final = ("/proc/", "/sys/", "/dev/")


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class RootFiles:
    """What was found so far; `group` is the one that files are taken for.

    `services` are the programs with settings that root runs, each with its command and why it is run.
    `searched` are the directories where programs are looked for by their names for root, each with where that is written. `changes` are those of sockets;
    for these `command` is what is taken now, as a text, and `written` the file in which it stands, "" for the place of its use.
    """

    search: FileSearch
    boot: BootPermissions | None
    groups: dict[str, FileGroup] = field(default_factory=lambda: {name: FileGroup() for name in GROUPS})
    group: FileGroup = field(default_factory=FileGroup)
    ways: dict[str, WalkedPath | Hole] = field(default_factory=dict)
    inside: dict[str, tuple[WalkedPath, dict[str, Stat]] | None] = field(default_factory=dict)
    scripts: dict[str, list[ShellName] | Hole] = field(default_factory=dict)
    users: dict[str, FileGroup] = field(default_factory=dict)
    services: dict[tuple[str, str], RootUse] = field(default_factory=dict)
    searched: dict[str, str] = field(default_factory=dict)
    passwd: list[dict[str, Json]] | Hole | None = None
    homes: dict[str, str] | None = None
    changes: SocketChanges = field(default_factory=SocketChanges)
    named_in: dict[str, list[str]] = field(default_factory=dict)
    command: str = ""
    written: str = ""
    taken: int = 0

    @property
    def host(self) -> Host:
        """Return the host that is looked at."""
        return self.search.host

    def begin(self, group: str, *looks: Callable[["RootFiles"], None]) -> None:
        """Take the files of a group; what stops one look is a hole of the group."""
        self.group = self.groups[group]
        for look in looks:
            self.group.lack(attempt(look, self))

    def accounts(self) -> list[dict[str, Json]]:
        """Return the entries of /etc/passwd, which is read once; none where it cannot be read, and the group has that hole."""
        if self.passwd is None:
            self.passwd = attempt(lambda: list(account_files.users(account_files.text_of(self.host, "/etc/passwd"))[0].values()))
        self.group.lack(self.passwd)
        return self.passwd if isinstance(self.passwd, list) else []

    def home(self, name: str) -> str:
        """Return the home of an account, "" where that is not known."""
        if self.homes is None:
            self.homes = {str(user["name"]): str(user["home"]) for user in reversed(self.accounts())}
        home = self.homes.get(name, "")
        return home if home.startswith("/") else ""

    def way(self, path: str) -> WalkedPath | Hole:
        """Walk to a path, once; the hole where that was stopped."""
        way = self._so_far(path)
        return way if isinstance(way, Hole) else way.stopped or way

    def _so_far(self, path: str) -> WalkedPath | Hole:
        """Walk to a path as far as it can be."""
        if path not in self.ways:
            self.group.look()
            beside = self._beside(path)
            self.ways[path] = self.search.walk(path) if beside is None else beside
        return self.ways[path]

    def _beside(self, path: str, *, links: bool = True) -> WalkedPath | Hole | None:
        """Walk to a path from its directory, where that is root's alone, because many files are in few directories; None where it has to be walked whole.

        With `links` past a link as well that ends at no other one.
        """
        folder, _, name = path.rpartition("/")
        if folder not in self.inside:
            above = self.ways.get(folder) or self.search.walk(folder or "/")
            self.inside[folder] = None
            if not isinstance(above, Hole) and above.type == "dir" and is_alone(above):
                self.inside[folder] = above, {**above.parents, above.realpath: above.end}
        known = self.inside[folder]
        if known is None or name in ("", ".", ".."):
            return None
        above, parents = known
        place = f"{above.realpath.rstrip('/')}/{name}"
        try:
            end = attempt(partial(self.host.stat, place, follow=False))
            target = attempt(self.host.read_link, place) if not isinstance(end, Hole) and end.type == "link" and links else ""
        except ABSENT:
            return None
        if isinstance(end, Hole):
            return end
        if end.type != "link":
            return WalkedPath(realpath=place, end=end, type=end.type, parents=parents, links=above.links)
        # A directory before ".." may be a link, and only a directory has a slash behind its name (path_resolution(7)).
        if end.uid or isinstance(target, Hole) or not target or target.endswith(("/", "/.")) or ".." in target.lstrip("./").split("/"):
            return None
        to = self._beside(normpath(target if target.startswith("/") else f"{above.realpath}/{target}"), links=False)
        if not isinstance(to, WalkedPath):
            return None
        to.parents, to.links = {**parents, **to.parents}, {**above.links, place: (target, end), **to.links}
        return to

    def take(self, path: str, use: RootUse, *, reads: bool = False) -> None:
        """Take a file, and with `reads` what it names if it is a script."""
        if not path.startswith("/") or len(path) > bounds.PATH_MAX or "\0" in path:
            return
        self.taken += not self.group.own
        if self.taken > bounds.FILES_OF_ROOT:
            raise LimitExceeded(f"more than {bounds.FILES_OF_ROOT} files are run by root")
        path = plain(path)
        if use.how == "runs" and not use.via and not self.group.own and (name := path.rpartition("/")[2]) in SERVICES:
            self.services.setdefault((name, self.command), use)
        way = self._so_far(path)
        if isinstance(way, WalkedPath) and way.stopped and is_alone(way, self.group.own):  # its user's own way
            way = way.stopped
        if isinstance(way, Hole):
            self.group.lack(way)
            self.group.take(path, way, use)
            return
        if not is_alone(way, self.group.own):
            self.group.take(path, way, use)
        else:
            self._after_a_boot(path, way, use)
            if way.found:
                self.group.leave(path, way, use)
        if reads and way.type == "file" and not self.group.own:
            self._read(path, way, use)

    def _after_a_boot(self, path: str, way: WalkedPath, use: RootUse) -> None:
        """Take a file that is root's alone now, and will not be after a boot."""
        if self.group.own or self.boot is None:
            return
        later = attempt(self.boot.after, path, way)
        self.group.lack(later, self.boot.unread)
        if isinstance(later, tuple) and not is_alone(later[0]):
            by = f"systemd-tmpfiles ({later[1]}) lets others write to it at boot"
            given = use._replace(when="boot", via=f"{use.via}; {by}" if use.via else by).only_if(self.has_one(TMPFILES))
            self.group.take(path, later[0], given, later[1])

    def folder(self, path: str, use: RootUse, member: RootUse, counts: Callable[[str], bool] = bool, *, reads: bool = False) -> list[str]:
        """Take a directory, and what is in it by those names that count; return these names."""
        self.take(path, use)
        counted = [name for name in self.names(path) if counts(name)]
        for name in counted:
            self.take(f"{path}/{name}", member._replace(place=f"{path}/{name}"), reads=reads)
        return counted

    def is_shut(self, path: str) -> bool:
        """Say whether a directory lets nobody but root in: who cannot search it changes nothing in it, and may not be able to look either."""
        way = self.way(path)
        return not isinstance(way, Hole) and way.type == "dir" and is_alone(way) and not way.end.mode & 0o011

    def names(self, path: str) -> list[str]:
        """Return what is in a directory, without the names of users who have too many there; nothing where none is there or that is not known."""
        way = self.way(path)
        names = way if isinstance(way, Hole) else self.search.inside(way) if way.type == "dir" else []
        self.group.lack(names, getattr(names, "hole", None))
        return [] if isinstance(names, Hole) else names

    def distinct(self, folders: Iterable[str]) -> Iterator[str]:
        """Yield directories, but for those that root's links make the same as an earlier one: /lib is /usr/lib."""
        seen = set[str]()
        for folder in folders:
            way = self.way(folder)
            if isinstance(way, Hole):
                self.group.lack(way)
            elif not (way.type == "dir" and way.realpath in seen and is_alone(way)):
                seen.add(way.realpath)
                yield folder

    def has_one(self, programs: Iterable[str]) -> bool | Hole:
        """Say whether one of these programs is installed."""
        ways = [self.way(path) for path in programs]
        unknown = worst_hole(*ways)
        self.group.lack(unknown)
        return any(not isinstance(way, Hole) and way.type == "file" for way in ways) or unknown or False

    def first(self, paths: Iterable[str]) -> str:
        """Return the first of these that is a file or not known, "" where none is; of one that is not known no more is told, since a later one may count."""
        for path in paths:
            self.ways[path] = way = self.way(path)
            if isinstance(way, Hole) or way.type == "file":
                return path
        return ""

    def take_first(self, paths: Iterable[str], use: RootUse) -> None:
        """Take the first of these that is a file, as one that is read; what is not known before it is taken too, and leaves open whether the file counts."""
        for path in paths:
            self.ways[path] = way = self.way(path)
            if isinstance(way, Hole):
                self.take(path, use)
                use = use.only_if(way)
            elif way.type == "file":
                self.take(path, use, reads=True)
                return

    def text(self, path: str, *, limit: int = bounds.ROOTS_TABLE_BYTES) -> str:
        """Return a text that root's programs read, "" where it is not there or not known."""
        raw = absent_as(b"", attempt, self.host.read_bytes, path, limit=limit)
        if isinstance(raw, Hole):
            self.group.lack(raw)
            return ""
        return raw.decode("utf-8", "surrogateescape")

    def shell(self, text: str, use: RootUse, variables: dict[str, str] | None = None, folder: str = "") -> list[ShellName]:
        """Take what a text for a shell names in a directory, with one level of scripts, and return the names that PATH is searched for."""
        found = attempt(shell_text.named, text, variables, folder)
        if isinstance(found, Hole):
            self.group.lack(found)
            return []
        self.command = text
        for one in found:
            if one.how != "finds":
                self.named(one, use.only_if(one.certain), reads=True)
        return [one for one in found if one.how == "finds"]

    def named(self, one: ShellName, use: RootUse, *, reads: bool) -> None:
        """Take what a text names: a program, a file that is read, a directory of programs or what a pattern says of it."""
        (folder, _, last), script = one.path.rpartition("/"), reads and one.script
        if one.how == "changes":
            self._change(one, use._replace(place=self.written or use.place), self.changes.named_in(self.command))
        elif one.how == "opens":
            self.opens(one.path, one.words[0], use)
        elif one.how == "path":
            self.looks_in(one.path, use)
        elif one.how == "searches":
            self.take(one.path, use._replace(how="searches", kind="library-path"))
        elif self.group.own and (one.how == "parts" or not GLOB.isdisjoint(one.path)):  # how much is in there is the user's word
            self.take(one.path if GLOB.isdisjoint(one.path) else folder if GLOB.isdisjoint(folder) else "", use._replace(how="all"))
        elif one.how == "names":
            self.take(one.path, use._replace(how="names"))
        elif one.how == "beside":
            self.beside(one.path, use)
        elif one.how == "parts":
            self.parts(one.path, use._replace(how="all"), reads=reads)
        elif GLOB.isdisjoint(one.path):
            self.take(one.path, use._replace(how=one.how), reads=script)
        elif GLOB.isdisjoint(folder) and folder and last:
            self.folder(folder, use._replace(how="all"), use._replace(how=one.how), lambda name: fnmatchcase(name, last), reads=script)

    def beside(self, path: str, use: RootUse) -> None:
        """Take what Python loads from the directory of a program: the modules there that it imports, or what may be laid there.

        Where no sticky bit keeps who may lay something from putting another program in its place, that is told of the program.
        """
        way = self.way(plain(path))
        if isinstance(way, Hole) or way.type != "file":  # which is told of the program itself
            return
        raw = attempt(self._raw, way)
        imported = {} if isinstance(raw, Hole) else scripts.imported(raw)
        self.group.lack(raw)
        folder, use = way.realpath.rpartition("/")[0], use._replace(kind="library-path")
        if way.parents[folder or "/"].mode & STICKY:
            self.take(folder or "/", use._replace(how="searches").only_if(any(imported.values())))
        if self.group.own or folder.startswith(SHIPPED) or not imported or not is_alone(way):
            return
        for name in self.names(folder):
            if name == COMPILED or name.partition(".")[0] in imported:
                sure = any(imported.values()) if name == COMPILED else imported[name.partition(".")[0]]
                self.take(f"{folder}/{name}", use._replace(how="loads").only_if(sure))

    def opens(self, path: str, user: str, use: RootUse) -> None:
        """Take the directory of a file that root opens for what a user's program says, where that user can put a link in the place of the file.

        A file of somebody else's in a directory with the sticky bit stays where it is. Others who can do the same do not say what is written.
        """
        folder = plain(path).rpartition("/")[0]
        above, way = self.way(folder), self.way(plain(path))
        account = next((one for one in self.accounts() if one["name"] == user), None)
        if isinstance(above, Hole) or isinstance(way, Hole) or account is None or above.type != "dir" or self.group.own:
            self.group.lack(above, way)
            return
        end, own = above.end, account["uid"]
        by_group = bool(end.mode & 0o020) and end.gid == account["gid"]
        stays = end.mode & STICKY and end.uid != own and way.found and way.end.uid != own
        if (by_group and not stays) or (end.uid == own) or any(one.uid == own for one in above.met):
            alone = not end.mode & 0o002 and not end.acl and (by_group or not end.mode & 0o020)
            self.take(folder, use._replace(kind="output", how="opens", by=f"{use.by}, for {user},").only_if(alone))

    def looks_in(self, folder: str, use: RootUse) -> None:
        """Take a directory of PATH."""
        self.take(folder, use._replace(how="searches", kind="search-path"))
        if use.user == "root" and folder.startswith("/"):
            self.searched[plain(folder)] = use.place

    def parts(self, folder: str, use: RootUse, *, reads: bool = True) -> None:
        """Take a directory whose programs run-parts runs, each by its name; one of root's that nobody may execute names nothing that runs (run-parts(8))."""
        self.take(folder, use)
        for path in (f"{folder}/{name}" for name in self.names(folder) if self.counts(name)):
            way = self.way(path)
            off = not isinstance(way, Hole) and way.type == "file" and not way.end.mode & EXECUTABLE and is_alone(way)
            self.take(path, use._replace(how="runs", place=path), reads=reads and not off)

    def counts(self, name: str) -> bool:
        """Say whether a file counts by its name for run-parts; where it is not known whose that is, by the strict rule: the group has a hole then."""
        way = self.way(DEBIAN)
        self.group.lack(way)
        return crontab_lines.counts(name, debian=isinstance(way, Hole) or way.found)

    def follow(self, path: str, use: RootUse, seen: frozenset[str] = frozenset()) -> None:
        """Take what a script changes of sockets, and what those change that it runs in its turn; of a distribution's own none does."""
        if not self.changes.found or path.startswith(SHIPPED) or path in seen or len(seen) >= bounds.SCRIPTS_IN_A_ROW:
            return
        way = self.way(path)
        if isinstance(way, Hole):
            self.changes.hole = worst_hole(self.changes.hole, way)
        elif way.type == "file":
            self._read(path, way, use, seen | {path})

    def unread(self, program: str, use: RootUse) -> None:
        """Note that it is not known what a program, which is none of a distribution's and no script, does to the sockets that its words name."""
        way = self.way(program)
        if (
            program.startswith("/")
            and not program.startswith(SHIPPED)
            and not isinstance(way, Hole)
            and way.type == "file"
            and not self.scripts.get(way.realpath)
        ):
            self.changes.take((program, UNKNOWN), "", use, self.changes.named_in(self.command), certain=True)

    def _change(self, one: ShellName, use: RootUse, named: Iterable[str]) -> None:
        self.changes.take(one.words, one.path, use, named, certain=one.certain and use.certain is not False)

    def _read(self, path: str, way: WalkedPath, use: RootUse, seen: frozenset[str] = frozenset()) -> None:
        """Take what a script names, as said of whoever runs the script; with `seen`, the scripts that lead to it, only what it changes of sockets."""
        if way.realpath not in self.scripts:
            self.scripts[way.realpath] = attempt(self._names, way)
        found = self.scripts[way.realpath]
        if isinstance(found, Hole):
            if seen:
                self.changes.hole = worst_hole(self.changes.hole, found)
            else:
                self.group.lack(found)
            return
        via = f"{use.by} ({use.place}) {use.how} that"
        for one in found:
            place = f"{path}:{one.line}"
            nested = use._replace(kind="script", by="the script", place=place, via=via, at=use.place)
            if one.how == "changes":
                self._change(one, use._replace(place=place), [*self.named_in[way.realpath], *self.changes.named_in(self.command)])
            elif not seen:
                self.named(one, nested.only_if(one.certain), reads=False)
            if one.how == "runs" and one.script and GLOB.isdisjoint(one.path):
                self.follow(one.path, use.only_if(one.certain), seen | {path})

    def _raw(self, way: WalkedPath) -> bytes:
        """Return a script of root's; nothing of a program that is larger, nor of another user's."""
        limit = bounds.PACKAGED_SCRIPT_BYTES if way.realpath.startswith(SHIPPED) else bounds.SCRIPT_BYTES
        met = (*way.parents.values(), *(link for _, link in way.links.values()), way.end)
        if way.end.size > limit or way.realpath.startswith(KERNELS) or any(one.uid for one in met):
            return b""
        return absent_as(b"", self.host.read_bytes, way.realpath, limit=limit)

    def _names(self, way: WalkedPath) -> list[ShellName]:
        """Return what a script of root's names; of one that others may write too nothing where it is too much."""
        self.named_in[way.realpath] = []
        raw = self._raw(way)
        self.named_in[way.realpath] = self.changes.named_in(raw.decode("utf-8", "surrogateescape"))
        try:
            return [one for one in scripts.named(raw, way.realpath) if one.how != "finds"]
        except LimitExceeded:
            if is_alone(way):
                raise
            return []


def is_alone(way: WalkedPath, own: int = 0) -> bool:
    """Say whether nobody but root, and its `own` user, can change what is at a path, by the modes alone; nor make it, where nothing is there.

    To write to a device or a socket changes no file.
    """
    if not all(_alone(one, own) for one in way.parents.values()) or any(link.uid not in (0, own) for _, link in way.links.values()):
        return False
    return way.type in ("char", "block", "fifo", "socket") or _alone(way.end, own)


def _alone(found: Stat, own: int) -> bool:
    return path_walk.roots_alone(replace(found, uid=0) if own and found.uid == own else found)


def begin(host: Host, *, boots: bool = True) -> RootFiles:
    """Begin to look at a host, with what a boot changes of permissions where that `boots`."""
    return RootFiles(search=searching.begin(host), boot=BootPermissions(host=host) if boots else None)
