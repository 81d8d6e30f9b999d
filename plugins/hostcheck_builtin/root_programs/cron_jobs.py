"""What cron, anacron and at run as root, or as another user by a table of root's: cron(8), crontab(5), anacron(8), at(1).

Debian's cron and cronie pass over a table that is not root's or that others may write, so to change a table by its mode gives nothing: that is told as not
certain, because other crons do not look. What a table names is run whoever can change it.
"""

from typing import Final

from hostcheck.api import Hole, attempt
from hostcheck_builtin.root_programs import crontab_lines
from hostcheck_builtin.root_programs.crontab_lines import Job
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.shell_names import SYSTEM
from hostcheck_builtin.root_programs.uses import Use

TABLE: Final = "/etc/crontab"
TABLES: Final = "/etc/cron.d"
ROOTS: Final = ("/var/spool/cron/crontabs/root", "/var/spool/cron/root", "/var/spool/cron/tabs/root")
"""Debian's, cronie's and SUSE's."""
PARTS: Final = ("/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly")
ANACRON: Final = "/etc/anacrontab"
AT: Final = ("/var/spool/cron/atjobs", "/var/spool/at", "/var/spool/atjobs")
USUAL_PATH: Final = "/usr/bin:/bin"
"""What cron sets where a table sets no PATH (crontab(5))."""
JOBS: Final = 2000
"""How many files of at are looked at."""


def take(files: RootFiles) -> None:
    """Take what the tables of root's cron and anacron name, and the directories whose scripts they run."""
    table = Use("cron", "cron", "reads", TABLE, "cron", certain=False)
    files.take(TABLE, table)
    _jobs(files, TABLE, "")
    for name in files.folder(TABLES, table._replace(place=TABLES, how="all"), table, files.counts):
        _jobs(files, f"{TABLES}/{name}", "")
    for path in ROOTS:
        _jobs(files, path, "root")
    for folder in PARTS:
        files.parts(folder, Use("cron", "root's cron", "all", folder, "cron"))
    anacron(files)


def anacron(files: RootFiles) -> None:
    """Take what anacron runs."""
    files.take(ANACRON, Use("cron", "anacron", "reads", ANACRON, "cron"))
    for job in crontab_lines.periods(files.lines(ANACRON)):
        _job(files, ANACRON, job, "anacron")


def at_jobs(files: RootFiles) -> None:
    """Take what jobs of root's for at(1) name: texts for a shell that only root wrote."""
    for folder in AT:
        names = files.search.names(folder)
        if isinstance(names, Hole):
            files.group.lack(names)
            continue
        for name in [name for name in names[:JOBS] if not name.startswith(".")]:
            way = files.way(f"{folder}/{name}")
            files.group.lack(way if isinstance(way, Hole) else None)
            if not isinstance(way, Hole) and way.type == "file" and way.end.uid == 0 and not way.end.mode & 0o022:
                files.shell(files.lines(f"{folder}/{name}"), Use("at", "root's job of at", "runs", f"{folder}/{name}", "at"))


def _jobs(files: RootFiles, path: str, user: str) -> None:
    jobs = attempt(lambda: list(crontab_lines.jobs(files.lines(path), user)))
    if isinstance(jobs, Hole):
        files.group.lack(jobs)
        return
    for job in jobs:
        _job(files, path, job, f"{job.user}'s cron")


def _job(files: RootFiles, path: str, job: Job, by: str) -> None:
    """Take what one line runs, and the directories that are searched for it."""
    use = Use("cron", by, "runs", f"{path}:{job.line}", "boot" if job.reboot else "cron", job.user)
    variables = {**({"HOME": "/root"} if job.user == "root" else {}), **{name: value for name, (value, _) in job.settings.items()}}
    found = files.shell(job.command, use, variables)
    _settings(files, path, job, use)
    searched = [folder for folder in job.settings.get("PATH", (USUAL_PATH, 0))[0].split(":") if folder.startswith("/")]
    for one in found:
        program = _found(files, searched, one.path)
        if program:
            files.take(program, use._replace(certain=one.certain), reads=True)


def _settings(files: RootFiles, path: str, job: Job, use: Use) -> None:
    """Take what the variables of a table name: a shell, files that each command reads, directories of programs."""
    for name, (value, line) in job.settings.items():
        where = use._replace(place=f"{path}:{line}")
        if name == "SHELL":
            files.take(value, where)
        elif name in ("BASH_ENV", "LD_PRELOAD"):
            files.take(value, where._replace(how="reads", certain=name == "LD_PRELOAD"))
        elif name == "LD_LIBRARY_PATH":
            for folder in value.split(":"):
                files.take(folder, where._replace(how="searches", kind="library-path"))
        elif name == "PATH":
            sure = True
            for folder in value.split(":"):
                files.take(folder, where._replace(how="searches", kind="search-path", certain=sure))
                sure = sure and folder not in SYSTEM


def _found(files: RootFiles, folders: list[str], name: str) -> str:
    """Return the first program of a name in these directories, "" where there is none; nor where that is not known."""
    for folder in folders:
        way = files.way(f"{folder.rstrip('/')}/{name}")
        if isinstance(way, Hole):
            files.group.lack(way)
            return ""
        if way.type == "file":
            return f"{folder.rstrip('/')}/{name}"
    return ""
