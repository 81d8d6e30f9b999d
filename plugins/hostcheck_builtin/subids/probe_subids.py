"""Subordinate ids: what /etc/subuid and /etc/subgid give to whom, and the programs and settings that go with them.

Lines that every reader takes alike are `lines`; all others that are no comment are `irregular`, with what each reader takes from them.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, map_known
from hostcheck_builtin.subids.idmap_programs import programs
from hostcheck_builtin.subids.subid_lines import Irregular, Plain, parse
from hostcheck_builtin.subids.subid_settings import login_defs, source
from hostcheck_builtin.subids.weak_points import weak_point
from hostcheck_builtin.system.bounds import ACCOUNT_FILE_BYTES as SIZE
from hostcheck_builtin.system.ownership import Ownership, foreign_ids, ownership
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

FILES: Final = ("subuid", "subgid")
OTHERS_WRITE: Final = 0o022


def collect(host: Host) -> Json:
    """State both files with their lines, where shadow looks instead, the programs that write the maps, and how new ranges are chosen."""
    lstats: LstatCache = {}
    foreign = foreign_ids(host)
    return {
        "files": {f"/etc/{kind}": _file(host, kind, lstats, foreign) for kind in FILES},
        "source": attempt(source, host),
        "programs": programs(host, lstats),
        "login_defs": attempt(login_defs, host),
    }


def _file(host: Host, kind: str, lstats: LstatCache, foreign: Hole | None) -> Json:
    """State a file; where ids are not the host's, not whose it is."""
    path = f"/etc/{kind}"
    ground = attempt(ownership, host, path, lstats, follow=True)
    whose = ground if isinstance(ground, Hole) else foreign or ground
    link = absent_as(False, attempt, lambda at: host.stat(at, follow=False).type == "link", path)
    stated: dict[str, Json] = {
        "kind": kind,
        "exists": map_known(ground, lambda found: found.type != ""),
        "root_owned": map_known(whose, lambda found: found.root_owned),
        "link": link,
    }
    if isinstance(whose, Hole):
        stated |= {"entry": whose, "weak_point": whose}
    else:
        stated |= {"entry": _entry(whose)} if whose.type else {}
        stated |= {} if whose.root_owned else {"weak_point": attempt(weak_point, host, path, lstats)}
    data = attempt(host.read_bytes, path, missing=b"", limit=SIZE)
    result = map_known(data, lines)
    stated["lines"] = result if isinstance(result, Hole) else result[0]
    stated["irregular"] = result if isinstance(result, Hole) else result[1]
    return stated


def _entry(ground: Ownership) -> Json:
    found = ground.end
    return {
        "realpath": ground.place,
        "type": found.type,
        "uid": found.uid,
        "gid": found.gid,
        "mode": f"{found.mode:04o}",
        # The group bits are the mask of an ACL where there is one, so that they tell of named users too (acl(5)).
        "writable_by_others": bool(found.mode & OTHERS_WRITE),
    }


def lines(data: bytes) -> tuple[Json, Json]:
    """Return the lines of a file that every reader takes alike, and the irregular ones, each by what it says; a second of its kind has a number."""
    plain: dict[str, Json] = {}
    irregular: dict[str, Json] = {}
    counts: dict[str, int] = {}
    for number, found in _parsed(data):
        if isinstance(found, Plain):
            key = _numbered(f"{found.owner}:{found.start}", counts)
            plain[key] = {"line": number, "owner": found.owner, "start": found.start, "count": found.count}
        else:
            irregular[_numbered(found.excerpt, counts)] = _irregular(number, found)
    if b"\0" not in data:
        return plain, irregular
    # fgets(3) and strrchr(3) in commonio_open() join a line with a NUL to the next one: which lines there are is not the same for everybody.
    hole = Hole(why=Why.NONSENSE, message="there is a NUL in the file, and readers differ in where its lines end")
    return incomplete(plain, hole), incomplete(irregular, hole)


def _parsed(data: bytes) -> Iterator[tuple[int, Plain | Irregular]]:
    for number, line in enumerate(data.split(b"\n"), 1):
        found = parse(line)
        if found is not None:
            yield number, found


def _numbered(key: str, counts: dict[str, int]) -> str:
    counts[key] = count = counts.get(key, 0) + 1
    return key if count == 1 else f"{key}#{count}"


def _irregular(number: int, found: Irregular) -> Json:
    taken = {name: {"owner": reading.owner, "start": reading.start, "count": reading.count} for name, reading in found.readings.items()}
    return {"line": number, "excerpt": found.excerpt, "problems": list(found.problems), "readings": taken}
