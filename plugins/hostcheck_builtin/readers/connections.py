"""Who holds a connection to an engine of root's: it still gives orders when the socket has been closed to whoever made it, or who was handed it.

A name proves nothing, since a user may bind the same one in mounts of his own. The kernel says who accepted a connection, and where its other end is.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Json, LimitExceeded, Process, Unsupported, Why, attempt, incomplete
from hostcheck_builtin.readers import candidates
from hostcheck_builtin.readers.holes import graver
from hostcheck_builtin.readers.listeners import Ears, descriptors, listed
from hostcheck_builtin.readers.living import hides
from hostcheck_builtin.readers.tables import name_of

HOLDERS: Final = 1000
"""How many processes with a connection are told apart by what they are connected to."""

Ends = Mapping[int, set[str]]
"""What the other end of each connection, by inode, is connected to."""


def connections(host: Host, ears: Ears, names: Mapping[str, set[str]]) -> dict[str, Json]:
    """Return who holds a connection to each subject that has any, by uid; `names` are the subjects by the name that a socket was bound to.

    No more is asked than the table of names tells, where nobody is connected.
    """
    if isinstance(ears.table, Hole):
        return dict.fromkeys(sorted(set[str]().union(*names.values())), ears.table)
    subjects = {subject for name in ears.table.connected for subject in names.get(candidates.canonical(name), ())}
    if not subjects:
        return {}
    ends = attempt(_ends, ears, names)
    found = ends if isinstance(ends, Hole) else attempt(_held, host, ears, ends)
    return dict.fromkeys(sorted(subjects), found) if isinstance(found, Hole) else found


def _ends(ears: Ears, names: Mapping[str, set[str]]) -> Ends:
    """Return the other ends of the connections that root accepted; one that nobody has accepted yet counts as soon as somebody does."""
    ends: dict[int, set[str]] = defaultdict(set)
    for one in listed(ears):
        subjects = names.get(candidates.canonical(name_of(one)), set())
        if one.peer and not one.listening and subjects:
            if one.uid < 0:
                raise Unsupported("this kernel does not tell who accepted a connection (it is older than 5.3)")
            if one.uid == 0:
                ends[one.peer] |= subjects
    return ends


def _held(host: Host, ears: Ears, ends: Ends) -> dict[str, Json]:
    if not ends:
        return {}
    others, hole = _others(host)
    pids = host.holders(list(ends), list(others))
    if len(pids) > HOLDERS:
        raise LimitExceeded(f"more than {HOLDERS} processes hold a connection to an engine of root's")
    found: dict[str, dict[str, Json]] = defaultdict(dict)
    for process in (others[pid] for pid in pids):
        subjects = attempt(_subjects, host, ears, process, ends)
        hole = graver(hole, subjects if isinstance(subjects, Hole) else None)
        for subject in [] if isinstance(subjects, Hole) else subjects:
            found[subject].setdefault(str(process.uids[1]), {"uid": process.uids[1], "pid": process.pid})
    if hole is None:
        return dict(found)
    return {subject: incomplete(found[subject], hole) for subject in sorted(set[str]().union(*ends.values()))}


def _others(host: Host) -> tuple[dict[int, Process], Hole | None]:
    """Return the processes that cannot be root again, by pid, and the hole where there may be more."""
    processes = host.processes()
    lost = [Hole(why=Why.LIMIT, message=f"/proc/{one.pid}: ended before it could be read, and so again") for one in processes if one.lost]
    return {one.pid: one for one in processes if 0 not in one.uids and not one.lost}, graver(attempt(hides, host), *lost)


def _subjects(host: Host, ears: Ears, process: Process, ends: Ends) -> list[str]:
    """Return what a process is connected to, nothing where it has ended, or another has its pid by now."""
    inodes = attempt(descriptors, ears, process.pid)
    try:
        after = host.process(process.pid)
    except ABSENT:
        return []
    if isinstance(inodes, Hole):
        raise HoleError(inodes)
    return sorted({subject for inode in inodes for subject in ends.get(inode, ())}) if after.uids == process.uids else []
