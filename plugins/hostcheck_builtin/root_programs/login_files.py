"""What is read and run when somebody logs in, as root: PAM's files, modules and programs, the profiles of root's shells, and the keys that sshd takes.

sshd passes over keys in a file that others may write, or below such a home (StrictModes of sshd_config(5)): they count as certain only where that is off.
"""

from typing import Final

from hostcheck.api import Hole, attempt, pattern, worst_hole
from hostcheck_builtin.root_programs import helper_lines, sshd_keys
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.bounds import HOMES_OF_ROOT as HOMES
from hostcheck_builtin.system.bounds import PAM_FILES_BY_PATH as STACKS
from hostcheck_builtin.system.pam_lines import FOLDERS, LEFT, ONE_FILE, PamLine, pam_lines
from hostcheck_builtin.system.pam_service import LISTFILE

MODULES: Final = ("/usr/lib/security", "/usr/lib64/security", "/lib/security", "/lib64/security")
LIBRARIES: Final = ("/usr/lib", "/lib")
MOTD: Final = "/etc/update-motd.d"
OWN: Final = tuple(".profile .bash_profile .bash_login .bashrc .bash_logout .bash_aliases .zshenv .zprofile .zshrc .zlogin .cshrc .ssh/rc".split())
PATH: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where root's shell looks for programs, by /etc/login.defs and /etc/profile of most distributions."""
LOGIN: Final = RootUse("profile", "root's shell", "reads", "", "login")
MULTIARCH: Final = pattern(r"[a-z0-9_]+-linux-gnu[a-z0-9_]*")


def pam(files: RootFiles) -> None:
    """Take the files of PAM, its modules, and the programs that it runs."""
    use = RootUse("pam", "PAM", "reads", "", "session")
    libraries = [f"{folder}/{name}/security" for folder in LIBRARIES for name in files.names(folder) if MULTIARCH.fullmatch(name)]
    for folder in files.distinct((*MODULES, *libraries)):
        files.folder(folder, use._replace(place=folder, how="all"), use._replace(how="loads"), lambda name: name.endswith(".so"))
    seen, elsewhere = set[str](), set[str]()
    for folder in FOLDERS:
        files.take(folder, use._replace(place=folder, how="all"))
        for name in files.names(folder):
            sure = not LEFT.search(name) and name not in seen
            seen.add(name)
            _stack(files, f"{folder}/{name}", use.only_if(sure), elsewhere if sure else set(elsewhere))
    _one_file(files, use)


def _one_file(files: RootFiles, use: RootUse) -> None:
    """Take the file that stands for the directories where there is none of them; some build libpam so that it reads both (PAM_READ_BOTH_CONFS)."""
    ways = [files.way(folder) for folder in FOLDERS]
    if any(not isinstance(way, Hole) and way.type == "dir" for way in ways):
        files.take(ONE_FILE, use._replace(place=ONE_FILE, certain=False))
    else:
        _stack(files, ONE_FILE, use._replace(certain=worst_hole(*ways) or True), set())


def _stack(files: RootFiles, path: str, use: RootUse, seen: set[str]) -> None:
    """Take a file of PAM's, what its lines name, and the files that it includes by a whole path; others are in the directories."""
    waiting = [path]
    while waiting and len(seen) < STACKS:
        path = waiting.pop()
        files.take(path, use._replace(place=path))
        lines = list(pam_lines(files.text(path), services=path == ONE_FILE))
        for line in lines:
            if not line.includes:
                named = use._replace(place=f"{path}:{line.number}")
                _module(files, line.module, line.arguments, named)
                _list(files, line, named)
        included = dict.fromkeys(line.module for line in lines if line.includes)
        waiting += [name for name in included if name.startswith("/") and name not in seen]
        seen.update(waiting)


def _module(files: RootFiles, module: str, arguments: list[str], use: RootUse) -> None:
    if module.startswith("/"):
        files.take(module, use._replace(how="loads"))
    if program := helper_lines.pam_program(module, arguments):
        files.take(program, use._replace(how="runs"), reads=True)
    if module.rpartition("/")[2] == "pam_motd.so":
        files.parts(MOTD, use._replace(place=MOTD, how="all"))
    for argument in arguments:
        name, _, path = argument.partition("=")
        if name in ("envfile", "conffile") and path.startswith("/"):
            files.take(path, use)


def _list(files: RootFiles, line: PamLine, use: RootUse) -> None:
    """Take the list of whom pam_listfile(8) lets in by itself."""
    if line.name == LISTFILE and "sense=allow" in line.arguments and line.control not in ("required", "requisite", "optional"):
        for path in (word.removeprefix("file=") for word in line.arguments if word.startswith("file=/")):
            files.take(path, use.only_if(False))


def homes(files: RootFiles) -> None:
    """Take what is in the homes of root's accounts, and what is read beside it for them."""
    found = _homes(files)
    for look in (_profiles, _keys):
        files.group.lack(attempt(look, files, found))


def _profiles(files: RootFiles, homes: list[str]) -> None:
    """Take what root's shells read when they start."""
    for path in (f"{home}/{name}" for home in homes for name in OWN):
        files.take(path, LOGIN._replace(place=path), reads=True)


def _keys(files: RootFiles, homes: list[str]) -> None:
    """Take the files with the keys by which somebody logs in as root, and the program that sshd asks for others."""
    keys = sshd_keys.begin(files)
    use = RootUse("authorized-keys", "sshd", "reads", "", "key")
    for home in homes:
        for path, place, sure in keys.of({**sshd_keys.ROOT, "home": home}):
            files.take(path, use._replace(place=place, certain=sure, refused=sure is False))
    for program, place in keys.programs():
        files.take(program, use._replace(place=place, how="runs", certain=False), reads=True)


def _homes(files: RootFiles) -> list[str]:
    """Return the homes of accounts with uid 0, root's first."""
    homes = [str(user["home"]) for user in files.accounts() if user["uid"] == 0 and str(user["home"]).startswith("/")]
    return list(dict.fromkeys(["/root", *homes]))[:HOMES]
