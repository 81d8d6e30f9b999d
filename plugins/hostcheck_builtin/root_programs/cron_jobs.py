"""What cron, anacron and at run as root, or as another user by a table of root's: cron(8), crontab(5), anacron(8), at(1).

Debian's cron and cronie pass over a table that is not root's or that others may write, so to change a table by its mode gives nothing: that is told as not
certain, because other crons do not look; nor is what such a table names. What a table of root's names is run whoever can change it.
"""

from typing import Final

from hostcheck.api import Hole, Why, attempt, both
from hostcheck_builtin.root_programs import crontab_lines
from hostcheck_builtin.root_programs.crontab_lines import Job
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.shell.shell_names import SYSTEM
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.path_walk import OTHERS_WRITE, WalkedPath

TABLE: Final = "/etc/crontab"
TABLES: Final = "/etc/cron.d"
SPOOLS: Final = ("/var/spool/cron/crontabs", "/var/spool/cron", "/var/spool/cron/tabs", "/etc/crontabs")
"""Where users' own tables are, each by its user's name: Debian's, cronie's, SUSE's and that of BusyBox."""
PARTS: Final = (
    *(f"/etc/cron.{name}" for name in ("hourly", "daily", "weekly", "monthly")),
    *(f"/etc/periodic/{name}" for name in ("15min", "hourly", "daily", "weekly", "monthly")),
)
PROGRAMS: Final = tuple(f"{folder}/{name}" for folder in ("/usr/sbin", "/usr/bin", "/usr/local/sbin") for name in ("cron", "crond", "anacron", "fcron"))
GENERATOR: Final = "/usr/lib/systemd/system-generators/systemd-crontab-generator"
"""That of systemd-cron, which has no daemon."""
ANACRON: Final = "/etc/anacrontab"
AT: Final = ("/var/spool/cron/atjobs", "/var/spool/at", "/var/spool/atjobs")
USUAL_PATH: Final = "/usr/bin:/bin"
"""What cron sets where a table sets no PATH (crontab(5))."""


def take(files: RootFiles) -> None:
    """Take what the tables of root's cron and anacron name, and the directories whose scripts they run."""
    table, there = RootUse("cron", "cron", "reads", TABLE, "cron", certain=False), is_there(files)
    files.take(TABLE, table)
    _jobs(files, TABLE, "", there)
    for name in files.folder(TABLES, table._replace(place=TABLES, how="all"), table, files.counts):
        _jobs(files, f"{TABLES}/{name}", "", there)
    for name in names_of_root(files):
        for spool in SPOOLS:
            _jobs(files, f"{spool}/{name}", name, there)
    for folder in PARTS:
        files.parts(folder, RootUse("cron", "root's cron", "all", folder, "cron", certain=there))
    use = RootUse("cron", "anacron", "reads", ANACRON, "cron", certain=there)
    files.take(ANACRON, use)
    for job in crontab_lines.periods(files.text(ANACRON)):
        _job(files, ANACRON, job, use._replace(how="runs"))


def names_of_root(files: RootFiles) -> list[str]:
    """Return the names of accounts with uid 0, root first: each has a table of its own."""
    names = [str(user["name"]) for user in files.accounts() if user["uid"] == 0]
    return [name for name in dict.fromkeys(("root", *names)) if "/" not in name and not name.startswith(".")][: bounds.CRONTABS_OF_ROOT]


def of_user(files: RootFiles, name: str, uid: int, there: bool | Hole) -> None:
    """Take what a user's own tables name; cron passes over one that is somebody else's."""
    for path in (f"{spool}/{name}" for spool in SPOOLS):
        way = files.way(path)
        files.group.lack(way)
        if isinstance(way, Hole) or way.type != "file" or way.end.uid not in (0, uid):
            continue
        jobs = list(crontab_lines.jobs(files.text(path, limit=bounds.USERS_CRONTAB_BYTES), name))
        files.group.lack(Hole(why=Why.LIMIT, message=f"{path}: more than {bounds.JOBS_OF_A_USER} jobs") if len(jobs) > bounds.JOBS_OF_A_USER else None)
        for job in jobs[: bounds.JOBS_OF_A_USER]:
            _job(files, path, job, RootUse("cron", f"{name}'s cron", "runs", path, "cron", name, certain=there))


def is_there(files: RootFiles) -> bool | Hole:
    """Say whether some cron is installed: Debian makes its directories without one."""
    return files.has_one((*PROGRAMS, GENERATOR))


def at_jobs(files: RootFiles) -> None:
    """Take what jobs of root's for at(1) name: texts for a shell that only root wrote."""
    for folder in AT:
        for name in [name for name in files.names(folder) if not name.startswith(".")]:
            way = files.way(f"{folder}/{name}")
            files.group.lack(way)
            if not isinstance(way, Hole) and way.type == "file" and _is_roots(way):
                files.shell(files.text(f"{folder}/{name}"), RootUse("at", "root's job of at", "runs", f"{folder}/{name}", "at"))


def _is_roots(way: WalkedPath) -> bool:
    """Say whether a table, or a job, is root's and nobody else may write it, as cron and at want it."""
    return way.end.uid == 0 and not way.end.mode & OTHERS_WRITE


def _jobs(files: RootFiles, path: str, user: str, there: bool | Hole) -> None:
    way = files.way(path)
    jobs = attempt(lambda: list(crontab_lines.jobs(files.text(path), user)))
    if isinstance(jobs, Hole):
        files.group.lack(jobs)
        return
    certain = both(there, way if isinstance(way, Hole) else _is_roots(way))
    for job in jobs:
        _job(files, path, job, RootUse("cron", f"{job.user}'s cron", "runs", path, "cron", job.user, certain=certain, idle=certain is False))


def _job(files: RootFiles, path: str, job: Job, use: RootUse) -> None:
    """Take what one line runs, and the directories that are searched for it."""
    use = use._replace(place=f"{path}:{job.line}", when="boot" if job.reboot else "cron")
    home = "/root" if job.user == "root" else files.home(job.user)
    variables = {**({"HOME": home} if home else {}), **{name: value for name, (value, _) in job.settings.items()}}
    found = files.shell(job.command, use, variables)
    _settings(files, path, job, use)
    searched = [folder for folder in job.settings.get("PATH", (USUAL_PATH, 0))[0].split(":") if folder.startswith("/")]
    for one in found:
        files.take_first((f"{folder.rstrip('/')}/{one.path}" for folder in searched), use.only_if(one.certain))


def _settings(files: RootFiles, path: str, job: Job, use: RootUse) -> None:
    """Take what the variables of a table name: a shell, files that each command reads, directories of programs."""
    for name, (value, line) in job.settings.items():
        where = use._replace(place=f"{path}:{line}")
        if name == "SHELL":
            files.take(value, where)
        elif name in ("BASH_ENV", "LD_PRELOAD"):  # the former is read by bash -c too (bash(1), INVOCATION)
            bash = job.settings.get("SHELL", ("", 0))[0].rpartition("/")[2] == "bash"
            files.take(value, where._replace(how="reads").only_if(bash or name == "LD_PRELOAD"))
        elif name == "LD_LIBRARY_PATH":
            for folder in value.split(":"):
                files.take(folder, where._replace(how="searches", kind="library-path"))
        elif name == "PATH":
            sure = True
            for folder in value.split(":"):
                files.looks_in(folder, where.only_if(sure))
                sure = sure and folder not in SYSTEM
