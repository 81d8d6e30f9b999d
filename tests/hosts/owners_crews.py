"""Who attacks in tests of owners, and how many at once: a user, two, fifty, and one from inside a container with the ids of a range.

All run one program each, forked after root has laid down its rights, so that fifty cost little more than one. What a setuid program of the system does for
anybody, such as crontab(1) and at(1), root does before that.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from hosts.planting import PYTHON, ready
from real_engines.rootless_world import RootlessWorld

ACCOUNTS = {"dave": 4004, **{f"crew{number:02}": 4100 + number for number in range(1, 50)}}
"""The accounts of attackers by name: none has a right, but to change what root runs in their own homes."""
RANGE = range(1196608, 1196608 + 65536)
"""Dave's subordinate ids: whoever runs with one of these is dave."""
STRANGERS = range(200_000, 220_000)
"""Whom the attackers let in by entries of ACLs: numbers of no account."""
PRELUDE = """
import json, os, socket, struct, sys, time
tell, NAME, UID, HOME, INSIDE, code, keeps, TABLE_FD, *GIVEN = json.loads(sys.argv[1])
def own(path, number):  # inside a container, gives a name to one of as many users as there are
    INSIDE and os.chown(path, 1 + number % 60000, 1 + number % 60000, follow_symlinks=False)
def acl(path, count, perms=5):  # lets so many numbers in that nobody has
    ids = range(1, count + 1) if INSIDE else range(200_000, 200_000 + count)
    entries = [(1, 7, 2**32 - 1), *((2, perms, one) for one in ids), (4, 5, 2**32 - 1), (16, perms, 2**32 - 1), (32, 5, 2**32 - 1)]
    os.setxattr(path, "system.posix_acl_access", b"".join((struct.pack("<I", 2), *(struct.pack("<HHI", *one) for one in entries))))
def put(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    open(path, "w").write(text); os.chmod(path, mode)
exec(code)
os.write(tell, b"k")
if keeps: time.sleep(600)
"""
LAUNCH = """
import json, os, sys, time
crew, inside, hand, code, keeps, given, prelude = json.loads(sys.argv[1])
TABLE_FD = None; told, tell = os.pipe(); os.set_inheritable(tell, True)
for NAME, UID, HOME in crew:
    exec(hand)
    if not os.fork():
        os.close(told)
        os.setgroups([]); os.setgid(UID); os.setuid(UID); os.chdir(HOME)
        words = ["python3", "-I", "-c", prelude, json.dumps([tell, NAME, UID, HOME, inside, code, keeps, TABLE_FD, *given])]
        if inside: os.execv("/usr/bin/unshare", ["unshare", "--user", "--map-root-user", "--map-auto", *words])
        sys.argv = words[3:]
        exec(prelude)
        os._exit(0)
os.close(tell)
for _ in crew:
    if not os.read(told, 1): sys.exit("an attacker failed")
print("ready", flush=True); time.sleep(600)
"""


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Some accounts, with their uids by name; `inside` a container of their own, where each name may be given to another uid of the range."""

    name: str
    accounts: dict[str, int]
    inside: bool = False

    def owns(self, uid: int) -> bool:
        """Say whether a uid is theirs; those of dave's range are dave's, and those of strangers whoever lets them in."""
        return uid in self.accounts.values() or uid in STRANGERS or (uid in RANGE and "dave" in self.accounts)


def first(count: int) -> dict[str, int]:
    """Return the first so many accounts of attackers."""
    return dict(list(ACCOUNTS.items())[:count])


DAVE, TWO, FIFTY = (Crew(name=name, accounts=first(count)) for name, count in (("one user", 1), ("two users", 2), ("50 users", 50)))
CONTAINER = Crew(name="a container", accounts=first(1), inside=True)


def by(crew: Crew, code: str, *given: object, hand: str = "", keeps: bool = False) -> Callable[[RootlessWorld], None]:
    """Return what a crew does, each in a home: `code` with what is `given` to it, after what root's programs do at their `hand`; one that `keeps` goes on."""

    def does(world: RootlessWorld) -> None:
        who = [(name, uid, f"{world.base}/home/{name}") for name, uid in crew.accounts.items()]
        ready(world, *PYTHON, LAUNCH, json.dumps([who, crew.inside, hand, code, keeps, given, PRELUDE]))

    return does
