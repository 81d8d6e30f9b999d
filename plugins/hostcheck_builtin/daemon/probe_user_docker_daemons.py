"""What each user's own dockerd was told: the flags of its command line, and the file that it reads.

All of it is in the hands of its user, and speaks of that user's daemon alone. How many are looked at of one user is bounded where they are found.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.daemon import config_file, daemon_process, seccomp_profiles
from hostcheck_builtin.engines import engine_programs
from hostcheck_builtin.engines.engine_programs import Running
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.path_walk import LstatCache

OTHERS: Final = "others"
"""What stands for the daemons that are not looked at."""


def collect(host: Host) -> Json:
    """State ``{daemons}`` by user id, and of each user by their socket."""
    lstats: LstatCache = {}
    users, unread = engine_programs.of_users(host, lstats)
    homes = cache(lambda: attempt(_homes, host))

    def home(uid: int) -> str | Hole:
        listed = homes()
        return listed if isinstance(listed, Hole) else listed.get(uid, "")

    daemons = {str(uid): _of_user(host, uid, running, home, lstats) for uid, running in sorted(users.items())}
    return {"daemons": incomplete({uid: one for uid, one in daemons.items() if one or getattr(one, "hole", None)}, unread)}


def _homes(host: Host) -> dict[int, str]:
    people = account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values()
    return {user["uid"]: user["home"] for user in reversed(list(people))}


def _of_user(host: Host, uid: int, running: Running, home: Callable[[int], str | Hole], lstats: LstatCache) -> Json:
    found: dict[str, Json] = {}
    unread = running.unread
    for pid in running.pids:
        one = attempt(daemon_process.daemon, host, pid)
        if isinstance(one, Hole):
            unread = worst_hole(unread, replace(one, owners=(uid,)))
        elif one is not None:
            told = {**daemon_process.stated(one), "file": config_file.of_user(host, one, home, lstats)}
            found[one.name] = {**told, "profiles": seccomp_profiles.stated(told, partial(config_file.users_own, host, uid=one.uid, lstats=lstats))}
    if running.left is not None:
        found[OTHERS] = running.left
    return incomplete(dict(sorted(found.items())), unread)
