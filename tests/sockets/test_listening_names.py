"""Which names are looked at, by whose way they are, and by who made the socket where there are very many."""

from typing import Any

from hostcheck.host.answers import Stat, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.sockets.listening_names import EACH, LOOKED, STRANGERS, chosen
from hostcheck_builtin.system.listeners import ListenerCache
from hostcheck_builtin.system.proc_net_unix import Table

PASSWD = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"}
HOMES = {
    "/home/ann": Stat(type="dir", uid=1000, gid=1000, mode=0o700),
    "/home/bob": Stat(type="dir", uid=1001, gid=1001, mode=0o700),
    "/srv/x": Stat(type="dir", uid=5000, gid=5000, mode=0o700),
}


def chose(names: list[str], sockets: Any = None) -> Any:
    host = MemoryHost(PASSWD, stats=HOMES, unix_sockets=sockets)
    return chosen(host, ListenerCache(host=host, table=Table()), names, {}, frozenset())


def below(place: str, count: int) -> list[str]:
    return [f"{place}/{index:05}/docker.sock" for index in range(count)]


def test_so_many_of_each_users_are_looked_at() -> None:
    found = chose([*below("/home/ann", 50), *below("/home/bob", 5), *below("/srv/x", STRANGERS + 5), *below("/run", 30)])
    assert [sum(name.startswith(place) for name in found.names) for place in ("/home/ann", "/home/bob", "/srv", "/run")] == [EACH, 5, STRANGERS, 30]
    assert {name: uid for name, (uid, _) in found.left.items()} == {"/home/ann/00020/docker.sock": 1000, "/srv/x/00100/docker.sock": 5000}
    assert found.unread is None and "uid 1000 has 50 sockets" in found.left["/home/ann/00020/docker.sock"][1].message


def kernel(names: list[str], uid: int, start: int) -> list[UnixSocket]:
    return [UnixSocket(inode=start + index, name=name, listening=True, uid=uid) for index, name in enumerate(names)]


def test_of_very_many_the_kernel_says_whose_they_are() -> None:
    theirs, anns = below("/nowhere", LOOKED), below("/home/ann", 3)
    found = chose([*theirs, *anns], [*kernel(theirs, 1001, 1), *kernel(anns, 1000, 90_000)])
    assert len(found.names) == 2 * EACH + 3 and set(anns) < set(found.names)
    assert [uid for uid, _ in found.left.values()] == [1001]


def test_a_name_that_two_listen_on_is_looked_at_for_the_one_who_has_few() -> None:
    theirs, anns = below("/nowhere", LOOKED), below("/home/ann", 1)
    found = chose([*theirs, *anns], [*kernel([*theirs, *anns], 1001, 1), *kernel(anns, 1000, 90_000)])
    assert anns[0] in found.names


def test_a_kernel_that_does_not_say_leaves_the_names_open() -> None:
    for sockets in (PermissionError(13, "no"), kernel(["/x"], -1, 1)):
        found = chose(below("/nowhere", LOOKED + 9), sockets)
        assert len(found.names) == LOOKED and isinstance(found.unread, Hole) and found.unread.why == Why.LIMIT
